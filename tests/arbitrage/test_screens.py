"""Trust screens: each refuses what it is there for, by name, and leaves what only comes near."""

from __future__ import annotations

from fractions import Fraction

import pytest

from crossbook.arbitrage.fair import result_chances
from crossbook.arbitrage.screening.evidence import Evidence
from crossbook.arbitrage.screens import SCREENS, doubted
from crossbook.model.claim import Kind, Period
from crossbook.model.opportunity import Verdict
from crossbook.model.quote import Quote
from crossbook.model.venue import bookmaker
from tests.arbitrage.checks import Scene, check_scene, check_sums, fair_books
from tests.arbitrage.scenes import SCENES
from tests.arbitrage.worlds import (
    ALPHA,
    BRAVO,
    BTTS_NO,
    BTTS_YES,
    CARGO,
    HOME,
    ah,
    back,
    claim,
    lay,
    pair,
    reason_names,
    search,
)

ALL = [pytest.param(scene, id=f"{name}: {scene.name}") for name, scenes in SCENES.items() for scene in scenes]


@pytest.mark.parametrize("scene", ALL)
def test_scene(scene: Scene) -> None:
    check_scene(scene)
    for found in search(scene.quotes):
        check_sums(found)


def test_every_reason_has_a_refusal_and_a_near_miss() -> None:
    for name, scenes in SCENES.items():
        refusals = [scene.refused for scene in scenes if scene.refused is not None]
        assert refusals
        assert set(refusals) == {name}
        assert len(refusals) < len(scenes)
    assert len(SCREENS) == 13


@pytest.mark.parametrize(
    "scene",
    [scene for scenes in SCENES.values() for scene in scenes if scene.refused],
    ids=lambda scene: scene.name,
)
def test_a_refusal_says_what_and_where(scene: Scene) -> None:
    last = search(scene.quotes)[-1]
    (detail,) = {reason.detail for reason in last.reasons[:1]}
    assert detail
    assert any(word in detail.casefold() for word in ("alpha", "bravo", "cargo", "xchange", "oddone", "%")), (
        detail
    )


def test_ordinary_prices_are_not_doubted() -> None:
    quotes = [
        *fair_books(),
        *pair(ALPHA, BTTS_YES, "1.8", BTTS_NO, "2.0"),
        *pair(BRAVO, BTTS_YES, "1.85", BTTS_NO, "1.95"),
        *pair(CARGO, ah("home", "-0.5"), "1.9", ah("away", "-0.5"), "1.95"),
        lay(BRAVO, HOME, "2.05"),
    ]
    assert doubted(quotes) == {}


def test_a_price_may_be_refused_for_two_reasons() -> None:
    quotes = [*fair_books(), back(CARGO, HOME, 3, tradable=False)]
    (found,) = search(quotes)
    assert {"suspended", "outlier"} <= reason_names(found)


def test_other_faults_of_the_event_are_told_in_short_after_the_own() -> None:
    quotes = [
        back(ALPHA, BTTS_YES, "2.2", tradable=False),
        back(BRAVO, BTTS_NO, "2.1"),
        back(CARGO, HOME, 2, tradable=False),
        back(CARGO, ah("home", "-0.5"), 2, tradable=False),
    ]
    (found,) = search(quotes)
    assert found.verdict is Verdict.REJECTED
    assert [reason.name for reason in found.reasons] == ["suspended", "suspended"]
    assert found.reasons[0].detail.startswith("alpha btts yes")
    assert found.reasons[1].detail.startswith("elsewhere in the event: cargo")
    assert found.reasons[1].detail.endswith("(and 1 more)")


def test_doubts_without_an_opportunity_are_no_news() -> None:
    assert search([*fair_books(), back(CARGO, BTTS_YES, "1.5", tradable=False)]) == []


def test_the_worth_of_a_price_by_the_match_result() -> None:
    """Home or draw at 1.6 with a fair 0.77 is worth about 1.23."""
    prices = result_chances(fair_books())
    assert prices is not None
    assert prices.home + prices.draw + prices.away == pytest.approx(1)
    assert prices.home == pytest.approx(0.5014, abs=0.0005)
    worth = prices.least_worth(back(CARGO, claim(Kind.DOUBLE_CHANCE, "home_draw"), "1.6"))
    assert worth == pytest.approx(1.6 * (prices.home + prices.draw))
    laid = prices.least_worth(lay(CARGO, claim(Kind.DRAW_NO_BET, "home"), 3))
    assert laid == pytest.approx(1.5 * prices.away + prices.draw)
    half = prices.least_worth(back(CARGO, claim(Kind.MATCH_RESULT, "home", None, Period.FIRST_HALF), 9))
    assert half == 0, "a half may be lost by whoever wins the match"


def test_the_better_of_two_prices_of_one_venue() -> None:
    """Evidence keeps the better of two prices a venue has on one selection."""
    worse, better = back(ALPHA, HOME, "1.9"), back(ALPHA, HOME, 2)
    evidence = Evidence([worse, better])
    (best,) = evidence.best.values()
    assert list(best.values()) == [better]
    assert list(evidence.markets.values()) == [[worse, better]]
    assert evidence.newest is None
    assert better.odds == Fraction(2)


def test_of_two_that_mirror_each_other_the_one_that_nobody_joins_is_not_believed() -> None:
    mirrored = [
        *pair(ALPHA, BTTS_YES, "1.72", BTTS_NO, "2.2"),
        *pair(BRAVO, BTTS_YES, "2.3", BTTS_NO, "1.62"),
    ]
    third = pair(CARGO, BTTS_YES, "1.62", BTTS_NO, "2.45")
    fourth = pair(bookmaker("delta", "Delta"), BTTS_YES, "1.66", BTTS_NO, "2.25")

    def not_believed(quotes: list[Quote]) -> set[str]:
        return {quote.venue.id for quote, _ in doubted(quotes).values()}

    assert not_believed(mirrored) == {"alpha", "bravo"}
    assert not_believed([*mirrored, *third]) == {"alpha", "bravo", "cargo"}
    assert not_believed([*mirrored, *third, *fourth]) == {"bravo"}
    assert not_believed([*fourth, *reversed(mirrored), *third]) == {"bravo"}
    best = search([*mirrored, *third, *fourth])[0]
    assert best.verdict is Verdict.PURE
    assert {leg.quote.venue.id for leg in best.legs} == {"alpha", "cargo"}
