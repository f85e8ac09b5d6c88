"""Watching a process from outside and from inside: processor time, memory, and which part of it the time went to."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections import Counter
from collections.abc import Callable, Coroutine
from pathlib import Path
from types import FrameType
from typing import Any

import psutil

_EVERY_S = 0.001
_ROOMS = f"{Path(__file__).parent.parent / 'crossbook'}/"


def run_fast(main: Coroutine[Any, Any, dict[str, Any]]) -> dict[str, Any]:
    """Run in the fastest event loop there is, as Crossbook does."""
    factory: Callable[[], asyncio.AbstractEventLoop] = asyncio.new_event_loop
    with contextlib.suppress(ImportError):
        import uvloop

        factory = uvloop.new_event_loop
    with asyncio.Runner(loop_factory=factory) as runner:
        return runner.run(main)


class Used:
    """The processor time that a process uses from now on, with its children."""

    def __init__(self, pid: int) -> None:
        self._process = psutil.Process(pid)
        self._began = self._total()

    def seconds(self) -> float:
        """Seconds of processor time since it was made."""
        return self._total() - self._began

    def mib(self) -> float:
        """Resident memory now, without children."""
        return float(self._process.memory_info().rss) / 2**20

    def _total(self) -> float:
        return sum(
            times.user + times.system
            for process in (self._process, *self._process.children(recursive=True))
            for times in (process.cpu_times(),)
        )


class Sampler:
    """Asks a thousand times for every second of processor time where this process is.

    A sample counts for the room of Crossbook it is in, or was called from; for the package around it where that is
    the framework or the event loop.
    """

    def __init__(self) -> None:
        self.parts: Counter[str] = Counter()
        self.places: Counter[str] = Counter()
        self.whole: Counter[str] = Counter()
        """Samples in which a function of ours was anywhere on the way down."""

    def start(self) -> None:
        """Begin anew."""
        for counted in (self.parts, self.places, self.whole):
            counted.clear()
        signal.signal(signal.SIGPROF, self._sample)
        signal.siginterrupt(signal.SIGPROF, False)
        signal.setitimer(signal.ITIMER_PROF, _EVERY_S, _EVERY_S)

    def stop(self) -> None:
        """Ask no more."""
        signal.setitimer(signal.ITIMER_PROF, 0)

    def shares(self, least: float = 0.01) -> dict[str, float]:
        """The share of each part, the largest first; small ones are left out."""
        return _shares(self.parts, self.parts.total(), least)

    def places_shares(self, least: float = 0.015) -> dict[str, float]:
        """The share of functions themselves, the largest first."""
        return _shares(self.places, self.parts.total(), least)

    def whole_shares(self, least: float = 0.02) -> dict[str, float]:
        """The share of functions of ours with everything that they call, the largest first."""
        return _shares(self.whole, self.parts.total(), least)

    def _sample(self, number: int, frame: FrameType | None) -> None:
        del number
        part = ""
        ours: set[str] = set()
        if frame is not None:
            self.places[_place(frame)] += 1
        while frame is not None:
            name = frame.f_code.co_filename
            if name.startswith(_ROOMS):
                part = part or name.removeprefix(_ROOMS).partition("/")[0]
                ours.add(f"{name.removeprefix(_ROOMS)}:{frame.f_code.co_name}")
            elif "site-packages/" in name:
                part = part or name.rpartition("site-packages/")[2].partition("/")[0].removesuffix(".py")
            elif "/asyncio/" in name:
                part = part or "asyncio"
            frame = frame.f_back
        self.parts[part or "other"] += 1
        self.whole.update(ours)


def _place(frame: FrameType) -> str:
    path = Path(frame.f_code.co_filename)
    return f"{path.parent.name}/{path.name}:{frame.f_code.co_name}"


def _shares(counted: Counter[str], total: int, least: float) -> dict[str, float]:
    return {
        name: round(count / total, 3)
        for name, count in counted.most_common()
        if total and count / total >= least
    }
