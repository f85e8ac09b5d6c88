"""Made-up batches for the tests of the store."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from crossbook.model.claim import Claim, Kind
from crossbook.model.life import Change, Moment
from crossbook.model.opportunity import Leg, Opportunity, Reason, Verdict
from crossbook.model.quote import Basis, Listing, Quote, Side
from crossbook.model.venue import Venue, bookmaker, exchange
from crossbook.store.rows import Batch, ChangeRow, EventRow, QuoteRow, StreamRow

NOON = 1_763_640_000_000_000_001
"""2025-11-20 12:00 UTC and a nanosecond."""
HOUR = 3_600_000_000_000
PINNACLE = bookmaker("pinnacle", "Pinnacle")
BETFAIR = exchange("betfair", "Betfair", Fraction(1, 50))
HOME = Claim.of(Kind.MATCH_RESULT, "home")
LISTING = Listing(
    source="aggregator", key="7001", sport="soccer", competition="Coast", home="Northgate", away="Southport"
)
STREAM = StreamRow(name="aggregator/coast", format="the_odds_api", opened=NOON - 10)
EVENT = EventRow("event-1", "Northgate - Southport", (("aggregator", "7001"),))


def offer(at: int, odds: Fraction | str = "2.5", venue: Venue = PINNACLE, **changes: Any) -> QuoteRow:
    quote = Quote(venue, HOME, Side.BACK, Fraction(odds), **changes)
    return QuoteRow(at, LISTING.source, LISTING.key, STREAM.name, quote)


def offers(count: int, at: int = NOON) -> list[QuoteRow]:
    return [offer(at + index, Fraction(150 + index % 800, 100)) for index in range(count)]


def batch(number: int, recording: str = "live", **parts: Any) -> Batch:
    parts = {"at": NOON + number, "listings": [LISTING], "streams": [STREAM], "events": [EVENT], **parts}
    return Batch(recording=recording, number=number, **parts)


def opportunity(guaranteed: Fraction = Fraction(101, 100), verdict: Verdict = Verdict.PURE) -> Opportunity:
    leg = Leg(Quote(PINNACLE, HOME, Side.BACK, Fraction(5, 2)), Fraction(1))
    return Opportunity(
        listing=LISTING,
        basis=Basis.LIVE,
        verdict=verdict,
        reasons=(),
        guaranteed_return=guaranteed,
        legs=(leg,),
        plan=None,
    )


def change(
    number: int,
    moment: Moment = Moment.CHANGED,
    name: str = "opportunity-1",
    why: tuple[Reason, ...] = (),
    shown: dict[str, Any] | None = None,
    guaranteed: Fraction = Fraction(101, 100),
) -> ChangeRow:
    told = Change(
        at=NOON + number,
        moment=moment,
        id=name,
        event=EVENT.id,
        opened=NOON,
        opportunity=opportunity(guaranteed),
        why=why,
    )
    return ChangeRow(number, told, shown if shown is not None else {"id": name, "number": number})


def life(name: str = "opportunity-1") -> list[ChangeRow]:
    moved = (Reason("moved", "2.5 → 2.4"),)
    return [
        change(1, Moment.OPENED, name),
        change(2, Moment.CHANGED, name, moved),
        change(3, Moment.CLOSED, name, (Reason("withdrawn", "Pinnacle home"),)),
    ]
