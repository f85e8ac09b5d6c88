"""Time as a parameter: code that needs the time is given a clock and never asks the machine.

Times are integers: nanoseconds since 1970-01-01 UTC. At the doors they are ISO 8601 text.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Protocol

SECOND = 1_000_000_000
DAY = 86_400 * SECOND
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Clock(Protocol):
    """Anything that can say what time it is."""

    def now(self) -> int:
        """Nanoseconds since the epoch, UTC."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> int:
        """Nanoseconds since the epoch, UTC."""
        return time.time_ns()


class SteadyClock:
    """A clock that never falls: when the one it follows is set back, it goes on at its own pace from where it was.

    `not_before` is a time it has to be past already (nanoseconds UTC).
    """

    def __init__(
        self, clock: Clock, not_before: int = 0, pace: Callable[[], int] = time.monotonic_ns
    ) -> None:
        self._clock = clock
        self._pace = pace
        self._last, self._then = not_before, pace()

    def now(self) -> int:
        """Nanoseconds since the epoch, UTC; never less than before."""
        then = self._pace()
        told = self._clock.now()
        self._last = told if told >= self._last else self._last + max(0, then - self._then)
        self._then = then
        return self._last


class ManualClock:
    """A clock that stands still until it is moved; replay and tests use it.

    >>> clock = ManualClock(5)
    >>> clock.advance(10)
    >>> clock.now()
    15
    """

    def __init__(self, start: int = 0) -> None:
        self._now = start

    def now(self) -> int:
        """Nanoseconds since the epoch, UTC."""
        return self._now

    def advance(self, nanoseconds: int) -> None:
        """Move the clock forward."""
        self._now += nanoseconds


def parse_time(text: str) -> int:
    """Nanoseconds of an ISO 8601 time; a time without a zone is taken as UTC.

    Raises ValueError when the text is not a time.

    >>> parse_time("1970-01-01T00:00:01Z")
    1000000000
    """
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    try:
        since = moment.astimezone(UTC) - _EPOCH
    except OverflowError:
        raise ValueError(f"beyond the years 1 to 9999 in UTC: {text!r}") from None
    return since // _MICROSECOND * 1_000


def format_time(nanoseconds: int) -> str:
    """ISO 8601 text in UTC, to the second.

    >>> format_time(1_000_000_000)
    '1970-01-01T00:00:01Z'
    """
    return datetime.fromtimestamp(nanoseconds // SECOND, UTC).isoformat().removesuffix("+00:00") + "Z"


def format_moment(nanoseconds: int) -> str:
    """ISO 8601 text in UTC, to the microsecond.

    >>> format_moment(1_000_002_000)
    '1970-01-01T00:00:01.000002Z'
    """
    whole = format_time(nanoseconds).removesuffix("Z")
    return f"{whole}.{nanoseconds % SECOND // 1_000:06d}Z"
