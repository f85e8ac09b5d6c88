"""Kalshi's rules of football games: which side of the result a market is about, where its text says so.

A game is understood when the rules name both teams, the day and ninety minutes plus stoppage time, and rule
extra time out. The team named first is taken as the home side: that is how Kalshi lists football.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Final, NamedTuple

_LONGEST_RULES: Final = 800
_GAME: Final = re.compile(
    r"If (?P<winner>.+?) (?:wins|is the result of) the (?P<home>.+?) vs\.? (?P<away>.+?) professional .+? "
    r"soccer game originally scheduled for "
    r"(?P<month>[A-Z][a-z]{2})[a-z]*\.? (?P<day>\d{1,2}), (?P<year>\d{4}) "
    r"after 90 minutes plus stoppage time(?: \(does not include extra time or penalties\))?, "
    r"then the market resolves to Yes\."
)
_EXCLUSION: Final = re.compile(
    r"does not include extra time or penalties|extra time and penalties are excluded", re.IGNORECASE
)
_LONGER_GAME: Final = re.compile(r"extra[ -]time|overtime|penalt|shoot-?out", re.IGNORECASE)
_DRAW: Final = frozenset({"tie", "draw"})
_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


class Game(NamedTuple):
    """A football game as the rules name it; `date` is the day it was first scheduled for (ISO)."""

    home: str
    away: str
    date: str


def game_of(primary: str, secondary: str, yes_means: str) -> tuple[Game, str] | None:
    """The game and the selection (``home``, ``draw``, ``away``) of a market; None when anything is unclear.

    `primary` and `secondary` are the two rules texts, `yes_means` is what the market calls its YES side.
    """
    primary, secondary = " ".join(primary.split()), " ".join(secondary.split())
    if len(primary) > _LONGEST_RULES:
        return None
    found = _GAME.fullmatch(primary)
    if found is None or not _regulation_only(f"{primary} {secondary}"):
        return None
    home, away, winner = found["home"], found["away"], found["winner"]
    day = _iso_date(found["year"], found["month"], found["day"])
    if day is None or home == away or winner != yes_means.strip():
        return None
    if winner.casefold() in _DRAW:
        return Game(home, away, day), "draw"
    sides = {home: "home", away: "away"}
    return (Game(home, away, day), sides[winner]) if winner in sides else None


def _regulation_only(rules: str) -> bool:
    """Whether the rules exclude extra time and nowhere else speak of it."""
    rest, exclusions = _EXCLUSION.subn("", rules)
    return exclusions > 0 and _LONGER_GAME.search(rest) is None


def _iso_date(year: str, month: str, day: str) -> str | None:
    try:
        return date(int(year), _MONTHS.index(month.lower()) + 1, int(day)).isoformat()
    except ValueError:
        return None
