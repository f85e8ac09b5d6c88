"""Outcomes of a market of The Odds API: which selection each of them is."""

from __future__ import annotations

from fractions import Fraction
from itertools import permutations
from typing import Final, NamedTuple

import msgspec

from crossbook.base.errors import BadData
from crossbook.model.claim import Kind, Period
from crossbook.venues._odds_pieces import number, shown
from crossbook.venues._the_odds_api_markets import DRAW_IS_REGULATION, Market, Shape

_PAIRS: Final = {"1x": "home_draw", "12": "home_away", "x2": "draw_away"}
_ORDER: Final = ("home", "draw", "away")


class Outcome(msgspec.Struct, frozen=True):
    """One outcome as it is written."""

    name: str
    price: msgspec.Raw = msgspec.Raw()
    point: msgspec.Raw = msgspec.Raw()
    description: str | None = None


class Pick(NamedTuple):
    """What an outcome says: the words of its claim, and the venue's market it belongs to."""

    kind: Kind
    selection: str
    line: Fraction | None
    subject: str
    word: str


def ways(meaning: Market, names: set[str], sport: str) -> Market:
    """The market with two ways or three, as the (folded) names of its outcomes show.

    Raises BadData when they do not show what becomes of the bets on the teams in a draw.
    """
    if meaning.shape is not Shape.WINNER or not names:
        return meaning
    if "draw" in names:
        if sport not in DRAW_IS_REGULATION and meaning.period is Period.OVERTIME:
            raise BadData(f"outcomes: what a draw means here is not known for {sport}")
        regulation = Period.FULL_TIME if meaning.period is Period.OVERTIME else meaning.period
        return meaning._replace(period=regulation)
    if meaning.period is not Period.OVERTIME:
        raise BadData("outcomes: no draw among them, so what a draw does to the others is not known")
    return meaning._replace(kind=Kind.MONEYLINE)


def pick(meaning: Market, outcome: Outcome, home: str, away: str, contest: str) -> Pick:
    """The claim's words for one outcome; `contest` is the subject where anyone may win.

    The point of a handicap belongs to the team it stands beside, the claim's line to the home side. Raises BadData
    naming the field.
    """
    kind, line, subject, word = meaning.kind, None, meaning.subject, meaning.word
    name = outcome.name.strip()
    match meaning.shape:
        case Shape.WINNER if name.casefold() == "draw":
            selection = "draw"
        case Shape.WINNER | Shape.TEAMS:
            selection = _team(name, home, away, "name")
        case Shape.HANDICAP:
            selection, point = _team(name, home, away, "name"), _point(outcome)
            line = point if selection == "home" else -point
        case Shape.OVER_UNDER:
            selection, line = name.casefold(), _point(outcome)
        case Shape.TEAM_OVER_UNDER:
            selection, line = name.casefold(), _point(outcome)
            team = _team((outcome.description or "").strip(), home, away, "description")
            kind = Kind.TEAM_TOTAL_HOME if team == "home" else Kind.TEAM_TOTAL_AWAY
            word = f"{word} {team}"
        case Shape.YES_NO:
            selection = name.casefold()
        case Shape.DOUBLE_CHANCE:
            selection = _pair(name, home, away)
        case Shape.RUNNERS:
            if not name:
                raise BadData("name: missing")
            selection, subject = name, contest
    return Pick(kind, selection, line, subject, word)


def _point(outcome: Outcome) -> Fraction:
    point = number(outcome.point, "point")
    if point is None:
        raise BadData("point: missing, and this market needs a line")
    return point


def _team(name: str, home: str, away: str, field: str) -> str:
    if name == home:
        return "home"
    if name == away:
        return "away"
    raise BadData(f"{field}: {shown(name)} is neither team")


def _pair(name: str, home: str, away: str) -> str:
    known = _PAIRS.get(name.casefold())
    if known is not None:
        return known
    words = {"home": home, "draw": "Draw", "away": away}
    for first, second in permutations(_ORDER, 2):
        if name in (f"{words[first]} {joint} {words[second]}" for joint in ("or", "/")):
            return "_".join(sorted((first, second), key=_ORDER.index))
    raise BadData(f"name: {shown(name)} does not name two of three results")
