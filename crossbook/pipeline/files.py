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

LARGEST: Final = 512 * 1024 * 1024
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
    for folder, folders, names in os.walk(path):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield from (Path(folder, name) for name in sorted(names) if not name.startswith("."))


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
    if form != "auto":
        if form not in readers:
            raise Misconfigured(f"format: {form!r} is not one of auto, {', '.join(sorted(readers))}")
        return readers[form]
    head = Document(_parts(path), _content(path, _HEAD))
    if not head.data.strip(b"\x00 \t\r\n\xef\xbb\xbf"):
        raise BadData("the file is empty")
    for name in sorted(readers):
        if readers[name].recognises(head):
            return readers[name]
    raise BadData("not a format Crossbook reads")


def _parts(path: Path) -> tuple[str, ...]:
    return path.absolute().parts[-3:]


def _content(path: Path, count: int) -> bytes:
    """The first bytes of a regular file; never waits on a pipe or a device."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):
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
