"""The judge of rules judged: windows, what is decided at a stop, and rules that are missing."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import pytest

from tests.oracles.race_reference import Resolution, Void, settle_contract
from tests.oracles.rules_reference import (
    RULE_WORDS,
    Scenario,
    check_rules,
    settle_contract_in_scenario,
    settle_decided,
    settle_in_scenario,
    within,
)
from tests.oracles.settlement_reference import LOST, PUSH, WON, Score, settle_score

F = Fraction
BETS: list[tuple[str, str, Fraction | None, str]] = [
    ("1x2", "home", None, "ft"),
    ("1x2", "draw", None, "1h"),
    ("total", "over", F(9, 4), "ft"),
    ("total", "under", F(3), "2h"),
    ("asian_handicap", "away", F(-3, 4), "ft"),
    ("btts", "yes", None, "ft"),
    ("btts", "no", None, "1h"),
    ("correct_score", "2-1", None, "ft"),
    ("exact_total", "2-3", None, "ft"),
    ("ht_ft", "home/draw", None, "ft"),
    ("odd_even", "odd", None, "ft"),
    ("team_total_home", "over", F(3, 2), "ft"),
    ("win_to_nil", "home", None, "ft"),
    ("moneyline", "away", None, "ot"),
]


def test_a_wider_window_holds_all_of_a_narrower_one() -> None:
    for hours in (0, 11, 12, 24, 47, 48, 49, 1000):
        held = [within(window, F(hours), same_day=False) for window in (0, 12, 24, 48, 72)]
        assert held == sorted(held)
        assert within("until_played", F(hours), same_day=False)
    assert not within("until_played", None, same_day=True)
    assert within("same_day", F(5), same_day=True)
    assert not within("same_day", F(5), same_day=False)
    with pytest.raises(ValueError, match="no such window"):
        within("soon", F(1), same_day=True)


@pytest.mark.parametrize("bet", BETS, ids=lambda bet: " ".join(str(part) for part in bet))
@pytest.mark.parametrize("score", [Score(0, 0), Score(1, 0), Score(1, 1, 1, 0), Score(3, 1, 1, 0)], ids=str)
def test_what_is_decided_no_way_on_can_change(
    bet: tuple[str, str, Fraction | None, str], score: Score
) -> None:
    """A decided bet is settled alike by whatever comes; an undecided one is not, or would be given back."""
    settled = settle_decided(*bet, score)
    later = set()
    for home, away in product(range(score.home, score.home + 6), range(score.away, score.away + 6)):
        half = (score.half_home, score.half_away)
        if half == (None, None):
            half = (score.home, score.away)
        later.add(settle_score(*bet, Score(home, away, half[0], half[1], home, away)))
    if settled != PUSH:
        assert later == {settled}
    elif score.half_home is not None:
        assert len(later) > 1 or later == {PUSH}


def test_known_decisions_at_a_stop() -> None:
    at_stop = Score(2, 1, 1, 0)
    assert settle_decided("total", "over", F(5, 2), "ft", at_stop) == WON
    assert settle_decided("total", "over", F(11, 4), "ft", at_stop) == PUSH  # half won already, half open
    assert settle_decided("correct_score", "1-1", None, "ft", at_stop) == LOST
    assert settle_decided("1x2", "home", None, "1h", at_stop) == WON
    assert settle_decided("1x2", "home", None, "1h", Score(1, 0)) == PUSH
    assert settle_decided("total", "over", F(1, 2), "1h", Score(1, 0)) == WON
    assert settle_decided("to_qualify", "home", None, "ft", at_stop) == PUSH


def test_each_rule_on_abandoned_matches() -> None:
    stop = Scenario("abandoned", played=80)
    declared = Scenario("abandoned", played=80, declared=True)
    score = Score(2, 0, 1, 0)
    settled = {
        rule: settle_in_scenario("1x2", "home", None, "ft", score, stop, {"abandoned": rule})
        for rule in RULE_WORDS["abandoned"]
    }
    assert settled == {"void": PUSH, "decided_stand": PUSH, "official": PUSH, "score_stands": WON}
    assert settle_in_scenario("1x2", "home", None, "ft", score, declared, {"abandoned": "official"}) == WON
    assert settle_in_scenario("1x2", "home", None, "ft", score, declared, {"abandoned": "void"}) == PUSH
    for enough, expected in ((75, WON), (80, WON), (81, PUSH)):
        rules = {"official_after": enough, "abandoned": "void"}
        assert settle_in_scenario("1x2", "home", None, "ft", score, stop, rules) == expected


def test_each_rule_on_awarded_matches() -> None:
    scenario = Scenario("awarded", decision=Score(0, 3))
    played = Score(2, 1)
    settled = {
        rule: settle_in_scenario("1x2", "home", None, "ft", played, scenario, {"awarded": rule})
        for rule in RULE_WORDS["awarded"]
    }
    assert settled == {"on_field": WON, "void": PUSH, "awarded": LOST}
    assert settle_in_scenario("1x2", "home", None, "ft", Void(), scenario, {"awarded": "on_field"}) == PUSH


def test_each_rule_on_matches_begun_again() -> None:
    again = Scenario("abandoned", F(20), played=30, finished=Score(0, 1, 0, 0), restarted=True)
    on = Scenario("abandoned", F(20), played=30, finished=Score(0, 1, 0, 0))
    rules = {"resumed_window_hours": 24, "abandoned": "void"}
    bet = ("1x2", "away", None, "ft", Score(1, 0))
    assert settle_in_scenario(*bet, again, {**rules, "restarted": "void"}) == PUSH
    assert settle_in_scenario(*bet, again, {**rules, "restarted": "stands"}) == WON
    assert settle_in_scenario(*bet, on, {**rules, "restarted": "void"}) == WON
    assert settle_in_scenario(*bet, on, {**rules, "resumed_window_hours": 12}) == PUSH


def test_a_dead_heat_of_two_sides() -> None:
    level = Score(9, 9, final_home=9, final_away=9)
    for side in ("home", "away"):
        bet = ("moneyline", side, None, "ot", level, Scenario("tied"))
        assert settle_in_scenario(*bet, {"tied": "dead_heat"}) == (F(1, 2), F(0))
        assert settle_in_scenario(*bet, {"tied": "refund"}) == PUSH


def test_each_rule_on_contracts_called_off() -> None:
    scenario = Scenario("cancelled", price=F(3, 10))
    settled = {
        rule: settle_contract_in_scenario("yes", scenario, {"cancelled": rule})
        for rule in RULE_WORDS["cancelled"]
    }
    assert settled == {
        "fifty_fifty": settle_contract("yes", Resolution(1, 2)),
        "fair_price": (F(3, 10), F(0)),
        "yes": WON,
        "no": LOST,
        "void": PUSH,
    }


@pytest.mark.parametrize(
    ("scenario", "rules"),
    [
        (Scenario("postponed", F(3)), {}),
        (Scenario("abandoned", played=10), {"postponed_window_hours": 48}),
        (Scenario("awarded", decision=Score(3, 0)), {"abandoned": "void"}),
        (Scenario("haunted"), {}),
    ],
)
def test_a_venue_that_says_nothing_is_asked(scenario: Scenario, rules: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"needed|no such"):
        settle_in_scenario("1x2", "home", None, "ft", Score(1, 0), scenario, rules)


@pytest.mark.parametrize("rules", [{"abandonned": "void"}, {"abandoned": "maybe"}, {"official_after": -1}])
def test_unknown_words_of_rules_are_refused(rules: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="no such"):
        check_rules(rules)


def test_nothing_played_gives_everything_back() -> None:
    for what in ("cancelled", "walkover", "postponed"):
        rules = {"postponed_window_hours": 48}
        assert settle_in_scenario("1x2", "home", None, "ft", Void(), Scenario(what), rules) == PUSH
    with pytest.raises(ValueError, match="needed"):
        settle_contract_in_scenario("yes", Scenario("cancelled"), {"cancelled": "fair_price"})
