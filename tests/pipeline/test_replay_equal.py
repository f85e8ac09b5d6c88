"""Equal frames and ticks give equal changes, byte for byte, whatever the process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from functools import lru_cache
from pathlib import Path

import pytest

from crossbook.model.frame import FrameKind
from crossbook.model.life import Change, Moment
from crossbook.pipeline.live import Pipeline, Tick
from tests.pipeline.live_made_up import printed
from tests.pipeline.recorded import EXCHANGE, FEED, SITE, pipeline, play, script

SEED = 7
HASH_SEEDS = ("0", "1", "4242")


@lru_cache(maxsize=1)
def once() -> tuple[Pipeline, list[Tick]]:
    one = pipeline()
    return one, play(script(SEED), one)


def test_the_recording_is_rich() -> None:
    """Else the tests below would say little."""
    done, ticks = once()
    changes = [change for tick in ticks for change in tick.changes]
    reasons = Counter(reason.name for change in changes for reason in change.why)
    assert {"moved", "withdrawn", "disconnected", "refused"} <= reasons.keys()
    assert {change.moment for change in changes} == set(Moment)
    assert len(changes) > 100
    assert done.events.matched > 20
    assert done.streams.keys() == {FEED, EXCHANGE, SITE}
    assert len(done.lives.open()) > 5


def test_every_life_is_told_in_order() -> None:
    done, ticks = once()
    alive: dict[str, Change] = {}
    for tick in ticks:
        for change in tick.changes:
            assert change.at == tick.at
            if change.moment is Moment.OPENED:
                assert change.id not in alive
                assert change.opened == tick.at
                assert not change.why
            else:
                before = alive[change.id]
                assert (change.event, change.opened) == (before.event, before.opened)
                assert change.moment is Moment.CHANGED or change.why
            if change.moment is Moment.CLOSED:
                del alive[change.id]
            else:
                alive[change.id] = change
    assert sorted(alive) == sorted(change.id for change in done.lives.open())


def test_other_processes_say_the_same_byte_for_byte() -> None:
    here = "\n".join(printed(once()[1])) + "\n"
    running = [
        subprocess.Popen(
            [sys.executable, "-W", "error", "-m", "tests.pipeline.recorded", str(SEED)],
            cwd=Path(__file__).parents[2],
            env={**os.environ, "PYTHONHASHSEED": seed},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        for seed in HASH_SEEDS
    ]
    try:
        for process in running:
            there, complaint = process.communicate(timeout=240)
            assert process.returncode == 0, complaint.decode()
            assert there.decode() == here
    finally:
        for process in running:
            process.kill()
            process.communicate()


@pytest.mark.parametrize("every", [3, 1_000])
def test_fewer_looks_end_with_the_same_open(every: int) -> None:
    """When somebody looks decides what is told and when it opened, never what stands in the end."""
    steps = script(SEED)
    ticks = [place for place, step in enumerate(steps) if step[2] is FrameKind.TICK]
    left_out = {place for number, place in enumerate(ticks, 1) if number % every} - {ticks[-1]}
    other = pipeline()
    fewer = play([step for place, step in enumerate(steps) if place not in left_out], other)
    assert len(fewer) < len(ticks)
    assert standing(other) == standing(once()[0])


def standing(done: Pipeline) -> list[str]:
    """What is open, without when it opened and whence its names come."""
    found = []
    for change in done.lives.open():
        opportunity = change.opportunity
        legs = sorted(
            (leg.quote.venue.id, str(leg.quote.claim), str(leg.quote.odds)) for leg in opportunity.legs
        )
        reasons = [reason.name for reason in opportunity.reasons]
        words = [change.event, opportunity.verdict, str(opportunity.guaranteed_return), reasons, legs]
        found.append(json.dumps(words))
    return sorted(found)
