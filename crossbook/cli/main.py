"""The command tree. Commands import what they need when they run, so that ``--help`` answers at once."""

from __future__ import annotations

from typing import Annotated

import typer

from crossbook import __version__
from crossbook.cli.config import config
from crossbook.cli.db import db
from crossbook.cli.demo import demo
from crossbook.cli.doctor import doctor
from crossbook.cli.explain import explain
from crossbook.cli.match import match
from crossbook.cli.replay import replay
from crossbook.cli.scan import scan
from crossbook.cli.up import record, up
from crossbook.cli.version import version as version_command

_NOTICE = (
    "Crossbook is for education and lawful use. Betting is unlawful in many places, among them most of Indonesia. "
    "It acts on paper only."
)

app = typer.Typer(
    name="crossbook",
    help="Find prices that disagree, and act on them with care.",
    epilog=_NOTICE,
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for command in (demo, scan, explain, up, record, replay):
    app.command()(command)
app.command("doctor")(doctor)
app.command("version")(version_command)
app.add_typer(config, name="config")
app.add_typer(db, name="db")
app.add_typer(match, name="match")


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"crossbook {__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and leave."),
    ] = False,
) -> None:
    """Find prices that disagree, and act on them with care."""


def main() -> None:
    """Run the command line."""
    app()
