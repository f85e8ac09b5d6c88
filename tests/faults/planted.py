"""What a fault is in this set: quotes that were changed, which they are, and how they were before."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from random import Random

import msgspec

from crossbook.model.claim import Claim, Kind
from crossbook.model.quote import Listing, Quote, Side
from crossbook.model.venue import VenueType
from tests.faults.worlds import Scene, Wishes

BOOKMAKERS = ("sharp", "middle", "soft")
UNSUPPORTED = 0.08
"""The least margin of a fault that only its distance from the others gives away; an honest one has 6 % at most."""


@dataclass(frozen=True)
class Planted:
    """An event with its fault: all quotes, and the places of those at fault.

    `undone` are the quotes without the fault, `listing` is set where the listing itself is changed by it.
    """

    quotes: tuple[Quote, ...]
    faulty: tuple[int, ...]
    undone: tuple[Quote, ...]
    listing: Listing | None = None
    undone_listing: Listing | None = None


Plant = Callable[[Scene, Random], Planted | None]


@dataclass(frozen=True)
class FaultClass:
    """A class of fault: the scene it wants, how it is planted, and the least margin that makes it a case.

    `evidence` says by what a careful person tells it from an honest price.
    """

    name: str
    plant: Plant
    wishes: Wishes
    evidence: str
    least: float = UNSUPPORTED
    witnesses: int = 0
    """How many other venues must quote one of the claims that the fault's gain hangs on."""
    counts_suspended: bool = False


def replaced(scene: Scene, new: Mapping[int, Quote], gone: Iterable[int] = ()) -> Planted | None:
    """The scene's quotes with some changed and some gone; None where nothing is different."""
    lost = set(gone)
    quotes: list[Quote] = []
    faulty: list[int] = []
    for place, quote in enumerate(scene.quotes):
        if place in lost:
            continue
        changed = new.get(place, quote)
        if changed != quote:
            faulty.append(len(quotes))
        quotes.append(changed)
    return Planted(tuple(quotes), tuple(faulty), scene.quotes) if faulty else None


def as_venue(scene: Scene, venue_id: str, quotes: Iterable[Quote]) -> Planted | None:
    """The scene with all quotes of a venue replaced by these; those that are as they were are not at fault."""
    kept = [quote for quote in scene.quotes if quote.venue.id != venue_id]
    right = {quote_key(quote) for quote in scene.quotes if quote.venue.id == venue_id}
    now = list(quotes)
    places = tuple(len(kept) + place for place, quote in enumerate(now) if quote_key(quote) not in right)
    return Planted((*kept, *now), places, scene.quotes) if places else None


def quote_key(quote: Quote) -> tuple[object, ...]:
    """What makes two quotes of one venue the same offer at the same time."""
    return quote.claim, quote.side, quote.odds, quote.happened, quote.received, quote.tradable


def at(scene: Scene, venue_id: str, word: str = "", side: Side | None = None) -> dict[int, Quote]:
    """A venue's quotes by their place, of the markets that begin with a word."""
    return {
        place: quote
        for place, quote in enumerate(scene.quotes)
        if quote.venue.id == venue_id
        and (quote.market_id == word or not word or quote.market_id.startswith(word + " "))
        and (side is None or quote.side is side)
    }


def priced(quote: Quote, odds: Fraction) -> Quote:
    """The quote at other odds."""
    return msgspec.structs.replace(quote, odds=odds)


def on(quote: Quote, claim: Claim) -> Quote:
    """The quote on another claim."""
    return msgspec.structs.replace(quote, claim=claim)


def with_line(claim: Claim, line: Fraction) -> Claim:
    """The claim on another line."""
    return Claim.of(claim.kind, claim.selection, line, claim.period, claim.subject)


def lines(quotes: Mapping[int, Quote], kind: Kind) -> dict[Fraction, dict[str, int]]:
    """The places of a kind's back quotes by line and selection, lines in order."""
    found: dict[Fraction, dict[str, int]] = {}
    for place, quote in quotes.items():
        if quote.claim.kind is kind and quote.side is Side.BACK and quote.claim.line is not None:
            found.setdefault(quote.claim.line, {}).setdefault(quote.claim.selection, place)
    return dict(sorted(found.items()))


def a_bookmaker(scene: Scene, rng: Random, word: str = "", count: int = 1) -> str | None:
    """A bookmaker of the scene that has at least so many quotes on markets of that word."""
    fit = [
        book.venue.id
        for book in scene.books
        if book.venue.type is VenueType.BOOKMAKER and len(at(scene, book.venue.id, word)) >= count
    ]
    return rng.choice(fit) if fit else None
