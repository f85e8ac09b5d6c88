"""Schedules: which names of two sources mean one team, as far as the matches say that both sources list.

Where two listings of one day name the same team on one side, their other sides are the same team too, whatever they
are called: a team plays one match at a time. The team that both name is the *witness*. One witness may be a namesake
from another country; several witnesses, on days of their own, are not. Nothing is learned here for good: what the
listings at hand do not say, no longer holds.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from crossbook.matching.fit import Fit, alike

_LEAST: Final = 3
"""Fewer different witnesses than these may be chance: a namesake abroad, or a match entered wrongly."""
_LEAST_OF_LIKE: Final = 2
"""The same, of names that have a naming word, or most of its letters, in common."""
_CLEAR: Final = 4
"""What speaks for two names must be so many times all that speaks for other teams in the place of either."""


_NOTHING: Final[Mapping[str, Collection[str]]] = MappingProxyType({})


class Sources(NamedTuple):
    """Two sources of one sport, that which sorts first in front."""

    sport: str
    left: str
    right: str


class Meaning(NamedTuple):
    """Two names, of the left and of the right source, that may mean one team."""

    left: str
    right: str


Testimony = tuple[Sources, Meaning, str]
"""What a witness says of two names."""


class Change(NamedTuple):
    """Two names that mean one team now and did not, or no longer do."""

    sources: Sources
    names: Meaning


class Schedule:
    """Witnesses for names of two sources, kept as listings come and go.

    What is said depends only on the witnesses there are, not on the order in which they came. Two names mean one team
    when three different witnesses say so, or two where the letters say something too, and at most a quarter of that
    speaks for other teams, all together, in the place of either. A name that looks like it is no other team but another
    spelling.
    """

    def __init__(self) -> None:
        self._witnesses: dict[Sources, dict[Meaning, Counter[str]]] = defaultdict(dict)
        self._rivals: dict[tuple[Sources, int, str], set[Meaning]] = defaultdict(set)
        """All that is said of a name, by its place: 0 in the left source, 1 in the right."""
        self._same: dict[tuple[str, str, str], dict[str, set[str]]] = {}
        """By sport, source and other source: the other's names of a team, by this one's."""
        self._touched: set[Change] = set()

    def testify(self, sources: Sources, names: Meaning, witness: str) -> None:
        """Once more, these names are on the other side of this witness on one day."""
        there = self._witnesses[sources].get(names)
        if there is None:
            there = self._witnesses[sources][names] = Counter()
            self._rivals[sources, 0, names.left].add(names)
            self._rivals[sources, 1, names.right].add(names)
        there[witness] += 1
        if there[witness] == 1:
            self._touched.add(Change(sources, names))

    def retract(self, sources: Sources, names: Meaning, witness: str) -> None:
        """Take back what was said once."""
        there = self._witnesses[sources][names]
        there[witness] -= 1
        if there[witness]:
            return
        del there[witness]
        self._touched.add(Change(sources, names))
        if not there:
            del self._witnesses[sources][names]
            for key in ((sources, 0, names.left), (sources, 1, names.right)):
                self._rivals[key].discard(names)
                if not self._rivals[key]:
                    del self._rivals[key]

    def settle(self) -> list[Change]:
        """Judge anew what was touched since the last time; returns what is now said otherwise, sorted."""
        waiting = set[Change]()
        for sources, names in self._touched:
            waiting.add(Change(sources, names))
            waiting.update(Change(sources, each) for each in self._others(sources, names))
        self._touched.clear()
        changed = []
        for change in waiting:
            before = change.names.right in self.said(*change.sources).get(change.names.left, ())
            if self._agree(*change) != before:
                changed.append(change)
                self._set(change, not before)
        return sorted(changed)

    def said(self, sport: str, source: str, other: str) -> Mapping[str, Collection[str]]:
        """The other source's names of a team by a source's name of it, where more than letters say it."""
        return self._same.get((sport, source, other), _NOTHING)

    def _set(self, change: Change, same: bool) -> None:
        (sport, left, right), names = change
        for source, other, one, two in ((left, right, *names), (right, left, *reversed(names))):
            said = self._same.setdefault((sport, source, other), {})
            if same:
                said.setdefault(one, set()).add(two)
                continue
            said[one].discard(two)
            if not said[one]:
                del said[one]

    def _agree(self, sources: Sources, names: Meaning) -> bool:
        """Whether two names mean one team. Names that letters alone make one are never asked for."""
        witnesses = self._witnesses[sources]
        support = len(witnesses.get(names, ()))
        if support < _LEAST_OF_LIKE:
            return False
        letters = alike(*names)
        if letters >= Fit.CLOSE or (letters is Fit.NONE and support < _LEAST):
            return False
        against = sum(
            len(witnesses[each]) for each in self._others(sources, names) if not _spelling(names, each)
        )
        return _CLEAR * against <= support

    def _others(self, sources: Sources, names: Meaning) -> Iterator[Meaning]:
        """Everything that is said of one of the two names and another."""
        for place in (0, 1):
            for each in self._rivals.get((sources, place, names[place]), ()):
                if each != names:
                    yield each


def _spelling(names: Meaning, other: Meaning) -> bool:
    """Whether the name in which two meanings differ is another spelling, as when a source changes its own."""
    return alike(names.left, other.left) >= Fit.TAIL and alike(names.right, other.right) >= Fit.TAIL
