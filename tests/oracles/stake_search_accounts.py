"""The best whole-number stakes with real accounts: tried out one by one, all of them.

A plan says how many steps go on each leg. Money at a venue is in that venue's currency; the plan is judged in the
bank's. In each state of the world the net profit is what comes back less what was paid in:

* a leg pays back `returned` for each step, but never more than its largest payout for one bet;
* a commission group loses its rate of what its legs win together, if they win;
* tax on winnings is taken from each bet by itself, from what it wins beyond what it cost, before commission;
* tax on stakes is paid in when the bet is made, on top of its cost, and never comes back;
* a free bet costs nothing and gives back winnings alone; it may only be staked in the amounts it allows.

The best plan has the greatest worst case; among equals, the one that pays in least; among those, the one whose counts
come first in dictionary order. All numbers are whole after one common multiplication.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm

NO_TAX = Fraction(0)


@dataclass(frozen=True)
class Account:
    """Money at one venue: what one unit of its currency is worth in the bank's, what is there, and what is taxed."""

    rate: Fraction = Fraction(1)
    balance: Fraction | None = None
    """In the venue's currency; None where it sets no bound."""
    tax_on_stakes: Fraction = NO_TAX
    tax_on_winnings: Fraction = NO_TAX


@dataclass(frozen=True)
class AccountLeg:
    """One bet that may be made at an account, in the account's currency.

    `counts` are the numbers of steps that are allowed besides none, rising. `cost` is the money at risk for each step
    (a lay's liability; nothing for a free bet) and `returned[s]` what comes back for each step in state `s`, the cost
    included. `largest` bounds what comes back of the whole bet.
    """

    account: int
    counts: tuple[int, ...]
    cost: Fraction
    returned: tuple[Fraction, ...]
    largest: Fraction | None = None


@dataclass(frozen=True)
class AccountCase:
    """One problem: accounts, legs, the most that may be paid in (bank's currency), and commission groups.

    A group is a rate and the numbers of its legs, all of one account; a leg is in one group at most.
    """

    accounts: tuple[Account, ...]
    legs: tuple[AccountLeg, ...]
    bank: Fraction
    groups: tuple[tuple[Fraction, tuple[int, ...]], ...] = ()

    @property
    def states(self) -> int:
        """How many states of the world there are."""
        return len(self.legs[0].returned)


@dataclass(frozen=True)
class AccountPlan:
    """The counts, the worst net profit and the money paid in (both in the bank's currency)."""

    counts: tuple[int, ...]
    worst: Fraction
    paid_in: Fraction


def back_leg(
    account: int,
    counts: Sequence[int],
    step: Fraction,
    odds: Fraction,
    settled: Sequence[tuple[Fraction, Fraction]],
    largest: Fraction | None = None,
) -> AccountLeg:
    """A back at `odds`: a step of stake on a claim of which `settled` gives the won and the refunded share by state."""
    returned = tuple(step * (won * odds + refunded) for won, refunded in settled)
    return AccountLeg(account, tuple(counts), step, returned, largest)


def lay_leg(
    account: int,
    counts: Sequence[int],
    step: Fraction,
    odds: Fraction,
    settled: Sequence[tuple[Fraction, Fraction]],
) -> AccountLeg:
    """A lay at `odds`: a step is of the backer's stake, and what it costs is the liability."""
    cost = step * (odds - 1)
    returned = tuple(cost + step * ((1 - won - refunded) - won * (odds - 1)) for won, refunded in settled)
    return AccountLeg(account, tuple(counts), cost, returned)


def free_leg(
    account: int,
    counts: Sequence[int],
    step: Fraction,
    odds: Fraction,
    settled: Sequence[tuple[Fraction, Fraction]],
    largest: Fraction | None = None,
) -> AccountLeg:
    """A free bet at `odds`: the stake is not ours, so a win gives back odds less one and a refund nothing."""
    returned = tuple(step * won * (odds - 1) for won, _ in settled)
    return AccountLeg(account, tuple(counts), Fraction(0), returned, largest)


def paid_in(case: AccountCase, counts: Sequence[int]) -> Fraction:
    """The money that a plan pays in, tax on stakes included, in the bank's currency."""
    return sum(
        (case.accounts[number].rate * amount for number, amount in enumerate(_by_account(case, counts))),
        Fraction(0),
    )


def _by_account(case: AccountCase, counts: Sequence[int]) -> list[Fraction]:
    amounts = [Fraction(0)] * len(case.accounts)
    for leg, count in zip(case.legs, counts, strict=True):
        amounts[leg.account] += count * leg.cost * (1 + case.accounts[leg.account].tax_on_stakes)
    return amounts


def is_allowed(case: AccountCase, counts: Sequence[int]) -> bool:
    """Whether every count is one the venue takes and no balance and not the bank is passed."""
    if any(count and count not in leg.counts for leg, count in zip(case.legs, counts, strict=True)):
        return False
    amounts = _by_account(case, counts)
    fits = all(
        account.balance is None or amount <= account.balance
        for account, amount in zip(case.accounts, amounts, strict=True)
    )
    return fits and paid_in(case, counts) <= case.bank


def profits(case: AccountCase, counts: Sequence[int]) -> list[Fraction]:
    """The net profit of a plan in every state, in the bank's currency, written out in fractions."""
    found = []
    for state in range(case.states):
        total = -paid_in(case, counts)
        wins = []
        for leg, count in zip(case.legs, counts, strict=True):
            account = case.accounts[leg.account]
            back = count * leg.returned[state]
            if leg.largest is not None:
                back = min(back, leg.largest)
            win = back - count * leg.cost
            wins.append(win)
            total += account.rate * (back - account.tax_on_winnings * max(Fraction(0), win))
        for rate, members in case.groups:
            together = sum((wins[number] for number in members), Fraction(0))
            total -= case.accounts[case.legs[members[0]].account].rate * rate * max(Fraction(0), together)
        found.append(total)
    return found


def combinations(case: AccountCase) -> int:
    """How many plans there are before any is dropped for its money."""
    product = 1
    for leg in case.legs:
        product *= 1 + len(leg.counts)
    return product


@dataclass(frozen=True)
class _Choice:
    """One count of a leg: what it costs its account, what it adds to every state, and to its group."""

    count: int
    pays: int
    gains: tuple[int, ...]
    wins: tuple[int, ...]


def _check(case: AccountCase) -> None:
    if not case.legs or not case.states:
        raise ValueError("legs: a plan needs a leg and a state")
    if any(len(leg.returned) != case.states for leg in case.legs):
        raise ValueError("returned: every leg needs one payoff for each state")
    if any(
        sorted(set(leg.counts)) != list(leg.counts) or min(leg.counts, default=1) < 1 for leg in case.legs
    ):
        raise ValueError("counts: must be above none and rise")
    members = [number for _, indices in case.groups for number in indices]
    if len(members) != len(set(members)):
        raise ValueError("groups: a leg belongs to one commission group at most")
    if any(len({case.legs[number].account for number in indices}) != 1 for _, indices in case.groups):
        raise ValueError("groups: the legs of one are of one account")


def best_plan(case: AccountCase) -> AccountPlan | None:
    """The best plan of all, or None if none profits in every state. Raises ValueError for a case that is malformed."""
    _check(case)
    factor = _factor(case)
    choices = [_choices(case, leg, factor) for leg in case.legs]
    rates = [
        (case.accounts[case.legs[members[0]].account].rate * rate, members) for rate, members in case.groups
    ]
    # Winnings of a group are counted in the venue's currency, scaled; its commission in whole numbers of the bank's.
    takes = [(rate.numerator, rate.denominator, members) for rate, members in rates]
    balances = [None if account.balance is None else account.balance * factor for account in case.accounts]
    worth = [account.rate for account in case.accounts]
    bank = case.bank * factor
    best: tuple[int, Fraction, tuple[int, ...]] | None = None
    for picked in _affordable(case, choices, balances, [Fraction(0)] * len(case.accounts), 0):
        paid = sum(
            (worth[leg.account] * choice.pays for leg, choice in zip(case.legs, picked, strict=True)),
            Fraction(0),
        )
        if paid > bank:
            continue
        totals = [sum(column) for column in zip(*(choice.gains for choice in picked), strict=True)]
        for above, below, members in takes:
            for state in range(case.states):
                together = sum(picked[number].wins[state] for number in members)
                if together > 0:
                    taken, rest = divmod(together * above, below)
                    assert not rest
                    totals[state] -= taken
        worst = min(totals)
        if worst <= 0 or (best is not None and worst < best[0]):
            continue
        if best is None or worst > best[0] or paid < best[1]:
            best = (worst, paid, tuple(choice.count for choice in picked))
    if best is None:
        return None
    return AccountPlan(best[2], Fraction(best[0], factor), Fraction(best[1], factor))


def _factor(case: AccountCase) -> int:
    """A number that makes every amount whole, after rates, taxes and commissions are taken of it."""
    money = [Fraction(1)]
    for leg in case.legs:
        money += [leg.cost, *leg.returned, *([] if leg.largest is None else [leg.largest])]
    shares = [rate for rate, _ in case.groups]
    shares += [tax for account in case.accounts for tax in (account.tax_on_stakes, account.tax_on_winnings)]
    worth = lcm(*(account.rate.denominator for account in case.accounts))
    return lcm(*(amount.denominator for amount in money)) * lcm(*(s.denominator for s in shares), 1) * worth


def _choices(case: AccountCase, leg: AccountLeg, factor: int) -> list[_Choice]:
    account = case.accounts[leg.account]
    found = []
    for count in (0, *leg.counts):
        cost = count * leg.cost
        pays = cost * (1 + account.tax_on_stakes)
        gains, wins = [], []
        for returned in leg.returned:
            back = count * returned if leg.largest is None else min(count * returned, leg.largest)
            win = back - cost
            kept = back - account.tax_on_winnings * max(Fraction(0), win) - pays
            gains.append(_whole(account.rate * kept * factor))
            wins.append(_whole(win * factor))
        found.append(_Choice(count, _whole(pays * factor), tuple(gains), tuple(wins)))
    return found


def _whole(amount: Fraction) -> int:
    assert amount.denominator == 1
    return amount.numerator


def _affordable(
    case: AccountCase,
    choices: Sequence[Sequence[_Choice]],
    balances: Sequence[Fraction | None],
    spent: list[Fraction],
    place: int,
) -> Iterator[tuple[_Choice, ...]]:
    """Every combination of counts that no balance forbids, in dictionary order."""
    account = case.legs[place].account
    balance = balances[account]
    for choice in choices[place]:
        if balance is not None and spent[account] + choice.pays > balance:
            break  # counts rise, so all later ones cost more still
        if place + 1 == len(choices):
            yield (choice,)
            continue
        spent[account] += choice.pays
        for rest in _affordable(case, choices, balances, spent, place + 1):
            yield (choice, *rest)
        spent[account] -= choice.pays
