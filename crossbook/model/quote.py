"""Quotes and listings: what a venue offers, and on what it says it offers it."""

from __future__ import annotations

from enum import StrEnum
from fractions import Fraction

import msgspec

from crossbook.model.claim import Claim
from crossbook.model.venue import Venue


class Side(StrEnum):
    """Back: paid when the claim wins. Lay: paid when it loses (the NO of a contract is its lay)."""

    __hash__ = str.__hash__  # an Enum's own hash is Python code, too slow for the keys of hot paths

    BACK = "back"
    LAY = "lay"


class Basis(StrEnum):
    """When in an event's life a price stood."""

    __hash__ = str.__hash__

    PREMATCH = "prematch"
    CLOSING = "closing"
    LIVE = "live"


class Quote(msgspec.Struct, frozen=True, gc=False):
    """One venue's offer on a claim, as it stood at one moment.

    `odds` are exact decimal odds; on the lay side they are the backer's odds one would have to pay. `size` is the
    backer's stake on offer, None when the venue does not say. `happened` is the venue's time of the price and
    `received` ours (nanoseconds UTC), None when unknown. `tradable` is False while the venue takes no bets.
    """

    venue: Venue
    claim: Claim
    side: Side
    odds: Fraction
    size: Fraction | None = None
    basis: Basis = Basis.PREMATCH
    happened: int | None = None
    received: int | None = None
    tradable: bool = True
    market_id: str = ""
    """The venue's own id of the market, so that commission is counted per market."""
    step: Fraction | None = None
    """The amount a stake moves by here, where it differs from the venue's (a whole contract, say)."""
    rank: float = 0.0
    """The odds in floating point, negative for a lay: greater is better for us. Made from `odds`, never given."""

    def __post_init__(self) -> None:
        odds = self.odds.numerator / self.odds.denominator
        msgspec.structs.force_setattr(self, "rank", odds if self.side is Side.BACK else -odds)

    def better_than(self, other: Quote) -> bool:
        """Whether this offer on the same claim and side pays more."""
        if self.rank != other.rank:
            return self.rank > other.rank
        return self.odds > other.odds if self.side is Side.BACK else self.odds < other.odds


class Contest(msgspec.Struct, frozen=True):
    """Who can win what: the runners of the claims whose subject is `subject`, and how many of them are paid.

    `complete` says that one of these runners must win; without it "none of them" is a state of the world too.
    """

    subject: str
    runners: tuple[str, ...]
    places: int = 1
    complete: bool = True


class Listing(msgspec.Struct, frozen=True, kw_only=True):
    """An event as one source lists it. `key` is the source's own id and the same whenever the event is seen again.

    `date` is the local date the source states (ISO), `start` the exact start (nanoseconds UTC) where it is given.
    `ids` are other sources' ids of the same event that this source states: ``{"betfair": "35320053"}``. For events
    without two sides (a race), `home` holds the event's name and `away` is empty.
    """

    source: str
    key: str
    sport: str
    competition: str
    home: str
    away: str
    season: str | None = None
    date: str | None = None
    start: int | None = None
    ids: dict[str, str] = {}
    contests: tuple[Contest, ...] = ()
    decider: bool | None = None
    """Whether this single match decides who goes through; False with two legs or none, None where nobody says."""


class Snapshot(msgspec.Struct, frozen=True):
    """All quotes of one listing at one moment of a document; it replaces what that said of the listing before."""

    listing: Listing
    quotes: list[Quote]


class Fault(msgspec.Struct, frozen=True):
    """A piece of input that could not be read: kept for the report, never used."""

    line: int | None
    reason: str
