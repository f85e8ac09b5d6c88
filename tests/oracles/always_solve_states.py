"""The full grid of scores, and what every claim of an event pays in each of them, by the reference alone."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from math import ceil
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from crossbook.model.claim import Claim, Kind, Period
from tests.oracles import settlement_reference as reference

TOPS = (10, 14, 20)
"""Grids are made in few sizes, for their tables are kept."""
HALVES = (Period.FIRST_HALF, Period.SECOND_HALF)
Shares = NDArray[np.int8]


class Grid(NamedTuple):
    """Every score up to `top` goals a side; with `halves`, in every way to divide it between the two halves."""

    top: int
    halves: bool


def grid_for(claims: Iterable[Claim]) -> Grid:
    """A grid large enough that a greater score tells these claims nothing new.

    Beyond all totals T, team counts C and handicaps D a score may be lowered by a goal a side, or by two goals of the
    side that leads, without any claim (odd and even among them) paying otherwise.
    """
    total = count = ahead = 1
    halves = False
    for claim in claims:
        beyond = 0 if claim.line is None else ceil(abs(claim.line)) + 1
        halves = halves or claim.period in HALVES
        if claim.kind is Kind.TOTAL:
            total = max(total, beyond)
        elif claim.kind in (Kind.TEAM_TOTAL_HOME, Kind.TEAM_TOTAL_AWAY):
            count = max(count, beyond)
        elif claim.kind in (Kind.ASIAN_HANDICAP, Kind.EUROPEAN_HANDICAP):
            ahead = max(ahead, beyond)
        elif claim.kind is Kind.EXACT_TOTAL:
            total = max(total, int(claim.selection.rstrip("+")) + 1)
        elif claim.kind is Kind.CORRECT_SCORE:
            count = max(count, 1 + max(map(int, claim.selection.split("-"))))
    needed = max(total + 1, count + ahead + 2, total // 2 + ahead + 3)
    return Grid(next((top for top in TOPS if top >= needed), needed), halves)


@lru_cache(maxsize=32)
def scores(grid: Grid) -> list[tuple[int, int, int, int]]:
    """The states of a grid: goals in the first half, home and away, and at the end. Without halves these are 0."""
    goals = range(grid.top + 1)
    if not grid.halves:
        return [(0, 0, home, away) for home in goals for away in goals]
    return [
        (half_home, half_away, home, away)
        for home in goals
        for away in goals
        for half_home in range(home + 1)
        for half_away in range(away + 1)
    ]


@lru_cache(maxsize=128)
def _places(grid: Grid, period: Period) -> NDArray[np.intp]:
    """Where each state's count of the period stands in a plain grid of the same top."""
    table = np.array(scores(grid))
    if period is Period.FIRST_HALF:
        count = table[:, :2]
    elif period is Period.SECOND_HALF:
        count = table[:, 2:] - table[:, :2]
    else:
        count = table[:, 2:]
    return np.asarray(count[:, 0] * (grid.top + 1) + count[:, 1], dtype=np.intp)


def settled(claim: Claim, home: int, away: int) -> tuple[int, int]:
    """The halves of a stake that are won and refunded when the period of the claim ends with this count.

    Raises ValueError for a claim that the reference does not know.
    """
    kind = Kind.DRAW_NO_BET if claim.kind is Kind.MONEYLINE else claim.kind
    won, refunded = reference.settle(kind.value, claim.selection, claim.line, home, away)
    return int(2 * won), int(2 * refunded)


@lru_cache(maxsize=16_384)
def shares(claim: Claim, grid: Grid) -> tuple[Shares, Shares]:
    """The halves of a stake that are won, and that are refunded, in every state of the grid."""
    goals = range(grid.top + 1)
    plain = np.array([settled(claim, home, away) for home in goals for away in goals], dtype=np.int8)
    table = plain[_places(grid, claim.period)] if grid.halves else plain
    return np.ascontiguousarray(table[:, 0]), np.ascontiguousarray(table[:, 1])
