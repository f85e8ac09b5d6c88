"""Rule sets: what a venue does with bets when an event does not run its course, as data.

A rule is a word with a value, said by a source for one sport or for all. What no source says is unknown, and stays so.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final, NamedTuple, TypeAlias

from crossbook.base.errors import BadData


class Word(StrEnum):
    """What a rule is about; the values it may have stand in `VALUES`."""

    __hash__ = str.__hash__

    POSTPONED = "postponed"
    """How late a match may begin for bets on it to stand: a window."""
    RESUMED = "resumed"
    """How late a match that stopped may be finished for bets on it to stand: a window."""
    RESTARTED = "restarted"
    """A match that stopped and was begun again from nothing within the window."""
    ABANDONED = "abandoned"
    """A match that stopped and was not finished in time."""
    OFFICIAL_AFTER = "official_after"
    """After so many minutes or innings the score at the stop is the result."""
    AWARDED = "awarded"
    """A result that is given by decision and not by play."""
    GROUND_CHANGED = "ground_changed"
    """A match that is played at another place."""
    RETIRED = "retired"
    """From when on a bet on the winner of a match of sets stands if somebody gives up."""
    RETIRED_OTHERS = "retired_others"
    """What of the other bets on such a match stands."""
    RETIRED_LOSER = "retired_loser"
    """What becomes of a bet on the one who gave up, where bets on the winner stand."""
    RETIRED_SET = "retired_set"
    """The set in which somebody gave up."""
    WITHDRAWN = "withdrawn"
    """A runner that does not start."""
    NON_STARTER = "non_starter"
    """A player with bets on what he does, who does not begin the match."""
    DEAD_HEAT = "dead_heat"
    """Several who share a place."""
    CANCELLED = "cancelled"
    """A contract whose event is called off, or comes too late."""
    PALPABLE_ERROR = "palpable_error"
    """A price that is plainly wrong; nothing is computed from it."""


SAME_DAY: Final = "same_day"
NEXT_DAY: Final = "next_day"
UNTIL_PLAYED: Final = "until_played"
_WINDOWS: Final = (SAME_DAY, NEXT_DAY, UNTIL_PLAYED)
_DAYS: Final = {SAME_DAY: 0, NEXT_DAY: 1}

VALUES: Final[Mapping[Word, tuple[str, ...]]] = {
    Word.POSTPONED: _WINDOWS,
    Word.RESUMED: _WINDOWS,
    Word.RESTARTED: ("stands", "void"),
    Word.ABANDONED: ("void", "decided_stand", "official", "score_stands"),
    Word.OFFICIAL_AFTER: (),
    Word.AWARDED: ("on_field", "void", "awarded"),
    Word.GROUND_CHANGED: ("stands", "stands_unless_swapped", "void"),
    Word.RETIRED: ("first_point", "first_set", "two_sets", "match_complete"),
    Word.RETIRED_OTHERS: ("certain", "void"),
    Word.RETIRED_LOSER: ("lose", "void"),
    Word.RETIRED_SET: ("void", "progressing"),
    Word.WITHDRAWN: ("refund", "lose"),
    Word.NON_STARTER: ("void", "stands"),
    Word.DEAD_HEAT: ("divide",),
    Word.CANCELLED: ("fifty_fifty", "fair_price", "draw", "void"),
    Word.PALPABLE_ERROR: ("void", "corrected"),
}
"""The values of each word, beside numbers of hours for windows and of minutes or innings for `official_after`."""
_NUMBERS: Final = (Word.POSTPONED, Word.RESUMED, Word.OFFICIAL_AFTER)

Value: TypeAlias = str | int


class Rule(NamedTuple):
    """What a source says: the sport ("" for all that it does not name), the word, its value, and where it stands."""

    sport: str
    word: Word
    value: Value
    source: str


def said(source: str, sport: str = "", /, **words: Value) -> tuple[Rule, ...]:
    """What one source says of a sport, or of all; the words by their own names.

    >>> said("https://venue.example/rules", "football", postponed=48)[0].value
    48
    """
    return tuple(Rule(sport, Word(word), value, source) for word, value in words.items())


Rules: TypeAlias = Mapping[Word, Value]
"""The rules of a venue for one sport; a word that is not in it is unknown."""


class RuleSet(NamedTuple):
    """The rules of the venues that share them, as they were read on a day (ISO date).

    `venues` are the ids under which readers know them. `notes` say what the rules make exceptions of, which is not
    counted here.
    """

    id: str
    name: str
    venues: tuple[str, ...]
    read: str
    rules: tuple[Rule, ...]
    notes: str = ""

    def of(self, sport: str) -> Rules:
        """The rules for a sport: what is said of it, and else what is said of all sports."""
        general = {rule.word: rule.value for rule in self.rules if not rule.sport}
        return {**general, **{rule.word: rule.value for rule in self.rules if rule.sport == sport}}


def check(rules: Rules) -> None:
    """Raise BadData for a value that its word cannot have."""
    for word, value in rules.items():
        number = word in _NUMBERS and isinstance(value, int) and value >= 0
        if not number and value not in VALUES[word]:
            allowed = ", ".join(VALUES[word]) or "none but numbers"
            raise BadData(f"{word}: {value!r} is no value of it; there are {allowed}")


def within(window: Value, hours: int, days: int) -> bool:
    """Whether what came so many hours late, on a day so many days later, still came within the window.

    >>> within(12, 13, 0), within("same_day", 13, 0), within("next_day", 13, 1)
    (False, True, True)
    """
    if isinstance(window, int):
        return hours <= window
    return window == UNTIL_PLAYED or days <= _DAYS[window]


def window_text(window: Value) -> str:
    """A window in words."""
    if isinstance(window, int):
        return f"within {window} h" if window else "never later"
    return {SAME_DAY: "on the same day", NEXT_DAY: "by the next day"}.get(window, "until it is played")
