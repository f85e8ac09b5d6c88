"""`crossbook scan --kind`: what is looked for beside arbitrages."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

from crossbook.cli.ending import EXIT_USAGE
from tests.cli.command import call
from tests.pipeline.made_up import the_odds_api, three, write


@pytest.fixture
def odds(tmp_path: Path) -> Path:
    """Four books of one mind, and one that gives a tenth too much on the draw: a value, and no arbitrage."""
    books = {f"book{number}": three(2.5, 3.2, 2.8) for number in range(4)} | {
        "generous": three(2.4, 3.6, 2.7)
    }
    return write(tmp_path / "odds.json", the_odds_api("Northgate", "Southport", books))


def found(*words: str | Path) -> list[dict[str, Any]]:
    ran = call("scan", *words, "--json")
    assert ran.code == 0, ran.err
    return [json.loads(line) for line in ran.out.splitlines()][:-1]


def test_only_arbitrages_unless_others_are_named(odds: Path) -> None:
    assert found(odds) == []


def test_a_value_says_what_it_is_worth(odds: Path) -> None:
    (value,) = found(odds, "--kind", "value")
    assert (value["kind"], value["verdict"]) == ("value", "estimated")
    assert value["legs"][0]["venue"] == "generous"
    assert float(value["estimate"]["expected_return"]) > 1.02
    assert found(odds, "--kind", "value", "--edge", "0.5") == []
    out = call("scan", odds, "--kind", "value").out
    assert "value, " in out
    assert "% expected" in out


def test_a_free_bet_is_turned_into_money(odds: Path) -> None:
    (best, *_) = found(odds, "--free-bet", "generous=20")
    assert best["kind"] == "free_bet"
    assert float(best["rounded"]["worst"]) > 8
    ran = call("scan", odds, "--kind", "free_bet")
    assert (ran.code, "--free-bet" in ran.err) == (EXIT_USAGE, True)


def test_what_costs_little_is_told_where_it_is_asked_for(odds: Path) -> None:
    holds = found(odds, "--kind", "low_hold", "--cost", "0.1")
    assert holds
    assert all(each["kind"] == "low_hold" for each in holds)
    assert found(odds, "--kind", "low_hold", "--cost", "0") == []


def test_csv_keeps_its_columns_for_every_kind(odds: Path) -> None:
    out = call("scan", odds, "--kind", "value", "--kind", "low_hold", "--cost", "0.1", "--csv").out
    rows = list(csv.DictReader(io.StringIO(out)))
    assert {row["kind"] for row in rows} == {"value", "low_hold"}
    for row in rows:
        assert None not in row
        assert bool(row["fair_odds"]) is (row["kind"] == "value")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--kind", "middel"], "'middel' is not one of"),
        (["--edge", "x"], "--edge"),
        (["--kind", "low_hold", "--cost", "2"], "--cost"),
        (["--free-bet", "generous"], "VENUE=AMOUNT"),
        (["--free-bet", "generous=0"], "--free-bet"),
    ],
)
def test_what_makes_no_sense_is_named(odds: Path, words: list[str], told: str) -> None:
    ran = call("scan", odds, *words)
    assert ran.code == EXIT_USAGE
    assert told in ran.err
