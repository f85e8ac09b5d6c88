"""odds-api.io: what each market name means in football, and what is left out."""

from __future__ import annotations

from typing import Any

import pytest

from crossbook.base.errors import BadData
from crossbook.venues import _odds_api_io_markets as table
from crossbook.venues._odds_api_io_rows import Scene, exact_range, side
from tests.venues.odds_api_io_messages import event, market, quotes, read, said

MEANINGS = [
    (
        "ML",
        [{"home": "2.1", "draw": "3.4", "away": "3.9"}],
        ["1x2 home @ 2.1", "1x2 draw @ 3.4", "1x2 away @ 3.9"],
    ),
    ("ML HT", [{"home": "2.8", "draw": "N/A", "away": "4"}], ["1h_1x2 home @ 2.8", "1h_1x2 away @ 4"]),
    (
        "Half Time Result",
        [
            {"label": "1", "hdp": 1, "under": "2.8"},
            {"label": "Draw", "under": "2.1"},
            {"label": "2", "under": "4"},
        ],
        ["1h_1x2 home @ 2.8", "1h_1x2 draw @ 2.1", "1h_1x2 away @ 4"],
    ),
    (
        "Draw No Bet",
        [{"hdp": 0, "home": "1.5", "away": 2.6}],
        ["draw_no_bet home @ 1.5", "draw_no_bet away @ 2.6"],
    ),
    (
        "Double Chance",
        [
            {"label": "Northgate or Draw", "under": "1.3"},
            {"label": "Draw or South City", "under": "1.8"},
            {"label": "Northgate or Southport", "under": "1.36"},
        ],
        ["double_chance home_draw @ 1.3", "double_chance draw_away @ 1.8", "double_chance home_away @ 1.36"],
    ),
    (
        "Double Chance",
        [{"1X": "1.3", "12": "1.36", "X2": "1.8"}],
        ["double_chance home_draw @ 1.3", "double_chance home_away @ 1.36", "double_chance draw_away @ 1.8"],
    ),
    ("Both Teams To Score", [{"yes": "1.7", "no": "2.1"}], ["btts yes @ 1.7", "btts no @ 2.1"]),
    ("Both Teams To Score HT", [{"yes": "4.5", "no": "1.2"}], ["1h_btts yes @ 4.5", "1h_btts no @ 1.2"]),
    ("Both Teams To Score 2H", [{"yes": "3.5", "no": "1.3"}], ["2h_btts yes @ 3.5", "2h_btts no @ 1.3"]),
    (
        "Spread",
        [{"hdp": -0.25, "home": "1.9", "away": "2"}],
        ["asian_handicap home -0.25 @ 1.9", "asian_handicap away -0.25 @ 2"],
    ),
    (
        "Spread HT",
        [{"hdp": 0.5, "home": "1.4", "away": "2.9"}],
        ["1h_asian_handicap home 0.5 @ 1.4", "1h_asian_handicap away 0.5 @ 2.9"],
    ),
    ("Alternative Asian Handicap", [{"hdp": -2, "home": "4.1"}], ["asian_handicap home -2 @ 4.1"]),
    (
        "European Handicap",
        [{"hdp": -1, "home": "3.3"}, {"hdp": 1, "home": "1.25", "draw": "3.8", "away": "1.9"}],
        [
            "european_handicap home -1 @ 3.3",
            "european_handicap home 1 @ 1.25",
            "european_handicap draw -1 @ 3.8",
            "european_handicap away -1 @ 1.9",
        ],
    ),
    (
        "1st Half Handicap",
        [{"label": "1 (-1)", "hdp": -1, "home": "6"}, {"label": "Tie (1)", "hdp": 1, "away": "1.5"}],
        ["1h_european_handicap home -1 @ 6", "1h_european_handicap away -1 @ 1.5"],
    ),
    ("Corner Handicap", [{"hdp": 3, "away": "1.9"}], ["corners_european_handicap away -3 @ 1.9"]),
    ("Card Handicap", [{"hdp": 1, "home": "2"}], ["cards_european_handicap home 1 @ 2"]),
    (
        "Totals",
        [{"hdp": 2.75, "over": "2", "under": "1.8"}],
        ["total over 2.75 @ 2", "total under 2.75 @ 1.8"],
    ),
    ("Totals HT", [{"hdp": 1.25, "over": "2.1"}], ["1h_total over 1.25 @ 2.1"]),
    ("Goals Over/Under", [{"hdp": 2.5, "under": "1.9"}], ["total under 2.5 @ 1.9"]),
    ("Alternative Total Goals", [{"hdp": 5.5, "over": "9"}], ["total over 5.5 @ 9"]),
    ("Alternative Goal Line", [{"hdp": 3, "over": "2.3"}], ["total over 3 @ 2.3"]),
    (
        "Exact Total Goals",
        [
            {"label": "0 Goals", "under": "12"},
            {"label": "1 Goal", "under": "6"},
            {"label": "7+ Goals", "under": "30"},
        ],
        ["exact_total 0 @ 12", "exact_total 1 @ 6", "exact_total 7+ @ 30"],
    ),
    (
        "Number of Goals In Match",
        [
            {"label": "Under 2 goals", "under": "3.9"},
            {"label": "2 or 3 goals", "under": "2"},
            {"label": "Over 3 goals", "over": "3"},
        ],
        ["exact_total 0-1 @ 3.9", "exact_total 2-3 @ 2", "exact_total 4+ @ 3"],
    ),
    ("Team Total Home", [{"hdp": 1.5, "over": "2"}], ["team_total_home over 1.5 @ 2"]),
    ("Team Total Goals Away", [{"hdp": 0.5, "under": "3"}], ["team_total_away under 0.5 @ 3"]),
    (
        "Corners",
        [{"hdp": 9, "over": "2.1", "under": "2.2"}],
        ["corners_total over 9.5 @ 2.1", "corners_total under 8.5 @ 2.2"],
    ),
    ("Alternative Corners", [{"hdp": 9.5, "over": "2.1"}], ["corners_total over 9.5 @ 2.1"]),
    ("Corners 2-Way", [{"hdp": 9.5, "over": "1.8"}], ["corners_total over 9.5 @ 1.8"]),
    ("Corners Totals", [{"hdp": 10, "over": "1.9"}], ["corners_total over 10 @ 1.9"]),
    ("Corners Totals HT", [{"hdp": 4.5, "under": "1.9"}], ["corners_1h_total under 4.5 @ 1.9"]),
    ("Corners Spread", [{"hdp": -2, "away": "1.9"}], ["corners_asian_handicap away -2 @ 1.9"]),
    (
        "Total Corners",
        [
            {"label": "Under 6", "under": "10"},
            {"label": "6 - 8", "under": "3"},
            {"label": "Over 14", "over": "8"},
        ],
        ["corners_exact_total 0-5 @ 10", "corners_exact_total 6-8 @ 3", "corners_exact_total 15+ @ 8"],
    ),
    ("Team Corners Home", [{"hdp": 5.5, "over": "1.9"}], ["corners_team_total_home over 5.5 @ 1.9"]),
    ("Bookings Totals", [{"hdp": 4, "over": "2"}], ["bookings_total over 4 @ 2"]),
    ("Bookings Spread", [{"hdp": 0.5, "home": "2"}], ["bookings_asian_handicap home 0.5 @ 2"]),
    ("Number of Cards In Match", [{"hdp": 3.5, "over": "1.8"}], ["cards_total over 3.5 @ 1.8"]),
    ("Team Cards Away", [{"hdp": 2.5, "over": "2.2"}], ["cards_team_total_away over 2.5 @ 2.2"]),
    ("Match Shots", [{"hdp": 24.5, "over": "1.9"}], ["shots_total over 24.5 @ 1.9"]),
    ("Team Shots Home", [{"hdp": 14.5, "over": "1.7"}], ["shots_team_total_home over 14.5 @ 1.7"]),
    ("Match Shots on Target", [{"hdp": 8.5, "over": "1.8"}], ["shots_on_target_total over 8.5 @ 1.8"]),
    (
        "Team Shots on Target Away",
        [{"hdp": 3.5, "over": "2"}],
        ["shots_on_target_team_total_away over 3.5 @ 2"],
    ),
    ("Match Offsides", [{"hdp": 2.5, "over": "2"}], ["offsides_total over 2.5 @ 2"]),
    ("Team Offsides Home", [{"hdp": 1.5, "over": "2"}], ["offsides_team_total_home over 1.5 @ 2"]),
    ("Match Tackles", [{"hdp": 31.5, "over": "1.8"}], ["tackles_total over 31.5 @ 1.8"]),
    ("Team Tackles Away", [{"hdp": 17.5, "over": "1.8"}], ["tackles_team_total_away over 17.5 @ 1.8"]),
    (
        "Player Shots Over/Under",
        [{"label": "Ada Long-Name (1) (2.5)", "hdp": 2.5, "over": "2", "under": "1.7"}],
        ["shots: Ada Long-Name_total over 2.5 @ 2", "shots: Ada Long-Name_total under 2.5 @ 1.7"],
    ),
    (
        "Player Shots On Target Over/Under",
        [{"label": "Bo Keen (2) (0.5)", "hdp": 0.5, "over": "1.6"}],
        ["shots_on_target: Bo Keen_total over 0.5 @ 1.6"],
    ),
]


@pytest.mark.parametrize(("name", "rows", "expected"), MEANINGS, ids=[row[0] for row in MEANINGS])
def test_what_a_market_name_means(name: str, rows: list[dict[str, Any]], expected: list[str]) -> None:
    """Every kind of market gives the claims its name stands for."""
    assert said(quotes(name, *rows)) == [f"back {text}" for text in expected]


def test_every_market_in_the_table_is_shown_above() -> None:
    """Home and away twins are read by the same row of the table, so one of each pair is enough."""
    shown = {name for name, _, _ in MEANINGS}
    twins = {name.replace("Home", "Away") for name in shown} | {
        name.replace("Away", "Home") for name in shown
    }
    assert set(table.FOOTBALL) <= shown | twins


@pytest.mark.parametrize("name", sorted(table.LEFT_OUT))
def test_left_out_markets_are_silent_and_have_a_reason(name: str) -> None:
    """A market that is known and not read gives neither quote nor fault."""
    assert quotes(name, {"label": "Somebody", "over": "3"}, {"hdp": 3, "home": "1.3", "away": "3.4"}) == []
    assert len(table.LEFT_OUT[name]) > 20


def test_unknown_market_is_one_fault_however_many_rows() -> None:
    """Nothing is guessed from a name that is not in the table, and the next market is still read."""
    markets = [
        market("Own Goals", {"yes": "9"}, {"no": "1.05"}),
        market("Both Teams To Score", {"yes": "1.7"}),
    ]
    snapshots, faults = read(event({"Bet365": markets}))
    assert faults == ["Northgate Rovers v Southport City: Bet365: market 'Own Goals' is not known"]
    assert said(snapshots[0].quotes) == ["back btts yes @ 1.7"]


def test_names_and_ranges() -> None:
    """Short names must fit one team only; ranges are read with both ends."""
    teams = Scene("Manchester United", "Manchester City", "")
    assert [side(words, teams) for words in ("Man City", "Manchester U", "Tie", "x", "HOME", "2")] == [
        *("away", "home", "draw", "draw", "home", "away")
    ]
    with pytest.raises(BadData, match="'Manchester' fits both teams"):
        side("Manchester", teams)
    assert [exact_range(text) for text in ("Under 1", "3", "2 to 4", "10 +", "5 corners")] == [
        *("0", "3", "2-4", "10+", "5")
    ]
    with pytest.raises(BadData):
        exact_range("4 - 2")
