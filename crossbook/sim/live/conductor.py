"""The conductor: moves the world on in real time and has every server send what became of it."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Iterable
from contextlib import suppress
from copy import copy
from time import monotonic
from typing import Any, Final

import msgspec

from crossbook.base.clock import SECOND, Clock
from crossbook.sim.board import Board, Seat
from crossbook.sim.live.truth import Posted
from crossbook.sim.live.wire import Wire
from crossbook.sim.live.world import LiveWorld, Order
from crossbook.sim.truth import Price

LOOPBACK: Final = "127.0.0.1"

_LONGEST_PAUSE: Final = SECOND // 20
_SHORTEST_PAUSE: Final = SECOND // 500
_SLICE: Final = SECOND // 100
_LONGEST_WORK_S: Final = 0.02


class Server(ABC):
    """A venue's server (or a worker that calls Crossbook): one wire for each source it carries."""

    def __init__(self, conductor: Conductor, sources: Iterable[str]) -> None:
        self.conductor = conductor
        self.world = conductor.world
        self.clock = conductor.clock
        self.wires = {name: Wire(self.world, self.world.sources[name]) for name in sources}

    @abstractmethod
    async def start(self) -> None:
        """Take a port, or begin to connect."""

    @abstractmethod
    async def stop(self) -> None:
        """Close everything; every source that was up is told as lost."""

    @abstractmethod
    def addresses(self) -> dict[str, dict[str, Any]]:
        """What a client needs to know to connect, by source."""

    @abstractmethod
    def changed(self, posted: Posted) -> None:
        """A price of this server's was posted: it has to go out with the next `flush`, or answer."""

    def flush(self, now: int) -> None:  # noqa: B027 - a server that only answers has nothing to send of itself
        """Send what is due. The world stands at `now` and does not move before this returns."""

    def next_due(self) -> int | None:
        """When `flush` has something to send of itself, a heartbeat say; None when only changes make it send."""
        return None

    def obey(self, order: Order, now: int) -> None:
        """Carry out an order."""
        self.wires[order.source].obey(order)


class Conductor:
    """Keeps the world at the clock's time and hands its changes and orders to the servers."""

    def __init__(self, world: LiveWorld, clock: Clock) -> None:
        self.world = world
        self.clock = clock
        self.servers: list[Server] = []
        self._by_source: dict[str, Server] = {}
        self._wake = asyncio.Event()
        self._now = 0

    def add(self, server: Server) -> None:
        """Have a server take part."""
        self.servers.append(server)
        self._by_source |= dict.fromkeys(server.wires, server)

    def now(self) -> int:
        """The clock's time, which never falls."""
        self._now = max(self._now, self.clock.now())
        return self._now

    def catch_up(self) -> int:
        """Bring the world to the clock's time, tell the servers what changed, and give that time.

        A world that is far behind, on a busy machine, is brought on a little only: what is served and confirmed
        meanwhile is true of it as it stands.
        """
        now = self.now()
        posted = self._advance(now)
        for each in posted:
            self._by_source[each.source].changed(each)
        orders = self.world.orders()
        for order in orders:
            self._by_source[order.source].obey(order, now)
        if posted or orders:
            self.wake()
        return now

    def _advance(self, now: int) -> list[Posted]:
        enough = monotonic() + _LONGEST_WORK_S
        posted: list[Posted] = []
        while True:
            due = self.world.next_due()
            behind = due is not None and due + _SLICE < now
            posted += self.world.advance(due + _SLICE if behind and due is not None else now)
            if not behind or monotonic() > enough:
                return posted

    def wake(self) -> None:
        """Something may have to be sent before the next pause is over."""
        self._wake.set()

    async def start(self) -> None:
        """Start all servers."""
        for server in self.servers:
            await server.start()

    async def stop(self) -> None:
        """Stop all servers."""
        for server in self.servers:
            await server.stop()

    async def run(self) -> None:
        """Go on for ever: catch up, send, and sleep until the next thing is due."""
        while True:
            self._wake.clear()
            now = self.catch_up()
            for server in self.servers:
                server.flush(now)
            self._wake.clear()
            dues = [self.world.next_due(), *(server.next_due() for server in self.servers)]
            due = min((each for each in dues if each is not None), default=now + _LONGEST_PAUSE)
            pause = max(min(due - self.clock.now(), _LONGEST_PAUSE), _SHORTEST_PAUSE)
            with suppress(TimeoutError):
                async with asyncio.timeout(pause / SECOND):
                    await self._wake.wait()


def repeated(board: Board, prices: Iterable[Price], stamp: int) -> Board:
    """The board with earlier prices in place of all of the same venue and market, as published at `stamp`."""
    old = [msgspec.structs.replace(price, updated=stamp) for price in prices]
    replaced = {(price.venue, price.market) for price in old}
    earlier = copy(board)
    earlier.prices = {
        key: price for key, price in board.prices.items() if (price.venue, price.market) not in replaced
    }
    earlier.prices |= {(price.venue, price.bet, price.side): price for price in old}
    earlier.seats = board.seats | {price.venue: Seat(price.source, price.venue, stamp) for price in old}
    return earlier
