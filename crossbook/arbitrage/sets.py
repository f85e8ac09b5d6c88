"""Every way a match of sets can go that its claims can tell apart, set by set.

There are hundreds of thousands of ways to play five sets, and claims look at little of them: the sets won, the games
won where there are claims on games, and what a single set says to the claims on it. So after every set all ways that
agree in that are one way, and only so many go on.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from crossbook.arbitrage.changes import Look
from crossbook.arbitrage.course import Format
from crossbook.arbitrage.settled import SettledCounts, code_of
from crossbook.base.errors import BadData
from crossbook.model.claim import GAMES, SETS, SETS_WON, Claim, Period
from crossbook.model.result import Sets
from crossbook.model.settlement import settle

_WON_SETS: Final = (*((6, games) for games in range(5)), (7, 5), (7, 6))
_TENNIS: Final = tuple(score for won in _WON_SETS for score in (won, won[::-1]))
_TIE_BREAK: Final = ((1, 0), (0, 1))
"""A set that is a match tie-break, or whose games nobody counts."""
_EVERY: Final = (*_TIE_BREAK, *_TENNIS)
_MOST_WAYS = 300_000
_RADIX = 16
"""Sets are remembered as digits: the place in `_EVERY`, plus one."""

_Numbers = NDArray[np.int64]


class _Ways(NamedTuple):
    """Ways to have come so far: sets and games of each side, what single sets said, and one way to play them."""

    sets: _Numbers
    games: _Numbers
    said: _Numbers
    played: _Numbers

    def at(self, places: _Numbers | NDArray[np.intp]) -> _Ways:
        return _Ways(*(column[places] for column in self))


class SettledSets(SettledCounts):
    """Claims settled in every match of sets of this format that they can tell apart. Raises BadData for too many."""

    def __init__(self, claims: Sequence[Claim], form: Format) -> None:
        super().__init__()
        self._counts_games = any(claim.subject == GAMES and claim.period not in SETS for claim in claims)
        self._said = _said(claims, form)
        found = [(self._ways(most, form), most) for most in form.best_of]
        self._ways_played = _together([ways for ways, _ in found])
        self._most = np.concatenate([np.full(len(ways.sets), most) for ways, most in found])

    def __len__(self) -> int:
        return len(self._most)

    def result(self, place: int) -> Sets:
        """The match at this place."""
        played, digits = [], int(self._ways_played.played[place])
        while digits:
            digits, digit = divmod(digits, _RADIX + 1)
            played.append(_EVERY[digit - 1])
        return Sets(tuple(reversed(played)), int(self._most[place]))

    def look(self, claim: Claim) -> Look:
        """The single set, or the games or the sets of the whole match."""
        if claim.period in SETS:
            return claim.period
        return GAMES if claim.subject == GAMES else SETS_WON

    def _one_by_one(self, claim: Claim) -> bool:
        return claim.period in SETS

    def _counts(self, look: Look) -> _Numbers:
        if look == SETS_WON:
            return self._ways_played.sets
        if look == GAMES:
            return self._ways_played.games
        said = self._ways_played.said[:, SETS.index(Period(look))]
        return np.stack([said, np.zeros_like(said)], axis=1)

    def _ways(self, most: int, form: Format) -> _Ways:
        """All ways to play at most so many sets."""
        need = most // 2 + 1
        nothing, unsaid = np.zeros((1, 2), np.int64), np.zeros((1, len(SETS)), np.int64)
        ways = _Ways(nothing, nothing, unsaid, np.zeros(1, np.int64))
        ended = []
        for place in range(most):
            deciding = place == most - 1
            first = 0 if not form.games or (deciding and form.short) else len(_TIE_BREAK)
            last = len(_EVERY) if form.games else len(_TIE_BREAK)
            ways = self._after_set(ways, place, np.arange(first, last))
            done = (ways.sets == need).any(axis=1)
            ended.append(ways.at(np.flatnonzero(done)))
            ways = ways.at(np.flatnonzero(~done))
        return _together(ended)

    def _after_set(self, ways: _Ways, place: int, scores: _Numbers) -> _Ways:
        if len(ways.played) * len(scores) > _MOST_WAYS:
            raise BadData("period: too many single sets to be looked at together")
        before = ways.at(np.repeat(np.arange(len(ways.played)), len(scores)))
        score = np.tile(scores, len(ways.played))
        games = np.array(_EVERY, np.int64)[score]
        said = before.said.copy()
        if place < len(SETS):
            said[:, place] = self._said[place][score]
        after = _Ways(
            before.sets + (games > games[:, ::-1]),
            before.games + games if self._counts_games else before.games,
            said,
            before.played * (_RADIX + 1) + score + 1,
        )
        keys = np.zeros(len(score), np.int64)
        for column in (*after.sets.T, *after.games.T, *after.said.T):
            keys = keys * (int(column.max()) + 1) + column
        return after.at(np.unique(keys, return_index=True)[1])


def _said(claims: Sequence[Claim], form: Format) -> list[_Numbers]:
    """For each set, what each score of it says to the claims on it: scores that say the same have one number.

    0 is for a set that was not played.
    """
    found = []
    for place, period in enumerate(SETS):
        some = [claim for claim in claims if claim.period is period]
        before = ((0, 0),) * place
        number: dict[tuple[int, ...], int] = {}
        said = []
        for score in _EVERY:
            codes = tuple(code_of(settle(claim, Sets((*before, score), max(form.best_of)))) for claim in some)
            said.append(number.setdefault(codes, len(number) + 1) if some else 0)
        found.append(np.array(said, np.int64))
    return found


def _together(some: Sequence[_Ways]) -> _Ways:
    return _Ways(*(np.concatenate(columns) for columns in zip(*some, strict=True)))
