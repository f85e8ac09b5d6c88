"""A recording played again says what was said live: byte for byte, tick for tick, with what was dropped."""

from __future__ import annotations

from pathlib import Path

import pytest

from crossbook.base.clock import SECOND, ManualClock
from crossbook.base.errors import Misconfigured
from crossbook.model.frame import FrameKind
from crossbook.pipeline.inbox import MOST_FRAMES, Inbox
from crossbook.pipeline.live import Pipeline, Tick
from crossbook.pipeline.options import Options
from crossbook.rawlog.reader import Reading
from crossbook.rawlog.writer import RawLog
from crossbook.replay.replay import replay
from tests.pipeline.live_made_up import PLANTED, READERS, START, info, message, printed
from tests.pipeline.live_made_up import event as made_up
from tests.pipeline.recorded import pipeline, script


class Live:
    """A pipeline behind an inbox and a raw log, as an engine drives it."""

    def __init__(
        self, folder: Path, pipeline: Pipeline, start: int = START, most_frames: int = MOST_FRAMES
    ) -> None:
        self.clock = ManualClock(start)
        self.log = RawLog(folder, clock=self.clock, segment_bytes=64 * 1024)
        self.inbox = Inbox(self.clock, self.log, most_frames=most_frames)
        self.pipeline = pipeline
        self.ticks: list[Tick] = []
        self.gaps: list[str] = []

    def tick(self) -> Tick:
        taken = self.inbox.take()
        for frame in taken.frames:
            self.pipeline.apply(frame)
            if frame.kind is FrameKind.DROPPED:
                self.gaps.append(frame.stream)
        self.ticks.append(self.pipeline.tick(taken.at, taken.number))
        return self.ticks[-1]


def made_up_pipeline() -> Pipeline:
    return Pipeline(READERS, Options(), keep_moved=True)


def again(folder: Path, pipeline: Pipeline) -> list[Tick]:
    reading = Reading(folder)
    ticks = list(replay(reading, pipeline, ManualClock()))
    assert reading.damage == []
    return ticks


def same(live: list[Tick], played: list[Tick]) -> None:
    assert printed(played) == printed(live)
    assert [(each.number, each.at, each.scanned) for each in played] == [
        (each.number, each.at, each.scanned) for each in live
    ]
    assert [each.moved for each in played] == [each.moved for each in live]
    assert [each.faults for each in played] == [each.faults for each in live]
    assert [each.events for each in played] == [each.events for each in live]


@pytest.mark.parametrize("most_frames", [MOST_FRAMES, 2])
def test_a_recording_of_real_formats_says_the_same(tmp_path: Path, most_frames: int) -> None:
    steps = script(8)
    live = Live(tmp_path / "log", pipeline(), steps[0][0], most_frames)
    with live.log:
        for at, stream, kind, data in steps:
            live.clock.advance(at - live.clock.now())
            if kind is FrameKind.TICK:
                live.tick()
            else:
                live.inbox.receive(stream, kind, data)
    assert len(printed(live.ticks)) > 20
    assert bool(live.gaps) is (most_frames == 2)
    other = pipeline()
    same(live.ticks, again(tmp_path / "log", other))
    assert other.board.count() == live.pipeline.board.count()
    assert {name: (each.dropped, each.frames) for name, each in other.streams.items()} == {
        name: (each.dropped, each.frames) for name, each in live.pipeline.streams.items()
    }


def test_a_gap_is_heard_of_in_its_place(tmp_path: Path) -> None:
    """A session that forgets in a gap says less afterwards; a replay that did not hear of it would say more."""
    live = Live(tmp_path / "log", made_up_pipeline(), most_frames=1)
    with live.log:
        live.inbox.receive("one", FrameKind.OPENED, info())
        live.inbox.receive("one", FrameKind.DATA, message(k=made_up(*PLANTED)))
        assert len(live.tick().changes) == 1
        live.inbox.receive("one", FrameKind.DATA, b"lost on the way")
        live.inbox.receive("one", FrameKind.DATA, b"fault")
        assert live.gaps == []
        live.tick()
        assert live.gaps == ["one"]
    assert [change.moment for tick in live.ticks for change in tick.changes] == ["opened", "closed"]
    other = made_up_pipeline()
    same(live.ticks, again(tmp_path / "log", other))
    assert other.streams["one"].dropped == 1


def test_quotes_expire_at_the_ticks_at_which_they_did(tmp_path: Path) -> None:
    live = Live(tmp_path / "log", made_up_pipeline())
    with live.log:
        live.inbox.receive("one", FrameKind.OPENED, info(life=SECOND))
        live.inbox.receive("one", FrameKind.DATA, message(k=made_up(*PLANTED)))
        live.tick()
        for _ in range(4):
            live.clock.advance(SECOND // 3)  # three of them are a nanosecond short of a second
            live.tick()
    assert [len(tick.changes) for tick in live.ticks] == [1, 0, 0, 0, 1]
    same(live.ticks, again(tmp_path / "log", made_up_pipeline()))


def recorded(folder: Path, *gaps_ns: int) -> None:
    """Ticks with these pauses between them, and a frame that nobody looked at."""
    live = Live(folder, made_up_pipeline())
    with live.log:
        live.inbox.receive("one", FrameKind.OPENED, info())
        live.tick()
        for gap in gaps_ns:
            live.clock.advance(gap)
            live.tick()
        live.inbox.receive("one", FrameKind.DATA, message(k=made_up(*PLANTED)))


def test_frames_behind_the_last_tick_were_never_looked_at(tmp_path: Path) -> None:
    recorded(tmp_path / "log", SECOND)
    other = made_up_pipeline()
    assert printed(again(tmp_path / "log", other)) == []
    assert other.board.count() == 0


def test_the_clock_stands_where_the_recording_does(tmp_path: Path) -> None:
    recorded(tmp_path / "log", SECOND, 5 * SECOND)
    clock = ManualClock()
    times = [(tick.at, clock.now()) for tick in replay(tmp_path / "log", made_up_pipeline(), clock)]
    assert times == [(START + after, START + after) for after in (0, SECOND, 6 * SECOND)]


@pytest.mark.parametrize(("speed", "least"), [(1.0, 7_000), (10.0, 700)])
def test_a_speed_is_kept_by_pauses(tmp_path: Path, speed: float, least: int) -> None:
    """Nobody really waits, so every pause is about the whole time that the recording is ahead."""
    recorded(tmp_path / "log", 1_000 * SECOND, 6_000 * SECOND)
    pauses: list[float] = []
    list(replay(tmp_path / "log", made_up_pipeline(), ManualClock(), speed, pauses.append))
    assert len(pauses) == 2
    assert pauses[-1] == pytest.approx(least, abs=120)
    assert pauses[0] == pytest.approx(least / 7, abs=120)


def test_without_a_speed_nobody_pauses(tmp_path: Path) -> None:
    recorded(tmp_path / "log", 1_000 * SECOND)
    pauses: list[float] = []
    assert len(list(replay(tmp_path / "log", made_up_pipeline(), ManualClock(), None, pauses.append))) == 2
    assert pauses == []


def test_what_is_no_recording_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured):
        list(replay(tmp_path / "nothing", made_up_pipeline(), ManualClock()))
