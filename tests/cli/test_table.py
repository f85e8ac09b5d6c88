"""`crossbook scan`: the table a person reads."""

from __future__ import annotations

from pathlib import Path

from tests.cli.command import call
from tests.pipeline.made_up import odds_api_io, row, season, the_odds_api, three, write


def test_the_table_can_be_read(seasons: Path) -> None:
    ran = call("scan", seasons)
    assert ran.code == 0
    for words in (
        "1.86 % pure",
        "Hilltop v Lakeside",
        "rejected",
        "Bet365",
        "1x2 home",
        "staked 9",
        "outlier: ",
        "in 4 events and 33 quotes of 1 files",
        "Nothing was placed.",
        "E0.csv:5: B365A: ",
    ):
        assert words in ran.out
    plain = call("scan", seasons, "--verdict", "pure").out
    assert "rejected" not in plain


def test_the_table_says_none_where_there_is_none(tmp_path: Path) -> None:
    ran = call("scan", write(tmp_path / "E0.csv", season(row())))
    assert (ran.code, "0 opportunities (none) in 1 events" in ran.out) == (0, True)


def test_the_table_says_what_was_matched_and_left_out(tmp_path: Path) -> None:
    write(tmp_path / "a.json", odds_api_io("Northgate", "Southport", {"Bet365": three(2.2, 3.2, 3.3)}))
    write(tmp_path / "b.json", the_odds_api("Northgate", "Southport", {"bookone": three(2.0, 3.3, 3.5)}))
    write(tmp_path / "E0.csv", season(row()))
    out = call("scan", tmp_path, "--markets", "all").out
    assert "1 listings of different sources were matched, 0 are for review." in out
    assert "1 events left out: only one market is quoted." in out
