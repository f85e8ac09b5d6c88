"""Polymarket: Gamma's events over HTTP, and the market channel with the order books over a WebSocket.

A client reads the events, subscribes to their tokens, and then gets the books and every change of them. It keeps
the connection alive with PING, which is answered by PONG.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from random import Random
from typing import Any, Final

import msgspec
from aiohttp import WSMsgType, web

from crossbook.sim.live.conductor import Conductor, Server, repeated
from crossbook.sim.live.contract_books import Book, Market, event_record, market_list
from crossbook.sim.live.http_site import Site, hang_up, json_answer, silenced
from crossbook.sim.live.truth import Posted
from crossbook.sim.live.world import Deed, Order

_LONGEST_MESSAGE: Final = 1024 * 1024
_MOST_WAITING: Final = 2_000
"""Messages that may wait for a client that does not read; with more it is closed."""
_BOOKS_IN_FRAME: Final = 60
_SNAPSHOT_EVERY: Final = 40
"""One change in so many is told as a whole book."""
_TICK_SIZE_EVERY: Final = 97
_PAGE: Final = 100
_LARGEST_PAGE: Final = 500
_INVALID: Final = b"INVALID OPERATION"

_encode = msgspec.json.encode


class _Subscription(msgspec.Struct, frozen=True):
    assets_ids: list[str]
    type: str | None = None
    operation: str | None = None


class _Client:
    """One connection: its tokens, what it was told, and what waits to be sent."""

    def __init__(self, socket: web.WebSocketResponse, request: web.Request) -> None:
        self.socket = socket
        self.request = request
        self.tokens: frozenset[str] = frozenset()
        self.seen: dict[str, Book] = {}
        self.dirty: dict[str, None] = {}
        self.unheard: list[str | bytes] = []
        """What it said during a hush: reading goes on, so that its going away is noticed."""
        self.waiting: asyncio.Queue[bytes] = asyncio.Queue(_MOST_WAITING)

    def send(self, data: bytes) -> None:
        """Have a message sent after those that wait; a client that reads too slowly is dropped."""
        try:
            self.waiting.put_nowait(data)
        except asyncio.QueueFull:
            hang_up(self.request)


class ContractServer(Server):
    """One source of Polymarket: Gamma and the market channel on one port."""

    def __init__(self, conductor: Conductor, source: str, seed: int = 0, *, port: int = 0) -> None:
        super().__init__(conductor, [source])
        self.wire = self.wires[source]
        self._venue = self.wire.source.venues[0]
        self._random = Random(f"{seed}/contracts")
        self._site = Site({"/events": self._events, "/ws/market": self._channel}, port)
        self._clients: dict[_Client, None] = {}
        self._told = 0
        self._garbled = 0
        self._old: list[Order] = []
        listed = [each for each in self.world.fixtures if each.number in self.wire.source.fixtures]
        self._fixtures = listed
        self._matches = {each.number: market_list(each, source) for each in listed}
        self._by_condition = {market.condition: market for each in self._matches.values() for market in each}
        self._tokens = frozenset(token for each in self._by_condition.values() for token in each.tokens)
        for fixture in listed:
            self._publish(fixture.number)

    async def start(self) -> None:
        """Listen on loopback."""
        await self._site.start()

    async def stop(self) -> None:
        """Close the port and all connections."""
        self.wire.lost(self.conductor.now())
        for client in self._clients:
            hang_up(client.request)
        await self._site.stop()

    def addresses(self) -> dict[str, dict[str, Any]]:
        """Where the events and the channel are."""
        return {
            self.wire.source.name: {
                "kind": str(self.wire.source.protocol),
                "gamma_url": self._site.url,
                "ws_url": f"{self._site.url.replace('http', 'ws', 1)}/ws/market",
                "ping_s": self.wire.source.life_s / 4,
                "life_s": self.wire.source.life_s,
            }
        }

    def changed(self, posted: Posted) -> None:
        """Publish the match anew; every client that has its tokens is behind."""
        if posted.fixture not in self._matches:
            return
        self._publish(posted.fixture)
        for market in self._matches[posted.fixture]:
            for client in self._clients:
                known = client.seen.get(market.condition)
                if known is not None and (known != market.book):
                    client.dirty[market.condition] = None

    def flush(self, now: int) -> None:
        """Send every client what it does not know."""
        if self.wire.is_hushed(now) or self.wire.is_cut(now):
            return
        for client in self._clients:
            self._hear(client)
        if self.wire.garble_due(now):
            self._garble()
        behind = [client for client in self._clients if client.dirty]
        if any(self._is_whole(client) for client in behind):
            self.wire.delivered(self.conductor.now())
        for client in behind:
            for condition in client.dirty:
                self._tell(client, self._by_condition[condition], now)
            client.dirty.clear()
        for order in self._old:
            self._repeat(order)
        self._old.clear()

    def obey(self, order: Order, now: int) -> None:
        """Close connections, or send an old book; the rest is the wire's."""
        super().obey(order, now)
        if order.deed is Deed.CUT:
            self.wire.lost(self.conductor.now())
            for client in self._clients:
                hang_up(client.request)
        elif order.deed is Deed.REPEAT_OLD:
            self._old.append(order)

    def _publish(self, number: int) -> None:
        for market in self._matches[number]:
            suspended = (number, self._venue, "1x2") in self.world.suspended
            market.publish(self.world.boards[number], self._venue, suspended, self._random)

    def _is_whole(self, client: _Client) -> bool:
        return client.tokens >= self._tokens

    def _tell(self, client: _Client, market: Market, now: int) -> None:
        before, client.seen[market.condition] = client.seen[market.condition], market.book
        self._told += 1
        change = market.change(before, client.tokens)
        emptied = not market.book.bids and not market.book.asks
        if change is None or emptied or self._told % _SNAPSHOT_EVERY == 0:
            for book in market.snapshots(client.tokens):
                client.send(_encode(book))
        else:
            client.send(_encode(change))
        if self._told % _TICK_SIZE_EVERY == 0:
            client.send(_encode(market.tick_size(now)))

    def _repeat(self, order: Order) -> None:
        fixture = order.fixture if order.fixture is not None else -1
        board = repeated(self.world.boards[fixture], order.prices, order.stamp)
        for market in self._matches[fixture]:
            if any(price.selection == market.selection for price in order.prices):
                book = market.booked(board, self._venue, self._random)
                for client in self._clients:
                    if market.condition in client.seen:
                        client.send(_encode(market.snapshots(client.tokens, book)))

    def _garble(self) -> None:
        self._garbled += 1
        market = next(iter(self._by_condition.values()))
        broken = (
            b'{"event_type":"book","market":"0x',
            _encode({"event_type": "price_change", "market": market.condition, "price_changes": "none"}),
            _encode({"event_type": "book", "market": 7, "asset_id": market.tokens[0], "bids": 1, "asks": 2}),
        )[self._garbled % 3]
        for client in self._clients:
            client.send(broken)

    # ------------------------------------------------------------ Gamma

    async def _events(self, request: web.Request) -> web.StreamResponse:
        self.conductor.catch_up()
        if await silenced(request, self.wire, self.clock):
            return web.Response(status=503)  # to nobody: the connection is gone
        limit, offset = _count(request, "limit", _PAGE), _count(request, "offset", 0)
        if limit is None or offset is None:
            return json_answer(b'{"type":"validation error","error":"invalid limit or offset"}', 422)
        now = self.conductor.catch_up()
        self.flush(now)
        page = self._fixtures[offset : offset + min(limit, _LARGEST_PAGE)]
        records = [
            event_record(each, self.wire.source.name, each.competition, self._matches[each.number])
            for each in page
        ]
        body = _encode(records)
        if len(page) == len(self._fixtures) and not self.wire.is_cut(now):
            # All prices in one answer: they stand from now on, before any book is asked for.
            self.wire.up(now)
            self.wire.delivered(self.conductor.now())
        return json_answer(body)

    # ------------------------------------------------------------ the market channel

    async def _channel(self, request: web.Request) -> web.StreamResponse:
        self.conductor.catch_up()
        if await silenced(request, self.wire, self.clock):
            return web.Response(status=503)  # to nobody: the connection is gone
        socket = web.WebSocketResponse(autoping=True, max_msg_size=_LONGEST_MESSAGE, compress=False)
        await socket.prepare(request)
        client = _Client(socket, request)
        self._clients[client] = None
        sender = asyncio.create_task(self._send(client))
        try:
            async for message in socket:
                if message.type not in (WSMsgType.TEXT, WSMsgType.BINARY):
                    continue
                client.unheard.append(message.data)
                if not self.wire.is_hushed(self.conductor.now()):
                    self._hear(client)
        finally:
            self._clients.pop(client)
            sender.cancel()
            if self._is_whole(client) and not any(self._is_whole(other) for other in self._clients):
                self.wire.lost(self.conductor.now())
        return socket

    async def _send(self, client: _Client) -> None:
        with suppress(ConnectionError, RuntimeError):  # the connection ends
            while True:
                data = await client.waiting.get()
                await client.socket.send_str(data.decode())

    def _hear(self, client: _Client) -> None:
        unheard, client.unheard = client.unheard, []
        for data in unheard:
            self._heard(client, data)

    def _heard(self, client: _Client, data: str | bytes) -> None:
        if data in ("PING", b"PING"):
            self._pong(client)
            return
        try:
            asked = msgspec.json.decode(data, type=_Subscription)
        except (msgspec.DecodeError, UnicodeDecodeError):
            client.send(_INVALID)
            return
        if asked.operation == "unsubscribe":
            client.tokens -= frozenset(asked.assets_ids)
        elif asked.operation == "subscribe" or (asked.type or "").lower() == "market":
            self._subscribe(client, frozenset(asked.assets_ids) & self._tokens)
        else:
            client.send(_INVALID)

    def _pong(self, client: _Client) -> None:
        now = self.conductor.catch_up()
        self.flush(now)
        if self._is_whole(client) and not self.wire.is_cut(now):
            self.wire.delivered(self.conductor.now())
        client.send(b"PONG")

    def _subscribe(self, client: _Client, tokens: frozenset[str]) -> None:
        now = self.conductor.catch_up()
        # Everyone first, so that these books and their changes are of one and the same moment.
        self.flush(now)
        added = tokens - client.tokens
        client.tokens |= tokens
        books = []
        for market in self._by_condition.values():
            if added.intersection(market.tokens):
                client.seen[market.condition] = market.book
                books += market.snapshots(added)
        if self._is_whole(client) and not self.wire.is_hushed(now) and not self.wire.is_cut(now):
            self.wire.up(now)
            self.wire.delivered(self.conductor.now())
        for place in range(0, len(books), _BOOKS_IN_FRAME):
            client.send(_encode(books[place : place + _BOOKS_IN_FRAME]))


def _count(request: web.Request, name: str, usual: int) -> int | None:
    text = request.query.get(name, str(usual))
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else None
