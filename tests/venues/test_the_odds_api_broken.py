"""The Odds API: a bad piece is one fault that names it, and takes nothing else with it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossbook.base.errors import BadData
from crossbook.venues.the_odds_api import READER
from tests.venues.json_answers import alone_and_beside, damaged
from tests.venues.the_odds_api_messages import (
    AWAY,
    HOME,
    OVER_UNDER,
    THREE,
    event,
    market,
    outcome,
    read,
    said,
)

BAD_OUTCOMES = [
    ("btts", outcome("Yes", 1), "price: odds: 1 is not a decimal price"),
    ("btts", outcome("Yes", -3), "price: odds: -3 is not a decimal price"),
    ("btts", outcome("Yes", "much"), "price: not a plain decimal number: 'much'"),
    ("btts", {"name": "Yes"}, "price: missing"),
    ("btts", {"price": 2}, "field: Object missing required field `name`"),
    ("btts", outcome("Maybe", 2), "selection: 'maybe' is not one of no, yes of btts"),
    ("draw_no_bet", outcome("Elsewhere", 2), "name: 'Elsewhere' is neither team"),
    ("totals", outcome("Over", 2), "point: missing, and this market needs a line"),
    ("totals", outcome("Over", 2, 2.6), "line: 2.6 is off the quarter grid"),
    ("totals", outcome("Over", 2, 1e6), "line: 1000000 is beyond 1000"),
    ("spreads", outcome("Elsewhere", 2, 1), "name: 'Elsewhere' is neither team"),
    ("team_totals", outcome("Over", 2, 1.5), "description: '' is neither team"),
    ("double_chance", outcome("Draw or Draw", 2), "name: 'Draw or Draw' does not name two of three results"),
]


@pytest.mark.parametrize(("key", "bad", "fault"), BAD_OUTCOMES)
def test_a_bad_outcome_is_one_fault_that_names_the_field(key: str, bad: dict[str, Any], fault: str) -> None:
    """The markets beside it are kept."""
    snapshots, faults = read([event(market(key, bad), market("h2h", *THREE))])
    assert faults == [f"{HOME} v {AWAY}: Bookone, {key}, outcome 1: {fault}"]
    assert len(snapshots[0].quotes) == 3


def test_a_selection_stands_once_in_a_market() -> None:
    """The first is kept, the second is named, the others are not concerned."""
    twice = market("btts", outcome("Yes", 2), outcome("yes", 2.1), outcome("No", 1.8))
    snapshots, faults = read([event(twice)])
    assert said(snapshots[0].quotes) == ["back btts yes @ 2 in btts", "back btts no @ 1.8 in btts"]
    assert len(faults) == 1
    assert "outcome 2: selection: back btts yes stands twice in one market" in faults[0]


def test_broken_markets_and_bookmakers_do_not_take_others_with_them() -> None:
    """Each level is decoded by itself."""
    good = market("btts", outcome("Yes", 2))
    body = event({"outcomes": []}, good | {"last_update": "noon"}, 7, good)
    body["bookmakers"] = [{"title": "nameless"}, "gone", *body["bookmakers"]]
    snapshots, faults = read([body])
    assert [fault.removeprefix(f"{HOME} v {AWAY}: ") for fault in faults] == [
        "bookmaker 1: field: Object missing required field `key`",
        "bookmaker 2: field: Expected `object`, got `str`",
        "Bookone, market 1: field: Object missing required field `key`",
        "Bookone, market 2: last_update: 'noon' is not a time",
        "Bookone, market 3: field: Expected `object`, got `int`",
    ]
    assert len(snapshots[0].quotes) == 1


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"id": " "}, "id: missing"),
        ({"home_team": None}, "home_team: missing"),
        ({"away_team": ""}, "away_team: missing"),
        ({"commence_time": "later"}, "commence_time: 'later' is not a time"),
        ({"bookmakers": 3}, "field: Expected `array | null`, got `int` - at `$.bookmakers`"),
    ],
)
def test_a_bad_event_is_bad_data_alone_and_a_fault_in_a_list(changes: dict[str, Any], fault: str) -> None:
    """A document that holds nothing else raises; beside others it is one fault."""
    bad, good = event(**changes), event(market("btts", outcome("Yes", 2)))
    assert alone_and_beside(READER, bad, good) == (fault, [f"event 1: {fault}"], 1)


def test_a_match_market_without_teams_is_a_fault() -> None:
    """An event without sides has outrights only."""
    _, faults = read([event(market("btts", outcome("Yes", 2)), home_team=None, away_team=None)])
    assert faults == ["Made Up League: Bookone, btts: home_team: missing"]


@pytest.mark.parametrize(
    "data", [b"", b"[", b'{"data": ', b"\xfe\xff[]", b"17", b'[{"id": "a"', b"[" * 20_000]
)
def test_unreadable_documents_raise_bad_data(data: bytes) -> None:
    """Truncated, empty, mis-encoded and too deeply nested documents."""
    with pytest.raises(BadData):
        read(data)


@given(st.data())
def test_damage_anywhere_is_a_fault_or_bad_data(data: st.DataObject) -> None:
    """Bytes changed at random never give another error, and never odds that pay nothing."""
    body = event(
        market("h2h", *THREE), market("spreads", outcome(AWAY, 2, 0.25)), market("totals", *OVER_UNDER)
    )
    try:
        snapshots, _ = read(damaged([body], data))
    except BadData:
        return
    assert all(quote.odds > 1 for snapshot in snapshots for quote in snapshot.quotes)
