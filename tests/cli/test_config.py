"""`crossbook config`: checked and shown without starting anything, and without a secret."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.command import call, run

GOOD = (
    '[doors]\nports = [8123]\n[[sources]]\nname = "odds"\nformat = "the-odds-api"\nsports = ["soccer_epl"]\n'
)
KEY = {"CROSSBOOK_SOURCE_ODDS_KEY": "secret-key-of-the-source"}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "settings.toml"
    path.write_text(GOOD)
    return path


def test_good_settings_end_with_0(file: Path) -> None:
    ran = call("config", "check", "--config", file, **KEY)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == f"{file}: the settings are valid. Sources: odds.\n"


def test_good_settings_as_json(file: Path) -> None:
    ran = call("config", "check", "--config", file, "--json", **KEY)
    assert json.loads(ran.out) == {"valid": True, "file": str(file), "sources": ["odds"]}


@pytest.mark.parametrize("command", ["check", "show"])
def test_wrong_settings_end_with_2_and_the_setting(file: Path, command: str) -> None:
    file.write_text("[doors]\nprots = [1]")
    ran = run("config", command, "--config", file)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == f"crossbook: {file}: doors.prots: is no setting; did you mean ports?\n"


def test_wrong_settings_as_json(file: Path) -> None:
    ran = call("config", "check", "--config", file, "--json", CROSSBOOK_PORTS="x")
    assert (ran.code, ran.err) == (2, "")
    told = json.loads(ran.out)
    assert told["valid"] is False
    assert told["problem"].startswith("CROSSBOOK_PORTS: ")


def test_a_missing_file_ends_with_2(tmp_path: Path) -> None:
    ran = call("config", "check", "--config", tmp_path / "none.toml")
    assert ran.code == 2
    assert "there is no such file" in ran.err


def test_what_is_shown_is_json_without_a_secret(file: Path) -> None:
    ran = call("config", "show", "--config", file, **KEY)
    assert ran.code == 0
    told = json.loads(ran.out)
    assert told["doors"]["ports"] == [8123]
    assert told["sources"] == [
        {"name": "odds", "format": "the-odds-api", "key": "set", "sports": ["soccer_epl"]}
    ]
    assert KEY["CROSSBOOK_SOURCE_ODDS_KEY"] not in ran.out


def test_help_names_both() -> None:
    ran = call("config")
    assert "check" in ran.out + ran.err
    assert "show" in ran.out + ran.err
