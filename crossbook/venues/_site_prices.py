"""The markets of a site worker's match: their lines and prices as they are written, apart from whose they are."""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from typing import Final, NamedTuple

import msgspec

from crossbook.base.errors import BadData
from crossbook.base.exact import parse_number, plain_text
from crossbook.model.claim import Claim, Kind, Period
from crossbook.model.odds import Format, parse_odds
from crossbook.venues._odds_pieces import scalar, shown
from crossbook.venues._site_wire import Fields, decoded, format_of

_PERIODS: Final = {"ft": Period.FULL_TIME, "fh": Period.FIRST_HALF}
_SHORT: Final = 400
"""Longer pieces are read every time, so that what is remembered cannot grow large."""


class _Shape(NamedTuple):
    """A kind of market: its selections as the fields that hold their prices, and the field of its line."""

    kind: Kind
    selections: tuple[str, ...]
    line: str | None = None


_SHAPES: Final = {
    "hdp": _Shape(Kind.ASIAN_HANDICAP, ("home", "away"), "handicap"),
    "ou": _Shape(Kind.TOTAL, ("over", "under"), "line"),
    "1x2": _Shape(Kind.MATCH_RESULT, ("home", "draw", "away")),
}
_MARKETS: Final = {
    f"{first}_{second}": (period, shape)
    for first, period in _PERIODS.items()
    for second, shape in _SHAPES.items()
}


class Price(NamedTuple):
    """One price of a market; `path` is its place in the match."""

    claim: Claim
    odds: Fraction
    size: Fraction | None
    suspended: bool
    market: str
    path: str


class Prices(NamedTuple):
    """What a market says, and why not more; reasons begin with the path of the field inside the match."""

    found: tuple[Price, ...] = ()
    faults: tuple[str, ...] = ()


def prices_of(name: str, data: bytes, form: Format) -> Prices:
    """One field of a match's odds; `form` is the format of its prices unless it names its own.

    >>> prices_of("ft_ou", b'{"over": 2, "under": 1.8, "line": 2.5}', Format.DECIMAL).found[0].market
    'ft_ou 2.5'
    """
    if len(name) + len(data) > _SHORT:
        return _read(name, data, form)
    return _remembered(name, data, form)


def _read(name: str, data: bytes, form: Format) -> Prices:
    path = f"odds.{name if name.isidentifier() else shown(name)}"
    if name not in _MARKETS:
        return Prices(faults=(f"{path}: no known market; known are {', '.join(_MARKETS)}",))
    found: list[Price] = []
    faults: list[str] = []
    try:
        pieces = [(path, data)]
        if data.startswith(b"["):
            lines: list[msgspec.Raw] = decoded(data, list[msgspec.Raw], path)
            pieces = [(f"{path}[{place}]", bytes(raw)) for place, raw in enumerate(lines)]
        elif data == b"null":
            return Prices()
    except BadData as error:
        return Prices(faults=(str(error),))
    for place, piece in pieces:
        try:
            _one_line(name, place, piece, form, found, faults)
        except BadData as error:
            faults.append(str(error))
    return Prices(tuple(found), tuple(faults))


_remembered = lru_cache(maxsize=16_384)(_read)


def _one_line(name: str, path: str, data: bytes, form: Format, found: list[Price], faults: list[str]) -> None:
    """The prices of one market with one line. Raises BadData when none of it can be used."""
    fields: Fields = decoded(data, Fields, path)
    if "odds_format" in fields:
        form = format_of(_text(fields, "odds_format", path), f"{path}.odds_format", form)
    suspended = "suspended" in fields and _flag(fields, "suspended", path)
    shape = _MARKETS[name][1]
    line = "" if shape.line is None else _written(fields.get(shape.line), path, shape.line)
    try:
        claims, market = _named(name, line)
    except BadData as error:
        raise BadData(f"{path}.{error}") from None
    sized = "size" in fields or "limits" in fields
    for selection, claim in zip(shape.selections, claims, strict=True):
        place = f"{path}.{selection}"
        if selection not in fields:
            faults.append(f"{place}: missing")
            continue
        try:
            price = scalar(fields[selection])
            if price is None:
                continue  # null, "" and "-" are how sites write that there is no price now
            odds = parse_odds(price, form)
        except BadData as error:
            faults.append(f"{place}: {error}")
            continue
        try:
            size = _size(fields, selection, path) if sized else None
        except BadData as error:
            faults.append(str(error))
            continue
        found.append(Price(claim, odds, size, suspended, market, place))


def _written(raw: msgspec.Raw | None, path: str, field: str) -> str:
    """A line as it is written, where it is one."""
    text = scalar(raw)
    if text is None:
        raise BadData(f"{path}.{field}: missing")
    try:
        _line(text)
    except BadData as error:
        raise BadData(f"{path}.{field}: {error}") from None
    return text


@lru_cache(maxsize=8_192)
def _named(name: str, written: str) -> tuple[tuple[Claim, ...], str]:
    """The claims of a market with this line as it is written, one for each selection, and the market's id."""
    period, shape = _MARKETS[name]
    line = None if shape.line is None else _line(written)
    market = name if line is None else f"{name} {plain_text(line)}"
    return tuple(Claim.of(shape.kind, each, line, period) for each in shape.selections), market


@lru_cache(maxsize=8_192)
def _line(text: str) -> Fraction:
    """A line as a number, or as sites write quarter lines: ``0.5/1`` stands for 0.75, ``-0/0.5`` for -0.25."""
    first, slash, second = text.partition("/")
    if not slash:
        return parse_number(text)
    low, high = abs(parse_number(first)), abs(parse_number(second))
    if high - low != Fraction(1, 2):
        raise BadData(f"{shown(text)} are not two neighbouring lines")
    middle = (low + high) / 2
    return -middle if first.strip().startswith("-") else middle


def _size(fields: Fields, selection: str, path: str) -> Fraction | None:
    """The largest stake a market takes: one number for all selections, or one for each."""
    for name in ("size", "limits"):
        raw, place = fields.get(name), f"{path}.{name}"
        if raw is None:
            continue
        if bytes(raw).lstrip().startswith(b"{"):
            raw, place = decoded(bytes(raw), Fields, place).get(selection), f"{place}.{selection}"
        text = scalar(raw)
        if text is None:
            continue
        try:
            size = parse_number(text)
        except BadData as error:
            raise BadData(f"{place}: {error}") from None
        if size < 0:
            raise BadData(f"{place}: {shown(text)} is below zero")
        return size
    return None


def _text(fields: Fields, name: str, path: str) -> str | None:
    raw = fields.get(name)
    value: str | None = None if raw is None else decoded(bytes(raw), str | None, f"{path}.{name}")
    return value


def _flag(fields: Fields, name: str, path: str) -> bool:
    return bool(decoded(bytes(fields[name]), bool | None, f"{path}.{name}"))
