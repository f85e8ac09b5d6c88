"""Names of players in individual sports, taken apart: initials, seeds, countries, and pairs in doubles."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from crossbook.matching.names import PLAYER, Name, fold
from crossbook.matching.words import QUALIFIERS

DOUBLES: Final = "doubles"
"""The qualifier of a pair of players: one of them alone is another event."""
_BRACKETS: Final = re.compile(r"[(\[][^)\]]*[)\]]")
_BETWEEN: Final = re.compile(r"\s*[/&+]\s*|\s+and\s+", re.IGNORECASE)


@lru_cache(maxsize=65_536)
def person(name: str) -> Name:
    """Fold and take apart the name of a player, or of two that play together. Cached.

    Nothing but brackets can hold a qualifier here, for a last letter is an initial and no second team. What else
    stands in brackets, a country or a seed, is left out, as are numbers. The order of words does not matter.

    >>> person("Nadal, R. (ESP) [2]").words
    'player: nadal r.'
    >>> sorted(person("P-H Herbert / Mahut N.").qualifiers)
    ['doubles']
    """
    brackets = " ".join(_BRACKETS.findall(name))
    qualifiers = {QUALIFIERS[word] for word in fold(brackets).split() if word in QUALIFIERS}
    players = [_words(each) for each in _BETWEEN.split(_BRACKETS.sub(" ", name))]
    players = [words for words in players if words] or [_words(brackets)]
    if len(players) > 1:
        qualifiers.add(DOUBLES)
    words = tuple(word for each in players for word in each)
    return Name(" ".join((PLAYER, *words)) if words else "", words, (), frozenset(qualifiers))


def _words(player: str) -> list[str]:
    """The words of one player's name; a single letter is an initial and gets its point."""
    words = fold(player.replace(".", " ")).split()
    return [word if len(word) > 1 else f"{word}." for word in words if not word.isdigit()]
