"""What `crossbook match eval` does: labelled pairs in, figures out."""

from __future__ import annotations

import csv
import time
from pathlib import Path
from typing import Final

import typer
from rich.console import Console
from rich.table import Table

from crossbook.base.errors import BadData
from crossbook.cli.plain import print_json, visible
from crossbook.matching.labelled import Lessons, Mode, Pair, pair_of
from crossbook.matching.measure import Figures, Measurement, Row

_LESSONS: Final = {
    Mode.LEAVE_ONE_LEAGUE_OUT: "Each league was linked with aliases from the pairs of all other leagues.",
    Mode.TIME_ORDERED: "Each season was linked with aliases from the pairs of all earlier seasons.",
    Mode.NONE: "Nothing was learned from any pair.",
}


def run_eval(pairs: Path, negatives: Path | None, mode: Mode, as_json: bool) -> None:
    """Measure and print; how far it is goes to standard error. Raises BadData for what cannot be read."""
    labelled = read_pairs(pairs)
    others = read_pairs(negatives) if negatives is not None else []
    if not labelled:
        raise BadData(f"{pairs.name}: no pairs; it needs a header and at least one row")
    figures = Measurement(labelled, Lessons(labelled, mode), time.perf_counter_ns).run(others, _tell)
    if as_json:
        for row in figures.rows:
            print_json(_object(row))
        print_json({"summary": figures.summary()})
    else:
        _show(figures, mode)


def read_pairs(path: Path) -> list[Pair]:
    """The pairs of a CSV file. Raises BadData with the line that cannot be read."""
    pairs = []
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            rows = csv.DictReader(lines)
            for row in rows:
                try:
                    pairs.append(pair_of(row))
                except BadData as error:
                    raise BadData(f"{path.name}:{rows.line_num}: {error}") from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise BadData(f"{path.name}: not a CSV file in UTF-8: {error}") from None
    return pairs


def _tell(done: int, of: int) -> None:
    if done == of or done * 10 // of > (done - 1) * 10 // of:
        typer.echo(f"measured {done} of {of} parts", err=True)


def _object(row: Row) -> dict[str, object]:
    return {"sources": [row.left, row.right], "league": row.league, "pairs": row.pairs, **_shares(row)}


def _shares(row: Row) -> dict[str, float]:
    return {
        "recall": row.accepted / row.pairs,
        "wrong_accepts_closed": row.wrong_closed / row.pairs,
        "wrong_accepts_open": row.wrong_open / row.pairs,
        "review_share": row.review / row.pairs,
    }


def _show(figures: Figures, mode: Mode) -> None:
    console = Console(emoji=False)
    table = Table(box=None, padding=(0, 2), header_style="dim")
    for name in ("sources", "league"):
        table.add_column(name)
    for name in ("pairs", "recall", "wrong closed", "wrong open", "review"):
        table.add_column(name, justify="right", no_wrap=True)
    for row in figures.rows:
        shares = [f"{share:.2%}" for share in _shares(row).values()]
        table.add_row(visible(f"{row.left} = {row.right}"), visible(row.league), str(row.pairs), *shares)
    console.print(table)
    summary = figures.summary()
    console.print(
        f"{summary['pairs']:.0f} pairs: {summary['recall']:.3%} joined, {summary['review_share']:.3%} for review. "
        f"Joined wrongly: {summary['wrong_accepts_closed']:.3%}, and {summary['wrong_accepts_open']:.3%} while the "
        "partner was absent.",
        style="bold",
        highlight=False,
    )
    if figures.negatives:
        console.print(
            f"Of {figures.negatives} pairs of different events {figures.negatives_accepted} were joined.",
            highlight=False,
        )
    console.print(
        f"{_LESSONS[mode]} {summary['events_per_second']:,.0f} listings/s.", style="dim", highlight=False
    )
