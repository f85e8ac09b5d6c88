"""``crossbook config``: the settings, checked and shown."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from crossbook.cli.ending import EXIT_USAGE, ending_plainly

config = typer.Typer(no_args_is_help=True, help="Check the settings, or show them.")

ConfigFile = Annotated[
    Path | None, typer.Option("--config", help="Settings; crossbook.toml here by default.", metavar="FILE")
]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object.")]


@config.command()
@ending_plainly()
def check(file: ConfigFile = None, as_json: AsJson = False) -> None:
    """Check the settings file and the environment; ends with 2 and the setting's name where one is wrong.

    Nothing is started and nobody is asked.

    Example: crossbook config check --config crossbook.toml
    """
    import os

    from crossbook.base.errors import Misconfigured
    from crossbook.cli.plain import print_json, visible
    from crossbook.cli.settings import read_settings

    try:
        settings = read_settings(file, os.environ)
    except Misconfigured as error:
        if not as_json:
            raise
        print_json({"valid": False, "problem": str(error)})
        raise typer.Exit(EXIT_USAGE) from None
    where = None if settings.file is None else str(settings.file)
    if as_json:
        print_json({"valid": True, "file": where, "sources": [each.name for each in settings.sources]})
        return
    names = ", ".join(each.name for each in settings.sources) or "none"
    typer.echo(f"{visible(where) if where else 'No file'}: the settings are valid. Sources: {names}.")


@config.command()
@ending_plainly()
def show(file: ConfigFile = None) -> None:
    """Show the settings as they are after the file and the environment, as JSON and without a secret.

    Example: crossbook config show | jq .doors
    """
    import os

    from crossbook.cli.plain import print_json
    from crossbook.cli.settings import read_settings, shown

    print_json(shown(read_settings(file, os.environ)))
