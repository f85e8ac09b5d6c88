"""`crossbook match eval`: figures of labelled pairs."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.command import call

HEADER = "league,season,src_a,a_home,a_away,a_date,src_b,b_home,b_away,b_date,label\n"
PAIRS = HEADER + (
    "E0,1920,x,Leeds,Hull,2019-09-01,y,Leeds United,Hull City,2019-09-01,1\n"
    "E0,1920,x,Arsenal,Swansea,2019-09-01,y,Arsenal,Cagliari,2019-09-01,1\n"
)
NEGATIVES = (
    HEADER.replace("league", "league_a") + "E0,1920,x,Leeds,Hull,2019-09-01,y,Derby,York,2019-09-01,0\n"
)


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    pairs, negatives = tmp_path / "pairs.csv", tmp_path / "negatives.csv"
    pairs.write_text(PAIRS, encoding="utf-8")
    negatives.write_text(NEGATIVES, encoding="utf-8")
    return pairs, negatives


def test_json_ends_with_the_summary(files: tuple[Path, Path]) -> None:
    ran = call("match", "eval", files[0], "--negatives", files[1], "--json")
    assert ran.code == 0
    [row], summary = ran.lines()
    assert row == {
        "sources": ["x", "y"],
        "league": "E0",
        "pairs": 2,
        "recall": 0.5,
        "wrong_accepts_closed": 0,
        "wrong_accepts_open": 0,
        "review_share": 0.5,
    }
    assert summary.pop("events_per_second") > 0
    assert summary == {
        "pairs": 2,
        "recall": 0.5,
        "wrong_accepts_closed": 0,
        "wrong_accepts_open": 0,
        "review_share": 0.5,
        "hard_negatives_accepted": 0,
    }
    assert "measured" in ran.err


def test_a_table_says_what_was_learned(files: tuple[Path, Path]) -> None:
    ran = call("match", "eval", files[0], "--negatives", files[1], "--mode", "time-ordered")
    assert ran.code == 0
    assert "2 pairs: 50.000% joined" in ran.out
    assert "all earlier seasons" in ran.out
    assert "Of 1 pairs of different events 0 were joined" in ran.out


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "pairs.csv: no pairs"),
        (PAIRS.replace("Hull City", "").encode(), "pairs.csv:2: b_away: "),
        (b"league\xff", "pairs.csv: not a CSV file in UTF-8"),
    ],
)
def test_what_cannot_be_read_is_named(files: tuple[Path, Path], content: bytes, said: str) -> None:
    files[0].write_bytes(content)
    ran = call("match", "eval", files[0])
    assert ran.code == 1
    assert said in ran.err
