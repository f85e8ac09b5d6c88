from __future__ import annotations

from fractions import Fraction
from math import exp, factorial

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import skellam

from crossbook.sim.scores import MOST_GOALS, SCORES, SELECTIONS, Bet, grid, halves
from tests.sim.reading import settled

RATES = st.integers(400, 2600)
LINES = st.integers(-12, 12).map(lambda quarters: Fraction(quarters, 4))


@given(home=RATES, away=RATES)
def test_weights_are_the_poisson_probabilities_cut_off_and_scaled(home: int, away: int):
    scores = grid(home, away)
    terms = [
        [exp(-rate / 1000) * (rate / 1000) ** goals / factorial(goals) for goals in range(MOST_GOALS + 1)]
        for rate in (home, away)
    ]
    for (first, second), weight in zip(SCORES, scores.weights, strict=True):
        wanted = terms[0][first] / sum(terms[0]) * terms[1][second] / sum(terms[1])
        assert weight / scores.total == pytest.approx(wanted, rel=1e-9)


@given(line=LINES, market=st.sampled_from(sorted(SELECTIONS)))
def test_bets_settle_as_an_independent_reading_says(line: Fraction, market: str):
    for selection in SELECTIONS[market]:
        bet: Bet = (market, selection, line if market in ("total", "asian_handicap") else None)
        won, refunded = halves(bet)
        for place, (home, away) in enumerate(SCORES):
            wanted = settled(*bet, home, away)
            assert (Fraction(won[place], 2), Fraction(refunded[place], 2)) == wanted


@given(home=RATES, away=RATES, line=LINES)
def test_fair_odds_of_a_market_sum_to_one_hundred_percent(home: int, away: int, line: Fraction):
    for market, selections in SELECTIONS.items():
        bets: list[Bet] = [
            (market, each, line if market == "asian_handicap" else None) for each in selections
        ]
        if market == "total":
            bets = [(market, each, abs(line) + Fraction(1, 2)) for each in selections]
        assert sum(1 / grid(home, away).fair_odds(bet) for bet in bets) == 1


def test_fair_odds_agree_with_closed_forms_of_the_poisson_distribution():
    home_wins = 1 - skellam.cdf(0, 1.5, 1.0)
    assert float(grid(1500, 1000).fair_odds(("1x2", "home", None))) == pytest.approx(1 / home_wins, rel=1e-5)
    under = exp(-2.5) * (1 + 2.5 + 2.5**2 / 2)
    fair = grid(1500, 1000).fair_odds(("total", "under", Fraction(5, 2)))
    assert float(fair) == pytest.approx(1 / under, rel=1e-5)
