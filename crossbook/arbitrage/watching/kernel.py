"""Compiled kernels: a matrix game, a batch of quotes against thresholds, and the games whose certificate broke.

Importing this module imports the compiler, so only those do it who mean to use it. Compiled code is kept between
processes where NUMBA_CACHE_DIR names a folder, and nowhere else.

An *entry* is what all lines of equal payoff share: it returns `odds × won + refunded` per unit at risk, where a lay
counts as a back of the opposite at odds o / (o − 1). Odds of 0 mean that nobody offers it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeAlias, TypeVar, cast

import numba
import numpy as np
from numpy.typing import NDArray

from crossbook.arbitrage.certificate import CLEARED, Floats

Whole: TypeAlias = NDArray[np.int64]
_Function = TypeVar("_Function", bound=Callable[..., object])

NOTHING: Final = 1e-11
_CAREFUL_AFTER: Final = 3
_BINDING: Final = 1e-9
"""What returns so little less than the most that anything does may be part of the best plan."""
PATIENCE: Final = 8
"""Pivots for each entry and state: after the first of these no pivot may be a step back (Bland's rule), after the
second the walk is given up."""
BEST, THRESHOLD, WHERE, GAME = range(4)
"""The columns of an entry: two numbers, and two whole numbers in the same 32 bytes."""
FIRST, COUNT, STATES, PLACE, DIRTY, OPEN = range(6)
"""The columns of a game: its first entry, how many it has, how many states, where its payoffs begin; whether
it waits, and whether it was not cleared when it was solved last."""
ENTRY, FIRST_ROW, ROWS = range(3)
"""The columns of `joins`: the entry of the row of this number; the first row and the rows of the entry of this number.
"""
VENUE_BITS: Final = 16
_VENUE: Final = (1 << VENUE_BITS) - 1


def compiled(function: _Function) -> _Function:
    """The function as machine code, made at its first call."""
    kept = bool(vars(numba.config)["CACHE_DIR"])
    return cast(_Function, numba.njit(function, cache=kept, error_model="numpy"))


@compiled
def _width(states: int) -> int:
    """Numbers in a row of a tableau: a place for each state and one more, in whole eights."""
    return (states + 8) // 8 * 8


@compiled
def room_for(count: int, states: int) -> int:
    """How many numbers the tableau of so many entries and states takes."""
    return (count + 2) * _width(states)


@compiled
def walk(
    payoffs: Floats, prices: Floats, shares: Floats, table: Floats, labels: Whole, patience: int
) -> bool:
    """Nature's and our best mixtures in one game, and whether the walk came to its end.

    `payoffs` (entries, states) are gross returns per unit at risk. The linear programme is: maximise Σ u while
    (payoffs + 1) u ≤ 1, u ≥ 0, in a condensed tableau; its solution scaled to one is nature's mixture, its duals ours.
    `table` has the room that `room_for` says, `labels` room for entries + states. After `patience` pivots for each
    entry and state it gives up; then the mixtures are not the best, but mixtures.
    """
    count, states = payoffs.shape
    width = _width(states)
    last = count * width
    line = table[last + width : last + 2 * width]
    for row in range(count):
        at = row * width
        for column in range(states):
            table[at + column] = payoffs[row, column] + 1.0
        for column in range(states, width):
            table[at + column] = 0.0
        table[at + states] = 1.0
        labels[row] = -1 - row
    for column in range(width):
        table[last + column] = -1.0 if column < states else 0.0
    for column in range(states):
        labels[count + column] = column
    finished = False
    for step in range(patience * (count + states)):
        careful = step >= _CAREFUL_AFTER * (count + states)
        entering, least = -1, -NOTHING
        for column in range(states):
            gain = table[last + column]
            if gain < least:
                if careful:
                    if entering < 0 or labels[count + column] < labels[count + entering]:
                        entering = column
                else:
                    entering, least = column, gain
        if entering < 0:
            finished = True
            break
        leaving, smallest = -1, np.inf
        for row in range(count):
            head = table[row * width + entering]
            if head > NOTHING:
                ratio = table[row * width + states] / head
                if ratio < smallest or (careful and ratio == smallest and labels[row] < labels[leaving]):
                    leaving, smallest = row, ratio
        if leaving < 0:
            break
        at = leaving * width
        scale = 1.0 / table[at + entering]
        for column in range(width):
            table[at + column] *= scale
            line[column] = table[
                at + column
            ]  # apart from the rows it is taken from, so that they go eight at a time
        table[at + entering] = scale
        for row in range(count + 1):
            if row != leaving:
                other = row * width
                factor = table[other + entering]
                if factor != 0.0:
                    for column in range(width):
                        table[other + column] -= factor * line[column]
                    table[other + entering] = -factor * scale
        labels[leaving], labels[count + entering] = labels[count + entering], labels[leaving]
    _mixtures(prices, shares, table, labels)
    return finished


@compiled
def _mixtures(prices: Floats, shares: Floats, table: Floats, labels: Whole) -> None:
    """Read both mixtures off a tableau, and make each add up to one."""
    count, states = len(shares), len(prices)
    width = _width(states)
    prices[:] = 0.0
    shares[:] = 0.0
    for row in range(count):
        if labels[row] >= 0:
            prices[labels[row]] = max(table[row * width + states], 0.0)
    for column in range(states):
        if labels[count + column] < 0:
            shares[-1 - labels[count + column]] = max(table[count * width + column], 0.0)
    for mixture in (prices, shares):
        total = 0.0
        for each in mixture:
            total += each
        for place in range(len(mixture)):
            mixture[place] = mixture[place] / total if total > 0.0 else 1.0 / len(mixture)


@compiled
def take(
    records: Whole, now: int, cells: Floats, joins: Whole, entries: Floats, games: Whole, waiting: Whole
) -> None:
    """Take in quotes of one moment; games in which one breaks the certificate are put among those that wait.

    `records` (quotes, 2) are rows and venues in one whole number, and the bits of the odds. `cells` (rows, venues, 2)
    hold odds and time. `waiting[0]` is how many games wait; their numbers follow.
    """
    odds, times, numbers = records.view(np.float64), cells.view(np.int64), entries.view(np.int64)
    for place in range(len(records)):
        where = records[place, 0]
        now_odds = odds[place, 1]
        row, venue = where >> VENUE_BITS, where & _VENUE
        before = cells[row, venue, 0]
        cells[row, venue, 0] = now_odds
        times[row, venue, 1] = now
        if now_odds == before:
            continue
        entry = joins[row, ENTRY]
        if now_odds >= entries[entry, BEST]:
            entries[entry, BEST] = now_odds
            numbers[entry, WHERE] = where
            broken = now_odds > entries[entry, THRESHOLD]
        elif numbers[entry, WHERE] == where:
            _find_best(entry, cells, joins, entries, numbers)
            broken = entries[entry, THRESHOLD] < 0.0
        else:
            continue
        if broken:
            _wait(numbers[entry, GAME], games, waiting)


@compiled
def _wait(game: int, games: Whole, waiting: Whole) -> None:
    if not games[game, DIRTY]:
        games[game, DIRTY] = 1
        waiting[0] += 1
        waiting[waiting[0]] = game


@compiled
def _find_best(entry: int, cells: Floats, joins: Whole, entries: Floats, numbers: Whole) -> None:
    """Look for an entry's best offer among all venues of all its lines."""
    best, where = 0.0, -1
    for row in range(joins[entry, FIRST_ROW], joins[entry, FIRST_ROW] + joins[entry, ROWS]):
        for venue in range(cells.shape[1]):
            if cells[row, venue, 0] > best:
                best, where = cells[row, venue, 0], (row << VENUE_BITS) | venue
    entries[entry, BEST] = best
    numbers[entry, WHERE] = where


@compiled
def find_best(first: int, count: int, cells: Floats, joins: Whole, entries: Floats) -> None:
    """Look for the best offers of some entries that lie together."""
    numbers = entries.view(np.int64)
    for entry in range(first, first + count):
        _find_best(entry, cells, joins, entries, numbers)


@compiled
def sweep(
    before: int, cells: Floats, rows: int, joins: Whole, entries: Floats, games: Whole, waiting: Whole
) -> int:
    """Take back every offer whose time is below `before`; returns how many there were."""
    times, numbers = cells.view(np.int64), entries.view(np.int64)
    gone = 0
    for row in range(rows):
        entry = joins[row, ENTRY]
        lost = False
        for venue in range(cells.shape[1]):
            if cells[row, venue, 0] > 0.0 and times[row, venue, 1] < before:
                cells[row, venue, 0] = 0.0
                gone += 1
                lost = lost or numbers[entry, WHERE] == (row << VENUE_BITS) | venue
        if lost:
            _find_best(entry, cells, joins, entries, numbers)
            if entries[entry, THRESHOLD] < 0.0:
                _wait(numbers[entry, GAME], games, waiting)
    return gone


@compiled
def look(
    entries: Floats,
    games: Whole,
    waiting: Whole,
    payoffs: Floats,
    room: Floats,
    labels: Whole,
    found: Whole,
    bounds: Floats,
) -> int:
    """Solve every game that waits. Those without a certificate are written into `found`, with their `bounds`.

    Returns how many were written. `payoffs` (…, 2) are what the entries of all kinds of games pay at their odds and
    give back, one after the other; `room` and `labels` are memory to work in. What is in `found` was not certified,
    and is not proven either.
    """
    number = 0
    for place in range(1, waiting[0] + 1):
        game = waiting[place]
        games[game, DIRTY] = 0
        bound = _solve(game, entries, games, payoffs, room, labels)
        if games[game, OPEN]:
            found[number] = game
            bounds[number] = bound
            number += 1
    waiting[0] = 0
    return number


@compiled
def _solve(
    game: int, entries: Floats, games: Whole, shares_paid: Floats, room: Floats, labels: Whole
) -> float:
    """Solve one game and write the thresholds that follow; returns the most that any of its plans guarantees.

    Where that is a certificate, a price has to pass its threshold to break it. Where it is not, whatever binds has no
    threshold and any change of it counts, and the others would have to return more than the bound on average: until
    then no plan gets better than the one there is.
    """
    first, count, states, place = (
        games[game, FIRST],
        games[game, COUNT],
        games[game, STATES],
        games[game, PLACE],
    )
    prices, offered = room[:states], 0
    for entry in range(count):
        best = entries[first + entry, BEST]
        if best > 0.0:
            at, to = place + entry * states, states + offered * states
            for state in range(states):
                room[to + state] = best * shares_paid[at + state, 0] + shares_paid[at + state, 1]
            offered += 1
    if offered:
        used = states + offered * states
        payoffs = room[states:used].reshape((offered, states))
        walk(payoffs, prices, room[used : used + offered], room[used + offered :], labels, PATIENCE)
    else:
        prices[:] = 1.0 / states
    bound, means = 0.0, room[states:]  # of the payoffs nothing is needed any more
    for entry in range(count):
        best, at = entries[first + entry, BEST], place + entry * states
        wins, keeps = 0.0, 0.0
        for state in range(states):
            wins += prices[state] * shares_paid[at + state, 0]
            keeps += prices[state] * shares_paid[at + state, 1]
        means[2 * entry], means[2 * entry + 1] = wins, keeps
        if best > 0.0 and not best * wins + keeps <= bound:  # so that what is no number clears nothing
            bound = best * wins + keeps
    cleared = bound <= CLEARED
    ceiling = CLEARED if cleared else bound - _BINDING
    for entry in range(count):
        best, wins, left = entries[first + entry, BEST], means[2 * entry], ceiling - means[2 * entry + 1]
        if not cleared and (best * wins >= left or not bound < np.inf):
            entries[first + entry, THRESHOLD] = -1.0
        elif left <= 0.0:
            entries[first + entry, THRESHOLD] = 0.0
        else:
            entries[first + entry, THRESHOLD] = left / wins if wins > 0.0 else np.inf
    games[game, OPEN] = not cleared
    return bound
