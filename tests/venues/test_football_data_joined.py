"""Season files read to be joined with others: only the times that quote the result and more."""

from __future__ import annotations

from crossbook.model.quote import Basis, Snapshot
from crossbook.venues.football_data import READER
from crossbook.venues.reader import LeftOut
from tests.venues.football_data_seasons import MATCH, document, pieces

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
