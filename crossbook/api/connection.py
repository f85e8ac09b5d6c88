"""One worker's socket, and who the worker is."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from typing import Final

import msgspec
from starlette.websockets import WebSocket

from crossbook.api.settings import DoorSettings
from crossbook.api.site_messages import Refusal
from crossbook.venues.site_worker import Matches

TAKEN_OVER: Final = 4001
"""The close code for a connection whose worker_id has connected again."""
GOING_AWAY: Final = 1001
POLICY: Final = 1008
_ERRORS_KEPT: Final = 64
_NAMING_SHARE: Final = 0.1
_NAMING_BURST_S: Final = 0.5
"""Looking for what cannot be used reads an update twice; one connection gets this share of the time for it."""


class Latest(msgspec.Struct, frozen=True):
    """The odds a worker sent last, as it sent them, with its own time and ours (nanoseconds UTC)."""

    timestamp: str
    received: int
    data: msgspec.Raw


class Worker(msgspec.Struct):
    """A registered worker and what it sent last. Times are nanoseconds UTC."""

    worker_id: str
    site: str
    remote: str
    connected_at: int
    last_seen: int
    messages: int = 1
    matches: int = 0
    refused: int = 0
    latest: Latest | None = None

    @property
    def stream(self) -> str:
        """The name of its stream."""
        return f"worker/{self.worker_id}"


class Bucket:
    """An allowance that fills at `rate` a second, up to `burst`."""

    def __init__(self, rate: float, burst: float) -> None:
        self._rate, self._burst = rate, burst
        self._left, self._at = burst, time.monotonic()

    def spend(self, amount: float) -> None:
        """Take so much out; it may fall below zero."""
        self._left = self.left() - amount

    def left(self) -> float:
        """How much may be taken now."""
        now = time.monotonic()
        self._left = min(self._burst, self._left + (now - self._at) * self._rate)
        self._at = now
        return self._left

    def take(self, amount: float) -> bool:
        """Take so much out if it is there."""
        enough = self.left() >= amount
        if enough:
            self._left -= amount
        return enough


class Connection:
    """One socket. What goes out is queued and never waited for: old errors and old opportunities give way to new."""

    def __init__(self, socket: WebSocket, settings: DoorSettings) -> None:
        self.socket = socket
        self.worker: Worker | None = None
        self.messages = Bucket(settings.messages_per_s, settings.messages_burst)
        self.bytes = Bucket(settings.bytes_per_s, settings.bytes_burst)
        self.matches = Matches()
        """What its latest update said."""
        self.naming = Bucket(_NAMING_SHARE, _NAMING_BURST_S)
        self.left = "the worker disconnected"
        self.reader: asyncio.Task[None] | None = None
        self._errors: deque[bytes] = deque(maxlen=_ERRORS_KEPT)
        self._newest: bytes | None = None
        self._ending: tuple[int, str] | None = None
        self._wake = asyncio.Event()

    def complain(self, refusal: Refusal) -> None:
        """Queue an error reply."""
        self._errors.append(refusal.reply())
        self._wake.set()

    def tell(self, opportunities: bytes) -> None:
        """Queue the open opportunities, in place of those that were not sent yet."""
        self._newest = opportunities
        self._wake.set()

    def end(self, code: int, reason: str) -> None:
        """Read nothing more; close once what is queued is written."""
        self._ending = self._ending or (code, reason)
        self.left = reason
        self._wake.set()
        if self.reader is not None:
            self.reader.cancel()

    @property
    def ending(self) -> bool:
        """Whether it is being closed from our side."""
        return self._ending is not None

    async def write(self) -> None:
        """Send what is queued, until the connection ends."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._errors:
                await self.socket.send_text(self._errors.popleft().decode())
            if self._newest is not None:
                newest, self._newest = self._newest, None
                await self.socket.send_text(newest.decode())
            if self._ending is not None:
                await self.socket.close(*self._ending)
                return
