"""Likelihood: how likely every score is, as near to two Poisson counts as the fair chances of all markets allow.

Fair chances of single markets say what their own claims are worth. What two lines pay together, or how often a line
is refunded, needs a chance for every score.

Of all distributions that fit the fair chances, the one nearest to a *prior* in relative entropy is taken (S. Kullback,
"Information Theory and Statistics", 1959): prior × exp(θ · f), where f(score) = won − chance × (1 − refunded) of each
claim has to be zero on average. The prior are independent Poisson counts of the two sides (M. J. Maher, "Modelling
association football scores", Statistica Neerlandica 36, 1982) at the rates which fit best. As prices are never of one
mind, the averages need only be near zero: a penalty on θ stands for their error.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from itertools import product
from math import lgamma
from typing import Final

import numpy as np
from numpy.typing import NDArray

from crossbook.arbitrage.consensus import FairChance
from crossbook.arbitrage.settled import SettledScores, shares_of
from crossbook.model.claim import Claim, Kind, Period

_TOP: Final = 16
"""Goals of a side that are looked at; what is beyond has no weight that prices could show."""
_ERROR: Final = 0.01
"""How far from a fair chance an average may well be: about what careful books differ by."""
_STEPS: Final = 60
_CLOSE: Final = 1e-10
_RATES: Final = np.linspace(0.2, 4.2, 41)

Floats = NDArray[np.float64]


class Likelihood:
    """The chance of every score of regulation up to sixteen goals a side, in floating point."""

    def __init__(self, chances: Floats) -> None:
        self.chances = chances

    def shares(self, claim: Claim) -> tuple[float, float] | None:
        """The expected won and refunded shares of a claim; None where it is not decided by goals in regulation."""
        if not decided_by_goals(claim):
            return None
        won, refunded = shares_of(_grid().codes(claim))
        return float(won @ self.chances), float(refunded @ self.chances)

    def codes(self, claim: Claim) -> NDArray[np.uint16]:
        """The claim's settlement in every score, as codes."""
        return _grid().codes(claim)


def decided_by_goals(claim: Claim) -> bool:
    """Whether a claim is decided by the goals of regulation alone."""
    return (
        claim.space == _SPACE
        and claim.period is Period.FULL_TIME
        and claim.kind is not Kind.HALF_TIME_FULL_TIME
    )


def likelihood_of(fair: Iterable[FairChance]) -> Likelihood | None:
    """The likelihood that fits these fair chances; None where they do not say both who wins and how many goals fall.

    Claims that are not decided by the goals of regulation are passed over.
    """
    known = [one for one in fair if decided_by_goals(one.claim)]
    kinds = {one.claim.kind for one in known}
    if not kinds & _WHO_WINS or not kinds & _HOW_MANY:
        return None
    features = np.stack([_feature(one) for one in known])
    prior = _best_prior(features)
    return Likelihood(_tilted(prior, features))


_SPACE: Final = Claim.of(Kind.MATCH_RESULT, "home").space
_WHO_WINS: Final = frozenset({Kind.MATCH_RESULT, Kind.ASIAN_HANDICAP, Kind.DOUBLE_CHANCE, Kind.DRAW_NO_BET})
_HOW_MANY: Final = frozenset({Kind.TOTAL, Kind.EXACT_TOTAL, Kind.CORRECT_SCORE, Kind.BOTH_TEAMS_TO_SCORE})


@lru_cache(maxsize=1)
def _grid() -> SettledScores:
    return SettledScores(np.array(list(product(range(_TOP + 1), repeat=2)), np.int64))


def _feature(one: FairChance) -> Floats:
    won, refunded = shares_of(_grid().codes(one.claim))
    feature: Floats = won - one.chance * (1 - refunded)
    return feature


def _best_prior(features: Floats) -> Floats:
    """Two Poisson counts at the rates that leave the least squares of averages; rates on a grid of tenths."""
    table = _poisson()
    misses = np.einsum(
        "fha,ih,ja->ijf", features.reshape(-1, _TOP + 1, _TOP + 1), table, table, optimize=True
    )
    home, away = np.unravel_index(int((misses**2).sum(axis=2).argmin()), misses.shape[:2])
    prior: Floats = np.outer(table[home], table[away]).reshape(-1)
    return prior


@lru_cache(maxsize=1)
def _poisson() -> Floats:
    counts = np.arange(_TOP + 1)
    logs = counts * np.log(_RATES)[:, None] - _RATES[:, None] - np.array([lgamma(one + 1) for one in counts])
    table = np.exp(logs)
    normalised: Floats = table / table.sum(axis=1, keepdims=True)
    return normalised


def _tilted(prior: Floats, features: Floats) -> Floats:
    """Prior × exp(θ · f) at the θ that minimises log Σ prior exp(θ · f) + ½ error² |θ|², by Newton's steps."""
    logs = np.log(prior)
    theta = np.zeros(len(features))
    best, chances = _value(theta, logs, features)
    for _ in range(_STEPS):
        mean = features @ chances
        gradient = mean + _ERROR**2 * theta
        if np.abs(gradient).max() < _CLOSE:
            break
        curvature = (features * chances) @ features.T - np.outer(mean, mean)
        curvature[np.diag_indices(len(theta))] += _ERROR**2
        step = np.linalg.solve(curvature, gradient)
        length = 1.0
        while True:
            value, moved = _value(theta - length * step, logs, features)
            if value <= best or length < _CLOSE:
                break
            length /= 2
        theta, best, chances = theta - length * step, value, moved
    return chances


def _value(theta: Floats, logs: Floats, features: Floats) -> tuple[float, Floats]:
    scores = logs + theta @ features
    top = float(scores.max())
    weights = np.exp(scores - top)
    total = float(weights.sum())
    return top + float(np.log(total)) + _ERROR**2 * float(theta @ theta) / 2, weights / total
