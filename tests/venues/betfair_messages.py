"""Hand-made Betfair messages for the tests, and short ways to ask what a reader made of them."""

from __future__ import annotations

import json
from fractions import Fraction
from typing import Any

from crossbook.model.quote import Fault, Quote, Side, Snapshot
from crossbook.venues.reader import Document, Reader

MARKET = "1.100"
EVENT = "500"
START = "2024-03-01T15:00:00.000Z"


def runner(selection: int, place: int, status: str = "ACTIVE", **more: Any) -> dict[str, Any]:
    return {"id": selection, "sortPriority": place, "status": status, **more}


def definition(*runners: dict[str, Any], **more: Any) -> dict[str, Any]:
    """An open two-runner race unless told otherwise."""
    usual = {
        "eventId": EVENT,
        "eventTypeId": "7",
        "marketType": "WIN",
        "bettingType": "ODDS",
        "status": "OPEN",
        "inPlay": False,
        "complete": True,
        "bspReconciled": False,
        "numberOfWinners": 1,
        "marketBaseRate": 5,
        "marketTime": START,
        "venue": "Ascot",
        "countryCode": "GB",
        "runners": list(runners) or [runner(11, 1), runner(12, 2)],
    }
    return {**usual, **more}


def market(market_id: str = MARKET, *prices: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"id": market_id, **({"rc": list(prices)} if prices else {}), **more}


def message(*markets: dict[str, Any], pt: int = 1_000, **more: Any) -> dict[str, Any]:
    return {"op": "mcm", "clk": "A", "pt": pt, **({"mc": list(markets)} if markets else {}), **more}


def image(*prices: dict[str, Any], market_id: str = MARKET, **terms: Any) -> dict[str, Any]:
    """A message with a full image of one market."""
    return message(market(market_id, *prices, img=True, marketDefinition=definition(**terms)))


def document(*messages: Any, received: int | None = None) -> Document:
    """A recording of messages; text and bytes are taken as lines of their own."""
    lines = [
        line
        if isinstance(line, bytes)
        else line.encode()
        if isinstance(line, str)
        else json.dumps(line).encode()
        for line in messages
    ]
    return Document(("recording",), b"\n".join(lines) + b"\n", received)


def split(reader: Reader, given: Document) -> tuple[list[Snapshot], list[Fault]]:
    """What a reader yields, snapshots and faults apart."""
    found = list(reader.read(given))
    return [one for one in found if isinstance(one, Snapshot)], [
        one for one in found if isinstance(one, Fault)
    ]


Prices = list[tuple[Fraction, Fraction | None]]


def prices(quotes: list[Quote], selection: str, side: Side, market_id: str = MARKET) -> Prices:
    """Odds and sizes of one side of one selection, in the order they were given."""
    return [
        (quote.odds, quote.size)
        for quote in quotes
        if (quote.claim.selection, quote.side, quote.market_id) == (selection, side, market_id)
    ]


def exactly(*pairs: tuple[str, str]) -> Prices:
    return [(Fraction(price), Fraction(size)) for price, size in pairs]
