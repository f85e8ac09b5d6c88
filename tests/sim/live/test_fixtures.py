"""Who plays whom in the live world, and how each source writes them."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from crossbook.base.clock import SECOND
from crossbook.sim.live import names

START = 1_795_000_000 * SECOND


@given(seed=st.integers(0, 10_000), count=st.integers(1, 150))
@settings(max_examples=25, deadline=None)
def test_fixtures_are_ahead_and_nobody_meets_the_same_team_twice(seed: int, count: int):
    fixtures = names.make_fixtures(seed, START, count)
    assert [fixture.number for fixture in fixtures] == list(range(count))
    assert all(fixture.kick_off >= START + 3 * 3_600 * SECOND for fixture in fixtures)
    pairs = [frozenset((fixture.home, fixture.away)) for fixture in fixtures]
    assert len(set(pairs)) == len(pairs)
    days: defaultdict[str, list[int]] = defaultdict(list)
    for fixture in fixtures:
        assert len(fixture.names) == len(fixture.ids) == 5
        assert all(home != away for home, away in fixture.names.values())
        for side in (fixture.home, fixture.away):
            days[side].append(fixture.kick_off)
    for times in days.values():
        assert all(later - earlier > 24 * 3_600 * SECOND for earlier, later in pairwise(sorted(times)))
    for source in fixtures[0].ids:
        ids = [fixture.ids.get(source) for fixture in fixtures if source in fixture.ids]
        assert len(set(ids)) == len(ids)


def test_sites_write_nations_in_indonesian_and_clubs_in_their_own_way():
    written: dict[str, set[str]] = defaultdict(set)
    for fixture in names.make_fixtures(1, START, 122):
        for place, side in enumerate((fixture.home, fixture.away)):
            written[side] |= {each[place] for each in fixture.names.values()}
    assert written["Germany"] == {"Germany", "JERMAN", "Jerman"}
    assert written["Ivory Coast"] == {"Ivory Coast", "PANTAI GADING", "Pantai Gading"}
    assert written["South Korea"] == {"South Korea", "KOREA SELATAN", "Korea Selatan"}
    assert {"MANCHESTER UTD", "Man Utd", "Manchester United"} <= written["Manchester United"]
    assert all(name.isascii() for side in written for name in written[side] if name.isupper())
