"""``crossbook doctor``: what would keep Crossbook from running well here, and what to do about it."""

from __future__ import annotations

from typing import Annotated

import typer

from crossbook.cli.config import AsJson, ConfigFile
from crossbook.cli.ending import ending_plainly


@ending_plainly()
def doctor(
    config: ConfigFile = None,
    start: Annotated[
        bool, typer.Option("--start", help="Start our own database server for a look where it does not run.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Check this machine, the settings, the data, the database and the recording; ends with 1 where a check fails.

    Nothing is changed.

    Example: crossbook doctor
    """
    from crossbook.cli.checkup import run_doctor

    run_doctor(config, start, as_json)
