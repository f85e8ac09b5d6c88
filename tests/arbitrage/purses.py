"""Drawn accounts, quotes and free bets, and a slow judge of whole stakes that shares no code with the room under test.

The judge settles every claim in every score by the settlement reference, tries every whole stake, and adds up what is
staked, won, taxed and kept in fractions, bet by bet.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from fractions import Fraction
from functools import lru_cache
from itertools import product
from typing import NamedTuple

from crossbook.arbitrage.accounts import Account, Accounts, FreeBet
from crossbook.arbitrage.choices import Bet
from crossbook.arbitrage.terms import Terms
from crossbook.model.claim import Claim
from crossbook.model.quote import Quote, Side
from crossbook.model.venue import Venue, bookmaker, exchange
from tests.arbitrage.worlds import AWAY, BTTS_NO, BTTS_YES, DNB_AWAY, DNB_HOME, DRAW, HOME, ah, back, total
from tests.oracles import settlement_reference

ZERO = Fraction(0)
RATES = {"GBP": Fraction(7, 6), "USD": Fraction(9, 10)}
VENUES = (bookmaker("alpha", "Alpha"), bookmaker("bravo", "Bravo"), exchange("toll", "Toll", Fraction(1, 20)))
_SCORES = list(product(range(4), repeat=2))


class Hand(NamedTuple):
    """A case: what is on offer, and on which terms."""

    quotes: list[Quote]
    terms: Terms


class Best(NamedTuple):
    """The best plan: its worst case, what it takes from the bank, and the bets."""

    worst: Fraction
    cost: Fraction
    bets: tuple[Bet, ...]


@lru_cache(maxsize=1024)
def settled(claim: Claim) -> tuple[tuple[Fraction, Fraction], ...]:
    """The claim's settlement in every score."""
    return tuple(
        settlement_reference.settle(claim.kind, claim.selection, claim.line, home, away)
        for home, away in _SCORES
    )


def cost_of(bet: Bet, accounts: Accounts) -> Fraction:
    """What a bet takes from its account's balance."""
    if bet.free_bet:
        return ZERO
    account = accounts.venues.get(bet.quote.venue.id, Account())
    risk = bet.amount * (bet.quote.odds - 1) if bet.quote.side is Side.LAY else bet.amount
    return risk + risk * account.tax_on_stakes


def value_of(venue: Venue, accounts: Accounts) -> Fraction:
    """What one unit of the account's currency is in the bank's."""
    currency = accounts.venues.get(venue.id, Account()).currency
    return accounts.rates[currency] if currency else Fraction(1)


def profits(bets: Sequence[Bet], accounts: Accounts) -> list[Fraction]:
    """The net profit of some bets in every score that they tell apart, in the bank's currency."""
    found = []
    joint = dict.fromkeys(zip(*(settled(bet.quote.claim) for bet in bets), strict=True)) if bets else [()]
    for settlements in joint:
        profit = ZERO
        market: dict[tuple[str, str, Fraction], Fraction] = defaultdict(Fraction)
        for bet, (won, refunded) in zip(bets, settlements, strict=True):
            quote, account = bet.quote, accounts.venues.get(bet.quote.venue.id, Account())
            value = value_of(quote.venue, accounts)
            lost = 1 - won - refunded
            risk = cost_of(bet, accounts) / (1 + account.tax_on_stakes)
            if bet.free_bet:
                gain = bet.amount * won * (quote.odds - 1)
            elif quote.side is Side.BACK:
                gain = bet.amount * (won * quote.odds + refunded) - bet.amount
            else:
                gain = bet.amount * lost - bet.amount * (quote.odds - 1) * won
            profit += value * (
                gain - account.tax_on_winnings * max(gain, ZERO) - account.tax_on_stakes * risk
            )
            commission = quote.venue.commission or ZERO
            market[quote.venue.id, quote.market_id or quote.claim.market, commission] += value * gain
        profit -= sum((rate * max(net, ZERO) for (*_, rate), net in market.items()), ZERO)
        found.append(profit)
    return found


def ended(bet: Bet, cash: Fraction, accounts: Accounts) -> Fraction:
    """The net profit of a bet that is ended for this amount."""
    account = accounts.venues.get(bet.quote.venue.id, Account())
    risk = cost_of(bet, accounts) / (1 + account.tax_on_stakes)
    gain = cash - risk
    net = gain - account.tax_on_winnings * max(gain, ZERO) - account.tax_on_stakes * risk
    return value_of(bet.quote.venue, accounts) * net


def ways(hand: Hand, placed: Sequence[Bet] = ()) -> list[list[Bet | None]]:
    """For each way to bet on each quote, all bets that may be made in it, none first."""
    quotes, terms = hand
    found: list[list[Bet | None]] = []
    for quote in quotes:
        account = terms.accounts.venues.get(quote.venue.id, Account())
        step = quote.step or account.step or quote.venue.step or terms.unit
        smallest = account.smallest if account.smallest is not None else quote.venue.smallest
        same = [
            bet
            for bet in placed
            if (bet.quote.venue.id, bet.quote.claim, bet.quote.side)
            == (quote.venue.id, quote.claim, quote.side)
            and not bet.free_bet
        ]
        cash: list[Bet | None] = [None]
        for count in range(1, 200):
            bet = Bet(quote, count * step)
            spent = cost_of(bet, terms.accounts)
            if spent * value_of(quote.venue, terms.accounts) > terms.bank:
                break
            too_small = smallest is not None and bet.amount < smallest
            together = [*same, bet]
            amount = sum((each.amount for each in together), ZERO)
            payout = sum((each.amount * each.quote.odds for each in together), ZERO)
            too_large = account.largest is not None and amount > account.largest
            pays = account.largest_payout is not None and payout > account.largest_payout
            if not (too_small or too_large or pays):
                cash.append(bet)
        found.append(cash)
        for free_bet in terms.accounts.free_bets:
            if free_bet.venue != quote.venue.id or quote.side is Side.LAY or quote.odds < free_bet.least_odds:
                continue
            step = free_bet.step or free_bet.amount
            free: list[Bet | None] = [None]
            for count in range(1, int(free_bet.amount / step) + 1):
                amount = count * step
                most = account.largest_payout
                if most is None or amount * (quote.odds - 1) <= most:
                    free.append(Bet(quote, amount, free_bet))
            found.append(free)
    return found


def plans(hand: Hand, placed: Sequence[Bet] = ()) -> Iterator[tuple[Bet, ...]]:
    """Every plan that keeps, together with what is placed, to the bank, the balances and the free bets."""
    accounts = hand.terms.accounts
    left, free_left = hand.terms.bank, {each.name: each.amount for each in accounts.free_bets}
    balances = {venue: account.balance for venue, account in accounts.venues.items()}
    for bet in placed:
        left -= cost_of(bet, accounts) * value_of(bet.quote.venue, accounts)
        if bet.free_bet:
            free_left[bet.free_bet.name] -= bet.amount
        balance = balances.get(bet.quote.venue.id)
        if balance is not None:
            balances[bet.quote.venue.id] = balance - cost_of(bet, accounts)
    for chosen in product(*ways(hand, placed)):
        bets = tuple(bet for bet in chosen if bet is not None)
        spent: dict[str, Fraction] = defaultdict(Fraction)
        offered: dict[int, Fraction] = defaultdict(Fraction)
        free: dict[str, Fraction] = defaultdict(Fraction)
        for bet in bets:
            spent[bet.quote.venue.id] += cost_of(bet, accounts)
            offered[id(bet.quote)] += bet.amount
            if bet.free_bet:
                free[bet.free_bet.name] += bet.amount
        cost = total_cost(bets, accounts)
        if cost and cost > left:
            continue
        if any((most := balances.get(venue)) is not None and 0 < one > most for venue, one in spent.items()):
            continue
        if any(quote.size is not None and offered[id(quote)] > quote.size for quote in hand.quotes):
            continue
        if all(one <= free_left[name] for name, one in free.items()):
            yield bets


def total_cost(bets: Sequence[Bet], accounts: Accounts) -> Fraction:
    """What bets take from the bank."""
    return sum((cost_of(bet, accounts) * value_of(bet.quote.venue, accounts) for bet in bets), ZERO)


def best(hand: Hand) -> Best:
    """The best plan of all; the cheapest of the best."""
    found: Best | None = None
    for bets in plans(hand):
        cost = total_cost(bets, hand.terms.accounts)
        worst = min(profits(bets, hand.terms.accounts))
        if found is None or (-worst, cost) < (-found.worst, found.cost):
            found = Best(worst, cost, bets)
    assert found is not None
    return found


def _account(rng: random.Random) -> Account:
    def sometimes(*values: str) -> Fraction | None:
        return Fraction(rng.choice(values)) if rng.random() < 0.35 else None

    smallest, largest = sometimes("2", "3", "4"), sometimes("5", "8", "12")
    return Account(
        currency=rng.choice(("", "", "GBP", "USD")),
        balance=sometimes("6", "9.5", "15"),
        smallest=smallest,
        largest=largest,
        step=sometimes("0.5", "2", "2.5"),
        largest_payout=sometimes("12", "20.5", "31"),
        tax_on_winnings=sometimes("0.05", "0.2") or ZERO,
        tax_on_stakes=sometimes("0.01", "0.05") or ZERO,
    )


_SETS: tuple[tuple[Claim, ...], ...] = (
    (HOME, DRAW, AWAY),
    (BTTS_YES, BTTS_NO),
    (DNB_HOME, DNB_AWAY),
    (ah("home", "-0.25"), ah("away", "-0.25")),
    (HOME, ah("away", "0.25"), DRAW),
    (total("over", "2.25"), total("under", "2.25")),
)
_FAIR = {3: 3.4, 2: 2.15}


def draw(rng: random.Random, most: int = 60_000) -> Hand:
    """A small case; about half of them have a plan that profits. `most` combinations at most."""
    while True:
        claims = list(rng.choice(_SETS))
        fair = _FAIR[len(claims)]
        quotes = []
        for claim in claims + ([rng.choice(claims)] if rng.random() < 0.3 else []):
            odds = Fraction(round(100 * fair * rng.uniform(0.88, 1.2)), 100)
            venue = rng.choice(VENUES)
            side = Side.LAY if venue.id == "toll" and rng.random() < 0.4 else Side.BACK
            if side is Side.LAY:
                odds = max(odds * Fraction(9, 10), Fraction(6, 5))
            size = Fraction(rng.choice((3, 7, 11))) if rng.random() < 0.25 else None
            quotes.append(back(venue, claim, odds, side=side, size=size, market_id="m"))
        free = tuple(
            FreeBet(
                name=f"free{place}",
                venue=rng.choice(VENUES).id,
                amount=Fraction(rng.choice((4, 6))),
                step=Fraction(2) if rng.random() < 0.4 else None,
                least_odds=Fraction(rng.choice(("1", "2.2"))),
            )
            for place in range(rng.choice((0, 0, 1, 1, 2)))
        )
        accounts = Accounts(
            venues={venue.id: _account(rng) for venue in VENUES if rng.random() < 0.7},
            rates=RATES,
            free_bets=free,
        )
        hand = Hand(quotes, Terms(bank=Fraction(rng.choice((10, 16, 25))), accounts=accounts))
        number = 1
        for way in ways(hand):
            number *= len(way)
        if 20 < number <= most:
            return hand
