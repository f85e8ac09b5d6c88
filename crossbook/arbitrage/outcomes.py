"""What choices and the bets that stand come to, in whole numbers, in every outcome.

An outcome is a state of the world together with one possibility for the bets of which nobody knows whether they stand.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from fractions import Fraction
from itertools import pairwise
from math import lcm
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from crossbook.arbitrage.accounts import Accounts
from crossbook.arbitrage.choices import Bet, Choice, Limit
from crossbook.arbitrage.instrument import instrument_of
from crossbook.arbitrage.settled import classes
from crossbook.arbitrage.states import States
from crossbook.base.errors import BadData
from crossbook.model.venue import NO_COMMISSION

Whole = NDArray[Any]
"""An array of whole numbers: 64 bits where the sums fit, Python's own where they do not."""
_MOST_ENTRIES = 4_000_000
_ROOM = 2**62
_NOTHING = Fraction(0)
_Key = tuple[str, Fraction]


class Market(NamedTuple):
    """A market whose venue keeps `rate` of the net winnings of several bets, some of them choices.

    `won` are the winnings of a step of each of the choices at `places` in each outcome, `fixed` those of the bets that
    stand; both before tax.
    """

    rate: Fraction
    places: list[int]
    won: Whole
    fixed: Whole


class Outcomes:
    """Profits of counts of some choices in every outcome, in whole numbers of 1/`scale` of the bank's currency.

    `gains` has a row for each choice and a column for each outcome; `fixed` is what the bets that stand give.
    `possibilities` and `states` say which outcome a column is. A limit is a row of `weights`, and `most`. `costs` are
    what a step of each choice takes from the bank, in a scale of their own. `better` has, by a choice's place, that of
    the next better level of its ladder: it is nowhere worse to fill that one first.
    """

    def __init__(
        self,
        choices: Sequence[Choice],
        standing: Sequence[Sequence[Bet]],
        states: States,
        accounts: Accounts,
        limits: Iterable[Limit],
    ) -> None:
        self.least = [choice.least for choice in choices]
        self.most = [choice.most for choice in choices]
        self.better = _better(choices)
        made = _Made(choices, standing, states, accounts)
        self.possibilities, self.states = made.possibilities, made.columns
        rates = [rate for (_, rate), *_ in made.shared]
        self.scale = lcm(*(each.denominator for each in made.numbers())) * lcm(
            *(rate.denominator for rate in rates)
        )
        gains, fixed = self._whole(made.gains), self._whole([made.fixed])[0]
        shared = [
            (key[1], places, self._whole(won), self._whole([stands])[0])
            for key, places, won, stands in made.shared
        ]
        weights, most = [], []
        for limit in limits:
            unit = lcm(limit.most.denominator, *(each.denominator for each in limit.weights.values()))
            weights.append([int(limit.weights.get(place, _NOTHING) * unit) for place in range(len(choices))])
            most.append(int(limit.most * unit))
        costs = [_cost(choice, accounts) for choice in choices]
        unit = lcm(*(cost.denominator for cost in costs))
        dtype = np.int64 if self._fits(gains, fixed, shared, weights) else object
        self.gains = np.array(gains, dtype).reshape(len(choices), len(made.columns))
        self.fixed: Whole = np.array(fixed, dtype)
        self.markets = [
            Market(rate, places, np.array(won, dtype), np.array(stands, dtype))
            for rate, places, won, stands in shared
        ]
        self.weights: Whole = np.array(weights, dtype).reshape(len(weights), len(choices))
        self.limits: Whole = np.array(most, object)
        self.costs: Whole = np.array([int(cost * unit) for cost in costs], object)

    def profits(self, counts: Whole) -> Whole:
        """The net profit of each row of counts in every outcome, commission paid; times `scale`."""
        counts = counts.astype(self.gains.dtype)
        profits = counts @ self.gains + self.fixed
        for market in self.markets:
            won = counts[:, market.places] @ market.won + market.fixed
            taken = np.maximum(won, 0) * market.rate.numerator // market.rate.denominator
            profits = profits - taken
        return profits  # type: ignore[no-any-return]

    def allowed(self, counts: Sequence[int]) -> bool:
        """Whether every count and every limit holds."""
        within = all(
            count == 0 or least <= count <= most
            for count, least, most in zip(counts, self.least, self.most, strict=True)
        )
        used = self.weights @ np.array(counts, self.weights.dtype)
        return within and all(amount <= most for amount, most in zip(used.tolist(), self.limits, strict=True))

    def cost(self, counts: Sequence[int]) -> int:
        """What the counts take from the bank, to compare with others."""
        return sum(int(cost) * count for cost, count in zip(self.costs, counts, strict=True))

    def _whole(self, rows: Sequence[Sequence[Fraction]]) -> list[list[int]]:
        return [[each.numerator * (self.scale // each.denominator) for each in row] for row in rows]

    def _fits(
        self,
        gains: Sequence[Sequence[int]],
        fixed: Sequence[int],
        shared: Sequence[tuple[Fraction, list[int], list[list[int]], list[int]]],
        weights: Sequence[Sequence[int]],
    ) -> bool:
        def greatest(rows: Sequence[Sequence[int]], places: Iterable[int]) -> int:
            largest = (max(map(abs, row), default=0) for row in rows)
            return sum(self.most[place] * each for place, each in zip(places, largest, strict=True))

        every = range(len(self.most))
        total = greatest(gains, every) + max(map(abs, fixed), default=0)
        for rate, places, won, stands in shared:
            total += (greatest(won, places) + max(map(abs, stands), default=0)) * max(rate.numerator, 1)
        used = max(
            (sum(most * one for most, one in zip(self.most, row, strict=True)) for row in weights), default=0
        )
        return max(total, used) < _ROOM


def _better(choices: Sequence[Choice]) -> dict[int, int]:
    """For each worse level of a ladder the place of the one before it.

    A step on the better level gains more where it wins, as much where it loses, and costs no more; so this holds where
    steps are equal and nothing else uses the size on offer.
    """
    alone = Counter(id(choice.bet.quote) for choice in choices)
    ladders: dict[tuple[object, ...], list[int]] = {}
    for place, choice in enumerate(choices):
        quote = choice.bet.quote
        if choice.cash_out is None and choice.least == 1 and alone[id(quote)] == 1:
            key = quote.venue, quote.market_id, quote.claim, quote.side, choice.bet.amount
            ladders.setdefault(key, []).append(place)
    found = {}
    for places in ladders.values():
        places.sort(key=lambda place: -choices[place].bet.quote.rank)
        for before, after in pairwise(places):
            if choices[before].bet.quote.better_than(choices[after].bet.quote):
                found[after] = before
    return found


def _cost(choice: Choice, accounts: Accounts) -> Fraction:
    if choice.cash_out is not None:
        return _NOTHING
    venue = choice.bet.quote.venue.id
    return choice.bet.drawn(accounts.at(venue)) * accounts.rate(venue)


class _Made:
    """The same in fractions, column by column: a column for each possibility and each state that can be told apart."""

    def __init__(
        self,
        choices: Sequence[Choice],
        standing: Sequence[Sequence[Bet]],
        states: States,
        accounts: Accounts,
    ) -> None:
        bets = [choice.bet for choice in choices] + [bet for some in standing for bet in some]
        claims = list(dict.fromkeys(bet.quote.claim for bet in bets))
        row_of = {claim: row for row, claim in enumerate(claims)}
        codes = states.codes[[states.place[claim] for claim in claims]] if claims else states.codes[:0, :1]
        first = np.sort(classes(codes)[0]) if claims else np.zeros(1, np.intp)
        codes = codes[:, first]
        if len(bets) * len(standing) * len(first) > _MOST_ENTRIES:
            raise BadData(f"quotes: {len(bets)} bets in {len(first)} states are too many to plan together")
        self._accounts = accounts
        self._codes = {claim: codes[row].tolist() for claim, row in row_of.items()}
        self.possibilities = [number for number in range(len(standing)) for _ in first]
        self.columns = first.tolist() * len(standing)
        self._count, self._times = len(first), len(standing)
        self.gains = [self._gain(choice) for choice in choices]
        self.fixed = [_NOTHING] * len(self.columns)
        for number, some in enumerate(standing):
            for bet in some:
                _add(self.fixed, self._of_bet(bet)[1], number * self._count)
        self.shared: list[tuple[_Key, list[int], list[list[Fraction]], list[Fraction]]] = []
        self._take_commission(choices, standing)

    def numbers(self) -> Iterable[Fraction]:
        """Every number there is."""
        yield from self.fixed
        for row in self.gains:
            yield from row
        for _, _, won, fixed in self.shared:
            yield from fixed
            for row in won:
                yield from row

    def _of_bet(self, bet: Bet) -> tuple[list[Fraction], list[Fraction]]:
        """The bet's winnings before and after tax in every state."""
        venue = bet.quote.venue.id
        account, rate = self._accounts.at(venue), self._accounts.rate(venue)
        codes = self._codes[bet.quote.claim]
        won = {code: bet.won(code) for code in set(codes)}
        kept = {code: rate * bet.kept(each, account) for code, each in won.items()}
        return [rate * won[code] for code in codes], [kept[code] for code in codes]

    def _gain(self, choice: Choice) -> list[Fraction]:
        _, kept = self._of_bet(choice.bet)
        if choice.cash_out is not None:
            venue = choice.bet.quote.venue.id
            ended = choice.bet.kept(choice.cash_out - choice.bet.risk, self._accounts.at(venue))
            kept = [self._accounts.rate(venue) * ended - each for each in kept]
        return kept * self._times

    def _take_commission(self, choices: Sequence[Choice], standing: Sequence[Sequence[Bet]]) -> None:
        """Commission at once where it depends on one choice alone, or on none; else the market is kept for later."""
        members: dict[_Key, list[int]] = {}
        fixed: dict[_Key, list[Fraction]] = {}
        for place, choice in enumerate(choices):
            if choice.cash_out is None and (key := _market(choice.bet)):
                members.setdefault(key, []).append(place)
        for number, some in enumerate(standing):
            for bet in some:
                if key := _market(bet):
                    stands = fixed.setdefault(key, [_NOTHING] * len(self.columns))
                    _add(stands, self._of_bet(bet)[0], number * self._count)
        for key in dict.fromkeys([*members, *fixed]):
            places = members.get(key, [])
            won = [self._of_bet(choices[place].bet)[0] * self._times for place in places]
            if not places:
                _charge(self.fixed, fixed[key], key[1])
            elif len(places) == 1 and key not in fixed:
                _charge(self.gains[places[0]], won[0], key[1])
            else:
                self.shared.append((key, places, won, fixed.get(key, [_NOTHING] * len(self.columns))))


def _market(bet: Bet) -> _Key | None:
    instrument = instrument_of(bet.quote)
    return None if instrument.commission == NO_COMMISSION else (instrument.market, instrument.commission)


def _add(to: list[Fraction], more: Sequence[Fraction], start: int) -> None:
    for place, each in enumerate(more, start):
        to[place] += each


def _charge(profits: list[Fraction], won: Sequence[Fraction], rate: Fraction) -> None:
    for place, each in enumerate(won):
        if each > 0:
            profits[place] -= rate * each
