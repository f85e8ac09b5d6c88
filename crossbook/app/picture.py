"""The picture of a running engine that doors show."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable
from typing import Final

import msgspec

from crossbook import __version__
from crossbook.app.engine import Engine, Feed
from crossbook.base.clock import SECOND
from crossbook.collect.health import Health, State
from crossbook.model.frame import FrameKind
from crossbook.model.life import Change
from crossbook.model.venue import Venue
from crossbook.pipeline.live import StreamState, Tick
from crossbook.pipeline.view import StreamView, VenueView, View

_RATE_OVER: Final = 5 * SECOND
_MOST_VENUES: Final = 500

Counters = Callable[[], dict[str, int] | None]


class _Seen(msgspec.Struct):
    """One venue as it was last quoted."""

    venue: Venue
    streams: dict[str, None] = {}
    moves: int = 0
    last: int | None = None


class _Rate:
    """How many per second over the last seconds, from running totals."""

    def __init__(self) -> None:
        self._marks: deque[tuple[int, int]] = deque()

    def of(self, now: int, total: int) -> float:
        """Note the total at this time; returns the rate."""
        self._marks.append((now, total))
        while len(self._marks) > 2 and now - self._marks[1][0] >= _RATE_OVER:
            self._marks.popleft()
        first, before = self._marks[0]
        return (total - before) * SECOND / (now - first) if now > first else 0.0


class Picture:
    """Makes views of an engine; listens to its ticks for what moved."""

    def __init__(
        self,
        engine: Engine,
        mode: str,
        seed: int | None = None,
        store: Counters = lambda: None,
        rawlog: Counters = lambda: None,
        health: Callable[[], list[Health]] = list,
    ) -> None:
        self._engine = engine
        self._health = health
        self._mode = mode
        self._seed = seed
        self._store = store
        self._rawlog = rawlog
        self._venues: dict[str, _Seen] = {}
        self._moves = 0
        self._faults = 0
        self._rate = _Rate()
        self._rates: dict[str, _Rate] = {}
        engine.listeners.append(self._listen)

    def receive(self, stream: str, kind: FrameKind, data: bytes) -> None:
        """Take a frame in."""
        self._engine.receive(stream, kind, data)

    def keep(self) -> None:
        """Have every frame that was taken in on disk. Raises Retry when that cannot be done now."""
        self._engine.keep()

    def open(self) -> list[Change]:
        """What is open now."""
        return self._engine.open()

    def subscribe(self) -> Feed:
        """Hear of every change from now on."""
        return self._engine.subscribe()

    @property
    def moves(self) -> int:
        """How many offers appeared or changed so far."""
        return self._moves

    def view(self) -> View:
        """The engine as it stands now."""
        engine = self._engine
        pipeline = engine.pipeline
        now = engine.clock.now()
        of_stream: Counter[str] = Counter()
        of_venue: Counter[str] = Counter()
        for (stream, venue), count in pipeline.board.counts.items():
            of_stream[stream] += count
            of_venue[venue] += count
        return View(
            at=now,
            started=engine.started,
            mode=self._mode,
            version=__version__,
            seed=self._seed,
            ticks=engine.ticks,
            quotes=of_stream.total(),
            quotes_per_s=round(self._rate.of(now, self._moves), 1),
            listings=len(pipeline.board.listings),
            events=len(pipeline.events.ids()),
            matched=pipeline.events.matched,
            review=pipeline.events.review,
            faults=self._faults,
            dropped=engine.inbox.dropped,
            streams=self._streams(of_stream),
            venues=[self._venue_view(seen, now, of_venue) for _, seen in sorted(self._venues.items())],
            open=engine.open(),
            trouble=engine.trouble,
            recent=list(engine.recent),
            latency=engine.latency(),
            store=self._store(),
            rawlog=self._rawlog(),
        )

    def _streams(self, quotes: Counter[str]) -> list[StreamView]:
        """Every stream: those that were opened, and those that we ask for and never had."""
        known = self._engine.pipeline.streams
        health = {each.stream: each for each in self._health()}
        shown = [_stream_view(name, state, quotes[name], health.get(name)) for name, state in known.items()]
        return shown + [_waiting_view(each) for name, each in health.items() if name not in known]

    def _listen(self, tick: Tick) -> None:
        self._faults += len(tick.faults)
        self._moves += len(tick.moved)
        for moved in tick.moved:
            venue = moved.quote.venue
            seen = self._venues.get(venue.id)
            if seen is None:
                self._forget_one()
                seen = self._venues[venue.id] = _Seen(venue)
            seen.streams[moved.stream] = None
            seen.moves += 1
            seen.last = tick.at

    def _forget_one(self) -> None:
        """Make room for a venue: of very many, the one that has been silent longest goes."""
        if len(self._venues) >= _MOST_VENUES:
            oldest = min(self._venues, key=lambda name: self._venues[name].last or 0)
            del self._venues[oldest]
            self._rates.pop(oldest, None)

    def _venue_view(self, seen: _Seen, now: int, of_venue: Counter[str]) -> VenueView:
        streams = self._engine.pipeline.streams
        seen.streams = {name: None for name in seen.streams if name in streams}
        rate = self._rates.setdefault(seen.venue.id, _Rate())
        is_open = any(name in streams and streams[name].closed is None for name in seen.streams)
        return VenueView(
            id=seen.venue.id,
            name=seen.venue.name,
            type=seen.venue.type.value,
            streams=tuple(sorted(seen.streams)),
            quotes=of_venue[seen.venue.id],
            quotes_per_s=round(rate.of(now, seen.moves), 1),
            last=seen.last,
            state="open" if is_open else "lost",
        )


def _stream_view(name: str, state: StreamState, quotes: int, health: Health | None) -> StreamView:
    """A stream as the pipeline knows it, and, where we are the ones who ask, as its collector does."""
    word = "open" if state.closed is None else "lost"
    asked = health is not None and health.state is not State.OPEN
    return StreamView(
        stream=name,
        format=state.info.format,
        state=health.state.value if health is not None and asked else word,
        since=health.since if health is not None and asked else state.closed or state.opened,
        last=state.last,
        frames=state.frames,
        bytes=state.bytes,
        quotes=quotes,
        faults=state.faults,
        dropped=state.dropped,
        reason=(health.reason if health is not None and asked else "") or state.why,
    )


def _waiting_view(health: Health) -> StreamView:
    return StreamView(
        stream=health.stream,
        format="",
        state=health.state.value,
        since=health.since,
        last=None,
        frames=0,
        bytes=0,
        quotes=0,
        faults=0,
        dropped=0,
        reason=health.reason,
    )
