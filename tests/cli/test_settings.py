"""Settings: the file, the environment over it, and every mistake named with its setting."""

from __future__ import annotations

import json
import re
from fractions import Fraction
from pathlib import Path

import pytest

from crossbook.api.settings import DoorSettings
from crossbook.base.errors import Misconfigured
from crossbook.cli.settings import (
    RecordingSettings,
    Settings,
    StoreSettings,
    TermSettings,
    read_settings,
    shown,
)
from crossbook.collect.sources import Source

ODDS = '[[sources]]\nname = "odds"\nformat = "the-odds-api"\nsports = ["soccer_epl"]\n'
SECRET = "never-to-be-shown-0123"


def read(folder: Path, text: str, **environment: str) -> Settings:
    file = folder / "settings.toml"
    file.write_text(text)
    return read_settings(file, {"CROSSBOOK_DATA": str(folder), **environment})


WRONG = {
    "nonsense = 1": "nonsense: is no setting; there are accounts, data, doors",
    "[door]": "door: is no setting; did you mean doors?",
    "doors = 1": "doors: write it as a table",
    "[doors]\nprots = [1]": "doors.prots: is no setting; did you mean ports?",
    "[doors]\nports = 'x'": "doors.ports: expected a list",
    "[doors]\nports = ['x']": r"doors.ports\[0\]: expected `int`",
    "[doors]\nports = []": "doors.ports: name ports",
    "[doors]\nports = [70000]": "doors.ports: name ports",
    "[doors]\nports = [8000, 8000]": "doors.ports: a port stands twice",
    "[doors]\nhost = 5": "doors.host: expected `str`",
    "[doors]\nhost = '0.0.0.0'": "doors.host: .* set CROSSBOOK_TOKEN",
    "[doors]\ntoken = 'short'": "doors.token: too easy to guess",
    "[doors]\nworker_life_s = 'soon'": "doors.worker_life_s: expected `float`",
    "[doors]\nworker_life_s = 0": "doors.worker_life_s: has to be a number above 0",
    "[doors]\nworker_life_s = nan": "doors.worker_life_s: has to be a number above 0",
    "[store]\nquote_hours = 0": "store.quote_hours: expected `int` >= 1",
    "[store]\nquote_hour = 1": "store.quote_hour: is no setting; did you mean quote_hours?",
    "[store]\nurl = 'mysql://me:hidden@x/y'": "CROSSBOOK_DATABASE_URL: expected postgresql://",
    "[recording]\nkeep = 'perhaps'": "recording.keep: expected `bool`",
    "[recording]\ndays = 0": "recording.days: expected `float` > 0",
    "[recording]\ngigabytes = -1.5": "recording.gigabytes: expected `float` > 0",
    "[recording]\nday = 1": "recording.day: is no setting; did you mean days?",
    "[terms]\nbank = 'much'": "terms.bank: not a plain decimal number",
    "[terms]\nbank = -1": "terms.bank: must not be below 0",
    "[terms]\nbank = [1]": "terms.bank: expected",
    "[terms]\nbank = 1\nunit = 2": "terms.unit: has to be above 0",
    "[terms]\nunit = 0": "terms.unit: has to be above 0",
    "[terms]\nbank = 1000000000001": "terms.bank: at most",
    "[terms]\nbank = 1000\nunit = '0.0000001'": "terms.bank: at most",
    "[terms]\nleast_margin = '-0.1'": "terms.least_margin: must not be below 0",
    "[accounts.venues.alpha]\nbalance = -1": "accounts.venues.alpha.balance: must not be below 0",
    "[accounts.venues.alpha]\ncurrency = 'GBP'": "accounts.rates.GBP: is missing",
    "[accounts.venues.alpha]\nbalence = 1": "accounts.venues.alpha: object contains unknown field `balence`",
    "[terms.commissions]\nbetfair = '-0.1'": "terms.commissions.betfair: is a share from 0",
    "[[sources]]\nname = 'a'\nformat = 'polymarket'\nurl = 'me:hidden@x/y'": "source 'a': url: .* is no address",
    "[terms]\nleast_margin = 'x'": "terms.least_margin: not a plain",
    "[terms]\nleast_margins = 0": "terms.least_margins: is no setting; did you mean least_margin?",
    "[terms.commissions]\nbetfair = 1": "terms.commissions.betfair: is a share from 0 to below 1",
    "[terms.commissions]\nbetfair = '2%'": "terms.commissions.betfair: not a plain",
    "data = 5": "data: write the folder's path",
    "sources = 1": r"sources: write each source as a table of its own, under \[\[sources\]\]",
    "[[sources]]\nformat = 'polymarket'": "source 'without a name': .*name",
    "[[sources]]\nname = 'a'\nformat = 'the-odd-api'": "source 'a': format: has to be one of the-odds-api",
    "[[sources]]\nname = 'a'\nformat = 'polymarket'\nevery = 1": "every: is no setting; did you mean every_s?",
    "[[sources]]\nname = 'a'\nformat = 'polymarket'\nevery_s = 0": "source 'a': every_s: ",
    "[[sources]]\nname = 'A b'\nformat = 'polymarket'": "source 'A b': name: use small letters",
    ODDS: "source 'odds': key: is missing; set it, or CROSSBOOK_SOURCE_ODDS_KEY",
    "[[sources]]\nname = 'a'\nformat = 'polymarket'\n" * 2: "source 'a': name: stands twice",
    "[doors": "is not TOML",
}


@pytest.mark.parametrize("text", WRONG)
def test_a_mistake_is_named_with_its_file_and_setting(tmp_path: Path, text: str) -> None:
    with pytest.raises(Misconfigured, match=WRONG[text]) as raised:
        read(tmp_path, text, CROSSBOOK_DATA="" if text.startswith("data") else str(tmp_path))
    assert "hidden" not in str(raised.value)
    if "CROSSBOOK_DATABASE_URL" not in WRONG[text]:
        assert str(raised.value).startswith(f"{tmp_path / 'settings.toml'}: ")


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("CROSSBOOK_PORTS", "many", "CROSSBOOK_PORTS: write numbers"),
        ("CROSSBOOK_PORTS", ",", "CROSSBOOK_PORTS: write numbers"),
        ("CROSSBOOK_PORTS", "70000", "doors.ports"),
        ("CROSSBOOK_HOST", "0.0.0.0", "doors.host"),
        ("CROSSBOOK_TOKEN", "short", "doors.token"),
        (
            "CROSSBOOK_DATABASE_URL",
            "postgresql://me:hidden@x",
            "CROSSBOOK_DATABASE_URL: .* name of the database",
        ),
        ("CROSSBOOK_CONFIG", "/nowhere/x.toml", "/nowhere/x.toml: there is no such file"),
    ],
)
def test_a_mistake_of_the_environment_is_named(tmp_path: Path, name: str, value: str, words: str) -> None:
    with pytest.raises(Misconfigured, match=words) as raised:
        read_settings(None, {"CROSSBOOK_DATA": str(tmp_path), name: value})
    assert "hidden" not in str(raised.value)


def test_without_anything_the_usual_ones_hold(tmp_path: Path) -> None:
    settings = read_settings(None, {"CROSSBOOK_DATA": str(tmp_path)})
    assert settings.file is None
    assert settings.data == tmp_path
    assert settings.doors.host == "127.0.0.1"
    assert settings.sources == ()


def test_the_file_here_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "crossbook.toml").write_text("[doors]\nports = [8123]")
    monkeypatch.chdir(tmp_path)
    assert read_settings(None, {"CROSSBOOK_DATA": str(tmp_path)}).doors.ports == (8123,)


def test_the_environment_stands_over_the_file(tmp_path: Path) -> None:
    told = read(
        tmp_path,
        f"data = '/elsewhere'\n[doors]\nhost = '127.0.0.1'\nports = [1]\ntoken = '{SECRET}'\n[store]\nurl = 'bad'",
        CROSSBOOK_HOST="::1",
        CROSSBOOK_PORTS="8001, 8002",
        CROSSBOOK_TOKEN="another-secret-of-16",
        CROSSBOOK_DATABASE_URL="postgresql://me:secret@db/prices",
    )
    assert (told.data, told.doors.host, told.doors.ports) == (tmp_path, "::1", (8001, 8002))
    assert told.doors.token == "another-secret-of-16"
    assert told.store.url == "postgresql://me:secret@db/prices"


@pytest.mark.parametrize("host", ["localhost", "127.8.8.8", "::1", "::ffff:127.0.0.1"])
def test_this_machine_needs_no_token(tmp_path: Path, host: str) -> None:
    assert read(tmp_path, f"[doors]\nhost = '{host}'").doors.host == host


def test_numbers_are_exact(tmp_path: Path) -> None:
    text = "[terms]\nbank = 250.10\nunit = '0.1'\nleast_margin = 0.003\n[terms.commissions]\nbetfair = 0.02"
    options = read(tmp_path, text).options
    assert (options.terms.bank, options.terms.unit) == (Fraction("250.1"), Fraction("0.1"))
    assert options.terms.least_margin == Fraction(3, 1000)
    assert options.commissions == {"betfair": Fraction(1, 50)}


def test_keys_come_from_the_environment(tmp_path: Path) -> None:
    (source,) = read(tmp_path, ODDS, CROSSBOOK_SOURCE_ODDS_KEY=SECRET).sources
    assert source.key == SECRET


def test_no_secret_is_ever_shown(tmp_path: Path) -> None:
    text = (
        f"[doors]\ntoken = '{SECRET}-door'\n[store]\nurl = 'postgresql://me:{SECRET}-db@db.example/prices'\n"
        f"{ODDS}key = '{SECRET}-key'\nurl = 'https://me:{SECRET}@odds.example/v4?apiKey={SECRET}'\n"
        f"[[sources]]\nname = 'exchange'\nformat = 'betfair-stream'\nkey = '{SECRET}-app'\ntoken = '{SECRET}-session'\n"
    )
    told = shown(read(tmp_path, text))
    assert SECRET not in json.dumps(told)
    assert told["doors"]["token"] == "set"
    assert told["store"]["database"] == "prices at db.example:5432"
    assert told["sources"][0]["key"] == "set"
    assert told["sources"][0]["url"] == "https://odds.example/v4"
    assert told["sources"][1]["token"] == "set"


def test_the_reference_names_every_setting(root: Path) -> None:
    page = (root / "docs" / "operate.md").read_text()
    words = set(re.findall(r"\w+", page))
    for kind in (DoorSettings, StoreSettings, RecordingSettings, TermSettings, Source):
        assert set(kind.__struct_fields__) - words == set(), kind.__name__


def test_the_example_of_the_reference_is_valid(root: Path, tmp_path: Path) -> None:
    page = (root / "docs" / "operate.md").read_text()
    example = page.split("```toml\n")[1].split("```")[0]
    settings = read(tmp_path, example, CROSSBOOK_SOURCE_ODDS_KEY=SECRET)
    assert [each.name for each in settings.sources] == ["odds"]
    usual = read_settings(None, {"CROSSBOOK_DATA": str(tmp_path)})
    assert (settings.doors, settings.store, settings.recording) == (usual.doors, usual.store, usual.recording)
    terms = settings.options.terms
    assert (terms.bank, terms.unit) == (Fraction(100), Fraction(1))
    assert not terms.no_loss
    assert set(terms.accounts.venues) == {"bet365"}


def test_accounts_are_part_of_the_terms(tmp_path: Path) -> None:
    text = (
        "[terms]\nno_loss = true\n[accounts.rates]\nGBP = '7/6'\n"
        "[accounts.venues.alpha]\ncurrency = 'GBP'\nbalance = 250.5\ntax_on_winnings = '0.05'\n"
        "[[accounts.free_bets]]\nvenue = 'alpha'\namount = 20\n"
    )
    terms = read(tmp_path, text).options.terms
    alpha = terms.accounts.at("alpha")
    assert (alpha.balance, alpha.tax_on_winnings) == (Fraction(501, 2), Fraction(1, 20))
    assert terms.accounts.rate("alpha") == Fraction(7, 6)
    assert [each.amount for each in terms.accounts.free_bets] == [20]
    assert terms.no_loss
