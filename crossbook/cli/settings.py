"""Settings: a TOML file, and the environment over it. Every mistake is named with its setting."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Any, Final, TypeVar

import msgspec

from crossbook.api.settings import DoorSettings
from crossbook.arbitrage.accounts import Accounts
from crossbook.arbitrage.terms import Terms
from crossbook.base.errors import BadData, Misconfigured
from crossbook.base.exact import parse_number, plain_text
from crossbook.collect.sources import Source, source_of
from crossbook.pipeline.accounts import accounts_of, settings_of
from crossbook.pipeline.options import Options
from crossbook.store.database import checked_url, place_of
from crossbook.store.embedded import default_place
from crossbook.transport.addresses import shown as address_shown

FILE: Final = "crossbook.toml"
_SECTIONS: Final = ("accounts", "data", "doors", "recording", "sources", "store", "terms")
_UNKNOWN: Final = re.compile(r"Object contains unknown field `(.*)`")

_Section = TypeVar("_Section")
_Days = Annotated[float, msgspec.Meta(gt=0, le=36_500)]
_Gigabytes = Annotated[float, msgspec.Meta(gt=0, le=1_000_000)]
_Hours = Annotated[int, msgspec.Meta(ge=1, le=24 * 366)]


class TermSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What counts as an opportunity, and the money that stakes are planned for; numbers as text or whole."""

    bank: str | int = 100
    unit: str | int = 1
    least_margin: str | int = 0
    no_loss: bool = False
    commissions: dict[str, str | int] = {}


class RecordingSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is kept of the raw frames: whether any, and for how many days and gigabytes at most."""

    keep: bool = True
    days: _Days = 30.0
    gigabytes: _Gigabytes = 20.0


class StoreSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The database: the address of a PostgreSQL (empty for our own), and how many hours of quotes it keeps."""

    url: str = ""
    quote_hours: _Hours = 6


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """All settings, checked."""

    file: Path | None
    data: Path
    doors: DoorSettings
    store: StoreSettings
    recording: RecordingSettings
    options: Options
    sources: tuple[Source, ...]


def read_settings(path: Path | None, environment: Mapping[str, str]) -> Settings:
    """The settings of a file (by default ``crossbook.toml`` here, if there is one) and of the environment.

    Raises Misconfigured naming the file and the setting.
    """
    named = path or (Path(environment["CROSSBOOK_CONFIG"]) if environment.get("CROSSBOOK_CONFIG") else None)
    file = named or (Path(FILE) if Path(FILE).is_file() else None)
    told = _table(file) if file is not None else {}
    where = f"{file}: " if file is not None else ""
    _known(where, "", told, _SECTIONS)
    doors = _table_of(where, "doors", told)
    for name, setting in (("CROSSBOOK_HOST", "host"), ("CROSSBOOK_TOKEN", "token")):
        if environment.get(name):
            doors[setting] = environment[name]
    if environment.get("CROSSBOOK_PORTS"):
        doors["ports"] = _ports(environment["CROSSBOOK_PORTS"])
    store = _table_of(where, "store", told)
    if environment.get("CROSSBOOK_DATABASE_URL"):
        store["url"] = environment["CROSSBOOK_DATABASE_URL"]
    data = environment.get("CROSSBOOK_DATA") or told.get("data")
    if data is not None and not (isinstance(data, str) and data):
        raise Misconfigured(f"{where}data: write the folder's path, as text")
    sources = told.get("sources", [])
    if not isinstance(sources, list) or not all(isinstance(each, dict) for each in sources):
        raise Misconfigured(f"{where}sources: write each source as a table of its own, under [[sources]]")
    return Settings(
        file=file,
        data=Path(data).expanduser().absolute() if data else default_place(environment),
        doors=_doors(where, doors),
        store=_store(where, store),
        recording=_section(where, "recording", _table_of(where, "recording", told), RecordingSettings),
        options=_options(
            where,
            _section(where, "terms", _table_of(where, "terms", told), TermSettings),
            _accounts(where, _table_of(where, "accounts", told)),
        ),
        sources=_sources(where, sources, environment),
    )


def shown(settings: Settings) -> dict[str, Any]:
    """The settings as plain data, without a secret."""
    doors = msgspec.to_builtins(settings.doors)
    doors["token"] = "set" if settings.doors.token else None
    terms = settings.options.terms
    return {
        "file": None if settings.file is None else str(settings.file),
        "data": str(settings.data),
        "doors": doors,
        "store": {
            "database": place_of(settings.store.url) if settings.store.url else "our own",
            "quote_hours": settings.store.quote_hours,
        },
        "recording": msgspec.to_builtins(settings.recording),
        "terms": {
            "bank": plain_text(terms.bank),
            "unit": plain_text(terms.unit),
            "least_margin": plain_text(terms.least_margin),
            "no_loss": terms.no_loss,
            "commissions": {venue: plain_text(rate) for venue, rate in settings.options.commissions.items()},
        },
        "accounts": msgspec.to_builtins(settings_of(terms.accounts)),
        "sources": [_shown_source(each) for each in settings.sources],
    }


def _shown_source(source: Source) -> dict[str, Any]:
    """What was set about a source; of its secrets only that they are."""
    usual = Source(name="", format="")
    told = {
        field: value
        for field in Source.__struct_fields__
        if (value := getattr(source, field)) != getattr(usual, field)
    }
    for secret in {"key", "token"} & told.keys():
        told[secret] = "set"
    for address in {"url", "socket_url"} & told.keys():
        told[address] = address_shown(told[address], query=False)
    return msgspec.to_builtins(told)  # type: ignore[no-any-return]


def _table(file: Path) -> dict[str, Any]:
    try:
        # Numbers with a point stay text until they are made exact.
        return tomllib.loads(file.read_text(encoding="utf-8"), parse_float=str)
    except FileNotFoundError:
        raise Misconfigured(
            f"{file}: there is no such file; name one with --config, or leave it out"
        ) from None
    except OSError as error:
        raise Misconfigured(f"{file}: cannot be read: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Misconfigured(f"{file}: is not TOML: {error}") from None


def _table_of(where: str, name: str, told: Mapping[str, Any]) -> dict[str, Any]:
    found = told.get(name, {})
    if not isinstance(found, dict):
        raise Misconfigured(f"{where}{name}: write it as a table, under [{name}]")
    return dict(found)


def _known(where: str, section: str, told: Iterable[str], known: Iterable[str]) -> None:
    for unknown in sorted(set(told) - set(known)):
        near = get_close_matches(unknown, known, 1, 0.6)
        advice = f"did you mean {near[0]}?" if near else f"there are {', '.join(sorted(known))}"
        raise Misconfigured(f"{where}{section}{unknown}: is no setting; {advice}")


def _section(where: str, name: str, told: dict[str, Any], kind: type[_Section]) -> _Section:
    fields: tuple[str, ...] = kind.__struct_fields__  # type: ignore[attr-defined]
    _known(where, f"{name}.", told, fields)
    try:
        return msgspec.convert(told, kind, strict=False)
    except msgspec.ValidationError as error:
        what, mark, field = str(error).partition(" - at `$.")
        setting = f"{name}.{field.rstrip('`')}" if mark else name
        raise Misconfigured(f"{where}{setting}: {_in_words(what)}") from None


def _in_words(what: str) -> str:
    """What a decoder says of a wrong type, begun small."""
    return what[:1].lower() + what[1:].replace("`array`", "a list").replace("`object`", "a table")


def _ports(text: str) -> list[int]:
    words = text.replace(",", " ").split()
    if not words or not all(word.isascii() and word.isdigit() for word in words):
        raise Misconfigured("CROSSBOOK_PORTS: write numbers, such as 8000 or 8000,8001")
    return [int(word) for word in words]


def _doors(where: str, told: dict[str, Any]) -> DoorSettings:
    doors = _section(where, "doors", told, DoorSettings)
    for field, wrong in doors.doubts():
        raise Misconfigured(f"{where}doors.{field}: {wrong}")
    return doors


def _store(where: str, told: dict[str, Any]) -> StoreSettings:
    store = _section(where, "store", told, StoreSettings)
    if store.url:
        checked_url(store.url)
    return store


def _accounts(where: str, told: dict[str, Any]) -> Accounts:
    try:
        return accounts_of(told)
    except BadData as error:
        raise Misconfigured(f"{where}{error}") from None


def _options(where: str, told: TermSettings, accounts: Accounts) -> Options:
    terms = Terms(
        _amount(where, "terms.bank", told.bank),
        _amount(where, "terms.unit", told.unit),
        _amount(where, "terms.least_margin", told.least_margin),
        accounts,
        told.no_loss,
    )
    for name, wrong in terms.doubts():
        raise Misconfigured(f"{where}{name if name.startswith('accounts.') else f'terms.{name}'}: {wrong}")
    commissions = {
        venue: _amount(where, f"terms.commissions.{venue}", rate) for venue, rate in told.commissions.items()
    }
    for venue, rate in commissions.items():
        if not 0 <= rate < 1:
            raise Misconfigured(
                f"{where}terms.commissions.{venue}: is a share from 0 to below 1, such as 0.02"
            )
    return Options(terms=terms, commissions=commissions)


def _amount(where: str, setting: str, text: str | int) -> Fraction:
    try:
        return parse_number(str(text))
    except BadData as error:
        raise Misconfigured(f"{where}{setting}: {error}") from None


def _sources(where: str, told: list[dict[str, Any]], environment: Mapping[str, str]) -> tuple[Source, ...]:
    for each in told:
        name = str(each.get("name", "without a name"))[:60]
        _known(where, f"source {name!r}: ", each, Source.__struct_fields__)
    try:
        sources = tuple(source_of(each, environment) for each in told)
    except Misconfigured as error:
        raise Misconfigured(f"{where}{error}") from None
    names = [each.name for each in sources]
    for name in names:
        if names.count(name) > 1:
            raise Misconfigured(
                f"{where}source {name!r}: name: stands twice; give each source a name of its own"
            )
    return sources
