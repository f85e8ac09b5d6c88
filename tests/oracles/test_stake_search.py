"""The judge of stakes judged: hand-worked plans, and random cases that are solved consistently."""

from __future__ import annotations

import random
from fractions import Fraction

import pytest

from tests.oracles.stake_search import (
    StakeLeg,
    best_plan,
    combinations,
    naive_plan,
    net_profits,
    random_case,
    staked_by,
)

F = Fraction


def test_two_even_legs_take_the_whole_bank() -> None:
    legs = [StakeLeg(F(1), 0, 100, (F("2.1"), F(0))), StakeLeg(F(1), 0, 100, (F(0), F("2.1")))]
    assert best_plan(legs, F(10), 2) == ((5, 5), F(1, 2), F(10))


def test_an_odd_bank_is_not_used_up() -> None:
    # 5 and 6 would risk 11 to get 10.5 back in one state; 5 and 5 return 10.5 for 10 in both.
    legs = [StakeLeg(F(1), 0, 100, (F("2.1"), F(0))), StakeLeg(F(1), 0, 100, (F(0), F("2.1")))]
    assert best_plan(legs, F(11), 2) == ((5, 5), F(1, 2), F(10))


def test_steps_limits_and_minimum_counts() -> None:
    legs = [StakeLeg(F(5), 0, 1, (F(3), F(0))), StakeLeg(F(1, 2), 4, 100, (F(0), F(2)))]
    # 5 on the first pays 15; the second must pay more than both stakes: 5 + s < 2 s, and 15 > 5 + s.
    assert best_plan(legs, F(100), 2) == ((1, 15), F(5, 2), F(25, 2))
    tight = [legs[0], StakeLeg(F(1, 2), 30, 100, (F(0), F(2)))]
    assert best_plan(tight, F(100), 2) is None
    assert best_plan([legs[0], StakeLeg(F(1, 2), 4, 10, (F(0), F(2)))], F(100), 2) is None


def test_no_profit_gives_no_plan() -> None:
    legs = [StakeLeg(F(1), 0, 100, (F(2), F(0))), StakeLeg(F(1), 0, 100, (F(0), F(2)))]
    assert best_plan(legs, F(50), 2) is None


def test_commission_is_taken_on_the_group_and_only_on_winnings() -> None:
    # Two exchange legs against each other win 1 in either state for 10 each; at 5 % commission 0.95 is left.
    legs = [StakeLeg(F(10), 0, 1, (F("2.1"), F(0))), StakeLeg(F(10), 0, 1, (F(0), F("2.1")))]
    together = [(F(1, 20), (0, 1))]
    apart = [(F(1, 20), (0,)), (F(1, 20), (1,))]
    assert best_plan(legs, F(20), 2, together) == ((1, 1), F("0.95"), F(20))
    assert best_plan(legs, F(20), 2, apart) == ((1, 1), F("0.45"), F(20))


def test_among_equal_plans_the_smaller_stake_wins() -> None:
    legs = [
        StakeLeg(F(1), 0, 10, (F(3), F(0))),
        StakeLeg(F(1), 0, 2, (F(0), F(3))),
        StakeLeg(F(1), 0, 10, (F(1), F(1))),
    ]
    assert best_plan(legs, F(10), 2) == ((2, 2, 0), F(2), F(4))


def test_a_leg_in_two_groups_is_refused() -> None:
    legs = [StakeLeg(F(1), 0, 1, (F(2), F(0)))]
    with pytest.raises(ValueError, match="one commission group"):
        best_plan(legs, F(1), 2, [(F(1, 20), (0,)), (F(1, 20), (0,))])


def test_naive_rounding_can_pass_the_bank_and_lose() -> None:
    third = F(1, 3)
    assert naive_plan((third, third, third), F(100), F(1)) == (33, 33, 33)
    assert naive_plan((F(1, 2), F(1, 2)), F(5), F(1)) == (3, 3)
    assert naive_plan((F(3, 4), F(1, 4)), F(10), F(5)) == (2, 1)


def test_random_cases_are_small_mixed_and_solved_consistently() -> None:
    rng = random.Random(20260316)
    cases = [random_case(rng) for _ in range(150)]
    profitable = 0
    for case in cases:
        assert combinations(case.legs, case.bank) < 50_000
        plan = best_plan(case.legs, case.bank, case.states, case.groups)
        if plan is None:
            continue
        profitable += 1
        counts, worst, staked = plan
        assert worst == min(net_profits(case.legs, counts, case.states, case.groups)) > 0
        assert staked == staked_by(case.legs, counts) <= case.bank
        for leg, count in zip(case.legs, counts, strict=True):
            assert count == 0 or leg.min_count <= count <= leg.max_count
        for _ in range(20):
            other = [rng.choice([0, rng.randint(leg.min_count, max(leg.min_count, 8))]) for leg in case.legs]
            allowed = all(count <= leg.max_count for leg, count in zip(case.legs, other, strict=True))
            if allowed and staked_by(case.legs, other) <= case.bank:
                assert min(net_profits(case.legs, other, case.states, case.groups)) <= worst
    assert 50 <= profitable <= 100
    assert any(case.groups for case in cases)
