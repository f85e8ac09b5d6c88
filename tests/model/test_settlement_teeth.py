"""The comparison with the settlement reference has teeth: every planted fault is noticed."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction

import pytest

from crossbook.model import settlement
from crossbook.model.claim import Claim, Kind, Period
from crossbook.model.result import Race, Score
from crossbook.model.settlement import HALF_LOST, HALF_WON, LOST, REFUNDED, WON, Settlement
from tests.model.settlement_cases import PERIODS as EVERY_PERIOD
from tests.model.settlement_cases import SHARED, first_difference, first_race_difference

Rule = Callable[[Claim, int, int], Settlement]
Mutation = Callable[[Rule], Rule]
Margin = Callable[[int], Settlement]

HALF = Fraction(1, 2)
TWO_WAY = (Kind.DRAW_NO_BET, Kind.MONEYLINE)
OVER_UNDER = (Kind.TOTAL, Kind.TEAM_TOTAL_HOME, Kind.TEAM_TOTAL_AWAY)
ON_MARGIN = (Kind.ASIAN_HANDICAP, *OVER_UNDER)
SAME_FOR_BOTH_SIDES = {Kind.TOTAL, Kind.BOTH_TEAMS_TO_SCORE, Kind.EXACT_TOTAL, Kind.ODD_EVEN}
OTHER = {
    "home": "away",
    "away": "home",
    "over": "under",
    "under": "over",
    "yes": "no",
    "no": "yes",
    "odd": "even",
    "even": "odd",
}


def with_line(claim: Claim, line: Fraction) -> Claim:
    return Claim.of(claim.kind, claim.selection, line, claim.period)


def with_selection(claim: Claim, selection: str) -> Claim:
    return Claim.of(claim.kind, selection, claim.line, claim.period)


def line_of(claim: Claim) -> Fraction:
    assert claim.line is not None
    return claim.line


# Faults that any rule can have.


def never_pays(rule: Rule) -> Rule:
    return lambda claim, home, away: LOST


def always_pays(rule: Rule) -> Rule:
    return lambda claim, home, away: WON


def turned_round(rule: Rule) -> Rule:
    def turned(claim: Claim, home: int, away: int) -> Settlement:
        won, refunded = rule(claim, home, away)
        return Settlement(1 - won - refunded, refunded)

    return turned


def teams_swapped(rule: Rule) -> Rule:
    return lambda claim, home, away: rule(claim, away, home)


def home_goal_too_many(rule: Rule) -> Rule:
    return lambda claim, home, away: rule(claim, home + 1, away)


def away_goal_too_many(rule: Rule) -> Rule:
    return lambda claim, home, away: rule(claim, home, away + 1)


def selections_swapped(rule: Rule) -> Rule:
    return lambda claim, home, away: rule(with_selection(claim, OTHER[claim.selection]), home, away)


def push_lost(rule: Rule) -> Rule:
    def lost(claim: Claim, home: int, away: int) -> Settlement:
        settled = rule(claim, home, away)
        return LOST if settled == REFUNDED else settled

    return lost


def push_won(rule: Rule) -> Rule:
    def won(claim: Claim, home: int, away: int) -> Settlement:
        settled = rule(claim, home, away)
        return WON if settled == REFUNDED else settled

    return won


# Faults of lines.


def sign_flipped(rule: Rule) -> Rule:
    return lambda claim, home, away: rule(with_line(claim, -line_of(claim)), home, away)


def away_gets_its_own_line(rule: Rule) -> Rule:
    def settled(claim: Claim, home: int, away: int) -> Settlement:
        line = line_of(claim)
        return rule(with_line(claim, -line if claim.selection == "away" else line), home, away)

    return settled


def quarters_rounded(towards: Callable[[Fraction], int]) -> Mutation:
    def rounding(rule: Rule) -> Rule:
        return lambda claim, home, away: rule(
            with_line(claim, Fraction(towards(line_of(claim) * 2), 2)), home, away
        )

    return rounding


def half_a_goal_off(rule: Rule) -> Rule:
    return lambda claim, home, away: rule(with_line(claim, line_of(claim) + HALF), home, away)


def level_after_handicap_refunded(rule: Rule) -> Rule:
    def refunded(claim: Claim, home: int, away: int) -> Settlement:
        level = home + line_of(claim) == away
        return REFUNDED if level and claim.selection != "draw" else rule(claim, home, away)

    return refunded


# Faults of single kinds.


def draw_counts_for_home(rule: Rule) -> Rule:
    return lambda claim, home, away: (
        WON if (home, claim.selection) == (away, "home") else rule(claim, home, away)
    )


def either_scored(rule: Rule) -> Rule:
    return lambda claim, home, away: WON if (claim.selection == "yes") == (home + away > 0) else LOST


def the_end_is_open_above_seven(rule: Rule) -> Rule:
    return lambda claim, home, away: (
        LOST if claim.selection == "7+" and home + away == 7 else rule(claim, home, away)
    )


def no_goal_is_odd(rule: Rule) -> Rule:
    return lambda claim, home, away: (
        rule(claim, home or 1, away) if not home + away else rule(claim, home, away)
    )


def nil_is_enough(rule: Rule) -> Rule:
    def settled(claim: Claim, home: int, away: int) -> Settlement:
        return WON if (away if claim.selection == "home" else home) == 0 else LOST

    return settled


def winning_is_enough(rule: Rule) -> Rule:
    def settled(claim: Claim, home: int, away: int) -> Settlement:
        return WON if (home > away if claim.selection == "home" else away > home) else LOST

    return settled


def first_digits_only(rule: Rule) -> Rule:
    return lambda claim, home, away: WON if claim.selection[0] == str(home)[0] else LOST


PLANTED: list[tuple[Kind, Mutation]] = [
    *((kind, fault) for kind in SHARED for fault in (never_pays, always_pays, turned_round)),
    *((kind, home_goal_too_many) for kind in SHARED if kind is not Kind.TEAM_TOTAL_AWAY),
    *((kind, away_goal_too_many) for kind in SHARED if kind is not Kind.TEAM_TOTAL_HOME),
    *((kind, teams_swapped) for kind in SHARED if kind not in SAME_FOR_BOTH_SIDES),
    *(
        (kind, selections_swapped)
        for kind in (*TWO_WAY, *ON_MARGIN, Kind.BOTH_TEAMS_TO_SCORE, Kind.ODD_EVEN, Kind.WIN_TO_NIL)
    ),
    *((kind, fault) for kind in (*TWO_WAY, *ON_MARGIN) for fault in (push_lost, push_won)),
    *((kind, fault) for kind in ON_MARGIN for fault in (sign_flipped, half_a_goal_off)),
    *(
        (kind, quarters_rounded(how))
        for kind in ON_MARGIN
        for how in (math.floor, math.ceil, round, math.trunc)
    ),
    (Kind.ASIAN_HANDICAP, away_gets_its_own_line),
    (Kind.EUROPEAN_HANDICAP, sign_flipped),
    (Kind.EUROPEAN_HANDICAP, away_gets_its_own_line),
    (Kind.EUROPEAN_HANDICAP, level_after_handicap_refunded),
    (Kind.MATCH_RESULT, draw_counts_for_home),
    (Kind.BOTH_TEAMS_TO_SCORE, either_scored),
    (Kind.EXACT_TOTAL, the_end_is_open_above_seven),
    (Kind.ODD_EVEN, no_goal_is_odd),
    (Kind.WIN_TO_NIL, nil_is_enough),
    (Kind.WIN_TO_NIL, winning_is_enough),
    (Kind.CORRECT_SCORE, first_digits_only),
]


@pytest.mark.parametrize(
    ("kind", "fault"), PLANTED, ids=[f"{kind.value}-{fault.__name__}" for kind, fault in PLANTED]
)
def test_a_fault_in_one_rule_is_noticed(kind: Kind, fault: Mutation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(settlement._BY_COUNT, kind, fault(settlement._BY_COUNT[kind]))
    assert first_difference(kind, [Period.FULL_TIME]) is not None


MARGINS: dict[str, Callable[[Margin], Margin]] = {
    "sign flipped": lambda right: lambda margin: right(-margin),
    "push lost": lambda right: lambda margin: right(margin) if margin else LOST,
    "push won": lambda right: lambda margin: right(margin) if margin else WON,
    "half won paid in full": lambda right: lambda margin: WON if right(margin) == HALF_WON else right(margin),
    "half lost lost in full": lambda right: (
        lambda margin: LOST if right(margin) == HALF_LOST else right(margin)
    ),
    "halves swapped": lambda right: lambda margin: right(-margin if abs(margin) == 1 else margin),
    "quarters up": lambda right: lambda margin: right(2 * math.ceil(margin / 2)),
    "quarters down": lambda right: lambda margin: right(2 * math.floor(margin / 2)),
    "three quarters is half won": lambda right: lambda margin: HALF_WON if margin == 3 else right(margin),
    "half a goal is half won": lambda right: lambda margin: HALF_WON if margin == 2 else right(margin),
    "half a goal is half lost": lambda right: lambda margin: HALF_LOST if margin == -2 else right(margin),
}


@pytest.mark.parametrize("name", MARGINS)
@pytest.mark.parametrize("kind", ON_MARGIN)
def test_a_fault_in_the_margin_is_noticed(kind: Kind, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settlement, "_by_margin", MARGINS[name](settlement._by_margin))
    assert first_difference(kind, [Period.FULL_TIME]) is not None


PERIODS: dict[str, tuple[Callable[[Score], tuple[int, int]], set[Period]]] = {
    "half-time taken as full time": (
        lambda score: (score.half_home or 0, score.half_away or 0),
        {Period.FULL_TIME, Period.OVERTIME, Period.SECOND_HALF},
    ),
    "full time taken as half-time": (
        lambda score: (score.home, score.away),
        {Period.FIRST_HALF, Period.SECOND_HALF},
    ),
    "second half taken for every part": (
        lambda score: (score.home - (score.half_home or 0), score.away - (score.half_away or 0)),
        {Period.FULL_TIME, Period.OVERTIME, Period.FIRST_HALF},
    ),
}


@pytest.mark.parametrize("name", PERIODS)
@pytest.mark.parametrize("kind", SHARED)
def test_the_count_of_a_wrong_period_is_noticed(
    kind: Kind, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    count, wrong = PERIODS[name]
    monkeypatch.setattr(Score, "of", lambda score, period: count(score))
    assert {period for period in EVERY_PERIOD if first_difference(kind, [period])} == wrong


def _heat(claim: Claim, race: Race) -> Fraction:
    """Places for each of those who are level, 0 where the runner is not among them."""
    (level,) = race.ranks
    return Fraction(race.places, len(level)) if claim.selection in level else Fraction(0)


HEATS: dict[str, Callable[[Claim, Race], Settlement]] = {
    "dead heat paid in full": lambda claim, race: WON if _heat(claim, race) else LOST,
    "dead heat refunded": lambda claim, race: (
        WON if _heat(claim, race) >= 1 else REFUNDED if _heat(claim, race) else LOST
    ),
    "rest of a dead heat refunded": lambda claim, race: (
        Settlement(min(Fraction(1), _heat(claim, race)), max(Fraction(0), 1 - _heat(claim, race)))
        if _heat(claim, race)
        else LOST
    ),
    "losers paid": lambda claim, race: LOST if _heat(claim, race) else WON,
}
PLACES: dict[str, Callable[[Claim, Race], Settlement]] = {
    "places forgotten": lambda claim, race: Settlement(_heat(claim, race) / race.places, Fraction(0)),
    "more than the whole stake": lambda claim, race: Settlement(_heat(claim, race), Fraction(0)),
}


@pytest.mark.parametrize("kind", [Kind.WINNER, Kind.PLACE])
@pytest.mark.parametrize("name", HEATS)
def test_a_fault_in_dead_heats_is_noticed(kind: Kind, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settlement, "_by_race", HEATS[name])
    assert first_race_difference(kind) is not None


@pytest.mark.parametrize("name", PLACES)
def test_a_fault_in_paid_places_is_noticed(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settlement, "_by_race", PLACES[name])
    assert first_race_difference(Kind.PLACE) is not None
