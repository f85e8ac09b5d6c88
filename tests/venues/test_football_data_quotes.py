"""Season files: a stray quotation mark costs at most the match of its own line."""

from __future__ import annotations

import csv

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossbook.model.quote import Snapshot
from crossbook.venues.football_data import READER
from tests.venues.football_data_seasons import MATCH, ROW, document, pieces, said

ODDS = "B365H,B365D,B365A"
READ = "a quotation mark is out of place; the line was read as if it had none"
NOT_READ = "a quotation mark is out of place, and the cells cannot be told apart"


def rows_around(line: str, end: str = "\r\n") -> tuple[list[Snapshot], list[tuple[int | None, str]]]:
    """What is read of the line between two good ones."""
    lines = [f"{MATCH},{ODDS}", f"{ROW},2,3,4", line, f"{ROW},2,3,4"]
    snapshots, faults, _ = pieces(document(end.join(lines) + end))
    return snapshots, faults


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize(
    "line",
    [
        'E0,14/08/10,"Eastham,Westport,2.1,3.4,3.75',
        'E0,14/08/10,Eastham,"Westport,2.1,3.4,3.75',
        'E0,14/08/10,"Eastham,Westport,2.1,3.4,"3.75"',
        'E0,14/08/10,East"ham,"Westport,2.1,3.4,3.75',
        '"E0,14/08/10,Eastham,Westport,"2.1","3.4","3.75"',
        'E0,14/08/10,"East"ham,Westport,2.1,3.4,3.75',
        'E0,14/08/10,Eastham,Westport,2.1,3.4,"3.75',
    ],
)
def test_a_mark_out_of_place_is_told_and_the_match_is_read(line: str, end: str) -> None:
    snapshots, faults = rows_around(line, end)
    assert faults == [(3, READ)]
    assert [one.listing.home for one in snapshots] == ["Northgate", "Eastham", "Northgate"]
    assert snapshots[1].listing.away == "Westport"
    assert said(snapshots[1].quotes) == [
        "B365 prematch 1x2 away @ 3.75",
        "B365 prematch 1x2 draw @ 3.4",
        "B365 prematch 1x2 home @ 2.1",
    ]


@pytest.mark.parametrize(
    ("line", "home"),
    [
        ('E0,14/08/10,"North, gate",Westport,2.1,3.4,3.75', "North, gate"),
        ('E0,14/08/10,"North, gate",West"port,2.1,3.4,3.75', "North, gate"),
        ('E0,14/08/10,5" Gate,Westport,2.1,3.4,3.75', '5" Gate'),
        ('E0,14/08/10,"The ""Gate""",Westport,2.1,3.4,3.75', 'The "Gate"'),
    ],
)
def test_marks_in_their_place_are_no_fault(line: str, home: str) -> None:
    snapshots, faults = rows_around(line)
    assert (faults, snapshots[1].listing.home, len(snapshots[1].quotes)) == ([], home, 3)


def test_prices_that_may_stand_in_other_columns_are_not_read() -> None:
    """Without its marks the line has a cell too many: the away price would be taken for the draw's."""
    snapshots, faults = rows_around('E0,14/08/10,"North, gate",Westport,"2.1,3.4,3.75')
    assert (len(snapshots), faults) == (2, [(3, NOT_READ)])


def test_a_mark_out_of_place_is_told_of_matches_with_one_market_too() -> None:
    assert READER.read_joined is not None
    text = f'{MATCH},{ODDS},B365>2.5,B365<2.5\n{ROW},2,3,"4,,\n{ROW},2,3,4,1.9,"1.95\n'
    snapshots, faults, left_out = pieces(document(text), READER.read_joined)
    assert [len(one.quotes) for one in snapshots] == [5]
    assert faults == [(2, READ), (3, READ)]
    assert [each.count for each in left_out] == [1]


def test_a_mark_out_of_place_in_the_header() -> None:
    snapshots, faults, _ = pieces(document(f'"{MATCH},{ODDS}\n{ROW},2,3,4\n'))
    assert ([len(one.quotes) for one in snapshots], faults) == ([3], [])


CELLS = st.lists(
    st.text(st.sampled_from(list("ab \"'\t\x0b\x1c\u2028é")), max_size=4), min_size=1, max_size=5
)


@given(st.lists(CELLS, min_size=1, max_size=5), st.sampled_from(["\n", "\r\n"]))
def test_files_that_are_written_well_are_read_as_the_csv_module_reads_them(
    rows: list[list[str]], end: str
) -> None:
    lines: list[str] = []

    class Paper:
        def write(self, text: str) -> None:
            lines.append(text)

    writer = csv.writer(Paper(), lineterminator=end)
    for row in rows:
        writer.writerow(["E0", "14/08/10", "Northgate", "".join(row) or "-", *row])
    snapshots, faults, _ = pieces(document(MATCH + end + "".join(lines)))
    expected = [row[3].strip() for row in csv.reader(lines)]
    assert faults == [
        (place, "AwayTeam: the cell is empty") for place, away in enumerate(expected, 2) if not away
    ]
    assert [one.listing.away for one in snapshots] == [away for away in expected if away]


@given(st.text(st.sampled_from(list('ab,"\n\r'))))
def test_whatever_stands_between_them_good_lines_are_read(middle: str) -> None:
    snapshots, _ = rows_around(middle)
    homes = [one.listing.home for one in snapshots]
    assert (homes[0], homes[-1]) == ("Northgate", "Northgate")
    assert len(homes) >= 2
