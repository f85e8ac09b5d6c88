"""A full disk: the frames wait in memory, nothing half-written is read, and work goes on when there is room."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from crossbook.base.clock import ManualClock
from crossbook.base.errors import Retry
from crossbook.model.frame import Frame, FrameKind
from crossbook.rawlog import RawLog, Reading

LIMITED = """
import resource, sys
from pathlib import Path
from crossbook.base.clock import ManualClock
from crossbook.base.errors import Retry
from crossbook.model.frame import Frame, FrameKind
from crossbook.rawlog import RawLog, Reading

folder = Path(sys.argv[1])
written = [Frame(n, "s", FrameKind.DATA, b"%d" % n * 500) for n in range(20)]
with RawLog(folder, clock=ManualClock(), write_bytes=1000) as log:
    log.append(written[0])
    log.flush()
    resource.setrlimit(resource.RLIMIT_FSIZE, (5000, resource.RLIM_INFINITY))
    for frame in written[1:]:
        log.append(frame)
    for _ in range(3):
        try:
            log.flush()
        except Retry as error:
            assert ".frames: cannot be written" in str(error), error
            assert "19 frames wait" in str(error), error
        else:
            raise SystemExit("flushed beyond the limit")
    reading = Reading(folder)
    assert list(reading) == [(0, written[0])]
    assert (reading.damage, reading.tail) == ([], 0)
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    log.flush()
    assert log.waiting == 0
reading = Reading(folder)
assert list(reading) == list(enumerate(written))
assert (reading.damage, reading.tail) == ([], 0)
print("all there")
"""


def test_a_file_that_may_not_grow(tmp_path: Path, root: Path) -> None:
    command = [sys.executable, "-W", "error", "-c", LIMITED, str(tmp_path / "log")]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False, timeout=120)
    assert (done.returncode, done.stdout, done.stderr) == (0, "all there\n", "")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 256 kB that is really full when it is full; only root can have one."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=256k,mode=0777", "tmpfs", str(disk)]
    try:
        made = subprocess.run(mount, capture_output=True, check=False, timeout=60).returncode == 0
    except OSError:
        made = False
    if not made:
        pytest.skip("no disk can be mounted here")
    try:
        yield disk
    finally:
        subprocess.run(["umount", str(disk)], check=True, timeout=60)


def test_a_full_disk_while_segments_rotate(small_disk: Path) -> None:
    folder, ballast = small_disk / "log", small_disk / "ballast"
    # Bytes that do not become smaller by packing.
    written = [Frame(n, "s", FrameKind.DATA, os.urandom(3000)) for n in range(60)]
    with RawLog(folder, clock=ManualClock(), segment_bytes=20_000, sync_s=0.01) as log:
        ballast.write_bytes(bytes(180_000))
        refused = 0
        for frame in written:
            log.append(frame)
            try:
                log.flush()
            except Retry:
                refused += 1
                reading = Reading(folder)
                got = [found for _, found in reading]
                assert got == written[: log.next - log.waiting]
                assert (reading.damage, reading.tail) == ([], 0)
        assert refused > 5
        assert log.waiting >= 5
        ballast.unlink()
        log.flush()
        assert log.waiting == 0
    reading = Reading(folder)
    assert list(reading) == list(enumerate(written))
    assert (reading.damage, reading.tail) == ([], 0)


def test_a_log_that_cannot_write_can_be_let_go(small_disk: Path) -> None:
    folder = small_disk / "log"
    log = RawLog(folder, clock=ManualClock())
    log.append(Frame(1, "s", FrameKind.DATA, b"kept"))
    log.flush()
    log.append(Frame(2, "s", FrameKind.DATA, bytes(300_000)))
    with pytest.raises(Retry):
        log.close()
    log.close(lose_waiting=True)
    assert [frame.data for _, frame in Reading(folder)] == [b"kept"]
    with RawLog(folder, clock=ManualClock()) as log:
        assert log.next == 1
