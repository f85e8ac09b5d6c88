"""Whole stakes: as good as trying them all, on drawn cases and on recorded prices."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossbook.arbitrage.instrument import instrument_of
from crossbook.arbitrage.solution import Solution, closed_form
from crossbook.arbitrage.stakes import grid_of, plan_stakes
from crossbook.arbitrage.states import States, states_of
from crossbook.model.opportunity import Plan
from crossbook.model.quote import Quote, Side
from crossbook.model.venue import Venue
from tests.arbitrage.checks import (
    Row,
    ThreeWays,
    baseline_rows,
    check_stakes_of_cases,
    check_stakes_of_rows,
    drawn_rows,
    resum,
    solved,
)
from tests.arbitrage.worlds import (
    ALPHA,
    AWAY,
    BRAVO,
    BTTS_NO,
    BTTS_YES,
    CARGO,
    DRAW,
    HOME,
    ah,
    back,
    book,
    lay,
)
from tests.oracles.stake_search import StakeLeg, best_plan

CASES = 504


@pytest.mark.parametrize("seed", range(6))
def test_plans_of_random_cases_are_the_best_of_all(seed: int) -> None:
    """Mixed steps, least and greatest stakes, lays, refunds, half wins and commission groups."""
    with_plan, without, more_legs = check_stakes_of_cases(CASES // 6, seed)
    print(
        f"seed {seed}: {with_plan} with a plan, {without} without, {more_legs} better on legs beside the optimum's"
    )
    assert with_plan >= CASES // 6 // 5
    assert without >= CASES // 6 // 5


@pytest.fixture(scope="module")
def rows(real_data: Path) -> list[Row]:
    return baseline_rows(real_data)


def as_legs(odds: tuple[Fraction, ...]) -> list[StakeLeg]:
    """Three legs, each paid in its own state."""
    return [
        StakeLeg(Fraction(1), 0, 1000, tuple(one if state == place else Fraction(0) for state in range(3)))
        for place, one in enumerate(odds)
    ]


def test_the_fast_search_is_the_slow_one(rows: list[Row]) -> None:
    fast = ThreeWays(40)
    agreed = set()
    for row in rows[:: len(rows) // 10][:10]:
        slow = best_plan(as_legs(row.odds), Fraction(40), 3)
        assert fast.best(row.odds) == (slow[1] if slow else None), row
        agreed.add(slow is None)
    assert agreed == {True, False}


def test_the_fast_search_is_the_slow_one_at_the_full_bank(rows: list[Row]) -> None:
    fast = ThreeWays(100)
    for row in rows[7 :: len(rows) // 3][:3]:
        slow = best_plan(as_legs(row.odds), Fraction(100), 3)
        assert fast.best(row.odds) == (slow[1] if slow else None), row


def test_plans_of_recorded_prices_are_the_best_of_all(rows: list[Row]) -> None:
    """All pre-match rows of the baseline; beside them what rounding each share to the nearest unit gives."""
    assert len(rows) == 2136
    shares = check_stakes_of_rows(rows)
    percent = [100 * count / shares.rows for count in shares[1:]]
    print(
        f"{shares.rows} rows, bank 100, unit 1: profit in every state with the best whole stakes {shares.optimal} "
        f"({percent[0]:.1f} %), with rounded shares {shares.naive} ({percent[1]:.1f} %), of these within the bank "
        f"{shares.naive_within_bank} ({percent[2]:.1f} %)"
    )
    assert shares.optimal >= shares.naive_within_bank
    assert shares.optimal >= shares.naive


def test_plans_of_drawn_prices_are_the_best_of_all() -> None:
    shares = check_stakes_of_rows(drawn_rows(60))
    assert shares.optimal > shares.naive_within_bank > 0


@given(st.integers(0, 59), st.sampled_from([17, 60, 100]))
def test_other_banks(number: int, bank: int) -> None:
    check_stakes_of_rows([drawn_rows(60)[number]], bank)


# ------------------------------------------------------------------ steps, limits, sentences


def limited(smallest: str | None = None, step: str | None = None) -> Venue:
    return Venue(
        id="limited",
        name="Limited",
        desk="limited",
        rules="bookmaker",
        step=None if step is None else Fraction(step),
        smallest=None if smallest is None else Fraction(smallest),
    )


def planned(quotes: list[Quote], bank: str = "100", unit: str = "1") -> Plan | str:
    solution, states, _ = solved(quotes)
    return plan_stakes(solution, states, Fraction(bank), Fraction(unit))


def test_what_a_grid_says() -> None:
    bank, unit = Fraction(100), Fraction(1, 2)
    grid = grid_of(back(ALPHA, HOME, 3), bank, unit)
    assert (grid.step, grid.risk, grid.least, grid.most) == (unit, unit, 1, 200)
    grid = grid_of(back(limited("3", "2"), HOME, 3, size=9), bank, unit)
    assert (grid.step, grid.risk, grid.least, grid.most) == (Fraction(2), Fraction(2), 2, 4)
    grid = grid_of(lay(ALPHA, HOME, 3), bank, unit)
    assert (grid.step, grid.risk, grid.least, grid.most) == (unit, Fraction(1), 1, 100)
    grid = grid_of(back(limited("3", "2"), HOME, 3, step="0.25"), bank, unit)
    assert (grid.step, grid.least) == (Fraction(1, 4), 12)


def test_the_size_on_offer_binds() -> None:
    quotes = [back(ALPHA, BTTS_YES, "2.2", size=7), back(BRAVO, BTTS_NO, "2.1")]
    plan = planned(quotes)
    assert isinstance(plan, Plan)
    amounts = {stake.amount for stake in plan.stakes}
    assert amounts == {Fraction(7)}
    assert plan.worst == Fraction("0.7")


def test_the_least_stake_binds() -> None:
    free = planned([back(limited(), BTTS_YES, "2.6"), back(BRAVO, BTTS_NO, "2.3")], bank="10")
    held = planned([back(limited("6"), BTTS_YES, "2.6"), back(BRAVO, BTTS_NO, "2.3")], bank="10")
    assert isinstance(free, Plan)
    assert free.worst == Fraction("1.5")
    assert isinstance(held, str)
    assert "no whole stakes" in held


def test_a_venue_that_takes_nothing_within_the_bank() -> None:
    words = planned([back(limited("500"), BTTS_YES, "2.6"), back(BRAVO, BTTS_NO, "2.3")])
    assert isinstance(words, str)
    assert "limits" in words


def test_nothing_profits_with_coins_too_large() -> None:
    words = planned(book(ALPHA, "3.05", "3.05", "3.05"), bank="5", unit="2")
    assert isinstance(words, str)
    assert "no whole stakes within the bank" in words


def test_a_leg_at_its_limit_may_be_left_out() -> None:
    """A small leg that takes no stake here is no reason to leave the others, which profit by themselves."""
    others = [back(BRAVO, ah("home", "0.75"), 2), back(CARGO, ah("away", "0.75"), "2.2")]
    small = back(ALPHA, AWAY, "1.9", size="0.5")
    solution, states, _ = solved([small, *others])
    assert len(solution.legs) == 3, "the small leg should be part of the optimum"
    assert isinstance(planned(others), Plan)
    plan = plan_stakes(solution, states, Fraction(100), Fraction(1))
    assert isinstance(plan, Plan)
    taken = {leg.quote.claim: stake.amount for leg, stake in zip(solution.legs, plan.stakes, strict=True)}
    assert taken[AWAY] == 0
    assert plan.worst > 0


def test_a_layer_stakes_the_backers_money_and_risks_more() -> None:
    quotes = [back(ALPHA, HOME, "4.6"), lay(BRAVO, HOME, 4)]
    plan = planned(quotes)
    assert isinstance(plan, Plan)
    solution, _, _ = solved(quotes)
    for leg, stake in zip(solution.legs, plan.stakes, strict=True):
        assert stake.risk == stake.amount * (3 if leg.quote.side is Side.LAY else 1)
    legs = [
        StakeLeg(Fraction(1), 0, 100, (Fraction(46, 10), Fraction(0))),
        StakeLeg(Fraction(3), 0, 33, (Fraction(0), Fraction(4, 3))),
    ]
    best = best_plan(legs, Fraction(100), 2)
    assert best is not None
    assert plan.worst == best[1]


@pytest.mark.parametrize(
    ("unit", "bank"), [("0.01", "100"), ("0.5", "1000"), ("5", "1000"), ("0.01", "25000")]
)
def test_other_units(unit: str, bank: str) -> None:
    """The worst case is never far from the share of the bank that the return promises, and exactly re-summed."""
    solution, states = three("3.1", "3.15", "3.05")
    plan = plan_stakes(solution, states, Fraction(bank), Fraction(unit))
    assert isinstance(plan, Plan)
    sums = resum([leg.quote.odds for leg in solution.legs], [stake.amount for stake in plan.stakes])
    assert (plan.worst, plan.best) == (min(sums), max(sums))
    promised = Fraction(bank) * (solution.guaranteed_return - 1)
    assert promised - 4 * Fraction(unit) < plan.worst <= promised


def three(*odds: str) -> tuple[Solution, States]:
    quotes = [
        back(venue, what, one)
        for venue, what, one in zip((ALPHA, BRAVO, CARGO), (HOME, DRAW, AWAY), odds, strict=True)
    ]
    states = states_of(frozenset(quote.claim for quote in quotes))
    solution = closed_form([instrument_of(quote) for quote in quotes], states)
    assert solution is not None
    return solution, states
