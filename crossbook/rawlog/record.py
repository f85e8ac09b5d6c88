"""Heads and records of a segment: how they are written, and how they are found again among damage."""

from __future__ import annotations

import struct
from typing import Final
from zlib import crc32

import msgspec

from crossbook.base.errors import BadData
from crossbook.model.frame import LARGEST_DATA, Frame, FrameKind

MAGIC: Final = b"CBFRAMES"
VERSION: Final = 1
DATA_LIMIT: Final = LARGEST_DATA
NAME_LIMIT: Final = 1024
"""The most bytes a stream's name may have in UTF-8."""
NEVER: Final = -(1 << 63)
"""The `floor` of a recording's first segment: any time may follow."""

_HEAD: Final = struct.Struct("<8sI16sQqqI")
HEAD_BYTES: Final = _HEAD.size
HEADS: Final = 2 * HEAD_BYTES
"""The head stands twice, so that one damaged byte does not cost a segment."""

_FIXED: Final = struct.Struct("<4sIIIBqH")  # mark, checksum, length, index, kind, received, bytes of the name
_SUMMED: Final = struct.Struct("<IIBqH")  # the same without mark and checksum
_FRONT: Final = struct.Struct("<4sI")
_BEFORE_LENGTH: Final = 12
_AFTER_LENGTH: Final = _FIXED.size - _BEFORE_LENGTH
_SHORTEST: Final = _AFTER_LENGTH
_LONGEST: Final = _AFTER_LENGTH + NAME_LIMIT + DATA_LIMIT
_KINDS: Final = {kind.value: kind for kind in FrameKind}


class Damage(msgspec.Struct, frozen=True):
    """A place in a recording that could not be read: file name and byte offset, and what is wrong there."""

    place: str
    reason: str


class Head(msgspec.Struct, frozen=True):
    """What a segment says of itself.

    `log_id` is the same 16 random bytes in all segments of a recording. `first` is the number of the first frame,
    `created` the time the segment was begun, `floor` the time of the last frame before it (nanoseconds UTC).
    """

    log_id: bytes
    first: int
    created: int
    floor: int

    @property
    def seed(self) -> int:
        """Where the checksums of this segment's records start, so that no other segment's record passes here."""
        return crc32(self.log_id + self.first.to_bytes(8, "little"))

    @property
    def mark(self) -> bytes:
        """The four bytes every record of the recording begins with."""
        return self.log_id[:4]

    def pack(self) -> bytes:
        """The head as it stands in the file, once."""
        front = _HEAD.pack(MAGIC, VERSION, self.log_id, self.first, self.created, self.floor, 0)[:-4]
        return front + crc32(front).to_bytes(4, "little")

    @classmethod
    def parse(cls, data: bytes) -> Head:
        """Read one copy of the head. Raises BadData when these bytes are not a sound one."""
        if len(data) != HEAD_BYTES:
            raise BadData(f"a head has {HEAD_BYTES} bytes, not {len(data)}")
        magic, version, log_id, first, created, floor, checksum = _HEAD.unpack(data)
        if magic != MAGIC:
            raise BadData("not a segment of a recording: it does not begin with CBFRAMES")
        if crc32(data[:-4]) != checksum:
            raise BadData("the head's checksum is wrong")
        if version != VERSION:
            raise BadData(f"the segment's version is {version}; this Crossbook reads version {VERSION}")
        return cls(log_id, first, created, floor)


class Encoder:
    """Makes the records of one segment."""

    def __init__(self, head: Head, index: int = 0) -> None:
        self.index = index
        self._mark, self._seed = head.mark, head.seed
        self._names: dict[str, bytes] = {}

    def encode(self, frame: Frame) -> tuple[bytes, bytes, bytes, bytes]:
        """The next record, in pieces to be joined. Raises BadData when the frame does not fit the format."""
        name = self._names.get(frame.stream)
        if name is None:
            name = self._name(frame.stream)
        data = frame.data
        length = _AFTER_LENGTH + len(name) + len(data)
        if len(data) > DATA_LIMIT:
            raise BadData(f"frame of {frame.stream!r}: data of {len(data)} bytes, the limit is {DATA_LIMIT}")
        try:
            summed = _SUMMED.pack(length, self.index, frame.kind, frame.received, len(name))
        except struct.error as error:
            raise BadData(f"frame of {frame.stream!r}: received or kind out of range ({error})") from None
        checksum = crc32(data, crc32(name, crc32(summed, self._seed)))
        self.index += 1
        return _FRONT.pack(self._mark, checksum), summed, name, data

    def _name(self, stream: str) -> bytes:
        try:
            name = stream.encode()
        except UnicodeEncodeError:
            raise BadData(f"stream {stream!r}: its name cannot be written as UTF-8") from None
        if len(name) > NAME_LIMIT:
            raise BadData(
                f"stream {stream[:40]!r}…: its name has {len(name)} bytes, the limit is {NAME_LIMIT}"
            )
        self._names[stream] = name
        return name


class Scanner:
    """Takes the bytes of a segment after its heads, in order, and gives back the records that are whole and sound.

    Whatever stands between two sound records is told in `damage`, once the second of them is found.
    """

    def __init__(self, head: Head, place: str) -> None:
        self.head = head
        self.damage: list[Damage] = []
        self.next = 0
        """The index the next record should have."""
        self.good = HEADS
        """Offset behind the last sound record."""
        self.end = HEADS
        """Offset behind the last byte that was fed."""
        self._place = place
        self._mark, self._seed = head.mark, head.seed
        self._buffer = bytearray()
        self._needed = 0
        self._names: dict[bytes, str] = {}

    def feed(self, offset: int, data: bytes) -> list[tuple[int, Frame]]:
        """The frames that `data`, which stand at `offset`, make whole, each with its number."""
        found: list[tuple[int, Frame]] = []
        if offset != self.end:  # a piece is missing in between
            found = self._scan(last=True)
            self._buffer.clear()
            self._needed = 0
        self._buffer += data
        self.end = offset + len(data)
        if len(self._buffer) >= self._needed:
            found += self._scan(last=False)
        return found

    def settle(self) -> list[tuple[int, Frame]]:
        """No more bytes for now: sound records behind one that seems to reach beyond the end. May be fed again."""
        return self._scan(last=True)

    def close(self) -> None:
        """No more bytes ever: what is left at the end is damage. Call `settle` before."""
        if self.end > self.good:
            self._tell(self.good, f"the last {self.end - self.good} bytes are not a whole record")
            self.good = self.end

    def _tell(self, offset: int, reason: str) -> None:
        self.damage.append(Damage(f"{self._place}:{offset}", reason))

    def _scan(self, *, last: bool) -> list[tuple[int, Frame]]:
        buffer, mark, seed, first = self._buffer, self._mark, self._seed, self.head.first
        base, size, at = self.end - len(buffer), len(buffer), 0
        found: list[tuple[int, Frame]] = []
        waiting: int | None = None  # where a record begins that seems to reach beyond the end
        self._needed = 0
        with memoryview(buffer) as view:
            while size - at >= len(mark):
                if not buffer.startswith(mark, at):
                    at = buffer.find(mark, at + 1)
                    if at < 0:
                        at = size - len(mark) + 1
                    continue
                end = _stop(buffer, at, size)
                if end > size:
                    if waiting is None:
                        waiting = at
                        self._needed = end - at
                    if not last:
                        break
                if end <= 0 or end > size:
                    at += 1
                    continue
                _, checksum, _, index, kind, received, named = _FIXED.unpack_from(buffer, at)
                body = at + _FIXED.size + named
                if index < self.next or crc32(view[at + 8 : end], seed) != checksum:
                    at += 1
                    continue
                name = self._name(bytes(view[at + _FIXED.size : body]))
                if base + at != self.good or index != self.next:
                    self._skipped(base + at, index)
                data = bytes(view[body:end])
                found.append((first + index, Frame(received, name, _KINDS[kind], data)))
                self.next, self.good, at, waiting = index + 1, base + end, end, None
                self._needed = 0
        del buffer[: at if waiting is None else waiting]
        return found

    def _name(self, raw: bytes) -> str:
        name = self._names.get(raw)
        if name is None:
            name = self._names[raw] = raw.decode(errors="replace")
        return name

    def _skipped(self, offset: int, index: int) -> None:
        lost = index - self.next
        first = self.head.first + self.next
        frames = f"frames {first} to {first + lost - 1} are lost" if lost else "no frame is lost"
        self._tell(self.good, f"{offset - self.good} bytes cannot be read, {frames}")


def _stop(buffer: bytearray, at: int, size: int) -> int:
    """Where the record at `at` ends; beyond `size` when it is not whole; 0 when it cannot be a record."""
    if at + _FIXED.size > size:
        return at + _FIXED.size
    _, _, length, _, kind, _, named = _FIXED.unpack_from(buffer, at)
    if not _SHORTEST <= length <= _LONGEST or named > NAME_LIMIT or kind not in _KINDS:
        return 0
    if length < _AFTER_LENGTH + named:
        return 0
    return at + _BEFORE_LENGTH + int(length)
