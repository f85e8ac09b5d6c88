"""The data folder: made whole or not at all, and looked at before a server is let near it."""

from __future__ import annotations

import os
import secrets
import shutil
import stat
import tempfile
from pathlib import Path

from crossbook.base.errors import Misconfigured, Retry
from crossbook.store.embedded.address import NAME
from crossbook.store.embedded.binaries import MAJOR, Programs
from crossbook.store.embedded.locks import Lock
from crossbook.store.embedded.paths import VARIABLE, Place, sync_folder, write_private
from crossbook.store.embedded.process import run
from crossbook.store.embedded.settings import MEGABYTE, Settings

UNFINISHED = "data.new-"
FULL = ("No space left on device", "Check free disk space")
NEEDED_RIGHTS = (0o700, 0o750)


def exists(place: Place) -> bool:
    """Whether there is a data folder. Raises Misconfigured when it is not one that we may use as it is."""
    data = place.data
    try:
        found = data.lstat()
    except FileNotFoundError:
        return False
    if not stat.S_ISDIR(found.st_mode):
        raise Misconfigured(f"{data} is not a folder; move it away")
    try:
        return _usable(place, found)
    except PermissionError as error:
        raise Misconfigured(f"{data} belongs to user {found.st_uid}; run as that user") from error


def _usable(place: Place, found: os.stat_result) -> bool:
    data, mode = place.data, stat.S_IMODE(found.st_mode)
    if not any(data.iterdir()):
        return False
    if found.st_uid != place.uid:
        raise Misconfigured(
            f"{data} belongs to user {found.st_uid}, but PostgreSQL would run as user {place.uid}; run as its "
            f"owner, or name another folder with {VARIABLE}"
        )
    if mode not in NEEDED_RIGHTS:
        raise Misconfigured(f"{data} has mode {mode:o}, open to others; run: chmod 700 {data}")
    try:
        major = int((data / "PG_VERSION").read_text(encoding="ascii"))
    except (FileNotFoundError, ValueError):
        raise Misconfigured(
            f"{data} is not empty and not a data folder of PostgreSQL (no PG_VERSION); move it away or name "
            f"another folder with {VARIABLE}"
        ) from None
    if major > MAJOR:
        raise Misconfigured(
            f"{data} was made by PostgreSQL {major}, newer than the {MAJOR} of this Crossbook; install the "
            "Crossbook that made it"
        )
    if major < MAJOR:
        raise Misconfigured(
            f"{data} was made by PostgreSQL {major}; this Crossbook runs {MAJOR}. Write a dump with the Crossbook "
            "that made it, move the folder away, and restore the dump here"
        )
    return True


def password(place: Place) -> str:
    """The database's password. Raises Misconfigured when its file is missing, empty, or open to others."""
    path = place.password
    try:
        mode, text = stat.S_IMODE(path.stat().st_mode), path.read_text(encoding="ascii").strip()
    except OSError as error:
        raise Misconfigured(
            f"{path}: the password of the database in {place.data} cannot be read ({error.strerror}); bring the "
            "file back from a backup of this folder"
        ) from error
    if mode & 0o077:
        raise Misconfigured(f"{path} has mode {mode:o}, open to others; run: chmod 600 {path}")
    if not text:
        raise Misconfigured(f"{path} is empty; bring it back from a backup of this folder")
    return text


async def create(place: Place, programs: Programs, settings: Settings, alive: Lock) -> None:
    """Make the data folder under another name and give it its own as the last step.

    What an interrupted attempt left is removed first: no server ever ran in a folder of that name. The program
    holds the `alive` lock, so an attempt whose owner was killed is over before the next begins. Raises
    Misconfigured (disk full, not writable) or Retry (too slow).
    """
    for old in place.home.glob(f"{UNFINISHED}*"):
        shutil.rmtree(old)
    _room(place, settings)
    if not place.password.exists():
        write_private(place.password, secrets.token_urlsafe(32) + "\n")
    secret = password(place)
    new = Path(tempfile.mkdtemp(prefix=UNFINISHED, dir=place.home))
    try:
        new.chmod(0o700)  # the umask may have taken bits away
        place.hand_over(new)
        code, said = await _initdb(place, programs, settings, alive, new, secret)
        if code:
            raise Misconfigured(explain(f"{new}: PostgreSQL's data folder could not be made", place, said))
        new.rename(place.data)
        sync_folder(place.home)
    except BaseException:
        shutil.rmtree(new, ignore_errors=True)
        raise


async def _initdb(
    place: Place, programs: Programs, settings: Settings, alive: Lock, new: Path, secret: str
) -> tuple[int, str]:
    # The password goes through a pipe: it is in no argument, no environment and no other file.
    reading, writing = os.pipe()
    try:
        os.write(writing, secret.encode() + b"\n")
        os.close(writing)
        if place.account:
            os.fchown(reading, place.account.uid, place.account.gid)
        command = [
            *(
                str(programs.path("initdb")),
                "-D",
                str(new),
                f"--username={NAME}",
                f"--pwfile=/dev/fd/{reading}",
            ),
            *("--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", "--no-instructions"),
            # Built in: sorting does not change when the system's C library does.
            *("--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
        ]
        return await run(command, place.account, keep=(reading, alive.descriptor), within_s=settings.start_s)
    except TimeoutError:
        raise Retry(
            f"{new}: making PostgreSQL's data folder took longer than {settings.start_s:g} s (start_s); try again"
        ) from None
    finally:
        os.close(reading)


def _room(place: Place, settings: Settings) -> None:
    free = shutil.disk_usage(place.home).free
    if free < settings.least_free:
        raise Misconfigured(
            f"{place.home}: {free // MEGABYTE} MB free, {settings.least_free // MEGABYTE} MB needed for a new "
            f"database; free some space or name another folder with {VARIABLE}"
        )


def explain(what: str, place: Place, said: str) -> str:
    """A message of what happened, what to do about it if that is plain, and PostgreSQL's own words."""
    advice = ""
    if any(words in said for words in FULL):
        advice = (
            f": the disk is full; free some space for {place.home} or name another folder with {VARIABLE}"
        )
    return f"{what}{advice}. PostgreSQL said:\n{said or '  (nothing)'}"
