"""Hand-made answers of odds-api.io for the tests, and short ways to ask what the reader made of them."""

from __future__ import annotations

from typing import Any

from crossbook.model.quote import Quote, Snapshot
from crossbook.venues.odds_api_io import READER
from tests.venues import json_answers

STAMP = "2025-05-04T12:30:00.250Z"


def event(bookmakers: dict[str, Any] | None, **changes: Any) -> dict[str, Any]:
    """A made-up fixture with these bookmakers."""
    body: dict[str, Any] = {
        "id": 7001,
        "home": "Northgate Rovers",
        "away": "Southport City",
        "date": "2025-05-04T14:00:00Z",
        "status": "pending",
        "sport": {"name": "Football", "slug": "football"},
        "league": {"name": "Coast League", "slug": "coast-league"},
        "bookmakers": bookmakers,
    }
    body.update(changes)
    return {key: value for key, value in body.items() if value is not None}


def market(name: str, *rows: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """One market with these rows."""
    return {"name": name, "updatedAt": STAMP, "odds": list(rows)} | changes


def read(body: object, received: int | None = None) -> tuple[list[Snapshot], list[str]]:
    """Snapshots and the reasons of the faults."""
    return json_answers.told(READER, body, received)


def quotes(name: str, *rows: dict[str, Any], book: str = "Bet365", **changes: Any) -> list[Quote]:
    """The quotes of one market that must be read without a fault."""
    snapshots, faults = read(event({book: [market(name, *rows)]}, **changes))
    assert faults == [], faults
    return snapshots[0].quotes


def said(found: list[Quote]) -> list[str]:
    """Each quote in a line: side, claim, odds."""
    return [f"{quote.side.value} {quote.claim} @ {float(quote.odds):g}" for quote in found]
