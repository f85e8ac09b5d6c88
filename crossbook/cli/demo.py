"""``crossbook demo``: the main job on a recording that Crossbook makes itself."""

from __future__ import annotations

from typing import Annotated

import typer

from crossbook.cli.scan import ending_plainly


@ending_plainly()
def demo(
    seed: Annotated[int, typer.Option(help="The same seed makes the same recording.")] = 1,
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON object a line, the summary last.")
    ] = False,
) -> None:
    """Scan a simulated recording: no real venue is contacted and no money is moved.

    The recording hides true opportunities and faults that look like them; the last lines say what was found.

    Example: crossbook demo --seed 7
    """
    import tempfile
    from pathlib import Path

    import msgspec

    from crossbook.app.build import build_scan
    from crossbook.cli.output import JsonOutput, Output, TableOutput
    from crossbook.model.opportunity import Verdict
    from crossbook.pipeline.options import Options
    from crossbook.sim.judge import judge
    from crossbook.sim.recording import write_recording

    output: Output = JsonOutput() if as_json else TableOutput()
    if not as_json:
        typer.secho("REPLAY · PAPER  simulated venues, no real prices, no money\n", bold=True)
    with tempfile.TemporaryDirectory(prefix="crossbook-demo-") as folder:
        truth = write_recording(Path(folder), seed)
        work = build_scan(Options())
        found = sorted(work.run([Path(folder)]), key=lambda each: each.guaranteed_return, reverse=True)
    order = {verdict: place for place, verdict in enumerate(Verdict)}
    for opportunity in sorted(found, key=lambda each: order[each.verdict]):
        output.show(opportunity)
    judgement = judge(truth, found)
    if as_json:
        typer.echo(msgspec.json.encode({"judgement": judgement}))
    else:
        typer.echo(
            f"The recording hides {len(truth.opportunities)} true opportunities: {len(judgement.found)} found, "
            f"{len(judgement.missed)} missed.\nIt hides {len(truth.faults)} faults: {len(judgement.refused)} refused, "
            f"{len(judgement.false)} taken for true.\n"
        )
    output.finish(work.summary)
    if judgement.missed or judgement.false:
        raise typer.Exit(1)
