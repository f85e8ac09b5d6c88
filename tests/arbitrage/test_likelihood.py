"""Likelihood: it finds the rates that made the prices, keeps to every market, and does not say what it cannot know."""

from __future__ import annotations

from itertools import product
from math import exp, factorial

import numpy as np
import pytest

from crossbook.arbitrage.consensus import FairChance
from crossbook.arbitrage.likelihood import Likelihood, decided_by_goals, likelihood_of
from crossbook.model.claim import Claim, Kind, Period
from crossbook.model.result import Score
from crossbook.model.settlement import settle
from tests.arbitrage.worlds import AWAY, BTTS_YES, DRAW, HOME, Floats, ah, claim, total

TOP = 16
SCORES = list(product(range(TOP + 1), repeat=2))
MARKETS = [
    HOME, DRAW, AWAY, total("over", "2.5"), total("over", "3"), total("under", "2.25"),
    ah("home", "-0.75"), ah("away", "-1"), BTTS_YES,
]  # fmt: skip


def poisson(home: float, away: float, draws: float = 1.0) -> Floats:
    """Two independent counts, level scores made likelier by a factor."""
    weights = np.array(
        [
            home**one
            / factorial(one)
            * away**other
            / factorial(other)
            * exp(-home - away)
            * (draws if one == other else 1)
            for one, other in SCORES
        ]
    )
    chances: Floats = weights / weights.sum()
    return chances


def shares(one: Claim, chances: Floats) -> tuple[float, float]:
    """Expected won and refunded shares, settled one score at a time."""
    won = refunded = 0.0
    for (home, away), chance in zip(SCORES, chances.tolist(), strict=True):
        settlement = settle(one, Score(home, away))
        won += chance * float(settlement.won)
        refunded += chance * float(settlement.refunded)
    return won, refunded


def fair(chances: Floats, markets: list[Claim]) -> list[FairChance]:
    told = []
    for one in markets:
        won, refunded = shares(one, chances)
        told.append(FairChance(one, won / (1 - refunded), ("x",), "made up"))
    return told


@pytest.mark.parametrize(("home", "away", "draws"), [(1.6, 1.1, 1.0), (2.4, 0.6, 1.0), (1.35, 1.25, 1.2)])
def test_it_comes_near_to_the_distribution_that_made_the_prices(
    home: float, away: float, draws: float
) -> None:
    truth = poisson(home, away, draws)
    found = likelihood_of(fair(truth, MARKETS))
    assert found is not None
    assert found.chances.sum() == pytest.approx(1)
    assert found.chances.min() >= 0
    for one in [*MARKETS, total("over", "1.5"), total("under", "4.5"), ah("home", "-1.5"), ah("home", "-2")]:
        told = found.shares(one)
        assert told is not None
        assert told == pytest.approx(shares(one, truth), abs=0.012), one


def test_it_keeps_to_the_fair_chances() -> None:
    told = fair(poisson(1.6, 1.1, 1.3), MARKETS)
    found = likelihood_of(told)
    assert found is not None
    for one in told:
        won, refunded = shares(one.claim, found.chances)
        assert won / (1 - refunded) == pytest.approx(one.chance, abs=2e-3), one.claim


def test_contradictions_are_met_halfway() -> None:
    told = [
        FairChance(HOME, 0.5, ("x",), ""),
        FairChance(total("over", "2.5"), 0.5, ("x",), ""),
        FairChance(total("over", "2.5"), 0.6, ("y",), ""),
    ]
    found = likelihood_of(told)
    assert found is not None
    won, _ = shares(total("over", "2.5"), found.chances)
    assert 0.53 < won < 0.57


def test_it_needs_to_know_who_wins_and_how_many_goals_fall() -> None:
    told = fair(poisson(1.6, 1.1), MARKETS)
    assert likelihood_of(told[:3]) is None
    assert likelihood_of(told[3:6]) is None
    assert likelihood_of(told[2:4]) is not None


def test_what_goals_in_regulation_do_not_decide() -> None:
    found = Likelihood(poisson(1, 1))
    half = claim(Kind.MATCH_RESULT, "home", period=Period.FIRST_HALF)
    corners = claim(Kind.TOTAL, "over", "9.5", subject="corners")
    later = claim(Kind.MONEYLINE, "home", period=Period.OVERTIME)
    for one in (half, corners, later):
        assert not decided_by_goals(one)
        assert found.shares(one) is None
