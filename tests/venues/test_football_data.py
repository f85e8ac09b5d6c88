"""Season files: which column says what in each era, what is believed of a row, and what a fault tells."""

from __future__ import annotations

from fractions import Fraction

import pytest

from crossbook.base.clock import parse_time
from crossbook.base.errors import BadData
from crossbook.model.quote import Basis, Fault, Quote, Side, Snapshot
from crossbook.model.venue import VenueType
from crossbook.venues.football_data import READER
from crossbook.venues.reader import Document, LeftOut, Reading

MATCH = "Div,Date,HomeTeam,AwayTeam"
ROW = "E0,14/08/10,Northgate,Southport"


def document(text: str | bytes, folder: str = "1011") -> Document:
    return Document(("seasons", folder, "E0.csv"), text if isinstance(text, bytes) else text.encode())


def pieces(
    given: Document, how: Reading = READER.read
) -> tuple[list[Snapshot], list[tuple[int | None, str]], list[LeftOut]]:
    """What a reading gives: snapshots, faults with their lines, and what was left out."""
    found = list(how(given))
    return (
        [one for one in found if isinstance(one, Snapshot)],
        [(one.line, one.reason) for one in found if isinstance(one, Fault)],
        [one for one in found if isinstance(one, LeftOut)],
    )


def of_row(columns: str, cells: str) -> tuple[list[Quote], list[str]]:
    """The quotes and fault reasons of one made-up match with these price columns and cells."""
    snapshots, faults, _ = pieces(document(f"{MATCH},{columns}\n{ROW},{cells}\n"))
    assert len(snapshots) == 1
    assert [line for line, _ in faults] == [2] * len(faults)
    return snapshots[0].quotes, [reason for _, reason in faults]


def said(quotes: list[Quote]) -> list[str]:
    """Each quote in a line: venue, basis, claim, odds; sorted, for the order of columns is no promise."""
    return sorted(
        f"{quote.venue.id} {quote.basis.value} {quote.claim} @ {float(quote.odds):g}" for quote in quotes
    )


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


def test_prices_are_exact() -> None:
    quotes, _ = of_row("B365H,B365D,B365A", "1.571,3.10,1001")
    assert {quote.odds for quote in quotes} == {Fraction(1571, 1000), Fraction(31, 10), Fraction(1001)}


@pytest.mark.parametrize(
    ("data", "home"),
    [
        (f"{MATCH}\n{ROW}\n".encode(), "Northgate"),
        (f"\ufeff{MATCH}\r\n{ROW}\r\n".encode(), "Northgate"),
        (f"{MATCH}\n{ROW}\n".replace("Northgate", "Köln").encode(), "Köln"),
        (f"{MATCH}\n{ROW}\n".replace("Northgate", "Köln").encode("cp1252"), "Köln"),
        (f"{MATCH}\n".encode() + b"E0,14/08/10,King\x92s Lynn,Southport\n", "King\u2019s Lynn"),
        (f"{MATCH}\r{ROW}\r".encode(), "Northgate"),
        (f'{MATCH}\nE0,14/08/10,"North, gate",Southport\n'.encode(), "North, gate"),
        (f'{MATCH}\nE0,14/08/10,"The ""Gate""",Southport\n'.encode(), 'The "Gate"'),
        (f"{MATCH}\nE0,14/08/10,  Northgate\t,Southport \n".encode(), "Northgate"),
    ],
)
def test_text(data: bytes, home: str) -> None:
    given = document(data)
    assert READER.recognises(given)
    snapshots, faults, _ = pieces(given)
    assert (snapshots[0].listing.home, snapshots[0].listing.away, faults) == (home, "Southport", [])


def test_a_mark_and_quotes_around_header_names_do_not_hide_them() -> None:
    header = ",".join(f'"{name}"' for name in f"{MATCH},B365H,B365D,B365A".split(","))
    for start in ("", "\ufeff", "ï»¿"):
        snapshots, _, _ = pieces(document(f"{start}{header}\n{ROW},2,3,4\n"))
        assert (snapshots[0].listing.competition, len(snapshots[0].quotes)) == ("E0", 3)


def test_a_quoted_price_is_a_price() -> None:
    quotes, faults = of_row("B365H,B365D,B365A", '"2.1"," 3.4 ",3.75')
    assert (len(quotes), faults) == (3, [])


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("14/08/10", "2010-08-14"),
        ("14/08/2010", "2010-08-14"),
        ("4/8/10", "2010-08-04"),
        ("09/08/03", "2003-08-09"),
        ("31/12/93", "1993-12-31"),
        ("29/02/2020", "2020-02-29"),
    ],
)
def test_dates_have_the_day_first(text: str, day: str) -> None:
    snapshots, _, _ = pieces(document(f"{MATCH}\n{ROW}\n".replace("14/08/10", text)))
    assert (snapshots[0].listing.date, snapshots[0].listing.start) == (day, None)


@pytest.mark.parametrize(
    "text", ["", "2010-08-14", "14.08.10", "31/02/2010", "14/13/10", "14/08/100", "soon"]
)
def test_a_row_with_another_date_is_left_out_and_named(text: str) -> None:
    given = document(f"{MATCH}\n{ROW}\n{ROW}\n".replace("14/08/10", text, 1))
    snapshots, faults, _ = pieces(given)
    assert len(snapshots) == 1
    ((line, reason),) = faults
    assert line == 2
    assert reason.startswith("Date: ")
    assert text in reason


@pytest.mark.parametrize(
    ("day", "clock", "start"),
    [
        ("14/08/2021", "15:00", "2021-08-14T14:00:00Z"),
        ("14/12/2021", "15:00", "2021-12-14T15:00:00Z"),
        ("28/03/2021", "00:30", "2021-03-28T00:30:00Z"),
        ("28/03/2021", "02:30", "2021-03-28T01:30:00Z"),
        ("01/07/2021", "00:15", "2021-06-30T23:15:00Z"),
    ],
)
def test_times_are_those_of_a_clock_in_london(day: str, clock: str, start: str) -> None:
    text = f"Div,Date,Time,HomeTeam,AwayTeam\nE0,{day},{clock},Northgate,Southport\n"
    snapshots, _, _ = pieces(document(text))
    assert snapshots[0].listing.start == parse_time(start)


@pytest.mark.parametrize("clock", ["", "25:00", "late"])
def test_a_time_that_is_none_leaves_the_date(clock: str) -> None:
    text = f"Div,Date,Time,HomeTeam,AwayTeam\nE0,14/08/2021,{clock},Northgate,Southport\n"
    snapshots, faults, _ = pieces(document(text))
    assert (snapshots[0].listing.start, snapshots[0].listing.date, faults) == (None, "2021-08-14", [])


def test_short_long_and_blank_rows() -> None:
    rows = [
        f"{ROW},2.1,3.4,3.75,1.9,1.95",
        "",
        ",,,,,,,,",
        "E0,15/08/10,Short,Southport,2.1,3.4,3.75",
        "E0,15/08/10,Shorter,Southport",
        "E0,16/08/10,Long,Southport,2.1,3.4,3.75,1.9,1.95,Abandoned,,9.9",
    ]
    given = document("\r\n".join([f"{MATCH},B365H,B365D,B365A,B365>2.5,B365<2.5", *rows]) + "\r\n")
    snapshots, faults, _ = pieces(given)
    assert faults == []
    sizes = [(snapshot.listing.home, len(snapshot.quotes)) for snapshot in snapshots]
    assert sizes == [("Northgate", 5), ("Short", 3), ("Shorter", 0), ("Long", 5)]


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


def test_season_division_and_key() -> None:
    text = f"{MATCH},Season\n{ROW},2010/2011\n"
    listing = pieces(document(text, folder="1011"))[0][0].listing
    assert (listing.sport, listing.competition, listing.season) == ("football", "E0", "1011")
    assert (listing.source, listing.key) == ("football-data", "1011/E0/2010-08-14/Northgate/Southport")
    alone = pieces(Document(("E0.csv",), text.encode()))[0][0].listing
    assert alone.season == "2010/2011"
    assert pieces(Document(("E0.csv",), f"{MATCH}\n{ROW}\n".encode()))[0][0].listing.season is None


def test_files_of_the_new_leagues() -> None:
    text = (
        "Country,League,Season,Date,Time,Home,Away,HG,AG,Res,PH,PD,PA,MaxH,MaxD,MaxA,AvgH,AvgD,AvgA\r\n"
        "Coastland,Premier,2021,05/06/2021,23:00,Northgate,Southport,1,0,H,2.1,3.4,3.75,2.2,3.6,4,2.1,3.4,3.7\r\n"
    )
    given = Document(("COA.csv",), text.encode())
    assert READER.recognises(given)
    ((snapshot,), faults, _) = pieces(given)
    listing = snapshot.listing
    assert (listing.competition, listing.season, listing.home, listing.away) == (
        "Premier",
        "2021",
        "Northgate",
        "Southport",
    )
    assert listing.start == parse_time("2021-06-05T22:00:00Z")
    assert (faults, {quote.venue.id for quote in snapshot.quotes}, len(snapshot.quotes)) == ([], {"P"}, 3)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\n",
        b"Div,Date,HomeTeam\n",
        b"Div,HomeTeam,AwayTeam\n",
        b"HomeTeam AwayTeam Date\n",
        b"E0,14/08/10,Northgate,Southport\n",
        b'{"home": "Northgate", "away": "Southport"}\n',
    ],
)
def test_other_files_are_not_recognised_and_have_no_header(data: bytes) -> None:
    given = document(data)
    assert not READER.recognises(given)
    with pytest.raises(BadData, match="header"):
        list(READER.read(given))


def test_recognising_looks_at_the_first_line_only() -> None:
    assert not READER.recognises(document(f"a,b\n{MATCH}\n"))


@pytest.mark.parametrize(
    "data", [f"{MATCH}\n{ROW}\n".encode("utf-16"), f"{MATCH}\nE0,14/08/10,A\x00,B\n".encode()]
)
def test_what_is_no_text_is_refused(data: bytes) -> None:
    with pytest.raises(BadData, match="encoding"):
        list(READER.read(document(data)))


def test_a_cell_too_long_to_be_one_ends_the_file_after_the_rows_before_it() -> None:
    text = f"{MATCH}\n{ROW}\nE0,15/08/10,{'N' * 200_000},Southport\n"
    rows = READER.read(document(text))
    first = next(rows)
    assert isinstance(first, Snapshot)
    with pytest.raises(BadData, match="CSV"):
        next(rows)


JOINED = f"{MATCH},B365H,B365D,B365A,PSCH,PSCD,PSCA,B365>2.5,B365<2.5,PC>2.5,PC<2.5"


def joined(*cells: str) -> tuple[list[Snapshot], list[tuple[int | None, str]], list[LeftOut]]:
    assert READER.read_joined is not None
    rows = [f"E0,14/08/10,Home {n},Away {n},{text}" for n, text in enumerate(cells)]
    return pieces(document("\n".join([JOINED, *rows]) + "\n"), READER.read_joined)


def test_joined_reading_keeps_only_times_that_quote_the_result_and_more() -> None:
    snapshots, faults, left_out = joined(
        "2,3,4,2.1,3.1,4.1,1.9,1.95,1.8,2.05",
        "2,3,4,2.1,3.1,4.1,1.9,1.95,,",
        "2,3,4,2.1,3.1,4.1,,,1.8,2.05",
        "2,3,4,2.1,3.1,4.1,,,,",
        ",,,,,,,,,",
    )
    counts = {
        snapshot.listing.home: sorted(quote.basis.value for quote in snapshot.quotes)
        for snapshot in snapshots
    }
    assert counts == {
        "Home 0": ["closing"] * 5 + ["prematch"] * 5,
        "Home 1": ["prematch"] * 5,
        "Home 2": ["closing"] * 5,
    }
    assert faults == []
    assert left_out == [LeftOut("only one market is quoted", 2)]


def test_joined_reading_says_nothing_of_matches_left_out_where_there_are_none() -> None:
    assert joined("2,3,4,,,,1.9,1.95,,")[2] == []


def test_joined_reading_leaves_out_times_without_a_match_result() -> None:
    snapshots, _, _ = joined(",,,2.1,3.1,4.1,1.9,1.95,,", ",,,,,,1.9,1.95,1.8,2.05")
    assert [quote for snapshot in snapshots for quote in snapshot.quotes] == []


def test_joined_reading_keeps_the_faults_of_rows_it_takes() -> None:
    snapshots, faults, _ = joined("2,x,4,2.1,3.1,4.1,1.9,1.95,1.8,2.05", "2,3,4,,,,x,1.95,,")
    assert [line for line, _ in faults] == [2, 3]
    assert [reason.partition(":")[0] for _, reason in faults] == ["B365D", "B365>2.5"]
    assert {quote.basis for quote in snapshots[0].quotes} == {Basis.CLOSING}


def test_equal_cells_of_different_books_keep_their_books() -> None:
    quotes, _ = of_row("B365H,B365D,B365A,BWH,BWD,BWA", "2.5,2.5,2.5,2.5,2.5,2.5")
    assert said(quotes) == [
        f"{book} prematch 1x2 {selection} @ 2.5"
        for book in ("B365", "BW")
        for selection in ("away", "draw", "home")
    ]
