"""The checks of plans and repairs notice when one thing is broken."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from typing import Any

import msgspec
import pytest

from crossbook.arbitrage import bets, choices, outcomes, relaxed, repair, search
from crossbook.arbitrage.accounts import Account, Accounts
from crossbook.arbitrage.choices import Bet, Limit
from tests.arbitrage.test_accounts import check_hands
from tests.arbitrage.test_repair import check_repairs

Patch = pytest.MonkeyPatch
replace = msgspec.structs.replace


def forget_tax_on_winnings(patch: Patch) -> None:
    kept = Bet.kept
    patch.setattr(
        Bet,
        "kept",
        lambda self, won, account: kept(self, won, replace(account, tax_on_winnings=Fraction(0))),
    )


def forget_tax_on_stakes(patch: Patch) -> None:
    kept = Bet.kept
    patch.setattr(
        Bet, "kept", lambda self, won, account: kept(self, won, replace(account, tax_on_stakes=Fraction(0)))
    )


def give_free_stakes_back(patch: Patch) -> None:
    won = Bet.won
    patch.setattr(
        Bet,
        "won",
        lambda self, code: won(self, code) + (self.amount if self.free_bet and won(self, code) else 0),
    )


def forget_rates(patch: Patch) -> None:
    patch.setattr(Accounts, "rate", lambda self, venue: Fraction(1))


def forget_balances(patch: Patch) -> None:
    every = choices.limits_of

    def some(found: Any, terms: Any, placed: Any = ()) -> Iterator[Limit]:
        venues = {venue: replace(each, balance=None) for venue, each in terms.accounts.venues.items()}
        yield from every(found, replace(terms, accounts=replace(terms.accounts, venues=venues)), placed)

    patch.setattr(bets, "limits_of", some)


def forget_what_is_shared(patch: Patch) -> None:
    every = choices.limits_of
    patch.setattr(bets, "limits_of", lambda *given: list(every(*given))[:1])


def forget_the_largest_payout(patch: Patch) -> None:
    every = Accounts.at

    def free(self: Accounts, venue: str) -> Account:
        return replace(every(self, venue), largest_payout=None)

    patch.setattr(Accounts, "at", free)


def take_commission_from_each_bet(patch: Patch) -> None:
    market = outcomes._market
    patch.setattr(
        outcomes,
        "_market",
        lambda bet: (key := market(bet)) and (f"{key[0]} {bet.quote.claim} {bet.amount}", key[1]),
    )


def believe_the_solver(patch: Patch) -> None:
    patch.setattr(search, "_FEW", 0)
    ranges = relaxed.Relaxed.ranges
    patch.setattr(
        relaxed.Relaxed,
        "ranges",
        lambda self, worst: [(0, last // 2) for _, last in ranges(self, worst) or ()],
    )
    patch.setattr(relaxed.Relaxed, "proposal", lambda self: [0] * self._count)


def count_on_the_unknown(patch: Patch) -> None:
    every = repair._possibilities

    def first(placed: Sequence[Any]) -> Any:
        found, unknown = every(placed)
        return found[:1], unknown[:1]

    patch.setattr(repair, "_possibilities", first)


def forget_what_was_placed(patch: Patch) -> None:
    every = choices.limits_of
    patch.setattr(bets, "limits_of", lambda found, terms, placed=(): every(found, terms))


def plans() -> None:
    check_hands(40, 1, 300)


def repairs() -> None:
    check_repairs(50, 3)


MUTANTS: dict[str, tuple[Callable[[Patch], None], Callable[[], None]]] = {
    "tax on winnings is forgotten": (forget_tax_on_winnings, plans),
    "tax on stakes is forgotten": (forget_tax_on_stakes, plans),
    "a free bet's stake comes back": (give_free_stakes_back, plans),
    "all money is the bank's": (forget_rates, plans),
    "balances are forgotten": (forget_balances, plans),
    "only the bank is shared": (forget_what_is_shared, plans),
    "the largest payout is forgotten": (forget_the_largest_payout, plans),
    "commission is taken from each bet": (take_commission_from_each_bet, plans),
    "ranges are too narrow": (believe_the_solver, plans),
    "unknown legs are counted on": (count_on_the_unknown, repairs),
    "what was placed is still there": (forget_what_was_placed, repairs),
}


@pytest.mark.parametrize("name", MUTANTS)
def test_the_checks_have_teeth(name: str, monkeypatch: Patch) -> None:
    apply, check = MUTANTS[name]
    apply(monkeypatch)
    with pytest.raises(AssertionError):
        check()
