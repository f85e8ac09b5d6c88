"""``crossbook db``: the database, looked after by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from crossbook.cli.config import AsJson, ConfigFile
from crossbook.cli.ending import ending_plainly

db = typer.Typer(
    no_args_is_help=True,
    help="Look after the database: our own, or the one that CROSSBOOK_DATABASE_URL names.",
)


@db.command()
@ending_plainly()
def upgrade(config: ConfigFile = None) -> None:
    """Bring the tables up to date. `crossbook up` does so by itself; doing it twice does nothing.

    Example: crossbook db upgrade
    """
    from crossbook.cli.databases import run_upgrade

    run_upgrade(config)


@db.command()
@ending_plainly()
def backup(
    file: Annotated[Path, typer.Argument(help="The file to write; it must not exist.", metavar="FILE")],
    config: ConfigFile = None,
) -> None:
    """Write the whole database into one file, in pg_dump's custom format; Crossbook may go on meanwhile.

    Example: crossbook db backup friday.dump
    """
    from crossbook.cli.databases import run_backup

    run_backup(config, file)


@db.command()
@ending_plainly()
def restore(
    file: Annotated[Path, typer.Argument(help="A file of `crossbook db backup`.", metavar="FILE")],
    config: ConfigFile = None,
    replace: Annotated[bool, typer.Option("--replace", help="Give up what the database holds now.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before giving it up.")] = False,
) -> None:
    """Fill the database from a backup, wholly or not at all. One that holds rows is kept unless --replace is given.

    Example: crossbook db restore friday.dump
    """
    from crossbook.cli.databases import run_restore

    run_restore(config, file, replace, yes)


@db.command()
@ending_plainly()
def stop(config: ConfigFile = None) -> None:
    """Stop our own server where one lives on after the commands that used it were killed.

    Example: crossbook db stop
    """
    from crossbook.cli.databases import run_stop

    run_stop(config)


@db.command()
@ending_plainly()
def status(config: ConfigFile = None, as_json: AsJson = False) -> None:
    """Show the server's version, the database's size and migrations, how many rows there are, and what is open.

    Our own server is started for it where it does not run.

    Example: crossbook db status --json
    """
    from crossbook.cli.databases import run_status

    run_status(config, as_json)
