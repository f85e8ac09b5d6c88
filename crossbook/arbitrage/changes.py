"""Where claims change: the counts at which a claim begins to pay something else, and how far one has to look.

Every claim on a score looks along a few directions (home, away, margin, sum) and pays the same between two counts at
which it changes. So it is settled once in each piece of a direction, whatever the number of scores.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Final, TypeAlias

from crossbook.base.errors import BadData
from crossbook.model.claim import Claim, Kind, Period

Direction: TypeAlias = tuple[int, int]
"""(x, y): what is looked at is x × home + y × away."""

HOME: Final[Direction] = (1, 0)
AWAY: Final[Direction] = (0, 1)
MARGIN: Final[Direction] = (1, -1)
SUM: Final[Direction] = (1, 1)

Look: TypeAlias = str
"""What claims look at: a period, a kind that looks at more than one, or, in sets, what is counted."""

NOT_BY_COUNT: Final = frozenset({Kind.HALF_TIME_FULL_TIME, Kind.TO_QUALIFY})
"""Kinds that are not decided by the count of one period."""
BY_SUM: Final = frozenset({Kind.TOTAL, Kind.EXACT_TOTAL, Kind.ODD_EVEN})
_BY_MARGIN = frozenset({Kind.ASIAN_HANDICAP, Kind.EUROPEAN_HANDICAP})
_SIDES = {Kind.TEAM_TOTAL_HOME: HOME, Kind.TEAM_TOTAL_AWAY: AWAY}
_LARGEST_COUNT = 1_000
_ANY, _LEVEL = (1,), (0, 1)


@lru_cache(maxsize=4096)
def changes(claim: Claim) -> Mapping[Direction, tuple[int, ...]]:
    """For each direction, the counts from which on the claim may pay something else than one count before, in order.

    Odd and even change at every count: they are named with none. Raises BadData when a selection counts too far.
    """
    if claim.line is not None:
        # Handicaps are of the home side: the margin is counted from minus the line.
        quarters = -claim.quarters if claim.kind in _BY_MARGIN else claim.quarters
        first, last = -((1 - quarters) // 4), -((-2 - quarters) // 4)
        direction = MARGIN if claim.kind in _BY_MARGIN else _SIDES.get(claim.kind, SUM)
        return {direction: (first,) if first == last else (first, last)}
    if claim.kind in (Kind.CORRECT_SCORE, Kind.EXACT_TOTAL):
        return _spelled(claim)
    if claim.kind is Kind.ODD_EVEN:
        return {SUM: ()}
    if claim.kind is Kind.BOTH_TEAMS_TO_SCORE:
        return {HOME: _ANY, AWAY: _ANY}
    if claim.kind is Kind.WIN_TO_NIL:
        return {HOME: _ANY, AWAY: _ANY, MARGIN: _LEVEL}
    return {MARGIN: _LEVEL}


def look_of(claim: Claim) -> Period | Kind:
    """What a claim on a score looks at: the count of its period, or, for the kinds that need more, its kind."""
    return claim.kind if claim.kind in NOT_BY_COUNT else claim.period


def in_halves(claim: Claim) -> tuple[Claim, ...]:
    """The claims on counts of single periods that together see what this one sees: two where it looks at both."""
    if claim.kind is not Kind.HALF_TIME_FULL_TIME:
        return (claim,)
    half, end = claim.selection.split("/")
    return (
        Claim.of(Kind.MATCH_RESULT, half, None, Period.FIRST_HALF, claim.subject),
        Claim.of(Kind.MATCH_RESULT, end, None, Period.FULL_TIME, claim.subject),
    )


def _spelled(claim: Claim) -> Mapping[Direction, tuple[int, ...]]:
    counts = [int(number) for number in re.findall(r"\d+", claim.selection)]
    if max(counts) > _LARGEST_COUNT:
        raise BadData(f"selection: {claim.selection!r} counts further than can be looked at")
    if claim.kind is Kind.CORRECT_SCORE:
        home, away = counts
        return {HOME: (home, home + 1), AWAY: (away, away + 1)}
    return {SUM: (counts[0],) if claim.selection.endswith("+") else (counts[0], counts[-1] + 1)}


def reach_of(claims: Iterable[Claim]) -> int:
    """How far both counts have to go to show every joint settlement of these claims; 0 where there are none.

    Claims change at a margin, at a sum, or at one side's count. Let m, s and t be the greatest of each. Regions that
    only margins and sums cut out have a score within (s + m) / 2 of nothing; one side's count may then have to make
    up a whole sum or margin alone.
    """
    margin = total = side = parity = 0
    for claim in claims:
        furthest = _furthest(claim)
        parity |= claim.kind is Kind.ODD_EVEN
        for direction in changes(claim):
            if direction == SUM:
                total = max(total, furthest)
            elif direction == MARGIN:
                margin = max(margin, furthest)
            else:
                side = max(side, furthest)
    if not (margin or total or side):
        return 0
    alone = max(total, side + margin) if side else 0
    return max((total + margin + 1) // 2, margin, alone) + 2 + parity


def _furthest(claim: Claim) -> int:
    """The greatest count, margin or sum at which the claim changes, rounded up."""
    if claim.line is not None:
        return (abs(claim.quarters) + 3) // 4
    if claim.kind in (Kind.CORRECT_SCORE, Kind.EXACT_TOTAL):
        return max(1, *(int(number) for number in re.findall(r"\d+", claim.selection)))
    return 1


def all_changes(claims: Iterable[Claim]) -> dict[Direction, set[int]]:
    """The counts at which any of these claims changes, by direction."""
    found: dict[Direction, set[int]] = {}
    for claim in claims:
        for direction, counts in changes(claim).items():
            found.setdefault(direction, set()).update(counts)
    return found
