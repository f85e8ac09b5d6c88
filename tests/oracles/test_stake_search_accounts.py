"""The judge of stakes with accounts judged: hand-worked plans, and random cases that are solved consistently."""

from __future__ import annotations

import random
from dataclasses import replace
from fractions import Fraction
from itertools import product

import pytest

from tests.oracles.stake_search import best_plan as plain_best_plan
from tests.oracles.stake_search import random_case
from tests.oracles.stake_search_accounts import (
    Account,
    AccountCase,
    AccountLeg,
    AccountPlan,
    back_leg,
    best_plan,
    combinations,
    free_leg,
    is_allowed,
    lay_leg,
    paid_in,
    profits,
)
from tests.oracles.stake_search_cases import MOST_COMBINATIONS, random_account_case, random_account_cases

F = Fraction
WON, LOST, REFUNDED = (F(1), F(0)), (F(0), F(0)), (F(0), F(1))
TEN = tuple(range(1, 11))
EVENS = (WON, LOST), (LOST, WON)


def pair(first: Account, second: Account, bank: str = "20", odds: str = "2.1") -> AccountCase:
    """Two backs against each other at two accounts, a unit a step."""
    legs = tuple(back_leg(number, TEN, F(1), F(odds), settled) for number, settled in enumerate(EVENS))
    return AccountCase((first, second), legs, F(bank))


def test_without_terms_it_is_the_plain_search() -> None:
    assert best_plan(pair(Account(), Account(), "11")) == AccountPlan((5, 5), F("0.5"), F(10))


def test_another_currency_is_weighed_by_its_rate() -> None:
    # A unit of the second is worth 2: 10 of the first and 5 of the second return 21 either way for 20.
    plan = best_plan(pair(Account(), Account(rate=F(2))))
    assert plan == AccountPlan((10, 5), F(1), F(20))


def test_a_balance_is_in_the_venues_own_currency() -> None:
    plan = best_plan(pair(Account(), Account(rate=F(2), balance=F(3)), "100"))
    # 3 of the second is 6 in the bank's money, so 6 on the first: 12.6 for 12.
    assert plan == AccountPlan((6, 3), F("0.6"), F(12))
    assert best_plan(pair(Account(balance=F(0)), Account())) is None


def test_tax_on_winnings_is_taken_from_each_bet_that_wins() -> None:
    # 10 and 10 at 2.1: the winner wins 11, pays 1.1 of it at 10 %, and the loser costs 10: minus 0.1.
    assert best_plan(pair(Account(tax_on_winnings=F(1, 10)), Account(tax_on_winnings=F(1, 10)))) is None
    # At 5 % 0.55 is paid: 11 − 0.55 − 10 = 0.45.
    plan = best_plan(pair(Account(tax_on_winnings=F(1, 20)), Account(tax_on_winnings=F(1, 20))))
    assert plan == AccountPlan((10, 10), F("0.45"), F(20))


def test_tax_on_stakes_is_paid_in_and_counts_against_bank_and_balance() -> None:
    taxed = Account(tax_on_stakes=F(1, 50))
    # 2 % on 9 and 9 is 0.36: 18.9 − 18.36 = 0.54; 10 and 10 would pay in 20.4.
    assert best_plan(pair(taxed, taxed)) == AccountPlan((9, 9), F("0.54"), F("18.36"))
    assert best_plan(pair(taxed, taxed, "20.4")) == AccountPlan((10, 10), F("0.6"), F("20.4"))
    tight = replace(taxed, balance=F(10))
    assert best_plan(pair(tight, taxed, "30")) == AccountPlan((9, 9), F("0.54"), F("18.36"))


def test_a_refund_does_not_bring_tax_on_stakes_back() -> None:
    legs = (back_leg(0, (10,), F(1), F(3), (WON, REFUNDED)),)
    case = AccountCase((Account(tax_on_stakes=F(1, 20)),), legs, F(20))
    assert profits(case, (10,)) == [F("19.5"), F("-0.5")]


def test_a_free_bet_costs_nothing_and_gives_back_odds_less_one() -> None:
    # A free 10 at 4 wins 30. Laid at 4.2, s of stake costs 3.2 s if it wins and gives s if it loses:
    # 30 − 3.2 s = s at s = 50/7; 7 gives 7.6 and 7, 8 gives 4.4.
    legs = (
        free_leg(0, (10,), F(1), F(4), (WON, LOST)),
        lay_leg(1, tuple(range(1, 12)), F(1), F("4.2"), (WON, LOST)),
    )
    case = AccountCase((Account(), Account()), legs, F(100))
    assert best_plan(case) == AccountPlan((10, 7), F(7), F("22.4"))
    assert profits(case, (10, 7)) == [F("7.6"), F(7)]


def test_a_free_bet_is_used_whole_or_in_its_steps() -> None:
    def case(counts: tuple[int, ...]) -> AccountCase:
        legs = (
            free_leg(0, counts, F(1), F(3), (WON, LOST)),
            back_leg(1, (1, 2, 3, 4), F(1), F(2), (LOST, WON)),
        )
        return AccountCase((Account(), Account()), legs, F(4))

    # Only 4 can be staked on the other side, which then wins 4; the free bet wins twice its stake, less these 4.
    assert best_plan(case((10,))) == AccountPlan((10, 4), F(4), F(4))
    # In steps 4 are enough: 8 − 4 = 4. More of it is no better, and the smaller counts come first.
    assert best_plan(case(tuple(range(1, 11)))) == AccountPlan((4, 4), F(4), F(4))
    # A free bet that is given back gives nothing.
    assert free_leg(0, (1,), F(5), F(3), (WON, REFUNDED)).returned == (F(10), F(0))


def test_a_largest_payout_bounds_what_comes_back() -> None:
    legs = (
        back_leg(0, TEN, F(1), F("2.1"), EVENS[0], largest=F(10)),
        back_leg(1, TEN, F(1), F("2.1"), EVENS[1]),
    )
    # Above 4 on the first no more than 10 comes back. 4 and 4 give 0.4; 5 and 4 give 1 and −0.6; 5 and 5 give nothing.
    assert best_plan(AccountCase((Account(), Account()), legs, F(20))) == AccountPlan((4, 4), F("0.4"), F(8))


def test_commission_is_on_the_group_and_tax_on_the_bet() -> None:
    legs = tuple(back_leg(0, (10,), F(1), F("2.1"), settled) for settled in EVENS)
    case = AccountCase((Account(rate=F(2), tax_on_winnings=F(1, 100)),), legs, F(40), ((F(1, 20), (0, 1)),))
    # Together they win 1 and pay 0.05; the winner pays 0.11 of its 11: 0.84 is left, worth 1.68.
    assert best_plan(case) == AccountPlan((10, 10), F("1.68"), F(40))


def test_a_lay_costs_its_liability() -> None:
    leg = lay_leg(0, (1,), F(2), F(4), (WON, LOST, REFUNDED, (F(1, 2), F(1, 2))))
    assert leg.cost == 6
    assert leg.returned == (F(0), F(8), F(6), F(3))


@pytest.mark.parametrize(
    ("legs", "groups", "words"),
    [
        ((), (), "a leg and a state"),
        ((AccountLeg(0, (1,), F(1), (F(1),)), AccountLeg(0, (1,), F(1), (F(1), F(2)))), (), "one payoff"),
        ((AccountLeg(0, (2, 1), F(1), (F(1),)),), (), "rise"),
        ((AccountLeg(0, (1,), F(1), (F(1),)),), ((F(1, 20), (0,)), (F(1, 20), (0,))), "one commission group"),
    ],
)
def test_malformed_cases_are_refused(
    legs: tuple[AccountLeg, ...], groups: tuple[tuple[Fraction, tuple[int, ...]], ...], words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        best_plan(AccountCase((Account(),), legs, F(10), groups))


def test_plain_cases_have_the_plain_answer() -> None:
    """The older search and this one agree where there is one account without terms."""
    rng = random.Random(5)
    compared = 0
    while compared < 15:
        plain = random_case(rng)
        if any(leg.min_count == 0 and leg.max_count == 0 for leg in plain.legs):
            continue
        legs = tuple(
            AccountLeg(
                0,
                tuple(range(max(1, leg.min_count), min(leg.max_count, plain.bank // leg.step) + 1)),
                leg.step,
                tuple(leg.step * gross for gross in leg.gross),
            )
            for leg in plain.legs
        )
        case = AccountCase((Account(),), legs, plain.bank, plain.groups)
        if combinations(case) > 5_000:
            continue
        compared += 1
        expected = plain_best_plan(plain.legs, plain.bank, plain.states, plain.groups)
        assert best_plan(case) == (expected and AccountPlan(*expected))


def test_nothing_allowed_is_better_than_the_best() -> None:
    """Every plan, valued in plain fractions; on small random cases."""
    looked_at = 0
    for case in random_account_cases(0, 90):
        if combinations(case) > 250:
            continue
        looked_at += 1
        found = best_plan(case)
        choices = [(0, *leg.counts) for leg in case.legs]
        allowed = [counts for counts in product(*choices) if is_allowed(case, counts)]
        ranked = min((-min(profits(case, counts)), paid_in(case, counts), counts) for counts in allowed)
        if found is None:
            assert ranked[0] >= 0
        else:
            assert (-found.worst, found.paid_in, found.counts) == ranked
    assert looked_at >= 15


def test_random_cases_are_mixed_and_the_same_every_time() -> None:
    cases = list(random_account_cases(0, 300))
    assert cases == [random_account_case(seed) for seed in range(300)]
    assert all(combinations(case) < MOST_COMBINATIONS for case in cases)
    accounts = [account for case in cases for account in case.accounts]
    legs = [leg for case in cases for leg in case.legs]
    assert len({account.rate for account in accounts}) > 4
    for has_it in (
        [account.balance is not None for account in accounts],
        [account.tax_on_stakes > 0 for account in accounts],
        [account.tax_on_winnings > 0 for account in accounts],
        [leg.cost == 0 and len(leg.counts) == 1 for leg in legs],
        [leg.cost == 0 and len(leg.counts) > 1 for leg in legs],
        [leg.largest is not None for leg in legs],
        [len(case.groups) > 0 for case in cases],
        [len(case.accounts) > 1 for case in cases],
    ):
        assert sum(has_it) >= 20
    solved = [best_plan(case) for case in cases[:60]]
    assert 15 <= sum(plan is not None for plan in solved) <= 50
