"""``crossbook demo``: the main job, live, on venues that Crossbook simulates."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from crossbook.cli.ending import ending_plainly


@ending_plainly()
def demo(
    seed: Annotated[int, typer.Option(help="The same seed makes the same world.")] = 1,
    once: Annotated[bool, typer.Option("--once", help="Stop by itself after 45 s (at speed 1).")] = False,
    speed: Annotated[float, typer.Option(min=0.1, max=20, help="How fast the world goes.")] = 1.0,
    as_json: Annotated[
        bool,
        typer.Option(
            "--json", help="Changes as JSON lines, the summary last; with --once the summary alone."
        ),
    ] = False,
    port: Annotated[
        int, typer.Option(min=0, max=65_535, help="Where the page is; 0 takes a free port.")
    ] = 8000,
    browser: Annotated[
        bool, typer.Option("--browser/--no-browser", help="Open the page where there is a display.")
    ] = True,
    keep: Annotated[
        Path | None,
        typer.Option(help="Keep the recording, the changes and the world's truth in this new folder."),
    ] = None,
    script: Annotated[str, typer.Option(hidden=True)] = "demo",
    seconds: Annotated[float | None, typer.Option(hidden=True)] = None,
) -> None:
    """Watch the whole way on simulated venues: real protocols, no real venue, no money.

    Books of different temper, an exchange and a prediction market quote a small world of fixtures; some of their
    prices disagree for a while, some are wrong. What is open, what is refused and what closed is shown live, here
    and on the page. Ctrl-C ends it with a summary.

    Example: crossbook demo --seed 7 --once --json
    """
    from crossbook.cli.show import Show, run_show

    run_show(
        Show(
            seed=seed,
            once=once,
            speed=speed,
            as_json=as_json,
            port=port,
            browser=browser,
            keep=keep,
            script=script,
            seconds=seconds,
        )
    )
