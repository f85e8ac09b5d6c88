"""The reader: round trips, a recording being written, groups up to each tick, and what a recording holds."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossbook.base.clock import ManualClock
from crossbook.base.errors import Misconfigured
from crossbook.model.frame import Frame, FrameKind
from crossbook.rawlog import Batch, RawLog, Reading, frames, info, reader, ticks
from tests.rawlog.examples import FEW, few_packed, record

CLOCK = ManualClock(7)
TICK = FrameKind.TICK
FRAMES = st.lists(
    st.builds(
        Frame,
        received=st.integers(-(1 << 63), (1 << 63) - 1),
        stream=st.text(max_size=12),
        kind=st.sampled_from(FrameKind),
        data=st.binary(max_size=300),
    ),
    max_size=40,
).map(lambda found: sorted(found, key=lambda frame: frame.received))


@settings(max_examples=40, deadline=None)
@given(FRAMES, st.integers(1, 2000), st.integers(1, 50), st.integers(1, 10), st.integers(1, 40))
def test_what_was_written_is_read(
    written: list[Frame], segment_bytes: int, write_bytes: int, flush_every: int, open_every: int
) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for start in range(0, max(len(written), 1), open_every):
            with RawLog(folder, clock=CLOCK, segment_bytes=segment_bytes, write_bytes=write_bytes) as log:
                for number, frame in enumerate(written[start : start + open_every], start):
                    assert log.append(frame) == number
                    if number % flush_every == 0:
                        log.flush()
        reading = Reading(folder)
        assert list(reading) == list(enumerate(written))
        assert (reading.damage, reading.tail) == ([], 0)


def test_a_recording_is_followed_while_it_is_written(tmp_path: Path) -> None:
    """Segments end, are packed and begin under the reader's hands; it misses nothing and sees no damage."""
    written = [Frame(n, "s", FrameKind.DATA, b"%d" % n * 60) for n in range(200)]
    with RawLog(tmp_path, clock=CLOCK, segment_bytes=2000) as log:

        def add(start: int, stop: int) -> None:
            for frame in written[start:stop]:
                log.append(frame)
                log.flush()
            log.sync()

        add(0, 20)
        reading = Reading(tmp_path)
        walk = iter(reading)
        got = [next(walk) for _ in range(7)]
        add(20, 110)
        got += [next(walk) for _ in range(80)]
        add(110, 200)
        got += walk
    assert got == list(enumerate(written))
    assert (reading.damage, reading.tail) == ([], 0)


def test_a_segment_that_ends_just_after_the_last_look_is_looked_at_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between finding nothing more in a segment and finding a newer one, the older may have grown."""
    written = [Frame(n, "s", FrameKind.DATA, b"%d" % n * 60) for n in range(60)]
    behind, late = reader._behind, written[10:]
    with RawLog(tmp_path, clock=CLOCK, segment_bytes=4000) as log:

        def add_first(folder: Path, first: int) -> list[int]:
            for frame in late:
                log.append(frame)
                log.flush()
            late.clear()
            return behind(folder, first)

        for frame in written[:10]:
            log.append(frame)
        log.flush()
        monkeypatch.setattr(reader, "_behind", add_first)
        reading = Reading(tmp_path)
        assert list(reading) == list(enumerate(written))
        assert (reading.damage, reading.tail) == ([], 0)


def test_a_record_in_the_middle_of_being_written_is_waited_for(tmp_path: Path) -> None:
    seen: list[tuple[list[int], int, list[object]]] = []

    def look(point: str) -> None:
        if point == "flush: written":
            reading = Reading(tmp_path)
            seen.append(([number for number, _ in reading], reading.tail, [*reading.damage]))

    with RawLog(tmp_path, clock=CLOCK, write_bytes=10, points=look) as log:
        log.append(FEW[0])
        log.append(FEW[1])
        log.flush()
    assert len(seen) > 10
    assert all(damage == [] for _, _, damage in seen)
    assert [numbers for numbers, _, _ in seen] == sorted(numbers for numbers, _, _ in seen)
    assert seen[0][:2] == ([], 10)
    assert seen[-1][:2] == ([0, 1], 0)


def test_frames_come_in_groups_up_to_each_tick(tmp_path: Path) -> None:
    one, two, three, four = (Frame(n, "s", FrameKind.DATA, b"%d" % n) for n in (1, 2, 3, 5))
    dropped = Frame(3, "s", FrameKind.DROPPED, b"1")
    first, second = Frame(3, "", TICK), Frame(4, "", TICK)
    record(tmp_path, [one, two, dropped, three, first, second, four])
    assert list(ticks(tmp_path)) == [
        Batch(frames=((0, one), (2, dropped), (3, three)), tick=first, number=4, dropped=(1,)),
        Batch(frames=(), tick=second, number=5),
        Batch(frames=((6, four),), tick=None, number=None),
    ]


@pytest.mark.parametrize("named", [b"0", b"77", b"", b"none"])
def test_a_drop_that_names_nothing_in_its_group_is_told(tmp_path: Path, named: bytes) -> None:
    record(tmp_path, [FEW[0], Frame(30, "", TICK), Frame(31, "s", FrameKind.DROPPED, named)])
    reading = Reading(tmp_path)
    assert [len(batch.frames) for batch in ticks(reading)] == [1, 1]
    assert [damage.place for damage in reading.damage] == ["frame 2"]


def _given_up(folder: Path, written: list[Frame], keep: int) -> Reading:
    """A recording with a segment for each frame of which all but the last so many segments were given up."""
    record(folder, written, segment_bytes=1)
    for first in range(len(written) - keep):
        (folder / f"{first:020d}.frames.zst").unlink()
    return Reading(folder)


def test_frames_of_a_stream_that_was_opened_in_what_was_given_up_are_told(tmp_path: Path) -> None:
    opened, data, tick, _, closed = FEW
    late = [Frame(21, "feed/one", kind, b"{}") for kind in (FrameKind.OPENED, FrameKind.DATA)]
    end = Frame(22, "", TICK)
    reading = _given_up(tmp_path / "long", [opened, tick, data, closed, *late, end], 5)
    assert [number for number, _ in reading] == [2, 3, 4, 5, 6]
    (damage,) = reading.damage
    assert damage.place == f"{2:020d}.frames.zst:0"
    assert damage.reason.startswith("frames before 2 were given up: streams opened there, such as 'feed/one'")
    assert len(info(tmp_path / "long").damage) == 1
    # A segment in which everything was opened again stands by itself, and so does what follows a beginning.
    again = _given_up(tmp_path / "again", [opened, data, tick, *late, end], 4)
    began = _given_up(tmp_path / "began", [opened, tick, Frame(20, "", FrameKind.BEGAN), *late, end], 4)
    for reading in (again, began):
        assert [number for number, _ in reading][:2] == [2, 3]
        assert reading.damage == []


def test_a_drop_of_a_frame_that_was_given_up_is_no_damage(tmp_path: Path) -> None:
    data = Frame(1, "s", FrameKind.DATA, b"1")
    reading = _given_up(tmp_path, [data, Frame(2, "s", FrameKind.DROPPED, b"0"), Frame(3, "", TICK)], 2)
    (group,) = ticks(reading)
    assert group.dropped == (0,)
    assert reading.damage == []


def test_what_a_recording_holds(tmp_path: Path) -> None:
    path = few_packed(tmp_path)
    for at in (path, tmp_path):
        held = info(at)
        assert (held.first, held.last, held.frames, held.ticks, held.dropped) == (10, 20, 5, 1, 0)
        assert held.streams == {"feed/one": "some", "feed/two é": ""}
        assert held.data_bytes == sum(len(frame.data) for frame in FEW)
        assert held.disk_bytes == path.stat().st_size
        assert (held.damage, held.tail) == ((), 0)


def test_nothing_to_read_is_said(tmp_path: Path) -> None:
    (tmp_path / "some.json").touch()
    for path in (tmp_path, tmp_path / "none", tmp_path / "some.json"):
        with pytest.raises(Misconfigured, match=path.name):
            list(frames(path))


def test_a_file_that_only_has_the_name_gives_damage_and_no_frame(tmp_path: Path) -> None:
    path = tmp_path / f"{0:020d}.frames"
    path.write_bytes(b"something else altogether" * 100)
    reading = Reading(path)
    assert list(reading) == []
    assert any("not a segment" in damage.reason for damage in reading.damage)
