"""The inbox: the order of the log, times that never fall, and a queue that never fills without saying so."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossbook.base.clock import ManualClock
from crossbook.base.errors import Retry
from crossbook.model.frame import Frame, FrameKind, StreamInfo
from crossbook.pipeline.inbox import Inbox, NoLog

DATA, OPENED, CLOSED, DROPPED = FrameKind.DATA, FrameKind.OPENED, FrameKind.CLOSED, FrameKind.DROPPED


class MemoryLog:
    """A log in memory; while `full` nothing can be brought to the disk."""

    def __init__(self) -> None:
        self.frames: list[Frame] = []
        self.flushed = 0
        self.full = False
        self.brimming = False

    def append(self, frame: Frame) -> int:
        if self.brimming:
            raise Retry("cannot hold more")
        self.frames.append(frame)
        return len(self.frames) - 1

    def flush(self) -> None:
        if self.full:
            raise Retry("no space left")
        self.flushed = len(self.frames)


def read(log: MemoryLog) -> list[list[Frame]]:
    """What a reader of this log would apply before each tick."""
    groups: list[list[Frame]] = []
    group: dict[int, Frame] = {}
    for number, frame in enumerate(log.frames):
        if frame.kind is FrameKind.TICK:
            groups.append(list(group.values()))
            group = {}
            continue
        group[number] = frame
        if frame.kind is DROPPED:
            del group[int(frame.data)]
    return groups


def test_frames_come_out_as_they_went_into_the_log() -> None:
    clock, log = ManualClock(100), MemoryLog()
    inbox = Inbox(clock, log)
    inbox.receive("one", OPENED, b"{}")
    clock.advance(5)
    inbox.receive("one", DATA, b"a")
    inbox.receive("two", CLOSED, b"lost")
    assert len(inbox) == 3
    clock.advance(5)
    taken = inbox.take()
    assert taken.frames == [
        Frame(100, "one", OPENED, b"{}"),
        Frame(105, "one", DATA, b"a"),
        Frame(105, "two", CLOSED, b"lost"),
    ]
    assert (taken.at, taken.number) == (110, 3)
    assert log.frames == [*taken.frames, Frame(110, "", FrameKind.TICK)]
    assert log.flushed == 4
    assert len(inbox) == 0


def test_all_of_it_is_on_disk_before_anybody_reads_it() -> None:
    log = MemoryLog()
    inbox = Inbox(ManualClock(), log)
    inbox.receive("one", DATA, b"a")
    assert log.flushed == 0, "a frame is never waited for"
    inbox.take()
    assert log.flushed == 2


def test_times_never_fall() -> None:
    clock, log = ManualClock(1_000), MemoryLog()
    inbox = Inbox(clock, log)
    for step in (0, -900, 10, 2_000, -1, -5_000):
        clock.advance(step)
        inbox.receive("one", DATA, b"")
        inbox.take()
    times = [frame.received for frame in log.frames]
    assert times == sorted(times)
    assert times[0] == 1_000
    assert times[-1] == 2_110


def test_when_full_the_oldest_data_go_unread_and_the_log_says_which() -> None:
    log = MemoryLog()
    inbox = Inbox(ManualClock(7), log, most_frames=2)
    inbox.receive("one", OPENED, b"{}")
    for data in (b"a", b"b", b"c", b"d"):
        inbox.receive("one", DATA, data)
    inbox.receive("one", CLOSED, b"")
    taken = inbox.take()
    assert [(frame.kind, frame.data) for frame in taken.frames] == [
        (OPENED, b"{}"),
        (DATA, b"c"),
        (DROPPED, b"1"),
        (DATA, b"d"),
        (DROPPED, b"2"),
        (CLOSED, b""),
    ]
    assert inbox.dropped == 2
    assert [frame.data for frame in log.frames if frame.kind is DATA] == [b"a", b"b", b"c", b"d"]
    assert read(log) == [taken.frames]


def test_the_queue_is_bounded_by_bytes_too() -> None:
    log = MemoryLog()
    inbox = Inbox(ManualClock(), log, most_bytes=10)
    inbox.receive("one", DATA, b"12345")
    inbox.receive("one", DATA, b"67890")
    assert inbox.dropped == 0
    inbox.receive("one", DATA, b"x")
    assert inbox.dropped == 1
    inbox.receive("one", DATA, b"too large for any queue")
    assert inbox.dropped == 4
    assert [frame.kind for frame in inbox.take().frames] == [DROPPED] * 4
    inbox.receive("one", DATA, b"1234567890")
    assert inbox.dropped == 4, "what was taken no longer counts"


def test_openings_and_ends_are_never_dropped() -> None:
    inbox = Inbox(ManualClock(), NoLog(), most_frames=1)
    for number in range(50):
        inbox.receive("one", OPENED, b"%d" % number)
        inbox.receive("one", DATA, b"")
        inbox.receive("one", CLOSED, b"%d" % number)
    kinds = [frame.kind for frame in inbox.take().frames]
    assert (kinds.count(OPENED), kinds.count(CLOSED), kinds.count(DATA)) == (50, 50, 1)
    assert kinds.count(DROPPED) == inbox.dropped == 49


def test_while_the_log_cannot_be_written_everything_waits() -> None:
    clock, log = ManualClock(1), MemoryLog()
    inbox = Inbox(clock, log)
    inbox.receive("one", DATA, b"a")
    log.full = True
    with pytest.raises(Retry):
        inbox.take()
    assert len(inbox) == 1
    assert [frame.kind for frame in log.frames] == [DATA], "there was no tick"
    inbox.receive("one", DATA, b"b")
    log.full = False
    taken = inbox.take()
    assert [frame.data for frame in taken.frames] == [b"a", b"b"]
    assert read(log) == [taken.frames]


@given(
    st.lists(
        st.one_of(
            st.tuples(st.sampled_from(["one", "two"]), st.sampled_from([OPENED, DATA, DATA, DATA, CLOSED])),
            st.just(None),
        ),
        max_size=60,
    ),
    st.integers(1, 5),
)
def test_the_log_says_exactly_what_was_read(
    steps: list[tuple[str, FrameKind] | None], most_frames: int
) -> None:
    """Whoever reads the log, and leaves out what it says was dropped, has what was applied at every tick."""
    log = MemoryLog()
    inbox = Inbox(ManualClock(), log, most_frames=most_frames)
    taken: list[list[Frame]] = []
    for number, step in enumerate(steps):
        if step is None:
            taken.append(inbox.take().frames)
        else:
            inbox.receive(*step, b"%d" % number)
    taken.append(inbox.take().frames)
    assert read(log) == taken
    said = [frame for group in taken for frame in group]
    kept = [frame for frame in log.frames if frame.kind in (OPENED, CLOSED)]
    assert [frame for frame in said if frame.kind in (OPENED, CLOSED)] == kept
    assert all(sum(frame.kind is DATA for frame in group) <= most_frames for group in taken)


def test_what_the_log_cannot_hold_is_refused_until_its_stream_begins_anew() -> None:
    log = MemoryLog()
    inbox = Inbox(ManualClock(1), log)
    inbox.receive("one", OPENED, b"{}")
    inbox.receive("two", OPENED, b"{}")
    inbox.take()
    log.brimming = True
    inbox.receive("one", DATA, b"lost")
    log.brimming = False
    inbox.receive("one", DATA, b"after a gap")
    inbox.receive("two", DATA, b"whole")
    taken = inbox.take()
    assert inbox.refused == 2
    assert taken.broken == ("one",)
    assert [(frame.stream, frame.kind, frame.data) for frame in taken.frames] == [
        ("two", DATA, b"whole"),
        ("one", OPENED, b"{}"),
    ]
    inbox.receive("one", DATA, b"again")
    assert [frame.data for frame in inbox.take().frames] == [b"again"]
    assert read(log)[1] == taken.frames


def test_a_stream_that_ended_while_the_log_was_full_is_closed_in_it() -> None:
    log = MemoryLog()
    inbox = Inbox(ManualClock(1), log)
    inbox.receive("one", OPENED, b"{}")
    inbox.take()
    log.brimming = True
    inbox.receive("one", CLOSED, b"gone")
    log.brimming = False
    assert [frame.kind for frame in inbox.take().frames] == [CLOSED]


def test_every_open_stream_is_said_again_for_those_who_read_from_here() -> None:
    log = MemoryLog()
    inbox = Inbox(ManualClock(1), log)
    info = StreamInfo(format="made-up", life_ns=5)
    for stream in ("one", "two"):
        inbox.receive(stream, OPENED, msgspec.json.encode(info))
    inbox.receive("two", CLOSED, b"")
    inbox.take()
    inbox.still()
    (frame,) = inbox.take().frames
    assert (frame.stream, frame.kind) == ("one", OPENED)
    assert msgspec.json.decode(frame.data, type=StreamInfo) == msgspec.structs.replace(info, still=True)
