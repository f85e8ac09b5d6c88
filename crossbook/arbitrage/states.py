"""The states of the world that a set of claims can tell apart.

A claim's payoff depends on few things (who won, the margin, the count), so thousands of scores fall into a few dozen
states. They are found by settling every claim in every score and keeping one score of each different outcome.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from functools import lru_cache
from itertools import combinations
from math import ceil, comb, floor

import numpy as np
from numpy.typing import NDArray

from crossbook.base.errors import BadData
from crossbook.model.claim import Claim, Kind, Period
from crossbook.model.quote import Contest, Quote
from crossbook.model.result import Finish, Resolution, Result, Score
from crossbook.model.settlement import Settlement, settle

_HOME, _AWAY, _MARGIN, _SUM = (1, 0), (0, 1), (1, -1), (1, 1)
_SIZES = (6, 10, 14, 18, 26, 34, 42)
"""Grids are made in these sizes only, so that what is settled on them is found again."""
_MOST_STATES = 200_000
_MOST_FINISHES = 20_000
_DEAD_HEATS_UP_TO = 24
_PARTS = ((Period.FIRST_HALF,), (Period.SECOND_HALF,), (Period.FULL_TIME, Period.OVERTIME))
_HALVES = frozenset({Period.FIRST_HALF, Period.SECOND_HALF})
_BY_SUM = frozenset({Kind.TOTAL, Kind.EXACT_TOTAL, Kind.ODD_EVEN})
_NEAR_A_CROSSING = 3
_LARGEST_COUNT = 1_000


_known_settlements: list[Settlement] = []
_codes: dict[Settlement, int] = {}


class States:
    """The collapsed states of some claims of one space.

    `results` holds one result for each state. `won` and `refunded` are arrays of shape (claims, states) in the
    order of `claims`; `codes` names each settlement for `settlement_of`, which has it exactly.
    """

    def __init__(self, claims: Sequence[Claim], settled: Settled) -> None:
        results = settled.results
        self.claims = tuple(claims)
        self.place = {claim: place for place, claim in enumerate(self.claims)}
        codes = np.stack([settled.codes(claim) for claim in self.claims])
        first = _different_columns(codes)
        self.results = tuple(results[place] for place in first)
        self.codes: tuple[tuple[int, ...], ...] = tuple(map(tuple, codes[:, first].tolist()))
        shares = np.array(_known_settlements, dtype=np.float64)[codes[:, first]]
        self.won: NDArray[np.float64] = shares[:, :, 0]
        self.refunded: NDArray[np.float64] = shares[:, :, 1]


def _different_columns(codes: NDArray[np.uint16]) -> NDArray[np.intp]:
    """The places of the first of each different column, in order.

    Columns are told apart by a 64-bit mix of their codes, and then compared in full.
    """
    weights = np.random.default_rng(len(codes)).integers(1, 2**63, len(codes), dtype=np.uint64) | np.uint64(1)
    mixed = (codes * weights[:, None]).sum(axis=0, dtype=np.uint64)
    _, first, same = np.unique(mixed, return_index=True, return_inverse=True)
    if not np.array_equal(codes, codes[:, first[same]]):
        _, first = np.unique(codes, axis=1, return_index=True)
    first.sort()
    return first


def _code(settlement: Settlement) -> int:
    code = _codes.setdefault(settlement, len(_known_settlements))
    if code == len(_known_settlements):
        _known_settlements.append(settlement)
    return code


def settlement_of(code: int) -> Settlement:
    """The settlement that a code of `States.codes` stands for."""
    return _known_settlements[code]


class Settled:
    """Claims settled in each of some results, each different count once, and remembered."""

    def __init__(self, results: Sequence[Result]) -> None:
        self.results = results
        self._groups: dict[Period, tuple[list[Result], NDArray[np.intp]]] = {}
        self._codes: dict[Claim, NDArray[np.uint16]] = {}

    def codes(self, claim: Claim) -> NDArray[np.uint16]:
        """The code of the claim's settlement in each result."""
        found = self._codes.get(claim)
        if found is None:
            different, places = self._of(claim.period)
            found = self._codes[claim] = np.array(
                [_code(settle(claim, one)) for one in different], np.uint16
            )[places]
        return found

    def _of(self, period: Period) -> tuple[list[Result], NDArray[np.intp]]:
        if period not in self._groups:
            number: dict[object, int] = {}
            different: list[Result] = []
            places = []
            for result in self.results:
                count = result.of(period) if isinstance(result, Score) else result
                if number.setdefault(count, len(number)) == len(different):
                    different.append(result)
                places.append(number[count])
            self._groups[period] = different, np.array(places)
        return self._groups[period]


@lru_cache(maxsize=512)
def states_of(claims: frozenset[Claim], contest: Contest | None = None, level: bool = True) -> States:
    """The states that these claims of one space can tell apart; without `level`, scores that end level are none.

    Raises BadData when the claims are of different spaces, or when there are too many states to look at.
    """
    if len({claim.space for claim in claims}) != 1:
        raise BadData("claims: states are made for claims of one space")
    ordered = sorted(claims, key=lambda claim: (claim.market, claim.line or 0, claim.selection))
    first = ordered[0]
    if first.kind in (Kind.WINNER, Kind.PLACE):
        if len({claim.kind for claim in claims}) > 1:
            raise BadData(f"subject: {first.subject!r} is both a win and a place market")
        return States(ordered, Settled(list(_finishes(claims, contest))))
    if first.kind is Kind.CONTRACT:
        return States(ordered, Settled([Resolution(1), Resolution(0), Resolution(1, 2)]))
    scores = _scores(ordered)
    return States(ordered, scores if level else _decided(scores))


def _decided(scores: Settled) -> Settled:
    return Settled([one for one in scores.results if isinstance(one, Score) and one.home != one.away])


def _scores(claims: Sequence[Claim]) -> Settled:
    """Scores that show every joint settlement of the claims."""
    if any(claim.period in _HALVES for claim in claims):
        return _halves(claims)
    reach = _reach(claims)
    if all(claim.kind in _BY_SUM for claim in claims):
        return _sums(2 * reach)
    top = next((size for size in _SIZES if size >= reach), None)
    return _grid(top) if top else Settled(list(_crossings(claims)))


def _reach(claims: Iterable[Claim]) -> int:
    """How far both counts have to go to show every joint settlement of these claims; 0 where there are none.

    Claims change at a margin, at a sum, or at one side's count. Let m, s and t be the greatest of each. Regions that
    only margins and sums cut out have a score within (s + m) / 2 of nothing; one side's count may then have to make
    up a whole sum or margin alone.
    """
    margin = total = side = parity = 0
    for claim in claims:
        furthest = _furthest(claim)
        parity |= claim.kind is Kind.ODD_EVEN
        for direction in _directions(claim):
            if direction == _SUM:
                total = max(total, furthest)
            elif direction == _MARGIN:
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
        return ceil(abs(claim.line))
    if claim.kind in (Kind.CORRECT_SCORE, Kind.EXACT_TOTAL):
        furthest = max(int(number) for number in re.findall(r"\d+", claim.selection))
        if furthest <= _LARGEST_COUNT:
            return max(1, furthest)
        raise BadData(f"selection: {claim.selection!r} counts further than can be looked at")
    return 1


@lru_cache(maxsize=16)
def _grid(top: int) -> Settled:
    return Settled([Score(home, away) for home, away in _square(top)])


@lru_cache(maxsize=16)
def _sums(top: int) -> Settled:
    return Settled([Score(count, 0) for count in range(top + 1)])


def _halves(claims: Sequence[Claim]) -> Settled:
    """Both halves: each shows what its own claims ask for, and then undoes the other to show what the whole does."""
    first, second, whole = (
        _reach(claim for claim in claims if claim.period in periods) for periods in _PARTS
    )
    if second:
        first, second = first + whole, first + second + whole
    else:
        second = first + whole
    if ((first + 1) * (second + 1)) ** 2 > _MOST_STATES:
        raise BadData("line: too far for halves and the whole match to be looked at together")
    return _two_halves(first, second)


@lru_cache(maxsize=16)
def _two_halves(first: int, second: int) -> Settled:
    return Settled(
        [
            Score(home + more_home, away + more_away, home, away)
            for home, away in _square(first)
            for more_home, more_away in _square(second)
        ]
    )


def _square(top: int) -> Iterator[tuple[int, int]]:
    return ((home, away) for home in range(top + 1) for away in range(top + 1))


def _crossings(claims: Sequence[Claim]) -> Iterator[Score]:
    """Scores around every crossing of two lines at which claims change, for sports with high scores.

    The lines run along the axes and the diagonals, so every region between them begins at such a crossing.
    """
    lines = {(1, 0, 0), (0, 1, 0), (1, -1, 0)}
    for claim in claims:
        lines |= {(x, y, count) for x, y in _directions(claim) for count in _changes(claim)}
    found: set[tuple[int, int]] = set()
    around = range(-_NEAR_A_CROSSING, _NEAR_A_CROSSING + 1)
    for (a, b, c), (d, e, f) in combinations(sorted(lines), 2):
        determinant = a * e - b * d
        if determinant:
            home, away = (c * e - b * f) // determinant, (a * f - c * d) // determinant
            found.update((home + x, away + y) for x in around for y in around)
        if len(found) > _MOST_STATES:
            raise BadData("line: too many lines to look at all states between them")
    return (Score(home, away) for home, away in sorted(found) if home >= 0 and away >= 0)


def _directions(claim: Claim) -> tuple[tuple[int, int], ...]:
    """The (x, y) of the lines x home + y away = count at which a claim changes."""
    if claim.kind in _BY_SUM:
        return (_SUM,)
    if claim.kind is Kind.TEAM_TOTAL_HOME:
        return (_HOME,)
    if claim.kind is Kind.TEAM_TOTAL_AWAY:
        return (_AWAY,)
    if claim.kind in (Kind.BOTH_TEAMS_TO_SCORE, Kind.CORRECT_SCORE):
        return _HOME, _AWAY
    return (_HOME, _AWAY, _MARGIN) if claim.kind is Kind.WIN_TO_NIL else (_MARGIN,)


def _changes(claim: Claim) -> set[int]:
    """The whole counts next to which a claim changes."""
    if claim.line is None:
        return {0, 1, _furthest(claim)}
    count = -claim.line if claim.kind in (Kind.ASIAN_HANDICAP, Kind.EUROPEAN_HANDICAP) else claim.line
    return {floor(count), ceil(count)}


def _finishes(claims: frozenset[Claim], contest: Contest | None) -> Iterator[Finish]:
    """Who may have won, or been placed. Where others may, any number of the places may be theirs."""
    runners = contest.runners if contest else ()
    listed = sorted({*runners, *(claim.selection for claim in claims)})
    places = contest.places if contest else 1
    complete = contest is not None and contest.complete and set(listed) == set(runners)
    least = places if complete else 0
    most = min(places, len(listed))
    number = sum(comb(len(listed), count) for count in range(least, most + 1))
    if (complete and places >= len(listed)) or number > _MOST_FINISHES:
        raise BadData(f"runners: {places} places of {len(listed)} runners cannot be looked at")
    for count in range(least, most + 1):
        yield from (Finish(frozenset(placed), places) for placed in combinations(listed, count))
    if places == 1 and len(listed) <= _DEAD_HEATS_UP_TO:
        yield from (Finish(frozenset(pair)) for pair in combinations(listed, 2))


def gross_coefficients(odds: Fraction, lay: bool) -> tuple[Fraction, Fraction, Fraction]:
    """Coefficients (a, b, c) of the gross return per unit at risk: a × won share + b × refunded share + c.

    A layer risks odds − 1 to win the backer's stake: with k = 1 / (odds − 1), the return is 1 + k − won (1 + k) −
    refunded k.
    """
    if not lay:
        return odds, Fraction(1), Fraction(0)
    k = 1 / (odds - 1)
    return -(1 + k), -k, 1 + k


def gross_returns(quotes: Sequence[Quote], states: States) -> NDArray[np.float64]:
    """Gross returns per unit at risk in floating point, before commission; shape (quotes, states)."""
    places = [states.place[quote.claim] for quote in quotes]
    ranks = np.array([quote.rank for quote in quotes])
    lay, odds = ranks < 0, np.abs(ranks)
    k = np.divide(1.0, odds - 1.0, out=np.zeros_like(odds), where=lay)
    won = np.where(lay, -(1 + k), odds)
    refunded = np.where(lay, -k, 1.0)
    fixed = np.where(lay, 1 + k, 0.0)
    gross: NDArray[np.float64] = (
        won[:, None] * states.won[places] + refunded[:, None] * states.refunded[places] + fixed[:, None]
    )
    return gross
