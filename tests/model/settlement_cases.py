"""Our settlement beside the independent reference: every bet both know, in every score up to ten all.

`first_difference` is what the tests ask; the planted faults of `test_settlement_teeth` show that it would notice.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from functools import cache
from itertools import chain, combinations, product
from typing import NamedTuple

from crossbook.model.claim import HALVES, Claim, Kind, Period
from crossbook.model.result import Race, Score
from crossbook.model.settlement import settle
from tests.oracles import settlement_reference as reference

KIND_OF = {
    "1x2": Kind.MATCH_RESULT,
    "double_chance": Kind.DOUBLE_CHANCE,
    "draw_no_bet": Kind.DRAW_NO_BET,
    "btts": Kind.BOTH_TEAMS_TO_SCORE,
    "correct_score": Kind.CORRECT_SCORE,
    "odd_even": Kind.ODD_EVEN,
    "win_to_nil": Kind.WIN_TO_NIL,
    "exact_total": Kind.EXACT_TOTAL,
    "asian_handicap": Kind.ASIAN_HANDICAP,
    "european_handicap": Kind.EUROPEAN_HANDICAP,
    "total": Kind.TOTAL,
    "asian_total": Kind.TOTAL,
    "team_total_home": Kind.TEAM_TOTAL_HOME,
    "team_total_away": Kind.TEAM_TOTAL_AWAY,
}
"""The reference's names and the kinds that ours are. It has two names for totals; we have one kind."""

NAMES_OF = {
    **{kind: tuple(name for name in KIND_OF if KIND_OF[name] is kind) for kind in KIND_OF.values()},
    Kind.MONEYLINE: ("draw_no_bet",),
}
"""A moneyline on a count that can end level is refunded there, which the reference calls draw no bet."""

PERIODS = (Period.FULL_TIME, *HALVES, Period.OVERTIME)
"""The periods of a score."""
GOALS = range(11)
COUNTS = tuple(product(GOALS, GOALS))
HANDICAPS = tuple(Fraction(quarters, 4) for quarters in range(-16, 17))
TOTALS = tuple(Fraction(quarters, 4) for quarters in range(33))
WHOLE = tuple(line for line in HANDICAPS if line.denominator == 1)

_SELECTIONS = {
    Kind.MATCH_RESULT: ("home", "draw", "away"),
    Kind.DOUBLE_CHANCE: ("home_draw", "home_away", "draw_away"),
    Kind.DRAW_NO_BET: ("home", "away"),
    Kind.MONEYLINE: ("home", "away"),
    Kind.ASIAN_HANDICAP: ("home", "away"),
    Kind.EUROPEAN_HANDICAP: ("home", "draw", "away"),
    Kind.TOTAL: ("over", "under"),
    Kind.TEAM_TOTAL_HOME: ("over", "under"),
    Kind.TEAM_TOTAL_AWAY: ("over", "under"),
    Kind.BOTH_TEAMS_TO_SCORE: ("yes", "no"),
    Kind.CORRECT_SCORE: tuple(f"{home}-{away}" for home, away in COUNTS),
    Kind.EXACT_TOTAL: ("0", "1", "2", "3", "4", "5", "6", "7+"),
    Kind.ODD_EVEN: ("odd", "even"),
    Kind.WIN_TO_NIL: ("home", "away"),
}
SHARED = tuple(_SELECTIONS)


def example(kind: Kind) -> Claim:
    """Some claim of the kind."""
    if kind in SHARED:
        return claims(kind)[0]
    if kind is Kind.EACH_WAY:
        return Claim.of(kind, "yes", Fraction(1, 4), subject="something", places=3)
    words = {Kind.HALF_TIME_FULL_TIME: "draw/home", Kind.TO_QUALIFY: "home"}
    return Claim.of(kind, words.get(kind, "yes"), subject="goals" if kind in words else "something")


class Difference(NamedTuple):
    """A bet and a result for which ours and the reference disagree."""

    claim: Claim
    result: object
    ours: tuple[Fraction, Fraction]
    theirs: tuple[Fraction, Fraction]


def lines_of(kind: Kind) -> tuple[Fraction | None, ...]:
    """Every line of the kind that is looked at."""
    if kind is Kind.ASIAN_HANDICAP:
        return HANDICAPS
    if kind is Kind.EUROPEAN_HANDICAP:
        return WHOLE
    return TOTALS if kind in (Kind.TOTAL, Kind.TEAM_TOTAL_HOME, Kind.TEAM_TOTAL_AWAY) else (None,)


def bets(kind: Kind) -> Iterator[tuple[str, Fraction | None]]:
    """Every selection of the kind on every line."""
    return product(_SELECTIONS[kind], lines_of(kind))


def claims(kind: Kind, period: Period = Period.FULL_TIME) -> list[Claim]:
    """Every claim of the kind on the count of one period."""
    return [Claim.of(kind, selection, line, period) for selection, line in bets(kind)]


def score_with(period: Period, home: int, away: int) -> Score:
    """A result with that count in the period and with other counts in the rest of the match."""
    if period is Period.FIRST_HALF:
        return Score(home + away + 1, away + 2, home, away)
    if period is Period.SECOND_HALF:
        return Score(home + 3, away + 2, 3, 2)
    return Score(home, away, home * (away % 2), away * ((home + 1) % 2))


@cache
def _reference(name: str, selection: str, line: Fraction | None) -> tuple[tuple[Fraction, Fraction], ...]:
    """The reference's answers, in the order of `COUNTS`."""
    return tuple(reference.settle(name, selection, line, home, away) for home, away in COUNTS)


def first_difference(kind: Kind, periods: Iterable[Period] = PERIODS) -> Difference | None:
    """The first bet and score for which our settlement is not the reference's; None when there is none."""
    for period in periods:
        results = [score_with(period, home, away) for home, away in COUNTS]
        for (selection, line), name in product(bets(kind), NAMES_OF[kind]):
            claim = Claim.of(kind, selection, line, period)
            for result, theirs in zip(results, _reference(name, selection, line), strict=True):
                ours = settle(claim, result)
                if ours != theirs:
                    return Difference(claim, result, ours, theirs)
    return None


RUNNERS = "ABCDE"


def first_race_difference(kind: Kind) -> Difference | None:
    """The same for races: every group of runners that can share every number of places."""
    groups = chain.from_iterable(combinations(RUNNERS, size) for size in range(1, len(RUNNERS) + 1))
    most = 1 if kind is Kind.WINNER else 4
    for group, places, runner in product(groups, range(1, most + 1), RUNNERS):
        claim = Claim.of(kind, runner, subject="The Made-Up Stakes")
        result = Race((frozenset(group),), places=places)
        ours, theirs = settle(claim, result), reference.settle_winner(runner, set(group), places)
        if ours != theirs:
            return Difference(claim, result, ours, theirs)
    return None
