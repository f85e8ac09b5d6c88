"""How opportunities are shown: JSON lines, CSV rows, or a table for people."""

from __future__ import annotations

import csv
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final, Protocol

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from crossbook.base.exact import decimal_text, plain_text
from crossbook.cli.plain import COLOURS, leg_cells, print_json, signed, visible
from crossbook.model.opportunity import ARBITRAGE, Opportunity, Stake
from crossbook.model.report import opportunity_object
from crossbook.pipeline.scan import Summary

_SKIPPED_SHOWN = 20
_NUMBER = re.compile(r"-?\d+(\.\d+)?")
_FORMULA: Final = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What a formula begins with; a spreadsheet may read the wide forms alike."""


_LEG: Final = ("venue", "market", "selection", "line", "side", "price", "share", "stake", "risk")
_ESTIMATE: Final = ("expected_return", "chance", "break_even", "kelly", "fair_odds")


class Output(Protocol):
    """Somewhere to show what a scan finds."""

    def show(self, opportunity: Opportunity) -> None:
        """Show one opportunity."""

    def finish(self, summary: Summary) -> None:
        """Show the summary, after the last opportunity."""


@contextmanager
def progress() -> Iterator[Callable[[int, int], None]]:
    """A progress bar of files on standard error; none where that is no terminal, or where the output is on one too."""
    console = Console(stderr=True)
    if sys.stdout.isatty() or not console.is_terminal:
        yield lambda done, of: None
        return
    columns = TextColumn("reading"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    # What is printed meanwhile stays where it was sent: Rich would draw it above the bar, on standard error.
    bar = Progress(
        *columns,
        console=console,
        transient=True,
        auto_refresh=False,
        redirect_stdout=False,
        redirect_stderr=False,
    )
    with bar:
        task = bar.add_task("reading", total=None)
        yield lambda done, of: bar.update(task, completed=done, total=of, refresh=True)


class JsonOutput:
    """One JSON object a line."""

    def show(self, opportunity: Opportunity) -> None:
        """Print the opportunity's object."""
        print_json(opportunity_object(opportunity))

    def finish(self, summary: Summary) -> None:
        """Print the summary's object."""
        print_json({"summary": summary})


class CsvOutput:
    """One row for each leg; rows of one opportunity share its number."""

    _HEADER = (
        *("opportunity", "sport", "competition", "season", "date", "home", "away", "start", "basis", "kind"),
        *("verdict", "reasons", "guaranteed_return", *_LEG),
        *("staked", "worst", "best", "currency", *_ESTIMATE),
    )

    def __init__(self) -> None:
        self._rows = csv.writer(sys.stdout)
        self._rows.writerow(self._HEADER)
        self._count = 0

    def show(self, opportunity: Opportunity) -> None:
        """Print the opportunity's rows."""
        self._count += 1
        found = opportunity_object(opportunity)
        event, legs, plan = found["event"], found["legs"], found["rounded"]
        assert isinstance(event, dict)  # noqa: S101 - made just above
        assert isinstance(legs, list)  # noqa: S101
        head = [self._count, *event.values(), found["basis"], found["kind"], found["verdict"]]
        head += ["; ".join(str(reason) for reason in opportunity.reasons), found["guaranteed_return"]]
        tail = [plan["staked"], plan["worst"], plan["best"]] if isinstance(plan, dict) else ["", "", ""]
        told = found.get("estimate")
        estimate = [told[name] for name in _ESTIMATE] if isinstance(told, dict) else [""] * len(_ESTIMATE)
        for leg in legs:
            bet, currency = [leg[name] for name in _LEG], leg.get("currency", "")
            self._rows.writerow([_harmless(cell) for cell in [*head, *bet, *tail, currency, *estimate]])

    def finish(self, summary: Summary) -> None:
        """Say on standard error what was skipped."""
        _say_skipped(summary, Console(stderr=True, emoji=False))


def _harmless(cell: object) -> object:
    """Text that a spreadsheet would run as a formula is quoted; numbers stay as they are."""
    if not isinstance(cell, str):
        return cell
    text = visible(cell)
    return f"'{text}" if text.startswith(_FORMULA) and not _NUMBER.fullmatch(text) else text


class TableOutput:
    """A block for each opportunity, and a summary that says where to go on."""

    def __init__(self) -> None:
        self._console = Console(emoji=False)

    def show(self, opportunity: Opportunity) -> None:
        """Print one opportunity."""
        listing, plan = opportunity.listing, opportunity.plan
        colour = COLOURS[opportunity.verdict]
        title = Text.assemble(
            (f"{_headline(opportunity)} ", "bold"),
            (opportunity.verdict.value.replace("_", "-"), f"bold {colour}"),
            visible(f"  {listing.home}" + (f" v {listing.away}" if listing.away else "")),
            (visible(f"  {listing.competition} {listing.date or ''} {opportunity.basis.value}"), "dim"),
        )
        self._console.print(title)
        table = Table(box=None, padding=(0, 2), show_header=True, header_style="dim")
        for name in ("venue", "bet"):
            table.add_column(name)
        for name in ("price", "share", "stake"):
            table.add_column(name, justify="right", no_wrap=True)
        stakes: list[Stake | None] = list(plan.stakes) if plan else [None] * len(opportunity.legs)
        for leg, stake in zip(opportunity.legs, stakes, strict=True):
            table.add_row(*(escape(visible(cell)) for cell in leg_cells(leg, stake)))
        self._console.print(table)
        if plan is None:
            self._console.print(visible(f"  no stakes: {opportunity.unplanned}"), style="dim", markup=False)
        else:
            self._console.print(
                f"  staked {plain_text(plan.staked)} of {plain_text(plan.bank)}: worst "
                f"{signed(plan.worst)}, best {signed(plan.best)}",
                style="dim",
            )
        for reason in opportunity.reasons:
            self._console.print(visible(f"  {reason}"), style=colour, markup=False, highlight=False)
        self._console.print()

    def finish(self, summary: Summary) -> None:
        """Print the summary."""
        verdicts = (
            ", ".join(f"{count} {name}" for name, count in sorted(summary.by_verdict.items())) or "none"
        )
        self._console.print(
            f"{summary.opportunities} opportunities ({verdicts}) in {summary.events} events and {summary.quotes} "
            f"quotes of {summary.files} files, {summary.seconds:.1f} s. Nothing was placed.",
            style="bold",
        )
        if summary.matched or summary.review:
            self._console.print(
                f"{summary.matched} listings of different sources were matched, {summary.review} are for review."
            )
        for reason, count in summary.left_out.items():
            self._console.print(f"{count} events left out: {reason}.")
        _say_skipped(summary, self._console)


def _headline(opportunity: Opportunity) -> str:
    """What one unit is worth, in the words of its kind."""
    if opportunity.estimate is not None:
        expected = decimal_text((opportunity.estimate.expected_return - 1) * 100, 2)
        return f"{opportunity.kind.replace('_', ' ')}, {expected} % expected"
    percent = decimal_text((opportunity.guaranteed_return - 1) * 100, 2)
    return (
        f"{percent} %"
        if opportunity.kind == ARBITRAGE
        else f"{opportunity.kind.replace('_', ' ')}, {percent} %"
    )


def _say_skipped(summary: Summary, console: Console) -> None:
    for skipped in summary.skipped[:_SKIPPED_SHOWN]:
        place = skipped.file if skipped.line is None else f"{skipped.file}:{skipped.line}"
        words = visible(f"skipped {place}: {skipped.reason}")
        console.print(words, style="dim", markup=False, highlight=False)
    if len(summary.skipped) > _SKIPPED_SHOWN:
        console.print(f"… and {len(summary.skipped) - _SKIPPED_SHOWN} more (--json lists all)", style="dim")
