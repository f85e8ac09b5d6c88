"""The markets of one Betfair stream, kept up to date message by message."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from crossbook.base.errors import BadData
from crossbook.model.quote import Listing, Quote, Snapshot
from crossbook.venues._betfair_book import MarketBook, StartingPrice
from crossbook.venues._betfair_claims import runner_key
from crossbook.venues._betfair_market import DEPTH, Market, listing_of, quotes_of, read_market
from crossbook.venues._betfair_shapes import MarketChange, MarketDefinition, StreamMessage

_MARKETS: Final = "mcm"
_OTHER_OPERATIONS: Final = frozenset(
    {
        "ocm",
        "ccm",
        "rcm",
        "connection",
        "status",
        "authentication",
        "heartbeat",
        "marketSubscription",
        "orderSubscription",
        "marketCatalogue",
    }
)
_LATE: Final = 503
_OPEN_SEGMENTS: Final = frozenset({"SEG_START", "SEG"})
_MILLISECOND: Final = 1_000_000
_NAMED: Final = 3


class MarketStream:
    """The markets of one stream, kept up to date message by message.

    `apply` takes a message and returns what could not be used of it; `snapshots` yields the listings it
    touched, once a message that came in segments is complete. While Betfair says that its prices are late
    (status 503), nothing is tradable. `received` is when the document or the latest message came to us, None for
    recordings: then it is the venue's own time of each message.
    """

    def __init__(self, received: int | None = None) -> None:
        self.received = received
        self._books: dict[str, MarketBook] = {}
        self._markets: dict[str, Market] = {}
        self._quotes: dict[str, list[Quote]] = {}
        self._published: dict[str, int] = {}
        self._events: dict[str, dict[str, Market]] = {}
        self._listings: dict[str, Listing] = {}
        self._touched: dict[str, None] = {}
        self._faulted: set[tuple[str, str]] = set()
        self._late = False
        self.in_segments = False

    def apply(self, message: StreamMessage) -> list[str]:
        """Take one message; returns a reason for each thing in it that could not be used."""
        if message.op != _MARKETS:
            known = message.op in _OTHER_OPERATIONS
            return [] if known else [f"op: {message.op[:40]!r} is no message of the stream"]
        late = message.status == _LATE
        changed = dict.fromkeys(self._markets) if late is not self._late else {}
        self._late = late
        faults: dict[str, list[str]] = {}
        if message.ct != "HEARTBEAT":
            self.in_segments = message.segment_type in _OPEN_SEGMENTS
        for change in message.mc or ():
            for reason in self._change(change):
                faults.setdefault(reason, []).append(change.id)
            if change.id in self._books:
                changed[change.id] = None
                if message.pt is not None:
                    self._published[change.id] = message.pt * _MILLISECOND
        for market_id in changed:
            self._requote(market_id)
        return [f"{_named(markets)}: {reason}" for reason, markets in faults.items()]

    def snapshots(self) -> Iterator[Snapshot]:
        """The listings touched since the last call, each with the quotes of all its markets."""
        if self.in_segments:
            return
        touched, self._touched = self._touched, {}
        for event in touched:
            quotes = [quote for market_id in self._events[event] for quote in self._quotes[market_id]]
            yield Snapshot(self._listings[event], quotes)
            if not self._events[event]:
                del self._events[event], self._listings[event]

    def starting_prices(self) -> dict[str, dict[str, StartingPrice]]:
        """What is known of starting prices now: by market id, then selection id."""
        found: dict[str, dict[str, StartingPrice]] = {}
        for market_id, market in self._markets.items():
            book = self._books[market_id]
            for runner in market.definition.runners:
                prices = book.runners.get(runner_key(runner.id, runner.hc))
                actual = runner.bsp if market.definition.bsp_reconciled else None
                price = prices.starting_price(actual) if prices else StartingPrice.reconciled(actual)
                if runner.status != "REMOVED" and price != StartingPrice():
                    found.setdefault(market_id, {})[str(runner.id)] = price
        return found

    def published(self, market_id: str) -> int | None:
        """The venue's time of a market's latest message, in milliseconds; None before it said one."""
        moment = self._published.get(market_id)
        return None if moment is None else moment // _MILLISECOND

    def drop(self, market_id: str) -> None:
        """Forget a market that is over; `snapshots` tells what is left of its event."""
        self._forget(market_id)
        for kept in (self._books, self._quotes, self._published):
            kept.pop(market_id, None)

    def _change(self, change: MarketChange) -> Iterator[str]:
        """Apply a market's changes and yield what could not be used, repeated reasons once per market."""
        book = self._books.get(change.id)
        if change.img or (book is None and change.market_definition is not None):
            book = self._books[change.id] = MarketBook()
        if book is None:
            yield from self._once(change.id, "changes before any image or market definition are left out")
            return
        if change.market_definition is not None:
            yield from self._define(change.id, change.market_definition, book)
        elif change.id not in self._markets:
            yield from self._once(change.id, "without a market definition its prices cannot be named")
        market = self._markets.get(change.id)
        removed = market.removed if market is not None else frozenset()
        bad = 0
        for runner in change.rc or ():
            try:
                if runner_key(runner.id, runner.hc) not in removed:
                    bad += book.change(runner)
            except BadData as error:
                yield str(error)
        if bad:
            yield f"offers off the price ladder, left out: {bad}"

    def _define(self, market_id: str, definition: MarketDefinition, book: MarketBook) -> Iterator[str]:
        try:
            market = read_market(market_id, definition)
        except BadData as error:
            # The market may have been suspended by what we cannot read: nothing of it is quoted any more.
            self._forget(market_id)
            yield str(error)
            return
        earlier = self._markets.get(market_id)
        if earlier is not None and earlier.event != market.event:
            self._forget(market_id)
        self._markets[market_id] = market
        markets = self._events.setdefault(market.event, {})
        markets[market_id] = market
        self._listings[market.event] = listing_of(market.event, markets.values())
        for key in market.removed:
            book.drop(key)
        if market.doubt:
            yield from self._once(market_id, market.doubt)

    def _forget(self, market_id: str) -> None:
        market = self._markets.pop(market_id, None)
        if market is None:
            return
        markets = self._events[market.event]
        del markets[market_id]
        if markets:
            self._listings[market.event] = listing_of(market.event, markets.values())
        self._touched[market.event] = None

    def _requote(self, market_id: str) -> None:
        market = self._markets.get(market_id)
        if market is None:
            return
        book = self._books[market_id]
        happened = self._published.get(market_id)
        self._quotes[market_id] = quotes_of(
            market,
            lambda key: book.best(key, DEPTH),
            happened,
            happened if self.received is None else self.received,
            current=not self._late,
        )
        self._touched[market.event] = None

    def _once(self, market_id: str, reason: str) -> Iterator[str]:
        if (market_id, reason) not in self._faulted:
            self._faulted.add((market_id, reason))
            yield reason


def _named(markets: list[str]) -> str:
    if len(markets) == 1:
        return f"market {markets[0][:40]}"
    names = ", ".join(market[:40] for market in markets[:_NAMED])
    return f"{len(markets)} markets ({names}{', …' if len(markets) > _NAMED else ''})"
