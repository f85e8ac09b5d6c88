"""Memory of a long demo at full speed: does the engine, or the simulated world beside it, grow without end?

The floor is each process's own start: what a process holds over the second half of the run has to stay where it was
at the middle. Resident memory is read from outside every few seconds, a straight line is laid through the second half,
and its rise over that half is compared with what the process holds.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import psutil

SPEED: Final = 20
EVERY_S: Final = 5.0
RISE: Final = 0.03
"""A process is flat when the line rises by less than this share of its memory over the second half."""
_SHOWN_EVERY: Final = 6
_END_WITHIN_S: Final = 120.0
_WORLD: Final = "crossbook.sim.live"

Sample = tuple[float, float]
"""Seconds from the start, MiB."""


def watch(minutes: float, every_s: float = EVERY_S, speed: float = SPEED) -> dict[str, list[Sample]]:
    """Run the demo and read memory until its time is over; the samples of each part. Stops with SystemExit when the
    demo ends early or its judge finds fault.
    """
    seconds = minutes * 60
    with tempfile.TemporaryFile() as output:
        command = [sys.executable, "-m", "crossbook", "demo", "--json", "--no-browser", "--port", "0"]
        command += ["--speed", f"{speed:g}", "--seconds", f"{seconds:g}"]
        demo = subprocess.Popen(command, stdout=output)
        try:
            samples = _sampled(demo, seconds, every_s)
            code = demo.wait(_END_WITHIN_S)
        finally:
            if demo.poll() is None:
                demo.terminate()
                try:
                    demo.wait(_END_WITHIN_S)
                except subprocess.TimeoutExpired:
                    demo.kill()
                    demo.wait()
    if code:
        raise SystemExit(f"the demo ended with {code}: run it with --once to see what its judge says")
    return samples


def _sampled(demo: subprocess.Popen[bytes], seconds: float, every_s: float) -> dict[str, list[Sample]]:
    began = time.monotonic()
    process = psutil.Process(demo.pid)
    samples: dict[str, list[Sample]] = {}
    number = 1
    time.sleep(every_s)
    while (now := time.monotonic() - began) < seconds:
        if demo.poll() is not None:
            raise SystemExit(f"the demo ended after {now:.0f} s with {demo.returncode}")
        for part, mib in _memory(process).items():
            samples.setdefault(part, []).append((now, mib))
        if number % _SHOWN_EVERY == 0:
            words = ", ".join(f"{part} {found[-1][1]:.0f} MiB" for part, found in samples.items())
            print(f"{now:6.0f} s of {seconds:.0f}: {words}", file=sys.stderr, flush=True)
        number += 1
        time.sleep(max(0.0, began + number * every_s - time.monotonic()))
    return samples


def _memory(process: psutil.Process) -> dict[str, float]:
    """MiB by part; what ends while it is looked at is left out."""
    found: dict[str, float] = {}
    for each in (process, *process.children(recursive=True)):
        try:
            part = "engine" if each == process else "world" if _WORLD in each.cmdline() else "others"
            found[part] = found.get(part, 0.0) + each.memory_info().rss / 2**20
        except psutil.Error:
            continue
    return found


def slope(samples: Sequence[Sample]) -> float:
    """MiB a minute of the straight line through these samples."""
    if len(samples) < 2:
        return 0.0
    return statistics.linear_regression(*zip(*samples, strict=True)).slope * 60


def is_flat(samples: Sequence[Sample]) -> bool:
    """Whether the line rises by less than a small share of the memory over all of these samples."""
    lasts = (samples[-1][0] - samples[0][0]) / 60
    return slope(samples) * lasts < RISE * statistics.mean(mib for _, mib in samples)


def compare(data: Path | None, rounds: int, minutes: float = 10.0) -> None:
    """Run one demo, print what each part held and whether it is flat; recorded data and rounds are not needed."""
    del data, rounds
    print(f"memory of a demo at speed {SPEED}: {minutes:g} minutes, load {os.getloadavg()[0]:.2f}")
    report(watch(minutes))


def report(samples: dict[str, list[Sample]]) -> None:
    """Print the table."""
    print(f"{'part':<12}{'first':>8}{'middle':>8}{'last':>8}{'most':>8}{'MiB/min':>9}  second half")
    for part, found in samples.items():
        half = found[len(found) // 2 :]
        most = max(mib for _, mib in found)
        print(
            f"{part:<12}{found[0][1]:>8.0f}{half[0][1]:>8.0f}{half[-1][1]:>8.0f}{most:>8.0f}{slope(half):>9.2f}"
            f"  {'flat' if is_flat(half) else 'NOT FLAT'}"
        )


if __name__ == "__main__":
    compare(None, 1)
