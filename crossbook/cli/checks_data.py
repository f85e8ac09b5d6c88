"""Checks of what is kept: the data folder, the database, the recording. They look and touch nothing."""

from __future__ import annotations

import asyncio
import fcntl
import os
import pwd
import shutil
import stat
from pathlib import Path
from typing import Final

from crossbook.base.clock import SystemClock
from crossbook.base.errors import CrossbookError
from crossbook.cli.finding import OK, PROBLEM, WARNING, Finding, State
from crossbook.cli.settings import Settings
from crossbook.rawlog.reader import Reading
from crossbook.rawlog.segments import listing, packed_path, plain_path, size
from crossbook.store.embedded import Address, cluster, embedded
from crossbook.store.embedded.account import NAME, VARIABLE, Account
from crossbook.store.embedded.paths import Place
from crossbook.store.embedded.running import is_postgres, read_pid_file
from crossbook.store.embedded.supervisor import FOLDER
from crossbook.store.status import status_of

_LITTLE: Final = 200_000_000
_SOME: Final = 2_000_000_000
_READ_THROUGH: Final = 1_000_000_000
"""Bytes of a recording that are read in a few seconds."""
_WITHIN_S: Final = 15.0
RECORDING: Final = "recording"


def check_data(settings: Settings) -> Finding:
    """Whether the data folder can be written, is ours alone to write, can be reached, and has room."""
    folder = settings.data
    there = next(path for path in (folder, *folder.parents) if path.exists())
    if not there.is_dir():
        return _data(PROBLEM, f"{there} is not a folder", "name another with CROSSBOOK_DATA")
    if not os.access(there, os.W_OK | os.X_OK):
        return _data(PROBLEM, f"{there} cannot be written by this user", "name another with CROSSBOOK_DATA")
    for each in (folder, folder / FOLDER):
        if each.is_dir() and each.stat().st_mode & stat.S_IWOTH:
            return _data(PROBLEM, f"{each} can be written by everybody", f"run: chmod go-w {each}")
    closed = None if settings.store.url else _closed(folder)
    if closed:
        return _data(PROBLEM, *closed)
    free = shutil.disk_usage(there).free
    told = f"{folder}{'' if there == folder else ' (to be made)'}, {free / 1e9:.1f} GB free"
    if free < _SOME:
        return _data(PROBLEM if free < _LITTLE else WARNING, told, "free some space, or name another folder")
    return _data(OK, told)


def _data(state: State, says: str, remedy: str = "") -> Finding:
    return Finding("data folder", state, says, remedy)


def _closed(folder: Path) -> tuple[str, str] | None:
    """For root: whether the user that PostgreSQL runs as cannot get to the folder. The user is not made here."""
    if os.geteuid() != 0:
        return None
    name = os.environ.get(VARIABLE) or NAME
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        if name == NAME:
            return None
        return f"{VARIABLE}={name}: there is no such user", "name an existing user that is not root"
    account = Account(entry.pw_name, entry.pw_uid, entry.pw_gid)
    for parent in reversed((folder / FOLDER / "data").parents):
        if parent.is_dir() and not account.allows(parent, 1):
            return (
                f"{parent} is closed to user {name}, which PostgreSQL runs as",
                "name a folder below open ones with CROSSBOOK_DATA",
            )
    return None


async def check_database(settings: Settings, start: bool) -> Finding:
    """Whether the database answers and is up to date. Our own is not started unless that is asked for."""
    if settings.store.url:
        return await _looked_at(settings.store.url, "see CROSSBOOK_DATABASE_URL")
    place = Place(settings.data / FOLDER)
    if not place.data.is_dir():
        return Finding("database", OK, "none yet; crossbook up makes it")
    known = read_pid_file(place.data)
    if known and known.socket_folder and is_postgres(known.pid, place.data):
        address = Address(str(known.socket_folder), cluster.password(place))
        return await _looked_at(address.dsn, f"see {place.log}")
    if not start:
        return Finding("database", OK, "our own server is not running; --start looks into it")
    async with embedded(settings.data, clock=SystemClock()) as server:
        return await _looked_at(server.dsn, f"see {place.log}")


async def _looked_at(url: str, remedy: str) -> Finding:
    try:
        found = await asyncio.wait_for(status_of(url), _WITHIN_S)
    except CrossbookError as error:
        return Finding("database", PROBLEM, str(error), remedy)
    except TimeoutError:
        return Finding("database", PROBLEM, f"no answer within {_WITHIN_S:g} s", remedy)
    told = f"{found.place}: PostgreSQL {found.server}, {found.bytes / 1e6:.1f} MB"
    if found.missing:
        missing = f"{told}; {len(found.missing)} migrations are missing"
        return Finding("database", WARNING, missing, "run: crossbook db upgrade (crossbook up does so too)")
    return Finding("database", OK, f"{told}, up to date, {found.open_opportunities} opportunities open")


def check_recording(settings: Settings) -> Finding:
    """Whether somebody records, and whether what is there can be read; a large one is looked into at its end only."""
    if not settings.recording.keep:
        return Finding("recording", WARNING, "nothing is recorded", "set recording.keep to replay later")
    folder = settings.data / RECORDING
    segments = listing(folder) if folder.is_dir() else []
    if not segments:
        return Finding("recording", OK, "none yet")
    if not os.access(folder, os.W_OK):
        return Finding("recording", PROBLEM, f"{folder} cannot be written by this user", "run as its owner")
    large = size(folder) > _READ_THROUGH
    last = plain_path(folder, segments[-1])
    path = folder if not large else last if last.exists() else packed_path(folder, segments[-1])
    reading = Reading(path)
    frames = sum(1 for _ in reading)
    told = f"{size(folder) / 1e6:.1f} MB in {len(segments)} segments; {frames:,} frames"
    told += " in the last one (too large to read through)" if large else ""
    told += ", another process records here" if _is_locked(folder) else ""
    if reading.damage:
        first = reading.damage[0]
        says = f"{told}; {len(reading.damage)} damaged places, the first {first.place}: {first.reason}"
        return Finding("recording", WARNING, says, "the rest can be used; look for what damaged the disk")
    return Finding("recording", OK, told)


def _is_locked(folder: Path) -> bool:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(handle)
    return False
