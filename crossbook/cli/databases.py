"""What `crossbook db` does, on our own server or on one that is named by its address."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Final

import typer
from rich.console import Console

from crossbook.base.clock import SystemClock
from crossbook.base.errors import CrossbookError, Misconfigured, Refused
from crossbook.cli.plain import print_json, visible
from crossbook.cli.settings import Settings, read_settings
from crossbook.store.abandoned import alone, at_work
from crossbook.store.embedded import dump, embedded, restore, stop_orphan
from crossbook.store.embedded.dump import check_dump
from crossbook.store.embedded.supervisor import FOLDER
from crossbook.store.migrate import migrate
from crossbook.store.status import Status, empty, status_of

_NOTHING_YET: Final = "there is no database yet; `crossbook up` or `crossbook db upgrade` makes it"


def run_upgrade(config: Path | None) -> None:
    """Bring the tables up to date, and say what was done."""

    async def upgrade() -> list[str]:
        async with _database(read_settings(config, os.environ), make=True) as url:
            return await migrate(url)

    applied = asyncio.run(upgrade())
    for name in applied:
        typer.echo(f"applied {name}")
    if not applied:
        typer.echo("The database is up to date.")


def run_backup(config: Path | None, file: Path) -> None:
    """Write a dump; an existing file is never replaced."""
    if os.path.lexists(file):
        raise Misconfigured(f"{file}: exists already; name a new file")

    async def backup() -> None:
        async with _database(read_settings(config, os.environ)) as url:
            await dump(url, file)

    asyncio.run(backup())
    typer.echo(f"{visible(str(file))}: {_size(file.stat().st_size)}")


def run_restore(config: Path | None, file: Path, replace: bool, yes: bool) -> None:
    """Fill the database from a dump; what it held before is given up only when that was asked for."""
    asyncio.run(_restore(read_settings(config, os.environ), file, replace, yes))
    typer.echo(f"The database was restored from {visible(str(file))}.")


async def _restore(settings: Settings, file: Path, replace: bool, yes: bool) -> None:
    if not file.is_file():
        raise Misconfigured(f"{file}: there is no such file")
    async with _database(settings, make=True) as url:
        await check_dump(url, file)
        async with at_work(url) as presence:
            if not await alone(presence):
                raise Refused(
                    "Crossbook is at work on this database: end it first (crossbook up, replay --store)"
                )
            found = await status_of(url)
            if found.holds and not replace:
                raise Refused(
                    f"the database {found.place} holds rows (in {_names(found)}); --replace gives them up"
                )
            if found.holds and not yes and sys.stdin.isatty():
                question = f"Give up what {visible(found.place)} holds now (in {_names(found)})?"
                if not typer.confirm(question, err=True):
                    raise Refused("nothing was changed")
            await _put_in_place(url, file, found)


async def _put_in_place(url: str, file: Path, before: Status) -> None:
    """Empty the database and fill it; when that fails it gets back what it held."""
    kept = file.with_name(f".{file.name}.before-{os.getpid()}")
    if before.holds:
        await dump(url, kept)
    await empty(url)
    try:
        await restore(url, file)
        await migrate(url)
    except BaseException as error:
        if before.holds:
            await asyncio.shield(_put_back(url, kept, error))
        raise
    kept.unlink(missing_ok=True)


async def _put_back(url: str, kept: Path, error: BaseException) -> None:
    try:
        await empty(url)
        await restore(url, kept)
    except CrossbookError as worse:
        raise Misconfigured(
            f"{error}. What the database held could not be put back ({worse}); it is in {kept}: restore that file"
        ) from worse
    kept.unlink(missing_ok=True)


def run_stop(config: Path | None) -> None:
    """Stop our own server where nobody uses it."""
    settings = read_settings(config, os.environ)
    if settings.store.url:
        raise Misconfigured("CROSSBOOK_DATABASE_URL: that server is not ours to stop")
    stopped = (settings.data / FOLDER).is_dir() and asyncio.run(
        stop_orphan(settings.data, clock=SystemClock())
    )
    typer.echo("The server was stopped." if stopped else "No server was running.")


def run_status(config: Path | None, as_json: bool) -> None:
    """Show what there is."""

    async def look() -> Status:
        async with _database(read_settings(config, os.environ)) as url:
            return await status_of(url)

    found = asyncio.run(look())
    if as_json:
        print_json(found)
        return
    console = Console(emoji=False, highlight=False, markup=False, soft_wrap=True)
    console.print(f"{visible(found.place)}: PostgreSQL {found.server}, {_size(found.bytes)}")
    console.print(f"migrations: {', '.join(found.migrations) or 'none'}")
    if found.missing:
        console.print(f"missing: {', '.join(found.missing)}; run: crossbook db upgrade", style="yellow")
    if found.rows:
        console.print(f"rows: {_counts(found.rows)}")
        console.print(f"open opportunities: {found.open_opportunities:,}")


@asynccontextmanager
async def _database(settings: Settings, *, make: bool = False) -> AsyncIterator[str]:
    """The database's address. Ours is made only where that is said. Raises Refused when there is none."""
    async with AsyncExitStack() as stack:
        if settings.store.url:
            yield settings.store.url
            return
        if not make and not (settings.data / FOLDER / "data").is_dir():
            raise Refused(f"{settings.data}: {_NOTHING_YET}")
        server = await stack.enter_async_context(embedded(settings.data, clock=SystemClock()))
        yield server.dsn


def _names(found: Status) -> str:
    return ", ".join(found.holds)


def _counts(counts: dict[str, int]) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in counts.items() if count) or "none"


def _size(count: int) -> str:
    return f"{count / 1e6:,.1f} MB"
