"""How each stream is, for people and for alarms; and the one way frames leave this room."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

import msgspec

from crossbook.base.clock import Clock
from crossbook.model.frame import FrameKind, StreamInfo

Receive = Callable[[str, FrameKind, bytes], None]
"""Takes a frame of a stream at once: stamps it and queues it."""


class State(StrEnum):
    """How a stream is."""

    WAITING = "waiting"
    """It was never open yet."""
    OPEN = "open"
    """It says something, or says that there is nothing to say."""
    SILENT = "silent"
    """An answer is missing; what it said still stands, for a while."""
    LOST = "lost"
    """It is gone, and is tried again."""
    REFUSED = "refused"
    """The venue does not want us as we are; it is asked again after a good while, but never with a wrong key."""


class Health(msgspec.Struct, kw_only=True):
    """How one stream is. Times are nanoseconds UTC; `reason` is the last thing that went wrong.

    `credits` are the questions that are left to us, where the venue counts them.
    """

    stream: str
    state: State = State.WAITING
    since: int
    frames: int = 0
    bytes: int = 0
    last_frame: int | None = None
    reconnects: int = 0
    reason: str = ""
    credits: int | None = None


class Channel:
    """One stream's way out: frames go to `receive`, and its health is kept."""

    def __init__(self, stream: str, info: StreamInfo, receive: Receive, clock: Clock) -> None:
        self.stream = stream
        self.is_open = False
        self._info = msgspec.json.encode(info)
        self._receive = receive
        self._clock = clock
        self._was_open = False
        self.health = Health(stream=stream, since=clock.now())

    def opened(self) -> None:
        """The stream begins, or begins again."""
        if self._was_open:
            self.health.reconnects += 1
        self.is_open = self._was_open = True
        self._receive(self.stream, FrameKind.OPENED, self._info)

    def data(self, frame: bytes) -> None:
        """The venue said something."""
        if not self.is_open:
            self.opened()
        self._receive(self.stream, FrameKind.DATA, frame)
        health = self.health
        health.frames += 1
        health.bytes += len(frame)
        health.last_frame = self._clock.now()
        if health.state is not State.OPEN:
            self._is(State.OPEN)

    def silent(self, reason: str) -> None:
        """An answer is missing, and what was said still stands."""
        self.health.reason = reason
        if self.is_open and self.health.state is State.OPEN:
            self._is(State.SILENT)

    def closed(self, reason: str, state: State = State.LOST) -> None:
        """Nothing it said stands any more."""
        self.health.reason = reason
        if self.is_open:
            self.is_open = False
            self._receive(self.stream, FrameKind.CLOSED, reason.encode())
        self._is(state)

    def ended(self, reason: str) -> None:
        """We leave it, if it is open."""
        if self.is_open:
            self.closed(reason)

    def _is(self, state: State) -> None:
        self.health.state, self.health.since = state, self._clock.now()
