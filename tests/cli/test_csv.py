"""`crossbook scan --csv`: a row for each leg, the same as in JSON, and nothing a spreadsheet would run."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from tests.cli.command import HANDICAPS, Ran, call
from tests.pipeline.made_up import PLANTED, row, season, write

BESIDE = dict.fromkeys(("currency", "expected_return", "chance", "break_even", "kelly", "fair_odds"), "")
"""Cells that only accounts and further kinds fill."""


def rows_of(ran: Ran) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(ran.out, newline="")))


def test_csv_has_a_row_for_each_leg(seasons: Path) -> None:
    ran = call("scan", seasons, "--csv")
    rows = rows_of(ran)
    assert ran.code == 0
    assert len(rows) == 6
    assert [one["opportunity"] for one in rows] == ["1", "1", "1", "2", "2", "2"]
    found, _ = call("scan", seasons, "--json").lines()
    for place, one in enumerate(rows):
        whole = found[place // 3]
        leg = whole["legs"][place % 3]
        expected = {**whole["event"], **leg, **{name: whole[name] for name in ("basis", "kind", "verdict")}}
        expected |= {name: whole["rounded"][name] for name in ("staked", "worst", "best")}
        expected |= {"guaranteed_return": whole["guaranteed_return"], "reasons": "; ".join(whole["reasons"])}
        expected |= {"opportunity": one["opportunity"], **BESIDE}
        assert one == {name: "" if value is None else value for name, value in expected.items()}
    assert "E0.csv" in ran.err
    assert "B365A" in ran.err


def test_csv_cells_without_a_value_are_empty(seasons: Path) -> None:
    rows = rows_of(call("scan", seasons, "--csv", "--bank", "3", "--verdict", "pure"))
    assert len(rows) == 3
    for one in rows:
        empty = {name for name, cell in one.items() if cell == ""}
        assert empty == {"reasons", "line", "stake", "risk", "staked", "worst", "best", *BESIDE}
        assert "'" not in "".join(one.values())


@pytest.mark.parametrize(
    "name",
    [
        "=cmd|' /C calc'!A0",
        "+1+1",
        "@SUM(1+1)*cmd|'x'!A1",
        "-2+3+cmd|' /C calc'!A0",
        '=HYPERLINK("http://example.invalid","x")',
        "\uff1dcmd|' /C calc'!A0",
        "\uff0b1+1",
        "\uff0d2+3",
        "\uff20SUM(1+1)",
    ],
)
def test_cells_a_spreadsheet_would_run_are_neutralised(tmp_path: Path, name: str) -> None:
    quoted = '"' + name.replace('"', '""') + '"'
    path = write(tmp_path / "E0.csv", season(row(PLANTED, quoted)))
    homes = {one["home"] for one in rows_of(call("scan", path, "--csv"))}
    assert homes == {f"'{name}"}
    found, _ = call("scan", path, "--json").lines()
    assert found[0]["event"]["home"] == name


def test_negative_lines_and_results_stay_numbers_in_csv(tmp_path: Path) -> None:
    path = write(tmp_path / "E0.csv", HANDICAPS)
    rows = rows_of(call("scan", path, "--csv"))
    assert {one["line"] for one in rows} == {"-0.5"}
