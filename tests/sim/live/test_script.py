from __future__ import annotations

from collections import Counter
from itertools import pairwise

import pytest

from crossbook.base.clock import SECOND
from crossbook.base.errors import Misconfigured
from crossbook.sim.live.names import CONNECTED, FEEDS, life_of
from crossbook.sim.live.plants import (
    DISCONNECT,
    FAULT_NAMES,
    FAULTS,
    MALFORMED,
    OPPORTUNITIES,
    SILENCE,
    SOURCE_FAULTS,
)
from crossbook.sim.live.script import Ending, Script

SEEDS = range(10)


@pytest.mark.parametrize("make", [Script.for_demo, Script.for_proof])
def test_one_seed_is_one_script(make):
    assert make(3).acts(0) == make(3).acts(0)
    assert make(3).acts(0) != make(4).acts(0)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_demo_begins_at_once_and_shows_every_fault_in_time(seed: int):
    script = Script.for_demo(seed)
    acts = script.acts(0)
    raised = [act.at for act in acts if act.name in OPPORTUNITIES]
    assert raised[0] == SECOND
    assert all(3 * SECOND <= later - earlier <= 5 * SECOND for earlier, later in pairwise(raised))
    assert {act.name for act in acts if act.is_fault} == set(FAULT_NAMES)
    assert max(act.at + act.lasts for act in acts if act.name not in OPPORTUNITIES) < 45 * SECOND


def test_the_demo_goes_on_with_other_draws():
    script = Script.for_demo(1)
    first, second = script.acts(0), script.acts(1)
    assert first[0].at + script.length == second[0].at
    assert [act.lasts for act in first] != [act.lasts for act in second]
    assert len({act.number for act in first + second}) == len(first) + len(second)
    assert script.acts(40)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_proof_is_as_dense_as_asked(seed: int):
    script = Script.for_proof(seed, seconds=60, opportunities=110, faults_each=21)
    acts = script.acts(0)
    planted = Counter[str]()
    for act in acts:
        planted[act.name] += act.fixtures
    assert sum(planted[kind] for kind in OPPORTUNITIES) == 110
    assert all(planted[name] == 21 for name in (*FAULTS, MALFORMED))
    assert planted[DISCONNECT] >= 21
    assert planted[SILENCE] >= 21
    assert not script.acts(1)
    assert all(act.at + act.lasts + act.down < script.length for act in acts)
    assert {act.ending for act in acts} == set(Ending)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_source_goes_one_way_at_a_time_and_polls_are_never_cut(seed: int):
    for script in (Script.for_demo(seed), Script.for_proof(seed), Script.for_proof(seed, seconds=50)):
        acts = [act for act in script.acts(0) if act.name in SOURCE_FAULTS and act.name != MALFORMED]
        for act in acts:
            if act.name == SILENCE:
                assert act.down > life_of(act.source) * SECOND
            else:
                assert act.source in CONNECTED
        for source in (*CONNECTED, *FEEDS):
            mine = [act for act in acts if act.source == source]
            assert all(
                earlier.at + earlier.lasts + earlier.down < later.at for earlier, later in pairwise(mine)
            )


def test_speed_scales_every_time_but_the_life_of_prices():
    usual, quick = Script.for_demo(5), Script.for_demo(5, speed=4)
    assert (usual.length, usual.pause) == (4 * quick.length, 4 * quick.pause)
    for slow, fast in zip(usual.acts(1), quick.acts(1), strict=True):
        assert (slow.number, slow.name) == (fast.number, fast.name)
        assert abs(slow.at - 4 * fast.at) <= 4
        assert abs(slow.lasts - 4 * fast.lasts) <= 4
        if slow.name == SILENCE:
            assert slow.down == fast.down


def test_settings_that_make_no_script_are_refused():
    with pytest.raises(Misconfigured, match="seconds"):
        Script.for_proof(1, seconds=20)
    with pytest.raises(Misconfigured, match="speed"):
        Script.for_demo(1, speed=0)
