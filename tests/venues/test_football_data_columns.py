"""Season files: which column says what in each era, and which say nothing of a venue's price."""

from __future__ import annotations

import pytest

from crossbook.model.quote import Basis, Side
from crossbook.model.venue import VenueType
from crossbook.venues.football_data import READER
from tests.venues.football_data_seasons import of_row, said

COLUMNS = [
    pytest.param(
        "B365H,B365D,B365A",
        "2.1,3.4,3.75",
        ["B365 prematch 1x2 away @ 3.75", "B365 prematch 1x2 draw @ 3.4", "B365 prematch 1x2 home @ 2.1"],
        id="match result",
    ),
    pytest.param(
        "VCH,VCD,VCA,VCCH,VCCD,VCCA",
        "2,3,4,2.5,3.5,4.5",
        [
            "VC closing 1x2 away @ 4.5",
            "VC closing 1x2 draw @ 3.5",
            "VC closing 1x2 home @ 2.5",
            "VC prematch 1x2 away @ 4",
            "VC prematch 1x2 draw @ 3",
            "VC prematch 1x2 home @ 2",
        ],
        id="a book whose name ends in C",
    ),
    pytest.param(
        "VCCH,VCCD,VCCA",
        "2.5,3.5,4.5",
        ["VC closing 1x2 away @ 4.5", "VC closing 1x2 draw @ 3.5", "VC closing 1x2 home @ 2.5"],
        id="closing prices of it alone",
    ),
    pytest.param(
        "PSCH,PSCD,PSCA",
        "2.5,3.5,4.5",
        ["PS closing 1x2 away @ 4.5", "PS closing 1x2 draw @ 3.5", "PS closing 1x2 home @ 2.5"],
        id="closing prices without the earlier ones",
    ),
    pytest.param(
        "BFH,BFD,BFA,BFCH,BFCD,BFCA",
        "2,3,4,2.5,3.5,4.5",
        [
            "BF closing 1x2 away @ 4.5",
            "BF closing 1x2 draw @ 3.5",
            "BF closing 1x2 home @ 2.5",
            "BF prematch 1x2 away @ 4",
            "BF prematch 1x2 draw @ 3",
            "BF prematch 1x2 home @ 2",
        ],
        id="the exchange operator's sportsbook",
    ),
    pytest.param(
        "B365>2.5,B365<2.5,PC>2.5,PC<2.5",
        "1.9,1.95,1.8,2.05",
        [
            "B365 prematch total over 2.5 @ 1.9",
            "B365 prematch total under 2.5 @ 1.95",
            "P closing total over 2.5 @ 1.8",
            "P closing total under 2.5 @ 2.05",
        ],
        id="total goals",
    ),
    pytest.param(
        "GB_2_5,GB_2_5_1",
        "1.7,2.2",
        ["GB prematch total over 2.5 @ 1.7", "GB prematch total under 2.5 @ 2.2"],
        id="total goals under mangled names",
    ),
    pytest.param(
        "GBAHH,GBAHA,GBAH,LBAHH,LBAHA,LBAH",
        "1.9,1.92,-0.25,1.85,1.98,0.5",
        [
            "GB prematch asian_handicap away -0.25 @ 1.92",
            "GB prematch asian_handicap home -0.25 @ 1.9",
            "LB prematch asian_handicap away 0.5 @ 1.98",
            "LB prematch asian_handicap home 0.5 @ 1.85",
        ],
        id="handicaps at each book's own line",
    ),
    pytest.param(
        "AHh,B365AHH,B365AHA,PAHH,PAHA",
        "-1.75,1.9,1.92,1.95,1.91",
        [
            "B365 prematch asian_handicap away -1.75 @ 1.92",
            "B365 prematch asian_handicap home -1.75 @ 1.9",
            "P prematch asian_handicap away -1.75 @ 1.91",
            "P prematch asian_handicap home -1.75 @ 1.95",
        ],
        id="handicaps at the file's line",
    ),
    pytest.param(
        "AHh,AHCh,B365AHH,B365AHA,B365CAHH,B365CAHA",
        "-0.5,-0.75,1.9,1.92,2,1.8",
        [
            "B365 closing asian_handicap away -0.75 @ 1.8",
            "B365 closing asian_handicap home -0.75 @ 2",
            "B365 prematch asian_handicap away -0.5 @ 1.92",
            "B365 prematch asian_handicap home -0.5 @ 1.9",
        ],
        id="closing handicaps at the closing line",
    ),
    pytest.param(
        "AHh,GBAH,GBAHH,GBAHA,PAHH,PAHA",
        "-1,0,1.9,1.92,2,1.8",
        [
            "GB prematch asian_handicap away 0 @ 1.92",
            "GB prematch asian_handicap home 0 @ 1.9",
            "P prematch asian_handicap away -1 @ 1.8",
            "P prematch asian_handicap home -1 @ 2",
        ],
        id="own line for one book, the file's for the other",
    ),
    pytest.param(
        "XYZH,XYZD,XYZA,XYZCH,XYZCD,XYZCA",
        "2,3,4,2.5,3.5,4.5",
        [
            "XYZ closing 1x2 away @ 4.5",
            "XYZ closing 1x2 draw @ 3.5",
            "XYZ closing 1x2 home @ 2.5",
            "XYZ prematch 1x2 away @ 4",
            "XYZ prematch 1x2 draw @ 3",
            "XYZ prematch 1x2 home @ 2",
        ],
        id="a bookmaker nobody has heard of",
    ),
]


@pytest.mark.parametrize(("columns", "cells", "expected"), COLUMNS)
def test_columns_of_every_era(columns: str, cells: str, expected: list[str]) -> None:
    quotes, faults = of_row(columns, cells)
    assert faults == []
    assert said(quotes) == expected
    assert {quote.side for quote in quotes} == {Side.BACK}
    assert all(quote.size is None and quote.happened is None and quote.tradable for quote in quotes)


@pytest.mark.parametrize(
    "columns",
    [
        "BbMxH,BbMxD,BbMxA",
        "BbAvH,BbAvD,BbAvA",
        "MaxH,MaxD,MaxA",
        "AvgH,AvgD,AvgA",
        "MaxCH,MaxCD,MaxCA",
        "AvgCH,AvgCD,AvgCA",
        "BbMx>2.5,BbMx<2.5",
        "MaxC>2.5,MaxC<2.5",
        "BbAv_2_5,BbAv_2_5_1",
        "AHh,MaxAHH,MaxAHA",
        "AHCh,AvgCAHH,AvgCAHA",
        "BbAHh,BbMxAHH,BbMxAHA",
    ],
)
def test_aggregates_over_books_are_no_venues(columns: str) -> None:
    cells = ",".join("-0.5" if name in ("AHh", "AHCh", "BbAHh") else "2.2" for name in columns.split(","))
    assert of_row(columns, cells) == ([], [])


def test_goals_cards_and_counts_are_no_prices() -> None:
    columns = "FTHG,FTAG,FTR,HTHG,HTAG,HTR,Attendance,Referee,HS,AS,HST,AST,HC,AC,HY,AY,HR,AR,Bb1X2,BbOU,BbAH"
    cells = "2,1,H,1,0,H,40000,A Person,9,8,4,3,6,5,1,2,0,0,30,25,20"
    assert of_row(columns, cells) == ([], [])


def test_both_names_of_pinnacle_are_one_desk_and_vc_is_betvictor() -> None:
    quotes, _ = of_row("PSH,PSD,PSA,P>2.5,P<2.5,VCH,VCD,VCA,BVH,BVD,BVA", "2,3,4,1.9,1.9,2,3,4,2,3,4")
    venues = {quote.venue.id: quote.venue for quote in quotes}
    assert (venues["PS"].name, venues["P"].name) == ("Pinnacle", "Pinnacle")
    assert venues["PS"].desk == venues["P"].desk != venues["VC"].desk == venues["BV"].desk
    assert {venue.type for venue in venues.values()} == {VenueType.BOOKMAKER}


def test_the_exchange_is_read_and_left_to_choice() -> None:
    quotes, _ = of_row("BFEH,BFED,BFEA,BFECH,BFECD,BFECA", "2,3,4,2.1,3.1,4.1")
    assert {quote.venue.id for quote in quotes} == {"BFE"} == READER.optional_venues
    assert {quote.venue.type for quote in quotes} == {VenueType.EXCHANGE}
    assert {quote.venue.commission for quote in quotes} == {None}
    assert [quote.basis for quote in quotes].count(Basis.CLOSING) == 3


def test_equal_cells_of_different_books_keep_their_books() -> None:
    quotes, _ = of_row("B365H,B365D,B365A,BWH,BWD,BWA", "2.5,2.5,2.5,2.5,2.5,2.5")
    assert said(quotes) == [
        f"{book} prematch 1x2 {selection} @ 2.5"
        for book in ("B365", "BW")
        for selection in ("away", "draw", "home")
    ]
