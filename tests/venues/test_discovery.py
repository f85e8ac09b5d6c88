"""Readers are found by themselves, and none takes another's input for its own."""

from __future__ import annotations

import importlib
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from crossbook import venues
from crossbook.model.quote import Snapshot
from crossbook.venues import readers
from crossbook.venues.reader import Document, Reader

ROOM = Path(venues.__file__).parent
START = "2025-03-01T15:00:00Z"

BOTH = {"name": "Ajax v Breda", "id": "900"}
BETFAIR_BOOK = {
    "marketId": "1.5",
    "isMarketDataDelayed": False,
    "status": "OPEN",
    "numberOfWinners": 1,
    "runners": [
        {
            "selectionId": 11,
            "handicap": 0.0,
            "status": "ACTIVE",
            "ex": {"availableToBack": [{"price": 3.0, "size": 10}]},
        }
    ],
}
BETFAIR_CATALOGUE = {
    "marketId": "1.6",
    "marketName": "Match Odds",
    "marketStartTime": START,
    "runners": [{"selectionId": 7, "runnerName": "Ajax", "handicap": 0.0, "sortPriority": 1}],
    "eventType": {"id": "1", "name": "Soccer"},
    "event": BOTH,
}
BETFAIR_MESSAGE = {
    "op": "mcm",
    "clk": "A",
    "pt": 1_000,
    "mc": [
        {
            "id": "1.100",
            "img": True,
            "marketDefinition": {
                "eventId": "500",
                "eventTypeId": "7",
                "marketType": "WIN",
                "bettingType": "ODDS",
                "status": "OPEN",
                "inPlay": False,
                "complete": True,
                "numberOfWinners": 1,
                "marketTime": START,
                "runners": [{"id": 11, "sortPriority": 1, "status": "ACTIVE"}],
            },
            "rc": [{"id": 11, "batb": [[0, 3.0, 10]]}],
        }
    ],
}
ODDS_API_IO_EVENT = {
    "id": 7001,
    "home": "Northgate Rovers",
    "away": "Southport City",
    "date": START,
    "status": "pending",
    "sport": {"name": "Football", "slug": "football"},
    "league": {"name": "Coast League", "slug": "coast-league"},
    "bookmakers": {"Bet365": [{"name": "ML", "odds": [{"home": "2", "draw": "3", "away": "4"}]}]},
}
THE_ODDS_API_OUTCOMES = [{"name": name, "price": 2.5} for name in ("Harbour Town", "Hill Athletic", "Draw")]
THE_ODDS_API_EVENT = {
    "id": "e1",
    "sport_key": "soccer_made_up",
    "sport_title": "Made Up League",
    "commence_time": START,
    "home_team": "Harbour Town",
    "away_team": "Hill Athletic",
    "bookmakers": [
        {
            "key": "bookone",
            "title": "Bookone",
            "last_update": START,
            "markets": [{"key": "h2h", "outcomes": THE_ODDS_API_OUTCOMES}],
        }
    ],
}
KALSHI_MARKET = {
    "ticker": "AAA-1",
    "event_ticker": "AAA",
    "title": "Will it rain?",
    "status": "active",
    "yes_bid_dollars": "0.2500",
    "yes_ask_dollars": "0.3200",
}
POLYMARKET_MARKET = {
    "conditionId": "0xa",
    "question": "Will it rain?",
    "outcomes": '["Yes", "No"]',
    "clobTokenIds": '["1", "2"]',
    "active": True,
    "closed": False,
    "acceptingOrders": True,
    "bestBid": 0.25,
    "bestAsk": 0.32,
}
SITE_UPDATE = {
    "type": "odds:update",
    "worker_id": "worker-sbo-1",
    "site": "sbo",
    "timestamp": "2024-12-10T10:00:30",
    "data": {
        "matches": [
            {"home_team": "Ajax", "away_team": "Breda", "odds": {"ft_1x2": {"home": 2, "draw": 3, "away": 4}}}
        ]
    },
}
POLYMARKET_BOOK = {
    "market": "0xa",
    "asset_id": "1",
    "timestamp": "3",
    "bids": [{"price": "0.4", "size": "10"}],
    "asks": [{"price": "0.5", "size": "10"}],
}

SAMPLES: list[tuple[str, str, Any]] = [
    ("football-data", "a season", b"Div,Date,HomeTeam,AwayTeam,B365H,B365D,B365A\nE0,1/3/25,A,B,2,3,4\n"),
    (
        "football-data",
        "other columns",
        b"Country,Season,Date,Home,Away,PSCH,PSCD,PSCA\nX,2025,1/3/25,A,B,2,3,4\n",
    ),
    ("betfair-stream", "an image", BETFAIR_MESSAGE),
    ("betfair-api", "a catalogue", [BETFAIR_CATALOGUE]),
    ("betfair-api", "a market book", [BETFAIR_BOOK]),
    ("betfair-api", "a call's answer", {"jsonrpc": "2.0", "result": [BETFAIR_BOOK], "id": 1}),
    ("betfair-api", "events", {"jsonrpc": "2.0", "result": [{"event": BOTH, "marketCount": 9}], "id": 1}),
    ("odds-api.io", "an event", ODDS_API_IO_EVENT),
    ("odds-api.io", "events", [ODDS_API_IO_EVENT]),
    ("the-odds-api", "an event", THE_ODDS_API_EVENT),
    ("the-odds-api", "events", [THE_ODDS_API_EVENT]),
    ("the-odds-api", "history", {"timestamp": START, "data": [THE_ODDS_API_EVENT]}),
    ("kalshi", "a market", KALSHI_MARKET),
    ("kalshi", "markets", {"markets": [KALSHI_MARKET], "cursor": ""}),
    ("kalshi", "an order book", {"ticker": "T", "orderbook": {"yes": [[30, 20]], "no": [[60, 5]]}}),
    ("kalshi", "an order book in dollars", {"ticker": "T", "orderbook_fp": {"yes_dollars": [["0.3", "20"]]}}),
    ("site-worker", "an update", SITE_UPDATE),
    ("polymarket", "a market", POLYMARKET_MARKET),
    ("polymarket", "markets", [POLYMARKET_MARKET]),
    ("polymarket", "an order book", POLYMARKET_BOOK),
    ("polymarket", "books", [POLYMARKET_BOOK, {**POLYMARKET_BOOK, "asset_id": "2"}]),
]
FOREIGN: list[tuple[str, bytes]] = [
    ("nothing", b""),
    ("blanks", b" \r\n"),
    ("zeros", b"\x00" * 64),
    ("prose", b"Odds, prices and books are compared here: home against away.\n"),
    ("a page", b"<!DOCTYPE html><html><body>503 Service Unavailable</body></html>"),
    ("a refusal", b'{"message": "Invalid api_key", "error_code": "INVALID_KEY"}'),
    ("an empty list", b"[]"),
    ("another feed's market", b'{"market": "AAA-BBB", "bids": [], "asks": []}'),
    (
        "another feed's fixture",
        b'{"league": "X", "slug": "x", "home": "A", "away": "B", "date": "2025-03-01", "bookmakers": {}}',
    ),
    ("another feed's runners", b'{"status": "OPEN", "inplay": false, "runners": [{"selectionId": 11}]}'),
    ("another table", b"date,open,high,low,close\n2025-03-01,1,2,1,2\n"),
    ("a picture", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"),
]


def as_bytes(content: Any) -> bytes:
    return content if isinstance(content, bytes) else json.dumps(content).encode()


def claimed_by(data: bytes, name: str = "input") -> list[str]:
    """The formats whose readers say that these bytes look like theirs."""
    document = Document(("folder", name), data)
    return sorted(form for form, reader in readers().items() if reader.recognises(document))


def modules_with_a_reader() -> dict[str, str]:
    """Module name and source of each file of the room that has a READER, found by reading the files."""
    sources = {path.stem: path.read_text("utf-8") for path in ROOM.glob("*.py") if path.stem != "__init__"}
    return {name: text for name, text in sources.items() if re.search(r"^READER\b", text, re.MULTILINE)}


class TestDiscovery:
    def test_every_module_with_a_reader_is_found(self) -> None:
        modules = modules_with_a_reader()
        assert len(modules) >= 7
        found = {id(reader) for reader in readers().values()}
        for name in modules:
            assert id(importlib.import_module(f"crossbook.venues.{name}").READER) in found

    def test_names_are_unique(self) -> None:
        """Two readers of one name would hide each other: then fewer are found than there are modules."""
        assert len(readers()) == len(modules_with_a_reader())

    def test_each_is_listed_under_its_own_name(self) -> None:
        for form, reader in readers().items():
            assert isinstance(reader, Reader)
            assert reader.format == form
            assert re.fullmatch(r"[a-z][a-z0-9.-]*", form)
            assert form != "auto"

    def test_no_module_names_another_source(self) -> None:
        """A new source is one file: the package itself knows none by name."""
        text = (ROOM / "__init__.py").read_text("utf-8")
        assert not [name for name in modules_with_a_reader() if re.search(rf"\b{name}\b", text)]

    def test_they_are_looked_for_once(self) -> None:
        assert readers() is readers()

    @pytest.fixture
    def planted(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
        """A folder that belongs to the room for the length of one test."""
        before = set(sys.modules)
        names = set(vars(venues))
        monkeypatch.setattr(venues, "__path__", [*venues.__path__, str(tmp_path)])
        yield tmp_path
        for name in set(sys.modules) - before:
            del sys.modules[name]
        for name in set(vars(venues)) - names:
            delattr(venues, name)

    def test_a_new_file_is_enough(self, planted: Path) -> None:
        planted.joinpath("tote.py").write_text(
            "from crossbook.venues.reader import Reader\n"
            "READER = Reader('tote', lambda document: False, lambda document: iter(()))\n"
        )
        assert set(readers.__wrapped__()) == {*readers(), "tote"}

    def test_a_file_without_a_reader_is_passed_over(self, planted: Path) -> None:
        planted.joinpath("pieces.py").write_text("WORD = 'shared'\n")
        planted.joinpath("almost.py").write_text("READER = 'not a Reader'\n")
        assert set(readers.__wrapped__()) == set(readers())


@pytest.mark.parametrize(
    ("form", "content"),
    [pytest.param(form, content, id=f"{form}: {name}") for form, name, content in SAMPLES],
)
class TestRecognition:
    def test_only_its_own_reader_claims_it(self, form: str, content: Any) -> None:
        assert claimed_by(as_bytes(content)) == [form]

    def test_its_reader_can_really_read_it(self, form: str, content: Any) -> None:
        told = list(readers()[form].read(Document(("2425", "E0.csv"), as_bytes(content))))
        assert [one for one in told if isinstance(one, Snapshot)]
        assert all(isinstance(one, Snapshot) for one in told)

    def test_layout_does_not_matter(self, form: str, content: Any) -> None:
        if isinstance(content, bytes):
            spellings = [content.replace(b"\n", b"\r\n"), b"\xef\xbb\xbf" + content]
        else:
            tight = json.dumps(content, separators=(",", ":")).encode()
            spellings = [tight, tight + b"\n", b"\xef\xbb\xbf" + tight]
            if form != "betfair-stream":  # its messages are lines
                spellings.append(json.dumps(content, indent=2).encode())
        assert [claimed_by(spelling) for spelling in spellings] == [[form]] * len(spellings)

    def test_the_file_name_does_not_decide(self, form: str, content: Any) -> None:
        for name in ("x", "x.json", "x.csv", "E0.csv", "kalshi.json", "polymarket.json", "1.100"):
            assert claimed_by(as_bytes(content), name) == [form]


def test_every_reader_has_a_sample() -> None:
    assert {form for form, *_ in SAMPLES} == set(readers())


@pytest.mark.parametrize("data", [data for _, data in FOREIGN], ids=[name for name, _ in FOREIGN])
def test_what_is_nobodys(data: bytes) -> None:
    assert claimed_by(data) == []
