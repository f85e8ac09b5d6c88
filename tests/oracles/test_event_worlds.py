"""Random events judged: the same for the same seed, of every kind of market, and truly at the edge."""

from __future__ import annotations

import random
from collections import Counter
from fractions import Fraction

import pytest

from crossbook.model.claim import Claim, Kind, Period
from crossbook.model.quote import Quote, Side
from tests.oracles.always_solve import best_guarantee
from tests.oracles.event_worlds import (
    BOOKMAKERS,
    Aim,
    World,
    at_odds,
    break_even,
    cut_odds,
    make_world,
    nudge,
    random_quotes,
)
from tests.oracles.event_worlds_menu import FULL_TIME_FAMILIES, MENU, PLACE, fair_odds

F = Fraction


@pytest.fixture(scope="module")
def worlds() -> list[World]:
    return [make_world(11, number, 8) for number in range(40)]


def test_a_world_is_the_same_whenever_it_is_made() -> None:
    first = make_world(2, 5, 6)
    make_world.cache_clear()
    assert make_world(2, 5, 6) == first
    assert make_world(2, 6, 6) != first
    assert make_world(3, 5, 6) != first


def test_every_family_and_both_sides_are_quoted() -> None:
    quotes = [quote for seed in range(60) for quote in random_quotes(random.Random(seed), 10)]
    kinds = {family.rungs[0][0].kind for family in FULL_TIME_FAMILIES}
    assert {quote.claim.kind for quote in quotes} == kinds
    assert {quote.claim.period for quote in quotes} == {
        Period.FULL_TIME,
        Period.FIRST_HALF,
        Period.SECOND_HALF,
    }
    assert {quote.side for quote in quotes} == set(Side)
    assert {(quote.claim.quarters % 4) for quote in quotes if quote.claim.kind is Kind.TOTAL} == {0, 1, 2, 3}
    assert all(quote.venue.commission == 0 and quote.odds > 1 for quote in quotes)


def test_events_have_two_to_fifty_venues() -> None:
    counts = [len({quote.venue.id for quote in random_quotes(random.Random(seed))}) for seed in range(40)]
    assert max(counts) > 30
    assert min(counts) <= 3


def test_a_quarter_of_the_events_is_near_break_even_on_both_sides(worlds: list[World]) -> None:
    near: Counter[str] = Counter()
    for world in worlds:
        found = best_guarantee(world.quotes)
        if abs(found.value - 1) <= 1e-4:
            near["even" if found.is_even else "above" if found.value > 1 else "below"] += 1
    assert near.total() >= len(worlds) / 4
    assert min(near["even"], near["above"], near["below"]) >= 2


def test_a_price_at_its_edge_is_the_very_last_without_a_gain(worlds: list[World]) -> None:
    """Better by any part, there is a plan; worse by any part, nothing pays back all that it costs."""
    edges = 0
    for world in worlds[:25]:
        if world.nudged is None or world.edge is None:
            continue
        edges += 1
        quote = world.quotes[world.nudged]
        others = [other for other in world.quotes if other is not quote]
        part = F(1, 10**11)
        better, worse = (world.edge + part, world.edge - part)
        if quote.side is Side.LAY:
            better, worse = worse, better
        assert best_guarantee([*others, at_odds(quote, world.edge)]).exact == 1
        assert best_guarantee([*others, at_odds(quote, better)]).there_is
        below = best_guarantee([*others, at_odds(quote, worse)])
        assert below.exact is not None
        assert below.exact < 1
    assert edges >= 5


def test_break_even_worked_by_hand() -> None:
    trio = [
        Quote(BOOKMAKERS[0], Claim.of(Kind.MATCH_RESULT, selection), Side.BACK, F(odds))
        for selection, odds in (("home", "2.5"), ("draw", "4"), ("away", "2"))
    ]
    # 1/2.5 + 1/4 leaves 7/20 for the away side.
    edge = break_even(trio, 2)
    assert edge is not None
    assert (edge.odds, edge.legs) == (F(20, 7), 3)
    assert break_even(trio[:2], 1) is None


def test_a_nudge_goes_the_right_way() -> None:
    rng = random.Random(4)
    for _ in range(50):
        assert nudge(rng, F(3), Side.BACK, Aim.AT) == 3
        assert 3 < nudge(rng, F(3), Side.BACK, Aim.ABOVE) < F("3.0003")
        assert F("2.9997") < nudge(rng, F(3), Side.BACK, Aim.BELOW) < 3
        assert nudge(rng, F(3), Side.LAY, Aim.ABOVE) < 3 < nudge(rng, F(3), Side.LAY, Aim.BELOW)


@pytest.mark.parametrize(
    ("odds", "manner", "side", "cut"),
    [
        (2.349, "hundredths", Side.BACK, F("2.34")),
        (2.341, "hundredths", Side.LAY, F("2.35")),
        (2.349, "twentieths", Side.BACK, F("2.3")),
        (2.3456, "thousandths", Side.BACK, F("2.345")),
        (3.99, "ticks", Side.BACK, F("3.95")),
        (3.96, "ticks", Side.LAY, F(4)),
        (2.9, "cents", Side.BACK, F(100, 35)),
        (0.5, "hundredths", Side.BACK, F("1.01")),
    ],
)
def test_prices_are_cut_in_the_venues_favour(odds: float, manner: str, side: Side, cut: Fraction) -> None:
    assert cut_odds(odds, manner, side) == cut


def test_fair_odds_are_fair() -> None:
    odds = fair_odds(1.4, 1.1)
    chances = {claim: 1 / float(odds[PLACE[claim]]) for claim in MENU}
    for family in FULL_TIME_FAMILIES:
        if family.name in ("1x2", "btts", "odd_even", "exact_total"):
            assert sum(chances[claim] for claim in family.rungs[0]) == pytest.approx(1, abs=1e-6)
        if family.name == "double_chance":
            assert sum(chances[claim] for claim in family.rungs[0]) == pytest.approx(2, abs=1e-6)
        if family.has_lines and family.name != "european_handicap":
            for over, under in family.rungs:
                assert chances[over] + chances[under] == pytest.approx(1, abs=1e-6)
