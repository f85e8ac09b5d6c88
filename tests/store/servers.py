"""Real PostgreSQL servers for the tests: folders that their users can reach, and one of version 15."""

from __future__ import annotations

import asyncio
import os
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import asyncpg

from crossbook.store.embedded.account import server_account
from crossbook.store.embedded.address import Address
from crossbook.store.embedded.connect import UNREACHABLE

POSTGRES15 = Path("/usr/lib/postgresql/15/bin")


@contextmanager
def open_folder() -> Iterator[Path]:
    """A temporary folder that, when we are root, other users may pass: pytest's own are closed to them."""
    folder = Path(tempfile.mkdtemp(prefix="crossbook-test-"))
    if os.geteuid() == 0:
        folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


async def query(address: Address, text: str, *values: object) -> Any:
    """The first value of a query's first row, over a connection of its own."""
    connection = await asyncpg.connect(address.dsn)
    try:
        return await connection.fetchval(text, *values)
    finally:
        await connection.close()


@contextmanager
def fresh_database(address: Address) -> Iterator[Address]:
    """An empty database of this server, dropped afterwards with whoever is still connected to it."""
    name = f"test_{secrets.token_hex(6)}"
    asyncio.run(query(address, f'create database "{name}"'))
    try:
        yield address.of(name)
    finally:
        asyncio.run(query(address, f'drop database "{name}" with (force)'))


@contextmanager
def server15() -> Iterator[Address]:
    """A PostgreSQL 15 as a user would have it: not ours, with a password, on its own socket."""
    account = server_account()
    who: dict[str, Any] = {"user": account.uid, "group": account.gid, "extra_groups": []} if account else {}
    address_password = secrets.token_urlsafe(16)
    with open_folder() as folder:
        data, log = folder / "data", folder / "log"
        data.mkdir(mode=0o700)
        (folder / "password").write_text(address_password)
        if account:
            for path in (folder, data, folder / "password"):
                os.chown(path, account.uid, account.gid)
        make = f"initdb -D {data} -U tester -E UTF8 --locale=C.UTF-8 -N -A scram-sha-256 --pwfile={folder}/password"
        subprocess.run(at15(make), check=True, capture_output=True, cwd="/", timeout=120, **who)
        run = at15(f"postgres -D {data} -k {folder} -c listen_addresses= -c fsync=off")
        with log.open("wb") as out:
            process = subprocess.Popen(run, stdout=out, stderr=out, cwd="/", start_new_session=True, **who)
        try:
            address = Address(str(folder), address_password, user="tester", database="postgres")
            asyncio.run(until_answering(address, process, log))
            yield address
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(timeout=60)


def at15(command: str) -> list[str]:
    return f"{POSTGRES15}/{command}".split()


async def until_answering(address: Address, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + 60
    while True:
        try:
            await query(address, "select 1")
            return
        except UNREACHABLE:
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < end, log.read_text()
            await asyncio.sleep(0.02)
