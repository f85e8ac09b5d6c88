"""The times of the markets that an address of The Odds API told of, by which an answer that comes late is known."""

from __future__ import annotations

from collections.abc import Container
from typing import Final

from crossbook.base.clock import SECOND

_REMEMBERED: Final = 3_600 * SECOND
_AHEAD: Final = 60 * SECOND

Place = tuple[str, str]
"""The keys of a bookmaker and of one of its markets."""


class Times:
    """The newest `last_update` of each market of each event.

    Answers may come from caches that differ in age. What an answer names is remembered for as long as it is named,
    else until it is an hour old. A time further than a minute ahead of ours proves nothing, and is not remembered.
    """

    def __init__(self) -> None:
        self._events: dict[str, dict[Place, int]] = {}
        self._received = 0

    def __len__(self) -> int:
        """How many markets are remembered."""
        return sum(map(len, self._events.values()))

    def begin(self, received: int) -> None:
        """An answer came at this time."""
        self._received = received

    def newer(self, event: str, place: Place, happened: int | None) -> int | None:
        """The time that was taken before, where it is newer than this; else this is the newest now."""
        if happened is None:
            return None
        known = self._events.setdefault(event, {})
        newest = known.get(place)
        if newest is not None and newest > happened:
            return newest
        if happened <= self._received + _AHEAD:
            known[place] = happened
        return None

    def named(self, event: str, places: Container[Place]) -> None:
        """An event was read in full, and these are its markets."""
        since = self._received - _REMEMBERED
        known = self._events.get(event, {})
        for place in [each for each, at in known.items() if at < since and each not in places]:
            del known[place]

    def end(self, events: Container[str]) -> None:
        """An answer was read in full, and these are its events."""
        since = self._received - _REMEMBERED
        for event in [each for each in self._events if each not in events]:
            if max(self._events[event].values(), default=since - 1) < since:
                del self._events[event]
