"""Events of the live board: which listings are one event, kept as listings come and go."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from hashlib import blake2b

import msgspec

from crossbook.book.board import Identity
from crossbook.matching.group import events as matched_events
from crossbook.matching.match import Decision, Outcome, link
from crossbook.model.quote import Listing


class Event(msgspec.Struct, frozen=True):
    """One event: its id, and its listings in the order in which they came.

    The id is made of the listing that came first, so it stays when others join.
    """

    id: str
    members: tuple[Identity, ...]


class Events:
    """The events of all listings.

    `decisions` are those of the last grouping, `matched` counts events that more than one source lists, `review` pairs
    of listings that a person should look at.
    """

    def __init__(self) -> None:
        self._arrival: dict[Identity, int] = {}
        self._count = 0
        self._of: dict[Identity, Event] = {}
        self.decisions: tuple[Decision, ...] = ()
        self.matched = 0
        self.review = 0

    def regroup(self, listings: Mapping[Identity, Listing]) -> list[Event]:
        """Group all listings again. Returns every event that is new or has other members than before."""
        for identity in listings:
            if identity not in self._arrival:
                self._arrival[identity] = self._count
                self._count += 1
        for identity in self._arrival.keys() - listings.keys():
            del self._arrival[identity]
        matched = matched_events(listings.values(), link(listings.values()))
        self.decisions = matched.decisions
        outcomes = Counter(decision.outcome for decision in matched.decisions)
        self.matched = sum(len(group.listings) > 1 for group in matched.groups)
        self.review = outcomes[Outcome.REVIEW]
        before = {event.id: event for event in self._of.values()}
        self._of = {}
        changed = []
        for group in matched.groups:
            members = sorted(
                ((each.source, each.key) for each in group.listings), key=self._arrival.__getitem__
            )
            event = Event(_name(members[0]), tuple(members))
            known = before.get(event.id)
            event = known if known == event else event
            if event is not known:
                changed.append(event)
            self._of.update(dict.fromkeys(members, event))
        return sorted(changed, key=self._place)

    def of(self, identity: Identity) -> Event | None:
        """The event a listing belongs to, None before it was grouped."""
        return self._of.get(identity)

    def ids(self) -> set[str]:
        """The ids of all events."""
        return {event.id for event in self._of.values()}

    def in_order(self, events: Mapping[str, Event]) -> list[Event]:
        """Events by the arrival of their first listing."""
        return sorted(events.values(), key=self._place)

    def _place(self, event: Event) -> int:
        return self._arrival[event.members[0]]


def _name(identity: Identity) -> str:
    return blake2b("\n".join(identity).encode(), digest_size=6).hexdigest()
