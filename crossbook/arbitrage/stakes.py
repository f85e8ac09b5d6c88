"""Whole stakes: the plan with the greatest guaranteed profit that a bank and the venues' steps allow."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import product
from math import ceil, floor, prod

import msgspec
import numpy as np

from crossbook.arbitrage.accounts import Accounts
from crossbook.arbitrage.bets import best_bets
from crossbook.arbitrage.choices import Bet, Choice, Limit
from crossbook.arbitrage.instrument import Instrument, worst_and_best
from crossbook.arbitrage.outcomes import Outcomes
from crossbook.arbitrage.program import Columns, least_profits
from crossbook.arbitrage.search import best_counts
from crossbook.arbitrage.solution import Solution, Vertex
from crossbook.arbitrage.states import States
from crossbook.arbitrage.terms import Terms
from crossbook.model.opportunity import Plan, Stake
from crossbook.model.quote import Quote, Side

_MOST_TOTALS = 200_000
_MOST_TRIED = 2_000
_MOST_POINTS = 20_000
"""Totals, and whole points, that are tried one by one; where more would have to be, the solver counts."""
_MOST_DEEPER = 40
_MOST_SEARCHED = 5_000
"""Legs × states of which the best whole stakes are searched for."""
_MOST_ENTRIES = 2_000_000
"""Combinations × states that are tried for one opportunity: a part of what a person who asks may wait for."""
_PARTS = 100
_ROUND_OFF = 1e-7
_NO_STAKES = "no whole stakes within the bank and the venues' limits profit in every state"
_NOT_SEARCHED = (
    "too many legs and states to search for whole stakes, and those next to the shares do not profit"
)


class Grid(msgspec.Struct, frozen=True):
    """What one leg's stake may be: counts of `step` (as typed at the venue), none or from `least` to `most`.

    `risk` is the money one step puts at risk: the step itself, or for a lay the backer's winnings on it.
    """

    step: Fraction
    risk: Fraction
    least: int
    most: int


def grid_of(quote: Quote, bank: Fraction, unit: Fraction) -> Grid:
    """The stakes a venue takes for this quote, as far as it is known, within the bank."""
    step = quote.step or quote.venue.step or unit
    risk = step * (quote.odds - 1) if quote.side is Side.LAY else step
    most = floor(bank / risk)
    if quote.size is not None:
        most = min(most, floor(quote.size / step))
    least = ceil(quote.venue.smallest / step) if quote.venue.smallest else 1
    return Grid(step, risk, least, most if most >= least else 0)


def plan_stakes(solution: Solution, states: States, bank: Fraction, unit: Fraction) -> Plan | str:
    """The best plan with whole stakes on the solution's legs, or the sentence why there is none.

    The best plan has the greatest net profit in its worst state; every figure in it is summed exactly. Where legs and
    states are too many to search for it, the plan is the best of some that the solution's shares are rounded to.
    """
    grids = [grid_of(leg.quote, bank, unit) for leg in solution.legs]
    money = bank, unit
    counts = _on_one_grid(solution, grids, states, bank)
    if counts is not None:
        return _plan(solution.legs, counts, grids, states, money)
    searched: Plan | str = _NOT_SEARCHED
    if not _too_many(solution.legs, states):
        searched = _plan(
            solution.legs, _on_any_grid(solution.legs, grids, states, bank), grids, states, money
        )
    if isinstance(searched, Plan):
        return searched
    # A search that was ended early may have found less than what lies next to the shares.
    rounded = _plan(solution.legs, _rounded(solution, grids, states, bank), grids, states, money)
    return rounded if isinstance(rounded, Plan) else searched


def plan_with_depth(
    solution: Solution, deeper: Sequence[Instrument], states: States, terms: Terms
) -> tuple[tuple[Instrument, ...], Plan | str]:
    """The best plan, and its legs, where the sizes of the legs' own levels may be too small for the bank.

    `deeper` are worse levels of the same claims and sides at the same venues. They are used, as legs beside the
    solution's, where the plan is better with them; no more than the first `_MOST_DEEPER`. Where the terms have
    accounts, the plan keeps to them; their free bets are left for whom they are meant.
    """
    deeper = deeper[:_MOST_DEEPER]
    if terms.accounts.venues:
        return _from_accounts(solution, deeper, states, terms)
    bank, unit = terms.bank, terms.unit
    plan = plan_stakes(solution, states, bank, unit)
    if not deeper or all(leg.quote.size is None for leg in solution.legs):
        return solution.legs, plan
    legs = (*solution.legs, *deeper)
    if _too_many(legs, states):
        return solution.legs, plan
    grids = [grid_of(leg.quote, bank, unit) for leg in legs]
    counts = _on_any_grid(legs, grids, states, bank)
    used = [place for place, count in enumerate(counts) if count or place < len(solution.legs)]
    legs = tuple(legs[place] for place in used)
    deep = _plan(legs, [counts[p] for p in used], [grids[p] for p in used], states, (bank, unit))
    if isinstance(deep, str) or (isinstance(plan, Plan) and deep.worst <= plan.worst):
        return solution.legs, plan
    return legs, deep


def _from_accounts(
    solution: Solution, deeper: Sequence[Instrument], states: States, terms: Terms
) -> tuple[tuple[Instrument, ...], Plan | str]:
    accounts = Accounts(venues=terms.accounts.venues, rates=terms.accounts.rates)
    legs = (*solution.legs, *deeper)
    terms = msgspec.structs.replace(terms, accounts=accounts)
    found = best_bets([leg.quote for leg in legs], states, terms, _MOST_ENTRIES)
    if found.worst <= 0:
        return solution.legs, _NO_STAKES if found.proven else _NOT_SEARCHED
    bets = {id(bet.quote): bet for bet in found.bets}
    used = tuple(leg for place, leg in enumerate(legs) if id(leg.quote) in bets or place < len(solution.legs))
    stakes = tuple(_stake(bets.get(id(leg.quote), Bet(leg.quote, Fraction(0))), accounts) for leg in used)
    return used, Plan(terms.bank, terms.unit, stakes, found.cost, found.worst, found.best)


def _stake(bet: Bet, accounts: Accounts) -> Stake:
    venue = bet.quote.venue.id
    account = accounts.at(venue)
    return Stake(bet.amount, bet.drawn(account) * accounts.rate(venue), account.currency)


def _plan(
    legs: Sequence[Instrument],
    counts: Sequence[int],
    grids: Sequence[Grid],
    states: States,
    money: tuple[Fraction, Fraction],
) -> Plan | str:
    """The plan with these counts, `money` being the bank and the unit; a sentence where it does not profit."""
    bank, unit = money
    risks = [count * grid.risk for count, grid in zip(counts, grids, strict=True)]
    worst, best = worst_and_best(legs, risks, states)
    if worst <= 0 or sum(risks) > bank:
        return _NO_STAKES
    stakes = tuple(
        Stake(count * grid.step, risk) for count, grid, risk in zip(counts, grids, risks, strict=True)
    )
    return Plan(bank, unit, stakes, sum(risks, Fraction(0)), worst, best)


def _too_many(legs: Sequence[Instrument], states: States) -> bool:
    return len(legs) * len(states.results) > _MOST_SEARCHED


def _rounded(solution: Solution, grids: Sequence[Grid], states: States, bank: Fraction) -> list[int]:
    """The best of the counts that the solution's shares of some parts of the bank are rounded to."""
    risks = np.array([float(grid.risk) for grid in grids])
    shares = np.array([float(share) for share in solution.shares])
    parts = float(bank) * np.arange(_PARTS, 0, -1) / _PARTS
    counts = np.minimum(np.rint(parts[:, None] * shares / risks), [grid.most for grid in grids])
    counts[counts < [grid.least for grid in grids]] = 0.0
    within = (counts * risks).sum(axis=1) <= float(bank)
    counts = np.vstack([counts[within], np.zeros(len(grids))])
    best = int(least_profits(Columns(solution.legs, states), counts * risks).argmax())
    return [int(count) for count in counts[best]]


def _on_any_grid(
    legs: Sequence[Instrument], grids: Sequence[Grid], states: States, bank: Fraction
) -> Sequence[int]:
    """The counts of the search that takes any steps, limits and markets."""
    choices = [
        Choice(Bet(leg.quote, grid.step), max(grid.least, 1), grid.most)
        for leg, grid in zip(legs, grids, strict=True)
    ]
    limit = Limit({place: grid.risk for place, grid in enumerate(grids)}, bank)
    return best_counts(Outcomes(choices, ((),), states, Accounts(), [limit]), _MOST_ENTRIES).counts


def _on_one_grid(
    solution: Solution, grids: Sequence[Grid], states: States, bank: Fraction
) -> list[int] | None:
    """Exact search where every leg moves by the same amount; None where that or the vertex is not given.

    Let T be the total staked and e = (R − 1) T − (the profit to beat). By the vertex's state prices q, a plan that
    beats it has at most e / q(w) to spare in binding state w, which leaves for every stake an interval of width
    proportional to e. The few whole points inside are tried, from the greatest total down, until e is spent.
    """
    vertex, step = solution.vertex, grids[0].risk
    if vertex is None or any(grid.risk != step for grid in grids) or bank / step > _MOST_TOTALS:
        return None
    scale, rows = vertex.payouts.scale, vertex.payouts.rows
    boxes = _Boxes(solution, vertex, grids)
    best_worst, best = 0, [0] * len(grids)
    tried = points = 0
    for total in boxes.promising(floor(bank / step)):
        if boxes.spare(total, best_worst / scale) <= 0:
            break
        box = boxes.at(total, best_worst / scale)
        tried += 1
        points += prod(len(interval) for interval in box[:-1]) if box else 0
        if tried > _MOST_TRIED or points > _MOST_POINTS:
            return None
        if box is None:
            continue
        for counts in _points(box, total):
            worst = min(sum(map(int.__mul__, row, counts)) for row in rows) - scale * total
            if worst > best_worst:
                best_worst, best = worst, counts
    return best


class _Boxes:
    """For each total, the interval of every stake outside of which no plan can beat a given profit."""

    def __init__(self, solution: Solution, vertex: Vertex, grids: Sequence[Grid]) -> None:
        self._grids = grids
        self._shares = np.array([float(share) for share in solution.shares])
        self._margin = float(solution.guaranteed_return - 1)
        self._most = np.array([grid.most for grid in grids], dtype=np.float64)
        slopes = np.array([_slopes(row, vertex) for row in vertex.inverse[:-1]])
        self._low, self._high = slopes[:, 0], slopes[:, 1]

    def promising(self, most: int) -> list[int]:
        """Totals, the greatest first, at which some whole stakes might make any profit at all."""
        totals = np.arange(most, 0, -1, dtype=np.float64)
        centre, spare = totals[:, None] * self._shares, totals[:, None] * self._margin
        first = np.ceil(centre + self._low * spare - _ROUND_OFF)
        last = np.minimum(np.floor(centre + self._high * spare + _ROUND_OFF), self._most)
        fits = (first <= last).all(axis=1) & (first.sum(axis=1) <= totals) & (last.sum(axis=1) >= totals)
        return [int(total) for total in totals[fits]]

    def spare(self, total: int, to_beat: float) -> float:
        """How much less than its share of the return a plan with this total may give; less for smaller totals."""
        return self._margin * total - to_beat

    def at(self, total: int, to_beat: float) -> list[list[int]] | None:
        """The whole stakes inside every interval; None where an interval is empty."""
        spare = self.spare(total, to_beat)
        first = np.ceil(self._shares * total + self._low * spare - _ROUND_OFF)
        last = np.floor(self._shares * total + self._high * spare + _ROUND_OFF)
        box = []
        for low, high, grid in zip(first.tolist(), last.tolist(), self._grids, strict=True):
            counts = range(max(int(low), 0), min(int(high), grid.most) + 1)
            box.append([count for count in counts if count == 0 or count >= grid.least])
        return box if all(box) else None


def _points(ranges: Sequence[Sequence[int]], total: int) -> Iterator[list[int]]:
    """Whole points of the box that add up to the total."""
    for head in product(*ranges[:-1]):
        last = total - sum(head)
        if last in ranges[-1]:
            yield [*head, last]


def _slopes(row: tuple[int, ...], vertex: Vertex) -> tuple[float, float]:
    """How far a stake can move down and up for each unit of profit given away."""
    moves = [
        -vertex.payouts.scale * entry / price for entry, price in zip(row, vertex.inverse[-1], strict=True)
    ]
    return min(0.0, *moves[:-1]), max(0.0, *moves[:-1])
