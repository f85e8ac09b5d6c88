"""The crossbook of one event: the latest quotes of all its listings."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

import msgspec

from crossbook.model.claim import Kind, Period
from crossbook.model.quote import Basis, Listing, Quote, Snapshot

_Market = tuple[str, str, Kind, Period, str, Basis]


class Crossbook:
    """Quotes of one event, by listing. A venue's market is replaced as a whole by what a later snapshot says of it."""

    def __init__(self) -> None:
        self._listings: dict[tuple[str, str], Listing] = {}
        self._markets: dict[tuple[str, str], dict[_Market, list[Quote]]] = {}

    def apply(self, snapshot: Snapshot) -> None:
        """Take in a snapshot. Of each venue's market the later offer stands, by the venue's own time.

        Prices that the later offer no longer holds are gone with the earlier one.
        """
        identity = snapshot.listing.source, snapshot.listing.key
        known = self._listings.get(identity)
        if known is None or _told(snapshot.listing) >= _told(known):
            self._listings[identity] = snapshot.listing
        offers: dict[_Market, list[Quote]] = {}
        for quote in snapshot.quotes:
            claim = quote.claim
            market = quote.venue.id, quote.market_id, claim.kind, claim.period, claim.subject, quote.basis
            offers.setdefault(market, []).append(quote)
        standing = self._markets.setdefault(identity, {})
        for market, offer in offers.items():
            if market not in standing or _time(offer) >= _time(standing[market]):
                standing[market] = offer

    @property
    def listing(self) -> Listing:
        """The listing that says most of the event, with what only others say of it filled in."""
        return joined(self._listings.values())

    def members(self) -> Iterator[tuple[str, str]]:
        """Source and key of every listing that is in it."""
        yield from self._listings

    def listings(self) -> Iterator[Listing]:
        """Every listing that is in it."""
        yield from self._listings.values()

    def quotes(self, members: Collection[tuple[str, str]] | None = None) -> Iterator[Quote]:
        """All quotes that stand, of these members only where they are given."""
        for identity, offers in self._markets.items():
            if members is not None and identity not in members:
                continue
            for offer in offers.values():
                yield from offer


def joined(of_one_event: Iterable[Listing]) -> Listing:
    """The listing that says most of an event, with what only others say of it filled in."""
    listings = sorted(of_one_event, key=_told, reverse=True)
    first = listings[0]
    deciders = {each.decider for each in listings if each.decider is not None}
    return msgspec.structs.replace(
        first,
        season=first.season or next((each.season for each in listings if each.season), None),
        date=first.date or next((each.date for each in listings if each.date), None),
        start=first.start or next((each.start for each in listings if each.start), None),
        ids={name: each.ids[name] for each in reversed(listings) for name in each.ids},
        contests=tuple(dict.fromkeys(contest for each in listings for contest in each.contests)),
        decider=deciders.pop() if len(deciders) == 1 else None,
    )


def _time(offer: list[Quote]) -> int:
    return max(quote.happened or 0 for quote in offer)


def _told(listing: Listing) -> tuple[int, bool, int]:
    """How much a listing says of its event; names in small letters are pleasanter to read."""
    stated = sum(bool(part) for part in (listing.start, listing.date, listing.season, listing.away))
    return stated, not listing.home.isupper(), len(listing.competition)
