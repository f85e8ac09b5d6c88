"""`crossbook explain`: what it reads, what it shows at two widths, and how it refuses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from crossbook.arbitrage.changes import AWAY, HOME, MARGIN, SUM
from crossbook.arbitrage.regions import Range, Region
from crossbook.cli.explain_words import region_words, result_words
from crossbook.cli.main import app
from crossbook.model.result import Race, Resolution, Score, Sets, Void
from tests.cli.command import HANDICAPS, Ran, call
from tests.pipeline.made_up import write

EVENT = {
    "sport": "football",
    "competition": "Cup",
    "date": "2026-03-21",
    "home": "Chelsea FC",
    "away": "Everton FC",
}
LEGS: list[dict[str, Any]] = [
    {"venue": "ladbrokes_uk", "market": "1x2", "selection": "draw", "line": None, "side": "back",
     "price": "3.9", "share": "0.227598", "stake": "22", "risk": "22"},
    {"venue": "pinnacle", "market": "1x2", "selection": "away", "line": None, "side": "back",
     "price": "2.06", "share": "0.497591", "stake": "48", "risk": "48"},
    {"venue": "betway", "market": "asian_handicap", "selection": "home", "line": "-0.25", "side": "back",
     "price": "3.73", "share": "0.274809", "stake": "27", "risk": "27"},
]  # fmt: skip
FOUND: dict[str, Any] = {
    "event": EVENT,
    "basis": "prematch",
    "kind": "arbitrage",
    "verdict": "pure",
    "reasons": [],
    "guaranteed_return": "1.025039336",
    "legs": LEGS,
    "rounded": {"bank": "100", "unit": "1", "staked": "97", "worst": "1.88", "best": "3.71"},
    "rounded_reason": None,
}
"""The example of docs/scan.md."""


@pytest.fixture
def told(tmp_path: Path) -> Path:
    lines = [json.dumps(FOUND), "", json.dumps({"opportunity": FOUND, "moment": "opened"}), '{"summary": {}}']
    path = tmp_path / "found.jsonl"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def objects(ran: Ran) -> list[dict[str, Any]]:
    assert ran.code == 0, ran.err
    return [json.loads(line) for line in ran.out.splitlines()]


def test_the_example_of_the_documentation_adds_up(told: Path) -> None:
    first, second = objects(call("explain", told, "--json"))
    assert first == second
    assert first["guaranteed_return"] == first["told_return"] == "1.025039336"
    assert (first["worst"], first["best"]) == ("1.88", "3.71")
    assert [line["state"] for line in first["states"]] == ["home wins", "draw", "away wins"]
    draw = first["states"][1]
    assert [leg["settled"] for leg in draw["legs"]] == ["won", "lost", "half lost"]
    assert [leg["net"] for leg in draw["legs"]] == ["63.8", "-48", "-13.5"]
    assert draw["net"] == "2.3"
    assert [line["worst"] for line in first["states"]] == [False, False, True]
    # 22 × 3.9 + 27 / 2 still cover 97 in a draw down to 3.796, and not at 3.795.
    assert first["legs"][0]["stands_with_these_stakes"] == "3.796"
    assert {void["venue"]: void["worst"] for void in first["voids"]} == {
        "ladbrokes_uk": "-61.5", "pinnacle": "-49", "betway": "-70",
    }  # fmt: skip


def test_one_line_alone(told: Path) -> None:
    assert len(objects(call("explain", told, "--json", "--line", "3"))) == 1
    ran = call("explain", told, "--line", "4")
    assert ran.code == 1
    assert "line 4: holds no opportunity" in ran.err


def test_standard_input(told: Path) -> None:
    done = CliRunner().invoke(app, ["explain", "--json"], input=told.read_bytes())
    assert done.exit_code == 0
    assert len(done.stdout.splitlines()) == 2


@pytest.mark.parametrize("width", [80, 100])
def test_the_page_fits_its_terminal(told: Path, width: int) -> None:
    ran = call("explain", told, "--line", "1", COLUMNS=str(width))
    assert ran.code == 0
    assert max(len(line.rstrip()) for line in ran.out.splitlines()) <= width
    for words in (
        "Chelsea FC v Everton FC", "arbitrage, pure", "Summed anew it is the same", "home wins", "½ -13.50",
        "Worst +1.88: away wins (2 won; the others lost)", "Best +3.71", "≥ 3.796", "ladbrokes_uk", "-70.00",
    ):  # fmt: skip
        assert words in ran.out


def test_many_legs_are_told_in_words(tmp_path: Path) -> None:
    """Ten selections do not fit side by side: then a row says which legs win."""
    runners = [chr(ord("A") + place) * 3 for place in range(10)]
    legs = [
        {"venue": name.casefold(), "market": "winner", "selection": name, "price": "11"} for name in runners
    ]
    value = {**FOUND, "legs": legs, "rounded": None, "guaranteed_return": "1.1", "event": {"home": "Derby"}}
    path = write(tmp_path / "race.jsonl", json.dumps(value))
    ran = call("explain", path, COLUMNS="80")
    assert ran.code == 0
    assert max(len(line.rstrip()) for line in ran.out.splitlines()) <= 80
    assert "1 won" in ran.out
    assert "AAA wins" in ran.out
    assert "one of these runners wins" in ran.out
    assert "exact shares of 100" in ran.out


def test_of_many_states_those_that_decide_are_shown(tmp_path: Path) -> None:
    runners = [chr(ord("A") + place) * 3 for place in range(10)]
    legs = [
        {"venue": name.casefold(), "market": "winner", "selection": name, "price": "11"} for name in runners
    ]
    legs[0]["price"] = "10.5"
    shares = {
        **FOUND,
        "legs": [{**leg, "share": "0.1"} for leg in legs],
        "rounded": None,
        "guaranteed_return": "1.09",
    }
    path = write(tmp_path / "race.jsonl", json.dumps(shares))
    ran = call("explain", path, COLUMNS="80")
    (whole,) = objects(call("explain", path, "--json"))
    assert len(whole["states"]) == 55
    assert "AAA and BBB win in a dead heat" in ran.out
    assert "and 31 more states, net from" in ran.out
    assert "AAA wins" in ran.out


def test_an_estimate_is_told_as_one(tmp_path: Path) -> None:
    estimate = {"method": "power, median of 3 venues", "expected_return": "1.068286", "chance": "0.508707",
                "break_even": "0.476190", "kelly": "0.062078", "fair_odds": "1.965765"}  # fmt: skip
    value = {**FOUND, "kind": "value", "verdict": "estimated", "guaranteed_return": "0.000000000", "rounded": None,
             "legs": [{**LEGS[1], "share": "1", "stake": None}], "estimate": estimate}  # fmt: skip
    ran = call("explain", write(tmp_path / "value.jsonl", json.dumps(value)))
    assert "Estimated: a unit returns 1.0682 on average; chance 50.8 %, break-even 47.6 %" in ran.out
    assert "Kelly's part of a bank would be 6.2 %" in ran.out
    assert "state price" not in ran.out
    assert "What would break it" not in ran.out


def test_commission_is_said_on_the_command_line(tmp_path: Path) -> None:
    legs = [
        {"venue": "alpha", "market": "1x2", "selection": "home", "price": "2.3"},
        {"venue": "toll", "market": "1x2", "selection": "home", "side": "lay", "price": "2.1"},
    ]
    value = {**FOUND, "legs": legs, "rounded": None, "guaranteed_return": "1.076271186"}
    path = write(tmp_path / "lay.jsonl", json.dumps(value))
    ran = call("explain", path)
    assert "It says 1.076271186; summed anew" in ran.out
    assert "--commission VENUE=RATE" in ran.out
    (taxed,) = objects(call("explain", path, "--commission", "toll=0.05", "--json"))
    assert taxed["states"][1]["commission"] != "0"
    assert taxed["guaranteed_return"] < "1.095238095"
    # The home side wins: the back wins and the lay, whose claim came true, loses.
    assert [leg["settled"] for leg in taxed["states"][0]["legs"]] == ["won", "lost"]
    assert call("explain", path, "--commission", "toll").code == 2


def test_figures_that_are_not_those_of_the_stakes_are_named(tmp_path: Path) -> None:
    wrong = {**FOUND, "rounded": {**FOUND["rounded"], "worst": "2.50"}, "guaranteed_return": "1.03"}
    ran = call("explain", write(tmp_path / "wrong.jsonl", json.dumps(wrong)))
    assert "The plan says +2.50 to +3.71; its stakes come to +1.88 to +3.71" in ran.out
    assert "It says 1.030000000; summed anew" in ran.out


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "holds no opportunity"),
        ('{"summary": {}}', "holds no opportunity"),
        ("{", "line 1: is not JSON"),
        ("[1]", "line 1: is not an object"),
        ('{"event": {"home": "A"}}', "line 1: legs: is missing"),
        (
            json.dumps({**FOUND, "legs": [{**LEGS[0], "price": "0.9"}]}),
            "line 1: legs[0].price: 0.9 pays no more",
        ),
    ],
)
def test_what_cannot_be_explained_is_said_in_a_line(tmp_path: Path, text: str, message: str) -> None:
    ran = call("explain", write(tmp_path / "bad.jsonl", text))
    assert ran.code == 1
    assert message in ran.err
    assert len(ran.err.splitlines()) == 1


def test_a_missing_file(tmp_path: Path) -> None:
    ran = call("explain", tmp_path / "nowhere")
    assert ran.code == 1
    assert "No such file" in ran.err


def test_what_scan_prints_is_explained(tmp_path: Path) -> None:
    """Every line of a scan, summed anew, gives what the scan said."""
    season = write(tmp_path / "1011" / "E0.csv", HANDICAPS)
    scanned = call("scan", season, "--json")
    path = write(tmp_path / "found.jsonl", scanned.out)
    found = objects(call("explain", path, "--json"))
    lines, _ = scanned.lines()
    assert len(found) == len(lines) > 0
    for line, explanation in zip(lines, found, strict=True):
        assert explanation["guaranteed_return"] == line["guaranteed_return"]
        assert explanation["worst"] == line["rounded"]["worst"]
        assert explanation["best"] == line["rounded"]["best"]


def test_nothing_a_terminal_would_obey_is_printed(tmp_path: Path) -> None:
    nasty = {
        **FOUND,
        "event": {**EVENT, "home": "\x1b[2JGone"},
        "legs": [{**leg, "venue": "\x1b[31mred"} for leg in LEGS],
    }
    ran = call("explain", write(tmp_path / "nasty.jsonl", json.dumps(nasty)))
    assert ran.code == 0
    assert "\x1b" not in ran.out


# ------------------------------------------------------------------ words

REGIONS = {
    "home wins": (Range(MARGIN, 1, None),),
    "home wins by 2 or more": (Range(MARGIN, 2, None),),
    "home wins by 1": (Range(MARGIN, 1, 1),),
    "home wins by 1 to 2": (Range(MARGIN, 1, 2),),
    "draw": (Range(MARGIN, 0, 0),),
    "away wins": (Range(MARGIN, None, -1),),
    "away wins by 3 or more": (Range(MARGIN, None, -3),),
    "away wins by 1 to 2": (Range(MARGIN, -2, -1),),
    "home wins or draw": (Range(MARGIN, 0, None),),
    "away wins or draw": (Range(MARGIN, None, 0),),
    "home does not win by 3": (Range(MARGIN, None, 2),),
    "away does not win by 2": (Range(MARGIN, -1, None),),
    "from away by 1 to home by 2": (Range(MARGIN, -1, 2),),
    "draw, exactly 2 goals": (Range(MARGIN, 0, 0), Range(SUM, 2, 2)),
    "exactly 1 goal": (Range(SUM, 1, 1),),
    "no goals": (Range(SUM, None, 0),),
    "at most 2 goals": (Range(SUM, None, 2),),
    "2 to 3 goals": (Range(SUM, 2, 3),),
    "home scores, away does not score": (Range(HOME, 1, None), Range(AWAY, None, 0)),
    "home scores 2 or more": (Range(HOME, 2, None),),
    "away scores at most 1": (Range(AWAY, None, 1),),
    "any result": (),
}


@pytest.mark.parametrize("words", list(REGIONS))
def test_states_in_words(words: str) -> None:
    assert region_words(Region(Score(0, 0), REGIONS[words], True)) == words


@pytest.mark.parametrize(
    ("result", "words"),
    [
        (Score(2, 1), "such as 2-1"),
        (Score(2, 1, 1, 0), "such as 2-1 (half-time 1-0)"),
        (Score(1, 1, final_home=2, final_away=1), "such as 1-1, 2-1 with overtime"),
        (Score(1, 1, qualified="home"), "such as 1-1, home goes through"),
        (Sets(((6, 4), (3, 6), (7, 5))), "such as 6-4 3-6 7-5"),
        (Sets(((6, 4),), retired="away"), "such as 6-4, away retires"),
        (Race((frozenset({"Ada"}),)), "Ada wins"),
        (Race((frozenset({"Ada", "Bea"}),)), "Ada and Bea win in a dead heat"),
        (Race((frozenset({"Ada"}), frozenset({"Bea"}))), "in order: Ada, Bea"),
        (Race(()), "somebody else wins"),
        (Resolution(1), "it resolves YES"),
        (Resolution(0), "it resolves NO"),
        (Resolution(1, 2), "it is settled at 1/2"),
        (Void("abandoned"), "void: abandoned"),
    ],
)  # fmt: skip
def test_results_in_words(result: Any, words: str) -> None:
    assert result_words(result) == words
