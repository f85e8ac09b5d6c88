"""Counts that are tied: overtime to regulation, who goes through to the score, a half to the whole.

All scores that can happen are listed by plain rules, and every joint settlement of random claims in them must be a
state, and no other.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from fractions import Fraction
from itertools import product

import pytest

from crossbook.arbitrage.course import DECIDED, OPEN, Course, Overtime, course_of
from crossbook.arbitrage.decide import Market, Unsolved
from crossbook.arbitrage.find import opportunities
from crossbook.arbitrage.limits import Looked, within_limits
from crossbook.arbitrage.states import states_of
from crossbook.arbitrage.terms import Terms
from crossbook.base.errors import BadData
from crossbook.model.claim import HALVES, Claim, Kind, Period, cover_of
from crossbook.model.opportunity import Opportunity
from crossbook.model.quote import Basis, Listing, Quote
from crossbook.model.result import Score
from tests.arbitrage.boards import VENUES, quarters
from tests.arbitrage.joint import check_witnesses, in_results, in_states
from tests.arbitrage.worlds import (
    ALPHA,
    BRAVO,
    CARGO,
    DRAW,
    EVERY_KIND,
    HOME,
    ah,
    back,
    claim,
    event,
    random_claim,
    total,
)

OT, FT = Period.OVERTIME, Period.FULL_TIME
HOCKEY = Course(Overtime.NEXT_GOAL, level=False)
PLAYED_ON = Course(Overtime.PLAYED_ON, level=False)
GRIDIRON = Course(Overtime.MAY_END_LEVEL)
KNOCK_OUT = Course(Overtime.MAY_END_LEVEL, decider=True)
HOME_OT, AWAY_OT = (claim(Kind.MONEYLINE, side, None, OT) for side in ("home", "away"))
THROUGH = [claim(Kind.TO_QUALIFY, side) for side in ("home", "away")]
TOP = 13


def ends(course: Course) -> Iterator[Score]:
    """Every score with its end after overtime."""
    for home, away in product(range(TOP), repeat=2):
        if home != away:
            yield Score(home, away)
            continue
        for more_home, more_away in product(range(TOP + 3), repeat=2):
            after = Score(home, away, None, None, home + more_home, away + more_away)
            if course.overtime is Overtime.NEXT_GOAL and more_home + more_away != 1:
                continue
            if more_home == more_away and course.overtime is Overtime.PLAYED_ON:
                continue
            yield after


def through(course: Course) -> Iterator[Score]:
    """The same with who goes through: whoever is ahead in the end, and else either."""
    for score in ends(course):
        home, away = score.of(OT)
        if home >= away:
            yield score._replace(qualified="home")
        if home <= away:
            yield score._replace(qualified="away")


def mixed(rng: random.Random, number: int) -> list[Claim]:
    """Claims of all kinds on regulation and on the end, some on each."""
    some = [
        random_claim(rng, EVERY_KIND, margins=(-3, 3), sums=(0, 6), period=period)
        for period in (FT, OT)
        for _ in range(number)
    ]
    return list(dict.fromkeys(some))


@pytest.mark.parametrize("course", [HOCKEY, PLAYED_ON, GRIDIRON], ids=lambda course: course.overtime.value)
@pytest.mark.parametrize("seed", range(6))
def test_regulation_and_the_end_are_one_world(course: Course, seed: int) -> None:
    claims = mixed(random.Random(seed), 3)
    states = states_of(frozenset(claims), None, course)
    assert in_states(claims, states) == in_results(claims, ends(course))
    check_witnesses(states)


@pytest.mark.parametrize("seed", range(6))
def test_who_goes_through_regulation_and_extra_time_are_one_world(seed: int) -> None:
    claims = [*THROUGH, *mixed(random.Random(100 + seed), 2)]
    states = states_of(frozenset(claims), None, KNOCK_OUT)
    assert in_states(claims, states) == in_results(claims, through(KNOCK_OUT))
    check_witnesses(states)


@pytest.mark.parametrize("seed", range(6))
def test_high_scores_with_overtime(seed: int) -> None:
    """Basketball: lines far beyond any grid. Every random end is a state, and every state could happen."""
    rng = random.Random(seed)
    kinds = [Kind.MATCH_RESULT, Kind.ASIAN_HANDICAP, Kind.TOTAL, Kind.TEAM_TOTAL_HOME]
    claims = [*(claim(Kind.MATCH_RESULT, side) for side in ("home", "draw", "away")), HOME_OT, AWAY_OT]
    claims += [random_claim(rng, kinds[1:3], (-12, 12), (200, 212), OT) for _ in range(4)]
    claims += [random_claim(rng, kinds[2:], (-12, 12), (98, 210)) for _ in range(2)]
    claims = list(dict.fromkeys(claims))
    states = states_of(frozenset(claims), None, PLAYED_ON)
    known = in_states(claims, states)
    check_witnesses(states)
    for result in states.results:
        assert isinstance(result, Score)
        final = result.of(OT)
        assert final[0] != final[1]
        assert final == (result.home, result.away) or result.home == result.away <= min(final)
    for _ in range(600):
        middle = rng.choice((rng.randint(90, 112), rng.randint(0, 200)))
        if rng.random() < 0.5:
            scores = [
                Score(middle, middle + d) for d in (-30, -13, -12, -3, -1, 1, 2, 12, 13) if middle + d >= 0
            ]
        else:
            more = rng.randint(0, 30), rng.randint(0, 30)
            scores = [Score(middle, middle, None, None, middle + more[0], middle + more[1])]
            scores = scores if more[0] != more[1] else []
        assert in_results(claims, scores) <= known


def test_a_puck_line_with_overtime_is_that_of_regulation() -> None:
    """Overtime is won by one, so giving a goal and a half is the same bet with and without it: three states."""
    without, with_it = ah("home", "-1.5"), claim(Kind.ASIAN_HANDICAP, "home", "-1.5", OT)
    states = states_of(frozenset([without, with_it, HOME_OT]), None, HOCKEY)
    assert (states.won[states.place[without]] == states.won[states.place[with_it]]).all()
    assert len(states.results) == 3
    apart = states_of(frozenset([without, with_it, HOME_OT]), None, PLAYED_ON)
    assert len(apart.results) == 4


def test_a_total_grows_by_one_in_sudden_death() -> None:
    under, over = total("under", "5.5"), claim(Kind.TOTAL, "over", "5.5", OT)
    states = states_of(frozenset([under, over, DRAW]), None, HOCKEY)
    rows = {tuple(column) for column in states.won[[states.place[one] for one in (under, over, DRAW)]].T}
    assert rows == {(1, 0, 0), (0, 1, 0), (1, 0, 1), (0, 1, 1)}, "no level score has both: 2-2 ends with five"
    under, over = total("under", "4.5"), claim(Kind.TOTAL, "over", "4.5", OT)
    states = states_of(frozenset([under, over, DRAW]), None, HOCKEY)
    rows = {tuple(column) for column in states.won[[states.place[one] for one in (under, over, DRAW)]].T}
    assert (1, 1, 1) in rows


@pytest.mark.parametrize("seed", range(4))
def test_half_time_and_full_time_with_halves_and_the_whole(seed: int) -> None:
    rng = random.Random(seed)
    claims = [claim(Kind.HALF_TIME_FULL_TIME, each) for each in cover_of(Kind.HALF_TIME_FULL_TIME)]
    claims += [
        random_claim(rng, (Kind.TOTAL, Kind.ASIAN_HANDICAP, Kind.MATCH_RESULT), (-1, 1), (0, 3), period)
        for period in (*HALVES, FT)
    ]
    claims = list(dict.fromkeys(claims))
    states = states_of(frozenset(claims))
    counts = range(6)
    every = (Score(a + c, b + d, a, b) for a, b, c, d in product(counts, repeat=4))
    assert in_states(claims, states) == in_results(claims, every)
    check_witnesses(states)


def test_half_time_and_full_time_alone_has_nine_states() -> None:
    cover = [claim(Kind.HALF_TIME_FULL_TIME, each) for each in cover_of(Kind.HALF_TIME_FULL_TIME)]
    states = states_of(frozenset(cover))
    assert sorted(states.won.sum(axis=0)) == [1.0] * 9


def test_who_goes_through_and_half_time_are_one_world() -> None:
    claims = [*THROUGH, claim(Kind.HALF_TIME_FULL_TIME, "home/away"), HOME]
    states = states_of(frozenset(claims), None, KNOCK_OUT)
    every = (
        Score(a + c, b + d, a, b, qualified=side)
        for a, b, c, d in product(range(4), repeat=4)
        for side in ("home", "away")
        if a + c == b + d or (side == "home") == (a + c > b + d)
    )
    assert in_states(claims, states) == in_results(claims, every)


def test_what_is_not_tied_is_of_different_spaces() -> None:
    for claims, course in (
        ([HOME, HOME_OT], OPEN),
        ([HOME, HOME_OT], DECIDED),
        ([HOME, THROUGH[0]], OPEN),
        ([HOME, THROUGH[0]], HOCKEY),
        ([claim(Kind.TOTAL, "over", 9, OT, "corners"), claim(Kind.TOTAL, "over", 9, FT, "corners")], HOCKEY),
    ):
        with pytest.raises(BadData, match="one space"):
            states_of(frozenset(claims), None, course)


def test_who_goes_through_alone_is_one_or_the_other() -> None:
    states = states_of(frozenset(THROUGH))
    assert sorted(map(tuple, states.won.T.tolist())) == [(0.0, 1.0), (1.0, 0.0)]


def test_what_was_known_before_is_still_understood() -> None:
    """True and False say of the final count what they always said."""
    both = frozenset([HOME_OT, AWAY_OT])
    assert len(states_of(both, None, True).results) == 3
    assert len(states_of(both, None, False).results) == 2
    assert states_of(both, None, False) is states_of(both, None, DECIDED)


# ------------------------------------------------------------------ in the search


def listing(sport: str, competition: str = "X", decider: bool | None = None) -> Listing:
    return Listing(
        source="made-up",
        key="e1",
        sport=sport,
        competition=competition,
        home="A",
        away="B",
        decider=decider,
    )


def found(where: Listing, quotes: list[Quote]) -> list[Opportunity | Unsolved]:
    return list(opportunities([(where, quotes)], Terms()))


def test_regulation_and_overtime_together_are_an_arbitrage_only_where_they_are_tied() -> None:
    """Home with overtime, the draw, and away in regulation: in hockey somebody of them is always paid."""
    away = claim(Kind.MATCH_RESULT, "away")
    quotes = [back(ALPHA, HOME_OT, "2.2"), back(BRAVO, away, "4.5"), back(CARGO, DRAW, "4.5")]
    (one,) = found(listing("ice-hockey"), quotes)
    assert isinstance(one, Opportunity)
    legs = {leg.quote.claim for leg in one.legs}
    assert legs == {HOME_OT, away, DRAW}
    # Home wins in overtime: 2.2 and 4.5 are both paid, so the worst states are the three others.
    assert one.guaranteed_return == 1 / (1 / Fraction("2.2") + 2 / Fraction("4.5"))
    assert found(listing("football"), quotes) == []
    assert found(listing("handball"), quotes) == []


def test_going_through_and_the_match_are_an_arbitrage_only_where_one_match_decides() -> None:
    away = claim(Kind.DOUBLE_CHANCE, "draw_away")
    quotes = [back(ALPHA, THROUGH[0], "2.2"), back(BRAVO, away, "2.1")]
    (one,) = found(listing("football", decider=True), quotes)
    assert isinstance(one, Opportunity)
    for decider in (None, False):
        assert found(listing("football", decider=decider), quotes) == []


def test_two_sides_that_go_through_are_an_arbitrage_anywhere() -> None:
    quotes = [back(ALPHA, THROUGH[0], "2.2"), back(BRAVO, THROUGH[1], "2.1")]
    for decider in (None, True, False):
        (one,) = found(listing("football", decider=decider), quotes)
        assert isinstance(one, Opportunity)
        assert one.guaranteed_return == 1 / (1 / Fraction("2.2") + 1 / Fraction("2.1"))


def test_what_is_too_much_together_is_looked_at_apart() -> None:
    """Halves are not looked at with overtime, nor hundreds of lines of both; each is solved and the rest is told."""
    halves = [claim(Kind.MATCH_RESULT, side, None, Period.FIRST_HALF) for side in ("home", "draw", "away")]
    quotes = [back(ALPHA, one, "2.5") for one in (HOME, DRAW, *halves, HOME_OT, AWAY_OT)]
    where = listing("ice-hockey")
    answers = list(within_limits(Market(where, Basis.PREMATCH, quotes, None, course_of(where))))
    told = [one.reason for one in answers if isinstance(one, Unsolved)]
    assert told == ["period: what is counted apart was looked at apart; together it has too many states"]
    groups = [{one.quote.claim for one in each.instruments} for each in answers if isinstance(each, Looked)]
    assert groups == [{HOME, DRAW, *halves}, {HOME_OT, AWAY_OT}]
    assert event().sport == "football"


def test_many_lines_of_regulation_and_overtime_stay_within_the_limits() -> None:
    rng = random.Random(3)
    lines = [
        claim(Kind.TOTAL, side, line, period)
        for line in quarters("190", "209.75")
        for side in ("over", "under")
        for period in (FT, OT)
    ]
    lines += [
        claim(Kind.ASIAN_HANDICAP, side, line, OT)
        for line in quarters("-9", "9")
        for side in ("home", "away")
    ]
    quotes = [back(VENUES[0], one, Fraction(rng.randint(150, 195), 100)) for one in lines]
    where = listing("basketball")
    answers = list(within_limits(Market(where, Basis.PREMATCH, quotes, None, course_of(where))))
    looked = [one for one in answers if isinstance(one, Looked)]
    assert looked
    assert {one.quote.claim for each in looked for one in each.instruments} == set(lines)
