"""The format is what its page says, so that a recording can be read without Crossbook."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from zlib import crc32

import pytest
import zstandard

from crossbook.model.frame import Frame, FrameKind
from crossbook.rawlog.segments import pack_segment
from tests.rawlog.examples import FEW, few_plain


@pytest.fixture(scope="module")
def program(root: Path) -> str:
    """The last piece of Python on the page."""
    page = (root / "docs/raw-log.md").read_text("utf-8")
    return str(re.findall(r"```python\n(.*?)```", page, re.DOTALL)[-1])


def test_the_program_on_the_page_reads_a_segment(tmp_path: Path, program: str) -> None:
    path = few_plain(tmp_path)
    path.write_bytes(path.read_bytes() + b"a torn tail, longer than the fixed part of a record")
    command = [sys.executable, "-X", "utf8", "-c", program, str(path)]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False, timeout=60)
    assert done.stderr == ""
    assert done.stdout.splitlines() == [
        f"{number} {int(frame.kind)} {frame.received} {frame.stream} {frame.data!r}"
        for number, frame in enumerate(FEW)
    ]


def test_any_zstd_unpacks_a_packed_segment(tmp_path: Path) -> None:
    plain = few_plain(tmp_path)
    before = plain.read_bytes()
    pack_segment(tmp_path, 0)
    with Path(f"{plain}.zst").open("rb") as file:
        reader = zstandard.ZstdDecompressor().stream_reader(file, read_across_frames=True)
        assert reader.read() == before


def test_bytes_of_a_segment(tmp_path: Path) -> None:
    data = few_plain(tmp_path).read_bytes()
    assert data[:12] == b"CBFRAMES\x01\0\0\0"
    log_id = data[12:28]
    assert data[28:52] == bytes(8) + (7).to_bytes(8, "little") + (-(1 << 63)).to_bytes(
        8, "little", signed=True
    )
    assert int.from_bytes(data[52:56], "little") == crc32(data[:52])
    assert data[56:112] == data[:56]
    rest = bytes([15 + 8 + 17, 0, 0, 0, 0, 0, 0, 0, 1, 10, 0, 0, 0, 0, 0, 0, 0, 8, 0])
    rest += b"feed/one" + FEW[0].data
    assert FEW[0] == Frame(10, "feed/one", FrameKind.OPENED, b'{"format":"some"}')
    checksum = crc32(rest, crc32(data[12:36]))
    assert data[112 : 112 + 8 + len(rest)] == log_id[:4] + checksum.to_bytes(4, "little") + rest
