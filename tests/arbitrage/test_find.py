"""The way through: made-up events in, opportunities out, each re-summed by hand."""

from __future__ import annotations

import random
from fractions import Fraction

import numpy as np
import pytest

from crossbook.arbitrage import decide
from crossbook.arbitrage.find import opportunities
from crossbook.arbitrage.instrument import best_instruments
from crossbook.arbitrage.terms import Terms
from crossbook.model.claim import Claim, Kind
from crossbook.model.opportunity import Opportunity, Verdict
from crossbook.model.quote import Basis, Quote
from crossbook.model.venue import exchange, prediction
from tests.arbitrage.answers import legs, only
from tests.arbitrage.checks import SCORES, check_found_sums, fair_books, made_up_events, two_way
from tests.arbitrage.worlds import (
    ALPHA,
    AWAY,
    BRAVO,
    BTTS_NO,
    BTTS_YES,
    CARGO,
    DNB_AWAY,
    DNB_HOME,
    DRAW,
    HOME,
    TWO_PERCENT,
    ah,
    back,
    best_guarantee,
    best_on_scores,
    book,
    claim,
    event,
    lay,
    random_claim,
    reason_names,
    returns_on,
    search,
    total,
)


def test_match_result_across_books() -> None:
    found = only(
        [
            *book(ALPHA, "2.2", "3.3", "3.6"),
            *book(BRAVO, "2.1", "3.6", "3.3"),
            *book(CARGO, "2.0", "3.4", "4.0"),
        ]
    )
    assert legs(found) == {
        ("alpha", "1x2 home", "back"),
        ("bravo", "1x2 draw", "back"),
        ("cargo", "1x2 away", "back"),
    }
    assert found.guaranteed_return == 1 / (1 / Fraction("2.2") + 1 / Fraction("3.6") + Fraction(1, 4))
    assert found.kind == "arbitrage"
    assert found.basis is Basis.PREMATCH


def test_a_handicap_and_a_match_result() -> None:
    """Away +0.25 half wins on a draw, so a smaller stake on the draw is enough."""
    found = only([*book(ALPHA, "2.35", "3.6", "2.9"), back(BRAVO, ah("away", "-0.25"), "2.1")])
    assert {(venue, what) for venue, what, _ in legs(found)} == {
        ("alpha", "1x2 home"),
        ("alpha", "1x2 draw"),
        ("bravo", "asian_handicap away -0.25"),
    }
    on_draw = (1 - Fraction("1.55") / Fraction("2.1")) / Fraction("3.6")
    assert found.guaranteed_return == 1 / (1 / Fraction("2.35") + 1 / Fraction("2.1") + on_draw)
    found = only(
        [
            *book(ALPHA, "1.85", "3.5", "4.6"),
            back(BRAVO, ah("home", "-0.25"), "1.85"),
            back(CARGO, DRAW, "3.9"),
        ]
    )
    assert ("bravo", "asian_handicap home -0.25", "back") in legs(found)
    by_hand = 1 / (1 / Fraction("1.85") + 1 / Fraction("4.6") + (1 - 1 / Fraction("3.7")) / Fraction("3.9"))
    assert found.guaranteed_return == by_hand


def test_prices_that_do_not_reach() -> None:
    assert search(fair_books()) == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (total("over", 3), total("under", 3)),
        (ah("home", -1), ah("away", -1)),
        (DNB_HOME, DNB_AWAY),
        (ah("home", 0), DNB_AWAY),
    ],
)
def test_a_return_of_exactly_one_is_no_opportunity(one: Claim, other: Claim) -> None:
    """With both sides at any price, the push gives the stakes back and no more."""
    assert search([back(ALPHA, one, "2.2"), back(BRAVO, other, "2.2")]) == []


def test_break_evens_of_three_ways_are_none() -> None:
    for odds in (("4.2", "3.5", "2.1"), ("1.68", "4.2", "6"), ("2.1", "3.5", "4.2"), ("3", "3", "3")):
        quotes = [
            back(venue, what, one)
            for venue, what, one in zip((ALPHA, BRAVO, CARGO), (HOME, DRAW, AWAY), odds, strict=True)
        ]
        assert search(quotes) == []


def test_a_hair_above_break_even_is_found_exactly() -> None:
    """1/2.001 + 1/2 is below one by a quarter of a thousandth; 1/2.000001 + 1/2 by a quarter of a millionth."""
    for odds in (Fraction("2.001"), Fraction("2.000001"), Fraction(2) + Fraction(1, 10**8)):
        (found,) = search([back(ALPHA, BTTS_YES, odds), back(BRAVO, BTTS_NO, 2)])
        assert found.guaranteed_return == 1 / (1 / odds + Fraction(1, 2)) > 1
        assert found.plan is None or found.plan.worst > 0


def test_a_lay_against_a_back() -> None:
    found = only([back(ALPHA, HOME, "2.2"), lay(BRAVO, HOME, "2.1")])
    assert legs(found) == {("alpha", "1x2 home", "back"), ("bravo", "1x2 home", "lay")}
    assert found.guaranteed_return == 1 / (1 / Fraction("2.2") + (Fraction("1.1") / Fraction("2.1")))
    assert search([back(ALPHA, HOME, "2.1"), lay(BRAVO, HOME, "2.1")]) == []
    assert search([back(ALPHA, HOME, "2.0"), lay(BRAVO, HOME, "2.1")]) == []


def test_commission_of_an_exchange() -> None:
    """Arbitrage iff the back odds are above (lay odds − c) / (1 − c): 2.1224… for 2.1 at two per cent."""
    assert search([back(ALPHA, HOME, "2.12"), lay(TWO_PERCENT, HOME, "2.1")]) == []
    found = only([back(ALPHA, HOME, "2.13"), lay(TWO_PERCENT, HOME, "2.1")], Verdict.RULE_EXPOSED)
    pays = 1 + Fraction(98, 100) / Fraction("1.1")
    assert found.guaranteed_return == 1 / (1 / Fraction("2.13") + 1 / pays)
    assert reason_names(found) == {"rules_differ"}


def test_a_dearer_price_without_commission_may_be_the_better_leg() -> None:
    found = only(
        [back(TWO_PERCENT, HOME, "2.13"), back(ALPHA, HOME, "2.12"), back(BRAVO, ah("away", "-0.5"), 2)]
    )
    assert ("alpha", "1x2 home", "back") in legs(found)


@pytest.mark.parametrize("seed", range(20))
def test_the_best_quotes_are_enough(seed: int) -> None:
    """What is guaranteed over the best instruments is what is guaranteed over all quotes."""
    rng = random.Random(seed)
    claims = [random_claim(rng) for _ in range(4)]
    toll = exchange("toll2", "Toll 2", Fraction(5, 100))
    quotes = [
        back(
            rng.choice((ALPHA, BRAVO, TWO_PERCENT, toll)),
            rng.choice(claims),
            Fraction(rng.randint(150, 320), 100),
            market_id=rng.choice("mn"),
        )
        for _ in range(18)
    ]

    def value(some: list[Quote]) -> float:
        groups: dict[tuple[str, str], list[int]] = {}
        for place, quote in enumerate(some):
            if quote.venue.commission:
                groups.setdefault((quote.venue.id, quote.market_id), []).append(place)
        taxed = [(float(some[places[0]].venue.commission or 0), places) for places in groups.values()]
        return best_guarantee(np.unique(returns_on(some, SCORES), axis=1), taxed)

    best = [one.quote for one in best_instruments(quotes)]
    assert len(best) < len(quotes)
    assert value(best) == pytest.approx(value(quotes), abs=1e-9)


def test_contracts_of_two_prediction_markets() -> None:
    """Yes here at 0.45 and no there at 0.50 (a lay at 2): 0.95 buys one, whatever happens, even a half."""
    yes = claim(Kind.CONTRACT, "yes", subject="rain on Monday")
    one, two = prediction("poll", "Poll"), prediction("oracle", "Oracle")
    found = search([back(one, yes, Fraction(100, 45)), lay(two, yes, 2)])
    (only_one,) = found
    assert only_one.guaranteed_return == 1 / Fraction("0.95")
    assert only_one.verdict is Verdict.RULE_EXPOSED
    assert reason_names(only_one) == {"rules_differ", "commission_unstated"}
    assert only_one.plan is not None
    assert only_one.plan.worst > 0
    assert search([back(one, yes, Fraction(100, 45)), lay(two, yes, Fraction(100, 45))]) == []


def test_every_opportunity_adds_up() -> None:
    assert check_found_sums(60) >= 15


def test_complete_against_scipy(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the screens away, an event has an opportunity exactly where scipy's optimum over all scores is above one."""
    monkeypatch.setattr(decide, "doubted", lambda quotes, contest=None: {})
    monkeypatch.setattr(decide, "one_desk", lambda quotes: None)
    monkeypatch.setattr(decide, "sister_brands", lambda quotes: None)
    monkeypatch.setattr(decide, "MARGIN_CAP", Fraction(10))
    events = [(event(str(place)), quotes) for place, quotes in enumerate(made_up_events(120, 17))]
    answers: dict[str, Opportunity] = {}
    for found in opportunities(events, Terms()):
        assert isinstance(found, Opportunity)
        assert answers.setdefault(found.listing.key, found) is found
    for listing, quotes in events:
        value = best_on_scores(quotes, SCORES)
        assert (listing.key in answers) == (value > 1 + 1e-9), (listing.key, value)
        if listing.key in answers:
            assert float(answers[listing.key].guaranteed_return) == pytest.approx(value, abs=1e-9)
    assert 20 <= len(answers) <= 100


def test_a_margin_asked_for_must_be_beaten() -> None:
    quotes = two_way("2.1", "2.1")
    assert len(search(quotes, Terms(least_margin=Fraction("0.0499")))) == 1
    assert search(quotes, Terms(least_margin=Fraction("0.05"))) == []
    assert search(quotes, Terms(least_margin=Fraction("0.06"))) == []


def test_the_plan_is_for_the_bank_and_unit_asked_for() -> None:
    (found,) = search(two_way("2.1", "2.1"), Terms(bank=Fraction(50), unit=Fraction(5)))
    assert found.plan is not None
    assert [stake.amount for stake in found.plan.stakes] == [25, 25]
    assert (found.plan.bank, found.plan.unit, found.plan.worst) == (
        Fraction(50),
        Fraction(5),
        Fraction("2.5"),
    )
    (found,) = search(two_way("2.1", "2.02"), Terms(bank=Fraction(3), unit=Fraction(2)))
    assert found.plan is None
    assert found.unplanned is not None
    assert "no whole stakes within the bank" in found.unplanned


def test_nothing_in_nothing_out() -> None:
    assert list(opportunities([], Terms())) == []
    assert search([]) == []
    assert search([back(ALPHA, HOME, 900)]) == []
