"""What venues are asked, and what their answers mean: plain values, no network."""

from __future__ import annotations

import json
from typing import Any

import pytest

from crossbook.base.errors import BadData
from crossbook.venues import betfair_requests, polymarket_requests, the_odds_api_requests
from crossbook.venues.asking import Reply
from tests.venues import polymarket_messages


class TestTheOddsApi:
    def test_the_question(self) -> None:
        question = the_odds_api_requests.odds(
            "soccer_epl", "k", regions=["eu", "uk"], markets=["h2h", "totals"]
        )
        assert question.path == "/v4/sports/soccer_epl/odds"
        assert dict(question.query) == {
            "apiKey": "k",
            "regions": "eu,uk",
            "markets": "h2h,totals",
            "oddsFormat": "decimal",
            "dateFormat": "iso",
        }

    def test_bookmakers_stand_in_for_regions(self) -> None:
        question = the_odds_api_requests.odds(
            "x", "k", regions=["eu"], markets=["h2h"], bookmakers=["one", "two"]
        )
        assert dict(question.query)["bookmakers"] == "one,two"
        assert "regions" not in dict(question.query)

    @pytest.mark.parametrize(
        ("status", "code", "reply"),
        [
            (200, "", Reply.GOOD),
            (401, "INVALID_KEY", Reply.WRONG_KEY),
            (401, "MISSING_KEY", Reply.WRONG_KEY),
            (401, "DEACTIVATED_KEY", Reply.REFUSED),
            (403, "", Reply.REFUSED),
            (401, "OUT_OF_USAGE_CREDITS", Reply.RETRY),
            (429, "EXCEEDED_FREQ_LIMIT", Reply.RETRY),
            (404, "UNKNOWN_SPORT", Reply.REFUSED),
            (422, "INVALID_MARKET", Reply.REFUSED),
            (500, "", Reply.RETRY),
            (503, "", Reply.RETRY),
        ],
    )
    def test_answers(self, status: int, code: str, reply: Reply) -> None:
        body = json.dumps({"message": "words", "error_code": code}).encode()
        found = the_odds_api_requests.judge(status, body)
        assert found.reply is reply
        assert reply is Reply.GOOD or code in found.reason
        assert the_odds_api_requests.judge(status, b"<html>").reply is not Reply.GOOD or status == 200

    @pytest.mark.parametrize(
        ("text", "left"),
        [("17", 17), ("17.0", 17), ("", None), ("many", None), ("9" * 30, None), ("-1", None)],
    )
    def test_credits(self, text: str, left: int | None) -> None:
        assert the_odds_api_requests.credits_left({"x-requests-remaining": text}) == left


def status(**fields: Any) -> bytes:
    return json.dumps({"op": "status", "id": 1, "statusCode": "SUCCESS", **fields}).encode() + b"\r\n"


class TestBetfair:
    def test_requests_are_lines(self) -> None:
        first = betfair_requests.authentication("app", "session")
        second = betfair_requests.subscription(events=["5"], market_types=["MATCH_ODDS"])
        assert first.endswith(b"}\r\n")
        assert second.count(b"\r\n") == 1
        assert json.loads(second)["marketFilter"] == {"eventIds": ["5"], "marketTypes": ["MATCH_ODDS"]}
        assert "EX_MARKET_DEF" in json.loads(second)["marketDataFilter"]["fields"]

    @pytest.mark.parametrize(
        ("line", "reply"),
        [
            (status(), Reply.GOOD),
            (status(statusCode="FAILURE", errorCode="INVALID_APP_KEY"), Reply.WRONG_KEY),
            (status(statusCode="FAILURE", errorCode="INVALID_SESSION_INFORMATION"), Reply.REFUSED),
            (status(statusCode="FAILURE", errorCode="MAX_CONNECTION_LIMIT_EXCEEDED"), Reply.RETRY),
            (status(statusCode="FAILURE"), Reply.REFUSED),
        ],
    )
    def test_status(self, line: bytes, reply: Reply) -> None:
        found = betfair_requests.judge(line)
        assert found is not None
        assert (found[0], found[1].reply) == (1, reply)

    @pytest.mark.parametrize(
        "line", [b'{"op":"mcm","status":503,"pt":1}', b'{"op":"mcm"}', b'{"op":"status",', b""]
    )
    def test_other_lines(self, line: bytes) -> None:
        assert betfair_requests.judge(line) is None


class TestPolymarket:
    def test_pages(self) -> None:
        query = dict(polymarket_requests.events(2, [("tag_slug", "soccer")]).query)
        assert query == {
            "active": "true",
            "closed": "false",
            "limit": "100",
            "offset": "200",
            "tag_slug": "soccer",
        }

    def test_tokens_of_what_trades(self) -> None:
        markets = [
            polymarket_messages.market("0xa"),
            polymarket_messages.market("0xb", closed=True),
            polymarket_messages.market("0xc", enableOrderBook=False),
            polymarket_messages.market("0xd", clobTokenIds="broken"),
            {"conditionId": 5},
        ]
        page = json.dumps([polymarket_messages.event(*markets), {"id": []}, 7]).encode()
        assert polymarket_requests.read_page(page) == (3, ["0xa1", "0xa2"])
        assert polymarket_requests.read_page(b'{"data": ' + page + b"}") == (3, ["0xa1", "0xa2"])

    @pytest.mark.parametrize("data", [b"", b"null", b"5", b"<html>"])
    def test_no_page(self, data: bytes) -> None:
        with pytest.raises(BadData):
            polymarket_requests.read_page(data)

    def test_messages(self) -> None:
        assert json.loads(polymarket_requests.subscription(["1", "2"])) == {
            "type": "market",
            "assets_ids": ["1", "2"],
        }
        assert json.loads(polymarket_requests.more(["3"])) == {"operation": "subscribe", "assets_ids": ["3"]}
