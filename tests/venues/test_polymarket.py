"""The Polymarket reader: recorded answers and messages replayed, every shape it knows, and broken pieces."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossbook.base.clock import parse_time
from crossbook.base.errors import BadData
from crossbook.model.claim import Claim, Kind
from crossbook.model.quote import Basis, Contest, Fault, Quote, Side, Snapshot
from crossbook.venues import readers
from crossbook.venues.polymarket import POLYMARKET, READER
from crossbook.venues.reader import Document

RECORDED = "sports/api/polymarket/crate"
MARKETS = "sports/api/kalshi_drmanhattan/polymarket_markets.json"
TOKEN = "71321045679252212594626385532706912750332728571942532289631379312455583992563"
OTHER_TOKEN = "52114319501245915516055106046884209969926127482827954674443846427813813222426"
NINETY = (
    "This market refers only to the outcome within the first 90 minutes of regular play plus stoppage time."
)

Told = list[tuple[str, str, Side, Fraction, Fraction | None]]


def document(content: Any, received: int | None = None) -> Document:
    data = content if isinstance(content, bytes) else json.dumps(content).encode()
    return Document(("polymarket.json",), data, received)


def read(content: Any, received: int | None = None) -> tuple[list[Snapshot], list[str]]:
    told = list(READER.read(document(content, received)))
    return (
        [one for one in told if isinstance(one, Snapshot)],
        [one.reason for one in told if isinstance(one, Fault)],
    )


def replay(path: Path) -> tuple[list[Snapshot], list[str]]:
    recorded = document(path.read_bytes())
    assert READER.recognises(recorded)
    return read(recorded.data)


def quoted(quotes: list[Quote]) -> Told:
    return [(one.claim.subject, one.claim.selection, one.side, one.odds, one.size) for one in quotes]


def market(condition: str = "0xa", **changed: Any) -> dict[str, Any]:
    plain = {
        "conditionId": condition,
        "question": "Will it rain?",
        "outcomes": '["Yes", "No"]',
        "clobTokenIds": f'["{condition}1", "{condition}2"]',
        "active": True,
        "closed": False,
        "acceptingOrders": True,
        "bestBid": 0.25,
        "bestAsk": 0.32,
    }
    return {**plain, **changed}


def event(*markets: dict[str, Any], **changed: Any) -> dict[str, Any]:
    return {
        "id": "7",
        "title": "Weather",
        "negRisk": True,
        "negRiskAugmented": False,
        "markets": markets,
        **changed,
    }


def game(team: str | None, condition: str, **changed: Any) -> dict[str, Any]:
    """A market on a team's win or, without a team, on a draw, worded as Polymarket words them."""
    wins = "the game ends in a draw" if team is None else f"{team} wins"
    question = "Will Leeds vs. Cardiff end in a draw?" if team is None else f"Will {team} win on 2027-04-09?"
    texts = {
        "question": question,
        "description": (
            f'In the upcoming game, scheduled for April 9, 2027\nIf {wins}, this market will resolve to "Yes".\n'
            f'Otherwise, this market will resolve to "No".\n{NINETY}'
        ),
        "sportsMarketType": "moneyline",
        "gameStartTime": "2027-04-09 19:00:00+00",
    }
    return market(condition, **{**texts, **changed})


def total(**changed: Any) -> dict[str, Any]:
    texts = {
        "outcomes": ["Over", "Under"],
        "line": 2.5,
        "sportsMarketType": "totals",
        "description": (
            'This market will resolve to "Over" if Leeds and Cardiff combine to score 3 or more goals. '
            f'Otherwise, it will resolve to "Under". {NINETY}'
        ),
    }
    return market("0xt", **{**texts, **changed})


def match(*markets: dict[str, Any], **changed: Any) -> dict[str, Any]:
    return event(*markets, **{"title": "Leeds vs. Cardiff", **changed})


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


class TestMarkets:
    def test_back_and_lay(self) -> None:
        [snapshot], faults = read(market(updatedAt="1970-01-01T00:00:02Z"), received=9)
        assert faults == []
        back, lay = snapshot.quotes
        assert back == Quote(
            venue=POLYMARKET,
            claim=Claim.of(Kind.CONTRACT, "yes", subject="0xa"),
            side=Side.BACK,
            odds=Fraction(25, 8),
            happened=2_000_000_000,
            received=9,
            market_id="0xa",
        )
        assert (lay.side, lay.odds, lay.size) == (Side.LAY, Fraction(4), None)
        assert (snapshot.listing.key, snapshot.listing.home) == ("0xa", "Will it rain?")

    @pytest.mark.parametrize("changed", [{"bestAsk": 1, "bestBid": 0}, {"bestAsk": None, "bestBid": None}])
    def test_no_offers(self, changed: dict[str, Any]) -> None:
        [snapshot], faults = read(market(**changed))
        assert (snapshot.quotes, faults) == ([], [])

    @pytest.mark.parametrize(
        "changed",
        [
            {"acceptingOrders": False},
            {"acceptingOrders": None},
            {"active": False},
            {"enableOrderBook": False},
        ],
    )
    def test_not_traded_now(self, changed: dict[str, Any]) -> None:
        [snapshot], _ = read(market(**changed))
        assert [one.tradable for one in snapshot.quotes] == [False, False]

    @pytest.mark.parametrize("changed", [{"closed": True}, {"archived": True}])
    def test_over(self, changed: dict[str, Any]) -> None:
        [snapshot], _ = read(market(**changed))
        assert snapshot.quotes == []

    @pytest.mark.parametrize(("ended", "basis"), [(False, Basis.LIVE), (True, Basis.PREMATCH)])
    def test_in_play(self, ended: bool, basis: Basis) -> None:
        [snapshot], _ = read(market(events=[{"id": 5, "live": True, "ended": ended}]))
        assert {one.basis for one in snapshot.quotes} == {basis}
        assert snapshot.listing.key == "5"

    def test_crossed_prices_are_told_as_they_are(self) -> None:
        [snapshot], faults = read(market(bestAsk=0.2, bestBid=0.5))
        assert [one.odds for one in snapshot.quotes] == [5, 2]
        assert faults == []

    def test_markets_of_one_event_are_together(self) -> None:
        shared = {"events": [{"id": "5", "title": "Weather", "seriesSlug": "rain"}]}
        [snapshot], _ = read({"data": [market("0xa", **shared), market("0xb", **shared)], "next_cursor": ""})
        assert (snapshot.listing.key, snapshot.listing.competition) == ("5", "rain")
        assert len(snapshot.quotes) == 4


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


class TestNegativeRisk:
    def test_a_whole_event_is_complete(self) -> None:
        [snapshot], faults = read([event(market("0xa"), market("0xb", closed=True), negRiskMarketID="0xn")])
        assert faults == []
        assert snapshot.listing.contests == (Contest("0xn", ("0xa", "0xb"), complete=True),)
        assert {one.claim for one in snapshot.quotes} == {Claim.of(Kind.WINNER, "0xa", subject="0xn")}

    @pytest.mark.parametrize("changed", [{"negRiskAugmented": True}, {"negRiskAugmented": None}])
    def test_further_outcomes_may_come(self, changed: dict[str, Any]) -> None:
        [snapshot], _ = read(event(market("0xa"), market("0xb"), **changed))
        assert [one.complete for one in snapshot.listing.contests] == [False]

    def test_search_results_may_leave_markets_out(self) -> None:
        [snapshot], _ = read({"events": [event(market("0xa"))], "pagination": {"hasMore": False}})
        assert [one.complete for one in snapshot.listing.contests] == [False]

    def test_markets_without_their_event_are_not_all(self) -> None:
        parent = {"id": "7", "negRisk": True, "negRiskAugmented": False}
        [snapshot], _ = read([market("0xa", events=[parent])])
        assert snapshot.listing.contests == (Contest("7", ("0xa",), complete=False),)

    def test_a_market_outside_the_mechanism(self) -> None:
        [snapshot], _ = read(event(market("0xa"), market("0xb", negRisk=False)))
        assert snapshot.listing.contests == (Contest("7", ("0xa",), complete=False),)
        assert [one.claim.kind for one in snapshot.quotes[::2]] == [Kind.WINNER, Kind.CONTRACT]

    def test_an_ordinary_event_binds_nothing(self) -> None:
        [snapshot], _ = read(event(market("0xa"), market("0xb"), negRisk=False))
        assert snapshot.listing.contests == ()
        assert {one.claim.kind for one in snapshot.quotes} == {Kind.CONTRACT}


class TestFootball:
    def test_a_match_result(self) -> None:
        trio = match(
            game("Cardiff", "0x1"), game(None, "0x2"), game("Leeds", "0x3"), series=[{"title": "Cup"}]
        )
        [snapshot], faults = read(trio)
        assert faults == []
        listing = snapshot.listing
        assert (listing.sport, listing.competition) == ("football", "Cup")
        assert (listing.home, listing.away) == ("Leeds", "Cardiff")
        assert (listing.date, listing.start) == ("2027-04-09", parse_time("2027-04-09T19:00:00Z"))
        assert listing.contests == ()
        assert [one.claim for one in snapshot.quotes[::2]] == [
            Claim.of(Kind.MATCH_RESULT, selection) for selection in ("away", "draw", "home")
        ]

    def test_totals(self) -> None:
        [snapshot], faults = read(match(total(), title="Leeds vs. Cardiff - More Markets", negRisk=False))
        assert faults == []
        assert (snapshot.listing.home, snapshot.listing.away) == ("Leeds", "Cardiff")
        assert {one.claim for one in snapshot.quotes} == {Claim.of(Kind.TOTAL, "over", Fraction(5, 2))}
        assert [one.side for one in snapshot.quotes] == [Side.BACK, Side.LAY]

    @pytest.mark.parametrize(
        "one",
        [
            game("Leeds", "0x", description="If Leeds wins, the answer is yes."),
            game("Leeds", "0x", description=game("Leeds", "0x")["description"].replace(NINETY, "")),
            game("Leeds", "0x", description=game("Leeds", "0x")["description"] + " Extra time counts."),
            game("Leeds", "0x", description=game("Cardiff", "0x")["description"]),
            game("Swansea", "0x"),
            game("Leeds", "0x", sportsMarketType="spreads"),
            game("Leeds", "0x", outcomes='["No", "Yes"]'),
            game(None, "0x", question="Will Cardiff vs. Leeds end in a draw?"),
            total(line=3),
            total(line=3.5),
            total(line=None),
            total(outcomes=["Under", "Over"]),
            total(sportsMarketType="team_totals"),
        ],
    )
    def test_doubtful_rules_are_a_contract(self, one: dict[str, Any]) -> None:
        [snapshot], faults = read(match(one, negRisk=False))
        assert faults == []
        assert {quote.claim.kind for quote in snapshot.quotes} == {Kind.CONTRACT}
        assert snapshot.listing.sport == "other"

    def test_a_title_that_names_no_two_teams(self) -> None:
        [snapshot], _ = read(match(game("Leeds", "0x"), title="Leeds", negRisk=False))
        assert {one.claim.kind for one in snapshot.quotes} == {Kind.CONTRACT}

    def test_a_start_that_is_no_time(self) -> None:
        [snapshot], [reason] = read(match(game("Leeds", "0x1", gameStartTime="soon"), game(None, "0x2")))
        assert reason == "market 0x1: gameStartTime: 'soon' is not a time"
        assert {one.claim.selection for one in snapshot.quotes} == {"draw"}


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
