"""What speaks for and against two listings being one event, kept as evidence, and one number to order by."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import lru_cache, partial
from typing import Final

import msgspec

from crossbook.base.clock import DAY, SECOND
from crossbook.matching.block import Entry
from crossbook.matching.fit import Fit, between
from crossbook.matching.names import Name, fold
from crossbook.matching.schedule import Meaning, Sources, Testimony
from crossbook.matching.words import SELDOM_MEET

MINUTE: Final = 60 * SECOND
HOUR: Final = 60 * MINUTE
SAME_START: Final = 90 * MINUTE
"""Starts this close are one start, moved or rounded; a whole hour apart they are two clocks that may disagree."""
_MINUTES: Final = 15 * MINUTE
_TOGETHER: Final = 5 * MINUTE
_WIDEST_ZONES: Final = 14 * HOUR
_LATE: Final = 0.4
_ONE_DAY: Final = 0.15
_SWAPPED: Final = 0.2
_COMPETITION: Final = 0.03


class Evidence(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """Everything a decision rests on.

    `home` and `away` grade the names (of the left listing's sides, when `swapped` against the right's other side).
    `gap` is the distance of the two starts in nanoseconds, None unless both are known; `days` that of the stated
    days, None when one is unknown. `ids_agree` is True or False where ids of one source are known for both.
    """

    home: Fit
    away: Fit
    swapped: bool
    gap: int | None
    days: int | None
    competition: float
    ids_agree: bool | None
    qualifiers_agree: bool
    aliased: bool
    score: float
    runner_up: float = 0.0
    """The best score of another candidate for one of the two listings."""

    @property
    def low(self) -> Fit:
        """The worse of the two name grades."""
        return min(self.home, self.away)

    @property
    def high(self) -> Fit:
        """The better of the two name grades."""
        return max(self.home, self.away)

    @property
    def whole_hours(self) -> bool:
        """Whether the starts are one to fourteen whole hours apart, to the minute, as wrong time zones are."""
        if self.gap is None or not HOUR - MINUTE <= self.gap <= _WIDEST_ZONES + MINUTE:
            return False
        return (self.gap + MINUTE) % HOUR <= 2 * MINUTE


def weigh(left: Entry, right: Entry, said: Mapping[str, Collection[str]] | None = None) -> Evidence:
    """Compare two listings in both orientations and keep the better one.

    `said` are the right source's names of a team by the left one's, as schedules have it: they fit, however they are
    spelt.
    """
    fit = between if not said else partial(_between, said)
    straight = fit(left.home, right.home), fit(left.away, right.away)
    home, away, swapped = *straight, False
    if _names(straight) < 1 - _SWAPPED:
        crossed = fit(left.home, right.away), fit(left.away, right.home)
        if _names(crossed) - _SWAPPED > _names(straight):
            home, away, swapped = *crossed, True
    others = (right.away, right.home) if swapped else (right.home, right.away)
    gap = days = None
    if left.listing.start is not None and right.listing.start is not None:
        gap = abs(left.listing.start - right.listing.start)
    if left.day is not None and right.day is not None:
        days = abs(left.day - right.day)
    competition = _competition(left.listing.competition, right.listing.competition)
    ids_agree = _ids_agree(left, right)
    score = (
        _names((home, away))
        - (_SWAPPED if swapped else 0.0)
        - _time_cost(gap, days)
        + _COMPETITION * competition
        + (1.0 if ids_agree else 0.0)
    )
    return Evidence(
        home=home,
        away=away,
        swapped=swapped,
        gap=gap,
        days=days,
        competition=competition,
        ids_agree=ids_agree,
        qualifiers_agree=(left.home.qualifiers, left.away.qualifiers) == tuple(o.qualifiers for o in others),
        aliased=bool(left.aliased or right.aliased),
        score=round(score, 6),
    )


def _between(said: Mapping[str, Collection[str]], left: Name, right: Name) -> Fit:
    grade = between(left, right)
    return Fit.SCHEDULE if grade < Fit.CLOSE and right.words in said.get(left.words, ()) else grade


def testimony(left: Entry, right: Entry, evidence: Evidence) -> tuple[Testimony, ...]:
    """What two listings say of the meaning of names: where one side is one team by its letters, so is the other.

    In sports in which one may play again on the same day, the two have to start together.
    """
    if evidence.high < Fit.CLOSE or evidence.swapped or not evidence.qualifiers_agree:
        return ()
    if not left.away.words or not right.away.words or not same_time(evidence):
        return ()
    if left.sport not in SELDOM_MEET and (evidence.gap is None or evidence.gap > _TOGETHER):
        return ()
    sources = Sources(left.sport, left.listing.source, right.listing.source)
    said = []
    if evidence.home >= Fit.CLOSE:
        said.append((sources, Meaning(left.away.words, right.away.words), left.home.words))
    if evidence.away >= Fit.CLOSE:
        said.append((sources, Meaning(left.home.words, right.home.words), left.away.words))
    return tuple(said)


def same_time(evidence: Evidence) -> bool:
    """Whether nothing says that the two start at different times; on one day, where no more is known."""
    return evidence.gap <= _MINUTES if evidence.gap is not None else evidence.days == 0


def _names(fits: tuple[Fit, Fit]) -> float:
    """The worse name counts more: a wrong event usually shares one side at most."""
    return 0.6 * min(fits).score + 0.4 * max(fits).score


def _time_cost(gap: int | None, days: int | None) -> float:
    if gap is not None:
        return 0.1 * gap / SAME_START if gap <= SAME_START else _LATE + min(0.1, gap / (100 * DAY))
    return 0.0 if not days else _ONE_DAY * days if days == 1 else _LATE


def _ids_agree(left: Entry, right: Entry) -> bool | None:
    if not left.listing.ids and not right.listing.ids:
        return None
    if left.stated & right.stated:
        return True
    mine, others = dict(left.stated), dict(right.stated)
    return False if any(others.get(source, key) != key for source, key in mine.items()) else None


@lru_cache(maxsize=65_536)
def _competition(left: str, right: str) -> float:
    """Share of words two competition names have in common; sources differ too much for it to decide anything."""
    one, other = set(fold(left).split()), set(fold(right).split())
    return len(one & other) / len(one | other) if one and other else 0.0
