"""The flat arrays that the kernels work on, and how they grow."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from crossbook.arbitrage.certificate import Floats, Mixtures, Solver
from crossbook.arbitrage.watching import kernel
from crossbook.arbitrage.watching.kernel import (
    BEST,
    COUNT,
    DIRTY,
    ENTRY,
    FIRST,
    FIRST_ROW,
    GAME,
    PLACE,
    ROWS,
    STATES,
    THRESHOLD,
    VENUE_BITS,
    WHERE,
    Whole,
)
from crossbook.arbitrage.watching.layout import Layout
from crossbook.base.errors import BadData

MOST_VENUES: Final = 1 << VENUE_BITS
_NOWHERE: Final = -1
_Item = TypeVar("_Item", bound=np.generic)


class Arrays:
    """Cells by row and venue, entries and games; `rows`, `used` and `number` say how many of each are in use.

    A row is one line of one game; the rows of an entry lie together. What the columns are stands in `kernel`.
    """

    def __init__(self, venues: int = 8) -> None:
        self.rows = self.used = self.number = 0
        self.cells: Floats = np.zeros((64, venues, 2))
        self.joins: Whole = np.zeros((64, 3), np.int64)
        self.entries: Floats = np.zeros((64, 4))
        self.games: Whole = np.zeros((16, 6), np.int64)
        self.waiting: Whole = np.zeros(17, np.int64)
        """How many games wait to be looked at, and then their numbers."""
        self.found: Whole = np.zeros(16, np.int64)
        """The numbers of the games that the last look did not clear, and the most that `bounds` says they guarantee."""
        self.bounds: Floats = np.zeros(16)
        self._payoffs: Floats = np.zeros((1024, 2))
        self._payoffs_used = 0
        self._places: dict[int, tuple[Layout, int]] = {}
        self._room: Floats = np.zeros(1024)
        self._labels: Whole = np.zeros(64, np.int64)

    def add_game(self, layout: Layout, game: int | None = None) -> tuple[int, int]:
        """Make room for a new game, or one in the place of another; returns its number and its first row."""
        count, states = layout.shape
        first_row, first = self.rows, self.used
        self.rows, self.used = first_row + len(layout.lines), first + count
        self.cells, self.joins = _grown(self.cells, self.rows), _grown(self.joins, self.rows)
        self.entries = _grown(self.entries, self.used)
        if game is None:
            game = self.number
            self.number += 1
            self.games, self.found = _grown(self.games, self.number), _grown(self.found, self.number)
            self.bounds = _grown(self.bounds, self.number)
            self.waiting = _grown(self.waiting, self.number + 1)
        self.joins[first_row : self.rows, ENTRY] = first + layout.entry_of
        starts = np.searchsorted(layout.entry_of, np.arange(count + 1))
        self.joins[first : self.used, FIRST_ROW] = first_row + starts[:-1]
        self.joins[first : self.used, ROWS] = np.diff(starts)
        self.entries[first : self.used, [BEST, THRESHOLD]] = 0.0, -1.0
        self.entries.view(np.int64)[first : self.used, [WHERE, GAME]] = _NOWHERE, game
        self.games[game, [FIRST, COUNT, STATES, PLACE]] = first, count, states, self._place(layout)
        # The payoffs, the tableau and both mixtures.
        self._room = _grown(self._room, count * (states + 3) + states + kernel.room_for(count, states))
        self._labels = _grown(self._labels, count + states)
        return game, first_row

    def _place(self, layout: Layout) -> int:
        known = self._places.get(id(layout))
        if known is not None:
            return known[1]
        place, self._payoffs_used = self._payoffs_used, self._payoffs_used + layout.won.size
        self._payoffs = _grown(self._payoffs, self._payoffs_used)
        self._payoffs[place : self._payoffs_used, 0] = layout.won.reshape(-1)
        self._payoffs[place : self._payoffs_used, 1] = layout.refunded.reshape(-1)
        self._places[id(layout)] = layout, place
        return place

    def more_venues(self, count: int) -> None:
        """Make room for so many venues. Raises BadData above MOST_VENUES."""
        if count > MOST_VENUES:
            raise BadData(f"venues: at most {MOST_VENUES} can be watched")
        have = self.cells.shape[1]
        if count > have:
            wider = np.zeros((len(self.cells), max(count, 2 * have), 2))
            wider[:, :have] = self.cells
            self.cells = wider

    def take(self, records: Whole, now: int) -> None:
        """Take in quotes of one moment: rows (row << VENUE_BITS | venue, the bits of the odds)."""
        kernel.take(records, now, self.cells, self.joins, self.entries, self.games, self.waiting)

    def sweep(self, before: int) -> int:
        """Take back every offer of an earlier time; returns how many there were."""
        return kernel.sweep(before, self.cells, self.rows, self.joins, self.entries, self.games, self.waiting)

    def look(self) -> int:
        """Solve the games that wait; returns how many have no certificate: their numbers are in `found`."""
        return kernel.look(
            self.entries,
            self.games,
            self.waiting,
            self._payoffs,
            self._room,
            self._labels,
            self.found,
            self.bounds,
        )

    def those_that_wait(self) -> list[int]:
        """The numbers of the games that the next look solves."""
        waiting: list[int] = self.waiting[1 : self.waiting[0] + 1].tolist()
        return waiting

    def wait(self, game: int) -> None:
        """Have a game looked at, whatever its certificate says."""
        if not self.games[game, DIRTY]:
            self.games[game, DIRTY] = 1
            self.waiting[0] += 1
            self.waiting[self.waiting[0]] = game

    def follow(self, game: int, rows: Sequence[int] | None) -> None:
        """Have a game looked at whenever the best offer of what these rows belong to changes; of anything, for None."""
        first, count = self.games[game, [FIRST, COUNT]].tolist()
        entries = slice(first, first + count) if rows is None else self.joins[rows, ENTRY]
        self.entries[entries, THRESHOLD] = -1.0

    def move(self, row: int, to: int) -> None:
        """Move a row's offers to another row; `best_of` has to follow."""
        self.cells[to] = self.cells[row]
        self.cells[row] = 0.0

    def best_of(self, game: int) -> None:
        """Look for the best offer of every entry of a game."""
        first, count = self.games[game, [FIRST, COUNT]].tolist()
        kernel.find_best(first, count, self.cells, self.joins, self.entries)

    def copy_game(self, game: int, other: Arrays, first_row: int, to: int) -> None:
        """Copy offers and thresholds of a game from other arrays, where its rows begin at another place."""
        first, count = self.games[game, [FIRST, COUNT]].tolist()
        before = int(other.games[game, FIRST])
        rows = int(self.joins[first : first + count, ROWS].sum())
        self.cells[to : to + rows] = other.cells[first_row : first_row + rows]
        self.best_of(game)
        self.entries[first : first + count, THRESHOLD] = other.entries[before : before + count, THRESHOLD]


def solve_compiled(payoffs: Floats) -> Mixtures:
    """One game solved by the kernel: gross returns per unit at risk, of shape (instruments, states)."""
    count, states = payoffs.shape
    prices, shares = np.empty(states), np.empty(count)
    table, labels = np.empty(kernel.room_for(count, states)), np.empty(count + states, np.int64)
    kernel.walk(payoffs, prices, shares, table, labels, kernel.PATIENCE)
    return Mixtures(prices, shares, float((payoffs @ prices).max()))


def _solve_all(games: Sequence[Floats]) -> list[Mixtures]:
    return [solve_compiled(np.ascontiguousarray(game)) for game in games]


COMPILED: Final = Solver(_solve_all, 500_000)
"""The kernel, one game after the other. The first game compiles it."""


def _grown(array: NDArray[_Item], size: int) -> NDArray[_Item]:
    """The array with room for at least `size` rows; new ones are zero."""
    if size <= len(array):
        return array
    longer = np.zeros((max(size, 2 * len(array)), *array.shape[1:]), array.dtype)
    longer[: len(array)] = array
    return longer
