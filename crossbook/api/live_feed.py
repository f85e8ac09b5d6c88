"""The live feed of the page: a full state first, then what changed, as Server-Sent Events."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import AsyncGenerator, Iterable
from typing import Final

import msgspec
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from crossbook.api.problem import Problem
from crossbook.api.settings import DoorSettings
from crossbook.base.clock import Clock
from crossbook.model.life import Change, Moment
from crossbook.model.report import change_object
from crossbook.pipeline.view import Engine, View

_CLOSED_SHOWN: Final = 50
_WRITE_WITHIN_S: Final = 30.0
"""A reader that takes nothing for this long is let go."""
_SUMMARY: Final = (
    *(
        "started",
        "mode",
        "version",
        "seed",
        "ticks",
        "quotes",
        "quotes_per_s",
        "listings",
        "events",
        "matched",
    ),
    *("review", "faults", "dropped", "latency", "store", "rawlog", "trouble"),
)

Stamp = tuple[str, int]
"""The id of an opportunity and the time of its last change."""


def milliseconds(nanoseconds: int | None) -> int | None:
    """Times as a browser counts them."""
    return None if nanoseconds is None else nanoseconds // 1_000_000


class Picture(msgspec.Struct, frozen=True):
    """One view, encoded in parts, so that only parts that differ have to be sent. Never changed once made."""

    at: int
    summary: bytes
    streams: bytes
    venues: bytes
    open: dict[Stamp, msgspec.Raw]
    closed: dict[Stamp, msgspec.Raw]

    def full(self) -> bytes:
        """The event that says everything."""
        content = {
            "at": self.at,
            "summary": msgspec.Raw(self.summary),
            "streams": msgspec.Raw(self.streams),
            "venues": msgspec.Raw(self.venues),
            "open": list(self.open.values()),
            "closed": list(self.closed.values()),
        }
        return _event("state", content)

    def since(self, before: Picture) -> bytes | None:
        """The event that leads from `before` to here; None when nothing but the time is different."""
        content: dict[str, object] = {}
        for name in ("summary", "streams", "venues"):
            if getattr(self, name) != getattr(before, name):
                content[name] = msgspec.Raw(getattr(self, name))
        changed = [raw for stamp, raw in self.open.items() if stamp not in before.open]
        ids = {stamp[0] for stamp in self.open}
        gone = [stamp[0] for stamp in before.open if stamp[0] not in ids]
        closed = [raw for stamp, raw in self.closed.items() if stamp not in before.closed]
        content |= {
            name: part for name, part in (("open", changed), ("gone", gone), ("closed", closed)) if part
        }
        return _event("change", {"at": self.at, **content}) if content else None


def _event(name: str, content: dict[str, object]) -> bytes:
    return b"event: " + name.encode() + b"\ndata: " + msgspec.json.encode(content) + b"\n\n"


def summary_of(view: View) -> dict[str, object]:
    """The counters and what else stands at the top of the page."""
    content = {name: getattr(view, name) for name in _SUMMARY}
    content["started"] = milliseconds(view.started)
    return content


def _encoded(change: Change) -> msgspec.Raw:
    legs = change.opportunity.legs
    content = {
        **change_object(change),
        "at_ms": milliseconds(change.at),
        "opened_ms": milliseconds(change.opened),
        "seen_ms": [milliseconds(leg.quote.received) for leg in legs],
    }
    return msgspec.Raw(msgspec.json.encode(content))


class LiveFeed:
    """Looks at the engine for all watchers at once, at most every `push_s`.

    At a change it asks only what is open; all the rest every `refresh_s`, at once when there is trouble or it is over.
    A watcher that is slow is given the newest picture when it is ready for one; nothing is queued for it.
    """

    def __init__(self, engine: Engine, clock: Clock, settings: DoorSettings) -> None:
        self._engine, self._clock, self._settings = engine, clock, settings
        self._picture: Picture | None = None
        self._cache: dict[Stamp, msgspec.Raw] = {}
        self._closed: deque[Change] = deque(maxlen=_CLOSED_SHOWN)
        """What closed since the last view."""
        self._wants_view = False
        self._watchers: set[asyncio.Event] = set()
        self._changed = asyncio.Event()
        self._watched = asyncio.Event()
        self._stopping = False

    @property
    def watchers(self) -> int:
        """How many are watching."""
        return len(self._watchers)

    async def run(self) -> None:
        """Keep the picture new while anybody watches; runs until it is cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._hear())
            tasks.create_task(self._look())

    async def _hear(self) -> None:
        missed = 0
        with contextlib.closing(self._engine.subscribe()) as changes:
            async for batch in changes:
                self._closed.extendleft(change for change in batch if change.moment is Moment.CLOSED)
                if not batch or changes.dropped > missed:
                    self._wants_view, missed = True, changes.dropped
                self._changed.set()

    async def _look(self) -> None:
        loop = asyncio.get_running_loop()
        due = 0.0
        while True:
            await self._watched.wait()
            self._changed.clear()
            before = self._picture
            if before is None or self._wants_view or loop.time() >= due:
                picture = self.taken()
                due = loop.time() + self._settings.refresh_s
            else:
                picture = self.moved_on(before)
            if before is None or picture.since(before) is not None:
                self._picture = picture
                for watcher in self._watchers:
                    watcher.set()
            await asyncio.sleep(self._settings.push_s)
            try:
                async with asyncio.timeout_at(due):
                    await self._changed.wait()
            except TimeoutError:
                due = 0.0

    def moved_on(self, before: Picture) -> Picture:
        """The same picture with what is open now and what has closed since."""
        open_now = self._all_encoded(self._engine.open())
        closed = {**self._all_encoded(self._closed), **before.closed}
        self._cache = {**open_now, **closed}
        closed = {stamp: closed[stamp] for stamp in list(closed)[:_CLOSED_SHOWN]}
        at = self._clock.now() // 1_000_000
        return msgspec.structs.replace(before, at=at, open=open_now, closed=closed)

    def taken(self) -> Picture:
        """The engine as it stands; what is encoded already is not encoded again."""
        self._wants_view = False
        self._closed.clear()
        view = self._engine.view()
        open_now, closed = self._all_encoded(view.open), self._all_encoded(view.recent[:_CLOSED_SHOWN])
        self._cache = {**open_now, **closed}
        streams = [
            {
                **msgspec.structs.asdict(each),
                "since": milliseconds(each.since),
                "last": milliseconds(each.last),
            }
            for each in view.streams
        ]
        venues = [{**msgspec.structs.asdict(each), "last": milliseconds(each.last)} for each in view.venues]
        return Picture(
            self._clock.now() // 1_000_000,
            msgspec.json.encode(summary_of(view)),
            msgspec.json.encode(streams),
            msgspec.json.encode(venues),
            open_now,
            closed,
        )

    def _all_encoded(self, changes: Iterable[Change]) -> dict[Stamp, msgspec.Raw]:
        encoded = {}
        for change in changes:
            stamp = change.id, change.at
            encoded[stamp] = self._cache.get(stamp) or _encoded(change)
        return encoded

    async def events(self) -> AsyncGenerator[bytes, None]:
        """What one watcher is sent. Raises Problem when too many are watching."""
        if self._stopping or len(self._watchers) >= self._settings.most_watchers:
            remedy = "Close another page, or try again later; the setting most_watchers says how many there may be."
            raise Problem(503, "Too many are watching.", remedy=remedy, headers={"Retry-After": "10"})
        watcher = asyncio.Event()
        self._watchers.add(watcher)
        if not self._watched.is_set():
            self._picture = None
            self._watched.set()
        sent: Picture | None = None
        try:
            yield b"retry: 1000\n\n"
            while not self._stopping:
                picture = self._picture
                watcher.clear()
                if picture is not None and picture is not sent:
                    event = picture.full() if sent is None else picture.since(sent)
                    sent = picture
                    if event is not None:
                        yield event
                        continue
                try:
                    async with asyncio.timeout(self._settings.heartbeat_s):
                        await watcher.wait()
                except TimeoutError:
                    # An event, not a comment: the page has to notice when these stay away.
                    yield _event("alive", {"at": milliseconds(self._clock.now())})
        finally:
            self._watchers.discard(watcher)
            if not self._watchers:
                self._watched.clear()

    def close(self) -> None:
        """Let all watchers go."""
        self._stopping = True
        for watcher in self._watchers:
            watcher.set()


class EventStream(StreamingResponse):
    """An answer without an end: it stops when the reader leaves, takes nothing for too long, or the feed closes."""

    def __init__(self, feed: LiveFeed) -> None:
        self._events = feed.events()
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        super().__init__(self._events, 200, headers, "text/event-stream")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the events as they come. Raises Problem before anything was sent."""
        first = await anext(self._events)
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        writer = asyncio.create_task(self._write(first, send))
        leaver = asyncio.create_task(_left(receive))
        try:
            done, _ = await asyncio.wait({writer, leaver}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            writer.cancel()
            leaver.cancel()
            await asyncio.gather(writer, leaver, return_exceptions=True)
            await self._events.aclose()
        if writer in done:
            with contextlib.suppress(TimeoutError):  # the server closes a connection whose answer has no end
                writer.result()

    async def _write(self, first: bytes, send: Send) -> None:
        await send({"type": "http.response.body", "body": first, "more_body": True})
        async for event in self._events:
            async with asyncio.timeout(_WRITE_WITHIN_S):
                await send({"type": "http.response.body", "body": event, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
