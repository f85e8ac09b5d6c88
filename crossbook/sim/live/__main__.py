"""The live world as a process of its own: ``python -m crossbook.sim.live --truth FILE --ports FILE``.

It starts the servers, writes where they are, and waits for the line ``go`` (or ``go ws://…``, which tells the site
workers where Crossbook is) before anything moves. It stops at the end of its input, so that it never outlives the
process that started it, and on SIGTERM or SIGINT.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec

from crossbook.base.clock import SystemClock
from crossbook.sim.live.conductor import Conductor
from crossbook.sim.live.contracts import ContractServer
from crossbook.sim.live.exchange import ExchangeServer
from crossbook.sim.live.feed import FeedServer
from crossbook.sim.live.script import Script
from crossbook.sim.live.truth import TruthWriter
from crossbook.sim.live.workers import Worker
from crossbook.sim.live.world import LiveWorld, Protocol

_PATIENCE_S: Final = 10.0
"""How long after ``go`` the script waits for sources that have no client yet."""
_LOOK_S: Final = 0.02
_PROOF_S: Final = 60.0


class Options(argparse.Namespace):
    """The command line, as read."""

    seed: int
    speed: float
    script: str
    seconds: float | None
    truth: Path
    ports: Path
    ws_url: str
    auto: bool
    ready_fd: int | None


def options(arguments: Sequence[str]) -> Options:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m crossbook.sim.live", description="The live simulated world."
    )
    parser.add_argument("--seed", type=int, default=1, help="one seed is one world")
    parser.add_argument("--speed", type=float, default=1.0, help="how fast the script goes")
    parser.add_argument("--script", choices=("demo", "proof"), default="demo")
    parser.add_argument(
        "--seconds", type=float, help="stop so long after the beginning; a proof is as long, 60 by default"
    )
    parser.add_argument("--truth", type=Path, required=True, help="the truth log to write; must not exist")
    parser.add_argument(
        "--ports", type=Path, required=True, help="where to write the servers' addresses, as JSON"
    )
    parser.add_argument("--ws-url", default="", help="Crossbook's WebSocket, for the site workers")
    parser.add_argument(
        "--auto", action="store_true", help="begin when every source has a client, without `go`"
    )
    parser.add_argument(
        "--ready-fd", type=int, help="a file descriptor to write a line to when all is served"
    )
    asked = parser.parse_args(arguments, namespace=Options())
    if asked.script == "proof" and asked.seconds is None:
        asked.seconds = _PROOF_S
    return asked


def servers(conductor: Conductor, seed: int) -> list[Worker]:
    """Add the servers of all the world's sources; gives those that are workers."""
    sources = conductor.world.sources.values()
    polled = [source.name for source in sources if source.protocol is Protocol.ODDS_API]
    if polled:
        conductor.add(FeedServer(conductor, polled))
    workers = []
    for source in sources:
        if source.protocol is Protocol.EXCHANGE_STREAM:
            conductor.add(ExchangeServer(conductor, source.name, seed))
        elif source.protocol is Protocol.CONTRACTS:
            conductor.add(ContractServer(conductor, source.name, seed))
        elif source.protocol is Protocol.WORKER:
            worker = Worker(conductor, source.name, seed)
            conductor.add(worker)
            workers.append(worker)
    return workers


class Play:
    """One run of the world from its first client to its end."""

    def __init__(self, asked: Options, world: LiveWorld, conductor: Conductor) -> None:
        self.asked = asked
        self.world = world
        self.conductor = conductor
        self.workers = servers(conductor, asked.seed)
        self.over = asyncio.Event()
        self._go = asyncio.Event()

    def hear(self, line: bytes | None) -> None:
        """Take a line of the input; None is its end."""
        words = (line or b"").decode(errors="replace").split()
        if line is None:
            self.over.set()
        elif words and words[0] == "go":
            self._call(words[1] if len(words) > 1 else "")
            self._go.set()

    async def run(self) -> None:
        """Serve until it is over."""
        await self.conductor.start()
        moving = asyncio.create_task(self.conductor.run())
        playing = asyncio.create_task(self._play())
        ended = asyncio.create_task(self.over.wait())
        try:
            self._call(self.asked.ws_url)
            _write_whole(self.asked.ports, self._ports())
            if self.asked.ready_fd is not None:
                os.write(self.asked.ready_fd, b"ready\n")
            done, _ = await asyncio.wait((moving, playing, ended), return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in (moving, playing, ended):
                task.cancel()
            await asyncio.gather(moving, playing, ended, return_exceptions=True)
            # The end comes first: what falls silent only because all stops is not to be judged.
            self.world.finish(self.conductor.now())
            for server in self.conductor.servers:
                for wire in server.wires.values():
                    wire.end()
            await self.conductor.stop()

    async def _play(self) -> None:
        if not self.asked.auto:
            await self._go.wait()
        loop = asyncio.get_running_loop()
        patience = loop.time() + _PATIENCE_S
        while not self._all_up() and (self.asked.auto or loop.time() < patience):
            await asyncio.sleep(_LOOK_S)
        self.world.begin(self.conductor.now())
        self.conductor.wake()
        await asyncio.sleep(self.asked.seconds) if self.asked.seconds else await self.over.wait()

    def _all_up(self) -> bool:
        return all(wire.ever_up for server in self.conductor.servers for wire in server.wires.values())

    def _call(self, url: str) -> None:
        if url:
            for worker in self.workers:
                worker.call(url)

    def _ports(self) -> bytes:
        sources: dict[str, dict[str, Any]] = {}
        for server in self.conductor.servers:
            sources |= server.addresses()
        return msgspec.json.format(msgspec.json.encode({"pid": os.getpid(), "sources": sources}), indent=1)


async def play(asked: Options) -> None:
    """Make the world, serve it, and stop when told to."""
    clock = SystemClock()
    if asked.script == "proof":
        script = Script.for_proof(asked.seed, round(asked.seconds or _PROOF_S), speed=asked.speed)
    else:
        script = Script.for_demo(asked.seed, speed=asked.speed)
    loop = asyncio.get_running_loop()
    with TruthWriter(asked.truth) as truth:
        world = LiveWorld(asked.seed, clock.now(), script, truth)
        run = Play(asked, world, Conductor(world, clock))
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, run.over.set)
        # A thread, for input may be anything; a daemon, for it waits in a read that nothing ends.
        threading.Thread(
            target=_read_lines, args=(loop, run.hear), name="standard input", daemon=True
        ).start()
        await run.run()


def _read_lines(loop: asyncio.AbstractEventLoop, hear: Callable[[bytes | None], None]) -> None:
    """Hand the input over line by line. `os.read` takes no lock that could be held when the process ends."""
    rest = b""
    while data := os.read(0, 4096):
        *lines, rest = (rest + data).split(b"\n")
        for line in lines:
            loop.call_soon_threadsafe(hear, line)
    if not loop.is_closed():
        loop.call_soon_threadsafe(hear, None)


def _write_whole(path: Path, data: bytes) -> None:
    """Write a file so that whoever sees it sees all of it."""
    part = path.with_name(f".{path.name}.part")
    part.write_bytes(data)
    part.replace(path)


if __name__ == "__main__":
    asyncio.run(play(options(sys.argv[1:])))
