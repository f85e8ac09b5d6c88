"""The live view in a terminal: what is coming in, what is open, what was refused, what closed and why."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from rich.console import Console, ConsoleOptions, Group, RenderResult
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from crossbook.base.clock import SECOND
from crossbook.base.exact import decimal_text, plain_text
from crossbook.cli.plain import COLOURS, leg_cells, signed, visible
from crossbook.model.life import Change
from crossbook.model.opportunity import Opportunity, Stake, Verdict
from crossbook.pipeline.view import VenueView, View

_SIGNS: Final = {Verdict.PURE: "●", Verdict.RULE_EXPOSED: "◐", Verdict.REJECTED: "✕", Verdict.ESTIMATED: "≈"}
_STATES: Final = {"open": ("● open", "green"), "lost": ("○ lost", "red")}
_NARROW: Final = 100
_FIXED: Final = 11
"""Lines that are always there: two of the head, one of the venues, a space and a title for each part, one to spare."""
_LEAST: Final = 6
"""Lines that are kept for opportunities however many venues there are."""


class Screen:
    """One picture of a running engine, as large as the terminal allows."""

    def __init__(self, view: View, url: str, note: str, ends_in: float | None = None) -> None:
        self._view = view
        self._url = url
        self._note = note
        self._ends_in = ends_in

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Draw it: venues first, then as many opportunities as there is room for."""
        height = options.height or console.height
        view, wide = self._view, options.max_width >= _NARROW
        yield self._head(wide)
        yield Text()
        venues = _venues(view, max(1, height - _FIXED - _LEAST), two=wide)
        yield venues
        room = height - _FIXED - venues.row_count
        refused = [change for change in view.open if change.opportunity.verdict is Verdict.REJECTED]
        actionable = [change for change in view.open if change.opportunity.verdict is not Verdict.REJECTED]
        lately = max(1, min(6, room // 5))
        shown = _open(actionable, view.at, max(4, room - 2 * lately), wide)
        yield from _section(
            f"Open now: {len(actionable)}",
            shown,
            "nothing that holds in every state of the world; looking" if view.ticks else "waiting for prices",
        )
        yield from _section(
            f"Refused now: {len(refused)}", _refused(refused, lately), "no price that is not believed"
        )
        left = room - (shown.row_count if shown is not None else 1) - max(1, min(lately, len(refused)))
        yield from _section("Closed lately", _closed(view, max(1, left)), "nothing closed yet")

    def _head(self, wide: bool) -> Group:
        view = self._view
        seconds = (view.at - view.started) // SECOND
        ends = "" if self._ends_in is None else f"  ends in {max(0, round(self._ends_in))} s"
        seed = "" if view.seed is None else f"  seed {view.seed}"
        first = Text.assemble(
            (f" {view.mode} ", "bold reverse yellow"),
            f"  {self._note if wide else self._note.rpartition(', ')[2]}",
            (f"   {seconds // 60:02d}:{seconds % 60:02d}{seed}{ends}", "dim"),
        )
        numbers = Text.assemble(
            (f"{self._url}  ", "cyan"),
            (f"{view.quotes:,}", "bold"),
            " quotes, ",
            (f"{view.quotes_per_s:,.0f}", "bold"),
            " moves/s  ",
            (f"{view.events}", "bold"),
            f" events of {view.listings} listings" if wide else " events",
        )
        if view.review:
            numbers.append(f", {view.review} pairs unsure" if wide else "", "yellow")
        if view.latency is not None and wide:
            numbers.append(f"  {view.latency.p50_ms:.1f} ms", "dim")
        if view.trouble:
            return Group(
                first, Text(visible(f"nothing is read now: {view.trouble}"), style="bold red", no_wrap=True)
            )
        return Group(first, numbers)


def _section(title: str, table: Table | None, empty: str) -> RenderResult:
    yield Text()
    yield Text(title, style="bold")
    yield table if table is not None else Padding(Text(empty, style="dim"), (0, 2))


def _venues(view: View, most: int, two: bool) -> Table:
    """The venues, in two columns where there is room, in at most so many lines."""
    table = Table(box=None, padding=(0, 1), show_header=True, header_style="dim")
    columns = 2 if two else 1
    for _ in range(columns):
        table.add_column("venue", no_wrap=True, min_width=18)
        table.add_column("state", no_wrap=True)
        table.add_column("quotes", justify="right")
        table.add_column("/s", justify="right", min_width=5)
        table.add_column("last", justify="right", min_width=6)
    cells = [_venue_cells(venue, view.at) for venue in view.venues]
    if len(cells) > most * columns:
        left_out = len(cells) - most * columns + 1
        cells[-left_out:] = [[Text(f"… and {left_out} more", style="dim"), *[Text()] * 4]]
    lines = -(-len(cells) // columns)
    for place in range(lines):
        table.add_row(*(cell for row in cells[place::lines] for cell in row))
    return table


def _venue_cells(venue: VenueView, now: int) -> list[Text]:
    word, colour = _STATES[venue.state]
    last = "" if venue.last is None else _age(now - venue.last)
    return [
        Text(visible(venue.name)),
        Text(word, style=colour),
        Text(f"{venue.quotes:,}"),
        Text(f"{venue.quotes_per_s:,.0f}"),
        Text(last, style="dim"),
    ]


def _open(changes: Sequence[Change], now: int, room: int, wide: bool) -> Table | None:
    """The open opportunities, the best return first, in at most so many lines."""
    if not changes:
        return None
    table = Table(box=None, padding=(0, 1), show_header=False)
    table.add_column(justify="right", no_wrap=True, min_width=8)
    table.add_column(no_wrap=True, min_width=14)
    table.add_column(no_wrap=True, overflow="ellipsis", ratio=1)
    used = shown = 0
    for change in sorted(changes, key=lambda each: -each.opportunity.guaranteed_return):
        opportunity = change.opportunity
        lines = _leg_lines(opportunity, wide)
        left = room - used - 1 - (shown + 1 < len(changes))
        if used and len(lines) > left:
            break
        lines = lines[: max(1, left)]
        used, shown = used + 1 + len(lines), shown + 1
        colour = COLOURS[opportunity.verdict]
        table.add_row(
            Text(_percent(opportunity), style="bold"),
            Text(
                f"{_SIGNS[opportunity.verdict]} {opportunity.verdict.value.replace('_', '-')}", style=colour
            ),
            Text.assemble(
                visible(_title(opportunity)), (f"  {_age(now - change.opened)}  {_plan(opportunity)}", "dim")
            ),
        )
        for line in lines:
            table.add_row("", "", Text(line))
    if shown < len(changes):
        table.add_row("", "", Text(f"… and {len(changes) - shown} more", style="dim"))
    return table


def _leg_lines(opportunity: Opportunity, wide: bool) -> list[str]:
    plan = opportunity.plan
    stakes: Sequence[Stake | None] = plan.stakes if plan else [None] * len(opportunity.legs)
    lines = []
    for leg, stake in zip(opportunity.legs, stakes, strict=True):
        venue, bet, price, share, amount = leg_cells(leg, stake)
        portion = f" {share:>8}" if wide else ""
        lines.append(visible(f"{venue:<16} {bet:<26} {price:>7}{portion}  {amount}"))
    return lines


def _plan(opportunity: Opportunity) -> str:
    plan = opportunity.plan
    if plan is None:
        return "no whole stakes in the bank gain"
    return f"staked {plain_text(plan.staked)}: worst {signed(plan.worst)}, best {signed(plan.best)}"


def _refused(changes: Sequence[Change], most: int) -> Table | None:
    if not changes:
        return None
    table = _lines()
    for change in changes[-most:][::-1]:
        opportunity = change.opportunity
        reason = visible(str(opportunity.reasons[0])) if opportunity.reasons else ""
        title = Text(visible(_title(opportunity)))
        table.add_row(Text(f"✕ {_percent(opportunity)}", style="red"), title, Text(reason, style="red"))
    return table


def _closed(view: View, most: int) -> Table | None:
    believed = [each for each in view.recent if each.opportunity.verdict is not Verdict.REJECTED]
    if not believed:
        return None
    table = _lines()
    for change in believed[:most]:
        why = "; ".join(visible(str(reason)) for reason in change.why[:2])
        table.add_row(
            Text(_percent(change.opportunity), style="dim"),
            Text(visible(_title(change.opportunity)), style="dim"),
            Text(f"lived {_age(change.at - change.opened)}; {why}", style="dim"),
        )
    return table


def _lines() -> Table:
    table = Table(box=None, padding=(0, 1), show_header=False)
    table.add_column(justify="right", no_wrap=True, min_width=9)
    table.add_column(no_wrap=True, overflow="ellipsis", max_width=34)
    table.add_column(no_wrap=True, overflow="ellipsis", ratio=1)
    return table


def _title(opportunity: Opportunity) -> str:
    listing = opportunity.listing
    return f"{listing.home} v {listing.away}" if listing.away else listing.home


def _percent(opportunity: Opportunity) -> str:
    return f"{decimal_text((opportunity.guaranteed_return - 1) * 100, 2)} %"


def _age(nanoseconds: int) -> str:
    seconds = max(0, nanoseconds) / SECOND
    if seconds < 60:
        return f"{seconds:.1f} s"
    return f"{seconds / 60:.0f} min" if seconds < 3600 else f"{seconds / 3600:.0f} h"
