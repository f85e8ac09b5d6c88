"""Whether a plan exists that loses in no state and wins in some, in whole numbers: the last word.

The programme is: maximise the weighed sum of a plan's profits over all states while none is negative and the shares
add up to at most one. Staking nothing is a start, so no first phase is needed. Every number stays whole: entries are
kept over one common denominator, which is the last pivot, and each division comes out even (J. Edmonds, "Systems of
distinct representatives and linear algebra", Journal of Research of the National Bureau of Standards 71B, 1967).

Few instruments matter. The programme is solved for some; where it finds nothing, its dual is a mixture in which every
state has a part and none of these wins. If no other instrument wins under it either, nothing can be found at all;
else those that do are looked at too.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Final

from crossbook.base.errors import BadData

_MOST_WORK: Final = 3_000_000
"""Entries of the tableau × pivots."""
_FIRST_STATES, _MORE_STATES = 60, 20
_STEEPEST_UP_TO: Final = 200
"""So many pivots may take the greatest gain; after them the first, which never comes back to where it was."""


def surely_no_loss(
    profits: Sequence[Sequence[int]], weights: Sequence[int] = (), first: Sequence[int] = ()
) -> list[Fraction] | None:
    """Shares of a plan that never loses and sometimes wins; None when there surely is none.

    `profits` (instruments, states) are whole numbers: what a unit of each wins or loses, in a unit of its own as may
    be; shares are shares of these units. `weights` of
    the states, all above zero, and the instruments to look at `first` change how soon it is done, not what is found;
    best are weights near a mixture under which no instrument wins much, and the instruments that win most. Raises
    BadData when the programme is too large to be solved in whole numbers.

    >>> surely_no_loss([[1, 0, -1], [-1, 0, 1]]) is None
    True
    >>> surely_no_loss([[2, 0, -1], [-1, 0, 1]])
    [Fraction(1, 2), Fraction(1, 2)]
    """
    weights = weights or [1] * len(profits[0])
    chosen = list(dict.fromkeys(first)) or list(range(len(profits)))
    while True:
        shares, mixture = _looked_at([profits[place] for place in chosen], weights)
        if shares is not None:
            found = dict(zip(chosen, shares, strict=True))
            return [found.get(place, Fraction(0)) for place in range(len(profits))]
        known = set(chosen)
        missed = [
            place
            for place in range(len(profits))
            if place not in known and _mean(profits[place], mixture) > 0
        ]
        if not missed:
            return None
        chosen += missed


def _mean(profits: Sequence[int], mixture: Sequence[int]) -> int:
    return sum(profit * part for profit, part in zip(profits, mixture, strict=True) if part)


def _looked_at(
    profits: Sequence[Sequence[int]], weights: Sequence[int]
) -> tuple[list[Fraction] | None, list[int]]:
    """Shares of a plan of these instruments, or None and the mixture of states under which none of them wins.

    Of many states the programme is told the weightiest, and then those in which its plan would lose.
    """
    alike: dict[tuple[int, ...], list[int]] = {}
    for place, state in enumerate(zip(*profits, strict=True)):
        alike.setdefault(state, []).append(place)
    states = list(alike)
    gains = [_mean(row, weights) for row in profits]
    heavy = sorted(range(len(states)), key=lambda place: -max(weights[each] for each in alike[states[place]]))
    told = heavy[:_FIRST_STATES]
    while True:
        shares, duals, denominator = _optimum([states[place] for place in told], gains)
        if shares is None:
            mixture = [weight * denominator for weight in weights]
            for place, dual in zip(told, duals, strict=True):
                mixture[alike[states[place]][0]] += dual
            return None, mixture
        sums = [sum(map(int.__mul__, state, shares)) for state in states]
        worst = sorted((place for place, total in enumerate(sums) if total < 0), key=sums.__getitem__)
        if not worst:
            total = sum(shares)
            return [Fraction(share, total) for share in shares], []
        told = told + worst[:_MORE_STATES]


def _optimum(
    states: Sequence[Sequence[int]], gains: Sequence[int]
) -> tuple[list[int] | None, list[int], int]:
    """Whole shares with the greatest gain among those that lose in none of these states, None where nothing is gained.

    With them the duals of the states and the denominator that these are over.
    """
    count, rows = len(gains), len(states)
    table = [[-each for each in state] + [0] for state in states]
    table.append([1] * count + [1])
    table.append([-gain for gain in gains] + [0])
    basic, free = list(range(count, count + rows + 1)), list(range(count))
    denominator, pivots = 1, 0
    while (entering := _entering(table[-1], free, pivots)) is not None:
        pivots += 1
        if pivots * len(table) * (count + 1) > _MOST_WORK:
            raise BadData("prices: too many to settle in whole numbers whether they break even")
        leaving = _leaving(table, basic, entering)
        denominator = _pivot(table, leaving, entering, denominator)
        basic[leaving], free[entering] = free[entering], basic[leaving]
    if table[-1][-1] == 0:
        duals = [0] * rows
        for label, dual in zip(free, table[-1], strict=False):
            if count <= label < count + rows:
                duals[label - count] = dual
        return None, duals, denominator
    shares = [0] * count
    for row, label in zip(table, basic, strict=False):
        if label < count:
            shares[label] = row[-1]
    return shares, [], denominator


def _entering(gains: Sequence[int], free: Sequence[int], pivots: int) -> int | None:
    useful = [place for place in range(len(free)) if gains[place] < 0]
    if not useful:
        return None
    if pivots < _STEEPEST_UP_TO:
        return min(useful, key=gains.__getitem__)
    return min(useful, key=free.__getitem__)


def _leaving(table: Sequence[Sequence[int]], basic: Sequence[int], entering: int) -> int:
    """The row that first stops the entering share from growing; of several the one with the lowest label."""
    best = -1
    for place in range(len(basic)):
        row = table[place]
        if row[entering] <= 0:
            continue
        if best < 0:
            best = place
            continue
        difference = row[-1] * table[best][entering] - table[best][-1] * row[entering]
        if difference < 0 or (difference == 0 and basic[place] < basic[best]):
            best = place
    return best


def _pivot(table: list[list[int]], leaving: int, entering: int, denominator: int) -> int:
    """Exchange a basic and a free share; returns the new common denominator."""
    head = table[leaving]
    pivot = head[entering]
    for place, row in enumerate(table):
        factor = row[entering]
        if place == leaving:
            continue
        if factor or pivot != denominator:
            table[place] = [
                (each * pivot - factor * above) // denominator for each, above in zip(row, head, strict=True)
            ]
        table[place][entering] = -factor
    head[entering] = denominator
    return pivot
