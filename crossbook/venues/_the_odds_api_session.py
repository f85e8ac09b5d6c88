"""The session of one polled address of The Odds API."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from crossbook.base.errors import BadData
from crossbook.model.odds import Format
from crossbook.model.quote import Fault, Snapshot
from crossbook.venues._the_odds_api_events import read_event
from crossbook.venues._the_odds_api_times import Times
from crossbook.venues.session import Told


class Apart(NamedTuple):
    """An answer taken apart: its events as they are written, and how all of their prices are written.

    `alone` says that the answer is one event and not a list.
    """

    pieces: list[bytes]
    form: Format
    alone: bool = False


class _Read(NamedTuple):
    """What an event said when it was read; no snapshot where it does not speak of prices or cannot be read."""

    faults: list[str]
    snapshot: Snapshot | None


class PolledEvents:
    """An address that is asked again and again and answers in full every time.

    Events, venues and prices that are not in an answer any more are gone. An event that is written as in the answer
    before is not read again: its snapshot is the same, with the same list of quotes, which keep the moment they first
    came; what is wrong with it is not said again. Only the events of one answer are remembered.

    An answer may come late, from a cache. A market that is older than it was taken before is not used: its quotes are
    gone until it is as new again, and a fault says so.
    """

    def __init__(self, apart: Callable[[bytes], Apart]) -> None:
        self._apart = apart
        self._form: Format | None = None
        self._known: dict[bytes, _Read] = {}
        self._times = Times()
        self._told = Told()

    def __len__(self) -> int:
        """How many events are remembered."""
        return len(self._known)

    def read(self, data: bytes, received: int) -> Iterator[Snapshot | Fault]:
        """What the answer says, and what it does not say any more. Raises BadData when it cannot be read."""
        apart = self._apart(data)
        if apart.form is not self._form:
            self._form, self._known = apart.form, {}
        self._times.begin(received)
        known: dict[bytes, _Read] = {}
        first: dict[str, bytes] = {}
        twice: set[bytes] = set()
        found: list[Snapshot | Fault] = []
        for place, piece in enumerate(apart.pieces, 1):
            read = self._known.get(piece)
            if read is None:
                read = self._event(piece, place, apart, received)
                found += [Fault(None, reason) for reason in read.faults]
            known[piece] = read
            if read.snapshot is None:
                continue
            found.append(read.snapshot)
            if first.setdefault(read.snapshot.listing.key, piece) is not piece:
                twice |= {piece, first[read.snapshot.listing.key]}
            if any(
                quote.happened is not None and quote.happened > received for quote in read.snapshot.quotes
            ):
                # How far a clock is ahead is told from the moment a quote came: that has to be the latest.
                twice.add(piece)
        for piece in twice:
            del known[piece]
        self._known = known
        self._times.end(first)
        here = frozenset(first)
        self._told.forget(but=here)
        for one in found:
            if isinstance(one, Snapshot):
                self._told.say(one)
        return iter([*found, *self._told.withdrawn()])

    def gap(self) -> None:
        """A lost answer does no harm: the next one is as whole."""

    def _event(self, piece: bytes, place: int, apart: Apart, received: int) -> _Read:
        faults: list[str] = []
        snapshot = None
        try:
            for one in read_event(piece, apart.form, received, self._times):
                if isinstance(one, Snapshot):
                    snapshot = one
                else:
                    faults.append(one.reason)
        except BadData as error:
            if apart.alone:
                raise
            faults.append(f"event {place}: {error}")
        return _Read(faults, snapshot)
