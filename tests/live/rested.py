"""A recording and the truth behind it, played again as an engine that is never busy would have looked at it.

What was received and when stays as it was recorded; the ticks are laid anew, so that a machine which was busy while it
was recorded makes nothing late. Replays of the ticks as they were are ``crossbook replay``'s.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec

from crossbook.app.engine import TICK
from crossbook.base.clock import SECOND
from crossbook.cli.show import RECORDING_FOLDER
from crossbook.model.frame import Frame
from crossbook.model.report import change_object
from crossbook.pipeline.live import Pipeline, Tick
from crossbook.pipeline.options import Options
from crossbook.rawlog.reader import ticks
from crossbook.sim.live.judge import judge
from crossbook.sim.live.judge_lives import Said
from crossbook.sim.live.judge_report import Judgement
from crossbook.sim.live.process import TRUTH_FILE
from crossbook.sim.live.truth import End, TruthLog, read_truth_log
from crossbook.venues import readers


class Case(msgspec.Struct, frozen=True):
    """Frames, and what is true of them."""

    frames: list[Frame]
    truth: TruthLog


def read_case(folder: Path, seconds: float | None = None) -> Case:
    """What a kept demo left in its folder; with `seconds` only so much of its beginning."""
    frames = [frame for batch in ticks(folder / RECORDING_FOLDER) for _, frame in batch.frames]
    truth = read_truth_log(folder / TRUTH_FILE)
    if seconds is None:
        return Case(frames, truth)
    end = truth.head.at + round(seconds * SECOND)
    records = tuple(record for record in truth.records if record.at <= end)
    return Case(
        [frame for frame in frames if frame.received <= end],
        TruthLog(truth.head, (*records, End(at=end))),
    )


def rested(frames: list[Frame], pipeline: Pipeline) -> Iterator[Tick]:
    """Apply the frames; tick at once when one comes after a pause, else once in a tick's time."""
    place = number = 0
    last = 0
    while place < len(frames):
        due = frames[place].received
        expiry = pipeline.next_expiry()
        due = max(due if expiry is None else min(due, expiry), last + TICK)
        while place < len(frames) and frames[place].received <= due:
            pipeline.apply(frames[place])
            place += 1
        yield pipeline.tick(due, number)
        number += 1
        last = due


def said(frames: list[Frame]) -> list[Said]:
    """What a pipeline says of the frames."""
    pipeline = Pipeline(readers(), Options())
    return [
        msgspec.convert(change_object(change), Said)
        for tick in rested(frames, pipeline)
        for change in tick.changes
    ]


def judged(case: Case, grace_ns: int) -> Judgement:
    """What the judge says of it."""
    return judge(case.truth, said(case.frames), tick_ns=TICK, grace_ns=grace_ns)
