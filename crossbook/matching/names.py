"""Names of teams, folded so that two spellings of one name compare equal."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final

import msgspec

from crossbook.matching.words import (
    COMPETITION_QUALIFIERS,
    FIRST_WORD_QUALIFIERS,
    FORMS,
    LAST_WORD_QUALIFIERS,
    NUMBERED_NAMES,
    QUALIFIERS,
    SPELLINGS,
)

_LETTERS: Final = str.maketrans(
    {
        "ø": "o",
        "ł": "l",
        "đ": "d",
        "ð": "d",
        "þ": "th",
        "ß": "ss",
        "æ": "ae",
        "œ": "oe",
        "\u0131": "i",
        "ħ": "h",
        "ŋ": "n",
    }
)
_APOSTROPHES: Final = str.maketrans("", "", "'`\u00b4\u2018\u2019\u02bb\u02bc\u2032\uff07")
_INITIALS: Final = re.compile(r"\b(?:[^\W\d_]\.){2,}")
_AGE: Final = re.compile(r"u(1[3-9]|2[0-3])s?")
_AGE_WORDS: Final = frozenset({"u", "under", "sub"})
_AGE_NUMBER: Final = re.compile(r"(1[3-9]|2[0-3])s?")


PLAYER: Final = "player:"
"""Stands in front of the words of a player's name (see `persons`); no folded name holds such a mark."""


class Name(msgspec.Struct, frozen=True, gc=False):
    """A team's name, taken apart.

    `words` is the folded name without qualifiers. `tokens` are its words that may identify the team, `forms` the
    club-form words set aside (``fc``, ``calcio``). `qualifiers` are hard keys: ``women``, ``u19``, ``reserves`` …
    """

    words: str
    tokens: tuple[str, ...]
    forms: tuple[str, ...]
    qualifiers: frozenset[str]

    @property
    def text(self) -> str:
        """The whole name in its folded spelling; normalising it gives this name again."""
        return " ".join([self.words, *sorted(self.qualifiers)])

    @property
    def vague(self) -> bool:
        """Whether nothing but club-form words is left, so that the name identifies nobody."""
        return all(token in FORMS for token in self.tokens)


@lru_cache(maxsize=262_144)
def normalise(name: str) -> Name:
    """Fold and take apart a team's name. Cached.

    >>> normalise("1. FC Köln II")
    Name(words='1 fc cologne', tokens=('1', 'cologne'), forms=('fc',), qualifiers=frozenset({'reserves'}))
    """
    words, qualifiers = _split_qualifiers(fold(name).split())
    words = [SPELLINGS.get(word, word) for word in words]
    text = " ".join(words)
    kept = tokens(text)
    forms = () if kept == tuple(words) else tuple(word for word in words if word in FORMS)
    return Name(text, kept, forms, qualifiers)


def tokens(words: str) -> tuple[str, ...]:
    """The words of a folded name that may identify the team: those that are no club forms, or all if all are.

    All words of a player's name may identify the player.
    """
    every = tuple(words.split())
    if words.startswith(PLAYER):
        return every[1:]
    return tuple(word for word in every if word not in FORMS) or every


@lru_cache(maxsize=65_536)
def competition_qualifiers(competition: str) -> frozenset[str]:
    """What the name of a competition says about both sides of its events.

    Endings such as B or 2 are not read here: Serie B is a league, not a second team.

    >>> sorted(competition_qualifiers("Frauen-Bundesliga U17"))
    ['u17', 'women']
    """
    words = _join_ages(fold(competition).split())
    found = {COMPETITION_QUALIFIERS[word] for word in words if word in COMPETITION_QUALIFIERS}
    return frozenset(found | {word.rstrip("s") for word in words if _AGE.fullmatch(word)})


@lru_cache(maxsize=65_536)
def fold(text: str) -> str:
    """Lower case, no accents, no punctuation, single spaces; letters of other scripts stay as they are.

    >>> fold("  Brighton & Hove A.F.C.  Nott'm ")
    'brighton hove afc nottm'
    """
    before = None
    while before != text:
        before = text
        text = unicodedata.normalize("NFKD", text.casefold().translate(_APOSTROPHES).translate(_LETTERS))
        text = "".join(char for char in text if not unicodedata.combining(char))
        text = _INITIALS.sub(lambda found: found.group().replace(".", ""), text)
        text = " ".join("".join(char if char.isalnum() else " " for char in text).split())
    return text


def _split_qualifiers(words: list[str]) -> tuple[list[str], frozenset[str]]:
    """Take qualifiers out until none is left, as one may hide another; a name of nothing else stays whole."""
    rest, found, before = words, set[str](), None
    while rest != before:
        before = rest
        rest = _take_once(_join_ages(rest), found)
    return (rest, frozenset(found)) if rest else (words, frozenset())


def _take_once(words: list[str], found: set[str]) -> list[str]:
    rest = []
    for word in words:
        age = _AGE.fullmatch(word)
        qualifier = f"u{age[1]}" if age else QUALIFIERS.get(word)
        if qualifier is None:
            rest.append(word)
        else:
            found.add(qualifier)
    if len(rest) > 1 and rest[-1] in LAST_WORD_QUALIFIERS and (rest[-2], rest[-1]) not in NUMBERED_NAMES:
        found.add(LAST_WORD_QUALIFIERS[rest.pop()])
    if len(rest) > 1 and rest[0] in FIRST_WORD_QUALIFIERS:
        found.add(FIRST_WORD_QUALIFIERS[rest.pop(0)])
    return rest


def _join_ages(words: list[str]) -> list[str]:
    """Write "under 19", "sub 19" and "u 19" as one word."""
    joined: list[str] = []
    for word in words:
        age = _AGE_NUMBER.fullmatch(word)
        if age and joined and joined[-1] in _AGE_WORDS:
            joined[-1] = f"u{age[1]}"
        else:
            joined.append(word)
    return joined
