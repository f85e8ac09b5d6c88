"""The states of the world that a set of claims can tell apart.

A claim's payoff depends on few things (who won, the margin, the count), so thousands of scores fall into a few dozen
states. They are found by settling every claim in every score and keeping one score of each different outcome.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from functools import lru_cache
from itertools import chain, combinations
from math import comb

import numpy as np
from numpy.typing import NDArray

from crossbook.base.errors import BadData
from crossbook.model.claim import Claim, Kind, Period
from crossbook.model.quote import Contest, Quote
from crossbook.model.result import Finish, Resolution, Result, Score
from crossbook.model.settlement import Settlement, settle

_GRID = 10
"""Counts up to here on each side cover every football line quoted; larger lines widen the grid."""
_HALF_GRID = 5
_FULL_GRID_UP_TO = 12
_MOST_STATES = 20_000
_DEAD_HEATS_UP_TO = 24
_HALVES = frozenset({Period.FIRST_HALF, Period.SECOND_HALF})
_BY_SUM = frozenset({Kind.TOTAL, Kind.EXACT_TOTAL, Kind.ODD_EVEN})
_BY_MARGIN_AND_SUM = _BY_SUM | {
    Kind.MATCH_RESULT,
    Kind.DOUBLE_CHANCE,
    Kind.DRAW_NO_BET,
    Kind.MONEYLINE,
    Kind.ASIAN_HANDICAP,
    Kind.EUROPEAN_HANDICAP,
}


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
        _, first = np.unique(codes, axis=1, return_index=True)
        first.sort()
        self.results = tuple(results[place] for place in first)
        self.codes: tuple[tuple[int, ...], ...] = tuple(map(tuple, codes[:, first].tolist()))
        shares = np.array(_known_settlements, dtype=np.float64)[codes[:, first]]
        self.won: NDArray[np.float64] = shares[:, :, 0]
        self.refunded: NDArray[np.float64] = shares[:, :, 1]


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
        self._codes: dict[Claim, NDArray[np.intp]] = {}

    def codes(self, claim: Claim) -> NDArray[np.intp]:
        """The code of the claim's settlement in each result."""
        found = self._codes.get(claim)
        if found is None:
            different, places = self._of(claim.period)
            found = self._codes[claim] = np.array([_code(settle(claim, one)) for one in different])[places]
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
def states_of(claims: frozenset[Claim], contest: Contest | None = None) -> States:
    """The states that these claims of one space can tell apart.

    Raises BadData when the claims are of different spaces, or when there are too many states to look at.
    """
    if len({claim.space for claim in claims}) != 1:
        raise BadData("claims: states are made for claims of one space")
    ordered = sorted(claims, key=lambda claim: (claim.market, claim.line or 0, claim.selection))
    first = ordered[0]
    if first.kind in (Kind.WINNER, Kind.PLACE):
        return States(ordered, Settled(list(_finishes(claims, contest))))
    if first.kind is Kind.CONTRACT:
        return States(ordered, Settled([Resolution(1), Resolution(0), Resolution(1, 2)]))
    return States(ordered, _scores(ordered))


def _scores(claims: Sequence[Claim]) -> Settled:
    kinds = {claim.kind for claim in claims}
    largest = max((abs(int(claim.line)) + 1 for claim in claims if claim.line is not None), default=0)
    if any(claim.period in _HALVES for claim in claims):
        return _halves(max(_HALF_GRID, min(largest, 2 * _HALF_GRID)))
    if kinds <= _BY_SUM:
        return _sums(max(2 * _GRID, largest + 2))
    if largest <= _FULL_GRID_UP_TO:
        return _grid(max(_GRID, largest + 1))
    if kinds <= _BY_MARGIN_AND_SUM:
        return Settled(list(_turning_points(claims)))
    if (largest + 2) ** 2 <= _MOST_STATES:
        return _grid(largest + 1)
    raise BadData(f"line: {largest} needs more states than can be looked at")


@lru_cache(maxsize=16)
def _grid(top: int) -> Settled:
    return Settled([Score(home, away) for home, away in _square(top)])


@lru_cache(maxsize=16)
def _sums(top: int) -> Settled:
    return Settled([Score(count, 0) for count in range(top)])


@lru_cache(maxsize=16)
def _halves(top: int) -> Settled:
    return Settled(
        [
            Score(home + more_home, away + more_away, home, away)
            for home, away in _square(top)
            for more_home, more_away in _square(top)
        ]
    )


def _square(top: int) -> Iterator[tuple[int, int]]:
    return ((home, away) for home in range(top + 1) for away in range(top + 1))


def _turning_points(claims: Sequence[Claim]) -> Iterator[Score]:
    """Scores around every margin and sum at which some claim changes, for sports with high scores."""
    margins: set[int] = set(range(-2, 3))
    sums: set[int] = set()
    for claim in claims:
        if claim.line is None:
            continue
        near = range(int(claim.line) - 3, int(claim.line) + 4)
        if claim.kind is Kind.TOTAL:
            sums.update(count for count in near if count >= 0)
        else:
            margins.update(-count for count in near)
    high = max(chain(sums, (abs(margin) for margin in margins))) + 2
    sums.update((high, high + 1))
    for margin in sorted(margins):
        for total in sorted(sums):
            if total >= abs(margin) and (total - margin) % 2 == 0:
                yield Score((total + margin) // 2, (total - margin) // 2)


def _finishes(claims: frozenset[Claim], contest: Contest | None) -> Iterator[Finish]:
    runners = contest.runners if contest else ()
    listed = sorted({*runners, *(claim.selection for claim in claims)})
    places = contest.places if contest else 1
    if places >= len(listed) or comb(len(listed), places) > _MOST_STATES:
        raise BadData(f"runners: {places} places of {len(listed)} runners cannot be looked at")
    if contest is None or not contest.complete or set(listed) != set(runners):
        yield Finish(frozenset(), places)
    yield from (Finish(frozenset(placed), places) for placed in combinations(listed, places))
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
