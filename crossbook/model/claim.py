"""Claims: what a venue's selection says about the world, whatever the venue calls it.

A claim is interned: two equal claims are one object, so they compare and hash at the speed of an address.
"""

from __future__ import annotations

import re
from enum import StrEnum
from fractions import Fraction
from typing import ClassVar, Final

from crossbook.base.errors import BadData
from crossbook.base.exact import plain_text


class Kind(StrEnum):
    """The kinds of market a claim can come from; the value is the word used in files and on screen."""

    __hash__ = str.__hash__  # an Enum's own hash is Python code, too slow for the keys of hot paths

    MATCH_RESULT = "1x2"
    DOUBLE_CHANCE = "double_chance"
    DRAW_NO_BET = "draw_no_bet"
    MONEYLINE = "moneyline"
    ASIAN_HANDICAP = "asian_handicap"
    EUROPEAN_HANDICAP = "european_handicap"
    TOTAL = "total"
    TEAM_TOTAL_HOME = "team_total_home"
    TEAM_TOTAL_AWAY = "team_total_away"
    BOTH_TEAMS_TO_SCORE = "btts"
    CORRECT_SCORE = "correct_score"
    EXACT_TOTAL = "exact_total"
    ODD_EVEN = "odd_even"
    WIN_TO_NIL = "win_to_nil"
    WINNER = "winner"
    PLACE = "place"
    CONTRACT = "contract"


class Period(StrEnum):
    """The part of the event whose count decides the claim."""

    __hash__ = str.__hash__

    FULL_TIME = "ft"
    """Regulation: ninety minutes and stoppage time in football."""
    FIRST_HALF = "1h"
    SECOND_HALF = "2h"
    OVERTIME = "ot"
    """The final count, overtime included."""


GOALS: Final = "goals"

_HOME_AWAY = ("home", "away")
_HOME_DRAW_AWAY = ("home", "draw", "away")
_OVER_UNDER = ("over", "under")
_SELECTIONS: Final[dict[Kind, tuple[str, ...]]] = {
    Kind.MATCH_RESULT: _HOME_DRAW_AWAY,
    Kind.DOUBLE_CHANCE: ("home_draw", "home_away", "draw_away"),
    Kind.DRAW_NO_BET: _HOME_AWAY,
    Kind.MONEYLINE: _HOME_AWAY,
    Kind.ASIAN_HANDICAP: _HOME_AWAY,
    Kind.EUROPEAN_HANDICAP: _HOME_DRAW_AWAY,
    Kind.TOTAL: _OVER_UNDER,
    Kind.TEAM_TOTAL_HOME: _OVER_UNDER,
    Kind.TEAM_TOTAL_AWAY: _OVER_UNDER,
    Kind.BOTH_TEAMS_TO_SCORE: ("yes", "no"),
    Kind.ODD_EVEN: ("odd", "even"),
    Kind.WIN_TO_NIL: _HOME_AWAY,
    Kind.CONTRACT: ("yes",),
}
_NO_COVER = frozenset({Kind.DOUBLE_CHANCE, Kind.WIN_TO_NIL, Kind.CONTRACT})
_COUNT = r"(?:0|[1-9][0-9]{0,3})"
_SPELLINGS: Final = {
    Kind.CORRECT_SCORE: (re.compile(rf"{_COUNT}-{_COUNT}"), "two counts such as 2-1"),
    Kind.EXACT_TOTAL: (
        re.compile(rf"{_COUNT}\+|(?P<low>{_COUNT})(?:-(?P<high>{_COUNT}))?"),
        "a count, a range or an open range such as 3, 2-3 or 7+",
    ),
}
_WITH_LINE = frozenset(
    {Kind.ASIAN_HANDICAP, Kind.EUROPEAN_HANDICAP, Kind.TOTAL, Kind.TEAM_TOTAL_HOME, Kind.TEAM_TOTAL_AWAY}
)
_LARGEST_LINE = 1_000


def cover_of(kind: Kind) -> tuple[str, ...]:
    """The selections of which exactly one is paid (or all are refunded) in every result; () where there is no such set.

    >>> cover_of(Kind.TOTAL), cover_of(Kind.DOUBLE_CHANCE)
    (('over', 'under'), ())
    """
    return () if kind in _NO_COVER else _SELECTIONS.get(kind, ())


class Claim:
    """One selection of one market of an event.

    `line` is the home side's handicap for both sides of a handicap market, and the count for totals; None where
    the market has none. `subject` is what is counted (``goals``, ``corners``, ``shots: Some Player``) or, for
    winners, places and contracts, the contest itself. Build claims with `Claim.of`.
    """

    __slots__ = ("kind", "line", "market", "period", "quarters", "selection", "space", "subject")
    kind: Kind
    selection: str
    line: Fraction | None
    period: Period
    subject: str
    quarters: int
    """The line in quarters, 0 where there is none."""
    market: str
    """The market's word with its period and subject in front where they are not the usual ones."""
    space: str
    """Claims of one space are decided by the same count; claims of different spaces say nothing of each other."""

    _known: ClassVar[dict[tuple[object, ...], Claim]] = {}

    @staticmethod
    def of(
        kind: Kind,
        selection: str,
        line: Fraction | None = None,
        period: Period = Period.FULL_TIME,
        subject: str = GOALS,
    ) -> Claim:
        """The claim with these words. Raises BadData naming the field that makes no sense.

        >>> Claim.of(Kind.TOTAL, "over", Fraction(5, 2)) is Claim.of(Kind.TOTAL, "over", Fraction(5, 2))
        True
        """
        key = (kind, selection, line, period, subject)
        found = Claim._known.get(key)
        if found is None:
            _check(kind, selection, line)
            found = Claim._known[key] = Claim(kind, selection, line, period, subject)
        return found

    def __init__(
        self, kind: Kind, selection: str, line: Fraction | None, period: Period, subject: str
    ) -> None:
        self.kind = kind
        self.selection = selection
        self.line = line
        self.period = period
        self.subject = subject
        self.quarters = int(4 * line) if line is not None else 0
        words = [] if subject == GOALS or kind in (Kind.WINNER, Kind.PLACE, Kind.CONTRACT) else [subject]
        if period not in (Period.FULL_TIME, Period.OVERTIME):
            words.append(period.value)
        self.market = "_".join([*words, kind.value])
        self.space = f"{subject}/{_space_tail(kind, period)}"

    def __reduce__(self) -> tuple[object, ...]:
        return Claim.of, (self.kind, self.selection, self.line, self.period, self.subject)

    def __repr__(self) -> str:
        return f"<{self}>"

    def __str__(self) -> str:
        line = "" if self.line is None else f" {plain_text(self.line)}"
        return f"{self.market} {self.selection}{line}"


def _space_tail(kind: Kind, period: Period) -> str:
    if kind in (Kind.WINNER, Kind.PLACE):
        return "runners"
    if kind is Kind.CONTRACT:
        return "contract"
    return "final" if period is Period.OVERTIME else "regulation"


def _check_spelling(kind: Kind, selection: str) -> None:
    pattern, words = _SPELLINGS[kind]
    found = pattern.fullmatch(selection)
    if found is None or (
        kind is Kind.EXACT_TOTAL and found["high"] and int(found["high"]) <= int(found["low"])
    ):
        raise BadData(f"selection: {selection[:40]!r} is not {words}")


def _check(kind: Kind, selection: str, line: Fraction | None) -> None:
    allowed = _SELECTIONS.get(kind)
    if allowed is not None and selection not in allowed:
        raise BadData(f"selection: {selection!r} is not one of {', '.join(sorted(allowed))} of {kind.value}")
    if kind in _SPELLINGS:
        _check_spelling(kind, selection)
    if kind not in _WITH_LINE:
        if line is not None:
            raise BadData(f"line: {kind.value} has no line")
        return
    if line is None:
        raise BadData(f"line: {kind.value} needs a line")
    if abs(line) > _LARGEST_LINE:
        raise BadData(f"line: {plain_text(line)} is beyond {_LARGEST_LINE}")
    if kind is Kind.EUROPEAN_HANDICAP and line.denominator != 1:
        raise BadData(f"line: a European handicap is a whole number, not {plain_text(line)}")
    if line.denominator not in (1, 2, 4):
        raise BadData(f"line: {plain_text(line)} is off the quarter grid")
