"""Season files: their text, their header, the match each row names, and files that are none."""

from __future__ import annotations

import pytest

from crossbook.base.clock import parse_time
from crossbook.base.errors import BadData
from crossbook.venues.football_data import READER
from crossbook.venues.reader import Document
from tests.venues.football_data_seasons import MATCH, ROW, document, pieces


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


def test_a_line_too_long_to_be_a_match_costs_no_other() -> None:
    """Neither one cell of it nor all its commas are taken in."""
    long = [f"E0,15/08/10,{'N' * 200_000},Southport", "," * 200_000]
    snapshots, faults, _ = pieces(document("\n".join([MATCH, ROW, *long, ROW])))
    assert len(snapshots) == 2
    assert faults == [(line, "longer than 100000 characters, as no match is") for line in (3, 4)]


def test_a_file_of_one_line_too_long_is_told_once() -> None:
    assert pieces(document(f"{MATCH}\n{'x' * 200_000}"))[1] == [
        (2, "longer than 100000 characters, as no match is")
    ]


def test_a_header_too_long_to_be_one_is_none() -> None:
    with pytest.raises(BadData, match="header: longer"):
        list(READER.read(document(f"{MATCH}{',' * 200_000}\n{ROW}\n")))
