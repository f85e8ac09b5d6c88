"""Certificates: a game's bound is its value, its shares reach it, and none is certified that could be won."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from crossbook.arbitrage.certificate import play
from tests.arbitrage.games import (
    check_batch,
    check_certificates,
    near_break_even,
    random_game,
    value_by_prices,
    value_of,
)
from tests.arbitrage.worlds import Floats

BATCHES = 48


@pytest.mark.parametrize("seed", range(3))
def test_thousands_of_games_in_padded_batches(seed: int) -> None:
    check_certificates(BATCHES // 3, seed)


def test_the_judge_agrees_with_itself_from_both_sides() -> None:
    rng = np.random.default_rng(11)
    for _ in range(100):
        game = random_game(rng, int(rng.integers(2, 15)), int(rng.integers(2, 21)))
        assert value_of(game) == pytest.approx(value_by_prices(game), abs=1e-8)


@given(
    st.tuples(st.integers(2, 8), st.integers(2, 8)).flatmap(
        lambda shape: arrays(
            np.float64, shape, elements=st.sampled_from([0, 0.5, 1, 1.05, 1.5, 2, 2.5, 3, 100])
        )
    )
)
def test_degenerate_games_of_few_different_numbers(game: Floats) -> None:
    check_batch([game])


@given(st.integers(2, 14), st.integers(2, 20), st.integers(0, 2**32 - 1))
def test_games_near_break_even(instruments: int, states: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    check_batch([near_break_even(rng, random_game(rng, instruments, states))])


@given(st.integers(0, 2**32 - 1))
def test_doubled_instruments_and_states_change_no_value(seed: int) -> None:
    rng = np.random.default_rng(seed)
    game = random_game(rng, 5, 6)
    doubled = np.vstack([np.hstack([game, game]), np.hstack([game, game])])
    check_batch([doubled])
    assert float(play(doubled[None]).bound[0]) == pytest.approx(float(play(game[None]).bound[0]), abs=1e-9)


@pytest.mark.parametrize(
    ("margin", "certified"),
    [(-1e-4, True), (-1e-6, True), (0.0, False), (1e-9, False), (1e-6, False), (1e-4, False)],
)
def test_a_two_way_book_at_a_hair_from_break_even(margin: float, certified: bool) -> None:
    game = np.array([[2.0, 0.0], [0.0, 2.0]]) * (1 + margin)
    assert bool(play(game[None]).certified[0]) is certified


def test_a_game_among_padding_is_played_as_if_alone() -> None:
    rng = np.random.default_rng(5)
    games = [random_game(rng, count, 9) for count in range(2, 15)]
    check_batch(games)
    check_batch(games[::-1])


def test_an_instrument_that_pays_in_every_state_is_never_certified_away() -> None:
    game = np.array([[1.01, 1.01, 1.01], [0.0, 0.0, 9.0]])
    played = play(game[None])
    assert not played.certified[0]
    assert float(played.bound[0]) >= 1.01
