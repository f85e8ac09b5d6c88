"""The command `crossbook` for the tests: what to run it on, two ways to run it, and what it left behind."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from crossbook.cli.main import app
from tests.pipeline.made_up import row, season

HANDICAPS = season(
    row("1.9,3.5,4.1,2.06,1.84,1.86,2.04,-0.5"),
    columns="Div,Date,HomeTeam,AwayTeam,B365H,B365D,B365A,B365AHH,B365AHA,GBAHH,GBAHA,AHh",
)
"""One match with a match result and two books' handicaps."""


class Ran:
    """What a run of the command left behind."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code = code
        self.out = out
        self.err = err

    def lines(self) -> tuple[list[dict[str, Any]], dict[str, Any]]:
        """The printed objects, and the summary that must be the last of them."""
        *found, last = [json.loads(line) for line in self.out.splitlines()]
        assert list(last) == ["summary"]
        return found, last["summary"]


def run(*words: str | Path, **environment: str) -> Ran:
    """The command in a process of its own, as a script would call it."""
    done = subprocess.run(
        [sys.executable, "-m", "crossbook", *map(str, words)],
        capture_output=True,
        timeout=120,
        check=False,
        env={**os.environ, "COLUMNS": "200", **environment},
    )
    return Ran(done.returncode, done.stdout.decode(), done.stderr.decode())


def call(*words: str | Path, **environment: str) -> Ran:
    """The command in this process: quicker, where nothing of the process matters."""
    done = CliRunner().invoke(app, [str(word) for word in words], env={"COLUMNS": "200", **environment})
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return Ran(done.exit_code, done.stdout, done.stderr)
