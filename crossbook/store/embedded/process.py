"""Runs PostgreSQL's programs, as the server's user where that is not ourselves."""

from __future__ import annotations

import asyncio
import os
import subprocess
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from crossbook.base.errors import Misconfigured
from crossbook.store.embedded.account import Account

ENVIRONMENT = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}
"""All that a program is told: none of the caller's PG… settings, and no secrets of other parts."""


def launch(
    command: Sequence[str],
    account: Account | None,
    *,
    keep: Sequence[int] = (),
    output: int,
    environment: Mapping[str, str] | None = None,
) -> subprocess.Popen[bytes]:
    """Start a program in a session of its own, so that Ctrl-C in a terminal is for us alone.

    `keep` are descriptors it inherits, `output` takes both of its outputs. Raises Misconfigured when it cannot be
    started.
    """
    who: dict[str, Any] = {}
    if account:
        who = {"user": account.uid, "group": account.gid, "extra_groups": []}
    try:
        return subprocess.Popen(  # noqa: S603
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            pass_fds=keep,
            cwd="/",
            env={**ENVIRONMENT, **(environment or {})},
            umask=0o077,
            start_new_session=True,
            **who,
        )
    except OSError as error:
        raise Misconfigured(f"{command[0]} cannot be started ({error.strerror}); install it again") from error


async def run(
    command: Sequence[str],
    account: Account | None = None,
    *,
    keep: Sequence[int] = (),
    within_s: float,
    environment: Mapping[str, str] | None = None,
) -> tuple[int, str]:
    """Run a program to its end: its exit code and what it said.

    A program that takes longer, or whose caller is cancelled, is ended. Raises Misconfigured when it cannot be
    started and TimeoutError when it takes too long.
    """
    process = launch(command, account, keep=keep, output=subprocess.PIPE, environment=environment)
    reading = asyncio.ensure_future(asyncio.to_thread(process.communicate))
    try:
        said, _ = await asyncio.wait_for(asyncio.shield(reading), within_s)
    except BaseException:
        process.kill()
        await asyncio.shield(reading)
        raise
    return process.returncode, said.decode("utf-8", "replace").strip()


def reap(process: subprocess.Popen[bytes]) -> None:
    """Have the process collected whenever it ends, so that it does not stay as a zombie."""
    threading.Thread(target=process.wait, name=f"reaps-{process.pid}", daemon=True).start()


def tail(log: Path, since: int = 0, lines: int = 12) -> str:
    """The last lines of a log after this offset, indented; what cannot be read is empty."""
    try:
        with log.open("rb") as file:
            file.seek(max(since, file.seek(0, os.SEEK_END) - 16_384))
            text = file.read().decode("utf-8", "replace")
    except OSError:
        return ""
    return "\n".join(f"  {line}" for line in text.splitlines()[-lines:])
