"""Mutants: the live pipeline broken in one small, named way at a time, for the judge to catch.

``python -m tests.live.mutants FOLDER [NAME …]`` plays some, or all, over a kept demo and says what the judge found.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import msgspec
import pytest

from crossbook.app.engine import TICK
from crossbook.arbitrage import decide, find, instrument, screens, verdict
from crossbook.base.clock import SECOND
from crossbook.sim.live.judge import judge
from crossbook.sim.live.judge_report import as_text
from tests.live.breakages import MUTANTS, Mutant
from tests.live.rested import Case, judged, read_case, said

GRACE: Final = SECOND // 4
"""What the judge allows beyond a tick of a recording whose frames were taken in as they came."""
GRACES: Final = (GRACE, 2 * GRACE, 4 * GRACE, 8 * GRACE)
"""What it may have to allow where the machine was so busy that frames waited outside."""
LONGEST_DELAY: Final = 2 * GRACE
FIRST_S: Final = 12
"""Of how much of a recording's beginning it is tried whether a mutant is caught already."""


DELAYS: Final = ("close_twenty_ticks_late", "open_twenty_ticks_late")


class Report(msgspec.Struct, frozen=True):
    """What the judge found in a mutant's changes, with what grace (ns)."""

    name: str
    grace: int
    findings: dict[str, int]

    @property
    def tellable(self) -> bool:
        """Whether it can be told at all: a delay of a second is none where more is allowed."""
        return not (self.name in DELAYS and self.grace > LONGEST_DELAY)

    @property
    def caught(self) -> bool:
        """Whether the judge names it, where it can be told."""
        return not self.tellable or not MUTANTS[self.name].caught_as.isdisjoint(self.findings)

    def line(self) -> str:
        """A line for people."""
        most = ", ".join(f"{count} {what}" for what, count in Counter(self.findings).most_common(4))
        fine = "caught" if self.tellable and self.caught else "not told" if self.caught else "SURVIVED"
        return f"{self.name:<34} {fine:<9} {most or 'nothing found'}"


def _forget() -> None:
    """Empty the caches that hold what a mutant may have reached."""
    for module in (instrument, decide, find, screens, verdict):
        for thing in vars(module).values():
            clear = getattr(thing, "cache_clear", None)
            if clear is not None:
                clear()


@contextmanager
def at_work(mutated: Mutant) -> Iterator[None]:
    """The breakage, for the length of the block."""
    with pytest.MonkeyPatch.context() as patch:
        _forget()
        mutated.make(patch)
        try:
            yield
        finally:
            _forget()


def sound_grace(case: Case) -> int | None:
    """The least grace (ns) with which the sound pipeline passes, None where none of `GRACES` will do."""
    told = said(case.frames)
    for grace in GRACES:
        if judge(case.truth, told, tick_ns=TICK, grace_ns=grace).passed:
            return grace
    return None


def findings(cases: Sequence[Case], mutated: Mutant, grace_ns: int = GRACE) -> Counter[str]:
    """The names of what the judge finds in a mutant's changes, and how often, in the first case where it is caught."""
    found: Counter[str] = Counter()
    for case in cases:
        with at_work(mutated):
            found = Counter(judged(case, grace_ns).names)
        if not mutated.caught_as.isdisjoint(found):
            break
    return found


def cases_of(folder: Path) -> list[Case]:
    """A kept demo: its first seconds, and all of it. What is caught early saves the rest."""
    return [read_case(folder, FIRST_S), read_case(folder)]


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; 1 when a mutant is not caught by a name of its own, 2 when the sound pipeline is accused."""
    parser = argparse.ArgumentParser(prog="tests.live.mutants")
    parser.add_argument("folder", type=Path, help="what `crossbook demo --keep` left")
    parser.add_argument("names", nargs="*", help="which mutants, by default all; - reads them line by line")
    parser.add_argument(
        "--grace-ms", type=int, help="by default the least with which the sound pipeline passes"
    )
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    given = parser.parse_args(arguments)
    cases = cases_of(given.folder)
    grace = given.grace_ms * 1_000_000 if given.grace_ms is not None else sound_grace(cases[-1])
    if grace is None:
        sys.stderr.write(f"{as_text(judged(cases[-1], GRACES[-1]))}\n")
        return 2
    worst = 0
    names: Iterable[str] = map(str.strip, sys.stdin) if given.names == ["-"] else given.names or MUTANTS
    for name in names:
        report = Report(name, grace, dict(findings(cases, MUTANTS[name], grace)))
        worst |= not report.caught
        print(msgspec.json.encode(report).decode() if given.json else report.line(), flush=True)
    return worst


if __name__ == "__main__":
    sys.exit(main())
