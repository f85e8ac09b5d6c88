"""An ear for collectors: keeps the frames they hand over, and waits for what a test expects."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from copy import copy
from random import Random
from typing import Any, NamedTuple

import msgspec

from crossbook.base.clock import SystemClock
from crossbook.collect import Collector, Health, Source, source_of
from crossbook.model.frame import FrameKind, StreamInfo

OPENED, DATA, CLOSED = FrameKind.OPENED, FrameKind.DATA, FrameKind.CLOSED


class Heard(NamedTuple):
    stream: str
    kind: FrameKind
    data: bytes


class Ear:
    """The frames until the collector was stopped, and the few that came of that; how the streams were then.

    `until` waits for a condition on the frames.
    """

    def __init__(self) -> None:
        self.frames: list[Heard] = []
        self.afterwards: list[Heard] = []
        self.health: list[Health] = []
        self._stopped = False
        self._news = asyncio.Event()

    def receive(self, stream: str, kind: FrameKind, data: bytes) -> None:
        (self.afterwards if self._stopped else self.frames).append(Heard(stream, kind, data))
        self._news.set()

    def stop(self, health: list[Health]) -> None:
        self.health = [copy(one) for one in health]
        self._stopped = True

    async def until(self, condition: Callable[[Ear], bool]) -> None:
        async with asyncio.timeout(60):
            while not condition(self):
                self._news.clear()
                await self._news.wait()

    def kinds(self, stream: str | None = None) -> list[FrameKind]:
        return [frame.kind for frame in self.frames if stream in (None, frame.stream)]

    def data(self) -> list[bytes]:
        return [frame.data for frame in self.frames if frame.kind is DATA]

    def reasons(self) -> list[str]:
        return [frame.data.decode() for frame in self.frames if frame.kind is CLOSED]

    def info(self) -> StreamInfo:
        first = next(frame for frame in self.frames if frame.kind is OPENED)
        return msgspec.json.decode(first.data, type=StreamInfo)


class Stumbling(Ear):
    """An ear that fails over the first data of one stream."""

    def __init__(self, stream: str, error: Exception) -> None:
        super().__init__()
        self._stream = stream
        self._error: Exception | None = error

    def receive(self, stream: str, kind: FrameKind, data: bytes) -> None:
        if self._error is not None and (stream, kind) == (self._stream, DATA):
            error, self._error = self._error, None
            raise error
        super().receive(stream, kind, data)


def source(**fields: Any) -> Source:
    """A source with the short times of a test."""
    quick = {
        "every_s": 0.01,
        "life_s": 30,
        "timeout_s": 30,
        "first_wait_s": 0.001,
        "longest_wait_s": 0.01,
    }
    return source_of({**quick, **fields}, {})


@asynccontextmanager
async def collecting(source: Source, ear: Ear | None = None) -> AsyncIterator[tuple[Collector, Ear]]:
    """A collector that runs for the length of the block, and what is heard of it."""
    ear = ear or Ear()
    collector = Collector(source, ear.receive, SystemClock(), Random(1))
    running = asyncio.ensure_future(collector.run())
    try:
        yield collector, ear
    finally:
        ear.stop(collector.health())
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
