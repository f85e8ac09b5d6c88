"""Low hold: one market's best prices at several venues, that together cost less than so much to hold.

Holding every selection costs 1 − R, where R is the guaranteed return of the best shares: 1 / Σ (1 / W) with W what a
unit gives back, where every state pays one leg in full; at large the optimum of the same programme that finds
arbitrages. It never gains. It is of use to somebody who has to turn money over, and wants to know exactly what that
costs.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from fractions import Fraction

from crossbook.arbitrage.decide import Market
from crossbook.arbitrage.find import markets_of
from crossbook.arbitrage.instrument import instrument_of
from crossbook.arbitrage.program import Columns, best_shares
from crossbook.arbitrage.screens import doubted
from crossbook.arbitrage.solution import closed_form, exact_solution
from crossbook.arbitrage.states import states_of
from crossbook.arbitrage.terms import Terms
from crossbook.arbitrage.verdict import judge, one_desk, sister_brands
from crossbook.arbitrage.wanted import MOST_COST
from crossbook.arbitrage.worth import legs_of, near_plan, net_odds
from crossbook.model.claim import RACES, cover_of
from crossbook.model.opportunity import LOW_HOLD, Opportunity, Plan
from crossbook.model.quote import Listing, Quote, Side


def low_holds(
    listing: Listing, quotes: Sequence[Quote], terms: Terms | None = None, most_cost: Fraction = MOST_COST
) -> Iterator[Opportunity]:
    """Every market of one event whose best prices cost no more than `most_cost` of what is staked, the cheapest first.

    Prices that a screen refuses take no part. `guaranteed_return` is at most one, and holds in every state as far as
    the verdict says (pure or rule-exposed, as for an arbitrage). What would gain is left to the search for arbitrages.
    """
    for space in markets_of(listing, quotes):
        doubts = doubted(space.quotes, space.contest)
        markets: dict[tuple[object, ...], dict[str, Quote]] = defaultdict(dict)
        for quote in space.quotes:
            if quote.side is Side.BACK and id(quote) not in doubts:
                claim = quote.claim
                best = markets[claim.kind, claim.period, claim.subject, claim.line, claim.places]
                known = best.get(claim.selection)
                if known is None or net_odds(quote) > net_odds(known):
                    best[claim.selection] = quote
        found = [
            one
            for best in markets.values()
            if (one := _held(space, list(best.values()), terms or Terms(), most_cost)) is not None
        ]
        yield from sorted(found, key=lambda one: -one.guaranteed_return)


def _held(market: Market, quotes: Sequence[Quote], terms: Terms, most_cost: Fraction) -> Opportunity | None:
    claim = quotes[0].claim
    cover = cover_of(claim.kind)
    if claim.kind in RACES:
        contest = market.contest
        cover = contest.runners if contest is not None and contest.complete and contest.places == 1 else ()
    if not cover or len(quotes) != len(cover) or one_desk(quotes) or sister_brands(quotes):
        return None
    instruments = [instrument_of(quote) for quote in quotes]
    states = states_of(frozenset(quote.claim for quote in quotes), market.contest, market.course)
    solution = closed_form(instruments, states)
    if solution is None:
        solution = exact_solution(instruments, best_shares(Columns(instruments, states))[1], states)
    if not 1 - most_cost <= solution.guaranteed_return <= 1 or len(solution.legs) < len(quotes):
        return None
    verdict, reasons = judge(solution, states, market.listing.sport)
    plan = near_plan(solution.legs, solution.shares, states, terms)
    return Opportunity(
        listing=market.listing,
        basis=market.basis,
        kind=LOW_HOLD,
        verdict=verdict,
        reasons=reasons,
        guaranteed_return=solution.guaranteed_return,
        legs=legs_of(solution),
        plan=plan if isinstance(plan, Plan) else None,
        unplanned=plan if isinstance(plan, str) else None,
    )
