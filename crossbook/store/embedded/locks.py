"""Advisory locks on files: the kernel drops them when the last process that holds them is gone, however it died."""

from __future__ import annotations

import asyncio
import fcntl
import os
import time
from pathlib import Path
from types import TracebackType

from crossbook.base.errors import Misconfigured

PAUSE_S = 0.02


class Lock:
    """A lock that is held until it is closed; a child process that is given its descriptor holds it too."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor

    def close(self) -> None:
        """Let go. Closing twice does nothing; a child that was given the descriptor keeps the lock."""
        descriptor, self.descriptor = self.descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)

    def alone(self) -> bool:
        """Make a shared lock exclusive; false, and still shared or lost, when another process shares it."""
        try:
            fcntl.flock(self.descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def __enter__(self) -> Lock:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def take(path: Path, *, shared: bool = False) -> Lock | None:
    """The lock on this file, made when missing; None when somebody holds it.

    Raises Misconfigured when the file cannot be made or its file system knows no locks.
    """
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise Misconfigured(
            f"{path}: cannot be opened ({error.strerror}); make the folder writable for this user or name "
            "another with CROSSBOOK_DATA"
        ) from error
    try:
        fcntl.flock(descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    except OSError as error:
        os.close(descriptor)
        raise Misconfigured(
            f"{path}: its file system cannot lock files ({error.strerror}); name a local folder with "
            "CROSSBOOK_DATA"
        ) from error
    return Lock(descriptor)


async def wait_for(path: Path, within_s: float, *, shared: bool = False) -> Lock | None:
    """The lock on this file as soon as nobody else holds it; None when that took longer than `within_s`."""
    end = time.monotonic() + within_s
    while (lock := take(path, shared=shared)) is None:
        if time.monotonic() >= end:
            return None
        await asyncio.sleep(PAUSE_S)
    return lock
