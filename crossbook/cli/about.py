"""What runs here: versions, the system, and the commit where this is a checkout."""

from __future__ import annotations

import os
import platform
import subprocess
from pathlib import Path

from crossbook import __version__
from crossbook.base.errors import CrossbookError
from crossbook.store.embedded.binaries import find

_WITHIN_S = 20.0


def facts() -> dict[str, str | None]:
    """Names and values for a report; None for what cannot be known here."""
    return {
        "crossbook": __version__,
        "commit": commit(),
        "python": platform.python_version(),
        "platform": platform.platform(),
        "postgresql": server_version(),
    }


def server_version() -> str | None:
    """The version of the PostgreSQL server in the installed wheel, None where there is none that runs."""
    try:
        program = find().path("postgres")
    except CrossbookError:
        return None
    said = _said([str(program), "--version"])
    return said.rpartition(" ")[2] if said else None


def commit(folder: Path = Path(__file__).parents[1]) -> str | None:
    """The commit these files were checked out from, with ``-dirty`` where they were changed since.

    None when they are no checkout: installed files may lie in somebody else's repository.
    """
    git = ["git", "-c", "safe.directory=*", "-C", str(folder)]
    if _said([*git, "ls-files", "--error-unmatch", "__init__.py"]) is None:
        return None
    return _said([*git, "describe", "--always", "--abbrev=40", "--dirty", "--exclude=*"])


def _said(command: list[str]) -> str | None:
    """What a program says, None when it is not there, fails, or takes too long."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    try:
        done = subprocess.run(  # noqa: S603
            command, capture_output=True, text=True, check=False, timeout=_WITHIN_S, env=environment
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() or None if done.returncode == 0 else None
