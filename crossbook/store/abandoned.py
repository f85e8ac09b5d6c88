"""Opportunities that a run left open when it was killed: closed by the next run that finds nobody else at work."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Final

import msgspec

from crossbook.model.life import Moment
from crossbook.model.opportunity import Reason
from crossbook.store.database import connect, in_words, place_of
from crossbook.store.queries import query
from crossbook.store.readings import opportunity_of
from crossbook.store.rows import StoredOpportunity, change_text
from crossbook.store.words import json_text, readable

if TYPE_CHECKING:
    import asyncpg

LOCK: Final = 7_203_003
"""The advisory lock of those who write to a database: any number, but the same in every release."""
WHY: Final = Reason("abandoned", "Crossbook stopped while it was open")

Shown = Callable[[dict[str, Any], int, Reason], dict[str, Any]]
"""How the doors show an opportunity that closed at this time for this reason, from how they showed it before."""


@asynccontextmanager
async def at_work(url: str) -> AsyncIterator[asyncpg.Connection[asyncpg.Record]]:
    """For the length of the block others can see that somebody writes to this database; gives the connection that
    says so, for `alone` and `close_abandoned`. Raises Misconfigured or Retry.
    """
    connection = await connect(url)
    try:
        with in_words(place_of(url)):
            await connection.execute("SELECT pg_advisory_lock_shared($1)", LOCK)
        yield connection
    finally:
        await connection.close(timeout=5)


async def alone(connection: asyncpg.Connection[asyncpg.Record]) -> bool:
    """Whether nobody else is at work on this database; if so nobody else begins before the connection is closed
    or `let_in` is called.
    """
    return bool(await connection.fetchval("SELECT pg_try_advisory_lock($1)", LOCK))


async def let_in(connection: asyncpg.Connection[asyncpg.Record]) -> None:
    """Let others begin, after `alone` said yes."""
    await connection.execute("SELECT pg_advisory_unlock($1)", LOCK)


async def close_abandoned(
    url: str, connection: asyncpg.Connection[asyncpg.Record], at: int, shown: Shown
) -> list[str]:
    """Close every opportunity that an earlier run left open, at this time (nanoseconds UTC); gives their ids.

    A closing change is added to each life, so it reads back whole. Nothing is closed while another process is at
    work, nor what changed at or after `at`. Raises Misconfigured or Retry.
    """
    with in_words(place_of(url)):
        if not await alone(connection):
            return []
        try:
            async with connection.transaction():
                left = [opportunity_of(row) for row in await connection.fetch(query("left_open"), at)]
                if left:
                    told = json_text(_row(each, at, shown(each.object, at, WHY)) for each in left)
                    await connection.execute(query("close_opportunities"), told)
                    await connection.execute(query("add_changes"), told)
        finally:
            await let_in(connection)
    return [each.id for each in left]


def _row(left: StoredOpportunity, at: int, shown: dict[str, Any]) -> dict[str, object]:
    number = left.number + 1
    change = change_text(
        id=left.id,
        number=number,
        at=at,
        moment=Moment.CLOSED,
        event=left.event,
        opened=left.opened,
        why=(WHY,),
        shown=shown,
    )
    text = msgspec.json.encode(shown)
    return {
        "id": left.id,
        "number": number,
        "at": at,
        "moment": Moment.CLOSED,
        "reasons": [{"name": WHY.name, "detail": WHY.detail}],
        "readable": readable(change),
        "text": change.decode(),
        "shown_readable": readable(text),
        "shown": text.decode(),
    }
