"""What a live run came to: counted while it runs, judged and told at its end."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Final

import msgspec
from rich.console import Console
from rich.text import Text

from crossbook.base.clock import SECOND
from crossbook.base.exact import decimal_text
from crossbook.cli.plain import COLOURS, print_json, visible
from crossbook.model.life import Change, Moment
from crossbook.model.opportunity import Verdict
from crossbook.model.report import change_object
from crossbook.pipeline.live import Tick
from crossbook.pipeline.view import Latency, View
from crossbook.sim.live.judge_report import Judgement

_FINDINGS_SHOWN: Final = 5


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """The figures of a run. `first_opportunity_s` counts from the start of the process."""

    mode: str
    seed: int | None
    seconds: float
    first_opportunity_s: float | None
    changes_of_prices: int
    venues: int
    listings: int
    events: int
    pairs_for_review: int
    opened: dict[str, int]
    closed_because: dict[str, int]
    refused_because: dict[str, int]
    faults: int
    dropped: int
    latency: Latency | None
    store: dict[str, int] | None
    rawlog: dict[str, int] | None
    judgement: Judgement | None


class Tally:
    """Counts what happens, and writes every change to a file, if there is one, as one JSON object a line."""

    def __init__(self, began: int, changes: Path | None, echo: bool) -> None:
        self.tell: Console | None = None
        """Somewhere to tell each change in a line."""
        self._began = began
        self._file = None if changes is None else changes.open("wb")
        self._over = False
        self._echo = echo
        self._first: int | None = None
        self._moves = 0
        self._opened: Counter[str] = Counter()
        self._closed: Counter[str] = Counter()
        self._refused: Counter[str] = Counter()

    def take(self, tick: Tick) -> None:
        """Count a tick; nothing of it after `close`."""
        if self._over:
            return
        self._moves += len(tick.moved)
        for change in tick.changes:
            told = change_object(change)
            if self._file is not None:
                self._file.write(msgspec.json.encode(told) + b"\n")
            if self._echo:
                print_json(told)
            self._count(change)
            if self.tell is not None:
                self.tell.print(change_line(change), highlight=False, soft_wrap=True)

    def close(self) -> None:
        """Have every change in the file, and count no more."""
        self._over = True
        if self._file is not None:
            self._file.close()

    def summary(self, view: View, judgement: Judgement | None = None) -> Summary:
        """All of it, with the last view, and what a judge says where there is one."""
        first = None if self._first is None else round((self._first - self._began) / SECOND, 2)
        return Summary(
            mode=view.mode,
            seed=view.seed,
            seconds=round((view.at - self._began) / SECOND, 1),
            first_opportunity_s=first,
            changes_of_prices=self._moves,
            venues=len(view.venues),
            listings=view.listings,
            events=view.events,
            pairs_for_review=view.review,
            opened=dict(self._opened),
            closed_because=dict(self._closed.most_common()),
            refused_because=dict(self._refused.most_common()),
            faults=view.faults,
            dropped=view.dropped,
            latency=view.latency,
            store=view.store,
            rawlog=view.rawlog,
            judgement=judgement,
        )

    def _count(self, change: Change) -> None:
        verdict = change.opportunity.verdict
        believed = verdict is not Verdict.REJECTED
        if change.moment is Moment.OPENED:
            self._opened[verdict.value] += 1
            if believed and self._first is None:
                self._first = change.at
            elif not believed:
                self._refused.update(dict.fromkeys((reason.name for reason in change.opportunity.reasons), 1))
        elif change.moment is Moment.CLOSED and believed:
            self._closed.update(dict.fromkeys((reason.name for reason in change.why), 1))


def change_line(change: Change) -> Text:
    """A change in a line, for a terminal that cannot be drawn on."""
    opportunity = change.opportunity
    listing = opportunity.listing
    percent = decimal_text((opportunity.guaranteed_return - 1) * 100, 2)
    title = f"{listing.home} v {listing.away}" if listing.away else listing.home
    why = change.why or opportunity.reasons
    return Text.assemble(
        f"{change.moment.value:<8} {percent:>7} % ",
        (f"{opportunity.verdict.value.replace('_', '-'):<13}", COLOURS[opportunity.verdict]),
        visible(f" {title}"),
        (visible(f"  {'; '.join(str(reason) for reason in why[:2])}"), "dim"),
    )


def print_summary(summary: Summary) -> None:
    """The summary for people."""
    console = Console(emoji=False, highlight=False)
    opened = sum(
        summary.opened.get(verdict.value, 0) for verdict in Verdict if verdict is not Verdict.REJECTED
    )
    console.print()
    console.print(f"{summary.mode}: {summary.seconds:.0f} s. Nothing was placed anywhere.", style="bold")
    if summary.first_opportunity_s is not None:
        console.print(f"The first opportunity came {summary.first_opportunity_s:.1f} s after the start.")
    console.print(
        f"{summary.changes_of_prices:,} changes of prices at {summary.venues} venues; {summary.listings} listings "
        f"are {summary.events} events."
    )
    console.print(f"{opened} opportunities opened; they closed because: {_counts(summary.closed_because)}.")
    refused = summary.opened.get(Verdict.REJECTED.value, 0)
    console.print(f"{refused} more were refused: {_counts(summary.refused_because)}.")
    if summary.latency is not None:
        console.print(
            f"From a price to its opportunity: {summary.latency.p50_ms:.1f} ms at the median, "
            f"{summary.latency.p99_ms:.1f} ms at the 99th percentile."
        )
    if summary.store is not None:
        console.print(f"Kept in the database: {_counts(summary.store)}.", style="dim")
    if summary.judgement is not None:
        console.print()
        _print_judgement(console, summary.judgement)


def _print_judgement(console: Console, judgement: Judgement) -> None:
    """What a judge who knows the truth says, in a few lines."""
    console.print("Judged by the world's own log of what was true:", style="bold")
    console.print(
        f"  {judgement.found} of {judgement.stood} true opportunities were found while they stood; "
        f"{judgement.planted - judgement.stood} more were gone at once."
    )
    acted = sum(count.acted_on for count in judgement.faults.values())
    kinds = ", ".join(f"{name.replace('_', ' ')} {count.planted}" for name, count in judgement.faults.items())
    console.print(f"  Faults planted: {kinds}. Taken for true: {acted}.")
    for finding in judgement.findings[:_FINDINGS_SHOWN]:
        words = f"  {finding.name}: {finding.title}: {finding.sentence}"
        console.print(visible(words), style="red", markup=False)
    if len(judgement.findings) > _FINDINGS_SHOWN:
        console.print(f"  … and {len(judgement.findings) - _FINDINGS_SHOWN} more", style="red")


def _counts(counts: dict[str, int]) -> str:
    return ", ".join(f"{name.replace('_', ' ')} {count:,}" for name, count in counts.items()) or "nothing"
