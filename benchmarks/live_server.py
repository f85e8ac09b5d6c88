"""One candidate of the benchmark of the live way, in a process of its own: ``python -m benchmarks.live_server NAME``.

It prints where it is as one line of JSON, serves until its input ends, and prints what it has to say of itself.
SIGUSR1 makes it ask itself where its time goes, SIGUSR2 ends that.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import msgspec

from benchmarks.peers import do_nothing_server, stream_dicts, websockets_dicts
from benchmarks.process_watch import Sampler, run_fast
from crossbook.api.server import serve
from crossbook.api.settings import DoorSettings
from crossbook.app.live import LivePlan, running
from crossbook.base.clock import SECOND, SystemClock
from crossbook.collect.sources import BETFAIR, Source
from crossbook.model.quote import Side
from crossbook.pipeline.live import Pipeline, Tick
from crossbook.pipeline.view import View

WITHOUT_LIMIT: dict[str, Any] = {
    "messages_per_s": 1e9,
    "messages_burst": 1_000_000_000,
    "bytes_per_s": 1e12,
    "bytes_burst": 1_000_000_000_000,
    "worker_life_s": 3_600.0,
    "ping_s": 600.0,
}
"""One worker of the benchmark stands for many; what a worker may send is not what is measured."""


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What a candidate shall be. `push_s`, `tick_ms` and `store` are Crossbook's; `exchange` is the port of a venue to
    listen to instead of serving site workers.
    """

    name: str
    folder: str
    push_s: float = 0.001
    tick_ms: int = 50
    store: bool = False
    exchange: int | None = None
    finish: str = ""
    """The market of the exchange whose first change is the last of all."""
    sampled: bool = False
    """Whether it watches itself while the exchange's changes come."""


def main() -> None:
    """Run the candidate that the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("asked", help="JSON")
    asked = msgspec.json.decode(parser.parse_args().asked, type=Asked)
    sampler = Sampler()
    signal.signal(signal.SIGUSR1, lambda *_: sampler.start())
    signal.signal(signal.SIGUSR2, lambda *_: sampler.stop())
    if asked.name == "peer":
        said = asyncio.run(_run(asked, sampler))
    else:
        said = run_fast(_run(asked, sampler))
    sampler.stop()
    if sampler.parts:
        said["parts"], said["places"] = sampler.shares(), sampler.places_shares()
        said["whole"] = sampler.whole_shares()
    _print(said)


async def _run(asked: Asked, sampler: Sampler) -> dict[str, Any]:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    threading.Thread(target=_wait_for_the_end, args=(loop, stopped), daemon=True).start()
    if asked.name == "crossbook":
        return await _crossbook(asked, sampler, stopped)
    if asked.exchange is not None:
        return await stream_dicts.listen(
            asked.exchange, asked.finish, reads=asked.name == "peer", ready=lambda: _print({"image": True})
        )
    candidate = websockets_dicts if asked.name == "peer" else do_nothing_server
    await candidate.serve(lambda port: _print({"port": port}), stopped)
    return {}


async def _crossbook(asked: Asked, sampler: Sampler, stopped: asyncio.Event) -> dict[str, Any]:
    clock = SystemClock()
    sources: tuple[Source, ...] = ()
    if asked.exchange is not None:
        sources = (
            Source(
                name="betfair-stream",
                format=BETFAIR,
                host="127.0.0.1",
                port=asked.exchange,
                tls=False,
                key="a",
                token="b",
                beat_s=5.0,
                life_s=600.0,
            ),
        )
    plan = LivePlan(
        mode="BENCHMARK",
        sources=sources,
        recording=Path(asked.folder) / "recording",
        store=asked.store,
        data=Path(asked.folder) / "data",
        tick=asked.tick_ms * SECOND // 1_000,
    )
    doors = DoorSettings(ports=(0,), push_s=asked.push_s, **WITHOUT_LIMIT)
    said: dict[str, Any] = {}
    async with running(plan, clock) as live, serve(live.picture, clock, doors) as ports:
        if asked.store:
            await _stored(live.picture.view)
        if asked.finish:
            last = _Last(asked, live.engine.pipeline, sampler, stopped)
            live.engine.listeners.append(last.listen)
            said = last.said
        _print({"port": ports[0]})
        await stopped.wait()
        view = live.picture.view()
        said |= {
            "dropped": view.dropped,
            "faults": view.faults,
            "quotes": view.quotes,
            "ticks": view.ticks,
            "store": view.store,
            "rawlog": view.rawlog,
            "unsolved": live.engine.pipeline.unsolved.total(),
        }
    return said


async def _stored(view: Callable[[], View]) -> None:
    """Wait until the database takes what comes."""
    while view().store is None:
        await asyncio.sleep(0.05)


class _Last:
    """Notes when the last change of the exchange was looked at, and what was best then."""

    def __init__(self, asked: Asked, pipeline: Pipeline, sampler: Sampler, stopped: asyncio.Event) -> None:
        self.said: dict[str, Any] = {}
        self._asked, self._pipeline, self._sampler, self._stopped = asked, pipeline, sampler, stopped
        self._used: float | None = None

    def listen(self, tick: Tick) -> None:
        """Hear of a tick."""
        if self.said or not any(moved.quote.market_id == self._asked.finish for moved in tick.moved):
            return
        if self._used is None:  # the image, which comes first
            _print({"image": True})
            if self._asked.sampled:
                self._sampler.start()
            self._used = time.process_time()
            return
        self.said["finished"] = time.monotonic_ns()
        self.said["cpu_s"] = time.process_time() - self._used
        self._sampler.stop()
        self.said["best"] = self._best()
        self._stopped.set()

    def _best(self) -> dict[str, dict[str, list[float]]]:
        """The best price of each claim, by market and side, in order."""
        best: dict[str, dict[str, dict[str, Fraction]]] = {}
        for _, quote in self._pipeline.board.standing():
            side = best.setdefault(quote.market_id, {"back": {}, "lay": {}})[quote.side.value]
            known = side.get(str(quote.claim), quote.odds)
            choose = max if quote.side is Side.BACK else min
            side[str(quote.claim)] = choose(known, quote.odds)
        return {
            market: {side: sorted(float(odds) for odds in prices.values()) for side, prices in sides.items()}
            for market, sides in best.items()
        }


def _wait_for_the_end(loop: asyncio.AbstractEventLoop, stopped: asyncio.Event) -> None:
    while os.read(0, 4096):  # takes no lock that could be held when the process ends
        pass
    if not loop.is_closed():
        loop.call_soon_threadsafe(stopped.set)


def _print(content: dict[str, Any]) -> None:
    sys.stdout.buffer.write(msgspec.json.encode(content) + b"\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
