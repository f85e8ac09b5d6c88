"""``crossbook demo``: the main job on a recording that Crossbook makes itself."""

from __future__ import annotations

from typing import Annotated

import typer


def demo(
    seed: Annotated[int, typer.Option(help="The same seed makes the same recording.")] = 1,
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON object a line, the summary last.")
    ] = False,
) -> None:
    """Scan a simulated recording: no real venue is contacted and no money is moved.

    Example: crossbook demo --seed 7
    """
    import tempfile
    from pathlib import Path

    from crossbook.app.build import build_scan
    from crossbook.cli.output import JsonOutput, Output, TableOutput
    from crossbook.pipeline.options import Options
    from crossbook.sim.recording import write_recording

    if not as_json:
        typer.secho("REPLAY · PAPER: simulated venues, no real prices, no money.", bold=True)
    with tempfile.TemporaryDirectory(prefix="crossbook-demo-") as folder:
        write_recording(Path(folder), seed)
        work = build_scan(Options())
        output: Output = JsonOutput() if as_json else TableOutput()
        for opportunity in work.run([Path(folder)]):
            output.show(opportunity)
        output.finish(work.summary)
