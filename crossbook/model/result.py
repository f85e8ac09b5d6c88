"""Results: the states of the world that decide claims."""

from __future__ import annotations

from typing import NamedTuple

from crossbook.base.errors import BadData
from crossbook.model.claim import Period


class Score(NamedTuple):
    """A count for each side at the end, and at half-time where it is known."""

    home: int
    away: int
    half_home: int | None = None
    half_away: int | None = None

    def of(self, period: Period) -> tuple[int, int]:
        """The count of one period. Raises BadData when the half-time score is needed and missing."""
        if period in (Period.FULL_TIME, Period.OVERTIME):
            return self.home, self.away
        if self.half_home is None or self.half_away is None:
            raise BadData("half_home: the half-time score is needed to settle a half")
        if period is Period.FIRST_HALF:
            return self.half_home, self.half_away
        return self.home - self.half_home, self.away - self.half_away


class Finish(NamedTuple):
    """The runners that finished first (more than one in a dead heat), or took the `places` paid."""

    runners: frozenset[str]
    places: int = 1


class Resolution(NamedTuple):
    """A contract's end: the share of its full value that it paid (0, 1, or 1/2 where its rules split it)."""

    paid_numerator: int
    paid_denominator: int = 1


class Void(NamedTuple):
    """The event did not count: stakes go back."""

    reason: str


Result = Score | Finish | Resolution | Void
