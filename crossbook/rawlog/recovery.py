"""Opening a recording that was left in any state: nothing acknowledged is lost, nothing half-made stays."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgspec

from crossbook.base.errors import Misconfigured
from crossbook.rawlog.record import HEADS, NEVER, Head, Scanner
from crossbook.rawlog.segments import (
    HALF_MADE,
    PACKED,
    PLAIN,
    TORN,
    head_of,
    listing,
    packed_path,
    plain_path,
    read_head,
    source_of,
    sync_data,
    sync_folder,
)

_COPY: Final = 1024 * 1024


class Left(msgspec.Struct, frozen=True, kw_only=True):
    """What was found: where to go on, and what is still to be packed.

    `head` is that of the segment to go on with, None where a new one must be begun; `size` is its length in bytes.
    `next` is the number of the next frame, `floor` the time of the last one. `torn` are the bytes set aside.
    """

    log_id: bytes | None
    head: Head | None
    size: int
    next: int
    floor: int
    torn: int
    to_pack: list[int]


def recover(folder: Path, points: Callable[[str], None]) -> Left:
    """Put the files of a recording in order. The caller holds the folder's lock.

    Raises Misconfigured when the segments are not of one recording, OSError when the disk does not obey.
    """
    for name in os.listdir(folder):  # noqa: PTH208 - names are all that is wanted
        if name.endswith((PLAIN + HALF_MADE, PACKED + HALF_MADE)):
            (folder / name).unlink()
    numbers = listing(folder)
    to_pack = [first for first in numbers[:-1] if plain_path(folder, first).exists()]
    if not numbers:
        return Left(log_id=None, head=None, size=0, next=0, floor=NEVER, torn=0, to_pack=[])
    log_id = _log_id(folder, numbers)
    last = numbers[-1]
    path = plain_path(folder, last)
    if packed_path(folder, last).exists():
        # The packed form of the newest segment: only a copied recording looks like this. It is never written again.
        if path.exists():
            to_pack.append(last)
        else:
            path = packed_path(folder, last)
    scanned = _scan(path)
    if scanned is None:
        if path.name.endswith(PACKED):
            raise Misconfigured(
                f"{path}: its head cannot be read: move this file away to go on with the recording"
            )
        torn = _set_aside(path, 0, points)
        path.unlink()
        sync_folder(folder)
        return Left(
            log_id=log_id,
            head=None,
            size=0,
            next=last,
            floor=_floor(folder, numbers),
            torn=torn,
            to_pack=to_pack,
        )
    scanner, floor = scanned
    if log_id is not None and scanner.head.log_id != log_id:
        raise Misconfigured(f"{path}: belongs to another recording than the other segments of {folder}")
    going_on = path.name.endswith(PLAIN) and last not in to_pack
    torn = 0
    if going_on and scanner.end > scanner.good:
        torn = _set_aside(path, scanner.good, points)
    return Left(
        log_id=scanner.head.log_id,
        head=scanner.head if going_on else None,
        size=scanner.good,
        next=last + scanner.next,
        floor=floor,
        torn=torn,
        to_pack=to_pack,
    )


def _log_id(folder: Path, numbers: list[int]) -> bytes | None:
    """The recording's id as its oldest readable segment but the last says it."""
    for first in numbers[:-1]:
        head = head_of(folder, first)
        if head is not None:
            return head.log_id
    return None


def _floor(folder: Path, numbers: list[int]) -> int:
    """The time of the last frame before the newest segment."""
    for first in numbers[-2:-1]:
        plain = plain_path(folder, first)
        scanned = _scan(plain if plain.exists() else packed_path(folder, first))
        if scanned is not None:
            return scanned[1]
    return NEVER


def _scan(path: Path) -> tuple[Scanner, int] | None:
    """Read a segment through; None when its head cannot be read. Also the time of its last frame."""
    with path.open("rb") as file:
        if path.stat().st_size < HEADS:
            return None
        source = source_of(path, file)
        head, _, piece = read_head(source, path.name)
        if head is None:
            return None
        scanner, floor = Scanner(head, path.name), head.floor
        piece = piece or source.more()
        while piece is not None:
            found = scanner.feed(*piece)
            if found:
                floor = found[-1][1].received
            piece = source.more()
        found = scanner.settle()
        if found:
            floor = found[-1][1].received
        return scanner, floor


def _set_aside(path: Path, good: int, points: Callable[[str], None]) -> int:
    """Keep what stands behind `good` in a file of its own, then cut it off."""
    if path.stat().st_size == good:
        return 0
    aside = path.with_name(f"{path.name.removesuffix(PLAIN)}.{good}{TORN}")
    count = 0
    with path.open("rb") as source, aside.open("wb") as target:
        source.seek(good)
        while data := source.read(_COPY):
            target.write(data)
            count += len(data)
        target.flush()
        sync_data(target.fileno())
    sync_folder(path.parent)
    points("open: set aside")
    if good:
        with path.open("r+b") as file:
            file.truncate(good)
            sync_data(file.fileno())
    points("open: cut")
    return count
