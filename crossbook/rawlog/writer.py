"""The writer of a recording: append in memory, flush to the file, sync to the disk, rotate, pack."""

from __future__ import annotations

import contextlib
import fcntl
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
    nothing,
    pack_segment,
    plain_path,
    sync_data,
    sync_folder,
)

_LARGEST_SEGMENT: Final = 1 << 32


class RawLog:
    """Writes a recording. One writer per folder; one thread at a time may call it.

    A segment is closed when it has `segment_bytes` or is `segment_age_s` old, and packed in the background.
    Bytes that were flushed are brought to the disk at least every `sync_s` seconds.

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
        points: Callable[[str], None] = nothing,
    ) -> None:
        if not 0 < segment_bytes <= _LARGEST_SEGMENT:
            raise Misconfigured(f"segment_bytes is {segment_bytes}: give 1 to {_LARGEST_SEGMENT}")
        if segment_age_s <= 0 or sync_s <= 0 or write_bytes <= 0:
            raise Misconfigured("segment_age_s, sync_s and write_bytes must be above zero")
        self.folder = folder
        self.torn = 0
        """Bytes of a torn tail that opening has set aside."""
        self.fault: str | None = None
        """What last went wrong in the background; None when the last attempt went well."""
        self._clock, self._points = clock, points
        self._segment_bytes, self._segment_age = segment_bytes, int(segment_age_s * SECOND)
        self._sync_s, self._write_bytes = sync_s, write_bytes
        self._parts: list[bytes] = []
        self._waiting = 0
        self._file = -1
        self._dirty = False
        self._retired: list[tuple[int, int]] = []
        self._sync_lock = threading.Lock()
        self._to_pack: deque[int] = deque()
        self._pack_now = threading.Event()
        self._stop = threading.Event()
        self._last = NEVER
        self._size = 0
        self._head = Head(bytes(16), 0, 0, NEVER)
        self._encoder = Encoder(self._head)
        self._folder_file = _lock(folder)
        try:
            self._open()
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

    def append(self, frame: Frame) -> int:
        """Take a frame into memory and return its number. It is not safe before `flush` returns.

        Raises BadData when the frame does not fit the format or its time is before the last frame's.
        """
        if frame.received < self._last:
            raise BadData(
                f"received {frame.received} is before the last frame's {self._last}: times may not fall"
            )
        if self._file < 0:
            raise Refused(f"{self.folder}: the raw log is closed")
        encoder = self._encoder
        index = encoder.index
        self._parts += encoder.encode(frame)
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
            self._waiting = 0
            self._size += len(data)
            self._dirty = True
            self._points("flush: done")
        if self._encoder.index and (
            self._size >= self._segment_bytes or self._clock.now() - self._head.created >= self._segment_age
        ):
            self._rotate()

    def sync(self) -> None:
        """Flush, and wait until everything is on the disk. Raises Retry when the disk fails."""
        self.flush()
        try:
            self._sync()
        except OSError as error:
            raise Retry(
                f"{self.folder}: cannot be brought to the disk ({error.strerror}): sync again"
            ) from error

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
        """Begin a new segment; nothing has changed when this raises OSError."""
        head = Head(self._log_id, first, self._clock.now(), self._last)
        path = plain_path(self.folder, first)
        half_made = path.with_name(path.name + HALF_MADE)
        file = os.open(half_made, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
        try:
            both = head.pack() * 2
            if os.write(file, both) != len(both):
                raise OSError("the head was not written whole")
            sync_data(file)
            self._points("rotate: head written")
            half_made.rename(path)
            sync_folder(self.folder)
        except BaseException:
            os.close(file)
            half_made.unlink(missing_ok=True)
            # Nothing is in it yet; left there it would be taken for what follows the old one.
            path.unlink(missing_ok=True)
            raise
        self._points("rotate: renamed")
        self._file, self._head, self._size, self._encoder = file, head, HEADS, Encoder(head)

    def _rotate(self) -> None:
        old, first = self._file, self._head.first
        try:
            self._begin(self.next)
        except OSError as error:
            # The old segment still takes frames, so nothing is lost by going on with it.
            self.fault = f"{self.folder}: no new segment could be begun ({error.strerror})"
            return
        with self._sync_lock:
            self._retired.append((old, first))
            self._dirty = False

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
                del self._retired[0]
                self._to_pack.append(first)
                self._pack_now.set()
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
                    pack_segment(self.folder, first, self._points)
                except OSError as error:
                    # It stays plain and readable; the next closed segment or the next opening tries again.
                    self.fault = f"{plain_path(self.folder, first)}: cannot be packed ({error.strerror})"
                    break
                self._to_pack.popleft()
                self.fault = None
            if last_round:
                return


def _lock(folder: Path) -> int:
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
