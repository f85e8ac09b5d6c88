"""Stakes from real accounts are the best there are: small cases in which the judge tries every plan.

``python -m tests.arbitrage.test_stakes_by_trying_all 2000`` looks at so many cases and says what it saw.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable
from fractions import Fraction
from typing import NamedTuple

import numpy as np
import pytest

from crossbook.arbitrage import search
from crossbook.arbitrage.accounts import Account, Accounts, FreeBet
from crossbook.arbitrage.choices import Bet, Choice, limits_of
from crossbook.arbitrage.outcomes import Outcomes
from crossbook.arbitrage.search import best_counts
from crossbook.arbitrage.settled import code_of
from crossbook.arbitrage.states import States
from crossbook.arbitrage.terms import Terms
from crossbook.model.claim import Claim, Kind
from crossbook.model.quote import Quote, Side
from crossbook.model.settlement import Settlement
from crossbook.model.venue import bookmaker, exchange
from tests.oracles.stake_search_accounts import AccountCase, AccountLeg, best_plan
from tests.oracles.stake_search_cases import random_account_cases

_EASY = 200
_HARD = 80


class Board(States):
    """States in which every leg is a claim of its own, settled as the case says."""

    def __init__(self, settled: dict[Claim, list[Settlement]]) -> None:
        self.claims = tuple(settled)
        self.place = {claim: place for place, claim in enumerate(self.claims)}
        self.codes = np.array([[code_of(each) for each in row] for row in settled.values()], np.uint16)
        self.results = ()


class Ours(NamedTuple):
    """The case as we are asked it."""

    choices: list[Choice]
    states: States
    terms: Terms


def asked(case: AccountCase) -> Ours | None:
    """The case in our words, None where it says what no account of ours can: some steps left out, a payout cut off."""
    rates = {members[0]: rate for rate, members in case.groups}
    of_account = {case.legs[first].account: rate for first, rate in rates.items()}
    settled: dict[Claim, list[Settlement]] = {}
    choices, free_bets = [], []
    for number, leg in enumerate(case.legs):
        if leg.largest is not None or leg.counts != tuple(range(leg.counts[0], leg.counts[-1] + 1)):
            return None
        claim = Claim.of(Kind.CONTRACT, "yes", subject=f"leg {number}")
        odds, settled[claim] = _as_a_back(leg)
        name, rate = f"venue {leg.account}", of_account.get(leg.account)
        venue = bookmaker(name, name) if rate is None else exchange(name, name, rate)
        quote = Quote(venue, claim, Side.BACK, odds, market_id="one")
        free = (
            FreeBet(name=f"free {number}", venue=name, amount=Fraction(leg.counts[-1]))
            if not leg.cost
            else None
        )
        free_bets += [free] if free else []
        choices.append(Choice(Bet(quote, leg.cost or Fraction(1), free), leg.counts[0], leg.counts[-1]))
    accounts = Accounts(
        venues={
            f"venue {number}": Account(
                currency=f"C{number}",
                balance=each.balance,
                tax_on_winnings=each.tax_on_winnings,
                tax_on_stakes=each.tax_on_stakes,
            )
            for number, each in enumerate(case.accounts)
        },
        rates={f"C{number}": each.rate for number, each in enumerate(case.accounts)},
        free_bets=tuple(free_bets),
    )
    return Ours(choices, Board(settled), Terms(case.bank, accounts=accounts))


def _as_a_back(leg: AccountLeg) -> tuple[Fraction, list[Settlement]]:
    """Odds and settlements under which a back gains what a step of the leg gains; a free bet's stake is one."""
    staked = leg.cost or Fraction(1)
    gains = [back - leg.cost for back in leg.returned]
    odds = 1 + max(max(gains), Fraction(1, 100)) / staked
    settled = []
    for gain in gains:
        if gain >= 0:
            won = gain / (staked * (odds - 1))
            settled.append(Settlement(won, 1 - won))
        else:
            settled.append(Settlement(Fraction(0), 1 + gain / staked))
    return odds, settled


def looked_at(cases: Iterable[AccountCase]) -> Counter[str]:
    """Compare our best plans with the judge's; how many there were of which sort."""
    seen: Counter[str] = Counter()
    for case in cases:
        ours = asked(case)
        if ours is None:
            seen["cannot be asked"] += 1
            continue
        outcomes = Outcomes(
            ours.choices, ((),), ours.states, ours.terms.accounts, limits_of(ours.choices, ours.terms)
        )
        found = best_counts(outcomes)
        worst = Fraction(found.worst, outcomes.scale)
        right = best_plan(case)
        if right is None:
            assert worst <= 0, (case, found)
            seen["nothing to gain"] += 1
        elif found.proven:
            assert worst == right.worst, (case, found, right)
            paid = sum(
                (
                    count
                    * leg.cost
                    * (1 + case.accounts[leg.account].tax_on_stakes)
                    * case.accounts[leg.account].rate
                    for count, leg in zip(found.counts, case.legs, strict=True)
                ),
                Fraction(0),
            )
            assert paid == right.paid_in, (case, found, right)
            seen["planned"] += 1
        else:
            assert worst <= right.worst, (case, found, right)
            seen["planned, not proven"] += 1
    return seen


def test_the_best_of_all_plans_is_found() -> None:
    seen = looked_at(random_account_cases(0, _EASY))
    assert seen["planned"] > 30
    assert not seen["planned, not proven"]


def test_the_solver_finds_it_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "_FEW", 0)
    seen = looked_at(random_account_cases(10_000, _HARD))
    assert seen["planned"] > 8


if __name__ == "__main__":
    print(dict(looked_at(random_account_cases(0, int(sys.argv[1])))))
    vars(search)["_FEW"] = 0
    print("by the solver:", dict(looked_at(random_account_cases(50_000, int(sys.argv[1]) // 4))))
