"""Random matrix games, single and in padded batches, and their values by scipy."""

from __future__ import annotations

import numpy as np
from scipy.optimize import linprog

from crossbook.arbitrage.certificate import play
from tests.arbitrage.worlds import Floats, best_guarantee

NEAR = (1e-4, 1e-5, 2e-6, 1e-7, 1e-8, 0.0)


def value_of(game: Floats) -> float:
    """The value of one game (instruments × states) to us, by our side's linear programme."""
    return best_guarantee(game)


def value_by_prices(game: Floats) -> float:
    """The same value by nature's side: the least bound that any mixture of states puts on every instrument."""
    instruments, states = game.shape
    answer = linprog(
        np.concatenate([np.zeros(states), [1.0]]),
        A_ub=np.hstack([game, -np.ones((instruments, 1))]),
        b_ub=np.zeros(instruments),
        A_eq=np.concatenate([np.ones(states), [0.0]])[None, :],
        b_eq=[1.0],
        bounds=[(0.0, None)] * states + [(None, None)],
        method="highs",
    )
    assert answer.fun is not None, answer.message
    return float(answer.fun)


def random_game(rng: np.random.Generator, instruments: int, states: int) -> Floats:
    """A game in one of several manners, from smooth to as degenerate as odds can be."""
    manner = rng.integers(6)
    if manner == 0:
        return rng.uniform(0, 4, (instruments, states))
    odds = np.round(rng.uniform(1.05, 9, (instruments, 1)), 2)
    wins = rng.random((instruments, states)) < rng.uniform(0.1, 0.8)
    game: Floats = wins * odds
    if manner == 2:  # refunds and half wins
        game = np.where(rng.random(game.shape) < 0.25, 1.0, game)
        game = np.where(rng.random(game.shape) < 0.15, (1 + odds) / 2, game)
    if manner == 3:  # states that pay alike, in other places
        game = game[:, rng.integers(0, states, states)]
    if manner == 4:  # one instrument again and again, and small whole numbers: ties everywhere
        game = np.round(game)[rng.integers(0, instruments, instruments)]
    if manner == 5:  # a partition: each state pays exactly one instrument
        owner = rng.integers(0, instruments, states)
        game = (owner[None, :] == np.arange(instruments)[:, None]) * odds
    return game


def near_break_even(rng: np.random.Generator, game: Floats) -> Floats:
    """The game scaled until its value lies within 1e-4 of one, on either side or right on it."""
    value = value_of(game)
    if value < 0.05:
        return game
    distance = rng.choice([1.0, -1.0]) * rng.choice(NEAR)
    scaled: Floats = game * ((1 + distance) / value)
    return scaled


def check_batch(games: list[Floats]) -> int:
    """Play games of one number of states together; every claim about each must hold. Returns how many are certified."""
    most = max(len(game) for game in games)
    padded = np.zeros((len(games), most, games[0].shape[1]))
    for place, game in enumerate(games):
        padded[place, : len(game)] = game
    played = play(padded)
    assert (played.prices >= 0).all()
    assert (played.shares >= 0).all()
    assert np.allclose(played.prices.sum(axis=1), 1, atol=1e-9)
    assert np.allclose(played.shares.sum(axis=1), 1, atol=1e-9)
    for place, game in enumerate(games):
        value, bound = value_of(game), float(played.bound[place])
        assert bound >= value - 1e-9, "no bound may lie below what a plan reaches"
        assert bound == max(padded[place] @ played.prices[place]), "the bound is what its prices say"
        assert abs(bound - value) <= 1e-7, f"bound {bound} is not the value {value}"
        reached = float((played.shares[place] @ padded[place]).min())
        assert abs(reached - value) <= 1e-7, f"shares reach {reached}, not the value {value}"
        certified = bool(played.certified[place])
        assert not (certified and value > 1), f"certified at {value}"
        assert certified or value > 1 - 1e-6, f"a sure loss is not certified at {value}"
    return int(played.certified.sum())


def check_certificates(batches: int = 10, seed: int = 7) -> None:
    """Batches of forty games of every manner, most of them near break-even."""
    rng = np.random.default_rng(seed)
    certified = 0
    for _ in range(batches):
        states = int(rng.integers(2, 21))
        games = [random_game(rng, int(rng.integers(2, 15)), states) for _ in range(40)]
        certified += check_batch(
            [near_break_even(rng, game) if rng.random() < 0.7 else game for game in games]
        )
    assert 0.2 < certified / (40 * batches) < 0.9, "both sides of break-even should be well visited"
