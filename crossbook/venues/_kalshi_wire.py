"""Kalshi's records as they come over the wire, and what a buyer finds in them."""

from __future__ import annotations

from decimal import Decimal

import msgspec

from crossbook.base.errors import BadData
from crossbook.venues._contract_price import Offer, count_of, other_side, price_of

_Level = tuple[Decimal, Decimal]


class Market(msgspec.Struct):
    """A market; every price may be missing, and is then None."""

    ticker: str
    event_ticker: str | None = None
    title: str | None = None
    status: str | None = None
    yes_sub_title: str | None = None
    rules_primary: str | None = None
    rules_secondary: str | None = None
    mve_collection_ticker: str | None = None
    fractional_trading_enabled: bool | None = None
    notional_value_dollars: Decimal | None = None
    notional_value: Decimal | None = None
    yes_bid_dollars: Decimal | None = None
    yes_ask_dollars: Decimal | None = None
    no_bid_dollars: Decimal | None = None
    no_ask_dollars: Decimal | None = None
    yes_bid: Decimal | None = None
    yes_ask: Decimal | None = None
    no_bid: Decimal | None = None
    no_ask: Decimal | None = None
    yes_bid_size_fp: Decimal | None = None
    yes_ask_size_fp: Decimal | None = None


class Event(msgspec.Struct):
    """An event with the markets sent along; at most one resolves to yes where they exclude each other."""

    event_ticker: str
    series_ticker: str | None = None
    title: str | None = None
    mutually_exclusive: bool | None = None
    markets: list[msgspec.Raw] | None = None


class Bids(msgspec.Struct):
    """An order book: Kalshi writes bids only; a bid for one side is an offer of the other."""

    yes_dollars: list[_Level] | None = None
    no_dollars: list[_Level] | None = None
    yes: list[_Level] | None = None
    no: list[_Level] | None = None


class Sides(msgspec.Struct, frozen=True):
    """What is on offer to a buyer of YES and to a buyer of NO."""

    yes: Offer | None
    no: Offer | None


class Listed(msgspec.Struct):
    """A market with what a buyer finds in it."""

    market: Market
    sides: Sides


def best_of(market: Market) -> Sides:
    """What a buyer finds according to the market itself; sizes are given for the YES side only.

    Raises BadData naming the field that is no price, no count, or no contract that pays one.
    """
    for field, value, full in (
        ("notional_value_dollars", market.notional_value_dollars, 1),
        ("notional_value", market.notional_value, 100),
    ):
        if value is not None and count_of(field, value) != full:
            raise BadData(f"{field}: a contract pays {full}, this one {value}")
    yes_bid, yes_ask, no_bid, no_ask = (
        price_of(f"{name}_dollars", dollars) if dollars is not None else price_of(name, cents, unit=100)
        for name, dollars, cents in (
            ("yes_bid", market.yes_bid_dollars, market.yes_bid),
            ("yes_ask", market.yes_ask_dollars, market.yes_ask),
            ("no_bid", market.no_bid_dollars, market.no_bid),
            ("no_ask", market.no_ask_dollars, market.no_ask),
        )
    )
    ask_size = count_of("yes_ask_size_fp", market.yes_ask_size_fp)
    bid_size = count_of("yes_bid_size_fp", market.yes_bid_size_fp)
    yes = other_side(no_bid, ask_size) if yes_ask is None else Offer(yes_ask, ask_size)
    no = other_side(yes_bid, bid_size)
    if no_ask is not None:
        no = Offer(no_ask, bid_size if yes_bid is None or yes_bid + no_ask == 1 else None)
    return Sides(yes, no)


def best_in(book: Bids) -> Sides:
    """What a buyer finds in an order book. Raises BadData naming the side with a level that cannot be."""
    yes = _best_bid("yes", book.yes_dollars, book.yes)
    no = _best_bid("no", book.no_dollars, book.no)
    return Sides(no and other_side(*no), yes and other_side(*yes))


def _best_bid(side: str, dollars: list[_Level] | None, cents: list[_Level] | None) -> Offer | None:
    levels, unit = (cents or [], 100) if dollars is None else (dollars, 1)
    best: Offer | None = None
    for price, count in levels:
        level, contracts = price_of(side, price, unit), count_of(side, count)
        if level is not None and contracts and (best is None or level > best.price):
            best = Offer(level, contracts)
    return best
