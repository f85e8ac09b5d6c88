"""The proof in short: half a minute live, judged; replayed alike; and every mutant caught over its recording.

The long form is ``python -m tests.live.prove``.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest

from crossbook.sim.live.judge_report import Judgement, as_text
from tests.live.breakages import MUTANTS
from tests.live.mutants import GRACES, Report
from tests.live.prove import LATE, alike, judgement_of, mutants_caught, replayed, run_live, silent_sources
from tests.live.rested import judged, read_case

SEED = 1
SECONDS = 30


class Run(NamedTuple):
    """A live run: its folder, and what the judge said."""

    folder: Path
    judgement: Judgement


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("proof") / "run"
    return Run(folder, judgement_of(run_live(folder, SEED, SECONDS)))


@pytest.fixture(scope="module")
def mutants(run: Run) -> dict[str, Report]:
    return {report.name: report for report in mutants_caught(run.folder, MUTANTS)}


def test_the_judge_has_something_to_judge(run: Run) -> None:
    assert run.judgement.whole
    assert silent_sources(run.folder) == []
    assert run.judgement.stood >= 30
    counts = run.judgement.faults
    assert all(count.planted >= 3 for count in counts.values()), counts


def test_nothing_is_missed_false_or_acted_on(run: Run) -> None:
    """On a machine that is busy beyond the judge's patience: when nothing but being late is found, and that goes away
    where the frames are looked at as they came."""
    if not run.judgement.passed:
        assert set(run.judgement.names) <= LATE, as_text(run.judgement)
        rested = judged(read_case(run.folder), GRACES[-1])
        assert rested.passed, as_text(rested)
    assert sum(count.acted_on for count in run.judgement.faults.values()) == 0


def test_a_replay_says_the_same_byte_for_byte(run: Run) -> None:
    first, second = replayed(run.folder, 1), replayed(run.folder, 20_261)
    assert first == second
    assert alike(run.folder, first)


@pytest.mark.parametrize("name", MUTANTS)
def test_a_mutant_is_caught(mutants: dict[str, Report], name: str) -> None:
    assert mutants[name].caught, mutants[name].line()
