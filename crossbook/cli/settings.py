"""Settings: a TOML file, and the environment over it. Every mistake is named with its setting."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any, Final, TypeVar

import msgspec

from crossbook.api.settings import DoorSettings
from crossbook.arbitrage.terms import Terms
from crossbook.base.errors import BadData, Misconfigured
from crossbook.base.exact import parse_number
from crossbook.collect.sources import Source, source_of
from crossbook.pipeline.options import Options
from crossbook.store.embedded import default_place

FILE: Final = "crossbook.toml"
_Section = TypeVar("_Section")


class TermSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What counts as an opportunity, and the money that stakes are planned for; numbers as text or whole."""

    bank: str | int = 100
    unit: str | int = 1
    least_margin: str | int = 0
    commissions: dict[str, str | int] = {}


class RecordingSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is kept of the raw frames: whether any, and for how many days and gigabytes at most."""

    keep: bool = True
    days: float = 30.0
    gigabytes: float = 20.0


class StoreSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The database: the address of a PostgreSQL (empty for our own), and how many hours of quotes it keeps."""

    url: str = ""
    quote_hours: int = 6


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
    sections = {"data", "doors", "store", "recording", "terms", "sources"}
    for unknown in sorted(told.keys() - sections):
        raise Misconfigured(f"{where}{unknown}: is no setting; there are {', '.join(sorted(sections))}")
    doors = dict(told.get("doors", {}))
    if environment.get("CROSSBOOK_HOST"):
        doors["host"] = environment["CROSSBOOK_HOST"]
    if environment.get("CROSSBOOK_PORTS"):
        doors["ports"] = environment["CROSSBOOK_PORTS"].replace(",", " ").split()
    if environment.get("CROSSBOOK_TOKEN"):
        doors["token"] = environment["CROSSBOOK_TOKEN"]
    store = dict(told.get("store", {}))
    if environment.get("CROSSBOOK_DATABASE_URL"):
        store["url"] = environment["CROSSBOOK_DATABASE_URL"]
    data = environment.get("CROSSBOOK_DATA") or told.get("data")
    sources = told.get("sources", [])
    if not isinstance(sources, list) or not all(isinstance(each, dict) for each in sources):
        raise Misconfigured(f"{where}sources: write each source as a table of its own, under [[sources]]")
    return Settings(
        file=file,
        data=Path(data) if data else default_place(),
        doors=_section(where, "doors", doors, DoorSettings),
        store=_section(where, "store", store, StoreSettings),
        recording=_section(where, "recording", told.get("recording", {}), RecordingSettings),
        options=_options(where, _section(where, "terms", told.get("terms", {}), TermSettings)),
        sources=_sources(sources, environment),
    )


def shown(settings: Settings) -> dict[str, Any]:
    """The settings as plain data, without a secret."""
    doors = msgspec.to_builtins(settings.doors)
    doors["token"] = "set" if settings.doors.token else None
    return {
        "file": None if settings.file is None else str(settings.file),
        "data": str(settings.data),
        "doors": doors,
        "store": {
            "database": "at CROSSBOOK_DATABASE_URL" if settings.store.url else "our own",
            "quote_hours": settings.store.quote_hours,
        },
        "recording": msgspec.to_builtins(settings.recording),
        "sources": [{"name": each.name, "format": each.format} for each in settings.sources],
    }


def _table(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise Misconfigured(
            f"{file}: there is no such file; name one with --config, or leave it out"
        ) from None
    except OSError as error:
        raise Misconfigured(f"{file}: cannot be read: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Misconfigured(f"{file}: is not TOML: {error}") from None


def _section(where: str, name: str, told: Any, kind: type[_Section]) -> _Section:
    try:
        return msgspec.convert(told, kind, strict=False)
    except msgspec.ValidationError as error:
        what, mark, field = str(error).partition(" - at `$.")
        setting = f"{name}.{field.rstrip('`')}" if mark else name
        raise Misconfigured(f"{where}{setting}: {what}") from None


def _options(where: str, told: TermSettings) -> Options:
    terms = Terms(
        _amount(where, "terms.bank", told.bank),
        _amount(where, "terms.unit", told.unit),
        _amount(where, "terms.least_margin", told.least_margin),
    )
    if terms.unit <= 0 or terms.bank < terms.unit:
        raise Misconfigured(f"{where}terms.unit: has to be above 0, and terms.bank at least one unit")
    commissions = {
        venue: _amount(where, f"terms.commissions.{venue}", rate) for venue, rate in told.commissions.items()
    }
    for venue, rate in commissions.items():
        if rate >= 1:
            raise Misconfigured(f"{where}terms.commissions.{venue}: is a share below 1, such as 0.02")
    return Options(terms=terms, commissions=commissions)


def _amount(where: str, setting: str, text: str | int) -> Fraction:
    try:
        number = parse_number(str(text))
    except BadData as error:
        raise Misconfigured(f"{where}{setting}: {error}") from None
    if number < 0:
        raise Misconfigured(f"{where}{setting}: must not be below 0")
    return number


def _sources(told: list[dict[str, Any]], environment: Mapping[str, str]) -> tuple[Source, ...]:
    sources = tuple(source_of(each, environment) for each in told)
    names = [each.name for each in sources]
    for name in names:
        if names.count(name) > 1:
            raise Misconfigured(f"source {name!r}: name: stands twice; give each source a name of its own")
    return sources
