"""An explanation adds up: by hand, by the settlement reference, and at the edge where a price breaks the plan."""

from __future__ import annotations

from fractions import Fraction

import msgspec
import pytest

from crossbook.arbitrage.accounts import FreeBet
from crossbook.arbitrage.equations import solve
from crossbook.arbitrage.explained import WORST_BACK, Explanation, explained
from crossbook.arbitrage.free_bet import free_bets
from crossbook.arbitrage.terms import Terms
from crossbook.base.errors import BadData
from crossbook.model.claim import Kind
from crossbook.model.opportunity import Leg, Opportunity, Verdict
from crossbook.model.quote import Basis, Contest, Quote, Side
from tests.arbitrage.checks import nets, solved
from tests.arbitrage.worlds import (
    ALPHA,
    AWAY,
    BRAVO,
    CARGO,
    DRAW,
    HOME,
    TWO_PERCENT,
    ah,
    back,
    book,
    claim,
    event,
    lay,
    of_three,
    search,
    total,
)

BOARDS = {
    "three ways": of_three("3.1", "3.3", "3.2"),
    "a quarter line": [
        back(ALPHA, ah("home", "-0.25"), "2.06"),
        back(BRAVO, DRAW, "3.6"),
        back(CARGO, AWAY, "4.2"),
    ],
    "a lay with commission": [back(ALPHA, HOME, "2.3"), lay(TWO_PERCENT, HOME, "2.1")],
    "a back with commission": [back(TWO_PERCENT, HOME, "2.3"), back(ALPHA, ah("away", "-0.5"), "2.0")],
    "states in between": [
        back(ALPHA, total("over", "2.25"), "2.1"),
        back(BRAVO, total("under", "2.5"), "2.1"),
    ],
    "a total on its line": [
        back(ALPHA, total("over", "2.5"), "2.1"),
        back(BRAVO, total("under", "2.75"), "2.0"),
    ],
}


def found_on(quotes: list[Quote]) -> Opportunity:
    return next(
        one for one in search(quotes, Terms(bank=Fraction(1000))) if one.verdict is not Verdict.REJECTED
    )


@pytest.fixture(params=list(BOARDS))
def found(request: pytest.FixtureRequest) -> Opportunity:
    return found_on(BOARDS[request.param])


def plan_of(explanation: Explanation) -> tuple[list[Quote], list[Fraction]]:
    return [leg.quote for leg in explanation.legs], list(explanation.risks)


def test_every_figure_is_that_of_the_plan(found: Opportunity) -> None:
    explanation = explained(found)
    assert found.plan is not None
    assert explanation.planned
    assert (explanation.worst, explanation.best) == (found.plan.worst, found.plan.best)
    assert explanation.guaranteed_return == found.guaranteed_return
    assert list(explanation.risks) == [stake.risk for stake in found.plan.stakes]
    assert {line.net for line in explanation.states} == set(nets(*plan_of(explanation)))
    for line in explanation.states:
        assert sum((pays.net for pays in line.legs), Fraction(0)) - line.commission == line.net
        for leg, pays, amount in zip(explanation.legs, line.legs, explanation.amounts, strict=True):
            won, refunded = pays.settlement
            gain, lost = leg.quote.odds - 1, 1 - won - refunded
            assert pays.net == amount * (
                won * gain - lost if leg.quote.side is Side.BACK else lost - won * gain
            )


def test_state_prices_make_every_leg_worth_the_same(found: Opportunity) -> None:
    explanation = explained(found)
    prices = [line.price for line in explanation.states]
    assert all(price is not None and price >= 0 for price in prices)
    assert sum(price for price in prices if price is not None) == 1
    for place, leg in enumerate(explanation.legs):
        risk = explanation.risks[place]
        worth = sum(
            (
                line.price * (line.legs[place].net - line.commission * bool(leg.quote.venue.commission))
                for line in explanation.states
                if line.price is not None
            ),
            Fraction(0),
        )
        assert 1 + worth / risk == found.guaranteed_return
    assert explanation.expected == sum(explanation.risks) * (found.guaranteed_return - 1)


def test_a_price_may_move_so_far_and_no_further(found: Opportunity) -> None:
    explanation = explained(found)
    quotes, _ = plan_of(explanation)
    for place, slip in enumerate(explanation.slips):
        lay_side = quotes[place].side is Side.LAY
        step = Fraction(1, 1000) if lay_side else Fraction(-1, 1000)
        assert slip.with_these is not None
        assert slip.planned_anew is not None
        for odds, stands in ((slip.with_these, True), (slip.with_these + step, False)):
            moved = [
                msgspec.structs.replace(q, odds=odds) if place == other else q
                for other, q in enumerate(quotes)
            ]
            risks = [
                amount * (quote.odds - 1) if quote.side is Side.LAY else amount
                for quote, amount in zip(moved, explanation.amounts, strict=True)
            ]
            assert (min(nets(moved, risks)) >= 0) == stands or odds <= WORST_BACK
        for odds, stands in ((slip.planned_anew, True), (slip.planned_anew + 2 * step, False)):
            moved = [
                msgspec.structs.replace(q, odds=odds) if place == other else q
                for other, q in enumerate(quotes)
            ]
            assert (solved(moved)[2] >= 1 - 1e-9) == stands
        further = slip.planned_anew >= slip.with_these if lay_side else slip.planned_anew <= slip.with_these
        assert further, "sharing out again never does worse"


def test_what_one_sided_voids_lose(found: Opportunity) -> None:
    explanation = explained(found)
    quotes, risks = plan_of(explanation)
    assert {void.venue for void in explanation.voids} == {quote.venue.id for quote in quotes}
    for void in explanation.voids:
        standing = [place for place in range(len(quotes)) if place not in void.legs]
        assert void.worst == min(
            nets([quotes[place] for place in standing], [risks[place] for place in standing])
        )
        assert void.worst < 0


def test_without_a_plan_amounts_are_shares_of_a_hundred() -> None:
    found = found_on(BOARDS["three ways"])
    explanation = explained(msgspec.structs.replace(found, plan=None))
    assert not explanation.planned
    assert sum(explanation.risks) == 100
    assert explanation.worst == explanation.best == 100 * (found.guaranteed_return - 1)


def test_states_stand_from_home_wins_to_away_wins() -> None:
    explanation = explained(found_on(BOARDS["three ways"]))
    assert [[pays.settlement.won == 1 for pays in line.legs].index(True) for line in explanation.states] in (
        [[leg.quote.claim for leg in explanation.legs].index(one) for one in (HOME, DRAW, AWAY)],
    )


def told(legs: list[Quote], **fields: object) -> Opportunity:
    """An opportunity as it might be read back."""
    plain = Opportunity(
        listing=event(),
        basis=Basis.PREMATCH,
        verdict=Verdict.PURE,
        reasons=(),
        guaranteed_return=Fraction(11, 10),
        legs=tuple(Leg(quote, Fraction(1, len(legs))) for quote in legs),
        plan=None,
    )
    return msgspec.structs.replace(plain, **fields)


def test_a_race_whose_runners_are_not_all_known() -> None:
    """Two runners at 2.2 gain only if one of them wins: that is assumed, and said; not where they are said to lose."""
    race = [back(venue, claim(Kind.WINNER, name), "2.2") for venue, name in ((ALPHA, "Ada"), (BRAVO, "Bea"))]
    assumed = explained(told(race))
    assert assumed.assumed
    assert assumed.guaranteed_return is not None
    assert assumed.guaranteed_return > 1
    known = explained(told(race), [Contest("goals", ("Ada", "Bea"))])
    assert not known.assumed
    alone = explained(told(race, guaranteed_return=Fraction(0)))
    assert not alone.assumed
    assert alone.worst == -100


def test_legs_that_say_nothing_of_each_other_are_refused() -> None:
    corners = claim(Kind.TOTAL, "under", "9.5", subject="corners")
    with pytest.raises(BadData, match="not decided together"):
        explained(told([back(ALPHA, HOME, 2), back(BRAVO, corners, 2)]))


def test_a_single_price_that_may_lose() -> None:
    explanation = explained(told([back(ALPHA, HOME, "2.2")], kind="value", guaranteed_return=Fraction(0)))
    assert [explanation.worst, explanation.best] == [-100, 120]
    assert explanation.voids == ()
    assert explanation.slips[0].with_these is None


def test_a_free_bet_risks_nothing() -> None:
    token = FreeBet(name="welcome", venue="alpha", amount=Fraction(50))
    quotes = [*book(ALPHA, "1.9", "3.6", "4.1"), *book(BRAVO, "1.9", "3.6", "4.1")]
    (found,) = free_bets(event(), quotes, token, Terms(bank=Fraction(1000)))
    assert found.plan is not None
    explanation = explained(found)
    assert (explanation.worst, explanation.best) == (found.plan.worst, found.plan.best)
    assert explanation.risks[0] == 0
    assert explanation.guaranteed_return is None
    assert [void.worst < 0 for void in explanation.voids if 0 in void.legs] == [True]


def test_solving_equations() -> None:
    rows = [[Fraction(one) for one in row] for row in ([0, 2, 1, 7], [1, 0, 0, 2], [3, 1, 1, 12])]
    assert solve(rows) == [Fraction(one) for one in (2, 1, 5)]
    assert solve([[Fraction(1), Fraction(1), Fraction(1)], [Fraction(2), Fraction(2), Fraction(2)]]) is None
