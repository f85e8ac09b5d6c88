"""The way to the database: its address, the pool of connections, and what went wrong in words a person can use."""

from __future__ import annotations

import logging
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qs, urlsplit

import asyncpg

from crossbook.base.errors import BadData, CrossbookError, Misconfigured, Retry

if TYPE_CHECKING:
    from asyncpg.pool import PoolConnectionProxy

    Connection = asyncpg.Connection[asyncpg.Record] | PoolConnectionProxy[asyncpg.Record]
    Pool = asyncpg.Pool[asyncpg.Record]

# While a server is away the pool tells its own log so, with a traceback for each attempt; our callers are told already.
logging.getLogger("asyncpg.pool").setLevel(logging.ERROR)

SETTING: Final = "CROSSBOOK_DATABASE_URL"
OLDEST_SERVER: Final = 15

_SETTINGS_AT_FAULT: Final = (
    (asyncpg.InvalidPasswordError, "the user name or the password is wrong"),
    (asyncpg.InvalidAuthorizationSpecificationError, "the server does not let this user in (see its pg_hba.conf)"),
    (asyncpg.InvalidCatalogNameError, "there is no such database: create it, or name another"),
    (asyncpg.InsufficientPrivilegeError, "this user lacks a right: let it own the database"),
    (asyncpg.InvalidSchemaNameError, "it has no tables of Crossbook: migrate it first"),
    (asyncpg.UndefinedTableError, "it lacks tables of Crossbook: migrate it first"),
)  # fmt: skip
_PASSING: Final = (
    OSError,  # TimeoutError is one
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,  # the server stops, starts, or ended this connection
    asyncpg.InsufficientResourcesError,  # too many connections, disk full, no memory
    asyncpg.TransactionRollbackError,  # two transactions in each other's way
    asyncpg.ObjectNotInPrerequisiteStateError,
    asyncpg.ReadOnlySQLTransactionError,  # a standby before it takes over
    asyncpg.PostgresSystemError,
)


def checked_url(text: str) -> str:
    """The database's address as it was given. Raises Misconfigured, which never repeats what may be a password."""
    form = f"{SETTING}: expected postgresql://user:password@host:port/database"
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:
        raise Misconfigured(f"{form}; write / @ : # in a password as %2F %40 %3A %23") from None
    if parts.scheme not in ("postgresql", "postgres"):
        raise Misconfigured(form)
    if "@" in parts.path or "@" in parts.fragment or "@" in parts.query:
        raise Misconfigured(f"{form}; write / @ : # in a password as %2F %40 %3A %23")
    if not parts.path.strip("/") and "database" not in parse_qs(parts.query):
        raise Misconfigured(f"{form}; the name of the database is missing")
    return text


def place_of(url: str) -> str:
    """Where the database is, without user and password: for messages.

    >>> place_of("postgresql://me:secret@db.example:5433/prices")
    'prices at db.example:5433'
    """
    parts = urlsplit(checked_url(url))
    asked = parse_qs(parts.query)
    host = asked.get("host", [parts.hostname or "localhost"])[0]
    port = "" if host.startswith("/") else f":{parts.port or asked.get('port', ['5432'])[0]}"
    return f"{parts.path.strip('/') or asked['database'][0]} at {host}{port}"


@contextmanager
def in_words(place: str) -> Iterator[None]:
    """Turn what the driver raises into Retry, Misconfigured or BadData that names the place and what to do."""
    try:
        yield
    except CrossbookError:
        raise
    except (*_PASSING, asyncpg.PostgresError, ValueError, OverflowError, TypeError) as error:
        raise named(error, place) from error


def named(error: BaseException, place: str) -> CrossbookError:
    """The error of ours that says what to do about an error of the driver."""
    if isinstance(error, asyncpg.InterfaceError) and isinstance(error.__context__, _PASSING):
        error = error.__context__  # leaving a transaction whose connection is gone hides why it is gone
    for kind, words in _SETTINGS_AT_FAULT:
        if isinstance(error, kind):
            return Misconfigured(f"database {place}: {words} ({SETTING}; {_said(error)})")
    if isinstance(error, socket.gaierror):
        return Misconfigured(f"database {place}: there is no host of this name ({SETTING})")
    if isinstance(error, ConnectionRefusedError | FileNotFoundError):
        return Retry(f"database {place}: nobody answers there; is the server running? ({SETTING})")
    if isinstance(error, _PASSING):
        return Retry(f"database {place}: {_said(error)}")
    return BadData(f"database {place}: {_said(error)}")


def _said(error: BaseException) -> str:
    return (str(error).splitlines() or [""])[0] or type(error).__name__


async def connect(url: str, *, timeout_s: float = 10.0) -> asyncpg.Connection[asyncpg.Record]:
    """One connection. Raises Misconfigured or Retry."""
    place = place_of(url)
    with in_words(place):
        connection = await asyncpg.connect(url, timeout=timeout_s, server_settings=_OURS)
    try:
        check_version(connection, place)
    except Misconfigured:
        await connection.close()
        raise
    return connection


async def connect_pool(
    url: str,
    *,
    smallest: int = 2,
    largest: int = 10,
    timeout_s: float = 10.0,
    command_timeout_s: float = 30.0,
) -> Pool:
    """A pool that is connected. Raises Misconfigured or Retry."""
    place = place_of(url)
    with in_words(place):
        pool: Pool = await asyncpg.create_pool(
            url,
            min_size=smallest,
            max_size=largest,
            timeout=timeout_s,
            command_timeout=command_timeout_s,
            server_settings=_OURS,
        )
        try:
            async with pool.acquire() as connection:
                check_version(connection, place)
        except BaseException:
            pool.terminate()
            raise
    return pool


_OURS: Final = {"application_name": "crossbook"}


def check_version(connection: Connection, place: str) -> None:
    """Raises Misconfigured where the server is too old."""
    version = connection.get_server_version()
    if version.major < OLDEST_SERVER:
        raise Misconfigured(
            f"database {place}: this is PostgreSQL {version.major}; Crossbook needs {OLDEST_SERVER} or newer"
        )
