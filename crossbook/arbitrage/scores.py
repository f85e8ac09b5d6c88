"""The scores that show every joint settlement of some claims: of halves, regulation and overtime, as far as they go."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from crossbook.arbitrage.changes import (
    AWAY,
    BY_SUM,
    HOME,
    MARGIN,
    SUM,
    Direction,
    all_changes,
    in_halves,
    reach_of,
)
from crossbook.arbitrage.course import Course, Overtime
from crossbook.arbitrage.settled import SettledScores
from crossbook.base.errors import BadData
from crossbook.model.claim import GOALS, HALVES, Claim, Kind, Period

_SIZES = (6, 10, 14, 18, 26, 34, 42)
"""Grids are made in these sizes only, so that what is settled on them is found again."""
_MOST_SCORES = 200_000
_MOST_AROUND = 500_000
"""Scores around the crossings of lines that are looked at."""
_PARTS = ((Period.FIRST_HALF,), (Period.SECOND_HALF,), (Period.FULL_TIME, Period.OVERTIME))
_NEAR_A_CROSSING = 3
_DRAW = (0, 1)
"""The margins at which who leads changes."""

_Counts = NDArray[np.int64]


def scores_of(claims: Sequence[Claim], course: Course) -> SettledScores:
    """Scores that show every joint settlement of the claims in events that run like this, and no impossible one.

    Raises BadData when there are too many, or when halves and overtime would have to be looked at together.
    """
    final = [claim for claim in claims if claim.space.endswith("/final")]
    regulation = [claim for claim in claims if claim.space.endswith("/regulation")]
    if len(final) == len(claims):
        return _scores(claims, course.level or claims[0].subject != GOALS)
    if len(regulation) == len(claims):
        return _scores(claims, True)
    if not final and not regulation:
        return SettledScores(np.zeros((2, 2), np.int64), None, np.arange(2))
    after: _Counts | None = None
    if final:
        scores, after = _with_overtime(regulation, final, course)
    else:
        leading = [Claim.of(Kind.MATCH_RESULT, "draw", None, Period.FULL_TIME, claims[0].subject)]
        scores = _scores([*regulation, *leading], True).scores
    if len(final) + len(regulation) == len(claims):
        return SettledScores(scores, after)
    margins = np.sign((scores if after is None else after)[:, :2] @ np.array(MARGIN))
    goes_through = np.concatenate(
        [np.where(margins > 0, 0, 1), np.zeros(int((margins == 0).sum()), np.int64)]
    )
    every = np.concatenate([np.arange(len(scores)), np.flatnonzero(margins == 0)])
    return SettledScores(scores[every], None if after is None else after[every], goes_through)


def _scores(claims: Sequence[Claim], level: bool) -> SettledScores:
    claims = [one for claim in claims for one in in_halves(claim)]
    periods = {claim.period for claim in claims}
    if not periods.isdisjoint(HALVES):
        return _one_half(claims, level, *periods) if len(periods) == 1 else _halves(claims, level)
    reach = reach_of(claims)
    if all(claim.kind in BY_SUM for claim in claims):
        return _sums(2 * reach, level)
    top = next((size for size in _SIZES if size >= reach), None)
    return _grid(top, level) if top else _settled(between(all_changes(claims)), level)


def _settled(scores: Sequence[Sequence[int]] | _Counts, level: bool) -> SettledScores:
    rows = np.array(scores, np.int64)
    return SettledScores(rows if level else rows[rows[:, 0] != rows[:, 1]])


@lru_cache(maxsize=32)
def _grid(top: int, level: bool) -> SettledScores:
    return _settled(list(_square(top)), level)


@lru_cache(maxsize=32)
def _sums(top: int, level: bool) -> SettledScores:
    return _settled([(count, 0) for count in range(top + 1)], level)


def _one_half(claims: Sequence[Claim], level: bool, period: Period) -> SettledScores:
    """Scores for claims on one half alone: nothing happens in the other."""
    whole = [Claim.of(one.kind, one.selection, one.line, subject=one.subject) for one in claims]
    scores = _scores(whole, True).scores
    before = scores if period is Period.FIRST_HALF else np.zeros_like(scores)
    return _settled(np.hstack([scores, before]), level)


def _halves(claims: Sequence[Claim], level: bool) -> SettledScores:
    """Both halves: each shows what its own claims ask for, and then undoes the other to show what the whole does."""
    first, second, whole = (
        reach_of(claim for claim in claims if claim.period in periods) for periods in _PARTS
    )
    if second:
        first, second = first + whole, first + second + whole
    else:
        second = first + whole
    if ((first + 1) * (second + 1)) ** 2 > _MOST_SCORES:
        raise BadData("line: too far for halves and the whole match to be looked at together")
    return _two_halves(first, second, level)


@lru_cache(maxsize=16)
def _two_halves(first: int, second: int, level: bool) -> SettledScores:
    before, after = (np.array(list(_square(top)), np.int64) for top in (first, second))
    half = np.repeat(before, len(after), axis=0)
    return _settled(np.hstack([half + np.tile(after, (len(before), 1)), half]), level)


def _square(top: int) -> Iterator[tuple[int, int]]:
    return ((home, away) for home in range(top + 1) for away in range(top + 1))


def _with_overtime(
    regulation: Sequence[Claim], final: Sequence[Claim], course: Course
) -> tuple[_Counts, _Counts]:
    """Counts of regulation and of the end, row by row: the same where regulation is not level, and else no less.

    What overtime adds to k all is looked at like a match of its own, between lines that are k nearer.
    """
    if any(claim.kind is Kind.HALF_TIME_FULL_TIME or claim.period in HALVES for claim in regulation):
        raise BadData("period: halves and overtime are not looked at together")
    lines, after = all_changes(regulation), all_changes(final)
    every = {
        direction: {*lines.get(direction, ()), *after.get(direction, ())} for direction in (*lines, *after)
    }
    every[MARGIN] = {*every.get(MARGIN, ()), *_DRAW}
    told = np.array(between(every), np.int64)
    decided = told[told[:, 0] != told[:, 1]]
    ends, level = [decided], [decided]
    one_more = course.overtime is Overtime.NEXT_GOAL
    for count in _level_counts(every if one_more else lines):
        added = np.array(((1, 0), (0, 1)), np.int64) if one_more else _added(after, count, course)
        ends.append(count + added)
        level.append(np.full_like(added, count))
        if sum(map(len, ends)) > _MOST_SCORES:
            raise BadData("line: too many lines for regulation and overtime to be looked at together")
    return np.concatenate(level), np.concatenate(ends)


def _level_counts(lines: Mapping[Direction, Collection[int]]) -> list[int]:
    """Counts k so that k all shows what every level count shows: the first of each piece, and some beside."""
    found = {0}
    for direction, counts in lines.items():
        if direction != MARGIN:
            found |= {
                (count if direction != SUM else count // 2) + near for count in counts for near in (-1, 0, 1)
            }
    return sorted(count for count in found if count >= 0)


def _added(lines: Mapping[Direction, Collection[int]], count: int, course: Course) -> _Counts:
    nearer: dict[Direction, set[int]] = {MARGIN: {*lines.get(MARGIN, ()), *_DRAW}}
    for direction in (HOME, AWAY, SUM):
        some = {each - sum(direction) * count for each in lines.get(direction, ())}
        if any(each > 0 for each in some):
            nearer[direction] = {each for each in some if each > 0}
    added = np.array(between(nearer), np.int64)
    return added if course.overtime is Overtime.MAY_END_LEVEL else added[added[:, 0] != added[:, 1]]


def between(lines: Mapping[Direction, Collection[int]]) -> Sequence[Sequence[int]] | _Counts:
    """Scores in every region between the lines at which claims change, for sports with high scores.

    Raises BadData when there are too many.
    """
    if not lines.keys() <= {MARGIN, SUM}:
        return _crossings(lines)
    # A sum and a margin are a score where both are odd or both even and the margin is not the greater. So of each
    # piece between two changes, the two greatest sums and the two least margins are enough.
    margins = {count + near for count in lines.get(MARGIN, ()) for near in (-2, -1, 0, 1)} | {-1, 0, 1}
    sums = {count - near for count in lines.get(SUM, ()) for near in (1, 2)}
    beyond = max(*lines.get(SUM, ()), *map(abs, margins))
    sums |= {beyond, beyond + 1}
    if len(margins) * len(sums) > _MOST_AROUND:
        raise BadData("line: too many lines to look at all states between them")
    scores = {
        ((count + margin) // 2, (count - margin) // 2)
        for count in sums
        for margin in margins
        if abs(margin) <= count and not (count + margin) % 2
    }
    return sorted(scores)


def _crossings(changes: Mapping[Direction, Collection[int]]) -> _Counts:
    """Scores around every crossing of two lines at which claims change.

    The lines run along the axes and the diagonals, so every region between them begins at such a crossing.
    """
    lines = {
        direction: np.array(sorted({0, *changes.get(direction, ())}), np.int64)
        for direction in (HOME, AWAY, MARGIN, SUM)
    }
    around = np.arange(-_NEAR_A_CROSSING, _NEAR_A_CROSSING + 1)
    number = sum(len(one) * len(other) for one, other in combinations(lines.values(), 2))
    if number * len(around) ** 2 > _MOST_AROUND:
        raise BadData("line: too many lines to look at all states between them")
    found = []
    for ((a, b), first), ((d, e), second) in combinations(lines.items(), 2):
        determinant = a * e - b * d
        home = (first[:, None] * e - b * second) // determinant
        away = (a * second - first[:, None] * d) // determinant
        near = home[:, :, None, None] + around[:, None], away[:, :, None, None] + around
        found.append(np.stack(np.broadcast_arrays(*near), axis=-1).reshape(-1, 2))
    scores = np.concatenate(found)
    scores = scores[(scores >= 0).all(axis=1)]
    width = int(scores.max()) + 1
    return np.stack(np.divmod(np.unique(scores @ np.array((width, 1))), width), axis=1)
