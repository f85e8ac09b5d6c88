"""The collapsed states lose nothing: every joint settlement of every score is one of them, and nothing else is."""

from __future__ import annotations

import random
from fractions import Fraction

import numpy as np
import pytest

from crossbook.arbitrage.course import OPEN, Course, Format, Overtime
from crossbook.arbitrage.instrument import instrument_of
from crossbook.arbitrage.program import Columns, best_shares
from crossbook.arbitrage.settled import settlement_of
from crossbook.arbitrage.states import gross_returns, states_of
from crossbook.base.errors import BadData
from crossbook.model.claim import Claim, Kind, Period, cover_of
from crossbook.model.quote import Contest, Quote
from crossbook.model.result import Score
from tests.arbitrage.checks import check_collapse_of_football, check_sides_of_a_lay
from tests.arbitrage.worlds import (
    ALPHA,
    AWAY,
    BY_MARGIN_AND_SUM,
    DRAW,
    EVERY_KIND,
    HOME,
    Scores,
    ah,
    back,
    best_on_scores,
    claim,
    distinct,
    lay,
    priced,
    random_claim,
    returns_on,
    settled,
    total,
)
from tests.oracles import settlement_reference


def value_by_states(quotes: list[Quote]) -> float:
    """What the programme guarantees on the collapsed states."""
    states = states_of(frozenset(quote.claim for quote in quotes))
    profit, _ = best_shares(Columns([instrument_of(quote) for quote in quotes], states))
    return 1 + profit


def joint(claims: list[Claim], scores: Scores) -> set[tuple[float, ...]]:
    """Every joint settlement of the claims over a grid: won shares, then refunded shares."""
    shares = [settled(one, scores) for one in claims]
    return distinct(np.array([won for won, _ in shares] + [refunded for _, refunded in shares]))


def of_states(claims: list[Claim], contest: Contest | None = None) -> set[tuple[float, ...]]:
    """Every joint settlement that the collapsed states know."""
    states = states_of(frozenset(claims), contest)
    order = [states.place[one] for one in claims]
    return distinct(np.concatenate([states.won[order], states.refunded[order]]))


LADDERS = {
    Kind.ASIAN_HANDICAP: ("home", True),
    Kind.TOTAL: ("over", False),
    Kind.TEAM_TOTAL_HOME: ("over", False),
    Kind.TEAM_TOTAL_AWAY: ("over", False),
}
"""Kinds with lines on which both sides add up, one side of each, and whether it gains with the line."""


def test_the_judge_settles_as_the_reference_does() -> None:
    rng = random.Random(1)
    scores = Scores(8)
    seen = set()
    for _ in range(250):
        one = random_claim(rng)
        seen.add(one.kind)
        won, refunded = settled(one, scores)
        for place, (home, away) in enumerate(zip(*scores.whole, strict=True)):
            expected = settlement_reference.settle(one.kind, one.selection, one.line, int(home), int(away))
            assert (Fraction(won[place]), Fraction(refunded[place])) == expected, (one, home, away)
    assert seen == set(EVERY_KIND)


def test_the_judge_pays_layers_as_the_reference_does() -> None:
    rng = random.Random(2)
    scores = Scores(5)
    for _ in range(60):
        one = random_claim(rng)
        odds = Fraction(rng.randint(105, 700), 100)
        (row,) = returns_on([lay(ALPHA, one, odds)], scores)
        for place, (home, away) in enumerate(zip(*scores.whole, strict=True)):
            expected = settlement_reference.lay_gross(
                one.kind, one.selection, one.line, odds, int(home), int(away)
            )
            assert row[place] == pytest.approx(float(expected), abs=1e-12)


def test_collapsed_states_give_the_optimum_of_the_full_grid() -> None:
    assert check_collapse_of_football() >= 4, "some of the random sets should be arbitrages"


@pytest.mark.parametrize("seed", range(40))
def test_no_joint_settlement_is_lost_and_none_invented(seed: int) -> None:
    rng = random.Random(seed)
    claims = list({random_claim(rng) for _ in range(rng.randint(2, 12))})
    assert of_states(claims) == joint(claims, Scores(24))


def test_far_lines_of_different_kinds_meet_in_states_too() -> None:
    """Away scores six and home still wins by six: 12-6 has to be looked at, though no line is beyond six."""
    claims = [claim(Kind.TEAM_TOTAL_AWAY, "over", "5.5"), ah("home", "-5.5")]
    assert of_states(claims) == joint(claims, Scores(24))


@pytest.mark.parametrize("seed", range(12))
def test_far_lines_of_all_kinds(seed: int) -> None:
    rng = random.Random(1000 + seed)
    claims = list({random_claim(rng, margins=(-9, 9), sums=(0, 11)) for _ in range(8)})
    assert of_states(claims) == joint(claims, Scores(40))


def test_a_correct_score_beyond_the_grid_can_happen() -> None:
    """If it could not, laying it would be free money."""
    claims = [claim(Kind.CORRECT_SCORE, "11-0"), HOME]
    assert of_states(claims) == joint(claims, Scores(16))


def test_an_exact_total_beyond_the_grid_can_happen() -> None:
    claims = [claim(Kind.EXACT_TOTAL, "25+"), claim(Kind.EXACT_TOTAL, "23")]
    assert of_states(claims) == joint(claims, Scores(30))


@pytest.mark.parametrize("seed", range(8))
def test_halves_and_the_whole_match_are_one_world(seed: int) -> None:
    rng = random.Random(seed)
    periods = (Period.FULL_TIME, Period.FIRST_HALF, Period.SECOND_HALF)
    kinds = [kind for kind in EVERY_KIND if kind not in (Kind.CORRECT_SCORE, Kind.EXACT_TOTAL)]
    claims = {
        random_claim(rng, kinds, margins=(-1, 1), sums=(0, 3), period=rng.choice(periods)) for _ in range(7)
    }
    claims |= {claim(Kind.MATCH_RESULT, "home", None, Period.FIRST_HALF)}
    scores = Scores(7, halves=True)
    quotes = priced(rng, sorted(claims, key=str), scores)
    ordered = [quote.claim for quote in quotes]
    assert of_states(ordered) == joint(ordered, scores)
    assert value_by_states(quotes) == pytest.approx(best_on_scores(quotes, scores), abs=1e-7)


def test_halves_bind_each_other() -> None:
    """Ahead in both halves is ahead: an under-priced treble of claims on halves and match is found."""
    halves = [
        claim(Kind.MATCH_RESULT, "home", None, period) for period in (Period.FIRST_HALF, Period.SECOND_HALF)
    ]
    states = states_of(frozenset([*halves, HOME]))
    first, second, whole = (states.won[states.place[one]] for one in [*halves, HOME])
    assert not ((first == 1) & (second == 1) & (whole == 0)).any()
    assert ((first == 1) & (second == 0) & (whole == 0)).any()


def test_a_half_with_a_line_beyond_any_football_count() -> None:
    """Basketball counts a half in the fifties: both sides of such a line must be able to win, or it is refused."""
    claims = [claim(Kind.TOTAL, side, "55.5", Period.FIRST_HALF) for side in ("over", "under")]
    try:
        states = states_of(frozenset(claims))
    except BadData:
        return
    assert states.won.max(axis=1).tolist() == [1.0, 1.0]


@pytest.mark.parametrize("seed", range(12))
def test_high_scores_by_turning_points(seed: int) -> None:
    """Basketball-like lines: the few scores around each line stand for all of a hundred-by-hundred grid."""
    rng = random.Random(seed)
    lines = rng.randint(40, 60)
    kinds = [kind for kind in BY_MARGIN_AND_SUM if kind is not Kind.EUROPEAN_HANDICAP]
    claims = {random_claim(rng, kinds, margins=(-14, 14), sums=(lines, lines + 12)) for _ in range(7)}
    claims |= {total("over", f"{lines}.5"), ah("home", rng.choice(("-13.5", "13", "-2.75")))}
    scores = Scores(100)
    quotes = priced(rng, sorted(claims, key=str), scores)
    ordered = [quote.claim for quote in quotes]
    assert of_states(ordered) == joint(ordered, scores)
    assert len(states_of(frozenset(ordered)).results) < 400
    assert value_by_states(quotes) == pytest.approx(best_on_scores(quotes, scores), abs=1e-7)


def test_a_european_handicap_with_a_high_line() -> None:
    claims = [claim(Kind.EUROPEAN_HANDICAP, side, -15) for side in ("home", "draw", "away")]
    claims += [total("over", "50.5"), total("under", 48)]
    assert of_states(claims) == joint(claims, Scores(80))


def test_totals_alone_with_lines_in_the_hundreds() -> None:
    claims = [total("over", "220.5"), total("under", "221"), total("over", "3.25")]
    assert of_states(claims) == joint(claims, Scores(130))


def test_team_totals_beyond_any_grid() -> None:
    claims = [
        claim(Kind.TEAM_TOTAL_HOME, "over", "150.5"),
        claim(Kind.TEAM_TOTAL_AWAY, "under", "148"),
        ah("home", "-3.5"),
    ]
    assert of_states(claims) == joint(claims, Scores(165))


def test_high_scores_of_every_kind() -> None:
    rng = random.Random(31)
    for _ in range(6):
        kinds = (Kind.TEAM_TOTAL_HOME, Kind.TEAM_TOTAL_AWAY, Kind.MATCH_RESULT, Kind.ODD_EVEN)
        claims = [random_claim(rng, kinds, sums=(30, 45)) for _ in range(3)]
        claims += [random_claim(rng, (Kind.TOTAL,), sums=(65, 80)), random_claim(rng, (Kind.ASIAN_HANDICAP,))]
        claims = list(dict.fromkeys(claims))
        assert of_states(claims) == joint(claims, Scores(110)), claims


@pytest.mark.parametrize("seed", range(8))
def test_far_lines_of_margins_and_sums(seed: int) -> None:
    """Lines beyond any grid, close together and far apart, with odd and even."""
    rng = random.Random(seed)
    claims = [random_claim(rng, (Kind.ASIAN_HANDICAP, Kind.EUROPEAN_HANDICAP), (-50, 50)) for _ in range(4)]
    claims += [random_claim(rng, (Kind.TOTAL,), sums=(60, 90)) for _ in range(4)]
    claims += [random_claim(rng, BY_MARGIN_AND_SUM, (-3, 3), (80, 84)) for _ in range(3)]
    assert of_states(list(dict.fromkeys(claims))) == joint(list(dict.fromkeys(claims)), Scores(110))


def test_a_far_correct_score_can_happen() -> None:
    """If it could not, laying it would be free money."""
    claims = [claim(Kind.CORRECT_SCORE, "100-90"), HOME, total("over", "189.5")]
    assert of_states(claims) == joint(claims, Scores(110))


def test_halves_that_reach_too_far_are_refused() -> None:
    with pytest.raises(BadData, match="line"):
        states_of(frozenset([claim(Kind.TEAM_TOTAL_HOME, "over", "400.5", Period.FIRST_HALF), HOME]))


def test_claims_of_different_spaces_are_refused() -> None:
    other = claim(Kind.TOTAL, "over", "9.5", subject="corners")
    with pytest.raises(BadData, match="one space"):
        states_of(frozenset([HOME, other]))
    with pytest.raises(BadData, match="one space"):
        states_of(frozenset([HOME, claim(Kind.MONEYLINE, "home", None, Period.OVERTIME)]))


def test_results_are_witnesses_of_their_settlements() -> None:
    """Each state's result, settled again by the reference, gives the state's own column."""
    claims = [HOME, ah("away", "-0.25"), total("over", "2.75"), DRAW]
    states = states_of(frozenset(claims))
    for one in claims:
        for result, code in zip(states.results, states.codes[states.place[one]], strict=True):
            assert isinstance(result, Score)
            home, away = result.home, result.away
            expected = settlement_reference.settle(one.kind, one.selection, one.line, home, away)
            assert tuple(settlement_of(code)) == expected


def test_returns_of_quotes_on_states() -> None:
    check_sides_of_a_lay()
    states = states_of(frozenset([HOME]))
    (row,) = gross_returns([lay(ALPHA, HOME, "1.5")], states)
    assert sorted(row) == [0.0, 3.0]


def test_a_contract_pays_all_nothing_or_a_half() -> None:
    yes = claim(Kind.CONTRACT, "yes", subject="rain on Monday")
    states = states_of(frozenset([yes]))
    assert sorted(states.won[0]) == [0.0, 0.5, 1.0]
    returns = gross_returns([back(ALPHA, yes, "2.5"), lay(ALPHA, yes, "2.5")], states)
    by_hand = {won: (2.5 * won, 1 + 2 / 3 - won * (5 / 3)) for won in (0.0, 0.5, 1.0)}
    for won, column in zip(states.won[0], returns.T, strict=True):
        assert column == pytest.approx(by_hand[won])


def test_every_match_result_is_a_state_of_its_own() -> None:
    states = states_of(frozenset([HOME, DRAW, AWAY]))
    assert len(states.results) == 3
    assert sorted(states.won.sum(axis=0)) == [1.0, 1.0, 1.0]


# ------------------------------------------------------------------ what holds for every market


TIED = Course(Overtime.MAY_END_LEVEL, decider=True)
IN_SETS = Course(level=False, sets=Format((3, 5), games=True, short=True))
COVERS = [
    (kind, line, period, course)
    for kind in Kind
    if cover_of(kind)
    for line in (
        ("3", "2.5", "2.75", "-1.25")
        if kind in LADDERS
        else ("2",)
        if kind is Kind.EUROPEAN_HANDICAP
        else (None,)
    )
    for period, course in (
        (Period.FULL_TIME, OPEN),
        (Period.OVERTIME, TIED),
        (Period.FIRST_HALF, OPEN),
        (Period.FIRST_SET, IN_SETS),
        (Period.FULL_TIME, IN_SETS),
    )
    if kind not in (Kind.HALF_TIME_FULL_TIME, Kind.TO_QUALIFY) or (period, course) == (Period.FULL_TIME, OPEN)
]


@pytest.mark.parametrize(("kind", "line", "period", "course"), COVERS)
def test_of_a_cover_one_is_paid_and_all_are_refunded_alike(
    kind: Kind, line: str | None, period: Period, course: Course
) -> None:
    """So backing all of a market at its own odds costs its margin, neither more nor less, in every state."""
    subject = "games" if course is IN_SETS and kind not in (Kind.MATCH_RESULT, Kind.MONEYLINE) else "goals"
    cover = [claim(kind, selection, line, period, subject) for selection in cover_of(kind)]
    states = states_of(frozenset(cover), None, course)
    rows = [states.place[one] for one in cover]
    refunded = states.refunded[rows]
    assert (refunded == refunded[0]).all()
    assert (states.won[rows].sum(axis=0) == 1 - refunded[0]).all()


@pytest.mark.parametrize(
    ("period", "course", "subject"),
    [
        (Period.FULL_TIME, OPEN, "goals"),
        (Period.OVERTIME, TIED, "goals"),
        (Period.OVERTIME, IN_SETS, "games"),
    ],
)
@pytest.mark.parametrize(("kind", "selection", "up"), [(kind, *side) for kind, side in LADDERS.items()])
def test_a_ladder_of_lines_goes_one_way(
    kind: Kind, selection: str, up: bool, period: Period, course: Course, subject: str
) -> None:
    """In every state: more goals to beat never pays more, and more goals received never pays less."""
    first = -12 if kind is Kind.ASIAN_HANDICAP else 1
    ladder = [claim(kind, selection, Fraction(first + step, 4), period, subject) for step in range(24)]
    other = claim(Kind.MATCH_RESULT, "home", None, Period.FULL_TIME)
    states = states_of(
        frozenset([*ladder, other]) if period is Period.FULL_TIME else frozenset(ladder), None, course
    )
    rows = [states.place[one] for one in ladder]
    worth = 2 * states.won[rows] + states.refunded[rows]
    steps = np.diff(worth, axis=0)
    assert ((steps if up else -steps) >= 0).all()
    assert len(np.unique(worth, axis=1).T) == len(states.results) or period is Period.FULL_TIME
