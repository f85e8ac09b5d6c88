"""Our server from start to stop: private, shared, adopted, restarted."""

from __future__ import annotations

import asyncio
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest
import uvloop

from crossbook.base.clock import SECOND, ManualClock, SystemClock
from crossbook.base.errors import Misconfigured, Refused, Retry
from crossbook.store.embedded import Server, Settings, embedded, locks, server_at, stop_orphan
from crossbook.store.embedded.account import server_account
from crossbook.store.embedded.connect import UNREACHABLE
from crossbook.store.embedded.paths import SOCKET, too_long
from crossbook.store.embedded.running import read_pid_file
from tests.store.servers import open_folder, query

CLOCK = SystemClock()


@pytest.fixture
def folder() -> Iterator[Path]:
    with open_folder() as made:
        yield made


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def is_free(server: Server) -> bool:
    """Whether no process of the server is left."""
    lock = locks.take(server.place.alive)
    if lock:
        lock.close()
    return lock is not None


def kill_server(server: Server) -> None:
    known = read_pid_file(server.place.data)
    assert known
    os.kill(known.pid, signal.SIGKILL)


def test_rows_outlive_a_stop(folder: Path) -> None:
    async def main() -> None:
        async with embedded(folder, clock=CLOCK) as server:
            await query(server.address, "create table kept as select 7 as number")
        assert is_free(server)
        async with embedded(folder, clock=CLOCK) as server:
            assert await query(server.address, "select number from kept") == 7
            assert await query(server.address, "select current_database() || current_user") == "crossbook" * 2

    asyncio.run(main())
    assert not list(folder.rglob(SOCKET))


def test_private(folder: Path) -> None:
    """No network, no trust, no rights for others, and a password that is nowhere but in its file."""
    above = {path: mode(path) for path in folder.resolve().parents}

    async def main() -> Server:
        async with embedded(folder, clock=CLOCK) as server:
            address, place = server.address, server.place
            assert await query(address, "show listen_addresses") == ""
            assert await query(address, "show data_directory_mode") == "0700"
            assert (
                await query(address, "show fsync") == await query(address, "show synchronous_commit") == "on"
            )
            assert (
                await query(
                    address, "select count(*) from pg_hba_file_rules where auth_method <> 'scram-sha-256'"
                )
                == 0
            )
            with pytest.raises(asyncpg.InvalidPasswordError):
                await asyncpg.connect(address.dsn.replace(address.password, "guess"))
            socket = Path(address.host)
            assert [mode(path) for path in (place.data, socket, place.password, place.log)] == [
                0o700,
                0o700,
                0o600,
                0o600,
            ]
            assert mode(socket / SOCKET) == 0o700
            assert {path.stat().st_uid for path in (place.data, socket)} == {place.uid}
            known = read_pid_file(place.data)
            assert known
            assert Path(f"/proc/{known.pid}").stat().st_uid == place.uid != 0
            arguments = (
                Path(f"/proc/{known.pid}/cmdline").read_bytes()
                + Path(f"/proc/{known.pid}/environ").read_bytes()
            )
            assert address.password.encode() not in arguments
            assert address.password not in place.log.read_text() + repr(address) + repr(server)
            return server

    server = asyncio.run(main())
    home = server.place.home
    assert mode(home) == (0o755 if server.place.account else 0o700)
    assert home.stat().st_uid == os.geteuid()
    assert {path: mode(path) for path in above} == above


def test_a_closed_umask_changes_nothing(folder: Path) -> None:
    before = os.umask(0o177)
    try:
        asyncio.run(start_and_stop(server_at(folder, clock=CLOCK)))
    finally:
        os.umask(before)


async def start_and_stop(server: Server) -> None:
    await server.start()
    await server.stop()
    await server.stop()  # a second stop does nothing


def test_on_uvloop(folder: Path) -> None:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(start_and_stop(server_at(folder, clock=CLOCK)))


def test_commands_at_once_share_one_server(folder: Path) -> None:
    async def main() -> None:
        servers = [server_at(folder, clock=CLOCK) for _ in range(5)]
        await asyncio.gather(*(server.start() for server in servers))
        assert len({server.dsn for server in servers}) == 1
        for server in servers[:-1]:
            await server.stop()
        assert await query(servers[-1].address, "select 1") == 1
        await servers[-1].stop()
        assert is_free(servers[0])
        assert servers[0].log.read_text().count("starting PostgreSQL") == 1

    asyncio.run(main())


def test_start_and_stop_at_once(folder: Path) -> None:
    """Whoever comes while the last user leaves has a server all the same."""

    async def use() -> None:
        for _ in range(4):
            async with embedded(folder, clock=CLOCK) as server:
                assert await query(server.address, "select 1") == 1

    async def main() -> None:
        await asyncio.gather(*(use() for _ in range(3)))

    asyncio.run(main())
    assert is_free(server_at(folder, clock=CLOCK))


OWNER = """
import asyncio, sys
from pathlib import Path
from crossbook.base.clock import SystemClock
from crossbook.store.embedded import embedded

async def main():
    async with embedded(Path(sys.argv[1]), clock=SystemClock()) as server:
        print("ready", flush=True)
        await asyncio.Event().wait()

asyncio.run(main())
"""


def orphan(folder: Path) -> None:
    """Leave a server whose owner was killed."""
    with subprocess.Popen([sys.executable, "-c", OWNER, folder], stdout=subprocess.PIPE) as owner:
        assert owner.stdout is not None
        assert owner.stdout.readline() == b"ready\n"
        owner.kill()


def test_an_orphan_is_adopted(folder: Path) -> None:
    orphan(folder)
    before = read_pid_file(folder / "postgres/data")

    async def main() -> Server:
        async with embedded(folder, clock=CLOCK) as server:
            assert await query(server.address, "select 1") == 1
            assert read_pid_file(server.place.data) == before
            return server

    assert is_free(asyncio.run(main()))


def test_an_orphan_is_stopped(folder: Path) -> None:
    orphan(folder)
    assert asyncio.run(stop_orphan(folder, clock=CLOCK))
    assert is_free(server_at(folder, clock=CLOCK))
    assert not asyncio.run(stop_orphan(folder, clock=CLOCK))


def test_a_server_in_use_is_no_orphan(folder: Path) -> None:
    async def main() -> None:
        async with embedded(folder, clock=CLOCK) as server:
            with pytest.raises(Refused, match="in use"):
                await stop_orphan(folder, clock=CLOCK)
            assert await query(server.address, "select 1") == 1

    asyncio.run(main())


def test_a_dead_server_is_started_again(folder: Path) -> None:
    """Every user watches; one restarts it, and a row that was acknowledged is there."""

    async def main() -> None:
        async with embedded(folder, clock=CLOCK) as first, embedded(folder, clock=CLOCK) as second:
            await query(first.address, "create table kept as select 7 as number")
            watches = [asyncio.create_task(server.watch()) for server in (first, second)]
            before = read_pid_file(first.place.data)
            kill_server(first)
            while True:
                try:
                    assert await query(second.address, "select number from kept") == 7
                    break
                except UNREACHABLE:
                    await asyncio.sleep(0.02)
            assert read_pid_file(first.place.data) != before
            for watch in watches:
                watch.cancel()
            await asyncio.gather(*watches, return_exceptions=True)
        assert is_free(first)

    asyncio.run(asyncio.wait_for(main(), 90))


def test_a_server_that_keeps_dying_is_given_up(folder: Path) -> None:
    clock = ManualClock()

    async def main() -> None:
        settings = Settings(restarts=1, restarts_within_s=60.0, watch_s=0.01)
        async with embedded(folder, clock=clock, settings=settings) as server:
            watch = asyncio.create_task(server.watch())
            for _ in range(3):  # an hour apart: as often as it likes
                clock.advance(3600 * SECOND)
                await die_and_return(server)
            kill_server(server)
            with pytest.raises(Retry, match=r"died 2 times within 60 s"):
                await watch

    async def die_and_return(server: Server) -> None:
        before = read_pid_file(server.place.data)
        kill_server(server)
        while True:
            try:
                await query(server.address, "select 1")
            except UNREACHABLE:
                await asyncio.sleep(0.02)
            else:
                if read_pid_file(server.place.data) != before:
                    return

    asyncio.run(asyncio.wait_for(main(), 90))


def test_a_long_path_has_its_socket_elsewhere(folder: Path) -> None:
    if server_account():
        pytest.skip("root's socket is always in the short folder for run-time files")
    deep = folder / ("long" * 25)
    assert too_long(deep)

    async def main() -> None:
        async with embedded(deep, clock=CLOCK) as server:
            elsewhere = Path(server.address.host)
            assert not elsewhere.is_relative_to(deep)
            assert mode(elsewhere) == 0o700
            assert Path(server.place.record.read_text().strip()) == elsewhere
            async with embedded(deep, clock=CLOCK) as other:
                assert other.dsn == server.dsn
        assert not elsewhere.exists()
        assert not server.place.record.exists()

    asyncio.run(main())


def test_a_cancelled_start_leaves_nothing_running(folder: Path) -> None:
    async def main() -> None:
        server = server_at(folder, clock=CLOCK)
        for wait_s in (0.05, 0.3, 0.5, 0.6):  # some of them within initdb, some within the server's start
            starting = asyncio.create_task(server.start())
            await asyncio.wait([starting], timeout=wait_s)
            starting.cancel()
            await asyncio.gather(starting, return_exceptions=True)
            await server.stop()
            assert is_free(server)
        await start_and_stop(server)

    asyncio.run(main())


def test_a_start_that_takes_too_long_says_so(folder: Path) -> None:
    async def main() -> None:
        quick = Settings(start_s=0.1)
        server = server_at(folder, clock=CLOCK, settings=quick)
        server.place.prepare()
        held = locks.take(server.place.turn)
        assert held
        with held, pytest.raises(Retry, match=r"another command has been starting .* 0\.1 s \(start_s\)"):
            await server.start()
        held = locks.take(server.place.alive)
        assert held
        server.log.write_text("database system is being recovered\n")
        with held, pytest.raises(Retry, match=r"(?s)did not answer within 0\.1 s.*being recovered"):
            await server.start()

    asyncio.run(main())


def test_the_place_is_named_when_it_cannot_be_made(folder: Path) -> None:
    (folder / "file").touch()
    with pytest.raises(Misconfigured, match=r"/file: cannot be made .*CROSSBOOK_DATA"):
        asyncio.run(server_at(folder / "file", clock=CLOCK).start())
