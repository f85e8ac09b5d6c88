"""The Odds API: every market key, both price formats, the sign of handicaps, and what happens to bad pieces."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossbook.base.clock import parse_time
from crossbook.base.errors import BadData
from crossbook.model.claim import Period
from crossbook.model.odds import Format
from crossbook.model.quote import Basis, Contest, Fault, Quote, Side, Snapshot
from crossbook.model.venue import VenueType
from crossbook.venues import _the_odds_api_markets as table
from crossbook.venues.reader import Document
from crossbook.venues.the_odds_api import READER, price_format, venue_of

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
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    pieces = list(READER.read(Document(("odds.json",), data, received)))
    return (
        [piece for piece in pieces if isinstance(piece, Snapshot)],
        [piece.reason for piece in pieces if isinstance(piece, Fault)],
    )


def quotes(*markets: Any, **changes: Any) -> list[Quote]:
    """The quotes of markets that must be read without a fault."""
    snapshots, faults = read([event(*markets, **changes)])
    assert faults == []
    return snapshots[0].quotes


def said(found: list[Quote]) -> list[str]:
    """Each quote in a line: side, claim, odds, market."""
    return [
        f"{quote.side.value} {quote.claim} @ {float(quote.odds):g} in {quote.market_id}" for quote in found
    ]


THREE = (outcome(HOME, 2.5), outcome(AWAY, 2.9), outcome("Draw", 3.4))
OVER_UNDER = (outcome("Over", 1.9, 2.25), outcome("Under", 2, 2.25))
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
            "back asian_handicap away 3.5 @ 2 in spreads 3.5",
        ),
        ("baseball_x", "totals", OVER_UNDER[:1], "back total over 2.25 @ 1.9 in totals 2.25"),
    ],
)
def test_other_sports_count_overtime(
    sport: str, key: str, outcomes: tuple[dict[str, Any], ...], expected: str
) -> None:
    """Without a draw the winner is the winner at the very end."""
    found = quotes(market(key, *outcomes), sport_key=sport)
    assert said(found) == [expected]
    assert found[0].claim.period is Period.OVERTIME


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


def test_american_prices_are_exact() -> None:
    """The document's prices tell its format; both signs are converted without rounding."""
    body = event(market("h2h", outcome(HOME, 150), outcome(AWAY, -110), outcome("Draw", "+240")))
    snapshots, faults = read([body])
    assert faults == []
    assert [quote.odds for quote in snapshots[0].quotes] == [
        Fraction(5, 2),
        Fraction(21, 11),
        Fraction(17, 5),
    ]


@pytest.mark.parametrize(
    ("prices", "form"),
    [
        ([2.5, 3.4], Format.DECIMAL),
        ([1.01, 151, 1000.0], Format.DECIMAL),
        ([], Format.DECIMAL),
        ([120, 105], Format.AMERICAN),
        ([-110, "-110"], Format.AMERICAN),
    ],
)
def test_the_prices_tell_their_format(prices: list[object], form: Format) -> None:
    """Long decimal odds are not taken for American ones while short ones stand beside them."""
    assert price_format(json.dumps([outcome(HOME, price) for price in prices]).encode()) is form


def test_both_formats_in_one_document_are_refused() -> None:
    """One request has one format; a document with both cannot be trusted for either."""
    with pytest.raises(BadData, match="decimal and American prices stand in one document"):
        read([event(market("h2h", outcome(HOME, 1.9), outcome(AWAY, -110)))])


def test_listing_and_times() -> None:
    """The market's own time counts, then the bookmaker's; the date is that of the start in UTC."""
    own = market("btts", outcome("Yes", 2))
    snapshots, _ = read(
        event(own, own | {"key": "draw_no_bet", "last_update": None, "outcomes": [outcome(HOME, 2)]}), 9
    )
    listing, found = snapshots[0].listing, snapshots[0].quotes
    assert (listing.source, listing.key, listing.sport) == ("the-odds-api", "e1", "football")
    assert (listing.competition, listing.home, listing.away) == ("Made Up League", HOME, AWAY)
    assert (listing.date, listing.start) == ("2025-02-01", parse_time(START))
    assert [(quote.happened, quote.received) for quote in found] == [(parse_time(BEFORE), 9)] * 2


@pytest.mark.parametrize(
    ("stamp", "basis"), [(BEFORE, Basis.PREMATCH), (AFTER, Basis.LIVE), (START, Basis.PREMATCH)]
)
def test_prices_after_the_start_are_live(stamp: str, basis: Basis) -> None:
    """The start itself still counts as before the match."""
    found = quotes(market("btts", outcome("Yes", 2), last_update=stamp))
    assert [quote.basis for quote in found] == [basis]


def test_times_may_be_seconds() -> None:
    """The service writes whole seconds when it is asked to."""
    seconds = parse_time(START) // 1_000_000_000
    found = quotes(market("btts", outcome("Yes", 2), last_update=seconds + 60), commence_time=seconds)
    assert [(quote.happened, quote.basis) for quote in found] == [
        ((seconds + 60) * 1_000_000_000, Basis.LIVE)
    ]


@pytest.mark.parametrize("wrap", [lambda e: e, lambda e: [e], lambda e: {"timestamp": START, "data": [e]}])
def test_one_event_a_list_and_the_history(wrap: Any) -> None:
    """The same event is read from each kind of document."""
    body = wrap(event(market("btts", outcome("Yes", 2))))
    snapshots, faults = read(body)
    assert faults == []
    assert said(snapshots[0].quotes) == ["back btts yes @ 2 in btts"]


def test_history_of_one_event() -> None:
    """The history of a single event wraps the event itself."""
    snapshots, _ = read({"timestamp": START, "data": event(market("btts", outcome("Yes", 2)))})
    assert len(snapshots[0].quotes) == 1


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


def test_without_bookmakers_there_is_no_snapshot() -> None:
    """A list of events must not wipe prices; an empty list of bookmakers must."""
    assert read([event(bookmakers=None) | {"has_outrights": False}]) == ([], [])
    snapshots, _ = read([event() | {"bookmakers": []}])
    assert [snapshot.quotes for snapshot in snapshots] == [[]]


def test_venues() -> None:
    """Regional keys of one brand share a desk; exchanges state no commission; others stand alone."""
    assert {venue_of(f"betfair_ex_{region}", None).desk for region in ("uk", "eu", "au")} == {
        "betfair_exchange"
    }
    assert venue_of("betfair_ex_uk", "Betfair").type is VenueType.EXCHANGE
    assert venue_of("smarkets", "Smarkets").commission is None
    assert {venue_of(key, None).desk for key in ("unibet", "unibet_uk", "unibet_eu")} == {"unibet"}
    assert (venue_of("sport888", "888sport").desk, venue_of("pinnacle", "Pinnacle").desk) == (
        "888sport",
        "pinnacle",
    )
    assert venue_of("betfair_sb_uk", "Betfair Sportsbook").type is VenueType.BOOKMAKER
    assert venue_of("kalshi", "Kalshi").type is VenueType.PREDICTION


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
    with pytest.raises(BadData) as caught:
        read(bad)
    assert str(caught.value) == fault
    snapshots, faults = read([bad, good])
    assert faults == [f"event 1: {fault}"]
    assert len(snapshots) == 1


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
    whole = bytearray(json.dumps([body]).encode())
    for place in data.draw(st.lists(st.integers(0, len(whole) - 1), max_size=4)):
        whole[place] = data.draw(st.integers(0, 255))
    try:
        snapshots, _ = read(bytes(whole))
    except BadData:
        return
    assert all(quote.odds > 1 for snapshot in snapshots for quote in snapshot.quotes)


def test_recognises_its_own_and_not_the_others() -> None:
    """The first bytes are enough."""
    others = (
        b'[{"conditionId": "0x", "slug": "a"}]',
        b'{"event_ticker": "X"}',
        b'{"op": "mcm"}',
        b'{"id": 1, "home": "a", "away": "b", "date": "", "sport": {"slug": "s"}, "league": {}}',
    )
    assert READER.recognises(Document((), json.dumps([event()]).encode()))
    assert not any(READER.recognises(Document((), data)) for data in others)


def test_recorded_round(real_data: Path) -> None:
    """The recorded round: eleven matches, three prices each, no fault; the order of the teams is not trusted."""
    path = real_data / "sports/api/the_odds_api/v4_soccer_epl_2024-08_parlay_tracker.json"
    document = Document((path.name,), path.read_bytes())
    assert READER.recognises(document)
    pieces = list(READER.read(document))
    snapshots = [piece for piece in pieces if isinstance(piece, Snapshot)]
    assert (len(pieces), len(snapshots)) == (11, 11)
    assert [len(snapshot.quotes) for snapshot in snapshots] == [3] * 11
    last = snapshots[-1]
    assert (last.listing.home, last.listing.away, last.listing.date) == (
        "Liverpool",
        "Brentford",
        "2024-08-25",
    )
    assert said(last.quotes) == [
        "back 1x2 away @ 9 in h2h",
        "back 1x2 home @ 1.25 in h2h",
        "back 1x2 draw @ 6 in h2h",
    ]
    first = snapshots[0].quotes[0]
    assert (first.venue.id, first.odds, first.basis) == ("betway", Fraction(5), Basis.PREMATCH)
    assert first.happened == parse_time("2024-08-19T08:26:02Z")
    assert snapshots[0].listing.start == parse_time("2024-08-19T19:00:00Z")


def test_no_other_recording_is_taken_for_this_format(real_data: Path) -> None:
    """Of all recorded answers only its own is recognised."""
    paths = (real_data / "sports/api").rglob("*.json")
    taken = {path.parent.name for path in paths if READER.recognises(Document((), path.read_bytes()))}
    assert taken == {"the_odds_api"}
