"""What a site worker sends, as it comes over the wire: a register message, then odds updates."""

from __future__ import annotations

import re
from typing import Any, Final

import msgspec

from crossbook.base.clock import parse_time
from crossbook.base.errors import BadData
from crossbook.model.odds import Format
from crossbook.venues._odds_pieces import shown

_SITE: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
_LONGEST_NAME: Final = 200
_TYPES: Final = ("worker:register", "odds:update")
_MISSING: Final = re.compile(r"Object missing required field `([^`]*)`(?: - at `\$\.?([^`]*)`)?")
_WRONG: Final = re.compile(r"(.*?) - at `\$\.?([^`]*)`")
_EXPECTED: Final = re.compile(r"Expected `([^`]*)`, got `([^`]*)`")
_WORDS: Final = {"str": "text", "array": "a list", "bool": "true or false", "int": "a whole number"}
_FORMATS: Final = {
    **{form.value: form for form in Format},
    "hk": Format.HONG_KONG,
    "hongkong": Format.HONG_KONG,
    "my": Format.MALAY,
    "indo": Format.INDONESIAN,
    "us": Format.AMERICAN,
}

Fields = dict[str, msgspec.Raw]


class Register(msgspec.Struct, frozen=True, tag_field="type", tag="worker:register"):
    """A worker says who it is; the first message of a connection."""

    worker_id: str
    site: str
    timestamp: str

    def at(self) -> int:
        """The worker's own time of the message, nanoseconds UTC."""
        return _time("timestamp", self.timestamp)


class Data(msgspec.Struct, frozen=True):
    """The matches of an update, each still as it was written, so that a broken one costs only itself.

    With `partial`, matches that are not named stand as they stood; without it they are gone.
    """

    matches: list[msgspec.Raw]
    partial: bool = False


class Update(msgspec.Struct, frozen=True, tag_field="type", tag="odds:update"):
    """The odds that a worker sees now. `sequence` counts its updates where it says so."""

    worker_id: str
    site: str
    timestamp: str
    data: Data
    odds_format: str | None = None
    partial: bool = False
    sequence: int | None = None

    def at(self) -> int:
        """The worker's own time of the message, nanoseconds UTC."""
        return _time("timestamp", self.timestamp)

    def is_partial(self) -> bool:
        """Whether matches that are not named stand as they stood."""
        return self.partial or self.data.partial


class Match(msgspec.Struct, frozen=True):
    """One row of a site: two sides and their markets. All but the names and the odds is optional."""

    home_team: str
    away_team: str
    odds: Fields
    league: str | None = None
    start_time: str | None = None
    suspended: bool = False
    live: bool | None = None
    odds_format: str | None = None


def check(data: bytes) -> Register | Update:
    """One message of a site worker. Raises BadData naming the field that is missing or wrong.

    The matches themselves are not looked into: `problems` names what in them cannot be used.

    >>> check(
    ...     b'{"type":"worker:register","worker_id":"w","site":"sbo","timestamp":"2024-12-10T10:00:00"}'
    ... ).site
    'sbo'
    """
    message: Register | Update = decoded(data, Register | Update, "")
    if not message.worker_id.strip() or len(message.worker_id) > _LONGEST_NAME:
        raise BadData(f"worker_id: has to be a name of 1 to {_LONGEST_NAME} letters")
    if not _SITE.fullmatch(message.site.casefold()):
        raise BadData(
            f"site: {shown(message.site)} is no site; letters, digits, - and _ make one, such as sbo"
        )
    message.at()
    if isinstance(message, Update):
        format_of(message.odds_format, "odds_format", Format.DECIMAL)
    return message


def decoded(data: bytes, shape: Any, path: str) -> Any:
    """Decode one piece of a message. Raises BadData that begins with the path of the field below `path`."""
    try:
        return msgspec.json.decode(data, type=shape)
    except msgspec.ValidationError as error:
        raise BadData(_named(str(error), path)) from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BadData(f"{path or 'message'}: not readable as JSON: {error}") from None
    except RecursionError:
        raise BadData(f"{path or 'message'}: nested too deep") from None


def format_of(word: str | None, path: str, usual: Format) -> Format:
    """The odds format a word names; `usual` where there is none. Raises BadData naming the path."""
    if word is None:
        return usual
    found = _FORMATS.get(word.strip().casefold().replace(" ", "_").replace("-", "_"))
    if found is None:
        known = ", ".join(form.value for form in Format)
        raise BadData(f"{path}: {shown(word)} is no odds format; known are {known}")
    return found


def time_of(path: str, text: str | None) -> int | None:
    """Nanoseconds of a stated time, None when none is stated. Raises BadData naming the path."""
    return None if text is None or not text.strip() else _time(path, text)


def _time(path: str, text: str) -> int:
    try:
        return parse_time(text.strip())
    except (ValueError, OverflowError):
        raise BadData(f"{path}: {shown(text)} is not a time such as 2024-12-10T10:00:30") from None


def _named(reason: str, path: str) -> str:
    """A decoder's reason with the path of the field in front."""
    missing = _MISSING.fullmatch(reason)
    if missing:
        return f"{_joined(path, missing[2], missing[1])}: missing"
    wrong = _WRONG.fullmatch(reason)
    what, where = (wrong[1], wrong[2]) if wrong else (reason, "")
    if where == "type":
        return f"{_joined(path, where)}: has to be {' or '.join(_TYPES)}"
    expected = _EXPECTED.fullmatch(what)
    if expected:
        wanted = " or ".join(_WORDS.get(word, word) for word in expected[1].split(" | ") if word != "null")
        what = f"expected {wanted}, not {_WORDS.get(expected[2], expected[2])}"
    return f"{_joined(path, where) or 'message'}: {what}"


def _joined(*parts: str | None) -> str:
    """A path of these parts; what is empty is left out, and a place in a list needs no point."""
    return ".".join(part for part in parts if part).replace(".[", "[")
