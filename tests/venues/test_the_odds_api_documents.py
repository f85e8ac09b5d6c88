"""The Odds API: kinds of document, both price formats, listings, times and venues; and the recorded round."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from crossbook.base.clock import parse_time
from crossbook.base.errors import BadData
from crossbook.model.odds import Format
from crossbook.model.quote import Basis, Snapshot
from crossbook.model.venue import VenueType
from crossbook.venues.reader import Document
from crossbook.venues.the_odds_api import READER, price_format, venue_of
from tests.venues.the_odds_api_messages import (
    AFTER,
    AWAY,
    BEFORE,
    HOME,
    START,
    event,
    market,
    outcome,
    quotes,
    read,
    said,
)


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
