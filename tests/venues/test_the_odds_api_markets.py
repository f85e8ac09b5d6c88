"""The Odds API: what every market key means, in each sport, and the sign of handicaps."""

from __future__ import annotations

from typing import Any

import pytest

from crossbook.model.claim import Period
from crossbook.model.quote import Contest, Side
from crossbook.venues import _the_odds_api_markets as table
from tests.venues.the_odds_api_messages import (
    AWAY,
    HOME,
    OVER_UNDER,
    THREE,
    event,
    market,
    outcome,
    quotes,
    read,
    said,
)

MEANINGS = [
    (
        "h2h",
        THREE,
        ["back 1x2 home @ 2.5 in h2h", "back 1x2 away @ 2.9 in h2h", "back 1x2 draw @ 3.4 in h2h"],
    ),
    (
        "h2h_lay",
        THREE,
        ["lay 1x2 home @ 2.5 in h2h", "lay 1x2 away @ 2.9 in h2h", "lay 1x2 draw @ 3.4 in h2h"],
    ),
    ("h2h_3_way", THREE[::2], ["back 1x2 home @ 2.5 in h2h_3_way", "back 1x2 draw @ 3.4 in h2h_3_way"]),
    ("h2h_h1", THREE[1:], ["back 1h_1x2 away @ 2.9 in h2h_h1", "back 1h_1x2 draw @ 3.4 in h2h_h1"]),
    ("h2h_3_way_h2", THREE[2:], ["back 2h_1x2 draw @ 3.4 in h2h_3_way_h2"]),
    (
        "spreads",
        (outcome(HOME, 1.9, -0.75), outcome(AWAY, 2, 0.75)),
        [
            "back asian_handicap home -0.75 @ 1.9 in spreads -0.75",
            "back asian_handicap away -0.75 @ 2 in spreads -0.75",
        ],
    ),
    (
        "alternate_spreads",
        (outcome(AWAY, 3, -1.5), outcome(AWAY, 1.3, 1), outcome(HOME, 1.4, 1.5)),
        [
            "back asian_handicap away 1.5 @ 3 in spreads 1.5",
            "back asian_handicap away -1 @ 1.3 in spreads -1",
            "back asian_handicap home 1.5 @ 1.4 in spreads 1.5",
        ],
    ),
    ("spreads_h1", (outcome(AWAY, 2, 0.5),), ["back 1h_asian_handicap away -0.5 @ 2 in spreads_h1 -0.5"]),
    (
        "totals",
        OVER_UNDER,
        ["back total over 2.25 @ 1.9 in totals 2.25", "back total under 2.25 @ 2 in totals 2.25"],
    ),
    ("alternate_totals", OVER_UNDER[:1], ["back total over 2.25 @ 1.9 in totals 2.25"]),
    ("totals_h2", OVER_UNDER[:1], ["back 2h_total over 2.25 @ 1.9 in totals_h2 2.25"]),
    (
        "team_totals",
        (outcome("Over", 2, 1.5, AWAY), outcome("Over", 1.8, 1.5, HOME), outcome("Under", 2.1, 1.5, HOME)),
        [
            "back team_total_away over 1.5 @ 2 in team_totals away 1.5",
            "back team_total_home over 1.5 @ 1.8 in team_totals home 1.5",
            "back team_total_home under 1.5 @ 2.1 in team_totals home 1.5",
        ],
    ),
    (
        "btts",
        (outcome("Yes", 1.7), outcome("No", 2.1)),
        ["back btts yes @ 1.7 in btts", "back btts no @ 2.1 in btts"],
    ),
    (
        "draw_no_bet",
        (outcome(HOME, 1.7), outcome(AWAY, 2.1)),
        ["back draw_no_bet home @ 1.7 in draw_no_bet", "back draw_no_bet away @ 2.1 in draw_no_bet"],
    ),
    (
        "double_chance",
        (outcome(f"{HOME} or Draw", 1.4), outcome(f"{AWAY} or {HOME}", 1.3), outcome("X2", 1.6)),
        [
            "back double_chance home_draw @ 1.4 in double_chance",
            "back double_chance home_away @ 1.3 in double_chance",
            "back double_chance draw_away @ 1.6 in double_chance",
        ],
    ),
    (
        "alternate_totals_corners",
        (outcome("Over", 1.9, 10),),
        ["back corners_total over 10 @ 1.9 in totals_corners 10"],
    ),
    (
        "alternate_spreads_cards",
        (outcome(AWAY, 1.9, -0.5),),
        ["back cards_asian_handicap away 0.5 @ 1.9 in spreads_cards 0.5"],
    ),
    (
        "to_qualify",
        (outcome(HOME, 1.4), outcome(AWAY, 3)),
        ["back to_qualify home @ 1.4 in to_qualify", "back to_qualify away @ 3 in to_qualify"],
    ),
]


@pytest.mark.parametrize(("key", "outcomes", "expected"), MEANINGS, ids=[row[0] for row in MEANINGS])
def test_what_a_football_market_means(
    key: str, outcomes: tuple[dict[str, Any], ...], expected: list[str]
) -> None:
    """Every key gives its claims; a handicap's line is always the home side's."""
    assert said(quotes(market(key, *outcomes))) == expected


@pytest.mark.parametrize(
    ("sport", "key", "outcomes", "expected"),
    [
        ("basketball_x", "h2h", THREE[:1], "back moneyline home @ 2.5 in h2h"),
        ("tennis_x", "h2h_lay", THREE[1:2], "lay moneyline away @ 2.9 in h2h"),
        (
            "americanfootball_x",
            "spreads",
            (outcome(AWAY, 2, -3.5),),
            "back ot_asian_handicap away 3.5 @ 2 in spreads 3.5",
        ),
        ("baseball_x", "totals", OVER_UNDER[:1], "back ot_total over 2.25 @ 1.9 in totals 2.25"),
    ],
)
def test_other_sports_count_overtime(
    sport: str, key: str, outcomes: tuple[dict[str, Any], ...], expected: str
) -> None:
    """Without a draw the winner is the winner at the very end."""
    found = quotes(market(key, *outcomes), sport_key=sport)
    assert said(found) == [expected]
    assert found[0].claim.period is Period.OVERTIME


@pytest.mark.parametrize(
    ("key", "outcomes", "expected", "period"),
    [
        ("h2h_s1", THREE[:1], "back s1_moneyline home @ 2.5 in h2h_s1", Period.FIRST_SET),
        ("h2h_s2", THREE[1:2], "back s2_moneyline away @ 2.9 in h2h_s2", Period.SECOND_SET),
        (
            "spreads_s1",
            (outcome(AWAY, 2, -2.5),),
            "back games_s1_asian_handicap away 2.5 @ 2 in spreads_s1 2.5",
            Period.FIRST_SET,
        ),
        (
            "totals_s1",
            (outcome("Over", 1.9, 9.5),),
            "back games_s1_total over 9.5 @ 1.9 in totals_s1 9.5",
            Period.FIRST_SET,
        ),
        (
            "alternate_totals_s2",
            (outcome("Under", 1.9, 10.5),),
            "back games_s2_total under 10.5 @ 1.9 in totals_s2 10.5",
            Period.SECOND_SET,
        ),
        (
            "alternate_set_spreads",
            (outcome(HOME, 2.2, -1.5),),
            "back sets_asian_handicap home -1.5 @ 2.2 in set_spreads -1.5",
            Period.OVERTIME,
        ),
        (
            "alternate_set_totals",
            (outcome("Over", 2, 2.5),),
            "back sets_total over 2.5 @ 2 in set_totals 2.5",
            Period.OVERTIME,
        ),
    ],
)
def test_sets_of_tennis(
    key: str, outcomes: tuple[dict[str, Any], ...], expected: str, period: Period
) -> None:
    """The keys are those of the service's table of markets; a set's handicap and total are of its games."""
    found = quotes(market(key, *outcomes), sport_key="tennis_atp_x")
    assert said(found) == [expected]
    assert found[0].claim.period is period


@pytest.mark.parametrize(
    ("sport", "key"),
    [
        ("soccer_x", "h2h_s1"),
        ("soccer_x", "alternate_set_totals"),
        ("soccer_x", "to_qualify_h1"),
        ("basketball_x", "to_qualify"),
        ("volleyball_x", "totals_s1"),
        ("tennis_x", "alternate_h2h_s1"),
        ("tennis_x", "h2h_s6"),
        ("tennis_x", "h2h_s1_lay"),
        ("tennis_x", "set_totals"),
        ("tennis_x", "alternate_set_totals_s1"),
        ("tennis_x", "btts_s1"),
    ],
)
def test_sets_and_going_through_are_known_where_they_are_sold(sport: str, key: str) -> None:
    snapshots, faults = read([event(market(key, *OVER_UNDER), sport_key=sport)])
    assert not any(snapshot.quotes for snapshot in snapshots)
    assert len(faults) == 1
    assert f"market {key!r} is not known for" in faults[0]


@pytest.mark.parametrize(("sport", "key"), [("icehockey_x", "h2h"), ("basketball_x", "h2h_3_way")])
def test_a_price_for_the_draw_means_regulation_time(sport: str, key: str) -> None:
    """Three ways end with regulation in sports that are known to have overtime after it."""
    found = quotes(market(key, *THREE), sport_key=sport)
    assert [str(quote.claim) for quote in found] == ["1x2 home", "1x2 away", "1x2 draw"]
    assert {quote.claim.period for quote in found} == {Period.FULL_TIME}


@pytest.mark.parametrize(
    ("sport", "key", "outcomes", "fault"),
    [
        (
            "cricket_x",
            "h2h",
            THREE,
            "Bookone, h2h: outcomes: what a draw means here is not known for cricket",
        ),
        (
            "soccer_x",
            "h2h",
            THREE[:2],
            "Bookone, h2h: outcomes: no draw among them, so what a draw does to the",
        ),
        ("tennis_x", "totals", OVER_UNDER, "Bookone: market 'totals' is not known for tennis"),
        (
            "icehockey_x",
            "spreads",
            (outcome(HOME, 2, -1.5),),
            "Bookone: market 'spreads' is not known for ice-hockey",
        ),
        ("basketball_x", "btts", (outcome("Yes", 2),), "Bookone: market 'btts' is not known for basketball"),
        (
            "soccer_x",
            "correct_score",
            (outcome("1-0", 8),),
            "Bookone: market 'correct_score' is not known for",
        ),
        ("soccer_x", "totals_lay", OVER_UNDER, "Bookone: market 'totals_lay' is not known for football"),
        ("soccer_x", "alternate_h2h", THREE, "Bookone: market 'alternate_h2h' is not known for football"),
    ],
)
def test_what_is_not_certain_is_one_fault(
    sport: str, key: str, outcomes: tuple[dict[str, Any], ...], fault: str
) -> None:
    """Nothing is guessed, and the next market is still read."""
    ladder = market("h2h_3_way", *THREE)
    snapshots, faults = read([event(market(key, *outcomes), ladder, sport_key=sport)])
    assert len(faults) == 1
    assert faults[0].startswith(f"{HOME} v {AWAY}: {fault}")
    assert len(snapshots[0].quotes) == 3


@pytest.mark.parametrize(
    "key",
    ["player_points", "batter_home_runs_alternate", "pitcher_strikeouts", "totals_q1", "h2h_1st_5_innings"],
)
def test_left_out_markets_are_silent_and_have_a_reason(key: str) -> None:
    """Players' markets and periods that we do not have give neither quote nor fault."""
    assert quotes(market(key, outcome("Over", 1.9, 20.5, "Some Player"))) == []
    reason = table.lookup(key, "basketball")
    assert isinstance(reason, str)
    assert len(reason) > 20


def test_outrights_make_a_contest() -> None:
    """Runners win by name; the field is what anyone priced, and not known to be complete."""
    first = market("outrights", outcome("Ann", 3), outcome("Bea", 4.5))
    lays = market("outrights_lay", outcome("Cat", 9))
    body = event(first, lays, sport_key="golf_x_winner", sport_title="X Open", home_team=None, away_team=None)
    (snapshot,), faults = read([body])
    assert faults == []
    listing = snapshot.listing
    assert (listing.sport, listing.home, listing.away) == ("golf", "X Open", "")
    assert [(q.side, q.claim.kind.value, q.claim.selection) for q in snapshot.quotes] == [
        (Side.BACK, "winner", "Ann"),
        (Side.BACK, "winner", "Bea"),
        (Side.LAY, "winner", "Cat"),
    ]
    assert {q.market_id for q in snapshot.quotes} == {"outrights"}
    subject = snapshot.quotes[0].claim.subject
    assert {q.claim.subject for q in snapshot.quotes} == {subject}
    assert listing.contests == (Contest(subject, ("Ann", "Bea", "Cat"), complete=False),)
