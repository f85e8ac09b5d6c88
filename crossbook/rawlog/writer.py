"""The writer of a recording: append in memory, flush to the file, sync to the disk, rotate, pack."""

from __future__ import annotations

import contextlib
import os
import threading
from collections import deque
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from crossbook.base.clock import SECOND, Clock
from crossbook.base.errors import BadData, Misconfigured, Refused, Retry
from crossbook.model.frame import Frame
from crossbook.rawlog.record import HEADS, NEVER, Encoder, Head
from crossbook.rawlog.recovery import recover
from crossbook.rawlog.segments import (
    HALF_MADE,
    bytes_of,
    give_up,
    lock_folder,
    nothing,
    pack_segment,
    plain_path,
    size,
    sync_data,
    sync_folder,
)

_LARGEST_SEGMENT: Final = 1 << 32
_AGAIN: Final = SECOND
"""So long (nanoseconds) after a segment could not be begun the next attempt is made."""


class RawLog:
    """Writes a recording. One writer per folder; one thread at a time may call it.

    A segment is closed when it has `segment_bytes` or is `segment_age_s` old, and packed in the background.
    Bytes that were flushed are brought to the disk at least every `sync_s` seconds, never in the caller's thread
    unless it calls `sync`. While the disk takes nothing, up to `most_waiting_bytes` wait in memory.

    Opening raises Misconfigured when another writer has the folder or the folder cannot be used, Retry when the disk
    is full or fails. `write_bytes` is the most that is handed to the system at once; `points` is called at the named
    points of the work.
    """

    def __init__(
        self,
        folder: Path,
        *,
        clock: Clock,
        segment_bytes: int = 64 * 1024 * 1024,
        segment_age_s: float = 3600,
        sync_s: float = 1.0,
        write_bytes: int = 8 * 1024 * 1024,
        most_waiting_bytes: int = 64 * 1024 * 1024,
        points: Callable[[str], None] = nothing,
    ) -> None:
        if not 0 < segment_bytes <= _LARGEST_SEGMENT:
            raise Misconfigured(f"segment_bytes is {segment_bytes}: give 1 to {_LARGEST_SEGMENT}")
        if segment_age_s <= 0 or sync_s <= 0 or write_bytes <= 0 or most_waiting_bytes <= 0:
            raise Misconfigured(
                "segment_age_s, sync_s, write_bytes and most_waiting_bytes must be above zero"
            )
        self.folder = folder
        self.torn = 0
        """Bytes of a torn tail that opening has set aside."""
        self.fault: str | None = None
        """What last went wrong in the background; None when the last attempt went well."""
        self.segments = 1
        """How many segments this writer has written to: one more whenever a new one has begun. What a later frame
        needs to be understood must then be said again, for the segments before may be given up."""
        self._clock, self._points = clock, points
        self._segment_bytes, self._segment_age = segment_bytes, int(segment_age_s * SECOND)
        self._sync_s, self._write_bytes = sync_s, write_bytes
        self._most_waiting_bytes = most_waiting_bytes
        self._parts: list[bytes] = []
        self._waiting = self._waiting_bytes = 0
        self._file = -1
        # The caller sets these and the background takes them back before it acts, so neither waits for the other.
        self._dirty = self._folder_dirty = False
        self._retired: deque[tuple[int, int]] = deque()
        self._rotate_from = NEVER
        self._sync_lock = threading.Lock()
        self._files_lock = threading.Lock()
        self._others = 0
        self._others_lock = threading.Lock()
        self._to_pack: deque[int] = deque()
        self._pack_now = threading.Event()
        self._stop = threading.Event()
        self._last = NEVER
        self._size = 0
        self._head = Head(bytes(16), 0, 0, NEVER)
        self._encoder = Encoder(self._head)
        self._folder_file = lock_folder(folder)
        try:
            self._open()
            self._others = size(folder) - self._size
        except OSError as error:
            self._release()
            raise Retry(f"{folder}: the recording cannot be opened ({error.strerror})") from error
        except BaseException:
            self._release()
            raise
        self._threads = [
            threading.Thread(target=self._sync_loop, name="rawlog-sync", daemon=True),
            threading.Thread(target=self._pack_loop, name="rawlog-pack", daemon=True),
        ]
        for thread in self._threads:
            thread.start()

    # ------------------------------------------------------------ what the caller does

    @property
    def log_id(self) -> bytes:
        """The recording's own id, the same however often it is opened."""
        return self._log_id

    @property
    def last(self) -> int:
        """The time of the last frame (nanoseconds UTC), 0 before the first."""
        return self._last

    @property
    def next(self) -> int:
        """The number the next appended frame will get."""
        return self._head.first + self._encoder.index

    @property
    def waiting(self) -> int:
        """Frames that were appended and are in memory only."""
        return self._waiting

    @property
    def full(self) -> bool:
        """Whether so much waits in memory that nothing more is taken until a flush succeeds."""
        return self._waiting_bytes >= self._most_waiting_bytes

    @property
    def bytes_on_disk(self) -> int:
        """Bytes of all segments, as `size` would count them; costs nothing."""
        return self._others + self._size

    def append(self, frame: Frame) -> int:
        """Take a frame into memory and return its number. It is not safe before `flush` returns.

        Raises BadData when the frame does not fit the format or its time is before the last frame's, and Retry when
        the log is `full`; then nothing of it is kept.
        """
        if self.full:
            raise Retry(
                f"{self.folder}: {self._waiting} frames wait in memory for room on the disk, no more are taken: "
                "make room, then flush"
            )
        if frame.received < self._last:
            raise BadData(
                f"received {frame.received} is before the last frame's {self._last}: times may not fall"
            )
        if self._file < 0:
            raise Refused(f"{self.folder}: the raw log is closed")
        encoder = self._encoder
        index = encoder.index
        parts = encoder.encode(frame)
        self._parts += parts
        self._waiting_bytes += sum(map(len, parts))
        self._last = frame.received
        self._waiting += 1
        return self._head.first + index

    def flush(self) -> None:
        """Write all appended frames to the file: they survive the death of the process from here on.

        Raises Retry when the disk is full or fails: the frames stay in memory and a later call tries again.
        """
        if self._parts:
            data = b"".join(self._parts)
            try:
                self._write(data)
            except OSError as error:
                self._parts = [data]
                # What was written of them must not be read as good: they are written again from the same place.
                with contextlib.suppress(OSError):
                    os.ftruncate(self._file, self._size)
                path = plain_path(self.folder, self._head.first)
                raise Retry(
                    f"{path}: cannot be written ({error.strerror}); {self._waiting} frames wait in memory: "
                    "make room, then flush again"
                ) from error
            self._parts = []
            self._waiting = self._waiting_bytes = 0
            self._size += len(data)
            self._dirty = True
            self._points("flush: done")
        now = self._clock.now()
        if self._encoder.index and (
            self._size >= self._segment_bytes or now - self._head.created >= self._segment_age
        ):
            self._rotate(now)

    def sync(self) -> None:
        """Flush, and wait until everything is on the disk. Raises Retry when the disk fails."""
        self.flush()
        try:
            self._sync()
        except OSError as error:
            raise Retry(
                f"{self.folder}: cannot be brought to the disk ({error.strerror}): sync again"
            ) from error

    def retain(self, *, keep_bytes: int | None = None, older_than: int | None = None) -> list[int]:
        """Give up old segments as `segments.retain` does. May wait for packing; may be called in any thread."""
        with self._files_lock:
            gone = give_up(self.folder, keep_bytes=keep_bytes, older_than=older_than)
            self._count(-sum(freed for _, freed in gone))
        return [first for first, _ in gone]

    def close(self, *, lose_waiting: bool = False) -> None:
        """Sync, finish packing and let the folder go.

        Raises Retry, still open, when frames cannot be written; with `lose_waiting` they are given up instead.
        """
        if self._file < 0:
            return
        try:
            self.sync()
        except Retry:
            if not lose_waiting:
                raise
        self._stop.set()
        self._pack_now.set()
        for thread in self._threads:
            thread.join()
        self._release()

    def __enter__(self) -> Self:
        """Close at the end of the block."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close."""
        self.close()

    # ------------------------------------------------------------ files

    def _open(self) -> None:
        left = recover(self.folder, self._points)
        self.torn, self._last = left.torn, left.floor
        self._log_id = left.log_id or os.urandom(16)
        if left.head is None:
            self._begin(left.next)
        else:
            self._file = os.open(plain_path(self.folder, left.head.first), os.O_WRONLY)
            self._head, self._size = left.head, left.size
            self._encoder = Encoder(left.head, left.next - left.head.first)
            # What a process that died had flushed may not be on the disk yet.
            self._dirty = True
        self._to_pack.extend(left.to_pack)
        self._pack_now.set()

    def _begin(self, first: int) -> None:
        """Begin a new segment; nothing has changed when this raises OSError.

        Nothing is waited for here: a process that dies leaves behind what it wrote and renamed, and for a power cut
        the background brings the file and its name to the disk. A head that is lost then is made anew by `recover`.
        """
        head = Head(self._log_id, first, self._clock.now(), self._last)
        path = plain_path(self.folder, first)
        half_made = path.with_name(path.name + HALF_MADE)
        file = os.open(half_made, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
        try:
            both = head.pack() * 2
            if os.write(file, both) != len(both):
                raise OSError("the head was not written whole")
            self._points("rotate: head written")
            half_made.rename(path)
        except BaseException:
            os.close(file)
            with contextlib.suppress(OSError):
                half_made.unlink(missing_ok=True)
            raise
        self._points("rotate: renamed")
        self._file, self._head, self._size, self._encoder = file, head, HEADS, Encoder(head)
        self._dirty = self._folder_dirty = True

    def _rotate(self, now: int) -> None:
        if now < self._rotate_from:
            return
        old, first, written = self._file, self._head.first, self._size
        try:
            self._begin(self.next)
        except OSError as error:
            # The old segment still takes frames, so nothing is lost by going on with it.
            self.fault = f"{self.folder}: no new segment could be begun ({error.strerror})"
            self._rotate_from = now + _AGAIN
            return
        self._retired.append((old, first))
        self._count(written)
        self.segments += 1

    def _count(self, more: int) -> None:
        """Note that the other segments have so many more bytes."""
        with self._others_lock:
            self._others += more

    def _write(self, data: bytes) -> None:
        at = 0
        with memoryview(data) as view:
            while at < len(data):
                at += os.pwrite(self._file, view[at : at + self._write_bytes], self._size + at)
                self._points("flush: written")

    def _release(self) -> None:
        with self._sync_lock:
            for file, _ in self._retired:
                os.close(file)
            self._retired.clear()
            if self._file >= 0:
                os.close(self._file)
                self._file = -1
        os.close(self._folder_file)

    # ------------------------------------------------------------ the background

    def _sync(self) -> None:
        with self._sync_lock:
            while self._retired:
                file, first = self._retired[0]
                sync_data(file)
                os.close(file)
                self._retired.popleft()
                self._to_pack.append(first)
                self._pack_now.set()
            if self._folder_dirty:
                self._folder_dirty = False
                try:
                    sync_folder(self.folder)
                except OSError:
                    self._folder_dirty = True
                    raise
            if self._dirty:
                self._dirty = False
                try:
                    sync_data(self._file)
                except OSError:
                    self._dirty = True
                    raise

    def _sync_loop(self) -> None:
        while not self._stop.wait(self._sync_s):
            try:
                self._sync()
            except OSError as error:
                self.fault = f"{self.folder}: cannot be brought to the disk ({error.strerror})"

    def _pack_loop(self) -> None:
        while True:
            self._pack_now.wait()
            self._pack_now.clear()
            last_round = self._stop.is_set()  # asked before looking, so that nothing is left behind
            while self._to_pack:
                first = self._to_pack[0]
                try:
                    self._pack(first)
                except OSError as error:
                    # It stays plain and readable; the next closed segment or the next opening tries again.
                    self.fault = f"{plain_path(self.folder, first)}: cannot be packed ({error.strerror})"
                    break
                self._to_pack.popleft()
                self.fault = None
            if last_round:
                return

    def _pack(self, first: int) -> None:
        with self._files_lock:
            before = bytes_of(self.folder, first)
            try:
                pack_segment(self.folder, first, self._points)
            finally:
                self._count(bytes_of(self.folder, first) - before)
