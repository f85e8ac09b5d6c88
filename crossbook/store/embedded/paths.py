"""Where our own server keeps its things.

<data>/postgres/data       PostgreSQL's data folder, 0700, owned by the server's user
                password   0600, ours
                server.log
                *.lock     see `locks.py` and `server.py`
                socket/    or, for root, /run/crossbook/<id>, or a folder that `socket.at` names
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import socket
import stat
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

import msgspec

from crossbook.base.errors import Misconfigured
from crossbook.store.embedded.account import Account
from crossbook.store.embedded.address import PORT

VARIABLE = "CROSSBOOK_DATA"
LONGEST_SOCKET = 103 if sys.platform == "darwin" else 107
"""Bytes of the longest path of a socket that the system takes."""
SOCKET = f".s.PGSQL.{PORT}"


def default_place(environment: Mapping[str, str] = os.environ) -> Path:
    """The folder for all data: CROSSBOOK_DATA, else /var/lib/crossbook for root, else below the user's own.

    Raises Misconfigured when the user has no home folder.
    """
    if named := environment.get(VARIABLE):
        return Path(named).expanduser().absolute()
    if os.geteuid() == 0:
        return Path("/var/lib/crossbook")
    own = Path(environment.get("XDG_DATA_HOME", ""))
    if own.is_absolute():
        return own / "crossbook"
    try:
        return Path.home() / ".local" / "share" / "crossbook"
    except RuntimeError:
        raise Misconfigured(f"this user has no home folder: name a folder for data with {VARIABLE}") from None


class Place(msgspec.Struct, frozen=True):
    """The folder of one server and the user it runs as (None: ourselves)."""

    home: Path
    account: Account | None = None

    @property
    def data(self) -> Path:
        """PostgreSQL's data folder."""
        return self.home / "data"

    @property
    def password(self) -> Path:
        """The file with the password."""
        return self.home / "password"

    @property
    def log(self) -> Path:
        """What the server says."""
        return self.home / "server.log"

    @property
    def turn(self) -> Path:
        """The lock of whoever starts or stops the server."""
        return self.home / "turn.lock"

    @property
    def users(self) -> Path:
        """The lock that every user of the server shares."""
        return self.home / "users.lock"

    @property
    def alive(self) -> Path:
        """The lock that the server's own processes hold, and nobody else for longer than a look."""
        return self.home / "alive.lock"

    @property
    def record(self) -> Path:
        """Names the socket's folder when it had to be a temporary one."""
        return self.home / "socket.at"

    @property
    def uid(self) -> int:
        """The owner that the data folder must have."""
        return self.account.uid if self.account else os.geteuid()

    def hand_over(self, path: Path) -> None:
        """Make the server's user the owner of a file or folder that was just made."""
        if self.account:
            os.chown(path, self.account.uid, self.account.gid)

    def prepare(self) -> None:
        """Make the home where it is missing. What exists keeps its mode and owner.

        Raises Misconfigured when it cannot be made, is another's, or the server's user cannot get there.
        """
        try:
            make_folders(self.home, 0o755 if self.account else 0o700)
            found = self.home.stat()
        except OSError as error:
            where = error.filename or self.home
            raise Misconfigured(
                f"{where}: cannot be made ({error.strerror}); make it writable for this user or name another "
                f"folder with {VARIABLE}"
            ) from error
        if found.st_uid != os.geteuid():
            raise Misconfigured(
                f"{self.home} belongs to user {found.st_uid}, not to this user ({os.geteuid()}); run as its "
                f"owner or name another folder with {VARIABLE}"
            )
        if found.st_mode & 0o022:
            raise Misconfigured(f"{self.home} can be written by others; run: chmod go-w {self.home}")
        if self.account and (closed := self.account.closed_parent(self.data)):
            raise Misconfigured(
                f"{closed} is closed to user {self.account.name}, which PostgreSQL runs as; name a folder below "
                f"open ones with {VARIABLE} (its permissions are not changed)"
            )

    def socket_folder(self) -> Path:
        """A folder for the socket, private to the server's user, made when missing.

        The same folder as last time unless something else lives there. Raises Misconfigured when there is none
        whose path is short enough, or a server that is not ours has taken it.
        """
        if self.account:
            folder = _runtime_folder() / hashlib.sha256(os.fsencode(self.home)).hexdigest()[:12]
        else:
            folder = self.home / "socket"
        if too_long(folder):
            return self._temporary_folder()
        self._make_socket_folder(folder)
        if answers(folder):
            raise Misconfigured(
                f"{folder / SOCKET} is taken by a server that is not ours; stop that server or name another "
                f"folder with {VARIABLE}"
            )
        return folder

    def socket_names(self) -> tuple[str, str]:
        """The files that a server makes in the socket's folder."""
        return SOCKET, f"{SOCKET}.lock"

    def forget_socket(self, folder: Path) -> None:
        """Remove the socket's folder after the server has ended in order."""
        for name in self.socket_names():
            (folder / name).unlink(missing_ok=True)
        with contextlib.suppress(OSError):
            folder.rmdir()
            if self.account:
                folder.parent.rmdir()
        self.record.unlink(missing_ok=True)

    def _make_socket_folder(self, folder: Path) -> None:
        for _ in range(100):  # another server's end may take away the empty parent at any moment
            try:
                make_folders(folder.parent, 0o755)
                folder.mkdir(mode=0o700)
                folder.chmod(0o700)  # the umask may have taken bits away
                self.hand_over(folder)
                return
            except FileExistsError:
                break
            except FileNotFoundError:
                continue
            except OSError as error:
                raise Misconfigured(
                    f"{folder}: cannot be made ({error.strerror}); make it writable"
                ) from error
        if not self._is_private(folder):
            raise Misconfigured(f"{folder} is not a folder of mode 0700 owned by user {self.uid}; remove it")

    def _is_private(self, folder: Path) -> bool:
        try:
            found = folder.lstat()
        except OSError:
            return False
        return (
            stat.S_ISDIR(found.st_mode) and found.st_uid == self.uid and stat.S_IMODE(found.st_mode) == 0o700
        )

    def _temporary_folder(self) -> Path:
        try:
            known = Path(self.record.read_text(encoding="utf-8").strip())
        except OSError:
            known = None
        if known and known.is_absolute() and self._is_private(known) and not answers(known):
            return known
        for parent in (tempfile.gettempdir(), "/tmp"):  # noqa: S108
            if not too_long(Path(parent) / "crossbook-xxxxxxxx"):
                folder = Path(tempfile.mkdtemp(prefix="crossbook-", dir=parent))
                folder.chmod(0o700)
                self.hand_over(folder)
                write_private(self.record, f"{folder}\n")
                return folder
        raise Misconfigured(
            f"{self.home} is too long for a socket ({LONGEST_SOCKET} bytes in all) and so is the folder for "
            f"temporary files; name a shorter one with {VARIABLE} or TMPDIR"
        )


def too_long(folder: Path) -> bool:
    """Whether a socket in this folder would have too long a path."""
    return len(os.fsencode(folder / SOCKET)) > LONGEST_SOCKET


def answers(folder: Path) -> bool:
    """Whether a process listens on the socket in this folder."""
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(1.0)
        try:
            probe.connect(os.fspath(folder / SOCKET))
        except TimeoutError:
            return True
        except OSError:
            return False
    return True


def make_folders(folder: Path, mode: int) -> None:
    """Make a folder and the missing ones above it, each with this mode; existing ones keep theirs."""
    if folder.is_dir():
        return
    make_folders(folder.parent, mode)
    try:
        folder.mkdir(mode=mode)
    except FileExistsError:
        if not folder.is_dir():
            raise
    else:
        folder.chmod(mode)  # the process's umask may have taken bits away


def write_private(path: Path, text: str) -> None:
    """Write a 0600 file that is there whole or not at all."""
    new = path.with_name(f".{path.name}.new")
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Have the names in a folder reach the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _runtime_folder() -> Path:
    return (Path("/run") if Path("/run").is_dir() else Path("/var/run")) / "crossbook"
