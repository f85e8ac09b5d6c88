"""Real servers for the tests of the store: our own of version 18, and Debian's of version 15."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator

import pytest

from crossbook.base.clock import SystemClock
from crossbook.store.embedded import Address, Server, server_at
from crossbook.store.migrate import migrate
from tests.store.servers import POSTGRES15, fresh_database, open_folder, server15


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """Our own server, one for all tests of the session."""
    with open_folder() as folder:
        server = server_at(folder, clock=SystemClock())
        asyncio.run(server.start())
        try:
            yield server
        finally:
            asyncio.run(server.stop())


@pytest.fixture
def database(postgres: Server) -> Iterator[str]:
    """The address (postgresql://…) of a fresh, empty database on our own server."""
    with fresh_database(postgres.address) as fresh:
        yield fresh.dsn


@pytest.fixture(scope="session")
def postgres15_server() -> Iterator[Address]:
    """A server of version 15 that is not ours, one for all tests of the session."""
    if not (POSTGRES15 / "initdb").exists():
        if os.environ.get("CI") == "true":
            pytest.fail(f"no PostgreSQL 15 under CI is a failure: {POSTGRES15}")
        pytest.skip(f"no PostgreSQL 15 in {POSTGRES15}: install postgresql-15")
    with server15() as address:
        yield address


@pytest.fixture
def postgres15(postgres15_server: Address) -> Iterator[str]:
    """The address (postgresql://…) of a fresh, empty database on a server of version 15."""
    with fresh_database(postgres15_server) as fresh:
        yield fresh.dsn


@pytest.fixture(params=["database", "postgres15"])
def url(request: pytest.FixtureRequest) -> str:
    """A fresh database with all tables, on our own server and then on one of version 15."""
    found: str = request.getfixturevalue(request.param)
    asyncio.run(migrate(found))
    return found
