"""Checks of the machine: Python, PostgreSQL's programs, ports, clock, limits, and how fast the loop is."""

from __future__ import annotations

import asyncio
import http.client
import platform
import resource
import socket
import sys
import time
from datetime import UTC, datetime
from typing import Final

from crossbook.api.settings import DoorSettings
from crossbook.base.clock import SECOND, SystemClock
from crossbook.base.errors import Misconfigured
from crossbook.cli.about import server_version
from crossbook.cli.finding import OK, PROBLEM, WARNING, Finding
from crossbook.cli.watch import run_in_loop
from crossbook.store.embedded.binaries import MAJOR, find

_OLDEST_PYTHON: Final = (3, 11)
_FIRST_YEAR: Final = 2025
_LAST_YEAR: Final = 2100
_FEW_FILES: Final = 256
_FILES: Final = 1024
_NAPS: Final = 100
_NAP_S: Final = 0.001
_LATE_MS: Final = 20.0


def check_python() -> Finding:
    """Whether this Python is new enough."""
    told = f"{platform.python_implementation()} {platform.python_version()}"
    if sys.version_info[:2] < _OLDEST_PYTHON:
        return Finding("python", PROBLEM, told, "install Python 3.11 or newer")
    return Finding("python", OK, told)


def check_postgresql(*, needed: bool) -> Finding:
    """Whether the installed wheel has a server for this platform; not needed beside a PostgreSQL of one's own."""
    try:
        programs = find()
        version = server_version()
    except Misconfigured as error:
        return Finding("postgresql", PROBLEM if needed else WARNING, str(error))
    if version is None:
        told = f"{programs.path('postgres')} does not run on this system"
        return Finding(
            "postgresql",
            PROBLEM if needed else WARNING,
            told,
            f"name a PostgreSQL of your own (15 to {MAJOR}) with CROSSBOOK_DATABASE_URL",
        )
    return Finding("postgresql", OK, f"server {version} of the wheel {programs.version}")


def check_ports(doors: DoorSettings) -> Finding:
    """Whether the doors' ports can be opened; where Crossbook itself has them that is said."""
    ours: list[str] = []
    taken: list[str] = []
    for port in doors.ports:
        reason = _taken(doors.host, port) if port else None
        if reason is not None:
            (ours if _is_crossbook(doors.host, port) else taken).append(f"{doors.host}:{port} ({reason})")
    if taken:
        return Finding(
            "ports",
            PROBLEM,
            f"cannot be opened: {', '.join(taken)}",
            "close what uses it, or set doors.ports",
        )
    if ours:
        return Finding(
            "ports", WARNING, f"a Crossbook that runs has {', '.join(ours)}", "end it before starting another"
        )
    return Finding("ports", OK, f"free: {', '.join(f'{doors.host}:{port}' for port in doors.ports)}")


def _taken(host: str, port: int) -> str | None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            return error.strerror or str(error)
    return None


def _is_crossbook(host: str, port: int) -> bool:
    asking = http.client.HTTPConnection(host, port, timeout=2.0)
    try:
        asking.request("GET", "/", headers={"Accept": "application/json"})
        return b"crossbook" in asking.getresponse().read(65_536).lower()
    except (OSError, http.client.HTTPException):
        return False
    finally:
        asking.close()


def check_clock(now: int | None = None) -> Finding:
    """Whether the clock shows a year that can be, and durations are measured by one that never goes back."""
    year = datetime.fromtimestamp((SystemClock().now() if now is None else now) / SECOND, UTC).year
    if not _FIRST_YEAR <= year <= _LAST_YEAR:
        return Finding("clock", PROBLEM, f"it is the year {year}", "set the system's clock (chrony, ntp)")
    if not time.get_clock_info("monotonic").monotonic:
        return Finding("clock", PROBLEM, "the clock for durations may go back", "use another system")
    return Finding("clock", OK, f"the year {year}, UTC")


def check_descriptors(soft: int | None = None) -> Finding:
    """Whether enough files and sockets may be open at once."""
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[0] if soft is None else soft
    if limit == resource.RLIM_INFINITY or limit >= _FILES:
        return Finding("file descriptors", OK, "no limit" if limit == resource.RLIM_INFINITY else f"{limit}")
    told, remedy = f"only {limit} may be open", f"allow more: ulimit -n {_FILES * 4}"
    return Finding("file descriptors", PROBLEM if limit < _FEW_FILES else WARNING, told, remedy)


def check_loop() -> Finding:
    """How late the event loop wakes up: what a price waits for on this machine before anything is done with it."""
    late = sorted(run_in_loop(_naps()))
    middle, worst = late[len(late) // 2], late[len(late) * 95 // 100]
    told = f"wakes {middle:.2f} ms late at the median, {worst:.2f} ms at the 95th percentile"
    if worst > _LATE_MS:
        return Finding("event loop", WARNING, told, "the machine is busy: end other work, or give it more")
    return Finding("event loop", OK, told)


async def _naps() -> list[float]:
    late = []
    for _ in range(_NAPS):
        began = time.perf_counter()
        await asyncio.sleep(_NAP_S)
        late.append((time.perf_counter() - began - _NAP_S) * 1000)
    return late
