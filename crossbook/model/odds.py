"""Odds formats, exact both ways.

Inside Crossbook odds are always *decimal odds*: what one unit at stake gives back when the claim wins, as an exact
fraction. This module is the only place that knows the other ways of writing them.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from fractions import Fraction
from functools import lru_cache
from typing import Final

from crossbook.base.errors import BadData
from crossbook.base.exact import parse_number, plain_text


class Format(StrEnum):
    """A way of writing odds."""

    DECIMAL = "decimal"
    FRACTIONAL = "fractional"
    AMERICAN = "american"
    HONG_KONG = "hong_kong"
    MALAY = "malay"
    INDONESIAN = "indonesian"
    PROBABILITY = "probability"


LARGEST_ODDS: Final = Fraction(1_000_000)
SMALLEST_ODDS: Final = 1 + Fraction(1, 1_000_000)


@lru_cache(maxsize=65_536)
def parse_odds(text: str, form: Format = Format.DECIMAL) -> Fraction:
    """Decimal odds from text in a format. Raises BadData when the text is not odds in that format.

    >>> parse_odds("4/7", Format.FRACTIONAL)
    Fraction(11, 7)
    >>> parse_odds("-0.5", Format.MALAY)
    Fraction(3, 1)
    """
    if form is Format.FRACTIONAL:
        value = _fraction(text)
    else:
        value = parse_number(text)
    return to_decimal(value, form)


def to_decimal(value: Fraction, form: Format) -> Fraction:
    """Decimal odds from the number written in a format. Raises BadData when it is outside the format's range."""
    try:
        odds = _DECODE[form](value)
    except ZeroDivisionError:
        raise _off(value, form) from None
    if not SMALLEST_ODDS <= odds <= LARGEST_ODDS or from_decimal(odds, form) != _canonical(value, form):
        raise _off(value, form)
    return odds


def from_decimal(odds: Fraction, form: Format) -> Fraction:
    """The number a format writes for decimal odds; the inverse of `to_decimal`. Raises BadData at odds <= 1.

    >>> from_decimal(Fraction(11, 7), Format.AMERICAN)
    Fraction(-175, 1)
    """
    if odds <= 1:
        raise BadData(f"odds: {plain_text(odds)} pays no more than the stake")
    return _ENCODE[form](odds)


def odds_text(odds: Fraction, form: Format = Format.DECIMAL) -> str:
    """Odds as a person would write them; digits beyond the sixth are cut where decimals do not end."""
    value = from_decimal(odds, form)
    if form is Format.FRACTIONAL:
        return f"{value.numerator}/{value.denominator}"
    sign = "+" if form is Format.AMERICAN and value > 0 else ""
    return sign + plain_text(value)


def _off(value: Fraction, form: Format) -> BadData:
    return BadData(f"odds: {plain_text(value)} is not a {form.value} price")


def _fraction(text: str) -> Fraction:
    if text.strip().lower() in ("evens", "evs", "even"):
        return Fraction(1)
    over, slash, under = text.partition("/")
    try:
        above, below = parse_number(over), parse_number(under) if slash else Fraction(1)
    except BadData:
        raise BadData(f"odds: {text[:40]!r} is not a fraction") from None
    if below <= 0:
        raise BadData(f"odds: {text[:40]!r} divides by nothing")
    return above / below


def _signed(net: Fraction, unit: int) -> Fraction:
    """Net winnings below even money are written as the negative stake that wins one unit."""
    return net * unit if net >= 1 else -unit / net


def _unsigned(value: Fraction, unit: int) -> Fraction:
    return value / unit if value > 0 else -unit / value


def _canonical(value: Fraction, form: Format) -> Fraction:
    """Even money has two spellings in the signed formats; the positive one is ours."""
    spelled = {Format.AMERICAN: -100, Format.MALAY: -1, Format.INDONESIAN: -1}.get(form)
    return -value if value == spelled else value


_DECODE: Final[dict[Format, Callable[[Fraction], Fraction]]] = {
    Format.DECIMAL: lambda value: value,
    Format.FRACTIONAL: lambda value: 1 + value,
    Format.AMERICAN: lambda value: 1 + _unsigned(value, 100),
    Format.HONG_KONG: lambda value: 1 + value,
    Format.MALAY: lambda value: 1 + (value if value > 0 else -1 / value),
    Format.INDONESIAN: lambda value: 1 + _unsigned(value, 1),
    Format.PROBABILITY: lambda value: 1 / value,
}
_ENCODE: Final[dict[Format, Callable[[Fraction], Fraction]]] = {
    Format.DECIMAL: lambda odds: odds,
    Format.FRACTIONAL: lambda odds: odds - 1,
    Format.AMERICAN: lambda odds: _signed(odds - 1, 100),
    Format.HONG_KONG: lambda odds: odds - 1,
    Format.MALAY: lambda odds: odds - 1 if odds <= 2 else -1 / (odds - 1),
    Format.INDONESIAN: lambda odds: _signed(odds - 1, 1),
    Format.PROBABILITY: lambda odds: 1 / odds,
}
