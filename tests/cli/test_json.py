"""`crossbook scan --json`: an object for each opportunity by the contract, and the summary last."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.cli.command import HANDICAPS, call, run
from tests.pipeline.made_up import odds_api_io, row, season, three, write

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
    path = write(tmp_path / "1011" / "E0.csv", HANDICAPS)
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
    lay_leg = {name: float(sides["lay"][name]) for name in ("risk", "stake", "price")}
    assert lay_leg["risk"] == pytest.approx(lay_leg["stake"] * (lay_leg["price"] - 1))


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
