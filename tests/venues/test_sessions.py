"""Live sessions of the readers: what each frame changes, what is gone, and what a gap costs."""

from __future__ import annotations

import json
from fractions import Fraction
from typing import Any

import pytest

from crossbook.base.errors import BadData
from crossbook.model.frame import StreamInfo
from crossbook.model.quote import Fault, Side, Snapshot
from crossbook.venues import readers
from crossbook.venues.session import Session
from tests.venues import betfair_messages as betfair
from tests.venues import polymarket_messages as polymarket

START = "2025-03-01T15:00:00Z"


def opened(form: str, **settings: str) -> Session:
    live = readers()[form].live
    assert live is not None
    return live(StreamInfo(format=form, settings=settings))


def say(session: Session, content: Any, received: int = 1) -> tuple[list[Snapshot], list[str]]:
    data = content if isinstance(content, bytes) else json.dumps(content).encode()
    told = list(session.read(data, received))
    faults = [one.reason for one in told if isinstance(one, Fault)]
    return [one for one in told if isinstance(one, Snapshot)], faults


def counted(told: list[Snapshot]) -> dict[str, int]:
    return {one.listing.key: len(one.quotes) for one in told}


def game(key: str, *books: str, price: Any = 2.5) -> dict[str, Any]:
    outcomes = [{"name": name, "price": price} for name in ("Harbour", "Hill", "Draw")]
    return {
        "id": key,
        "sport_key": "soccer_made_up",
        "sport_title": "Made Up League",
        "commence_time": START,
        "home_team": "Harbour",
        "away_team": "Hill",
        "bookmakers": [
            {
                "key": book,
                "title": book,
                "last_update": START,
                "markets": [{"key": "h2h", "outcomes": outcomes}],
            }
            for book in books
        ],
    }


class TestTheOddsApi:
    def test_an_answer_is_whole(self) -> None:
        session = opened("the-odds-api")
        assert counted(say(session, [game("a", "one", "two"), game("b", "one")])[0]) == {"a": 6, "b": 3}
        assert counted(say(session, [game("a", "two")])[0]) == {"a": 3, "b": 0}
        assert counted(say(session, [game("a", "two")])[0]) == {"a": 3}
        assert counted(say(session, [])[0]) == {"a": 0}

    def test_quotes_carry_when_they_came(self) -> None:
        told, _ = say(opened("the-odds-api"), [game("a", "one")], 77)
        assert {quote.received for quote in told[0].quotes} == {77}

    def test_an_event_that_breaks_is_gone(self) -> None:
        session = opened("the-odds-api")
        say(session, [game("a", "one"), game("b", "one")])
        told, faults = say(session, [game("a", "one"), {"id": "b"}])
        assert counted(told) == {"a": 3, "b": 0}
        assert faults[0].startswith("event 2: ")

    @pytest.mark.parametrize(
        ("answer", "reason"),
        [
            (
                {"message": "Usage quota has been reached", "error_code": "OUT_OF_USAGE_CREDITS"},
                "OUT_OF_USAGE",
            ),
            ({"message": "Internal server error"}, "message: 'Internal server error'"),
            (b"<html>", "not readable as JSON"),
        ],
    )
    def test_an_error_answer_changes_nothing(self, answer: Any, reason: str) -> None:
        session = opened("the-odds-api")
        say(session, [game("a", "one")])
        with pytest.raises(BadData, match=reason):
            say(session, answer)
        assert counted(say(session, [])[0]) == {"a": 0}

    def test_the_format_that_was_asked_for_is_known(self) -> None:
        (snapshot,) = say(opened("the-odds-api", odds_format="decimal"), [game("a", "one", price=120)])[0]
        assert {quote.odds for quote in snapshot.quotes} == {Fraction(120)}


class TestBetfair:
    def test_changes_carry_when_they_came(self) -> None:
        session = opened("betfair-stream")
        told, _ = say(session, betfair.image({"id": 11, "atb": [[3, 10]]}), 5)
        assert [quote.received for quote in told[0].quotes] == [5]
        told, _ = say(
            session, betfair.message(betfair.market(betfair.MARKET, {"id": 11, "atb": [[4, 1]]})), 9
        )
        assert betfair.prices(told[0].quotes, "11", Side.BACK) == betfair.exactly(("4", "1"), ("3", "10"))
        assert {quote.received for quote in told[0].quotes} == {9}

    @pytest.mark.parametrize(
        "message",
        [
            {"op": "connection", "connectionId": "1"},
            {"op": "status", "id": 1, "statusCode": "SUCCESS", "connectionClosed": False},
            {"op": "mcm", "id": 2, "ct": "HEARTBEAT", "pt": 5},
        ],
    )
    def test_what_says_nothing_of_prices(self, message: Any) -> None:
        assert say(opened("betfair-stream"), message) == ([], [])

    def test_an_error_is_named(self) -> None:
        message = {
            "op": "status",
            "statusCode": "FAILURE",
            "errorCode": "NO_SESSION",
            "errorMessage": "log in",
        }
        with pytest.raises(BadData, match="NO_SESSION: 'log in'"):
            say(opened("betfair-stream"), message)

    @pytest.mark.parametrize("data", [b"", b"\r\n", b"{", b"\xff\xfe{"])
    def test_garbage(self, data: bytes) -> None:
        with pytest.raises(BadData):
            say(opened("betfair-stream"), data)

    def test_a_gap_forgets_all_books(self) -> None:
        session = opened("betfair-stream")
        say(session, betfair.image({"id": 11, "atb": [[3, 10]]}))
        session.gap()
        told, faults = say(
            session, betfair.message(betfair.market(betfair.MARKET, {"id": 11, "atb": [[4, 1]]}))
        )
        assert counted(told) == {betfair.EVENT: 0}
        assert "before any image" in faults[0]
        told, _ = say(session, betfair.image({"id": 11, "atb": [[5, 2]]}))
        assert betfair.prices(told[0].quotes, "11", Side.BACK) == betfair.exactly(("5", "2"))

    def test_a_late_message_is_not_used(self) -> None:
        session = opened("betfair-stream")
        new, old = ({"id": 11, "atb": [[price, 10]]} for price in (3, 9))
        say(
            session,
            betfair.message(
                betfair.market(betfair.MARKET, new, img=True, marketDefinition=betfair.definition()), pt=5
            ),
        )
        told, faults = say(session, betfair.message(betfair.market(betfair.MARKET, old, img=True), pt=4))
        assert told == []
        assert faults[0].startswith("pt: market 1.100 already said something newer")

    def test_a_closed_market_is_told_once_more_and_forgotten(self) -> None:
        session = opened("betfair-stream")
        say(session, betfair.image({"id": 11, "atb": [[3, 10]]}))
        over = betfair.market(marketDefinition=betfair.definition(status="CLOSED"))
        assert counted(say(session, betfair.message(over))[0]) == {betfair.EVENT: 0}
        assert say(session, betfair.message()) == ([], [])


def book(token: str, bid: str, ask: str, condition: str = "0xa", stamp: int = 3) -> dict[str, Any]:
    return {
        "event_type": "book",
        "market": condition,
        "asset_id": token,
        "timestamp": str(stamp),
        "bids": [{"price": bid, "size": "10"}],
        "asks": [{"price": ask, "size": "10"}],
    }


def change(token: str, price: str, size: str, stamp: int = 4) -> dict[str, Any]:
    one = {"asset_id": token, "price": price, "size": size, "side": "SELL"}
    return {"event_type": "price_change", "market": "0xa", "timestamp": str(stamp), "price_changes": [one]}


class TestPolymarket:
    def test_prices_come_from_the_books(self) -> None:
        session = opened("polymarket")
        gamma = [polymarket.event(polymarket.market())]
        assert counted(say(session, gamma)[0]) == {"7": 0}
        told, _ = say(session, [book("0xa1", "0.4", "0.5")], 8)
        assert [(q.side, q.odds, q.received) for q in told[0].quotes] == [
            (Side.BACK, Fraction(2), 8),
            (Side.LAY, Fraction(5, 2), 8),
        ]

    def test_a_refresh_does_not_undo_what_a_book_said(self) -> None:
        session = opened("polymarket")
        gamma = [polymarket.event(polymarket.market(bestAsk=0.9))]
        say(session, gamma)
        say(session, book("0xa1", "0.4", "0.5"))
        say(session, change("0xa1", "0.45", "7"))
        told, _ = say(session, gamma)
        assert next((q.odds, q.size) for q in told[0].quotes) == (1 / Fraction("0.45"), Fraction("3.15"))

    def test_a_refresh_says_whether_orders_are_taken(self) -> None:
        session = opened("polymarket")
        say(session, [polymarket.event(polymarket.market())])
        say(session, book("0xa1", "0.4", "0.5"))
        told, _ = say(session, [polymarket.event(polymarket.market(acceptingOrders=False))])
        assert [quote.tradable for quote in told[0].quotes] == [False, False]

    def test_only_touched_events_are_told(self) -> None:
        session = opened("polymarket")
        events = [polymarket.event(polymarket.market(f"0x{n}"), id=n) for n in ("b", "c")]
        say(session, events)
        assert counted(say(session, book("0xc1", "0.4", "0.5", "0xc"))[0]) == {"c": 2}

    def test_the_newer_book_of_two_tokens_stands(self) -> None:
        session = opened("polymarket")
        say(session, [polymarket.event(polymarket.market())])
        say(session, [book("0xa1", "0.4", "0.5", stamp=3), book("0xa2", "0.5", "0.6", stamp=3)])
        told, _ = say(session, book("0xa2", "0.7", "0.8", stamp=9))
        assert told[0].quotes[0].odds == 1 / Fraction("0.3")

    def test_a_late_message_is_not_used(self) -> None:
        session = opened("polymarket")
        say(session, [polymarket.event(polymarket.market())])
        say(session, book("0xa1", "0.4", "0.5", stamp=9))
        for late in (book("0xa1", "0.1", "0.2", stamp=8), change("0xa1", "0.2", "7", stamp=8)):
            with_fault = list(
                session.read(json.dumps([late, book("0xa2", "0.5", "0.6", stamp=1)]).encode(), 1)
            )
            assert next(one.reason for one in with_fault if isinstance(one, Fault)).count("older than") == 1
            quotes = [quote for one in with_fault if isinstance(one, Snapshot) for quote in one.quotes]
            assert quotes[0].odds == Fraction(2)

    @pytest.mark.parametrize("data", [b"PONG", b"PONG\n", b"[]"])
    def test_beats(self, data: bytes) -> None:
        assert say(opened("polymarket"), data) == ([], [])

    def test_trades_and_strangers_say_nothing(self) -> None:
        session = opened("polymarket")
        trade = {"event_type": "last_trade_price", "market": "0xa", "asset_id": "1", "fee_rate_bps": "0"}
        assert say(session, trade) == ([], [])
        assert say(session, book("99", "0.4", "0.5", "0xz")) == ([], [])

    @pytest.mark.parametrize(
        "data", [b"", b"{", b"{}", b'{"error": "no"}', b'[{"market": 5, "asset_id": "1"}]']
    )
    def test_garbage(self, data: bytes) -> None:
        with pytest.raises(BadData):
            say(opened("polymarket"), data)

    def test_a_gap_forgets_the_books(self) -> None:
        session = opened("polymarket")
        say(session, [polymarket.event(polymarket.market())])
        say(session, book("0xa1", "0.4", "0.5"))
        session.gap()
        assert counted(say(session, b"PONG")[0]) == {"7": 0}
        told, _ = say(session, change("0xa1", "0.45", "7"))
        assert len(told[0].quotes) == 1
        assert counted(say(session, book("0xa1", "0.4", "0.5", stamp=5))[0]) == {"7": 2}

    def test_a_market_that_is_not_named_any_more_is_gone(self) -> None:
        session = opened("polymarket", listed_life_s="10")
        both = [polymarket.event(polymarket.market(f"0x{n}"), id=n) for n in ("b", "c")]
        say(session, both, 1)
        say(session, book("0xb1", "0.4", "0.5", "0xb"), 2)
        assert counted(say(session, both[1:], 10_000_000_001)[0]) == {"c": 0}
        assert counted(say(session, both[1:], 10_000_000_002)[0]) == {"c": 0, "b": 0}
        assert say(session, book("0xb1", "0.4", "0.5", "0xb"), 10_000_000_003) == ([], [])
