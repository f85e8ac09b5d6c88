"""The board: the live crossbooks of all listings, what moved on it, and what is too old to stand.

A snapshot replaces everything its stream said of that listing before. A stream that is lost takes its quotes with
it. Where a stream's quotes live for a limited time, they end unless a later snapshot confirms them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from fractions import Fraction
from heapq import heappop, heappush
from itertools import repeat
from typing import Final
from zlib import crc32

import msgspec

from crossbook.base.clock import SECOND
from crossbook.base.exact import decimal_text
from crossbook.book.crossbook import joined
from crossbook.model.claim import Claim
from crossbook.model.odds import odds_text
from crossbook.model.opportunity import Reason
from crossbook.model.quote import Basis, Listing, Quote, Side, Snapshot

Identity = tuple[str, str]
"""A listing's source and key."""


class Moved(msgspec.Struct, frozen=True, gc=False):
    """An offer that appeared or changed, of a ladder its best level; where `gone`, the last there was of it."""

    identity: Identity
    stream: str
    quote: Quote
    gone: bool = False


_DATED: Final = {Basis.PREMATCH: 15 * SECOND, Basis.CLOSING: 15 * SECOND, Basis.LIVE: SECOND // 4}
"""The steps in which the time of an unchanged price counts: a sixtieth of the age at which it is not believed."""
_WITHDRAWN = Reason("withdrawn", "the venue no longer offers it")


class _Part(msgspec.Struct):
    """What one stream says of one listing, and, where it says nothing, why not."""

    quotes: list[Quote] = []
    received: int = 0
    until: int | None = None
    awaited: int | None = None
    """The time at which the part's end stands among the expiries, perhaps earlier than it is now."""
    gone: Reason = _WITHDRAWN
    """Why the quotes of `carried`, ids of venues, were taken back all at once."""
    carried: frozenset[str] = frozenset()

    def clear(self, gone: Reason) -> list[Quote]:
        """Take everything back; returns what there was."""
        before, self.quotes, self.until = self.quotes, [], None
        if before:
            self.gone, self.carried = gone, frozenset(quote.venue.id for quote in before)
        return before


class Board:
    """Quotes by listing and stream. `dirty` are the listings that differ from when it was last cleared."""

    def __init__(self, keep_moved: bool = False) -> None:
        self.listings: dict[Identity, Listing] = {}
        self.dirty: dict[Identity, None] = {}
        self.new_listings = False
        self.counts: Counter[tuple[str, str]] = Counter()
        """How many quotes stand, by stream and venue id."""
        self.moved: list[Moved] = []
        self._keep_moved = keep_moved
        self._parts: dict[Identity, dict[str, _Part]] = {}
        self._of_stream: dict[str, dict[Identity, None]] = {}
        self._left: dict[tuple[Identity, str], None] = {}
        self._spoken: dict[Identity, int] = {}
        self._expiries: list[tuple[int, Identity, str]] = []
        self._shared: set[Identity] = set()
        """Listings of events on which a venue came over several streams: there a mere confirmation decides who is
        the latest, and so what stands."""

    def apply(self, stream: str, snapshot: Snapshot, received: int, life: int | None) -> None:
        """Take in what a stream says of a listing; it stands for `life` nanoseconds, None for as long as the stream."""
        listing = snapshot.listing
        identity = listing.source, listing.key
        known = self.listings.get(identity)
        if known != listing:
            self.listings[identity] = listing
            self.new_listings = True
            if known is not None:
                self.dirty[identity] = None
        part = self._parts.setdefault(identity, {}).setdefault(stream, _Part())
        before, part.quotes = part.quotes, snapshot.quotes
        part.received, part.gone, part.carried = received, _WITHDRAWN, frozenset()
        part.until = None if life is None or not snapshot.quotes else received + life
        if part.until is not None and (part.awaited is None or part.until < part.awaited):
            part.awaited = part.until
            heappush(self._expiries, (part.until, identity, stream))
        self._of_stream.setdefault(stream, {})[identity] = None
        self._changed(identity, stream, before, snapshot.quotes)
        if identity in self._shared:
            self.dirty[identity] = None

    def close(self, stream: str, reason: str) -> None:
        """Take back everything a stream said."""
        gone = Reason("disconnected", reason or "the connection was lost")
        for identity in self._of_stream.pop(stream, {}):
            self._changed(identity, stream, self._parts[identity][stream].clear(gone), [])
            self._left[identity, stream] = None

    def sweep(self, now: int) -> None:
        """Take back what was not confirmed in time."""
        while self._expiries and self._expiries[0][0] <= now:
            at, identity, stream = heappop(self._expiries)
            part = self._parts.get(identity, {}).get(stream)
            if part is None or part.awaited != at:
                continue
            if part.until is not None and part.until > now:
                part.awaited = part.until
                heappush(self._expiries, (part.until, identity, stream))
                continue
            part.awaited = None
            if part.until is not None:
                age = decimal_text(Fraction(part.until - part.received, SECOND), 1)
                before = part.clear(Reason("stale", f"not confirmed for {age} s"))
                self._changed(identity, stream, before, [])

    def tidy(self) -> None:
        """Forget the places of streams that were closed, once it was told why their quotes are gone."""
        for identity, stream in self._left:
            part = self._parts.get(identity, {}).get(stream)
            if part is not None and not part.quotes and stream not in self._of_stream:
                del self._parts[identity][stream]
                self._spoken[identity] = max(part.received, self._spoken.get(identity, 0))
        self._left.clear()

    def next_expiry(self) -> int | None:
        """When the next sweep may find something."""
        return self._expiries[0][0] if self._expiries else None

    def forget(self, identity: Identity) -> None:
        """Drop a listing that is over."""
        self.listings.pop(identity, None)
        for stream, part in self._parts.pop(identity, {}).items():
            self._of_stream.get(stream, {}).pop(identity, None)
            self._count(stream, part.quotes, [])
        self.dirty.pop(identity, None)
        self._spoken.pop(identity, None)
        self._shared.discard(identity)

    def listing(self, identities: Iterable[Identity]) -> Listing:
        """What these listings of one event say together."""
        return joined(self.listings[identity] for identity in identities)

    def quotes(self, identities: Iterable[Identity]) -> list[Quote]:
        """All quotes that stand on these listings of one event.

        Where a line of a venue's market comes over several streams, only the latest word on it counts.
        """
        identities = list(identities)
        parts = [
            part for identity in identities for part in self._parts.get(identity, {}).values() if part.quotes
        ]
        if len(parts) < 2:
            return list(parts[0].quotes) if parts else []
        seen: dict[str, int] = {}
        twice = set()
        for number, part in enumerate(parts):
            for venue in {quote.venue.id for quote in part.quotes}:
                if seen.setdefault(venue, number) != number:
                    twice.add(venue)
        if not twice:
            return [quote for part in parts for quote in part.quotes]
        self._shared.update(identities)
        latest: dict[tuple[object, ...], tuple[int, int]] = {}
        for number, part in enumerate(parts):
            for quote in part.quotes:
                if quote.venue.id in twice:
                    market, said = _market(quote), (_stood(quote, part), number)
                    latest[market] = max(said, latest.get(market, said))
        return [
            quote
            for number, part in enumerate(parts)
            for quote in part.quotes
            if quote.venue.id not in twice or latest[_market(quote)][1] == number
        ]

    def empty(self, identity: Identity) -> bool:
        """Whether nothing is offered on the listing now."""
        return not any(part.quotes for part in self._parts.get(identity, {}).values())

    def last_received(self, identity: Identity) -> int:
        """When a stream last spoke of the listing."""
        parts = self._parts.get(identity, {}).values()
        return max((part.received for part in parts), default=0) or self._spoken.get(identity, 0)

    def count(self) -> int:
        """How many quotes stand."""
        return self.counts.total()

    def standing(self) -> Iterator[tuple[str, Quote]]:
        """Every quote that stands, with the stream that offers it."""
        for parts in self._parts.values():
            for stream, part in parts.items():
                for quote in part.quotes:
                    yield stream, quote

    def why_gone(self, identities: Iterable[Identity], quote: Quote) -> Reason | None:
        """Why an offer no longer stands as it did, None when it still does."""
        identities = list(identities)
        gone = _WITHDRAWN
        for identity in identities:
            for part in self._parts.get(identity, {}).values():
                if quote.venue.id in part.carried:
                    gone = part.gone
        offers = [each for each in self.quotes(identities) if _offer(each) == _offer(quote)]
        name = f"{quote.venue.id} {quote.claim}"
        if not offers:
            return Reason(gone.name, f"{name}: {gone.detail}")
        tradable = [each for each in offers if each.tradable]
        if not tradable:
            return Reason("suspended", f"{name}: the venue takes no bets now")
        best = _best(tradable)
        if best.odds == quote.odds:
            return None
        return Reason("moved", f"{name}: from {odds_text(quote.odds)} to {odds_text(best.odds)}")

    def _changed(self, identity: Identity, stream: str, before: list[Quote], after: list[Quote]) -> None:
        if before is after:
            return
        if len(before) == len(after) and all(
            one is other or _same(one, other) for one, other in zip(before, after, strict=True)
        ):
            if any(map(_dated_anew, repeat(_phase(identity)), before, after)):
                self.dirty[identity] = None
            return
        self.dirty[identity] = None
        before, after = _in_markets_that_differ(before, after)
        self._count(stream, before, after)
        if self._keep_moved:
            self.moved.extend(_moved(identity, stream, before, after))

    def _count(self, stream: str, before: list[Quote], after: list[Quote]) -> None:
        for quotes, by in ((before, -1), (after, 1)):
            for quote in quotes:
                place = stream, quote.venue.id
                self.counts[place] += by
                if not self.counts[place]:
                    del self.counts[place]


def _in_markets_that_differ(before: list[Quote], after: list[Quote]) -> tuple[list[Quote], list[Quote]]:
    """Both lists without the markets of which every quote is the very same object as before."""
    first, second = {id(quote) for quote in before}, {id(quote) for quote in after}
    if first.isdisjoint(second):
        return before, after
    differ = {quote.market_id for quote in before if id(quote) not in second}
    differ |= {quote.market_id for quote in after if id(quote) not in first}
    return [q for q in before if q.market_id in differ], [q for q in after if q.market_id in differ]


def _same(left: Quote, right: Quote) -> bool:
    """Whether two quotes differ in nothing but their times."""
    return (
        left.odds == right.odds
        and left.claim is right.claim
        and left.side is right.side
        and (left.happened is None) is (right.happened is None)
        and left.size == right.size
        and left.tradable is right.tradable
        and left.basis is right.basis
        and left.market_id == right.market_id
        and (left.venue is right.venue or left.venue == right.venue)
        and left.step == right.step
    )


def _dated_anew(phase: int, left: Quote, right: Quote) -> bool:
    """Whether a price that was only confirmed by its venue is now of another step of time.

    Some sources date all their prices anew with every message, many times a second. The screens compare times by
    minutes (live: by seconds), so it is enough to look again now and then.
    """
    if left is right or left.happened == right.happened or left.happened is None or right.happened is None:
        return False
    step = _DATED[right.basis]
    return (left.happened + phase) // step != (right.happened + phase) // step


def _phase(identity: Identity) -> int:
    """Where a listing's steps of time begin (nanoseconds), so that not all listings are looked at in one tick."""
    return crc32(identity[1].encode()) * 5


_Offer = tuple[str, str, Claim, Side]


def _offer(quote: Quote) -> _Offer:
    return quote.venue.id, quote.market_id, quote.claim, quote.side


def _best(levels: list[Quote]) -> Quote:
    best = levels[0]
    for quote in levels:
        if quote.better_than(best):
            best = quote
    return best


def _market(quote: Quote) -> tuple[object, ...]:
    claim = quote.claim
    return quote.venue.id, claim.kind, claim.period, claim.subject, claim.line, claim.places, quote.basis


def _stood(quote: Quote, part: _Part) -> int:
    """When a price was last known to stand: the venue's own time where it says one that can be believed."""
    return part.received if quote.happened is None else min(quote.happened, part.received)


def _moved(identity: Identity, stream: str, before: list[Quote], after: list[Quote]) -> Iterator[Moved]:
    """The offers that differ in price, size or being for sale; a moment alone is no move."""
    earlier, standing = _best_levels(before), _best_levels(after)
    for offer, quote in standing.items():
        last = earlier.get(offer)
        if last is None or (last.odds, last.size, last.tradable) != (quote.odds, quote.size, quote.tradable):
            yield Moved(identity, stream, quote)
    for offer, quote in earlier.items():
        if offer not in standing:
            yield Moved(identity, stream, quote, gone=True)


def _best_levels(quotes: list[Quote]) -> dict[tuple[_Offer, Basis], Quote]:
    best: dict[tuple[_Offer, Basis], Quote] = {}
    for quote in quotes:
        offer = _offer(quote), quote.basis
        known = best.get(offer)
        if known is None or quote.better_than(known):
            best[offer] = quote
    return best
