"""The writer: rotation, packing, limits, one writer a folder, background sync, retention."""

from __future__ import annotations

import errno
import threading
from pathlib import Path

import pytest

from crossbook.base.clock import SECOND, ManualClock
from crossbook.base.errors import BadData, Misconfigured, Refused, Retry
from crossbook.model.frame import Frame, FrameKind
from crossbook.rawlog import RawLog, Reading, frames, retain, segments, size, writer
from crossbook.rawlog.record import DATA_LIMIT
from crossbook.rawlog.segments import head_of, listing
from tests.rawlog.examples import FEW, few_plain, record

CLOCK = ManualClock(7)


def many(count: int) -> list[Frame]:
    return [Frame(n // 3, f"feed/{n % 5}", FrameKind.DATA, b"%d;" % n * (n % 90)) for n in range(count)]


def test_rotation_under_load_equals_no_rotation(tmp_path: Path) -> None:
    record(tmp_path / "whole", many(3000), each=False)
    with RawLog(tmp_path / "parts", clock=CLOCK, segment_bytes=5000, sync_s=0.01) as log:
        for number, frame in enumerate(many(3000)):
            assert log.append(frame) == number
            if number % 11 == 0:
                log.flush()
    assert len(listing(tmp_path / "whole")) == 1
    assert len(listing(tmp_path / "parts")) > 20
    assert list(frames(tmp_path / "parts")) == list(frames(tmp_path / "whole")) == list(enumerate(many(3000)))
    endings = [path.name.partition(".")[2] for path in sorted((tmp_path / "parts").iterdir())]
    assert endings == ["frames.zst"] * (len(endings) - 1) + ["frames"]
    assert log.fault is None


def test_a_segment_is_closed_when_it_is_old(tmp_path: Path) -> None:
    clock = ManualClock(0)
    with RawLog(tmp_path, clock=clock, segment_age_s=10) as log:
        clock.advance(11 * SECOND)
        log.flush()
        assert listing(tmp_path) == [0]  # nothing is in it: it may grow older
        log.append(FEW[0])
        log.flush()
        assert listing(tmp_path) == [0, 1]
        log.append(FEW[1])
        clock.advance(9 * SECOND)
        log.flush()
        assert listing(tmp_path) == [0, 1]
    head = head_of(tmp_path, 1)
    assert head is not None
    assert (head.created, head.floor) == (11 * SECOND, FEW[0].received)


def test_reopening_goes_on_in_the_same_segment(tmp_path: Path) -> None:
    for frame in FEW:
        record(tmp_path, [frame])
    assert listing(tmp_path) == [0]
    assert list(frames(tmp_path)) == list(enumerate(FEW))


def test_flushed_frames_can_be_read_before_close_and_appended_ones_cannot(tmp_path: Path) -> None:
    with RawLog(tmp_path, clock=CLOCK) as log:
        log.append(FEW[0])
        log.flush()
        log.append(FEW[1])
        assert (log.waiting, log.next) == (1, 2)
        assert list(frames(tmp_path)) == [(0, FEW[0])]


def test_a_second_writer_is_refused(tmp_path: Path) -> None:
    with RawLog(tmp_path, clock=CLOCK), pytest.raises(Misconfigured, match=str(tmp_path)):
        RawLog(tmp_path, clock=CLOCK)
    record(tmp_path, FEW)


def test_a_folder_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(Misconfigured, match="file"):
        RawLog(tmp_path / "file", clock=CLOCK)


@pytest.mark.parametrize(
    "setting", ["segment_bytes", "segment_age_s", "sync_s", "write_bytes", "most_waiting_bytes"]
)
def test_settings_are_checked(tmp_path: Path, setting: str) -> None:
    with pytest.raises(Misconfigured, match=setting):
        RawLog(tmp_path, clock=CLOCK, **{setting: 0})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "frame",
    [
        Frame(4, "s", FrameKind.DATA),
        Frame(1 << 63, "s", FrameKind.DATA),
        Frame(5, "s" * 1025, FrameKind.DATA),
        Frame(5, "\ud800", FrameKind.DATA),
        Frame(5, "s", FrameKind.DATA, bytes(DATA_LIMIT + 1)),
    ],
    ids=["earlier", "too late", "long name", "no name", "too much"],
)
def test_a_frame_that_does_not_fit_is_refused_and_leaves_no_trace(tmp_path: Path, frame: Frame) -> None:
    good = Frame(5, "s", FrameKind.DATA, b"1")
    with RawLog(tmp_path, clock=CLOCK) as log:
        log.append(good)
        with pytest.raises(BadData):
            log.append(frame)
        assert log.append(good) == 1
    assert list(frames(tmp_path)) == [(0, good), (1, good)]


def test_times_may_not_fall_after_reopening(tmp_path: Path) -> None:
    record(tmp_path, FEW)
    with RawLog(tmp_path, clock=CLOCK) as log, pytest.raises(BadData, match="19"):
        log.append(Frame(19, "", FrameKind.TICK))


def test_times_may_not_fall_after_reopening_in_a_new_segment(tmp_path: Path) -> None:
    record(tmp_path, FEW, segment_bytes=1)
    assert listing(tmp_path)[-1] == len(FEW)  # the newest is empty
    with RawLog(tmp_path, clock=CLOCK) as log, pytest.raises(BadData, match="19"):
        log.append(Frame(19, "", FrameKind.TICK))


def test_the_largest_frame_comes_back(tmp_path: Path) -> None:
    large = Frame(5, "s", FrameKind.DATA, b"0123456789abcdef" * (DATA_LIMIT // 16))
    record(tmp_path, [large, FEW[0]], segment_bytes=1)
    assert listing(tmp_path) == [0, 1, 2]
    assert list(frames(tmp_path)) == [(0, large), (1, FEW[0])]


def test_a_closed_log_takes_nothing(tmp_path: Path) -> None:
    log = RawLog(tmp_path, clock=CLOCK)
    log.close()
    log.close()
    with pytest.raises(Refused):
        log.append(FEW[0])


def test_flushed_bytes_reach_the_disk_without_being_asked_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced = threading.Event()

    def seen(file: int) -> None:
        segments.sync_data(file)
        synced.set()

    with RawLog(tmp_path, clock=CLOCK, sync_s=0.01) as log:
        monkeypatch.setattr(writer, "sync_data", seen)
        log.append(FEW[0])
        log.flush()
        assert synced.wait(30)


def test_a_segment_that_cannot_be_begun_leaves_the_old_one_in_use(tmp_path: Path) -> None:
    attempts: list[str] = []
    failing = threading.Event()

    def look(point: str) -> None:
        if point == "rotate: head written" and failing.is_set():
            attempts.append(point)
            raise OSError(errno.EIO, "Input/output error")

    clock = ManualClock(0)
    with RawLog(tmp_path, clock=clock, segment_bytes=150, points=look) as log:
        failing.set()
        for frame in FEW:
            log.append(frame)
            log.flush()
        assert [path.name for path in tmp_path.iterdir()] == [f"{0:020d}.frames"]
        assert log.fault is not None
        assert "no new segment" in log.fault
        assert len(attempts) == 1  # not tried again at every flush
        assert log.segments == 1
        failing.clear()
        clock.advance(SECOND)
        log.append(Frame(20, "", FrameKind.TICK))
        log.flush()
        assert listing(tmp_path) == [0, 6]
        assert log.segments == 2
    assert [number for number, _ in frames(tmp_path)] == list(range(6))


def test_rotation_waits_for_no_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a disk that does not answer, flushes and new segments go on; only the background waits."""
    asked, answer = threading.Event(), threading.Event()
    callers: set[str] = set()

    def slow(file: int) -> None:
        callers.add(threading.current_thread().name)
        asked.set()
        assert answer.wait(60)
        segments.sync_data(file)

    def slow_folder(folder: Path) -> None:
        callers.add(threading.current_thread().name)
        asked.set()
        assert answer.wait(60)
        segments.sync_folder(folder)

    written = many(200)
    monkeypatch.setattr(writer, "sync_data", slow)
    monkeypatch.setattr(writer, "sync_folder", slow_folder)
    with RawLog(tmp_path, clock=CLOCK, segment_bytes=1000, sync_s=0.01) as log:
        try:
            assert asked.wait(60)
            for frame in written:
                log.append(frame)
                log.flush()
            assert callers == {"rawlog-sync"}
            assert log.segments == len(listing(tmp_path)) > 10
            assert list(frames(tmp_path)) == list(enumerate(written))
        finally:
            answer.set()
    reading = Reading(tmp_path)
    assert list(reading) == list(enumerate(written))
    assert reading.damage == []
    assert sorted(path.name.partition(".")[2] for path in tmp_path.iterdir())[:2] == ["frames", "frames.zst"]


def test_a_name_that_did_not_reach_the_disk_is_synced_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[bool] = []

    def fails_once(folder: Path) -> None:
        tried.append(True)
        if len(tried) == 1:
            raise OSError(errno.EIO, "Input/output error")
        segments.sync_folder(folder)

    monkeypatch.setattr(writer, "sync_folder", fails_once)
    with RawLog(tmp_path, clock=CLOCK, sync_s=60) as log:
        log.append(FEW[0])
        with pytest.raises(Retry, match="brought to the disk"):
            log.sync()
        log.sync()
        log.sync()
        assert len(tried) == 2


def test_what_waits_in_memory_is_bounded(tmp_path: Path) -> None:
    failing = threading.Event()

    def look(point: str) -> None:
        if point == "flush: written" and failing.is_set():
            raise OSError(errno.ENOSPC, "No space left on device")

    with RawLog(tmp_path, clock=CLOCK, most_waiting_bytes=5_000, points=look) as log:
        failing.set()
        kept = 0
        while not log.full:
            assert log.append(Frame(kept, "s", FrameKind.DATA, bytes(500))) == kept
            kept += 1
            with pytest.raises(Retry, match="No space"):
                log.flush()
        assert 5_000 // 530 <= kept <= 10
        for _ in range(3):
            with pytest.raises(Retry, match=f"{kept} frames wait in memory"):
                log.append(Frame(900, "s", FrameKind.DATA, b"more"))
        assert (log.next, log.waiting, log.last) == (kept, kept, kept - 1)
        failing.clear()
        log.flush()
        assert log.append(Frame(900, "s", FrameKind.DATA, b"more")) == kept
    reading = Reading(tmp_path)
    assert [number for number, _ in reading] == list(range(kept + 1))
    assert (reading.damage, reading.tail) == ([], 0)


def test_bytes_on_disk_are_known_without_looking(tmp_path: Path) -> None:
    for start in (0, 150):
        with RawLog(tmp_path, clock=CLOCK, segment_bytes=1000) as log:
            assert log.bytes_on_disk == size(tmp_path)
            for frame in many(300)[start : start + 150]:
                log.append(frame)
                log.flush()
        # Closed, so that nothing is being packed while we count.
        assert log.segments > 10
        assert log.bytes_on_disk == size(tmp_path)
    with RawLog(tmp_path, clock=CLOCK) as log:
        total = log.bytes_on_disk
        gone = log.retain(keep_bytes=total // 2)
        assert gone
        assert log.bytes_on_disk == size(tmp_path) <= total // 2


def test_a_newest_segment_whose_head_is_lost_is_set_aside(tmp_path: Path) -> None:
    record(tmp_path, FEW[:4], segment_bytes=1)
    record(tmp_path, FEW[4:], segment_bytes=1000)
    newest = tmp_path / f"{4:020d}.frames"
    newest.write_bytes(bytes(newest.stat().st_size))
    with RawLog(tmp_path, clock=CLOCK) as log:
        assert log.torn > 0
        with pytest.raises(BadData, match="14"):
            log.append(Frame(14, "", FrameKind.TICK))
        assert log.append(Frame(15, "", FrameKind.TICK)) == 4
    reading = Reading(tmp_path)
    assert [frame for _, frame in reading] == [*FEW[:4], Frame(15, "", FrameKind.TICK)]
    assert reading.damage == []


def test_after_a_power_cut_while_a_segment_began(tmp_path: Path) -> None:
    """Neither the end of the old segment nor the head of the new one had reached the disk."""
    record(tmp_path, FEW[:4])
    old = tmp_path / f"{0:020d}.frames"
    old.write_bytes(old.read_bytes()[:-10])
    (tmp_path / f"{4:020d}.frames").touch()
    with RawLog(tmp_path, clock=CLOCK) as log:
        assert log.append(Frame(15, "", FrameKind.TICK)) == 4
    reading = Reading(tmp_path)
    assert list(reading) == [*enumerate(FEW[:3]), (4, Frame(15, "", FrameKind.TICK))]
    assert "not a whole record" in reading.damage[0].reason
    assert reading.damage[1].reason == "frames 3 to 3 are missing before it"


def test_a_pair_of_plain_and_packed_is_resolved(tmp_path: Path) -> None:
    """Killed between the packing of a segment and its removal; the packed form sound, or spoiled."""
    for spoiled in (False, True):
        folder = tmp_path / f"spoiled {spoiled}"
        plain = few_plain(folder)
        before = plain.read_bytes()
        segments.pack_segment(folder, 0)
        packed = folder / f"{plain.name}.zst"
        plain.write_bytes(before)
        if spoiled:
            packed.write_bytes(packed.read_bytes()[:-50])
        (folder / f"{5:020d}.frames.new").write_bytes(b"half")
        assert list(frames(folder)) == list(enumerate(FEW))
        with RawLog(folder, clock=CLOCK) as log:
            assert log.append(Frame(20, "", FrameKind.TICK)) == 5
        assert sorted(path.name for path in folder.iterdir()) == [packed.name, f"{5:020d}.frames"]
        reading = Reading(folder)
        assert [number for number, _ in reading] == list(range(6))
        assert reading.damage == []


def test_packing_keeps_every_byte(tmp_path: Path) -> None:
    plain = few_plain(tmp_path)
    before = plain.read_bytes() + b"damage at the end"
    plain.write_bytes(before)
    segments.pack_segment(tmp_path, 0)
    with (tmp_path / f"{plain.name}.zst").open("rb") as file:
        source = segments.source_of(tmp_path / f"{plain.name}.zst", file)
        pieces = []
        while piece := source.more():
            pieces.append(piece[1])
    assert b"".join(pieces) == before


def test_retention_gives_up_the_oldest_packed_segments(tmp_path: Path) -> None:
    with RawLog(tmp_path, clock=CLOCK, segment_bytes=1000) as log:
        for frame in many(300):
            log.append(frame)
            log.flush()
        log.sync()
    numbers, total = listing(tmp_path), size(tmp_path)
    assert total == sum(path.stat().st_size for path in tmp_path.iterdir())
    assert retain(tmp_path, keep_bytes=total) == []
    gone = retain(tmp_path, keep_bytes=total // 2)
    assert gone == numbers[: len(gone)]
    assert total // 4 < size(tmp_path) <= total // 2
    kept = listing(tmp_path)
    third = kept[2]
    before_third = many(300)[third - 1].received
    assert retain(tmp_path, older_than=before_third + 1) == kept[:2]
    assert [number for number, _ in frames(tmp_path)] == list(range(third, 300))
    assert len(retain(tmp_path, keep_bytes=0)) == len(kept) - 4
    assert listing(tmp_path) == kept[-2:]
    with pytest.raises(Misconfigured, match="keep_bytes"):
        retain(tmp_path)
