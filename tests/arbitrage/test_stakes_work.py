"""What the search for whole stakes may cost: counted in totals, columns and branches, never in time."""

from __future__ import annotations

import random
from fractions import Fraction

import highspy
import pytest

from crossbook.arbitrage import program, relaxed, search, stakes
from crossbook.arbitrage.find import opportunities
from crossbook.arbitrage.instrument import instrument_of, worst_and_best
from crossbook.arbitrage.outcomes import Outcomes
from crossbook.arbitrage.program import Columns
from crossbook.arbitrage.search import Found, best_counts
from crossbook.arbitrage.solution import exact_solution
from crossbook.arbitrage.stakes import plan_stakes
from crossbook.arbitrage.states import states_of
from crossbook.arbitrage.terms import Terms
from crossbook.model.claim import Kind
from crossbook.model.opportunity import Opportunity, Plan
from crossbook.model.quote import Contest, Quote
from tests.arbitrage.boards import VENUES, quarters, sides
from tests.arbitrage.checks import solved
from tests.arbitrage.worlds import ALPHA, BRAVO, BTTS_NO, BTTS_YES, back, claim, event

Patch = pytest.MonkeyPatch


def test_totals_beyond_what_is_on_offer_are_not_tried(monkeypatch: Patch) -> None:
    quotes = [back(ALPHA, BTTS_YES, "2.2", size=7), back(BRAVO, BTTS_NO, "2.1", size=9)]
    solution, states, _ = solved(quotes)
    tried: list[int] = []
    real = stakes._Boxes.at

    def counted(self: stakes._Boxes, count: int, to_beat: float) -> list[list[int]] | None:
        tried.append(count)
        return real(self, count, to_beat)

    monkeypatch.setattr(stakes._Boxes, "at", counted)
    plan = plan_stakes(solution, states, Fraction(1000), Fraction(1, 100))
    assert isinstance(plan, Plan)
    assert plan.stakes[0].amount == 7
    assert plan.worst == Fraction("1.063"), "7 at 2.2 against 7.33 at 2.1"
    assert max(tried) <= 1_600
    assert len(tried) < 200


def test_a_search_by_points_that_grows_too_long_is_left_to_the_solver(monkeypatch: Patch) -> None:
    quotes = [back(ALPHA, BTTS_YES, "2.13"), back(BRAVO, BTTS_NO, "2.17")]
    solution, states, _ = solved(quotes)
    terms = Fraction(40), Fraction(1)
    points = plan_stakes(solution, states, *terms)
    monkeypatch.setattr(stakes, "_MOST_TRIED", 0)
    counted = plan_stakes(solution, states, *terms)
    assert isinstance(points, Plan)
    assert isinstance(counted, Plan)
    assert counted.worst == points.worst


def ladder(levels: int) -> list[Quote]:
    """Two sides of one market, each with many small levels, every one a little worse than the one before."""
    return [
        back(venue, what, Fraction(2300 - level, 1000), size=Fraction(2 + level % 3, 2))
        for venue, what in ((ALPHA, BTTS_YES), (BRAVO, BTTS_NO))
        for level in range(levels)
    ]


@pytest.mark.parametrize("levels", [10, 300])
def test_of_deep_ladders_the_best_levels_are_used(levels: int, monkeypatch: Patch) -> None:
    asked: list[int] = []

    def counted(outcomes: Outcomes, most_entries: int) -> Found:
        asked.append(len(outcomes.gains))
        return best_counts(outcomes, most_entries)

    monkeypatch.setattr(stakes, "best_counts", counted)
    quotes = ladder(levels)
    terms = Terms(bank=Fraction(1000), unit=Fraction(1, 2), least_margin=Fraction(0))
    (found,) = [
        one
        for one in opportunities([(event(), quotes)], terms)
        if isinstance(one, Opportunity) and one.verdict.value == "pure"
    ]
    assert isinstance(found.plan, Plan)
    assert max(asked) <= 2 + stakes._MOST_DEEPER
    assert len(found.legs) > 10
    ranks = {
        what: sorted(leg.quote.rank for leg in found.legs if leg.quote.claim is what)
        for what in (BTTS_YES, BTTS_NO)
    }
    for each in ranks.values():
        assert each[-1] == 2.3
        assert each[-1] - each[0] < 0.025


def test_a_search_that_branches_too_often_still_gives_stakes_that_hold(monkeypatch: Patch) -> None:
    rng = random.Random(22)
    quotes = [
        back(
            rng.choice(VENUES),
            one,
            Fraction(rng.randint(170, 240), 100),
            step=Fraction(rng.choice((7, 11, 13)), 100),
        )
        for one in sides([Fraction(1, 2), Fraction(5, 2), Fraction(7, 2)], quarters("-1", "1"))
    ]
    solution, states, _ = solved(quotes)
    best = plan_stakes(solution, states, Fraction(300), Fraction(1))
    asked: list[str] = []
    real = program.optimum

    def counted(model: highspy.Highs) -> None:
        real(model)
        asked.append(model.modelStatusToString(model.getModelStatus()))

    monkeypatch.setattr(relaxed, "optimum", counted)
    monkeypatch.setattr(relaxed, "_MOST_NODES", 0)
    monkeypatch.setattr(search, "_FEW", 0)
    monkeypatch.setattr(stakes, "_MOST_ENTRIES", 0)
    plan = plan_stakes(solution, states, Fraction(300), Fraction(1))
    assert asked[0] == "Solution limit reached"
    assert isinstance(plan, Plan)
    assert isinstance(best, Plan)
    worst, _ = worst_and_best(solution.legs, [stake.risk for stake in plan.stakes], states)
    assert 0 < plan.worst == worst <= best.worst


@pytest.mark.parametrize("price", ["9.6", "12"])
def test_the_stakes_of_a_large_field_lie_next_to_its_shares(price: str) -> None:
    """Nine runners and their dead heats are too much to search whole stakes for; profits are summed exactly."""
    names = tuple(f"r{number:02}" for number in range(9))
    contest = Contest("race", names, places=2)
    quotes = [
        back(
            VENUES[place % 10],
            claim(Kind.PLACE, name, subject="race"),
            Fraction(price) / 2 + Fraction(place, 50),
        )
        for place, name in enumerate(names)
    ]
    states = states_of(frozenset(quote.claim for quote in quotes), contest)
    instruments = [instrument_of(quote) for quote in quotes]
    _, shares = program.best_shares(Columns(instruments, states))
    solution = exact_solution(instruments, shares, states)
    assert solution.guaranteed_return > 1
    assert len(solution.legs) * len(states.results) <= stakes._MOST_SEARCHED
    plans = []
    for most in (stakes._MOST_SEARCHED, 0):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(stakes, "_MOST_SEARCHED", most)
            plans.append(plan_stakes(solution, states, Fraction(2_000), Fraction(1)))
    searched, near = plans
    assert isinstance(searched, Plan)
    assert isinstance(near, Plan)
    worst, _ = worst_and_best(solution.legs, [stake.risk for stake in near.stakes], states)
    assert near.staked <= 2_000
    assert 0 < near.worst == worst <= searched.worst


def test_where_nothing_next_to_the_shares_profits_it_is_said_that_no_more_was_searched(
    monkeypatch: Patch,
) -> None:
    quotes = [back(ALPHA, BTTS_YES, "2.02"), back(BRAVO, BTTS_NO, "2.02", step=3)]
    solution, states, _ = solved(quotes)
    monkeypatch.setattr(stakes, "_MOST_SEARCHED", 0)
    words = plan_stakes(solution, states, Fraction(2), Fraction(1))
    assert isinstance(words, str)
    assert words.startswith("too many legs and states")
