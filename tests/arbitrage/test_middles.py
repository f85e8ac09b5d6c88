"""Middles and low holds: what they cost, what they may pay, and that neither is mistaken for something else."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from crossbook.arbitrage.consensus import Consensus
from crossbook.arbitrage.low_hold import low_holds
from crossbook.arbitrage.middles import middles
from crossbook.arbitrage.terms import Terms
from crossbook.model.claim import Kind
from crossbook.model.opportunity import Estimate, Opportunity, Verdict
from crossbook.model.quote import Contest, Quote, Side
from tests.arbitrage.checks import nets, sister
from tests.arbitrage.worlds import (
    ALPHA,
    BRAVO,
    CARGO,
    DELTA,
    FREE_EXCHANGE,
    TWO_PERCENT,
    Number,
    Scores,
    ah,
    back,
    best_on_scores,
    book,
    claim,
    event,
    pair,
    reason_names,
    returns_on,
    total,
)

SCORES = Scores(12)


def points(selection: str, line: Number) -> Quote:
    """A price at -110 (21/11) on a total of points of which nobody's whole book is known."""
    return back(
        ALPHA if selection == "over" else BRAVO,
        claim(Kind.TOTAL, selection, line, subject="points"),
        Fraction(21, 11),
    )


def market(line: str, over: str, under: str) -> list[Quote]:
    """A book on points at one line, at a third venue."""
    return [
        back(CARGO, claim(Kind.TOTAL, "over", line, subject="points"), over),
        back(CARGO, claim(Kind.TOTAL, "under", line, subject="points"), under),
    ]


def estimate(found: Opportunity) -> Estimate:
    assert found.estimate is not None
    return found.estimate


def test_the_published_middle_of_two_bets_at_minus_110() -> None:
    """playersedge.org, "What does bet the middle mean": 100 on each side at -110 lose 9.09 or gain 181.82."""
    quotes = [points("over", "40.5"), points("under", "43.5")]
    quotes += [*market("40.5", "1.70", "2.10"), *market("43.5", "2.10", "1.70")]
    (found,) = middles(event(), quotes, Terms(bank=Fraction(200), unit=Fraction(100)))
    assert (found.kind, found.verdict) == ("middle", Verdict.ESTIMATED)
    assert found.guaranteed_return == Fraction(21, 22)
    assert found.plan is not None
    assert [stake.amount for stake in found.plan.stakes] == [100, 100]
    assert found.plan.worst == Fraction(-100, 11)
    assert found.plan.best == Fraction(2000, 11)
    assert estimate(found).break_even == Fraction(100, 11) / (Fraction(100, 11) + Fraction(2000, 11))
    # The chance of the gap is the difference of the two lines' own.
    consensus = Consensus(quotes[2:])
    over, beyond = (
        consensus.chance(claim(Kind.TOTAL, "over", line, subject="points")) for line in ("40.5", "43.5")
    )
    assert over is not None
    assert beyond is not None
    gap = over.chance - beyond.chance
    assert float(estimate(found).chance) == pytest.approx(gap, abs=1e-8)
    assert float(estimate(found).expected_return) == pytest.approx(21 / 22 * (1 + gap), abs=1e-8)


def test_a_gap_that_is_too_unlikely_is_none() -> None:
    quotes = [points("over", "40.5"), points("under", "43.5")]
    quotes += [*market("40.5", "1.90", "1.90"), *market("43.5", "1.93", "1.87")]
    assert list(middles(event(), quotes)) == []


def test_a_gap_in_which_both_lose_is_never_put_together() -> None:
    quotes = [points("over", "43.5"), points("under", "40.5")]
    quotes += [*market("40.5", "1.70", "2.10"), *market("43.5", "2.10", "1.70")]
    for found in middles(event(), quotes):
        upper, lower = (
            leg.quote.claim.line for leg in sorted(found.legs, key=lambda leg: leg.quote.claim.selection)
        )
        assert upper is not None
        assert lower is not None
        assert upper < lower


GOALS = [
    *book(ALPHA, "1.95", "3.6", "4.1"),
    *pair(ALPHA, total("over", "2.5"), "1.9", total("under", "2.5"), "1.95"),
]


@pytest.mark.parametrize(
    ("upper", "lower"),
    [
        (back(BRAVO, total("over", 2), "1.62"), back(CARGO, total("under", 3), "1.66")),
        (back(BRAVO, total("over", "1.75"), "1.55"), back(CARGO, total("under", "3.25"), "1.60")),
        (back(BRAVO, ah("home", "0.25"), "1.50"), back(CARGO, ah("away", "-1.25"), "1.45")),
    ],
)
def test_whole_and_quarter_lines_are_weighed_over_all_scores(upper: Quote, lower: Quote) -> None:
    """Cost and gain by the settlement reference, in every score; the expected return lies between."""
    (found,) = middles(event(), [*GOALS, upper, lower], least_return=Fraction(1, 2))
    assert {leg.quote for leg in found.legs} == {upper, lower}
    quotes, parts = [leg.quote for leg in found.legs], [leg.share for leg in found.legs]
    outcomes = list(nets(quotes, parts))
    worst, best = 1 + min(outcomes), 1 + max(outcomes)
    assert found.guaranteed_return == worst
    told = estimate(found)
    assert worst < told.expected_return < best
    assert told.break_even == (1 - worst) / (best - worst)
    assert (told.expected_return > 1) == (told.chance > told.break_even)
    assert found.plan is not None
    summed = list(nets(quotes, [stake.risk for stake in found.plan.stakes]))
    assert (found.plan.worst, found.plan.best) == (min(summed), max(summed))
    # No other shares lose less: scipy over the whole grid.
    assert float(found.guaranteed_return) == pytest.approx(best_on_scores(quotes, SCORES), abs=1e-9)
    assert np.all(returns_on(quotes, SCORES).max(axis=0) > 0)


def test_two_brands_of_one_desk_make_no_middle() -> None:
    quotes = [
        points("over", "40.5"),
        back(sister("Alpha Two"), points("under", "43.5").claim, Fraction(21, 11)),
    ]
    quotes += [*market("40.5", "1.70", "2.10"), *market("43.5", "2.10", "1.70")]
    brands = [{leg.quote.venue.name for leg in found.legs} for found in middles(event(), quotes)]
    assert {"Alpha", "Alpha Two"} not in brands


def test_what_cannot_lose_is_left_to_the_other_search() -> None:
    high = [back(BRAVO, total("over", "2.5"), "2.1"), back(CARGO, total("under", "3.5"), "2.05")]
    for found in middles(event(), [*GOALS, *high]):
        assert found.guaranteed_return < 1


# ------------------------------------------------------------------ low hold


def test_a_market_held_for_little() -> None:
    quotes = pair(ALPHA, total("over", "2.5"), "1.98", total("under", "2.5"), "1.85")
    quotes += pair(BRAVO, total("over", "2.5"), "1.88", total("under", "2.5"), "2.00")
    (found,) = low_holds(event(), quotes, Terms(bank=Fraction(398), unit=Fraction(1)))
    assert (found.kind, found.verdict) == ("low_hold", Verdict.PURE)
    assert found.guaranteed_return == 1 / (1 / Fraction("1.98") + Fraction(1, 2))
    assert found.plan is not None
    assert [stake.amount for stake in found.plan.stakes] == [200, 198]
    assert [found.plan.worst, found.plan.best] == [-2, -2]
    assert list(low_holds(event(), quotes, most_cost=Fraction(5, 1000))) == []


def test_refunds_cost_nothing() -> None:
    quotes = [back(ALPHA, ah("home", 0), "1.98"), back(BRAVO, ah("away", 0), "2.00")]
    (found,) = low_holds(event(), quotes)
    assert found.guaranteed_return == 1 / (1 / Fraction("1.98") + Fraction(1, 2))
    assert found.plan is not None
    assert found.plan.best == 0


def test_commission_and_rules_are_counted() -> None:
    quotes = [back(TWO_PERCENT, total("over", "2.5"), 2), back(ALPHA, total("under", "2.5"), "2.0")]
    (found,) = low_holds(event(), quotes)
    assert found.guaranteed_return == 1 / (1 / Fraction("1.98") + Fraction(1, 2))
    assert found.verdict is Verdict.RULE_EXPOSED
    assert "rules_differ" in reason_names(found)


def test_what_is_no_low_hold() -> None:
    over, under = total("over", "2.5"), total("under", "2.5")
    assert list(low_holds(event(), pair(ALPHA, over, "1.99", under, "2"))) == []  # one venue
    assert list(low_holds(event(), [back(ALPHA, over, "2.02"), back(BRAVO, under, "2.02")])) == []  # it gains
    assert (
        list(low_holds(event(), book(ALPHA, 3, 3, 3)[:2] + book(BRAVO, 3, 3, 3)[:1])) == []
    )  # not all of it
    runners = ("Ada", "Bea")
    race = [
        back(venue, claim(Kind.WINNER, name, subject="race"), 2)
        for venue, name in zip((ALPHA, BRAVO), runners, strict=True)
    ]
    assert list(low_holds(event(), race)) == []
    (found,) = low_holds(event(contests=(Contest("race", runners),)), race)
    assert found.guaranteed_return <= 1
    assert all(leg.quote.side is Side.BACK for leg in found.legs)
    assert DELTA is not FREE_EXCHANGE
