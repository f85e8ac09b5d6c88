"""What `crossbook` says of itself: help and version."""

from __future__ import annotations

import re

from crossbook import __version__
from tests.cli.command import call, run


def test_help_shows_an_example_and_every_option() -> None:
    ran = call("scan", "--help")
    assert ran.code == 0
    assert re.search(r"^ *crossbook scan \S+", ran.out, re.MULTILINE)
    for option in (
        "format",
        "basis",
        "markets",
        "venues",
        "bank",
        "unit",
        "commission",
        "min-margin",
        "verdict",
    ):
        assert f"--{option}" in ran.out
    assert "--json" in ran.out
    assert "--csv" in ran.out


def test_version() -> None:
    ran = run("--version")
    assert (ran.code, ran.out, ran.err) == (0, f"crossbook {__version__}\n", "")


def test_the_command_alone_shows_help() -> None:
    assert "scan" in call().out + call().err
