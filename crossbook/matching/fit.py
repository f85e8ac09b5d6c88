"""How well two names fit: a grade with a meaning, not a number that needs tuning."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from enum import IntEnum
from functools import lru_cache
from typing import Final

from rapidfuzz import process
from rapidfuzz.distance import Indel, LCSseq

from crossbook.matching.names import PLAYER, Name, tokens
from crossbook.matching.words import DISTINGUISHING, FORMS, GENERIC, SHARED_PLACES


class Fit(IntEnum):
    """From nothing in common to the same name; a higher grade is better evidence."""

    NONE = 0
    PARTIAL = 1
    """They share a word that could name a team, but each has others: Real Madrid, Atletico Madrid."""
    FUZZY = 2
    """Every word fits, but those that name the team do so by a likely typo or a short form (Espanol, Espanyol), or
    say only a place that has several teams (Manchester, Manchester City)."""
    TAIL = 3
    """One is the end of the other: Vallecano, Rayo Vallecano. (So is Milan of Inter Milan.)"""
    CONTAINED = 4
    """One is the other without further words: Brighton, Brighton and Hove Albion."""
    CLOSE = 5
    """The naming words are equal, the rest differs in spelling only: Ein Frankfurt, Eintracht Frankfurt."""
    SCHEDULE = 6
    """Whatever the letters say: the matches that both sources list for the two make them one team (see `schedule`)."""
    EXACT = 7
    """The same words, club forms aside."""

    @property
    def score(self) -> float:
        """The grade as a similarity between 0 and 1."""
        return _SCORES[self]


_SCORES: Final = {
    Fit.NONE: 0.0,
    Fit.PARTIAL: 0.5,
    Fit.FUZZY: 0.8,
    Fit.TAIL: 0.85,
    Fit.CONTAINED: 0.9,
    Fit.CLOSE: 0.95,
    Fit.SCHEDULE: 0.97,
    Fit.EXACT: 1.0,
}
_TYPO: Final = 0.79
"""Least share of letters two words must have in common, in order, to be taken for one word with a typo."""
MOST_INITIALS: Final = 4
"""So many words in a row may be written as their first letters."""
MOST_WORDS: Final = 24
"""A name of more words fits only itself. No team has such a name, and comparing them would take long."""
_LONGEST_WORD: Final = 40
"""A longer word is like no other."""


def compare(left: Name, right: Name) -> Fit:
    """The grade of two names, qualifiers aside; the order of the two does not matter.

    >>> from crossbook.matching.names import normalise
    >>> compare(normalise("Brighton"), normalise("Brighton & Hove Albion FC")).name
    'CONTAINED'
    """
    return alike(left.words, right.words)


def alike(one: str, other: str) -> Fit:
    """The same for the words of two names."""
    return _grade(one, other) if one < other else _grade(other, one)


@lru_cache(maxsize=262_144)
def _grade(one: str, other: str) -> Fit:
    """The grade of two names by their words. Cached."""
    left, right = tokens(one), tokens(other)
    if one.startswith(PLAYER) and other.startswith(PLAYER):
        return _players(left, right)
    if left == right:
        return Fit.PARTIAL if all(word in FORMS for word in left) else Fit.EXACT
    if "".join(left) == "".join(right):
        return Fit.EXACT
    if not left or not right or max(len(left), len(right)) > MOST_WORDS:
        return Fit.NONE
    rest_left, rest_right, equal = _take_equal(left, right)
    named = any(map(naming, equal))
    likely = _take_likely(rest_left, rest_right)
    guessed = any(naming(one) and naming(other) for one, other in likely)
    if rest_left and rest_right:
        return Fit.PARTIAL if named else Fit.NONE
    rest = rest_left or rest_right
    if not (named or guessed) and rest:
        return Fit.PARTIAL if equal else Fit.NONE
    if any(word in DISTINGUISHING for word in rest):
        return Fit.PARTIAL
    if not named and likely:
        return Fit.FUZZY
    if all(word.isdigit() for word in rest):
        return Fit.CLOSE if likely or rest else Fit.EXACT
    if all(word in SHARED_PLACES for word in equal if naming(word)):
        return Fit.FUZZY
    return _contained(left if rest_left else right, rest)


def _players(left: tuple[str, ...], right: tuple[str, ...]) -> Fit:
    """The grade of two players, or of two pairs: words in any order, and first letters for the given names.

    A surname alone is the mere end of a name. Initials leave a doubt too, for there are brothers and namesakes.
    """
    rest_left, rest_right, equal = _take_equal(left, right)
    if not rest_left and not rest_right:
        return Fit.EXACT if any(map(_written_out, equal)) else Fit.PARTIAL
    short = _take_first_letters(rest_left, rest_right) + _take_first_letters(rest_right, rest_left)
    full = sum(map(_written_out, equal))
    typos = _take_likely(rest_left, rest_right)
    if (rest_left and rest_right) or not (full or typos):
        return Fit.PARTIAL if full else Fit.NONE
    if typos:
        return Fit.FUZZY
    return Fit.CONTAINED if full + short > 1 else Fit.TAIL


def _written_out(word: str) -> bool:
    return not word.endswith(".")


def _take_first_letters(short: list[str], long: list[str]) -> int:
    """Take out initials and the words they stand for; returns how many."""
    count = len(short)
    for word in [each for each in short if not _written_out(each)]:
        for other in long:
            if _written_out(other) and other[0] == word[0]:
                short.remove(word)
                long.remove(other)
                break
    return count - len(short)


def naming(word: str) -> bool:
    """Whether a word can name a team by itself. An initial cannot."""
    if word.endswith("."):
        return False
    return not (word in GENERIC or word in DISTINGUISHING or word in FORMS or word.isdigit())


def telling(words: tuple[str, ...]) -> tuple[str, ...]:
    """The words to look a name up by: those that can name a team, or all where none can."""
    return tuple(word for word in words if naming(word)) or words


def between(left: Name, right: Name) -> Fit:
    """How two sides fit. Two empty names (an event without sides has no away) agree."""
    return Fit.EXACT if not left.words and not right.words else compare(left, right)


def initials(words: tuple[str, ...]) -> Iterator[str]:
    """The first letters of every two to four words in a row."""
    first = "".join(word[0] for word in words)
    for size in range(2, MOST_INITIALS + 1):
        for start in range(len(first) - size + 1):
            yield first[start : start + size]


def _take_equal(left: tuple[str, ...], right: tuple[str, ...]) -> tuple[list[str], list[str], list[str]]:
    rest_left, rest_right, equal = [], list(right), []
    for word in left:
        if word in rest_right:
            rest_right.remove(word)
            equal.append(word)
        else:
            rest_left.append(word)
    return rest_left, rest_right, equal


def _take_likely(left: list[str], right: list[str]) -> list[tuple[str, str]]:
    """Pair the remaining words that are probably one word, best first, and take them out of both lists."""
    found = sorted(
        ((degree, *sorted((one, other)), one, other) for one in set(left) for other in set(right)
         if (degree := likeness(one, other)) > 0),
        reverse=True,
    )  # fmt: skip
    taken = []
    for _, _, _, one, other in found:
        if one in left and other in right:
            left.remove(one)
            right.remove(other)
            taken.append((one, other))
    taken += list(_take_initials(left, right))
    taken += [(one, other) for other, one in _take_initials(right, left)]
    return taken


@lru_cache(maxsize=262_144)
def likeness(one: str, other: str) -> float:
    """Above 0 when the two are probably one word: shortened, contracted or misspelt. Cached."""
    short, long = sorted((one, other), key=len)
    if short.isdigit() or long.isdigit() or len(short) < 2 or len(long) > _LONGEST_WORD:
        return 0.0
    if long.startswith(short) and (len(short) > 2 or long in GENERIC):
        return 0.9
    if len(short) < 5:
        return 0.0
    if short[0] == long[0] and short[-1] == long[-1] and _within(short, long):
        return 0.85
    return float(Indel.normalized_similarity(short, long, score_cutoff=_TYPO))


def likely(word: str, others: Sequence[str]) -> list[str]:
    """Those of many words that are probably this one: `likeness` of each, but a hundred at a time."""
    size = len(word)
    least = min(
        size, 5, int(_TYPO * (size + 5) / 2)
    )  # letters in common that any likeness but a prefix needs
    shared = process.extract(word, others, scorer=LCSseq.similarity, score_cutoff=least, limit=None)
    near = {
        other
        for other, letters, _ in shared
        if letters >= min(size, len(other)) or letters * 2.001 >= _TYPO * (size + len(other))
    }
    near.update(other for other in others if other.startswith(word) or word.startswith(other))
    return [other for other in near if likeness(word, other) > 0]


def _within(short: str, long: str) -> bool:
    letters: Iterator[str] = iter(long)
    return all(letter in letters for letter in short)


def _take_initials(short: list[str], long: list[str]) -> Iterable[tuple[str, str]]:
    """A word made of the first letters of two or more words in a row: SG, Saint Germain."""
    for word in list(short):
        size = len(word)
        if not 2 <= size <= min(len(long), MOST_INITIALS):
            continue
        for start in range(len(long) - size + 1):
            run = long[start : start + size]
            if "".join(each[0] for each in run) == word:
                short.remove(word)
                del long[start : start + size]
                yield word, " ".join(run)
                break


def _contained(longer: tuple[str, ...], rest: list[str]) -> Fit:
    """Contained, or only its end: then a word that names somebody stands before everything they share."""
    spare = list(rest)
    for word in longer:
        if word not in spare:
            return Fit.CONTAINED
        spare.remove(word)
        if naming(word):
            return Fit.TAIL
    return Fit.CONTAINED
