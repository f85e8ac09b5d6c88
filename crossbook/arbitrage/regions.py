"""Regions: what the scores of a state have in common, as bounds that a person can read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import combinations, product
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from crossbook.arbitrage.changes import AWAY, HOME, MARGIN, SUM, Direction, changes, reach_of
from crossbook.arbitrage.settled import SettledScores
from crossbook.arbitrage.states import States
from crossbook.model.claim import HALVES, Claim, Kind, Period
from crossbook.model.result import Result, Score

_BEYOND: Final = 3
_LARGEST: Final = 60
_MOST_BOUNDS: Final = 5
_ORDER: Final[tuple[Direction, ...]] = (MARGIN, SUM, HOME, AWAY)
_BY_COUNT: Final = frozenset(Kind) - {Kind.HALF_TIME_FULL_TIME, Kind.TO_QUALIFY}


class Range(msgspec.Struct, frozen=True):
    """What may be counted along one direction, from `least` to `most`; None where there is no end."""

    direction: Direction
    least: int | None
    most: int | None


class Region(msgspec.Struct, frozen=True):
    """The results of one state: exactly those within all `ranges`, where `exact`; else only the example is sure."""

    example: Result
    ranges: tuple[Range, ...]
    exact: bool


def regions_of(states: States) -> list[Region]:
    """A region for each state, in order; without ranges where results are no scores of one period, or count beyond 60.

    Of the counts at which the claims change, the fewest bounds that say exactly which scores they are; those on the
    margin and on the sum are tried before those on one side's count.
    """
    grid = _grid(states)
    if grid is None:
        return [Region(result, (), False) for result in states.results]
    counts, codes = grid
    found = []
    for place, result in enumerate(states.results):
        inside = (codes == states.codes[:, place][:, None]).all(axis=0)
        found.append(_region(result, counts, inside, states.claims))
    return found


def _grid(states: States) -> tuple[NDArray[np.int64], NDArray[np.uint16]] | None:
    """Scores that belong to some state, as counts of the claims' one period, and the claims' settlements in them."""
    periods = {claim.period for claim in states.claims}
    plain = all(isinstance(result, Score) for result in states.results)
    if not plain or len(periods) > 1 or not {claim.kind for claim in states.claims} <= _BY_COUNT:
        return None
    top = reach_of(states.claims) + _BEYOND
    if top > _LARGEST:
        return None
    counts = np.array(list(product(range(top + 1), repeat=2)), np.int64)
    rows = counts
    if periods & set(HALVES):
        rows = np.hstack([counts, counts if periods == {Period.FIRST_HALF} else np.zeros_like(counts)])
    settled = SettledScores(rows)
    codes = np.stack([settled.codes(claim) for claim in states.claims])
    known = set(map(tuple, states.codes.T.tolist()))
    here = np.array([tuple(column) in known for column in codes.T.tolist()], np.bool_)
    return counts[here], codes[:, here]


_Bound = tuple[Direction, bool, int]
"""Along a direction at least (True) or at most (False) so many."""


def _region(
    result: Result, counts: NDArray[np.int64], inside: NDArray[np.bool_], claims: Iterable[Claim]
) -> Region:
    bounds = list(_bounds(counts, inside, claims))
    for size in range(min(len(bounds), _MOST_BOUNDS) + 1):
        for some in combinations(bounds, size):
            if np.array_equal(_within(some, counts), inside):
                return Region(result, _ranges(some), True)
    return Region(result, (), False)


def _bounds(
    counts: NDArray[np.int64], inside: NDArray[np.bool_], claims: Iterable[Claim]
) -> Iterable[_Bound]:
    """The bounds at counts where some claim changes that hold for all scores inside, the tightest of each kind."""
    at: dict[Direction, set[int]] = {}
    for claim in claims:
        for direction, changing in changes(claim).items():
            at.setdefault(direction, set()).update(changing)
    for direction in _ORDER:
        along = (counts @ np.array(direction, np.int64))[inside]
        if not len(along):
            continue
        below = [count for count in at.get(direction, ()) if count <= along.min()]
        above = [count for count in at.get(direction, ()) if count > along.max()]
        if below:
            yield direction, True, max(below)
        if above:
            yield direction, False, min(above) - 1


def _within(bounds: Sequence[_Bound], counts: NDArray[np.int64]) -> NDArray[np.bool_]:
    held = np.ones(len(counts), np.bool_)
    for direction, least, count in bounds:
        along = counts @ np.array(direction, np.int64)
        held &= along >= count if least else along <= count
    return held


def _ranges(bounds: Sequence[_Bound]) -> tuple[Range, ...]:
    found = []
    for direction in _ORDER:
        ends = {least: count for each, least, count in bounds if each == direction}
        if ends:
            found.append(Range(direction, ends.get(True), ends.get(False)))
    return tuple(found)
