"""Frames made of a simulated recording: a polled feed, an exchange's stream and a site's worker, moved at random.

As a program it prints every change that a pipeline makes of them: ``python -m tests.pipeline.recorded 7``.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from random import Random
from typing import Any

from crossbook.base.clock import SECOND, format_time
from crossbook.model.frame import Frame, FrameKind
from crossbook.pipeline.live import Pipeline, Tick
from crossbook.pipeline.options import Options
from crossbook.sim.recording import EXCHANGE_FILE, ODDS_FEED_FILE, write_recording
from crossbook.sim.world import DEFAULT_START
from crossbook.venues import readers
from tests.pipeline.live_made_up import info, printed

FEED, EXCHANGE, SITE = "the-odds-api/all", "betfair/1", "worker/w1"
FORMATS = {FEED: "the-odds-api", EXCHANGE: "betfair-stream", SITE: "site-worker"}
STEPS = 60


class _Source:
    """What the three sources say next."""

    def __init__(self, folder: Path, random: Random) -> None:
        self.random = random
        self.feed: list[dict[str, Any]] = json.loads((folder / ODDS_FEED_FILE).read_bytes())
        self.lines = (folder / EXCHANGE_FILE).read_bytes().splitlines()
        self.sequence = 0

    def poll(self) -> bytes:
        """The feed's answer after some prices moved and, sometimes, a bookmaker left."""
        for event in self.random.sample(self.feed, 4):
            book = self.random.choice(event["bookmakers"])
            outcome = self.random.choice(self.random.choice(book["markets"])["outcomes"])
            outcome["price"] = round(outcome["price"] * self.random.choice([0.97, 1.0, 1.04]), 2)
        answer = list(self.feed)
        if self.random.random() < 0.3:
            answer.remove(self.random.choice(answer))
        return json.dumps(answer).encode()

    def stream(self) -> bytes:
        """The next messages of the exchange."""
        count = self.random.randrange(1, 12)
        taken, self.lines = self.lines[:count], self.lines[count:]
        return (
            b"\r\n".join(taken) + b"\r\n" if taken else b'{"op":"mcm","clk":"A","pt":1,"ct":"HEARTBEAT"}\r\n'
        )

    def site(self, now: int) -> bytes:
        """The worker's update on some of the feed's matches, at prices of its own."""
        self.sequence += 1
        matches = []
        for event in self.random.sample(self.feed, 5):
            prices = {word: self.random.choice([2.2, 2.6, 3.1, 3.6]) for word in ("home", "draw", "away")}
            match = {"home_team": event["home_team"], "away_team": event["away_team"]}
            if self.random.random() < 0.5:
                match["start_time"] = event["commence_time"]
            matches.append({**match, "odds": {"ft_1x2": prices}})
        return json.dumps(
            {
                "type": "odds:update",
                "worker_id": "w1",
                "site": "sbo",
                "timestamp": format_time(now),
                "partial": self.random.random() < 0.5,
                "sequence": self.sequence,
                "data": {"matches": matches},
            }
        ).encode()


def script(seed: int) -> list[tuple[int, str, FrameKind, bytes]]:
    """What happens, and when: frames and, as those of kind TICK, moments at which somebody looks."""
    random = Random(seed)
    with tempfile.TemporaryDirectory() as folder:
        write_recording(Path(folder), seed)
        source = _Source(Path(folder), random)
    now = DEFAULT_START
    steps: list[tuple[int, str, FrameKind, bytes]] = []

    def open_stream(name: str) -> None:
        opening = info(life=20 * SECOND if name == FEED else None, form=FORMATS[name])
        steps.append((now, name, FrameKind.OPENED, opening))

    for name in FORMATS:
        open_stream(name)
    for _ in range(STEPS):
        now += random.randrange(SECOND // 20, 2 * SECOND)
        draw = random.random()
        if draw < 0.3:
            steps.append((now, FEED, FrameKind.DATA, source.poll()))
        elif draw < 0.7:
            steps.append((now, EXCHANGE, FrameKind.DATA, source.stream()))
        elif draw < 0.9:
            steps.append((now, SITE, FrameKind.DATA, source.site(now)))
        else:
            name = random.choice([FEED, SITE])
            steps.append((now, name, FrameKind.CLOSED, b"reset"))
            open_stream(name)
        if random.random() < 0.6:
            steps.append((now, "", FrameKind.TICK, b""))
    steps.append((now, FEED, FrameKind.DATA, source.poll()))
    while source.lines:
        steps.append((now, EXCHANGE, FrameKind.DATA, source.stream()))
    steps.append((now, "", FrameKind.TICK, b""))
    return steps


def play(steps: Iterable[tuple[int, str, FrameKind, bytes]], pipeline: Pipeline) -> list[Tick]:
    """Every tick of them."""
    done = []
    for at, stream, kind, data in steps:
        if kind is FrameKind.TICK:
            done.append(pipeline.tick(at))
        else:
            pipeline.apply(Frame(at, stream, kind, data))
    return done


def pipeline() -> Pipeline:
    """A pipeline with every reader there is."""
    return Pipeline(readers(), Options(), keep_moved=True)


if __name__ == "__main__":
    sys.stdout.write("\n".join(printed(play(script(int(sys.argv[1])), pipeline()))) + "\n")
