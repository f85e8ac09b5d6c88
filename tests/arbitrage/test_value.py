"""Value and closing-line value: edges, what they rest on, who is not believed, what a bet was worth at the close."""

from __future__ import annotations

from fractions import Fraction

import msgspec
import pytest

from crossbook.arbitrage.closing import closing_value
from crossbook.arbitrage.consensus import Choice, Consensus, Method
from crossbook.arbitrage.value import edge_of, kelly, values
from crossbook.model.opportunity import Estimate, Opportunity, Verdict
from crossbook.model.quote import Basis, Quote, Side
from crossbook.model.venue import exchange
from tests.arbitrage.worlds import (
    ALPHA,
    BRAVO,
    CARGO,
    DELTA,
    DRAW,
    FREE_EXCHANGE,
    HOME,
    TWO_PERCENT,
    ah,
    back,
    book,
    event,
    lay,
    pair,
    reason_names,
    total,
)

FAIR = [
    *book(ALPHA, "1.95", "3.6", "4.1"),
    *book(BRAVO, "1.9", "3.7", "4.3"),
    *book(CARGO, "1.92", "3.6", "4.2"),
]
GENEROUS = book(DELTA, "2.1", "3.4", "3.8")


def found_in(quotes: list[Quote], **options: object) -> list[Opportunity]:
    return list(values(event(), quotes, **options))  # type: ignore[arg-type]


def estimate(found: Opportunity) -> Estimate:
    assert found.estimate is not None
    return found.estimate


def test_a_price_above_the_fair_one() -> None:
    (found,) = found_in([*FAIR, *GENEROUS])
    fair = Consensus(FAIR).chance(HOME)
    assert fair is not None
    assert (found.kind, found.verdict, found.plan) == ("value", Verdict.ESTIMATED, None)
    assert [leg.quote for leg in found.legs] == [GENEROUS[0]]
    assert found.guaranteed_return == 0
    told = estimate(found)
    assert float(told.chance) == pytest.approx(fair.chance, abs=1e-9)
    assert float(told.expected_return) == pytest.approx(2.1 * fair.chance, abs=1e-8)
    assert told.break_even == Fraction(10, 21)
    assert told.fair_odds is not None
    assert float(told.fair_odds) == pytest.approx(1 / fair.chance)
    assert told.kelly is not None
    assert float(told.kelly) == pytest.approx((2.1 * fair.chance - 1) / 1.1, abs=1e-8)
    assert told.method == "power, median of 3 venues"
    assert "may_lose" in reason_names(found)


def test_the_price_itself_has_no_say_in_what_is_fair() -> None:
    """With its own voice in it the median would move towards the price."""
    found = found_in([*FAIR, *GENEROUS], method=Method(choice=Choice.MEDIAN, least_voices=3))
    assert "delta" not in estimate(found[0]).method
    assert found_in([*FAIR[:6], *GENEROUS]) == []  # only two others


def test_the_edge_has_to_be_above_the_margin_asked_for() -> None:
    (found,) = found_in([*FAIR, *GENEROUS])
    edge = estimate(found).expected_return - 1
    assert found_in([*FAIR, *GENEROUS], least_edge=edge - Fraction(1, 10**6))
    assert not found_in([*FAIR, *GENEROUS], least_edge=edge + Fraction(1, 10**6))


def test_commission_comes_off_before_the_edge_is_taken() -> None:
    quotes = [*FAIR, back(FREE_EXCHANGE, HOME, "2.1"), back(TWO_PERCENT, HOME, "2.11")]
    (found,) = found_in(quotes)
    assert found.legs[0].quote.venue is FREE_EXCHANGE
    assert edge_of(quotes[-1], 0.5) == pytest.approx(0.5 * (1 + 1.11 * 0.98) - 1)
    unstated = [*FAIR, back(exchange("dark", "Dark"), HOME, "2.1")]
    assert "commission_unstated" in reason_names(found_in(unstated)[0])


def test_a_lay_below_the_fair_odds() -> None:
    (found,) = found_in([*FAIR, lay(FREE_EXCHANGE, DRAW, "3.4")])
    fair = Consensus(FAIR).chance(DRAW)
    assert fair is not None
    assert found.legs[0].quote.side is Side.LAY
    assert float(estimate(found).expected_return) == pytest.approx((1 - fair.chance) * 3.4 / 2.4, abs=1e-8)
    assert estimate(found).break_even == Fraction(24, 34)


def test_what_no_screen_believes_is_rejected() -> None:
    (found,) = [
        one for one in found_in([*FAIR, *book(DELTA, "2.6", "3.0", "3.2")]) if one.legs[0].quote.claim is HOME
    ]
    assert found.verdict is Verdict.REJECTED
    assert "outlier" in reason_names(found)
    assert found_in([*FAIR, back(DELTA, HOME, "2.1", tradable=False)]) == []


def test_refunds_make_the_expected_return_smaller_than_the_edge() -> None:
    """Level on -0: with a match result and a total the chance of a refund is known, and is that of a draw."""
    level = [
        quote
        for venue in (ALPHA, BRAVO, CARGO)
        for quote in pair(venue, ah("home", 0), "1.4", ah("away", 0), "3")
    ]
    goals = pair(ALPHA, total("over", "2.5"), "1.9", total("under", "2.5"), "1.9")
    dear = back(DELTA, ah("home", 0), "1.55")
    (alone,) = found_in([*level, dear])
    (known,) = found_in([*level, dear, *FAIR, *goals])
    edge = estimate(alone).expected_return - 1
    assert "not refunded" in alone.reasons[0].detail
    draw = Consensus(FAIR).chance(DRAW)
    assert draw is not None
    assert float(estimate(known).expected_return - 1) == pytest.approx(
        float(edge) * (1 - draw.chance), rel=0.02
    )


def test_kelly_grows_a_bank_fastest() -> None:
    from math import log

    quote, chance = back(ALPHA, HOME, "2.2"), 0.5

    def growth(part: float) -> float:
        return chance * log(1 + part * 1.2) + (1 - chance) * log(1 - part)

    best = kelly(quote, chance)
    assert growth(best) > max(growth(best - 1e-3), growth(best + 1e-3))
    assert kelly(quote, 0.4) == 0


# ------------------------------------------------------------------ closing-line value

CLOSING = [msgspec.structs.replace(quote, basis=Basis.CLOSING) for quote in FAIR]


def test_closing_value_is_the_price_taken_against_the_fair_closing_price() -> None:
    fair = Consensus(CLOSING).chance(HOME)
    assert fair is not None
    found = closing_value(back(ALPHA, HOME, "2.05"), [*CLOSING, *GENEROUS])
    assert found is not None
    assert found.value == pytest.approx(2.05 * fair.chance - 1)
    assert float(found.fair_odds) == pytest.approx(1 / fair.chance)
    assert found.moved == pytest.approx(2.05 / 1.95 - 1)
    assert found.method == fair.method


def test_a_published_closing_value() -> None:
    """matterofstats.com, "Do you have closing line value?": $2.25 taken, $2.10 fair at the close, is worth +7.1 %."""
    closing = pair(ALPHA, total("over", "2.5"), "2.1", total("under", "2.5"), Fraction(21, 11))
    closing = [msgspec.structs.replace(quote, basis=Basis.CLOSING) for quote in closing]
    found = closing_value(back(BRAVO, total("over", "2.5"), "2.25"), closing)
    assert found is not None
    assert found.value == pytest.approx(0.0714, abs=5e-5)
    assert found.moved is None


def test_without_closing_prices_there_is_no_closing_value() -> None:
    assert closing_value(FAIR[0], FAIR) is None
    assert closing_value(back(ALPHA, total("over", "2.5"), 2), CLOSING) is None
    assert closing_value(lay(FREE_EXCHANGE, HOME, "1.9"), CLOSING) is not None
