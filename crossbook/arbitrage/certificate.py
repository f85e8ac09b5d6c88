"""Proofs that there is no arbitrage, for many events at once.

Backing prices against nature is a matrix game: we choose shares of a unit over instruments, nature chooses a state.
If nature has a mixture of states (state prices) under which no instrument returns more than it costs, no combination
of any number of instruments can be an arbitrage. The mixture is the certificate. It is *found* by a simplex that
walks all games of a batch in step, in floating point; it is *checked* by one matrix product, which does not care how
it was found. What is not certified is left to the exact path.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]

CLEARED: Final = 1 - 1e-9
"""A bound above this is not certified: the exact path decides."""
_PIVOTS_PER_LINE = 4
_NOTHING = 1e-11
_LARGEST_BATCH = 4_000_000
"""Payoffs (games × instruments × states) that are looked at together."""


class Games(NamedTuple):
    """What is known of a batch of games. Rows of `prices` and `shares` add up to one.

    `prices` (games, states) is nature's mixture, `shares` (games, instruments) ours. `bound` (games) is the most any
    instrument returns under the prices, so no plan whatever guarantees more; where the walk ended, ours does.
    """

    prices: NDArray[np.float64]
    shares: NDArray[np.float64]
    bound: NDArray[np.float64]

    @property
    def certified(self) -> NDArray[np.bool_]:
        """Which games surely have no arbitrage."""
        cleared: NDArray[np.bool_] = self.bound <= CLEARED
        return cleared


class Mixtures(NamedTuple):
    """What is known of one game: nature's `prices` of states, our `shares` of instruments, and the `bound`."""

    prices: Floats
    shares: Floats
    bound: float


class Solver(NamedTuple):
    """A way to solve games of the same states: gross returns per unit at risk, each (instruments, states).

    `most_payoffs` is how large (instruments × states) a game may be before other ways are sooner done.
    """

    solve: Callable[[Sequence[Floats]], list[Mixtures]]
    most_payoffs: int


def walk_all(games: Sequence[Floats]) -> list[Mixtures]:
    """Solve games of the same states, those of like size in step."""
    found: dict[int, Mixtures] = {}
    for places in _batches([len(game) for game in games], games[0].shape[1] if games else 0):
        padded = np.zeros((len(places), len(games[places[0]]), games[0].shape[1]))
        for row, place in enumerate(places):
            padded[row, : len(games[place])] = games[place]
        played = play(padded)
        for row, place in enumerate(places):
            shares = played.shares[row, : len(games[place])]
            found[place] = Mixtures(played.prices[row], shares, float(played.bound[row]))
    return [found[place] for place in range(len(games))]


def walk_one(game: Floats) -> Mixtures:
    """Solve one game."""
    return walk_all([game])[0]


WALK: Final = Solver(walk_all, 50_000)
"""The walk in numpy: always there."""


def _batches(sizes: Sequence[int], states: int) -> Iterator[list[int]]:
    """Places of games, those of like size together, so that padding them to one shape costs little."""
    batch: list[int] = []
    for place in sorted(range(len(sizes)), key=lambda place: -sizes[place]):
        if batch and (len(batch) + 1) * sizes[batch[0]] * states > _LARGEST_BATCH:
            yield batch
            batch = []
        batch.append(place)
    if batch:
        yield batch


def play(payoffs: NDArray[np.float64]) -> Games:
    """Solve a batch of games and certify what can be certified.

    `payoffs` has shape (games, instruments, states) and holds gross returns per unit at risk, padded with zero rows.
    """
    prices, shares = _walk(payoffs)
    expected = np.matmul(payoffs, prices[:, :, None])[:, :, 0]
    return Games(prices, shares, expected.max(axis=1))


def _walk(payoffs: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Both sides' optimal mixtures.

    Each game is the linear programme: maximise the sum of u ≥ 0 while (payoffs + 1) u ≤ 1, in a condensed tableau
    with Dantzig's rule (shifting all payoffs by one keeps it bounded and starts it feasible). Variables are labelled
    by their state, or by −1 − instrument for the slack of an instrument. Games that do not finish keep their last
    mixtures, which certify nothing they should not.
    """
    games, instruments, states = payoffs.shape
    table = np.empty((games, instruments + 1, states + 1))
    table[:, :instruments, :states] = payoffs + 1.0
    table[:, :instruments, states] = 1.0
    table[:, instruments, :states] = -1.0
    table[:, instruments, states] = 0.0
    walk = _Walk(table, np.arange(games), -1 - np.arange(instruments), np.arange(states))
    prices, shares = np.zeros((games, states)), np.zeros((games, instruments))
    for _ in range(_PIVOTS_PER_LINE * (instruments + states)):
        going = walk.entering_gain() < -_NOTHING
        if not going.all():
            walk.part(~going).write(prices, shares)
            walk = walk.part(going)
        if not len(walk.games):
            break
        walk.pivot()
    walk.write(prices, shares)
    return _normalised(prices), _normalised(shares)


def _normalised(mixture: NDArray[np.float64]) -> NDArray[np.float64]:
    total = mixture.sum(axis=1, keepdims=True)
    parts: NDArray[np.float64] = np.where(
        total > 0, mixture / np.maximum(total, 1e-300), 1 / mixture.shape[1]
    )
    return parts


class _Walk:
    """The tableaux of games that walk in step."""

    def __init__(
        self,
        table: NDArray[np.float64],
        games: NDArray[np.intp],
        basic: NDArray[np.intp],
        free: NDArray[np.intp],
    ) -> None:
        self.table = table
        self.games = games
        self.basic = np.broadcast_to(basic, (len(games), basic.shape[-1])).copy()
        self.free = np.broadcast_to(free, (len(games), free.shape[-1])).copy()

    def part(self, chosen: NDArray[np.bool_]) -> _Walk:
        """Only the chosen games."""
        return _Walk(self.table[chosen], self.games[chosen], self.basic[chosen], self.free[chosen])

    def entering_gain(self) -> NDArray[np.float64]:
        """The best reduced cost of each game; not below zero where the game is solved."""
        gains: NDArray[np.float64] = self.table[:, -1, :-1].min(axis=1)
        return gains

    def pivot(self) -> None:
        """Exchange one basic and one free variable in every game."""
        rows = np.arange(len(self.games))
        entering = self.table[:, -1, :-1].argmin(axis=1)
        column = self.table[rows, :, entering]
        with np.errstate(divide="ignore", invalid="ignore"):
            ratios = np.where(column[:, :-1] > _NOTHING, self.table[:, :-1, -1] / column[:, :-1], np.inf)
        leaving = ratios.argmin(axis=1)
        pivot = column[rows, leaving]
        line = self.table[rows, leaving, :] / pivot[:, None]
        self.table -= column[:, :, None] * line[:, None, :]
        self.table[rows, :, entering] = -column / pivot[:, None]
        self.table[rows, leaving, :] = line
        self.table[rows, leaving, entering] = 1 / pivot
        self.basic[rows, leaving], self.free[rows, entering] = (
            self.free[rows, entering],
            self.basic[rows, leaving],
        )

    def write(self, prices: NDArray[np.float64], shares: NDArray[np.float64]) -> None:
        """Write the values of basic states into `prices` and the duals of slack instruments into `shares`."""
        game, row = np.nonzero(self.basic >= 0)
        prices[self.games[game], self.basic[game, row]] = np.maximum(self.table[game, row, -1], 0.0)
        game, place = np.nonzero(self.free < 0)
        shares[self.games[game], -1 - self.free[game, place]] = np.maximum(self.table[game, -1, place], 0.0)
