"""The reader of a recording: frames in order, groups of frames up to each tick, and what a recording holds."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from io import BufferedReader
from pathlib import Path

import msgspec

from crossbook.base.errors import Misconfigured
from crossbook.model.frame import Frame, FrameKind, StreamInfo
from crossbook.rawlog.record import Damage, Scanner
from crossbook.rawlog.segments import (
    PACKED,
    first_of,
    listing,
    packed_path,
    plain_path,
    read_head,
    size,
    source_of,
)


class Batch(msgspec.Struct, frozen=True, kw_only=True):
    """The frames that were applied together, each with its number, and the tick that ended them.

    `tick` and `number` are None for frames behind the last tick. Frames named in `dropped` were never read when
    this was recorded and are left out of `frames`; the records that say so are in it, in their place.
    """

    frames: tuple[tuple[int, Frame], ...]
    tick: Frame | None
    number: int | None
    dropped: tuple[int, ...] = ()


class Info(msgspec.Struct, frozen=True, kw_only=True):
    """What a recording holds. Times are nanoseconds UTC, None without frames; `streams` gives each its format."""

    first: int | None
    last: int | None
    frames: int
    ticks: int
    dropped: int
    streams: dict[str, str]
    data_bytes: int
    disk_bytes: int
    damage: tuple[Damage, ...]
    tail: int


class Reading:
    """One walk through a recording: a folder, or one segment of it. Iterating again starts anew.

    A recording that another process writes is read up to its last whole record; nothing is locked. What cannot be
    read is never given out and stands in `damage`; `tail` are the bytes behind the last whole record of the newest
    segment: being written just now, or torn. Raises Misconfigured when there is nothing to read at the path.

    Where the oldest segments were given up, streams may have been opened in them: frames of such a stream are given
    out, and `damage` says once that nobody can read them.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.damage: list[Damage] = []
        self.tail = 0
        self._expected: int | None = None
        self._log_id: bytes | None = None
        self._oldest = path
        self.begins = 0
        """The number the first segment begins with: above 0 where earlier ones were given up."""

    def log_id(self) -> bytes:
        """The recording's own id. Raises Misconfigured when there is nothing to read."""
        for _ in self:
            break
        if self._log_id is None:
            raise Misconfigured(f"{self.path}: holds nothing that can be read")
        return self._log_id

    def __iter__(self) -> Iterator[tuple[int, Frame]]:
        """Every frame with its number, in order."""
        self.damage.clear()
        self.tail, self._expected, self._log_id, self.begins = 0, None, None, 0
        if not self.path.is_dir():
            first = first_of(self.path.name)
            if first is None or not self.path.is_file():
                raise Misconfigured(
                    f"{self.path}: neither a recording's folder nor a .frames or .frames.zst file"
                )
            with self.path.open("rb") as file:
                yield from self._segment(self.path, file, first, folder=None)
            return
        following = listing(self.path)
        if not following:
            raise Misconfigured(f"{self.path}: holds no recording (no .frames or .frames.zst file)")
        yield from self._watched(self._walk(following)) if following[0] else self._walk(following)

    def _walk(self, following: list[int]) -> Iterator[tuple[int, Frame]]:
        while following:
            first = following[0]
            opened = self._open(first)
            if opened is not None:
                path, file = opened
                with file:
                    yield from self._segment(path, file, first, folder=self.path)
            following = _behind(self.path, first)

    def _watched(self, walk: Iterator[tuple[int, Frame]]) -> Iterator[tuple[int, Frame]]:
        """The frames, until one cannot be understood because its stream was opened in what was given up."""
        opened: set[str] = set()
        for number, frame in walk:
            if frame.kind is FrameKind.OPENED:
                opened.add(frame.stream)
            elif frame.kind is FrameKind.DATA and frame.stream not in opened:
                self._tell(
                    self._oldest,
                    f"frames before {self.begins} were given up: streams opened there, such as {frame.stream!r}, "
                    "cannot be read until they open again",
                )
                yield number, frame
                break
            yield number, frame
            if frame.kind is FrameKind.BEGAN:
                break  # from here on no stream is open that is not opened again
        yield from walk

    def _open(self, first: int) -> tuple[Path, BufferedReader] | None:
        """The segment, plain or packed; None when it was given up meanwhile."""
        for path in (plain_path(self.path, first), packed_path(self.path, first)):
            with contextlib.suppress(FileNotFoundError):
                return path, path.open("rb")
        return None

    def _segment(
        self, path: Path, file: BufferedReader, first: int, folder: Path | None
    ) -> Iterator[tuple[int, Frame]]:
        source = source_of(path, file)
        head, damage, piece = read_head(source, path.name)
        self._take(source.damage)
        self.damage += damage
        if head is None or head.first != first:
            if head is not None:
                self._tell(path, f"its name says its first frame is {first}, its head says {head.first}")
            return
        if self._log_id not in (None, head.log_id):
            self._tell(path, "belongs to another recording")
            return
        if self._log_id is None:
            self.begins, self._oldest = first, path
        self._log_id = head.log_id
        if self._expected is not None and first < self._expected:
            self._tell(path, f"begins again with frame {first}, {self._expected} was to come: left out")
            return
        if self._expected is not None and first > self._expected:
            self._tell(path, f"frames {self._expected} to {first - 1} are missing before it")
        scanner = Scanner(head, path.name)
        closed = path.name.endswith(PACKED)
        while True:
            piece = piece or source.more()
            while piece is not None:
                yield from scanner.feed(*piece)
                self._take(scanner.damage)
                piece = source.more()
            yield from scanner.settle()
            self._take(source.damage)
            self._take(scanner.damage)
            if closed or folder is None or not _behind(folder, first):
                break
            # A newer segment exists, so nothing more comes here; but something may have come since the last look.
            closed = True
        self._expected = first + scanner.next
        if closed:
            scanner.close()
            self._take(scanner.damage)
        else:
            self.tail = scanner.end - scanner.good

    def _take(self, damage: list[Damage]) -> None:
        self.damage += damage
        damage.clear()

    def _tell(self, path: Path, reason: str) -> None:
        self.damage.append(Damage(f"{path.name}:0", reason))


def _behind(folder: Path, first: int) -> list[int]:
    return [number for number in listing(folder) if number > first]


def frames(path: Path) -> Iterator[tuple[int, Frame]]:
    """Every readable frame with its number. Use a `Reading` to learn what could not be read.

    Raises Misconfigured when there is nothing to read at the path.
    """
    return iter(Reading(path))


def ticks(recording: Path | Reading) -> Iterator[Batch]:
    """The frames in groups, each up to and with its tick; those behind the last tick come last, without one.

    Raises Misconfigured as `Reading` does. A dropped frame that is not in its group is told in the reading's damage,
    unless it was given up.
    """
    reading = recording if isinstance(recording, Reading) else Reading(recording)
    group: dict[int, Frame] = {}
    dropped: list[int] = []
    for number, frame in reading:
        if frame.kind is FrameKind.TICK:
            yield Batch(frames=tuple(group.items()), tick=frame, number=number, dropped=tuple(dropped))
            group, dropped = {}, []
        elif frame.kind is FrameKind.DROPPED:
            named = int(frame.data) if frame.data.isdigit() and len(frame.data) <= 20 else -1
            dropped.append(named)
            group[number] = frame
            if group.pop(named, None) is None and not 0 <= named < reading.begins:
                reading.damage.append(
                    Damage(
                        f"frame {number}", f"names {frame.data[:20]!r} as dropped, which is not in its group"
                    )
                )
        else:
            group[number] = frame
    if group or dropped:
        yield Batch(frames=tuple(group.items()), tick=None, number=None, dropped=tuple(dropped))


def info(path: Path) -> Info:
    """Read a recording through and say what it holds. Raises Misconfigured when there is nothing to read."""
    reading = Reading(path)
    first = last = None
    counts = dict.fromkeys(FrameKind, 0)
    data_bytes = 0
    streams: dict[str, str] = {}
    for _, frame in reading:
        first = frame.received if first is None else first
        last = frame.received
        counts[frame.kind] += 1
        data_bytes += len(frame.data)
        if frame.kind is FrameKind.OPENED:
            with contextlib.suppress(msgspec.MsgspecError):
                streams[frame.stream] = msgspec.json.decode(frame.data, type=StreamInfo).format
        elif frame.stream:
            streams.setdefault(frame.stream, "")
    return Info(
        first=first,
        last=last,
        frames=sum(counts.values()),
        ticks=counts[FrameKind.TICK],
        dropped=counts[FrameKind.DROPPED],
        streams=dict(sorted(streams.items())),
        data_bytes=data_bytes,
        disk_bytes=size(path) if path.is_dir() else path.stat().st_size,
        damage=tuple(reading.damage),
        tail=reading.tail,
    )
