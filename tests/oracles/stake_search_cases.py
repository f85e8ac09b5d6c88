"""Random small cases for stakes with accounts: the same number always gives the same case."""

from __future__ import annotations

import random
from collections.abc import Iterator
from fractions import Fraction

from tests.oracles.stake_search_accounts import (
    Account,
    AccountCase,
    AccountLeg,
    back_leg,
    combinations,
    free_leg,
    lay_leg,
)

Settled = tuple[Fraction, Fraction]
MOST_COMBINATIONS = 6_000
_WON, _LOST, _REFUNDED = (Fraction(1), Fraction(0)), (Fraction(0), Fraction(0)), (Fraction(0), Fraction(1))
_HALF_WON, _HALF_LOST = (Fraction(1, 2), Fraction(1, 2)), (Fraction(0), Fraction(1, 2))
_RATES = tuple(map(Fraction, ("1", "1", "1", "6/5", "17/20", "107/100", "1/16000", "0.0917")))
_STEPS = tuple(map(Fraction, ("1", "1", "1", "1/2", "2", "5", "3/4")))


def _account(rng: random.Random) -> Account:
    rate = rng.choice(_RATES)
    balance = None
    if rng.random() < 0.5:
        balance = Fraction(rng.choice((3, 7, 10, 12, 20, 33))) / rate
    return Account(
        rate,
        balance,
        tax_on_stakes=rng.choice((Fraction(0),) * 7 + (Fraction(1, 20), Fraction(53, 1000))),
        tax_on_winnings=rng.choice((Fraction(0),) * 7 + (Fraction(1, 10), Fraction(3, 20))),
    )


def _counts(rng: random.Random, most: int) -> tuple[int, ...]:
    """Every number of steps from a least to a largest, or now and then only some of them."""
    least = rng.choice((1, 1, 1, 2, 4))
    largest = min(most, rng.choice((1000, 1000, 8, 5)))
    stride = rng.choice((1, 1, 1, 1, 2, 3))
    return tuple(range(least, largest + 1, stride))


def _settled(rng: random.Random, wins: set[int], states: int) -> list[Settled]:
    """How a claim is settled in every state: plainly, with a refund, or by halves."""
    settled = [_WON if state in wins else _LOST for state in range(states)]
    manner = rng.choice(("plain", "plain", "plain", "refund", "quarter"))
    losing = [state for state in range(states) if state not in wins]
    if manner == "refund" and losing:
        settled[rng.choice(losing)] = _REFUNDED
    if manner == "quarter":
        state = rng.randrange(states)
        settled[state] = _HALF_WON if state in wins else _HALF_LOST
    return settled


def _odds(rng: random.Random, chance: Fraction, edge: Fraction) -> Fraction:
    exact = (1 + edge) / chance
    return max(Fraction(105, 100), Fraction(round(exact * 100) + rng.randint(-1, 1), 100))


def _leg(
    rng: random.Random, accounts: list[Account], wins: set[int], chances: list[Fraction], edge: Fraction
) -> AccountLeg:
    states = len(chances)
    number = rng.randrange(len(accounts))
    rate = accounts[number].rate
    step = rng.choice(_STEPS)
    if rate < Fraction(1, 100):  # a currency of which it takes many
        step *= 10_000
    if rate != 1 and rng.random() < 0.3:
        step = step * 3 / 2
    manner = rng.choice(("back", "back", "back", "lay", "free"))
    losing = set(range(states)) - wins
    if manner == "lay" and losing:
        against = sum((chances[state] for state in losing), Fraction(0))
        odds = max(Fraction(106, 100), _odds(rng, against, -edge))
        cost = step * (odds - 1) * rate
        return lay_leg(number, _counts(rng, _most(rng, cost)), step, odds, _settled(rng, losing, states))
    chance = sum((chances[state] for state in wins), Fraction(0))
    odds = _odds(rng, chance, edge)
    settled = _settled(rng, wins, states)
    largest = None
    if rng.random() < 0.2:
        largest = step * odds * rng.randint(2, 8)
    if manner == "free":
        amount = rng.randint(1, 6)
        counts = (amount,) if rng.random() < 0.6 else tuple(range(1, amount + 1))
        return free_leg(number, counts, step, odds, settled, largest)
    return back_leg(number, _counts(rng, _most(rng, step * rate)), step, odds, settled, largest)


def _most(rng: random.Random, worth: Fraction) -> int:
    """So many steps that they are worth about as much as a small bank."""
    return max(2, min(24, int(rng.choice((12, 20, 30)) / worth)))


def random_account_case(seed: int) -> AccountCase:
    """A case of 2 to 4 legs, 2 to 5 states and 1 to 3 accounts, with fewer than `MOST_COMBINATIONS` plans."""
    rng = random.Random(f"stakes/{seed}")
    while True:
        states = rng.randint(2, 5)
        leg_count = rng.randint(2, min(4, states + 1))
        weights = [rng.randint(1, 8) for _ in range(states)]
        chances = [Fraction(weight, sum(weights)) for weight in weights]
        covering = min(leg_count, states)
        owner = [*range(covering), *(rng.randrange(covering) for _ in range(states - covering))]
        rng.shuffle(owner)
        edge = Fraction(rng.randint(-3, 22), 100)
        accounts = [_account(rng) for _ in range(rng.randint(1, 3))]
        legs = []
        for number in range(leg_count):
            wins = {state for state in range(states) if owner[state] == number}
            wins = wins or set(rng.sample(range(states), rng.randint(1, states - 1)))
            legs.append(_leg(rng, accounts, wins, chances, edge))
        groups: list[tuple[Fraction, tuple[int, ...]]] = []
        for account in range(len(accounts)):
            members = tuple(place for place, leg in enumerate(legs) if leg.account == account)
            if members and rng.random() < 0.3:
                groups.append((rng.choice((Fraction(1, 50), Fraction(1, 20), Fraction(7, 100))), members))
        case = AccountCase(
            tuple(accounts), tuple(legs), Fraction(rng.choice((10, 15, 20, 25, 40))), tuple(groups)
        )
        if all(leg.counts for leg in legs) and combinations(case) < MOST_COMBINATIONS:
            return case


def random_account_cases(first: int, count: int) -> Iterator[AccountCase]:
    """So many cases from a number on."""
    for seed in range(first, first + count):
        yield random_account_case(seed)
