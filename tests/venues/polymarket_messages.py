"""Hand-made Polymarket answers for the tests, and short ways to ask what the reader made of them."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from crossbook.model.quote import Quote, Side, Snapshot
from crossbook.venues.polymarket import READER
from tests.venues import json_answers

NINETY = (
    "This market refers only to the outcome within the first 90 minutes of regular play plus stoppage time."
)

Told = list[tuple[str, str, Side, Fraction, Fraction | None]]


def read(content: Any, received: int | None = None) -> tuple[list[Snapshot], list[str]]:
    """Snapshots and the reasons of the faults."""
    return json_answers.told(READER, content, received)


def quoted(quotes: list[Quote]) -> Told:
    return [(one.claim.subject, one.claim.selection, one.side, one.odds, one.size) for one in quotes]


def market(condition: str = "0xa", **changed: Any) -> dict[str, Any]:
    plain = {
        "conditionId": condition,
        "question": "Will it rain?",
        "outcomes": '["Yes", "No"]',
        "clobTokenIds": f'["{condition}1", "{condition}2"]',
        "active": True,
        "closed": False,
        "acceptingOrders": True,
        "bestBid": 0.25,
        "bestAsk": 0.32,
    }
    return {**plain, **changed}


def event(*markets: dict[str, Any], **changed: Any) -> dict[str, Any]:
    return {
        "id": "7",
        "title": "Weather",
        "negRisk": True,
        "negRiskAugmented": False,
        "markets": markets,
        **changed,
    }


def game(team: str | None, condition: str, **changed: Any) -> dict[str, Any]:
    """A market on a team's win or, without a team, on a draw, worded as Polymarket words them."""
    wins = "the game ends in a draw" if team is None else f"{team} wins"
    question = "Will Leeds vs. Cardiff end in a draw?" if team is None else f"Will {team} win on 2027-04-09?"
    texts = {
        "question": question,
        "description": (
            f'In the upcoming game, scheduled for April 9, 2027\nIf {wins}, this market will resolve to "Yes".\n'
            f'Otherwise, this market will resolve to "No".\n{NINETY}'
        ),
        "sportsMarketType": "moneyline",
        "gameStartTime": "2027-04-09 19:00:00+00",
    }
    return market(condition, **{**texts, **changed})


def total(**changed: Any) -> dict[str, Any]:
    texts = {
        "outcomes": ["Over", "Under"],
        "line": 2.5,
        "sportsMarketType": "totals",
        "description": (
            'This market will resolve to "Over" if Leeds and Cardiff combine to score 3 or more goals. '
            f'Otherwise, it will resolve to "Under". {NINETY}'
        ),
    }
    return market("0xt", **{**texts, **changed})


def match(*markets: dict[str, Any], **changed: Any) -> dict[str, Any]:
    return event(*markets, **{"title": "Leeds vs. Cardiff", **changed})
