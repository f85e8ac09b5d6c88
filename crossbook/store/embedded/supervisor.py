"""The ways in: use the server for the length of a block, or end one that nobody uses."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from crossbook.base.clock import Clock
from crossbook.store.embedded.account import server_account
from crossbook.store.embedded.paths import Place, default_place
from crossbook.store.embedded.server import Server
from crossbook.store.embedded.settings import Settings

FOLDER = "postgres"
DEFAULT = Settings()


def server_at(data: Path | None = None, *, clock: Clock, settings: Settings = DEFAULT) -> Server:
    """The server below this folder for data, not started; without one, below `default_place()`.

    Raises Misconfigured when no folder or no user for the server can be found.
    """
    home = (data.absolute() if data else default_place()) / FOLDER
    return Server(Place(home, server_account()), clock, settings)


@asynccontextmanager
async def embedded(
    data: Path | None = None, *, clock: Clock, settings: Settings = DEFAULT
) -> AsyncIterator[Server]:
    """A server that answers, for the length of the block; other commands may use it at the same time.

    Run `server.watch()` beside the work to have it started again should it die. The last user to leave stops the
    server. If all its users are killed it lives on: the next start adopts it, or `stop_orphan` ends it.
    Raises Misconfigured or Retry as `Server.start` does.
    """
    server = server_at(data, clock=clock, settings=settings)
    await server.start()
    try:
        yield server
    finally:
        await asyncio.shield(server.stop())


async def stop_orphan(data: Path | None = None, *, clock: Clock, settings: Settings = DEFAULT) -> bool:
    """Stop the server whose users were all killed; whether there was one.

    Raises Refused when it is in use, Retry when another command keeps starting or stopping it.
    """
    return await server_at(data, clock=clock, settings=settings).end_orphan()
