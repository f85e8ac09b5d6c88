"""The checks of `crossbook doctor`, told one by one: what was found, and what to do where it is not well."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import typer
from rich.console import Console
from rich.text import Text

from crossbook.base.errors import CrossbookError
from crossbook.cli.checks_data import check_data, check_database, check_recording
from crossbook.cli.checks_machine import (
    check_clock,
    check_descriptors,
    check_loop,
    check_ports,
    check_postgresql,
    check_python,
)
from crossbook.cli.ending import EXIT_FAILED
from crossbook.cli.finding import OK, PROBLEM, WARNING, Finding
from crossbook.cli.plain import print_json, visible
from crossbook.cli.settings import Settings, read_settings

_SIGNS: Final = {OK: ("✓", "green"), WARNING: ("!", "yellow"), PROBLEM: ("✕", "red")}


def run_doctor(config: Path | None, start: bool, as_json: bool) -> None:
    """Make every check, tell, and end with 1 where one found a problem."""
    found = []
    console = Console(emoji=False, highlight=False, markup=False, soft_wrap=True)
    for finding in checkup(config, start):
        found.append(finding)
        if not as_json:
            _tell(console, finding)
    problems = sum(finding.state == PROBLEM for finding in found)
    warnings = sum(finding.state == WARNING for finding in found)
    if as_json:
        print_json({"checks": found, "problems": problems, "warnings": warnings})
    else:
        console.print(f"{len(found)} checks: {problems} problems, {warnings} warnings", style="bold")
    if problems:
        raise typer.Exit(EXIT_FAILED)


def checkup(config: Path | None, start: bool) -> Iterator[Finding]:
    """Every check in turn. What depends on the settings is left out where they are wrong."""
    yield check_python()
    yield _safely("clock", check_clock)
    yield _safely("file descriptors", check_descriptors)
    yield _safely("event loop", check_loop)
    try:
        settings = read_settings(config, os.environ)
    except CrossbookError as error:
        yield _safely("postgresql", lambda: check_postgresql(needed=True))
        yield Finding("settings", PROBLEM, str(error), "change it, then see: crossbook config check")
        return
    yield _safely("postgresql", lambda: check_postgresql(needed=not settings.store.url))
    where = "no file, the usual ones" if settings.file is None else str(settings.file)
    yield Finding("settings", OK, where)
    yield _sources(settings)
    yield _safely("ports", lambda: check_ports(settings.doors))
    yield _safely("data folder", lambda: check_data(settings))
    yield _safely("database", lambda: asyncio.run(check_database(settings, start)))
    yield _safely("recording", lambda: check_recording(settings))


def _sources(settings: Settings) -> Finding:
    """That every key which is needed is there was checked with the settings."""
    if not settings.sources:
        return Finding(
            "sources", WARNING, "none is configured", "add one under [[sources]], or connect site workers"
        )
    told = (f"{each.name} ({'key set' if each.key else 'no key needed'})" for each in settings.sources)
    return Finding("sources", OK, ", ".join(told))


def _safely(name: str, check: Callable[[], Finding]) -> Finding:
    """A check that cannot be made is a finding too; the others go on."""
    try:
        return check()
    except CrossbookError as error:
        return Finding(name, PROBLEM, str(error))
    except Exception as error:
        return Finding(name, PROBLEM, f"could not be checked: {type(error).__name__}: {error}")


def _tell(console: Console, finding: Finding) -> None:
    sign, colour = _SIGNS[finding.state]
    told = Text.assemble((f"{sign} {finding.name:<17}", colour), visible(finding.says))
    if finding.remedy:
        told.append(f"\n{'':<19}→ {visible(finding.remedy)}")
    console.print(told)
