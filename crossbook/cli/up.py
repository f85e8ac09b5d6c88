"""``crossbook up`` and ``crossbook record``: everything in one process, against the sources that are configured."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from crossbook.cli.ending import ending_plainly

Config = Annotated[
    Path | None, typer.Option(help="Settings; crossbook.toml here by default.", metavar="FILE")
]
Seconds = Annotated[float | None, typer.Option(help="Stop by itself after so long.", metavar="NUMBER")]
AsJson = Annotated[bool, typer.Option("--json", help="Changes as JSON lines, the summary last.")]


@ending_plainly()
def up(config: Config = None, seconds: Seconds = None, as_json: AsJson = False) -> None:
    """Run Crossbook: collect from the configured sources, detect, keep, and show, here and on the page.

    Every frame is recorded before it is read. Nothing is placed anywhere. Ctrl-C ends it.

    Example: crossbook up --config crossbook.toml
    """
    from crossbook.cli.serving import run_up

    run_up(config, seconds, as_json, None)


@ending_plainly()
def record(
    folder: Annotated[Path, typer.Argument(help="The recording's folder; goes on where it ended.")],
    config: Config = None,
    seconds: Seconds = None,
    as_json: AsJson = False,
) -> None:
    """Record the configured sources and the site workers that connect; no database is used.

    `crossbook replay FOLDER` tells later, byte for byte, what was found.

    Example: crossbook record saturday --seconds 3600
    """
    from crossbook.cli.serving import run_up

    run_up(config, seconds, as_json, folder)
