"""API-NG answers: catalogues and events give names, market books give prices."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from crossbook.base.clock import parse_time
from crossbook.base.errors import BadData
from crossbook.model.claim import Claim, Kind
from crossbook.model.quote import Basis, Contest, Side
from crossbook.venues.betfair_catalogue import READER
from crossbook.venues.reader import Document
from tests.venues.betfair_messages import exactly, prices, split


def answer(*items: dict[str, Any]) -> Document:
    return Document(("x.json",), json.dumps({"jsonrpc": "2.0", "result": list(items), "id": 1}).encode(), 77)


def offers(*pairs: tuple[float, float]) -> list[dict[str, float]]:
    return [{"price": price, "size": size} for price, size in pairs]


def book(**more: Any) -> dict[str, Any]:
    first = {
        "selectionId": 11,
        "handicap": 0.0,
        "status": "ACTIVE",
        "ex": {
            "availableToBack": offers((3.0, 10.5), (2.9, 20), (2.8, 1), (2.7, 1)),
            "availableToLay": offers((3.1, 5)),
        },
    }
    second = {
        "selectionId": 12,
        "handicap": 0.0,
        "status": "REMOVED",
        "ex": {"availableToBack": offers((9.0, 1))},
    }
    third = {"selectionId": 13, "handicap": 0.0, "status": "ACTIVE"}
    usual = {
        "marketId": "1.5",
        "isMarketDataDelayed": False,
        "status": "OPEN",
        "inplay": False,
        "complete": True,
        "numberOfWinners": 1,
        "version": 3,
        "runners": [first, second, third],
    }
    return {**usual, **more}


def catalogue(**more: Any) -> dict[str, Any]:
    usual = {
        "marketId": "1.6",
        "marketName": "Match Odds",
        "marketStartTime": "2024-03-01T15:00:00.000Z",
        "runners": [{"selectionId": 7, "runnerName": "Ajax", "handicap": 0.0, "sortPriority": 1}],
        "eventType": {"id": "1", "name": "Soccer"},
        "competition": {"id": "3", "name": "Eredivisie"},
        "event": {"id": "900", "name": "Ajax v Breda", "countryCode": "NL"},
    }
    return {**usual, **more}


def test_market_book_gives_prices_of_active_runners() -> None:
    given = answer(book())
    assert READER.recognises(given)
    (one,), faults = split(READER, given)
    assert faults == []
    assert prices(one.quotes, "11", Side.BACK, "1.5") == exactly(("3", "10.5"), ("2.9", "20"), ("2.8", "1"))
    assert prices(one.quotes, "11", Side.LAY, "1.5") == exactly(("3.1", "5"))
    assert {quote.claim for quote in one.quotes} == {Claim.of(Kind.WINNER, "11", subject="1.5")}
    quote = one.quotes[0]
    assert (quote.tradable, quote.basis, quote.happened, quote.received) == (True, Basis.PREMATCH, None, 77)
    assert (quote.venue.id, quote.venue.commission) == ("betfair_exchange", None)
    assert one.listing.key == "1.5"
    assert one.listing.contests == (Contest("1.5", ("11", "13"), 1, False),)


@pytest.mark.parametrize(
    "terms", [{"status": "SUSPENDED"}, {"status": "CLOSED"}, {"isMarketDataDelayed": True}, {"status": None}]
)
def test_nothing_suspended_or_delayed_is_tradable(terms: dict[str, Any]) -> None:
    (one,), _ = split(READER, answer(book(**terms)))
    assert {quote.tradable for quote in one.quotes} == {False}


def test_in_play_book_is_live() -> None:
    (one,), _ = split(READER, answer(book(inplay=True)))
    assert {quote.basis for quote in one.quotes} == {Basis.LIVE}


def test_book_that_does_not_say_enough_is_one_fault_and_the_next_is_read() -> None:
    lines = [{"selectionId": 11, "handicap": -1.5, "status": "ACTIVE"}]
    snapshots, faults = split(READER, answer(book(numberOfWinners=3), book(runners=lines), book()))
    assert len(snapshots) == 1
    assert [fault.reason.split(":")[:2] for fault in faults] == [
        ["market 1.5", " numberOfWinners"],
        ["market 1.5", " hc"],
    ]


def test_offer_off_the_ladder_is_left_out() -> None:
    bad = {"selectionId": 11, "status": "ACTIVE", "ex": {"availableToBack": offers((1.0, 5), (2.0, 6))}}
    snapshots, faults = split(READER, answer(book(runners=[bad])))
    assert [(quote.odds, quote.size) for quote in snapshots[0].quotes] == exactly(("2", "6"))
    assert [fault.reason for fault in faults] == ["market 1.5: offers off the price ladder, left out: 1"]


def test_catalogue_gives_a_listing_for_each_event() -> None:
    second = catalogue(marketId="1.7", marketStartTime="2024-03-01T14:00:00.000Z")
    third = catalogue(event={"id": "901", "name": "Final"}, competition=None, eventType={"id": "2"})
    given = answer(catalogue(), second, third)
    assert READER.recognises(given)
    (first, other), faults = split(READER, given)
    assert (faults, first.quotes, other.quotes) == ([], [], [])
    listing = first.listing
    assert (listing.source, listing.key, listing.sport) == ("betfair", "900", "football")
    assert (listing.competition, listing.home, listing.away) == ("Eredivisie", "Ajax", "Breda")
    assert (listing.start, listing.date) == (parse_time("2024-03-01T14:00:00Z"), "2024-03-01")
    assert (other.listing.sport, other.listing.home, other.listing.competition) == ("tennis", "Final", "")


def test_one_catalogue_entry_or_a_bare_list_is_read_too() -> None:
    for value in (catalogue(), [catalogue()]):
        given = Document(("x",), json.dumps(value).encode())
        assert READER.recognises(given)
        assert [one.listing.key for one in split(READER, given)[0]] == ["900"]


def test_events_give_listings() -> None:
    given = answer(
        {"event": {"id": "5", "name": "A v B", "openDate": "2024-03-01T12:00:00.000Z"}, "marketCount": 6}
    )
    assert READER.recognises(given)
    (one,), _ = split(READER, given)
    assert (one.listing.key, one.listing.home, one.listing.away) == ("5", "A", "B")
    assert (one.listing.date, one.quotes) == ("2024-03-01", [])


def test_entry_with_an_impossible_time_is_one_fault() -> None:
    snapshots, faults = split(READER, answer(catalogue(marketStartTime="noon"), catalogue(marketId="1.7")))
    assert len(snapshots) == 1
    assert [fault.reason for fault in faults] == ["market 1.6: marketTime: 'noon' is not a time"]


@pytest.mark.parametrize("data", [b"", b"{", b"7", b'{"result": {"status": "OK"}}', b"[" * 20_000])
def test_anything_else_is_bad_data(data: bytes) -> None:
    with pytest.raises(BadData):
        list(READER.read(Document(("x",), data)))


def test_other_answers_are_not_recognised() -> None:
    for data in (
        b"",
        b'[{"eventId":"1"}]',
        b'{"marketId":"1.1","status":"OK"}',
        b'x{"marketId":1,"marketStartTime":2}',
    ):
        assert not READER.recognises(Document(("x",), data))


@pytest.mark.parametrize(
    ("name", "listings", "quotes"),
    [
        ("api_ng/list_market_book.json", 1, 15),
        ("api_ng/list_runner_book.json", 1, 0),
        ("api_ng/list_market_catalogue.json", 1, 0),
        ("api_ng/list_market_catalogue_no_ero.json", 2, 0),
        ("api_ng/list_events.json", 7, 0),
        ("catalogues/1.197931750.json", 1, 0),
        ("catalogues/1.197931751.json", 1, 0),
    ],
)
def test_recorded_answers(real_data: Path, name: str, listings: int, quotes: int) -> None:
    path = real_data / "sports" / "betfair" / name
    given = Document(path.parts[-3:], path.read_bytes())
    assert READER.recognises(given)
    snapshots, faults = split(READER, given)
    assert faults == []
    assert len(snapshots) == listings
    assert sum(len(one.quotes) for one in snapshots) == quotes
    assert len({one.listing.key for one in snapshots}) == listings


def test_recorded_book_was_suspended_in_play(real_data: Path) -> None:
    path = real_data / "sports" / "betfair" / "api_ng" / "list_market_book.json"
    (one,), _ = split(READER, Document(path.parts[-3:], path.read_bytes()))
    assert {(quote.tradable, quote.basis) for quote in one.quotes} == {(False, Basis.LIVE)}
    assert prices(one.quotes, "8665860", Side.BACK, "1.125875153")[:2] == exactly(("21", "2"), ("20", "0.17"))
    assert prices(one.quotes, "7853158", Side.LAY, "1.125875153")[0] == (Fraction("1.14"), Fraction("127.85"))
