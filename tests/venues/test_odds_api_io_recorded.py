"""odds-api.io, replayed: the recorded match is read whole, and its prices prove how its rows are meant."""

from __future__ import annotations

import json
from collections import Counter
from fractions import Fraction
from pathlib import Path

import pytest

from crossbook.base.clock import parse_time
from crossbook.model.quote import Side, Snapshot
from crossbook.venues import _odds_api_io_markets as table
from crossbook.venues.odds_api_io import READER
from crossbook.venues.reader import Document

FOLDER = "sports/api/soccer_kalshi_oddsapiio"


@pytest.fixture(scope="module")
def recorded(real_data: Path) -> Snapshot:
    """The recorded match, read without a fault."""
    data = (real_data / FOLDER / "odds_api_odds.json").read_bytes()
    document = Document((FOLDER, "odds_api_odds.json"), data)
    assert READER.recognises(document)
    (snapshot,) = READER.read(document)
    assert isinstance(snapshot, Snapshot)
    return snapshot


def price(snapshot: Snapshot, market_id: str, venue: str = "bet365", side: str = "back") -> dict[str, str]:
    """Claim to odds of one market as it was read."""
    return {
        str(quote.claim): str(float(quote.odds))
        for quote in snapshot.quotes
        if (quote.venue.id, quote.market_id, quote.side.value) == (venue, market_id, side)
    }


def test_recorded_counts(recorded: Snapshot) -> None:
    """All 615 quotes are there, by venue and side."""
    assert Counter((quote.venue.id, quote.side.value) for quote in recorded.quotes) == {
        ("bet365", "back"): 269,
        ("bet365_no_latency", "back"): 11,
        ("betfair_exchange", "back"): 168,
        ("betfair_exchange", "lay"): 167,
    }
    assert recorded.listing.ids == {"betfair": "35320053"}
    assert recorded.listing.date == "2026-03-16"
    spread = [
        q for q in recorded.quotes if q.market_id.startswith("Spread") and q.venue.id == "betfair_exchange"
    ]
    assert Counter(quote.side.value for quote in spread) == {"back": 64, "lay": 63}


def test_recorded_market_names_are_all_in_the_table(real_data: Path) -> None:
    """No name of the recording is unknown, and the recording has every reason's market but one."""
    body = json.loads((real_data / FOLDER / "odds_api_odds.json").read_text(encoding="utf-8"))
    names = {market["name"] for markets in body["bookmakers"].values() for market in markets}
    assert len(names) == 66
    assert names <= set(table.FOOTBALL) | set(table.LEFT_OUT)
    assert set(table.LEFT_OUT) - names == {"First Team To Score"}
    assert set(table.FOOTBALL) <= names


def test_recorded_prices(recorded: Snapshot) -> None:
    """Some quotes in full."""
    assert price(recorded, "ML") == {"1x2 home": "1.571", "1x2 draw": "4.2", "1x2 away": "5.5"}
    assert price(recorded, "Double Chance") == {
        "double_chance home_draw": "1.166",
        "double_chance draw_away": "2.3",
        "double_chance home_away": "1.2",
    }
    assert price(recorded, "Half Time Result") == {
        "1h_1x2 home": "2.05",
        "1h_1x2 draw": "2.4",
        "1h_1x2 away": "5.5",
    }
    home = next(q for q in recorded.quotes if q.venue.id == "betfair_exchange" and q.market_id == "ML")
    assert (home.odds, home.size, home.happened) == (
        Fraction(161, 100),
        Fraction(449185, 100),
        parse_time("2026-03-16T17:46:19.429Z"),
    )
    yes = next(q for q in recorded.quotes if q.market_id == "Both Teams To Score" and q.side is Side.LAY)
    assert (yes.odds, yes.size) == (Fraction(19, 10), None)


def test_recorded_three_way_handicaps_add_up_to_a_book(recorded: Snapshot) -> None:
    """Read by own lines, each of the bookmaker's lines is a coherent book; by home lines at the exchange."""
    assert price(recorded, "European Handicap -1") == {
        "european_handicap home -1": "2.5",
        "european_handicap draw -1": "3.75",
        "european_handicap away -1": "2.3",
    }
    assert price(recorded, "European Handicap 2")["european_handicap away 2"] == "34.0"
    for venue, lines in (("bet365", (-3, -2, -1, 2)), ("betfair_exchange", (-3, -2, -1, 1, 2, 3))):
        for line in lines:
            prices = price(recorded, f"European Handicap {line}", venue)
            assert len(prices) == 3
            assert 1 < sum(1 / float(odds) for odds in prices.values()) < 1.12


def test_recorded_whole_corner_counts_are_strict(recorded: Snapshot) -> None:
    """The same results have the same price wherever they are offered."""
    assert price(recorded, "Corners 10") == {
        "corners_total over 10.5": "2.2",
        "corners_total under 9.5": "2.0",
    }
    two_way = price(recorded, "Corners 2-Way 9.5")
    assert two_way["corners_total under 9.5"] == price(recorded, "Corners 10")["corners_total under 9.5"]
    assert (
        two_way["corners_total over 9.5"]
        == price(recorded, "Alternative Corners 9")["corners_total over 9.5"]
    )
    ranges = price(recorded, "Total Corners")
    assert (
        ranges["corners_exact_total 0-5"]
        == price(recorded, "Alternative Corners 6")["corners_total under 5.5"]
    )
    assert (
        ranges["corners_exact_total 15+"]
        == price(recorded, "Alternative Corners 14")["corners_total over 14.5"]
    )


def test_recorded_faults_of_the_source_are_reported_as_they_stand(recorded: Snapshot) -> None:
    """Neither the mirrored lines nor the far exchange lines are repaired or dropped here."""
    assert price(recorded, "Alternative Asian Handicap -0.5") == {
        "asian_handicap home -0.5": "1.55",
        "asian_handicap away -0.5": "5.5",
    }
    assert price(recorded, "Spread 4", "betfair_exchange") == {
        "asian_handicap home 4": "297.66",
        "asian_handicap away 4": "1.01",
    }
    assert price(recorded, "Spread 4.25", "betfair_exchange") == {"asian_handicap home 4.25": "298.83"}


def test_recorded_list_of_events_holds_no_prices(real_data: Path) -> None:
    """It is recognised, and gives neither snapshots nor faults."""
    document = Document((), (real_data / FOLDER / "odds_api_events.json").read_bytes())
    assert READER.recognises(document)
    assert list(READER.read(document)) == []


def test_no_other_recording_is_taken_for_this_format(real_data: Path) -> None:
    """Of all recorded answers only its own two are recognised."""
    paths = (real_data / "sports/api").rglob("*.json")
    taken = {path.name for path in paths if READER.recognises(Document((), path.read_bytes()))}
    assert taken == {"odds_api_odds.json", "odds_api_events.json"}
