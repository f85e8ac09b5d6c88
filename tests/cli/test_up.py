"""`crossbook up`, as a person runs it: fed by site workers, ended by a signal, started where something is wrong."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
from pathlib import Path
from typing import Any

import pytest

from crossbook.base.clock import SystemClock
from crossbook.model.life import Moment
from crossbook.store.embedded import embedded
from crossbook.store.migrate import migrate
from crossbook.store.record import Store
from crossbook.store.rows import StoredChange
from tests.cli.command import run
from tests.cli.live import PATIENCE_S, ended, environment, first_line, free_port, started, until_open, worker


def up(data: Path, *words: str, **how: Any) -> Any:
    env = environment(data, CROSSBOOK_PORTS=str(how.pop("port", 0)), **how.pop("more", {}))
    return started("up", *words, cwd=data, env=env, **how)


def test_what_two_workers_disagree_on_is_told_kept_and_closed_at_the_end(data: Path) -> None:
    port = free_port()
    with up(data, "--json", port=port) as process:
        until_open(port, process)
        with worker(port, "alpha"), worker(port, "bravo"):
            opened = first_line(process)
            code, out, err = ended(process)
    assert (code, err) == (0, "")
    assert opened["moment"] == "opened"
    assert opened["opportunity"]["guaranteed_return"] == "1.024390243"
    assert {leg["venue"] for leg in opened["opportunity"]["legs"]} == {"alpha", "bravo"}
    *changes, last = [json.loads(line) for line in out.splitlines()]
    assert [each["moment"] for each in changes] == ["closed"]
    assert changes[0]["why"][0].startswith("disconnected: ")
    summary = last["summary"]
    assert summary["mode"] == "PAPER"
    assert summary["store"]["written_changes"] == 2
    replayed = run("replay", data / "recording", "--json", **environment(data))
    assert replayed.out.splitlines()[:-1] == [
        json.dumps(opened, separators=(",", ":")),
        *out.splitlines()[:-1],
    ]
    status = json.loads(run("db", "status", "--json", **environment(data)).out)
    assert (status["rows"]["opportunities"], status["rows"]["changes"], status["open_opportunities"]) == (
        1,
        2,
        0,
    )


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM], ids=lambda each: each.name)
def test_a_signal_ends_it_with_the_summary(data: Path, how: signal.Signals) -> None:
    port = free_port()
    with up(data, port=port) as process:
        until_open(port, process)
        with worker(port, "alpha"), worker(port, "bravo"):
            assert process.stdout is not None
            seen = ""
            while "opened" not in seen:
                line = process.stdout.readline()
                assert line, seen
                seen += line
            code, out, err = ended(process, how)
    assert code == 0
    assert err == "No source is configured: only site workers that connect are heard.\n"
    assert f"http://127.0.0.1:{port}/" in seen
    assert "Nothing was placed anywhere." in out
    assert "opportunities opened" in out
    assert not list((data / "postgres" / "data").glob("postmaster.pid"))


def test_after_its_seconds_it_ends_by_itself(data: Path) -> None:
    ran = run("up", "--json", "--seconds", "0.2", **environment(data))
    found, summary = ran.lines()
    assert (ran.code, ran.err, found) == (0, "", [])
    assert summary["opened"] == {}


def test_a_port_that_is_taken_ends_with_2_and_the_port(data: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        ran = run("up", "--json", "--seconds", "1", **{**environment(data), "CROSSBOOK_PORTS": str(port)})
    assert (ran.code, ran.out) == (2, "")
    assert f"127.0.0.1:{port} cannot be opened" in ran.err
    assert ran.err.count("\n") == 1


def test_wrong_settings_end_with_2_before_anything_is_made(data: Path) -> None:
    file = data / "wrong.toml"
    file.write_text("[doors]\nprots = [1]")
    ran = run("up", "--config", file, **environment(data / "none"))
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == f"crossbook: {file}: doors.prots: is no setting; did you mean ports?\n"
    assert not (data / "none").exists()


def test_a_database_that_does_not_answer_is_told_in_one_line(data: Path) -> None:
    url = f"postgresql://me:hidden@127.0.0.1:{free_port()}/prices"
    ran = run("up", "--json", **environment(data, CROSSBOOK_DATABASE_URL=url))
    assert (ran.code, ran.out) == (1, "")
    assert "nobody answers there" in ran.err
    assert "hidden" not in ran.err
    assert ran.err.count("\n") == 1


def test_a_second_one_in_the_same_folder_is_refused(data: Path) -> None:
    port = free_port()
    with up(data, "--json", port=port) as process:
        until_open(port, process)
        ran = run("up", "--json", "--seconds", "1", **environment(data))
        assert (ran.code, ran.out) == (2, "")
        assert "another process records here" in ran.err
        with worker(port, "alpha"), worker(port, "bravo"):
            first_line(process)
            assert ended(process)[0] == 0


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="this system has no disk that is always full")  # noqa: PTH110
def test_output_that_cannot_be_written_ends_it_with_1_and_one_line(data: Path) -> None:
    port = free_port()
    with open("/dev/full", "wb") as full:  # noqa: PTH123, SIM117
        with up(data, "--json", port=port, stdout=full) as process:
            until_open(port, process)
            with worker(port, "alpha"), worker(port, "bravo"):
                _, err = process.communicate(timeout=PATIENCE_S)
    assert (process.returncode, err) == (1, "crossbook: could not go on: No space left on device\n")


def test_a_reader_that_leaves_early_ends_it_without_a_word(data: Path) -> None:
    port = free_port()
    with up(data, "--json", port=port) as process:
        until_open(port, process)
        assert process.stdout is not None
        process.stdout.close()
        process.stdout = None
        with worker(port, "alpha"), worker(port, "bravo"):
            _, err = process.communicate(timeout=PATIENCE_S)
    assert err == ""


async def life_after(data: Path, go_on: Any) -> list[StoredChange]:
    """Its life, with the server held up by us from the run that is killed to after the next."""
    async with embedded(data, clock=SystemClock()) as server:
        await migrate(server.dsn)
        async with await Store.open(server.dsn) as store:
            name = await asyncio.to_thread(go_on, store, asyncio.get_running_loop())
            found = await store.read.opportunity(name)
            assert found is not None
            assert found[0].closed is not None
            return found[1]


def test_what_a_killed_run_left_open_is_closed_by_the_next(data: Path) -> None:
    def killed_and_again(store: Store, loop: asyncio.AbstractEventLoop) -> str:
        port = free_port()
        with up(data, "--json", port=port) as process:
            until_open(port, process)
            with worker(port, "alpha"), worker(port, "bravo"):
                opened = first_line(process)
                while not asyncio.run_coroutine_threadsafe(store.read.open_opportunities(), loop).result():
                    assert process.poll() is None
                process.kill()
                process.wait()
        again = run("up", "--json", "--seconds", "0.2", **environment(data))
        assert (again.code, again.err) == (0, "")
        name: str = opened["id"]
        return name

    life = asyncio.run(life_after(data, killed_and_again))
    assert [each.moment for each in life] == [Moment.OPENED, Moment.CLOSED]
    assert [str(reason) for reason in life[1].why()] == ["abandoned: Crossbook stopped while it was open"]
    assert life[1].object()["moment"] == "closed"
    assert life[1].object()["opportunity"] == life[0].object()["opportunity"]


def test_a_reader_of_its_lines_that_leaves_early_ends_it_without_a_word(data: Path) -> None:
    port = free_port()
    with up(data, port=port) as process:
        until_open(port, process)
        assert process.stdout is not None
        assert process.stdout.readline() == "PAPER  no money is moved\n"
        process.stdout.close()
        process.stdout = None
        with worker(port, "alpha"), worker(port, "bravo"):
            _, err = process.communicate(timeout=PATIENCE_S)
    assert err == "No source is configured: only site workers that connect are heard.\n"
