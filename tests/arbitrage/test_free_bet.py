"""Free bets: published conversions, scipy's optimum over every score, and plans summed by the settlement reference."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Sequence
from fractions import Fraction

import msgspec
import numpy as np
import pytest
from scipy.optimize import linprog

from crossbook.arbitrage.accounts import FreeBet
from crossbook.arbitrage.free_bet import free_bets
from crossbook.arbitrage.terms import Terms
from crossbook.base.errors import BadData
from crossbook.model.opportunity import Opportunity, Verdict
from crossbook.model.quote import Quote
from crossbook.model.venue import exchange
from tests.arbitrage.worlds import (
    ALPHA,
    AWAY,
    BRAVO,
    CARGO,
    DRAW,
    HOME,
    TWO_PERCENT,
    Floats,
    Scores,
    ah,
    back,
    best_on_scores,
    book,
    event,
    lay,
    pair,
    reason_names,
    returns_on,
    settled,
    total,
)

CENTS = Terms(bank=Fraction(10_000), unit=Fraction(1, 100))
SCORES = Scores(10)
FIVE_PERCENT = exchange("five", "Five", Fraction(5, 100))


def token(amount: int = 50, **options: object) -> FreeBet:
    return FreeBet(name="welcome", venue="alpha", amount=Fraction(amount), **options)  # type: ignore[arg-type]


def best(
    quotes: Sequence[Quote], free: FreeBet | None = None, returned: Fraction = Fraction(0)
) -> Opportunity:
    (found,) = free_bets(event(), quotes, free or token(), CENTS, returned)
    return found


def test_the_published_conversion_at_a_lay() -> None:
    """bettorstack.com/bonus-bet-calculator: 50 at 3.00, lay 33.33 at 3.05 with 5 %, liability 68.33, keep 31.67."""
    found = best([back(ALPHA, HOME, 3), lay(FIVE_PERCENT, HOME, "3.05")])
    assert found.kind == "free_bet"
    assert found.guaranteed_return == Fraction(2) * Fraction(95, 100) / (Fraction("3.05") - Fraction("0.05"))
    assert found.plan is not None
    free, hedge = found.plan.stakes
    assert [free.amount, free.risk] == [50, 0]
    assert hedge.amount == Fraction("33.33")
    assert float(hedge.risk) == pytest.approx(68.33, abs=0.01)
    assert float(found.plan.worst) == pytest.approx(31.66, abs=0.011)
    assert found.legs[0].share == 0
    assert sum(leg.share for leg in found.legs) == 1


def test_another_published_conversion() -> None:
    """calculator-free.com, matched betting: 10 at 3.00, laid at 3.20 with 2 %: lay 6.29, about 6.16 kept."""
    found = best([back(ALPHA, HOME, 3), lay(TWO_PERCENT, HOME, "3.2")], token(10))
    assert found.plan is not None
    assert found.plan.stakes[1].amount == Fraction("6.29")
    assert float(found.plan.worst) == pytest.approx(6.16, abs=0.005)


def test_longer_odds_convert_better_and_backs_hedge_too() -> None:
    quotes = [*book(ALPHA, "1.9", "3.6", "4.1"), *book(BRAVO, "1.9", "3.6", "4.1")]
    found = best(quotes)
    assert found.legs[0].quote.claim is AWAY
    assert {leg.quote.claim for leg in found.legs[1:]} == {HOME, DRAW}
    # Win (o − 1) F in one state; what it takes to have the same from home and draw in theirs.
    cost = 1 / Fraction("1.9") + 1 / Fraction("3.6")
    assert found.guaranteed_return == Fraction("3.1") * (1 - cost)


def test_where_the_odds_are_too_short_it_may_not_be_used() -> None:
    quotes = [*book(ALPHA, "1.9", "3.6", "4.1"), *book(BRAVO, "1.9", "3.6", "4.1")]
    assert best(quotes, token(least_odds=Fraction(4))).legs[0].quote.claim is AWAY
    assert list(free_bets(event(), quotes, token(least_odds=Fraction(5)), CENTS)) == []
    assert list(free_bets(event(), book(BRAVO, 2, 3, 4), token(), CENTS)) == []
    assert list(free_bets(event(), book(ALPHA, 2, 3, 4), token(), CENTS)) == []


def test_a_refund_loses_the_token_unless_it_comes_back() -> None:
    level = [back(ALPHA, ah("home", 0), 4), back(BRAVO, ah("away", 0), "1.3")]
    assert list(free_bets(event(), level, token(), CENTS)) == []
    kept = best(level, returned=Fraction(6, 10))
    assert kept.guaranteed_return == min(Fraction(6, 10), 3 * (1 - 1 / Fraction("1.3")))
    with pytest.raises(BadData, match="returned"):
        best(level, returned=Fraction(2))
    with pytest.raises(BadData, match="amount"):
        best(level, token(0))


def money(found: Opportunity, free: FreeBet, risks: Sequence[Fraction], returned: float = 0.0) -> Floats:
    """What is made in every score, settled on arrays that share nothing with the room."""
    won, refunded = settled(found.legs[0].quote.claim, SCORES)
    made = float(free.amount) * (won * float(found.legs[0].quote.odds - 1) + refunded * returned)
    hedges = [leg.quote for leg in found.legs[1:]]
    winnings: dict[tuple[object, ...], Floats] = defaultdict(lambda: np.zeros(len(made)))
    for quote, row, risk in zip(hedges, returns_on(hedges, SCORES) - 1, risks, strict=True):
        winnings[quote.venue.id, quote.claim.market, quote.claim.line] += float(risk) * row
    rates = {quote.venue.id: float(quote.venue.commission or 0) for quote in hedges}
    for (venue, *_), won_here in winnings.items():
        made = made + won_here - rates[str(venue)] * np.maximum(won_here, 0)
    total_made: Floats = made
    return total_made


def scipys(free_quote: Quote, hedges: Sequence[Quote], amount: float, bank: float) -> float:
    """The most that is made in every score, without commission."""
    won, _ = settled(free_quote.claim, SCORES)
    pays = amount * won * float(free_quote.odds - 1)
    profits = returns_on(hedges, SCORES) - 1
    above = np.hstack([-profits.T, np.ones((len(pays), 1))])
    within = np.append(np.ones(len(hedges)), 0.0)
    answer = linprog(
        np.append(np.zeros(len(hedges)), -1.0),
        A_ub=np.vstack([above, within]),
        b_ub=np.append(pays, bank),
        bounds=[(0, None)] * len(hedges) + [(None, None)],
        method="highs",
    )
    assert answer.fun is not None
    return -float(answer.fun)


def test_random_boards_have_scipys_optimum_and_plans_that_hold() -> None:
    rng = random.Random(12)
    seen = free_of_gain = 0
    for _ in range(25):

        def cut(odds: str) -> Fraction:
            return Fraction(round(Fraction(odds) * rng.randint(86, 98)), 100)

        quotes = [
            *book(ALPHA, cut("2.0"), cut("3.7"), cut("4.3")),
            *book(BRAVO, cut("1.95"), cut("3.6"), cut("4.2")),
            *pair(CARGO, ah("home", "-0.25"), cut("2.0"), ah("away", "-0.25"), cut("1.9")),
            *pair(ALPHA, ah("home", "-0.75"), cut("2.3"), ah("away", "-0.75"), cut("1.65")),
            *pair(BRAVO, total("over", 3), cut("2.3"), total("under", 3), cut("1.7")),
        ]
        found = best(quotes)
        hedges = [quote for quote in quotes if quote.venue is not ALPHA]
        frees = [quote for quote in quotes if quote.venue is ALPHA]
        gaining = best_on_scores(hedges, SCORES) > 1
        expected = max(
            scipys(quote, hedges, 50.0, 50 * float(quote.odds - 1) if gaining else 10_000.0)
            for quote in frees
        )
        free_of_gain += not gaining
        assert float(found.guaranteed_return) * 50 == pytest.approx(expected, abs=1e-6)
        if found.plan is not None:
            made = money(found, token(), [stake.risk for stake in found.plan.stakes[1:]])
            assert made.min() == pytest.approx(float(found.plan.worst), abs=1e-9)
            assert made.max() == pytest.approx(float(found.plan.best), abs=1e-9)
            assert found.plan.staked == sum(stake.risk for stake in found.plan.stakes)
            assert float(found.plan.worst) == pytest.approx(expected, abs=0.05)
            seen += 1
    assert seen > 20
    assert free_of_gain > 5


def test_no_more_is_hedged_than_is_on_offer() -> None:
    """Half of the lay that would level it: what is left over in one state is gone in the other."""
    laid = msgspec.structs.replace(lay(FIVE_PERCENT, HOME, "3.05"), size=Fraction(15))
    found = best([back(ALPHA, HOME, 3), laid])
    assert found.guaranteed_return == Fraction(15) * Fraction(95, 100) / 50
    assert found.plan is not None
    assert found.plan.stakes[1].amount == 15
    (poor,) = free_bets(
        event(), [back(ALPHA, HOME, 3), lay(FIVE_PERCENT, HOME, "3.05")], token(), Terms(bank=Fraction(41))
    )
    assert poor.plan is not None
    assert poor.plan.staked <= 41


def test_the_verdict_says_whose_rules_and_fees_it_rests_on() -> None:
    plain = best([*book(ALPHA, "1.9", "3.6", "4.1"), *book(BRAVO, "1.9", "3.6", "4.1")])
    assert (plain.verdict, plain.reasons) == (Verdict.PURE, ())
    laid = best([back(ALPHA, HOME, 3), lay(exchange("dark", "Dark"), HOME, "3.05")])
    assert laid.verdict is Verdict.RULE_EXPOSED
    assert reason_names(laid) == {"rules_differ", "commission_unstated"}


def test_a_market_that_is_taxed_on_its_sum() -> None:
    """Two lays in one market at an exchange: commission on what they win together."""
    quotes = [*book(ALPHA, 2, "3.6", "4.1")]
    quotes += [
        lay(FIVE_PERCENT, one, odds, market_id="m")
        for one, odds in ((HOME, "2.04"), (AWAY, "4.3"), (DRAW, "3.8"))
    ]
    found = best(quotes)
    assert found.plan is not None
    risks = [stake.risk for stake in found.plan.stakes[1:]]
    made = money(found, token(), risks)
    assert made.min() == pytest.approx(float(found.plan.worst), abs=1e-9)
    assert float(found.plan.worst) > 50 * 0.68
