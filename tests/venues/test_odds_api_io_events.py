"""odds-api.io: listings, venues and both sides of an exchange; other sports, and lines with two readings."""

from __future__ import annotations

import json
from fractions import Fraction
from typing import Any

import pytest

from crossbook.base.clock import parse_time
from crossbook.model.quote import Basis, Side
from crossbook.model.venue import VenueType
from crossbook.venues.odds_api_io import READER, venue_of
from crossbook.venues.reader import Document
from tests.venues.odds_api_io_messages import STAMP, event, market, quotes, read, said


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


@pytest.mark.parametrize(
    ("sport", "name", "row", "expected"),
    [
        ("basketball", "ML", {"home": "1.5", "away": "2.6"}, "moneyline home @ 1.5"),
        ("basketball", "Spread", {"hdp": -7.5, "home": "1.9"}, "ot_asian_handicap home -7.5 @ 1.9"),
        ("baseball", "Totals", {"hdp": 8.5, "over": "1.9"}, "ot_total over 8.5 @ 1.9"),
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
