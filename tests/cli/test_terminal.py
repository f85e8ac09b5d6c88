"""`crossbook scan` on a terminal: the progress bar stands on it alone, and no output goes where it was not sent."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.command import run

FORMS = [[], ["--json"], ["--csv"]]


def on_terminal(*words: str | Path, out: Path | None = None) -> str:
    """What a terminal shows: standard error, and standard output unless it goes to a file."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "crossbook", *map(str, words)]
    environment = {**os.environ, "COLUMNS": "200", "TERM": "xterm"}
    with open(out or os.devnull, "wb") as file:  # noqa: PTH123
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=file if out else theirs,
            stderr=theirs,
            env=environment,
        )
    os.close(theirs)
    shown = b""
    try:
        while more := os.read(ours, 65_536):
            shown += more
    except OSError:  # Linux says so when the other side is closed
        pass
    os.close(ours)
    assert process.wait() == 0
    return shown.decode()


@pytest.mark.parametrize("words", FORMS, ids=str)
def test_output_to_a_file_is_the_same_with_a_bar_on_the_terminal(
    seasons: Path, tmp_path: Path, words: list[str]
) -> None:
    file = tmp_path / "out"
    folder = seasons / "1011"
    shown = on_terminal("scan", folder, *words, out=file)
    assert "reading" in shown
    assert "Hilltop" not in shown
    plain = run("scan", folder, *words).out
    assert without_time(file.read_text()) == without_time(plain)


@pytest.mark.parametrize("words", FORMS, ids=str)
def test_output_to_the_terminal_is_not_disturbed_by_a_bar(seasons: Path, words: list[str]) -> None:
    shown = on_terminal("scan", seasons, *words)
    assert "reading" not in shown
    assert "Hilltop" in shown
    moving = {"\x1b[2K", "\x1b[1A", "\x1b[?25l", "\x1b[?25h", "\r\x1b"}
    assert {each for each in moving if each in shown} == set()


def test_json_on_a_terminal_is_json(seasons: Path) -> None:
    found = [json.loads(line) for line in on_terminal("scan", seasons, "--json").splitlines()]
    assert found[-1].keys() == {"summary"}


def without_time(text: str) -> list[str]:
    """The lines, without the last one's measured seconds."""
    lines = text.splitlines()
    return [line.partition('"seconds"')[0] for line in lines if "Nothing was placed" not in line]
