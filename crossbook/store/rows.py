"""What is written together and what is read back: batches and their rows."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import Any

import msgspec

from crossbook.model.claim import Claim
from crossbook.model.life import Change, Moment
from crossbook.model.opportunity import Reason
from crossbook.model.quote import Basis, Listing, Quote, Side
from crossbook.model.venue import Venue

Identity = tuple[str, str]
"""A listing's source and key."""


class Withdrawn(msgspec.Struct, frozen=True, gc=False):
    """An offer that no longer stands; its fields say which, as those of a `Quote` do."""

    venue: Venue
    claim: Claim
    side: Side
    basis: Basis = Basis.PREMATCH
    market_id: str = ""


class QuoteRow(msgspec.Struct, frozen=True, gc=False):
    """A quote that stands from `at` on (nanoseconds UTC), or the word that it was withdrawn.

    `source` and `key` name the listing, `stream` the stream that said it; both are in this batch or an earlier one.
    One offer has one row for each moment.
    """

    at: int
    source: str
    key: str
    stream: str
    quote: Quote | Withdrawn


class EventRow(msgspec.Struct, frozen=True):
    """An event with all listings that belong to it now; listings not named here no longer do."""

    id: str
    title: str
    listings: tuple[Identity, ...]


def last_words(events: Iterable[EventRow]) -> list[EventRow]:
    """What events come to that were told one after the other: each once, and each listing in one of them at most.

    An event that lost its last listing to another is not told again, so here it is told without it.
    """
    last: dict[str, EventRow] = {}
    owner: dict[Identity, str] = {}
    for event in events:
        before = last.pop(event.id, None)
        for listing in before.listings if before is not None else ():
            if owner.get(listing) == event.id:
                del owner[listing]
        owner.update(dict.fromkeys(event.listings, event.id))
        last[event.id] = event
    return [
        EventRow(event.id, event.title, tuple(each for each in event.listings if owner.get(each) == event.id))
        for event in last.values()
    ]


class LinkRow(msgspec.Struct, frozen=True):
    """A decision about a listing and an event: ``accept``, ``review`` or ``reject``, with its reasons."""

    source: str
    key: str
    event: str
    decision: str
    reasons: tuple[Reason, ...]
    at: int


class StreamRow(msgspec.Struct, frozen=True, kw_only=True):
    """One opening of a stream (nanoseconds UTC). Told again with `closed` and `why` when it is lost."""

    name: str
    format: str
    opened: int
    closed: int | None = None
    why: str | None = None


class FaultRow(msgspec.Struct, frozen=True):
    """Input of a stream that could not be read, and how often."""

    stream: str
    at: int
    reason: str
    count: int = 1


class ChangeRow(msgspec.Struct, frozen=True):
    """A change in the life of an opportunity.

    `number` counts the changes of one life from 1; the same number is never given to another change. `object` is the
    opportunity as the doors show it.
    """

    number: int
    change: Change
    object: dict[str, Any]

    def text(self) -> bytes:
        """The change as canonical JSON: what is stored, and what two databases are compared by."""
        change = self.change
        return change_text(
            id=change.id,
            number=self.number,
            at=change.at,
            moment=change.moment,
            event=change.event,
            opened=change.opened,
            why=change.why,
            shown=self.object,
        )


def change_text(
    *,
    id: str,
    number: int,
    at: int,
    moment: Moment,
    event: str,
    opened: int,
    why: tuple[Reason, ...],
    shown: dict[str, Any],
) -> bytes:
    """A change as canonical JSON; `shown` is the opportunity as the doors show it."""
    return msgspec.json.encode(
        {
            "id": id,
            "number": number,
            "at": at,
            "moment": moment,
            "event": event,
            "opened": opened,
            "why": why,
            "object": shown,
        }
    )


class Batch(msgspec.Struct, frozen=True, kw_only=True):
    """What one tick has to tell; written as a whole or not at all, and only once.

    `recording`, `number` and `at`, the time of the tick, name it for ever: a batch that is sent again is recognised
    by them. `dropped` counts quotes that were taken out because the database was too slow.
    """

    recording: str
    number: int
    at: int
    venues: list[Venue] = []
    listings: list[Listing] = []
    events: list[EventRow] = []
    links: list[LinkRow] = []
    quotes: list[QuoteRow] = []
    streams: list[StreamRow] = []
    faults: list[FaultRow] = []
    changes: list[ChangeRow] = []
    dropped: int = 0

    def only_quotes(self) -> bool:
        """Whether nothing but quotes would be lost with it."""
        return not (
            self.venues or self.listings or self.events or self.links
            or self.streams or self.faults or self.changes
        )  # fmt: skip


class Written(msgspec.Struct, frozen=True):
    """What a call added to the database; batches that were there before are not counted."""

    batches: int
    quotes: int
    changes: int


class StoredChange(msgspec.Struct, frozen=True):
    """A change as it was read back; `text` is the whole of it, byte for byte as `ChangeRow.text` made it."""

    number: int
    at: int
    moment: Moment
    text: bytes

    def why(self) -> tuple[Reason, ...]:
        """Why it changed or closed."""
        return msgspec.json.decode(self.text, type=_Told).why

    def object(self) -> dict[str, Any]:
        """The opportunity as it stood then, as the doors show it."""
        return msgspec.json.decode(self.text, type=_Told).object


class _Told(msgspec.Struct):
    why: tuple[Reason, ...]
    object: dict[str, Any]


class StoredOpportunity(msgspec.Struct, frozen=True, kw_only=True):
    """An opportunity as it stands, or stood when it closed; times are nanoseconds UTC."""

    id: str
    event: str
    verdict: str
    opened: int
    closed: int | None
    guaranteed_return: Fraction
    number: int
    """The number of its last change."""
    at: int
    """The time of its last change."""
    object: dict[str, Any]
