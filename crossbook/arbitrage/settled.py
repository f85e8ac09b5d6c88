"""Claims settled in many results at once, with each settlement named by a small number."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from crossbook.arbitrage.changes import Direction, changes
from crossbook.model.claim import Claim, Kind, Period
from crossbook.model.result import Finish, Result, Score
from crossbook.model.settlement import Settlement, settle

_known_settlements: list[Settlement] = []
_codes: dict[Settlement, int] = {}
_HALVES = (Period.FIRST_HALF, Period.SECOND_HALF)


def code_of(settlement: Settlement) -> int:
    """The code of a settlement, the same for the life of the process."""
    code = _codes.setdefault(settlement, len(_known_settlements))
    if code == len(_known_settlements):
        _known_settlements.append(settlement)
    return code


def settlement_of(code: int) -> Settlement:
    """The settlement that a code stands for."""
    return _known_settlements[code]


def shares_of(codes: NDArray[np.uint16]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The won and the refunded shares of an array of codes, in floating point."""
    won, refunded = np.array(_known_settlements, dtype=np.float64).T
    return won[codes], refunded[codes]


class Settled:
    """Claims settled in each of some results of one sort."""

    def __init__(self, results: Sequence[Result]) -> None:
        self._results = results

    def __len__(self) -> int:
        return len(self._results)

    def result(self, place: int) -> Result:
        """The result at this place."""
        return self._results[place]

    def codes(self, claim: Claim) -> NDArray[np.uint16]:
        """The code of the claim's settlement in each result. Raises BadData when the results do not decide it."""
        first = self._results[0]
        every = np.arange(len(self))
        if not isinstance(first, Finish):
            return self._settle_each(claim, every, every)
        runners = (one.runners for one in self._results if isinstance(one, Finish))
        placed = np.fromiter((claim.selection in some for some in runners), dtype=np.intp)
        return self._settle_each(claim, 2 * self._sizes + placed, every)

    def different(self, claims: Sequence[Claim]) -> NDArray[np.intp]:
        """The places of the first result of each different joint settlement of the claims, in order."""
        first, _ = classes(np.stack([self.codes(claim) for claim in claims]))
        return np.sort(first)

    def codes_at(self, claims: Sequence[Claim], places: NDArray[np.intp]) -> NDArray[np.uint16]:
        """The codes of the claims' settlements in some of the results, of shape (claims, places)."""
        return np.stack([self.codes(claim)[places] for claim in claims])

    def work(self, claims: Sequence[Claim]) -> int:
        """How many settlements have to be looked at to tell the claims' states apart."""
        return len(claims) * len(self)

    def _settle_each(
        self, claim: Claim, keys: NDArray[np.intp], witness: NDArray[np.intp]
    ) -> NDArray[np.uint16]:
        """Settle in one of the witnesses of each key; keys are small whole numbers."""
        one_of = np.full(int(keys.max()) + 1, -1)
        one_of[keys] = witness
        codes = [code_of(settle(claim, self.result(place))) if place >= 0 else 0 for place in one_of.tolist()]
        return np.array(codes, np.uint16)[keys]

    @cached_property
    def _sizes(self) -> NDArray[np.intp]:
        """A number for each finish, equal where as many runners share as many places."""
        number: dict[tuple[int, int], int] = {}
        finishes = [one for one in self._results if isinstance(one, Finish)]
        sizes = [number.setdefault((len(one.runners), one.places), len(number)) for one in finishes]
        return np.array(sizes, np.intp)


class _Part(NamedTuple):
    """The different counts of one period: a row (home, away) for each, where each score has it, a score that has it."""

    counts: NDArray[np.int64]
    of_score: NDArray[np.intp]
    witness: NDArray[np.intp]


class _View(NamedTuple):
    """The different counts of a period seen along one direction, ascending, and which of them each count of it is."""

    counted: NDArray[np.int64]
    of_count: NDArray[np.intp]
    witness: NDArray[np.intp]


class SettledScores(Settled):
    """Claims settled in each of some scores: once for each piece of a direction in which the claim pays the same.

    `scores` has a row (home, away) for each score, or (home, away, half_home, half_away).
    """

    def __init__(self, scores: NDArray[np.int64]) -> None:
        super().__init__(())
        self.scores = scores
        self._parts: dict[Period, _Part] = {}
        self._views: dict[tuple[Period, Direction], _View] = {}
        self._settled: dict[Claim, NDArray[np.uint16]] = {}

    def __len__(self) -> int:
        return len(self.scores)

    def result(self, place: int) -> Score:
        """The score at this place."""
        return Score(*self.scores[place].tolist())

    def codes(self, claim: Claim) -> NDArray[np.uint16]:
        """The code of the claim's settlement in each score."""
        return self._by_count(claim)[self._part(claim.period).of_score]

    def different(self, claims: Sequence[Claim]) -> NDArray[np.intp]:
        """The places of the first score of each different joint settlement of the claims, in order.

        Claims of one period only look at its counts, which are few: they are told apart there.
        """
        keys = np.zeros(len(self), np.int64)
        for period, some in _by_period(claims).items():
            first, class_of = classes(np.stack([self._by_count(claim) for claim in some]))
            keys = keys * len(first) + class_of[self._part(period).of_score]
        _, places = np.unique(keys, return_index=True)
        return np.sort(places)

    def codes_at(self, claims: Sequence[Claim], places: NDArray[np.intp]) -> NDArray[np.uint16]:
        """The codes of the claims' settlements in some of the scores, of shape (claims, places)."""
        counts = {period: self._part(period).of_score[places] for period in _by_period(claims)}
        return np.stack([self._by_count(claim)[counts[claim.period]] for claim in claims])

    def work(self, claims: Sequence[Claim]) -> int:
        """How many settlements have to be looked at to tell the claims' states apart."""
        return sum(len(some) * len(self._part(period).counts) for period, some in _by_period(claims).items())

    def _by_count(self, claim: Claim) -> NDArray[np.uint16]:
        """The code of the claim's settlement in each different count of its period."""
        where = changes(claim)
        views = [self._view(claim.period, direction) for direction in where]
        if len(views) > 1:
            part = self._part(claim.period)
            keys = np.zeros(len(part.counts), np.intp)
            for view, counts in zip(views, where.values(), strict=True):
                pieces = np.searchsorted(counts, view.counted, side="right")
                keys = keys * (len(counts) + 1) + pieces[view.of_count]
            return self._settle_each(claim, keys, part.witness)
        (view,), (counts,) = views, where.values()
        known = self._settled.get(claim)
        if known is None:
            odd_even = claim.kind is Kind.ODD_EVEN
            keys = view.counted & 1 if odd_even else np.searchsorted(counts, view.counted, side="right")
            known = self._settled[claim] = self._settle_each(claim, keys, view.witness)
        return known[view.of_count]

    def _part(self, period: Period) -> _Part:
        found = self._parts.get(period)
        if found is None:
            counts = self.scores[:, 2:] if period in _HALVES else self.scores[:, :2]
            if period is Period.SECOND_HALF:
                counts = self.scores[:, :2] - counts
            width = int(counts.max(initial=0)) + 1
            _, witness, of_score = np.unique(
                counts[:, 0] * width + counts[:, 1], return_index=True, return_inverse=True
            )
            found = self._parts[period] = _Part(counts[witness], of_score, witness)
        return found

    def _view(self, period: Period, direction: Direction) -> _View:
        found = self._views.get((period, direction))
        if found is None:
            part = self._part(period)
            counted, first, of_count = np.unique(
                part.counts @ np.array(direction, np.int64), return_index=True, return_inverse=True
            )
            found = self._views[period, direction] = _View(counted, of_count, part.witness[first])
        return found


def classes(codes: NDArray[np.uint16]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """The places of the first of each different column, and which of these each column is like.

    Columns are told apart by a 64-bit mix of their codes, and then compared in full.
    """
    weights = np.random.default_rng(len(codes)).integers(1, 2**63, len(codes), dtype=np.uint64) | np.uint64(1)
    mixed = (codes * weights[:, None]).sum(axis=0, dtype=np.uint64)
    _, first, same = np.unique(mixed, return_index=True, return_inverse=True)
    if not np.array_equal(codes, codes[:, first[same]]):
        _, first, same = np.unique(codes, axis=1, return_index=True, return_inverse=True)
    return first, same.reshape(-1)


def _by_period(claims: Sequence[Claim]) -> dict[Period, list[Claim]]:
    groups: dict[Period, list[Claim]] = {}
    for claim in claims:
        groups.setdefault(claim.period, []).append(claim)
    return groups
