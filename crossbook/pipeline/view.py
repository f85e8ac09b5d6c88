"""What the doors see of a running engine: one consistent picture, a way to hear of changes, and a way in for frames."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Protocol

import msgspec

from crossbook.model.frame import FrameKind
from crossbook.model.life import Change


class StreamView(msgspec.Struct, frozen=True, kw_only=True):
    """One stream. Times are nanoseconds UTC; `last` is when its last frame came, None before the first.

    `state` is ``waiting``, ``connecting``, ``open``, ``silent``, ``lost`` or ``refused``; `since` is when that state
    began and `reason` says why it did (empty when there is nothing to say).
    """

    stream: str
    format: str
    state: str
    since: int
    last: int | None
    frames: int
    bytes: int
    quotes: int
    faults: int
    dropped: int
    reason: str


class VenueView(msgspec.Struct, frozen=True, kw_only=True):
    """One venue, over all streams that carry its prices. `last` is the time of its newest quote (nanoseconds UTC).

    `type` is the value of a `VenueType`; `state` is ``open`` while at least one of its streams is, else ``lost``.
    """

    id: str
    name: str
    type: str
    streams: tuple[str, ...]
    quotes: int
    quotes_per_s: float
    last: int | None
    state: str


class Latency(msgspec.Struct, frozen=True):
    """From the arrival of a frame to the end of the scan it took part in, in milliseconds, over `count` frames."""

    p50_ms: float
    p99_ms: float
    count: int


class View(msgspec.Struct, frozen=True, kw_only=True):
    """The engine as it stands at `at` (nanoseconds UTC); a view never changes after it was made.

    `trouble` says why nothing can be read or closed just now (a full disk, say), empty when all is well; meanwhile
    `open` is empty. `mode` is for people (``REPLAY · PAPER``). `open` holds every opportunity that is open, refused
    ones too, in the order in which they opened; `recent` those that closed last, the newest first. `ticks` is zero
    until the first scan is done.
    """

    at: int
    started: int
    trouble: str = ""
    mode: str
    version: str
    seed: int | None
    ticks: int
    quotes: int
    quotes_per_s: float
    listings: int
    events: int
    matched: int
    review: int
    faults: int
    dropped: int
    streams: list[StreamView]
    venues: list[VenueView]
    open: list[Change]
    recent: list[Change]
    latency: Latency | None
    store: dict[str, int] | None
    rawlog: dict[str, int] | None


class Subscription(Protocol):
    """Batches of changes as they happen, for one reader.

    The queue is bounded: a reader that is too slow loses the oldest batches, `dropped` counts them, and it has to
    take a new view. Iteration ends after `close`, or when the engine stops.
    """

    @property
    def dropped(self) -> int:
        """How many batches this reader has missed."""
        ...

    def __aiter__(self) -> AsyncIterator[list[Change]]:
        """The batches, each the changes of one tick."""
        ...

    def close(self) -> None:
        """Hear of nothing more; may be called twice."""
        ...


class Engine(Protocol):
    """A running engine, as the doors use it. All of it belongs to one event loop."""

    def receive(self, stream: str, kind: FrameKind, data: bytes) -> None:
        """Take a frame in: it is stamped and queued, never waited for."""
        ...

    def keep(self) -> None:
        """Have every frame that was taken in written to the raw log. Raises Retry when that cannot be done now."""
        ...

    def view(self) -> View:
        """The engine as it stands now."""
        ...

    def open(self) -> list[Change]:
        """What is open now, as in the view, without making one."""
        ...

    def subscribe(self) -> Subscription:
        """Hear of every change from now on."""
        ...
