"""Exact numbers: text in, rational number inside, decimal text out. No binary floats on the way."""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

from crossbook.base.errors import BadData

_PLAIN = re.compile(r"[+-]?(\d{1,18}(\.\d{0,18})?|\.\d{1,18})([eE][+-]?\d{1,2})?", re.ASCII)


@lru_cache(maxsize=65_536)
def parse_number(text: str) -> Fraction:
    """The exact value of decimal text; at most 18 digits on each side of the point.

    Raises BadData for anything else: words, commas, ``inf``, ``nan``, numbers too long to be honest.

    >>> parse_number("1.571")
    Fraction(1571, 1000)
    """
    stripped = text.strip()
    if not _PLAIN.fullmatch(stripped):
        raise BadData(f"not a plain decimal number: {text[:40]!r}")
    return Fraction(stripped)


def exact(value: Decimal) -> Fraction:
    """The fraction a decoded Decimal stands for. Raises BadData like `parse_number` (no bombs such as 1E+999999).

    >>> exact(Decimal("0.39"))
    Fraction(39, 100)
    """
    return parse_number(str(value))


def decimal_text(value: Fraction, places: int) -> str:
    """Decimal text with exactly `places` digits, rounded down, so that it never says more than is true.

    >>> decimal_text(Fraction(2, 3), 4)
    '0.6666'
    >>> decimal_text(Fraction(-1, 3), 2)
    '-0.34'
    """
    scaled = value.numerator * 10**places // value.denominator
    sign = "-" if scaled < 0 else ""
    digits = str(abs(scaled)).rjust(places + 1, "0")
    return f"{sign}{digits[:-places]}.{digits[-places:]}" if places else f"{sign}{digits}"


def plain_text(value: Fraction, places: int = 6) -> str:
    """The shortest exact decimal text, or `places` digits rounded down where the value has no end in decimals.

    >>> plain_text(Fraction(5, 4)), plain_text(Fraction(3)), plain_text(Fraction(100, 39))
    ('1.25', '3', '2.564102')
    """
    denominator = value.denominator
    for prime in (2, 5):
        while denominator % prime == 0:
            denominator //= prime
    if denominator != 1:
        return decimal_text(value, places)
    text = decimal_text(value, 20)
    return text.rstrip("0").rstrip(".") if Fraction(text) == value else decimal_text(value, places)
