"""Betfair prices as they stand: ladders built from an image and the changes that follow it."""

from __future__ import annotations

from bisect import bisect_left, insort
from decimal import Decimal
from fractions import Fraction
from typing import Final

import msgspec

from crossbook.base.errors import BadData
from crossbook.base.exact import exact
from crossbook.venues._betfair_claims import runner_key
from crossbook.venues._betfair_shapes import Level, Offer, RunnerChange, RunnerKey

_SMALLEST_PRICE: Final = Decimal("1.01")
_LARGEST_PRICE: Final = Decimal(1000)
_LARGEST_SIZE: Final = Decimal(10) ** 12


class StartingPrice(msgspec.Struct, frozen=True):
    """A runner's Betfair starting price: projected near and far while bets come in, `actual` once reconciled.

    `near` counts the exchange's own offers too, `far` only the bets that wait for the starting price:
    `back_stakes` and `lay_liabilities`, as price limits with amounts, lowest price first. None where Betfair
    says nothing.
    """

    near: Fraction | None = None
    far: Fraction | None = None
    actual: Fraction | None = None
    back_stakes: tuple[tuple[Fraction, Fraction], ...] = ()
    lay_liabilities: tuple[tuple[Fraction, Fraction], ...] = ()

    @staticmethod
    def reconciled(actual: Decimal | None) -> StartingPrice:
        """The starting price of a runner of which nothing else was sent."""
        return StartingPrice(actual=_price_or_none(actual))


class PriceLadder:
    """Sizes by price; a change names a price and its new size, 0 removes it."""

    __slots__ = ("prices", "sizes")

    def __init__(self) -> None:
        self.prices: list[Decimal] = []
        self.sizes: dict[Decimal, Decimal] = {}

    def change(self, offers: list[Offer]) -> int:
        """Apply changes; returns how many were no offers at all and were left out."""
        bad = 0
        for price, size in offers:
            if not _is_price(price) or not _is_size(size):
                bad += 1
            elif size:
                if price not in self.sizes:
                    insort(self.prices, price)
                self.sizes[price] = size
            elif self.sizes.pop(price, None) is not None:
                del self.prices[bisect_left(self.prices, price)]
        return bad

    def highest(self, count: int) -> list[Offer]:
        """The offers at the highest prices, from the highest down."""
        return [(price, self.sizes[price]) for price in self.prices[: -count - 1 : -1]]

    def lowest(self, count: int) -> list[Offer]:
        """The offers at the lowest prices, from the lowest up."""
        return [(price, self.sizes[price]) for price in self.prices[:count]]


class LevelLadder:
    """Offers by level, 0 being the best; a change names a level and its new offer, size 0 empties it."""

    __slots__ = ("levels",)

    def __init__(self) -> None:
        self.levels: dict[Decimal, Offer] = {}

    def change(self, levels: list[Level]) -> int:
        """Apply changes; returns how many were no offers at all and were left out."""
        bad = 0
        for level, price, size in levels:
            if not _is_size(level):
                bad += 1
            elif price.is_finite() and size.is_finite() and (not price or not size):
                self.levels.pop(level, None)
            elif _is_price(price) and _is_size(size):
                self.levels[level] = price, size
            else:
                bad += 1
        return bad

    def best(self, count: int) -> list[Offer]:
        """The offers at the best levels, best first."""
        return [self.levels[level] for level in sorted(self.levels)[:count]]


class RunnerBook:
    """Everything sent of one runner's prices, each kind kept on its own."""

    __slots__ = ("best_offers", "displayed", "full", "starting", "starting_far", "starting_near")

    def __init__(self) -> None:
        self.full = PriceLadder(), PriceLadder()
        self.best_offers = LevelLadder(), LevelLadder()
        self.displayed = LevelLadder(), LevelLadder()
        self.starting = PriceLadder(), PriceLadder()
        self.starting_near: Decimal | None = None
        self.starting_far: Decimal | None = None

    def change(self, change: RunnerChange) -> int:
        """Apply one runner's changes; returns how many offers in it were none and were left out."""
        bad = 0
        for ladder, offers in zip(self.full + self.starting, _by_price(change), strict=True):
            if offers:
                bad += ladder.change(offers)
        for levels, entries in zip(self.best_offers + self.displayed, _by_level(change), strict=True):
            if entries:
                bad += levels.change(entries)
        if change.spn is not None:
            self.starting_near = change.spn
        if change.spf is not None:
            self.starting_far = change.spf
        return bad

    def starting_price(self, actual: Decimal | None) -> StartingPrice:
        """What is known of the starting price; `actual` is the market definition's, once reconciled."""
        backs, lays = (
            tuple((exact(price), exact(size)) for price, size in ladder.lowest(len(ladder.prices)))
            for ladder in self.starting
        )
        return StartingPrice(
            near=_price_or_none(self.starting_near),
            far=_price_or_none(self.starting_far),
            actual=_price_or_none(actual),
            back_stakes=backs,
            lay_liabilities=lays,
        )


class MarketBook:
    """The prices of one market's runners since its last image.

    Full ladders are believed before best offers, and those before displayed offers (which hold virtual ones
    too). A subscription sends the same fields for all runners, so the choice is made once for the market: a
    runner whose full ladder ran empty has no offers, whatever was displayed earlier.
    """

    __slots__ = ("has_best_offers", "has_full", "runners")

    def __init__(self) -> None:
        self.runners: dict[RunnerKey, RunnerBook] = {}
        self.has_full = False
        self.has_best_offers = False

    def change(self, change: RunnerChange) -> int:
        """Apply one runner's changes; returns how many offers were left out. Raises BadData for no runner."""
        key = runner_key(change.id, change.hc)
        book = self.runners.get(key)
        if book is None:
            book = self.runners[key] = RunnerBook()
        self.has_full = self.has_full or change.atb is not None or change.atl is not None
        self.has_best_offers = self.has_best_offers or change.batb is not None or change.batl is not None
        return book.change(change)

    def drop(self, key: RunnerKey) -> None:
        """Forget a runner's prices."""
        self.runners.pop(key, None)

    def best(self, key: RunnerKey, count: int) -> tuple[list[Offer], list[Offer]]:
        """The best offers to back and to lay one runner, best first."""
        book = self.runners.get(key)
        if book is None:
            return [], []
        if self.has_full:
            back, lay = book.full
            return back.highest(count), lay.lowest(count)
        backs, lays = book.best_offers if self.has_best_offers else book.displayed
        return backs.best(count), lays.best(count)


def _by_price(change: RunnerChange) -> tuple[list[Offer] | None, ...]:
    return change.atb, change.atl, change.spb, change.spl


def _by_level(change: RunnerChange) -> tuple[list[Level] | None, ...]:
    return change.batb, change.batl, change.bdatb, change.bdatl


def _is_price(value: Decimal) -> bool:
    return value.is_finite() and _SMALLEST_PRICE <= value <= _LARGEST_PRICE and _is_exact(value)


def _is_size(value: Decimal) -> bool:
    return value.is_finite() and 0 <= value < _LARGEST_SIZE and _is_exact(value)


def _is_exact(value: Decimal) -> bool:
    try:
        exact(value)
    except BadData:
        return False
    return True


def _price_or_none(value: Decimal | None) -> Fraction | None:
    return exact(value) if value is not None and _is_price(value) else None
