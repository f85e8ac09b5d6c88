"""Small recordings for the tests."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from crossbook.base.clock import ManualClock
from crossbook.model.frame import Frame, FrameKind
from crossbook.rawlog import RawLog
from crossbook.rawlog.segments import pack_segment

FEW = [
    Frame(10, "feed/one", FrameKind.OPENED, b'{"format":"some"}'),
    Frame(11, "feed/one", FrameKind.DATA, b'{"price":"2.10"}'),
    Frame(11, "", FrameKind.TICK),
    Frame(15, "feed/two é", FrameKind.DATA, bytes(range(30))),
    Frame(20, "feed/one", FrameKind.CLOSED, b"lost"),
]


def record(folder: Path, frames: Iterable[Frame], *, segment_bytes: int = 1 << 20, each: bool = True) -> None:
    """Write frames and close; flushed one by one, or all at once."""
    with RawLog(folder, clock=ManualClock(7), segment_bytes=segment_bytes) as log:
        for frame in frames:
            log.append(frame)
            if each:
                log.flush()


def few_plain(folder: Path) -> Path:
    """The few frames in one plain segment."""
    record(folder, FEW)
    (path,) = folder.iterdir()
    assert path.name == f"{0:020d}.frames"
    return path


def few_packed(folder: Path) -> Path:
    """The few frames in one packed segment."""
    few_plain(folder)
    pack_segment(folder, 0)
    (path,) = folder.iterdir()
    assert path.name == f"{0:020d}.frames.zst"
    return path
