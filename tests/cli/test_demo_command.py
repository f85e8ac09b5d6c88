"""`crossbook demo` in a process of its own: a short show ends by itself, judged, and leaves nothing behind."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.command import run
from tests.cli.live import PATIENCE_S, ended, environment, port_in, started

SHORT = ("--speed", "15", "--port", "0", "--no-browser")


def test_once_as_json_is_one_object_and_ends_by_itself(data: Path, tmp_path: Path) -> None:
    ran = run("demo", "--once", "--json", *SHORT, **environment(tmp_path / "none", TMPDIR=str(data)))
    assert ran.err == ""
    assert ran.out.count("\n") == 1
    told = json.loads(ran.out)
    judgement = told["judgement"]
    # On a machine that is too busy for this speed the judge says so, and that is the code.
    assert ran.code == (1 if judgement["findings"] else 0)
    assert (told["mode"], told["seed"]) == ("REPLAY · PAPER", 1)
    assert told["events"] > 0
    assert told["opened"]["rejected"] > 0
    assert told["opened"]["pure"] + told["opened"]["rule_exposed"] > 0
    assert sum(fault["acted_on"] for fault in judgement["faults"].values()) == 0
    assert list(data.iterdir()) == []
    assert not (tmp_path / "none").exists()


def test_what_is_kept_can_be_replayed(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    words = ("demo", "--json", "--once", *SHORT, "--keep", kept)
    first = run(*words, **environment(tmp_path))
    assert first.err == ""
    assert json.loads(first.out)["seed"] == 1
    changes = (kept / "changes.jsonl").read_bytes().splitlines()
    replayed = run("replay", kept / "recording", "--json", **environment(tmp_path)).out.encode().splitlines()
    assert changes
    assert [json.loads(line) for line in replayed[: len(changes)]] == [json.loads(line) for line in changes]
    again = run(*words, **environment(tmp_path))
    assert (again.code, again.out) == (2, "")
    assert "holds a demo already" in again.err


def test_a_signal_ends_it_with_the_summary(tmp_path: Path) -> None:
    with started("demo", *SHORT, cwd=tmp_path, env=environment(tmp_path)) as process:
        assert process.stdout is not None
        seen = ""
        while "opened " not in seen:
            line = process.stdout.readline()
            assert line, process.communicate()
            seen += line
        code, out, err = ended(process)
    assert port_in(seen)
    assert (code, err) in ((0, ""), (1, ""))
    assert "Nothing was placed anywhere." in out


def test_a_port_that_was_asked_for_and_is_taken_ends_with_2(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        ran = run("demo", "--once", "--json", "--speed", "15", "--port", str(port), **environment(tmp_path))
    assert (ran.code, ran.out) == (2, "")
    assert f"127.0.0.1:{port} cannot be opened" in ran.err


@pytest.mark.parametrize(
    "words", [["--speed", "0"], ["--speed", "100"], ["--port", "70000"], ["--seed", "x"]], ids=" ".join
)
def test_a_bad_option_ends_with_2_and_says_which(words: list[str]) -> None:
    ran = run("demo", "--once", "--json", *words)
    assert (ran.code, ran.out) == (2, "")
    assert words[0] in ran.err


def test_output_that_cannot_be_written_ends_with_1_and_one_line(tmp_path: Path) -> None:
    if not os.path.exists("/dev/full"):  # noqa: PTH110
        pytest.skip("this system has no disk that is always full")
    command = [sys.executable, "-m", "crossbook", "demo", "--json", *SHORT]
    with open("/dev/full", "wb") as full:  # noqa: PTH123
        done = subprocess.run(
            command,
            stdout=full,
            stderr=subprocess.PIPE,
            timeout=PATIENCE_S,
            check=False,
            env=environment(tmp_path),
        )
    assert done.returncode == 1
    assert done.stderr.endswith(b"crossbook: could not go on: No space left on device\n")
    assert b"Traceback" not in done.stderr
