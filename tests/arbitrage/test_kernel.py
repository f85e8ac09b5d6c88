"""The compiled walk: its bound is the value, its shares reach it, and it ends whatever the game is like."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from crossbook.app.compiled import keep_compiled
from crossbook.arbitrage.certificate import CLEARED
from tests.arbitrage.games import near_break_even, random_game, value_of
from tests.arbitrage.worlds import Floats

keep_compiled()

from crossbook.arbitrage.watching import kernel  # noqa: E402
from crossbook.arbitrage.watching.arrays import solve_compiled  # noqa: E402


def check(game: Floats) -> None:
    """Whatever the game, the bound never lies below what a plan reaches; and here it is the value."""
    value = value_of(game)
    prices, shares, bound = solve_compiled(np.ascontiguousarray(game))
    assert (prices >= 0).all()
    assert (shares >= 0).all()
    assert prices.sum() == pytest.approx(1, abs=1e-9)
    assert shares.sum() == pytest.approx(1, abs=1e-9)
    assert bound >= value - 1e-9
    assert bound == pytest.approx(value, abs=1e-7)
    assert float((shares @ game).min()) == pytest.approx(value, abs=1e-7)
    assert not (bound <= CLEARED and value > 1)


@pytest.mark.parametrize("seed", range(3))
def test_games_of_every_manner(seed: int) -> None:
    rng = np.random.default_rng(seed)
    for _ in range(150):
        game = random_game(rng, int(rng.integers(1, 15)), int(rng.integers(1, 21)))
        check(near_break_even(rng, game) if rng.random() < 0.7 else game)


@given(
    st.tuples(st.integers(1, 8), st.integers(1, 8)).flatmap(
        lambda shape: arrays(
            np.float64, shape, elements=st.sampled_from([0, 0.5, 1, 1.05, 1.5, 2, 2.5, 3, 1000])
        )
    )
)
def test_degenerate_games(game: Floats) -> None:
    check(game)


def test_a_large_game() -> None:
    rng = np.random.default_rng(9)
    game = random_game(rng, 120, 60)
    check(near_break_even(rng, game))


def test_a_walk_that_is_cut_short_says_so_and_certifies_nothing_false() -> None:
    rng = np.random.default_rng(2)
    states = 12
    for _ in range(100):
        game = rng.uniform(0, 3, (10, states))
        prices, shares = np.empty(states), np.empty(10)
        table, labels = np.empty(kernel.room_for(10, states)), np.empty(10 + states, np.int64)
        assert kernel.walk(game, prices, shares, table, labels, 100)
        whole = float((game @ prices).max())
        assert not kernel.walk(game, prices, shares, table, labels, 0)
        assert float((game @ prices).max()) >= whole - 1e-9


def test_nothing_but_zeros() -> None:
    prices, _, bound = solve_compiled(np.zeros((2, 3)))
    assert bound == 0
    assert prices.sum() == pytest.approx(1)


def test_numbers_that_are_none_never_certify() -> None:
    game = np.full((2, 3), np.nan)
    assert not solve_compiled(game).bound <= CLEARED
