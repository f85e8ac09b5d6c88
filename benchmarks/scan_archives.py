"""The scan of season archives, beside a plain pandas + scipy script that does the same job with the same answer.

Every candidate runs in a process of its own and times the job from the folder to the last answer, without the
interpreter's start. Candidates take turns; medians are shown, with the machine's load, because ratios travel and
seconds do not.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

from benchmarks.made_up_seasons import write_seasons

CANDIDATES = {
    "naive": "pandas + scipy.optimize.linprog, one process",
    "crossbook-1": "crossbook scan --markets all, one process",
    "crossbook": "crossbook scan --markets all, all processors",
}
_TOLERANCE = 1e-6


def compare(data: Path | None, rounds: int) -> None:
    """Run all candidates over the same seasons, check that they agree, and print the table."""
    with tempfile.TemporaryDirectory() as folder:
        seasons = data / "sports" / "football_data" if data else write_seasons(Path(folder))
        source = "recorded seasons" if data else "made-up seasons (no recorded data here)"
        print(
            f"scan of archives: {source}, {rounds} rounds, load {os.getloadavg()[0]:.2f}, {os.cpu_count()} processors"
        )
        runs: dict[str, list[dict[str, Any]]] = {name: [] for name in CANDIDATES}
        for _ in range(rounds):
            for name in CANDIDATES:
                runs[name].append(_run(name, seasons))
    answers = {name: results[0]["answers"] for name, results in runs.items()}
    demand_agreement(answers)
    matches, programmes = runs["naive"][0]["matches"], runs["naive"][0]["programmes"]
    print(
        f"{matches} matches read, {programmes} programmes, {len(answers['naive'])} answers, equal to {_TOLERANCE}"
    )
    slowest = statistics.median(run["seconds"] for run in runs["naive"])
    print(f"{'candidate':<50}{'seconds':>9}{'matches/s':>11}{'times':>8}{'peak MiB':>10}")
    for name, words in CANDIDATES.items():
        seconds = statistics.median(run["seconds"] for run in runs[name])
        memory = max(run["peak_mib"] for run in runs[name])
        print(f"{words:<50}{seconds:>9.2f}{matches / seconds:>11.0f}{slowest / seconds:>8.1f}{memory:>10.0f}")


def _run(name: str, seasons: Path) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.scan_archives", name, str(seasons)]
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    result: dict[str, Any] = json.loads(printed)
    return result


def demand_agreement(answers: dict[str, dict[str, float]]) -> None:
    """Stop with SystemExit unless every candidate found the same matches with the same returns as the naive one."""
    expected = answers["naive"]
    for name, found in answers.items():
        if found.keys() != expected.keys():
            raise SystemExit(f"{name} differs: {sorted(found.keys() ^ expected.keys())[:5]}")
        worst = max((abs(found[key] - expected[key]) for key in found), default=0.0)
        if worst > _TOLERANCE:
            raise SystemExit(f"{name} differs by {worst}")


def _naive(seasons: Path) -> dict[str, Any]:
    from benchmarks.peers.naive_scan import scan_all

    counts: Counter[str] = Counter()
    began = time.perf_counter()
    found = scan_all(seasons, counts=counts)
    seconds = time.perf_counter() - began
    answers = {
        "|".join(row[part] for part in ("basis", "season", "div", "date", "home", "away")): row[
            "guaranteed_return"
        ]
        for row in found
    }
    return {
        "seconds": seconds,
        "answers": answers,
        "matches": counts["rows"],
        "programmes": counts["questions"],
    }


def _crossbook(seasons: Path, processes: int | None) -> dict[str, Any]:
    from crossbook.app.build import build_scan
    from crossbook.pipeline.options import Markets, Options

    began = time.perf_counter()
    answers: dict[str, float] = {}
    for found in build_scan(Options(markets=Markets.ALL), processes).run([seasons]):
        listing = found.listing
        key = "|".join(
            str(part)
            for part in (
                found.basis.value,
                listing.season,
                listing.competition,
                listing.date,
                listing.home,
                listing.away,
            )
        )
        answers[key] = max(answers.get(key, 0.0), float(found.guaranteed_return))
    return {"seconds": time.perf_counter() - began, "answers": answers}


def _peak_mib() -> float:
    """The most memory of this process and, where it has children, of the largest of them for each processor."""
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return (own + children * (os.cpu_count() or 1)) / 1024


def answer(name: str, seasons: Path) -> dict[str, Any]:
    """Run one candidate here: its answers by match, its seconds, and for the naive one what it looked at."""
    if name == "naive":
        return _naive(seasons)
    return _crossbook(seasons, 1 if name == "crossbook-1" else None)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Run one candidate and print its answers as JSON.")
    parser.add_argument("name", choices=CANDIDATES)
    parser.add_argument("seasons", type=Path)
    chosen = parser.parse_args()
    json.dump({**answer(chosen.name, chosen.seasons), "peak_mib": _peak_mib()}, sys.stdout)
