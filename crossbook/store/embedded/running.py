"""What PostgreSQL's own pid file says of a server, to be believed only as far as it can be checked."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import msgspec

PID_FILE = "postmaster.pid"


class PidFile(msgspec.Struct, frozen=True):
    """The useful lines of a pid file."""

    pid: int
    socket_folder: Path | None
    """None while the server has not opened its socket."""


def read_pid_file(data: Path) -> PidFile | None:
    """The pid file of a data folder; None when there is none, or only part of one."""
    try:
        lines = (data / PID_FILE).read_text(encoding="utf-8", errors="surrogateescape").splitlines()
        pid = int(lines[0])
    except (OSError, ValueError, IndexError):
        return None
    folder = Path(lines[4]) if len(lines) > 4 and lines[4].startswith("/") else None
    return PidFile(pid, folder) if pid > 1 else None


def without_pid(data: Path) -> None:
    """Make a pid file that a dead server left harmless; only when no process of that server is left.

    PostgreSQL would not start if the number had been given to another process, or to a zombie. It takes its own
    parent's number, ours, for a stale one, and still looks after the shared memory that the file names.
    """
    path = data / PID_FILE
    lines = path.read_text(encoding="utf-8", errors="surrogateescape").splitlines(keepends=True)
    if not lines:
        path.unlink()  # killed while it was being written: PostgreSQL refuses an empty one
        return
    path.write_text("".join([f"{os.getpid()}\n", *lines[1:]]), encoding="utf-8", errors="surrogateescape")


def is_postgres(pid: int, data: Path) -> bool:
    """Whether this process is a living PostgreSQL on this data folder, so that no stranger is sent a signal."""
    process = Path(f"/proc/{pid}")
    if Path("/proc/self/cmdline").exists():
        try:
            arguments = process.joinpath("cmdline").read_bytes().split(b"\0")
        except OSError:
            return False
        if not Path(os.fsdecode(arguments[0])).name.startswith("postgres"):
            return False
        if os.fsencode(data) in arguments:
            return True
        try:  # PostgreSQL works in its data folder, also after that was renamed
            return process.joinpath("cwd").samefile(data)
        except OSError:
            return False
    command = ["/bin/ps", "-ww", "-p", str(pid), "-o", "command="]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=10)  # noqa: S603
    return "postgres" in done.stdout and str(data) in done.stdout
