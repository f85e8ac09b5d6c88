"""Matches of sets: sets, games and single sets decided together, over three sets and five."""

from __future__ import annotations

import random
from collections.abc import Iterator
from fractions import Fraction

import pytest

from crossbook.arbitrage import sets
from crossbook.arbitrage.course import OPEN, Course, Format, course_of
from crossbook.arbitrage.decide import Market, Unsolved
from crossbook.arbitrage.find import opportunities
from crossbook.arbitrage.limits import Looked, within_limits
from crossbook.arbitrage.states import states_of
from crossbook.arbitrage.terms import Terms
from crossbook.base.errors import BadData
from crossbook.model.claim import SETS, Claim, Kind, Period
from crossbook.model.opportunity import Opportunity
from crossbook.model.quote import Basis, Listing
from crossbook.model.result import Sets
from tests.arbitrage.joint import check_witnesses, in_results, in_states
from tests.arbitrage.worlds import ALPHA, BRAVO, CARGO, back, claim

FT, OT, S1, S2, S3 = Period.FULL_TIME, Period.OVERTIME, Period.FIRST_SET, Period.SECOND_SET, Period.THIRD_SET
WON_SETS = ((6, 0), (6, 1), (6, 2), (6, 3), (6, 4), (7, 5), (7, 6))
SCORES = [*WON_SETS, *((away, home) for home, away in WON_SETS)]
THREE = Course(level=False, sets=Format((3,), games=True))
FIVE = Course(level=False, sets=Format((5,), games=True))
DOUBLES = Course(level=False, sets=Format((3,), games=True, short=True))
UNKNOWN = Course(level=False, sets=Format((3, 5), games=True, short=True))
VOLLEYBALL = Course(level=False, sets=Format((5,)))

WIN, LOSE = (claim(Kind.MONEYLINE, side, None, OT) for side in ("home", "away"))


def games(kind: Kind, selection: str, line: str | None, period: Period = FT) -> Claim:
    return claim(kind, selection, line, period, "games")


def in_three(last: list[tuple[int, int]] = SCORES) -> Iterator[Sets]:
    """Every match over three sets; the third may be played otherwise."""
    for first in SCORES:
        for second in SCORES:
            if (first > first[::-1]) == (second > second[::-1]):
                yield Sets((first, second), 3)
            else:
                yield from (Sets((first, second, third), 3) for third in last)


def at_random(rng: random.Random, best_of: int) -> Sets:
    """A match that is played to its end."""
    played: list[tuple[int, int]] = []
    while max(Sets(tuple(played)).of(FT) or ()) <= best_of // 2:
        played.append(rng.choice(SCORES))
    return Sets(tuple(played), best_of)


def random_claims(
    rng: random.Random, number: int, periods: tuple[Period, ...], most_games: int
) -> list[Claim]:
    """Claims on the sets and the games of the match, and on single sets."""
    made = []
    for _ in range(number):
        period = rng.choice(periods)
        single = period in SETS
        quarter = Fraction(rng.randint(-12, 12) if single else rng.randint(-34, 34), 4)
        total = Fraction(rng.randint(26, 52) if single else rng.randint(48, 4 * most_games), 4)
        side, word = rng.choice(("home", "away")), rng.choice(("over", "under"))
        made.append(
            rng.choice(
                [
                    Claim.of(Kind.MONEYLINE, side, None, period),
                    Claim.of(Kind.ASIAN_HANDICAP, side, quarter, period, "games"),
                    Claim.of(Kind.TOTAL, word, total, period, "games"),
                    Claim.of(Kind.TEAM_TOTAL_HOME, word, Fraction(total // 2), period, "games"),
                    Claim.of(Kind.ODD_EVEN, rng.choice(("odd", "even")), None, period, "games"),
                    Claim.of(Kind.CORRECT_SCORE, rng.choice(("7-6", "6-4", "3-6")), None, S1, "games"),
                    Claim.of(Kind.CORRECT_SCORE, rng.choice(("2-0", "2-1", "0-2", "1-2", "3-1", "0-3"))),
                    Claim.of(Kind.TOTAL, word, Fraction(rng.choice((5, 7, 9)), 2), OT, "sets"),
                    Claim.of(Kind.ASIAN_HANDICAP, side, Fraction(rng.choice((-3, -5, 3, 5)), 2), FT, "sets"),
                    Claim.of(Kind.EXACT_TOTAL, rng.choice(("3", "4-5", "2")), None, FT, "sets"),
                ]
            )
        )
    return list(dict.fromkeys(made))


@pytest.mark.parametrize("seed", range(10))
def test_every_match_over_three_sets_is_a_state_and_nothing_else_is(seed: int) -> None:
    claims = random_claims(random.Random(seed), 7, (FT, OT, S1, S2, S3), 40)
    states = states_of(frozenset(claims), None, THREE)
    assert in_states(claims, states) == in_results(claims, in_three())
    check_witnesses(states)


@pytest.mark.parametrize("seed", range(3))
def test_the_last_set_of_doubles_may_be_a_match_tie_break(seed: int) -> None:
    claims = random_claims(random.Random(50 + seed), 6, (FT, S1, S3), 40)
    claims.append(games(Kind.TOTAL, "under", "13.5"))
    states = states_of(frozenset(claims), None, DOUBLES)
    assert in_states(claims, states) == in_results(claims, in_three([*SCORES, (1, 0), (0, 1)]))


@pytest.mark.parametrize("seed", range(6))
def test_random_matches_over_five_sets_settle_like_some_state(seed: int) -> None:
    rng = random.Random(200 + seed)
    claims = random_claims(rng, 9, (FT, FT, S1, S2), 65)
    states = states_of(frozenset(claims), None, FIVE)
    check_witnesses(states)
    assert in_results(claims, (at_random(rng, 5) for _ in range(400))) <= in_states(claims, states)
    unknown = in_states(claims, states_of(frozenset(claims), None, UNKNOWN))
    assert in_results(claims, (at_random(rng, rng.choice((3, 5))) for _ in range(200))) <= unknown
    assert in_states(claims, states) <= unknown


def test_every_state_can_be_played() -> None:
    claims = random_claims(random.Random(9), 12, (FT, S1), 65)
    for course, most in ((THREE, 3), (FIVE, 5)):
        for result in states_of(frozenset(claims), None, course).results:
            assert isinstance(result, Sets)
            assert set(result.sets) <= set(SCORES)
            assert result.best_of == most
            *before, _ = result.sets
            won, winner = Sets(tuple(before)).of(FT), result.of(FT)
            assert won is not None
            assert winner is not None
            assert max(won) == most // 2 < max(winner), "the match ends with the set that decides it"


def test_of_three_sets_the_winner_may_have_fewer_games() -> None:
    """7-6 0-6 7-6 is won with fourteen games against eighteen, and not with fewer."""
    lines = [games(Kind.ASIAN_HANDICAP, "home", line) for line in ("3.5", "4.5")]
    states = states_of(frozenset([WIN, *lines]), None, THREE)
    rows = {tuple(row) for row in states.won[[states.place[one] for one in (WIN, *lines)]].T.tolist()}
    assert (1.0, 0.0, 1.0) in rows
    assert not any(win == 1.0 and received == 0.0 for win, _, received in rows)


def test_few_games_are_two_sets() -> None:
    """Three sets have eighteen games at least, two sets twenty-six at most."""
    three = claim(Kind.TOTAL, "over", "2.5", OT, "sets")
    few, many = games(Kind.TOTAL, "under", "17.5"), games(Kind.TOTAL, "over", "26.5")
    states = states_of(frozenset([three, few, many]), None, THREE)
    rows = {tuple(row) for row in states.won[[states.place[one] for one in (three, few, many)]].T.tolist()}
    assert rows == {(0.0, 1.0, 0.0), (0.0, 0.0, 0.0), (1.0, 0.0, 0.0), (1.0, 0.0, 1.0)}


def test_a_set_that_is_not_played_gives_the_stake_back() -> None:
    third = claim(Kind.MONEYLINE, "home", None, S3)
    two = claim(Kind.TOTAL, "under", "2.5", OT, "sets")
    states = states_of(frozenset([third, two]), None, THREE)
    columns = {
        (float(states.won[states.place[two], at]), float(states.refunded[states.place[third], at]))
        for at in range(len(states.results))
    }
    assert columns == {(1.0, 1.0), (0.0, 0.0)}


def test_without_games_only_sets_are_counted() -> None:
    claims = [claim(Kind.CORRECT_SCORE, score) for score in ("3-0", "3-1", "3-2", "0-3", "1-3", "2-3")]
    states = states_of(frozenset(claims), None, VOLLEYBALL)
    assert sorted(states.won.sum(axis=0)) == [1.0] * 6
    states = states_of(frozenset([WIN, LOSE]), None, Course(level=False, sets=Format((5, 7))))
    assert len(states.results) == 2


def test_states_are_few_however_many_ways_there_are_to_play() -> None:
    """Some two hundred thousand matches over five sets, folded by what a full page of claims looks at."""
    claims = [WIN, LOSE]
    for line in ("30.5", "33.5", "36.5", "38.5", "40.5", "44.5"):
        claims += [games(Kind.TOTAL, side, line) for side in ("over", "under")]
    for line in ("-5.5", "-3.5", "-1.5", "1.5", "3.5"):
        claims += [games(Kind.ASIAN_HANDICAP, side, line) for side in ("home", "away")]
    claims += [claim(Kind.CORRECT_SCORE, score) for score in ("3-0", "3-1", "3-2", "0-3", "1-3", "2-3")]
    claims += [games(Kind.TOTAL, side, "9.5", S1) for side in ("over", "under")]
    assert len(states_of(frozenset(claims), None, FIVE).results) < 600


def test_too_many_single_sets_are_looked_at_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sets, "_MOST_WAYS", 20_000)
    scores = ("6-0", "6-1", "6-2", "6-3", "6-4", "7-5", "7-6", "0-6", "1-6", "2-6", "3-6", "4-6", "5-7")
    single = [
        claim(Kind.CORRECT_SCORE, score, None, period, "games") for score in scores for period in (S1, S2)
    ]
    whole = [games(Kind.TOTAL, side, "33.5") for side in ("over", "under")]
    with pytest.raises(BadData, match=r"^period: too many single sets"):
        states_of(frozenset([*single, *whole]), None, FIVE)
    where = tennis("ATP Wimbledon")
    quotes = [back(ALPHA, one, "4") for one in [*single, *whole]]
    answers = list(within_limits(Market(where, Basis.PREMATCH, quotes, None, course_of(where))))
    assert [one.reason.split(":")[0] for one in answers if isinstance(one, Unsolved)] == ["period"]
    groups = [
        {one.quote.claim.period for one in each.instruments} for each in answers if isinstance(each, Looked)
    ]
    assert sorted(groups, key=str) == sorted([{FT}, {S1}, {S2}], key=str)


def test_a_set_needs_a_sport_of_sets() -> None:
    with pytest.raises(BadData, match=r"^period: s1 needs a match that is known to be played in sets"):
        states_of(frozenset([claim(Kind.MONEYLINE, side, None, S1) for side in ("home", "away")]), None, OPEN)


# ------------------------------------------------------------------ in the search


def tennis(competition: str) -> Listing:
    return Listing(source="made-up", key="e1", sport="tennis", competition=competition, home="A", away="B")


def test_games_and_the_winner_are_an_arbitrage_only_where_the_format_is_known() -> None:
    """Over three sets nobody loses with five games more: away +4.5 or home to win is always paid, and more."""
    quotes = [back(ALPHA, WIN, "2.2"), back(BRAVO, games(Kind.ASIAN_HANDICAP, "away", "-4.5", OT), "2.2")]
    quotes += [back(CARGO, games(Kind.ASIAN_HANDICAP, "away", "4.5", OT), "1.05")]
    (one,) = opportunities([(tennis("ATP Rome"), quotes)], Terms())
    assert isinstance(one, Opportunity)
    assert {leg.quote.claim for leg in one.legs} == {WIN, quotes[1].claim}
    assert one.guaranteed_return == Fraction("1.1")
    for competition in ("Next Gen ATP Finals", "UTR Pro Series"):
        assert list(opportunities([(tennis(competition), quotes)], Terms())) == []


def test_the_winner_is_found_in_sets_and_in_the_match() -> None:
    """Venues write the match winner as a moneyline or as a handicap of sets; both are one count."""
    quotes = [
        back(ALPHA, WIN, "2.2"),
        back(BRAVO, claim(Kind.ASIAN_HANDICAP, "away", "-0.5", FT, "sets"), "2.1"),
    ]
    for where in (tennis("ATP Rome"), tennis("Next Gen ATP Finals"), tennis("")):
        (one,) = opportunities([(where, quotes)], Terms())
        assert isinstance(one, Opportunity)
