"""The files of a recording: their names, their sizes, how they are packed, and which are given up."""

from __future__ import annotations

import contextlib
import fcntl
import os
import sys
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import IO, Final, Protocol
from zlib import crc32

from crossbook.base.errors import BadData, Misconfigured
from crossbook.rawlog.blocks import BLOCK, Unpacker, pack
from crossbook.rawlog.record import HEAD_BYTES, HEADS, Damage, Head

PLAIN: Final = ".frames"
PACKED: Final = ".frames.zst"
HALF_MADE: Final = ".new"
TORN: Final = ".torn"
_DIGITS: Final = 20


def nothing(point: str) -> None:
    """Called at the named points of the writer's work; tests give something else."""


def sync_data(file: int) -> None:
    """Wait until the bytes of an open file are on the disk."""
    if sys.platform == "darwin":
        os.fsync(file)
    else:
        os.fdatasync(file)


def sync_folder(folder: Path) -> None:
    """Wait until the names in a folder are on the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def lock_folder(folder: Path) -> int:
    """An open folder that nobody else writes to. Raises Misconfigured."""
    try:
        if not folder.is_dir():
            folder.mkdir(parents=True, exist_ok=True)
            sync_folder(folder.parent)
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        raise Misconfigured(f"{folder}: cannot be used for a recording ({error.strerror})") from error
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(handle)
        raise Misconfigured(f"{folder}: another process records here: give each its own folder") from error
    return handle


def plain_path(folder: Path, first: int) -> Path:
    """The segment being written, or not yet packed, whose first frame is number `first`."""
    return folder / f"{first:0{_DIGITS}d}{PLAIN}"


def packed_path(folder: Path, first: int) -> Path:
    """The closed segment whose first frame is number `first`."""
    return folder / f"{first:0{_DIGITS}d}{PACKED}"


def first_of(name: str) -> int | None:
    """The number in a segment's name; None when it is not the name of a segment."""
    for ending in (PLAIN, PACKED):
        digits = name.removesuffix(ending)
        if digits != name and len(digits) == _DIGITS and digits.isascii() and digits.isdigit():
            return int(digits)
    return None


def listing(folder: Path) -> list[int]:
    """The numbers of all segments, oldest first. Raises Misconfigured when the folder cannot be read."""
    try:
        names = os.listdir(folder)  # noqa: PTH208 - names are all that is wanted
    except OSError as error:
        raise Misconfigured(f"{folder}: not a folder that can be read ({error.strerror})") from error
    return sorted({first for name in names if (first := first_of(name)) is not None})


class Source(Protocol):
    """The bytes of a segment in order, in pieces, each with its offset in the plain segment."""

    damage: list[Damage]

    def more(self) -> tuple[int, bytes] | None:
        """The next piece; None at the end, where a segment being written may have more to say later."""
        ...


class PlainSource:
    """A segment that is not packed."""

    def __init__(self, file: IO[bytes]) -> None:
        self.damage: list[Damage] = []
        self._file = file
        self._at = 0

    def more(self) -> tuple[int, bytes] | None:
        """The next piece; a head always stands alone."""
        size = HEAD_BYTES if self._at < HEADS else BLOCK
        self._file.seek(self._at)
        data = self._file.read(size)
        if not data:
            return None
        offset, self._at = self._at, self._at + len(data)
        return offset, data


def source_of(path: Path, file: IO[bytes]) -> Source:
    """The right source for an open segment, by its name."""
    return Unpacker(file, path.name) if path.name.endswith(PACKED) else PlainSource(file)


def read_head(source: Source, place: str) -> tuple[Head | None, list[Damage], tuple[int, bytes] | None]:
    """The head, what is wrong with its copies, and the first piece behind them if one had to be read."""
    head: Head | None = None
    damage: list[Damage] = []
    seen = 0
    while seen < HEADS:
        piece = source.more()
        if piece is None or piece[0] >= HEADS:
            if head is None or piece is not None:
                damage.append(Damage(f"{place}:{seen}", "a copy of the head is missing"))
            return head, damage, piece
        offset, data = piece
        seen = offset + len(data)
        try:
            copy = Head.parse(data)
        except BadData as error:
            damage.append(Damage(f"{place}:{offset}", f"{error}"))
        else:
            head = head or copy
    return head, damage, None


def head_of(folder: Path, first: int) -> Head | None:
    """The head of a segment of the folder; None when it is gone or cannot be read."""
    for path in (plain_path(folder, first), packed_path(folder, first)):
        with contextlib.suppress(FileNotFoundError), path.open("rb", buffering=0) as file:
            head, _, _ = read_head(source_of(path, file), path.name)
            if head is not None:
                return head
    return None


def same(plain: Path, packed: Path) -> bool:
    """Whether a packed segment is sound and holds exactly the bytes of the plain one."""
    with plain.open("rb") as file:
        checksum, size = 0, 0
        while data := file.read(BLOCK):
            checksum, size = crc32(data, checksum), size + len(data)
    with packed.open("rb") as file:
        source = Unpacker(file, packed.name)
        found, at = 0, 0
        while piece := source.more():
            if piece[0] != at:
                return False
            found, at = crc32(piece[1], found), at + len(piece[1])
    return not source.damage and (found, at) == (checksum, size)


def pack_segment(folder: Path, first: int, points: Callable[[str], None] = nothing) -> None:
    """Replace a closed plain segment by its packed form. Safe to be killed at any moment and done again.

    Raises OSError when it cannot be written or read back, with the plain segment left as it was.
    """
    plain, packed = plain_path(folder, first), packed_path(folder, first)
    if not plain.exists():
        return
    if packed.exists() and not same(plain, packed):
        packed.unlink()
    if not packed.exists():
        half_made = packed.with_name(packed.name + HALF_MADE)
        try:
            with plain.open("rb") as source, half_made.open("wb") as target:
                pack(source, target)
                points("pack: written")
                target.flush()
                sync_data(target.fileno())
            if not same(plain, half_made):
                raise OSError(f"{half_made}: not read back as it was written")
            half_made.rename(packed)
        except OSError:
            half_made.unlink(missing_ok=True)
            raise
        points("pack: renamed")
        sync_folder(folder)
    plain.unlink(missing_ok=True)
    points("pack: done")


def size(folder: Path) -> int:
    """Bytes on disk of all segments of a recording. Raises Misconfigured when the folder cannot be read."""
    return sum(bytes_of(folder, first) for first in listing(folder))


def bytes_of(folder: Path, first: int) -> int:
    """Bytes on disk of one segment, in both its forms; 0 when it is gone."""
    total = 0
    for path in (plain_path(folder, first), packed_path(folder, first)):
        with contextlib.suppress(FileNotFoundError):
            total += path.stat().st_size
    return total


def retain(folder: Path, *, keep_bytes: int | None = None, older_than: int | None = None) -> list[int]:
    """Give up the oldest packed segments and return their numbers.

    While the recording is larger than `keep_bytes`, or while the oldest segment's last frame was received before
    `older_than` (nanoseconds UTC). The newest segment and the one before it always stay, so that a replay finds more
    than what came since the last rotation; so do segments that are not packed yet. While a `RawLog` writes here, ask
    its own `retain`. Raises Misconfigured without a rule.
    """
    return [first for first, _ in give_up(folder, keep_bytes=keep_bytes, older_than=older_than)]


def give_up(
    folder: Path, *, keep_bytes: int | None = None, older_than: int | None = None
) -> list[tuple[int, int]]:
    """What `retain` does; also how many bytes each segment had."""
    if keep_bytes is None and older_than is None:
        raise Misconfigured("retain: give keep_bytes or older_than")
    numbers = listing(folder)
    total = sum(bytes_of(folder, first) for first in numbers)
    gone: list[tuple[int, int]] = []
    for first, following in pairwise(numbers[:-1]):
        if plain_path(folder, first).exists():
            break
        old = False
        if older_than is not None:
            head = head_of(folder, following)
            old = head is not None and head.floor < older_than
        if not old and (keep_bytes is None or total <= keep_bytes):
            break
        freed = bytes_of(folder, first)
        total -= freed
        packed_path(folder, first).unlink(missing_ok=True)
        gone.append((first, freed))
    if gone:
        sync_folder(folder)
    return gone
