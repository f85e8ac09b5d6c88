"""Every way a race can end that its claims can tell apart: who won, who took a paid place, and who shared one.

The numbers of places that claims pay cut a race into bands: the winner, then the second and third where three are
paid, and so on. Within a band the order says nothing, so runners are dealt to bands. Runners on whom there is no claim
are all alike, whether they are known or not.

A dead heat of m runners for k places pays each of them k / m, the mean of what is paid over all orders of the m. What
legs return adds up, and commission on net winnings takes no more from the mean of several results than from them one
by one. So no dead heat is worse than every order of it. Pairs are looked at while there are not too many of them;
leaving them out changes no guarantee.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from functools import cache
from itertools import accumulate, combinations, islice, pairwise
from math import comb
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from crossbook.arbitrage.settled import Settled
from crossbook.base.errors import BadData
from crossbook.model.claim import Claim, Kind
from crossbook.model.quote import Contest
from crossbook.model.result import Race

_MOST_ENDS = 20_000
_MOST_LOOKED_AT = 500_000
"""Claims × ways to finish that are looked at."""
_DEAD_HEATS_UP_TO = 24
_MOST_WITH_DEAD_HEATS = 2_000
_UNPLACED = 30_000
_ANY_NUMBER = 1_000_000


class Withdrawal(NamedTuple):
    """Who does not start, and the share of their winnings that bets on the others lose for it (Rule 4)."""

    runners: frozenset[str] = frozenset()
    reduction: Fraction = Fraction(0)


NOBODY: Final = Withdrawal()
"""Everybody starts."""


class _Field(NamedTuple):
    """The runners with claims, how many others can be placed, and how many places each band has."""

    runners: tuple[str, ...]
    others: int
    bands: tuple[int, ...]


class _End(NamedTuple):
    """The numbers of the runners in each band; others have the rest of its places.

    The runners of `level` share the last place of the band `across` and the first behind it, with somebody else where
    it is only one; -1 where there is no dead heat.
    """

    bands: tuple[tuple[int, ...], ...]
    across: int = -1
    level: tuple[int, ...] = ()


class SettledRaces(Settled):
    """Claims on the runners of one contest, settled in every way it can end.

    Raises BadData when there are too many ways, or when everybody is placed.
    """

    def __init__(
        self, claims: Sequence[Claim], contest: Contest | None, withdrawal: Withdrawal = NOBODY
    ) -> None:
        self._places = contest.places if contest else 1
        field = _field(claims, contest, withdrawal)
        ends = _ends(field, len(claims))
        names = _Names(field, contest, withdrawal)
        super().__init__([names.race(end) for end in ends])
        self._number = {runner: number for number, runner in enumerate(field.runners)}
        # One row more, for a runner that was withdrawn.
        self._ahead = np.full((len(field.runners) + 1, len(ends)), _UNPLACED, np.int64)
        self._equal = np.ones_like(self._ahead)
        starts = (0, *accumulate(field.bands))
        for at, end in enumerate(ends):
            for band, some in enumerate(end.bands):
                self._ahead[list(some), at] = starts[band]
            self._ahead[list(end.level), at] = starts[end.across + 1] - 1
            self._equal[list(end.level), at] = 2

    def codes(self, claim: Claim) -> NDArray[np.uint16]:
        """The code of the claim's settlement in each result: settled once for each share that it can be paid."""
        number = self._number.get(claim.selection, -1)
        ahead, equal = self._ahead[number], self._equal[number]
        first, placed = (np.clip(places - ahead, 0, equal) for places in (1, claim.places or self._places))
        return self._settle_each(claim, (first * 3 + placed) * 3 + equal, np.arange(len(self)))


class _Names:
    """Makes races of ends: the runners by name, and names for the others."""

    def __init__(self, field: _Field, contest: Contest | None, withdrawal: Withdrawal) -> None:
        self._field = field
        self._withdrawal = withdrawal
        self._places = contest.places if contest else 1
        known = sorted({*(contest.runners if contest else ())} - {*field.runners} - withdrawal.runners)
        unknown = (
            "another runner",
            *(f"another runner {number}" for number in range(2, sum(field.bands) + 2)),
        )
        self._others = (*known, *unknown)

    def race(self, end: _End) -> Race:
        """The result as it is told: everybody who matters, one after the other."""
        others = iter(self._others)
        ranks: list[frozenset[str]] = []
        for band, (some, places) in enumerate(zip(end.bands, self._field.bands, strict=True)):
            seats = places - (band == end.across) - (band - 1 == end.across and end.across >= 0)
            ranks += [frozenset({self._field.runners[number]}) for number in some]
            ranks += [frozenset({next(others)}) for _ in range(seats - len(some))]
            if band == end.across:
                pair = [self._field.runners[number] for number in end.level]
                ranks.append(frozenset(pair if len(pair) > 1 else (*pair, next(others))))
        withdrawn, reduction = self._withdrawal
        return Race(tuple(ranks), withdrawn, reduction, self._places)


def _field(claims: Sequence[Claim], contest: Contest | None, withdrawal: Withdrawal) -> _Field:
    told = set(contest.runners if contest else ()) - withdrawal.runners
    named = {claim.selection for claim in claims} - withdrawal.runners
    paid = set()
    for claim in claims:
        if claim.kind is not Kind.PLACE:
            paid.add(1)
        if claim.kind is not Kind.WINNER:
            paid.add(claim.places or (contest.places if contest else 1))
    bands = tuple(last - first for first, last in pairwise((0, *sorted(paid))))
    if contest is None or not contest.complete or not named <= told:
        return _Field(tuple(sorted(named)), _ANY_NUMBER, bands)
    if max(paid) >= len(told):
        raise BadData(f"runners: {max(paid)} places of {len(told)} runners cannot be looked at")
    return _Field(tuple(sorted(named)), len(told - named), bands)


def _ends(field: _Field, claims: int) -> list[_End]:
    runners, number = len(field.runners), _number(field.bands, len(field.runners), field.others)
    if number > _MOST_ENDS or number * claims > _MOST_LOOKED_AT:
        raise BadData(f"runners: {sum(field.bands)} places of {runners} runners cannot be looked at")
    ends = [_End(bands) for bands in _dealt(field.bands, tuple(range(runners)), field.others)]
    if runners <= _DEAD_HEATS_UP_TO:
        most = min(_MOST_WITH_DEAD_HEATS, _MOST_LOOKED_AT // claims) - number
        heats = list(islice(_dead_heats(field), max(0, most + 1)))
        if len(heats) <= most:
            ends += heats
    return ends


@cache
def _number(bands: tuple[int, ...], runners: int, others: int) -> int:
    """In how many ways the places of the bands can be dealt."""
    if not bands:
        return 1
    first, *rest = bands
    return sum(
        comb(runners, count) * _number(tuple(rest), runners - count, others - first + count)
        for count in range(max(0, first - others), min(first, runners) + 1)
    )


def _dealt(
    bands: tuple[int, ...], runners: tuple[int, ...], others: int
) -> Iterator[tuple[tuple[int, ...], ...]]:
    """Every way to deal the places of the bands to runners and others."""
    if not bands:
        yield ()
        return
    first, *rest = bands
    for count in range(max(0, first - others), min(first, len(runners)) + 1):
        for some in combinations(runners, count):
            left = tuple(runner for runner in runners if runner not in some)
            for more in _dealt(tuple(rest), left, others - first + count):
                yield (some, *more)


def _dead_heats(field: _Field) -> Iterator[_End]:
    """Every way in which two are level for the last place of a band, at least one of them a runner with a claim."""
    everyone = range(len(field.runners))
    for across in range(len(field.bands)):
        bands = list(field.bands)
        bands[across] -= 1
        if across + 1 < len(bands):
            bands[across + 1] -= 1
        pairs: list[tuple[int, ...]] = [*combinations(everyone, 2)]
        if field.others:
            pairs += [(runner,) for runner in everyone]
        for pair in pairs:
            left = tuple(runner for runner in everyone if runner not in pair)
            others = field.others - (len(pair) == 1)
            for dealt in _dealt(tuple(bands), left, others):
                yield _End(dealt, across, pair)
