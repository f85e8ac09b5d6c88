"""How `crossbook` ends: 0, 1 or 2, and what it says where it could not do what was asked."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.command import call, run
from tests.pipeline.made_up import PLANTED, row, season, write

BAD = [
    ["--bank", "0"],
    ["--bank", "-5"],
    ["--bank", "much"],
    ["--bank", "nan"],
    ["--bank", "1", "--unit", "2"],
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


@pytest.mark.parametrize("words", BAD, ids=" ".join)
def test_a_bad_option_ends_with_2_and_says_which(seasons: Path, words: list[str]) -> None:
    ran = call("scan", seasons, *words)
    assert ran.code == 2
    assert ran.out == ""
    assert words[0].strip("-") in ran.err
    assert "Traceback" not in ran.err


def test_a_bad_format_is_a_bad_option_even_where_there_is_no_file(tmp_path: Path) -> None:
    assert call("scan", tmp_path, "--format", "nonsense").code == 2


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


def test_a_reader_that_leaves_early_is_no_accident(tmp_path: Path) -> None:
    rows = [row(PLANTED, f"Home {place}") for place in range(3_000)]
    path = write(tmp_path / "E0.csv", season(*rows))
    command = [sys.executable, "-m", "crossbook", "scan", str(path), "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert b"Traceback" not in process.stderr.read()
