"""From a floating-point optimum to an exact one: float proposes, whole numbers dispose."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import combinations, islice

import msgspec
import numpy as np
from numpy.typing import NDArray

from crossbook.arbitrage.instrument import Instrument, Payouts, payouts, shared_markets, worst_and_best
from crossbook.arbitrage.states import States
from crossbook.model.quote import Side

_SUPPORT = 1e-7
_TIGHT = 1e-7
_MOST_TRIES = 64
_MOST_AT_VERTEX = 40
"""Legs of which a vertex, an inverse in whole numbers of ever more digits, is made."""
_MOST_STEPS = 100_000
"""Tries × legs³, which is what the inverses of all tries cost."""

Row = tuple[int, ...]


class Vertex(msgspec.Struct, frozen=True):
    """An exact optimum of the programme over its own legs, in whole numbers.

    With as many binding states as legs, `inverse` / `determinant` maps (surplus payout in each binding state, total
    staked) to the stakes, and in its last row to the guaranteed payout; payouts count in 1/scale of `payouts`. The
    last row's other entries are the state prices, times −1: all negative, so that no other stakes do better.
    """

    payouts: Payouts
    inverse: tuple[Row, ...]
    determinant: int


class Solution(msgspec.Struct, frozen=True):
    """Legs with shares of a unit at risk and the guaranteed gross return of the unit, all exact.

    `vertex` is None where the optimum is not a plain vertex (several legs in one taxed market, or degenerate) or has
    too many legs; the return is then the exact worst case of the shares given, which a finer solver might better in
    far digits.
    """

    legs: tuple[Instrument, ...]
    shares: tuple[Fraction, ...]
    guaranteed_return: Fraction
    vertex: Vertex | None


def closed_form(instruments: Sequence[Instrument], states: States) -> Solution | None:
    """The solution where every state pays exactly one instrument, in full, and no instrument is paid twice.

    Only there does "the inverse odds add up to less than one" say all; None everywhere else (refunds, half wins,
    prices that overlap), where the programme has to be solved.
    """
    if len(instruments) != len(states.results) or states.refunded.any():
        return None
    if any(one.quote.side is Side.LAY for one in instruments) or shared_markets(instruments):
        return None
    paid = states.won[[states.place[one.quote.claim] for one in instruments]]
    if not (
        np.isin(paid, (0.0, 1.0)).all() and (paid.sum(axis=0) == 1).all() and (paid.sum(axis=1) == 1).all()
    ):
        return None
    legs = tuple(instruments)
    table = payouts(legs, states, taxed=True)
    if len(legs) <= _MOST_AT_VERTEX:
        return _at_vertex(legs, table.rows, table)
    inverse = [Fraction(table.scale, max(row)) for row in table.rows]
    whole = sum(inverse, Fraction(0))
    # Each state pays its own leg, whose share is one over its payout: the rows are put in the order of the legs.
    shares = {row.index(max(row)): one / whole for row, one in zip(table.rows, inverse, strict=True)}
    return Solution(legs, tuple(shares[place] for place in range(len(legs))), 1 / whole, None)


def exact_solution(
    instruments: Sequence[Instrument], shares: NDArray[np.float64], states: States
) -> Solution:
    """The exact optimum next to a solver's shares."""
    support = [place for place, share in enumerate(shares) if share > _SUPPORT]
    legs = tuple(instruments[place] for place in support)
    near = shares[support] / shares[support].sum()
    if not shared_markets(legs):
        table = payouts(legs, states, taxed=True)
        returns = np.array(table.rows, dtype=np.float64) @ near / table.scale
        binding = [
            table.rows[place] for place in np.argsort(returns, kind="stable") if _binds(returns, place)
        ]
        tries = min(_MOST_TRIES, _MOST_STEPS // len(legs) ** 3)
        for chosen in islice(combinations(binding, len(legs)), tries):
            solution = _at_vertex(legs, chosen, table)
            if solution is not None:
                return solution
    risks = _rational(near)
    worst, _ = worst_and_best(legs, risks, states)
    return Solution(legs, risks, 1 + worst, None)


def _binds(returns: NDArray[np.float64], place: np.intp) -> bool:
    return bool(returns[place] <= returns.min() + _TIGHT)


def _rational(shares: NDArray[np.float64]) -> tuple[Fraction, ...]:
    parts = [Fraction(round(share * 10**12), 10**12) for share in shares]
    total = sum(parts)
    return tuple(part / total for part in parts)


def _at_vertex(legs: tuple[Instrument, ...], chosen: Sequence[Row], table: Payouts) -> Solution | None:
    """The optimum where these states bind, if their prices are positive and no other state pays less."""
    inverse, determinant = _inverse([*([*row, -1] for row in chosen), [*([1] * len(legs)), 0]])
    if determinant == 0:
        return None
    shares, value = [row[-1] for row in inverse[:-1]], inverse[-1][-1]
    if min(shares) <= 0 or max(inverse[-1][:-1]) >= 0:
        return None
    if any(sum(map(int.__mul__, row, shares)) < value for row in table.rows):
        return None
    return Solution(
        legs,
        tuple(Fraction(share, determinant) for share in shares),
        Fraction(value, determinant * table.scale),
        Vertex(table, inverse, determinant),
    )


def _inverse(matrix: list[list[int]]) -> tuple[tuple[Row, ...], int]:
    """The inverse times the determinant, and the determinant made positive; without fractions (Bareiss)."""
    size = len(matrix)
    table = [row + [int(place == other) for other in range(size)] for place, row in enumerate(matrix)]
    before = 1
    for place in range(size):
        found = next((row for row in range(place, size) if table[row][place]), None)
        if found is None:
            return (), 0
        table[place], table[found] = table[found], table[place]
        head = table[place]
        pivot = head[place]
        for other, row in enumerate(table):
            if other != place:
                factor = row[place]
                table[other] = [
                    (pivot * entry - factor * above) // before for entry, above in zip(row, head, strict=True)
                ]
        before = pivot
    sign = 1 if before > 0 else -1
    return tuple(tuple(sign * entry for entry in row[size:]) for row in table), sign * before
