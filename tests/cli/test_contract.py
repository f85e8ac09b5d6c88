"""`crossbook scan` as other tools meet it: what it prints, in which form, and how it ends."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from crossbook import __version__
from crossbook.cli.main import app
from tests.pipeline.made_up import (
    COLUMNS,
    FAIR,
    PLANTED,
    odds_api_io,
    row,
    season,
    the_odds_api,
    three,
    write,
)

WILD = PLANTED.replace("3.65", "9.5")
DECIMAL = re.compile(r"-?\d+(\.\d+)?")
KEYS = [
    "event",
    "basis",
    "kind",
    "verdict",
    "reasons",
    "guaranteed_return",
    "legs",
    "rounded",
    "rounded_reason",
]
EVENT_KEYS = ["sport", "competition", "season", "date", "home", "away", "start"]
LEG_KEYS = ["venue", "market", "selection", "line", "side", "price", "share", "stake", "risk"]
PLAN_KEYS = ["bank", "unit", "staked", "worst", "best"]
SUMMARY_KEYS = {
    "files",
    "events",
    "quotes",
    "opportunities",
    "by_verdict",
    "skipped",
    "left_out",
    "matched",
    "review",
    "seconds",
}


class Ran:
    """What a run of the command left behind."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code = code
        self.out = out
        self.err = err

    def lines(self) -> tuple[list[dict[str, Any]], dict[str, Any]]:
        """The printed objects, and the summary that must be the last of them."""
        *found, last = [json.loads(line) for line in self.out.splitlines()]
        assert list(last) == ["summary"]
        return found, last["summary"]


def run(*words: str | Path, **environment: str) -> Ran:
    """The command in a process of its own, as a script would call it."""
    done = subprocess.run(
        [sys.executable, "-m", "crossbook", *map(str, words)],
        capture_output=True,
        timeout=120,
        check=False,
        env={**os.environ, "COLUMNS": "200", **environment},
    )
    return Ran(done.returncode, done.stdout.decode(), done.stderr.decode())


def call(*words: str | Path, **environment: str) -> Ran:
    """The command in this process: quicker, where nothing of the process matters."""
    done = CliRunner().invoke(app, [str(word) for word in words], env={"COLUMNS": "200", **environment})
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return Ran(done.exit_code, done.stdout, done.stderr)


@pytest.fixture
def seasons(tmp_path: Path) -> Path:
    """Three matches: nothing, a plain arbitrage, one that no one believes; and one broken row."""
    rows = [
        row(),
        row(PLANTED, "Hilltop", "Lakeside"),
        row(WILD, "Wild", "Lakeside"),
        row(FAIR.replace("4.1", "x"), "Broken"),
    ]
    timed = [text.replace("14/08/10", "14/08/10,15:00") for text in rows]
    write(tmp_path / "1011" / "E0.csv", season(*timed, columns=COLUMNS.replace("Date", "Date,Time")))
    return tmp_path


# ---------------------------------------------------------------- JSON


def test_every_line_is_an_object_of_the_contract(seasons: Path) -> None:
    ran = run("scan", seasons, "--json")
    assert (ran.code, ran.err) == (0, "")
    found, summary = ran.lines()
    assert {one["verdict"] for one in found} == {"pure", "rejected"}
    for one in found:
        assert list(one) == KEYS
        assert list(one["event"]) == EVENT_KEYS
        assert one["event"]["sport"] == "football"
        assert (one["event"]["competition"], one["event"]["season"]) == ("E0", "1011")
        assert (one["event"]["date"], one["event"]["start"]) == ("2010-08-14", "2010-08-14T14:00:00Z")
        assert (one["basis"], one["kind"]) == ("prematch", "arbitrage")
        assert all(isinstance(reason, str) for reason in one["reasons"])
        assert bool(one["reasons"]) is (one["verdict"] == "rejected")
        assert len(one["legs"]) == 3
        for leg in one["legs"]:
            assert list(leg) == LEG_KEYS
            assert (leg["market"], leg["line"], leg["side"]) == ("1x2", None, "back")
            assert leg["venue"] in {"B365", "BW", "IW"}
            assert leg["selection"] in {"home", "draw", "away"}
            assert all(DECIMAL.fullmatch(leg[name]) for name in ("price", "share", "stake", "risk"))
        assert list(one["rounded"]) == PLAN_KEYS
        assert all(DECIMAL.fullmatch(text) for text in one["rounded"].values())
        assert (one["rounded"]["bank"], one["rounded"]["unit"]) == ("100", "1")
        assert one["rounded_reason"] is None
        assert DECIMAL.fullmatch(one["guaranteed_return"])
    assert summary["opportunities"] == len(found)


def test_the_planted_one_is_printed_exactly(seasons: Path) -> None:
    found, _ = call("scan", seasons, "--json", "--verdict", "pure").lines()
    assert len(found) == 1
    assert found[0]["guaranteed_return"] == "1.018659173"
    prices = {leg["selection"]: (leg["venue"], leg["price"]) for leg in found[0]["legs"]}
    assert prices == {"home": ("B365", "2.2"), "draw": ("BW", "3.65"), "away": ("IW", "3.95")}


def test_the_summary_comes_last_with_its_keys_and_types(seasons: Path) -> None:
    write(seasons / "note.txt", "nothing of ours")
    _, summary = call("scan", seasons, "--json").lines()
    assert summary.keys() == SUMMARY_KEYS
    assert (summary["files"], summary["events"], summary["quotes"]) == (1, 4, 33)
    assert sum(summary["by_verdict"].values()) == summary["opportunities"]
    for name in ("files", "events", "quotes", "opportunities", "matched", "review"):
        assert type(summary[name]) is int
    assert type(summary["seconds"]) is float
    assert isinstance(summary["left_out"], dict)
    skipped = {Path(each["file"]).name: each for each in summary["skipped"]}
    assert [list(each) for each in summary["skipped"]] == [["file", "line", "reason"]] * 2
    assert skipped["note.txt"]["line"] is None
    assert skipped["E0.csv"]["line"] == 5
    assert skipped["E0.csv"]["reason"].startswith("B365A: ")


def test_lines_of_handicaps_and_totals_are_decimal_text(tmp_path: Path) -> None:
    columns = "Div,Date,HomeTeam,AwayTeam,B365H,B365D,B365A,B365AHH,B365AHA,GBAHH,GBAHA,AHh"
    path = write(
        tmp_path / "1011" / "E0.csv", season(row("1.9,3.5,4.1,2.06,1.84,1.86,2.04,-0.5"), columns=columns)
    )
    found, _ = call("scan", path, "--json", "--markets", "all").lines()
    assert [(leg["market"], leg["line"]) for one in found for leg in one["legs"]] == [
        ("asian_handicap", "-0.5"),
        ("asian_handicap", "-0.5"),
    ]


def test_a_lay_risks_another_amount_than_its_stake(tmp_path: Path) -> None:
    write(tmp_path / "a.json", odds_api_io("Northgate", "Southport", {"Bet365": three(2.2, 3.2, 3.3)}))
    lay = {
        "name": "ML",
        "updatedAt": "2025-05-04T13:45:00Z",
        "odds": [
            {
                "home": "2.08",
                "draw": "3.4",
                "away": "3.5",
                "layHome": "2.1",
                "layDraw": "3.6",
                "layAway": "3.9",
            }
        ],
    }
    text = odds_api_io(
        "Northgate",
        "Southport",
        {},
        bookmakers={
            "Bet365": [{**lay, "odds": [three(2.2, 3.2, 3.3)]}],
            "Betfair Exchange": [lay],
        },
    )
    path = write(tmp_path / "b.json", text)
    found, _ = call("scan", path, "--json", "--commission", "betfair_exchange=0").lines()
    sides = {leg["side"]: leg for one in found for leg in one["legs"]}
    assert sides.keys() == {"back", "lay"}
    assert sides["back"]["stake"] == sides["back"]["risk"]
    assert float(sides["lay"]["risk"]) == pytest.approx(float(sides["lay"]["stake"]) * 1.1)


def test_without_whole_stakes_there_is_a_reason_and_no_plan(seasons: Path) -> None:
    found, _ = call("scan", seasons, "--json", "--bank", "3", "--verdict", "pure").lines()
    assert [one["rounded"] for one in found] == [None]
    assert found[0]["rounded_reason"]
    assert {(leg["stake"], leg["risk"]) for leg in found[0]["legs"]} == {(None, None)}
    assert all(DECIMAL.fullmatch(leg["share"]) for leg in found[0]["legs"])


def test_nothing_found_prints_the_summary_alone(tmp_path: Path) -> None:
    ran = call("scan", write(tmp_path / "E0.csv", season(row())), "--json")
    found, summary = ran.lines()
    assert (ran.code, found, summary["opportunities"], summary["by_verdict"]) == (0, [], 0, {})


def test_a_file_name_that_is_no_text_can_be_printed(tmp_path: Path) -> None:
    path = os.fsencode(tmp_path) + b"/\xff.csv"
    try:
        with open(path, "wb"):  # noqa: PTH123 - a Path would hide that these are bytes
            pass
    except OSError:
        pytest.skip("this file system takes only names that are text")
    write(tmp_path / "E0.csv", season(row(PLANTED)))
    for form in ("--json", "--csv", "--verdict=pure"):
        ran = run("scan", tmp_path, form)
        assert ran.code == 0, ran.err
        assert "Traceback" not in ran.err
    found, summary = run("scan", tmp_path, "--json").lines()
    assert len(found) == 1
    assert [each["reason"] for each in summary["skipped"]] == ["the file is empty"]


# ---------------------------------------------------------------- CSV


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
        expected |= {"opportunity": one["opportunity"]}
        assert one == {name: "" if value is None else value for name, value in expected.items()}
    assert "E0.csv" in ran.err
    assert "B365A" in ran.err


def test_csv_cells_without_a_value_are_empty(seasons: Path) -> None:
    rows = rows_of(call("scan", seasons, "--csv", "--bank", "3", "--verdict", "pure"))
    assert len(rows) == 3
    for one in rows:
        empty = {name for name, cell in one.items() if cell == ""}
        assert empty == {"reasons", "line", "stake", "risk", "staked", "worst", "best"}
        assert "'" not in "".join(one.values())


@pytest.mark.parametrize(
    "name",
    [
        "=cmd|' /C calc'!A0",
        "+1+1",
        "@SUM(1+1)*cmd|'x'!A1",
        "-2+3+cmd|' /C calc'!A0",
        '=HYPERLINK("http://example.invalid","x")',
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
    columns = "Div,Date,HomeTeam,AwayTeam,B365H,B365D,B365A,B365AHH,B365AHA,GBAHH,GBAHA,AHh"
    path = write(tmp_path / "E0.csv", season(row("1.9,3.5,4.1,2.06,1.84,1.86,2.04,-0.5"), columns=columns))
    rows = rows_of(call("scan", path, "--csv"))
    assert {one["line"] for one in rows} == {"-0.5"}


# ---------------------------------------------------------------- the table


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


MARKUP = "[bold]Nor[/bold] [link=http://example.invalid]x[/link] [/]"


def test_markup_in_names_is_shown_as_it_is(tmp_path: Path) -> None:
    path = write(tmp_path / "E0.csv", season(row(PLANTED, MARKUP)))
    ran = call("scan", path)
    assert ran.code == 0
    assert MARKUP in ran.out


def test_markup_in_names_of_venues_is_shown_as_it_is(tmp_path: Path) -> None:
    books = {"[red]One[/red]": three(2.2, 3.2, 3.3), "Two [/]": three(2.0, 3.65, 3.95)}
    ran = call("scan", write(tmp_path / "a.json", odds_api_io("Northgate", "Southport", books)))
    assert ran.code == 0
    assert "[red]One[/red]" in ran.out
    assert "Two [/]" in ran.out


def test_markup_in_file_names_is_shown_as_it_is(tmp_path: Path) -> None:
    write(tmp_path / "[red]x[-red].csv", "not ours")
    assert "[red]x[-red].csv: not a format" in call("scan", tmp_path).out


def test_a_line_number_is_not_taken_for_a_picture(tmp_path: Path) -> None:
    rows = [row(home=f"Home {place}") for place in range(98)]
    path = write(tmp_path / "E0.csv", season(*rows, row(day="soon")))
    for words in ([], ["--csv"]):
        ran = call("scan", path, *words)
        assert "E0.csv:100: Date: 'soon'" in ran.out + ran.err


@pytest.mark.parametrize("words", [[], ["--csv"], ["--json"]], ids=["table", "csv", "json"])
def test_names_cannot_steer_the_terminal(tmp_path: Path, words: list[str]) -> None:
    name = "\x1b[2J\x1b]0;title\x07\x9b31mNorth\x08\x7fgate\x85"
    write(tmp_path / "E0.csv", season(row(PLANTED, name)))
    write(tmp_path / "\x1b[31mred\x1b[0m.csv", "not ours")
    ran = run("scan", tmp_path, *words)
    assert ran.code == 0
    shown = set(ran.out + ran.err) - set("\r\n")
    assert {each for each in shown if ord(each) < 32} == set()
    if words != ["--json"]:
        assert {each for each in shown if 127 <= ord(each) < 160} == set()
    assert "North" in ran.out


def test_text_that_runs_backwards_cannot_turn_a_line_round(tmp_path: Path) -> None:
    write(tmp_path / "E0.csv", season(row(PLANTED, "\u202eetagtroN\u202c")))
    out = call("scan", tmp_path).out
    assert not set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069") & set(out)


def test_a_line_end_in_a_file_name_does_not_end_the_line(tmp_path: Path) -> None:
    write(tmp_path / "two\nlines.csv", "not ours")
    lines = call("scan", tmp_path).out.splitlines()
    assert [line for line in lines if line.startswith("lines")] == []


# ---------------------------------------------------------------- how it ends

BAD = [
    ["--bank", "0"],
    ["--bank", "-5"],
    ["--bank", "much"],
    ["--bank", "nan"],
    ["--bank", "1", "--unit", "2"],
    ["--unit", "0"],
    ["--min-margin", "-0.1"],
    ["--commission", "X"],
    ["--commission", "=0.02"],
    ["--commission", "BFE=1"],
    ["--commission", "BFE=-0.1"],
    ["--commission", "BFE=2%"],
    ["--markets", "nonsense"],
    ["--venues", "nonsense"],
    ["--basis", "nonsense"],
    ["--verdict", "nonsense"],
    ["--format", "nonsense"],
    ["--json", "--csv"],
    ["--nonsense"],
]


@pytest.mark.parametrize("words", BAD, ids=" ".join)
def test_a_bad_option_ends_with_2_and_says_which(seasons: Path, words: list[str]) -> None:
    ran = call("scan", seasons, *words)
    assert ran.code == 2
    assert ran.out == ""
    assert words[0].strip("-") in ran.err
    assert "Traceback" not in ran.err


def test_a_bad_format_is_a_bad_option_even_where_there_is_no_file(tmp_path: Path) -> None:
    assert call("scan", tmp_path, "--format", "nonsense").code == 2


@pytest.mark.parametrize("form", [[], ["--json"], ["--csv"]])
def test_a_bad_option_ends_with_2_in_a_process_too(seasons: Path, form: list[str]) -> None:
    ran = run("scan", seasons, "--format", "nonsense", *form)
    assert ran.code == 2
    assert ran.err.startswith("crossbook: format: 'nonsense' is not one of auto, ")
    assert ran.err.count("\n") == 1


def test_a_missing_path_ends_with_2() -> None:
    ran = call("scan")
    assert ran.code == 2
    assert "PATH" in ran.err


@pytest.mark.parametrize("form", ["auto", "football-data", "betfair-stream"])
def test_nothing_readable_ends_with_1_and_a_reason(tmp_path: Path, form: str) -> None:
    ran = run("scan", tmp_path / "missing.csv", "--json", "--format", form)
    assert (ran.code, ran.err) == (1, "")
    found, summary = ran.lines()
    assert (found, summary["files"]) == ([], 0)
    assert [each["reason"] for each in summary["skipped"]] == ["no such file"]


def test_an_empty_folder_ends_with_1(tmp_path: Path) -> None:
    assert call("scan", tmp_path).code == 1


def test_one_readable_file_ends_with_0(tmp_path: Path) -> None:
    good = write(tmp_path / "E0.csv", season(row()))
    assert call("scan", tmp_path / "missing", good).code == 0


def test_a_reader_that_leaves_early_is_no_accident(tmp_path: Path) -> None:
    rows = [row(PLANTED, f"Home {place}") for place in range(3_000)]
    path = write(tmp_path / "E0.csv", season(*rows))
    command = [sys.executable, "-m", "crossbook", "scan", str(path), "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert b"Traceback" not in process.stderr.read()


# ---------------------------------------------------------------- help


def test_help_shows_an_example_and_every_option() -> None:
    ran = call("scan", "--help")
    assert ran.code == 0
    assert re.search(r"^ *crossbook scan \S+", ran.out, re.MULTILINE)
    for option in (
        "format",
        "basis",
        "markets",
        "venues",
        "bank",
        "unit",
        "commission",
        "min-margin",
        "verdict",
    ):
        assert f"--{option}" in ran.out
    assert "--json" in ran.out
    assert "--csv" in ran.out


def test_version() -> None:
    ran = run("--version")
    assert (ran.code, ran.out, ran.err) == (0, f"crossbook {__version__}\n", "")


def test_the_command_alone_shows_help() -> None:
    assert "scan" in call().out + call().err
