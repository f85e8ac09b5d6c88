"""The live commands for the tests: started as a person would, fed by a site worker, ended by a signal."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import blake2b
from pathlib import Path
from typing import Any

import msgspec
from websockets.sync.client import ClientConnection, connect

from crossbook.base.clock import SECOND, ManualClock
from crossbook.model.frame import Frame, FrameKind, StreamInfo
from crossbook.rawlog import RawLog

PATIENCE_S = 90.0
MATCH = {"home_team": "Harbour Town", "away_team": "Hill Rovers"}
SITES = {
    "alpha": {"over": 2.1, "under": 1.75, "line": 2.5},
    "bravo": {"over": 1.9, "under": 2.0, "line": 2.5},
}
"""Two sites that disagree on a total: back over at the one and under at the other."""


def environment(data: Path, **more: str) -> dict[str, str]:
    """As little as a command needs, so that nothing of the machine's own settings takes part."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CROSSBOOK_")}
    return {**kept, "CROSSBOOK_DATA": str(data), "CROSSBOOK_PORTS": "0", "COLUMNS": "200", **more}


@contextmanager
def started(
    *words: str | Path, cwd: Path, env: dict[str, str], **how: Any
) -> Iterator[subprocess.Popen[str]]:
    """A command that runs; whatever is left of it at the end is ended."""
    process = subprocess.Popen(
        [sys.executable, "-m", "crossbook", *map(str, words)],
        stdout=how.pop("stdout", subprocess.PIPE),
        stderr=how.pop("stderr", subprocess.PIPE),
        text=True,
        cwd=cwd,
        env={**env, "PYTHONPATH": str(Path(__file__).parents[2]), "PYTHONUNBUFFERED": "1"},
        **how,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(PATIENCE_S)
            except subprocess.TimeoutExpired:
                process.kill()
        process.communicate()


def ended(process: subprocess.Popen[str], how: signal.Signals = signal.SIGINT) -> tuple[int, str, str]:
    """End it as a person would: its exit code and what it still had to say."""
    process.send_signal(how)
    out, err = process.communicate(timeout=PATIENCE_S)
    return process.returncode, out, err


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def until_open(port: int, process: subprocess.Popen[str]) -> None:
    end = time.monotonic() + PATIENCE_S
    while True:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < end
        time.sleep(0.02)


@contextmanager
def worker(port: int, site: str) -> Iterator[ClientConnection]:
    """A site worker that is registered and has sent its odds."""
    with connect(f"ws://127.0.0.1:{port}/ws", proxy=None) as client:
        send(client, site, "worker:register")
        send(client, site, "odds:update", data={"matches": [{**MATCH, "odds": {"ft_ou": SITES[site]}}]})
        yield client


def send(client: ClientConnection, site: str, kind: str, **more: Any) -> None:
    client.send(json.dumps({**_head(site, kind), **more}))


def _head(site: str, kind: str) -> dict[str, str]:
    return {"type": kind, "worker_id": f"worker-{site}", "site": site, "timestamp": "2026-11-20T10:00:00"}


def first_line(process: subprocess.Popen[str]) -> dict[str, Any]:
    """The first JSON line it prints."""
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line, process.communicate()
    told: dict[str, Any] = json.loads(line)
    return told


def port_in(text: str) -> int:
    """The port in an address that is printed."""
    found = re.search(r"http://127\.0\.0\.1:(\d+)/", text)
    assert found, text
    return int(found[1])


def recorded(folder: Path, *, matches: int = 1) -> Path:
    """A recording of the two sites: they disagree, then one takes its price back."""
    at = 1_763_640_000 * SECOND
    with RawLog(folder, clock=ManualClock(at)) as log:

        def frame(stream: str, kind: FrameKind, data: bytes = b"") -> None:
            nonlocal at
            at += SECOND // 10
            log.append(Frame(at, stream, kind, data))

        for site in SITES:
            info = StreamInfo(format="site-worker", life_ns=90 * SECOND, settings={"site": site})
            frame(f"site/{site}", FrameKind.OPENED, msgspec.json.encode(info))
            frame(f"site/{site}", FrameKind.DATA, _said(site, matches, SITES[site]))
        frame("", FrameKind.TICK)
        frame("site/alpha", FrameKind.DATA, _said("alpha", matches, SITES["bravo"]))
        frame("", FrameKind.TICK)
    return folder


def _said(site: str, matches: int, odds: dict[str, float]) -> bytes:
    every = [{"home_team": _word(2 * n), "away_team": _word(2 * n + 1)} for n in range(matches)]
    data = {"matches": [{**teams, "odds": {"ft_ou": odds}} for teams in every]}
    return json.dumps({**_head(site, "odds:update"), "data": data}).encode()


def _word(number: int) -> str:
    """The name of a team that is like no other's; the first two are those of `MATCH`."""
    if number < 2:
        return list(MATCH.values())[number]
    digest = blake2b(str(number).encode(), digest_size=9).hexdigest()
    return "".join(chr(ord("a") + int(digit, 16)) for digit in digest).title()
