"""Which terms make sense."""

from __future__ import annotations

from fractions import Fraction

import pytest

from crossbook.arbitrage.terms import Terms


@pytest.mark.parametrize(
    ("terms", "names"),
    [
        (Terms(), []),
        (Terms(bank=Fraction(10**12), unit=Fraction(1_000)), []),
        (Terms(bank=Fraction(-1)), ["bank", "unit"]),
        (Terms(unit=Fraction(0)), ["unit"]),
        (Terms(unit=Fraction(101)), ["unit"]),
        (Terms(least_margin=Fraction(-1, 10)), ["least_margin"]),
        (Terms(bank=Fraction(10**12 + 1), unit=Fraction(1_000)), ["bank"]),
        (Terms(bank=Fraction(100), unit=Fraction(1, 10**8)), ["bank"]),
    ],
)
def test_every_doubt_names_its_term(terms: Terms, names: list[str]) -> None:
    assert [name for name, _ in terms.doubts()] == names
