"""`crossbook doctor`: each check is well, doubtful or wrong with what to do, and nothing is changed by looking."""

from __future__ import annotations

import json
import os
import resource
import shutil
import socket
from pathlib import Path
from typing import Any

import pytest

from crossbook.base.clock import DAY, SECOND
from crossbook.cli import checks_data, checks_machine
from crossbook.cli.checks_machine import check_clock, check_descriptors, check_loop, check_postgresql
from crossbook.cli.finding import OK, PROBLEM, WARNING
from tests.cli.command import Ran, call, run
from tests.cli.live import environment, free_port, recorded, started, until_open

NAMES = [
    *("python", "clock", "file descriptors", "event loop", "postgresql"),
    *("settings", "sources", "ports", "data folder", "database", "recording"),
]


def doctor(data: Path, *words: str, **more: str) -> tuple[Ran, dict[str, dict[str, Any]]]:
    """What it says of each thing it looks at."""
    ran = call("doctor", "--json", *words, CROSSBOOK_DATA=str(data), **{"CROSSBOOK_PORTS": "0", **more})
    assert ran.err == ""
    told = json.loads(ran.out)
    checks = {each["name"]: each for each in told["checks"]}
    assert told["problems"] == sum(each["state"] == PROBLEM for each in checks.values())
    assert ran.code == (1 if told["problems"] else 0)
    assert all(each["remedy"] for each in checks.values() if each["state"] == WARNING)
    return ran, checks


def everything_in(folder: Path) -> list[tuple[str, int, int]]:
    return sorted((str(each), each.stat().st_mtime_ns, each.stat().st_mode) for each in folder.rglob("*"))


def test_a_fresh_machine_is_well_and_left_as_it_was(data: Path) -> None:
    _, checks = doctor(data / "to" / "be-made")
    assert list(checks) == NAMES
    assert {name for name, each in checks.items() if each["state"] == PROBLEM} == set()
    assert "(to be made)" in checks["data folder"]["says"]
    assert list(data.iterdir()) == []


def test_for_people_each_check_has_a_line(data: Path) -> None:
    ran = run("doctor", **environment(data))
    assert (ran.code, ran.err) == (0, "")
    assert all(f" {name} " in ran.out for name in NAMES)
    assert "→ add one under [[sources]]" in ran.out
    assert ran.out.splitlines()[-1].startswith("11 checks: 0 problems")


def test_wrong_settings_are_a_problem_and_the_machine_is_looked_at_all_the_same(data: Path) -> None:
    ran, checks = doctor(data, CROSSBOOK_PORTS="many")
    assert ran.code == 1
    assert list(checks) == NAMES[:6]
    assert "CROSSBOOK_PORTS" in checks["settings"]["says"]


def test_a_missing_key_is_named(data: Path) -> None:
    file = data / "settings.toml"
    file.write_text('[[sources]]\nname = "odds"\nformat = "the-odds-api"\nsports = ["soccer_epl"]')
    _, checks = doctor(data, "--config", str(file))
    assert "CROSSBOOK_SOURCE_ODDS_KEY" in checks["settings"]["says"]
    ran, checks = doctor(data, "--config", str(file), CROSSBOOK_SOURCE_ODDS_KEY="never-shown-0123")
    assert (checks["sources"]["state"], checks["sources"]["says"]) == (OK, "odds (key set)")
    assert "never-shown-0123" not in ran.out


def test_a_port_of_another_program_is_a_problem(data: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        _, checks = doctor(data, CROSSBOOK_PORTS=str(port))
    assert checks["ports"]["state"] == PROBLEM
    assert f"127.0.0.1:{port}" in checks["ports"]["says"]


def test_a_crossbook_that_runs_is_recognised(data: Path) -> None:
    port = free_port()
    env = environment(data, CROSSBOOK_PORTS=str(port))
    with started("record", data / "recording", cwd=data, env=env) as process:
        until_open(port, process)
        ran = run("doctor", "--json", **env)
    checks = {each["name"]: each for each in json.loads(ran.out)["checks"]}
    assert checks["ports"]["state"] == WARNING
    assert "a Crossbook that runs" in checks["ports"]["says"]
    assert "another process records here" in checks["recording"]["says"]


def test_the_database_is_looked_at_only_where_it_runs_or_on_request(data: Path) -> None:
    _, checks = doctor(data)
    assert checks["database"]["says"] == "none yet; crossbook up makes it"
    assert run("db", "upgrade", **environment(data)).code == 0
    before = everything_in(data)
    _, checks = doctor(data)
    assert "not running" in checks["database"]["says"]
    assert everything_in(data) == before
    _, checks = doctor(data, "--start")
    assert checks["database"]["state"] == OK
    assert "up to date" in checks["database"]["says"]
    assert not (data / "postgres" / "data" / "postmaster.pid").exists()


def test_a_database_that_lacks_migrations_is_a_warning(data: Path, database: str) -> None:
    _, checks = doctor(data, CROSSBOOK_DATABASE_URL=database)
    assert checks["database"]["state"] == WARNING
    assert "crossbook db upgrade" in checks["database"]["remedy"]


def test_a_database_that_does_not_answer_is_a_problem(data: Path) -> None:
    url = f"postgresql://me:hidden@127.0.0.1:{free_port()}/prices"
    ran, checks = doctor(data, CROSSBOOK_DATABASE_URL=url)
    assert checks["database"]["state"] == PROBLEM
    assert "hidden" not in ran.out


def test_a_damaged_recording_is_told_with_its_place(data: Path) -> None:
    recorded(data / "recording")
    _, checks = doctor(data)
    assert checks["recording"]["state"] == OK
    assert "7 frames" in checks["recording"]["says"]
    (segment,) = (data / "recording").iterdir()
    content = bytearray(segment.read_bytes())
    content[len(content) // 2] ^= 0xFF
    segment.write_bytes(content)
    before = everything_in(data)
    _, checks = doctor(data)
    assert checks["recording"]["state"] == WARNING
    assert segment.name in checks["recording"]["says"]
    assert everything_in(data) == before


def test_only_the_end_of_a_large_recording_is_read(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks_data, "_READ_THROUGH", 10)
    recorded(data / "recording")
    assert "too large to read through" in doctor(data)[1]["recording"]["says"]


def test_a_data_folder_that_others_may_write_is_a_problem(data: Path) -> None:
    folder = data / "open"
    folder.mkdir()
    folder.chmod(0o777)
    _, checks = doctor(folder)
    assert checks["data folder"]["state"] == PROBLEM
    assert checks["data folder"]["remedy"] == f"run: chmod go-w {folder}"


def test_a_file_in_the_place_of_the_data_folder_is_a_problem(data: Path) -> None:
    (data / "file").write_text("")
    assert "is not a folder" in doctor(data / "file" / "x")[1]["data folder"]["says"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs PostgreSQL as another user")
def test_for_root_a_closed_parent_is_a_problem(data: Path) -> None:
    closed = data / "closed"
    closed.mkdir(mode=0o700)
    _, checks = doctor(closed / "crossbook", CROSSBOOK_POSTGRES_USER="nobody")
    assert f"{closed} is closed to user nobody" in checks["data folder"]["says"]
    _, checks = doctor(data, CROSSBOOK_POSTGRES_USER="no-such-user-here")
    assert "there is no such user" in checks["data folder"]["says"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_data_folder_that_cannot_be_written_is_a_problem(data: Path) -> None:
    closed = data / "closed"
    closed.mkdir(mode=0o500)
    assert "cannot be written" in doctor(closed / "x")[1]["data folder"]["says"]


@pytest.mark.parametrize(("free", "state"), [(10**8, PROBLEM), (10**9, WARNING), (10**10, OK)])
def test_little_room_is_told(data: Path, monkeypatch: pytest.MonkeyPatch, free: int, state: str) -> None:
    usage = shutil.disk_usage(data)._replace(free=free)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    assert doctor(data)[1]["data folder"]["state"] == state


def test_a_clock_that_was_never_set_is_a_problem() -> None:
    assert check_clock(3 * DAY).state == PROBLEM
    assert check_clock(1_800_000_000 * SECOND).state == OK
    assert check_clock().state == OK


@pytest.mark.parametrize(
    ("limit", "state"), [(64, PROBLEM), (512, WARNING), (1024, OK), (resource.RLIM_INFINITY, OK)]
)
def test_few_file_descriptors_are_told(limit: int, state: str) -> None:
    assert check_descriptors(limit).state == state


def test_the_loop_is_measured() -> None:
    assert "ms late at the median" in check_loop().says


def test_a_missing_wheel_matters_only_for_our_own_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crossbook.store.embedded.binaries.WHEEL", "no-such-wheel")
    found = check_postgresql(needed=True)
    assert found.state == PROBLEM
    assert "CROSSBOOK_DATABASE_URL" in found.says
    assert check_postgresql(needed=False).state == WARNING


def test_a_server_that_does_not_run_here_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks_machine, "server_version", lambda: None)
    found = check_postgresql(needed=True)
    assert found.state == PROBLEM
    assert "does not run on this system" in found.says


def test_a_check_that_stumbles_is_a_finding_and_the_others_go_on(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stumble(_: object) -> None:
        raise PermissionError("no")

    monkeypatch.setattr("crossbook.cli.checkup.check_data", stumble)
    _, checks = doctor(data)
    assert checks["data folder"]["says"] == "could not be checked: PermissionError: no"
    assert list(checks) == NAMES
