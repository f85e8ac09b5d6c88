"""The Polymarket reader, replayed: recorded answers and messages give what they say, and files of others nothing."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import pytest

from crossbook.base.clock import parse_time
from crossbook.model.claim import Kind
from crossbook.model.quote import Contest, Side, Snapshot
from crossbook.venues.polymarket import POLYMARKET, READER
from tests.venues.json_answers import document
from tests.venues.polymarket_messages import quoted, read

RECORDED = "sports/api/polymarket/crate"
MARKETS = "sports/api/kalshi_drmanhattan/polymarket_markets.json"
TOKEN = "71321045679252212594626385532706912750332728571942532289631379312455583992563"
OTHER_TOKEN = "52114319501245915516055106046884209969926127482827954674443846427813813222426"


def replay(path: Path) -> tuple[list[Snapshot], list[str]]:
    recorded = document(path.read_bytes())
    assert READER.recognises(recorded)
    return read(recorded.data)


class TestRecorded:
    def test_markets(self, real_data: Path) -> None:
        [snapshot], faults = replay(real_data / MARKETS)
        assert faults == []
        assert (snapshot.listing.source, snapshot.listing.key) == ("polymarket", "23784")
        assert snapshot.listing.home == "What will happen before GTA VI?"
        assert snapshot.listing.contests == ()
        assert len(snapshot.quotes) == 10
        rihanna = "0x1fad72fae204143ff1c3035e99e7c0f65ea8d5cd9bd1070987bd1a3316f772be"
        assert quoted(snapshot.quotes)[:2] == [
            (rihanna, "yes", Side.BACK, Fraction(100, 52), None),
            (rihanna, "yes", Side.LAY, Fraction(2), None),
        ]
        assert [one.odds for one in snapshot.quotes[4:6]] == [2, Fraction(100, 49)]
        assert len({one.claim.space for one in snapshot.quotes}) == 5
        assert {one.happened for one in snapshot.quotes} == {parse_time("2026-06-21T18:26:26.563193Z")}
        assert all(one.tradable and one.step is None and one.venue is POLYMARKET for one in snapshot.quotes)

    def test_an_event_that_can_get_further_outcomes_is_not_complete(self, real_data: Path) -> None:
        [snapshot], faults = replay(real_data / RECORDED / "gamma_event.json")
        assert faults == []
        subject = "0x2c3d7e0eee6f058be3006baabf0d54a07da254ba47fe6e3e095e7990c7814700"
        smith = "0xc8f1cf5d4f26e0fd9c8fe89f2a7b3263b902cf14fde7bfccef525753bb492e47"
        whitmer = "0xe39adea057926dc197fe30a441f57a340b2a232d5a687010f78bba9b6e02620f"
        assert snapshot.listing.key == "30829"
        assert snapshot.listing.contests == (Contest(subject, (smith, whitmer), complete=False),)
        assert quoted(snapshot.quotes) == [
            (subject, smith, Side.BACK, Fraction(1000, 11), None),
            (subject, smith, Side.LAY, Fraction(100), None),
            (subject, whitmer, Side.BACK, Fraction(200, 3), None),
            (subject, whitmer, Side.LAY, Fraction(500, 7), None),
        ]
        assert {one.claim.kind for one in snapshot.quotes} == {Kind.WINNER}
        assert {one.market_id for one in snapshot.quotes} == {smith, whitmer}

    def test_one_market(self, real_data: Path) -> None:
        [snapshot], _ = replay(real_data / RECORDED / "gamma_market.json")
        assert (snapshot.listing.key, snapshot.listing.competition) == ("260654", "BTC Up or Down 5m")
        assert [(one.side, one.odds) for one in snapshot.quotes] == [
            (Side.BACK, Fraction(100, 51)),
            (Side.LAY, Fraction(2)),
        ]

    def test_a_search(self, real_data: Path) -> None:
        [snapshot], _ = replay(real_data / RECORDED / "search_response.json")
        assert [(one.side, one.odds) for one in snapshot.quotes] == [(Side.LAY, Fraction(1000, 999))]

    @pytest.mark.parametrize(
        "name",
        [
            "gamma_market_closed_binary_accepting_false",
            "gamma_market_closed_binary_accepting_true",
            "gamma_market_closed_nonbinary_legacy",
            "gamma_market_closed_zero_zero_legacy",
            "gamma_market_sports_market_map_handicap",
            "gamma_market_sports_market_money_line",
        ],
    )
    def test_closed_markets_offer_nothing(self, real_data: Path, name: str) -> None:
        [snapshot], faults = replay(real_data / RECORDED / f"{name}.json")
        assert (snapshot.quotes, faults) == ([], [])

    @pytest.mark.parametrize(
        ("name", "token", "back", "lay"),
        [
            ("clob_book_response", "12345678901234567890", ("0.51", "61.2"), ("0.50", "75")),
            ("ws_book_snapshot", TOKEN, ("0.51", "76.5"), ("0.50", "100")),
            ("ws_market_book_msg", TOKEN, ("0.51", "76.5"), ("0.50", "100")),
            ("ws_market_price_change_msg", TOKEN, ("0.52", None), ("0.51", "76.5")),
            (
                "ws_market_best_bid_ask_msg",
                "85354956062430465315924116860125388538595433819574542752031640332592237464430",
                ("0.77", None),
                ("0.73", None),
            ),
        ],
    )
    def test_books(
        self,
        real_data: Path,
        name: str,
        token: str,
        back: tuple[str, str | None],
        lay: tuple[str, str | None],
    ) -> None:
        path = real_data / RECORDED / f"{name}.json"
        sent = json.loads(path.read_bytes())
        [snapshot], faults = replay(path)
        assert faults == []
        assert snapshot.listing.key == sent["market"]
        assert {one.market_id for one in snapshot.quotes} == {sent["market"]}
        assert {one.happened for one in snapshot.quotes} == {int(sent["timestamp"]) * 1_000_000}
        assert quoted(snapshot.quotes) == [
            (token, "yes", side, 1 / Fraction(price), None if size is None else Fraction(size))
            for side, (price, size) in ((Side.BACK, back), (Side.LAY, lay))
        ]
        assert {one.claim.kind for one in snapshot.quotes} == {Kind.CONTRACT}

    def test_price_changes_of_two_tokens(self, real_data: Path) -> None:
        [snapshot], _ = replay(real_data / RECORDED / "ws_quotes.json")
        assert quoted(snapshot.quotes) == [
            (TOKEN, "yes", Side.BACK, Fraction(100, 52), None),
            (TOKEN, "yes", Side.LAY, Fraction(100, 51), Fraction("76.5")),
            (OTHER_TOKEN, "yes", Side.BACK, Fraction(100, 49), Fraction(49)),
            (OTHER_TOKEN, "yes", Side.LAY, Fraction(100, 48), None),
        ]

    def test_every_file_of_the_folder(self, real_data: Path) -> None:
        """Each is read, or given one reason, or is not recognised; none ends in a traceback."""
        counts = {"left alone": 0, "one reason": 0, "snapshots": 0, "quotes": 0}
        for path in sorted((real_data / RECORDED).iterdir()):
            recorded = document(path.read_bytes())
            if not READER.recognises(recorded):
                counts["left alone"] += 1
                continue
            snapshots, faults = read(recorded.data)
            assert len(faults) + len(snapshots) == 1, path.name
            counts["one reason"] += len(faults)
            counts["snapshots"] += len(snapshots)
            counts["quotes"] += sum(len(one.quotes) for one in snapshots)
        assert counts == {"left alone": 18, "one reason": 22, "snapshots": 15, "quotes": 21}

    def test_only_its_own_files_are_recognised(self, real_data: Path) -> None:
        folder = real_data / "sports/api"
        elsewhere = {
            str(path.relative_to(folder))
            for path in folder.rglob("*.json")
            if "crate" not in path.parts and READER.recognises(document(path.read_bytes()))
        }
        assert elsewhere == {"kalshi_drmanhattan/polymarket_markets.json"}
