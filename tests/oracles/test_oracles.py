"""The judges judged: identities, hand-worked cases, tiny recordings, and figures from the real feed."""

import bz2
import copy
import json
import os
import random
import stat
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from tests.oracles.betfair_rebuild import Update, best_prices, rebuild
from tests.oracles.hostile import write_all
from tests.oracles.settlement_reference import WORKED, gross, lay_gross, settle, settle_winner
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
from tests.oracles.stake_search import (
    StakeLeg,
    best_plan,
    combinations,
    naive_plan,
    net_profits,
    random_case,
    staked_by,
)

REPOSITORY = Path(__file__).resolve().parents[2]
REAL_DATA = Path(os.environ.get("CROSSBOOK_REAL_DATA", REPOSITORY.parent / "shared" / "data"))
FEEDS = REAL_DATA / "sports" / "api" / "soccer_kalshi_oddsapiio"
RECORDINGS = REAL_DATA / "sports" / "betfair"
needs_feeds = pytest.mark.skipif(not FEEDS.is_dir(), reason="CROSSBOOK_REAL_DATA has no feed recordings")
needs_recordings = pytest.mark.skipif(
    not RECORDINGS.is_dir(), reason="CROSSBOOK_REAL_DATA has no stream recordings"
)

SCORES = [(home, away) for home in range(9) for away in range(9)]
F = Fraction


# Settlement


@pytest.mark.parametrize(
    "case", WORKED, ids=lambda case: f"{case[0]} {case[1]} {case[2]} {case[3]}-{case[4]}"
)
def test_worked_settlements(
    case: tuple[str, str, Fraction | None, int, int, Fraction, Fraction, str],
) -> None:
    kind, selection, line, home, away, won, refunded, note = case
    assert settle(kind, selection, line, home, away) == (won, refunded), note


def test_there_are_enough_worked_settlements_and_none_twice() -> None:
    assert len(WORKED) >= 60
    assert len({case[:5] for case in WORKED}) == len(WORKED)


@pytest.mark.parametrize(
    ("one", "same"),
    [
        (("asian_handicap", "home", F(0)), ("draw_no_bet", "home", None)),
        (("asian_handicap", "away", F(0)), ("draw_no_bet", "away", None)),
        (("asian_handicap", "home", F(-1, 2)), ("1x2", "home", None)),
        (("asian_handicap", "away", F(-1, 2)), ("double_chance", "draw_away", None)),
        (("asian_handicap", "home", F(1, 2)), ("double_chance", "home_draw", None)),
        (("asian_handicap", "away", F(1, 2)), ("1x2", "away", None)),
        (("asian_handicap", "home", F(-3, 2)), ("european_handicap", "home", F(-1))),
        (("asian_handicap", "away", F(-1, 2)), ("european_handicap", "away", F(-1))),
        (("european_handicap", "draw", F(0)), ("1x2", "draw", None)),
        (("total", "under", F(1, 2)), ("exact_total", "0", None)),
        (("total", "over", F(13, 2)), ("exact_total", "7+", None)),
        (("total", "over", F(11, 4)), ("asian_total", "over", F(11, 4))),
    ],
)
def test_two_names_of_one_bet(
    one: tuple[str, str, Fraction | None], same: tuple[str, str, Fraction | None]
) -> None:
    for home, away in SCORES:
        assert settle(*one, home, away) == settle(*same, home, away)


@pytest.mark.parametrize("quarters", range(-16, 17))
def test_the_two_sides_of_a_line_mirror_each_other(quarters: int) -> None:
    line = F(quarters, 4)
    for kind, one, other in (("asian_handicap", "home", "away"), ("total", "over", "under")):
        for home, away in SCORES:
            won, refunded = settle(kind, one, line, home, away)
            assert settle(kind, other, line, home, away) == (1 - won - refunded, refunded)


@pytest.mark.parametrize("quarters", range(-15, 17, 2))
def test_a_quarter_line_is_half_of_each_neighbour(quarters: int) -> None:
    line = F(quarters, 4)
    for kind, selection in (("asian_handicap", "home"), ("asian_handicap", "away"), ("total", "over")):
        for home, away in SCORES:
            odds = F("1.95")
            below = gross(kind, selection, line - F(1, 4), odds, home, away)
            above = gross(kind, selection, line + F(1, 4), odds, home, away)
            assert gross(kind, selection, line, odds, home, away) == (below + above) / 2


def test_selections_of_one_market_share_out_every_score() -> None:
    markets: list[tuple[str, Fraction | None, tuple[str, ...], int]] = [
        ("1x2", None, ("home", "draw", "away"), 1),
        ("double_chance", None, ("home_draw", "draw_away", "home_away"), 2),
        ("european_handicap", F(-2), ("home", "draw", "away"), 1),
        ("btts", None, ("yes", "no"), 1),
        ("odd_even", None, ("odd", "even"), 1),
        ("exact_total", None, ("0", "1", "2", "3", "4", "5", "6", "7+"), 1),
        ("correct_score", None, tuple(f"{h}-{a}" for h, a in SCORES), 1),
    ]
    for kind, line, selections, winners in markets:
        for home, away in SCORES:
            assert sum(settle(kind, name, line, home, away)[0] for name in selections) == winners


def test_swapping_the_teams_swaps_the_sides() -> None:
    for home, away in SCORES:
        for quarters in range(-9, 10):
            line = F(quarters, 4)
            assert settle("asian_handicap", "home", line, home, away) == settle(
                "asian_handicap", "away", -line, away, home
            )
            assert settle("team_total_home", "over", line, home, away) == settle(
                "team_total_away", "over", line, away, home
            )
        assert settle("win_to_nil", "home", None, home, away) == settle(
            "win_to_nil", "away", None, away, home
        )


def test_gross_of_half_wins_and_half_losses() -> None:
    odds = F("1.90")
    assert gross("asian_handicap", "home", F(1, 4), odds, 0, 0) == (1 + odds) / 2
    assert gross("asian_handicap", "home", F(-1, 4), odds, 0, 0) == F(1, 2)


def test_backer_and_layer_only_pass_money_between_them() -> None:
    odds = F("3.4")
    for kind, selection, line in (
        ("1x2", "home", None),
        ("asian_handicap", "away", F(3, 4)),
        ("total", "under", F(2)),
    ):
        for home, away in SCORES:
            backers_profit = gross(kind, selection, line, odds, home, away) - 1
            layers_profit = (lay_gross(kind, selection, line, odds, home, away) - 1) * (odds - 1)
            assert backers_profit + layers_profit == 0


def test_a_won_lay_pays_the_backers_stake() -> None:
    assert lay_gross("1x2", "draw", None, F(5), 1, 0) == F(5, 4)
    assert lay_gross("1x2", "draw", None, F(5), 1, 1) == 0
    assert lay_gross("draw_no_bet", "home", None, F(5), 1, 1) == 1


def test_dead_heats() -> None:
    assert settle_winner("a", {"a"}, 1) == (F(1), F(0))
    assert settle_winner("b", {"a"}, 1) == (F(0), F(0))
    assert settle_winner("a", {"a", "b"}, 1) == (F(1, 2), F(0))
    assert settle_winner("a", {"a", "b", "c"}, 2) == (F(2, 3), F(0))
    assert settle_winner("a", {"a", "b"}, 3) == (F(1), F(0))


@pytest.mark.parametrize(
    ("kind", "selection", "line"),
    [
        ("1x2", "home", F(0)),
        ("1x2", "over", None),
        ("asian_handicap", "home", None),
        ("asian_handicap", "draw", F(0)),
        ("total", "over", F(1, 3)),
        ("european_handicap", "home", F(1, 2)),
        ("exact_total", "7", None),
        ("moneyline", "home", None),
    ],
)
def test_what_is_no_bet_is_refused(kind: str, selection: str, line: Fraction | None) -> None:
    with pytest.raises(ValueError, match=r"line|no such|quarter|whole"):
        settle(kind, selection, line, 1, 0)


# Stakes


def test_two_even_legs_take_the_whole_bank() -> None:
    legs = [StakeLeg(F(1), 0, 100, (F("2.1"), F(0))), StakeLeg(F(1), 0, 100, (F(0), F("2.1")))]
    assert best_plan(legs, F(10), 2) == ((5, 5), F(1, 2), F(10))


def test_an_odd_bank_is_not_used_up() -> None:
    # 5 and 6 would risk 11 to get 10.5 back in one state; 5 and 5 return 10.5 for 10 in both.
    legs = [StakeLeg(F(1), 0, 100, (F("2.1"), F(0))), StakeLeg(F(1), 0, 100, (F(0), F("2.1")))]
    assert best_plan(legs, F(11), 2) == ((5, 5), F(1, 2), F(10))


def test_steps_limits_and_minimum_counts() -> None:
    legs = [StakeLeg(F(5), 0, 1, (F(3), F(0))), StakeLeg(F(1, 2), 4, 100, (F(0), F(2)))]
    # 5 on the first pays 15; the second must pay more than both stakes: 5 + s < 2 s, and 15 > 5 + s.
    assert best_plan(legs, F(100), 2) == ((1, 15), F(5, 2), F(25, 2))
    tight = [legs[0], StakeLeg(F(1, 2), 30, 100, (F(0), F(2)))]
    assert best_plan(tight, F(100), 2) is None
    assert best_plan([legs[0], StakeLeg(F(1, 2), 4, 10, (F(0), F(2)))], F(100), 2) is None


def test_no_profit_gives_no_plan() -> None:
    legs = [StakeLeg(F(1), 0, 100, (F(2), F(0))), StakeLeg(F(1), 0, 100, (F(0), F(2)))]
    assert best_plan(legs, F(50), 2) is None


def test_commission_is_taken_on_the_group_and_only_on_winnings() -> None:
    # Two exchange legs against each other win 1 in either state for 10 each; at 5 % commission 0.95 is left.
    legs = [StakeLeg(F(10), 0, 1, (F("2.1"), F(0))), StakeLeg(F(10), 0, 1, (F(0), F("2.1")))]
    together = [(F(1, 20), (0, 1))]
    apart = [(F(1, 20), (0,)), (F(1, 20), (1,))]
    assert best_plan(legs, F(20), 2, together) == ((1, 1), F("0.95"), F(20))
    assert best_plan(legs, F(20), 2, apart) == ((1, 1), F("0.45"), F(20))


def test_among_equal_plans_the_smaller_stake_wins() -> None:
    legs = [
        StakeLeg(F(1), 0, 10, (F(3), F(0))),
        StakeLeg(F(1), 0, 2, (F(0), F(3))),
        StakeLeg(F(1), 0, 10, (F(1), F(1))),
    ]
    assert best_plan(legs, F(10), 2) == ((2, 2, 0), F(2), F(4))


def test_a_leg_in_two_groups_is_refused() -> None:
    legs = [StakeLeg(F(1), 0, 1, (F(2), F(0)))]
    with pytest.raises(ValueError, match="one commission group"):
        best_plan(legs, F(1), 2, [(F(1, 20), (0,)), (F(1, 20), (0,))])


def test_naive_rounding_can_pass_the_bank_and_lose() -> None:
    third = F(1, 3)
    assert naive_plan((third, third, third), F(100), F(1)) == (33, 33, 33)
    assert naive_plan((F(1, 2), F(1, 2)), F(5), F(1)) == (3, 3)
    assert naive_plan((F(3, 4), F(1, 4)), F(10), F(5)) == (2, 1)


def test_random_cases_are_small_mixed_and_solved_consistently() -> None:
    rng = random.Random(20260316)
    cases = [random_case(rng) for _ in range(150)]
    profitable = 0
    for case in cases:
        assert combinations(case.legs, case.bank) < 50_000
        plan = best_plan(case.legs, case.bank, case.states, case.groups)
        if plan is None:
            continue
        profitable += 1
        counts, worst, staked = plan
        assert worst == min(net_profits(case.legs, counts, case.states, case.groups)) > 0
        assert staked == staked_by(case.legs, counts) <= case.bank
        for leg, count in zip(case.legs, counts, strict=True):
            assert count == 0 or leg.min_count <= count <= leg.max_count
        for _ in range(20):
            other = [rng.choice([0, rng.randint(leg.min_count, max(leg.min_count, 8))]) for leg in case.legs]
            allowed = all(count <= leg.max_count for leg, count in zip(case.legs, other, strict=True))
            if allowed and staked_by(case.legs, other) <= case.bank:
                assert min(net_profits(case.legs, other, case.states, case.groups)) <= worst
    assert 50 <= profitable <= 100
    assert any(case.groups for case in cases)


# Betfair recordings


def _write_stream(path: Path, *changes: dict[str, Any]) -> Path:
    lines = [
        json.dumps({"op": "mcm", "pt": 100 + n, "mc": [{"id": "1.1", **change}]})
        for n, change in enumerate(changes)
    ]
    path.write_text("\n".join(lines) + "\n")
    return path


def _definition(status: str = "OPEN", in_play: bool = False, **runners: str) -> dict[str, Any]:
    described = [{"id": int(name.removeprefix("r")), "status": state} for name, state in runners.items()]
    return {"status": status, "inPlay": in_play, "marketBaseRate": 5, "bspMarket": True, "runners": described}


def _d(price: str, size: str) -> tuple[Decimal, Decimal]:
    return Decimal(price), Decimal(size)


def test_image_delta_and_removal(tmp_path: Path) -> None:
    path = _write_stream(
        tmp_path / "stream",
        {
            "img": True,
            "marketDefinition": _definition(r7="ACTIVE", r8="ACTIVE"),
            "rc": [{"id": 7, "atb": [[2.02, 10], [2, 5.55], [1.01, 900]], "atl": [[2.06, 3], [2.04, 4.1]]}],
        },
        {"rc": [{"id": 7, "atb": [[2.02, 0]], "atl": [[2.04, 7]]}]},
        {
            "marketDefinition": _definition("SUSPENDED", True, r7="ACTIVE", r8="REMOVED"),
            "rc": [{"id": 8, "atb": [[5, 1]]}],
        },
        {"img": True, "rc": [{"id": 8, "atb": [[6, 1]]}]},
        {"marketDefinition": _definition("CLOSED", True, r7="WINNER", r8="LOSER"), "con": True},
    )
    assert list(best_prices(path)) == [
        Update(1, 100, "1.1", "OPEN", False, {7: (_d("2.02", "10"), _d("2.04", "4.1")), 8: (None, None)}),
        Update(2, 101, "1.1", "OPEN", False, {7: (_d("2", "5.55"), _d("2.04", "7")), 8: (None, None)}),
        Update(3, 102, "1.1", "SUSPENDED", True, {7: (_d("2", "5.55"), _d("2.04", "7")), 8: (None, None)}),
        Update(4, 103, "1.1", "SUSPENDED", True, {7: (None, None), 8: (None, None)}),
        Update(5, 104, "1.1", "CLOSED", True, {7: (None, None), 8: (_d("6", "1"), None)}),
    ]


def test_level_ladders_and_the_choice_between_feeds(tmp_path: Path) -> None:
    path = _write_stream(
        tmp_path / "stream",
        {"rc": [{"id": 7, "bdatb": [[0, 2.4, 9], [1, 2.38, 1]], "bdatl": [[0, 2.42, 9]]}]},
        {"rc": [{"id": 7, "bdatb": [[0, 0, 0]], "bdatl": [[0, 2.44, 8]]}]},
        {"rc": [{"id": 7, "batb": [[0, 2.3, 2]]}]},
        {"rc": [{"id": 7, "atb": [[2.2, 3]], "bdatb": [[0, 9, 9]]}]},
        {"rc": [{"id": 7, "atb": [[2.2, 0]]}]},
    )
    found = [update.prices[7] for update in best_prices(path)]
    assert found == [
        (_d("2.4", "9"), _d("2.42", "9")),
        (_d("2.38", "1"), _d("2.44", "8")),
        (_d("2.3", "2"), None),
        (_d("2.2", "3"), None),
        (None, None),
    ]


def test_prices_are_exact_and_bz2_is_read(tmp_path: Path) -> None:
    line = '{"op":"mcm","pt":5,"mc":[{"id":"1.1","rc":[{"id":7,"atb":[[1.100,0.10]],"atl":[[1e1,2]]}]}]}\n'
    path = tmp_path / "stream.bz2"
    path.write_bytes(bz2.compress(line.encode()))
    (update,) = best_prices(path)
    back, lay = update.prices[7]
    assert back is not None
    assert str(back[0]) == "1.100"
    assert str(back[1]) == "0.10"
    assert lay == (Decimal(10), Decimal(2))


def test_one_message_may_change_several_markets_and_others_change_none(tmp_path: Path) -> None:
    path = tmp_path / "stream"
    path.write_text(
        '{"op":"mcm","pt":1,"mc":[{"id":"1.1","rc":[]},{"id":"1.2","rc":[]},{"id":"1.1","tv":3}]}\n'
        '{"op":"mcm","pt":2,"ct":"HEARTBEAT"}\n\n'
        "not json\n"
        '{"op":"ocm","pt":3,"oc":[]}\n'
        '{"op":"rcm","pt":4,"rc":[{"id":"1.1"}]}\n'
    )
    found = [(update.line_no, update.pt, update.market_id) for update in best_prices(path)]
    assert found == [(1, 1, "1.1"), (1, 1, "1.2"), (2, 2, None), (4, 0, None), (5, 3, None), (6, 4, None)]


def test_starting_prices_rate_and_handicap_runners(tmp_path: Path) -> None:
    path = _write_stream(
        tmp_path / "stream",
        {
            "marketDefinition": {**_definition(), "bspReconciled": True},
            "rc": [
                {"id": 7, "hc": -0.5, "atb": [[2, 1]], "ltp": 2.02},
                {"id": 7, "hc": 0.5, "atb": [[1.5, 1]], "spn": "NaN", "spf": 3.5, "spl": [[2, 10]]},
            ],
        },
    )
    ((_, _, market),) = rebuild(path)
    assert market is not None
    assert market.base_rate == 5
    assert market.bsp_market
    assert market.bsp_reconciled
    assert not market.conflated
    assert market.best() == {}
    assert market.best_by_runner()[7, Decimal("-0.5")] == (_d("2", "1"), None)
    other = market.runners[7, Decimal("0.5")]
    assert other.starting_near is None
    assert other.starting_far == Decimal("3.5")
    assert other.offers("spl") == [_d("2", "10")]


@needs_recordings
@pytest.mark.parametrize(
    ("name", "messages", "open_messages", "prices"),
    [
        ("1.197931750", 166, 164, 1968),
        ("BASIC-1.132153978", 480, 478, 0),
        ("1-166564490.bz2", 1608, 1608, 6432),
        ("api_ng/historicaldata/ORDER-1.177596575", 4, 0, 0),
        ("api_ng/historicaldata/CRICKET-1.179676557", 3, 0, 0),
        ("api_ng/historicaldata/RACE-1.140075353", 4, 0, 0),
        ("api_ng/streaming_mcm_SUB_IMAGE.json", 1, 1, 12),
        ("api_ng/streaming_mcm_SUB_IMAGE_no_market_def.json", 137, 123, 498),
        ("api_ng/streaming_mcm_RESUB_DELTA.json", 43, 1, 457),
        ("api_ng/streaming_mcm_HEARTBEAT.json", 1, 0, 0),
        ("api_ng/streaming_rcm.json", 1, 0, 0),
    ],
)
def test_real_recordings_are_read_to_their_end(
    name: str, messages: int, open_messages: int, prices: int
) -> None:
    updates = list(best_prices(RECORDINGS / name))
    assert len(updates) == messages
    assert sum(update.status == "OPEN" for update in updates) == open_messages
    found = [pair for update in updates for pair in update.prices.values()]
    assert sum(price is not None for pair in found for price in pair) == prices
    assert all(back[0] < lay[0] for back, lay in found if back is not None and lay is not None)


# Repairs and plants

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
def recording() -> Any:
    return json.loads((FEEDS / "odds_api_odds.json").read_text())


@needs_feeds
def test_the_broken_rows_are_the_six_from_three_up(recording: Any) -> None:
    assert broken_spread_lines(recording) == [
        Decimal(text) for text in ("3", "3.25", "3.5", "3.75", "4", "4.25")
    ]
    assert broken_spread_lines(repair(recording)) == []


@needs_feeds
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


@needs_feeds
def test_mirrored_away_prices_go_home(recording: Any) -> None:
    untouched = [1.056, 1.063, 1.062, 1.063, 1.061, 1.068, 1.061, 1.062]
    assert _book_sums(recording) == [*untouched, 0.827, 0.927, 1.062, 1.188, 1.291]
    repaired = repair_alternative_handicap(recording)
    assert _book_sums(repaired) == [*untouched, 1.066, 1.061, 1.062, 1.055, 1.051]


@needs_feeds
def test_repair_leaves_the_original_and_everything_else_alone(recording: Any) -> None:
    before = copy.deepcopy(recording)
    repaired = repair(recording)
    assert recording == before
    for venue, markets in before["bookmakers"].items():
        changed = [m["name"] for m, n in zip(markets, repaired["bookmakers"][venue], strict=True) if m != n]
        assert changed == {BOOKMAKER: ["Alternative Asian Handicap"], EXCHANGE: ["Spread"]}.get(venue, [])


@needs_feeds
def test_no_arbitrage_is_left_after_repair(recording: Any) -> None:
    bets = full_time_bets(repair(recording))
    assert len(bets) == 417
    assert max(_worth(bet, REPAIRED_WEIGHTS) for bet in bets) < F("0.9975")
    under = _find(bets, EXCHANGE, "Totals", "under", "lay", F(1, 2))
    over = _find(bets, EXCHANGE, "Totals", "over", "lay", F(1, 2))
    assert round(float(_best_of_two(under, over)), 5) == 0.99746


@needs_feeds
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


@needs_feeds
@pytest.mark.parametrize(("percent", "returns"), [(0, 1.033599), (2, 1.028258), (5, 1.020161), (7, 1.014706)])
def test_the_planted_return_at_other_commissions(recording: Any, percent: int, returns: float) -> None:
    _, expected = plant_real(recording, F(percent, 100))
    assert round(float(expected.guaranteed_return), 6) == returns


@needs_feeds
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


@needs_feeds
def test_planted_kalshi_costs_less_than_one_and_stays_coherent() -> None:
    markets = json.loads((FEEDS / "kalshi_markets.json").read_text())
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


# Bad input


def test_every_bad_input_is_written(tmp_path: Path) -> None:
    target = tmp_path / "bad"
    files = write_all(target)
    assert len(files) == len({file.name for file in files}) == len(list(target.iterdir())) >= 60
    assert all(file.what for file in files)
    for file in files:
        path = target / file.name
        if file.data is None:
            assert path.is_symlink() or path.is_dir() or stat.S_ISFIFO(path.stat().st_mode)
        else:
            assert path.stat().st_size == len(file.data)
    assert stat.S_IMODE((target / "unreadable.csv").stat().st_mode) == 0
    assert (target / "link_to_itself.csv").is_symlink()
    assert (target / "zeros.bz2").stat().st_size < 1000
    with pytest.raises(ValueError, match="not empty"):
        write_all(target)


def test_a_garbage_line_does_not_stop_the_rebuild(tmp_path: Path) -> None:
    write_all(tmp_path / "bad")
    clean = [update.prices for update in best_prices(tmp_path / "bad" / "stream_good")]
    dirty = [
        update.prices for update in best_prices(tmp_path / "bad" / "stream_garbage_line") if update.market_id
    ]
    assert clean == dirty
    assert clean[-1][11] == (_d("2.18", "40"), _d("2.22", "80.5"))
