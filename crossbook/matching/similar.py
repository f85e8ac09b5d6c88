"""Names that may be one team: found by what they share, so that most names never meet.

Two names meet where they share all their letters, where a word that tells the one is, or may be, a word that tells
the other, or where a short word of the one is the initials of the other. What too many names of one source share is
*crowded*: names are not looked for there, and whoever would have looked is told so. Which names meet depends only on
the names that are there, never on the order in which they came.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator
from functools import lru_cache
from typing import Final, NamedTuple

from crossbook.matching.fit import MOST_INITIALS, MOST_WORDS, Fit, compare, initials, likely, telling
from crossbook.matching.names import Name

_CROWD: Final = 250
"""More names of one source than these that share a word, or initials, are not looked through."""
_CROWD_OF_LETTERS: Final = 400
"""The same, for words that merely begin alike or share their first and last letter."""


class Found(NamedTuple):
    """The names of another source that fit a name by more than a shared word, and whether any were not looked for."""

    names: dict[str, Fit]
    crowded: bool


class _Keys(NamedTuple):
    """What a name is found by. `letters` are by word."""

    joined: str
    telling: tuple[str, ...]
    letters: dict[str, tuple[str, ...]]
    initials: frozenset[str]
    short: frozenset[str]
    """Words that may be somebody's initials."""
    others: int
    """How many words do not tell the name, and are not looked for."""

    @property
    def all(self) -> Iterator[str]:
        """Everything the name is kept under."""
        yield self.joined
        yield from {_word(word) for word in self.telling}
        yield from {key for keys in self.letters.values() for key in keys}
        yield from map(_long, self.initials)
        yield from map(_short, self.short)


class _Names:
    """The names of one source."""

    def __init__(self) -> None:
        self.listed: Counter[str] = Counter()
        self.names: dict[str, Name] = {}
        self.by_key: dict[str, dict[str, None]] = defaultdict(dict)
        self.crowded: set[str] = set()


class Similar:
    """The names of all listings of a sport, by source.

    `unsettled` are sources some of whose keys became crowded, or no longer are: whatever was found among their names,
    or for them, has to be looked for again. `work` counts what was looked at.
    """

    def __init__(self) -> None:
        self.unsettled: set[str] = set()
        self.work = 0
        self._sources: dict[str, _Names] = {}
        self._words = _Words()
        self._found: dict[tuple[str, str], dict[str, Found]] = defaultdict(dict)

    def add(self, source: str, name: Name) -> None:
        """Another listing of the source has this name; its qualifiers do not matter."""
        names = self._sources.get(source)
        if names is None:
            names = self._sources[source] = _Names()
            self._came_or_went(source)
        names.listed[name.words] += 1
        if name.words in names.names:
            return
        names.names[name.words] = name
        keys = _keys(name.tokens)
        for key in keys.all:
            under = names.by_key[key]
            under[name.words] = None
            if len(under) == _most(key) + 1:
                names.crowded.add(key)
                self._unsettle(source)
            elif len(under) == 1:
                self._appeared_or_gone(source, key)
        for word, letters in keys.letters.items():
            self.work += self._words.add(word, [key for key in letters if key not in names.crowded])
        self._anew(source, name.words)

    def remove(self, source: str, name: Name) -> None:
        """One listing less of the source has this name."""
        names = self._sources[source]
        names.listed[name.words] -= 1
        if names.listed[name.words]:
            return
        self._anew(source, name.words)
        del names.listed[name.words], names.names[name.words]
        keys = _keys(name.tokens)
        for key in keys.all:
            under = names.by_key[key]
            del under[name.words]
            if len(under) == _most(key):
                names.crowded.discard(key)
                self._unsettle(source)
                if key.startswith("~"):
                    self._words_of(names, key)
            elif not under:
                del names.by_key[key]
                self._appeared_or_gone(source, key)
        for word in keys.letters:
            if not any(_word(word) in each.by_key for each in self._sources.values()):
                self._words.remove(word)
        if not names.names:
            del self._sources[source]
            self._forget_found(source)
            self._came_or_went(source)
        for other in self._sources:
            if (source, other) in self._found:
                self._found[source, other].pop(name.words, None)

    def to(self, source: str, words: str, other: str) -> Found:
        """The names of the other source that fit a name of this one well enough for a candidate."""
        if source not in self._sources or other not in self._sources:
            return Found({}, False)
        known = self._found[source, other]
        found = known.get(words)
        if found is None:
            found = known[words] = self._look(words, self._sources[source], self._sources[other])
        return found

    def name(self, source: str, words: str) -> Name:
        """The name of these words; its qualifiers are those of whoever came first."""
        return self._sources[source].names[words]

    def _look(self, words: str, mine: _Names, theirs: _Names) -> Found:
        name, crowded = mine.names[words], False
        keys = _keys(name.tokens)
        met: set[str] = set()
        hits: Counter[str] = Counter()

        def under(own: str, asked: str) -> Iterable[str]:
            nonlocal crowded
            there = theirs.by_key.get(asked, ())
            if there and (own in mine.crowded or asked in theirs.crowded):
                crowded = True
                return ()
            return there

        for word in keys.telling:
            own = _word(word)
            if own in mine.crowded or own in theirs.crowded:
                crowded = True
                continue
            hit = set(theirs.by_key.get(own, ()))
            open_keys = {
                key for key in keys.letters[word] if not (key in mine.crowded or key in theirs.crowded)
            }
            crowded = crowded or len(open_keys) < len(set(keys.letters[word]))
            alike = self._words.like(word)
            self.work += len(alike)
            for like in alike:
                if not open_keys.isdisjoint(letter_keys(like)):
                    hit.update(under(own, _word(like)))
            hits.update(hit)
        if keys.joined in mine.crowded or keys.joined in theirs.crowded:
            crowded = True
        else:
            met.update(theirs.by_key.get(keys.joined, ()))
        for letters in keys.initials:
            met.update(under(_long(letters), _short(letters)))
        for word in keys.short:
            met.update(under(_short(word), _long(word)))
        for each, count in hits.items():
            one = _keys(theirs.names[each].tokens)
            if count + one.others >= len(keys.telling) or count + keys.others >= len(one.telling):
                met.add(each)
        self.work += len(hits) + len(met)
        fits = ((each, compare(name, theirs.names[each])) for each in met)
        return Found({each: fit for each, fit in fits if fit >= Fit.FUZZY}, crowded)

    def _anew(self, source: str, words: str) -> None:
        """A name of the source came or goes: the names it meets have to look again."""
        for other in self._sources.keys() - {source}:
            known = self._found.get((other, source))
            if known:
                for each in self.to(source, words, other).names:
                    known.pop(each, None)

    def _unsettle(self, source: str) -> None:
        self.unsettled.add(source)
        self._forget_found(source)

    def _forget_found(self, source: str) -> None:
        for pair in [each for each in self._found if source in each]:
            del self._found[pair]

    def _came_or_went(self, source: str) -> None:
        """A crowded name is told of nothing while the other source has no name at all."""
        if any(each.crowded for each in self._sources.values()):
            self._unsettle(source)

    def _appeared_or_gone(self, source: str, key: str) -> None:
        """Initials that are crowded in another source now meet something in this one, or no longer do."""
        counterpart = {"+": _short, "-": _long}.get(key[0])
        if counterpart is not None and any(
            counterpart(key[1:]) in each.crowded for each in self._sources.values()
        ):
            self._unsettle(source)

    def _words_of(self, names: _Names, key: str) -> None:
        for words in names.by_key[key]:
            for word, letters in _keys(names.names[words].tokens).letters.items():
                if key in letters:
                    self.work += self._words.add(word, [key])


class _Words:
    """Words of names, and for each the others that are probably the same."""

    def __init__(self) -> None:
        self._like: dict[str, set[str]] = defaultdict(set)
        self._by_letters: dict[str, dict[str, None]] = defaultdict(dict)

    def like(self, word: str) -> Collection[str]:
        """The other words that share letters with this one and are probably the same."""
        return self._like.get(word, ())

    def add(self, word: str, letters: Iterable[str]) -> int:
        """Let a word be found under these letters. Returns how many words were looked at."""
        count = 0
        for key in letters:
            there = self._by_letters[key]
            if word in there:
                continue
            for other in likely(word, list(there)):
                self._like[word].add(other)
                self._like[other].add(word)
            count += len(there)
            there[word] = None
        return count

    def remove(self, word: str) -> None:
        """Forget a word that no name has any more."""
        for other in self._like.pop(word, ()):
            self._like[other].discard(word)
        for key in letter_keys(word):
            there = self._by_letters.get(key)
            if there is not None:
                there.pop(word, None)
                if not there:
                    del self._by_letters[key]


@lru_cache(maxsize=65_536)
def _keys(tokens: tuple[str, ...]) -> _Keys:
    """What a name of these words is found by. Cached."""
    joined, searched = "=" + "".join(tokens), tokens if len(tokens) <= MOST_WORDS else ()
    tell = telling(searched)
    return _Keys(
        joined=joined,
        telling=tell,
        letters={word: letter_keys(word) for word in tell},
        initials=frozenset(initials(searched)),
        short=frozenset(word for word in tell if 2 <= len(word) <= MOST_INITIALS),
        others=len(searched) - len(tell),
    )


def letter_keys(word: str) -> tuple[str, ...]:
    """Two words that are the same, shortened, contracted or misspelt nearly always share one of these."""
    if word.isdigit():
        return ()
    return f"~{word[:3]}", f"~{word[0]}~{word[-1]}"


def _word(word: str) -> str:
    return ":" + word


def _long(letters: str) -> str:
    return "+" + letters


def _short(word: str) -> str:
    return "-" + word


def _most(key: str) -> int:
    return _CROWD_OF_LETTERS if key.startswith("~") else _CROWD
