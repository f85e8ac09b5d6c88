"""How an event runs its course, as far as it ties counts to each other that would else say nothing of each other.

What is not known ties nothing. Then claims are decided apart: that may lose an opportunity and never makes a false one.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from functools import lru_cache
from typing import Final, NamedTuple, TypeVar

from crossbook.model.claim import GAMES, GOALS, SETS, SETS_WON
from crossbook.model.quote import Listing

_Item = TypeVar("_Item")
_Key = TypeVar("_Key")


class Overtime(StrEnum):
    """What happens when regulation ends level."""

    __hash__ = str.__hash__  # an Enum's own hash is Python code, too slow for the keys of hot paths

    UNKNOWN = "unknown"
    """Overtime may follow whatever the count of regulation is (two legs), or that is not known."""
    PLAYED_ON = "played_on"
    """Only then play goes on, until somebody wins."""
    MAY_END_LEVEL = "may_end_level"
    """Only then play goes on, and it may end level again."""
    NEXT_GOAL = "next_goal"
    """Only then play goes on, and the winner gets exactly one more: sudden death, or a shootout that counts one."""


class Format(NamedTuple):
    """How a match of sets is played.

    `best_of` are the numbers of sets that it may be played over. `games` says whether sets are counted as in tennis, to
    six games with a tie-break at six all; without it only sets are counted. `short` says that the last set may be a
    match tie-break, which counts as one game.
    """

    best_of: tuple[int, ...]
    games: bool = False
    short: bool = False


class Course(NamedTuple):
    """What is known of how events of one sort run."""

    overtime: Overtime = Overtime.UNKNOWN
    level: bool = True
    """Whether the final count may be level."""
    decider: bool = False
    """Whether who is ahead in the end goes through: a single match that decides a tie."""
    sets: Format | None = None

    def space(self, space: str) -> str:
        """The space in which claims of this space are decided: claims that are tied to each other share one."""
        return _tied(self).get(space, space)

    def joined(
        self, groups: Mapping[tuple[_Key, str], list[_Item]]
    ) -> Mapping[tuple[_Key, str], list[_Item]]:
        """What stands under a key and a space, with tied spaces under one."""
        tied = _tied(self)
        if not tied:
            return groups
        found: dict[tuple[_Key, str], list[_Item]] = {}
        for (key, space), some in groups.items():
            found.setdefault((key, tied.get(space, space)), []).extend(some)
        return found


OPEN: Final = Course()
"""Nothing is known."""
DECIDED: Final = Course(level=False)
"""The final count is not level, and no more is known."""


@lru_cache(maxsize=256)
def _tied(course: Course) -> dict[str, str]:
    regulation, final, qualified = (f"{GOALS}/{word}" for word in ("regulation", "final", "qualified"))
    if course.sets is not None:
        parts = {f"{subject}/{period}" for subject in (GOALS, SETS_WON, GAMES) for period in SETS}
        ends = {f"{subject}/{word}" for subject in (GOALS, SETS_WON) for word in ("regulation", "final")}
        games = {f"{GAMES}/regulation", f"{GAMES}/final"}
        told = ends | parts | games if course.sets.games else ends
        return dict.fromkeys(told, SETS_WON)
    tied = {}
    if course.overtime is not Overtime.UNKNOWN:
        tied[final] = regulation
    if course.decider:
        tied[qualified] = regulation
    return tied


_PLAYED_ON: Final = Course(Overtime.PLAYED_ON, level=False)
_COURSES: Final = {
    "ice-hockey": Course(Overtime.NEXT_GOAL, level=False),
    "basketball": _PLAYED_ON,
    "baseball": _PLAYED_ON,
    "american-football": Course(Overtime.MAY_END_LEVEL),
    "badminton": Course(level=False, sets=Format((3,))),
    "table-tennis": Course(level=False, sets=Format((5, 7))),
    "volleyball": Course(level=False, sets=Format((3, 5))),
}
_TIES_STAND: Final = ("npb", "nippon", "kbo", "cpbl", "spring training", "preseason", "pre-season", "friendl")
"""Words of baseball competitions whose games may end level: after twelve innings, or when the clubs agree."""
_SLAMS: Final = ("australian open", "french open", "roland garros", "wimbledon", "us open")
_SHORT_SETS: Final = (
    "next gen",
    "fast4",
    "fast 4",
    "utr",
    "exhibition",
    "ultimate tennis",
    "hopman",
    "juniors",
)
"""Words of tennis competitions whose sets need not go to six games."""
_MATCH_TIE_BREAK: Final = ("laver", "united cup", "doubles", "mixed", "atp cup", "legends", "invitational")


def course_of(listing: Listing) -> Course:
    """What is known of how this event runs, by its sport, its competition, and whether it decides a tie.

    Hockey: overtime is sudden death and a shootout counts one goal (IIHF and NHL rules). Basketball and baseball are
    played on until somebody wins, but for the leagues in which ties stand. Tennis: men play the four majors over five
    sets, all others over three; doubles and some team events end with a match tie-break.
    """
    doubles = "/" in listing.home or "/" in listing.away
    return _course(listing.sport, listing.competition, listing.decider is True, doubles)


@lru_cache(maxsize=4096)
def _course(sport: str, competition: str, decider: bool, doubles: bool) -> Course:
    words = competition.casefold()
    if sport == "tennis":
        return Course(level=False, sets=_tennis(words, doubles))
    if sport == "baseball" and any(word in words for word in _TIES_STAND):
        return Course(Overtime.MAY_END_LEVEL)
    course = _COURSES.get(sport, OPEN)
    if course.sets is None and decider:
        overtime = Overtime.MAY_END_LEVEL if course.overtime is Overtime.UNKNOWN else course.overtime
        return course._replace(overtime=overtime, decider=True)
    return course


def _tennis(words: str, doubles: bool) -> Format:
    if any(word in words for word in _SHORT_SETS):
        return Format((3, 5))
    short = doubles or any(word in words for word in _MATCH_TIE_BREAK)
    major = any(word in words for word in _SLAMS)
    if "wta" in words or "women" in words or "challenger" in words or "itf" in words:
        return Format((3,), games=True, short=short)
    if major and not short and "qualif" not in words and ("atp" in words or " men" in f" {words}"):
        return Format((5,), games=True)
    if "atp" in words and not major:
        return Format((3,), games=True, short=short)
    return Format((3, 5), games=True, short=True)
