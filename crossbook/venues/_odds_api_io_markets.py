"""Every market name of odds-api.io that is known: what it means, or why it is left out.

The service passes on the words of each bookmaker, so a name alone does not always say how a row is written. Where
two readings were possible, the prices of a recorded match decided, and the reason is written beside the table.
"""

from __future__ import annotations

from enum import Enum, auto
from typing import Final, NamedTuple

from crossbook.model.claim import GOALS, Kind, Period


class Shape(Enum):
    """How the rows of a market are written."""

    RESULT = auto()
    """Prices under home, draw and away; or one row for each, named by its label."""
    TWO_SIDES = auto()
    """Prices under home and away; a price for the draw would make it another market."""
    YES_NO = auto()
    DOUBLE_CHANCE = auto()
    """One row for each pair, named by its label; or all three under 1X, 12 and X2."""
    HANDICAP = auto()
    """Home and away at `hdp`, the line of the home side for both."""
    THREE_WAY_HANDICAP = auto()
    """Home, draw and away; whose line `hdp` is depends on the bookmaker, see below."""
    OVER_UNDER = auto()
    """Over and under `hdp`, with the stake back on the line itself."""
    THREE_WAY_COUNT = auto()
    """Over and under a whole number that itself loses both (the third price, exactly, is not passed on)."""
    RANGES = auto()
    """One row for each number or range of numbers, named by its label."""
    PLAYERS = auto()
    """Over and under for one player, named by the label."""


class Market(NamedTuple):
    """What a market name means."""

    kind: Kind
    shape: Shape
    period: Period = Period.FULL_TIME
    subject: str = GOALS


HOME_LINE: Final = frozenset({"betfair_exchange"})
"""Desks whose three-way handicap rows hold all three prices at the line of the home side: home at -1 is priced as
the Asian home -1.5, and away at -1 as the Asian away +0.5."""
OWN_LINE: Final = frozenset({"bet365"})
"""Desks whose three-way handicap prices each stand under the handicap of their own selection, so that the row of +1
holds the home side at +1 beside the draw and the away side of the line -1. Read so, each line adds up to a book of
105 to 110 %; read as lines of the home side, the rows add up to anything from 30 to 184 %. The labels
say the same: ``1 (-3)``, ``Tie (3)``."""
STRICT_COUNT: Final = frozenset({"bet365"})
"""Desks whose whole-number counts have a third result, exactly: their over 9 has the price of their two-way over
9.5, their under 10 that of the under 9.5; as two-way lines most rows would add up to less than 100 %."""

_HALF, _SECOND, _END = Period.FIRST_HALF, Period.SECOND_HALF, Period.OVERTIME
_TOTAL, _SIDES = Shape.OVER_UNDER, Shape.HANDICAP


def _team(subject: str) -> tuple[Market, Market]:
    return (
        Market(Kind.TEAM_TOTAL_HOME, _TOTAL, subject=subject),
        Market(Kind.TEAM_TOTAL_AWAY, _TOTAL, subject=subject),
    )


def _both(words: str, subject: str) -> dict[str, Market]:
    home, away = _team(subject)
    return {f"{words} Home": home, f"{words} Away": away}


FOOTBALL: Final[dict[str, Market]] = {
    "ML": Market(Kind.MATCH_RESULT, Shape.RESULT),
    "ML HT": Market(Kind.MATCH_RESULT, Shape.RESULT, _HALF),
    "Half Time Result": Market(Kind.MATCH_RESULT, Shape.RESULT, _HALF),
    "Draw No Bet": Market(Kind.DRAW_NO_BET, Shape.TWO_SIDES),
    "Double Chance": Market(Kind.DOUBLE_CHANCE, Shape.DOUBLE_CHANCE),
    "Both Teams To Score": Market(Kind.BOTH_TEAMS_TO_SCORE, Shape.YES_NO),
    "Both Teams To Score HT": Market(Kind.BOTH_TEAMS_TO_SCORE, Shape.YES_NO, _HALF),
    "Both Teams To Score 2H": Market(Kind.BOTH_TEAMS_TO_SCORE, Shape.YES_NO, _SECOND),
    "Spread": Market(Kind.ASIAN_HANDICAP, _SIDES),
    "Spread HT": Market(Kind.ASIAN_HANDICAP, _SIDES, _HALF),
    "Alternative Asian Handicap": Market(Kind.ASIAN_HANDICAP, _SIDES),
    "European Handicap": Market(Kind.EUROPEAN_HANDICAP, Shape.THREE_WAY_HANDICAP),
    "1st Half Handicap": Market(Kind.EUROPEAN_HANDICAP, Shape.THREE_WAY_HANDICAP, _HALF),
    "Totals": Market(Kind.TOTAL, _TOTAL),
    "Totals HT": Market(Kind.TOTAL, _TOTAL, _HALF),
    "Goals Over/Under": Market(Kind.TOTAL, _TOTAL),
    "Alternative Total Goals": Market(Kind.TOTAL, _TOTAL),
    "Alternative Goal Line": Market(Kind.TOTAL, _TOTAL),
    "Exact Total Goals": Market(Kind.EXACT_TOTAL, Shape.RANGES),
    "Number of Goals In Match": Market(Kind.EXACT_TOTAL, Shape.RANGES),
    **_both("Team Total", GOALS),
    **_both("Team Total Goals", GOALS),
    "Corners": Market(Kind.TOTAL, Shape.THREE_WAY_COUNT, subject="corners"),
    "Alternative Corners": Market(Kind.TOTAL, Shape.THREE_WAY_COUNT, subject="corners"),
    "Corners 2-Way": Market(Kind.TOTAL, _TOTAL, subject="corners"),
    "Corners Totals": Market(Kind.TOTAL, _TOTAL, subject="corners"),
    "Corners Totals HT": Market(Kind.TOTAL, _TOTAL, _HALF, "corners"),
    "Corners Spread": Market(Kind.ASIAN_HANDICAP, _SIDES, subject="corners"),
    "Corner Handicap": Market(Kind.EUROPEAN_HANDICAP, Shape.THREE_WAY_HANDICAP, subject="corners"),
    "Total Corners": Market(Kind.EXACT_TOTAL, Shape.RANGES, subject="corners"),
    **_both("Team Corners", "corners"),
    # Bookings and cards stay two subjects: whether a red card counts once or twice is each market's own rule.
    "Bookings Totals": Market(Kind.TOTAL, _TOTAL, subject="bookings"),
    "Bookings Spread": Market(Kind.ASIAN_HANDICAP, _SIDES, subject="bookings"),
    "Number of Cards In Match": Market(Kind.TOTAL, _TOTAL, subject="cards"),
    "Card Handicap": Market(Kind.EUROPEAN_HANDICAP, Shape.THREE_WAY_HANDICAP, subject="cards"),
    **_both("Team Cards", "cards"),
    "Match Shots": Market(Kind.TOTAL, _TOTAL, subject="shots"),
    **_both("Team Shots", "shots"),
    "Match Shots on Target": Market(Kind.TOTAL, _TOTAL, subject="shots_on_target"),
    **_both("Team Shots on Target", "shots_on_target"),
    "Match Offsides": Market(Kind.TOTAL, _TOTAL, subject="offsides"),
    **_both("Team Offsides", "offsides"),
    "Match Tackles": Market(Kind.TOTAL, _TOTAL, subject="tackles"),
    **_both("Team Tackles", "tackles"),
    "Player Shots Over/Under": Market(Kind.TOTAL, Shape.PLAYERS, subject="shots"),
    "Player Shots On Target Over/Under": Market(Kind.TOTAL, Shape.PLAYERS, subject="shots_on_target"),
}

_SCORER = "who scores decides, and the stake goes back unless the player takes part: line-ups are needed"
_LADDER = "one side only, refunded unless the player takes part: line-ups are needed"
LEFT_OUT: Final[dict[str, str]] = {
    "Anytime Goalscorer": _SCORER,
    "Team Goalscorer": _SCORER,
    "Multi Scorers": _SCORER,
    "Goal Method": _SCORER,
    "Player To Score or Assist": _SCORER,
    "Player Shots": _LADDER,
    "Player Tackles": _LADDER,
    "Player Passes": _LADDER,
    "Total Player Disposals": "a heap of unnamed player markets under one name; what is counted is not said",
    "Corners Race": "who is first to a number of corners is not decided by the final count",
    "First 10 Minutes (00:00 - 09:59)": "ten minutes are no period of ours, and goal kicks are not in a score",
    "Specials": "coming from behind is not decided by the final score",
    "First Team To Score": "the order of goals is not in a score",
}
"""Football markets that are known and not read, with the reason."""

_ANY: Final = {"ML": Market(Kind.MONEYLINE, Shape.TWO_SIDES, _END)}
_WITH_OVERTIME: Final = {
    **_ANY,
    "Spread": Market(Kind.ASIAN_HANDICAP, _SIDES, _END),
    "Totals": Market(Kind.TOTAL, _TOTAL, _END),
    "Team Total Home": Market(Kind.TEAM_TOTAL_HOME, _TOTAL, _END),
    "Team Total Away": Market(Kind.TEAM_TOTAL_AWAY, _TOTAL, _END),
}
_TENNIS: Final = {
    **_ANY,
    "Spread (Games)": Market(Kind.ASIAN_HANDICAP, _SIDES, _END, "games"),
    "Totals (Games)": Market(Kind.TOTAL, _TOTAL, _END, "games"),
}
_SPORTS: Final[dict[str, dict[str, Market]]] = {
    "football": FOOTBALL,
    "basketball": _WITH_OVERTIME,
    "american-football": _WITH_OVERTIME,
    "baseball": _WITH_OVERTIME,
    "tennis": _TENNIS,
}


def lookup(name: str, sport: str) -> Market | str | None:
    """What a market name means in a sport, or the reason why it is left out, or None when it is not known.

    In a sport without a table of its own only the two-way winner is known: whether its handicaps and totals count
    overtime, sets or points is not said anywhere.

    >>> lookup("Corners Race", "football")
    'who is first to a number of corners is not decided by the final count'
    """
    market = _SPORTS.get(sport, _ANY).get(name)
    return market or (LEFT_OUT.get(name) if sport == "football" else None)
