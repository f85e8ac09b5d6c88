"""An engine that holds what a test gives it, opportunities to give it, and the doors opened in front of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from fractions import Fraction

import aiohttp
import msgspec

from crossbook.api.server import serve
from crossbook.api.settings import DoorSettings
from crossbook.base.clock import SECOND, Clock, SystemClock
from crossbook.model.claim import Claim, Kind
from crossbook.model.frame import FrameKind
from crossbook.model.life import Change, Moment
from crossbook.model.opportunity import Leg, Opportunity, Plan, Reason, Stake, Verdict
from crossbook.model.quote import Basis, Listing, Quote, Side
from crossbook.model.venue import Venue, bookmaker, exchange
from crossbook.pipeline.view import Latency, StreamView, VenueView, View

START = SystemClock().now()
QUICK = DoorSettings(ports=(0,), push_s=0.01, refresh_s=0.02, heartbeat_s=0.2, close_within_s=1.0)


def empty_view() -> View:
    return View(
        at=START, started=START, mode="REPLAY · PAPER", version="0.0.test", seed=7, ticks=1, quotes=0, quotes_per_s=0.0,
        listings=0, events=0, matched=0, review=0, faults=0, dropped=0, streams=[], venues=[], open=[], recent=[],
        latency=None, store=None, rawlog=None,
    )  # fmt: skip


class Heard:
    """A subscription: a queue of batches, the oldest dropped."""

    def __init__(self, engine: FakeEngine) -> None:
        self._engine = engine
        self._queue: asyncio.Queue[list[Change] | None] = asyncio.Queue()
        self.dropped = 0

    def put(self, batch: list[Change] | None) -> None:
        self._queue.put_nowait(batch)

    async def __aiter__(self) -> AsyncIterator[list[Change]]:
        while (batch := await self._queue.get()) is not None:
            yield batch

    def close(self) -> None:
        self._engine.subscriptions.discard(self)
        self.put(None)


class FakeEngine:
    """Keeps every frame; its view is whatever a test sets."""

    def __init__(self) -> None:
        self.frames: list[tuple[str, FrameKind, bytes]] = []
        self.kept = 0
        """How many frames are on disk."""
        self.subscriptions: set[Heard] = set()
        self.now = empty_view()
        self.views = 0
        """How often a whole view was taken."""
        self._came = asyncio.Event()

    def receive(self, stream: str, kind: FrameKind, data: bytes) -> None:
        self.frames.append((stream, kind, data))
        self._came.set()

    def keep(self) -> None:
        self.kept = len(self.frames)

    def view(self) -> View:
        self.views += 1
        return self.now

    def open(self) -> list[Change]:
        return self.now.open

    def subscribe(self) -> Heard:
        heard = Heard(self)
        self.subscriptions.add(heard)
        return heard

    def set(self, **fields: object) -> None:
        """Change the view, and tell which opportunities changed; an empty batch tells of trouble."""
        before, self.now = self.now, msgspec.structs.replace(self.now, **fields)
        batch = [each for each in self.now.open if each not in before.open]
        batch += [each for each in reversed(self.now.recent) if each not in before.recent]
        gone = {each.id for each in before.open} - {each.id for each in (*self.now.open, *batch)}
        batch += [closed(each, "ended", "", START) for each in before.open if each.id in gone]
        for heard in self.subscriptions:
            if batch or before.trouble != self.now.trouble:
                heard.put([] if before.trouble != self.now.trouble else batch)

    def kinds(self, stream: str) -> list[FrameKind]:
        return [kind for name, kind, _ in self.frames if name == stream]

    async def until(self, stream: str, *kinds: FrameKind) -> None:
        """Wait until exactly these frames of a stream have come."""
        async with asyncio.timeout(30):
            while self.kinds(stream) != list(kinds):
                self._came.clear()
                await self._came.wait()


SBO = bookmaker("sbo", "SBO")
EXCHANGE = exchange("swap", "Swap Exchange", Fraction(2, 100))


def opportunity(
    home: str = "Manchester United",
    away: str = "Chelsea",
    verdict: Verdict = Verdict.PURE,
    reasons: tuple[Reason, ...] = (),
    planned: bool = True,
    venues: tuple[Venue, Venue] = (SBO, EXCHANGE),
    received: int = START,
) -> Opportunity:
    listing = Listing(
        source="test",
        key=home,
        sport="football",
        competition="Premier League",
        home=home,
        away=away,
        start=START,
    )
    wins = Claim.of(Kind.MATCH_RESULT, "home")
    legs = (
        Leg(Quote(venues[0], wins, Side.BACK, Fraction(21, 10), received=received), Fraction(1, 2)),
        Leg(Quote(venues[1], wins, Side.LAY, Fraction(2), received=received), Fraction(1, 2)),
    )
    stakes = (Stake(Fraction(50), Fraction(50)), Stake(Fraction(52), Fraction(52)))
    plan = (
        Plan(Fraction(105), Fraction(1), stakes, Fraction(102), Fraction(1), Fraction(3, 2))
        if planned
        else None
    )
    return Opportunity(
        listing=listing, basis=Basis.PREMATCH, verdict=verdict, reasons=reasons, guaranteed_return=Fraction(104, 100),
        legs=legs, plan=plan, unplanned=None if planned else "the bank is too small",
    )  # fmt: skip


def opened(number: int, found: Opportunity | None = None, at: int = START, changed: int = 0) -> Change:
    return Change(
        at=at + changed * SECOND,
        moment=Moment.CHANGED if changed else Moment.OPENED,
        id=f"opportunity-{number}",
        event=f"event-{number}",
        opened=at,
        opportunity=found or opportunity(),
    )


def closed(change: Change, name: str, detail: str, at: int) -> Change:
    return msgspec.structs.replace(change, at=at, moment=Moment.CLOSED, why=(Reason(name, detail),))


def stream(name: str, state: str = "open", reason: str = "", last: int | None = START) -> StreamView:
    form = "site-worker" if name.startswith("worker/") else "the-odds-api"
    return StreamView(
        stream=name, format=form, state=state, since=START, last=last, frames=10, bytes=1_000, quotes=50,
        faults=0, dropped=0, reason=reason,
    )  # fmt: skip


def venue(identity: str, name: str, state: str = "open", last: int | None = START) -> VenueView:
    return VenueView(
        id=identity, name=name, type="bookmaker", streams=(f"worker/{identity}",), quotes=120, quotes_per_s=12.5,
        last=last, state=state,
    )  # fmt: skip


LATENCY = Latency(3.2, 18.75, 4_000)


class House:
    """Open doors, and a plain client in front of them."""

    def __init__(self, engine: FakeEngine, ports: tuple[int, ...], client: aiohttp.ClientSession) -> None:
        self.engine, self.ports, self.client = engine, ports, client
        self.address = f"http://127.0.0.1:{ports[0]}"
        self.socket = f"ws://127.0.0.1:{ports[0]}/ws"


@asynccontextmanager
async def house(
    settings: DoorSettings = QUICK, engine: FakeEngine | None = None, clock: Clock | None = None
) -> AsyncIterator[House]:
    engine = engine or FakeEngine()
    async with (
        asyncio.timeout(120),
        serve(engine, clock or SystemClock(), settings) as ports,
        aiohttp.ClientSession() as client,
    ):
        yield House(engine, ports, client)
