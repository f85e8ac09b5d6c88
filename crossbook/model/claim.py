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
    HALF_TIME_FULL_TIME = "ht_ft"
    TO_QUALIFY = "to_qualify"
    WINNER = "winner"
    PLACE = "place"
    EACH_WAY = "each_way"
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
    FIRST_SET = "s1"
    SECOND_SET = "s2"
    THIRD_SET = "s3"
    FOURTH_SET = "s4"
    FIFTH_SET = "s5"


HALVES: Final = (Period.FIRST_HALF, Period.SECOND_HALF)
SETS: Final = (
    Period.FIRST_SET,
    Period.SECOND_SET,
    Period.THIRD_SET,
    Period.FOURTH_SET,
    Period.FIFTH_SET,
)
"""The periods of a match that is played in sets, in order."""

GOALS: Final = "goals"
"""What a claim counts unless it says something else; in a match of sets, the sets that are won."""
SETS_WON: Final = "sets"
GAMES: Final = "games"

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
    Kind.HALF_TIME_FULL_TIME: tuple(f"{half}/{end}" for half in _HOME_DRAW_AWAY for end in _HOME_DRAW_AWAY),
    Kind.TO_QUALIFY: _HOME_AWAY,
    Kind.CONTRACT: ("yes",),
}
RACES: Final = frozenset({Kind.WINNER, Kind.PLACE, Kind.EACH_WAY})
"""The kinds that are decided by who comes in when."""
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
_FRACTIONS: Final = {plain_text(Fraction(1, parts)): Fraction(1, parts) for parts in range(1, 11)}
"""The fractions of the odds that are paid for a place, by how they are written."""
_MOST_PLACES = 1_000


def cover_of(kind: Kind) -> tuple[str, ...]:
    """The selections of which exactly one is paid (or all are refunded) in every result; () where there is no such set.

    >>> cover_of(Kind.TOTAL), cover_of(Kind.DOUBLE_CHANCE)
    (('over', 'under'), ())
    """
    return () if kind in _NO_COVER else _SELECTIONS.get(kind, ())


def kind_text(claim: Claim) -> str:
    """The claim's kind in a word, with its places where it says how many are paid; `parse_kind` reads it again.

    >>> kind_text(Claim.of(Kind.PLACE, "Red Rum", subject="Stakes", places=3))
    'place_3'
    """
    return f"{claim.kind.value}_{claim.places}" if claim.places else claim.kind.value


def parse_kind(text: str) -> tuple[Kind, int]:
    """The kind and the places that `kind_text` wrote, 0 where it wrote none. Raises BadData for other words.

    >>> parse_kind("place_3")
    (<Kind.PLACE: 'place'>, 3)
    """
    word, _, places = text.rpartition("_")
    if word in (Kind.PLACE, Kind.EACH_WAY) and places.isascii() and places.isdecimal():
        return Kind(word), int(places)
    try:
        return Kind(text), 0
    except ValueError:
        raise BadData(f"kind: {text[:40]!r} is no kind of market") from None


class Claim:
    """One selection of one market of an event.

    `line` is the home side's handicap for both sides of a handicap market, and the count for totals; None where
    the market has none; for each way it is the fraction of the odds that a place pays. `subject` is what is counted
    (``goals``, ``corners``, ``shots: Some Player``) or, for races and contracts, the contest itself. `places` is how
    many are paid, 0 where that is the contest's own number. Build claims with `Claim.of`.
    """

    __slots__ = ("kind", "line", "market", "period", "places", "quarters", "selection", "space", "subject")
    kind: Kind
    selection: str
    line: Fraction | None
    period: Period
    subject: str
    places: int
    quarters: int
    """The line in quarters, 0 where there is none."""
    market: str
    """The market's word, with its period and subject in front and its places behind where they are not the usual."""
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
        places: int = 0,
    ) -> Claim:
        """The claim with these words. Raises BadData naming the field that makes no sense.

        The line of an each-way claim may come from text with six digits: 0.333333 is a third.

        >>> Claim.of(Kind.TOTAL, "over", Fraction(5, 2)) is Claim.of(Kind.TOTAL, "over", Fraction(5, 2))
        True
        """
        key = (kind, selection, line, period, subject, places)
        found = Claim._known.get(key)
        if found is None:
            _check(kind, selection, line, places)
            if kind is Kind.EACH_WAY:
                line = _fraction(line)
            found = Claim(kind, selection, line, period, subject, places)
            found = Claim._known.setdefault((kind, selection, line, period, subject, places), found)
        return found

    def __init__(
        self, kind: Kind, selection: str, line: Fraction | None, period: Period, subject: str, places: int
    ) -> None:
        self.kind = kind
        self.selection = selection
        self.line = line
        self.period = period
        self.subject = subject
        self.places = places
        self.quarters = int(4 * line) if line is not None else 0
        words = [] if subject == GOALS or kind in RACES or kind is Kind.CONTRACT else [subject]
        if not _goes_without_saying(kind, period, subject):
            words.append(period.value)
        words.append(kind.value)
        if places:
            words.append(str(places))
        self.market = "_".join(words)
        self.space = _space(kind, period, subject)

    def __reduce__(self) -> tuple[object, ...]:
        return Claim.of, (self.kind, self.selection, self.line, self.period, self.subject, self.places)

    def __repr__(self) -> str:
        return f"<{self}>"

    def __str__(self) -> str:
        line = "" if self.line is None else f" {plain_text(self.line)}"
        return f"{self.market} {self.selection}{line}"


def _goes_without_saying(kind: Kind, period: Period, subject: str) -> bool:
    """Whether the market's word alone means this period: a moneyline is decided at the very end, and so are sets."""
    return period is Period.FULL_TIME or (
        period is Period.OVERTIME and (kind is Kind.MONEYLINE or subject in (SETS_WON, GAMES))
    )


def _space(kind: Kind, period: Period, subject: str) -> str:
    if kind in RACES:
        return f"{subject}/runners"
    if kind is Kind.CONTRACT:
        return f"{subject}/contract"
    if kind is Kind.TO_QUALIFY:
        return f"{subject}/qualified"
    if period in SETS:
        return f"{subject}/{period.value}"
    return f"{subject}/{'final' if period is Period.OVERTIME else 'regulation'}"


def _check_spelling(kind: Kind, selection: str) -> None:
    pattern, words = _SPELLINGS[kind]
    found = pattern.fullmatch(selection)
    if found is None or (
        kind is Kind.EXACT_TOTAL and found["high"] and int(found["high"]) <= int(found["low"])
    ):
        raise BadData(f"selection: {selection[:40]!r} is not {words}")


def _check_places(kind: Kind, places: int) -> None:
    if places and kind not in (Kind.PLACE, Kind.EACH_WAY):
        raise BadData(f"places: {kind.value} pays no places")
    if not 0 <= places <= _MOST_PLACES:
        raise BadData(f"places: {places} is not a number of places")
    if kind is Kind.EACH_WAY and not places:
        raise BadData("places: each way needs how many places are paid")


def _fraction(line: Fraction | None) -> Fraction:
    """The fraction of the odds, from what may be its text with six digits."""
    found = None if line is None else _FRACTIONS.get(plain_text(line))
    if found is None:
        told = "none" if line is None else plain_text(line)
        raise BadData(f"line: {told} is no part of the odds that a place pays, such as 1/4 or 1/5")
    return found


def _check(kind: Kind, selection: str, line: Fraction | None, places: int) -> None:
    allowed = _SELECTIONS.get(kind)
    if allowed is not None and selection not in allowed:
        raise BadData(f"selection: {selection!r} is not one of {', '.join(sorted(allowed))} of {kind.value}")
    if kind in _SPELLINGS:
        _check_spelling(kind, selection)
    _check_places(kind, places)
    if kind is Kind.EACH_WAY:
        return
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
