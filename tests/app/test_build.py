"""A scan put together: its work in other processes, in order, and what is said when one of them is ended."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from crossbook.app.build import build_scan
from crossbook.base.errors import BadData, Retry
from crossbook.pipeline.options import Options
from crossbook.pipeline.scan import Part, Task
from tests.pipeline.made_up import PLANTED, row, season, write


@pytest.fixture
def several(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Files that are one task each."""
    monkeypatch.setattr("crossbook.pipeline.scan._CHUNK", 1)
    for number in range(5):
        write(tmp_path / f"{number}.csv", season(row(PLANTED, f"Home {number}")))
    return tmp_path


def homes(folder: Path, processes: int) -> list[str]:
    return [found.listing.home for found in build_scan(Options(), processes).run([folder])]


def test_processes_change_neither_what_is_found_nor_its_order(several: Path) -> None:
    assert homes(several, 1) == homes(several, 2) == [f"Home {number}" for number in range(5)]


def killed(_: Task) -> Part:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("nobody survives this")


def out_of_memory(_: Task) -> Part:
    raise MemoryError


def at_a_loss(_: Task) -> Part:
    raise BadData("nothing to be read")


@pytest.mark.parametrize(
    ("work", "error", "words"),
    [
        (killed, Retry, "a worker process was ended by the system, .* try fewer files at once"),
        (out_of_memory, MemoryError, "^$"),
        (at_a_loss, BadData, "nothing to be read"),
    ],
)
def test_how_a_worker_ends_is_told(
    several: Path,
    monkeypatch: pytest.MonkeyPatch,
    work: Callable[[Task], Part],
    error: type[Exception],
    words: str,
) -> None:
    monkeypatch.setattr("crossbook.pipeline.scan.scan_archives", work)
    with pytest.raises(error, match=words):
        homes(several, 2)
