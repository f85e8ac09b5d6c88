"""Season files: which prices and lines are believed, and what a broken one costs."""

from __future__ import annotations

from fractions import Fraction

import pytest

from tests.venues.football_data_seasons import of_row, said


def test_prices_are_exact() -> None:
    quotes, _ = of_row("B365H,B365D,B365A", "1.571,3.10,1001")
    assert {quote.odds for quote in quotes} == {Fraction(1571, 1000), Fraction(31, 10), Fraction(1001)}


def test_a_quoted_price_is_a_price() -> None:
    quotes, faults = of_row("B365H,B365D,B365A", '"2.1"," 3.4 ",3.75')
    assert (len(quotes), faults) == (3, [])


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ("c,3.4,3.75,2,3,4", "B365H: "),
        ("2.1,3.53.75,3.75,2,3,4", "B365D: "),
        ("2.1,3.4,,2,3,4", "B365A: "),
        ("2.1,,,2,3,4", "B365D, B365A: "),
        ("2.1,0,3.75,2,3,4", "B365D: "),
        ("1,3.4,3.75,2,3,4", "B365H: "),
        ("-2.1,3.4,3.75,2,3,4", "B365H: "),
        ('"2,1",3.4,3.75,2,3,4', "B365H: "),
        ("nan,3.4,3.75,2,3,4", "B365H: "),
        ("1e9,3.4,3.75,2,3,4", "B365H: "),
    ],
)
def test_a_broken_cell_costs_the_book_that_market_and_no_other(cells: str, reason: str) -> None:
    quotes, faults = of_row("B365H,B365D,B365A,BWH,BWD,BWA,B365>2.5,B365<2.5", f"{cells},1.9,1.95")
    assert said(quotes) == [
        "B365 prematch total over 2.5 @ 1.9",
        "B365 prematch total under 2.5 @ 1.95",
        "BW prematch 1x2 away @ 4",
        "BW prematch 1x2 draw @ 3",
        "BW prematch 1x2 home @ 2",
    ]
    assert len(faults) == 1
    assert faults[0].startswith(reason)


def test_a_market_without_any_price_is_no_fault() -> None:
    quotes, faults = of_row("B365H,B365D,B365A,BWH,BWD,BWA", ", ,,2,3,4")
    assert ([quote.venue.id for quote in quotes], faults) == (["BW"] * 3, [])


@pytest.mark.parametrize(
    ("line", "words"),
    [("0.3", "off the quarter grid"), ("4.25", "beyond 4"), ("-9", "beyond 4"), ("x", "'x'")],
)
def test_lines_that_are_not_believed(line: str, words: str) -> None:
    quotes, faults = of_row("GBAHH,GBAHA,GBAH,B365H,B365D,B365A", f"1.9,1.92,{line},2,3,4")
    assert {quote.venue.id for quote in quotes} == {"B365"}
    assert len(faults) == 1
    assert faults[0].startswith("GBAHH: ")
    assert words in faults[0]


@pytest.mark.parametrize("line", ["4", "-4", "-4.0", "0", "-0.25", "+0.75", "3.75"])
def test_lines_that_are_believed(line: str) -> None:
    quotes, faults = of_row("GBAHH,GBAHA,GBAH", f"1.9,1.92,{line}")
    assert (faults, {quote.claim.line for quote in quotes}) == ([], {Fraction(line)})


def test_an_empty_line_of_a_book_is_not_replaced_by_the_files() -> None:
    quotes, faults = of_row("AHh,GBAHH,GBAHA,GBAH", "-0.5,1.9,1.92,")
    assert (quotes, faults) == ([], [])


def test_handicap_prices_without_any_line_column_are_left_out() -> None:
    assert of_row("B365AHH,B365AHA", "1.9,1.92") == ([], [])
