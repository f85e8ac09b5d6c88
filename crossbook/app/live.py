"""Everything that runs when Crossbook runs: collectors, inbox and raw log, engine, store."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import msgspec

from crossbook.app.compiled import speed_up
from crossbook.app.engine import TICK, Engine
from crossbook.app.keeper import Keeper
from crossbook.app.picture import Picture
from crossbook.app.recorder import Recorder
from crossbook.base.clock import DAY, Clock, SteadyClock
from crossbook.base.errors import CrossbookError
from crossbook.collect.collector import Collector
from crossbook.collect.health import Health
from crossbook.collect.sources import Source
from crossbook.matching.assign import get_ready
from crossbook.pipeline.beginning import told
from crossbook.pipeline.inbox import Inbox, NoLog
from crossbook.pipeline.live import Pipeline, Tick
from crossbook.pipeline.options import Options
from crossbook.rawlog.writer import RawLog
from crossbook.venues import readers

_TIDY_EVERY_S: Final = 3600.0


class LivePlan(msgspec.Struct, frozen=True, kw_only=True):
    """What shall run. Without `recording` nothing is recorded, without `store` nothing is kept in a database.

    `database` is the address of a PostgreSQL, None for our own below `data`. `quote_hours`, `keep_days` and
    `keep_bytes` say how much of quotes and frames is kept, None for all.
    """

    mode: str
    sources: tuple[Source, ...] = ()
    recording: Path | None = None
    store: bool = True
    database: str | None = None
    data: Path | None = None
    options: Options = Options()
    tick: int = TICK
    seed: int | None = None
    quote_hours: int = 6
    keep_days: float | None = None
    keep_bytes: int | None = None


class Live:
    """What runs, for doors and terminals."""

    def __init__(self, plan: LivePlan, clock: Clock) -> None:
        self.plan = plan
        self.log = RawLog(plan.recording, clock=clock) if plan.recording is not None else None
        last = self.log.last if self.log is not None else 0
        clock = SteadyClock(clock, last)
        inbox = Inbox(clock, self.log or NoLog(), not_before=last)
        inbox.begin(told(plan.options))
        self.engine = Engine(Pipeline(readers(), plan.options, keep_moved=True), inbox, clock, plan.tick)
        self.collectors = [Collector(source, self.engine.receive, clock) for source in plan.sources]
        self.keeper: Keeper | None = None
        if plan.store:
            recorder = Recorder(self.engine.pipeline, self._recording_id())
            self.keeper = Keeper(recorder, plan.database, plan.data, clock, plan.quote_hours)
            self.engine.listeners.append(self.keeper.take)
        self.picture = Picture(
            self.engine,
            plan.mode,
            plan.seed,
            self.keeper.counters if self.keeper else lambda: None,
            self._log_counters,
            self.health,
        )
        self.engine.on_gap = self._resync
        self._segments = 1
        self.engine.listeners.append(self._say_again)

    def health(self) -> list[Health]:
        """How every stream that we opened is."""
        return [health for collector in self.collectors for health in collector.health()]

    async def tidy(self) -> None:
        """Throw away old segments of the recording, for ever."""
        plan = self.plan
        while self.log is not None and (plan.keep_days is not None or plan.keep_bytes is not None):
            oldest = None if plan.keep_days is None else self.engine.clock.now() - round(plan.keep_days * DAY)
            with contextlib.suppress(OSError, CrossbookError):  # the next time does it
                await asyncio.to_thread(self.log.retain, keep_bytes=plan.keep_bytes, older_than=oldest)
            await asyncio.sleep(_TIDY_EVERY_S)

    def _say_again(self, tick: Tick) -> None:
        """In a new segment say how every open stream is read: the segments before it may be given up one day."""
        if self.log is not None and self.log.segments != self._segments:
            self._segments = self.log.segments
            self.engine.inbox.still()

    def _recording_id(self) -> str:
        return self.log.log_id.hex() if self.log is not None else uuid4().hex

    def _log_counters(self) -> dict[str, int] | None:
        if self.log is None:
            return None
        return {"frames": self.log.next, "waiting": self.log.waiting, "bytes": self.log.bytes_on_disk}

    def _resync(self, stream: str) -> None:
        for collector in self.collectors:
            collector.resync(stream)


@asynccontextmanager
async def running(plan: LivePlan, clock: Clock) -> AsyncIterator[Live]:
    """Run all of it for the length of the block; at its end everything that came is looked at and kept.

    Raises Misconfigured or Retry, in words for a person, when some of it cannot run or ceases to.
    """
    live = Live(plan, clock)
    try:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(asyncio.to_thread(get_ready), name="get_ready")
            certificates = live.engine.pipeline.certificates
            tasks.create_task(asyncio.to_thread(speed_up, certificates), name="speed_up")
            keeping = tasks.create_task(live.keeper.run(), name="store") if live.keeper else None
            ticking = tasks.create_task(live.engine.run(), name="engine")
            tidying = tasks.create_task(live.tidy(), name="tidy")
            collecting = [
                tasks.create_task(_collect(collector.run()), name=collector.source.name)
                for collector in live.collectors
            ]
            try:
                yield live
            finally:
                for task in (tidying, *collecting):
                    task.cancel()
                await asyncio.wait(collecting) if collecting else None
                live.engine.stop()
                await asyncio.wait([ticking])
                if live.keeper is not None and keeping is not None:
                    live.keeper.stop()
    except* CrossbookError as group:
        raise _first(group) from None
    finally:
        if live.log is not None:
            live.log.close()


async def _collect(run: Coroutine[Any, Any, None]) -> None:
    """A collector that was refused ends by itself; the others go on."""
    with contextlib.suppress(asyncio.CancelledError):
        await run


def _first(group: BaseExceptionGroup[CrossbookError]) -> CrossbookError:
    for error in group.exceptions:
        return _first(error) if isinstance(error, BaseExceptionGroup) else error
    return CrossbookError()
