"""A made-up venue format for the live pipeline, and a short way to play frames and ticks.

A message is JSON: listings by key, each with its words and its prices, ``alpha home 2.2`` or ``bravo over 1.9``;
``shut`` behind a price says that no bets are taken, ``@5`` when it happened. Every message is whole.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any, Final

from crossbook.base.clock import SECOND, parse_time
from crossbook.base.errors import BadData
from crossbook.model.frame import Frame, FrameKind, StreamInfo
from crossbook.model.life import Change
from crossbook.model.quote import Basis, Fault, Listing, Quote, Side, Snapshot
from crossbook.model.report import change_object
from crossbook.model.venue import bookmaker, exchange
from crossbook.pipeline.live import Pipeline, Tick
from crossbook.pipeline.options import Options
from crossbook.venues.reader import Document, Reader
from crossbook.venues.session import Told
from tests.arbitrage.worlds import AWAY, BTTS_NO, BTTS_YES, DRAW, HOME, total

FORMAT: Final = "made-up"
START: Final = parse_time("2026-11-20T10:00:00Z")
KICK_OFF: Final = START + 3_600 * SECOND
TICK: Final = SECOND // 20
CLAIMS: Final = {
    "home": HOME,
    "draw": DRAW,
    "away": AWAY,
    "over": total("over", "2.5"),
    "under": total("under", "2.5"),
    "yes": BTTS_YES,
    "no": BTTS_NO,
}
PLANTED: Final = ("alpha home 2.2", "bravo draw 3.65", "cargo away 3.95")
"""1/2.2 + 1/3.65 + 1/3.95 is 0.98: a little for nothing at three desks."""
FAIR: Final = ("alpha home 2.0", "bravo draw 3.65", "cargo away 3.95")
MATCH: Final[Mapping[str, Any]] = {"home": "Harbour Town", "away": "Hill Rovers", "start": KICK_OFF}


class Session:
    """One stream of the made-up format."""

    def __init__(self, info: StreamInfo) -> None:
        if "broken" in info.settings:
            raise ValueError("broken: no such choice")
        self._source = info.settings.get("source", "feed")
        self._told = Told()

    def read(self, data: bytes, received: int) -> Iterator[Snapshot | Fault]:
        """The listings of a message; a word instead makes it go wrong in the way it says."""
        if data == b"unreadable":
            raise BadData("message: unreadable")
        body = json.loads(b"{}" if data in (b"stumble", b"fault") else data)
        if data == b"fault":
            yield Fault(None, "one piece is broken")
            yield from self._told.withdrawn()
            return
        if data == b"stumble":
            listing = Listing(
                source=self._source, key="k", sport="football", competition="", home="h", away="a"
            )
            yield Snapshot(listing, [quote_of("alpha home 9", received)])
            raise ZeroDivisionError("a venue sent what nobody thought of")
        self._told.forget(but=frozenset(body))
        for key, event in body.items():
            words = {"sport": "football", "competition": "Coast League", **event["listing"]}
            quotes = [quote_of(text, received) for text in event["quotes"]]
            yield self._told.say(Snapshot(Listing(source=self._source, key=key, **words), quotes))
        yield from self._told.withdrawn()

    def gap(self) -> None:
        """Nothing told before stands any more."""
        self._told.forget()


def quote_of(text: str, received: int) -> Quote:
    """``alpha home 2.2``: who, what, at which odds; an exchange's name begins with x, and it
    keeps a tenth where the price is ``taxed``."""
    venue, what, odds, *more = text.split()
    commission = Fraction("taxed" in more, 10)
    happened = next((int(word[1:]) for word in more if word.startswith("@")), None)
    return Quote(
        venue=exchange(venue, venue.title(), commission)
        if venue.startswith("x")
        else bookmaker(venue, venue),
        claim=CLAIMS[what],
        side=Side.LAY if "lay" in more else Side.BACK,
        odds=Fraction(odds),
        basis=Basis.LIVE if "live" in more else Basis.PREMATCH,
        tradable="shut" not in more,
        happened=happened,
        received=received,
    )


def _recognises(document: Document) -> bool:
    return False


def _read(document: Document) -> Iterator[Snapshot | Fault]:
    raise BadData("made up for streams only")


READER: Final = Reader(format=FORMAT, recognises=_recognises, read=_read, stream=True, live=Session)
SILENT: Final = Reader(format="files-only", recognises=_recognises, read=_read)
READERS: Final = {FORMAT: READER, "files-only": SILENT}


def info(life: int | None = None, form: str = FORMAT, **settings: str) -> bytes:
    """The data of the frame that opens a stream."""
    return json.dumps({"format": form, "life_ns": life, "settings": settings}).encode()


def event(*quotes: str, **listing: Any) -> dict[str, Any]:
    """One event of a message; the words of `MATCH` unless told otherwise."""
    return {"listing": {**MATCH, **listing}, "quotes": list(quotes)}


def message(**events: dict[str, Any]) -> bytes:
    """A message of events by key."""
    return json.dumps(events).encode()


class Play:
    """A pipeline, and the time."""

    def __init__(self, options: Options | None = None, keep_moved: bool = False) -> None:
        self.pipeline = Pipeline(READERS, options or Options(), keep_moved)
        self.now = START
        self.frames: list[Frame] = []

    def frame(self, stream: str, kind: FrameKind, data: bytes = b"") -> None:
        """Apply a frame that comes now."""
        self.frames.append(Frame(self.now, stream, kind, data))
        self.pipeline.apply(self.frames[-1])

    def open(self, *streams: str, life: int | None = None, **settings: str) -> None:
        """Open streams; each is its own source if it is told ``source``, else of one feed."""
        for stream in streams:
            self.frame(stream, FrameKind.OPENED, info(life, **settings))

    def say(self, stream: str, *quotes: str, **listing: Any) -> None:
        """A message with the one event whose key is ``k``."""
        self.raw(stream, message(k=event(*quotes, **listing)))

    def raw(self, stream: str, data: bytes) -> None:
        """Any bytes."""
        self.frame(stream, FrameKind.DATA, data)

    def close(self, stream: str, why: str = "lost") -> None:
        """Lose a stream."""
        self.frame(stream, FrameKind.CLOSED, why.encode())

    def look(self, after: int = TICK) -> Tick:
        """A tick."""
        self.now += after
        return self.pipeline.tick(self.now)

    def tick(self, after: int = TICK) -> list[tuple[str, ...]]:
        """A tick: its changes, each as its moment and the names of its reasons."""
        return [told(change) for change in self.look(after).changes]

    def venues_open(self) -> list[set[str]]:
        """The venues of every opportunity that is open."""
        return [
            {leg.quote.venue.id for leg in change.opportunity.legs} for change in self.pipeline.lives.open()
        ]

    def planted(self, life: int | None = None) -> None:
        """Three streams of one feed, with one planted opportunity open."""
        for stream, quote in zip(("one", "two", "three"), PLANTED, strict=True):
            self.open(stream, life=life)
            self.say(stream, quote)
        assert self.tick() == [("opened",)]


def told(change: Change) -> tuple[str, ...]:
    """A change in short."""
    return (change.moment.value, *(reason.name for reason in change.why))


def printed(ticks: list[Tick]) -> list[str]:
    """Every change as doors print it."""
    return [json.dumps(change_object(change)) for tick in ticks for change in tick.changes]
