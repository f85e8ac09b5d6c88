"""Blocking: from all listings to the few pairs worth a look, kept as listings come and go."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Final, NamedTuple, TypeVar

import msgspec

from crossbook.base.clock import DAY
from crossbook.matching.aliases import Aliases
from crossbook.matching.fit import Fit
from crossbook.matching.names import Name, competition_qualifiers, fold, normalise
from crossbook.matching.persons import person
from crossbook.matching.schedule import Schedule
from crossbook.matching.similar import Similar
from crossbook.matching.words import INDIVIDUAL, SPORTS, WHOLE_EVENT
from crossbook.model.quote import Listing

_EPOCH = date(1970, 1, 1).toordinal()
_MOST_CANDIDATES: Final = 64
"""Of more of another source that look like one, only those count of which both names do; of too many of these none.

A season without dates has every team some forty times, and every match once.
"""
_MOST_NAMED: Final = 2_000
"""So many listings of another source may have a name like one of a listing's, else nothing is compared."""
T = TypeVar("T")
Identity = tuple[str, str]
"""A listing's source and key."""
_Places = dict[int | None, dict[str, set[Identity]]]
"""Listings by day and name."""


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
    identity: Identity
    sides: tuple[Name, ...]
    """The names there are; an event without sides has one."""


def prepare(listing: Listing, aliases: Aliases) -> Entry:
    """Fold a listing's names, resolve aliases and spread what holds for the whole event over both sides."""
    sport, identity = fold(listing.sport), (listing.source, listing.key)
    sport = SPORTS.get(sport, sport)
    read = person if sport in INDIVIDUAL else normalise
    written = read(listing.home), read(listing.away)
    said = competition_qualifiers(listing.competition)
    both = said | frozenset(q for name in written for q in name.qualifiers if q in WHOLE_EVENT)
    home, away = (
        msgspec.structs.replace(name, qualifiers=name.qualifiers | both) if both else name
        for name in map(aliases.resolve, written)
    )
    return Entry(
        listing=listing,
        sport=sport,
        home=home,
        away=away,
        aliased=frozenset(
            new.words for old, new in zip(written, (home, away), strict=True) if old.words != new.words
        ),
        day=_day(listing),
        stated=frozenset({identity, *listing.ids.items()}),
        identity=identity,
        sides=tuple(name for name in (home, away) if name.words),
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


class View(NamedTuple):
    """What a listing sees of another source: the listings it has to be compared with.

    `candidates` are found by their names' letters or an id, none when there are too many; `scheduled` are the further
    ones that have a name which the schedule makes the same team. `crowded` says that not all were looked for.
    """

    candidates: frozenset[Identity]
    crowded: bool
    too_many: bool
    scheduled: frozenset[Identity] = frozenset()
    surplus: bool = False
    """Whether there would be too many scheduled ones, and there are none for it."""

    @property
    def all(self) -> frozenset[Identity]:
        """Candidates and scheduled."""
        return self.candidates | self.scheduled if self.scheduled else self.candidates


class Block:
    """Listings by source, sport, day and name, and by the ids that are stated for their events."""

    def __init__(self) -> None:
        self.entries: dict[Identity, Entry] = {}
        self.schedule = Schedule()
        self._places: dict[str, dict[str, _Places]] = {}
        """By sport and source."""
        self._similar: dict[str, Similar] = {}
        self._by_id: dict[tuple[str, str], dict[str, set[Identity]]] = {}
        self._of_source: dict[str, dict[Identity, None]] = defaultdict(dict)

    def add(self, entry: Entry) -> None:
        """Take a listing in that is not here yet."""
        identity, source = entry.identity, entry.listing.source
        self.entries[identity] = entry
        self._of_source[source][identity] = None
        similar = self._similar.setdefault(entry.sport, Similar())
        places = self._places.setdefault(entry.sport, {}).setdefault(source, {}).setdefault(entry.day, {})
        for name in entry.sides:
            places.setdefault(name.words, set()).add(identity)
            similar.add(source, name)
        for stated in entry.stated:
            self._by_id.setdefault(stated, {}).setdefault(source, set()).add(identity)

    def remove(self, entry: Entry) -> None:
        """Forget a listing."""
        identity, source = entry.identity, entry.listing.source
        del self.entries[identity], self._of_source[source][identity]
        places = self._places[entry.sport][source]
        for name in entry.sides:
            self._similar[entry.sport].remove(source, name)
            there = places[entry.day].get(name.words)
            if there is not None:
                there.discard(identity)
                if not there:
                    del places[entry.day][name.words]
        if not places[entry.day]:
            del places[entry.day]
        if not places:
            del self._places[entry.sport][source]
        for stated in entry.stated:
            self._by_id[stated][source].discard(identity)
            if not self._by_id[stated][source]:
                del self._by_id[stated][source]
            if not self._by_id[stated]:
                del self._by_id[stated]

    @property
    def work(self) -> int:
        """How many names and words were looked at until now."""
        return sum(similar.work for similar in self._similar.values())

    def sources(self) -> list[str]:
        """The sources that list anything."""
        return [source for source, listed in self._of_source.items() if listed]

    def of_source(self, source: str) -> Iterable[Identity]:
        """The listings of a source."""
        return self._of_source[source]

    def settle(self) -> set[str]:
        """Sources of which everything has to be viewed anew, and that have to be by all others; once."""
        unsettled: set[str] = set()
        for similar in self._similar.values():
            unsettled |= similar.unsettled
            similar.unsettled.clear()
        return unsettled

    def view(self, entry: Entry, other: str) -> View:
        """What a listing sees of another source."""
        words, crowded = self._words(entry, other)
        found: set[Identity] = set()
        for there in self._there(entry, other, words):
            found |= there
            if len(found) > _MOST_CANDIDATES:
                both = self._with_both_names(entry, other)
                too_many = both is None or len(both) > _MOST_CANDIDATES
                return View(frozenset() if both is None or too_many else frozenset(both), crowded, too_many)
        return View(frozenset(found), crowded, too_many=False)

    def _with_both_names(self, entry: Entry, other: str) -> set[Identity] | None:
        """Listings of another source that have a name like each of the listing's, or an id of it; None for too many."""
        found: set[Identity] | None = None
        for name in entry.sides:
            words = self._similar[entry.sport].to(entry.listing.source, name.words, other).names.keys()
            named: set[Identity] = set()
            for there in self._on_days(entry, other, set(words)):
                named |= there
                if len(named) > _MOST_NAMED:
                    return None
            found = named if found is None else found & named
        return (found or set()).union(*self._with_an_id(entry, other))

    def schedule_view(self, entry: Entry, other: str, view: View) -> View:
        """The same view with the listings that schedules add to it now; the very same where that changes nothing."""
        words, more = self._scheduled(entry, other), set[Identity]()
        if words and not view.too_many:
            more.update(*self._on_days(entry, other, words))
            more -= view.candidates
        surplus = len(more) > _MOST_CANDIDATES
        if surplus:
            more.clear()
        if more == view.scheduled and surplus == view.surplus:
            return view
        return view._replace(scheduled=frozenset(more), surplus=surplus)

    def around(self, entry: Entry) -> Iterator[tuple[Identity, str]]:
        """Whose view of which source may change as this listing, which is here, comes or goes.

        A listing is seen by those that look like it. Beyond that, it may be another team with the name of a listing
        they are compared with (see `doubts`), or the proof that there is no such other team.
        """
        identity, source = entry.identity, entry.listing.source
        for other in self.sources():
            if other == source:
                continue
            yield identity, other
            words, _ = self._words(entry, other)
            for there in self._there(entry, other, words | self._scheduled(entry, other)):
                for each in there:
                    yield each, source
            similar, namesakes = self._similar[entry.sport], set[str]()
            for rival in words:
                namesakes |= similar.to(other, rival, source).names.keys()
            for there in self._on_days(entry, source, namesakes):
                for each in there:
                    yield each, other

    def about(self, name: Name, source: str, other: str, entry: Entry, least: Fit) -> list[str]:
        """Names of the other source, about the time of `entry` and with the qualifiers of `name`, a name of the
        source, that fit it so well.
        """
        names = self._similar[entry.sport].to(source, name.words, other).names
        found = [
            words
            for words, fit in names.items()
            if fit >= least
            and any(
                side.words == words and side.qualifiers == name.qualifiers
                for there in self._on_days(entry, other, {words})
                for identity in there
                for side in self.entries[identity].sides
            )
        ]
        return sorted(found)

    def name(self, words: str, source: str, entry: Entry, qualifiers: frozenset[str]) -> Name:
        """The name of these words that a source uses in the sport of `entry`, with qualifiers."""
        name = self._similar[entry.sport].name(source, words)
        return msgspec.structs.replace(name, qualifiers=qualifiers)

    def _words(self, entry: Entry, other: str) -> tuple[set[str], bool]:
        """The names of another source that fit a name of the listing, and whether not all were looked for."""
        similar, words, crowded = self._similar[entry.sport], set[str](), False
        for name in entry.sides:
            found = similar.to(entry.listing.source, name.words, other)
            words |= found.names.keys()
            crowded = crowded or found.crowded
        return words, crowded

    def named(self, sport: str, source: str, words: str) -> Iterator[Identity]:
        """The listings of a source that have a side of this name."""
        for present in self._places.get(sport, {}).get(source, {}).values():
            yield from present.get(words, ())

    def _scheduled(self, entry: Entry, other: str) -> set[str]:
        """The names of another source that the schedule makes those of the listing."""
        said = self.schedule.said(entry.sport, entry.listing.source, other)
        return {words for name in entry.sides for words in said.get(name.words, ())} if said else set()

    def _there(self, entry: Entry, other: str, words: set[str]) -> Iterator[set[Identity]]:
        """Listings of another source with one of these names about the time of `entry`, or with an id of it."""
        yield from self._on_days(entry, other, words)
        yield from self._with_an_id(entry, other)

    def _with_an_id(self, entry: Entry, other: str) -> Iterator[set[Identity]]:
        for stated in entry.stated:
            there = self._by_id.get(stated, {}).get(other)
            if there:
                yield there

    def _on_days(self, entry: Entry, source: str, words: set[str]) -> Iterator[set[Identity]]:
        places = self._places.get(entry.sport, {}).get(source)
        if words and places:
            for present in _near(places, entry.day):
                for each in words & present.keys():
                    yield present[each]


def _near(days: dict[int | None, T], day: int | None) -> Iterable[T]:
    """What stands on a day, on its neighbours, and without a day; of all days when none is given."""
    if day is None:
        return days.values()
    return [days[each] for each in (day - 1, day, day + 1, None) if each in days]
