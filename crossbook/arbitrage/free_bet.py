"""Free bets: the best way to turn a token into money whatever happens.

A free bet of an amount F at odds o pays F (o − 1) if it wins, for the stake is not returned; a refund gives nothing,
or the token back, as the venue's terms have it. Hedged anywhere else with risks h, the money made in state w is

    F × won(w) (o − 1) + F × refunded(w) × token's worth + Σ h (return(w) − 1) − commission on each market's winnings,

and the plan sought has the greatest least of these over all states: the programme that finds arbitrages, with a leg
that costs nothing. With one lay at odds l and commission c that is h = F (o − 1) / (l − c) at the exchange and a
conversion of (o − 1)(1 − c) / (l − c) of the amount (bettorstack.com/bonus-bet-calculator derives it).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import product
from math import floor
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from crossbook.arbitrage.accounts import FreeBet
from crossbook.arbitrage.decide import Market
from crossbook.arbitrage.equations import solve
from crossbook.arbitrage.find import markets_of
from crossbook.arbitrage.instrument import Instrument, best_instruments, shared_markets
from crossbook.arbitrage.screens import doubted
from crossbook.arbitrage.settled import settlement_of
from crossbook.arbitrage.stakes import Grid, grid_of
from crossbook.arbitrage.states import States, gross_returns, states_of
from crossbook.arbitrage.terms import Terms
from crossbook.arbitrage.verdict import rules_of
from crossbook.arbitrage.worth import estimate_of, unstated
from crossbook.base.errors import BadData
from crossbook.model.opportunity import FREE_BET, Leg, Opportunity, Plan, Reason, Stake, Verdict
from crossbook.model.quote import Listing, Quote, Side

_MOST_WORK: Final = 3_000_000
"""Free legs × hedges × states that are looked at in one market; the longest odds, which convert best, come first."""
_MOST_CORNERS: Final = 4_096
_USED: Final = 1e-7
_ALL: Final = 1 - 1e-9
_CLOSE: Final = Fraction(1, 10**6)
_NOTHING: Final = Fraction(0)


class _Token(msgspec.Struct, frozen=True):
    """The free bet, and what one unit of it is worth in money where its bet is refunded."""

    free: FreeBet
    returned: Fraction


class _Conversion(msgspec.Struct, frozen=True):
    free: Quote
    hedges: tuple[Instrument, ...]
    risks: tuple[Fraction, ...]
    least: Fraction
    states: States


def free_bets(
    listing: Listing,
    quotes: Sequence[Quote],
    free_bet: FreeBet,
    terms: Terms | None = None,
    returned: Fraction = _NOTHING,
) -> Iterator[Opportunity]:
    """The best conversion of a free bet in every market of one event, with hedges at any other desk.

    Where a bet is refunded many venues keep the token; where one gives it back, `returned` says what a unit of it is
    worth in money, by the user's own reckoning. The token is used whole, on one bet.

    `guaranteed_return` is what a unit of the free bet becomes in the worst state, summed exactly. The first leg is the
    free bet: its share and its risk are nought. The plan's stakes are whole and its figures money made, for the token
    costs nothing. Hedges stay within the bank. Where they gain without the free bet, that gain is in the figures too,
    of hedges that together risk no more than the free bet can win. Pure where all legs settle by one class of rules
    and known commission. Prices that a screen refuses take no part. Raises BadData for terms that make no sense.
    """
    for name, wrong in free_bet.doubts():
        raise BadData(f"{name}: {wrong}")
    if not 0 <= returned <= 1:
        raise BadData("returned: a unit of a token that comes back is worth from 0 to 1")
    token = _Token(free_bet, returned)
    terms = terms or Terms()
    for market in markets_of(listing, quotes):
        doubts = doubted(market.quotes, market.contest)
        believed = [quote for quote in market.quotes if id(quote) not in doubts]
        found = list(_conversions(market, believed, token, terms))
        if found:
            yield _opportunity(market, max(found, key=lambda one: one.least), token, terms)


def _conversions(
    market: Market, quotes: Sequence[Quote], token: _Token, terms: Terms
) -> Iterator[_Conversion]:
    """For each bet the token may be used on, the best hedges."""
    free = sorted((quote for quote in quotes if _allowed(quote, token)), key=lambda quote: -quote.rank)
    desks = {quote.venue.desk for quote in free}
    hedges = best_instruments(quote for quote in quotes if quote.venue.desk not in desks)
    if not free or not hedges:
        return
    states = states_of(
        frozenset([quote.claim for quote in free] + [leg.quote.claim for leg in hedges]),
        market.contest,
        market.course,
    )
    for quote in free[: max(1, _MOST_WORK // (len(hedges) * len(states.results)))]:
        bank, wins = float(terms.bank), float(token.free.amount * (quote.odds - 1))
        risks = _best_risks(quote, hedges, states, token, bank)
        if wins < bank and risks.sum() > bank * _ALL:
            # The hedges gain by themselves: as many as the bank allows would say nothing of the free bet.
            risks = _best_risks(quote, hedges, states, token, wins)
        used = [place for place, risk in enumerate(risks) if risk > _USED * float(token.free.amount)]
        legs = tuple(hedges[place] for place in used)
        if legs:
            yield _exactly(quote, legs, risks[used], token, market)


def _allowed(quote: Quote, token: _Token) -> bool:
    free = token.free
    return quote.venue.id == free.venue and quote.side is Side.BACK and quote.odds >= free.least_odds


def _best_risks(
    free: Quote, hedges: Sequence[Instrument], states: States, token: _Token, bank: float
) -> NDArray[np.float64]:
    """The money to put at risk on each hedge, by a linear programme: maximise t, the money made in every state.

    Columns: the hedges, t, and one tax for each state of each market that takes commission.
    """
    from scipy.optimize import linprog  # heavy; needed for free bets alone

    count, width = len(hedges), len(states.results)
    profits = gross_returns([leg.quote for leg in hedges], states) - 1
    pays = np.array([float(one) for one in _free_pays(free, states, token)])
    together = shared_markets(hedges)
    alone = {place for place, leg in enumerate(hedges) if leg.market} - {
        p for some in together.values() for p in some
    }
    for place in alone:
        rate = float(hedges[place].commission)
        profits[place] = np.where(profits[place] > 0, profits[place] * (1 - rate), profits[place])
    taxed = list(together.values())
    columns = count + 1 + width * len(taxed)
    above = np.zeros((width * (1 + len(taxed)), columns))
    limit = np.zeros(len(above))
    above[:width, :count], above[:width, count], limit[:width] = -profits.T, 1.0, pays
    every = np.arange(width)
    for number, places in enumerate(taxed):
        first = count + 1 + number * width
        above[every, first + every] = float(hedges[places[0]].commission)
        rows = width * (1 + number) + every
        above[rows[:, None], np.array(places)] = profits[places].T
        above[rows, first + every] = -1.0
    within = np.zeros((1, columns))
    within[0, :count] = 1.0
    objective = np.zeros(columns)
    objective[count] = -1.0
    most = [_most(leg, bank) for leg in hedges]
    bounds = [*((0, one) for one in most), (None, None), *[(0, None)] * (columns - count - 1)]
    found = linprog(
        objective, np.vstack([above, within]), np.append(limit, bank), bounds=bounds, method="highs"
    )
    if found.x is None:
        raise BadData(f"the solver found no optimum: {found.message}")
    return np.maximum(np.array(found.x[:count], np.float64), 0.0)


def _most(leg: Instrument, bank: float) -> float:
    quote = leg.quote
    if quote.size is None:
        return bank
    return min(bank, float(quote.size * (quote.odds - 1 if quote.side is Side.LAY else 1)))


def _free_pays(free: Quote, states: States, token: _Token) -> list[Fraction]:
    """What the free bet is worth in each state."""
    pays = []
    for code in states.codes[states.place[free.claim]].tolist():
        won, refunded = settlement_of(code)
        pays.append(token.free.amount * (won * (free.odds - 1) + refunded * token.returned))
    return pays


def _exactly(
    free: Quote, hedges: tuple[Instrument, ...], near: NDArray[np.float64], token: _Token, market: Market
) -> _Conversion:
    """The conversion with exact risks: where the hedges make as many states equal as they can, those that solve it.

    Else the solver's own, made rational. Either way the least is summed exactly, and the better one is kept.
    """
    claims = frozenset([free.claim, *(leg.quote.claim for leg in hedges)])
    states = states_of(claims, market.contest, market.course)
    rational = tuple(estimate_of(float(one)) for one in near)
    tries = [rational]
    made = _money_made(free, hedges, rational, states, token)
    if not shared_markets(hedges):
        order = sorted(range(len(made)), key=lambda place: made[place])
        exact = _equal(free, hedges, order[: len(hedges) + 1], states, token)
        if exact is not None and all(
            abs(one - other) <= _CLOSE * (1 + other) for one, other in zip(exact, rational, strict=True)
        ):
            tries.append(exact)  # elsewhere it would be beyond the bank, or what is on offer
    kept = max(tries, key=lambda risks: min(_money_made(free, hedges, risks, states, token)))
    return _Conversion(free, hedges, kept, min(_money_made(free, hedges, kept, states, token)), states)


def _money_made(
    free: Quote, hedges: Sequence[Instrument], risks: Sequence[Fraction], states: States, token: _Token
) -> list[Fraction]:
    """The money made in each state by the free bet and its hedges, commission taken; exact."""
    made = _free_pays(free, states, token)
    groups: dict[tuple[str, Fraction], list[int]] = {}
    for place, leg in enumerate(hedges):
        groups.setdefault((leg.market, leg.commission), []).append(place)
    codes = [states.codes[states.place[leg.quote.claim]].tolist() for leg in hedges]
    returns = [leg.returns(set(row)) for leg, row in zip(hedges, codes, strict=True)]
    for state in range(len(made)):
        for (_, commission), places in groups.items():
            winnings = sum(
                (risks[place] * (returns[place][codes[place][state]] - 1) for place in places), Fraction(0)
            )
            made[state] += winnings - commission * max(winnings, Fraction(0))
    return made


def _equal(
    free: Quote, hedges: Sequence[Instrument], worst: Sequence[int], states: States, token: _Token
) -> tuple[Fraction, ...] | None:
    """The risks, none below nothing, that make the same money in these states; None where they are not just one."""
    if len(worst) <= len(hedges):
        return None
    pays = _free_pays(free, states, token)
    codes = [states.codes[states.place[leg.quote.claim]].tolist() for leg in hedges]
    returns = [leg.returns(set(row), taxed=True) for leg, row in zip(hedges, codes, strict=True)]
    rows = [
        [
            *(known[row[state]] - 1 for known, row in zip(returns, codes, strict=True)),
            Fraction(-1),
            -pays[state],
        ]
        for state in worst
    ]
    solved = solve(rows)
    return None if solved is None or min(solved[:-1]) < 0 else tuple(solved[:-1])


def _opportunity(market: Market, best: _Conversion, token: _Token, terms: Terms) -> Opportunity:
    total = sum(best.risks, Fraction(0))
    legs = [Leg(best.free, _NOTHING)]
    legs += [Leg(leg.quote, risk / total) for leg, risk in zip(best.hedges, best.risks, strict=True)]
    quotes = [leg.quote for leg in legs]
    rules = sorted({rules_of(quote, market.listing.sport) for quote in quotes})
    reasons = list(unstated(quotes))
    if len(rules) > 1:
        reasons.append(
            Reason("rules_differ", f"legs settle by the rules of {', '.join(rules)}: one side may void alone")
        )
    plan = _whole(best, token, terms)
    return Opportunity(
        listing=market.listing,
        basis=market.basis,
        kind=FREE_BET,
        verdict=Verdict.RULE_EXPOSED if reasons else Verdict.PURE,
        reasons=tuple(reasons),
        guaranteed_return=best.least / token.free.amount,
        legs=tuple(legs),
        plan=plan if isinstance(plan, Plan) else None,
        unplanned=plan if isinstance(plan, str) else None,
    )


def _whole(best: _Conversion, token: _Token, terms: Terms) -> Plan | str:
    """The whole stakes next to the exact ones that make the most money in the worst state."""
    grids = [grid_of(leg.quote, terms.bank, terms.unit) for leg in best.hedges]
    choices = [list(_near(risk, grid, len(grids))) for risk, grid in zip(best.risks, grids, strict=True)]
    plans = []
    for counts in product(*choices):
        risks = [count * grid.risk for count, grid in zip(counts, grids, strict=True)]
        if sum(risks) <= terms.bank:
            made = _money_made(best.free, best.hedges, risks, best.states, token)
            plans.append((min(made), max(made), counts, risks))
    if not plans or (found := max(plans, key=lambda plan: plan[0]))[0] <= 0:
        return "no whole stakes within the bank and the venues' limits make money in every state"
    worst, most, counts, risks = found
    hedged = (Stake(count * g.step, risk) for count, g, risk in zip(counts, grids, risks, strict=True))
    stakes = (Stake(token.free.amount, _NOTHING), *hedged)
    return Plan(terms.bank, terms.unit, stakes, sum(risks, Fraction(0)), worst, most)


def _near(risk: Fraction, grid: Grid, legs: int) -> Iterator[int]:
    below = floor(risk / grid.risk)
    for count in (below, below + 1) if 2**legs <= _MOST_CORNERS else (below,):
        if count == 0 or grid.least <= count <= grid.most:
            yield count
