"""Events of the live board: which listings are one event, kept as listings come and go."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from hashlib import blake2b
from itertools import chain, zip_longest
from typing import Final

import msgspec

from crossbook.book.board import Identity
from crossbook.matching.group import events as matched_events
from crossbook.matching.linker import Linker, Updated
from crossbook.matching.match import Decision, Outcome
from crossbook.model.quote import Listing

MOST_WORK: Final = 2_000
"""When so much was looked at, new or changed listings wait for the next grouping; about a twentieth of a second."""
_Pair = tuple[Identity, Identity]


class Event(msgspec.Struct, frozen=True):
    """One event: its id, and its listings in the order in which they came.

    The id is made of the listing that came first, so it stays when others join.
    """

    id: str
    members: tuple[Identity, ...]


class Events:
    """The events of all listings.

    `matched` counts events that more than one source lists. `waiting` says that there are listings for another
    grouping, `work` how much the last one looked at. `decided` are the decisions on all pairs that it may have
    changed, None on those that are no longer mentioned; `looked_at` the listings that were new or changed in it.
    """

    def __init__(self) -> None:
        self.matched = 0
        self.waiting = False
        self.work = 0
        self.decided: dict[_Pair, Decision | None] = {}
        self.looked_at: Collection[Identity] = ()
        self._linker = Linker()
        self._arrival: dict[Identity, int] = {}
        self._count = 0
        self._groupings = 0
        self._of: dict[Identity, Event] = {}
        self._review: set[_Pair] = set()
        self._refused: dict[_Pair, Decision] = {}
        """Decisions that are others than the linker's, because they would make two events one."""

    @property
    def decisions(self) -> tuple[Decision, ...]:
        """The decisions as of the last grouping, sorted by source and key."""
        return tuple(self._refused.get(_pair(each), each) for each in self._linker.decisions())

    @property
    def review(self) -> int:
        """How many pairs of listings a person should look at."""
        return len(self._review)

    @property
    def crowded(self) -> int:
        """How many listings look like too much else to be compared with all of it."""
        return self._linker.crowded()

    def regroup(self, listings: Mapping[Identity, Listing], most: int = MOST_WORK) -> list[Event]:
        """Group the listings again, one new or changed one of every source in turn, until `most` work is done.

        Returns every event that is new or has other members than before.
        """
        for identity in listings:
            if identity not in self._arrival:
                self._arrival[identity] = self._count
                self._count += 1
        for identity in self._arrival.keys() - listings.keys():
            del self._arrival[identity]
        before = self._linker.work
        updated = self._linker.update(self._in_turn(listings), most)
        self.work, self.waiting = self._linker.work - before, updated.waiting > 0
        self.looked_at = updated.listings
        return self._group(updated)

    def of(self, identity: Identity) -> Event | None:
        """The event a listing belongs to, None before it was grouped."""
        return self._of.get(identity)

    def together(self, event: Event, listings: Mapping[Identity, Listing]) -> tuple[Identity, ...]:
        """The members of an event without those that have become another match since they were grouped."""
        if len(event.members) < 2:
            return event.members
        return tuple(
            each for each in event.members if _same_match(self._linker.listing(each), listings.get(each))
        )

    def ids(self) -> set[str]:
        """The ids of all events."""
        return {event.id for event in self._of.values()}

    def in_order(self, events: Mapping[str, Event]) -> list[Event]:
        """Events by the arrival of their first listing."""
        return sorted(events.values(), key=self._place)

    def _place(self, event: Event) -> int:
        return self._arrival[event.members[0]]

    def _in_turn(self, listings: Mapping[Identity, Listing]) -> Iterable[Listing]:
        """All listings; of those that are new or changed one of each source in turn, another source first each time."""
        new: dict[str, list[Listing]] = {}
        for identity, listing in listings.items():
            if self._linker.listing(identity) is listing:
                yield listing
            else:
                new.setdefault(listing.source, []).append(listing)
        sources = list(new)
        first = self._groupings % len(sources) if sources else 0
        self._groupings += 1
        for turn in zip_longest(*(new[source] for source in sources[first:] + sources[:first])):
            yield from (each for each in turn if each is not None)

    def _group(self, updated: Updated) -> list[Event]:
        """Make the events anew that an update may have changed."""
        affected = self._affected(updated)
        listings = {each: listing for each in affected if (listing := self._linker.listing(each)) is not None}
        linked = {
            pair: decision
            for one in listings
            for other, decision in self._linker.links(one).items()
            if other in listings and (pair := (one, other)) < (other, one)
        }
        matched = matched_events(listings.values(), list(linked.values()))
        self._keep(
            updated.pairs, affected, [each for each in matched.decisions if each is not linked[_pair(each)]]
        )
        before = {event.id: event for each in affected if (event := self._of.pop(each, None)) is not None}
        changed = []
        for group in matched.groups:
            members = sorted(
                ((each.source, each.key) for each in group.listings), key=self._arrival.__getitem__
            )
            event = Event(_name(members[0]), tuple(members))
            known = before.get(event.id)
            event = known if known is not None and known == event else event
            if event is not known:
                changed.append(event)
            self._of.update(dict.fromkeys(members, event))
        self.matched += sum(len(group.listings) > 1 for group in matched.groups)
        self.matched -= sum(len(event.members) > 1 for event in before.values())
        return sorted(changed, key=self._place)

    def _keep(self, told: set[_Pair], affected: set[Identity], refused: Iterable[Decision]) -> None:
        """Say anew what is decided on all pairs with an affected listing."""
        links = self._linker.links
        every = {(one, other) if one < other else (other, one) for one in affected for other in links(one)}
        for pair in told | every:
            self._review.discard(pair)
            self._refused.pop(pair, None)
        self._refused.update((_pair(each), each) for each in refused)
        self.decided = {}
        for pair in sorted(told | every):
            decision = self.decided[pair] = self._refused.get(pair) or links(pair[0]).get(pair[1])
            if decision is not None and decision.outcome is Outcome.REVIEW:
                self._review.add(pair)

    def _affected(self, updated: Updated) -> set[Identity]:
        """All listings that were, or may now be, in one event with those an update is about."""
        waiting = [*updated.listings, *chain.from_iterable(updated.pairs)]
        affected: set[Identity] = set()
        while waiting:
            identity = waiting.pop()
            if identity in affected:
                continue
            affected.add(identity)
            event = self._of.get(identity)
            if event is not None:
                waiting += event.members
            links = self._linker.links(identity)
            waiting += [other for other, each in links.items() if each.outcome is Outcome.ACCEPT]
        return affected


def _pair(decision: Decision) -> _Pair:
    return (decision.left.source, decision.left.key), (decision.right.source, decision.right.key)


def _same_match(known: Listing | None, listing: Listing | None) -> bool:
    return known is listing or _match(known) == _match(listing)


def _match(listing: Listing | None) -> tuple[object, ...] | None:
    if listing is None:
        return None
    return listing.sport, listing.home, listing.away, listing.start, listing.date


def _name(identity: Identity) -> str:
    return blake2b("\n".join(identity).encode(), digest_size=6).hexdigest()
