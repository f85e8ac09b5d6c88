"""The board: every price posted on one fixture, and the rule that keeps accident from making an arbitrage.

Let P be the fixture's true score grid and c < 1 the board's ceiling. A back is posted at no more than c times its
fair odds under P, and a lay at no less than its fair odds over c. Write w and r for the shares of the stake won and
refunded on average under P, so that the fair odds are f = (1 - r) / w.

- A back at o <= c f returns o w + r <= c (1 - r) + r < 1 on average.
- A lay at L > f gains (1 - w - r) - (L - 1) w = (1 - r) - L w < 0 on average.

So every posted price loses on average under one and the same P, and so does every combination of them with positive
stakes. A combination that gained at every score would gain on average: there is none. Commission only takes away.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from math import ceil
from random import Random

import msgspec

from crossbook.model.ladder import tick_at_or_above, tick_at_or_below
from crossbook.sim.scores import SELECTIONS, Bet, Grid
from crossbook.sim.truth import Fixture, Price

Key = tuple[str, Bet, str]
"""Venue, bet, side."""

_LEAST_ODDS = Fraction(101, 100)
_PUSHED_DOWN = Fraction(92, 100)


class Seat(msgspec.Struct, frozen=True):
    """A venue at the board: where it publishes, and when it last did (nanoseconds UTC)."""

    source: str
    venue: str
    updated: int


class Cast(msgspec.Struct, frozen=True, kw_only=True):
    """Which venue plays which part on a board.

    `independent` are bookmakers of different desks, `catalogue` those with several lines or markets of their own,
    `sisters` two brands of one desk, and `victim` is the bookmaker that makes the mistakes.
    """

    independent: tuple[str, ...]
    catalogue: tuple[str, ...]
    sisters: tuple[str, str]
    victim: str
    ladder: str
    contracts: str


class Board:
    """The prices of one fixture, each under its key."""

    def __init__(
        self, fixture: Fixture, truth: Grid, ceiling: Fraction, random: Random, *, cast: Cast
    ) -> None:
        self.fixture = fixture
        self.truth = truth
        self.ceiling = ceiling
        self.random = random
        self.cast = cast
        self.prices: dict[Key, Price] = {}
        self.seats: dict[str, Seat] = {}
        self.opinions: dict[str, tuple[Grid, Fraction]] = {}
        """Each venue's own idea of the scores and its margin."""

    def fair(self, bet: Bet) -> Fraction:
        """The fair odds of a bet under the true grid."""
        return self.truth.fair_odds(bet)

    def put(self, venue: str, bet: Bet, odds: Fraction, side: str = "back", fault: str = "") -> Price:
        """Post a price as it is, over any earlier one under the same key."""
        seat = self.seats[venue]
        market, selection, line = bet
        price = Price(
            fixture=self.fixture.number,
            source=seat.source,
            venue=venue,
            market=market,
            selection=selection,
            line=line,
            side=side,
            odds=odds,
            updated=seat.updated,
            fault=fault,
        )
        self.prices[venue, bet, side] = price
        return price

    def of(self, venue: str, market: str | None = None) -> Iterator[Price]:
        """The prices of one venue, in one market or in all."""
        for price in list(self.prices.values()):
            if price.venue == venue and market in (None, price.market):
                yield price

    def clear(self, venue: str, market: str | None = None) -> None:
        """Take down a venue's prices in one market, or in all."""
        for price in self.of(venue, market):
            del self.prices[venue, price.bet, price.side]

    def offer(self, venue: str, market: str, line: Fraction | None = None) -> None:
        """Post a bookmaker's whole market from its own opinion and margin, never above the ceiling.

        Nothing is posted when one of its prices would be below 1.01.
        """
        own, margin = self.opinions[venue]
        posted = {}
        for selection in SELECTIONS[market]:
            bet = (market, selection, line)
            odds = cents_below(min(own.fair_odds(bet) / (1 + margin), self.ceiling * self.fair(bet)))
            if odds < _LEAST_ODDS:
                return
            posted[bet] = odds
        for bet, odds in posted.items():
            self.put(venue, bet, odds)

    def offer_ladder(self, venue: str, bet: Bet) -> None:
        """Post an exchange's best back and lay, one margin to either side of its own idea, on the tick ladder."""
        own, margin = self.opinions[venue]
        fair = self.fair(bet)
        back = tick_at_or_below(min(own.fair_odds(bet) / (1 + margin), fair * self.ceiling))
        lay = tick_at_or_above(max(own.fair_odds(bet) * (1 + margin), fair / self.ceiling))
        self.put(venue, bet, back)
        self.put(venue, bet, lay, side="lay")

    def offer_contract(self, venue: str, bet: Bet) -> None:
        """Post a prediction market's YES and NO asks in whole cents."""
        own, margin = self.opinions[venue]
        believed, chance = 1 / own.fair_odds(bet), 1 / self.fair(bet)
        yes = ceil(100 * max(believed * (1 + margin), chance / self.ceiling))
        no = ceil(100 * max((1 - believed) * (1 + margin), (1 - chance) / self.ceiling))
        self.put_contract(venue, bet, yes, no)

    def put_contract(self, venue: str, bet: Bet, yes: int, no: int) -> None:
        """Post YES and NO asks in cents, never crossed; a NO ask of n cents is a YES bid of 100 - n."""
        no = min(max(no, 101 - yes), 99)
        self.put(venue, bet, Fraction(100, yes))
        self.put(venue, bet, Fraction(100, 100 - no), side="lay")

    def tempt(self, venue: str, bet: Bet, odds: Fraction, fault: str = "") -> Price:
        """Post one bookmaker price above the ceiling, and lower the others so that the market stays above 100 %."""
        market, chosen, line = bet
        for selection in SELECTIONS[market]:
            other = (market, selection, line)
            found = self.prices.get((venue, other, "back"))
            if selection != chosen and found is not None:
                self.put(
                    venue, other, min(found.odds, cents_below(_PUSHED_DOWN * self.fair(other))), fault=fault
                )
        return self.put(venue, bet, odds, fault=fault)

    def sound(self) -> bool:
        """Whether each venue's prices make sense, faults aside: above 100 %, lines in order, nothing crossed."""
        return all(
            self._dear(price) and self._in_order(price) for price in self.prices.values() if not price.fault
        )

    def _dear(self, price: Price) -> bool:
        others = [(price.market, selection, price.line) for selection in SELECTIONS[price.market]]
        found = [self.prices.get((price.venue, bet, price.side)) for bet in others]
        if any(each is not None and each.fault for each in found):
            return True
        book = sum(1 / each.odds for each in found if each is not None)
        if price.side == "lay":
            back = self.prices.get((price.venue, price.bet, "back"))
            return book < 1 and (back is None or back.odds < price.odds)
        return book > 1

    def _in_order(self, price: Price) -> bool:
        """A bet that wins at more scores pays less; only totals and handicaps of one venue are compared."""
        if price.line is None:
            return True
        easier_above = price.selection in ("home", "under")
        return all(
            (other.odds <= price.odds) if easier_above else (other.odds >= price.odds)
            for other in self.of(price.venue, price.market)
            if other.selection == price.selection and other.line is not None and other.line > price.line
        )


def cents_below(odds: Fraction) -> Fraction:
    """The odds rounded down to hundredths."""
    return Fraction(odds.numerator * 100 // odds.denominator, 100)
