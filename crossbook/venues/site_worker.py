"""Site workers: browsers that watch one betting site each and send what they see to us.

The first message of a worker registers it, every other one is an update of the site's matches. Markets are named by
their period and kind (``ft_hdp``, ``fh_ou``); each is an object or a list of objects, one for each line.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator
from fractions import Fraction
from statistics import median_low
from typing import Final

from crossbook.base.clock import SECOND
from crossbook.base.errors import BadData
from crossbook.base.exact import plain_text
from crossbook.model.frame import StreamInfo
from crossbook.model.quote import Fault, Snapshot
from crossbook.venues._odds_pieces import HEAD, shown
from crossbook.venues._site_matches import Matches, venue_of
from crossbook.venues._site_wire import Register, Update, check
from crossbook.venues.reader import Document, Reader
from crossbook.venues.session import Told

__all__ = [
    "FORMAT",
    "READER",
    "Matches",
    "Register",
    "SiteSession",
    "Update",
    "check",
    "problems",
    "venue_of",
]

FORMAT: Final = "site-worker"
_OFFSETS: Final = 31
"""How many of a worker's latest messages say how far its clock is off."""
_STEP: Final = 60 * SECOND
"""A time that is this far ahead was not late or early: the worker's clock was set."""
_MESSAGE: Final = re.compile(rb'"type"\s*:\s*"(?:worker:register|odds:update)"')


def problems(update: Update, matches: Matches | None = None) -> list[str]:
    """What in an update's matches cannot be used; each reason begins with the path of its field.

    With the `matches` of earlier updates, what is written as before is neither read nor told again.
    """
    read = (Matches() if matches is None else matches).read(update, update.at(), None)
    return [fault.reason for fault in read.faults]


class SiteSession:
    """One worker's connection.

    A worker's clock may be off. How far is the median over its latest messages, the first of which registers it; the
    time of a price is the worker's own, set right by that, and never later than it came. An update older than one
    that was taken is not used, unless the clock was set back: then most of the latest messages say so.

    A match that is written as in the update before is not read again for up to a minute (five seconds while it is
    under way): its quotes are the same objects, with the times they had, and what is wrong with it is not said again.
    """

    def __init__(self, site: str = "", worker_id: str = "") -> None:
        self._site = site.casefold()
        self._worker_id = worker_id
        self._told = Told()
        self._matches = Matches()
        self._offsets: deque[int] = deque(maxlen=_OFFSETS)
        self._latest: int | None = None
        self._sequence: int | None = None

    def read(self, data: bytes, received: int) -> Iterator[Snapshot | Fault]:
        """What one message changes. Raises BadData naming the field when nothing of it can be used."""
        message = check(data)
        site = message.site.casefold()
        if self._site and site != self._site:
            raise BadData(f"site: {shown(message.site)}, but this worker registered for {self._site}")
        if self._worker_id and message.worker_id != self._worker_id:
            raise BadData(
                f"worker_id: {shown(message.worker_id)}, but this connection registered as {self._worker_id}"
            )
        self._site = site
        if isinstance(message, Register):
            self._offsets.clear()
            self._offsets.append(received - message.at())
            self._latest = self._sequence = None
            self._matches.forget()
            return iter(self._told.withdrawn())
        return iter(self._update(message, received))

    def gap(self) -> None:
        """Messages were lost: nothing told before stands any more, for one of them may have withdrawn it."""
        self._told.forget()
        self._sequence = None

    def _update(self, update: Update, received: int) -> list[Snapshot | Fault]:
        at = update.at()
        if self._offsets and at + median_low(self._offsets) > received + _STEP:
            self._offsets.clear()
        self._offsets.append(received - at)
        late = self._late(update, at, received)
        if late:
            return [*self._told.withdrawn(), Fault(None, late)]
        missed = self._sequence is not None and update.sequence not in (None, self._sequence + 1)
        self._latest, self._sequence = at, update.sequence
        happened = min(received, at + median_low(self._offsets))
        seen = self._matches.read(update, happened, received)
        told: list[Snapshot | Fault] = list(seen.faults)
        if missed:
            told.append(
                Fault(None, f"sequence: {update.sequence} does not follow; updates before it are missing")
            )
        if missed or not update.is_partial():
            self._told.forget(but=frozenset(seen.snapshots))
        told += map(self._told.say, seen.snapshots.values())
        return [*told, *self._told.withdrawn()]

    def _late(self, update: Update, at: int, received: int) -> str:
        """Why an update is older than one that was taken, empty when it is not."""
        if self._sequence is not None and update.sequence is not None and update.sequence <= self._sequence:
            return f"sequence: {update.sequence} is older than {self._sequence}, which was taken; not used"
        if self._latest is None or at >= self._latest:
            return ""
        if self._latest + median_low(self._offsets) <= received + _STEP:
            seconds = plain_text(Fraction(self._latest - at, SECOND), 3)
            return f"timestamp: {shown(update.timestamp)} is {seconds} s older than an update that was taken; not used"
        return ""


def _recognises(document: Document) -> bool:
    return _MESSAGE.search(document.data[:HEAD]) is not None


def _read(document: Document) -> Iterator[Snapshot | Fault]:
    """A recording: one message, or one message a line; each site has a session of its own.

    Without a time of receipt a worker's own clock is believed. Raises BadData when no line is a message.
    """
    data = document.data.removeprefix(b"\xef\xbb\xbf")
    try:
        check(data)
        pieces = [data]
    except BadData as error:
        pieces = [line for line in data.splitlines() if line.strip()]
        if len(pieces) < 2:
            raise BadData(str(error)) from None
    sessions: dict[str, SiteSession] = {}
    understood, faults = False, list[Fault]()
    for number, piece in enumerate(pieces, 1):
        try:
            message = check(piece)
            session = sessions.setdefault(message.site.casefold(), SiteSession())
            found = list(
                session.read(piece, message.at() if document.received is None else document.received)
            )
        except BadData as error:
            faults.append(Fault(number, str(error)))
            continue
        if not understood:
            understood = True
            yield from faults
            faults.clear()
        yield from found
    if not understood:
        raise BadData(faults[0].reason if faults else "the file is empty")
    yield from faults


def _live(info: StreamInfo) -> SiteSession:
    return SiteSession(info.settings.get("site", ""), info.settings.get("worker_id", ""))


READER: Final = Reader(format=FORMAT, recognises=_recognises, read=_read, stream=True, live=_live)
