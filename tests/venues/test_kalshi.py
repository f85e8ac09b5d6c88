"""The Kalshi reader: recorded answers replayed, every shape it knows, and pieces that are broken."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossbook.base.errors import BadData
from crossbook.model.claim import Claim, Kind
from crossbook.model.quote import Basis, Contest, Fault, Quote, Side, Snapshot
from crossbook.venues import readers
from crossbook.venues.kalshi import KALSHI, READER
from tests.venues.json_answers import document, told

RECORDED = "sports/api/soccer_kalshi_oddsapiio"
COMBINATIONS = "sports/api/kalshi_drmanhattan"
EXCLUDED = "(does not include extra time or penalties)"


def read(content: Any, received: int | None = None) -> tuple[list[Snapshot], list[str]]:
    return told(READER, content, received)


def replay(path: Path) -> tuple[list[Snapshot], list[str]]:
    recorded = document(path.read_bytes())
    assert READER.recognises(recorded)
    return read(recorded.data)


def quoted(quotes: list[Quote]) -> list[tuple[str, str, Side, Fraction, Fraction | None]]:
    return [(one.market_id, one.claim.selection, one.side, one.odds, one.size) for one in quotes]


def market(ticker: str = "AAA-1", **changed: Any) -> dict[str, Any]:
    plain = {
        "ticker": ticker,
        "event_ticker": "AAA",
        "title": "Will it rain?",
        "status": "active",
        "yes_bid_dollars": "0.2500",
        "yes_ask_dollars": "0.3200",
        "yes_bid_size_fp": "8.00",
        "yes_ask_size_fp": "10.00",
    }
    return {**plain, **changed}


def game(winner: str, ticker: str, **changed: Any) -> dict[str, Any]:
    rules = (
        f"If {winner} wins the Leeds vs Cardiff professional Cup soccer game originally scheduled for "
        f"Apr 9, 2027 after 90 minutes plus stoppage time {EXCLUDED}, then the market resolves to Yes."
    )
    texts = {"yes_sub_title": winner, "rules_primary": rules, "event_ticker": "KXEPLGAME-X"}
    return market(ticker, **{**texts, **changed})


class TestRecorded:
    def test_a_match_result(self, real_data: Path) -> None:
        snapshots, faults = replay(real_data / RECORDED / "kalshi_markets.json")
        assert faults == []
        [snapshot] = snapshots
        listing = snapshot.listing
        assert (listing.source, listing.key) == ("kalshi", "KXEPLGAME-26MAR22TOTNFO")
        assert (listing.sport, listing.competition) == ("football", "Premier League")
        assert (listing.home, listing.away) == ("Tottenham", "Nottingham")
        assert (listing.date, listing.start, listing.contests) == ("2026-03-22", None, ())
        event = "KXEPLGAME-26MAR22TOTNFO"
        assert quoted(snapshot.quotes) == [
            (f"{event}-TOT", "home", Side.BACK, Fraction(100, 39), Fraction("30.81")),
            (f"{event}-TOT", "home", Side.LAY, Fraction(100, 37), Fraction("3096.16")),
            (f"{event}-TIE", "draw", Side.BACK, Fraction(100, 29), Fraction("6101.31")),
            (f"{event}-TIE", "draw", Side.LAY, Fraction(100, 27), Fraction("37.26")),
            (f"{event}-NFO", "away", Side.BACK, Fraction(100, 35), Fraction("10158.05")),
            (f"{event}-NFO", "away", Side.LAY, Fraction(100, 32), Fraction("3666.88")),
        ]
        assert {one.claim.kind for one in snapshot.quotes} == {Kind.MATCH_RESULT}
        assert [one.step for one in snapshot.quotes] == [1 / one.odds for one in snapshot.quotes]
        assert all(one.tradable and one.venue is KALSHI for one in snapshot.quotes)
        assert {(one.basis, one.happened) for one in snapshot.quotes} == {(Basis.PREMATCH, None)}

    def test_one_market(self, real_data: Path) -> None:
        [snapshot], faults = replay(real_data / RECORDED / "kalshi_market.json")
        assert faults == []
        assert [one.odds for one in snapshot.quotes] == [Fraction(100, 39), Fraction(100, 37)]

    def test_a_book_that_does_not_say_what_it_is_of(self, real_data: Path) -> None:
        snapshots, [reason] = replay(real_data / RECORDED / "kalshi_orderbook.json")
        assert snapshots == []
        assert reason.startswith("order book without its market")

    def test_the_recorded_book_agrees_with_the_recorded_market(self, real_data: Path) -> None:
        book = json.loads((real_data / RECORDED / "kalshi_orderbook.json").read_bytes())
        one = json.loads((real_data / RECORDED / "kalshi_market.json").read_bytes())
        [alone], _ = read(one)
        [together], faults = read({"market": one, **book})
        assert faults == []
        assert together == alone

    def test_trades_are_no_offers(self, real_data: Path) -> None:
        assert replay(real_data / RECORDED / "kalshi_trades.json") == (
            [],
            ["5 trades: what was traded is no offer"],
        )

    def test_combinations_without_offers(self, real_data: Path) -> None:
        snapshots, faults = replay(real_data / COMBINATIONS / "kalshi_markets.json")
        assert faults == []
        assert len(snapshots) == 5
        assert {one.listing.key for one in snapshots} >= {"KXMVESPORTSMULTIGAMEEXTENDED-S202695384F34707"}
        assert [one.quotes for one in snapshots] == [[]] * 5

    def test_only_its_own_files_are_recognised(self, real_data: Path) -> None:
        folder = real_data / "sports/api"
        mine = {
            str(path.relative_to(folder))
            for path in folder.rglob("*.json")
            if READER.recognises(document(path.read_bytes()))
        }
        assert mine == {
            "kalshi_drmanhattan/kalshi_markets.json",
            *(
                f"soccer_kalshi_oddsapiio/kalshi_{name}.json"
                for name in ("market", "markets", "orderbook", "trades")
            ),
        }


class TestPrices:
    def test_dollars(self) -> None:
        [snapshot], faults = read(market(), received=77)
        assert faults == []
        back, lay = snapshot.quotes
        assert back == Quote(
            venue=KALSHI,
            claim=Claim.of(Kind.CONTRACT, "yes", subject="AAA-1"),
            side=Side.BACK,
            odds=Fraction(25, 8),
            size=Fraction("3.2"),
            received=77,
            market_id="AAA-1",
            step=Fraction("0.32"),
        )
        assert (lay.side, lay.odds) == (Side.LAY, Fraction(4))
        assert (lay.size, lay.step) == (Fraction(2), Fraction(1, 4))

    def test_cents_without_sizes(self) -> None:
        old = {"ticker": "OLD", "status": "open", "yes_bid": 38, "yes_ask": 40, "no_bid": 60, "no_ask": 62}
        [snapshot], faults = read({"market": old})
        assert faults == []
        assert quoted(snapshot.quotes) == [
            ("OLD", "yes", Side.BACK, Fraction(5, 2), None),
            ("OLD", "yes", Side.LAY, Fraction(100, 38), None),
        ]

    def test_a_missing_ask_follows_from_the_other_sides_bid(self) -> None:
        [snapshot], _ = read({"ticker": "T", "status": "active", "no_bid_dollars": "0.60"})
        assert [(one.side, one.odds) for one in snapshot.quotes] == [(Side.BACK, Fraction(5, 2))]

    def test_a_no_price_that_is_not_the_bids_has_no_known_size(self) -> None:
        [snapshot], _ = read(market(no_ask_dollars="0.8000"))
        assert quoted(snapshot.quotes)[1] == ("AAA-1", "yes", Side.LAY, Fraction(5), None)

    def test_fractional_trading_has_no_step(self) -> None:
        [snapshot], _ = read(market(fractional_trading_enabled=True))
        assert [one.step for one in snapshot.quotes] == [None, None]

    @pytest.mark.parametrize("empty", ["0.0000", "1.0000"])
    def test_zero_and_one_are_no_offers(self, empty: str) -> None:
        [snapshot], faults = read(market(yes_ask_dollars=empty, no_ask_dollars=empty))
        assert (snapshot.quotes, faults) == ([], [])

    def test_no_contracts_are_no_offer(self) -> None:
        [snapshot], _ = read(market(yes_ask_size_fp="0.00"))
        assert [one.side for one in snapshot.quotes] == [Side.LAY]

    def test_crossed_prices_are_told_as_they_are(self) -> None:
        [snapshot], faults = read(market(yes_ask_dollars="0.20", yes_bid_dollars="0.50"))
        assert [one.odds for one in snapshot.quotes] == [5, 2]
        assert faults == []

    def test_sub_cent_prices_are_exact(self) -> None:
        [snapshot], _ = read(market(yes_ask_dollars="0.0015", yes_bid_dollars="0.0014"))
        assert [one.odds for one in snapshot.quotes] == [Fraction(2000, 3), Fraction(5000, 7)]


class TestBroken:
    @pytest.mark.parametrize(
        ("changed", "named"),
        [
            ({"yes_ask_dollars": "1.2000"}, "yes_ask_dollars: 1.2"),
            ({"yes_bid_dollars": "-0.01"}, "yes_bid_dollars: -0.01"),
            ({"yes_ask_dollars": "cheap"}, "$.yes_ask_dollars"),
            ({"yes_ask_dollars": "NaN"}, "yes_ask_dollars: not a plain"),
            ({"yes_ask_dollars": "1E-99999"}, "yes_ask_dollars: not a plain"),
            ({"yes_ask_size_fp": "-3"}, "yes_ask_size_fp: -3"),
            ({"yes_ask_dollars": None, "yes_ask": 140}, "yes_ask: 1.4"),
            ({"notional_value_dollars": "10.0000"}, "notional_value_dollars: a contract pays 1"),
            ({"notional_value_dollars": "sNaN"}, "notional_value_dollars: not a plain"),
            ({"status": 3}, "$.status"),
            ({"ticker": 3}, "$.ticker"),
        ],
    )
    def test_a_broken_market_costs_only_itself(self, changed: dict[str, Any], named: str) -> None:
        [snapshot], [reason] = read([{**market("AAA-1"), **changed}, market("AAA-2")])
        assert reason.startswith("item 1")
        assert named in reason
        assert {one.market_id for one in snapshot.quotes} == {"AAA-2"}

    def test_odds_beyond_all_measure(self) -> None:
        [snapshot], [reason] = read(market(yes_ask_dollars="0.000000001"))
        assert snapshot.quotes == []
        assert reason.startswith("market AAA-1: odds")

    def test_items_that_are_no_objects(self) -> None:
        snapshots, faults = read([7, "AAA-1", None, market()])
        assert len(snapshots) == 1
        assert [reason.partition(":")[0] for reason in faults] == ["item 1", "item 2", "item 3"]

    def test_a_market_listed_twice(self) -> None:
        [snapshot], faults = read([market(), market(), market(yes_ask_dollars="0.50")])
        assert [one.odds for one in snapshot.quotes] == [2, 4]
        assert faults == ["market AAA-1: listed twice and not alike; the later one stands"]

    def test_text_that_is_not_utf_8(self) -> None:
        [snapshot], [reason] = read(b'[{"ticker":"\xff"},{"ticker":"T","yes_ask":50}]')
        assert reason.startswith("item 1: ")
        assert snapshot.listing.key == "T"

    def test_a_key_written_twice(self) -> None:
        [snapshot], _ = read(b'{"ticker":"T","status":"active","yes_ask":20,"yes_ask":50}')
        assert [one.odds for one in snapshot.quotes] == [2]

    @pytest.mark.parametrize("data", [b"", b"{", b"7", b"\xff\xfe{", b"[" * 5000])
    def test_nothing_readable(self, data: bytes) -> None:
        with pytest.raises(BadData):
            read(data)

    @given(st.integers(min_value=0), st.binary(max_size=6))
    def test_damage_never_ends_in_a_traceback(self, place: int, damage: bytes) -> None:
        whole = json.dumps(
            {"event": {"event_ticker": "AAA"}, "markets": [market(), game("Leeds", "L")]}
        ).encode()
        cut = place % len(whole)
        told: list[object] = []
        try:
            told.extend(READER.read(document(whole[:cut] + damage + whole[cut + len(damage) :])))
        except BadData as error:
            told.append(error)
        assert all(isinstance(one, Snapshot | Fault | BadData) for one in told)


class TestStatus:
    @pytest.mark.parametrize("status", ["initialized", "inactive", "closed", "paused", "unheard of", None])
    def test_not_traded_now(self, status: str | None) -> None:
        [snapshot], _ = read(market(status=status))
        assert [one.tradable for one in snapshot.quotes] == [False, False]

    @pytest.mark.parametrize("status", ["determined", "disputed", "amended", "finalized", "settled"])
    def test_decided_markets_offer_nothing(self, status: str) -> None:
        [snapshot], faults = read(market(status=status))
        assert (snapshot.listing.key, snapshot.quotes, faults) == ("AAA", [], [])


class TestFootball:
    def test_three_markets_are_one_game(self) -> None:
        trio = [game("Cardiff", "X-CAR"), game("Tie", "X-TIE"), game("Leeds", "X-LEE")]
        [snapshot], faults = read({"markets": trio, "cursor": ""})
        assert faults == []
        assert (snapshot.listing.home, snapshot.listing.away) == ("Leeds", "Cardiff")
        assert (snapshot.listing.date, snapshot.listing.competition) == ("2027-04-09", "Premier League")
        assert [one.claim.selection for one in snapshot.quotes[::2]] == ["away", "draw", "home"]

    def test_the_other_wording(self) -> None:
        rules = (
            "If Tie is the result of the Leeds vs. Cardiff professional Cup soccer game originally scheduled for "
            "April 9, 2027 after 90 minutes plus stoppage time, then the market resolves to Yes."
        )
        drawn = game(
            "Tie", "T", rules_primary=rules, rules_secondary="Extra time and penalties are excluded."
        )
        [snapshot], _ = read(drawn)
        assert snapshot.quotes[0].claim is Claim.of(Kind.MATCH_RESULT, "draw")
        assert snapshot.listing.date == "2027-04-09"

    @pytest.mark.parametrize(
        "changed",
        [
            {"rules_primary": ""},
            {"rules_primary": None},
            {"rules_secondary": "If level, extra time is played and counts."},
            {"rules_secondary": "Overtime counts."},
            {"yes_sub_title": "Cardiff"},
            {"mve_collection_ticker": "KXMVE"},
        ],
    )
    def test_doubtful_rules_are_a_contract(self, changed: dict[str, Any]) -> None:
        [snapshot], faults = read(game("Leeds", "X-LEE", **changed))
        assert faults == []
        assert {one.claim for one in snapshot.quotes} == {Claim.of(Kind.CONTRACT, "yes", subject="X-LEE")}
        assert (snapshot.listing.sport, snapshot.listing.away, snapshot.listing.date) == ("other", "", None)

    @pytest.mark.parametrize(
        ("old", "new"),
        [
            (f" {EXCLUDED}", ""),
            ("after 90 minutes plus stoppage time ", ""),
            ("after 90 minutes", "after 45 minutes"),
            ("Apr 9, 2027", "Apr 31, 2027"),
            ("Apr 9, 2027", "Abc 9, 2027"),
            ("soccer", "hockey"),
            ("Leeds vs Cardiff", "Leeds United vs Cardiff"),
            ("Leeds vs Cardiff", "Leeds vs Leeds"),
            ("resolves to Yes.", "resolves to Yes. " + "Or so. " * 200),
        ],
    )
    def test_other_rules_are_a_contract(self, old: str, new: str) -> None:
        one = game("Leeds", "X-LEE")
        one["rules_primary"] = one["rules_primary"].replace(old, new)
        [snapshot], _ = read(one)
        assert {quote.claim.kind for quote in snapshot.quotes} == {Kind.CONTRACT}

    def test_two_games_in_one_event_are_not_believed(self) -> None:
        other = game("Leeds", "X-2")
        other["rules_primary"] = other["rules_primary"].replace("Cardiff", "Swansea")
        [snapshot], [reason] = read([game("Leeds", "X-1"), other])
        assert "2 games" in reason
        assert {one.claim.kind for one in snapshot.quotes} == {Kind.CONTRACT}


class TestEvents:
    def test_exclusive_markets_are_runners_of_an_open_contest(self) -> None:
        event = {"event_ticker": "AAA", "series_ticker": "RAIN", "title": "Rain", "mutually_exclusive": True}
        [snapshot], faults = read({"event": event, "markets": [market("AAA-1"), market("AAA-2")]})
        assert faults == []
        assert snapshot.listing.contests == (Contest("AAA", ("AAA-1", "AAA-2"), complete=False),)
        assert (snapshot.listing.home, snapshot.listing.competition) == ("Rain", "RAIN")
        assert [one.claim for one in snapshot.quotes[::2]] == [
            Claim.of(Kind.WINNER, "AAA-1", subject="AAA"),
            Claim.of(Kind.WINNER, "AAA-2", subject="AAA"),
        ]

    def test_markets_within_events(self) -> None:
        events = [
            {
                "event_ticker": "AAA",
                "mutually_exclusive": False,
                "markets": [market("AAA-1"), market("AAA-2")],
            },
            {"event_ticker": "BBB", "markets": [market("BBB-1", event_ticker="BBB"), {"title": "?"}]},
        ]
        snapshots, [reason] = read({"events": events})
        assert [(one.listing.key, len(one.quotes), one.listing.contests) for one in snapshots] == [
            ("AAA", 4, ()),
            ("BBB", 2, ()),
        ]
        assert reason.startswith("event BBB: market 2: field: ")
        assert "`ticker`" in reason

    def test_markets_that_nothing_binds_are_spaces_of_their_own(self) -> None:
        [snapshot], _ = read([market("AAA-1"), market("AAA-2")])
        assert len({one.claim.space for one in snapshot.quotes}) == 2
        assert snapshot.listing.contests == ()

    def test_events_without_markets(self) -> None:
        bare = [
            {"event_ticker": "AAA"},
            {"event_ticker": "BBB"},
            {"event_ticker": "CCC", "markets": [market()]},
        ]
        snapshots, faults = read({"events": bare})
        assert [one.listing.key for one in snapshots] == ["AAA"]
        assert faults == ["2 events without a readable market: BBB first"]

    def test_an_event_alone(self) -> None:
        event = {"event_ticker": "AAA", "mutually_exclusive": True, "markets": [market("AAA-1")]}
        [snapshot], _ = read(event)
        assert snapshot.quotes[0].claim.kind is Kind.WINNER


class TestBooks:
    def test_best_asks_come_from_the_other_sides_best_bids(self) -> None:
        book = {"yes_dollars": [["0.10", "5"], ["0.30", "20"]], "no_dollars": [["0.60", "10"], ["0.5", "1"]]}
        [snapshot], faults = read({"ticker": "T", "orderbook_fp": book})
        assert faults == []
        assert quoted(snapshot.quotes) == [
            ("T", "yes", Side.BACK, Fraction(5, 2), Fraction(4)),
            ("T", "yes", Side.LAY, Fraction(10, 3), Fraction(6)),
        ]

    def test_cents(self) -> None:
        [snapshot], _ = read({"ticker": "T", "orderbook": {"yes": [[30, 20], [40, 0]], "no": None}})
        assert quoted(snapshot.quotes) == [("T", "yes", Side.LAY, Fraction(10, 3), Fraction(6))]

    def test_a_book_stands_over_its_market(self) -> None:
        told = {"market": market(), "orderbook": {"yes": [], "no": [[50, 4]]}}
        [snapshot], _ = read(told)
        assert quoted(snapshot.quotes) == [("AAA-1", "yes", Side.BACK, Fraction(2), Fraction(2))]

    def test_several_books(self) -> None:
        books = [{"ticker": name, "orderbook_fp": {"yes_dollars": [["0.5", "1"]]}} for name in "AB"]
        snapshots, [reason] = read({"orderbooks": [*books, {"orderbook_fp": {}}]})
        assert [one.listing.key for one in snapshots] == ["A", "B"]
        assert reason.startswith("order book 3: order book without its market")

    def test_a_level_that_cannot_be(self) -> None:
        snapshots, [reason] = read({"ticker": "T", "orderbook": {"yes": [[130, 2]], "no": []}})
        assert snapshots == []
        assert "yes: 1.3" in reason


class TestRecognition:
    def test_found_by_itself(self) -> None:
        assert readers()["kalshi"] is READER

    @pytest.mark.parametrize(
        "content",
        [
            b'event_ticker,yes_ask\n"event_ticker",3\n',
            {"conditionId": "0x1", "clobTokenIds": "[]"},
            {"orderbook": {"bids": [], "asks": []}},
            {"home": "A", "away": "B", "bookmakers": {}},
            b"",
        ],
    )
    def test_others_are_left_alone(self, content: Any) -> None:
        assert not READER.recognises(document(content))

    def test_a_byte_order_mark_does_no_harm(self) -> None:
        marked = b"\xef\xbb\xbf" + json.dumps(market()).encode()
        assert READER.recognises(document(marked))
        assert len(read(marked)[0]) == 1
