"""The engine: when it looks, whom it tells, and how it ends."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

import pytest

from crossbook.app.engine import Engine, Feed
from crossbook.base.clock import SECOND, Clock, ManualClock, SystemClock
from crossbook.base.errors import Retry
from crossbook.model.frame import FrameKind
from crossbook.model.life import Change
from crossbook.pipeline.inbox import FrameLog, Inbox, NoLog
from crossbook.pipeline.live import Pipeline, Tick
from crossbook.pipeline.options import Options
from tests.pipeline.live_made_up import FAIR, PLANTED, READERS, event, info, message, told

HOUR = 3_600 * SECOND
SHORT = SECOND // 1_000
PLANTED_MESSAGE = message(k=event(*PLANTED))
FAIR_MESSAGE = message(k=event(*FAIR))


class Ticks:
    """Hears an engine's ticks and can be waited on."""

    def __init__(self, engine: Engine) -> None:
        self.all: list[Tick] = []
        self._news = asyncio.Event()
        engine.listeners.append(self._hear)

    def _hear(self, tick: Tick) -> None:
        self.all.append(tick)
        self._news.set()

    async def until(self, enough: Callable[[], bool]) -> None:
        async with asyncio.timeout(60):
            while not enough():
                self._news.clear()
                await self._news.wait()

    def changes(self) -> list[tuple[str, ...]]:
        return [told(change) for tick in self.all for change in tick.changes]


def engine(
    tick: int = SHORT, clock: Clock | None = None, log: FrameLog | None = None, most_frames: int = 100
) -> Engine:
    clock = clock or SystemClock()
    pipeline = Pipeline(READERS, Options(), keep_moved=True)
    return Engine(pipeline, Inbox(clock, log or NoLog(), most_frames=most_frames), clock, tick)


def running(work: Callable[[Engine, Ticks], Awaitable[None]], made: Callable[[], Engine]) -> Engine:
    """Do the work beside a running engine, and stop that."""

    async def main() -> Engine:
        one = made()
        ticks = Ticks(one)
        run = asyncio.create_task(one.run())
        try:
            await work(one, ticks)
        finally:
            if one._tick >= HOUR:
                run.cancel()
            one.stop()
            await asyncio.wait([run], timeout=60)
            assert run.done()
        return one

    return asyncio.run(main())


def opened(one: Engine, data: bytes = PLANTED_MESSAGE, life: int | None = None) -> None:
    one.receive("one", FrameKind.OPENED, info(life))
    one.receive("one", FrameKind.DATA, data)


async def several_turns() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


def test_a_quiet_engine_looks_at_once() -> None:
    async def work(one: Engine, ticks: Ticks) -> None:
        await several_turns()
        assert ticks.all == [], "there is nothing to look at"
        opened(one)
        await ticks.until(lambda: len(ticks.all) == 1)
        assert ticks.changes() == [("opened",)]
        one.receive("one", FrameKind.DATA, FAIR_MESSAGE)
        await ticks.until(lambda: len(ticks.all) == 2)
        assert [change[0] for change in ticks.changes()] == ["opened", "closed"]

    running(work, lambda: engine(HOUR))


def test_after_a_quiet_time_a_burst_is_looked_at_once_then_together() -> None:
    """The time nobody sent anything does not count as the tick's."""

    async def work(one: Engine, ticks: Ticks) -> None:
        await asyncio.sleep(0.3)
        for _ in range(5):
            opened(one)
            await several_turns()
        await ticks.until(lambda: bool(ticks.all))
        assert len(ticks.all) == 1

    running(work, lambda: engine(HOUR))


def test_under_load_it_rests_three_times_as_long_as_it_works_and_takes_more_at_a_time() -> None:
    work_s = 0.02

    async def work(one: Engine, ticks: Ticks) -> None:
        one.listeners.append(lambda tick: time.sleep(work_s))
        opened(one)
        began = time.monotonic()
        frames = 0
        while len(ticks.all) < 6:
            one.receive("one", FrameKind.DATA, (PLANTED_MESSAGE, FAIR_MESSAGE)[frames % 2])
            frames += 1
            await asyncio.sleep(0.001)
        assert len(ticks.all) - 1 <= (time.monotonic() - began) / (4 * work_s) + 1
        assert frames > len(ticks.all)

    running(work, lambda: engine(HOUR, most_frames=10_000))


def test_a_rest_is_never_longer_than_what_is_left_of_a_tick() -> None:
    length = SECOND // 20

    async def work(one: Engine, ticks: Ticks) -> None:
        one.listeners.append(lambda tick: time.sleep(1.5 * length / SECOND))
        opened(one)
        one.receive("one", FrameKind.DATA, FAIR_MESSAGE)
        await ticks.until(lambda: len(ticks.all) == 1)
        one.receive("one", FrameKind.DATA, PLANTED_MESSAGE)
        await several_turns()
        assert len(ticks.all) == 2, "the work took longer than a tick: there is no rest"

    running(work, lambda: engine(length))


def test_quotes_get_too_old_without_any_frame() -> None:
    async def work(one: Engine, ticks: Ticks) -> None:
        opened(one, life=SECOND // 4)
        await ticks.until(lambda: len(ticks.changes()) == 2)
        assert ticks.changes() == [("opened",), ("closed", "stale", "stale", "stale")]

    running(work, engine)


def test_stopping_looks_at_what_waits_and_ends_every_feed() -> None:
    async def main() -> None:
        one = engine()
        feed = one.subscribe()
        reading = asyncio.create_task(collect(feed))
        run = asyncio.create_task(one.run())
        opened(one)
        one.stop()
        one.receive("one", FrameKind.DATA, FAIR_MESSAGE)
        async with asyncio.timeout(60):
            await run
            batches = await reading
        assert not one.inbox
        assert one.pipeline.streams["one"].frames == 2
        assert [told(change) for batch in batches for change in batch] in (
            [],
            [("opened",), ("closed", "moved")],
        ), "both frames were looked at, together or one after the other"

    asyncio.run(main())


async def collect(feed: Feed) -> list[list[Change]]:
    return [batch async for batch in feed]


def test_every_reader_hears_every_change_from_then_on() -> None:
    async def main() -> None:
        one = engine(clock=ManualClock(1))
        early, gone = one.subscribe(), one.subscribe()
        opened(one)
        one.tick()
        late = one.subscribe()
        gone.close()
        gone.close()
        one.receive("one", FrameKind.DATA, FAIR_MESSAGE)
        one.tick()
        one.tick()
        for feed in (early, late):
            feed.close()
        heard = [
            [told(change) for batch in await collect(feed) for change in batch]
            for feed in (early, gone, late)
        ]
        assert heard == [
            [("opened",), ("closed", "moved")],
            [("opened",)],
            [("closed", "moved")],
        ]

    asyncio.run(main())


def test_a_slow_reader_loses_the_oldest_batches_and_can_tell() -> None:
    async def main() -> None:
        one = engine(clock=ManualClock(1))
        feed = one.subscribe()
        one.receive("one", FrameKind.OPENED, info())
        sent: list[Change] = []
        for number in range(250):
            one.receive("one", FrameKind.DATA, (PLANTED_MESSAGE, FAIR_MESSAGE)[number % 2])
            sent += one.tick().changes
        assert len(sent) == 250
        assert feed.dropped == 50
        feed.close()
        assert [change for batch in await collect(feed) for change in batch] == sent[50:]

    asyncio.run(main())


def test_who_lost_frames_is_told_once_a_tick() -> None:
    async def main() -> None:
        one = engine(clock=ManualClock(1), most_frames=1)
        gaps: list[str] = []
        one.on_gap = gaps.append
        for stream in ("two", "one"):
            one.receive(stream, FrameKind.OPENED, info())
        one.tick()
        assert gaps == []
        for stream in ("two", "one", "one", "two"):
            one.receive(stream, FrameKind.DATA, b"{}")
        one.tick()
        assert sorted(gaps) == ["one", "two"]
        assert one.inbox.dropped == 3

    asyncio.run(main())


def test_the_last_closed_come_first_and_old_ones_go() -> None:
    async def main() -> None:
        one = engine(clock=ManualClock(1))
        one.receive("one", FrameKind.OPENED, info())
        closed: list[Change] = []
        for number in range(120):
            one.receive("one", FrameKind.DATA, (PLANTED_MESSAGE, FAIR_MESSAGE)[number % 2])
            closed += [change for change in one.tick().changes if change.moment == "closed"]
        assert list(one.recent) == closed[::-1][:50]
        assert one.ticks == 120

    asyncio.run(main())


def test_latency_is_from_the_bytes_to_the_telling() -> None:
    async def main() -> None:
        clock = ManualClock(1)
        one = engine(clock=clock)
        assert one.latency() is None
        opened(one)
        clock.advance(3_000_000)
        one.tick()
        latency = one.latency()
        assert latency is not None
        assert (latency.p50_ms, latency.p99_ms, latency.count) == (3.0, 3.0, 1)
        one.receive("one", FrameKind.DATA, FAIR_MESSAGE)
        one.tick()
        latency = one.latency()
        assert latency is not None
        assert latency.count == 1, "what closed is not told late by its legs"

    asyncio.run(main())


class FullDisk(NoLog):
    """A log that cannot be written while `full`."""

    full = True

    def flush(self) -> None:
        if self.full:
            raise Retry("no space left: make room")


def test_while_the_disk_is_full_nothing_is_read_and_afterwards_everything() -> None:
    log = FullDisk()

    async def work(one: Engine, ticks: Ticks) -> None:
        opened(one)
        async with asyncio.timeout(60):
            while not one.trouble:
                await asyncio.sleep(0.001)
        assert one.trouble == "no space left: make room"
        assert ticks.all == []
        log.full = False
        await ticks.until(lambda: bool(ticks.all))
        assert ticks.changes() == [("opened",)]
        assert one.trouble == ""

    running(work, lambda: engine(log=log))


def test_a_listener_that_fails_is_counted_and_the_others_go_on() -> None:
    def fail(tick: Tick) -> None:
        raise RuntimeError("a listener is broken")

    async def work(one: Engine, ticks: Ticks) -> None:
        one.listeners.insert(0, fail)
        opened(one)
        await ticks.until(lambda: bool(ticks.all))
        assert one.failures >= 1

    running(work, engine)


def test_what_a_listener_writes_to_being_gone_ends_the_engine_and_its_feeds() -> None:
    def fail(tick: Tick) -> None:
        raise BrokenPipeError("whoever read has left")

    async def main() -> None:
        one = engine()
        feed = one.subscribe()
        one.listeners.append(fail)
        opened(one)
        with pytest.raises(BrokenPipeError):
            async with asyncio.timeout(60):
                await one.run()
        async with asyncio.timeout(60):
            assert await collect(feed) == []

    asyncio.run(main())


def test_in_trouble_nothing_is_offered_and_readers_are_told() -> None:
    log = FullDisk()

    async def work(one: Engine, ticks: Ticks) -> None:
        log.full = False
        opened(one)
        await ticks.until(lambda: bool(ticks.all))
        assert [change.moment for change in one.open()] == ["opened"]
        feed = one.subscribe()
        log.full = True
        one.receive("one", FrameKind.DATA, FAIR_MESSAGE)
        async with asyncio.timeout(60):
            assert await anext(aiter(feed)) == []
        assert one.trouble
        assert one.open() == []
        log.full = False
        await ticks.until(lambda: len(ticks.all) > 1)
        assert one.open() == []
        assert ticks.changes()[-1][0] == "closed"

    running(work, lambda: engine(log=log))
