"""The show: the simulated world, the engine, the doors and the terminal, run together and summed up at the end."""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, Final

import msgspec
import psutil
import typer

from crossbook.api.server import serve
from crossbook.api.settings import DoorSettings
from crossbook.app.demo import GRACE, MODE, sources_of, worker_life_s
from crossbook.app.engine import TICK
from crossbook.app.live import Live, LivePlan, running
from crossbook.base.clock import SECOND, SystemClock
from crossbook.base.errors import Misconfigured
from crossbook.cli.plain import print_json
from crossbook.cli.summary import Summary, Tally, print_summary
from crossbook.cli.watch import Look, run_in_loop, watch
from crossbook.sim.live.judge import judge
from crossbook.sim.live.judge_lives import read_changes
from crossbook.sim.live.process import TRUTH_FILE, live_process
from crossbook.sim.live.truth import read_truth_log

_ONCE_S: Final = 45.0
USUAL_PORT: Final = 8000
CHANGES_FILE: Final = "changes.jsonl"
RECORDING_FOLDER: Final = "recording"


class Show(msgspec.Struct, frozen=True, kw_only=True):
    """What was asked for on the command line."""

    seed: int
    once: bool
    speed: float
    as_json: bool
    port: int
    browser: bool
    keep: Path | None
    script: str
    seconds: float | None

    @property
    def lasts(self) -> float | None:
        """Seconds after which it ends by itself."""
        if self.seconds is not None:
            return self.seconds
        return _ONCE_S / self.speed if self.once else None


def run_show(show: Show) -> None:
    """Run it to its end. Exits with 1 when the judge finds fault with what was shown."""
    summary = run_in_loop(_show(show))
    if show.as_json:
        print_json(summary if show.once else {"summary": summary})
    else:
        print_summary(summary)
    if summary.judgement is not None and not summary.judgement.passed:
        raise typer.Exit(1)


async def _show(show: Show) -> Summary:
    clock = SystemClock()
    began = round(psutil.Process().create_time() * SECOND)
    with _temporary_folder() as passing, _folder(show, passing) as folder:
        async with live_process(
            folder, seed=show.seed, speed=show.speed, script=show.script, seconds=None
        ) as world:
            plan = LivePlan(
                mode=MODE,
                sources=sources_of(world.sources),
                recording=folder / RECORDING_FOLDER,
                data=passing / "data",
                seed=show.seed,
            )
            async with running(plan, clock) as live, _doors(show, live, world.sources) as port:
                tally = Tally(began, folder / CHANGES_FILE, show.as_json and not show.once)
                live.engine.listeners.append(tally.take)
                await world.go(f"ws://127.0.0.1:{port}/ws")
                url = f"http://127.0.0.1:{port}/"
                look = Look(url, MODE, show.lasts, show.as_json, show.browser)
                await watch(live, tally, look)
                await world.stop()
                live.engine.stop()
                summary = await _summed_up(live, tally, folder)
    return summary


@contextlib.contextmanager
def _temporary_folder() -> Iterator[Path]:
    """A folder for what nobody keeps. The database's own user may pass through it, nobody may look into it."""
    with tempfile.TemporaryDirectory(prefix="crossbook-demo-") as name:
        Path(name).chmod(0o711)
        yield Path(name)


@contextlib.contextmanager
def _folder(show: Show, passing: Path) -> Iterator[Path]:
    """Where the recording, the changes and the truth are written."""
    if show.keep is None:
        yield passing
        return
    if (show.keep / TRUTH_FILE).exists():
        raise Misconfigured(f"--keep: {show.keep} holds a demo already; name a new folder")
    show.keep.mkdir(parents=True, exist_ok=True)
    yield show.keep


@asynccontextmanager
async def _doors(show: Show, live: Live, addresses: Mapping[str, Mapping[str, Any]]) -> AsyncIterator[int]:
    """The page and the workers' WebSocket; on a free port where the usual one is taken and none was asked for."""
    life = worker_life_s(addresses)
    async with AsyncExitStack() as stack:
        port = show.port or 0
        try:
            ports = await stack.enter_async_context(
                serve(live.picture, live.engine.clock, DoorSettings(ports=(port,), worker_life_s=life))
            )
        except Misconfigured:
            if show.port != USUAL_PORT:
                raise
            ports = await stack.enter_async_context(
                serve(live.picture, live.engine.clock, DoorSettings(ports=(0,), worker_life_s=life))
            )
        yield ports[0]


async def _summed_up(live: Live, tally: Tally, folder: Path) -> Summary:
    """What was seen, and what the judge says of it by the world's own log."""
    tally.close()
    log = read_truth_log(folder / TRUTH_FILE)
    changes = read_changes(folder / CHANGES_FILE)
    judgement = await asyncio.to_thread(judge, log, changes, tick_ns=TICK, grace_ns=GRACE)
    return tally.summary(live.picture.view(), judgement)
