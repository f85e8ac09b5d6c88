"""What waits for the database: a queue of batches that stays small however long the database is away.

Quotes are given up, the oldest first. Faults are counted together, and references (venues, listings, events, links,
streams) are told as they stood last. Changes are never given up and never put together.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import Any, Final

import msgspec

from crossbook.store.rows import Batch, FaultRow, last_words

MOST_QUOTES: Final = 200_000
MOST_FAULTS: Final = 2_000
MOST_REFERENCES: Final = 10_000
OTHER_FAULTS: Final = "other faults, counted together while the database was away"

_REFERENCES: Final = ("venues", "listings", "events", "links", "streams")
_FEW: Final = 1_000


class _Waiting:
    """A batch in the queue; None when nothing of it is left."""

    __slots__ = ("batch",)

    def __init__(self, batch: Batch) -> None:
        self.batch: Batch | None = batch


class Queue:
    """Batches in order. More than `most_faults` or `most_references` rows are put together by what they speak of.

    That is done seldom enough to cost little for each batch: not before there are twice as many as it left.
    """

    def __init__(
        self,
        most_quotes: int = MOST_QUOTES,
        most_faults: int = MOST_FAULTS,
        most_references: int = MOST_REFERENCES,
    ) -> None:
        self.quotes = 0
        """Quotes that wait."""
        self.changes = 0
        """Changes that wait."""
        self.dropped = 0
        """Quotes that were given up so far."""
        self._most_quotes = most_quotes
        self._most_faults = self._faults_bound = most_faults
        self._most_references = self._references_bound = most_references
        self._faults = self._references = self._gone = 0
        self._batches: deque[_Waiting] = deque()
        self._with_quotes: deque[_Waiting] = deque()
        self._with_faults: deque[_Waiting] = deque()
        self._with_references: deque[_Waiting] = deque()

    def __len__(self) -> int:
        return len(self._batches) - self._gone

    def put(self, batch: Batch) -> None:
        """Add a batch, and give up or put together what is too much."""
        waiting = _Waiting(batch)
        self._batches.append(waiting)
        if batch.quotes:
            self._with_quotes.append(waiting)
        if batch.faults:
            self._with_faults.append(waiting)
        if _references(batch):
            self._with_references.append(waiting)
        self._count(batch, 1)
        if self.quotes > self._most_quotes:
            self._give_up_oldest()
        if self._faults > self._faults_bound:
            self._join_faults()
            self._faults_bound = max(self._most_faults, 2 * self._faults)
        if self._references > self._references_bound:
            self._join_references()
            self._references_bound = max(self._most_references, 2 * self._references)
        if self._gone > _FEW and self._gone > len(self):
            self._batches = deque(each for each in self._batches if each.batch is not None)
            self._gone = 0

    def take(self, quotes: int) -> list[Batch]:
        """The first batches, with about so many quotes together and no more batches than that."""
        taken: list[Batch] = []
        room = quotes
        while self._batches and room > 0 and len(taken) < quotes:
            waiting = self._batches.popleft()
            batch, waiting.batch = waiting.batch, None
            if batch is None:
                self._gone -= 1
                continue
            room -= len(batch.quotes)
            for each in (self._with_quotes, self._with_faults, self._with_references):
                if each and each[0] is waiting:
                    each.popleft()
            self._count(batch, -1)
            taken.append(batch)
        return taken

    def _count(self, batch: Batch, sign: int) -> None:
        self.quotes += sign * len(batch.quotes)
        self.changes += sign * len(batch.changes)
        self._faults += sign * len(batch.faults)
        self._references += sign * _references(batch)

    def _put_in_place(self, waiting: _Waiting, batch: Batch) -> None:
        """Let another batch stand where one stood; one that has nothing to say any more leaves."""
        if waiting.batch is not None:
            self._count(waiting.batch, -1)
        if batch.quotes or not batch.only_quotes():
            waiting.batch = batch
            self._count(batch, 1)
        else:
            waiting.batch = None
            self._gone += 1

    def _give_up_oldest(self) -> None:
        while self.quotes > self._most_quotes:
            waiting = self._with_quotes[0]
            batch = waiting.batch
            assert batch is not None  # noqa: S101 - batches leave both queues together
            excess = min(self.quotes - self._most_quotes, len(batch.quotes))
            kept = batch.quotes[excess:]
            self.dropped += excess
            if not kept:
                self._with_quotes.popleft()
            self._put_in_place(
                waiting, msgspec.structs.replace(batch, quotes=kept, dropped=batch.dropped + excess)
            )

    def _join_faults(self) -> None:
        """Count all faults of a stream with one reason together, in the newest batch: nothing refers to them."""
        told = _batches(self._with_faults)
        together: dict[tuple[str, str], FaultRow] = {}
        for batch in told:
            for row in batch.faults:
                _add(together, row)
        if len(together) > self._most_faults // 2:
            together = _fewer(together.values(), self._most_faults // 2)
        newest = self._with_faults.pop()
        self._put_in_place(newest, msgspec.structs.replace(told.pop(), faults=list(together.values())))
        for waiting, batch in zip(self._with_faults, told, strict=True):
            self._put_in_place(waiting, msgspec.structs.replace(batch, faults=[]))
        self._with_faults = deque([newest])

    def _join_references(self) -> None:
        """Tell all references as they stood last, in the oldest batch that has any: quotes behind it may need them.

        None may stay behind in a later batch, where it would bring back how things stood before.
        """
        standing = _batches(self._with_references)
        told: dict[str, list[Any]] = {
            name: list({_key(name, row): row for batch in standing for row in getattr(batch, name)}.values())
            for name in _REFERENCES
        }
        told["events"] = last_words(row for batch in standing for row in batch.events)
        nothing: dict[str, list[Any]] = {name: [] for name in _REFERENCES}
        oldest = self._with_references[0]
        for waiting, batch in zip(self._with_references, standing, strict=True):
            rows = told if waiting is oldest else nothing
            self._put_in_place(waiting, msgspec.structs.replace(batch, **rows))
        self._with_references = deque([oldest])


def _batches(waiting: Iterable[_Waiting]) -> list[Batch]:
    return [each.batch for each in waiting if each.batch is not None]


def _references(batch: Batch) -> int:
    return len(batch.venues) + len(batch.listings) + len(batch.events) + len(batch.links) + len(batch.streams)


def _key(name: str, row: Any) -> Any:
    """What two rows of one kind have in common when the later one says all that the earlier one said."""
    if name == "listings":
        return row.source, row.key
    if name == "links":
        return row.source, row.key, row.event, row.decision
    if name == "streams":
        return row.name, row.opened
    return row.id


def _add(together: dict[tuple[str, str], FaultRow], row: FaultRow) -> None:
    known = together.get((row.stream, row.reason))
    if known is not None:
        row = FaultRow(row.stream, max(row.at, known.at), row.reason, row.count + known.count)
    together[row.stream, row.reason] = row


def _fewer(rows: Iterable[FaultRow], most: int) -> dict[tuple[str, str], FaultRow]:
    """The most frequent of these faults, and of each stream all others as one."""
    fewer: dict[tuple[str, str], FaultRow] = {}
    for place, row in enumerate(sorted(rows, key=lambda each: each.count, reverse=True)):
        kept = row if place < most else FaultRow(row.stream, row.at, OTHER_FAULTS, row.count)
        _add(fewer, kept)
    return fewer
