"""What is said of an opportunity: pure, exposed to rules, or refused; and what remains after a refusal."""

from __future__ import annotations

from fractions import Fraction

from crossbook.model.opportunity import Verdict
from crossbook.model.venue import exchange
from tests.arbitrage.answers import only
from tests.arbitrage.checks import check_sums, fair_books, two_way
from tests.arbitrage.worlds import (
    ALPHA,
    BRAVO,
    BTTS_NO,
    BTTS_YES,
    CARGO,
    DELTA,
    FREE_EXCHANGE,
    HOME,
    ah,
    back,
    lay,
    reason_names,
    search,
    total,
)


def test_after_a_refusal_the_clean_rest_is_found_and_comes_first() -> None:
    quotes = [back(CARGO, total("over", "2.5"), "2.35", tradable=False), *two_way("2.1", "2.1")]
    clean, refused = search(quotes)
    assert (clean.verdict, clean.guaranteed_return, clean.reasons) == (Verdict.PURE, Fraction("1.05"), ())
    assert all(leg.quote.tradable for leg in clean.legs)
    assert refused.verdict is Verdict.REJECTED
    assert reason_names(refused) == {"suspended"}
    assert refused.guaranteed_return > clean.guaranteed_return
    for found in (clean, refused):
        check_sums(found)


def test_refusals_one_after_the_other() -> None:
    """Over the cap, then by one desk alone, then clean: the first refusal is told, the clean one is first."""
    quotes = [
        back(CARGO, BTTS_YES, "2.6"),
        back(DELTA, BTTS_NO, "2.5"),
        back(ALPHA, HOME, "2.12"),
        back(ALPHA, ah("away", "-0.5"), "2.12"),
        back(BRAVO, total("over", "2.5"), "2.05"),
        back(DELTA, total("under", "2.5"), "2.05"),
    ]
    clean, refused = search(quotes)
    assert reason_names(refused) == {"margin_cap"}
    assert clean.verdict is Verdict.PURE
    assert {leg.quote.venue.id for leg in clean.legs} == {"bravo", "delta"}
    check_sums(clean)


def test_a_refused_opportunity_may_leave_nothing() -> None:
    (refused,) = search([back(CARGO, HOME, "2.6", tradable=False), *fair_books()])
    assert refused.verdict is Verdict.REJECTED


def test_pure_where_all_is_known() -> None:
    assert only(two_way("2.1", "2.1")).reasons == ()


def test_rules_differ_and_what_a_void_would_cost() -> None:
    """Bookmaker void: the lay stands alone and its liability, most of the unit, is lost when home wins."""
    found = only([back(ALPHA, HOME, "2.2"), lay(FREE_EXCHANGE, HOME, "2.1")], Verdict.RULE_EXPOSED)
    (reason,) = found.reasons
    assert reason.name == "rules_differ"
    largest = max(leg.share for leg in found.legs)
    worst = 1 - largest
    assert f"returns {float(int(worst * 10_000)) / 10_000:.4f} at worst" in reason.detail
    assert "alpha (bookmaker, not read) is void, xchange (exchange, not read) stands" in reason.detail


def test_commission_that_nobody_states() -> None:
    unknown = exchange("dark", "Dark")
    found = only(
        [back(unknown, HOME, "2.2"), lay(unknown, HOME, "2.3"), back(unknown, ah("away", "-0.5"), 2)],
        Verdict.RULE_EXPOSED,
    )
    assert reason_names(found) == {"commission_unstated"}
    assert "dark" in found.reasons[0].detail
    told = exchange("dark", "Dark", Fraction(0))
    assert only([back(told, HOME, "2.2"), back(told, ah("away", "-0.5"), 2)]).reasons == ()


def test_both_exposures() -> None:
    found = only([back(ALPHA, HOME, "2.2"), lay(exchange("dark", "Dark"), HOME, "2.1")], Verdict.RULE_EXPOSED)
    assert reason_names(found) == {"rules_differ", "commission_unstated"}
