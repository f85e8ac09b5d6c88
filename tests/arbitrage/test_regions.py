"""Regions: the bounds of a state hold for exactly the scores that settle as it does."""

from __future__ import annotations

import random
from itertools import product

from crossbook.arbitrage.changes import AWAY, HOME, MARGIN, SUM
from crossbook.arbitrage.regions import Range, Region, regions_of
from crossbook.arbitrage.states import states_of
from crossbook.model.claim import Claim, Kind, Period
from crossbook.model.quote import Contest
from crossbook.model.result import Score
from crossbook.model.settlement import settle
from tests.arbitrage.worlds import BTTS_NO, BTTS_YES, DRAW, ah, claim, random_claim, total
from tests.arbitrage.worlds import HOME as HOME_WINS

GRID = [Score(home, away) for home, away in product(range(16), repeat=2)]


def inside(region: Region, score: Score) -> bool:
    """Whether a score is within every range, counted by hand."""
    counts = {
        MARGIN: score.home - score.away,
        SUM: score.home + score.away,
        HOME: score.home,
        AWAY: score.away,
    }
    return all(
        (one.least is None or counts[one.direction] >= one.least)
        and (one.most is None or counts[one.direction] <= one.most)
        for one in region.ranges
    )


def check(*claims: Claim) -> list[Region]:
    """Every region that says it is exact holds exactly the scores that settle as its example does."""
    states = states_of(frozenset(claims))
    regions = regions_of(states)
    for region in regions:
        assert isinstance(region.example, Score)
        if region.exact:
            there = [settle(one, region.example) for one in claims]
            for score in GRID:
                assert inside(region, score) == ([settle(one, score) for one in claims] == there), (
                    region,
                    score,
                )
    return regions


def test_totals_and_results_have_plain_bounds() -> None:
    found = {region.ranges for region in check(HOME_WINS, DRAW, total("over", "2.5"))}
    assert found == {
        (Range(MARGIN, 1, None), Range(SUM, 3, None)),
        (Range(MARGIN, 1, None), Range(SUM, None, 2)),
        (Range(MARGIN, 0, 0), Range(SUM, 3, None)),
        (Range(MARGIN, 0, 0), Range(SUM, None, 2)),
        (Range(MARGIN, None, -1), Range(SUM, 3, None)),
        (Range(MARGIN, None, -1), Range(SUM, None, 2)),
    }


def test_whole_and_quarter_lines() -> None:
    found = {region.ranges for region in check(total("over", 3), total("under", "3.25"))}
    assert found == {(Range(SUM, None, 2),), (Range(SUM, 3, 3),), (Range(SUM, 4, None),)}
    found = {region.ranges for region in check(ah("home", "-0.75"))}
    assert found == {(Range(MARGIN, None, 0),), (Range(MARGIN, 1, 1),), (Range(MARGIN, 2, None),)}


def test_both_score() -> None:
    yes, no = sorted(check(BTTS_YES, BTTS_NO), key=lambda region: not region.exact)
    assert yes.ranges == (Range(HOME, 1, None), Range(AWAY, 1, None))
    assert not no.exact  # two bars, no box


def test_odd_and_even_are_told_by_an_example() -> None:
    assert [region.exact for region in check(claim(Kind.ODD_EVEN, "odd"))] == [False, False]


def test_random_claims() -> None:
    rng = random.Random(3)
    exact = every = 0
    for _ in range(60):
        regions = check(*{random_claim(rng) for _ in range(rng.randint(1, 4))})
        exact += sum(region.exact for region in regions)
        every += len(regions)
    assert exact > every / 2


def test_a_half_is_counted_alone() -> None:
    half = claim(Kind.TOTAL, "over", "1.5", period=Period.FIRST_HALF)
    found = {region.ranges for region in regions_of(states_of(frozenset([half])))}
    assert found == {(Range(SUM, None, 1),), (Range(SUM, 2, None),)}
    both = states_of(frozenset([half, total("over", "2.5")]))
    assert not any(region.exact for region in regions_of(both))


def test_races_and_far_counts_have_no_ranges() -> None:
    runners = ("Ada", "Bea")
    race = states_of(
        frozenset(claim(Kind.WINNER, name, subject="race") for name in runners), Contest("race", runners)
    )
    assert [region.ranges for region in regions_of(race)] == [()] * len(race.results)
    far = states_of(frozenset([claim(Kind.TOTAL, "over", "221.5", subject="points")]))
    assert not any(region.exact for region in regions_of(far))
