"""Odds formats: exact both ways, known values, the edges of each format, and text that is no price."""

from __future__ import annotations

import re
from fractions import Fraction

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from crossbook.base.errors import BadData
from crossbook.base.exact import parse_number
from crossbook.model.odds import LARGEST_ODDS, Format, from_decimal, odds_text, parse_odds, to_decimal

F = Fraction
NET = (Format.FRACTIONAL, Format.HONG_KONG)
SIGNED = (Format.AMERICAN, Format.MALAY, Format.INDONESIAN)
FORMATS = st.sampled_from(Format)

prices = st.one_of(
    st.fractions(1, LARGEST_ODDS, max_denominator=10**6).filter(lambda odds: odds > 1),
    st.integers(101, 100_000).map(lambda cents: F(cents, 100)),
    st.fractions(1, 3, max_denominator=500).filter(lambda odds: odds > 1),
)
magnitudes = st.fractions(0, 10**6, max_denominator=10**4).filter(lambda value: value > 0)

# decimal, fractional, American, Hong Kong, Malay, Indonesian, probability
KNOWN = [
    ("1.01", "1/100", "-10000", "0.01", "0.01", "-100", "100/101"),
    ("1.2", "1/5", "-500", "0.2", "0.2", "-5", "5/6"),
    ("1.25", "1/4", "-400", "0.25", "0.25", "-4", "4/5"),
    ("1.5", "1/2", "-200", "0.5", "0.5", "-2", "2/3"),
    ("1.8", "4/5", "-125", "0.8", "0.8", "-1.25", "5/9"),
    ("21/11", "10/11", "-110", "10/11", "10/11", "-1.1", "11/21"),
    ("2", "1/1", "100", "1", "1", "1", "1/2"),
    ("2.1", "11/10", "110", "1.1", "-10/11", "1.1", "10/21"),
    ("2.375", "11/8", "137.5", "1.375", "-8/11", "1.375", "8/19"),
    ("2.5", "6/4", "150", "1.5", "-2/3", "1.5", "2/5"),
    ("3", "2/1", "200", "2", "-0.5", "2", "1/3"),
    ("5", "4/1", "400", "4", "-0.25", "4", "1/5"),
    ("11", "10/1", "1000", "10", "-0.1", "10", "1/11"),
    ("101", "100/1", "10000", "100", "-0.01", "100", "1/101"),
    ("1001", "1000/1", "100000", "1000", "-0.001", "1000", "1/1001"),
]
VALUES = [
    pytest.param(form, F(row[0]), F(value), id=f"{row[0]} is {form.value} {value}")
    for row in KNOWN
    for form, value in zip(Format, row, strict=True)
]


def in_range(value: Fraction, form: Format) -> bool:
    """Whether a number can be odds in a format, said without any conversion."""
    match form:
        case Format.DECIMAL:
            return 1 < value <= LARGEST_ODDS
        case Format.FRACTIONAL | Format.HONG_KONG:
            return 0 < value <= LARGEST_ODDS - 1
        case Format.AMERICAN:
            return abs(value) >= 100 and value <= 100 * (LARGEST_ODDS - 1)
        case Format.MALAY:
            return 0 < abs(value) <= 1 and (value > 0 or value <= -1 / (LARGEST_ODDS - 1))
        case Format.INDONESIAN:
            return abs(value) >= 1 and value <= LARGEST_ODDS - 1
        case Format.PROBABILITY:
            return 1 / LARGEST_ODDS <= value < 1


class TestKnownValues:
    @pytest.mark.parametrize(("form", "odds", "value"), VALUES)
    def test_both_ways(self, form: Format, odds: Fraction, value: Fraction) -> None:
        assert to_decimal(value, form) == odds
        assert from_decimal(odds, form) == value

    @pytest.mark.parametrize(
        ("form", "negative", "positive"),
        [(Format.AMERICAN, -100, 100), (Format.MALAY, -1, 1), (Format.INDONESIAN, -1, 1)],
    )
    def test_even_money_has_two_spellings_and_we_write_the_positive_one(
        self, form: Format, negative: int, positive: int
    ) -> None:
        assert to_decimal(F(negative), form) == to_decimal(F(positive), form) == 2
        assert from_decimal(F(2), form) == positive

    @pytest.mark.parametrize(
        ("form", "below", "above"),
        [
            (Format.AMERICAN, F(-10001, 100), F(10001, 100)),
            (Format.MALAY, F(99, 100), F(-99, 100)),
            (Format.INDONESIAN, F(-101, 100), F(101, 100)),
        ],
    )
    def test_the_sign_turns_at_even_money(self, form: Format, below: Fraction, above: Fraction) -> None:
        assert to_decimal(below, form) < 2 < to_decimal(above, form)


class TestBothWays:
    @given(prices, FORMATS)
    @example(F(2), Format.AMERICAN)
    @example(LARGEST_ODDS, Format.MALAY)
    @example(1 + 1 / LARGEST_ODDS, Format.INDONESIAN)
    def test_from_decimal_and_back(self, odds: Fraction, form: Format) -> None:
        value = from_decimal(odds, form)
        assert in_range(value, form)
        assert to_decimal(value, form) == odds

    @given(magnitudes, st.booleans(), FORMATS)
    @example(F(100), True, Format.AMERICAN)
    @example(F(99), False, Format.AMERICAN)
    @example(F(1), True, Format.MALAY)
    @example(F(1), True, Format.INDONESIAN)
    def test_a_number_is_odds_exactly_when_it_is_in_the_formats_range(
        self, magnitude: Fraction, negative: bool, form: Format
    ) -> None:
        value = -magnitude if negative else magnitude
        if not in_range(value, form):
            with pytest.raises(BadData, match=r"^odds: "):
                to_decimal(value, form)
        else:
            again = from_decimal(to_decimal(value, form), form)
            assert again == value or (form in SIGNED and to_decimal(value, form) == 2 and again == -value)

    @given(prices, prices)
    def test_better_odds_are_better_in_every_format(self, one: Fraction, other: Fraction) -> None:
        for form in (Format.DECIMAL, *NET):
            assert (one < other) == (from_decimal(one, form) < from_decimal(other, form))
        assert (one < other) == (
            from_decimal(one, Format.PROBABILITY) > from_decimal(other, Format.PROBABILITY)
        )
        if (one < 2) == (other < 2):
            for form in (Format.AMERICAN, Format.INDONESIAN):
                assert (one < other) == (from_decimal(one, form) < from_decimal(other, form))
        if (one <= 2) == (other <= 2):
            assert (one < other) == (from_decimal(one, Format.MALAY) < from_decimal(other, Format.MALAY))

    @given(prices)
    def test_formats_that_are_one_number_in_other_units(self, odds: Fraction) -> None:
        assert from_decimal(odds, Format.AMERICAN) == 100 * from_decimal(odds, Format.INDONESIAN)
        assert from_decimal(odds, Format.FRACTIONAL) == from_decimal(odds, Format.HONG_KONG)
        if odds != 2:
            product = from_decimal(odds, Format.MALAY) * from_decimal(odds, Format.INDONESIAN)
            assert product == -1


class TestEdges:
    @pytest.mark.parametrize("form", Format)
    def test_odds_that_pay_no_more_than_the_stake_have_no_spelling(self, form: Format) -> None:
        for odds in (F(1), F(999, 1000), F(0), F(-2)):
            with pytest.raises(BadData, match=r"^odds: .* pays no more than the stake$"):
                from_decimal(odds, form)

    @pytest.mark.parametrize("form", Format)
    def test_the_largest_odds(self, form: Format) -> None:
        assert to_decimal(from_decimal(LARGEST_ODDS, form), form) == LARGEST_ODDS
        with pytest.raises(BadData, match=r"^odds: "):
            to_decimal(from_decimal(LARGEST_ODDS + F(1, 1000), form), form)

    @pytest.mark.parametrize(
        ("form", "values"),
        [
            (Format.DECIMAL, ["1", "0.99", "0", "-2", "1000000.01"]),
            (Format.FRACTIONAL, ["0", "-1/2", "-1"]),
            (Format.AMERICAN, ["0", "99.99", "-99.99", "1", "-1"]),
            (Format.HONG_KONG, ["0", "-0.5", "-1", "1000000"]),
            (Format.MALAY, ["0", "1.01", "-1.01", "2"]),
            (Format.INDONESIAN, ["0", "0.99", "-0.99"]),
            (Format.PROBABILITY, ["0", "1", "1.01", "-0.5", "50"]),
        ],
    )
    def test_just_outside(self, form: Format, values: list[str]) -> None:
        for value in values:
            with pytest.raises(BadData, match=r"^odds: ") as caught:
                to_decimal(F(value), form)
            assert form.value in str(caught.value)


class TestText:
    @pytest.mark.parametrize(
        ("text", "form", "odds"),
        [
            ("1.95", Format.DECIMAL, F(39, 20)),
            (" 2.10\n", Format.DECIMAL, F(21, 10)),
            ("1e1", Format.DECIMAL, F(10)),
            ("4/7", Format.FRACTIONAL, F(11, 7)),
            ("6/4", Format.FRACTIONAL, F(5, 2)),
            (" 11 / 10 ", Format.FRACTIONAL, F(21, 10)),
            ("100/30", Format.FRACTIONAL, F(13, 3)),
            ("4", Format.FRACTIONAL, F(5)),
            ("Evens", Format.FRACTIONAL, F(2)),
            ("EVS", Format.FRACTIONAL, F(2)),
            (" even ", Format.FRACTIONAL, F(2)),
            ("+150", Format.AMERICAN, F(5, 2)),
            ("150", Format.AMERICAN, F(5, 2)),
            ("-150", Format.AMERICAN, F(5, 3)),
            ("-102.5", Format.AMERICAN, F(81, 41)),
            ("0.85", Format.HONG_KONG, F(37, 20)),
            ("-0.8", Format.MALAY, F(9, 4)),
            ("-1.25", Format.INDONESIAN, F(9, 5)),
            ("0.05", Format.PROBABILITY, F(20)),
        ],
    )
    def test_prices_as_they_are_written(self, text: str, form: Format, odds: Fraction) -> None:
        assert parse_odds(text, form) == odds

    def test_decimal_unless_told_otherwise(self) -> None:
        assert parse_odds("3.5") == F(7, 2)
        assert odds_text(F(7, 2)) == "3.5"

    @pytest.mark.parametrize("form", Format)
    @pytest.mark.parametrize(
        "text",
        [
            "",
            " ",
            "N/A",
            "SUSP",
            "1,95",
            "1.9.5",
            "inf",
            "-inf",
            "nan",
            "NaN",
            "1E+999999",
            "1e100",
            "9" * 50,
            "²",
        ],
    )
    def test_what_is_no_number_is_refused_and_shown(self, text: str, form: Format) -> None:
        with pytest.raises(BadData) as caught:
            parse_odds(text, form)
        assert repr(text[:40]) in str(caught.value)

    @pytest.mark.parametrize("form", Format)
    @pytest.mark.parametrize("text", ["1e99", "1e9", "0", "-0.0", "0e9"])
    def test_numbers_that_are_no_price_anywhere(self, text: str, form: Format) -> None:
        with pytest.raises(BadData, match=r"^odds: "):
            parse_odds(text, form)

    @pytest.mark.parametrize("text", ["4/0", "0/0", "4/-7", "-4/-7", "-4/7", "0/5"])
    def test_fractions_that_are_no_price(self, text: str) -> None:
        with pytest.raises(BadData, match=r"^odds: "):
            parse_odds(text, Format.FRACTIONAL)

    @pytest.mark.parametrize(
        "text", ["/", "4/", "/7", "4/7/2", "4//7", "4:7", "4-7", "four/seven", "evens/2"]
    )
    def test_fractions_that_are_no_fraction(self, text: str) -> None:
        with pytest.raises(BadData):
            parse_odds(text, Format.FRACTIONAL)

    @pytest.mark.parametrize("form", [form for form in Format if form is not Format.FRACTIONAL])
    @pytest.mark.parametrize("text", ["4/7", "Evens", "evs"])
    def test_fractions_are_only_for_the_fractional_format(self, text: str, form: Format) -> None:
        with pytest.raises(BadData):
            parse_odds(text, form)

    @given(st.text(max_size=10) | st.text("0123456789./-+eE ", max_size=10), FORMATS)
    def test_any_text_is_odds_above_one_or_bad_data(self, text: str, form: Format) -> None:
        try:
            odds = parse_odds(text, form)
        except BadData:
            return
        assert 1 < odds <= LARGEST_ODDS


class TestOddsText:
    @pytest.mark.parametrize(
        ("odds", "form", "text"),
        [
            (F(2), Format.DECIMAL, "2"),
            (F(5, 2), Format.DECIMAL, "2.5"),
            (F(1571, 1000), Format.DECIMAL, "1.571"),
            (F(100, 39), Format.DECIMAL, "2.564102"),
            (F(2), Format.FRACTIONAL, "1/1"),
            (F(11, 7), Format.FRACTIONAL, "4/7"),
            (F(5, 2), Format.FRACTIONAL, "3/2"),
            (F(6), Format.FRACTIONAL, "5/1"),
            (F(2), Format.AMERICAN, "+100"),
            (F(5, 2), Format.AMERICAN, "+150"),
            (F(11, 7), Format.AMERICAN, "-175"),
            (F(19, 8), Format.AMERICAN, "+137.5"),
            (F(2), Format.HONG_KONG, "1"),
            (F(9, 4), Format.MALAY, "-0.8"),
            (F(2), Format.MALAY, "1"),
            (F(9, 5), Format.INDONESIAN, "-1.25"),
            (F(3), Format.INDONESIAN, "2"),
            (F(3), Format.PROBABILITY, "0.333333"),
            (F(20), Format.PROBABILITY, "0.05"),
        ],
    )
    def test_as_a_person_would_write_them(self, odds: Fraction, form: Format, text: str) -> None:
        assert odds_text(odds, form) == text

    @given(prices)
    def test_fractional_text_is_exact(self, odds: Fraction) -> None:
        assert parse_odds(odds_text(odds, Format.FRACTIONAL), Format.FRACTIONAL) == odds

    @given(prices, FORMATS)
    def test_other_text_is_exact_or_cut_after_six_digits(self, odds: Fraction, form: Format) -> None:
        if form is Format.FRACTIONAL:
            return
        text, value = odds_text(odds, form), from_decimal(odds, form)
        shown = parse_number(text)
        assert shown <= value < shown + F(1, 10**6)
        assert shown == value or re.fullmatch(r"[+-]?\d+\.\d{6}", text)
        assert text.startswith("+") == (form is Format.AMERICAN and odds >= 2)

    @given(st.integers(101, 10_000), FORMATS)
    def test_ordinary_prices_survive_as_text_where_decimals_end(self, cents: int, form: Format) -> None:
        odds = F(cents, 100)
        text = odds_text(odds, form)
        if form is Format.FRACTIONAL or parse_number(text) == from_decimal(odds, form):
            assert parse_odds(text, form) == odds

    def test_no_odds_no_text(self) -> None:
        with pytest.raises(BadData, match=r"^odds: 1 "):
            odds_text(F(1))
