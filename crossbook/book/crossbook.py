"""The crossbook of one event: the latest quotes of all its listings."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from crossbook.model.claim import Claim
from crossbook.model.quote import Basis, Listing, Quote, Side, Snapshot

_Place = tuple[str, str, Claim, Side, Basis]


class Crossbook:
    """Quotes of one event, by listing. A snapshot replaces what its listing offered at the same place before."""

    def __init__(self) -> None:
        self._listings: dict[tuple[str, str], Listing] = {}
        self._quotes: dict[tuple[str, str], dict[_Place, Quote]] = {}

    def apply(self, snapshot: Snapshot) -> None:
        """Take in a snapshot. Of two quotes at one place the later one stands, by the venue's own time."""
        identity = snapshot.listing.source, snapshot.listing.key
        known = self._listings.get(identity)
        if known is None or _told(snapshot.listing) >= _told(known):
            self._listings[identity] = snapshot.listing
        quotes = self._quotes.setdefault(identity, {})
        for quote in snapshot.quotes:
            place = quote.venue.id, quote.market_id, quote.claim, quote.side, quote.basis
            before = quotes.get(place)
            if before is None or (quote.happened or 0) >= (before.happened or 0):
                quotes[place] = quote

    @property
    def listing(self) -> Listing:
        """The listing that says most of the event, with what only others say of it filled in."""
        listings = sorted(self._listings.values(), key=_told, reverse=True)
        first = listings[0]
        return msgspec.structs.replace(
            first,
            season=first.season or next((each.season for each in listings if each.season), None),
            date=first.date or next((each.date for each in listings if each.date), None),
            start=first.start or next((each.start for each in listings if each.start), None),
            ids={name: each.ids[name] for each in reversed(listings) for name in each.ids},
            contests=tuple(dict.fromkeys(contest for each in listings for contest in each.contests)),
        )

    def quotes(self) -> Iterator[Quote]:
        """All quotes that stand."""
        for quotes in self._quotes.values():
            yield from quotes.values()


def _told(listing: Listing) -> tuple[int, int]:
    stated = sum(bool(part) for part in (listing.start, listing.date, listing.season, listing.away))
    return stated, len(listing.competition)
