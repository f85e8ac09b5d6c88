"""De-vig: the chances that a book's prices stand for once the bookmaker's margin is taken out.

A book is the odds of outcomes of which so many (`winners`, usually one) will be paid. Its inverse odds add up to more
than that; by how much is the *overround*. There is no one right way to take it out: each method is a belief about how
it was put in.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import StrEnum
from fractions import Fraction
from math import exp, fsum, log1p, sqrt
from typing import Final

import msgspec

from crossbook.base.errors import BadData
from crossbook.base.exact import plain_text

_UNIT: Final = 2.0**-52
_MOST_HALVINGS: Final = 400


class Devig(StrEnum):
    """A method of taking the overround out of a book."""

    MULTIPLICATIVE = "multiplicative"
    """Every inverse odds shrinks in proportion."""
    ADDITIVE = "additive"
    """Every inverse odds shrinks by the same amount."""
    POWER = "power"
    """Every inverse odds is raised to the same power: long shots shrink most."""
    SHIN = "shin"
    """As if the bookmaker protected himself against bettors who know the result."""


class Devigged(msgspec.Struct, frozen=True):
    """The chances of a book's outcomes, in the order of its odds; they add up to the number of winners.

    Each chance is within `error` of what the method's defining equation says. `overround` is exact. `parameter` is
    the power of the power method, the share of insiders of Shin's, else None.
    """

    method: Devig
    chances: tuple[float, ...]
    error: float
    overround: Fraction
    parameter: float | None = None


def overround(odds: Sequence[Fraction], winners: int = 1) -> Fraction:
    """What the inverse odds of a book add up to beyond the number of its winners; negative below 100 %.

    >>> overround([Fraction(2), Fraction(8, 5)])
    Fraction(1, 8)
    """
    return sum((1 / one for one in odds), Fraction(-winners))


def devig(odds: Sequence[Fraction], method: Devig = Devig.POWER, winners: int = 1) -> Devigged:
    """The chances behind a book of back odds (exact decimal odds, at least two), of which `winners` are paid.

    With π the inverse odds, Π their sum, k the winners and n the outcomes:

    - multiplicative: p = k π / Π;
    - additive: p = π − (Π − k) / n;
    - power: p = π^m, with m such that the chances add up to k;
    - Shin: p = (√(z² + 4 (1 − z) π² / Π) − z) / (2 (1 − z)), with z such that they add up to one. With several
      winners it is put to a winner drawn by lot among the k: π / k in, k p out.

    Multiplicative, additive, and Shin of two outcomes (where it is the additive method) are worked out in fractions
    and rounded once.

    Raises BadData for fewer than two outcomes, odds not above 1, and winners that are not fewer than the outcomes; for
    the additive method where an outcome would have no chance or be certain; for Shin's below 100 %.

    Sources: S. Clarke, S. Kovalchik, M. Ingram, "Adjusting bookmaker's odds to allow for overround" (American Journal
    of Sports Science 5(6), 2017) for the first three and for two outcomes; H. S. Shin, "Measuring the incidence of
    insider trading in a market for state-contingent claims" (Economic Journal 103, 1993) for the model, B. Jullien
    and B. Salanié (Economic Journal 104, 1994) for its inverse.

    >>> devig([Fraction(19, 10), Fraction(19, 10)]).chances
    (0.5, 0.5)
    """
    _check(odds, winners)
    return _METHODS[method](odds, winners)


def _check(odds: Sequence[Fraction], winners: int) -> None:
    if len(odds) < 2:
        raise BadData(f"odds: a book has at least two outcomes, not {len(odds)}")
    for one in odds:
        if one <= 1:
            raise BadData(f"odds: {plain_text(one)} pays no more than the stake; leave it out of the book")
    if not 1 <= winners < len(odds):
        raise BadData(f"winners: {winners} of {len(odds)} outcomes; at least one has to win and one to lose")


def _exactly(
    method: Devig,
    odds: Sequence[Fraction],
    winners: int,
    chances: Sequence[Fraction],
    parameter: float | None,
) -> Devigged:
    """Fractions rounded once."""
    return Devigged(method, tuple(map(float, chances)), _UNIT / 2, overround(odds, winners), parameter)


def _multiplicative(odds: Sequence[Fraction], winners: int) -> Devigged:
    inverse = [1 / one for one in odds]
    scale = winners / sum(inverse, Fraction(0))
    chances = [scale * one for one in inverse]
    if max(chances) >= 1:
        raise BadData("odds: in proportion an outcome would be certain; use the power method")
    return _exactly(Devig.MULTIPLICATIVE, odds, winners, chances, None)


def _additive(odds: Sequence[Fraction], winners: int) -> Devigged:
    each = overround(odds, winners) / len(odds)
    chances = [1 / one - each for one in odds]
    if not 0 < min(chances) <= max(chances) < 1:
        raise BadData(
            "odds: the same amount off every outcome leaves one no chance, or certain; use another method"
        )
    return _exactly(Devig.ADDITIVE, odds, winners, chances, None)


def _power(odds: Sequence[Fraction], winners: int) -> Devigged:
    logs = [-log1p(float(one - 1)) for one in odds]

    def chances(power: float) -> list[float]:
        return [exp(power * one) for one in logs]

    high = 1.0
    while fsum(chances(high)) > winners:
        high *= 2
    low, high = _where(lambda power: fsum(chances(power)), winners, 0.0, high)
    return _bracketed(Devig.POWER, odds, winners, chances, low, high)


def _shin(odds: Sequence[Fraction], winners: int) -> Devigged:
    beyond = overround(odds, winners)
    if beyond < 0:
        raise BadData("odds: a book below 100 % does not fit Shin's model; use the power method")
    if len(odds) == 2:
        return _shin_of_two(odds)
    inverse = [1 / one / winners for one in odds]
    total = sum(inverse, Fraction(0))
    squares = [float(one * one / total) for one in inverse]

    def chances(insiders: float) -> list[float]:
        # The root of (1 − z) p² + z p = π² / Π, without the difference of two near numbers.
        return [2 * one / (sqrt(insiders**2 + 4 * (1 - insiders) * one) + insiders) for one in squares]

    low, high = _where(lambda insiders: fsum(chances(insiders)), 1, 0.0, 1.0)
    return _bracketed(
        Devig.SHIN, odds, winners, lambda insiders: [winners * one for one in chances(insiders)], low, high
    )


def _shin_of_two(odds: Sequence[Fraction]) -> Devigged:
    """The chances are those of the additive method, and z = (Π − 1) ((π₁ − π₂)² − Π) / (Π ((π₁ − π₂)² − 1))."""
    one, other = (1 / each for each in odds)
    total, apart = one + other, (one - other) ** 2
    insiders = (total - 1) * (apart - total) / (total * (apart - 1))
    each = (total - 1) / 2
    return _exactly(Devig.SHIN, odds, 1, [one - each, other - each], float(insiders))


def _where(total: Callable[[float], float], wanted: float, low: float, high: float) -> tuple[float, float]:
    """Two neighbours between which a falling function passes the wanted value."""
    for _ in range(_MOST_HALVINGS):
        middle = (low + high) / 2
        if not low < middle < high:
            break
        if total(middle) > wanted:
            low = middle
        else:
            high = middle
    return low, high


def _bracketed(
    method: Devig,
    odds: Sequence[Fraction],
    winners: int,
    chances: Callable[[float], list[float]],
    low: float,
    high: float,
) -> Devigged:
    """The chances between two parameters, which all fall as it rises.

    A chance is in error by what lies between the two, and by what rounding does to the sum that told them apart: as
    all move the same way, none moves further than the sum.
    """
    pairs = list(zip(chances(low), chances(high), strict=True))
    width = max(above - below for above, below in pairs)
    rounding = 16 * (len(odds) + 1) * winners * _UNIT
    return Devigged(
        method,
        tuple((above + below) / 2 for above, below in pairs),
        max(width, 0.0) + rounding,
        overround(odds, winners),
        (low + high) / 2,
    )


_METHODS: Final[dict[Devig, Callable[[Sequence[Fraction], int], Devigged]]] = {
    Devig.MULTIPLICATIVE: _multiplicative,
    Devig.ADDITIVE: _additive,
    Devig.POWER: _power,
    Devig.SHIN: _shin,
}
