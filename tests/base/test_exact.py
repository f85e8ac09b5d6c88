"""Exact numbers: what counts as a number at the door, and how numbers are written without saying too much."""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from crossbook.base.errors import BadData
from crossbook.base.exact import decimal_text, exact, parse_number, plain_text

F = Fraction
rationals = st.fractions(-(10**9), 10**9, max_denominator=10**9)
decimals = st.decimals(-(10**12), 10**12, allow_nan=False, allow_infinity=False, places=6)

NO_NUMBERS = [
    "",
    " ",
    ".",
    "-",
    "+",
    "e5",
    "1e",
    "N/A",
    "evens",
    "1,95",
    "1,234.5",
    "1.2.3",
    "1 2",
    "1_000",
    "0x10",
    "3/2",
    "½",
    "−1",
    "--1",
    "inf",
    "-Infinity",
    "nan",
    "sNaN",
    "1E+999999",
    "1e100",
    "1e-100",
    "9" * 19,
    "0." + "1" * 19,
    "9" * 100_000,
    "1e" + "9" * 100_000,
]


class TestParseNumber:
    @pytest.mark.parametrize(
        ("text", "value"),
        [
            ("0", F(0)),
            ("-0.00", F(0)),
            ("7", F(7)),
            ("+7", F(7)),
            ("-7.25", F(-29, 4)),
            ("1.571", F(1571, 1000)),
            ("1.", F(1)),
            (".5", F(1, 2)),
            ("-.5", F(-1, 2)),
            ("  2.10\r\n", F(21, 10)),
            ("007.50", F(15, 2)),
            ("1e3", F(1000)),
            ("1.5E+2", F(150)),
            ("25e-1", F(5, 2)),
            ("9" * 18, F(10**18 - 1)),
            ("0." + "0" * 17 + "1", F(1, 10**18)),
            ("9" * 18 + "." + "9" * 18, F(10**36 - 1, 10**18)),
        ],
    )
    def test_decimal_text_has_one_exact_value(self, text: str, value: Fraction) -> None:
        assert parse_number(text) == value

    @pytest.mark.parametrize("text", NO_NUMBERS, ids=lambda text: repr(text[:12]))
    def test_everything_else_is_refused_and_shown_in_short(self, text: str) -> None:
        with pytest.raises(BadData) as caught:
            parse_number(text)
        assert repr(text[:40]) in str(caught.value)
        assert len(str(caught.value)) < 100

    @given(decimals)
    def test_it_agrees_with_decimal_arithmetic(self, value: Decimal) -> None:
        assert parse_number(str(value)) == parse_number(f"{value:f}") == F(value)

    @given(st.text(max_size=12) | st.text("0123456789.eE+-_/ ,", max_size=12))
    def test_any_text_is_a_small_enough_number_or_bad_data(self, text: str) -> None:
        try:
            value = parse_number(text)
        except BadData:
            return
        assert value == F(Decimal(text))
        assert abs(value) < 10**118


class TestExact:
    @pytest.mark.parametrize(
        ("text", "value"), [("0.39", F(39, 100)), ("1E+2", F(100)), ("-2.50", F(-5, 2)), ("0E-7", F(0))]
    )
    def test_a_decoded_decimal_keeps_its_value(self, text: str, value: Fraction) -> None:
        assert exact(Decimal(text)) == value

    @pytest.mark.parametrize("text", ["1E+999999", "1E-999999", "NaN", "sNaN", "Infinity", "-Infinity"])
    def test_bombs_and_non_numbers_are_refused(self, text: str) -> None:
        with pytest.raises(BadData):
            exact(Decimal(text))

    @given(decimals)
    def test_every_ordinary_decimal(self, value: Decimal) -> None:
        assert exact(value) == F(value)


class TestDecimalText:
    @pytest.mark.parametrize(
        ("value", "places", "text"),
        [
            (F(2, 3), 4, "0.6666"),
            (F(-2, 3), 4, "-0.6667"),
            (F(-1, 3), 2, "-0.34"),
            (F(1, 3), 0, "0"),
            (F(-1, 3), 0, "-1"),
            (F(7, 2), 0, "3"),
            (F(-7, 2), 0, "-4"),
            (F(5), 0, "5"),
            (F(0), 3, "0.000"),
            (F(1, 1000), 2, "0.00"),
            (F(-1, 1000), 2, "-0.01"),
            (F(-1, 4), 2, "-0.25"),
            (F(12345, 100), 1, "123.4"),
            (F(199, 100), 2, "1.99"),
            (F(10**20), 2, "100000000000000000000.00"),
        ],
    )
    def test_it_is_rounded_down(self, value: Fraction, places: int, text: str) -> None:
        assert decimal_text(value, places) == text

    @given(rationals, st.integers(0, 12))
    def test_it_has_the_places_asked_for_and_never_says_more_than_is_true(
        self, value: Fraction, places: int
    ) -> None:
        text = decimal_text(value, places)
        assert re.fullmatch(rf"-?\d+\.\d{{{places}}}" if places else r"-?\d+", text)
        assert F(text) <= value < F(text) + F(1, 10**places)
        assert not re.match(r"-?0\d", text)

    @given(rationals, st.integers(0, 9))
    def test_a_value_on_the_grid_is_written_in_full(self, value: Fraction, places: int) -> None:
        on_grid = F(round(value * 10**places), 10**places)
        assert F(decimal_text(on_grid, places)) == on_grid


class TestPlainText:
    @pytest.mark.parametrize(
        ("value", "text"),
        [
            (F(0), "0"),
            (F(3), "3"),
            (F(100), "100"),
            (F(-100), "-100"),
            (F(5, 4), "1.25"),
            (F(-5, 4), "-1.25"),
            (F(1, 10), "0.1"),
            (F(1, 2**10), "0.0009765625"),
            (F(1, 10**20), "0.00000000000000000001"),
            (F(100, 39), "2.564102"),
            (F(-100, 39), "-2.564103"),
            (F(1, 3), "0.333333"),
        ],
    )
    def test_known_values(self, value: Fraction, text: str) -> None:
        assert plain_text(value) == text

    def test_the_places_count_only_where_decimals_do_not_end(self) -> None:
        assert plain_text(F(1, 8), 1) == "0.125"
        assert plain_text(F(1, 7), 1) == "0.1"
        assert plain_text(F(22, 7), 0) == "3"

    @given(decimals)
    def test_what_ends_in_decimals_is_exact_and_as_short_as_can_be(self, value: Decimal) -> None:
        text = plain_text(F(value), 2)
        assert parse_number(text) == F(value)
        assert text == "0" or not text.endswith(".")
        assert "." not in text or not text.endswith("0")
        assert len(text) <= len(f"{value:f}")

    @given(rationals, st.integers(0, 8))
    def test_what_does_not_end_is_cut_downwards(self, value: Fraction, places: int) -> None:
        rest = value.denominator
        for prime in (2, 5):
            while rest % prime == 0:
                rest //= prime
        assume(rest != 1)
        assert plain_text(value, places) == decimal_text(value, places)
