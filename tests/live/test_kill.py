"""A few rounds of the kill programme; `python -m tests.live.kill --times 50` plays more."""

from __future__ import annotations

import random
import sys

import pytest

from tests.live.kill import BOTH, PROCESS, SERVER, rounds

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="finds the processes to kill in /proc")
ORDER = (
    ("at random", PROCESS),
    ("mid-COPY", BOTH),
    ("rotate: renamed", PROCESS),
    ("at random", SERVER),
    ("pack: renamed", PROCESS),
    ("shutdown", PROCESS),
)


def test_killed_whole_or_in_part_it_comes_back_with_all_that_was_seen() -> None:
    killed = list(rounds(len(ORDER), random.Random(3), ORDER))
    assert [(each.point, each.victim) for each in killed] == list(ORDER)
    assert killed[-1].frames > 100
    assert killed[-1].rows > 100
