"""Site workers: clients that connect to Crossbook's ``/ws`` and tell it what a site shows, in S2 messages.

A worker registers, then sends everything its site shows: at once when something changed, and else at every
interval. It reads what comes back, and connects again by itself, a little later each time.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from random import Random
from socket import SHUT_RDWR
from typing import Any, Final

import aiohttp
import msgspec

from crossbook.sim.board import Board
from crossbook.sim.formats import milliseconds, number
from crossbook.sim.live.conductor import Conductor, Server, repeated
from crossbook.sim.live.names import site_league
from crossbook.sim.live.truth import Posted
from crossbook.sim.live.world import Deed, Order
from crossbook.sim.scores import ASIAN_HANDICAP, MATCH_RESULT, TOTAL

_MARKETS: Final = {MATCH_RESULT: "ft_1x2", ASIAN_HANDICAP: "ft_hdp", TOTAL: "ft_ou"}
_LINES: Final = {ASIAN_HANDICAP: "handicap", TOTAL: "line"}
_LEAST_GAP_S: Final = 0.02
_FIRST_WAIT_S: Final = 0.1
_LONGEST_WAIT_S: Final = 3.0
_LONGEST_REPLY: Final = 16 * 1024 * 1024

_encode = msgspec.json.encode


class Worker(Server):
    """One worker, which is one source; it connects once it is told where."""

    def __init__(self, conductor: Conductor, source: str, seed: int = 0, *, interval_s: float = 0.5) -> None:
        super().__init__(conductor, [source])
        self.wire = self.wires[source]
        self.name = source.rpartition("/")[2]
        self.replies: dict[str, int] = {}
        """How many messages came back, by type."""
        self._interval_s = interval_s
        self._random = Random(f"{seed}/{source}")
        self._matches: dict[int, bytes] = {}
        self._changed = asyncio.Event()
        self._called = asyncio.Event()
        self._url = ""
        self._task: asyncio.Task[None] | None = None
        self._socket: aiohttp.ClientWebSocketResponse | None = None
        self._garbled = 0
        self._old: list[Order] = []

    async def start(self) -> None:
        """Wait for an address, then connect."""
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Close the connection and stay away."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def call(self, url: str) -> None:
        """Say where Crossbook's WebSocket is."""
        self._url = url
        self._called.set()

    def addresses(self) -> dict[str, dict[str, Any]]:
        """Who it is; it connects by itself."""
        source = self.wire.source
        return {
            source.name: {
                "kind": str(source.protocol),
                "worker_id": self.name,
                "site": source.site,
                "interval_s": self._interval_s,
                "life_s": source.life_s,
            }
        }

    def changed(self, posted: Posted) -> None:
        """The match has to be written anew, and all of it sent."""
        self._matches.pop(posted.fixture, None)
        self._changed.set()

    def obey(self, order: Order, now: int) -> None:
        """Hang up, or send an old state as soon as may be; the rest is the wire's."""
        super().obey(order, now)
        if order.deed is Deed.CUT:
            self.wire.lost(self.conductor.now())
            if self._socket is not None:
                _hang_up(self._socket)
        elif order.deed is Deed.REPEAT_OLD:
            self._old.append(order)
            self._changed.set()

    async def _run(self) -> None:
        await self._called.wait()
        wait_s = _FIRST_WAIT_S
        async with aiohttp.ClientSession() as session:
            while True:
                with suppress(aiohttp.ClientError, OSError, TimeoutError):
                    async with asyncio.timeout(5):
                        socket = await session.ws_connect(self._url, max_msg_size=_LONGEST_REPLY)
                    wait_s = _FIRST_WAIT_S
                    await self._converse(socket)
                await asyncio.sleep(self._random.uniform(wait_s / 2, wait_s))
                wait_s = min(wait_s * 2, _LONGEST_WAIT_S)
                while self.wire.is_cut(self.conductor.now()):
                    await asyncio.sleep(_LEAST_GAP_S)

    async def _converse(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        speaking = asyncio.create_task(self._speak(socket))
        try:
            async for message in socket:
                if message.type in (aiohttp.WSMsgType.TEXT, aiohttp.WSMsgType.BINARY):
                    self._heard(message.data)
        finally:
            self._socket = None
            speaking.cancel()
            await asyncio.gather(speaking, return_exceptions=True)
            self.wire.lost(self.conductor.now())
            await socket.close()

    def _heard(self, data: str | bytes) -> None:
        kind = "unreadable"
        with suppress(msgspec.DecodeError, UnicodeDecodeError):
            kind = str(msgspec.json.decode(data, type=dict[str, Any]).get("type"))[:80]
        self.replies[kind] = self.replies.get(kind, 0) + 1

    async def _speak(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        try:
            await self.wire.until_it_may_speak(self.clock)
            now = self.conductor.catch_up()
            await socket.send_str(_encode(self._head("worker:register", now)).decode())
            self.wire.up(self.conductor.now())
            while True:
                await self._tell(socket)
                await asyncio.sleep(_LEAST_GAP_S)
                with suppress(TimeoutError):
                    async with asyncio.timeout(self._interval_s - _LEAST_GAP_S):
                        await self._changed.wait()
                await self.wire.until_it_may_speak(self.clock)
        except (aiohttp.ClientError, ConnectionError):
            _hang_up(socket)

    async def _tell(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        now = self.conductor.catch_up()
        if self.wire.is_hushed(now) or self.wire.is_cut(now):
            return
        self._changed.clear()
        update = self._update(now)
        old = [self._update(order.stamp, order) for order in self._old]
        self._old.clear()
        broken = self._broken(now) if self.wire.garble_due(now) else None
        self.wire.delivered(self.conductor.now())
        await socket.send_str(update.decode())
        for late in old:
            await socket.send_str(late.decode())
        if broken is not None:
            await socket.send_str(broken)

    def _head(self, kind: str, now: int) -> dict[str, Any]:
        return {
            "type": kind,
            "worker_id": self.name,
            "site": self.wire.source.site,
            "timestamp": milliseconds(now),
        }

    def _update(self, stamp: int, old: Order | None = None) -> bytes:
        head = _encode(self._head("odds:update", stamp))
        matches = [self._match(number, old) for number in self.wire.source.fixtures]
        return head[:-1] + b',"data":{"matches":[' + b",".join(matches) + b"]}}"

    def _match(self, fixture: int, old: Order | None) -> bytes:
        if old is not None and old.fixture == fixture:
            return _encode(self._record(repeated(self.world.boards[fixture], old.prices, old.stamp)))
        known = self._matches.get(fixture)
        if known is None:
            known = self._matches[fixture] = _encode(self._record(self.world.boards[fixture]))
        return known

    def _record(self, board: Board) -> dict[str, Any]:
        fixture = board.fixture
        home, away = fixture.names[self.wire.source.name]
        odds: dict[str, Any] = {}
        for venue in self.wire.source.venues:
            for market, word in _MARKETS.items():
                closed = (fixture.number, venue, market) in self.world.suspended
                shown = _market(board, venue, market, closed)
                if shown:
                    odds[word] = shown[0] if len(shown) == 1 else shown
        return {
            "home_team": home,
            "away_team": away,
            "league": site_league(fixture, self.wire.source.name),
            "start_time": milliseconds(fixture.kick_off),
            "odds": odds,
        }

    def _broken(self, now: int) -> str:
        self._garbled += 1
        head = self._head("odds:update", now)
        return (
            _encode(head).decode()[: -len(head["timestamp"])],
            _encode({**head, "data": {"matches": "none"}}).decode(),
            _encode({**head, "data": 7}).decode(),
            _encode({**head, "type": "odds:updated"}).decode(),
        )[self._garbled % 4]


def _hang_up(socket: aiohttp.ClientWebSocketResponse) -> None:
    """End the connection: a close frame could wait for an answer that never comes."""
    plain = socket.get_extra_info("socket")
    if plain is not None:
        with suppress(OSError):
            plain.shutdown(SHUT_RDWR)


def _market(board: Board, venue: str, market: str, suspended: bool) -> list[dict[str, Any]]:
    """A market as the site shows it: one object for each line."""
    lines: dict[Any, dict[str, Any]] = {}
    for price in board.of(venue, market):
        shown = lines.setdefault(price.line, {})
        shown[price.selection] = number(price.odds)
        if price.line is not None:
            shown[_LINES[market]] = number(price.line)
    for shown in lines.values():
        if suspended:
            shown["suspended"] = True
    return list(lines.values())
