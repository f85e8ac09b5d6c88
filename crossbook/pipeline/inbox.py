"""The inbox: every frame is stamped and goes to the raw log before anything reads it.

The queue is bounded. When it is full the oldest waiting frames of data go unread, and a note in the log says so, that
a replay may leave out the same ones.
"""

from __future__ import annotations

import contextlib
from collections import deque
from typing import Protocol

import msgspec

from crossbook.base.clock import Clock
from crossbook.base.errors import Retry
from crossbook.model.frame import Frame, FrameKind, StreamInfo

MOST_FRAMES = 20_000
MOST_BYTES = 64 * 1024 * 1024


class FrameLog(Protocol):
    """Where frames are kept."""

    def append(self, frame: Frame) -> int:
        """Take a frame; returns its number. Raises Retry when it cannot hold more."""
        ...

    def flush(self) -> None:
        """Return once every frame is on disk. Raises Retry when that cannot be done now; nothing is lost then."""
        ...


class NoLog:
    """A log that keeps nothing, for those who do not record."""

    def __init__(self) -> None:
        self._count = 0

    def append(self, frame: Frame) -> int:
        """Count the frame."""
        self._count += 1
        return self._count - 1

    def flush(self) -> None:
        """Do nothing."""


class Taken(msgspec.Struct, frozen=True):
    """Frames to apply, and the time and the number in the log of the tick that follows them.

    Of the streams in `broken` frames could not be taken in: they begin anew here, and whoever can opens them anew.
    """

    number: int
    at: int
    frames: list[Frame]
    broken: tuple[str, ...] = ()


class Inbox:
    """Frames that wait to be read, in the order of the log."""

    def __init__(
        self,
        clock: Clock,
        log: FrameLog,
        most_frames: int = MOST_FRAMES,
        most_bytes: int = MOST_BYTES,
        not_before: int = 0,
    ) -> None:
        """`not_before` is the time of the last frame the log holds already (nanoseconds UTC)."""
        self.dropped = 0
        """Frames that were kept and never read."""
        self.refused = 0
        """Frames that were not even taken in, because the log could not hold them."""
        self._opened: dict[str, bytes] = {}
        self._broken: dict[str, None] = {}
        self._clock = clock
        self._log = log
        self._most_frames = most_frames
        self._most_bytes = most_bytes
        self._waiting: dict[int, Frame] = {}
        self._data: deque[int] = deque()
        self._bytes = 0
        self._last = not_before

    def __len__(self) -> int:
        return len(self._waiting)

    def begin(self, terms: bytes = b"") -> None:
        """Note in the log that nothing said in it before stands, and on which terms the run begins."""
        self._add("", FrameKind.BEGAN, terms)

    def still(self) -> None:
        """Say of every open stream once more how it is read, for those who will read the log from here."""
        for stream, data in list(self._opened.items()):
            info = msgspec.structs.replace(msgspec.json.decode(data, type=StreamInfo), still=True)
            self._take_in(stream, FrameKind.OPENED, msgspec.json.encode(info))

    def receive(self, stream: str, kind: FrameKind, data: bytes) -> None:
        """Stamp a frame, hand it to the log, and let it wait.

        What the log cannot hold is refused and counted, and so is all that follows of its stream, until `take` can
        have the stream begin anew.
        """
        if kind is FrameKind.OPENED:
            self._opened[stream] = data
        elif kind is FrameKind.CLOSED:
            self._opened.pop(stream, None)
        self._take_in(stream, kind, data)

    def _take_in(self, stream: str, kind: FrameKind, data: bytes) -> None:
        if stream in self._broken:
            self.refused += 1
            return
        try:
            number = self._add(stream, kind, data)
        except Retry:
            self._broken[stream] = None
            self.refused += 1
            return
        if kind is FrameKind.DATA:
            self._data.append(number)
            self._bytes += len(data)
            while len(self._data) > self._most_frames or self._bytes > self._most_bytes:
                self._drop()

    def keep(self) -> None:
        """Have everything that waits on disk, and let it wait. Raises Retry when that cannot be done now."""
        self._log.flush()

    def take(self) -> Taken:
        """Everything that waits, and the tick that follows it; all of it is on disk by then.

        Raises Retry when the log cannot be written now; then all of it goes on waiting.
        """
        self._log.flush()
        broken, self._broken = tuple(self._broken), {}
        for stream in broken:
            data = self._opened.get(stream)
            if data is None:
                self._add(stream, FrameKind.CLOSED, b"frames could not be kept")
            else:
                self._add(stream, FrameKind.OPENED, data)
        frames = list(self._waiting.values())
        self._waiting.clear()
        self._data.clear()
        self._bytes = 0
        now = self._stamp()
        number = self._log.append(Frame(now, "", FrameKind.TICK))
        with contextlib.suppress(Retry):  # the frames are safe, the tick stays with the log till then
            self._log.flush()
        return Taken(number, now, frames, broken)

    def _add(self, stream: str, kind: FrameKind, data: bytes) -> int:
        frame = Frame(self._stamp(), stream, kind, data)
        number = self._log.append(frame)
        self._waiting[number] = frame
        return number

    def _drop(self) -> None:
        """Let the oldest frame of data go unread; that a stream opened or closed is never lost."""
        number = self._data.popleft()
        frame = self._waiting.pop(number)
        self._bytes -= len(frame.data)
        self.dropped += 1
        try:
            self._add(frame.stream, FrameKind.DROPPED, b"%d" % number)
        except (
            Retry
        ):  # nothing of it stands until it begins anew, so it does not matter which frame is missing
            self._broken[frame.stream] = None

    def _stamp(self) -> int:
        """The time, which never falls, whatever the machine's clock does."""
        self._last = max(self._last, self._clock.now())
        return self._last
