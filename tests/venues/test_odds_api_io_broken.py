"""odds-api.io: a bad piece is one fault that names it, and takes nothing else with it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossbook.base.errors import BadData
from crossbook.venues.odds_api_io import READER
from tests.venues.json_answers import alone_and_beside, damaged
from tests.venues.odds_api_io_messages import event, market, read, said

BAD_ROWS = [
    ("ML", {"home": "1", "away": "3"}, "home: odds: 1 is not a decimal price", ["1x2 away @ 3"]),
    ("ML", {"home": "0.95", "away": "3"}, "home: odds: 0.95 is not a decimal price", ["1x2 away @ 3"]),
    ("ML", {"home": "evens", "away": "3"}, "home: not a plain decimal number: 'evens'", ["1x2 away @ 3"]),
    ("ML", {"home": [], "away": "3"}, "home: not a plain decimal number: '[]'", ["1x2 away @ 3"]),
    ("ML", {"home": "1E+99", "away": "3"}, "home: odds: 1", ["1x2 away @ 3"]),
    ("ML", {"over": "2"}, "over: no selection of this market has its price there", []),
    ("Spread", {"home": "2", "away": "2"}, "hdp: missing, and this market needs a line", []),
    ("Spread", {"hdp": "half", "home": "2"}, "hdp: not a plain decimal number: 'half'", []),
    ("Spread", {"hdp": 0.3, "home": "2"}, "line: 0.3 is off the quarter grid", []),
    ("Totals", {"hdp": 40000, "over": "2"}, "line: 40000 is beyond 1000", []),
    ("European Handicap", {"hdp": 0.5, "home": "2"}, "line: a European handicap is a whole number", []),
    ("Double Chance", {"label": "Eastend or Draw", "under": "2"}, "label: 'Eastend' fits neither team", []),
    ("Double Chance", {"label": "Draw or Draw", "under": "2"}, "label: 'Draw or Draw' does not name two", []),
    ("Half Time Result", {"label": "1", "over": "2", "under": "3"}, "over, under: more than one price", []),
    ("Exact Total Goals", {"label": "many", "under": "2"}, "label: 'many' is not a number or a range", []),
    (
        "Exact Total Goals",
        {"label": "Under 0", "under": "2"},
        "label: 'Under 0' is not a number or a range",
        [],
    ),
    ("Exact Total Goals", {"under": "2"}, "label: missing", []),
    ("Player Shots Over/Under", {"label": "(1)", "hdp": 0.5, "over": "2"}, "label: no player is named", []),
    ("ML", {"home": "2", "depthHome": "lots"}, "depthHome: not a plain decimal number: 'lots'", []),
    ("ML", {"home": "2", "depthHome": "-4"}, "depthHome: a size below nothing", []),
]


@pytest.mark.parametrize(("name", "row", "fault", "kept"), BAD_ROWS)
def test_a_bad_piece_is_one_fault_that_names_the_field(
    name: str, row: dict[str, Any], fault: str, kept: list[str]
) -> None:
    """The other selections of the row, and the other markets, are kept."""
    markets = [market(name, row), market("Both Teams To Score", {"yes": "1.7"})]
    snapshots, faults = read(event({"Bet365": markets}))
    assert len(faults) == 1
    assert faults[0].startswith(f"Northgate Rovers v Southport City: Bet365, {name}, row 1: ")
    assert fault in faults[0]
    assert said(snapshots[0].quotes) == [f"back {text}" for text in [*kept, "btts yes @ 1.7"]]


def test_a_selection_stands_once_in_a_market_but_may_stand_in_several() -> None:
    """The first of two equal selections is kept and the second is named; other markets are not concerned."""
    markets = [
        market("Totals", {"hdp": 2.5, "over": "1.9"}, {"hdp": 2.5, "over": "1.95", "under": "2"}),
        market("Goals Over/Under", {"hdp": 2.5, "over": "1.85"}),
    ]
    snapshots, faults = read(event({"Bet365": markets}))
    assert said(snapshots[0].quotes) == [
        "back total over 2.5 @ 1.9",
        "back total under 2.5 @ 2",
        "back total over 2.5 @ 1.85",
    ]
    assert len(faults) == 1
    assert "row 2: selection: back total over 2.5 stands twice in one market" in faults[0]


def test_broken_markets_and_bookmakers_do_not_take_others_with_them() -> None:
    """Each level is decoded by itself."""
    good = market("ML", {"home": "2"})
    body = event(
        {
            "Lost Books": "gone",
            "Bet365": [{"odds": []}, 5, market("ML", "row"), good | {"updatedAt": "teatime"}],  # type: ignore[arg-type]
            "Other": [good],
        }
    )
    snapshots, faults = read(body)
    start = "Northgate Rovers v Southport City: "
    assert [fault.removeprefix(start) for fault in faults] == [
        "Lost Books: field: Expected `array`, got `str`",
        "Bet365, market 1: field: Object missing required field `name`",
        "Bet365, market 2: field: Expected `object`, got `int`",
        "Bet365, ML, row 1: field: Expected `object`, got `str`",
        "Bet365, ML: updatedAt: 'teatime' is not a time",
    ]
    assert [(q.venue.id, str(q.claim)) for q in snapshots[0].quotes] == [("other", "1x2 home")]


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"home": " "}, "home: missing"),
        ({"away": ""}, "away: missing"),
        ({"home": 3}, "field: Expected `str`, got `int` - at `$.home`"),
        ({"date": "soon"}, "date: 'soon' is not a time"),
        ({"status": "abducted"}, "status: 'abducted' is not known"),
        ({"status": None}, "status: '' is not known"),
    ],
)
def test_a_bad_event_is_bad_data_alone_and_a_fault_in_a_list(changes: dict[str, Any], fault: str) -> None:
    """A document that holds nothing else raises; beside others it is one fault."""
    bad, good = event({"Bet365": []}, **changes), event({"Bet365": [market("ML", {"home": "2"})]})
    assert alone_and_beside(READER, bad, good) == (fault, [f"event 1: {fault}"], 1)


@pytest.mark.parametrize("data", [b"", b"  ", b"[", b'{"home": ', b'\xff\xfe{"a"', b'"text"', b"[[" * 5000])
def test_unreadable_documents_raise_bad_data(data: bytes) -> None:
    """Truncated, empty, mis-encoded and too deeply nested documents."""
    with pytest.raises(BadData):
        read(data)


@given(st.data())
def test_damage_anywhere_is_a_fault_or_bad_data(data: st.DataObject) -> None:
    """Bytes changed at random never give another error, and never odds that pay nothing."""
    markets = [
        market("Spread", {"hdp": -1, "home": "2.1", "away": "1.8"}),
        market("Half Time Result", {"label": "1", "under": "2.8"}),
    ]
    try:
        snapshots, _ = read(damaged(event({"Bet365": markets}), data))
    except BadData:
        return
    assert all(quote.odds > 1 for snapshot in snapshots for quote in snapshot.quotes)
