"""The live world as a child process: started, told to go, and gone for sure at the end."""

from __future__ import annotations

import asyncio
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any, Final

import msgspec

from crossbook.base.errors import Retry, Unknown

PORTS_FILE: Final = "ports.json"
TRUTH_FILE: Final = "truth.jsonl"
LOG_FILE: Final = "world.log"

_START_S: Final = 60.0
_STOP_S: Final = 5.0
_TAIL: Final = 2_000


class LiveProcess:
    """A world that serves. `sources` says by name how each is reached, as the ports file does."""

    def __init__(self, process: Process, folder: Path) -> None:
        self._process = process
        self.truth = folder / TRUTH_FILE
        self.sources: dict[str, dict[str, Any]] = {}
        ports = folder / PORTS_FILE
        if ports.exists():
            self.sources = msgspec.json.decode(ports.read_bytes())["sources"]

    @property
    def pid(self) -> int:
        """The child's process id."""
        return self._process.pid

    async def go(self, ws_url: str = "") -> None:
        """Let the script begin; `ws_url` is where the site workers find Crossbook. Raises Retry when it is gone."""
        pipe = self._process.stdin
        try:
            if pipe is None or self._process.returncode is not None:
                raise BrokenPipeError
            pipe.write(f"go {ws_url}\n".encode())
            await pipe.drain()
        except ConnectionError:
            raise Retry("the simulated world has ended already: start another") from None

    async def wait(self) -> int:
        """Wait for its end and give its exit code."""
        return await self._process.wait()

    async def stop(self) -> int:
        """End it in an orderly way, so that the truth log has its end; kill it when that takes too long."""
        pipe = self._process.stdin
        if pipe is not None:
            pipe.close()
        try:
            async with asyncio.timeout(_STOP_S):
                return await self._process.wait()
        except TimeoutError:
            with suppress(ProcessLookupError):
                self._process.kill()
            return await self._process.wait()


@asynccontextmanager
async def live_process(
    folder: Path,
    *,
    seed: int = 1,
    speed: float = 1.0,
    script: str = "demo",
    seconds: float | None = None,
    ws_url: str = "",
    auto: bool = False,
) -> AsyncIterator[LiveProcess]:
    """Run the world with its truth log, ports file and log in `folder`; it serves when the block begins.

    Nothing moves before `LiveProcess.go`, or, with `auto`, before every source has a client. At the end of the
    block the child is gone, however the block was left. Raises Unknown, with the last of its log, when it does not
    come to serve.
    """
    folder.mkdir(parents=True, exist_ok=True)
    arguments = ["--seed", str(seed), "--speed", str(speed), "--script", script, "--ready-fd", "1"]
    arguments += ["--truth", str(folder / TRUTH_FILE), "--ports", str(folder / PORTS_FILE)]
    arguments += ["--seconds", str(seconds)] if seconds is not None else []
    arguments += ["--ws-url", ws_url] if ws_url else []
    arguments += ["--auto"] if auto else []
    log = folder / LOG_FILE
    with log.open("wb") as errors:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "crossbook.sim.live", *arguments, stdin=PIPE, stdout=PIPE, stderr=errors
        )
    try:
        await _served(process, log)
        world = LiveProcess(process, folder)
        try:
            yield world
        finally:
            await asyncio.shield(world.stop())
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()


async def _served(process: Process, log: Path) -> None:
    line = b""
    with suppress(TimeoutError):
        async with asyncio.timeout(_START_S):
            if process.stdout is not None:
                line = await process.stdout.readline()
    if line != b"ready\n":
        tail = log.read_bytes()[-_TAIL:].decode(errors="replace").strip()
        raise Unknown(f"the simulated world did not start; its log ends with: {tail or 'nothing'}")
