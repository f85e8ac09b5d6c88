"""Every market key of The Odds API that is known: what it means in which sport, or why it is left out."""

from __future__ import annotations

import re
from enum import Enum, auto
from functools import lru_cache
from typing import Final, NamedTuple

from crossbook.model.claim import GAMES, GOALS, SETS, SETS_WON, Kind, Period
from crossbook.model.quote import Side


class Shape(Enum):
    """How the outcomes of a market are named."""

    WINNER = auto()
    """The two teams, and ``Draw`` where the market has three ways."""
    TEAMS = auto()
    """The two teams."""
    HANDICAP = auto()
    """The two teams, each with its own `point`."""
    OVER_UNDER = auto()
    """``Over`` and ``Under`` with a `point`."""
    TEAM_OVER_UNDER = auto()
    """``Over`` and ``Under`` with a `point`, the team in `description`."""
    YES_NO = auto()
    DOUBLE_CHANCE = auto()
    """Pairs such as ``Team or Draw``."""
    RUNNERS = auto()
    """Everyone who may win, by name."""


class Market(NamedTuple):
    """What a market key means in a sport."""

    kind: Kind
    shape: Shape
    word: str
    """The venue's market as one word: back and lay prices, main and alternate lines share it."""
    period: Period
    subject: str = GOALS
    side: Side = Side.BACK


SPORTS: Final = {
    "soccer": "football",
    "americanfootball": "american-football",
    "icehockey": "ice-hockey",
    "rugbyleague": "rugby-league",
    "rugbyunion": "rugby-union",
    "aussierules": "aussie-rules",
    "mma": "mixed-martial-arts",
}
"""Our words for the first part of a sport key, where they differ from it."""
OVERTIME_COUNTS: Final = frozenset({"basketball", "american-football", "baseball"})
"""Sports whose handicaps and totals count overtime wherever they are sold. Elsewhere books differ (sixty minutes or
the end in ice hockey, games or sets in tennis), and the service does not say which it passes on."""
DRAW_IS_REGULATION: Final = frozenset({"football", "ice-hockey", "handball", "rugby-league", "rugby-union"})
"""Sports in which a price for the draw shows that the market ends with regulation time."""

_BASES: Final[dict[str, tuple[Kind, Shape]]] = {
    "h2h": (Kind.MATCH_RESULT, Shape.WINNER),
    "h2h_3_way": (Kind.MATCH_RESULT, Shape.WINNER),
    "spreads": (Kind.ASIAN_HANDICAP, Shape.HANDICAP),
    "totals": (Kind.TOTAL, Shape.OVER_UNDER),
    "team_totals": (Kind.TEAM_TOTAL_HOME, Shape.TEAM_OVER_UNDER),
    "btts": (Kind.BOTH_TEAMS_TO_SCORE, Shape.YES_NO),
    "draw_no_bet": (Kind.DRAW_NO_BET, Shape.TEAMS),
    "double_chance": (Kind.DOUBLE_CHANCE, Shape.DOUBLE_CHANCE),
    "to_qualify": (Kind.TO_QUALIFY, Shape.TEAMS),
    "outrights": (Kind.WINNER, Shape.RUNNERS),
}
_FOOTBALL_ONLY: Final = frozenset({"btts", "draw_no_bet", "double_chance", "to_qualify"})
_LAYABLE: Final = frozenset({"h2h", "outrights"})
_KEY: Final = re.compile(
    r"(?P<alternate>alternate_)?(?P<base>[a-z0-9_]+?)(?P<subject>_corners|_cards)?(?P<part>_h[12]|_s[1-5])?(?P<lay>_lay)?"
)
_HALVES: Final = {"_h1": Period.FIRST_HALF, "_h2": Period.SECOND_HALF}
_SETS: Final = {f"_{period.value}": period for period in SETS}
_OF_SETS: Final[dict[str, tuple[Kind, Shape, str]]] = {
    "h2h": (Kind.MONEYLINE, Shape.TEAMS, GOALS),
    "spreads": (Kind.ASIAN_HANDICAP, Shape.HANDICAP, GAMES),
    "totals": (Kind.TOTAL, Shape.OVER_UNDER, GAMES),
}
"""What is sold of a single set in tennis; handicaps and totals of one set can only be of its games."""
_IN_SETS: Final[dict[str, tuple[Kind, Shape]]] = {
    "set_spreads": (Kind.ASIAN_HANDICAP, Shape.HANDICAP),
    "set_totals": (Kind.TOTAL, Shape.OVER_UNDER),
}
"""What is sold of the number of sets; the keys are always those of alternate lines."""

_PARTICIPATION: Final = (
    "what one player does decides, and the stake goes back unless he takes part: line-ups are needed"
)
_PART: Final = "quarters, ice hockey periods and innings are no periods of ours"
LEFT_OUT: Final[tuple[tuple[re.Pattern[str], str], ...]] = (
    (re.compile(r"(player|batter|pitcher)_\w+"), _PARTICIPATION),
    (re.compile(r"\w+_(q[1-4]|p[1-3]|1st_\d_innings)"), _PART),
)
"""Families of keys that are known and not read, with the reason."""


@lru_cache(maxsize=2_048)
def lookup(key: str, sport: str) -> Market | str | None:
    """What a market key means in a sport, or the reason why it is left out, or None when it is not known there.

    >>> lookup("alternate_totals_corners_h1", "football").period.value
    '1h'
    """
    for pattern, reason in LEFT_OUT:
        if pattern.fullmatch(key):
            return reason
    match = _KEY.fullmatch(key)
    if match is not None and sport == "tennis" and (in_sets := _of_tennis(match)) is not None:
        return in_sets
    found = _BASES.get(match["base"]) if match else None
    if match is None or found is None:
        return None
    kind, shape = found
    base, subject, half, lay = match["base"], match["subject"], match["part"], match["lay"]
    lined = shape in (Shape.HANDICAP, Shape.OVER_UNDER, Shape.TEAM_OVER_UNDER)
    unheard = bool(match["alternate"] or subject) and not lined
    if lay:
        unheard |= base not in _LAYABLE or half is not None
    if shape is Shape.RUNNERS:
        unheard |= half is not None
    elif half in _SETS or (base == "to_qualify" and half):
        unheard = True
    elif sport != "football":
        unheard |= base in _FOOTBALL_ONLY or bool(subject or half) or (lined and sport not in OVERTIME_COUNTS)
    if unheard:
        return None
    period = Period.FULL_TIME if sport == "football" or base == "h2h_3_way" else Period.OVERTIME
    return Market(
        kind,
        shape,
        f"{base}{subject or ''}{half or ''}",
        _HALVES.get(half or "", period),
        (subject or f"_{GOALS}")[1:],
        Side.LAY if lay else Side.BACK,
    )


def _of_tennis(match: re.Match[str]) -> Market | None:
    """A market on a single set or on the number of sets, None for every other."""
    base, part = match["base"], match["part"] or ""
    if match["subject"] or match["lay"]:
        return None
    if part in _SETS and base in _OF_SETS:
        kind, shape, subject = _OF_SETS[base]
        return (
            None
            if match["alternate"] and base == "h2h"
            else Market(kind, shape, f"{base}{part}", _SETS[part], subject)
        )
    if not part and match["alternate"] and base in _IN_SETS:
        return Market(*_IN_SETS[base], base, Period.OVERTIME, SETS_WON)
    return None
