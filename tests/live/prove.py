"""The proof: live runs of the simulated world under many seeds, judged, replayed, and broken on purpose.

``python -m tests.live.prove --seeds 1-10`` runs the demo's proof script seed after seed and prints a table. A seed that
is proven is not run again; one that was not is, from anew. A run in which prices were late to be read or told, and
nothing else was wrong, is told as ``late``: the machine was busy. It is no proof either.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import subprocess
import sys
import tempfile
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec

from crossbook.cli.show import CHANGES_FILE, RECORDING_FOLDER
from crossbook.sim.live.judge_report import Judgement, as_text
from crossbook.sim.live.process import TRUTH_FILE
from crossbook.sim.live.truth import Delivered, read_truth_log
from tests.live.breakages import MUTANTS
from tests.live.mutants import GRACE, Report, sound_grace
from tests.live.rested import judged, read_case

ROOT: Final = Path(__file__).parents[2]
RESULT_FILE: Final = "proof.json"
SUMMARY_FILE: Final = "summary.json"
LATE: Final = frozenset(
    {
        "late_close",
        "opened_late",
        "interrupted",
        "missed",
        "moved",
        "withdrawn",
        "suspended",
        "lost",
        "expired",
    }
)
"""What findings may be called when all that is wrong is that a busy machine came to it late."""
WHOLE_S: Final = 60
LEAST_STOOD: Final = 100
"""How many opportunities have to stand long enough in a whole run."""
_LONGER_S: Final = 120
_REPLAY_S: Final = 300
_MUTANT_S: Final = 300
_MILLISECOND: Final = 1_000_000

Tell = Callable[[str], None]


class Proof(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a seed. `rested` are the findings when the recording is played as an idle engine would have."""

    seed: int
    seconds: float
    passed: bool
    findings: dict[str, int]
    rested: dict[str, int]
    planted: int
    stood: int
    found: int
    faults: dict[str, int]
    """How many of each name were planted."""
    delivered: dict[str, int]
    acted_on: int
    open_p99_ms: float
    close_p99_ms: float
    frames: int
    silent: list[str]
    """Sources that delivered nothing: of what they would have said nothing can be missed, so nothing is proven."""
    replays_alike: bool
    load: float

    @property
    def wrong(self) -> dict[str, int]:
        """The findings that no busy machine explains."""
        return {
            name: number for name, number in self.findings.items() if name not in LATE or name in self.rested
        }

    @property
    def verdict(self) -> str:
        """In one word."""
        if self.silent or (self.seconds >= WHOLE_S and self.stood < LEAST_STOOD):
            return "TOO LITTLE"
        if self.passed and self.replays_alike:
            return "proven"
        return "late" if self.replays_alike and not self.wrong else "NOT PROVEN"


def run_live(folder: Path, seed: int, seconds: float) -> dict[str, Any]:
    """Run the demo's proof script for so many seconds; gives its summary. All it leaves is in `folder`."""
    command = [sys.executable, "-m", "crossbook", "demo", "--script", "proof", "--seed", str(seed)]
    command += ["--seconds", str(seconds), "--json", "--once", "--port", "0", "--keep", str(folder)]
    done = _run(command, seconds + _LONGER_S)
    if done.returncode not in (0, 1) or not done.stdout:
        raise RuntimeError(
            f"seed {seed}: the demo ended with {done.returncode}: {done.stderr[-2_000:].decode()}"
        )
    summary: dict[str, Any] = msgspec.json.decode(done.stdout)
    (folder / SUMMARY_FILE).write_bytes(done.stdout)
    return summary


def judgement_of(summary: dict[str, Any]) -> Judgement:
    """What the judge said of a live run."""
    return msgspec.convert(summary["judgement"], Judgement)


def silent_sources(folder: Path) -> list[str]:
    """The sources of a run's world that delivered nothing to Crossbook."""
    truth = read_truth_log(folder / TRUTH_FILE)
    spoke = {record.source for record in truth.records if isinstance(record, Delivered)}
    return sorted({source.name for source in truth.head.sources} - spoke)


def replayed(folder: Path, hash_seed: int) -> list[bytes]:
    """The changes of a kept run's recording, replayed by another process with this PYTHONHASHSEED, as lines."""
    command = [sys.executable, "-m", "crossbook", "replay", str(folder / RECORDING_FOLDER), "--json"]
    done = _run(command, _REPLAY_S, PYTHONHASHSEED=str(hash_seed))
    if done.returncode:
        raise RuntimeError(f"the replay ended with {done.returncode}: {done.stderr[-2_000:].decode()}")
    return done.stdout.splitlines(keepends=True)[:-1]


def alike(folder: Path, replay: Sequence[bytes]) -> bool:
    """Whether a replay says what was said live, byte for byte.

    The live run stops telling while its sources still go, one after the other: what the recording holds beyond that
    comes after, and must be later.
    """
    told = (folder / CHANGES_FILE).read_bytes().splitlines(keepends=True)
    beyond = replay[len(told) :]
    last = _at(told[-1]) if told else ""
    return bool(told) and list(replay[: len(told)]) == told and all(_at(line) > last for line in beyond)


def mutants_caught(folder: Path, names: Iterable[str], processes: int = 2) -> list[Report]:
    """Every mutant over a kept run, shared among so many processes.

    Raises RuntimeError when one cannot be run, or when the sound pipeline is accused.
    """
    grace = sound_grace(read_case(folder))
    if grace is None:
        raise RuntimeError("the sound pipeline is accused: nothing can be said of its mutants")
    every = list(names)
    waiting = deque(every)

    async def shared() -> list[list[Report]]:
        return await asyncio.gather(*(_mutants(folder, grace, waiting) for _ in range(processes)))

    by_name = {report.name: report for part in asyncio.run(shared()) for report in part}
    return [by_name[name] for name in every]


async def _mutants(folder: Path, grace: int, waiting: deque[str]) -> list[Report]:
    """One process, which is given a name whenever it has done with the last."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "tests.live.mutants", "--json", "--grace-ms", str(grace // _MILLISECOND), str(folder), "-"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=ROOT,
    )
    reports: list[Report] = []
    try:
        assert process.stdin is not None
        assert process.stdout is not None
        while waiting:
            name = waiting.popleft()
            process.stdin.write(f"{name}\n".encode())
            await process.stdin.drain()
            async with asyncio.timeout(_MUTANT_S):
                line = await process.stdout.readline()
            if not line:
                raise RuntimeError(f"{name}: its process ended with {await process.wait()}; see above")
            reports.append(msgspec.json.decode(line, type=Report))
        process.stdin.close()
        await process.wait()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return reports


def prove(folder: Path, seed: int, seconds: float) -> Proof:
    """Run, judge and replay one seed in a new folder."""
    if folder.exists():
        shutil.rmtree(folder)
    summary = run_live(folder, seed, seconds)
    judgement = judgement_of(summary)
    first, second = replayed(folder, 1), replayed(folder, 2)
    rested = judgement if judgement.passed else judged(read_case(folder), GRACE)
    if not judgement.passed:
        (folder / "judgement.txt").write_text(as_text(judgement), encoding="utf-8")
    counts = judgement.faults
    return Proof(
        seed=seed,
        seconds=seconds,
        passed=judgement.passed,
        findings=judgement.names,
        rested=rested.names,
        planted=judgement.planted,
        stood=judgement.stood,
        found=judgement.found,
        faults={name: count.planted for name, count in counts.items()},
        delivered={name: count.delivered for name, count in counts.items()},
        acted_on=sum(count.acted_on for count in counts.values()),
        open_p99_ms=judgement.open_delay.p99 / _MILLISECOND,
        close_p99_ms=judgement.close_delay.p99 / _MILLISECOND,
        frames=summary["rawlog"]["frames"],
        silent=silent_sources(folder),
        replays_alike=first == second and alike(folder, first),
        load=os.getloadavg()[0],
    )


def known(folder: Path) -> Proof | None:
    """A seed's proof, if it was proven before."""
    try:
        proof = msgspec.json.decode((folder / RESULT_FILE).read_bytes(), type=Proof)
    except (OSError, msgspec.DecodeError):
        return None
    return proof if proof.verdict == "proven" else None


def table(proofs: Iterable[Proof]) -> str:
    """The proofs as a table for people."""
    lines = ["seed  verdict     opportunities  faults each  acted on  opened p99  closed p99  load  findings"]
    for each in proofs:
        found = ", ".join(f"{number} {name}" for name, number in each.findings.items()) or "none"
        lines.append(
            f"{each.seed:>4}  {each.verdict:<10}  {f'{each.found} of {each.stood}':<13}  "
            f"{f'≥ {min(each.faults.values(), default=0)}':<11}  {each.acted_on:<8}  {each.open_p99_ms:>7.0f} ms  "
            f"{each.close_p99_ms:>7.0f} ms  {each.load:>4.1f}  {found}"
        )
    return "\n".join(lines)


def _at(line: bytes) -> str:
    at: str = msgspec.json.decode(line)["at"]
    return at


def _run(command: Sequence[str], seconds: float, **environment: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        command,
        cwd=ROOT,
        capture_output=True,
        timeout=seconds,
        env={**os.environ, **environment},
        check=False,
    )


def _seeds(text: str) -> list[int]:
    """The seeds of ``3``, ``1-10`` or ``1,4,7-9``."""
    seeds: list[int] = []
    for part in text.split(","):
        first, _, last = part.partition("-")
        seeds += range(int(first), int(last or first) + 1)
    return seeds


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; returns 0 when every seed is proven and, where asked for, every mutant caught."""
    parser = argparse.ArgumentParser(prog="tests.live.prove", description=__doc__)
    parser.add_argument("--seeds", type=_seeds, default=_seeds("1-10"), help="1-10 by default")
    parser.add_argument("--seconds", type=float, default=62.0, help="how long each runs; the script takes 60")
    parser.add_argument(
        "--keep", type=Path, help="where runs are kept, and looked for when it is called again"
    )
    parser.add_argument("--mutants", action="store_true", help="break the pipeline over the first proven run")
    given = parser.parse_args(arguments)
    keep = given.keep or Path(tempfile.gettempdir()) / "crossbook-proof"
    keep.mkdir(parents=True, exist_ok=True)
    proofs = []
    for seed in given.seeds:
        folder = keep / f"seed-{seed}"
        proof = known(folder)
        if proof is None:
            print(f"seed {seed}: runs for {given.seconds:.0f} s …", flush=True)
            proof = prove(folder, seed, given.seconds)
            (folder / RESULT_FILE).write_bytes(msgspec.json.encode(proof))
        print(f"seed {seed}: {proof.verdict}", flush=True)
        proofs.append(proof)
    print(f"\n{table(proofs)}\n")
    fine = all(proof.verdict == "proven" for proof in proofs)
    if given.mutants:
        broken = next((proof for proof in proofs if proof.verdict == "proven"), proofs[0])
        reports = mutants_caught(keep / f"seed-{broken.seed}", MUTANTS)
        print("\n".join(report.line() for report in reports))
        fine = fine and all(report.caught for report in reports)
    return 0 if fine else 1


if __name__ == "__main__":
    sys.exit(main())
