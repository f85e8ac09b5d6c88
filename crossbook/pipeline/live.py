"""The live way, whole: frames in, changes out. The same code runs live and in replay.

frame → its stream's session → snapshots → board → events that changed → arbitrage → what opened, changed or closed.

Nothing here asks for the time or touches the world: `apply` takes frames as they came, `tick` is told the time. Equal
frames and ticks give equal changes, byte for byte.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import islice

import msgspec

from crossbook.arbitrage.decide import Unsolved
from crossbook.arbitrage.known import Certificates
from crossbook.base.clock import DAY, SECOND
from crossbook.base.errors import BadData
from crossbook.book.board import Board, Identity, Moved
from crossbook.matching.match import Decision
from crossbook.model.claim import Kind
from crossbook.model.frame import Frame, FrameKind, StreamInfo
from crossbook.model.life import Change
from crossbook.model.opportunity import Opportunity, Reason
from crossbook.model.quote import Fault, Listing, Quote, Snapshot
from crossbook.pipeline.beginning import options_of
from crossbook.pipeline.charges import charged
from crossbook.pipeline.events import Event, Events
from crossbook.pipeline.lives import Lives
from crossbook.pipeline.options import Markets, Options
from crossbook.pipeline.undated import exposed, undated
from crossbook.venues.reader import Reader
from crossbook.venues.session import Session

_UNLINKED = Reason("unlinked", "its listings are no longer taken for one event")
_FORGET_AFTER = DAY
_MOST_FORGOTTEN = 200
"""So many listings are forgotten at once."""
_LARGEST_REASON = 300
_LOOK_PAUSE = 20 * SECOND // 1_000_000
_LISTING_PAUSE = 4 * SECOND // 1_000_000
"""After a grouping so long a pause for all it looked at, and for each listing there is: about what it has cost, so
that grouping never takes more than half of the time. It counts, and measures nothing, so that a replay does the same.
"""
_MOST_REASONS = 200
_MOST_CLOSED = 1_000
"""So many lost streams are remembered."""


class StreamState(msgspec.Struct):
    """What is known of one stream. Times are nanoseconds UTC."""

    info: StreamInfo
    session: Session
    opened: int
    last: int | None = None
    frames: int = 0
    bytes: int = 0
    faults: int = 0
    dropped: int = 0
    closed: int | None = None
    why: str = ""


class Tick(msgspec.Struct, frozen=True):
    """What came of one look at everything that changed: the changes, and what a store may want to keep.

    `number` is the tick's own in its log. `events` are those that are new or have other listings than before;
    `decided` are pairs of listings that may be decided otherwise than before, with None where nothing is said of them
    any more; `moved` and `faults` are all since the last.
    """

    number: int
    at: int
    changes: list[Change]
    moved: list[Moved]
    events: list[Event]
    faults: list[tuple[str, Fault]]
    scanned: int
    decided: Mapping[tuple[Identity, Identity], Decision | None] = {}


class Pipeline:
    """Everything between frames and changes. `failed` are streams to open anew, for whoever can; `tick` clears it."""

    def __init__(
        self, readers: Mapping[str, Reader], options: Options | None = None, keep_moved: bool = False
    ) -> None:
        """With `options` None they are those that the recording names for each run."""
        self.unsolved: Counter[str] = Counter()
        self.certificates = Certificates()
        self._readers = readers
        self._recorded = options is None
        self._options = options or Options()
        self._keep_moved = keep_moved
        self._begin()

    def _begin(self) -> None:
        """Be as if nothing had been said."""
        self.board = Board(self._keep_moved)
        self.events = Events()
        self.lives = Lives()
        self.streams: dict[str, StreamState] = {}
        self.failed: dict[str, None] = {}
        self._faults: list[tuple[str, Fault]] = []
        self._regroup_from = 0

    def apply(self, frame: Frame) -> None:
        """Take one frame in."""
        stream = self.streams.get(frame.stream)
        if frame.kind is FrameKind.OPENED:
            self._open(frame)
        elif frame.kind is FrameKind.BEGAN:
            self._begin()
            if self._recorded:
                self._options = options_of(frame.data) if frame.data else Options()
        elif stream is None or frame.kind is FrameKind.TICK:
            return
        elif frame.kind is FrameKind.DATA:
            self._read(frame, stream)
        elif frame.kind is FrameKind.CLOSED:
            self._close(frame, stream, frame.data.decode(errors="replace")[:_LARGEST_REASON])
        else:
            stream.dropped += 1
            self.failed[frame.stream] = None
            stream.session.gap()
            # What the lost frames took back would else stand until the next one is read.
            self.board.close(frame.stream, "frames were lost")

    def tick(self, now: int, number: int = 0) -> Tick:
        """Look at everything that changed since the last tick; `number` is this tick's in its log."""
        self.board.sweep(now)
        changes: list[Change] = []
        regroups = self.board.new_listings and now >= self._regroup_from
        regrouped = self._regroup(now, changes) if regroups else []
        decided = self.events.decided if regroups else {}
        dirty = {event.id: event for event in regrouped}
        for identity in self.board.dirty:
            event = self.events.of(identity)
            if event is not None:
                dirty[event.id] = event
        self.board.dirty.clear()
        events = self.events.in_order(dirty)
        found = self._search(events)
        for event in events:
            changes += self.lives.look(event, found.get(event.id, ()), now, self._why_gone)
        moved, self.board.moved = self.board.moved, []
        faults, self._faults = self._faults, []
        self.failed.clear()
        self.board.tidy()
        return Tick(number, now, changes, moved, regrouped, faults, len(events), decided)

    def next_expiry(self) -> int | None:
        """When a tick is due even if no frame comes."""
        expiry = self.board.next_expiry()
        if not self.board.new_listings:
            return expiry
        return self._regroup_from if expiry is None else min(expiry, self._regroup_from)

    def _open(self, frame: Frame) -> None:
        known = self.streams.get(frame.stream)
        try:
            info = msgspec.json.decode(frame.data, type=StreamInfo)
            session = self._session(info)
        except Exception as error:
            # Whatever is wrong with it, the others go on; and what it said over an earlier connection is over.
            why = f"the stream cannot be opened: {error}"
            self._fault(frame.stream, why)
            if known is not None and known.closed is None:
                self._close(frame, known, why[:_LARGEST_REASON])
            return
        if known is not None and known.closed is None:
            if info.still:
                return
            self._close(frame, known, "the connection was made anew")
        state = StreamState(info, session, frame.received)
        if known is not None:
            state.frames, state.bytes, state.faults = known.frames, known.bytes, known.faults
            state.last, state.dropped = known.last, known.dropped
        self.streams[frame.stream] = state
        closed = [name for name, each in self.streams.items() if each.closed is not None]
        for name in closed[: max(0, len(closed) - _MOST_CLOSED)]:
            del self.streams[name]

    def _session(self, info: StreamInfo) -> Session:
        reader = self._readers.get(info.format)
        if reader is None or reader.live is None:
            raise BadData(f"format: {info.format!r} has no reader for streams")
        return reader.live(info)

    def _close(self, frame: Frame, stream: StreamState, why: str) -> None:
        stream.closed, stream.why = frame.received, why
        self.board.close(frame.stream, why)

    def _read(self, frame: Frame, stream: StreamState) -> None:
        stream.frames += 1
        stream.bytes += len(frame.data)
        stream.last = frame.received
        if stream.closed is not None:
            return
        try:
            for item in stream.session.read(frame.data, frame.received):
                if isinstance(item, Fault):
                    self._fault(frame.stream, item.reason)
                else:
                    self.board.apply(
                        frame.stream, self._taking_part(item), frame.received, stream.info.life_ns
                    )
        except BadData as error:
            self._fault(frame.stream, str(error))
        except Exception as error:
            # A reader that stumbles over a venue's message must not take the others with it; but what this
            # stream said cannot be trusted any more. It is read on as if it had just been opened.
            self._fault(frame.stream, f"the reader failed: {type(error).__name__}: {error}")
            self.board.close(frame.stream, "the reader failed")
            stream.session = self._session(stream.info)
            self.failed[frame.stream] = None

    def _taking_part(self, snapshot: Snapshot) -> Snapshot:
        options, quotes = self._options, snapshot.quotes
        if options.markets is Markets.MATCH_RESULT:
            quotes = [quote for quote in quotes if quote.claim.market == Kind.MATCH_RESULT.value]
        if options.basis is not None:
            quotes = [quote for quote in quotes if quote.basis is options.basis]
        if options.commissions:
            quotes = [charged(quote, options.commissions) for quote in quotes]
        return snapshot if quotes is snapshot.quotes else Snapshot(snapshot.listing, quotes)

    def _fault(self, stream: str, reason: str) -> None:
        state = self.streams.get(stream)
        if state is not None:
            state.faults += 1
        self._faults.append((stream, Fault(None, reason[:_LARGEST_REASON])))

    def _regroup(self, now: int, changes: list[Change]) -> list[Event]:
        """Say again which listings are one event; what was open on events that are no more ends."""
        over = (each for each in self.board.listings if self._is_over(each, now))
        for identity in list(islice(over, _MOST_FORGOTTEN)):
            self.board.forget(identity)
        before = {change.event for change in self.lives.open()}
        changed = self.events.regroup(self.board.listings)
        self.board.new_listings = self.events.waiting
        # Those that had become another match were left out of their event until now, which may be the same again.
        self.board.dirty.update(dict.fromkeys(self.events.looked_at))
        pause = self.events.work * _LOOK_PAUSE + len(self.board.listings) * _LISTING_PAUSE
        self._regroup_from = now + pause
        known = self.events.ids()
        for event_id in sorted(before - known):
            changes += self.lives.end(event_id, now, _UNLINKED)
        return changed

    def _is_over(self, identity: Identity, now: int) -> bool:
        """Whether nothing is offered on a listing, and it started or was last spoken of a day ago."""
        if not self.board.empty(identity):
            return False
        last = max(self.board.listings[identity].start or 0, self.board.last_received(identity))
        return now - last > _FORGET_AFTER

    def _search(self, events: Iterable[Event]) -> dict[str, list[Opportunity]]:
        """The opportunities of these events by event id."""
        offered = []
        by_listing: dict[Identity, Event] = {}
        for event in events:
            members = self.events.together(event, self.board.listings)
            quotes = self.board.quotes(members)
            if len(quotes) > 1:
                listing = self.board.listing(members)
                by_listing[listing.source, listing.key] = event
                offered.append((listing, quotes))
        found: dict[str, list[Opportunity]] = {}
        for each in self._solved(offered):
            if isinstance(each, Unsolved):
                known = each.reason in self.unsolved or len(self.unsolved) < _MOST_REASONS
                self.unsolved[each.reason if known else "other reasons"] += 1
            else:
                event = by_listing[each.listing.source, each.listing.key]
                found.setdefault(event.id, []).append(exposed(each, self._undated_venues(event)))
        return found

    def _solved(self, offered: list[tuple[Listing, list[Quote]]]) -> list[Opportunity | Unsolved]:
        """What there is in these events; one that nobody can make sense of does not hide the others."""
        try:
            return list(self.certificates.opportunities(offered, self._options.terms))
        except Exception as error:
            if len(offered) == 1:
                return [Unsolved(offered[0][0], f"the search failed: {type(error).__name__}: {error}")]
        return [each for one in offered for each in self._solved([one])]

    def _undated_venues(self, event: Event) -> set[str]:
        """The venues of an event's listings that do not say when it is."""
        listings = self.board.listings
        if len(event.members) < 2:
            return set()
        doubtful = [each for each in event.members if undated(listings[each])]
        return {quote.venue.id for quote in self.board.quotes(doubtful)} if doubtful else set()

    def _why_gone(self, event: Event, quote: Quote) -> Reason | None:
        members = self.events.together(event, self.board.listings)
        gone = self.board.why_gone(members, quote)
        if (
            gone is not None
            and members != event.members
            and self.board.why_gone(event.members, quote) is None
        ):
            return _UNLINKED
        return gone
