"""Polymarket's order books: which side a token's book is, changes in their order, and broken levels."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from crossbook.model.quote import Side
from tests.venues.polymarket_messages import market, quoted, read


class TestBooks:
    def book(self, token: str, bid: str, ask: str, size: str = "10", **changed: Any) -> dict[str, Any]:
        levels = {"bids": [{"price": bid, "size": size}], "asks": [{"price": ask, "size": size}]}
        return {"market": "0xa", "asset_id": token, "timestamp": 3, **levels, **changed}

    def test_the_first_tokens_book_stands_over_the_market(self) -> None:
        [snapshot], faults = read([market(), self.book("0xa1", "0.4", "0.5")])
        assert faults == []
        assert quoted(snapshot.quotes) == [
            ("0xa", "yes", Side.BACK, Fraction(2), Fraction(5)),
            ("0xa", "yes", Side.LAY, Fraction(5, 2), Fraction(4)),
        ]
        assert {one.happened for one in snapshot.quotes} == {3_000_000}

    def test_the_second_tokens_book_is_the_mirror(self) -> None:
        [mirrored], _ = read({"market": market(), "book": self.book("0xa2", "0.5", "0.6")})
        [straight], _ = read({"market": market(), "book": self.book("0xa1", "0.4", "0.5")})
        assert mirrored == straight

    def test_changes_are_applied_in_their_order(self) -> None:
        change = {"asset_id": "t", "side": "SELL", "price": "0.45", "size": "2"}
        gone = {**change, "size": "0", "best_bid": "0.3", "best_ask": "0.48"}
        told = [self.book("t", "0.4", "0.5"), {"market": "0xa", "price_changes": [change], "timestamp": "4"}]
        [after], _ = read(told)
        assert quoted(after.quotes)[0][2:] == (Side.BACK, Fraction(20, 9), Fraction("0.9"))
        [later], _ = read([*told, {"market": "0xa", "price_changes": [gone], "timestamp": "5"}])
        assert quoted(later.quotes) == [
            ("t", "yes", Side.BACK, Fraction(25, 12), None),
            ("t", "yes", Side.LAY, Fraction(10, 3), None),
        ]
        assert later.quotes[0].happened == 5_000_000

    def test_best_prices_that_say_there_is_nothing(self) -> None:
        nothing = {
            "event_type": "best_bid_ask",
            "market": "0xa",
            "asset_id": "t",
            "best_bid": "0",
            "best_ask": "1",
        }
        [snapshot], faults = read([self.book("t", "0.4", "0.5"), nothing])
        assert (snapshot.quotes, faults) == ([], [])

    def test_an_empty_book(self) -> None:
        [snapshot], faults = read(self.book("t", "0.4", "0.5", bids=[], asks=[]))
        assert (snapshot.quotes, faults) == ([], [])

    def test_levels_without_size_are_no_offers(self) -> None:
        [snapshot], _ = read(self.book("t", "0.4", "0.5", size="0"))
        assert snapshot.quotes == []

    @pytest.mark.parametrize(
        ("changed", "named"),
        [
            ({"asks": [{"price": "1.2", "size": "1"}]}, "asks: 1.2"),
            ({"bids": [{"price": "0.2", "size": "-1"}]}, "bids: -1"),
            ({"bids": [{"price": "0.2"}]}, "`size`"),
            ({"timestamp": "noon"}, "timestamp: 'noon'"),
            ({"timestamp": "9" * 40}, "timestamp: "),
            ({"asset_id": None}, "asset_id: missing"),
            ({"bids": None, "asks": None}, "bids: missing"),
            ({"market": None}, "$.market"),
        ],
    )
    def test_a_broken_book_costs_only_itself(self, changed: dict[str, Any], named: str) -> None:
        [snapshot], [reason] = read([self.book("t", "0.4", "0.5", **changed), self.book("u", "0.4", "0.5")])
        assert named in reason
        assert {one.claim.subject for one in snapshot.quotes} == {"u"}

    def test_a_broken_change_costs_only_itself(self) -> None:
        good = {"asset_id": "t", "side": "BUY", "price": "0.4", "size": "1"}
        changes = [{**good, "side": "HOLD"}, {**good, "price": "4"}, good]
        [snapshot], faults = read({"market": "0xa", "price_changes": changes})
        assert faults == [
            "price change 1: side: 'HOLD' is neither BUY nor SELL",
            "price change 2: price: 4 is no price of a contract that pays 1",
        ]
        assert quoted(snapshot.quotes) == [("t", "yes", Side.LAY, Fraction(5, 2), Fraction("0.4"))]
