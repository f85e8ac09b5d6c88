"""Made-up input for the scan: small season files, aggregator answers and exchange streams."""

from __future__ import annotations

import json
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

from crossbook.arbitrage.terms import Terms
from crossbook.base.clock import ManualClock
from crossbook.model.opportunity import Opportunity, Verdict
from crossbook.pipeline.options import Options
from crossbook.pipeline.scan import Scan, Summary
from crossbook.venues import readers
from tests.venues.betfair_messages import definition, message, runner

START = "2025-05-04T14:00:00Z"
BEFORE = "2025-05-04T13:45:00Z"
START_MS = 1_746_367_200_000
COLUMNS = "Div,Date,HomeTeam,AwayTeam,B365H,B365D,B365A,BWH,BWD,BWA,IWH,IWD,IWA"
FAIR = "1.9,3.5,4.1,1.91,3.4,4.2,1.88,3.4,4"
"""Prices of three books that leave nothing."""
PLANTED = "2.2,3.3,3.4,2.1,3.65,3.3,2.05,3.2,3.95"
"""1/2.2 + 1/3.65 + 1/3.95 = 0.98167…: a little for nothing, and no price far from the others."""
PLANTED_RETURN = 1 / (1 / Fraction("2.2") + 1 / Fraction("3.65") + 1 / Fraction("3.95"))


def write(path: Path, content: str | bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def season(*rows: str, columns: str = COLUMNS) -> str:
    return "\r\n".join([columns, *rows]) + "\r\n"


def row(prices: str = FAIR, home: str = "Northgate", away: str = "Southport", day: str = "14/08/10") -> str:
    return f"E0,{day},{home},{away},{prices}"


def three(home: float, draw: float, away: float) -> dict[str, Any]:
    return {"home": str(home), "draw": str(draw), "away": str(away)}


def odds_api_io(home: str, away: str, books: dict[str, dict[str, Any]], **changes: Any) -> str:
    """An odds-api.io answer with a match result for each book."""
    body = {
        "id": 7001,
        "home": home,
        "away": away,
        "date": START,
        "status": "pending",
        "sport": {"name": "Football", "slug": "football"},
        "league": {"name": "Coast League", "slug": "coast-league"},
        "bookmakers": {
            book: [{"name": "ML", "updatedAt": BEFORE, "odds": [prices]}] for book, prices in books.items()
        },
    }
    return json.dumps(body | changes)


def the_odds_api(home: str, away: str, books: dict[str, dict[str, Any]], **changes: Any) -> str:
    """An answer of The Odds API with a match result for each book."""
    body: dict[str, Any] = {
        "id": "e1",
        "sport_key": "soccer_made_up",
        "sport_title": "Coast League",
        "commence_time": START,
        "home_team": home,
        "away_team": away,
        "bookmakers": [
            {
                "key": book,
                "title": book.title(),
                "last_update": BEFORE,
                "markets": [
                    {
                        "key": "h2h",
                        "last_update": BEFORE,
                        "outcomes": [
                            {"name": home, "price": float(prices["home"])},
                            {"name": away, "price": float(prices["away"])},
                            {"name": "Draw", "price": float(prices["draw"])},
                        ],
                    }
                ],
            }
            for book, prices in books.items()
        ],
    }
    return json.dumps([body | changes])


HOME_RUNNER, AWAY_RUNNER, DRAW_RUNNER = 11, 12, 58805


def match_odds(market_id: str, *prices: dict[str, Any], home: str, away: str, **terms: Any) -> dict[str, Any]:
    """An image of a football match odds market without commission."""
    runners = [
        runner(HOME_RUNNER, 1, name=home),
        runner(AWAY_RUNNER, 2, name=away),
        runner(DRAW_RUNNER, 3, name="The Draw"),
    ]
    return _football(market_id, "MATCH_ODDS", runners, prices, f"{home} v {away}", terms)


def double_chance(
    market_id: str, *prices: dict[str, Any], home: str, away: str, **terms: Any
) -> dict[str, Any]:
    """An image of its double chance market: runners 21 (home or draw), 22 (draw or away), 23 (home or away)."""
    runners = [
        runner(place + 20, place, name=name)
        for place, name in enumerate(("Home or Draw", "Draw or Away", "Home or Away"), 1)
    ]
    return _football(market_id, "DOUBLE_CHANCE", runners, prices, f"{home} v {away}", terms)


def _football(
    market_id: str,
    kind: str,
    runners: list[dict[str, Any]],
    prices: tuple[dict[str, Any], ...],
    name: str,
    terms: dict[str, Any],
) -> dict[str, Any]:
    usual = {
        "eventTypeId": "1",
        "marketType": kind,
        "marketBaseRate": 0,
        "marketTime": START,
        "eventName": name,
        "eventId": "31",
    }
    return {
        "id": market_id,
        "img": True,
        "marketDefinition": definition(*runners, **{**usual, **terms}),
        "rc": list(prices),
    }


def backs(selection: int, *offers: tuple[float, float]) -> dict[str, Any]:
    return {"id": selection, "atb": [list(offer) for offer in offers]}


def lays(selection: int, *offers: tuple[float, float]) -> dict[str, Any]:
    return {"id": selection, "atl": [list(offer) for offer in offers]}


def stream(*markets_of_messages: list[dict[str, Any]]) -> str:
    """A recording, one message a second from a quarter of an hour before the start on."""
    return "".join(
        json.dumps(message(*markets, pt=START_MS - 900_000 + 1_000 * place)) + "\n"
        for place, markets in enumerate(markets_of_messages)
    )


def scan(
    *paths: Path, progress: Callable[[int, int], None] = lambda done, of: None, **options: Any
) -> tuple[list[Opportunity], Summary]:
    """Everything a scan in this process finds, and its summary."""
    work = Scan(Options(**options), readers(), ManualClock())
    return list(work.run(paths, progress)), work.summary


def actionable(found: list[Opportunity]) -> list[Opportunity]:
    return [each for each in found if each.verdict is not Verdict.REJECTED]


def terms(bank: str = "100", unit: str = "1", least_margin: str = "0") -> Terms:
    return Terms(Fraction(bank), Fraction(unit), Fraction(least_margin))
