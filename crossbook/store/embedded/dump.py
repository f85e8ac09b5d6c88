"""Dumps of a database, ours or any that is named by its address, with the wheel's own pg_dump and pg_restore."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit, urlunsplit

import asyncpg

from crossbook.base.errors import Misconfigured, Refused, Retry
from crossbook.store.embedded.binaries import tools_for
from crossbook.store.embedded.connect import UNREACHABLE
from crossbook.store.embedded.process import run

HOUR_S = 3_600.0
SECRETS = ("password", "sslpassword")
USER_TABLES = """
    select count(*) from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname !~ '^pg_' and n.nspname <> 'information_schema' and c.relkind in ('r', 'p', 'v', 'm', 'S')
"""


async def dump(dsn: str, path: Path, *, within_s: float = HOUR_S) -> None:
    """Write the database to a file of mode 0600, in PostgreSQL's custom format, packed.

    The file is there whole or not at all; one that exists is replaced. The server may be of version 15 to 18.
    Raises Misconfigured with pg_dump's words when it fails, Retry when it takes too long.
    """
    major, _ = await _look(dsn)
    path = path.absolute()  # the program works in another folder
    new = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        options = ("--format=custom", "--no-password", f"--file={new}")
        await _run("pg_dump", major, options, dsn, f"{path}: the dump failed", within_s)
        new.chmod(0o600)
        _sync(new)
        new.replace(path)
        _sync(path.parent)
    except OSError as error:
        raise Misconfigured(
            f"{path}: cannot be written ({error.strerror}); free some space or name another"
        ) from error
    finally:
        with contextlib.suppress(OSError):
            new.unlink(missing_ok=True)


async def restore(dsn: str, path: Path, *, within_s: float = HOUR_S) -> None:
    """Fill an empty database from a dump, wholly or not at all; everything in it belongs to the dsn's user.

    A dump of a server before 17 can go into any version from 15 on, a newer one's only into 17 or newer. Raises
    Refused when the database holds something, Misconfigured with pg_restore's words when it fails, Retry when it
    takes too long.
    """
    if not path.is_file():
        raise Misconfigured(f"{path}: there is no such dump")
    major, held = await _look(dsn)
    if held:
        raise Refused(
            f"the database already holds {held} tables, views or sequences: restore into an empty one"
        )
    options = ("--no-password", "--no-owner", "--exit-on-error", "--single-transaction", str(path.absolute()))
    await _run("pg_restore", major, options, dsn, f"{path}: the restore failed and changed nothing", within_s)


async def check_dump(dsn: str, path: Path, *, within_s: float = HOUR_S) -> None:
    """Look into a dump before anything is given up for it; the database is not touched.

    Raises Misconfigured when the file is no dump of a database of Crossbook, or of a newer server than the dsn's.
    """
    major, _ = await _look(dsn)
    command = [str(tools_for(major).path("pg_restore")), "--list", str(path.absolute())]
    code, said = await _said(command, f"{path}: cannot be read", major, within_s)
    if code or " SCHEMA - crossbook " not in said:
        raise Misconfigured(
            f"{path}: is no backup of a database of Crossbook; name a file of `crossbook db backup`"
        )


async def _look(dsn: str) -> tuple[int, int]:
    """The server's major version, and how much the database holds."""
    without_password(dsn)
    try:
        connection = await asyncpg.connect(dsn, timeout=30)
        try:
            return connection.get_server_version().major, await connection.fetchval(USER_TABLES)
        finally:
            await connection.close()
    except ValueError:  # its words may show part of the address
        raise Misconfigured(
            "the database's address cannot be read; write postgresql://user@host/database"
        ) from None
    except UNREACHABLE as error:
        raise Misconfigured(f"the database cannot be reached ({error}); check its address") from error


async def _run(name: str, major: int, options: tuple[str, ...], dsn: str, what: str, within_s: float) -> None:
    bare, secret = without_password(dsn)
    command = [str(tools_for(major).path(name)), f"--dbname={bare}", *options]
    environment = {"PGPASSWORD": secret} if secret else {}  # only its owner may read a process's environment
    code, said = await _said(command, what, major, within_s, environment)
    if code:
        raise Misconfigured(f"{what}. {name} said:\n{said.replace(secret, '***') if secret else said}")


async def _said(
    command: list[str], what: str, major: int, within_s: float, environment: dict[str, str] | None = None
) -> tuple[int, str]:
    """The program's exit code and words. Raises Retry when it is too slow, Misconfigured for too new a dump."""
    try:
        code, said = await run(command, within_s=within_s, environment=environment)
    except TimeoutError:
        name = Path(command[0]).name
        raise Retry(f"{what}: {name} took longer than {within_s:g} s (within_s); allow more time") from None
    if "unsupported version" in said and "in file header" in said:
        raise Misconfigured(
            f"{what}: it was made from a newer PostgreSQL than {major}; restore it into a newer one"
        )
    return code, said


def without_password(dsn: str) -> tuple[str, str]:
    """The same address without its password, and the password.

    >>> without_password("postgresql://anna:secret@host:5433/book?sslmode=require")
    ('postgresql://anna@host:5433/book?sslmode=require', 'secret')
    """
    parts = urlsplit(dsn)
    if parts.scheme not in ("postgresql", "postgres"):
        raise Misconfigured("the database's address must begin with postgresql://")
    who, at, where = parts.netloc.rpartition("@")
    user, _, secret = who.partition(":")
    chosen = parse_qsl(parts.query, keep_blank_values=True)
    secret = next((value for key, value in chosen if key == "password"), unquote(secret))
    rest = urlencode([pair for pair in chosen if pair[0] not in SECRETS], quote_via=quote)
    return urlunsplit((parts.scheme, f"{user}{at}{where}", parts.path, rest, "")), secret


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
