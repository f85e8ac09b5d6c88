"""The matches of a site worker's update: rows of two sides, their markets, and the prices in them."""

from __future__ import annotations

import unicodedata
from fractions import Fraction
from functools import lru_cache
from typing import Final, NamedTuple

import msgspec

from crossbook.base.clock import format_time
from crossbook.base.errors import BadData
from crossbook.base.exact import parse_number, plain_text
from crossbook.model.claim import Claim, Kind, Period
from crossbook.model.odds import Format, parse_odds
from crossbook.model.quote import Basis, Fault, Listing, Quote, Side
from crossbook.model.venue import Venue, bookmaker
from crossbook.venues._odds_pieces import scalar, shown
from crossbook.venues._site_wire import Fields, Match, Update, decoded, format_of, time_of

_NAMES: Final = {"sbo": "SBO", "ibc": "IBC", "cmd": "CMD", "pinnacle": "Pinnacle"}
_DESKS: Final = {"sbo": "sbobet"}
"""Desks that other sources know under another name than the site's."""
_PERIODS: Final = {"ft": Period.FULL_TIME, "fh": Period.FIRST_HALF}


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


class _Row(NamedTuple):
    """One match while its markets are read, and what is common to all of its quotes."""

    venue: Venue
    listing: Listing
    path: str
    form: Format
    basis: Basis
    happened: int
    received: int | None
    suspended: bool


class Seen:
    """The matches of one update: a listing may stand in several rows, one for each line."""

    def __init__(self) -> None:
        self.listings: dict[str, Listing] = {}
        self.quotes: dict[str, dict[Claim, Quote]] = {}
        self.faults: list[Fault] = []

    def fault(self, reason: object) -> None:
        self.faults.append(Fault(None, str(reason)))

    def add(self, listing: Listing, path: str, quote: Quote) -> None:
        """Keep a quote. Raises BadData when the same claim was priced before in this update."""
        known = self.quotes[listing.key].setdefault(quote.claim, quote)
        if known is not quote:
            raise BadData(f"{path}: {quote.claim} is priced twice; the first price is kept")


def venue_of(site: str) -> Venue:
    """The bookmaker behind a site's word.

    >>> venue_of("sbo").name, venue_of("newsite").name
    ('SBO', 'newsite')
    """
    word = site.casefold()
    return bookmaker(word, _NAMES.get(word, word), _DESKS.get(word))


def matches(update: Update, happened: int, received: int | None) -> Seen:
    """Everything an update says; what cannot be read is a fault and costs only itself."""
    seen = Seen()
    usual = format_of(update.odds_format, "odds_format", Format.DECIMAL)
    for place, raw in enumerate(update.data.matches):
        path = f"data.matches[{place}]"
        try:
            match: Match = decoded(bytes(raw), Match, path)
            row = _row(update.site, match, path, usual, happened, received)
        except BadData as error:
            seen.fault(error)
            continue
        seen.listings[row.listing.key] = row.listing
        seen.quotes.setdefault(row.listing.key, {})
        for name, piece in match.odds.items():
            _market(seen, row, name, bytes(piece).strip())
    return seen


def _row(site: str, match: Match, path: str, usual: Format, happened: int, received: int | None) -> _Row:
    home, away, league = (
        " ".join((text or "").split()) for text in (match.home_team, match.away_team, match.league)
    )
    for field, name in (("home_team", home), ("away_team", away)):
        if not name:
            raise BadData(f"{path}.{field}: missing")
    if _folded(home) == _folded(away):
        raise BadData(f"{path}.away_team: {shown(away)} is the home team too")
    start = time_of(f"{path}.start_time", match.start_time)
    stated = None if start is None else format_time(start)
    words = (_folded(league), _folded(home), _folded(away), *([stated] if stated else []))
    listing = Listing(
        source=f"site/{site.casefold()}",
        key="|".join(words),
        sport="football",
        competition=league,
        home=home,
        away=away,
        date=None if stated is None else stated[:10],
        start=start,
    )
    live = match.live if match.live is not None else start is not None and happened > start
    return _Row(
        venue=venue_of(site),
        listing=listing,
        path=path,
        form=format_of(match.odds_format, f"{path}.odds_format", usual),
        basis=Basis.LIVE if live else Basis.PREMATCH,
        happened=happened,
        received=received,
        suspended=match.suspended,
    )


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold().replace("|", "/")


def _market(seen: Seen, row: _Row, name: str, data: bytes) -> None:
    path = f"{row.path}.odds.{name if name.isidentifier() else shown(name)}"
    prefix, _, word = name.partition("_")
    period, shape = _PERIODS.get(prefix), _SHAPES.get(word)
    if period is None or shape is None:
        known = ", ".join(f"{first}_{second}" for first in _PERIODS for second in _SHAPES)
        seen.fault(f"{path}: no known market; known are {known}")
        return
    try:
        pieces = [(path, data)]
        if data.startswith(b"["):
            lines: list[msgspec.Raw] = decoded(data, list[msgspec.Raw], path)
            pieces = [(f"{path}[{place}]", bytes(raw)) for place, raw in enumerate(lines)]
        elif data == b"null":
            return
    except BadData as error:
        seen.fault(error)
        return
    for place, piece in pieces:
        try:
            _prices(seen, row, shape, period, place, piece)
        except BadData as error:
            seen.fault(error)


def _prices(seen: Seen, row: _Row, shape: _Shape, period: Period, path: str, data: bytes) -> None:
    """The quotes of one market with one line. Raises BadData when none of it can be used."""
    fields: Fields = decoded(data, Fields, path)
    form = format_of(_text(fields, "odds_format", path), f"{path}.odds_format", row.form)
    suspended = row.suspended or _flag(fields, "suspended", path)
    line = None if shape.line is None else _line(fields.get(shape.line), f"{path}.{shape.line}")
    market = path.rpartition(".")[2].partition("[")[0]
    if line is not None:
        market += f" {_line_text(line)}"
    for selection in shape.selections:
        place = f"{path}.{selection}"
        try:
            if selection not in fields:
                raise BadData(f"{place}: missing")
            price = scalar(fields[selection])
            if price is None:
                continue  # null, "" and "-" are how sites write that there is no price now
            seen.add(
                row.listing,
                place,
                Quote(
                    venue=row.venue,
                    claim=_claim(shape.kind, selection, line, period, path),
                    side=Side.BACK,
                    odds=_odds(price, form, place),
                    size=_size(fields, selection, path),
                    basis=row.basis,
                    happened=row.happened,
                    received=row.received,
                    tradable=not suspended,
                    market_id=market,
                ),
            )
        except BadData as error:
            seen.fault(error)


@lru_cache(maxsize=1_024)
def _line_text(line: Fraction) -> str:
    return plain_text(line)


def _claim(kind: Kind, selection: str, line: Fraction | None, period: Period, path: str) -> Claim:
    try:
        return Claim.of(kind, selection, line, period)
    except BadData as error:
        raise BadData(f"{path}.{error}") from None


def _odds(price: str, form: Format, path: str) -> Fraction:
    try:
        return parse_odds(price, form)
    except BadData as error:
        raise BadData(f"{path}: {error}") from None


def _line(raw: msgspec.Raw | None, path: str) -> Fraction:
    """A line as a number, or as sites write quarter lines: ``0.5/1`` stands for 0.75, ``-0/0.5`` for -0.25.

    Raises BadData naming the path.
    """
    text = scalar(raw)
    if text is None:
        raise BadData(f"{path}: missing")
    try:
        first, slash, second = text.partition("/")
        if not slash:
            return parse_number(text)
        low, high = abs(parse_number(first)), abs(parse_number(second))
        if high - low != Fraction(1, 2):
            raise BadData(f"{shown(text)} are not two neighbouring lines")
        middle = (low + high) / 2
        return -middle if first.strip().startswith("-") else middle
    except BadData as error:
        raise BadData(f"{path}: {error}") from None


def _size(fields: Fields, selection: str, path: str) -> Fraction | None:
    """The largest stake a market takes: one number for all selections, or one for each."""
    for name in ("size", "limits"):
        raw, place = fields.get(name), f"{path}.{name}"
        if raw is not None and bytes(raw).lstrip().startswith(b"{"):
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
    raw = fields.get(name)
    return raw is not None and bool(decoded(bytes(raw), bool | None, f"{path}.{name}"))
