"""How `crossbook` ends: 0, 1 or 2, and what it says where it could not do what was asked."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from crossbook.base.errors import Retry, Unknown
from crossbook.pipeline.scan import Part, Task
from tests.cli.command import call, run
from tests.pipeline.made_up import PLANTED, row, season, write

BAD = [
    ["--bank", "0"],
    ["--bank", "-5"],
    ["--bank", "much"],
    ["--bank", "nan"],
    ["--bank", "1", "--unit", "2"],
    ["--bank", "1000000000001", "--unit", "1000"],
    ["--bank", "1000000001"],
    ["--unit", "0.0000000999"],
    ["--unit", "0"],
    ["--min-margin", "-0.1"],
    ["--commission", "X"],
    ["--commission", "=0.02"],
    ["--commission", "BFE=1"],
    ["--commission", "BFE=-0.1"],
    ["--commission", "BFE=2%"],
    ["--markets", "nonsense"],
    ["--venues", "nonsense"],
    ["--basis", "nonsense"],
    ["--verdict", "nonsense"],
    ["--format", "nonsense"],
    ["--json", "--csv"],
    ["--nonsense"],
]
FORMS = ["--json", "--csv", "--verdict=pure"]


@pytest.mark.parametrize("words", BAD, ids=" ".join)
def test_a_bad_option_ends_with_2_and_says_which(seasons: Path, words: list[str]) -> None:
    ran = call("scan", seasons, *words)
    assert ran.code == 2
    assert ran.out == ""
    assert words[0].strip("-") in ran.err
    assert "Traceback" not in ran.err


def test_a_bad_format_is_a_bad_option_even_where_there_is_no_file(tmp_path: Path) -> None:
    assert call("scan", tmp_path, "--format", "nonsense").code == 2


@pytest.mark.parametrize("words", [["--bank", "1e12", "--unit", "1e3"], ["--bank", "1e9"]], ids=" ".join)
def test_the_largest_bank_is_no_bad_option(seasons: Path, words: list[str]) -> None:
    ran = call("scan", seasons, "--json", *words)
    assert ran.code == 0
    assert ran.lines()[0][0]["rounded"] is not None


@pytest.mark.parametrize("form", [[], ["--json"], ["--csv"]])
def test_a_bad_option_ends_with_2_in_a_process_too(seasons: Path, form: list[str]) -> None:
    ran = run("scan", seasons, "--format", "nonsense", *form)
    assert ran.code == 2
    assert ran.err.startswith("crossbook: format: 'nonsense' is not one of auto, ")
    assert ran.err.count("\n") == 1


def test_a_missing_path_ends_with_2() -> None:
    ran = call("scan")
    assert ran.code == 2
    assert "PATH" in ran.err


@pytest.mark.parametrize("form", ["auto", "football-data", "betfair-stream"])
def test_nothing_readable_ends_with_1_and_a_reason(tmp_path: Path, form: str) -> None:
    ran = run("scan", tmp_path / "missing.csv", "--json", "--format", form)
    assert (ran.code, ran.err) == (1, "")
    found, summary = ran.lines()
    assert (found, summary["files"]) == ([], 0)
    assert [each["reason"] for each in summary["skipped"]] == ["no such file"]


def test_an_empty_folder_ends_with_1(tmp_path: Path) -> None:
    assert call("scan", tmp_path).code == 1


def test_one_readable_file_ends_with_0(tmp_path: Path) -> None:
    good = write(tmp_path / "E0.csv", season(row()))
    assert call("scan", tmp_path / "missing", good).code == 0


@pytest.mark.parametrize("form", FORMS)
def test_a_reader_that_leaves_early_is_no_accident(tmp_path: Path, form: str) -> None:
    rows = [row(PLANTED, f"Home {place}") for place in range(600)]
    path = write(tmp_path / "E0.csv", season(*rows))
    command = [sys.executable, "-m", "crossbook", "scan", str(path), form]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""


def is_one_line(text: str) -> bool:
    return text.startswith("crossbook: ") and text.endswith("\n") and text.count("\n") == 1


@pytest.mark.parametrize("lines", [1, 300], ids=["little", "much"])
@pytest.mark.parametrize("words", [["scan", "--json"], ["scan", "--csv"], ["scan"]], ids=" ".join)
def test_output_that_cannot_be_written_ends_with_1_and_one_line(
    tmp_path: Path, words: list[str], lines: int
) -> None:
    if not os.path.exists("/dev/full"):  # noqa: PTH110
        pytest.skip("this system has no disk that is always full")
    path = write(tmp_path / "E0.csv", season(*[row(PLANTED)] * lines))
    command = [sys.executable, "-m", "crossbook", *words, str(path)]
    with open("/dev/full", "wb") as full:  # noqa: PTH123
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, timeout=120, check=False)
    complaint = done.stderr.decode()
    assert (done.returncode, complaint) == (1, "crossbook: could not go on: No space left on device\n")


def test_closed_output_ends_with_1_and_one_line(seasons: Path) -> None:
    command = [sys.executable, "-m", "crossbook", "scan", str(seasons), "--json"]
    done = subprocess.run(
        ["/bin/sh", "-c", 'exec "$@" >&-', "sh", *command], stderr=subprocess.PIPE, timeout=120, check=False
    )
    assert (done.returncode, done.stderr) == (1, b"crossbook: standard output is closed\n")


def killed(_: Task) -> Part:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("nobody survives this")


@pytest.mark.parametrize("form", FORMS)
def test_a_killed_worker_ends_with_1_and_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    monkeypatch.setattr("crossbook.app.build._processors", lambda: 2)
    monkeypatch.setattr("crossbook.pipeline.scan._CHUNK", 1)
    monkeypatch.setattr("crossbook.pipeline.scan.scan_archives", killed)
    for number in range(3):
        write(tmp_path / f"{number}.csv", season(row()))
    ran = call("scan", tmp_path, form)
    assert ran.code == 1
    assert is_one_line(ran.err)
    assert "a worker process was ended by the system" in ran.err


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (MemoryError(), "crossbook: not enough memory; try fewer files at once"),
        (Retry("come back"), "crossbook: come back"),
        (Unknown(), "crossbook: Asked, but no answer came"),
    ],
)
def test_what_stops_a_scan_is_told_in_one_line(
    seasons: Path, monkeypatch: pytest.MonkeyPatch, error: Exception, words: str
) -> None:
    def fail(_: Task) -> Part:
        raise error

    monkeypatch.setattr("crossbook.pipeline.scan.scan_archives", fail)
    ran = call("scan", seasons, "--json")
    assert (ran.code, ran.out) == (1, "")
    assert is_one_line(ran.err)
    assert ran.err.startswith(words)
