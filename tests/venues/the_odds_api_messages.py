"""Hand-made answers of The Odds API for the tests, and short ways to ask what the reader made of them."""

from __future__ import annotations

from typing import Any

from crossbook.model.quote import Quote, Snapshot
from crossbook.venues.the_odds_api import READER
from tests.venues import json_answers

START, BEFORE, AFTER = "2025-02-01T15:00:00Z", "2025-02-01T14:10:00Z", "2025-02-01T15:20:00Z"
HOME, AWAY = "Harbour Town", "Hill Athletic"


def outcome(name: str, price: object, point: object = None, description: str | None = None) -> dict[str, Any]:
    """One outcome."""
    body = {"name": name, "price": price, "point": point, "description": description}
    return {key: value for key, value in body.items() if value is not None}


def market(key: str, *outcomes: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """One market with these outcomes."""
    return {"key": key, "last_update": BEFORE, "outcomes": list(outcomes)} | changes


def event(*markets: Any, book: str = "bookone", **changes: Any) -> dict[str, Any]:
    """A made-up fixture with one bookmaker."""
    body: dict[str, Any] = {
        "id": "e1",
        "sport_key": "soccer_made_up",
        "sport_title": "Made Up League",
        "commence_time": START,
        "home_team": HOME,
        "away_team": AWAY,
        "bookmakers": [{"key": book, "title": book.title(), "last_update": BEFORE, "markets": list(markets)}],
    }
    body.update(changes)
    return {key: value for key, value in body.items() if value is not None}


def read(body: object, received: int | None = None) -> tuple[list[Snapshot], list[str]]:
    """Snapshots and the reasons of the faults."""
    return json_answers.told(READER, body, received)


def quotes(*markets: Any, **changes: Any) -> list[Quote]:
    """The quotes of markets that must be read without a fault."""
    snapshots, faults = read([event(*markets, **changes)])
    assert faults == [], faults
    return snapshots[0].quotes


def said(found: list[Quote]) -> list[str]:
    """Each quote in a line: side, claim, odds, market."""
    return [
        f"{quote.side.value} {quote.claim} @ {float(quote.odds):g} in {quote.market_id}" for quote in found
    ]


THREE = (outcome(HOME, 2.5), outcome(AWAY, 2.9), outcome("Draw", 3.4))
OVER_UNDER = (outcome("Over", 1.9, 2.25), outcome("Under", 2, 2.25))
