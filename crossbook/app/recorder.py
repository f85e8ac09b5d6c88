"""The recorder: what a tick says, as the batch of rows that the store keeps."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from crossbook.book.board import Identity, Moved
from crossbook.model.life import Moment
from crossbook.model.quote import Listing, Quote
from crossbook.model.report import change_object
from crossbook.model.venue import Venue
from crossbook.pipeline.events import Event
from crossbook.pipeline.live import Pipeline, Tick
from crossbook.store.rows import (
    Batch,
    ChangeRow,
    EventRow,
    FaultRow,
    LinkRow,
    QuoteRow,
    StreamRow,
    Withdrawn,
)

_Pair = tuple[Identity, Identity]


class Recorder:
    """Turns the ticks of one recording into batches, each with its tick's number, so that none is kept twice.

    Reference rows (venues, listings, streams) are told when they are new or differ from what was told before.
    """

    def __init__(self, pipeline: Pipeline, recording: str) -> None:
        self._pipeline = pipeline
        self._recording = recording
        self._venues: dict[str, Venue] = {}
        self._listings: dict[Identity, Listing] = {}
        self._streams: dict[str, StreamRow] = {}
        self._links: dict[_Pair, tuple[str, ...]] = {}
        self._lives: Counter[str] = Counter()

    def batch(self, tick: Tick) -> Batch | None:
        """The rows of a tick, None when there is nothing to keep."""
        batch = Batch(
            recording=self._recording,
            number=tick.number,
            at=tick.at,
            streams=list(self._new_streams()),
            venues=list(self._new_venues(tick)),
            listings=list(self._new_listings(tick)),
            events=[self._event(event) for event in tick.events],
            links=list(self._new_links(tick)),
            quotes=list(_quotes(tick)),
            faults=[
                FaultRow(stream, tick.at, reason, count)
                for (stream, reason), count in Counter(
                    (stream, fault.reason) for stream, fault in tick.faults if stream in self._streams
                ).items()
            ],
            changes=list(self._changes(tick)),
        )
        return batch if batch.quotes or not batch.only_quotes() else None

    def _new_streams(self) -> Iterator[StreamRow]:
        if len(self._streams) > 2 * len(self._pipeline.streams):
            self._streams = {
                name: row for name, row in self._streams.items() if name in self._pipeline.streams
            }
        for name, state in self._pipeline.streams.items():
            row = StreamRow(
                name=name,
                format=state.info.format,
                opened=state.opened,
                closed=state.closed,
                why=state.why or None,
            )
            if self._streams.get(name) != row:
                self._streams[name] = row
                yield row

    def _new_venues(self, tick: Tick) -> Iterator[Venue]:
        told = {moved.quote.venue.id: moved.quote.venue for moved in tick.moved}
        for venue in told.values():
            if self._venues.get(venue.id) != venue:
                self._venues[venue.id] = venue
                yield venue

    def _new_listings(self, tick: Tick) -> Iterator[Listing]:
        known = self._pipeline.board.listings
        wanted = [each for event in tick.events for each in event.members]
        wanted += [moved.identity for moved in tick.moved]
        for identity in dict.fromkeys(wanted):
            listing = known.get(identity)
            if listing is not None and self._listings.get(identity) != listing:
                self._listings[identity] = listing
                yield listing
        if tick.events:
            for identity in self._listings.keys() - known.keys():
                del self._listings[identity]

    def _event(self, event: Event) -> EventRow:
        listing = self._pipeline.board.listing(event.members)
        title = f"{listing.home} v {listing.away}" if listing.away else listing.home
        return EventRow(event.id, title, event.members)

    def _new_links(self, tick: Tick) -> Iterator[LinkRow]:
        for (left, right), decision in tick.decided.items():
            event = self._pipeline.events.of(left)
            if decision is None or event is None:
                self._links.pop((left, right), None)
                continue
            said = event.id, decision.outcome.value, *decision.names
            if self._links.get((left, right)) != said:
                self._links[left, right] = said
                yield LinkRow(*right, event.id, decision.outcome.value, decision.reasons, tick.at)

    def _changes(self, tick: Tick) -> Iterator[ChangeRow]:
        for change in tick.changes:
            self._lives[change.id] += 1
            yield ChangeRow(self._lives[change.id], change, change_object(change))
            if change.moment is Moment.CLOSED:
                del self._lives[change.id]


def _quotes(tick: Tick) -> Iterator[QuoteRow]:
    """One row for each offer that moved: how it stood last."""
    latest: dict[tuple[object, ...], Moved] = {}
    for moved in tick.moved:
        quote = moved.quote
        offer = quote.venue.id, quote.market_id, quote.claim, quote.side, quote.basis
        latest[moved.identity, moved.stream, *offer] = moved
    for moved in latest.values():
        yield QuoteRow(
            tick.at, *moved.identity, moved.stream, _withdrawn(moved.quote) if moved.gone else moved.quote
        )


def _withdrawn(quote: Quote) -> Withdrawn:
    return Withdrawn(quote.venue, quote.claim, quote.side, quote.basis, quote.market_id)
