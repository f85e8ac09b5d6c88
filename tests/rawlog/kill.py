"""Kill a writer at named points and at random moments; nothing it acknowledged may be missing afterwards.

``python -m tests.rawlog.kill --times 200``. The writer is a process of its own. After each flush it says through a
pipe which frames are safe; it is killed with SIGKILL, by itself at a named point of its work or by the parent at a
random moment. Then the recording is read as it was left, opened by the next writer, and killed again.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

from crossbook.base.clock import ManualClock
from crossbook.model.frame import Frame, FrameKind
from crossbook.rawlog import RawLog, Reading

POINTS = [
    "flush: written",
    "open: set aside",  # right after a kill within a record, so that there is a tail to set aside
    "open: cut",
    "flush: done",
    "rotate: head written",
    "rotate: renamed",
    "pack: written",
    "pack: renamed",
    "pack: done",
]
AT_RANDOM = "at random"
_ROOT = Path(__file__).parents[2]
_FRAMES = 4000


def frame(number: int) -> Frame:
    """The frame that has this number, always the same."""
    data = random.Random(number).randbytes(number % 700)
    return Frame(number, f"feed/{number % 3}", FrameKind.DATA if number % 10 else FrameKind.TICK, data)


def write(folder: Path, point: str, times: int) -> None:
    """The child: write until killed; at `point`, the so many-th time, kill itself."""
    seen: Counter[str] = Counter()

    def look(name: str) -> None:
        seen[name] += 1
        if name == point and seen[name] == times:
            os.kill(os.getpid(), signal.SIGKILL)

    clock = ManualClock()
    with RawLog(folder, clock=clock, segment_bytes=20_000, sync_s=0.01, write_bytes=97, points=look) as log:
        start = log.next
        _say(f"opened {start}")
        for number in range(start, start + _FRAMES):
            log.append(frame(number))
            if number % 4 == 0:
                log.flush()
                _say(f"safe {number}")


def _say(line: str) -> None:
    os.write(1, f"{line}\n".encode())


def kill_once(folder: Path, point: str, chance: random.Random, safe: int) -> int:
    """Run a writer until it is dead, check what it left, and return the number of the last acknowledged frame."""
    times = 1 if point.startswith("open") else chance.randint(1, 3) * (7 if point.startswith("flush") else 1)
    command = [sys.executable, "-m", "tests.rawlog.kill", "--child", str(folder), point, str(times)]
    with subprocess.Popen(command, cwd=_ROOT, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        try:
            wanted = chance.randint(1, 300) if point == AT_RANDOM else None
            for count, line in enumerate(child.stdout):
                word, _, number = line.partition(" ")
                if word == "opened":
                    assert int(number) > safe, f"opened at {number}, but {safe} was acknowledged"
                else:
                    safe = int(number)
                if count == wanted:
                    child.kill()
        finally:
            child.kill()
    assert child.returncode == -signal.SIGKILL, f"{point}: the writer ended by itself ({child.returncode})"
    check(folder, safe)
    return safe


def check(folder: Path, safe: int) -> None:
    """Everything acknowledged is there, unchanged, and nothing is damaged."""
    if not list(folder.glob("*.frames*")):
        assert safe < 0
        return
    reading = Reading(folder)
    last = -1
    for number, found in reading:
        assert number == last + 1
        assert found == frame(number)
        last = number
    assert last >= safe, f"frame {safe} was acknowledged, the last that can be read is {last}"
    assert not reading.damage, reading.damage


def run(times: int, seed: int) -> Counter[str]:
    """Kill so many writers of one recording; how often at which point."""
    chance = random.Random(seed)
    killed: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as name:
        folder, safe = Path(name) / "log", -1
        order = [*POINTS, AT_RANDOM, AT_RANDOM, AT_RANDOM]
        for turn in range(times):
            point = order[turn % len(order)]
            if point.startswith("open") and not _torn(folder):
                point = AT_RANDOM  # nothing to set aside: the kill before fell between two records
            safe = kill_once(folder, point, chance, safe)
            killed[point] += 1
        with RawLog(folder, clock=ManualClock()) as log:
            assert log.next > safe
        check(folder, safe)
        left = {path.name.partition(".")[2] for path in folder.iterdir()}
        assert {ending for ending in left if not ending.endswith("torn")} <= {"frames", "frames.zst"}, left
    return killed


def _torn(folder: Path) -> bool:
    reading = Reading(folder)
    for _ in reading:
        pass
    return reading.tail > 0


def main() -> None:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--child", nargs=3, metavar=("FOLDER", "POINT", "TIMES"))
    given = parser.parse_args()
    if given.child:
        folder, point, times = given.child
        write(Path(folder), point, int(times))
        return
    killed = run(given.times, given.seed)
    for point, count in killed.most_common():
        print(f"{count:6} {point}")
    print(f"{sum(killed.values()):6} writers killed, nothing acknowledged was lost")


if __name__ == "__main__":
    main()
