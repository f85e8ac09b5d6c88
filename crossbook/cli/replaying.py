"""Replaying from the command line: told line by line, and kept in a database where that is asked for."""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import msgspec
from rich.console import Console

from crossbook.app.keeper import Keeper
from crossbook.app.recorder import Recorder
from crossbook.base.clock import ManualClock, SystemClock
from crossbook.cli.plain import print_json, visible
from crossbook.cli.settings import Settings, read_settings
from crossbook.cli.summary import change_line
from crossbook.cli.watch import PlainConsole, run_in_loop
from crossbook.model.life import Moment
from crossbook.model.report import change_object
from crossbook.pipeline.live import Pipeline, Tick
from crossbook.rawlog.reader import Reading, info
from crossbook.replay.replay import replay
from crossbook.venues import readers


class ReplaySummary(msgspec.Struct, kw_only=True):
    """What a replay came to; the same for the same recording, whenever and wherever it is replayed."""

    frames: int
    ticks: int = 0
    changes: int = 0
    opened: Counter[str] = msgspec.field(default_factory=Counter)
    closed_because: Counter[str] = msgspec.field(default_factory=Counter)
    changes_of_prices: int = 0
    faults: int = 0
    dropped: int = 0
    damage: list[str] = []

    def take(self, tick: Tick) -> None:
        """Count a tick."""
        self.ticks += 1
        self.changes += len(tick.changes)
        self.changes_of_prices += len(tick.moved)
        self.faults += len(tick.faults)
        for change in tick.changes:
            if change.moment is Moment.OPENED:
                self.opened[change.opportunity.verdict.value] += 1
            elif change.moment is Moment.CLOSED:
                self.closed_because.update(dict.fromkeys((reason.name for reason in change.why), 1))


def run_replay(
    recording: Path, speed: float | None, as_json: bool, store: bool, own_terms: bool, config: Path | None
) -> None:
    """Replay, tell, and keep; with `own_terms` on the terms of today's settings, else on the recorded ones."""
    settings = read_settings(config, os.environ)
    known = info(recording)
    summary = ReplaySummary(frames=known.frames, dropped=known.dropped)
    reading = Reading(recording)
    pipeline = Pipeline(readers(), settings.options if own_terms else None, keep_moved=True)
    console = PlainConsole(emoji=False)
    tell = _tell_json if as_json else _tell_people(console)
    if store:
        run_in_loop(_kept(settings, pipeline, reading, speed, summary, tell))
    else:
        for tick in replay(reading, pipeline, ManualClock(), speed):
            summary.take(tick)
            tell(tick)
    summary.damage = [f"{damage.place}: {damage.reason}" for damage in reading.damage]
    if as_json:
        print_json({"summary": summary})
    else:
        _print(console, summary)


async def _kept(
    settings: Settings,
    pipeline: Pipeline,
    reading: Reading,
    speed: float | None,
    summary: ReplaySummary,
    tell: Callable[[Tick], None],
) -> None:
    """Replay into the database; the work waits for it now and then, so that nothing has to be dropped."""
    recorder = Recorder(pipeline, reading.log_id().hex())
    keeper = Keeper(recorder, settings.store.url or None, settings.data, SystemClock(), None, live=False)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(keeper.run())
        await keeper.ready.wait()
        for tick in replay(reading, pipeline, ManualClock(), speed):
            summary.take(tick)
            tell(tick)
            keeper.take(tick)
            await keeper.catch_up()
        keeper.stop()


def _tell_json(tick: Tick) -> None:
    for change in tick.changes:
        print_json(change_object(change))


def _tell_people(console: Console) -> Callable[[Tick], None]:
    def tell(tick: Tick) -> None:
        for change in tick.changes:
            console.print(change_line(change), highlight=False, soft_wrap=True)

    return tell


def _print(console: Console, summary: ReplaySummary) -> None:
    opened = ", ".join(f"{count} {name}" for name, count in sorted(summary.opened.items())) or "none"
    console.print(
        f"\n{summary.frames:,} frames, {summary.ticks:,} ticks, {summary.changes_of_prices:,} changes of prices, "
        f"{summary.faults:,} faults. Opportunities opened: {opened}. Nothing was placed.",
        style="bold",
        highlight=False,
    )
    for place in summary.damage:
        console.print(visible(f"damaged {place}"), style="red", markup=False, highlight=False)
