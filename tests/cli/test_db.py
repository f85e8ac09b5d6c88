"""`crossbook db`, on our own server and on ones that are named by their address."""

from __future__ import annotations

import asyncio
import json
import os
import pty
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from crossbook.store.abandoned import at_work
from crossbook.store.embedded import Address, Server
from crossbook.store.migrate import migrate, migration_files
from crossbook.store.record import Store
from tests.cli.command import Ran, call, run
from tests.cli.live import PATIENCE_S, environment, first_line, free_port, started, until_open, worker
from tests.store.asking import value
from tests.store.made_up import batch, change, life
from tests.store.servers import fresh_database

MIGRATIONS = list(migration_files())


@pytest.fixture(params=["database", "postgres15"])
def url(request: pytest.FixtureRequest) -> str:
    """A fresh database on each server that we promise."""
    found: str = request.getfixturevalue(request.param)
    return found


def db(url: str, *words: str | Path) -> Ran:
    return call("db", *words, CROSSBOOK_DATABASE_URL=url)


async def fill(url: str, name: str = "kept") -> None:
    await migrate(url)
    async with await Store.open(url) as store:
        await store.write(batch(1, recording=name, changes=[*life(name), change(1, name=f"{name}-2")]))


def lives(url: str) -> list[bytes]:
    async def read() -> list[bytes]:
        async with await Store.open(url) as store:
            return [each async for each in store.read.lives()]

    return asyncio.run(read())


# ---------------------------------------------------------------- upgrade and status


def test_upgrade_says_what_it_applied_and_then_nothing(url: str) -> None:
    first = db(url, "upgrade")
    assert (first.code, first.err) == (0, "")
    assert first.out.splitlines() == [f"applied {name}" for name in MIGRATIONS]
    assert db(url, "upgrade").out == "The database is up to date.\n"


def test_status_of_an_empty_database(url: str) -> None:
    told = json.loads(db(url, "status", "--json").out)
    assert (told["migrations"], told["missing"], told["holds"]) == ([], MIGRATIONS, [])
    assert "run: crossbook db upgrade" in db(url, "status").out


def test_status_counts_without_a_password(url: str) -> None:
    asyncio.run(fill(url))
    told = json.loads(db(url, "status", "--json").out)
    assert (told["migrations"], told["missing"]) == (MIGRATIONS, [])
    assert told["server"] == asyncio.run(value(url, "SHOW server_version")).split()[0]
    assert told["bytes"] > 1_000_000
    assert (told["rows"]["opportunities"], told["rows"]["changes"]) == (2, 4)
    assert told["open_opportunities"] == 1
    assert "opportunity_change" in told["holds"]
    shown = db(url, "status")
    assert "open opportunities: 1" in shown.out
    password = url.split("://crossbook:")[-1].split("://tester:")[-1].split("@")[0]
    assert password not in shown.out + json.dumps(told)


def test_there_is_no_status_of_a_database_that_is_not_there(data: Path) -> None:
    for command in (["status"], ["backup", str(data / "x.dump")]):
        ran = call("db", *command, CROSSBOOK_DATA=str(data))
        assert (ran.code, ran.out) == (1, "")
        assert "there is no database yet" in ran.err
    assert list(data.iterdir()) == []


def test_a_database_nobody_answers_for(tmp_path: Path) -> None:
    for command in (["status"], ["upgrade"]):
        ran = call("db", *command, CROSSBOOK_DATABASE_URL=f"postgresql://a:hidden@127.0.0.1:{free_port()}/b")
        assert (ran.code, ran.out) == (1, "")
        assert "nobody answers there" in ran.err
        assert "hidden" not in ran.err


# ---------------------------------------------------------------- backup and restore


def test_there_and_back(url: str, postgres: Server, tmp_path: Path) -> None:
    asyncio.run(fill(url))
    file = tmp_path / "friday.dump"
    ran = db(url, "backup", file)
    assert (ran.code, ran.err) == (0, "")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert file.read_bytes()[:5] == b"PGDMP"
    with fresh_database(postgres.address) as target:
        ran = db(target.dsn, "restore", file)
        assert (ran.code, ran.err) == (0, "")
        assert lives(target.dsn) == lives(url) != []
        assert db(target.dsn, "upgrade").out == "The database is up to date.\n"


def test_a_relative_name_is_meant_from_here(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asyncio.run(fill(database))
    monkeypatch.chdir(tmp_path)
    assert db(database, "backup", "friday.dump").code == 0
    assert [path.name for path in tmp_path.iterdir()] == ["friday.dump"]
    assert db(database, "restore", "friday.dump", "--replace").code == 0
    assert [path.name for path in tmp_path.iterdir()] == ["friday.dump"]


def test_a_backup_overwrites_nothing(database: str, tmp_path: Path) -> None:
    file = tmp_path / "friday.dump"
    file.write_text("the last one")
    ran = db(database, "backup", file)
    assert (ran.code, ran.err) == (2, f"crossbook: {file}: exists already; name a new file\n")
    assert file.read_text() == "the last one"


def test_a_database_that_holds_rows_is_kept(url: str, tmp_path: Path) -> None:
    asyncio.run(fill(url))
    assert db(url, "backup", tmp_path / "x.dump").code == 0
    asyncio.run(fill(url, "later"))
    before = lives(url)
    ran = db(url, "restore", tmp_path / "x.dump")
    assert ran.code == 1
    assert "holds rows (in batch, " in ran.err
    assert "--replace gives them up" in ran.err
    assert lives(url) == before


def test_replaced_it_holds_what_the_backup_held(url: str, tmp_path: Path) -> None:
    asyncio.run(fill(url))
    before = lives(url)
    assert db(url, "backup", tmp_path / "x.dump").code == 0
    asyncio.run(fill(url, "later"))
    ran = db(url, "restore", tmp_path / "x.dump", "--replace")
    assert (ran.code, ran.err) == (0, "")
    assert lives(url) == before
    assert [path.name for path in tmp_path.iterdir()] == ["x.dump"]


CUTS = {
    "in its list": (slice(2000), "is no backup"),
    "in its rows": (slice(-100), "failed and changed nothing"),
}


@pytest.mark.parametrize("where", CUTS)
def test_a_cut_backup_changes_nothing(url: str, tmp_path: Path, where: str) -> None:
    kept, words = CUTS[where]
    asyncio.run(fill(url))
    before = lives(url)
    file = tmp_path / "x.dump"
    assert db(url, "backup", file).code == 0
    file.write_bytes(file.read_bytes()[kept])
    ran = db(url, "restore", file, "--replace")
    assert ran.code == 2
    assert words in ran.err
    assert lives(url) == before
    assert [path.name for path in tmp_path.iterdir()] == ["x.dump"]


def test_what_is_no_backup_changes_nothing(database: str, tmp_path: Path) -> None:
    asyncio.run(fill(database))
    before = lives(database)
    file = tmp_path / "x.dump"
    ran = db(database, "restore", file, "--replace")
    assert (ran.code, ran.err) == (2, f"crossbook: {file}: there is no such file\n")
    file.write_text("not a dump")
    ran = db(database, "restore", file, "--replace")
    assert ran.code == 2
    assert "is no backup of a database of Crossbook" in ran.err
    assert lives(database) == before


def test_somebody_elses_dump_is_not_taken(database: str, postgres: Server, tmp_path: Path) -> None:
    async def other(url: str) -> None:
        await value(url, "CREATE TABLE theirs (number integer)")

    file = tmp_path / "theirs.dump"
    with fresh_database(postgres.address) as theirs:
        asyncio.run(other(theirs.dsn))
        assert db(theirs.dsn, "backup", file).code == 0
    ran = db(database, "restore", file)
    assert ran.code == 2
    assert "is no backup of a database of Crossbook" in ran.err


def test_a_dump_of_a_newer_server_is_refused_before_anything_is_given_up(
    database: str, postgres15: str, tmp_path: Path
) -> None:
    for url in (database, postgres15):
        asyncio.run(fill(url))
    assert db(database, "backup", tmp_path / "x.dump").code == 0
    before = lives(postgres15)
    ran = db(postgres15, "restore", tmp_path / "x.dump", "--replace")
    assert ran.code == 2
    assert "made from a newer PostgreSQL than 15" in ran.err
    assert lives(postgres15) == before


def test_nothing_is_restored_while_crossbook_is_at_work(database: str, tmp_path: Path) -> None:
    asyncio.run(fill(database))
    assert db(database, "backup", tmp_path / "x.dump").code == 0

    async def during() -> Ran:
        async with at_work(database):
            return await asyncio.to_thread(
                run, "db", "restore", tmp_path / "x.dump", "--replace", CROSSBOOK_DATABASE_URL=database
            )

    ran = asyncio.run(during())
    assert ran.code == 1
    assert "Crossbook is at work on this database" in ran.err


@pytest.mark.parametrize(("answer", "gives_up"), [(b"n\n", False), (b"y\n", True)])
def test_a_person_is_asked_first(database: str, tmp_path: Path, answer: bytes, gives_up: bool) -> None:
    asyncio.run(fill(database))
    first = lives(database)
    assert db(database, "backup", tmp_path / "x.dump").code == 0
    asyncio.run(fill(database, "later"))
    before = lives(database)
    ours, theirs = pty.openpty()
    os.write(ours, answer)
    words = ["db", "restore", str(tmp_path / "x.dump"), "--replace"]
    done = subprocess.run(
        [sys.executable, "-m", "crossbook", *words],
        stdin=theirs,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
        env=environment(tmp_path, CROSSBOOK_DATABASE_URL=database),
    )
    os.close(ours)
    os.close(theirs)
    assert "Give up what test_" in done.stderr
    assert done.returncode == (0 if gives_up else 1)
    assert lives(database) == (first if gives_up else before)


# ---------------------------------------------------------------- our own server


def test_our_own_server_is_made_by_upgrade_and_stopped_again(data: Path) -> None:
    first = run("db", "upgrade", **environment(data))
    assert (first.code, first.err, len(first.out.splitlines())) == (0, "", len(MIGRATIONS))
    assert json.loads(run("db", "status", "--json", **environment(data)).out)["missing"] == []
    assert not (data / "postgres" / "data" / "postmaster.pid").exists()
    assert run("db", "stop", **environment(data)).out == "No server was running.\n"


def test_stop_ends_what_a_killed_command_left_running(data: Path) -> None:
    port = free_port()
    env = environment(data, CROSSBOOK_PORTS=str(port))
    with started("up", "--json", cwd=data, env=env) as process:
        until_open(port, process)
        with worker(port, "alpha"), worker(port, "bravo"):
            first_line(process)
            pid = data / "postgres" / "data" / "postmaster.pid"
            while not pid.exists() or not run("doctor", "--json", **env).out.count("up to date"):
                assert process.poll() is None
            used = run("db", "stop", **environment(data))
            assert used.code == 1
            assert "is in use" in used.err
            process.kill()
            process.wait()
    assert pid.exists()
    stopped = run("db", "stop", **environment(data))
    assert (stopped.code, stopped.out) == (0, "The server was stopped.\n")
    assert not pid.exists()


def test_somebody_elses_server_is_not_stopped(postgres15_server: Address) -> None:
    ran = db(postgres15_server.dsn, "stop")
    assert (ran.code, ran.out) == (2, "")
    assert "not ours to stop" in ran.err
