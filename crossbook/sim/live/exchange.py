"""The exchange's server: Betfair's Exchange Stream API over TCP, JSON messages with CRLF between them.

A connection gets the connection message, authenticates with an app key and a session token, and subscribes to
markets. It then has an image of each, changes as they come (conflated where it asked for that), and heartbeats.
A connection that comes back with the clocks it had gets only what changed since, if those are still known.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from contextlib import suppress
from random import Random
from typing import Any, Final

import msgspec

from crossbook.sim.live.conductor import LOOPBACK, Conductor, Server, repeated
from crossbook.sim.live.exchange_wire import (
    LINE_END,
    Client,
    Fields,
    Filter,
    Refusal,
    Request,
    segmented,
)
from crossbook.sim.live.ladders import Market, Seen, Wanted
from crossbook.sim.live.names import league_of
from crossbook.sim.live.truth import Posted
from crossbook.sim.live.world import Deed, Order
from crossbook.sim.stream import MARKETS

APP_KEY: Final = "sim-app-key"
SESSION: Final = "sim-session"

_MILLISECOND: Final = 1_000_000
_LONGEST_LINE: Final = 65_536
_MOST_UNREAD: Final = 8 * 1024 * 1024
"""Bytes that may wait for a client that does not read; with more it is closed."""
_KEPT: Final = 16
"""Closed connections whose clocks are known for a resubscription."""
_HEARTBEATS: Final = (500, 30_000)
_CONFLATIONS: Final = (0, 120_000)

_encode = msgspec.json.encode


class ExchangeServer(Server):
    """One source of the exchange on a port of its own."""

    def __init__(
        self, conductor: Conductor, source: str, seed: int = 0, *, port: int = 0, patience_s: float = 15
    ) -> None:
        """`patience_s` is how long a connection may take to ask for something."""
        super().__init__(conductor, [source])
        self.port = port
        self.wire = self.wires[source]
        self._patience_s = patience_s
        self._venue = self.wire.source.venues[0]
        self._random = Random(f"{seed}/exchange")
        self._clients: dict[Client, asyncio.Task[None]] = {}
        self._connections = 0
        self._garbled = 0
        self._old: list[Order] = []
        self._kept: OrderedDict[str, tuple[str, dict[str, Seen]]] = OrderedDict()
        self._listener: asyncio.Server | None = None
        self._markets: dict[tuple[int, str], Market] = {}
        for fixture in self.world.fixtures:
            if fixture.number not in self.wire.source.fixtures:
                continue
            for market in MARKETS:
                made = Market(fixture, source, league_of(fixture).country_code, market)
                self._markets[fixture.number, market] = made
                self._publish(made)

    async def start(self) -> None:
        """Listen on loopback."""
        self._listener = await asyncio.start_server(
            self._serve, LOOPBACK, self.port, limit=_LONGEST_LINE, start_serving=True
        )
        self.port = self._listener.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Close the port and all connections."""
        if self._listener is not None:
            self._listener.close()
        self.wire.lost(self.conductor.now())
        tasks = list(self._clients.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def addresses(self) -> dict[str, dict[str, Any]]:
        """Host, port and keys."""
        return {
            self.wire.source.name: {
                "kind": str(self.wire.source.protocol),
                "host": LOOPBACK,
                "port": self.port,
                "app_key": APP_KEY,
                "session": SESSION,
                "heartbeat_ms": max(_HEARTBEATS[0], round(self.wire.source.life_s * 250)),
                "life_s": self.wire.source.life_s,
            }
        }

    def changed(self, posted: Posted) -> None:
        """Publish the market anew; every client that has it is behind."""
        market = self._markets.get((posted.fixture, posted.market))
        if market is not None:
            self._publish(market)
            for client in self._clients:
                if market.id in client.seen:
                    client.dirty[market.id] = None

    def flush(self, now: int) -> None:
        """Send changes to all who are behind, heartbeats to all who heard nothing for long."""
        if self.wire.is_hushed(now) or self.wire.is_cut(now):
            return
        if self.wire.garble_due(now):
            self._garble()
        outgoing = [(client, data) for client in self._clients if (data := self._due(client, now))]
        whole = [client for client in self._clients if client.whole]
        if any(client.whole for client, _ in outgoing) and not any(client.dirty for client in whole):
            self.wire.delivered(self.conductor.now())
        for client, data in outgoing:
            self._write(client, data)
        for order in self._old:
            self._repeat(order)
        self._old.clear()

    def next_due(self) -> int | None:
        """The next heartbeat or conflated change."""
        return min(
            (
                client.last_sent + (client.conflation if client.dirty else client.heartbeat)
                for client in self._clients
                if client.subscribed
            ),
            default=None,
        )

    def obey(self, order: Order, now: int) -> None:
        """Close connections, or send an old state; the rest is the wire's."""
        super().obey(order, now)
        if order.deed is Deed.CUT:
            self.wire.lost(self.conductor.now())
            for client in self._clients:
                _hang_up(client.writer)
        elif order.deed is Deed.REPEAT_OLD:
            self._old.append(order)

    def _publish(self, market: Market) -> None:
        number = market.fixture.number
        suspended = (number, self._venue, market.market) in self.world.suspended
        market.publish(self.world.boards[number], self._venue, suspended, self._random)

    def _due(self, client: Client, now: int) -> bytes | None:
        if not client.subscribed:
            return None
        if client.dirty and now - client.last_sent >= client.conflation:
            changes = []
            for name in client.dirty:
                market = client.markets[name]
                change = market.change(client.seen[name], client.wanted)
                client.seen[name] = market.told()
                if change is not None:
                    changes.append(change)
            client.dirty.clear()
            if changes:
                return client.message(now, mc=changes)
            # Posted again as it stood: there is nothing to tell, but it is confirmed.
            return client.message(now, ct="HEARTBEAT")
        if now - client.last_sent >= client.heartbeat:
            return client.message(now, ct="HEARTBEAT")
        return None

    def _garble(self) -> None:
        self._garbled += 1
        for client in self._clients:
            if client.subscribed:
                broken = (
                    b'{"op":"mcm","id":1,"clk":"A","pt":17740',
                    b'{"op":"mcm","id":"one","clk":7,"pt":"soon","mc":"none"}',
                    b'{"op":"mcm","clk":"B","pt":1,"mc":[{"id":12,"rc":{"atb":true}}]}',
                    b"\xff\xfe\x00broken",
                )[self._garbled % 4]
                self._write(client, broken + LINE_END)

    def _repeat(self, order: Order) -> None:
        fixture = order.fixture if order.fixture is not None else -1
        old = repeated(self.world.boards[fixture], order.prices, order.stamp)
        touched = {price.market for price in order.prices}
        for client in self._clients:
            changes = [
                market.back_to(market.laddered(old, self._venue, self._random), client.wanted)
                for market in client.markets.values()
                if market.fixture.number == fixture and market.market in touched
            ]
            if client.subscribed and changes:
                data = client.message(client.last_sent, pt=order.stamp // _MILLISECOND, mc=changes)
                self._write(client, data)

    def _write(self, client: Client, data: bytes) -> None:
        if client.writer.transport.get_write_buffer_size() > _MOST_UNREAD:
            client.writer.transport.abort()
        elif not client.writer.is_closing():
            client.writer.write(data)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is None or self.wire.is_cut(self.conductor.now()):
            writer.transport.abort()
            return
        self._connections += 1
        client = Client(writer, self._connections)
        self._clients[client] = task
        try:
            await self._converse(client, reader)
        except (ConnectionError, asyncio.CancelledError):
            pass  # the other side went away, or the server stops
        finally:
            self._forget(client)

    async def _converse(self, client: Client, reader: asyncio.StreamReader) -> None:
        await self.wire.until_it_may_speak(self.clock)
        self._write(client, _encode({"op": "connection", "connectionId": client.name}) + LINE_END)
        number: int | None = None
        while True:
            try:
                line = await self._line(client, reader)
                if line is None:
                    return
                await self.wire.until_it_may_speak(self.clock)
                request = self._request(line)
                number = request.id
                self._answer(client, request)
            except Refusal as refusal:
                status = {
                    "statusCode": "FAILURE",
                    "errorCode": refusal.code,
                    "errorMessage": str(refusal),
                    "connectionClosed": refusal.closes,
                }
                self._status(client, number, status)
                if refusal.closes:
                    return

    async def _line(self, client: Client, reader: asyncio.StreamReader) -> bytes | None:
        try:
            async with asyncio.timeout(None if client.subscribed else self._patience_s):
                return await reader.readuntil(b"\n")
        except TimeoutError:
            raise Refusal("TIMEOUT", "nothing was asked for in time") from None
        except asyncio.LimitOverrunError:
            raise Refusal("INVALID_INPUT", f"the line is longer than {_LONGEST_LINE} bytes") from None
        except asyncio.IncompleteReadError:
            return None

    def _request(self, line: bytes) -> Request:
        try:
            return msgspec.json.decode(line, type=Request)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise Refusal("INVALID_INPUT", str(error)) from None

    def _answer(self, client: Client, request: Request) -> None:
        success: dict[str, Any] = {"statusCode": "SUCCESS", "connectionClosed": False}
        if request.op == "authentication":
            self._authenticate(client, request)
            self._status(client, request.id, {**success, "connectionsAvailable": 9})
        elif request.op == "heartbeat":
            self._status(client, request.id, success)
        elif request.op == "marketSubscription":
            if not client.authenticated:
                raise Refusal("NOT_AUTHORIZED", "authenticate before subscribing")
            # Everyone else first, so that this image and their changes are of one and the same moment.
            self.flush(self.conductor.catch_up())
            self._status(client, request.id, success)
            self._subscribe(client, request)
        else:
            raise Refusal("INVALID_REQUEST", f"op: {request.op[:40]!r} is not known", closes=False)

    def _authenticate(self, client: Client, request: Request) -> None:
        if not request.app_key:
            raise Refusal("NO_APP_KEY", "appKey: missing")
        if request.app_key != APP_KEY:
            raise Refusal("INVALID_APP_KEY", "appKey: not known")
        if not request.session:
            raise Refusal("NO_SESSION", "session: missing")
        if request.session != SESSION:
            raise Refusal("INVALID_SESSION_INFORMATION", "session: not valid or no longer so")
        client.authenticated = True

    def _subscribe(self, client: Client, request: Request) -> None:
        now = self.conductor.now()
        asked = request.market_filter or Filter()
        data = request.market_data_filter or Fields()
        client.markets = {each.id: each for each in self._markets.values() if asked.admits(each)}
        if data.fields:
            client.wanted = Wanted(frozenset(data.fields), max(1, min(data.ladder_levels, 10)))
        heartbeat_ms = _within(_HEARTBEATS, request.heartbeat_ms or 5_000)
        conflate_ms = _within(_CONFLATIONS, request.conflate_ms or 0)
        client.heartbeat, client.conflation = heartbeat_ms * _MILLISECOND, conflate_ms * _MILLISECOND
        client.subscription, client.subscribed = request.id, True
        client.whole = len(client.markets) == len(self._markets)
        known = self._known(client, request)
        client.seen = {name: market.told() for name, market in client.markets.items()}
        client.dirty.clear()
        common: dict[str, Any] = {
            "initialClk": client.initial_clock,
            "heartbeatMs": heartbeat_ms,
            "conflateMs": conflate_ms,
            "ct": "SUB_IMAGE" if known is None else "RESUB_DELTA",
        }
        if known is None:
            changes = [market.image(client.wanted) for market in client.markets.values()]
        else:
            made = (market.change(known[name], client.wanted) for name, market in client.markets.items())
            changes = [change for change in made if change is not None]
        if not client.whole or self.wire.is_hushed(now) or self.wire.is_cut(now):
            pass
        elif not any(other.dirty for other in self._clients if other.whole):
            self.wire.up(now)
            self.wire.delivered(now)
        for message in segmented(client, now, common, changes, request.segmentation_enabled):
            self._write(client, message)

    def _known(self, client: Client, request: Request) -> dict[str, Seen] | None:
        """What a client that resumes was told before, if the clocks it brings and its markets are known."""
        kept = self._kept.pop(request.clk, None) if request.clk and request.initial_clk else None
        if kept is not None and kept[0] == request.initial_clk and kept[1].keys() == client.markets.keys():
            client.initial_clock = kept[0]
            return kept[1]
        client.initial_clock = f"{client.name}/initial"
        return None

    def _forget(self, client: Client) -> None:
        del self._clients[client]
        if client.subscribed:
            self._kept[client.clk()] = client.initial_clock, client.seen
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        if client.whole and not any(other.whole for other in self._clients):
            self.wire.lost(self.conductor.now())
        with suppress(RuntimeError):  # the loop may be closed already
            client.writer.close()

    def _status(self, client: Client, number: int | None, fields: dict[str, Any]) -> None:
        head = {"op": "status", "id": number, "connectionId": client.name}
        self._write(client, _encode({**head, **fields}) + LINE_END)


def _hang_up(writer: asyncio.StreamWriter) -> None:
    if writer.transport.get_write_buffer_size():
        writer.transport.abort()  # a client that does not read would keep the connection for ever
    else:
        writer.close()


def _within(bounds: tuple[int, int], value: int) -> int:
    return max(bounds[0], min(value, bounds[1]))
