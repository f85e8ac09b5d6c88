"""Polymarket documents as a whole: which are recognised, and what a broken piece costs."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossbook.base.errors import BadData
from crossbook.model.quote import Contest, Fault, Snapshot
from crossbook.venues import readers
from crossbook.venues.polymarket import READER
from tests.venues.json_answers import document
from tests.venues.polymarket_messages import event, game, market, match, read, total


class TestRecognition:
    def test_found_by_itself(self) -> None:
        assert readers()["polymarket"] is READER

    @pytest.mark.parametrize(
        "content",
        [
            b'market,"asset_id"\n1,2\n',
            {"conditionId": "0x1", "negRiskRequestId": None, "tradeType": "clob"},
            {"ticker": "T", "event_ticker": "E", "yes_ask": 3},
            {"market": "1.23", "runners": []},
            b"",
        ],
    )
    def test_others_are_left_alone(self, content: Any) -> None:
        assert not READER.recognises(document(content))

    def test_a_byte_order_mark_does_no_harm(self) -> None:
        marked = b"\xef\xbb\xbf" + json.dumps(market()).encode()
        assert READER.recognises(document(marked))
        assert len(read(marked)[0]) == 1


class TestBroken:
    @pytest.mark.parametrize(
        ("changed", "named"),
        [
            ({"bestAsk": 1.5}, "bestAsk: 1.5"),
            ({"bestBid": -0.1}, "bestBid: -0.1"),
            ({"bestAsk": "cheap"}, "$.bestAsk"),
            ({"bestAsk": "NaN"}, "bestAsk: not a plain"),
            ({"outcomes": '["Yes", '}, "outcomes: not readable"),
            ({"outcomes": "[1, 2]"}, "outcomes: field"),
            ({"outcomes": '["A", "B", "C"]'}, "outcomes: 3 outcomes"),
            ({"outcomes": None}, "outcomes: 0 outcomes"),
            ({"updatedAt": "yesterday"}, "updatedAt: 'yesterday'"),
            ({"events": 5}, "$.events"),
            ({"conditionId": None}, "$.conditionId"),
        ],
    )
    def test_a_broken_market_costs_only_itself(self, changed: dict[str, Any], named: str) -> None:
        [snapshot], [reason] = read([{**market("0xa"), **changed}, market("0xb")])
        assert reason.startswith("item 1: ")
        assert named in reason
        assert {one.market_id for one in snapshot.quotes} == {"0xb"}

    def test_a_broken_market_leaves_its_event_incomplete(self) -> None:
        [snapshot], [reason] = read(event(market("0xa"), market("0xb", bestAsk=7)))
        assert reason.startswith("event 7: market 2: bestAsk")
        assert snapshot.listing.contests == (Contest("7", ("0xa",), complete=False),)

    def test_a_market_listed_twice(self) -> None:
        [snapshot], faults = read([market(), market(), market(bestAsk=0.5)])
        assert [one.odds for one in snapshot.quotes] == [2, 4]
        assert faults == ["market 0xa: listed twice and not alike; the later one stands"]

    @pytest.mark.parametrize("tokens", ["[1]", '["t"]', '["t", "t"]', ["t", "u", "v"]])
    def test_tokens_that_cannot_be_right(self, tokens: str | list[str]) -> None:
        [snapshot], [reason] = read([market("0xa"), market("0xb", clobTokenIds=tokens)])
        assert reason.startswith("item 2: clobTokenIds")
        assert snapshot.listing.key == "0xa"

    def test_something_else(self) -> None:
        assert read({"hello": 1}) == (
            [],
            ["neither a market with a conditionId, nor an event, nor an order book"],
        )

    @pytest.mark.parametrize("data", [b"", b"{", b"7", b"\xff\xfe{", b"[" * 5000])
    def test_nothing_readable(self, data: bytes) -> None:
        with pytest.raises(BadData):
            read(data)

    @given(st.integers(min_value=0), st.binary(max_size=6))
    def test_damage_never_ends_in_a_traceback(self, place: int, damage: bytes) -> None:
        book = {
            "market": "0xa",
            "asset_id": "0xa1",
            "asks": [{"price": "0.3", "size": "2"}],
            "timestamp": "5",
        }
        whole = json.dumps([match(game("Leeds", "0xg"), total()), book]).encode()
        cut = place % len(whole)
        told: list[object] = []
        try:
            told.extend(READER.read(document(whole[:cut] + damage + whole[cut + len(damage) :])))
        except BadData as error:
            told.append(error)
        assert all(isinstance(one, Snapshot | Fault | BadData) for one in told)
