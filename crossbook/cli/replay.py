"""``crossbook replay``: a recording through the very same pipeline."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from crossbook.cli.ending import ending_plainly


@ending_plainly()
def replay(
    recording: Annotated[Path, typer.Argument(help="A recording's folder, or one segment of it.")],
    speed: Annotated[
        float | None,
        typer.Option(min=0.001, help="1 takes as long as it took; by default as fast as it goes."),
    ] = None,
    as_json: Annotated[
        bool,
        typer.Option("--json", help="Changes as JSON lines, the summary last; the same bytes each time."),
    ] = False,
    store: Annotated[
        bool, typer.Option("--store", help="Keep everything in the database, as a live run does.")
    ] = False,
    own_terms: Annotated[
        bool,
        typer.Option(
            "--own-terms", help="Bank, unit, margin and commissions of the settings, not the recorded ones."
        ),
    ] = False,
    config: Annotated[
        Path | None, typer.Option(help="Settings; crossbook.toml here by default.", metavar="FILE")
    ] = None,
) -> None:
    """Replay a recording: the same frames, the same ticks, the same opportunities, byte for byte.

    Example: crossbook replay saturday --json > again.jsonl
    """
    from crossbook.cli.replaying import run_replay

    run_replay(recording, speed, as_json, store, own_terms, config)
