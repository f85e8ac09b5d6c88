"""A world that stands still: its prices move, and its orders come, only when a test says so."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from fractions import Fraction
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import msgspec

from crossbook.base.clock import SECOND, SystemClock
from crossbook.model.quote import Snapshot
from crossbook.sim.live.__main__ import servers
from crossbook.sim.live.conductor import Conductor
from crossbook.sim.live.prices import reprice
from crossbook.sim.live.script import Script
from crossbook.sim.live.truth import Delivered, Head, Lost, Posted, Record, TruthWriter, Up, read_truth_log
from crossbook.sim.live.workers import Worker
from crossbook.sim.live.world import Deed, LiveWorld, Order
from crossbook.sim.truth import Price

PATIENCE_S = 20


class Offer(NamedTuple):
    """What anyone who reads a source must know."""

    event: str
    venue: str
    market: str
    selection: str
    line: Fraction | None
    side: str
    odds: Fraction
    tradable: bool = True


class StandingWorld(LiveWorld):
    """Fixtures, sources and first prices are the live world's; posting, orders and the log are its own."""

    def __init__(self, path: Path, fixtures: int = 6, seed: int = 1) -> None:
        self.clock = SystemClock()
        start = self.clock.now()
        quiet = Script(lambda _: [], 60 * SECOND, fixtures=fixtures, updates_per_s=0)
        super().__init__(seed, start, quiet, None)
        self.path = path
        self.writer = TruthWriter(path)
        self.writer.write(Head(seed=seed, at=start, fixtures=self.fixtures, sources=()))
        self.random = Random(seed)
        self.number = 0
        self.last = dict.fromkeys(self.sources, 0)
        self.waiting: list[Posted] = []
        self.ordered: list[Order] = []

    def post(self, slot: tuple[int, str, str]) -> None:
        number, venue, market = slot
        for price in self.boards[number].of(venue, market):
            self.line(price, price.odds, slot in self.suspended)

    def line(self, price: Price, odds: Fraction | None, suspended: bool = False) -> None:
        self.number += 1
        self.last[price.source] = self.number
        fields = msgspec.structs.asdict(price)
        fields |= {"number": self.number, "at": self.clock.now(), "odds": odds, "suspended": suspended}
        self.waiting.append(Posted(**fields))
        self.writer.write(self.waiting[-1])

    def move(self, fixture: int, venue: str, market: str) -> None:
        """Re-price a market until one of its prices is another."""
        board = self.boards[fixture]
        before = {price.odds for price in board.of(venue, market)}
        while {price.odds for price in board.of(venue, market)} == before:
            reprice(board, venue, market, self.clock.now(), self.random)
        self.post((fixture, venue, market))

    def suspend(self, fixture: int, venue: str, market: str, on: bool = True) -> None:
        slot = fixture, venue, market
        if on:
            self.suspended.add(slot)
        else:
            self.suspended.discard(slot)
        self.post(slot)

    def withdraw(self, fixture: int, venue: str, market: str) -> None:
        gone = list(self.boards[fixture].of(venue, market))
        self.boards[fixture].clear(venue, market)
        for price in gone:
            self.line(price, None)

    def order(self, deed: Deed, source: str, seconds: float = 60, **fields: Any) -> None:
        now = self.clock.now()
        until = now + round(seconds * SECOND)
        self.ordered.append(Order(deed=deed, source=source, at=now, until=until, **fields))

    def advance(self, now: int) -> list[Posted]:
        posted, self.waiting = self.waiting, []
        return posted

    def next_due(self) -> int | None:
        return None

    def orders(self) -> list[Order]:
        orders, self.ordered = self.ordered, []
        return orders

    def posted_up_to(self, source: str) -> int:
        return self.last[source]

    def delivered(self, source: str, now: int, up_to: int | None = None) -> None:
        self.writer.write(Delivered(at=now, source=source, up_to=self.last[source]))

    def lost(self, source: str, now: int) -> None:
        self.writer.write(Lost(at=now, source=source))

    def up(self, source: str, now: int) -> None:
        self.writer.write(Up(at=now, source=source))

    def prices(self, source: str, fixture: int, market: str) -> tuple[Price, ...]:
        return tuple(
            price
            for price in self.boards[fixture].prices.values()
            if price.source == source and price.market == market
        )

    def offers(self, source: str) -> set[Offer]:
        """The best prices as the boards of a source have them now."""
        return {
            Offer(
                board.fixture.ids[source],
                price.venue,
                *price.bet,
                price.side,
                price.odds,
                (board.fixture.number, price.venue, price.market) not in self.suspended,
            )
            for board in self.boards.values()
            for price in board.prices.values()
            if price.source == source
        }

    def told(self, source: str) -> list[Record]:
        """What the truth log says of a source's connection so far."""
        kinds = Delivered | Lost | Up
        records = read_truth_log(self.path).records
        return [each for each in records if isinstance(each, kinds) and each.source == source]


class Play(NamedTuple):
    world: StandingWorld
    conductor: Conductor
    addresses: dict[str, dict[str, Any]]
    workers: list[Worker]


@asynccontextmanager
async def played(world: StandingWorld) -> AsyncIterator[Play]:
    """The world's servers, running."""
    conductor = Conductor(world, world.clock)
    workers = servers(conductor, 1)
    await conductor.start()
    moving = asyncio.create_task(conductor.run())
    try:
        addresses: dict[str, dict[str, Any]] = {}
        for server in conductor.servers:
            addresses |= server.addresses()
        yield Play(world, conductor, addresses, workers)
    finally:
        moving.cancel()
        results = await asyncio.gather(moving, return_exceptions=True)
        await conductor.stop()
        world.writer.close()
        assert all(isinstance(each, asyncio.CancelledError) for each in results), results


async def until(true: Callable[[], bool]) -> None:
    """Wait for something to become true."""
    async with asyncio.timeout(PATIENCE_S):
        while not true():
            await asyncio.sleep(0.005)


def best_of(snapshots: Iterable[Snapshot]) -> set[Offer]:
    """The best offers of what a reader made of a source."""
    best: dict[tuple[Any, ...], Offer] = {}
    for snapshot in snapshots:
        for quote in snapshot.quotes:
            claim = quote.claim
            offer = Offer(
                snapshot.listing.key,
                quote.venue.id,
                claim.kind.value,
                claim.selection,
                claim.line,
                str(quote.side.value),
                quote.odds,
                quote.tradable,
            )
            known = best.get(offer[:6])
            back = offer.side == "back"
            if known is None or (offer.odds > known.odds if back else offer.odds < known.odds):
                best[offer[:6]] = offer
    return set(best.values())
