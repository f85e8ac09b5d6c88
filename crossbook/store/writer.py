"""The writer: takes batches without ever waiting, and brings them to the database in its own time."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from types import TracebackType
from typing import Final, Protocol, Self

import msgspec

from crossbook.base.errors import CrossbookError, Misconfigured, Retry
from crossbook.store.rows import Batch, Written
from crossbook.store.waiting import MOST_QUOTES, Queue

_log: Final = logging.getLogger(__name__)
_FIRST_PAUSE_S: Final = 0.05
_LONGEST_PAUSE_S: Final = 5.0
_MOST_ASIDE: Final = 100
MANY_CHANGES: Final = 10_000


class Destination(Protocol):
    """Where batches go: a `crossbook.store.record.Store`."""

    async def write(self, *batches: Batch) -> Written:
        """Write them in one transaction."""
        ...


class Counters(msgspec.Struct):
    """What the writer has done since it was made; rows, unless the name says batches."""

    written_batches: int = 0
    written_quotes: int = 0
    written_changes: int = 0
    dropped: int = 0
    """Quotes given up because the queue was full."""
    waiting: int = 0
    """Quotes in the queue or on their way."""
    waiting_batches: int = 0
    waiting_changes: int = 0
    """Changes in the queue or on their way; they are never given up."""
    too_many_changes: bool = False
    """Whether so many changes wait that somebody should look after the database."""
    failures: int = 0
    """Attempts that were made again."""
    aside: int = 0
    """Batches the database would not take, in whole or in part."""
    last_error: str | None = None


class Writer:
    """A queue of batches and the task that writes them; use it as an async context manager.

    It takes batches before there is a store: give that to `start`. When more than `most_quotes` wait, the oldest
    quotes are given up and counted; faults and references that wait are put together (`waiting.Queue`). Changes are
    never given up: they wait for the database as long as it takes, and more than `many_changes` of them are warned of.
    Up to `together` quotes of following batches go into one transaction.
    """

    def __init__(
        self,
        store: Destination | None = None,
        *,
        most_quotes: int = MOST_QUOTES,
        together: int = 20_000,
        many_changes: int = MANY_CHANGES,
    ) -> None:
        self._store = store
        self._together = together
        self._many_changes = self._warn_from = many_changes
        self._queue = Queue(most_quotes)
        self._under_way: list[Batch] = []
        self._filled = asyncio.Event()
        self._empty = asyncio.Event()
        self._empty.set()
        self._task: asyncio.Task[None] | None = None
        self._counters = Counters()
        self.aside: deque[Batch] = deque(maxlen=_MOST_ASIDE)
        """What the database would not take, the latest of it: for a person to look at."""

    def offer(self, batch: Batch) -> None:
        """Queue a batch. Never waits and never raises."""
        self._queue.put(batch)
        if self._queue.changes > self._warn_from:
            self._warn_from = 2 * self._queue.changes
            _log.warning(
                "database: %d changes wait in memory and more come: have it answer again; it last said: %s",
                self._queue.changes,
                self._counters.last_error,
            )
        self._empty.clear()
        self._filled.set()

    def counters(self) -> Counters:
        """A copy of the counters as they stand."""
        waiting_changes = self._queue.changes + sum(len(batch.changes) for batch in self._under_way)
        return msgspec.structs.replace(
            self._counters,
            dropped=self._queue.dropped,
            waiting=self._queue.quotes + sum(len(batch.quotes) for batch in self._under_way),
            waiting_batches=len(self._queue) + len(self._under_way),
            waiting_changes=waiting_changes,
            too_many_changes=waiting_changes > self._many_changes,
        )

    async def drain(self) -> None:
        """Wait until everything that was offered is written or set aside."""
        await self._empty.wait()

    def start(self, store: Destination | None = None) -> None:
        """Begin to write, into this store where none was given before. Raises Misconfigured without any."""
        self._store = store or self._store
        if self._store is None:
            raise Misconfigured("writer: start it with a store")
        if self._task is None:
            self._task = asyncio.create_task(self._run(self._store), name="store writer")

    async def close(self, *, timeout_s: float = 10.0) -> int:
        """Write what waits, for at most `timeout_s`, and stop; says how many batches were left unwritten."""
        if self._task is None:
            return len(self._queue)
        try:
            await asyncio.wait_for(self.drain(), timeout_s)
        except TimeoutError:
            left = self.counters()
            _log.error("database: %d batches were left unwritten: %s", left.waiting_batches, left.last_error)
        self._task.cancel()
        await asyncio.wait([self._task])
        self._task = None
        return len(self._queue) + len(self._under_way)

    async def __aenter__(self) -> Self:
        self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def _run(self, store: Destination) -> None:
        while True:
            await self._filled.wait()
            self._under_way = self._queue.take(self._together)
            if self._under_way:
                await self._write_all(store, self._under_way)
                self._under_way = []
            if not self._queue:
                self._filled.clear()
                self._empty.set()
                self._warn_from = self._many_changes

    async def _write_all(self, store: Destination, batches: list[Batch]) -> None:
        error = await self._write(store, *batches)
        if error is None:
            return
        if len(batches) > 1:  # one of them is at fault: find out which
            for batch in batches:
                await self._write_all(store, [batch])
            return
        (batch,) = batches
        # Its quotes are the likeliest fault and the least loss.
        if batch.quotes and not batch.only_quotes():
            rest = msgspec.structs.replace(batch, quotes=[], dropped=batch.dropped + len(batch.quotes))
            if await self._write(store, rest) is None:
                batch = Batch(
                    recording=batch.recording, number=batch.number, at=batch.at, quotes=batch.quotes
                )
        self._counters.aside += 1
        self.aside.append(batch)
        _log.error("batch %d of %s was set aside: %s", batch.number, batch.recording, error)

    async def _write(self, store: Destination, *batches: Batch) -> Exception | None:
        """Write until it is done or would never be; gives back why it would not."""
        pause_s = _FIRST_PAUSE_S
        while True:
            try:
                written = await store.write(*batches)
            except Exception as error:
                self._counters.last_error = str(error)
                if not isinstance(error, Retry | Misconfigured):  # a setting is mended while we wait
                    if not isinstance(error, CrossbookError):
                        _log.exception("an error that the store did not expect")
                    return error
                self._counters.failures += 1
                if self._counters.failures == 1 or pause_s >= _LONGEST_PAUSE_S:
                    _log.warning("%s; trying again", error)
            else:
                self._counters.written_batches += written.batches
                self._counters.written_quotes += written.quotes
                self._counters.written_changes += written.changes
                return None
            await asyncio.sleep(pause_s)
            pause_s = min(pause_s * 2, _LONGEST_PAUSE_S)
