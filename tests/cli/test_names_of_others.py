"""Names of teams, venues and files are shown as they are, and can neither format nor steer the terminal."""

from __future__ import annotations

import os
from pathlib import Path
from unicodedata import category

import pytest

from tests.cli.command import call, run
from tests.pipeline.made_up import PLANTED, odds_api_io, row, season, three, write


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
    assert {each for each in shown if ord(each) < 32 or 127 <= ord(each) < 160} == set()
    assert "North" in ran.out


UNSEEN = "\u202eetagtroN\u202c\u200b\u200e\u061c\ufeff\xad\u2028\u2029\u2066\U000e0041\U0001d173"
"""Marks that turn text round, or do not show; line ends; some of them beyond the first 65,536 characters."""


@pytest.mark.parametrize("words", [[], ["--csv"], ["--json"]], ids=["table", "csv", "json"])
def test_characters_that_do_not_show_are_spelled_out(tmp_path: Path, words: list[str]) -> None:
    write(tmp_path / "E0.csv", season(row(PLANTED, f"{UNSEEN} Köln 東京")))
    write(tmp_path / f"{UNSEEN}.csv", "not ours")
    ran = call("scan", tmp_path, *words)
    shown = ran.out + ran.err
    assert {each for each in shown if category(each) in ("Cf", "Zl", "Zp", "Cs")} == set()
    assert "Köln 東京" in ran.out
    assert "\\u202eetagtroN\\u202c" in ran.out


def test_characters_that_do_not_show_are_the_same_once_json_is_read(tmp_path: Path) -> None:
    name = f'{UNSEEN}\x7f\x9b\x08 \\u202e "" Köln'
    path = write(tmp_path / "E0.csv", season(row(PLANTED, '"' + name.replace('"', '""') + '"')))
    found, _ = call("scan", path, "--json").lines()
    assert found[0]["event"]["home"] == name


def test_a_line_end_in_a_file_name_does_not_end_the_line(tmp_path: Path) -> None:
    write(tmp_path / "two\nlines.csv", "not ours")
    lines = call("scan", tmp_path).out.splitlines()
    assert [line for line in lines if line.startswith("lines")] == []
