"""Kills our server, its owner, or both with SIGKILL at named points, and looks whether an acknowledged row is lost.

    python -m tests.store.embedded.kill --times 10 --seed 1

Each round starts an owner process that writes rows; what it was told is committed it prints, and this process
keeps it. After the kill the next start must succeed by itself, hold every printed row, take a new one, and leave
nothing running.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from itertools import count, product
from pathlib import Path

import asyncpg

from crossbook.base.clock import SystemClock
from crossbook.store.embedded import embedded, locks
from crossbook.store.embedded.running import is_postgres, read_pid_file
from tests.store.servers import open_folder

POINTS = ("initdb", "start", "writes")
VICTIMS = ("owner", "server", "both")
PATIENCE_S = 120
TABLE = "create table if not exists written (number bigint primary key)"
INSERT = "insert into written values ($1)"


async def write(folder: Path, first: int) -> None:
    """The owner: writes rows until it is killed, and prints each number after its commit."""
    async with embedded(folder, clock=SystemClock()) as server:
        connection = await asyncpg.connect(server.dsn)
        await connection.execute(TABLE)
        for number in count(first):
            await connection.execute(INSERT, number)
            print(number, flush=True)


async def numbers(folder: Path) -> set[int]:
    """What is stored, read over the next start, which also writes."""
    async with embedded(folder, clock=SystemClock()) as server:
        connection = await asyncpg.connect(server.dsn)
        try:
            await connection.execute(TABLE)
            stored = {row["number"] for row in await connection.fetch("select number from written")}
            await connection.execute(INSERT, max(stored, default=0) + 1)
            return stored
        finally:
            await connection.close()


def until(holds: Callable[[], object], owner: subprocess.Popen[str]) -> None:
    """Wait for something that no event tells of; the owner's end is as good."""
    end = time.monotonic() + PATIENCE_S
    while not holds() and owner.poll() is None:
        assert time.monotonic() < end, "the point was never reached"
        time.sleep(0.001)


def making(home: Path) -> list[int]:
    """The processes that make a data folder below this home."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            command = path.read_bytes().split(b"\0")
        except OSError:
            continue
        if any(part.startswith(os.fsencode(home / "data.new-")) for part in command):
            found.append(int(path.parent.name))
    return found


def server_processes(home: Path) -> list[int]:
    known = read_pid_file(home / "data")
    return [known.pid] if known and is_postgres(known.pid, home / "data") else []


class Round:
    """One owner, killed once."""

    def __init__(self, folder: Path, point: str, victim: str, dice: random.Random) -> None:
        self.folder, self.point, self.victim, self.dice = folder, point, victim, dice
        self.home = folder / "postgres"
        self.acknowledged: list[int] = []

    def play(self, first: int) -> None:
        command = [sys.executable, "-m", "tests.store.embedded.kill", "--write", str(self.folder), str(first)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as owner:
            try:
                self._reach(owner)
                time.sleep(self.dice.random() * 0.05)  # anywhere within the point, not only at its beginning
                self._kill(owner)
                if self.victim == "server":  # the owner starts it again, or ends when its connection is cut
                    self._read(owner, 50)
                    owner.kill()
                said, _ = owner.communicate(timeout=PATIENCE_S)
                self.acknowledged += map(
                    int, (line for line in said.splitlines(keepends=True) if line.endswith("\n"))
                )
            finally:
                owner.kill()

    def _reach(self, owner: subprocess.Popen[str]) -> None:
        if self.point == "initdb":
            until(lambda: making(self.home), owner)
        elif self.point == "start":
            until(lambda: (self.home / "data/postmaster.pid").exists(), owner)
        else:
            self._read(owner, self.dice.randint(1, 200))

    def _read(self, owner: subprocess.Popen[str], rows: int) -> None:
        assert owner.stdout is not None
        for _ in range(rows):
            line = owner.stdout.readline()
            if not line.endswith("\n"):
                return
            self.acknowledged.append(int(line))

    def _kill(self, owner: subprocess.Popen[str]) -> None:
        if self.victim != "server":
            owner.kill()
        if self.victim != "owner":
            for process in making(self.home) if self.point == "initdb" else server_processes(self.home):
                try:
                    os.kill(process, signal.SIGKILL)
                except ProcessLookupError:
                    continue


def kill(folder: Path, point: str, victim: str, dice: random.Random, known: set[int]) -> float:
    """One round; the seconds until the next start had read everything. `known` grows by what was acknowledged."""
    this = Round(folder, point, victim, dice)
    this.play(max(known, default=0) + 1_000)  # what was sent but not acknowledged may be there: leave it room
    known |= set(this.acknowledged)
    begin = time.monotonic()
    stored = asyncio.run(numbers(folder))
    took = time.monotonic() - begin
    assert known <= stored, f"{point}, {victim}: {len(known - stored)} acknowledged rows are missing"
    free = locks.take(this.home / "alive.lock")
    assert free is not None, f"{point}, {victim}: a server process is left"
    free.close()
    assert not list(this.home.glob("data.new-*")), f"{point}, {victim}: an unfinished folder is left"
    known |= stored
    return took


def main() -> None:
    parser = argparse.ArgumentParser(description="Kill our server and its owner, and count what is lost.")
    parser.add_argument("--times", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--write", nargs=2, metavar=("FOLDER", "FIRST"), help="be the owner")
    chosen = parser.parse_args()
    if chosen.write:
        asyncio.run(write(Path(chosen.write[0]), int(chosen.write[1])))
        return
    dice = random.Random(chosen.seed)
    rounds = [(point, victim) for point, victim in product(POINTS, VICTIMS)]
    kept: set[int] = set()
    with open_folder() as lasting:
        for number in range(chosen.times):
            point, victim = rounds[number % len(rounds)]
            if point == "initdb":
                with open_folder() as fresh:
                    took = kill(fresh, point, victim, dice, set())
            else:
                took = kill(lasting, point, victim, dice, kept)
            print(f"{number + 1}: {victim} killed at {point}: back and read in {took:.2f} s", flush=True)
    print(f"{chosen.times} kills, {len(kept)} rows acknowledged or found, none missing")


if __name__ == "__main__":
    main()
