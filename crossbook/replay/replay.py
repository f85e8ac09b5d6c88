"""A recording played again: the frames and ticks of its raw log, in their order, at any speed."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

from crossbook.base.clock import SECOND, ManualClock
from crossbook.pipeline.live import Pipeline, Tick
from crossbook.rawlog.reader import Reading, ticks

Pause = Callable[[float], None]


def replay(
    recording: Path | Reading,
    pipeline: Pipeline,
    clock: ManualClock,
    speed: float | None = None,
    pause: Pause = time.sleep,
) -> Iterator[Tick]:
    """Every tick of a recording. `speed` 1 takes as long as it took, None as long as the work takes.

    Frames after the last tick were never looked at live, and are not now. Raises BadData when the recording cannot
    be read.
    """
    began: int | None = None
    started = time.monotonic_ns()
    for batch in ticks(recording):
        if batch.tick is None or batch.number is None:
            break
        at = batch.tick.received
        began = at if began is None else began
        if speed is not None:
            ahead = (at - began) / speed - (time.monotonic_ns() - started)
            if ahead > 0:
                pause(ahead / SECOND)
        clock.advance(at - clock.now())
        for _, frame in batch.frames:
            pipeline.apply(frame)
        yield pipeline.tick(at, batch.number)
