"""Accounts: what a person has at each venue, on which terms, and in which currency."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Final

import msgspec

_NOTHING: Final = Fraction(0)
_MOST_FREE_BETS: Final = 20


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """One venue's account; None where there is no limit, or none is known.

    Amounts are in `currency` ("" is the bank's). `balance` is what bets and the tax on their stakes may take from it.
    `smallest`, `largest` and `step` are for what is typed in as the stake of one bet; `largest_payout` is the most that
    one bet may pay back, its stake included. `tax_on_winnings` is a share of each bet's own winnings, `tax_on_stakes` a
    share of what each bet puts at risk, paid on top of it and not given back when the bet is void.
    """

    currency: str = ""
    balance: Fraction | None = None
    smallest: Fraction | None = None
    largest: Fraction | None = None
    step: Fraction | None = None
    largest_payout: Fraction | None = None
    tax_on_winnings: Fraction = _NOTHING
    tax_on_stakes: Fraction = _NOTHING

    def doubts(self) -> Iterator[tuple[str, str]]:
        """Each field that makes no sense, by its name, and what to do about it."""
        for name in ("balance", "smallest", "largest", "largest_payout"):
            amount = getattr(self, name)
            if amount is not None and amount < 0:
                yield name, "must not be below 0"
        if self.step is not None and self.step <= 0:
            yield "step", "has to be above 0; leave it out where any amount is taken"
        if self.smallest is not None and self.largest is not None and self.largest < self.smallest:
            yield "largest", "must not be below smallest"
        for name in ("tax_on_winnings", "tax_on_stakes"):
            if not 0 <= getattr(self, name) < 1:
                yield name, "is a share from 0 to below 1, such as 0.05"


class FreeBet(msgspec.Struct, frozen=True, kw_only=True):
    """A stake that costs nothing and is not given back: it pays odds − 1, and nothing when the bet is void.

    It is used whole on one back of at least `least_odds`, or, where `step` says so, in whole steps on several.
    """

    name: str
    venue: str
    amount: Fraction
    step: Fraction | None = None
    least_odds: Fraction = Fraction(1)

    def doubts(self) -> Iterator[tuple[str, str]]:
        """Each field that makes no sense, by its name, and what to do about it."""
        if self.amount <= 0:
            yield "amount", "has to be above 0"
        if self.step is not None and not 0 < self.step <= max(self.amount, _NOTHING):
            yield "step", "has to be above 0 and at most the amount; leave it out to use the free bet whole"
        if self.least_odds < 1:
            yield "least_odds", "decimal odds are 1 at least"


class Accounts(msgspec.Struct, frozen=True, kw_only=True):
    """All accounts by venue id, what one unit of each currency is worth in the bank's, and the free bets.

    A venue without an account has one of the bank's currency and without limits of its own.
    """

    venues: Mapping[str, Account] = {}
    rates: Mapping[str, Fraction] = {}
    free_bets: tuple[FreeBet, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.venues or self.free_bets)

    def at(self, venue: str) -> Account:
        """The account at a venue."""
        return self.venues.get(venue, _UNLIMITED)

    def rate(self, venue: str) -> Fraction:
        """What one unit of the account's currency is worth in the bank's."""
        currency = self.at(venue).currency
        return self.rates[currency] if currency else Fraction(1)

    def doubts(self) -> Iterator[tuple[str, str]]:
        """Each field that makes no sense, by its name, and what to do about it.

        >>> list(Accounts(venues={"alpha": Account(currency="GBP", balance=Fraction(-1))}).doubts())
        [('venues.alpha.balance', 'must not be below 0'), ('rates.GBP', 'is missing: say what one GBP is worth')]
        """
        for venue, account in self.venues.items():
            yield from ((f"venues.{venue}.{name}", wrong) for name, wrong in account.doubts())
            if account.currency and account.currency not in self.rates:
                yield f"rates.{account.currency}", f"is missing: say what one {account.currency} is worth"
        for currency, rate in self.rates.items():
            if rate <= 0:
                yield f"rates.{currency}", "has to be above 0"
        names: set[str] = set()
        for place, free_bet in enumerate(self.free_bets):
            yield from ((f"free_bets.{place}.{name}", wrong) for name, wrong in free_bet.doubts())
            if free_bet.name in names:
                yield f"free_bets.{place}.name", "another free bet has this name; give each its own"
            names.add(free_bet.name)
        if len(self.free_bets) > _MOST_FREE_BETS:
            yield "free_bets", f"at most {_MOST_FREE_BETS}"


_UNLIMITED: Final = Account()
