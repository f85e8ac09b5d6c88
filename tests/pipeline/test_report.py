"""What the summary says of what was not used."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

from crossbook.pipeline.options import Markets, Venues
from tests.pipeline.made_up import COLUMNS, FAIR, PLANTED, row, scan, season, write


def test_faults_that_differ_in_numbers_only_are_told_twenty_times_and_then_counted(tmp_path: Path) -> None:
    rows = [row(FAIR.replace("4.1", f"0.{number}"), f"Home {number}") for number in range(1, 61)]
    _, summary = scan(write(tmp_path / "E0.csv", season(*rows)))
    assert len(summary.skipped) == 21
    assert summary.skipped[-1].line is None
    assert summary.skipped[-1].reason.startswith("40 more like this: ")


def test_a_commission_of_a_venue_that_nobody_quotes_is_named(tmp_path: Path) -> None:
    path = write(tmp_path / "E0.csv", season(row(PLANTED)))
    _, summary = scan(path, commissions={"B365": Fraction(1, 50), "b365": Fraction(1, 50)})
    assert [(each.file, each.reason) for each in summary.skipped] == [
        ("--commission", "b365: no price of this venue was read")
    ]


def test_a_file_that_breaks_off_counts_as_read_and_its_matches_stay(tmp_path: Path) -> None:
    rows = [row(PLANTED, "Here"), f'E0,14/08/10,"{"x" * 200_000}']
    found, summary = scan(write(tmp_path / "E0.csv", season(*rows)))
    assert len(found) == 1
    assert summary.files == 1
    assert len(summary.skipped) == 1


def test_an_exchange_price_that_takes_no_part_does_not_join_a_match(tmp_path: Path) -> None:
    """Only the exchange quotes a total here: with named venues the match quotes one market and is left alone."""
    columns = f"{COLUMNS},BFE>2.5,BFE<2.5"
    path = write(tmp_path / "E0.csv", season(f"{row(PLANTED)},1.9,2.0", columns=columns))
    found, summary = scan(path, markets=Markets.ALL)
    assert (found, summary.events) == ([], 0)
    found, summary = scan(path, markets=Markets.ALL, venues=Venues.ALL)
    assert (len(found), summary.events) == (1, 1)
