"""The engine: one event loop in which frames are taken in, and after each tick everybody is told what changed."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable
from typing import Final

from crossbook.base.clock import SECOND, Clock
from crossbook.base.errors import Retry
from crossbook.model.frame import Frame, FrameKind
from crossbook.model.life import Change, Moment
from crossbook.pipeline.inbox import Inbox
from crossbook.pipeline.live import Pipeline, Tick
from crossbook.pipeline.view import Latency

TICK: Final = SECOND // 20
_RESTS: Final = 3
_TROUBLE_S: Final = 0.2
_LATENCIES: Final = 10_000
_log: Final = logging.getLogger(__name__)
_RECENT: Final = 50
_MOST_BATCHES: Final = 200

Listener = Callable[[Tick], None]


class Feed:
    """Batches of changes for one reader; the oldest go first when it is slow.

    A batch without changes says that there is trouble, or that it is over: a new view tells.
    """

    def __init__(self, leave: Callable[[Feed], None]) -> None:
        self.dropped = 0
        self._leave = leave
        self._batches: deque[list[Change]] = deque()
        self._news = asyncio.Event()
        self._closed = False

    def put(self, batch: list[Change]) -> None:
        """Add a batch."""
        self._batches.append(batch)
        if len(self._batches) > _MOST_BATCHES:
            self._batches.popleft()
            self.dropped += 1
        self._news.set()

    async def __aiter__(self) -> AsyncIterator[list[Change]]:
        """The batches as they come, until it is closed."""
        while True:
            while self._batches:
                yield self._batches.popleft()
            if self._closed:
                return
            self._news.clear()
            await self._news.wait()

    def close(self) -> None:
        """Hear of nothing more."""
        self._leave(self)
        self._closed = True
        self._news.set()


class Engine:
    """Runs a pipeline. `receive` is how frames come in; all of it belongs to one event loop."""

    def __init__(self, pipeline: Pipeline, inbox: Inbox, clock: Clock, tick: int = TICK) -> None:
        self.pipeline = pipeline
        self.inbox = inbox
        self.clock = clock
        self.started = clock.now()
        self.ticks = 0
        self.trouble = ""
        """What keeps the engine from reading on, empty when nothing does."""
        self.recent: deque[Change] = deque(maxlen=_RECENT)
        self.listeners: list[Listener] = []
        self.on_gap: Callable[[str], None] = lambda stream: None
        """Told of a stream of which frames were lost, or whose reader failed, so that it may be opened anew."""
        self._tick = tick
        self.failures = 0
        """How often a listener failed; each is in the log of the program."""
        self._frames = asyncio.Event()
        if inbox:
            self._frames.set()
        self._feeds: list[Feed] = []
        self._latencies: deque[int] = deque(maxlen=_LATENCIES)
        self._stopped = self._ended = False

    def receive(self, stream: str, kind: FrameKind, data: bytes) -> None:
        """Take a frame in: it is stamped and queued, never waited for."""
        self.inbox.receive(stream, kind, data)
        self._frames.set()

    def keep(self) -> None:
        """Have every frame that was taken in on disk, before its scan. Raises Retry when that cannot be done now."""
        self.inbox.keep()

    def subscribe(self) -> Feed:
        """Hear of every change from now on."""
        feed = Feed(self._leave)
        self._feeds.append(feed)
        if self._ended:
            feed.close()
        return feed

    async def run(self) -> None:
        """Tick at once when a frame comes to a quiet engine; then rest for a few times what that took, until stopped.

        So a calm engine answers at once, and one with much to do takes more frames at a time; a rest never makes the
        time between two ticks longer than a tick.
        """
        try:
            while not self._stopped:
                await self._due()
                began = time.monotonic_ns()
                if not self._tick_or_wait():
                    await asyncio.sleep(_TROUBLE_S)
                took = time.monotonic_ns() - began
                rest = min(_RESTS * took, self._tick - took)
                await asyncio.sleep(max(0, rest) / SECOND)
            if self.inbox:
                self._tick_or_wait()
        finally:
            self._ended = True
            for feed in list(self._feeds):
                feed.close()

    def stop(self) -> None:
        """Let `run` end after what waits was looked at."""
        self._stopped = True
        self._frames.set()

    def tick(self) -> Tick:
        """Apply what waits, look at what changed, and tell everybody."""
        self._frames.clear()
        taken = self.inbox.take()
        apply = self.pipeline.apply
        for frame in taken.frames:
            apply(frame)
        failed = dict.fromkeys((*self.pipeline.failed, *taken.broken))
        done = self.pipeline.tick(taken.at, taken.number)
        self.ticks += 1
        self.recent.extendleft(change for change in done.changes if change.moment is Moment.CLOSED)
        self._tell(done)
        if done.changes:
            for feed in self._feeds:
                feed.put(done.changes)
        self._note_latency(taken.frames, done)
        for stream in failed:
            self.on_gap(stream)
        return done

    def _tick_or_wait(self) -> bool:
        """A tick, or, when the log cannot be written, none: nothing is read before it is on disk."""
        troubled = bool(self.trouble)
        try:
            self.tick()
        except Retry as error:
            self.trouble = str(error)
            self._frames.set()
        else:
            self.trouble = ""
        if troubled is not bool(self.trouble):
            for feed in self._feeds:
                feed.put([])
        return not self.trouble

    def open(self) -> list[Change]:
        """What is open now; nothing while the engine cannot read on, for it could not be closed in time either."""
        return [] if self.trouble else self.pipeline.lives.open()

    def _tell(self, done: Tick) -> None:
        for listener in self.listeners:
            try:
                listener(done)
            except OSError:
                raise  # what it writes to is gone or full: whoever started us has to know
            except Exception:
                self.failures += 1
                _log.exception("tick %d: a listener failed", done.number)

    def latency(self) -> Latency | None:
        """From the arrival of a tick's first frame to what the tick opened or changed being told."""
        if not self._latencies:
            return None
        ordered = sorted(self._latencies)
        middle, late = (ordered[int((len(ordered) - 1) * part)] / 1e6 for part in (0.5, 0.99))
        return Latency(round(middle, 3), round(late, 3), len(ordered))

    async def _due(self) -> None:
        """Wait for a frame, or until a quote gets too old."""
        expiry = self.pipeline.next_expiry()
        wait = None if expiry is None else max(0, expiry - self.clock.now()) / SECOND
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._frames.wait(), wait)

    def _note_latency(self, frames: Iterable[Frame], done: Tick) -> None:
        """How long the frame that waited longest had come when what it opened or changed was told."""
        told = sum(change.moment is not Moment.CLOSED for change in done.changes)
        first = next((frame.received for frame in frames if frame.kind is FrameKind.DATA), None)
        if told and first is not None:
            self._latencies.extend([max(0, self.clock.now() - first)] * told)

    def _leave(self, feed: Feed) -> None:
        if feed in self._feeds:
            self._feeds.remove(feed)
