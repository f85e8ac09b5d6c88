"""When each price of the truth log really stood: with the reader, not superseded, not expired, its source not lost."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from functools import lru_cache
from typing import Final

import msgspec

from crossbook.base.errors import BadData
from crossbook.sim.live.truth import Delivered, End, FaultPlanted, Lost, Planted, Posted, TruthLog, Up

FOREVER: Final = 2**63
"""Later than every time (nanoseconds UTC); its negative is earlier than every time."""
_SHOWN_PARTS: Final = 1_000_000
"""Odds whose decimals do not end are shown cut after six digits."""

Span = tuple[int, int]
"""From the first time up to, not including, the second."""
Key = tuple[int, str, str, str, Fraction | None, str]
"""Fixture, venue, market, selection, line, side."""


def both(left: Sequence[Span], right: Sequence[Span]) -> list[Span]:
    """The times that lie in both lists; the spans of each list are in order and apart."""
    found = []
    i = j = 0
    while i < len(left) and j < len(right):
        start, stop = max(left[i][0], right[j][0]), min(left[i][1], right[j][1])
        if start < stop:
            found.append((start, stop))
        if left[i][1] < right[j][1]:
            i += 1
        else:
            j += 1
    return found


def either(spans: Iterable[Span]) -> list[Span]:
    """The times that lie in any of the spans, joined where they touch."""
    found: list[Span] = []
    for start, stop in sorted(spans):
        if start >= stop:
            continue
        if found and start <= found[-1][1]:
            found[-1] = found[-1][0], max(found[-1][1], stop)
        else:
            found.append((start, stop))
    return found


def neither(spans: Sequence[Span]) -> list[Span]:
    """The times that lie in none of the spans, from the beginning of time to its end."""
    edges = [-FOREVER, *(edge for span in spans for edge in span), FOREVER]
    return [(start, stop) for start, stop in zip(edges[::2], edges[1::2], strict=True) if start < stop]


class _Reach:
    """What one source handed over: when, up to which number, and the spans in which its prices stood at all."""

    def __init__(self, life: int | None) -> None:
        self.life = life
        self.times: list[int] = []
        self.up_to: list[int] = []
        self.alive: list[Span] = []
        self.losses: list[Span] = []
        self.down = False

    def delivered(self, at: int, up_to: int) -> None:
        if self.down:  # handed to a connection that was already cut
            return
        self.times.append(at)
        self.up_to.append(max(up_to, self.up_to[-1] if self.up_to else 0))
        until = FOREVER if self.life is None else at + self.life
        if self.alive and at <= self.alive[-1][1]:
            self.alive[-1] = self.alive[-1][0], until
        else:
            self.alive.append((at, until))

    def lost(self, at: int) -> None:
        if not self.down:
            self.down = True
            self.losses.append((at, FOREVER))
            if self.alive:
                self.alive[-1] = self.alive[-1][0], min(at, self.alive[-1][1])

    def up(self, at: int) -> None:
        if self.down:
            self.down = False
            self.losses[-1] = self.losses[-1][0], at

    def first(self, number: int) -> int:
        """When what has this number was first with the reader; FOREVER if never."""
        place = bisect_left(self.up_to, number)
        return self.times[place] if place < len(self.times) else FOREVER


class Seen(msgspec.Struct, frozen=True):
    """A posted price, and the span from its first delivery to that of its successor."""

    post: Posted
    span: Span


class Prices:
    """All prices of a log, indexed by key. Raises BadData when the log contradicts itself."""

    def __init__(self, log: TruthLog) -> None:
        self.planted: list[Planted] = []
        self.faults: list[FaultPlanted] = []
        self.by_number: dict[int, Posted] = {}
        self.venues = {venue for source in log.head.sources for venue in source.venues}
        self.end = log.head.at
        self.deliveries = 0
        self._sources = {source.name: _Reach(source.life_ns) for source in log.head.sources}
        self._posts: dict[Key, list[Posted]] = {}
        self._seen: dict[Key, list[Seen]] = {}
        self._written: dict[Key, dict[Fraction, list[Seen]]] = {}
        self._keys: dict[int, list[Key]] = {}
        for record in sorted(log.records, key=lambda record: record.at):
            self.end = max(self.end, record.at)
            match record:
                case Posted():
                    self._add(record)
                case Delivered():
                    self.deliveries += 1
                    self._reach(record.source).delivered(record.at, record.up_to)
                case Lost():
                    self._reach(record.source).lost(record.at)
                case Up():
                    self._reach(record.source).up(record.at)
                case Planted():
                    self.planted.append(record)
                case FaultPlanted():
                    self.faults.append(record)
                case End():
                    self.end = record.at
                    break
                case _:
                    raise BadData("head: a truth log has one head, and this one has two")
        self._together = {(fault.fixture, fault.name) for fault in self.faults if fault.together}
        numbers = [(plant.fixture, plant.legs) for plant in self.planted]
        numbers += [(fault.fixture, fault.prices) for fault in self.faults]
        for fixture, planted in numbers:
            for number in planted:
                if number not in self.by_number or self.by_number[number].fixture != fixture:
                    raise BadData(f"number: {number} is planted at fixture {fixture} and never posted there")

    def _reach(self, name: str) -> _Reach:
        found = self._sources.get(name)
        if found is None:
            raise BadData(f"source: {name!r} is not one of the head's sources")
        return found

    def _add(self, post: Posted) -> None:
        self._reach(post.source)
        if post.number in self.by_number:
            raise BadData(f"number: {post.number} was posted twice")
        self.by_number[post.number] = post
        key = key_of(post)
        if key not in self._posts:
            self._posts[key] = []
            self._keys.setdefault(post.fixture, []).append(key)
        self._posts[key].append(post)

    def seen(self, key: Key) -> list[Seen]:
        """Every price posted under a key that a reader ever had, in the order of posting."""
        found = self._seen.get(key)
        if found is None:
            found = []
            successors: dict[str, int] = {}
            for post in sorted(self._posts.get(key, ()), key=lambda post: -post.number):
                reach = self._sources[post.source]
                start = reach.first(post.number)
                stop = successors.get(post.source, FOREVER)
                successors[post.source] = start
                if start < stop:
                    found.append(Seen(post, (start, stop)))
            found.reverse()
            self._seen[key] = found
        return found

    def first_delivery(self, number: int) -> int:
        """When the price with this number was first with the reader; FOREVER if never."""
        post = self.by_number[number]
        return self._sources[post.source].first(number)

    def alive(self, seen: Seen) -> list[Span]:
        """The spans in which a price was with the reader, confirmed, and its source not lost; sound or not."""
        return both([seen.span], self._around(seen.post.source, seen.span))

    def _around(self, source: str, span: Span) -> list[Span]:
        alive = self._sources[source].alive
        first = bisect_right(alive, span[0], key=lambda each: each[1])
        last = bisect_left(alive, span[1], key=lambda each: each[0])
        return alive[first:last]

    def sound(self, post: Posted) -> bool:
        """Whether a posted price, taken alone, may be acted on while it stands."""
        wrong = post.fault and (post.fixture, post.fault) not in self._together
        return post.odds is not None and not post.suspended and not wrong

    def standing(self, key: Key, shown: Fraction, fault: str | None = None) -> list[Span]:
        """When a key truly stood at these odds; with `fault`, only in prices that carry this name."""
        return either(
            span
            for seen in self._shown_as(key, shown)
            if self.sound(seen.post) and fault in (None, seen.post.fault)
            for span in self.alive(seen)
        )

    def together(self, key: Key, shown: Fraction) -> set[str]:
        """The names under which a key's price at these odds may not be combined with others of the same name."""
        return {
            seen.post.fault
            for seen in self._shown_as(key, shown)
            if (seen.post.fixture, seen.post.fault) in self._together
        }

    def exact(self, key: Key, shown: Fraction) -> Fraction:
        """The odds behind those shown; the shown ones where nothing like them was posted."""
        return next((seen.post.odds for seen in self._shown_as(key, shown)), None) or shown

    def _shown_as(self, key: Key, shown: Fraction) -> list[Seen]:
        if key not in self._written:
            written: dict[Fraction, list[Seen]] = {}
            for seen in self.seen(key):
                if seen.post.odds is not None:
                    written.setdefault(as_shown(seen.post.odds), []).append(seen)
            self._written[key] = written
        return self._written[key].get(as_shown(shown), [])

    def at(self, fixture: int, moment: int) -> Iterator[Seen]:
        """Every price of a fixture that was with the reader at a moment, sound or not."""
        for key in self._keys.get(fixture, ()):
            for seen in self.seen(key):
                if seen.span[0] <= moment < seen.span[1] and both([(moment, moment + 1)], self.alive(seen)):
                    yield seen

    def changes(self, fixture: int) -> list[int]:
        """Every time at which a price of a fixture first came to the reader."""
        return sorted({seen.span[0] for key in self._keys.get(fixture, ()) for seen in self.seen(key)})

    def cause(self, key: Key, shown: Fraction, moment: int) -> tuple[str, str]:
        """Why a key does not stand at these odds at a moment, as a name and a sentence; ("", "") if it does."""
        leg = f"{key[1]} {key[2]} {key[3]}"
        if key[1] not in self.venues:
            return "unknown_venue", f"{key[1]}: no source of this world carries such a venue"
        if key not in self._posts:
            return "never_offered", f"{leg}: nothing was ever posted on this claim and side"
        now = [seen for seen in self.seen(key) if seen.span[0] <= moment < seen.span[1]]
        if not now:
            return "never_delivered", f"{leg}: no price was with the reader yet"
        here = [self._cause(seen, shown, moment, leg) for seen in now]
        return next((cause for cause in here if not cause[0]), here[-1])

    def _cause(self, seen: Seen, shown: Fraction, moment: int, leg: str) -> tuple[str, str]:
        post = seen.post
        reach = self._sources[post.source]
        if post.odds is None:
            return "withdrawn", f"{leg}: the price was withdrawn"
        if as_shown(post.odds) != as_shown(shown):
            known = bool(self._shown_as(key_of(post), shown))
            said = f"{leg}: the price was {float(post.odds):.6g}, not {float(shown):.6g}"
            return ("moved" if known else "wrong_price"), said
        if post.fault and not self.sound(post):
            return post.fault, f"{leg}: the price is a planted fault"
        if post.suspended:
            return "suspended", f"{leg}: the market was suspended"
        if any(start <= moment < stop for start, stop in reach.losses):
            return "lost", f"{leg}: the connection of {post.source} was lost"
        if not both([(moment, moment + 1)], self.alive(seen)):
            return "expired", f"{leg}: {post.source} had been silent for longer than its prices stand"
        return "", ""


def key_of(post: Posted) -> Key:
    """What a posted price is about."""
    return post.fixture, post.venue, post.market, post.selection, post.line, post.side


@lru_cache(maxsize=65_536)
def as_shown(odds: Fraction) -> Fraction:
    """Odds as output writes them: exact, or cut after six digits where their decimals do not end.

    >>> as_shown(Fraction(131, 50)), as_shown(Fraction(100, 3))
    (Fraction(131, 50), Fraction(33333333, 1000000))
    """
    rest = odds.denominator
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    return odds if rest == 1 else Fraction(odds.numerator * _SHOWN_PARTS // odds.denominator, _SHOWN_PARTS)
