"""Blocking: from all listings to the few pairs worth a look."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import TypeVar

import msgspec

from crossbook.base.clock import DAY
from crossbook.matching.aliases import Aliases
from crossbook.matching.fit import Fit, compare, initials, likeness, naming, telling
from crossbook.matching.names import Name, competition_qualifiers, fold, normalise
from crossbook.matching.words import SPORTS, WHOLE_EVENT
from crossbook.model.quote import Listing

_EPOCH = date(1970, 1, 1).toordinal()
T = TypeVar("T")
_ByDay = dict[str, dict[int | None, T]]
"""By sport and day."""


class Entry(msgspec.Struct, frozen=True, gc=False):
    """A listing made ready for comparing. `day` counts from 1970-01-01, None when no time is given at all."""

    listing: Listing
    sport: str
    home: Name
    away: Name
    aliased: frozenset[str]
    """Words of the names that were resolved by an alias."""
    day: int | None
    stated: frozenset[tuple[str, str]]
    """Every id known for the event: (source, key), the listing's own included."""


def prepare(listing: Listing, aliases: Aliases) -> Entry:
    """Fold a listing's names, resolve aliases and spread what holds for the whole event over both sides."""
    written = normalise(listing.home), normalise(listing.away)
    said = competition_qualifiers(listing.competition)
    both = said | frozenset(q for name in written for q in name.qualifiers if q in WHOLE_EVENT)
    home, away = (
        msgspec.structs.replace(name, qualifiers=name.qualifiers | both) if both else name
        for name in map(aliases.resolve, written)
    )
    sport = fold(listing.sport)
    return Entry(
        listing=listing,
        sport=SPORTS.get(sport, sport),
        home=home,
        away=away,
        aliased=frozenset(
            new.words for old, new in zip(written, (home, away), strict=True) if old.words != new.words
        ),
        day=_day(listing),
        stated=frozenset({(listing.source, listing.key), *listing.ids.items()}),
    )


def _day(listing: Listing) -> int | None:
    if listing.start is not None:
        return listing.start // DAY
    if listing.date is None:
        return None
    try:
        return date.fromisoformat(listing.date).toordinal() - _EPOCH
    except ValueError:
        return None


class Similar:
    """The names of all listings, and for each the others that fit it at all.

    Names are found by their words, words by the few others that may be the same: so most names never meet.
    """

    def __init__(self, names: Iterable[Name]) -> None:
        self._names = {name.words: name for name in names}
        self._by_word: dict[str, list[str]] = defaultdict(list)
        self._by_initials: dict[str, list[str]] = defaultdict(list)
        self._by_letters: dict[str, list[str]] = defaultdict(list)
        self._near: dict[str, dict[str, Fit]] = {}
        self._likely: dict[str, list[str]] = {}
        for words, name in self._names.items():
            for word in {*name.tokens, "".join(name.tokens)} - {""}:
                self._by_word[word].append(words)
            for letters in set(initials(name.tokens)):
                self._by_initials[letters].append(words)
        for word in self._by_word:
            if naming(word):
                for key in _letters(word):
                    self._by_letters[key].append(word)

    def to(self, words: str) -> dict[str, Fit]:
        """Names that fit these words better than not at all, themselves included."""
        found = self._near.get(words)
        if found is None:
            name = self._names[words]
            near = set(self._by_word.get("".join(name.tokens), ()))
            for word in telling(name):
                near.update(self._by_initials.get(word, ()))
                for likely in self._words_like(word):
                    near.update(self._by_word[likely])
            for letters in initials(name.tokens):
                near.update(self._by_word.get(letters, ()))
            fits = ((other, compare(name, self._names[other])) for other in near)
            found = self._near[words] = {other: fit for other, fit in fits if fit > Fit.NONE}
        return found

    def _words_like(self, word: str) -> list[str]:
        found = self._likely.get(word)
        if found is None:
            near = {word, *(other for key in _letters(word) for other in self._by_letters.get(key, ()))}
            found = [other for other in near if other == word or likeness(word, other) > 0]
            self._likely[word] = found
        return found

    def name(self, words: str, qualifiers: frozenset[str]) -> Name:
        """The name of these words, with qualifiers."""
        return msgspec.structs.replace(self._names[words], qualifiers=qualifiers)

    def between(self, left: Name, right: Name) -> Fit:
        """How two names fit. Two empty names (an event without sides has no away) agree."""
        if left.words == right.words and not left.words:
            return Fit.EXACT
        return self.to(left.words).get(right.words) or self.to(right.words).get(left.words, Fit.NONE)


def _letters(word: str) -> Iterator[str]:
    """Keys of a word: two that are the same, shortened, contracted or misspelt nearly always share one."""
    yield word[:3]
    yield f"{word[0]}~{word[-1]}"


class Block:
    """Listings by day and name. `pairs` gives every two worth scoring; `about` says who else plays."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self.entries = entries
        self.similar = Similar(name for entry in entries for name in (entry.home, entry.away))
        self._places: _ByDay[dict[str, list[int]]] = defaultdict(lambda: defaultdict(dict))
        self._teams: dict[str, _ByDay[dict[str, set[frozenset[str]]]]] = {}
        self._by_id: dict[tuple[str, str], list[int]] = defaultdict(list)
        for place, entry in enumerate(entries):
            places = self._places[entry.sport][entry.day]
            of_source = self._teams.setdefault(entry.listing.source, defaultdict(lambda: defaultdict(dict)))
            teams = of_source[entry.sport][entry.day]
            for name in (entry.home, entry.away):
                places.setdefault(name.words, []).append(place)
                teams.setdefault(name.words, set()).add(name.qualifiers)
            for stated in entry.stated:
                self._by_id[stated].append(place)

    def pairs(self) -> Iterator[tuple[int, int]]:
        """Places of two listings of different sources, the earlier first, that share an id or a likely name."""
        for place, entry in enumerate(self.entries):
            source, near = entry.listing.source, set[int]()
            similar = self.similar.to(entry.home.words).keys() | self.similar.to(entry.away.words).keys()
            for present in _near(self._places[entry.sport], entry.day):
                for words in similar & present.keys():
                    near.update(present[words])
            for stated in entry.stated:
                near.update(self._by_id[stated])
            for other in near:
                if other > place and self.entries[other].listing.source != source:
                    yield place, other

    def about(self, name: Name, source: str, entry: Entry, least: Fit) -> list[str]:
        """Names of `source`, about the time of `entry` and with the qualifiers of `name`, that fit it so well."""
        similar = self.similar.to(name.words)
        found: set[str] = set()
        for present in _near(self._teams[source][entry.sport], entry.day):
            for words in similar.keys() & present.keys():
                if similar[words] >= least and name.qualifiers in present[words]:
                    found.add(words)
        return sorted(found)


def _near(days: dict[int | None, T], day: int | None) -> Iterable[T]:
    """What stands on a day, on its neighbours, and without a day; of all days when none is given."""
    if day is None:
        return days.values()
    return [days[each] for each in (day - 1, day, day + 1, None) if each in days]
