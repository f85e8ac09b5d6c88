"""Ready is what answers a query: how to ask, and what the possible answers mean."""

from __future__ import annotations

from pathlib import Path

import asyncpg

from crossbook.base.errors import Misconfigured
from crossbook.store.embedded.address import Address

PATIENCE_S = 5.0
UNREACHABLE = (
    OSError,  # timeouts too
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # the server died in the middle of a query
)
"""How asyncpg says that a server is not there, not yet, or not any more."""


async def open_connection(address: Address, *, patience_s: float = PATIENCE_S) -> asyncpg.Connection:
    """A connection to this database, taking nothing from the environment that could redirect it."""
    return await asyncpg.connect(
        host=address.host,
        port=address.port,
        user=address.user,
        password=address.password,
        database=address.database,
        timeout=patience_s,
        command_timeout=patience_s,
        ssl=False,
    )


async def is_ready(address: Address, data: Path, password: Path) -> bool:
    """Whether the server of this data folder answers a query in the database, which is made when missing.

    Raises Misconfigured when the server refuses the password or works on another folder.
    """
    try:
        connection = await open_connection(address)
    except (asyncpg.InvalidPasswordError, asyncpg.InvalidAuthorizationSpecificationError) as error:
        raise Misconfigured(
            f"{password}: the server of {data} refuses this password; bring the file back from a backup of this "
            "folder"
        ) from error
    except asyncpg.InvalidCatalogNameError:
        return await _make_database(address) and await is_ready(address, data, password)
    except UNREACHABLE:
        return False  # not there yet, starting, recovering or ending
    try:
        found = await connection.fetchval("select current_setting('data_directory')")
    except UNREACHABLE:
        return False
    finally:
        connection.terminate()
    if not Path(found).exists() or not Path(found).samefile(data):
        raise Misconfigured(
            f"the server on the socket in {address.host} works on {found}, not on {data}; stop it"
        )
    return True


async def _make_database(address: Address) -> bool:
    try:
        connection = await open_connection(address.of("postgres"))
    except UNREACHABLE:
        return False
    try:
        await connection.execute(f'create database "{address.database}"')
    except (asyncpg.DuplicateDatabaseError, asyncpg.UniqueViolationError):
        return True
    except UNREACHABLE:
        return False
    finally:
        connection.terminate()
    return True
