"""Polymarket live: Gamma says what the markets are, the exchange's books say what can be bought in them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from crossbook.base.clock import SECOND
from crossbook.base.errors import BadData
from crossbook.model.quote import Fault, Snapshot
from crossbook.venues._polymarket_books import TokenBook
from crossbook.venues._polymarket_events import Listed, Reading, tell
from crossbook.venues.session import Told

_BEATS: Final = frozenset({b"PONG", b"PING"})


class MarketSession:
    """Gamma's answers and the market channel's messages of one stream.

    Prices come from the books alone: Gamma's own are cached, and have no sizes. So an answer of Gamma never undoes
    what a newer message said, and a market without a book has no quotes yet. Markets that Gamma did not name for
    `listed_life_s` seconds are gone; None keeps them.
    """

    def __init__(self, listed_life_s: int | None = None) -> None:
        self._life = None if listed_life_s is None else listed_life_s * SECOND
        self._books: dict[str, TokenBook] = {}
        self._listed: dict[str, Listed] = {}
        self._named: dict[str, int] = {}
        self._events: dict[str, dict[str, None]] = {}
        self._whole: set[str] = set()
        self._told = Told()

    def read(self, data: bytes, received: int) -> Iterator[Snapshot | Fault]:
        """What one answer or message changes. Raises BadData when nothing of it can be read."""
        if data.strip() in _BEATS:
            return iter(self._told.withdrawn())
        reading = Reading(self._books)
        reading.take_document(data.removeprefix(b"\xef\xbb\xbf"))
        if reading.faults and not (reading.listed or reading.changed or reading.without_offers):
            raise BadData(reading.faults[0].reason)
        touched = self._list(reading, received)
        for condition in (*reading.listed, *reading.changed):
            listed = self._listed.get(condition)
            if listed is not None:
                self._settle(listed)
                touched[listed.key()] = None
        found: list[Snapshot | Fault] = list(reading.faults)
        for key in touched:
            group = [self._listed[condition] for condition in self._events.get(key, ())]
            if not group:
                continue
            for piece in tell(key, group, key in self._whole, received):
                found.append(self._told.say(piece) if isinstance(piece, Snapshot) else piece)
        return iter([*found, *self._told.withdrawn()])

    def gap(self) -> None:
        """Changes were lost, so every book may be wrong; what the markets are still holds."""
        self._books.clear()
        for listed in self._listed.values():
            self._settle(listed)
        self._told.forget()

    def _list(self, reading: Reading, received: int) -> dict[str, None]:
        """Take the markets an answer of Gamma names; returns the keys of the events that this touches."""
        touched: dict[str, None] = {}
        for condition, listed in reading.listed.items():
            earlier = self._listed.get(condition)
            if earlier is not None and earlier.key() != listed.key():
                self._drop(condition, touched)
            self._listed[condition], self._named[condition] = listed, received
            self._events.setdefault(listed.key(), {})[condition] = None
            touched[listed.key()] = None
        for key in touched:
            self._whole.discard(key)
        self._whole |= reading.whole
        if reading.listed and self._life is not None:
            for condition in [one for one, named in self._named.items() if received - named > self._life]:
                self._drop(condition, touched)
        return touched

    def _drop(self, condition: str, touched: dict[str, None]) -> None:
        """Forget a market and its books."""
        listed = self._listed.pop(condition)
        self._named.pop(condition)
        key = listed.key()
        touched[key] = None
        del self._events[key][condition]
        for token in listed.tokens:
            self._books.pop(token, None)
        if not self._events[key]:
            del self._events[key]
            self._whole.discard(key)
            self._told.forget_one(key)

    def _settle(self, listed: Listed) -> None:
        """Give a market the prices of its books; where both tokens have one, of the newer."""
        listed.yes = listed.no = listed.happened = None
        books = [book for token in listed.tokens if (book := self._books.get(token)) is not None]
        if books:
            listed.settle(max(books, key=lambda book: book.happened or 0))
