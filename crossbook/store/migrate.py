"""Migrations: numbered SQL files, applied once each, in order, forward only.

A file runs in one transaction together with the row that records it, so a process killed on the way leaves nothing
half done. A statement that cannot run in a transaction (an index built concurrently) goes into a file whose first line
is ``-- no transaction``; its statements are divided by lines ``-- then`` and must bear being run again.
"""

from __future__ import annotations

import hashlib
from contextlib import suppress
from importlib import resources
from importlib.resources.abc import Traversable
from typing import TYPE_CHECKING, Final

import asyncpg

from crossbook.base.errors import Misconfigured, Retry
from crossbook.store.database import connect, in_words, place_of

if TYPE_CHECKING:
    from crossbook.store.database import Connection

LOCK: Final = 7_203_001
"""The advisory lock of migrations: any number, but the same in every release."""

_TABLE: Final = """
CREATE SCHEMA IF NOT EXISTS crossbook;
CREATE TABLE IF NOT EXISTS crossbook.migration (
    name text PRIMARY KEY, checksum text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE crossbook.migration IS 'Which files made these tables; an edited file is recognised by its checksum';
"""
_ALONE: Final = "-- no transaction\n"


async def migrate(url: str, folder: Traversable | None = None, *, wait_s: float = 60.0) -> list[str]:
    """Bring the database up to date and say which files were applied; none when it was.

    Two at once: the second waits and finds nothing to do. Raises Misconfigured when an applied file was edited or is
    not known here (the database is newer), Retry when the database cannot be reached or another process holds the
    lock for longer than `wait_s`.
    """
    place = place_of(url)
    files = migration_files(folder)
    connection = await connect(url)
    try:
        with in_words(place):
            await _notice_our_death(connection)
            await _lock(connection, place, wait_s)
            await connection.execute(_TABLE)
            rows = await connection.fetch("SELECT name, checksum FROM crossbook.migration ORDER BY name")
            applied = {row["name"]: row["checksum"] for row in rows}
            missing = _missing(files, applied, place)
            for name in missing:
                await _apply(connection, name, files[name])
            return missing
    finally:
        await connection.close(timeout=10)


def migration_files(folder: Traversable | None = None) -> dict[str, str]:
    """The text of each migration by its name, in order."""
    place = folder or resources.files(__package__).joinpath("migrations")
    files = [file for file in place.iterdir() if file.name.endswith(".sql")]
    return {file.name: file.read_text(encoding="utf-8") for file in sorted(files, key=lambda each: each.name)}


def checksum(text: str) -> str:
    """What an applied file is recognised by."""
    return hashlib.sha256(text.encode()).hexdigest()


def _missing(files: dict[str, str], applied: dict[str, str], place: str) -> list[str]:
    for name, known in applied.items():
        if name not in files:
            raise Misconfigured(
                f"database {place}: migration {name} is not known here, a newer Crossbook made it: upgrade Crossbook"
            )
        if checksum(files[name]) != known:
            raise Misconfigured(
                f"migration {name} was edited after it was applied to {place}: put the file back as it was and write "
                "the change into a new migration"
            )
    missing = [name for name in files if name not in applied]
    if missing and applied and missing[0] < max(applied):
        raise Misconfigured(
            f"migration {missing[0]} comes before {max(applied)}, which {place} has: give it the next number"
        )
    return missing


async def _notice_our_death(connection: Connection) -> None:
    # Otherwise the server goes on with a long statement, and holds the lock, after the process that asked was killed.
    with suppress(asyncpg.InvalidParameterValueError):  # some systems cannot tell that the other end is gone
        await connection.execute("SET client_connection_check_interval = '500ms'")


async def _lock(connection: Connection, place: str, wait_s: float) -> None:
    # A session's lock, not a transaction's: it holds over all files, and falls with the connection.
    await connection.execute(f"SET lock_timeout = {int(wait_s * 1000)}")
    try:
        await connection.execute("SELECT pg_advisory_lock($1)", LOCK, timeout=wait_s + 10)
    except (TimeoutError, asyncpg.LockNotAvailableError):
        raise Retry(
            f"database {place}: another process has been migrating it for {wait_s:g} s: try again"
        ) from None
    await connection.execute("RESET lock_timeout")


async def _apply(connection: Connection, name: str, text: str) -> None:
    record = "INSERT INTO crossbook.migration (name, checksum) VALUES ($1, $2)"
    if text.startswith(_ALONE):
        for statement in text.split("\n-- then\n"):
            await connection.execute(statement)
        await connection.execute(record, name, checksum(text))
        return
    async with connection.transaction():
        await connection.execute(text)
        await connection.execute(record, name, checksum(text))
