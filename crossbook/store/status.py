"""What a database holds, for a person who looks after it; it may be empty or older than this Crossbook."""

from __future__ import annotations

from typing import Final

import msgspec

from crossbook.store.database import connect, in_words, place_of
from crossbook.store.migrate import migration_files
from crossbook.store.queries import query

_NOT_ROWS: Final = ("open", "faults")


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """What there is. `missing` are the migrations to come; `holds` names every table of Crossbook's that has rows.

    `rows` is empty where migrations are missing. Its quotes are those that the batches of the kept hours brought.
    """

    place: str
    server: str
    bytes: int
    migrations: list[str]
    missing: list[str]
    holds: list[str]
    rows: dict[str, int]
    open_opportunities: int


async def status_of(url: str) -> Status:
    """Look at a database. Raises Misconfigured or Retry when it cannot be reached."""
    place = place_of(url)
    connection = await connect(url)
    try:
        with in_words(place):
            size, version = await connection.fetchrow(query("about")) or (0, "")
            migrations: list[str] = []
            if await connection.fetchval(query("is_migrated")):
                migrations = [row["name"] for row in await connection.fetch(query("migrations"))]
            tables = [row["name"] for row in await connection.fetch(query("tables"))]
            holds = [
                name
                for name in tables
                if await connection.fetchval(f'SELECT EXISTS (SELECT FROM crossbook."{name}")')  # noqa: S608
            ]
            rows: dict[str, int] = {}
            standing = 0
            if migrations == list(migration_files()):
                counted = dict((await connection.fetchrow(query("counts")) or {}).items())
                standing = counted["open"]
                rows = {name: count for name, count in counted.items() if name not in _NOT_ROWS}
                rows["quotes"] = await connection.fetchval(query("quotes_kept"))
    finally:
        await connection.close(timeout=10)
    return Status(
        place=place,
        server=version.split()[0],
        bytes=size,
        migrations=migrations,
        missing=[name for name in migration_files() if name not in migrations],
        holds=holds,
        rows=rows,
        open_opportunities=standing,
    )


async def empty(url: str) -> None:
    """Drop everything of Crossbook's from a database, for ever. Raises Misconfigured or Retry."""
    connection = await connect(url)
    try:
        with in_words(place_of(url)):
            await connection.execute("DROP SCHEMA IF EXISTS crossbook CASCADE")
    finally:
        await connection.close(timeout=10)
