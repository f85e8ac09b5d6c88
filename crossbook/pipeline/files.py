"""Files as documents: found below the given paths, unpacked with care, recognised by a reader."""

from __future__ import annotations

import bz2
import gzip
import os
import stat
import zlib
from collections.abc import Iterable, Iterator, Mapping
from io import BufferedIOBase
from pathlib import Path
from typing import Final

from crossbook.base.errors import BadData, Misconfigured
from crossbook.venues.reader import Document, Reader

LARGEST: Final = 256 * 1024 * 1024
"""A document larger than this, unpacked, is refused."""
_HEAD: Final = 64 * 1024


def files_below(paths: Iterable[Path]) -> Iterator[Path]:
    """Every file at or below the paths, each once, in a stable order; hidden files are passed over."""
    seen: set[Path] = set()
    for path in paths:
        for found in _walk(path):
            identity = Path(os.path.realpath(found))
            if identity not in seen:
                seen.add(identity)
                yield found


def _walk(path: Path) -> Iterator[Path]:
    if not os.path.isdir(path):  # noqa: PTH112 - pathlib's raises on names that no file can have
        yield path
        return
    closed: list[Path] = []
    for folder, folders, names in os.walk(path, onerror=lambda error: closed.append(Path(error.filename))):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield from (Path(folder, name) for name in sorted(names) if not name.startswith("."))
    yield from sorted(closed)  # reading them will say why


def read_document(path: Path, limit: int = LARGEST) -> Document:
    """The file's content, unpacked where it is packed. Raises BadData when it cannot be had or is too large."""
    data = _content(path, limit + 1)
    if len(data) > limit:
        raise BadData(f"larger than {limit // 1024 // 1024} MiB")
    return Document(_parts(path), data)


def reader_of(path: Path, readers: Mapping[str, Reader], form: str = "auto") -> Reader:
    """The reader for a file: the one of the named format, or the first that recognises it.

    Raises BadData when no reader does, Misconfigured when the format does not exist.
    """
    check_format(form, readers)
    if form != "auto":
        return readers[form]
    head = Document(_parts(path), _content(path, _HEAD))
    if not head.data.strip(b"\x00 \t\r\n\xef\xbb\xbf"):
        raise BadData("the file is empty")
    for name in sorted(readers):
        if readers[name].recognises(head):
            return readers[name]
    raise BadData("not a format Crossbook reads")


def check_format(form: str, readers: Mapping[str, Reader]) -> None:
    """Raises Misconfigured when the format does not exist."""
    if form != "auto" and form not in readers:
        raise Misconfigured(f"format: {form!r} is not one of auto, {', '.join(sorted(readers))}")


def size_of(path: Path) -> int:
    """Bytes of the file as it lies there, 0 where nothing can be known of it."""
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _parts(path: Path) -> tuple[str, ...]:
    return tuple(printable(part) for part in path.absolute().parts[-3:])


def printable(path: Path | str) -> str:
    """The path as text that can be written anywhere: bytes that are no text are spelled out."""
    return os.fsencode(path).decode(errors="backslashreplace")


def _content(path: Path, count: int) -> bytes:
    """The first bytes of a regular file; never waits on a pipe or a device."""
    try:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            next(path.iterdir(), None)  # says why, where it is a folder that could not be read through
        if not stat.S_ISREG(mode):
            raise BadData("not a regular file")
        with path.open("rb") as plain:
            magic = plain.read(3)
        with _opened(path, magic) as stream:
            return stream.read(count)
    except FileNotFoundError:
        raise BadData("no such file") from None
    except (OSError, EOFError, zlib.error) as error:
        raise BadData(f"cannot be read: {getattr(error, 'strerror', None) or error}") from None


def _opened(path: Path, magic: bytes) -> BufferedIOBase:
    if magic == b"BZh":
        return bz2.BZ2File(path)
    return gzip.GzipFile(path) if magic.startswith(b"\x1f\x8b") else path.open("rb")
