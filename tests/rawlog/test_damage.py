"""Damage is found wherever it is, stays where it is, and never becomes a frame."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from crossbook.base.clock import ManualClock
from crossbook.model.frame import Frame, FrameKind
from crossbook.rawlog import RawLog, Reading
from crossbook.rawlog.record import HEAD_BYTES, HEADS
from crossbook.rawlog.segments import pack_segment
from tests.rawlog.examples import FEW, few_packed, few_plain, record

ALL = dict(enumerate(FEW))


def ends_of(path: Path) -> list[int]:
    """Where each record of a sound plain segment ends, by the lengths that stand in it."""
    data, at, ends = path.read_bytes(), HEADS, [HEADS]
    while at < len(data):
        at += 12 + int.from_bytes(data[at + 8 : at + 12], "little")
        ends.append(at)
    assert ends[-1] == len(data)
    return ends


@pytest.mark.parametrize("flip", [0x01, 0x10, 0x80, 0xFF])
@pytest.mark.parametrize("packed", [False, True])
def test_a_changed_byte_is_found_anywhere(tmp_path: Path, flip: int, packed: bool) -> None:
    path = (few_packed if packed else few_plain)(tmp_path / "log")
    sound = path.read_bytes()
    for at in range(len(sound)):
        hurt = bytearray(sound)
        hurt[at] ^= flip
        path.write_bytes(hurt)
        reading = Reading(path)
        got = dict(reading)
        assert got.items() <= ALL.items(), at
        assert reading.damage or reading.tail, at
        if not packed:
            assert len(got) >= len(ALL) - (at >= HEADS), at
    path.write_bytes(sound)
    whole = Reading(path)
    assert dict(whole) == ALL
    assert (whole.damage, whole.tail) == ([], 0)


def test_a_plain_segment_cut_anywhere_gives_what_is_whole(tmp_path: Path) -> None:
    path = few_plain(tmp_path / "log")
    sound, ends = path.read_bytes(), ends_of(path)
    for cut in range(HEAD_BYTES, len(sound)):
        path.write_bytes(sound[:cut])
        whole = sum(end <= cut for end in ends[1:])
        reading = Reading(path)
        assert dict(reading) == dict(enumerate(FEW[:whole])), cut
        assert reading.tail == (cut - max(end for end in ends if end <= cut) if cut >= HEADS else 0), cut


def test_a_packed_segment_cut_anywhere_is_found(tmp_path: Path) -> None:
    path = few_packed(tmp_path / "log")
    sound = path.read_bytes()
    for cut in range(len(sound)):
        path.write_bytes(sound[:cut])
        reading = Reading(path)
        assert dict(reading).items() <= ALL.items(), cut
        assert reading.damage, cut


def test_opening_repairs_any_cut(tmp_path: Path) -> None:
    path = few_plain(tmp_path / "made")
    sound, ends = path.read_bytes(), ends_of(path)
    added = Frame(99, "", FrameKind.TICK)
    for cut in range(0, len(sound), 3):
        folder = tmp_path / f"cut at {cut}"
        folder.mkdir()
        (folder / path.name).write_bytes(sound[:cut])
        whole = sum(end <= cut for end in ends[1:])
        with RawLog(folder, clock=ManualClock(8), sync_s=60) as log:
            good = max((end for end in ends if end <= cut), default=0)
            assert log.torn == cut - good, cut
            assert log.append(added) == whole, cut
        reading = Reading(folder)
        assert [frame for _, frame in reading] == [*FEW[:whole], added], cut
        assert (reading.damage, reading.tail) == ([], 0), cut
        kept = [name.read_bytes() for name in folder.glob("*.torn")]
        assert kept == ([sound[good:cut]] if cut > good else []), cut


def test_good_frames_behind_damage_are_not_cut_off(tmp_path: Path) -> None:
    path = few_plain(tmp_path)
    hurt, ends = bytearray(path.read_bytes()), ends_of(path)
    hurt[ends[1] + 8 : ends[1] + 12] = b"\xff\xff\xff\x03"  # a length far beyond the end of the file
    path.write_bytes(hurt)
    with RawLog(tmp_path, clock=ManualClock(8)) as log:
        assert log.torn == 0
        assert log.append(Frame(99, "", FrameKind.TICK)) == 5
    reading = Reading(tmp_path)
    assert [number for number, _ in reading] == [0, 2, 3, 4, 5]
    (damage,) = reading.damage
    assert damage.place == f"{path.name}:{ends[1]}"
    assert "frames 1 to 1 are lost" in damage.reason


def test_records_inside_a_frames_data_are_not_taken_for_frames(tmp_path: Path) -> None:
    """A stream may carry the bytes of this very log; damage around them must not let them out."""
    path = few_plain(tmp_path)
    inner = path.read_bytes()[HEADS:]
    with RawLog(tmp_path, clock=ManualClock(8)) as log:
        log.append(Frame(30, "mirror", FrameKind.DATA, inner))
        log.append(Frame(31, "", FrameKind.TICK))
    hurt = bytearray(path.read_bytes())
    hurt[len(inner) + HEADS + 20] ^= 1  # in the fixed part of the outer record
    path.write_bytes(hurt)
    reading = Reading(tmp_path)
    assert list(reading) == [*enumerate(FEW), (6, Frame(31, "", FrameKind.TICK))]
    assert len(reading.damage) == 1


def test_a_lost_block_costs_its_own_frames_only(tmp_path: Path) -> None:
    many = [Frame(n, "s", FrameKind.DATA, n.to_bytes(4) * 40_000) for n in range(60)]
    record(tmp_path, many, segment_bytes=1 << 30)
    pack_segment(tmp_path, 0)
    (path,) = tmp_path.iterdir()
    hurt = bytearray(path.read_bytes())
    starts = [at for at in range(len(hurt)) if hurt.startswith(b"\x5c\x2a\x4d\x18", at)]
    assert len(starts) > 6
    for spoiled in (starts[5] + 4, starts[5] + 40):  # its front, then its content
        broken = bytearray(hurt)
        broken[spoiled] ^= 0xFF
        path.write_bytes(broken)
        reading = Reading(tmp_path)
        got = [number for number, frame in reading if many[number] == frame]
        gaps = [(a, b) for a, b in pairwise(got) if b != a + 1]
        assert len(gaps) == 1
        ((before, after),) = gaps
        assert 0 < after - before - 1 <= 8
        assert any(f"frames {before + 1} to {after - 1} are lost" in each.reason for each in reading.damage)


def test_a_missing_segment_is_a_gap(tmp_path: Path) -> None:
    record(tmp_path, [Frame(n, "s", FrameKind.DATA, b"x" * 100) for n in range(50)], segment_bytes=1000)
    names = sorted(path.name for path in tmp_path.iterdir())
    (tmp_path / names[2]).unlink()
    first, after = int(names[2][:20]), int(names[3][:20])
    reading = Reading(tmp_path)
    assert [number for number, _ in reading] == [n for n in range(50) if not first <= n < after]
    (damage,) = reading.damage
    assert f"frames {first} to {after - 1} are missing" in damage.reason


def test_a_segment_of_another_recording_is_left_out(tmp_path: Path) -> None:
    data = [Frame(n, "s", FrameKind.DATA, b"x" * 100) for n in range(20)]
    for name in ("one", "other"):
        record(tmp_path / name, data, segment_bytes=1000)
    foreign = sorted((tmp_path / "other").iterdir())[1]
    (tmp_path / "one" / foreign.name).write_bytes(foreign.read_bytes())
    reading = Reading(tmp_path / "one")
    assert len(list(reading)) < 20
    assert any("another recording" in damage.reason for damage in reading.damage)
