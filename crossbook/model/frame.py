"""Frames: what a stream said, as it came, before anybody has read it."""

from __future__ import annotations

from enum import IntEnum
from typing import Final

import msgspec

LARGEST_DATA: Final = 64 * 1024 * 1024
"""The most bytes one frame may carry."""


class FrameKind(IntEnum):
    """What a frame is. The numbers stand in files and never change."""

    OPENED = 1
    """A stream begins, or begins again; the data are its `StreamInfo` as JSON."""
    DATA = 2
    """What the venue sent, byte for byte."""
    CLOSED = 3
    """The stream is lost: nothing it said stands any more. The data are the reason, as text."""
    TICK = 4
    """Everything before this was applied and all changed events were looked at; `received` is the time of that."""
    DROPPED = 5
    """An earlier frame was never read because the queue was full; the data are its number, as decimal text."""
    BEGAN = 6
    """Crossbook began anew: nothing that was said before stands, and nothing that was open is. The data are the
    terms of the run, as JSON."""


class Frame(msgspec.Struct, frozen=True, gc=False):
    """One frame. `received` is nanoseconds UTC and never falls from one frame of a log to the next.

    `stream` names one connection or one polled address, ``the-odds-api/soccer_epl`` say; it is empty for ticks and
    beginnings.
    """

    received: int
    stream: str
    kind: FrameKind
    data: bytes = b""


class StreamInfo(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What has to be known to read a stream again: it is written into the log when the stream opens.

    `format` names the reader. `life_ns` is how long a quote stands after it was last confirmed; None where quotes
    stand as long as the stream is open. `settings` are the reader's own (a worker's site, say).
    """

    format: str
    life_ns: int | None = None
    settings: dict[str, str] = {}
    still: bool = False
    """Said again in the middle of a stream, for those who read the log from here; it changes nothing for others."""
