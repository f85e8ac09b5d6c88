"""Choices: the ways to put money on quotes from real accounts, and exactly what a step of each gains.

All money is the bank's, once it has been multiplied by the account's rate. What is kept of it: tax on stakes with the
stake, tax on winnings from each bet by itself, commission from the net winnings of a whole market before tax.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from math import ceil, floor

import msgspec

from crossbook.arbitrage.accounts import Account, Accounts, FreeBet
from crossbook.arbitrage.settled import settlement_of
from crossbook.arbitrage.terms import Terms
from crossbook.model.quote import Quote, Side

_NOTHING = Fraction(0)


class Bet(msgspec.Struct, frozen=True):
    """A stake on a quote: the amount typed in at the venue, in the account's currency, perhaps from a free bet."""

    quote: Quote
    amount: Fraction
    free_bet: FreeBet | None = None

    @property
    def risk(self) -> Fraction:
        """What can be lost, in the account's currency: the stake of a back, the liability of a lay."""
        if self.free_bet is not None:
            return _NOTHING
        return self.amount * (self.quote.odds - 1) if self.quote.side is Side.LAY else self.amount

    def drawn(self, account: Account) -> Fraction:
        """What the balance is less by: the risk, and the tax on it."""
        return self.risk * (1 + account.tax_on_stakes)

    def won(self, code: int) -> Fraction:
        """The bet's winnings in this settlement, a loss below zero, before any tax; in the account's currency."""
        settlement = settlement_of(code)
        paid = settlement.won * (self.quote.odds - 1)
        if self.free_bet is not None:
            return self.amount * paid
        lost = 1 - settlement.won - settlement.refunded
        return self.amount * (lost - paid if self.quote.side is Side.LAY else paid - lost)

    def kept(self, won: Fraction, account: Account) -> Fraction:
        """What is left of these winnings after both taxes."""
        return won - account.tax_on_winnings * max(won, _NOTHING) - account.tax_on_stakes * self.risk


class Choice(msgspec.Struct, frozen=True):
    """One way to act: none of it, or from `least` to `most` times `bet`, which is a bet of one step.

    With `cash_out` it is to end a bet that is placed, for this amount.
    """

    bet: Bet
    least: int
    most: int
    cash_out: Fraction | None = None

    def times(self, count: int) -> Bet:
        """The bet of so many steps."""
        return Bet(self.bet.quote, count * self.bet.amount, self.bet.free_bet)


def choices_of(quotes: Iterable[Quote], terms: Terms, placed: Sequence[Bet] = ()) -> list[Choice]:
    """All ways to put money on these quotes: in cash, and with each free bet that may be used on it.

    Quotes that take no bets give none. `placed` bets use up part of what one bet may be at most.
    """
    found = []
    for quote in quotes:
        if not quote.tradable:
            continue
        before = [bet for bet in placed if _same(bet.quote, quote)]
        found.append(_in_cash(quote, terms, [bet for bet in before if bet.free_bet is None]))
        for free_bet in terms.accounts.free_bets:
            suits = quote.side is Side.BACK and quote.odds >= free_bet.least_odds
            if suits and free_bet.venue == quote.venue.id:
                used = sum((bet.amount for bet in placed if bet.free_bet == free_bet), _NOTHING)
                found.append(_with_free_bet(quote, terms.accounts, free_bet, used))
    return [choice for choice in found if choice.most]


def _same(one: Quote, other: Quote) -> bool:
    return (one.venue.id, one.claim, one.side) == (other.venue.id, other.claim, other.side)


def _in_cash(quote: Quote, terms: Terms, before: Sequence[Bet]) -> Choice:
    account = terms.accounts.at(quote.venue.id)
    step = quote.step or account.step or quote.venue.step or terms.unit
    bet = Bet(quote, step)
    drawn, rate = bet.drawn(account), terms.accounts.rate(quote.venue.id)
    bounds = [terms.bank / (drawn * rate)] if drawn else []
    if quote.size is not None:
        bounds.append(quote.size / step)
    if account.balance is not None and drawn:
        bounds.append(account.balance / drawn)
    if account.largest is not None:
        bounds.append((account.largest - sum(each.amount for each in before)) / step)
    if account.largest_payout is not None:
        paid = sum(each.amount * each.quote.odds for each in before)
        bounds.append((account.largest_payout - paid) / (step * quote.odds))
    smallest = account.smallest if account.smallest is not None else quote.venue.smallest
    return _choice(bet, ceil(smallest / step) if smallest else 1, floor(min(bounds)) if bounds else 0)


def _with_free_bet(quote: Quote, accounts: Accounts, free_bet: FreeBet, used: Fraction) -> Choice:
    step = free_bet.step or free_bet.amount
    most = (free_bet.amount - used) / step
    payout = accounts.at(quote.venue.id).largest_payout
    if payout is not None and quote.odds > 1:
        most = min(most, payout / (step * (quote.odds - 1)))
    if quote.size is not None:
        most = min(most, quote.size / step)
    return _choice(Bet(quote, step, free_bet), 1, floor(most))


def _choice(bet: Bet, least: int, most: int) -> Choice:
    return Choice(bet, max(least, 1), most if most >= max(least, 1) else 0)


class Limit(msgspec.Struct, frozen=True):
    """What several choices may use together: `weights` by the choice's place, for each step, and the most."""

    weights: dict[int, Fraction]
    most: Fraction


def limits_of(choices: Sequence[Choice], terms: Terms, placed: Sequence[Bet] = ()) -> Iterator[Limit]:
    """The bank, each balance, each free bet, and each size on offer that is there for several choices.

    `placed` bets have taken their part of the bank, the balances and the free bets; the sizes are what is on offer now.
    """
    accounts = terms.accounts
    bank: dict[int, Fraction] = {}
    balances: dict[str, dict[int, Fraction]] = {}
    free: dict[str, dict[int, Fraction]] = {}
    offers: dict[int, dict[int, Fraction]] = {}
    left = {free_bet.name: free_bet.amount for free_bet in accounts.free_bets}
    for place, choice in enumerate(choices):
        if choice.cash_out is not None:
            continue
        quote, bet = choice.bet.quote, choice.bet
        drawn = bet.drawn(accounts.at(quote.venue.id))
        if drawn:
            bank[place] = drawn * accounts.rate(quote.venue.id)
            balances.setdefault(quote.venue.id, {})[place] = drawn
        if bet.free_bet is not None:
            free.setdefault(bet.free_bet.name, {})[place] = bet.amount
        if quote.size is not None:
            offers.setdefault(id(quote), {})[place] = bet.amount
    spent: dict[str, Fraction] = {}
    for bet in placed:
        venue = bet.quote.venue.id
        spent[venue] = spent.get(venue, _NOTHING) + bet.drawn(accounts.at(venue))
        if bet.free_bet is not None and bet.free_bet.name in left:
            left[bet.free_bet.name] -= bet.amount
    cost = sum((amount * accounts.rate(venue) for venue, amount in spent.items()), _NOTHING)
    yield Limit(bank, max(terms.bank - cost, _NOTHING))
    for venue, weights in balances.items():
        balance = accounts.at(venue).balance
        if balance is not None:
            yield Limit(weights, max(balance - spent.get(venue, _NOTHING), _NOTHING))
    for name, weights in free.items():
        yield Limit(weights, max(left[name], _NOTHING))
    for choice, weights in ((choices[min(weights)], weights) for weights in offers.values()):
        if len(weights) > 1 and choice.bet.quote.size is not None:
            yield Limit(weights, choice.bet.quote.size)
