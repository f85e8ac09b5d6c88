"""The best whole counts of some choices: the solver proposes them, and whole numbers have the last word.

Where the choices are few, all counts are tried. Else the solver proposes some, each count is bounded by what any plan
as good as that needs, and all counts inside the bounds are tried: what is found is the optimum, however the solver
rounds. Only where even that is too many, the best of what was tried is taken, and said not to be proven.

Of equal worst cases the one that takes less from the bank is better, and of these the one whose counts come first in
dictionary order, where no worse level of a ladder is used before a better one is full: equal input has an equal answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from crossbook.arbitrage.outcomes import Outcomes, Whole
from crossbook.arbitrage.relaxed import Relaxed
from crossbook.base.errors import BadData

_FEW: Final = 20_000
"""Combinations of counts that are tried without asking the solver first."""
MOST_ENTRIES: Final = 40_000_000
"""Combinations × outcomes that are tried at most."""
_BLOCK: Final = 1_000_000
"""Combinations × outcomes that are looked at together."""

Range = tuple[int, int]
_Key = tuple[int, int, tuple[int, ...]]


class Found(NamedTuple):
    """The best counts, their worst case in the outcomes' scale, and whether nothing can be better."""

    counts: tuple[int, ...]
    worst: int
    proven: bool


def best_counts(outcomes: Outcomes, most_entries: int = MOST_ENTRIES) -> Found:
    """The counts with the greatest worst case; doing nothing is one of the plans looked at."""
    nothing = (0,) * len(outcomes.most)
    tries = _Tries(outcomes, nothing, most_entries)
    if not nothing:
        return tries.found(True)
    if prod(most - least + 2 for least, most in zip(outcomes.least, outcomes.most, strict=True)) <= _FEW:
        return tries.found(tries.all([(0, most) for most in outcomes.most]))
    relaxed = Relaxed(outcomes)
    try:
        tries.take(relaxed.proposal())
        ranges = relaxed.ranges(tries.worst)
        if ranges is not None and tries.all(ranges):
            return tries.found(True)
        # What was proposed may be better shared out between the choices that it uses.
        used = [place for place, count in enumerate(tries.found(False).counts) if count]
        ranges = relaxed.ranges(tries.worst, used) if used else None
        if ranges is not None:
            tries.again(most_entries)
            tries.all(ranges)
    except BadData:  # the solver lost its way in numbers of very different sizes
        pass
    return tries.found(False)


class _Tries:
    """Counts being tried, and the best so far."""

    def __init__(self, outcomes: Outcomes, first: Sequence[int], most_entries: int) -> None:
        self._outcomes = outcomes
        self._entries_left = most_entries
        self._best = self._key(first)

    @property
    def worst(self) -> int:
        """The worst case of the best counts so far."""
        return -self._best[0]

    def found(self, proven: bool) -> Found:
        """The best counts so far."""
        return Found(self._best[2], self.worst, proven)

    def again(self, most_entries: int) -> None:
        """Begin to count what is tried from the start."""
        self._entries_left = most_entries

    def take(self, counts: Sequence[int]) -> None:
        """Try these counts, or, where the solver's digits have passed a limit, one step less of each."""
        outcomes = self._outcomes
        tidy = self._tidy(counts)
        if outcomes.allowed(tidy):
            counts = tidy
        lower = [
            [*counts[:place], count - 1 if count > least else 0, *counts[place + 1 :]]
            for place, (count, least) in enumerate(zip(counts, outcomes.least, strict=True))
            if count
        ]
        for each in [list(counts)] if outcomes.allowed(counts) else lower:
            if outcomes.allowed(each):
                self._best = min(self._best, self._key(each))

    def _tidy(self, counts: Sequence[int]) -> list[int]:
        """The same with the better levels of every ladder filled first."""
        tidy, better = list(counts), self._outcomes.better
        for worst in better.keys() - better.values():
            levels = [worst]
            while levels[-1] in better:
                levels.append(better[levels[-1]])
            left = sum(tidy[level] for level in levels)
            for level in reversed(levels):
                tidy[level] = min(left, self._outcomes.most[level])
                left -= tidy[level]
        return tidy

    def all(self, ranges: Sequence[Range]) -> bool:
        """Try all counts in these ranges; False when they were too many."""
        outcomes = self._outcomes
        self._order = self._ordered(ranges)
        self._better = [
            self._order.index(outcomes.better[place]) if place in outcomes.better else None
            for place in self._order
        ]
        self._ranges = [
            (max(ranges[place][0], 0), min(ranges[place][1], outcomes.most[place])) for place in self._order
        ]
        if any(first > last for first, last in self._ranges):
            return True
        # The most that the choices from some place on can add in each outcome, commission forgotten.
        gains = outcomes.gains[self._order]
        self._gains = gains
        low, high = (np.array(end, gains.dtype)[:, None] for end in zip(*self._ranges, strict=True))
        each = np.maximum(gains * low, gains * high)
        self._rest = np.zeros((len(ranges) + 1, gains.shape[1]), gains.dtype)
        self._rest[:-1] = each[::-1].cumsum(axis=0)[::-1]
        self._weights = outcomes.weights[:, self._order]
        used = self._weights * low.reshape(1, -1)
        self._used = np.zeros((len(ranges) + 1, len(used)), used.dtype)
        self._used[:-1] = used[:, ::-1].cumsum(axis=1)[:, ::-1].T
        self._limits = outcomes.limits.astype(gains.dtype) if gains.dtype != object else outcomes.limits
        start = np.zeros((1, len(ranges)), gains.dtype)
        return self._extend(0, start, outcomes.fixed[None, :], np.zeros((1, len(used)), used.dtype))

    def _ordered(self, ranges: Sequence[Range]) -> list[int]:
        """The places from the narrowest range to the widest, each after the better level of its ladder."""
        order: dict[int, None] = {}
        for place in sorted(range(len(ranges)), key=lambda place: ranges[place][1] - ranges[place][0]):
            levels: list[int] = []
            level: int | None = place
            while level is not None and level not in order:
                levels.append(level)
                level = self._outcomes.better.get(level)
            order.update(dict.fromkeys(reversed(levels)))
        return list(order)

    def _extend(self, depth: int, counts: Whole, partial: Whole, used: Whole) -> bool:
        """Try every continuation of these beginnings; False when they were too many."""
        rows = partial.shape[1]
        if depth == len(self._order):
            self._judge(counts)
            return True
        first, last = self._bounds(depth, partial, used)
        better = self._better[depth]
        if better is not None:
            full = counts[:, better] >= self._outcomes.most[self._order[better]]
            last = np.where(full, last, np.minimum(last, 0))
        many = np.maximum(last - first + 1, 0).astype(np.int64)
        self._entries_left -= int(many.sum()) * rows
        if self._entries_left < 0:
            return False
        for block in _blocks(many, max(1, _BLOCK // rows)):
            source = np.repeat(block, many[block])
            step = np.arange(len(source)) - np.repeat(np.cumsum(many[block]) - many[block], many[block])
            value = first[source] + step.astype(first.dtype)
            least = self._outcomes.least[self._order[depth]]
            taken = (value == 0) | (value >= least)
            source, value = source[taken], value[taken]
            if not len(source):
                continue
            more = counts[source]
            more[:, depth] = value
            onward = (
                more,
                partial[source] + value[:, None] * self._gains[depth],
                used[source] + value[:, None] * self._weights[:, depth],
            )
            if not self._extend(depth + 1, *onward):
                return False
        return True

    def _bounds(self, depth: int, partial: Whole, used: Whole) -> tuple[Whole, Whole]:
        """From which to which count each beginning can go on and be as good as the best so far."""
        low, high = self._ranges[depth]
        first = np.full(len(partial), low, partial.dtype)
        last = np.full(len(partial), high, partial.dtype)
        need = self.worst - partial - self._rest[depth + 1]
        for gain, column in zip(self._gains[depth], need.T, strict=True):
            if gain > 0:
                first = np.maximum(first, -(-column // gain))
            elif gain < 0:
                last = np.minimum(last, column // gain)
            else:
                last = np.where(column > 0, first - 1, last)
        for number, weight in enumerate(self._weights[:, depth]):
            if weight:
                left = self._limits[number] - used[:, number] - self._used[depth + 1, number]
                last = np.minimum(last, left // weight)
        return first, last

    def _judge(self, ordered: Whole) -> None:
        counts = np.empty_like(ordered)
        counts[:, self._order] = ordered
        worst = self._outcomes.profits(counts).min(axis=1)
        greatest = worst.max()
        if greatest < self.worst:
            return
        equal = counts[worst == greatest]
        costs = equal.astype(object) @ self._outcomes.costs
        equal = equal[costs == costs.min()]
        first = min(map(tuple, equal.tolist()))
        self._best = min(self._best, self._key(first, int(greatest)))

    def _key(self, counts: Sequence[int], worst: int | None = None) -> _Key:
        outcomes = self._outcomes
        if worst is None:
            worst = int(outcomes.profits(np.array([counts], outcomes.gains.dtype)).min())
        return -worst, outcomes.cost(counts), tuple(int(count) for count in counts)


def _blocks(many: NDArray[np.int64], most: int) -> list[NDArray[np.intp]]:
    """The places with any continuation, in runs of about so many continuations."""
    places = np.flatnonzero(many)
    if not len(places):
        return []
    cuts = np.flatnonzero(np.diff((np.cumsum(many[places]) - 1) // most)) + 1
    return np.split(places, cuts)
