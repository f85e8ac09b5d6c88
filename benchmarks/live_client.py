"""All site workers of the benchmark, and one watcher, in a process of their own.

Messages are made before they are needed. The watcher is a worker too and never sends odds: what it hears back is what
any worker hears. A phase is over when the watcher has heard of the last message of every worker.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
import time
from collections import deque
from pathlib import Path
from random import Random
from typing import Any

import msgspec
import picows

from benchmarks.live_load import Load, Phase, Size
from benchmarks.process_watch import Used, run_fast
from crossbook.base.clock import SystemClock, format_time

PHASES = ("begin", "small", "boards", "quiet", "loaded")
_PATIENCE_S = 60.0
_TRIGGER_PATIENCE_S = 10.0
_WAITING_BYTES = 1 << 20


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """Where the candidate is and what to do with it; `sampled` names the phase in which it shall watch itself."""

    port: int
    pid: int
    size: Size
    phases: tuple[str, ...] = PHASES
    triggers: int = 0
    sampled: str = ""


class _Event(msgspec.Struct):
    home: str
    away: str


class _Leg(msgspec.Struct):
    selection: str | None = None
    price: float | str = 0.0
    line: float | str | None = None


class _Opportunity(msgspec.Struct):
    event: _Event
    legs: list[_Leg]


class _News(msgspec.Struct):
    opportunities: list[_Opportunity] = []


class Worker(picows.WSListener):
    """One connection."""

    def __init__(self) -> None:
        super().__init__()
        self.transport: Any = None
        self.may_write = asyncio.Event()
        self.may_write.set()

    def on_ws_connected(self, transport: picows.WSTransport) -> None:
        self.transport = transport

    def pause_writing(self) -> None:
        self.may_write.clear()

    def resume_writing(self) -> None:
        self.may_write.set()

    def send(self, message: bytes) -> None:
        """Hand a message to the connection."""
        self.transport.send(picows.WSMsgType.TEXT, message)

    def on_ws_frame(self, transport: picows.WSTransport, frame: picows.WSFrame) -> None:
        if frame.msg_type is picows.WSMsgType.TEXT:
            self.take(frame)

    def take(self, frame: picows.WSFrame) -> None:
        """A worker does not look at what it is told."""


class Watcher(Worker):
    """The connection on which news is read."""

    def __init__(self) -> None:
        super().__init__()
        self.heard = 0
        self.homes: set[str] = set()
        """Matches of which there was news since it was last emptied."""
        self.open: list[_Opportunity] = []
        self.news = asyncio.Event()

    def take(self, frame: picows.WSFrame) -> None:
        self.heard = time.perf_counter_ns()
        self.open = msgspec.json.decode(frame.get_payload_as_memoryview(), type=_News).opportunities
        self.homes.update(each.event.home for each in self.open)
        self.news.set()

    async def hears_of(self, homes: set[str], within_s: float) -> bool:
        """Wait until there was news of all these matches, in one message or several; False when there was not."""
        try:
            async with asyncio.timeout(within_s):
                while not homes <= self.homes:
                    self.news.clear()
                    await self.news.wait()
        except TimeoutError:
            return False
        return True


class Client:
    """Everything one candidate goes through."""

    def __init__(self, asked: Asked) -> None:
        self.asked = asked
        self.load = Load(asked.size, len(PHASES))
        self.stamp = format_time(SystemClock().now())
        self.workers: list[Worker] = []
        self.watcher = Watcher()
        self.results: dict[str, Any] = {}
        self._sent = 0

    async def run(self) -> dict[str, Any]:
        """Connect and do all phases."""
        url = f"ws://127.0.0.1:{self.asked.port}/ws"
        for number in range(self.asked.size.workers):
            worker = Worker()
            await picows.ws_connect(lambda worker=worker: worker, url)
            worker.send(self.load.register(number, self.stamp))
            self.workers.append(worker)
        await picows.ws_connect(lambda: self.watcher, url)
        register = {
            "type": "worker:register",
            "worker_id": "watcher",
            "site": "watcher",
            "timestamp": self.stamp,
        }
        self.watcher.send(msgspec.json.encode(register))
        for name in PHASES:
            if name in self.asked.phases:
                await self._phase(name)
        for each in (*self.workers, self.watcher):
            each.transport.send_close(picows.WSCloseCode.OK)
            each.transport.disconnect()
            await each.transport.wait_disconnected()
        return self.results

    async def _phase(self, name: str) -> None:
        _say(f"  {name}")
        if name == "begin":
            await self._full_speed(name, self.load.begin(self.stamp))
        elif name == "small":
            await self._full_speed(name, self.load.small(self.stamp))
        elif name == "boards":
            await self._full_speed(name, self.load.boards(self.stamp))
        else:
            await self._send_all(self.load.lowered(self.stamp).messages)
            await self._finish(name)
            size = self.asked.size
            rate, count = (
                (size.paced_per_s, size.triggers) if name == "loaded" else (0.0, size.triggers_quiet)
            )
            await self._latency(name, rate, self.asked.triggers or count)

    async def _full_speed(self, name: str, phase: Phase) -> None:
        """Send all of it as fast as it is taken, and wait until the last of it was heard back."""
        theirs, own = Used(self.asked.pid), Used(os.getpid())
        self._sample(name, signal.SIGUSR1)
        began = time.perf_counter()
        await self._send_all(phase.messages)
        await self._finish(name)
        seconds = time.perf_counter() - began
        self._sample(name, signal.SIGUSR2)
        finishing = {home for index in range(len(PHASES)) for _, home, _ in self.load.finish(index, "")}
        self.results[name] = {
            "seconds": seconds,
            "messages": len(phase.messages),
            "quotes": phase.quotes,
            "changed": phase.changed,
            "cpu_s": theirs.seconds(),
            "client_cpu_s": own.seconds(),
            "mib": theirs.mib(),
            "answers": sorted(
                _answer(each) for each in self.watcher.open if each.event.home not in finishing
            ),
        }

    async def _send_all(self, messages: list[tuple[int, bytes]]) -> None:
        """Each worker sends its own in order; all at once, as far as they are taken."""
        waiting: list[deque[bytes]] = [deque() for _ in self.workers]
        for number, message in messages:
            waiting[number].append(message)

        async def send(worker: Worker, queue: deque[bytes]) -> None:
            sent = 0
            while queue:
                await worker.may_write.wait()
                message = queue.popleft()
                worker.send(message)
                sent += len(message)
                if sent > 16_384:
                    sent = 0
                    await asyncio.sleep(0)

        await asyncio.gather(*map(send, self.workers, waiting))

    async def _finish(self, name: str) -> None:
        last = self.load.finish(PHASES.index(name), self.stamp)
        self.watcher.homes.clear()
        for number, _, message in last:
            await self.workers[number].may_write.wait()
            self.workers[number].send(message)
        homes = {home for _, home, _ in last}
        if not await self.watcher.hears_of(homes, _PATIENCE_S):
            raise SystemExit(f"{name}: not told of {sorted(homes - self.watcher.homes)[:5]}")

    async def _latency(self, name: str, rate: float, count: int) -> None:
        """Raise a price, wait for the news, lower it, wait a while that no clock can be in step with; many times."""
        theirs, own = Used(self.asked.pid), Used(os.getpid())
        random = Random(f"{self.asked.size.seed}/pauses")
        self._sent = 0
        background = asyncio.create_task(self._background(rate)) if rate else None
        # A pause without other messages outlasts two ticks, so that a trigger comes to an engine that is idle.
        pauses = (0.002, 0.03) if rate else (0.11, 0.17)
        latencies, lost = [], 0
        self._sample(name, signal.SIGUSR1)
        began = time.perf_counter()
        for number in range(count):
            worker, home, up, down = self.load.trigger(number, self.stamp)
            self.watcher.homes.clear()
            sent = time.perf_counter_ns()
            self.workers[worker].send(up)
            if await self.watcher.hears_of({home}, _TRIGGER_PATIENCE_S):
                latencies.append((self.watcher.heard - sent) / 1e6)
            else:
                lost += 1
            self.workers[worker].send(down)
            await asyncio.sleep(random.uniform(*pauses))
        self._sample(name, signal.SIGUSR2)
        seconds = time.perf_counter() - began
        if background is not None:
            background.cancel()
            await asyncio.gather(background, return_exceptions=True)
        self.results[name] = {
            "latencies": latencies,
            "lost": lost,
            "seconds": seconds,
            "cpu_s": theirs.seconds(),
            "client_cpu_s": own.seconds(),
            "mib": theirs.mib(),
            "background_per_s": self._sent / seconds,
        }

    async def _background(self, rate: float) -> None:
        """So many messages a second, whether or not they are taken as fast."""
        began = time.perf_counter()
        for number, (worker, message) in enumerate(self.load.background(self.stamp)):
            wait = began + number / rate - time.perf_counter()
            if wait > 0:
                await asyncio.sleep(wait)
            self.workers[worker].send(message)
            self._sent = number + 1

    def _sample(self, name: str, number: signal.Signals) -> None:
        if name == self.asked.sampled:
            os.kill(self.asked.pid, number)


def _answer(opportunity: _Opportunity) -> tuple[str, str, tuple[tuple[str, float], ...]]:
    legs = sorted((leg.selection or "", float(leg.price)) for leg in opportunity.legs)
    return opportunity.event.home, opportunity.event.away, tuple(legs)


def _say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


def main() -> None:
    """Do what the command line asks for, and print the results as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("asked", help="JSON")
    parser.add_argument("results", type=Path, help="where to write them")
    arguments = parser.parse_args()
    asked = msgspec.json.decode(arguments.asked, type=Asked)

    async def run() -> dict[str, Any]:
        return await Client(asked).run()

    arguments.results.write_bytes(msgspec.json.encode(run_fast(run())))


if __name__ == "__main__":
    main()
