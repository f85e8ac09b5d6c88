"""The last word in whole numbers: a plan that never loses and sometimes wins, or the proof that there is none."""

from __future__ import annotations

import random
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossbook.arbitrage import no_loss
from crossbook.arbitrage.no_loss import surely_no_loss
from crossbook.base.errors import BadData
from tests.arbitrage.watched import most_without_loss

Table = list[list[int]]


def check(profits: Table) -> bool:
    """Against scipy, which is sure about small whole numbers; returns whether there is a plan."""
    shares = surely_no_loss(profits)
    most = most_without_loss(1.0 + np.array(profits, dtype=np.float64))
    assert (shares is not None) == (most > 1e-7), most
    if shares is None:
        return False
    assert sum(shares) == 1
    assert min(shares) >= 0
    sums = [
        sum(share * row[state] for share, row in zip(shares, profits, strict=True))
        for state in range(len(profits[0]))
    ]
    assert min(sums) >= 0
    assert max(sums) > 0
    return True


@given(
    st.tuples(st.integers(1, 6), st.integers(1, 6)).flatmap(
        lambda shape: st.lists(
            st.lists(st.integers(-2, 2), min_size=shape[1], max_size=shape[1]),
            min_size=shape[0],
            max_size=shape[0],
        )
    )
)
def test_small_whole_numbers(profits: Table) -> None:
    check(profits)


def test_both_answers_on_games_that_break_even() -> None:
    rng = random.Random(1)
    found = [check(_level(rng)) for _ in range(150)]
    assert 10 < sum(found) < 130


def _level(rng: random.Random) -> Table:
    """A game that some mixture of states makes level, and, sometimes, a state that the mixture leaves out."""
    states = rng.randint(2, 6)
    weights = [rng.randint(1, 3) for _ in range(states)]
    profits = []
    for _ in range(rng.randint(2, 6)):
        row = [rng.randint(-2, 2) * weights[-1] for _ in range(states - 1)]
        surplus = sum(weight * each for weight, each in zip(weights, row, strict=False))
        profits.append([*row, -surplus // weights[-1]])
    if rng.random() < 0.5:
        profits = [[*row, rng.randint(-2, 2)] for row in profits]
    return profits


def test_many_states_and_instruments_are_told_only_as_they_are_missed() -> None:
    rng = random.Random(3)
    found = []
    for _ in range(12):
        states = rng.randint(100, 300)
        profits = [
            [rng.choice((-3, -1, 0, 0, 1, 4)) for _ in range(states)] for _ in range(rng.randint(3, 9))
        ]
        pairs = [[-each for each in row] for row in profits]
        if rng.random() < 0.5:  # won a little in some states, and never lost, if taken with its opposite
            pairs[-1] = [each + (rng.random() < 0.1) for each in pairs[-1]]
        table = [*profits, *pairs]
        whole = check(table)
        weights = [rng.randint(1, 10**6) for _ in range(states)]
        assert (surely_no_loss(table, weights, [0]) is not None) == whole
        found.append(whole)
    assert set(found) == {True, False}


def test_far_digits_decide() -> None:
    great = 10**40
    assert surely_no_loss([[great, -great], [-great, great]]) is None
    assert surely_no_loss([[great + 1, -great], [-great, great]]) is not None
    assert surely_no_loss([[great - 1, -great], [-great, great]]) is None


def test_a_refund_in_one_state_and_a_win_in_the_other() -> None:
    assert surely_no_loss([[0, 1]]) == [Fraction(1)]
    assert surely_no_loss([[0, 0]]) is None


def test_what_is_too_large_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(no_loss, "_MOST_WORK", 50)
    with pytest.raises(BadData, match="too many to settle in whole numbers"):
        surely_no_loss([[row + column for column in range(9)] for row in range(9)])


def test_the_careful_rule_comes_to_the_same_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(no_loss, "_STEEPEST_UP_TO", 0)
    rng = random.Random(7)
    assert {check(_level(rng)) for _ in range(60)} == {True, False}
