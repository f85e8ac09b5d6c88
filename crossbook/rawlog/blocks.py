"""Packed segments: the bytes of a plain one in blocks that are compressed and checked each on its own."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import IO, Final
from zlib import crc32

import zstandard

from crossbook.base.errors import BadData
from crossbook.rawlog.record import HEAD_BYTES, HEADS, Damage

BLOCK: Final = 1024 * 1024
"""The most bytes of a segment in one block."""
_LEVEL: Final = 3
# A skippable frame of zstd: `zstd -d` passes over it. Then where the content belongs, its size, the packed size, the
# checksum of the packed bytes, and the checksum of all this.
_FRONT: Final = struct.Struct("<IIQIII")
_MAGIC: Final = 0x184D2A5C
_START: Final = struct.pack("<II", _MAGIC, _FRONT.size - 4)
_FRONT_BYTES: Final = _FRONT.size + 4
_PACKED_LIMIT: Final = 2 * BLOCK


def pack(plain: IO[bytes], packed: IO[bytes]) -> None:
    """Write the segment `plain` into `packed`. Raises OSError when reading or writing fails."""
    compressor = zstandard.ZstdCompressor(level=_LEVEL, write_checksum=True, write_content_size=True)
    offset = 0
    for content in _contents(plain):
        data = compressor.compress(content)
        packed.write(_front(offset, len(content), data) + data)
        offset += len(content)
    packed.write(_front(offset, 0, b""))


def _front(offset: int, content: int, data: bytes) -> bytes:
    front = _FRONT.pack(_MAGIC, _FRONT.size - 4, offset, content, len(data), crc32(data))
    return front + crc32(front).to_bytes(4, "little")


def _contents(plain: IO[bytes]) -> Iterator[bytes]:
    """Each head alone, then blocks that begin with a record wherever one begins within them."""
    first = plain.read(HEAD_BYTES)
    yield first
    mark = first[12:16]
    yield plain.read(HEADS - HEAD_BYTES)
    rest = b""
    while data := plain.read(BLOCK - len(rest)):
        rest += data
        cut = rest.rfind(mark, 1) if len(rest) == BLOCK else len(rest)
        if cut < 1:
            cut = len(rest)
        yield rest[:cut]
        rest = rest[cut:]
    if rest:
        yield rest


class Unpacker:
    """Reads a packed segment piece by piece. What cannot be read is told in `damage` and left out."""

    def __init__(self, packed: IO[bytes], place: str) -> None:
        self.damage: list[Damage] = []
        self._file = packed
        self._place = place
        self._at = 0
        self._done = False
        self._decompressor = zstandard.ZstdDecompressor()

    def more(self) -> tuple[int, bytes] | None:
        """The next piece and its offset in the plain segment; None at the end."""
        while not self._done:
            front = self._read(self._at, _FRONT_BYTES)
            known = _parse_front(front)
            if known is None:
                self._seek_front(front)
                continue
            offset, content, packed, checksum = known
            start, self._at = self._at, self._at + _FRONT_BYTES + packed
            if not content:
                self._done = True
                if self._read(self._at, 1):
                    self._tell(self._at, "there are bytes behind the end mark")
                break
            data = self._read(start + _FRONT_BYTES, packed)
            try:
                return offset, self._unpack(data, content, checksum)
            except BadData as error:
                self._tell(start, str(error))
                # The front may be sound and the block cut short; another block may begin inside.
                if len(data) < packed:
                    self._at = start + _FRONT_BYTES
        return None

    def _unpack(self, data: bytes, content: int, checksum: int) -> bytes:
        if crc32(data) != checksum:
            raise BadData(f"the checksum of a block is wrong, {content} bytes of the segment are lost")
        try:
            plain = self._decompressor.decompress(data, max_output_size=content, allow_extra_data=False)
        except zstandard.ZstdError as error:
            raise BadData(f"a block cannot be unpacked ({error})") from None
        if len(plain) != content:
            raise BadData(f"a block holds {len(plain)} bytes where {content} were promised")
        return plain

    def _seek_front(self, front: bytes) -> None:
        """Go on to the next place where a block begins."""
        start = self._at
        if not front:
            self._tell(start, "the file ends without its end mark")
            self._done = True
            return
        at = start + 1
        while data := self._read(at, BLOCK):
            near = data.find(_START)
            while near >= 0:
                if _parse_front(self._read(at + near, _FRONT_BYTES)) is not None:
                    self._at = at + near
                    self._tell(start, f"{self._at - start} bytes between two blocks cannot be read")
                    return
                near = data.find(_START, near + 1)
            if len(data) < BLOCK:
                break
            at += BLOCK - len(_START) + 1
        self._tell(start, "the rest of the file cannot be read")
        self._done = True

    def _read(self, at: int, count: int) -> bytes:
        self._file.seek(at)
        return self._file.read(count)

    def _tell(self, offset: int, reason: str) -> None:
        self.damage.append(Damage(f"{self._place}:{offset}", reason))


def _parse_front(front: bytes) -> tuple[int, int, int, int] | None:
    if len(front) != _FRONT_BYTES or not front.startswith(_START):
        return None
    if crc32(front[:-4]).to_bytes(4, "little") != front[-4:]:
        return None
    _, _, offset, content, packed, checksum = _FRONT.unpack_from(front)
    if content > BLOCK or packed > _PACKED_LIMIT or (content == 0) != (packed == 0):
        return None
    return int(offset), int(content), int(packed), int(checksum)
