"""The exact decision on one game that no certificate clears: a plan, or the proof that there is none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from fractions import Fraction
from math import lcm
from typing import NamedTuple, TypeAlias

import numpy as np

from crossbook.arbitrage.certificate import CLEARED, Floats, Mixtures
from crossbook.arbitrage.instrument import Instrument, worst_and_best
from crossbook.arbitrage.no_loss import surely_no_loss
from crossbook.arbitrage.program import Columns, best_shares
from crossbook.arbitrage.solution import Solution, exact_solution
from crossbook.arbitrage.states import States, gross_returns

_NEAR = 1e-9
_TILT = 1e-4
_SUPPORT = 1e-7
_BINDING = 1e-6
_WEIGHTS = 1_000_000

Solve: TypeAlias = Callable[[Floats], Mixtures]
"""Solves one game: gross returns per unit at risk, of shape (instruments, states)."""


class SurePlan(NamedTuple):
    """A plan that loses in no state and wins in some. `expected_return` is the mean over all states, equally weighed.

    A guaranteed return of one is a plan without loss that wins sometimes; above one it is an arbitrage.
    """

    solution: Solution
    expected_return: Fraction


def sure_plan(instruments: Sequence[Instrument], states: States, solve: Solve) -> SurePlan | None:
    """The plan with the greatest guaranteed return, where that is above one or, at one, sometimes wins; else None.

    Commission is not counted. None is a proof, in whole numbers where floating point cannot tell. Raises BadData when
    the game is too large for that.
    """
    if not instruments:
        return None
    returns = gross_returns([one.quote for one in instruments], states)
    mixtures = solve(returns)
    if mixtures.bound <= CLEARED:
        return None
    best = exact_solution(instruments, mixtures.shares, states)
    if float(best.guaranteed_return) < mixtures.bound - _NEAR:
        _, shares = best_shares(Columns(instruments, states))
        other = exact_solution(instruments, shares, states)
        plain = _as_proposed(instruments, mixtures.shares, states)
        best = max(best, other, plain, key=lambda each: each.guaranteed_return)
    if best.guaranteed_return <= 1:
        found = _without_loss(instruments, states, returns, mixtures, solve)
        if found is None:
            return None
        best = found
    return SurePlan(best, expected_return(best, states))


def expected_return(solution: Solution, states: States) -> Fraction:
    """What a unit at risk gives back on average over the states, each counting the same, before commission."""
    total = Fraction(0)
    for leg, share in zip(solution.legs, solution.shares, strict=True):
        counts = Counter(states.codes[states.place[leg.quote.claim]].tolist())
        returns = leg.returns(counts)
        total += share * sum(number * returns[code] for code, number in counts.items())
    return total / len(states.results)


def _as_proposed(instruments: Sequence[Instrument], shares: Floats, states: States) -> Solution:
    """The solver's shares taken at their word: far odds may need shares so small that the exact way leaves them out."""
    used = np.flatnonzero(shares).tolist()
    legs = [instruments[place] for place in used]
    whole = sum(Fraction(float(shares[place])) for place in used)
    risks = [Fraction(float(shares[place])) / whole for place in used]
    worst, _ = worst_and_best(legs, risks, states)
    return Solution(tuple(legs), tuple(risks), 1 + worst, None)


def _without_loss(
    instruments: Sequence[Instrument], states: States, returns: Floats, mixtures: Mixtures, solve: Solve
) -> Solution | None:
    """A plan that never loses and sometimes wins, or None when there surely is none.

    The game is tilted towards what is won on average, which finds the legs of such plans; whole numbers decide, from
    these legs, from what returns most under nature's mixture, and from that mixture with a little of every state.
    """
    tilted = (1 - _TILT) * returns + _TILT * returns.mean(axis=1, keepdims=True)
    named = solve(tilted).shares > _SUPPORT
    binding = returns @ mixtures.prices > mixtures.bound - _BINDING
    weights = [1 + round(_WEIGHTS * price) for price in mixtures.prices.tolist()]
    scales, profits = _profits(instruments, states)
    units = surely_no_loss(profits, weights, np.flatnonzero(named | binding).tolist())
    if units is None:
        return None
    money = [unit * scale for unit, scale in zip(units, scales, strict=True)]
    used = [place for place, each in enumerate(money) if each]
    legs, risks = [instruments[place] for place in used], [money[place] / sum(money) for place in used]
    worst, _ = worst_and_best(legs, risks, states)
    return Solution(tuple(legs), tuple(risks), 1 + worst, None)


def _profits(instruments: Sequence[Instrument], states: States) -> tuple[list[int], list[list[int]]]:
    """For each instrument a scale, and what so much at risk wins or loses in each state, in whole numbers."""
    codes = states.codes[[states.place[one.quote.claim] for one in instruments]].tolist()
    scales, profits = [], []
    for one, row in zip(instruments, codes, strict=True):
        returns = one.returns(set(row))
        scale = lcm(*(each.denominator for each in returns.values()))
        whole = {code: int(scale * (each - 1)) for code, each in returns.items()}
        scales.append(scale)
        profits.append([whole[code] for code in row])
    return scales, profits
