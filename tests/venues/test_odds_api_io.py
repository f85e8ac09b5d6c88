"""odds-api.io: what each market name means, which price belongs to which line, and what happens to bad pieces."""

from __future__ import annotations

import json
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossbook.base.clock import parse_time
from crossbook.base.errors import BadData
from crossbook.model.quote import Basis, Fault, Quote, Side, Snapshot
from crossbook.model.venue import VenueType
from crossbook.venues import _odds_api_io_markets as table
from crossbook.venues._odds_api_io_rows import Scene, exact_range, side
from crossbook.venues.odds_api_io import READER, venue_of
from crossbook.venues.reader import Document

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
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    pieces = list(READER.read(Document(("odds.json",), data, received)))
    return (
        [piece for piece in pieces if isinstance(piece, Snapshot)],
        [piece.reason for piece in pieces if isinstance(piece, Fault)],
    )


def quotes(name: str, *rows: dict[str, Any], book: str = "Bet365", **changes: Any) -> list[Quote]:
    """The quotes of one market that must be read without a fault."""
    snapshots, faults = read(event({book: [market(name, *rows)]}, **changes))
    assert faults == []
    return snapshots[0].quotes


def said(found: list[Quote]) -> list[str]:
    """Each quote in a line: side, claim, odds."""
    return [f"{quote.side.value} {quote.claim} @ {float(quote.odds):g}" for quote in found]


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


def test_an_exchange_row_gives_both_sides_with_their_sizes() -> None:
    """Lay prices are quotes of their own, each with its own size, under the market whose commission it shares."""
    prices = {"hdp": -1, "home": "2.5", "draw": "3.9", "away": "2.66"}
    lays = {"layHome": "2.6", "layAway": "2.7", "layDraw": "N/A"}
    sizes = {"depthHome": "30.5", "depthDraw": "4", "depthLayHome": "12.25", "depthLayAway": 8}
    row = prices | lays | sizes
    found = quotes("European Handicap", row, book="Betfair Exchange")
    assert [(str(q.claim), q.side, q.odds, q.size) for q in found] == [
        ("european_handicap home -1", Side.BACK, Fraction(5, 2), Fraction(61, 2)),
        ("european_handicap home -1", Side.LAY, Fraction(13, 5), Fraction(49, 4)),
        ("european_handicap draw -1", Side.BACK, Fraction(39, 10), Fraction(4)),
        ("european_handicap away -1", Side.BACK, Fraction(133, 50), None),
        ("european_handicap away -1", Side.LAY, Fraction(27, 10), Fraction(8)),
    ]
    assert {q.market_id for q in found} == {"European Handicap -1"}
    assert {(q.venue.id, q.venue.type) for q in found} == {("betfair_exchange", VenueType.EXCHANGE)}


def test_each_handicap_line_is_a_market_of_its_own() -> None:
    """Commission is counted per market, and a market is one line."""
    found = quotes("Spread", {"hdp": -0.5, "home": "2"}, {"hdp": 0, "home": "1.5"}, book="Betfair Exchange")
    assert [q.market_id for q in found] == ["Spread -0.5", "Spread 0"]
    assert [q.market_id for q in quotes("ML", {"home": "2"})] == ["ML"]


def test_listing_times_and_ids() -> None:
    """The listing carries the source's own ids, the exact start and the stated date."""
    body = event(
        {"Bet365": [market("ML", {"home": "2"})]},
        bookmakerIds={"Betfair Exchange": "355", "Bet365": 9, "X": None},
    )
    snapshots, _ = read(body, received=77)
    listing, (quote,) = snapshots[0].listing, snapshots[0].quotes
    assert (listing.source, listing.key, listing.sport) == ("odds-api.io", "7001", "football")
    assert (listing.competition, listing.home, listing.away) == (
        "Coast League",
        "Northgate Rovers",
        "Southport City",
    )
    assert (listing.date, listing.start) == ("2025-05-04", parse_time("2025-05-04T14:00:00Z"))
    assert listing.ids == {"betfair": "355", "bet365": "9"}
    assert (quote.happened, quote.received, quote.basis) == (parse_time(STAMP), 77, Basis.PREMATCH)


@pytest.mark.parametrize(
    ("status", "basis"), [("pending", Basis.PREMATCH), ("Not Started", Basis.PREMATCH), ("live", Basis.LIVE)]
)
def test_status_says_when_in_the_events_life_a_price_stood(status: str, basis: Basis) -> None:
    """Waiting and running events are told apart."""
    assert [q.basis for q in quotes("ML", {"home": "2"}, status=status)] == [basis]


@pytest.mark.parametrize("status", ["settled", "finished", "Cancelled"])
def test_a_finished_event_gives_nothing(status: str) -> None:
    """Old prices of an event that is over are not quotes."""
    assert read(event({"Bet365": [market("ML", {"home": "2"})]}, status=status)) == ([], [])


def test_without_bookmakers_there_is_no_snapshot_but_an_empty_offer_is_one() -> None:
    """A list of events must not wipe the prices read before; an empty answer to an odds request must."""
    assert read([event(None)]) == ([], [])
    snapshots, faults = read(event({}))
    assert [snapshot.quotes for snapshot in snapshots] == [[]]
    assert faults == []


def test_venues() -> None:
    """Ids are slugs; the undelayed copy of a bookmaker is the same desk; exchanges state no commission."""
    copy, plain = venue_of("Bet365 (no latency)"), venue_of("Bet365")
    assert (copy.id, copy.desk, plain.desk) == ("bet365_no_latency", "bet365", "bet365")
    assert (plain.type, plain.commission) == (VenueType.BOOKMAKER, Fraction(0))
    assert (venue_of("Betfair Exchange").id, venue_of("Betfair Exchange").commission) == (
        "betfair_exchange",
        None,
    )
    assert venue_of("Polymarket").type is VenueType.PREDICTION


@pytest.mark.parametrize(
    ("sport", "name", "row", "expected"),
    [
        ("basketball", "ML", {"home": "1.5", "away": "2.6"}, "moneyline home @ 1.5"),
        ("basketball", "Spread", {"hdp": -7.5, "home": "1.9"}, "asian_handicap home -7.5 @ 1.9"),
        ("baseball", "Totals", {"hdp": 8.5, "over": "1.9"}, "total over 8.5 @ 1.9"),
        ("tennis", "ML", {"away": "2.6"}, "moneyline away @ 2.6"),
        ("tennis", "Totals (Games)", {"hdp": 22.5, "over": "1.9"}, "games_total over 22.5 @ 1.9"),
        ("darts", "ML", {"home": "1.2"}, "moneyline home @ 1.2"),
    ],
)
def test_other_sports_count_overtime(sport: str, name: str, row: dict[str, Any], expected: str) -> None:
    """Two-way winners elsewhere are decided at the very end."""
    found = quotes(name, row, sport={"slug": sport})
    assert said(found)[0] == f"back {expected}"
    assert {q.claim.period.value for q in found} == {"ot"}


@pytest.mark.parametrize(
    ("sport", "name", "row", "fault"),
    [
        ("darts", "Spread", {"hdp": -1.5, "home": "2"}, "Bet365: market 'Spread' is not known for darts"),
        (
            "tennis",
            "Corners Race",
            {"hdp": 3, "home": "2"},
            "Bet365: market 'Corners Race' is not known for tennis",
        ),
        (
            "basketball",
            "ML",
            {"home": "2", "draw": "15", "away": "2"},
            "Bet365, ML, row 1: draw: no selection of this market has its price there",
        ),
    ],
)
def test_what_is_not_certain_in_another_sport_is_a_fault(
    sport: str, name: str, row: dict[str, Any], fault: str
) -> None:
    """Football's table is not applied to other sports, and a price for the draw stops a two-way winner."""
    snapshots, faults = read(event({"Bet365": [market(name, row)]}, sport={"slug": sport}))
    assert snapshots[0].quotes == []
    assert faults == [f"Northgate Rovers v Southport City: {fault}"]


@pytest.mark.parametrize(
    ("name", "row", "fault"),
    [
        (
            "European Handicap",
            {"hdp": -1, "home": "2"},
            "hdp: whether this bookmaker's three-way line is the home",
        ),
        (
            "Corners",
            {"hdp": 9, "over": "2"},
            "hdp: whether the line itself refunds or loses at this bookmaker",
        ),
    ],
)
def test_a_line_with_two_readings_is_left_out_at_other_bookmakers(
    name: str, row: dict[str, Any], fault: str
) -> None:
    """Only desks whose prices proved the reading are read."""
    snapshots, faults = read(event({"Corner Shop Bets": [market(name, row)]}))
    assert snapshots[0].quotes == []
    assert fault in faults[0]


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
    with pytest.raises(BadData) as caught:
        read(bad)
    assert str(caught.value) == fault
    snapshots, faults = read([bad, good])
    assert faults == [f"event 1: {fault}"]
    assert len(snapshots) == 1


@pytest.mark.parametrize("data", [b"", b"  ", b"[", b'{"home": ', b'\xff\xfe{"a"', b'"text"', b"[[" * 5000])
def test_unreadable_documents_raise_bad_data(data: bytes) -> None:
    """Truncated, empty, mis-encoded and too deeply nested documents."""
    with pytest.raises(BadData):
        read(data)


@given(st.data())
def test_damage_anywhere_is_a_fault_or_bad_data(data: st.DataObject) -> None:
    """Bytes changed at random never give another error, and never odds that pay nothing."""
    whole = bytearray(
        json.dumps(
            event(
                {
                    "Bet365": [
                        market("Spread", {"hdp": -1, "home": "2.1", "away": "1.8"}),
                        market("Half Time Result", {"label": "1", "under": "2.8"}),
                    ]
                }
            )
        ).encode()
    )
    for place in data.draw(st.lists(st.integers(0, len(whole) - 1), max_size=4)):
        whole[place] = data.draw(st.integers(0, 255))
    try:
        snapshots, _ = read(bytes(whole))
    except BadData:
        return
    assert all(quote.odds > 1 for snapshot in snapshots for quote in snapshot.quotes)


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


def test_recognises_its_own_and_not_the_others() -> None:
    """The first bytes are enough, in a list or alone."""
    own = json.dumps(event({}))
    others = (
        '{"event_ticker": "X", "sport": 1, "league": 1, "slug": 1, "home": 1, "away": 1, "date": 1}',
        '[{"conditionId": "0x", "slug": "a", "home": 1}]',
        '{"op": "mcm", "clk": "A"}',
        '[{"sport_key": "soccer_epl", "commence_time": "2024"}]',
        "Div,Date,HomeTeam,AwayTeam",
    )
    assert READER.recognises(Document((), own.encode()))
    assert READER.recognises(Document((), f"[{own}]".encode()))
    assert not any(READER.recognises(Document((), text.encode())) for text in others)
