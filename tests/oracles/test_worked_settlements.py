"""Settlements worked by hand: enough of them, from enough sources, and judges with one thing wrong are found out."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from functools import cache
from typing import Any

import pytest

from tests.oracles.race_reference import Race, Void
from tests.oracles.sets_reference import Sets
from tests.oracles.settlement_reference import LOST, PUSH, Score, Settlement, count_in
from tests.oracles.worked_settlements import (
    Money,
    Worked,
    all_sources,
    all_worked,
    read_race,
    read_score,
    settle_worked,
)

F = Fraction
Judge = Callable[[Worked], Settlement]
CENT = F(1, 100)


@pytest.mark.parametrize("case", all_worked(), ids=lambda case: case.id)
def test_the_references_agree(case: Worked) -> None:
    assert settle_worked(case) == (case.won, case.refunded), f"{case.rule} ({case.source.where})"


def test_shares_are_shares() -> None:
    for case in all_worked():
        assert min(case.won, case.refunded) >= 0
        assert case.won + case.refunded <= 1


def test_the_money_that_sources_work_out_follows_from_the_shares() -> None:
    with_money: list[tuple[Worked, Money]] = [(case, case.money) for case in all_worked() if case.money]
    assert len(with_money) >= 40
    for case, money in with_money:
        pays = money.stake * (case.won * money.odds + case.refunded)
        assert abs(pays - money.pays) <= CENT / 2, case.id


def test_there_are_enough_of_every_sort() -> None:
    cases = all_worked()
    assert len(cases) >= 500
    normal = [case for case in cases if case.scenario is None]
    lines = [case for case in normal if case.sport in ("football", "futsal")]
    american = [
        case for case in normal if case.sport in ("american_football", "baseball", "basketball", "ice_hockey")
    ]
    stopped = [case for case in cases if case.scenario is not None and case.family == "score"]
    assert len(lines) >= 150
    assert len(american) >= 60
    assert len(stopped) >= 70
    families = Counter(case.family for case in cases)
    assert families["sets"] >= 90
    assert families["race"] >= 50
    assert families["contract"] >= 50
    assert len({case.source.publisher for case in cases}) >= 70


def test_every_source_is_used_and_every_case_is_its_own() -> None:
    cases = all_worked()
    assert {case.source for case in cases} == set(all_sources().values())
    assert len({case.id for case in cases}) == len(cases)
    assert all(case.rule.strip() for case in cases)
    assert all(source.where and source.publisher for source in all_sources().values())


def test_one_question_has_one_answer_whoever_asks() -> None:
    answers: dict[tuple[object, ...], set[Settlement]] = defaultdict(set)
    for case in all_worked():
        bet = (case.kind, case.selection, case.line, case.period, case.subject, case.places)
        happened = (case.result, case.scenario, tuple(sorted(case.rules.items())))
        answers[bet + happened].add((case.won, case.refunded))
    assert [question for question, given in answers.items() if len(given) > 1] == []


def test_the_same_scenario_is_settled_otherwise_by_other_rules() -> None:
    """Venues differ: that is why rules are data."""
    answers: dict[tuple[object, ...], set[Settlement]] = defaultdict(set)
    for case in all_worked():
        if case.scenario is not None:
            bet = (case.kind, case.selection, case.line, case.period, case.subject, case.places)
            answers[(*bet, case.result, case.scenario)].add((case.won, case.refunded))
    assert sum(len(given) > 1 for given in answers.values()) >= 6


@pytest.mark.parametrize("text", ["2-1", "2:1 (1:0", "2:1 > 3", "2:1 nobody"])
def test_what_is_no_score_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no score"):
        read_score(text)


def test_what_is_no_race_is_refused() -> None:
    with pytest.raises(ValueError, match="no race"):
        read_race("A > B | gone C")


# ---------------------------------------------------------------- judges with one thing wrong


@cache
def _answers() -> dict[str, Settlement]:
    return {case.id: settle_worked(case) for case in all_worked()}


def right(case: Worked) -> Settlement:
    """What the references pay, kept because every wrong judge is right about most cases."""
    return _answers()[case.id]


def changed(case: Worked, when: bool, **fields: Any) -> Settlement:
    """What the references pay on a case with other fields, where the condition holds."""
    return settle_worked(replace(case, **fields)) if when else right(case)


def with_rule(case: Worked, word: str, value: object) -> Settlement:
    """What the references pay where a rule, if the venue has it at all, says something else."""
    return changed(case, word in case.rules, rules={**case.rules, word: value})


def refunds_are_lost(case: Worked) -> Settlement:
    return right(case)[0], F(0)


def refunds_are_winnings(case: Worked) -> Settlement:
    return sum(right(case), F(0)), F(0)


def quarter_lines_are_rounded(case: Worked) -> Settlement:
    line = case.line or F(0)
    return changed(case, case.family != "race" and line.denominator == 4, line=F(round(line * 2), 2))


def the_away_side_has_a_line_of_its_own(case: Worked) -> Settlement:
    away = case.kind == "asian_handicap" and case.selection == "away"
    return changed(case, away, line=-(case.line or F(0)))


def three_way_handicaps_push(case: Worked) -> Settlement:
    side = case.kind == "european_handicap" and case.selection != "draw"
    return changed(case, side, kind="asian_handicap")


def level_loses_a_moneyline(case: Worked) -> Settlement:
    return changed(case, case.kind == "moneyline" and case.family == "score", kind="1x2")


def overtime_is_left_out(case: Worked) -> Settlement:
    return changed(case, case.period == "ot", period="ft")


def overtime_always_counts(case: Worked) -> Settlement:
    final = isinstance(case.result, Score) and case.result.final_home is not None
    return changed(case, final and case.period == "ft" and case.kind in ("1x2", "total"), period="ot")


def halves_are_left_out(case: Worked) -> Settlement:
    return changed(case, case.period in ("1h", "2h"), period="ft")


def full_time_is_the_second_half(case: Worked) -> Settlement:
    score = case.result
    if case.kind != "ht_ft" or not isinstance(score, Score) or case.scenario is not None:
        return right(case)
    home, away = count_in(score, "2h")
    return changed(case, True, result=replace(score, home=home, away=away))


def whoever_led_went_through(case: Worked) -> Settlement:
    return changed(case, case.kind == "to_qualify", kind="1x2")


def games_are_sets(case: Worked) -> Settlement:
    return changed(case, case.subject == "games", subject="sets")


def sets_are_games(case: Worked) -> Settlement:
    return changed(case, case.subject == "sets" and case.kind != "correct_score", subject="games")


def retirement_is_ignored(case: Worked) -> Settlement:
    match = case.result
    return (
        changed(case, True, result=replace(match, retired=None)) if isinstance(match, Sets) else right(case)
    )


def retirement_always_wants_one_set(case: Worked) -> Settlement:
    return with_rule(case, "retired", "first_set")


def retirement_always_wants_the_match(case: Worked) -> Settlement:
    return with_rule(case, "retired", "match_complete")


def what_is_certain_is_void(case: Worked) -> Settlement:
    return with_rule(case, "retired_others", "void")


def what_is_void_is_certain(case: Worked) -> Settlement:
    return with_rule(case, "retired_others", "certain")


def who_gives_up_always_loses(case: Worked) -> Settlement:
    return with_rule(case, "retired_loser", "lose")


def the_set_in_play_is_void(case: Worked) -> Settlement:
    return with_rule(case, "retired_set", "void")


def dead_heats_are_undivided(case: Worked) -> Settlement:
    if not isinstance(case.result, Race):
        return right(case)
    ranks: list[tuple[str, ...]] = []
    for equals in case.result.ranks:
        rest = tuple(runner for runner in equals if runner != case.selection)
        ranks += [(case.selection,)] if case.selection in equals else []
        ranks += [rest] if rest else []
    return changed(case, True, result=replace(case.result, ranks=tuple(ranks)))


def dead_heats_divide_the_odds(case: Worked) -> Settlement:
    won, refunded = right(case)
    shared = case.kind in ("winner", "place") and 0 < won < 1 and refunded == 0
    return (won, 1 - won) if shared else (won, refunded)


def rule_four_is_forgotten(case: Worked) -> Settlement:
    race = case.result
    return (
        changed(case, True, result=replace(race, reduction=F(0))) if isinstance(race, Race) else right(case)
    )


def rule_four_is_taken_from_the_stake_too(case: Worked) -> Settlement:
    won, refunded = rule_four_is_forgotten(case)
    left = 1 - case.result.reduction if isinstance(case.result, Race) else F(1)
    return won * left, refunded * left


def exchanges_use_rule_four(case: Worked) -> Settlement:
    return with_rule(case, "reduction_on", "winnings")


def each_way_is_a_place(case: Worked) -> Settlement:
    return changed(case, case.kind == "each_way", kind="place", line=None)


def places_are_paid_in_full(case: Worked) -> Settlement:
    return changed(case, case.kind == "each_way", line=F(1))


def one_place_more_is_paid(case: Worked) -> Settlement:
    return changed(case, case.places is not None, places=(case.places or 0) + 1)


def non_runners_are_always_refunded(case: Worked) -> Settlement:
    return with_rule(case, "withdrawn", "refund")


def windows_never_close(case: Worked) -> Settlement:
    windows = {word: "until_played" for word in case.rules if word.endswith("window_hours")}
    return changed(case, bool(windows), rules={**case.rules, **windows})


def windows_are_closed(case: Worked) -> Settlement:
    windows = {word: 0 for word in case.rules if word.endswith("window_hours")}
    return changed(case, bool(windows), rules={**case.rules, **windows})


def abandoned_is_always_void(case: Worked) -> Settlement:
    return with_rule(case, "abandoned", "void")


def the_score_at_the_stop_stands(case: Worked) -> Settlement:
    return with_rule(case, "abandoned", "score_stands") if case.period != "1h" else right(case)


def declarations_are_not_heard(case: Worked) -> Settlement:
    return with_rule(case, "abandoned", "decided_stand")


def a_match_begun_again_always_stands(case: Worked) -> Settlement:
    return with_rule(case, "restarted", "stands")


def awards_are_always_followed(case: Worked) -> Settlement:
    return with_rule(case, "awarded", "awarded")


def what_was_played_always_counts(case: Worked) -> Settlement:
    return with_rule(case, "awarded", "on_field")


def enough_play_is_never_enough(case: Worked) -> Settlement:
    return with_rule(case, "official_after", 10_000)


def a_dead_heat_of_two_sides_is_a_refund(case: Worked) -> Settlement:
    return with_rule(case, "tied", "refund")


def half_a_contract_is_a_refund(case: Worked) -> Settlement:
    return PUSH if case.family == "contract" and case.won == F(1, 2) else right(case)


def called_off_is_always_void(case: Worked) -> Settlement:
    return with_rule(case, "cancelled", "void")


def called_off_is_always_fifty_fifty(case: Worked) -> Settlement:
    return with_rule(case, "cancelled", "fifty_fifty")


def void_contracts_are_lost(case: Worked) -> Settlement:
    nothing = case.family == "contract" and isinstance(case.result, Void) and "cancelled" not in case.rules
    return LOST if nothing else right(case)


def no_is_paid_as_yes(case: Worked) -> Settlement:
    return changed(case, case.family == "contract", selection="yes")


WRONG: tuple[Judge, ...] = (
    refunds_are_lost,
    refunds_are_winnings,
    quarter_lines_are_rounded,
    the_away_side_has_a_line_of_its_own,
    three_way_handicaps_push,
    level_loses_a_moneyline,
    overtime_is_left_out,
    overtime_always_counts,
    halves_are_left_out,
    full_time_is_the_second_half,
    whoever_led_went_through,
    games_are_sets,
    sets_are_games,
    retirement_is_ignored,
    retirement_always_wants_one_set,
    retirement_always_wants_the_match,
    what_is_certain_is_void,
    what_is_void_is_certain,
    who_gives_up_always_loses,
    the_set_in_play_is_void,
    dead_heats_are_undivided,
    dead_heats_divide_the_odds,
    rule_four_is_forgotten,
    rule_four_is_taken_from_the_stake_too,
    exchanges_use_rule_four,
    each_way_is_a_place,
    places_are_paid_in_full,
    one_place_more_is_paid,
    non_runners_are_always_refunded,
    windows_never_close,
    windows_are_closed,
    abandoned_is_always_void,
    the_score_at_the_stop_stands,
    declarations_are_not_heard,
    a_match_begun_again_always_stands,
    awards_are_always_followed,
    what_was_played_always_counts,
    enough_play_is_never_enough,
    a_dead_heat_of_two_sides_is_a_refund,
    half_a_contract_is_a_refund,
    called_off_is_always_void,
    called_off_is_always_fifty_fifty,
    void_contracts_are_lost,
    no_is_paid_as_yes,
)


def found_out(judge: Judge) -> list[str]:
    """The cases in which a judge pays something else than was worked by hand."""
    return [case.id for case in all_worked() if judge(case) != (case.won, case.refunded)]


@pytest.mark.parametrize("judge", WRONG, ids=lambda judge: judge.__name__)
def test_a_judge_with_one_thing_wrong_is_found_out(judge: Judge) -> None:
    assert found_out(judge) != []


def test_a_judge_with_nothing_wrong_is_not() -> None:
    assert found_out(right) == []
