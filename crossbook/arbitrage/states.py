"""The states of the world that a set of claims can tell apart.

A claim's payoff depends on few things (who won, the margin, the count), so thousands of scores fall into a few dozen
states. They are found by settling every claim in every score and keeping one score of each different outcome.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from fractions import Fraction
from functools import cached_property, lru_cache
from itertools import combinations
from math import comb

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
    reach_of,
)
from crossbook.arbitrage.settled import Settled, SettledScores, shares_of
from crossbook.base.errors import BadData
from crossbook.model.claim import Claim, Kind, Period
from crossbook.model.quote import Contest, Quote
from crossbook.model.result import Finish, Resolution

_SIZES = (6, 10, 14, 18, 26, 34, 42)
"""Grids are made in these sizes only, so that what is settled on them is found again."""
_MOST_SCORES = 200_000
_MOST_SETTLED = 8_000_000
"""Claims × results that are settled for one event."""
_MOST_AROUND = 500_000
"""Scores around the crossings of lines, or runners × ways to finish, that are looked at."""
_MOST_FINISHES = 20_000
_DEAD_HEATS_UP_TO = 24
_PARTS = ((Period.FIRST_HALF,), (Period.SECOND_HALF,), (Period.FULL_TIME, Period.OVERTIME))
_HALVES = frozenset({Period.FIRST_HALF, Period.SECOND_HALF})
_NEAR_A_CROSSING = 3
_MANY = 60
"""Of sets of more claims than this fewer are remembered: their states fill megabytes."""


class States:
    """The collapsed states of some claims of one space.

    `results` holds one result for each state. `won`, `refunded` and `codes` are arrays of shape (claims, states) in
    the order of `claims`; a code names the settlement for `settlement_of`, which has it exactly.
    """

    def __init__(self, claims: Sequence[Claim], settled: Settled) -> None:
        if settled.work(claims) > _MOST_SETTLED:
            raise BadData(
                f"line: {len(claims)} claims in {len(settled)} results are too many to look at together"
            )
        self.claims = tuple(claims)
        self.place = {claim: place for place, claim in enumerate(self.claims)}
        places = settled.different(claims)
        self.results = tuple(settled.result(place) for place in places.tolist())
        self.codes: NDArray[np.uint16] = settled.codes_at(claims, places)

    @cached_property
    def won(self) -> NDArray[np.float64]:
        """The won share of each claim in each state."""
        return shares_of(self.codes)[0]

    @cached_property
    def refunded(self) -> NDArray[np.float64]:
        """The refunded share of each claim in each state."""
        return shares_of(self.codes)[1]


def states_of(claims: frozenset[Claim], contest: Contest | None = None, level: bool = True) -> States:
    """The states that these claims of one space can tell apart; without `level`, scores that end level are none.

    Raises BadData when the claims are of different spaces, or when there are too many states to look at.
    """
    remembered = _states_of_many if len(claims) > _MANY else _states_of_few
    return remembered(claims, contest, level)


@lru_cache(maxsize=512)
def _states_of_few(claims: frozenset[Claim], contest: Contest | None, level: bool) -> States:
    return _states(claims, contest, level)


@lru_cache(maxsize=64)
def _states_of_many(claims: frozenset[Claim], contest: Contest | None, level: bool) -> States:
    return _states(claims, contest, level)


def _states(claims: frozenset[Claim], contest: Contest | None, level: bool) -> States:
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
    return States(ordered, _scores(ordered, level))


def _scores(claims: Sequence[Claim], level: bool) -> SettledScores:
    """Scores that show every joint settlement of the claims."""
    periods = {claim.period for claim in claims}
    if periods & _HALVES:
        return _one_half(claims, level, *periods) if len(periods) == 1 else _halves(claims, level)
    reach = reach_of(claims)
    if all(claim.kind in BY_SUM for claim in claims):
        return _sums(2 * reach, level)
    top = next((size for size in _SIZES if size >= reach), None)
    return _grid(top, level) if top else _settled(_far_scores(claims), level)


def _settled(scores: Sequence[Sequence[int]] | NDArray[np.int64], level: bool) -> SettledScores:
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


def _far_scores(claims: Sequence[Claim]) -> Sequence[Sequence[int]] | NDArray[np.int64]:
    """Scores in every region between the lines at which claims change, for sports with high scores."""
    lines = all_changes(claims)
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


def _crossings(changes: Mapping[Direction, Collection[int]]) -> NDArray[np.int64]:
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


def _finishes(claims: frozenset[Claim], contest: Contest | None) -> Iterator[Finish]:
    """Who may have won, or been placed. Where others may, any number of the places may be theirs."""
    runners = contest.runners if contest else ()
    listed = sorted({*runners, *(claim.selection for claim in claims)})
    places = contest.places if contest else 1
    complete = contest is not None and contest.complete and set(listed) == set(runners)
    least = places if complete else 0
    most = min(places, len(listed))
    number = sum(comb(len(listed), count) for count in range(least, most + 1))
    too_many = number > _MOST_FINISHES or number * len(claims) > _MOST_AROUND
    if (complete and places >= len(listed)) or too_many:
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
    # What each quote returns in each settlement there is, and then, state by state, in the one of its claim.
    kinds = int(states.codes.max()) + 1
    shares_won, shares_refunded = shares_of(np.arange(kinds, dtype=np.uint16))
    returns = won[:, None] * shares_won + refunded[:, None] * shares_refunded + fixed[:, None]
    gross: NDArray[np.float64] = returns[np.arange(len(quotes))[:, None], states.codes[places]]
    return gross
