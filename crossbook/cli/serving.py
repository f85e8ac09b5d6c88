"""Running against real sources, until a person ends it."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import Final

import psutil
import typer

from crossbook.api.server import serve
from crossbook.app.live import LivePlan, running
from crossbook.base.clock import SECOND, SystemClock
from crossbook.cli.plain import print_json
from crossbook.cli.settings import Settings, read_settings
from crossbook.cli.summary import Summary, Tally, print_summary
from crossbook.cli.watch import Look, run_in_loop, watch

MODE: Final = "PAPER"
_RECORDING: Final = "recording"


def run_up(config: Path | None, seconds: float | None, as_json: bool, folder: Path | None) -> None:
    """Run until it is over; with a folder, record into it and use no database."""
    settings = read_settings(config, os.environ)
    if not settings.sources and not as_json:
        typer.secho("No source is configured: only site workers that connect are heard.", err=True)
    summary = run_in_loop(_up(settings, seconds, as_json, folder))
    if as_json:
        print_json({"summary": summary})
    else:
        print_summary(summary)


async def _up(settings: Settings, seconds: float | None, as_json: bool, folder: Path | None) -> Summary:
    clock = SystemClock()
    began = round(psutil.Process().create_time() * SECOND)
    recording = folder or (settings.data / _RECORDING if settings.recording.keep else None)
    plan = LivePlan(
        mode=MODE,
        sources=settings.sources,
        recording=recording,
        store=folder is None,
        database=settings.store.url or None,
        data=settings.data,
        options=settings.options,
        quote_hours=settings.store.quote_hours,
        keep_days=None if folder else settings.recording.days,
        keep_bytes=None if folder else round(settings.recording.gigabytes * 1e9),
    )
    with contextlib.closing(Tally(began, None, as_json)) as tally:
        async with running(plan, clock) as live, serve(live.picture, clock, settings.doors) as ports:
            live.engine.listeners.append(tally.take)
            look = Look(
                f"http://{settings.doors.host}:{ports[0]}/", MODE, seconds, as_json, note="no money is moved"
            )
            await watch(live, tally, look)
        # Only now has everything been told: what was open closes with the doors and the sources.
        return tally.summary(live.picture.view())
