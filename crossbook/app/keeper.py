"""The keeper: has the database up, hands it what ticks say, and throws away what is too old."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, Final

import msgspec

from crossbook.app.recorder import Recorder
from crossbook.base.clock import Clock, format_moment
from crossbook.base.errors import CrossbookError, Retry
from crossbook.model.life import Moment
from crossbook.model.opportunity import Reason
from crossbook.pipeline.live import Tick
from crossbook.store.abandoned import at_work, close_abandoned
from crossbook.store.embedded import Server, embedded
from crossbook.store.migrate import migrate
from crossbook.store.record import Store
from crossbook.store.writer import Writer

_RETAIN_EVERY_S: Final = 600.0
_COME_BACK_S: Final = 0.5
_MUCH: Final = 20_000


@asynccontextmanager
async def database(url: str | None, folder: Path | None, clock: Clock) -> AsyncIterator[str]:
    """The address of a database that is up to date: the given one, or one of our own below the folder.

    Raises Misconfigured or Retry, in words for a person; also later, when our own server dies and cannot be had again.
    """
    async with AsyncExitStack() as stack:
        if url is None:
            server = await stack.enter_async_context(embedded(folder, clock=clock))
            await stack.enter_async_context(_watched(server))
            url = server.dsn
        await migrate(url)
        yield url


@asynccontextmanager
async def _watched(server: Server) -> AsyncIterator[None]:
    """Have the server started again whenever it dies; the block ends with the error when that does not succeed."""
    try:
        async with asyncio.TaskGroup() as tasks:
            watch = tasks.create_task(server.watch(), name="database watch")
            yield
            watch.cancel()
    except BaseExceptionGroup as group:
        raise group.exceptions[0] from None


@asynccontextmanager
async def _staying(url: str) -> AsyncIterator[None]:
    """Let others see that we are at work, also after the server was started again."""

    async def until_cut() -> None:
        cut = asyncio.Event()
        async with at_work(url) as connection:
            connection.add_termination_listener(lambda _: cut.set())
            await cut.wait()

    async def stay() -> None:
        while True:
            with contextlib.suppress(CrossbookError):
                await until_cut()
            await asyncio.sleep(_COME_BACK_S)

    staying = asyncio.create_task(stay(), name="at work")
    try:
        yield
    finally:
        staying.cancel()
        await asyncio.wait([staying])


def _shown_closed(shown: dict[str, Any], at: int, why: Reason) -> dict[str, Any]:
    """A change as the doors show it, said again as the last of its life."""
    return {**shown, "at": format_moment(at), "moment": Moment.CLOSED.value, "why": [str(why)]}


class Keeper:
    """Takes ticks at once and writes them when the database is there; run it beside the engine.

    What an earlier run left open because it was killed is closed before anything is written, unless `live` is false:
    a replay says itself what became of it.
    """

    def __init__(
        self,
        recorder: Recorder,
        url: str | None,
        folder: Path | None,
        clock: Clock,
        quote_hours: int | None = 6,
        *,
        live: bool = True,
    ) -> None:
        self.ready = asyncio.Event()
        self.store: Store | None = None
        self._recorder = recorder
        self._url = url
        self._folder = folder
        self._clock = clock
        self._quote_hours = quote_hours
        self._live = live
        self._began = clock.now()
        self._writer = Writer()
        self._stop = asyncio.Event()

    def take(self, tick: Tick) -> None:
        """Keep what a tick says. Never waits."""
        batch = self._recorder.batch(tick)
        if batch is not None:
            self._writer.offer(batch)

    def counters(self) -> dict[str, int] | None:
        """Numbers for the doors, None before the database is there."""
        if self.store is None:
            return None
        counters = msgspec.structs.asdict(self._writer.counters())
        return {name: int(value) for name, value in counters.items() if isinstance(value, int)}

    async def run(self) -> None:
        """Have the database up until `stop`; then write what waits. Raises what `database` raises."""
        async with (
            database(self._url, self._folder, self._clock) as url,
            at_work(url) as presence,
            await Store.open(url) as store,
        ):
            if self._live:
                await close_abandoned(url, presence, self._began, _shown_closed)
            self._writer.start(store)
            async with self._writer, _staying(url):
                self.store = store
                self.ready.set()
                await self._retain_until_stopped(store)

    async def catch_up(self) -> None:
        """Wait until the database has everything, when much of it waits; a replay calls this, a live run never."""
        if self._writer.counters().waiting > _MUCH:
            await self._writer.drain()
        await asyncio.sleep(0)

    def stop(self) -> None:
        """Let `run` end when everything is written."""
        self._stop.set()

    async def _retain_until_stopped(self, store: Store) -> None:
        while not self._stop.is_set():
            if self._quote_hours is not None:
                with contextlib.suppress(Retry):  # the database is away just now: the next time does it
                    await store.retain(self._clock.now(), self._quote_hours)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stop.wait(), _RETAIN_EVERY_S)
