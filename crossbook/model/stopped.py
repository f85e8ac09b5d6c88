"""What is decided when a match stops: bets that no way of playing on could settle otherwise.

Counts only grow, so for a score every kind of claim has a plain answer. A match of sets can be played on in few enough
ways to look at all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import Final

from crossbook.model.claim import GAMES, HALVES, SETS, Claim, Kind, Period
from crossbook.model.result import Score, Sets
from crossbook.model.settlement import LOST, WON, Settlement, settle

_Count = tuple[int, int]


def decided(claim: Claim, stop: Score | Sets) -> Settlement | None:
    """What the claim pays however play had gone on from the stop; None where that is open.

    A score without a half-time count stopped in the first half. Raises BadData where the stop cannot decide the claim.

    >>> decided(Claim.of(Kind.BOTH_TEAMS_TO_SCORE, "yes"), Score(2, 1)) == WON
    True
    """
    if isinstance(stop, Sets):
        return _decided_by_sets(claim, stop)
    if claim.kind is Kind.TO_QUALIFY:
        return None
    first = None if stop.half_home is None or stop.half_away is None else (stop.half_home, stop.half_away)
    if claim.kind is Kind.HALF_TIME_FULL_TIME:
        if first is None:
            return None
        half = claim.selection.split("/")[0]
        return None if half == _leader(*first) else LOST
    if claim.period is Period.FIRST_HALF and first is not None:
        return settle(claim, stop)
    if claim.period is Period.SECOND_HALF:
        if first is None:
            return None
        return _by_count(claim, stop.home - first[0], stop.away - first[1])
    return _by_count(claim, stop.home, stop.away)


def _leader(home: int, away: int) -> str:
    return "home" if home > away else "away" if away > home else "draw"


def _by_count(claim: Claim, home: int, away: int) -> Settlement | None:
    rule = _GROWING.get(claim.kind)
    return rule(claim, home, away) if rule is not None else None


def _over_under(claim: Claim, count: int) -> Settlement | None:
    """Decided once the count is half a goal or more above the line; below it more may always come."""
    if 4 * count - claim.quarters < 2:
        return None
    return WON if claim.selection == "over" else LOST


def _correct_score(claim: Claim, home: int, away: int) -> Settlement | None:
    wanted = [int(part) for part in claim.selection.split("-")]
    return LOST if home > wanted[0] or away > wanted[1] else None


def _exact_total(claim: Claim, home: int, away: int) -> Settlement | None:
    if claim.selection.endswith("+"):
        return WON if home + away >= int(claim.selection[:-1]) else None
    low, _, high = claim.selection.partition("-")
    return LOST if home + away > int(high or low) else None


def _both_score(claim: Claim, home: int, away: int) -> Settlement | None:
    if not (home and away):
        return None
    return WON if claim.selection == "yes" else LOST


def _win_to_nil(claim: Claim, home: int, away: int) -> Settlement | None:
    return LOST if (away if claim.selection == "home" else home) else None


_GROWING: Final[dict[Kind, Callable[[Claim, int, int], Settlement | None]]] = {
    Kind.TOTAL: lambda claim, home, away: _over_under(claim, home + away),
    Kind.TEAM_TOTAL_HOME: lambda claim, home, away: _over_under(claim, home),
    Kind.TEAM_TOTAL_AWAY: lambda claim, home, away: _over_under(claim, away),
    Kind.CORRECT_SCORE: _correct_score,
    Kind.EXACT_TOTAL: _exact_total,
    Kind.BOTH_TEAMS_TO_SCORE: _both_score,
    Kind.WIN_TO_NIL: _win_to_nil,
}
"""Kinds that more of a count can decide. What depends on who is ahead, or on odd and even, is open to the end."""


def stops(claims: Sequence[Claim]) -> Iterator[Score]:
    """Scores at which play may stop, one at least of every set of claims that can be decided at a stop.

    A claim is decided on one side of a line that is parallel to home = 0, away = 0 or home + away = 0. Wherever a
    region between such lines holds a score at all, one of its corners is one; corners are where two lines meet.
    """
    halves = any(claim.period in HALVES or claim.kind is Kind.HALF_TIME_FULL_TIME for claim in claims)
    scores = _corners([claim for claim in claims if claim.period not in HALVES])
    if not halves:
        yield from (Score(*score) for score in scores)
        return
    first = _corners([claim for claim in claims if claim.period is Period.FIRST_HALF])
    first = sorted({*first, (0, 0), (1, 0), (0, 1)})
    second = _corners([claim for claim in claims if claim.period is Period.SECOND_HALF])
    for score in sorted({*scores, *first}):
        yield Score(*score)
    for half in first:
        for late in {*second, *((home - half[0], away - half[1]) for home, away in scores)}:
            if late[0] >= 0 and late[1] >= 0:
                yield Score(half[0] + late[0], half[1] + late[1], *half)


def _corners(claims: Sequence[Claim]) -> list[_Count]:
    homes, aways, totals = {0}, {0}, {0}
    for claim in claims:
        line = max(0, -(-(claim.quarters + 2) // 4))
        if claim.kind is Kind.TOTAL:
            totals |= {line - 1, line}
        elif claim.kind is Kind.TEAM_TOTAL_HOME:
            homes |= {line - 1, line}
        elif claim.kind is Kind.TEAM_TOTAL_AWAY:
            aways |= {line - 1, line}
        elif claim.kind is Kind.CORRECT_SCORE:
            home, away = (int(part) for part in claim.selection.split("-"))
            homes |= {home, home + 1}
            aways |= {away, away + 1}
        elif claim.kind is Kind.EXACT_TOTAL:
            number = int(claim.selection.rstrip("+").split("-")[-1])
            totals |= {number - 1, number, number + 1}
        elif claim.kind in (Kind.BOTH_TEAMS_TO_SCORE, Kind.WIN_TO_NIL):
            homes |= {0, 1}
            aways |= {0, 1}
    found = {(home, away) for home in homes for away in aways}
    found |= {(home, total - home) for home in homes for total in totals}
    found |= {(total - away, away) for away in aways for total in totals}
    return sorted((home, away) for home, away in found if home >= 0 and away >= 0)


_WINNING: Final = (*((6, games) for games in range(5)), (7, 5), (7, 6))
_ENDS: Final = (*_WINNING, *((away, home) for home, away in _WINNING))


def is_finished(games: _Count) -> bool:
    """Whether a set of these games is over: six with two more than the other, seven against five or six, or 1:0.

    >>> is_finished((6, 5)), is_finished((7, 5)), is_finished((9, 7))
    (False, True, True)
    """
    more, fewer = max(games), min(games)
    return (more >= 6 and more - fewer >= 2) or (more, fewer) == (7, 6)


def finished_sets(match: Sets) -> int:
    """How many sets of a match that was given up were played to their end."""
    return len(match.sets) - (bool(match.sets) and not is_finished(match.sets[-1]))


def _set_ends(games: _Count) -> tuple[_Count, ...]:
    if is_finished(games):
        return (games,)
    return tuple(end for end in _ENDS if end[0] >= games[0] and end[1] >= games[1])


def _decided_by_sets(claim: Claim, stop: Sets) -> Settlement | None:
    counted = Claim.of(claim.kind, claim.selection, claim.line)
    found = {
        settle(counted, Score(*count)) for count in _counts_on(stop, claim.period, claim.subject == GAMES)
    }
    return found.pop() if len(found) == 1 else None


@lru_cache(maxsize=256)
def _counts_on(stop: Sets, period: Period, games: bool) -> frozenset[_Count]:
    """Every count of sets or games that the match, or one set of it, can still come to; none for a set to come."""
    if period in SETS:
        place = SETS.index(period)
        if place >= len(stop.sets):
            return frozenset()
        ends = _set_ends(stop.sets[place])
        return frozenset(end if games else (int(end[0] > end[1]), int(end[1] > end[0])) for end in ends)
    need = stop.best_of // 2 + 1
    ended: set[_Count] = set()
    going = {((0, 0), (0, 0))}
    for place in range(stop.best_of):
        after = set()
        for sets, count in going:
            for home, away in _set_ends(stop.sets[place]) if place < len(stop.sets) else _ENDS:
                won = (sets[0] + (home > away), sets[1] + (away > home))
                so_far = (count[0] + home, count[1] + away) if games else won
                if max(won) == need:
                    ended.add(so_far)
                else:
                    after.add((won, so_far))
        going = after
    return frozenset(ended)
