"""Settling under a venue's rules: the worked cases of published rules, and what is decided when a match stops."""

from __future__ import annotations

import datetime
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossbook.base.errors import BadData
from crossbook.model.claim import Claim, Kind, Period
from crossbook.model.result import Race, Score, Sets, Void
from crossbook.model.rule_sets import RULE_SETS, rule_set, rules_at
from crossbook.model.rules import Rules, Value, Word, check, within
from crossbook.model.scenario import (
    Abandoned,
    Awarded,
    CalledOff,
    Moved,
    NonStarter,
    Scenario,
    settle_under,
)
from crossbook.model.settlement import LOST, REFUNDED, WON, Settlement
from crossbook.model.stopped import decided, stops
from tests.model.rule_table import notes, table
from tests.oracles import rules_reference, sets_reference, settlement_reference
from tests.oracles.worked_settlements import Worked, all_worked

F = Fraction
_WORDS = {"postponed_window_hours": Word.POSTPONED, "resumed_window_hours": Word.RESUMED}
_NOT_OURS = {"tied", "reduction_on"}
_UNTIL = {"yes", "no"}


def ours(rules: dict[str, object]) -> Rules:
    """The words of a worked case as ours."""
    found: dict[Word, Value] = {}
    for word, value in rules.items():
        if word not in _NOT_OURS:
            assert isinstance(value, str | int)
            found[_WORDS.get(word) or Word(word)] = value
    check(found)
    return found


def score(told: object) -> Score:
    assert isinstance(told, settlement_reference.Score)
    return Score(
        told.home, told.away, told.half_home, told.half_away, told.final_home, told.final_away, told.qualified
    )


def scenario_of(case: Worked) -> Scenario | None:
    """What happened in a worked case, in our words; None for what we have no word for."""
    told = case.scenario
    assert told is not None
    hours = None if told.hours is None else int(told.hours)
    days = 0 if told.same_day else max(1, (hours or 0) // 24)
    if isinstance(case.result, sets_reference.Sets):
        match = Sets(case.result.sets, case.result.best_of, case.result.retired)
        return Moved(match, hours, days) if told.what == "postponed" else match
    if case.family == "contract":
        return CalledOff(told.price)
    if told.what in ("cancelled", "walkover"):
        return Moved(Void("never"), None)
    if told.what == "postponed":
        return Moved(score(case.result), hours, days)
    if told.what == "awarded":
        on_field = None if case.family != "score" or not _is_score(case) else score(case.result)
        return None if told.decision is None else Awarded(on_field, score(told.decision))
    if told.what == "abandoned":
        finished = None if told.finished is None else score(told.finished)
        return Abandoned(
            score(case.result), finished, hours or 0, days, told.restarted, told.declared, told.played
        )
    return None


def _is_score(case: Worked) -> bool:
    return isinstance(case.result, settlement_reference.Score)


def claim_of(case: Worked) -> Claim:
    return Claim.of(Kind(case.kind), case.selection, case.line, Period(case.period), case.subject)


def worked_cases() -> list[Worked]:
    found = []
    for case in all_worked():
        if case.scenario is None or (case.selection == "no" and case.kind == "contract"):
            continue
        if _UNTIL & {str(value) for value in case.rules.values()} or "reached" in case.rules.values():
            continue
        if case.family in ("score", "sets", "contract") and scenario_of(case) is not None:
            found.append(case)
    return found


@pytest.mark.parametrize("case", worked_cases(), ids=lambda case: case.id)
def test_the_worked_cases_of_published_rules(case: Worked) -> None:
    scenario = scenario_of(case)
    assert scenario is not None
    rules = ours(dict(case.rules))
    if isinstance(scenario, Abandoned) and Word.RESUMED not in rules and Word.POSTPONED in rules:
        rules = {**rules, Word.RESUMED: rules[Word.POSTPONED]}
    assert settle_under(rules, claim_of(case), scenario) == (case.won, case.refunded)


def test_there_are_many_of_them() -> None:
    assert len(worked_cases()) >= 100


# ---------------------------------------------------------------- what is decided when a match stops

KINDS = (
    ("1x2", "draw", None),
    ("double_chance", "home_draw", None),
    ("draw_no_bet", "home", None),
    ("asian_handicap", "home", "-5/4"),
    ("european_handicap", "draw", "-1"),
    ("total", "over", "9/4"),
    ("total", "under", "2"),
    ("total", "under", "7/4"),
    ("team_total_home", "over", "3/2"),
    ("team_total_away", "under", "1"),
    ("btts", "yes", None),
    ("btts", "no", None),
    ("correct_score", "2-1", None),
    ("exact_total", "2-3", None),
    ("exact_total", "2+", None),
    ("exact_total", "2", None),
    ("odd_even", "odd", None),
    ("win_to_nil", "away", None),
)


@pytest.mark.parametrize("period", ["ft", "1h", "2h"])
@pytest.mark.parametrize("bet", KINDS, ids=lambda bet: " ".join(str(part) for part in bet))
def test_decided_is_what_every_way_on_agrees_about(bet: tuple[str, str, str | None], period: str) -> None:
    """Every score up to three all, stopped in the first half or later, beside a search of the ways on."""
    kind, selection, line = bet
    what = Claim.of(Kind(kind), selection, None if line is None else F(line), Period(period))
    for home in range(4):
        for away in range(4):
            halves = [(None, None), (0, 0), (home, 0), (home, away)] if period != "ft" else [(None, None)]
            for half in halves:
                found = decided(what, Score(home, away, *half))
                told = settlement_reference.Score(home, away, *half, home, away)
                expected = rules_reference.settle_decided(
                    kind, selection, None if line is None else F(line), period, told
                )
                assert tuple(found or REFUNDED) == tuple(expected), (home, away, half)


def test_decided_of_half_time_and_end() -> None:
    both = Claim.of(Kind.HALF_TIME_FULL_TIME, "home/home")
    assert decided(both, Score(1, 0)) is None
    assert decided(both, Score(1, 0, 0, 0)) == LOST
    assert decided(both, Score(1, 0, 1, 0)) is None
    assert decided(Claim.of(Kind.TO_QUALIFY, "home"), Score(9, 0)) is None


GAMES_PLAYED = st.tuples(st.integers(0, 6), st.integers(0, 6)).filter(
    lambda games: max(games) < 6 or abs(games[0] - games[1]) <= 1
)
SET_BETS = (
    ("total", "over", "41/2", "games", "ft"),
    ("total", "under", "43/2", "games", "ft"),
    ("asian_handicap", "home", "-7/2", "games", "ft"),
    ("asian_handicap", "home", "-3/2", "sets", "ft"),
    ("total", "over", "5/2", "sets", "ft"),
    ("moneyline", "home", None, "goals", "s1"),
    ("moneyline", "away", None, "goals", "s2"),
    ("total", "over", "19/2", "games", "s2"),
    ("moneyline", "home", None, "goals", "ft"),
)


@given(
    st.lists(st.sampled_from(sets_reference.SET_ENDS), max_size=2).filter(
        lambda played: max(sets_reference.sets_won(tuple(played)), default=0) < 2
    ),
    GAMES_PLAYED,
    st.sampled_from(["home", "away"]),
    st.sampled_from(["first_point", "first_set", "two_sets", "match_complete"]),
    st.sampled_from(["certain", "void"]),
    st.sampled_from(["lose", "void"]),
    st.sampled_from(["void", "progressing"]),
)
@settings(max_examples=60, deadline=None)
def test_who_gives_up_is_settled_as_by_hand(
    played: list[tuple[int, int]],
    games: tuple[int, int],
    retired: str,
    rule: str,
    others: str,
    loser: str,
    last: str,
) -> None:
    match = (*played, games)
    said: dict[str, object] = {
        "retired": rule,
        "retired_others": others,
        "retired_loser": loser,
        "retired_set": last,
    }
    for kind, selection, text, subject, period in SET_BETS:
        line = None if text is None else F(text)
        expected = sets_reference.settle_sets(
            kind, selection, line, period, subject, sets_reference.Sets(match, 3, retired), said
        )
        what = Claim.of(Kind(kind), selection, line, Period(period), subject)
        found = settle_under(ours(said), what, Sets(match, 3, retired))
        assert found is not None
        assert tuple(found) == tuple(expected), (kind, selection, text, subject, period, match)


# ---------------------------------------------------------------- what is not known, and the data

HOME = Claim.of(Kind.MATCH_RESULT, "home")


def test_what_no_source_says_is_not_settled() -> None:
    shots = Claim.of(Kind.TOTAL, "over", F(1, 2), Period.FULL_TIME, "shots: Some Player")
    scenarios: list[tuple[Claim, Scenario]] = [
        (HOME, Moved(Score(1, 0), 3)),
        (HOME, Abandoned(Score(1, 0))),
        (HOME, Abandoned(Score(1, 0), Score(2, 0), 3)),
        (HOME, Awarded(Score(1, 0), Score(0, 3))),
        (HOME, CalledOff(F(1, 3))),
        (shots, NonStarter(shots.subject, Score(0, 0))),
        (Claim.of(Kind.MONEYLINE, "home"), Sets(((6, 4), (1, 0)), 3, "away")),
        (Claim.of(Kind.TOTAL, "over", F(41, 2), subject="games"), Sets(((6, 4), (1, 0)), 3, "away")),
        (Claim.of(Kind.WINNER, "Red Rum", subject="Stakes"), Race((), frozenset({"Red Rum"}))),
    ]
    assert [settle_under({}, what, scenario) for what, scenario in scenarios] == [None] * len(scenarios)


def test_what_is_never_played_is_void_without_a_rule() -> None:
    assert settle_under({}, HOME, Moved(Void("never"), None)) == REFUNDED


def test_a_player_who_does_not_start() -> None:
    subject = "shots: Some Player"
    under = Claim.of(Kind.TOTAL, "under", F(1, 2), Period.FULL_TIME, subject)
    absent = NonStarter(subject, Score(0, 0))
    assert settle_under({Word.NON_STARTER: "void"}, under, absent) == REFUNDED
    assert settle_under({Word.NON_STARTER: "stands"}, under, absent) == WON
    assert settle_under({}, HOME, NonStarter(subject, Score(1, 0))) == WON


def test_a_runner_that_does_not_start() -> None:
    winner = Claim.of(Kind.WINNER, "Red Rum", subject="Stakes")
    race = Race((frozenset({"L'Escargot"}),), frozenset({"Red Rum"}))
    assert settle_under({Word.WITHDRAWN: "refund"}, winner, race) == REFUNDED
    assert settle_under({Word.WITHDRAWN: "lose"}, winner, race) == LOST


def test_football_that_is_called_off_is_a_draw_on_some_contracts() -> None:
    rules: Rules = {Word.CANCELLED: "draw"}
    draw = Claim.of(Kind.MATCH_RESULT, "draw")
    paid = [settle_under(rules, what, CalledOff()) for what in (draw, HOME, Claim.of(Kind.ODD_EVEN, "odd"))]
    assert paid == [WON, LOST, Settlement(F(1, 2), F(0))]


def test_a_fair_price_needs_one() -> None:
    with pytest.raises(BadData, match="price"):
        settle_under({Word.CANCELLED: "fair_price"}, HOME, CalledOff())


def test_values_that_make_no_sense() -> None:
    for word, value in (
        (Word.POSTPONED, -1),
        (Word.POSTPONED, "soon"),
        (Word.AWARDED, 3),
        (Word.OFFICIAL_AFTER, "x"),
    ):
        with pytest.raises(BadData, match=word.value):
            check({word: value})


def test_windows() -> None:
    assert [within(12, hours, 0) for hours in (11, 12, 13)] == [True, True, False]
    assert not within(0, 1, 0)
    assert [within("same_day", 23, days) for days in (0, 1)] == [True, False]
    assert [within("next_day", 30, days) for days in (1, 2)] == [True, False]
    assert within("until_played", 900, 40)


def test_every_rule_that_was_read_has_a_source_and_every_set_a_day() -> None:
    for one in RULE_SETS:
        assert datetime.date.fromisoformat(one.read) <= datetime.date(2100, 1, 1)
        assert one.rules
        assert all("/" in rule.source or "recorded" in rule.source for rule in one.rules)
        said = [(rule.sport, rule.word) for rule in one.rules]
        assert len(said) == len(set(said)), one.id
    assert len({one.id for one in RULE_SETS}) == len(RULE_SETS)
    venues = [venue for one in RULE_SETS for venue in one.venues]
    assert len(venues) == len(set(venues))


def test_rules_of_a_sport_go_before_those_of_all() -> None:
    paf = rule_set("paf")
    assert paf is not None
    assert paf.of("football")[Word.POSTPONED] == 12
    assert paf.of("tennis")[Word.POSTPONED] == "until_played"
    assert paf.of("tennis")[Word.RESUMED] == 12
    assert rule_set("nobody") is None
    assert rules_at("paf", "bookmaker") == "paf"
    assert rules_at("nobody", "bookmaker") == "bookmaker"


def test_prefixes_of_season_archives_have_no_rules_of_today() -> None:
    for prefix in ("B365", "WH", "LB", "IW", "PS", "BFE", "VC", "CL"):
        assert rules_at(prefix, "unread") == "unread"


def test_stops_are_few_and_start_with_nothing() -> None:
    some = [Claim.of(Kind.TOTAL, "over", F(441, 2)), Claim.of(Kind.MONEYLINE, "home")]
    found = list(stops(some))
    assert Score(0, 0) in found
    assert len(found) < 20


def test_the_table_of_the_documentation_is_that_of_the_data(root: Path) -> None:
    text = (root / "docs" / "settlement-rules.md").read_text(encoding="utf-8")
    assert table() in text
    assert notes() in text
    assert all(f"`{word.value}`" in text for word in Word)
