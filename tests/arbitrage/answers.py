"""Short ways to ask for an event's opportunities, and to tell of them."""

from __future__ import annotations

from collections.abc import Sequence

from crossbook.arbitrage.decide import Unsolved
from crossbook.model.opportunity import Opportunity, Verdict
from crossbook.model.quote import Quote
from tests.arbitrage.checks import check_sums
from tests.arbitrage.worlds import search


def only(quotes: Sequence[Quote], verdict: Verdict = Verdict.PURE) -> Opportunity:
    """The one opportunity of an event, its sums checked."""
    (found,) = search(quotes)
    assert found.verdict is verdict, found.reasons
    check_sums(found)
    return found


def legs(found: Opportunity) -> set[tuple[str, str, str]]:
    """Venue, claim and side of each leg."""
    return {(leg.quote.venue.id, str(leg.quote.claim), leg.quote.side.value) for leg in found.legs}


def plain(one: Opportunity | Unsolved) -> tuple[str, str, str, tuple[str, ...]]:
    """An answer as plain text."""
    assert isinstance(one, Opportunity)
    told = tuple(f"{leg.quote.venue.id} {leg.quote.claim} {leg.quote.side} {leg.share}" for leg in one.legs)
    plan = "" if one.plan is None else str([str(stake.amount) for stake in one.plan.stakes])
    return (
        one.listing.key,
        one.verdict.value,
        str(one.guaranteed_return),
        (*told, plan, *map(str, one.reasons)),
    )
