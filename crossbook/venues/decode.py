"""Bytes to typed values, with errors a person can act on. Readers decode through these and nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import BytesIO, TextIOWrapper
from typing import Any, Final, TypeVar

import msgspec

from crossbook.base.errors import BadData

T = TypeVar("T")
_BOMS = (b"\xff\xfe", b"\xfe\xff")
_MARK: Final = b"\xef\xbb\xbf"
_LINE: Final = re.compile(rb"[^\r\n]*+(?:\r\n?|\n)|[^\r\n]++")


def json_value(data: bytes, shape: type[T] | Any) -> T | Any:
    """Decode JSON into `shape` (numbers into Decimal fields are exact).

    Raises BadData naming the field or the place: truncated, mis-encoded, nested too deep, wrong type.

    >>> json_value(b"[1, 2]", list[int])
    [1, 2]
    """
    if data.startswith(_BOMS):
        raise BadData("encoding: JSON must be UTF-8, this is UTF-16")
    data = data.removeprefix(_MARK)
    if not data.strip():
        raise BadData("the file is empty")
    try:
        return msgspec.json.decode(data, type=shape)
    except msgspec.ValidationError as error:
        raise BadData(f"field: {error}") from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BadData(f"not readable as JSON: {error}") from None
    except RecursionError:
        raise BadData("not readable as JSON: nested too deep") from None


def text_lines(data: bytes) -> Iterator[str]:
    """The lines of a text that may be UTF-8 (with or without a mark), an old Windows encoding, or a mixture of both.

    Line ends are left as they are. A line that is not UTF-8 costs no other line its letters. Raises BadData when it is
    neither: UTF-16, or bytes that are no text at all.

    >>> list(text_lines("Köln\\n".encode() + b"K\\xf6ln"))
    ['Köln\\n', 'Köln']
    """
    if data.startswith(_BOMS) or b"\x00" in data[:4096]:
        raise BadData("encoding: neither UTF-8 nor Windows-1252 text")
    try:
        data.decode()
    except UnicodeDecodeError:
        return (_text(found[0]) for found in _LINE.finditer(data.removeprefix(_MARK)))
    return TextIOWrapper(BytesIO(data), "utf-8-sig", newline="")


def _text(line: bytes) -> str:
    try:
        return line.decode()
    except UnicodeDecodeError:
        return line.decode("cp1252", errors="replace")
