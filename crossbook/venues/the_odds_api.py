"""Reader: The Odds API version 4: events with bookmakers, markets and outcomes, live or from its history.

A document is a list of events, one event, or the history's wrapper around either. Prices are decimal or American
throughout a document, as its request asked; the prices themselves tell which.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction
from typing import Final

import msgspec

from crossbook.base.errors import BadData
from crossbook.base.exact import parse_number
from crossbook.model.frame import StreamInfo
from crossbook.model.odds import Format
from crossbook.model.quote import Fault, Snapshot
from crossbook.venues._odds_pieces import HEAD, shown
from crossbook.venues._the_odds_api_events import SOURCE, read_event, venue_of
from crossbook.venues._the_odds_api_session import Apart, PolledEvents
from crossbook.venues.decode import json_value
from crossbook.venues.reader import Document, Reader

__all__ = ["READER", "SOURCE", "price_format", "venue_of"]

_TELLTALES: Final = (b'"sport_key"', b'"commence_time"')
_PRICE: Final = re.compile(rb'"price"\s*:\s*"?([+-]?[0-9][0-9.eE+-]*)')


class _History(msgspec.Struct, frozen=True):
    data: msgspec.Raw = msgspec.Raw()


def price_format(data: bytes) -> Format:
    """The format all prices of a document are written in.

    American prices are -100 or less, or 100 or more. Decimal ones may be 100 or more too, but then a document has
    others between 1 and 100. Raises BadData when it holds prices that only one and only the other can be.

    >>> price_format(b'{"price": -110}, {"price": 150}').value
    'american'
    """
    prices = {price for text in set(_PRICE.findall(data)) if (price := _price(text.decode())) is not None}
    decimal = any(1 < price < 100 for price in prices)
    if decimal and any(price <= -100 for price in prices):
        raise BadData("price: decimal and American prices stand in one document")
    return Format.AMERICAN if not decimal and any(abs(price) >= 100 for price in prices) else Format.DECIMAL


def _price(text: str) -> Fraction | None:
    try:
        return parse_number(text)
    except BadData:
        return None


def _recognises(document: Document) -> bool:
    head = document.data[:HEAD]
    return all(key in head for key in _TELLTALES)


def _take_apart(data: bytes, asked: Format | None) -> Apart:
    """The events of a document, each as it is written; `asked` is the price format of its request, where known."""
    data = data.removeprefix(b"\xef\xbb\xbf").strip()
    if data.startswith(b"{"):
        data = bytes(json_value(data, _History).data).strip() or data
    form = asked or price_format(data)
    if data.startswith(b"["):
        return Apart([bytes(raw) for raw in json_value(data, list[msgspec.Raw])], form)
    return Apart([data], form, alone=True)


def _read(document: Document) -> Iterator[Snapshot | Fault]:
    apart = _take_apart(document.data, None)
    for place, piece in enumerate(apart.pieces, 1):
        try:
            yield from read_event(piece, apart.form, document.received)
        except BadData as error:
            if apart.alone:
                raise
            yield Fault(None, f"event {place}: {error}")


class _Refusal(msgspec.Struct, frozen=True):
    message: str = ""
    error_code: str = ""


def _live(info: StreamInfo) -> PolledEvents:
    """A session of one polled address; ``odds_format`` in its settings is what the request asked for."""
    word = info.settings.get("odds_format")
    asked = None if word is None else Format(word)

    def apart(data: bytes) -> Apart:
        if data.lstrip().startswith(b"{"):
            refusal: _Refusal = json_value(data, _Refusal)
            if refusal.message or refusal.error_code:
                raise BadData(f"{refusal.error_code or 'message'}: {shown(refusal.message)}")
        return _take_apart(data, asked)

    return PolledEvents(apart)


READER = Reader(format=SOURCE, recognises=_recognises, read=_read, live=_live)
