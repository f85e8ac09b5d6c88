"""Polymarket's markets: prices, events that are complete, and football where the rules are certain."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from crossbook.base.clock import parse_time
from crossbook.model.claim import Claim, Kind
from crossbook.model.quote import Basis, Contest, Quote, Side
from crossbook.venues.polymarket import POLYMARKET
from tests.venues.polymarket_messages import NINETY, event, game, market, match, read, total


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
