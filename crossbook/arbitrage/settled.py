"""Claims settled in many results at once, with each settlement named by a small number."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from crossbook.arbitrage.changes import NOT_BY_COUNT, Direction, Look, changes, look_of
from crossbook.base.errors import BadData
from crossbook.model.claim import Claim, Kind, Period
from crossbook.model.result import Result, Score
from crossbook.model.settlement import Settlement, settle

_known_settlements: list[Settlement] = []
_codes: dict[Settlement, int] = {}
_SIDES = ("home", "away")


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
        every = np.arange(len(self))
        return self._settle_each(claim, every, every)

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


class _Part(NamedTuple):
    """The different counts of what is looked at, which of them each result has, and a result that has each."""

    counts: NDArray[np.int64]
    of_result: NDArray[np.intp]
    witness: NDArray[np.intp]


class _View(NamedTuple):
    """The different counts seen along one direction, ascending, and which of them each count is."""

    counted: NDArray[np.int64]
    of_count: NDArray[np.intp]
    witness: NDArray[np.intp]


class SettledCounts(Settled):
    """Claims settled in results that each look at by a few counts: once for each piece in which a claim pays the same.

    What a claim looks at (a period, say) has a count (first, second) in each result; both are never below zero.
    """

    def __init__(self) -> None:
        super().__init__(())
        self._parts: dict[Look, _Part] = {}
        self._views: dict[tuple[Look, Direction], _View] = {}
        self._settled: dict[Claim, NDArray[np.uint16]] = {}

    def codes(self, claim: Claim) -> NDArray[np.uint16]:
        """The code of the claim's settlement in each result."""
        return self._by_count(claim)[self._part(self.look(claim)).of_result]

    def different(self, claims: Sequence[Claim]) -> NDArray[np.intp]:
        """The places of the first result of each different joint settlement of the claims, in order.

        Claims that look at one thing only see its counts, which are few: they are told apart there.
        """
        keys = np.zeros(len(self), np.int64)
        for look, some in self._by_look(claims).items():
            first, class_of = classes(np.stack([self._by_count(claim) for claim in some]))
            keys = keys * len(first) + class_of[self._part(look).of_result]
        _, places = np.unique(keys, return_index=True)
        return np.sort(places)

    def codes_at(self, claims: Sequence[Claim], places: NDArray[np.intp]) -> NDArray[np.uint16]:
        """The codes of the claims' settlements in some of the results, of shape (claims, places)."""
        counts = {look: self._part(look).of_result[places] for look in self._by_look(claims)}
        return np.stack([self._by_count(claim)[counts[self.look(claim)]] for claim in claims])

    def work(self, claims: Sequence[Claim]) -> int:
        """How many settlements have to be looked at to tell the claims' states apart."""
        return sum(len(some) * len(self._part(look).counts) for look, some in self._by_look(claims).items())

    def look(self, claim: Claim) -> Look:
        """What the claim looks at: claims that look at the same see the same counts."""
        return look_of(claim)

    def _counts(self, look: Look) -> NDArray[np.int64]:
        """The count (first, second) of what is looked at, for each result."""
        raise NotImplementedError

    def _one_by_one(self, claim: Claim) -> bool:
        """Whether the claim may pay something else at every count, so that no directions can be followed."""
        return claim.kind in NOT_BY_COUNT

    def _by_count(self, claim: Claim) -> NDArray[np.uint16]:
        """The code of the claim's settlement in each different count of what it looks at."""
        look = self.look(claim)
        if self._one_by_one(claim):
            part = self._part(look)
            return self._settle_each(claim, np.arange(len(part.counts)), part.witness)
        where = changes(claim)
        views = [self._view(look, direction) for direction in where]
        if len(views) > 1:
            part = self._part(look)
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

    def _part(self, look: Look) -> _Part:
        found = self._parts.get(look)
        if found is None:
            counts = self._counts(look)
            width = int(counts.max(initial=0)) + 1
            _, witness, of_result = np.unique(
                counts[:, 0] * width + counts[:, 1], return_index=True, return_inverse=True
            )
            found = self._parts[look] = _Part(counts[witness], of_result, witness)
        return found

    def _view(self, look: Look, direction: Direction) -> _View:
        found = self._views.get((look, direction))
        if found is None:
            part = self._part(look)
            counted, first, of_count = np.unique(
                part.counts @ np.array(direction, np.int64), return_index=True, return_inverse=True
            )
            found = self._views[look, direction] = _View(counted, of_count, part.witness[first])
        return found

    def _by_look(self, claims: Sequence[Claim]) -> dict[Look, list[Claim]]:
        groups: dict[Look, list[Claim]] = {}
        for claim in claims:
            groups.setdefault(self.look(claim), []).append(claim)
        return groups


class SettledScores(SettledCounts):
    """Claims settled in each of some scores.

    `scores` has a row (home, away) for each score, or (home, away, half_home, half_away); `final` a row (home, away)
    with overtime, where any of the claims looks at it; `qualified` a 0 where home goes through and a 1 where away does.
    """

    def __init__(
        self,
        scores: NDArray[np.int64],
        final: NDArray[np.int64] | None = None,
        qualified: NDArray[np.int64] | None = None,
    ) -> None:
        super().__init__()
        self.scores = scores
        self._final = final
        self._qualified = qualified

    def __len__(self) -> int:
        return len(self.scores)

    def result(self, place: int) -> Score:
        """The score at this place."""
        score = Score(*self.scores[place].tolist())
        if self._final is not None:
            home, away = self._final[place].tolist()
            score = score._replace(final_home=home, final_away=away)
        if self._qualified is not None:
            score = score._replace(qualified=_SIDES[self._qualified[place]])
        return score

    def _counts(self, look: Look) -> NDArray[np.int64]:
        whole = self.scores[:, :2]
        if look is Period.OVERTIME:
            return whole if self._final is None else self._final
        if look is Period.FULL_TIME:
            return whole
        if look is Kind.TO_QUALIFY:
            if self._qualified is None:
                raise BadData("qualified: these scores do not say who goes through")
            return np.stack([self._qualified, 1 - self._qualified], axis=1)
        if self.scores.shape[1] == 2:
            raise BadData("half_home: these scores have no halves")
        half = self.scores[:, 2:]
        if look is Kind.HALF_TIME_FULL_TIME:
            leads = [np.sign(counts[:, 0] - counts[:, 1]) for counts in (half, whole)]
            return np.stack(leads, axis=1) + 1
        return whole - half if look is Period.SECOND_HALF else half


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
