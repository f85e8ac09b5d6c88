"""Views: how many goals of each side the prices of several desks expect together, and what that says of any claim.

A view is two Poisson counts with draws made likelier or less likely by one factor (after M. J. Maher, "Modelling
association football scores", Statistica Neerlandica 36, 1982, and M. J. Dixon and S. G. Coles, Applied Statistics 46,
1997). It is looked for on a grid, by the least sum of distances in log-odds, so that a minority of wrong markets has
no say; then by a few weighted steps around the best place.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from functools import lru_cache
from itertools import product
from math import lgamma
from statistics import median
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from crossbook.arbitrage.screening.opinions import Board, Opinion, logit
from crossbook.arbitrage.settled import SettledScores, shares_of
from crossbook.model.claim import GOALS, Claim, Kind, Period

Floats = NDArray[np.float64]

BY_GOALS: Final = frozenset(
    {
        Kind.MATCH_RESULT,
        Kind.DRAW_NO_BET,
        Kind.ASIAN_HANDICAP,
        Kind.EUROPEAN_HANDICAP,
        Kind.TOTAL,
        Kind.TEAM_TOTAL_HOME,
        Kind.TEAM_TOTAL_AWAY,
        Kind.BOTH_TEAMS_TO_SCORE,
    }
)
"""Kinds that a view can be fitted to."""
_WHO_WINS: Final = frozenset({Kind.MATCH_RESULT, Kind.DRAW_NO_BET, Kind.ASIAN_HANDICAP})
_HOW_MANY: Final = frozenset(
    {Kind.TOTAL, Kind.TEAM_TOTAL_HOME, Kind.TEAM_TOTAL_AWAY, Kind.BOTH_TEAMS_TO_SCORE}
)
_FEWEST: Final = 3
_TOP: Final = 14
_RATES: Final = np.exp(np.linspace(np.log(0.12), np.log(5.0), 38))
_DRAWS: Final = np.array([0.85, 1.0, 1.15, 1.3])
_SHAPE: Final = (len(_DRAWS), len(_RATES), len(_RATES))
_STEPS: Final = 4
_MISFIT: Final = 0.10
"""A view whose markets are farther from it in the middle explains nothing: a match under way, say."""
_LEAST: Final = 1e-4


class Heard(NamedTuple):
    """What several desks hold of one claim: the median of their log-odds, and how many they are."""

    claim: Claim
    logit: float
    desks: int


class View:
    """One period's expected goals, as prices tell them; chances are of winning where nothing is refunded."""

    def __init__(self, place: tuple[int, int, int], shift: Floats, misfit: float) -> None:
        self._place = place
        self._shift = shift
        self.misfit = misfit
        """The median distance of the markets it was fitted to."""

    def expects(self, claim: Claim) -> float:
        """The log-odds of a claim on this view, whatever the claim's own period is."""
        base, slopes = _around(_whole(claim), self._place)
        return float(base + slopes @ self._shift)

    @property
    def goals(self) -> float:
        """The goals of both sides that it expects."""
        _, home, away = self._place
        _, more_home, more_away = self._shift
        step = np.log(_RATES[1] / _RATES[0])
        return float(_RATES[home] * np.exp(more_home * step) + _RATES[away] * np.exp(more_away * step))


def heard(
    opinions: Mapping[Board, Mapping[str, Opinion]],
    period: Period,
    without: str | None = None,
    least: int = 2,
) -> list[Heard]:
    """What at least so many desks, one left out, hold of each claim of a period that goals decide."""
    found = []
    for (kind, (when, subject), quarters), venues in opinions.items():
        if kind not in BY_GOALS or when is not period or subject != GOALS:
            continue
        desks: dict[str, dict[str, float]] = {}
        for one in venues.values():
            if one.desk != without and one.whole:
                desks.setdefault(one.desk, dict(one.chances))
        if len(desks) < least:
            continue
        for selection in _told_by(kind):
            middle = median(logit(chances[selection]) for chances in desks.values())
            found.append(Heard(_claim(kind, selection, quarters), middle, len(desks)))
    return found


def view_of(told: list[Heard]) -> View | None:
    """The view that fits best; None where it is not told who wins and how many goals fall, or nothing fits."""
    kinds = {one.claim.kind for one in told}
    if not kinds & _WHO_WINS or not kinds & _HOW_MANY or len(told) < _FEWEST:
        return None
    wanted = np.array([one.logit for one in told])
    weights = np.array([min(one.desks, 3) for one in told], np.float64)
    cost = np.zeros(len(_DRAWS) * len(_RATES) ** 2)
    for one, weight in zip(told, weights, strict=True):
        cost += weight * np.abs(_table(one.claim).reshape(-1) - one.logit)
    draw, home, away = (int(one) for one in np.unravel_index(int(cost.argmin()), _SHAPE))
    place = (draw, home, away)
    parts = [_around(one.claim, place) for one in told]
    base = np.array([level for level, _ in parts])
    slopes = np.stack([slope for _, slope in parts])
    shift = np.zeros(3)
    for _ in range(_STEPS):
        left = wanted - base - slopes @ shift
        bent = weights / np.maximum(np.abs(left), 0.02)
        square = (slopes * bent[:, None]).T @ slopes + np.diag([2.0, 0.05, 0.05])
        shift = np.clip(shift + np.linalg.solve(square, (slopes * bent[:, None]).T @ left), -1.5, 1.5)
    misfit = float(np.median(np.abs(wanted - base - slopes @ shift)))
    return View(place, shift, misfit) if misfit <= _MISFIT else None


def _told_by(kind: Kind) -> tuple[str, ...]:
    if kind in (Kind.MATCH_RESULT, Kind.EUROPEAN_HANDICAP):
        return ("home", "away")
    if kind in (Kind.DRAW_NO_BET, Kind.ASIAN_HANDICAP):
        return ("home",)
    return ("yes",) if kind is Kind.BOTH_TEAMS_TO_SCORE else ("over",)


@lru_cache(maxsize=2048)
def _claim(kind: Kind, selection: str, quarters: int) -> Claim:
    with_line = kind not in (Kind.MATCH_RESULT, Kind.DRAW_NO_BET, Kind.BOTH_TEAMS_TO_SCORE)
    return Claim.of(kind, selection, Fraction(quarters, 4) if with_line else None)


def _whole(claim: Claim) -> Claim:
    """The same claim on the count of the whole match."""
    return claim if claim.period is Period.FULL_TIME else Claim.of(claim.kind, claim.selection, claim.line)


@lru_cache(maxsize=1)
def _scores() -> tuple[SettledScores, Floats]:
    """All scores, and their chances for each draw factor, home rate and away rate."""
    scores = np.array(list(product(range(_TOP + 1), repeat=2)), np.int64)
    counts = np.arange(_TOP + 1)
    logs = counts * np.log(_RATES)[:, None] - _RATES[:, None] - np.array([lgamma(one + 1) for one in counts])
    one_side = np.exp(logs)
    both = np.einsum("ih,ja->ijha", one_side, one_side).reshape(len(_RATES) ** 2, -1)
    level = scores[:, 0] == scores[:, 1]
    every = np.stack([both * np.where(level, factor, 1.0) for factor in _DRAWS])
    return SettledScores(scores), every / every.sum(axis=-1, keepdims=True)


@lru_cache(maxsize=256)
def _table(claim: Claim) -> Floats:
    """The log-odds of a claim for each draw factor, home rate and away rate."""
    settled, chances = _scores()
    won, refunded = shares_of(settled.codes(claim))
    wins, back = chances @ won, chances @ refunded
    inside = np.clip(wins / np.maximum(1 - back, _LEAST), _LEAST, 1 - _LEAST)
    table: Floats = np.log(inside / (1 - inside)).reshape(_SHAPE)
    return table


def _around(claim: Claim, place: tuple[int, int, int]) -> tuple[float, Floats]:
    """A claim's log-odds at a place of the grid, and what a step along each axis adds."""
    table = _table(claim)
    slopes = np.zeros(3)
    for axis in range(3):
        low, high = list(place), list(place)
        low[axis] = max(0, place[axis] - 1)
        high[axis] = min(_SHAPE[axis] - 1, place[axis] + 1)
        slopes[axis] = (table[tuple(high)] - table[tuple(low)]) / (high[axis] - low[axis])
    return float(table[place]), slopes
