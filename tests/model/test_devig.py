"""De-vig: published numbers, the defining equations solved again, and books that cannot be."""

from __future__ import annotations

from decimal import Decimal, localcontext
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.optimize import brentq

from crossbook.base.errors import BadData
from crossbook.model.devig import Devig, devig, overround

ADDITIVE, MULTIPLICATIVE, POWER, SHIN = Devig.ADDITIVE, Devig.MULTIPLICATIVE, Devig.POWER, Devig.SHIN


def odds_of(*texts: str) -> list[Fraction]:
    return [Fraction(text) for text in texts]


def decimal(value: Fraction) -> Decimal:
    return Decimal(value.numerator) / Decimal(value.denominator)


prices = st.fractions(min_value=Fraction(101, 100), max_value=1000, max_denominator=100).filter(
    lambda one: one > 1
)


@st.composite
def books(draw: st.DrawFn, least: int = 2, most: int = 9, lowest: int = 80) -> list[Fraction]:
    """Odds around fair ones: chances drawn, and books from `lowest` to 140 %."""
    weights = draw(st.lists(st.integers(1, 400), min_size=least, max_size=most))
    margin = Fraction(draw(st.integers(lowest, 140)), 100)
    odds = [Fraction(round(1000 * Fraction(sum(weights), weight) / margin), 1000) for weight in weights]
    return [max(one, Fraction(1001, 1000)) for one in odds]


# ------------------------------------------------------------------ published numbers

PENALTYBLOG = odds_of("2.7", "2.3", "4.4")
"""The worked example of penaltyblog's documentation, docs.pena.lt/y/implied/implied.html."""
PUBLISHED = [
    (PENALTYBLOG, MULTIPLICATIVE, [0.35873804, 0.42112726, 0.2201347], None, 6e-9),
    (PENALTYBLOG, ADDITIVE, [0.3595618, 0.42397404, 0.21646416], None, 6e-9),
    (PENALTYBLOG, POWER, [0.3591711, 0.42373075, 0.21709815], 1.0309132393169356, 6e-9),
    (PENALTYBLOG, SHIN, [0.35934392, 0.42324385, 0.21741223], 0.016236442857291165, 6e-9),
    # The two worked examples of github.com/mberk/shin's README.
    (
        odds_of("2.6", "2.4", "4.3"),
        SHIN,
        [0.37299406033208965, 0.4047794109200184, 0.2222265287474275],
        0.01694251276407055,
        1e-10,
    ),
    (odds_of("1.5", "2.74"), SHIN, [0.6508515815085157, 0.3491484184914841], 0.03172728540646625, 1e-14),
]


@pytest.mark.parametrize(("odds", "method", "chances", "parameter", "close"), PUBLISHED)
def test_published_numbers(
    odds: list[Fraction], method: Devig, chances: list[float], parameter: float | None, close: float
) -> None:
    found = devig(odds, method)
    assert found.method is method
    assert found.chances == pytest.approx(chances, abs=close)
    assert found.overround == overround(odds)
    if parameter is not None:
        assert found.parameter == pytest.approx(parameter, abs=1e-9)


# ------------------------------------------------------------------ the defining equations, solved elsewhere


@given(books(), st.data())
def test_the_power_is_where_scipy_finds_it(odds: list[Fraction], data: st.DataObject) -> None:
    winners = data.draw(st.integers(1, len(odds) - 1))
    found = devig(odds, POWER, winners)
    inverse = [float(1 / one) for one in odds]
    root = brentq(
        lambda power: sum(one**power for one in inverse) - winners, 0, 10_000, xtol=1e-13, rtol=1e-13
    )
    assert found.parameter == pytest.approx(root, rel=1e-9, abs=1e-9)
    assert found.chances == pytest.approx([one**root for one in inverse], abs=1e-9)
    assert sum(found.chances) == pytest.approx(winners, abs=len(odds) * found.error + 1e-15)
    assert all(0 < one < 1 for one in found.chances)


@given(books(least=3, lowest=101), st.integers(1, 3))
def test_shins_prices_come_back_from_his_chances(odds: list[Fraction], winners: int) -> None:
    """The model forwards, as Shin has it: π = √(z p + (1 − z) p²) Σ √(z p + (1 − z) p²)."""
    odds = [max((one / winners), Fraction(1001, 1000)) for one in odds]
    assume(winners < len(odds) and overround(odds, winners) > 0)
    found = devig(odds, SHIN, winners)
    z = found.parameter
    assert z is not None
    assert 0 <= z < 1
    of_one = [one / winners for one in found.chances]
    roots = [(z * one + (1 - z) * one**2) ** 0.5 for one in of_one]
    again = [winners * root * sum(roots) for root in roots]
    assert again == pytest.approx([float(1 / one) for one in odds], rel=1e-9, abs=1e-9)
    assert sum(found.chances) == pytest.approx(winners, abs=1e-9)


@given(books(least=3, most=6, lowest=101), st.sampled_from([POWER, SHIN]))
def test_the_error_is_as_stated(odds: list[Fraction], method: Devig) -> None:
    """Against forty digits."""
    assume(overround(odds) > 0)
    found = devig(odds, method)
    assert found.error < 1e-12
    with localcontext() as context:
        context.prec = 40
        inverse = [1 / decimal(one) for one in odds]
        total = sum(inverse)

        def chances(parameter: Decimal) -> list[Decimal]:
            if method is POWER:
                return [one**parameter for one in inverse]
            return [
                2
                * one**2
                / total
                / ((parameter**2 + 4 * (1 - parameter) * one**2 / total).sqrt() + parameter)
                for one in inverse
            ]

        low, high = Decimal(0), Decimal(1) if method is SHIN else Decimal(64)
        for _ in range(110):
            middle = (low + high) / 2
            low, high = (middle, high) if sum(chances(middle)) > 1 else (low, middle)
        for one, exact in zip(found.chances, chances(low), strict=True):
            assert abs(Decimal(one) - exact) <= Decimal(found.error)


@given(books())
def test_in_proportion_and_by_the_same_amount(odds: list[Fraction]) -> None:
    inverse = [1 / one for one in odds]
    assume(max(inverse) < sum(inverse))
    for one, chance in zip(inverse, devig(odds, MULTIPLICATIVE).chances, strict=True):
        assert chance == float(one / sum(inverse))
    each = (sum(inverse) - 1) / len(odds)
    if min(inverse) - each > 0 and max(inverse) - each < 1:
        assert devig(odds, ADDITIVE).chances == tuple(float(one - each) for one in inverse)
    else:
        with pytest.raises(BadData, match="no chance"):
            devig(odds, ADDITIVE)


# ------------------------------------------------------------------ what every method has to keep


@given(books(lowest=101), st.sampled_from(list(Devig)))
def test_order_does_not_matter_and_is_kept(odds: list[Fraction], method: Devig) -> None:
    assume(overround(odds) > 0)
    try:
        found = devig(odds, method)
    except BadData:
        assume(False)
    turned = devig(odds[::-1], method)
    assert turned.chances == pytest.approx(found.chances[::-1], abs=2 * found.error)
    by_odds = sorted(zip(odds, found.chances, strict=True))
    for (shorter, more), (longer, less) in pairwise(by_odds):
        assert more >= less - 2 * found.error if shorter < longer else more == pytest.approx(less, abs=1e-12)


@given(books(least=3, lowest=101))
def test_long_shots_shrink_most_but_in_proportion(odds: list[Fraction]) -> None:
    """In a book with a margin the longest odds lose more of their chance by power and Shin than in proportion."""
    assume(overround(odds) > Fraction(1, 1000) and min(odds) < max(odds))
    longest = max(range(len(odds)), key=lambda place: odds[place])
    plain = devig(odds, MULTIPLICATIVE).chances[longest]
    assert devig(odds, POWER).chances[longest] < plain
    assert devig(odds, SHIN).chances[longest] < plain


@given(books(most=2, lowest=101))
def test_shin_of_two_is_the_additive_method(odds: list[Fraction]) -> None:
    one, other = odds
    assume(overround(odds) >= 0)
    found = devig(odds, SHIN)
    assert found.chances == devig(odds, ADDITIVE).chances
    z, p = found.parameter, found.chances
    assert z is not None
    roots = [(z * each + (1 - z) * each**2) ** 0.5 for each in p]
    assert [root * sum(roots) for root in roots] == pytest.approx(
        [float(1 / one), float(1 / other)], abs=1e-9
    )


@pytest.mark.parametrize("method", list(Devig))
def test_equal_prices_are_equal_chances(method: Devig) -> None:
    for count, price in ((2, "1.9"), (3, "2.7"), (20, "15")):
        assert devig(odds_of(*[price] * count), method).chances == pytest.approx(
            [1 / count] * count, abs=1e-13
        )


@pytest.mark.parametrize("method", list(Devig))
def test_a_fair_book_is_left_alone(method: Devig) -> None:
    assert devig(odds_of("2", "4", "4"), method).chances == pytest.approx([0.5, 0.25, 0.25], abs=1e-13)


@pytest.mark.parametrize("method", list(Devig))
def test_several_winners(method: Devig) -> None:
    """Six runners for three places, each fairly evens, sold at 1.8."""
    found = devig(odds_of(*["1.8"] * 6), method, winners=3)
    assert found.chances == pytest.approx([0.5] * 6, abs=1e-13)
    assert found.overround == Fraction(1, 3)


def test_very_long_shots() -> None:
    odds = [Fraction(1_000_001, 1_000_000), *[Fraction(1_000_000)] * 30]
    for method in (MULTIPLICATIVE, POWER, SHIN):
        found = devig(odds, method)
        assert sum(found.chances) == pytest.approx(1, abs=1e-12)
        assert min(found.chances) > 0
        assert found.error < 1e-12


def test_a_book_below_one_hundred_per_cent() -> None:
    odds = odds_of("2.2", "2.2")
    for method in (MULTIPLICATIVE, ADDITIVE, POWER):
        found = devig(odds, method)
        assert found.overround < 0
        assert found.chances == pytest.approx([0.5, 0.5], abs=1e-13)
    assert devig(odds_of("3.3", "3.3", "3.3"), POWER).parameter < 1  # type: ignore[operator]
    with pytest.raises(BadData, match="below 100 %"):
        devig(odds, SHIN)


# ------------------------------------------------------------------ books that cannot be


@pytest.mark.parametrize("method", list(Devig))
def test_books_that_cannot_be(method: Devig) -> None:
    with pytest.raises(BadData, match="at least two outcomes"):
        devig(odds_of("2"), method)
    with pytest.raises(BadData, match="no more than the stake"):
        devig(odds_of("2", "1"), method)
    for winners in (0, 2):
        with pytest.raises(BadData, match="winners"):
            devig(odds_of("2", "2"), method, winners)


def test_methods_that_do_not_fit_the_book() -> None:
    with pytest.raises(BadData, match="no chance"):
        devig(odds_of("1.05", "1.3", "50"), ADDITIVE)
    with pytest.raises(BadData, match="certain"):
        devig(odds_of("1.05", "60", "60"), MULTIPLICATIVE, winners=2)
