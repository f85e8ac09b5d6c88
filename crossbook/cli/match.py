"""``crossbook match``: which listings of different sources are one event, measured and looked after."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from crossbook.cli.config import AsJson
from crossbook.cli.ending import ending_plainly
from crossbook.matching.labelled import Mode

match = typer.Typer(
    no_args_is_help=True, help="Which listings of different sources are one event: how well that is known."
)


@match.callback()
def _group() -> None:
    """Keep `eval` a word of its own while it is the only one."""


@match.command("eval")
@ending_plainly()
def evaluate(
    pairs: Annotated[
        Path,
        typer.Argument(help="CSV of labelled pairs, each one event in two sources.", metavar="PAIRS.csv"),
    ],
    negatives: Annotated[
        Path | None,
        typer.Option(
            help="CSV of pairs that look alike and are two events; each is offered alone.", metavar="FILE"
        ),
    ] = None,
    mode: Annotated[
        Mode,
        typer.Option(
            help="What aliases are learned from: all other leagues, all earlier seasons, or nothing."
        ),
    ] = Mode.LEAVE_ONE_LEAGUE_OUT,
    as_json: AsJson = False,
) -> None:
    """Measure matching on labelled pairs: what is joined, joined wrongly, and left to a person.

    Columns: league (or league_a and league_b), season, and src, home and date of both sides, as in src_a, a_home,
    a_away, a_date, src_b, b_home, b_away, b_date. Nothing but sources, names and dates reaches the matching.

    Example: crossbook match eval pairs.csv --negatives others.csv --mode none --json
    """
    from crossbook.cli.matching_eval import run_eval

    run_eval(pairs, negatives, mode, as_json)
