"""How long to wait before trying again, and when to stop trying for a while."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from random import Random

from crossbook.base.errors import Retry


class Backoff:
    """Waiting times with full jitter: any time up to a ceiling that doubles with every failure, up to a cap.

    A connection that held for `healthy_s` counts as a success. `random` is passed in, so that a test can know it.
    """

    def __init__(
        self, random: Random, first_s: float = 0.5, cap_s: float = 60.0, healthy_s: float = 60.0
    ) -> None:
        self._random = random
        self._first = first_s
        self._cap = cap_s
        self._healthy = healthy_s
        self._failures = 0

    def succeeded(self) -> None:
        """Begin from the shortest ceiling again."""
        self._failures = 0

    def failed(self, held_s: float = 0.0, at_least_s: float = 0.0) -> float:
        """Seconds to wait after a failure, of a connection that had held for `held_s`."""
        if held_s >= self._healthy:
            self.succeeded()
        ceiling = min(self._cap, self._first * 2.0 ** min(self._failures, 60))
        self._failures += 1
        return max(at_least_s, self._random.uniform(0, ceiling))


class Gate(StrEnum):
    """The three states of a breaker."""

    CLOSED = "closed"
    """All is well: questions pass."""
    OPEN = "open"
    """Too many failures: no question passes until a while has gone by."""
    HALF_OPEN = "half_open"
    """One question is on its way to find out."""


class Breaker:
    """Stops asking a source that fails again and again. `now` is any clock in seconds that never goes back.

    After `failures` in a row it opens for `open_s`; then one question may pass, and its result closes or opens it.
    """

    def __init__(self, name: str, now: Callable[[], float], failures: int = 5, open_s: float = 30.0) -> None:
        self.name = name
        self.gate = Gate.CLOSED
        self._now = now
        self._most = failures
        self._open_s = open_s
        self._failures = 0
        self._until = 0.0

    def admit(self) -> None:
        """Let a question pass. Raises Retry while the source is left alone; `wait_s` says for how long."""
        if self.gate is Gate.CLOSED:
            return
        if self.gate is Gate.HALF_OPEN or self._now() < self._until:
            raise Retry(f"{self.name}: left alone after {self._failures} failures in a row")
        self.gate = Gate.HALF_OPEN

    def wait_s(self) -> float:
        """Seconds until the next question may pass; 0 when one may pass now."""
        return 0.0 if self.gate is Gate.CLOSED else max(0.0, self._until - self._now())

    def succeeded(self) -> None:
        """A question was answered."""
        self.gate, self._failures = Gate.CLOSED, 0

    def failed(self) -> None:
        """A question was not answered."""
        self._failures += 1
        if self.gate is Gate.HALF_OPEN or self._failures >= self._most:
            self.gate, self._until = Gate.OPEN, self._now() + self._open_s

    def abandoned(self) -> None:
        """A question was given up before anybody could know: the next one may find out."""
        if self.gate is Gate.HALF_OPEN:
            self.gate = Gate.OPEN
