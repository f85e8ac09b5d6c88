"""Results: the states of the world that decide claims."""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

from crossbook.base.errors import BadData
from crossbook.model.claim import GAMES, GOALS, HALVES, SETS, SETS_WON, Period


class Score(NamedTuple):
    """A count for each side when regulation ends; where known, at half-time, with overtime, and who went through."""

    home: int
    away: int
    half_home: int | None = None
    half_away: int | None = None
    final_home: int | None = None
    """The count with overtime; None where none was played, and then it is the count of regulation."""
    final_away: int | None = None
    qualified: str | None = None
    """``home`` or ``away``: who went through or took the title, penalties included; None where it is not known."""

    def of(self, period: Period) -> tuple[int, int]:
        """The count of one period. Raises BadData when the half-time score is needed and missing, or for a set."""
        if period is Period.FULL_TIME:
            return self.home, self.away
        if period is Period.OVERTIME:
            if self.final_home is None or self.final_away is None:
                return self.home, self.away
            return self.final_home, self.final_away
        if period not in HALVES:
            raise BadData(f"period: a score has no {period.value}; only a match of sets has")
        if self.half_home is None or self.half_away is None:
            raise BadData("half_home: the half-time score is needed to settle a half")
        if period is Period.FIRST_HALF:
            return self.half_home, self.half_away
        return self.home - self.half_home, self.away - self.half_away


class Sets(NamedTuple):
    """A match of sets: the games (home, away) of every set in order, the last perhaps unfinished.

    `best_of` is the greatest number of sets there can be. `retired` is the side that gave up (``home`` or ``away``),
    None where the match was played to its end; what a retirement does to a claim is each venue's own rule.
    """

    sets: tuple[tuple[int, int], ...]
    best_of: int = 3
    retired: str | None = None

    def of(self, period: Period, subject: str = SETS_WON) -> tuple[int, int] | None:
        """The sets or games of each side in one period; None where that set was not played.

        Raises BadData for halves, and for a subject that is not counted in sets and games (aces, say).
        """
        if subject not in (GOALS, SETS_WON, GAMES):
            raise BadData(f"subject: {subject!r} is not counted in sets and games")
        if period in HALVES:
            raise BadData(f"period: a match of sets has no {period.value}")
        played = self.sets
        if period in SETS:
            played = played[SETS.index(period) :][:1]
            if not played:
                return None
        if subject == GAMES:
            return sum(home for home, _ in played), sum(away for _, away in played)
        return sum(home > away for home, away in played), sum(away > home for home, away in played)


class Race(NamedTuple):
    """Who came first, second, …: groups of equals in the order they came in; more than one in a group is a dead heat.

    Only as many groups as matter need be named. `withdrawn` did not start: their bets go back, and bets on the others
    lose the share `reduction` of their winnings (Rule 4). `places` is how many the contest pays, for claims that do
    not say it themselves.
    """

    ranks: tuple[frozenset[str], ...]
    withdrawn: frozenset[str] = frozenset()
    reduction: Fraction = Fraction(0)
    places: int = 1

    def paid(self, runner: str, places: int) -> Fraction:
        """The share of a stake on the runner that is paid when so many places are: k / m where m share k of them."""
        ahead = 0
        for group in self.ranks:
            if runner in group:
                return Fraction(max(0, min(places - ahead, len(group))), len(group))
            ahead += len(group)
        return Fraction(0)


class Resolution(NamedTuple):
    """A contract's end: the share of its full value that it paid (0, 1, or 1/2 where its rules split it)."""

    paid_numerator: int
    paid_denominator: int = 1


class Void(NamedTuple):
    """The event did not count: stakes go back."""

    reason: str


Result = Score | Sets | Race | Resolution | Void
