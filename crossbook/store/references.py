"""The rows that quotes point at: written when they are new or changed, and otherwise known by their numbers."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

from crossbook.base.errors import BadData
from crossbook.base.exact import plain_text
from crossbook.model.claim import Claim, kind_text
from crossbook.model.quote import Listing
from crossbook.model.venue import Venue
from crossbook.store.queries import query
from crossbook.store.rows import Batch, EventRow, Identity, LinkRow, QuoteRow, StreamRow, last_words
from crossbook.store.words import exact_text, fitting, json_text, key_text, plain

if TYPE_CHECKING:
    import asyncpg

    from crossbook.store.database import Connection

_MOST_KNOWN: Final = 500_000


class References:
    """The numbers of venues, listings, claims and streams, as far as this process has seen them.

    They hold only while the transactions that gave them were committed: after any failure call `forget`.
    """

    def __init__(self) -> None:
        self.venues: dict[str, int] = {}
        self.listings: dict[Identity, int] = {}
        self.claims: dict[Claim, int] = {}
        self._streams: dict[str, tuple[list[int], list[int]]] = {}
        self._told: dict[tuple[str, ...], Venue | Listing] = {}

    def forget(self) -> None:
        """Ask the database again for everything."""
        self.venues.clear()
        self.listings.clear()
        self.claims.clear()
        self._streams.clear()
        self._told.clear()

    async def keep(self, connection: Connection, batches: Sequence[Batch]) -> None:
        """Write what these batches say that is new, and learn the numbers of all that their quotes name.

        Raises BadData when a quote or a link names what neither these batches nor the database know.
        """
        if len(self.listings) + len(self.claims) > _MOST_KNOWN:
            self.forget()
        await self._keep_venues(connection, batches)
        await self._keep_listings(connection, batches)
        await self._keep_events(connection, batches)
        await self._keep_links(connection, batches)
        await self._keep_claims(connection, batches)
        await self._keep_streams(connection, batches)

    def stream(self, row: QuoteRow) -> int:
        """The number of the opening of its stream that said this quote: the last one before it."""
        opened, numbers = self._streams[row.stream]
        return numbers[max(bisect_right(opened, row.at) - 1, 0)]

    async def _keep_venues(self, connection: Connection, batches: Sequence[Batch]) -> None:
        wanted: dict[str, Venue] = {}
        for batch in batches:
            for row in batch.quotes:
                if row.quote.venue.id not in self.venues:
                    wanted[row.quote.venue.id] = row.quote.venue
            wanted.update(
                (venue.id, venue) for venue in batch.venues if self._news(("venue", venue.id), venue)
            )
        if not wanted:
            return
        text = _rows({key_text(venue.id): _venue_row(venue) for venue in wanted.values()})
        numbers = {row["id"]: row["number"] for row in await connection.fetch(query("keep_venues"), text)}
        self.venues.update((each, numbers[key_text(each)]) for each in wanted)

    async def _keep_listings(self, connection: Connection, batches: Sequence[Batch]) -> None:
        wanted = {
            (listing.source, listing.key): listing
            for batch in batches
            for listing in batch.listings
            if self._news(("listing", listing.source, listing.key), listing)
        }
        if wanted:
            text = _rows({_clean(each): _listing_row(listing) for each, listing in wanted.items()})
            self._learn_listings(wanted, await connection.fetch(query("keep_listings"), text))
        named = {(row.source, row.key) for batch in batches for row in batch.quotes}
        unknown = named.difference(self.listings)
        if unknown:
            text = json_text({"source": source, "key": key} for source, key in map(_clean, unknown))
            self._learn_listings(unknown, await connection.fetch(query("listing_numbers"), text))
            for source, key in unknown.difference(self.listings):
                raise BadData(
                    f"quotes: no listing {key!r} of {source!r} is known: give it in a batch before its quotes"
                )

    def _learn_listings(self, wanted: Iterable[Identity], rows: Iterable[asyncpg.Record]) -> None:
        numbers = {(row["source"], row["key"]): row["number"] for row in rows}
        for each in wanted:
            if (number := numbers.get(_clean(each))) is not None:
                self.listings[each] = number

    async def _keep_events(self, connection: Connection, batches: Sequence[Batch]) -> None:
        wanted = last_words(event for batch in batches for event in batch.events)
        if wanted:
            text = _rows({key_text(event.id): _event_row(event) for event in wanted})
            for name in ("keep_events", "part_listings", "join_listings"):
                await connection.execute(query(name), text)

    async def _keep_links(self, connection: Connection, batches: Sequence[Batch]) -> None:
        rows = [_link_row(link) for batch in batches for link in batch.links]
        if rows:
            await connection.execute(query("keep_links"), json_text(rows))

    async def _keep_claims(self, connection: Connection, batches: Sequence[Batch]) -> None:
        unknown = {row.quote.claim for batch in batches for row in batch.quotes}.difference(self.claims)
        if not unknown:
            return
        keys = {claim: _claim_key(claim) for claim in unknown}
        columns = ("kind", "period", "subject", "selection", "line")
        text = json_text(dict(zip(columns, key, strict=True)) for key in set(keys.values()))
        numbers: dict[_ClaimKey, int] = {}
        for row in await connection.fetch(query("keep_claims"), text):
            line = None if row["line"] is None else plain_text(Fraction(row["line"]))
            numbers[row["kind"], row["period"], row["subject"], row["selection"], line] = row["number"]
        self.claims.update((claim, numbers[key]) for claim, key in keys.items())

    async def _keep_streams(self, connection: Connection, batches: Sequence[Batch]) -> None:
        told = {(each.name, each.opened): each for batch in batches for each in batch.streams}
        names = {row.stream for batch in batches for row in batch.quotes}.difference(self._streams)
        if told:
            text = _rows({(key_text(name), at): _stream_row(each) for (name, at), each in told.items()})
            await connection.execute(query("keep_streams"), text)
            names.update(name for name, _ in told)
            await connection.execute(
                query("close_earlier_streams"), sorted({key_text(name) for name, _ in told})
            )
        if not names:
            return
        found: dict[str, tuple[list[int], list[int]]] = {}
        for row in await connection.fetch(query("stream_numbers"), [key_text(name) for name in names]):
            opened, numbers = found.setdefault(row["name"], ([], []))
            opened.append(row["opened"])
            numbers.append(row["number"])
        for name in names:
            if key_text(name) not in found:
                raise BadData(f"quotes: no stream {name!r} is known: give it in a batch before its quotes")
            self._streams[name] = found[key_text(name)]

    def _news(self, key: tuple[str, ...], told: Venue | Listing) -> bool:
        if self._told.get(key) == told:
            return False
        self._told[key] = told
        return True


def _rows(by_key: Mapping[Any, Mapping[str, object]]) -> str:
    # Keyed by what the columns will hold: two hostile names that are cleaned to one must not meet in one statement.
    return json_text(by_key.values())


def _clean(identity: Identity) -> Identity:
    return key_text(identity[0]), key_text(identity[1])


def _venue_row(venue: Venue) -> dict[str, object]:
    return {
        "id": key_text(venue.id),
        "name": plain(venue.name),
        "type": venue.type,
        "desk": plain(venue.desk),
        "rules": plain(venue.rules),
        "commission": exact_text(venue.commission),
        "step": exact_text(venue.step),
        "smallest": exact_text(venue.smallest),
    }


def _event_row(event: EventRow) -> dict[str, object]:
    return {
        "id": key_text(event.id),
        "title": plain(event.title),
        "listings": [_clean(each) for each in event.listings],
    }


def _link_row(link: LinkRow) -> dict[str, object]:
    return {
        "source": key_text(link.source),
        "key": key_text(link.key),
        "event": key_text(link.event),
        "decision": link.decision,
        "reasons": [{"name": plain(each.name), "detail": plain(each.detail)} for each in link.reasons],
        "at": link.at,
    }


def _stream_row(stream: StreamRow) -> dict[str, object]:
    return {
        "name": key_text(stream.name),
        "format": plain(stream.format),
        "opened": stream.opened,
        "closed": stream.closed,
        "why": None if stream.why is None else plain(stream.why),
    }


def _listing_row(listing: Listing) -> dict[str, object]:
    return {
        "source": key_text(listing.source),
        "key": key_text(listing.key),
        "sport": plain(listing.sport),
        "competition": plain(listing.competition),
        "home": plain(listing.home),
        "away": plain(listing.away),
        "season": None if listing.season is None else plain(listing.season),
        "date": None if listing.date is None else plain(listing.date),
        "start_ns": fitting(listing.start),
        "ids": {plain(name): plain(value) for name, value in listing.ids.items()},
        "contests": [
            {
                "subject": plain(contest.subject),
                "runners": [plain(runner) for runner in contest.runners],
                "places": contest.places,
                "complete": contest.complete,
            }
            for contest in listing.contests
        ],
    }


_ClaimKey = tuple[str, str, str, str, str | None]


def _claim_key(claim: Claim) -> _ClaimKey:
    line = None if claim.line is None else plain_text(claim.line)
    return kind_text(claim), claim.period.value, key_text(claim.subject), key_text(claim.selection), line
