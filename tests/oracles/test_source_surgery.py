"""Repairs of and plants in the real recording judged: what was broken, what is left, what the plant pays."""

from __future__ import annotations

import copy
import json
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from tests.oracles.scores import SCORES
from tests.oracles.source_surgery import (
    BOOKMAKER,
    EXCHANGE,
    Bet,
    Leg,
    broken_spread_lines,
    full_time_bets,
    plant_kalshi,
    plant_real,
    repair,
    repair_alternative_handicap,
    repair_spread,
)

F = Fraction
FEEDS = "sports/api/soccer_kalshi_oddsapiio"

# Weights on final scores under which no bet of the repaired recording is worth more than 0.9975 of its stake.
# No mix of bets can then guarantee more: its worst score pays no more than the weighted average of these.
REPAIRED_WEIGHTS = {
    (0, 0): 56460, (0, 1): 27649, (0, 2): 39874, (0, 5): 4541, (1, 0): 123694, (1, 1): 100457, (1, 2): 32589,
    (1, 4): 10216, (2, 0): 91890, (2, 1): 102017, (2, 2): 63946, (2, 3): 41863, (3, 0): 92884, (3, 1): 88666,
    (3, 2): 9881, (4, 0): 13631, (4, 1): 19842, (4, 2): 5114, (4, 3): 4464, (4, 5): 3824, (5, 0): 3171,
    (5, 1): 27973, (5, 4): 6016, (6, 0): 14849, (6, 2): 14166, (6, 8): 322,
}  # fmt: skip

# The same for the planted recording: all bets but the two planted legs stay below the planted return.
PLANTED_WEIGHTS = {
    (0, 0): 56939, (0, 1): 23859, (0, 2): 28071, (0, 5): 8746, (1, 0): 128768, (1, 1): 115286, (1, 2): 59166,
    (1, 4): 1819, (2, 0): 82351, (2, 1): 92697, (2, 2): 50511, (2, 3): 21977, (3, 0): 87976, (3, 1): 99580,
    (3, 2): 17797, (3, 4): 4764, (3, 5): 13843, (4, 0): 7142, (4, 1): 26333, (4, 2): 5314, (5, 0): 19696,
    (5, 1): 36673, (6, 2): 10278, (6, 5): 414,
}  # fmt: skip


def _worth(bet: Bet, weights: dict[tuple[int, int], int]) -> Fraction:
    """The weighted average of what a bet returns for each unit at risk."""
    paid = sum((weight * bet.gross(*score) for score, weight in weights.items()), F(0))
    return paid / sum(weights.values())


def _worst(plan: list[tuple[Fraction, Bet]]) -> Fraction:
    """What one unit, shared out over bets, returns at the worst score."""
    assert sum(share for share, _ in plan) == 1
    return min(sum((share * bet.gross(home, away) for share, bet in plan), F(0)) for home, away in SCORES)


def _best_of_two(one: Bet, other: Bet) -> Fraction:
    """What two plain opposite prices guarantee together."""
    one_pays = max(one.gross(*score) for score in SCORES)
    other_pays = max(other.gross(*score) for score in SCORES)
    share = (1 / one_pays) / (1 / one_pays + 1 / other_pays)
    return _worst([(share, one), (1 - share, other)])


def _find(
    bets: list[Bet], venue: str, market: str, selection: str, side: str, line: Fraction | None = None
) -> Bet:
    (bet,) = [
        bet
        for bet in bets
        if (bet.venue, bet.market, bet.selection, bet.side, bet.line)
        == (venue, market, selection, side, line)
    ]
    return bet


@pytest.fixture(scope="module")
def recording(real_data: Path) -> Any:
    return json.loads((real_data / FEEDS / "odds_api_odds.json").read_text())


def test_the_broken_rows_are_the_six_from_three_up(recording: Any) -> None:
    assert broken_spread_lines(recording) == [
        Decimal(text) for text in ("3", "3.25", "3.5", "3.75", "4", "4.25")
    ]
    assert broken_spread_lines(repair(recording)) == []


def test_figures_of_the_faults_as_recorded(recording: Any) -> None:
    bets = full_time_bets(recording)
    high = _best_of_two(
        _find(bets, EXCHANGE, "Spread", "home", "back", F(17, 4)),
        _find(bets, EXCHANGE, "Spread", "away", "back", F(7, 2)),
    )
    assert round(float(high), 4) == 74.9267
    bets = full_time_bets(repair_spread(recording))
    mirrored = _best_of_two(
        _find(bets, BOOKMAKER, "Alternative Asian Handicap", "away", "back", F(-1, 2)),
        _find(bets, EXCHANGE, "ML", "home", "back"),
    )
    assert round(float(mirrored), 4) == 1.2454


def _book_sums(payload: Any) -> list[float]:
    (market,) = [m for m in payload["bookmakers"][BOOKMAKER] if m["name"] == "Alternative Asian Handicap"]
    return [round(1 / float(row["home"]) + 1 / float(row["away"]), 3) for row in market["odds"]]


def test_mirrored_away_prices_go_home(recording: Any) -> None:
    untouched = [1.056, 1.063, 1.062, 1.063, 1.061, 1.068, 1.061, 1.062]
    assert _book_sums(recording) == [*untouched, 0.827, 0.927, 1.062, 1.188, 1.291]
    repaired = repair_alternative_handicap(recording)
    assert _book_sums(repaired) == [*untouched, 1.066, 1.061, 1.062, 1.055, 1.051]


def test_repair_leaves_the_original_and_everything_else_alone(recording: Any) -> None:
    before = copy.deepcopy(recording)
    repaired = repair(recording)
    assert recording == before
    for venue, markets in before["bookmakers"].items():
        changed = [m["name"] for m, n in zip(markets, repaired["bookmakers"][venue], strict=True) if m != n]
        assert changed == {BOOKMAKER: ["Alternative Asian Handicap"], EXCHANGE: ["Spread"]}.get(venue, [])


def test_no_arbitrage_is_left_after_repair(recording: Any) -> None:
    bets = full_time_bets(repair(recording))
    assert len(bets) == 417
    assert max(_worth(bet, REPAIRED_WEIGHTS) for bet in bets) < F("0.9975")
    under = _find(bets, EXCHANGE, "Totals", "under", "lay", F(1, 2))
    over = _find(bets, EXCHANGE, "Totals", "over", "lay", F(1, 2))
    assert round(float(_best_of_two(under, over)), 5) == 0.99746


def test_the_planted_arbitrage_pays_at_every_score(recording: Any) -> None:
    payload, expected = plant_real(recording)
    bets = full_time_bets(payload)
    assert expected.commission == F(1, 20)
    assert sum(expected.share.values()) == 1
    assert round(float(expected.guaranteed_return), 6) == 1.020161
    for score in SCORES:
        returned = F(0)
        for leg in expected.legs:
            bet = _find(bets, leg.venue, leg.market, leg.selection, leg.side)
            assert bet.odds == expected.odds[leg]
            winnings = expected.share[leg] * (bet.gross(*score) - 1)
            if leg.venue == EXCHANGE and winnings > 0:
                winnings *= 1 - expected.commission
            returned += expected.share[leg] + winnings
        assert returned == expected.guaranteed_return


@pytest.mark.parametrize(("percent", "returns"), [(0, 1.033599), (2, 1.028258), (5, 1.020161), (7, 1.014706)])
def test_the_planted_return_at_other_commissions(recording: Any, percent: int, returns: float) -> None:
    _, expected = plant_real(recording, F(percent, 100))
    assert round(float(expected.guaranteed_return), 6) == returns


def test_the_planted_legs_are_the_best_and_pass_plain_screens(recording: Any) -> None:
    payload, expected = plant_real(recording)
    bets = full_time_bets(payload)
    planted = [bet for bet in bets if Leg(bet.venue, bet.market, bet.selection, bet.side) in expected.legs]
    assert len(planted) == 2
    # Every other bet, even free of commission, is worth less than the plant at these weights.
    others = [
        bet
        for bet in bets
        if bet not in planted and (bet.venue, bet.market) != (EXCHANGE, "Both Teams To Score")
    ]
    assert max(_worth(bet, PLANTED_WEIGHTS) for bet in others) < F("1.006") < expected.guaranteed_return
    # In the exchange's own market, where commission counts in the "both score" states, the lay is the best.
    total = sum(PLANTED_WEIGHTS.values())
    for bet in bets:
        if (bet.venue, bet.market) == (EXCHANGE, "Both Teams To Score"):
            worth = F(1)
            for score, weight in PLANTED_WEIGHTS.items():
                kept = 1 - expected.commission if min(score) > 0 else F(1)
                worth += F(weight, total) * kept * (bet.gross(*score) - 1)
            assert worth < expected.guaranteed_return + F(1, 100_000)
    own = [_find(bets, BOOKMAKER, "Both Teams To Score", name, "back").odds for name in ("yes", "no")]
    assert sum(1 / odds for odds in own) > 1
    elsewhere = _find(bets, EXCHANGE, "Both Teams To Score", "no", "back").odds
    assert 1 < own[1] / elsewhere < F("1.25")


def test_planted_kalshi_costs_less_than_one_and_stays_coherent(real_data: Path) -> None:
    markets = json.loads((real_data / FEEDS / "kalshi_markets.json").read_text())
    before = copy.deepcopy(markets)
    assert sum(F(market["yes_ask_dollars"]) for market in markets) == F("1.03")
    planted, expected = plant_kalshi(markets)
    assert markets == before
    assert expected.guaranteed_return == 1 / F("0.93")
    assert len(expected.legs) == 3
    assert sum(expected.share.values()) == 1
    for market in planted:
        ask, bid = F(market["yes_ask_dollars"]), F(market["yes_bid_dollars"])
        assert bid < ask
        assert F(market["no_ask_dollars"]) == 1 - bid
        assert F(market["no_bid_dollars"]) == 1 - ask
    fees = sum((F("0.07") / odds * (1 - 1 / odds) for odds in expected.odds.values()), F(0))
    assert F("0.93") + fees < 1
