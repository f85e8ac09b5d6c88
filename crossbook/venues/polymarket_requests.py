"""What Polymarket is asked: Gamma for what the markets are, the market channel for their books.

Paths, fields and the beat follow https://docs.polymarket.com (Gamma API, CLOB WebSocket).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import msgspec

from crossbook.base.errors import BadData
from crossbook.venues._polymarket_wire import Event, Market
from crossbook.venues.asking import Question
from crossbook.venues.decode import json_value

ADDRESS: Final = "https://gamma-api.polymarket.com"
SOCKET: Final = "wss://ws-subscriptions-clob.polymarket.com/ws/market"
PAGE: Final = 100
BEAT: Final = "PING"
BEAT_S: Final = 10.0


class _Page(msgspec.Struct):
    data: list[msgspec.Raw] = []
    events: list[msgspec.Raw] = []


def events(page: int, filters: Iterable[tuple[str, str]] = ()) -> Question:
    """One page (from 0 on) of the open events; `filters` are Gamma's own, such as ``("tag_slug", "soccer")``."""
    standing = (("active", "true"), ("closed", "false"), ("limit", str(PAGE)), ("offset", str(page * PAGE)))
    return Question(path="/events", query=(*standing, *filters))


def read_page(data: bytes) -> tuple[int, list[str]]:
    """How many events a page holds, and the tokens of their markets that trade in a book, in their order.

    A market that cannot be read has no tokens here; the reader says what is wrong with it. Raises BadData when
    the answer is no list of events.
    """
    if data.lstrip().startswith(b"{"):
        wrapped: _Page = json_value(data, _Page)
        pieces = wrapped.data or wrapped.events
    else:
        pieces = json_value(data, list[msgspec.Raw])
    tokens: dict[str, None] = {}
    for piece in pieces:
        try:
            event: Event = json_value(bytes(piece), Event)
        except BadData:
            continue
        for raw in event.markets or []:
            tokens.update(dict.fromkeys(_tokens(bytes(raw))))
    return len(pieces), list(tokens)


def subscription(tokens: Iterable[str]) -> str:
    """The first message: the books of these tokens, as they are and as they change."""
    return msgspec.json.encode({"type": "market", "assets_ids": list(tokens)}).decode()


def more(tokens: Iterable[str]) -> str:
    """A later message: the books of these tokens too."""
    return msgspec.json.encode({"operation": "subscribe", "assets_ids": list(tokens)}).decode()


def _tokens(data: bytes) -> list[str]:
    try:
        market: Market = json_value(data, Market)
        return [] if market.over() or market.enable_order_book is False else market.tokens()
    except BadData:
        return []
