"""Polymarket's order books, token by token: snapshots, changed levels, best prices, applied in their order."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Final

import msgspec

from crossbook.base.errors import BadData
from crossbook.venues._contract_price import Offer, count_of, price_of
from crossbook.venues.decode import json_value

_MILLISECOND: Final = 1_000_000
_NO_OFFERS: Final = (  # the key that gives a message away, and what the message is
    ("maker_orders", "a trade"),
    ("order_type", "an order"),
    ("new_tick_size", "a change of tick size"),
    ("winning_asset_id", "a resolution"),
    ("assets_ids", "a new market"),
    ("fee_rate_bps", "a trade"),
    ("tokens", "a market with the prices of its last trades"),
)
_Levels = dict[Fraction, Fraction | None]


class _Level(msgspec.Struct):
    price: Decimal
    size: Decimal


class _Change(msgspec.Struct):
    asset_id: str
    price: Decimal | None = None
    side: str | None = None
    size: Decimal | None = None
    best_bid: Decimal | None = None
    best_ask: Decimal | None = None


class _Message(msgspec.Struct):
    market: str
    timestamp: str | int | None = None
    asset_id: str | None = None
    bids: list[_Level] | None = None
    asks: list[_Level] | None = None
    best_bid: Decimal | None = None
    best_ask: Decimal | None = None
    price_changes: list[msgspec.Raw] | None = None


class TokenBook(msgspec.Struct):
    """Bids and asks of one token, a level without a known size being None; `market` is its condition id."""

    token: str
    market: str
    happened: int | None = None
    bids: _Levels = msgspec.field(default_factory=dict)
    asks: _Levels = msgspec.field(default_factory=dict)

    def bid(self) -> Offer | None:
        """The highest bid."""
        best = max(self.bids, default=None)
        return None if best is None else Offer(best, self.bids[best])

    def ask(self) -> Offer | None:
        """The lowest ask."""
        best = min(self.asks, default=None)
        return None if best is None else Offer(best, self.asks[best])


def without_offers(fields: dict[str, msgspec.Raw]) -> str | None:
    """What a message is that has no offers in it, None when it may have some."""
    return next((what for key, what in _NO_OFFERS if key in fields), None)


def apply(books: dict[str, TokenBook], piece: bytes, only_newer: bool = False) -> list[str]:
    """Apply one message to the books of the tokens it names; reasons for the parts that could not be used.

    With `only_newer`, what is older than a book is not used.
    Raises BadData naming the field when nothing of the message can be used; the books are then as they were.
    """
    message: _Message = json_value(piece, _Message)
    happened = _time_of(message.timestamp)
    if message.price_changes is not None:
        reasons = []
        for number, raw in enumerate(message.price_changes, 1):
            try:
                change: _Change = json_value(bytes(raw), _Change)
                if only_newer:
                    _check_newer(books.get(change.asset_id), happened)
                _apply_change(books, message.market, happened, change)
            except BadData as error:
                reasons.append(f"price change {number}: {error}")
        return reasons
    if message.asset_id is None:
        raise BadData("asset_id: missing, so nothing says what the prices are of")
    if only_newer:
        _check_newer(books.get(message.asset_id), happened)
    if message.bids is not None or message.asks is not None:
        bids, asks = _side("bids", message.bids), _side("asks", message.asks)
        books[message.asset_id] = TokenBook(message.asset_id, message.market, happened, bids, asks)
    else:
        if message.best_bid is None and message.best_ask is None:
            raise BadData("bids: missing, and best_bid and best_ask too")
        best = _Change(message.asset_id, best_bid=message.best_bid, best_ask=message.best_ask)
        _apply_change(books, message.market, happened, best)
    return []


def _check_newer(book: TokenBook | None, happened: int | None) -> None:
    if book is None or book.happened is None or happened is None or happened >= book.happened:
        return
    raise BadData(f"timestamp: older than what is known of token {book.token[:40]}; not used")


def _apply_change(books: dict[str, TokenBook], market: str, happened: int | None, change: _Change) -> None:
    """Set the changed level, then let the stated best prices have the last word."""
    price, size = price_of("price", change.price), count_of("size", change.size)
    best_bid, best_ask = price_of("best_bid", change.best_bid), price_of("best_ask", change.best_ask)
    if price is not None and change.side not in ("BUY", "SELL"):
        raise BadData(f"side: {str(change.side)[:40]!r} is neither BUY nor SELL")
    book = books.setdefault(change.asset_id, TokenBook(change.asset_id, market))
    book.happened = happened
    if price is not None:
        levels = book.bids if change.side == "BUY" else book.asks
        if size:
            levels[price] = size
        else:
            levels.pop(price, None)
    if best_bid is not None:
        for beyond in [level for level in book.bids if level > best_bid]:
            del book.bids[beyond]
        if best_bid > 0:
            book.bids.setdefault(best_bid, None)
    if best_ask is not None:
        for beyond in [level for level in book.asks if level < best_ask]:
            del book.asks[beyond]
        if best_ask < 1:
            book.asks.setdefault(best_ask, None)


def _side(field: str, levels: list[_Level] | None) -> _Levels:
    read: _Levels = {}
    for level in levels or []:
        price, size = price_of(field, level.price), count_of(field, level.size)
        if price is not None and size:
            read[price] = size
    return read


def _time_of(stamp: str | int | None) -> int | None:
    """Nanoseconds from a time in milliseconds."""
    if stamp is None or stamp == "":
        return None
    digits = str(stamp)
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 15):
        raise BadData(f"timestamp: {digits[:40]!r} is not a time in milliseconds")
    return int(digits) * _MILLISECOND
