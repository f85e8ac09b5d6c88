"""``crossbook explain``: why an opportunity is one, and what would break it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from crossbook.cli.ending import ending_plainly


@ending_plainly()
def explain(
    file: Annotated[
        Path,
        typer.Argument(
            help="Lines of JSON as scan --json (or demo, replay) prints them; - is standard input.",
            metavar="FILE|-",
            allow_dash=True,
        ),
    ] = Path("-"),
    line: Annotated[
        int | None, typer.Option("--line", min=1, help="Only the opportunity in this line.", metavar="N")
    ] = None,
    commission: Annotated[
        list[str] | None,
        typer.Option(
            help="The share of net winnings a venue keeps, for the lines do not say; may be given again.",
            metavar="VENUE=RATE",
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object for each opportunity.")] = False,
) -> None:
    """Explain opportunities: every state, what every leg pays in it, the worst case, and what would break it.

    All is summed anew from the legs' prices and stakes. Example: crossbook scan odds.json --json | crossbook explain
    """
    from crossbook.cli.explaining import run_explain

    run_explain(file, line, commission or [], as_json)
