"""The hours of quotes: made before they are needed, dropped whole when they are old."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from crossbook.base.clock import SECOND
from crossbook.store.queries import query

if TYPE_CHECKING:
    from crossbook.store.database import Connection, Pool

LOCK: Final = 7_203_002
"""The advisory lock of partitions: any number, but the same in every release."""
HOUR: Final = 3_600 * SECOND
_AT_ONCE: Final = 50  # tables made in one transaction: each of them takes room in the server's table of locks


def hour_of(nanoseconds: int) -> int:
    """The hour a time falls into, counted from 1970."""
    return nanoseconds // HOUR


def name_of(hour: int) -> str:
    """The partition of an hour.

    >>> name_of(0)
    'quote_1970010100'
    """
    return f"quote_{datetime(1970, 1, 1, tzinfo=UTC) + timedelta(hours=hour):%Y%m%d%H}"


class Partitions:
    """Makes and drops the hours of one database; remembers which it has seen, so that most calls ask nobody."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._known: set[int] = set()

    def forget(self) -> None:
        """Look again before the next rows: another process may have dropped an hour."""
        self._known.clear()

    async def ensure(self, hours: Iterable[int]) -> list[str]:
        """Have a partition for each of these hours and for the one after the last; says which were made.

        The hour after the last is made with it, so that live quotes never wait for a table at the full hour. Two
        processes at once agree through an advisory lock.
        """
        asked = set(hours)
        if asked:
            asked.add(max(asked) + 1)
        wanted = sorted(asked - self._known)
        made: list[str] = []
        for start in range(0, len(wanted), _AT_ONCE):
            made += await self._make(wanted[start : start + _AT_ONCE])
        return made

    async def _make(self, hours: list[int]) -> list[str]:
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute("SELECT pg_advisory_xact_lock($1)", LOCK)
            rows = await connection.fetch(query("partitions"))
            there = {row["name"] for row in rows if row["attached"] and not row["leaving"]}
            left_over = {row["name"]: row["leaving"] for row in rows if row["name"] not in there}
            missing = [hour for hour in hours if name_of(hour) not in there]
            for hour in missing:
                if name_of(hour) in left_over:
                    await _drop(connection, name_of(hour), leaving=left_over[name_of(hour)])
                await _create(connection, hour)
        self._known.update(hours)
        return [name_of(hour) for hour in missing]

    async def retain(self, now: int, hours: int) -> list[str]:
        """Drop what ended more than `hours` before `now` (nanoseconds UTC), and say which partitions that were.

        Writers and readers of other hours are not held up. What an interrupted call left behind is dropped too.
        """
        oldest = name_of(hour_of(now - hours * HOUR))
        dropped: list[str] = []
        async with self._pool.acquire() as connection:
            await connection.execute("SELECT pg_advisory_lock($1)", LOCK)
            try:
                for row in await connection.fetch(query("partitions")):
                    name, leaving = row["name"], row["leaving"]
                    if row["attached"] and not leaving:
                        if name >= oldest:
                            continue
                        # Without the word, detaching would wait for every reader and make all later ones wait too.
                        await connection.execute(
                            f"ALTER TABLE crossbook.quote DETACH PARTITION crossbook.{name} CONCURRENTLY"
                        )
                    await _drop(connection, name, leaving=leaving)
                    dropped.append(name)
            finally:
                if not connection.is_closed():
                    await connection.execute("SELECT pg_advisory_unlock($1)", LOCK)
        self._known = {hour for hour in self._known if name_of(hour) >= oldest}
        return dropped


async def _create(connection: Connection, hour: int) -> None:
    # Made beside the table and then attached: a partition made in place would lock out readers and writers.
    name, low, high = name_of(hour), hour * HOUR, (hour + 1) * HOUR
    await connection.execute(
        f"CREATE TABLE crossbook.{name} (LIKE crossbook.quote INCLUDING ALL, CHECK (at >= {low} AND at < {high}))"
    )
    await connection.execute(
        f"ALTER TABLE crossbook.quote ATTACH PARTITION crossbook.{name} FOR VALUES FROM ({low}) TO ({high})"
    )


async def _drop(connection: Connection, name: str, *, leaving: bool) -> None:
    if leaving:
        await connection.execute(f"ALTER TABLE crossbook.quote DETACH PARTITION crossbook.{name} FINALIZE")
    await connection.execute(f"DROP TABLE crossbook.{name}")
