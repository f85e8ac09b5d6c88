"""What goes into columns: text that PostgreSQL can hold, exact numbers as text, times that fit."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any, Final

import msgspec

_LARGEST: Final = 2**63 - 1
_LONGEST_KEY: Final = 600  # bytes; an index entry holds 2,700 and some have four of these


def plain(text: str) -> str:
    """The text without what PostgreSQL cannot hold: NUL and lone surrogates become the replacement sign.

    >>> plain("Arsenal\\0")
    'Arsenal\ufffd'
    """
    if text.isascii() and "\0" not in text:
        return text
    return text.replace("\0", "\ufffd").encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def key_text(text: str) -> str:
    """Text that an index can hold: what is longer than any honest key ends in its own hash instead."""
    if len(text) <= 100:  # even at four bytes a letter far below the limit
        return plain(text)
    encoded = plain(text).encode()
    if len(encoded) <= _LONGEST_KEY:
        return encoded.decode()
    mark = hashlib.blake2b(encoded, digest_size=16).hexdigest()
    return f"{encoded[: _LONGEST_KEY - 40].decode(errors='ignore')}…{mark}"


def exact_text(value: Fraction | None) -> str | None:
    """An exact number as text, numerator and denominator.

    >>> exact_text(Fraction(100, 37)), exact_text(Fraction(3))
    ('100/37', '3/1')
    """
    return None if value is None else f"{value.numerator}/{value.denominator}"


def fitting(time: int | None) -> int | None:
    """A time another party stated, None where it is beyond the years that 64 bits of nanoseconds hold."""
    return None if time is None or not -_LARGEST <= time <= _LARGEST else time


def json_text(rows: Iterable[Mapping[str, object]]) -> str:
    """Rows as one JSON text, for queries that take them all at once."""
    return msgspec.json.encode(list(rows)).decode()


def readable(text: bytes) -> str | None:
    """A JSON text as jsonb can hold it where the text itself cannot (a NUL in a name); None where it can."""
    return (
        None if b"\\u0000" not in text else msgspec.json.encode(_cleaned(msgspec.json.decode(text))).decode()
    )


def _cleaned(value: Any) -> Any:
    if isinstance(value, str):
        return plain(value)
    if isinstance(value, dict):
        return {plain(name): _cleaned(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_cleaned(each) for each in value]
    return value
