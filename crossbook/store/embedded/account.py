"""Who the server runs as: ourselves, or, when we are root, a named user without rights."""

from __future__ import annotations

import os
import pwd
import subprocess
from collections.abc import Mapping
from pathlib import Path

import msgspec

from crossbook.base.errors import Misconfigured

VARIABLE = "CROSSBOOK_POSTGRES_USER"
NAME = "crossbook"
USERADD = "useradd"


class Account(msgspec.Struct, frozen=True):
    """A user of this machine."""

    name: str
    uid: int
    gid: int

    def allows(self, path: Path, bits: int) -> bool:
        """Whether the mode of this file or folder grants the bits (4 read, 2 write, 1 pass) to the user."""
        stat = path.stat()
        shift = 6 if stat.st_uid == self.uid else 3 if stat.st_gid == self.gid else 0
        return (stat.st_mode >> shift) & bits == bits

    def closed_parent(self, path: Path) -> Path | None:
        """The topmost folder above this path that the user may not pass; None when the way is free."""
        for parent in reversed(path.parents):
            if not self.allows(parent, 1):
                return parent
        return None


def server_account(environment: Mapping[str, str] = os.environ, *, useradd: str = USERADD) -> Account | None:
    """The user to run the server as; None when that is ourselves, for only root has a choice.

    Root takes the user that CROSSBOOK_POSTGRES_USER names, else `crossbook`, which is made when missing. Raises
    Misconfigured when there is no such user, it is root itself, or it cannot be made.
    """
    if os.geteuid() != 0:
        return None
    wanted = environment.get(VARIABLE, "")
    found = _look_up(wanted or NAME)
    if found is None and wanted:
        raise Misconfigured(f"{VARIABLE}={wanted}: no such user; name an existing user that is not root")
    if found is None:
        make(NAME, useradd)
        found = _look_up(NAME)
    if found is None:
        raise Misconfigured(f"user {NAME} was made but cannot be found; set {VARIABLE} to an existing user")
    if found.uid == 0:
        raise Misconfigured(f"{VARIABLE}={wanted}: PostgreSQL refuses to run as root; name another user")
    return found


def _look_up(name: str) -> Account | None:
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        return None
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def make(name: str, useradd: str) -> None:
    """Make a system user without a home and without a login. Raises Misconfigured when that is not possible."""
    command = [useradd, "-r", "-M", "-d", "/nonexistent", "-s", "/usr/sbin/nologin", name]
    advice = f"run as a normal user, or set {VARIABLE} to an existing user that is not root"
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=30)  # noqa: S603
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Misconfigured(f"cannot make the user {name} for PostgreSQL ({error}); {advice}") from error
    if done.returncode and _look_up(name) is None:  # another command may have made it meanwhile
        reason = done.stderr.strip() or f"{useradd} gave {done.returncode}"
        raise Misconfigured(f"cannot make the user {name} for PostgreSQL ({reason}); {advice}")
