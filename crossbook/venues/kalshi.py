"""Kalshi: contracts on events, as its trade API gives markets, events and order books.

Read: one market, lists of markets, events with their markets, order books that say which market they are of;
prices in dollars (``yes_ask_dollars``) or in cents (``yes_ask``). A football game whose rules are understood
becomes a match result. Markets of an event that Kalshi calls mutually exclusive are runners of one contest,
never taken for complete: Kalshi says that at most one resolves to yes, not that one does. All else is a contract
of its own. Prices carry no time: ``updated_time`` is that of a market's description, not of its prices.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import msgspec

from crossbook.base.errors import BadData
from crossbook.model.claim import Claim, Kind
from crossbook.model.quote import Contest, Fault, Listing, Quote, Snapshot
from crossbook.model.venue import prediction
from crossbook.venues._contract_price import Terms, listing_of, quotes
from crossbook.venues._kalshi_rules import Game, game_of
from crossbook.venues._kalshi_wire import Bids, Event, Listed, Market, Sides, best_in, best_of
from crossbook.venues.decode import json_value
from crossbook.venues.reader import Document, Reader

KALSHI: Final = prediction("kalshi", "Kalshi")
_GLANCE: Final = 65_536
_NULL: Final = msgspec.Raw(b"null")
_TRADED: Final = frozenset({"active", "open"})
_DECIDED: Final = frozenset({"determined", "disputed", "amended", "finalized", "settled"})
_COMPETITIONS: Final = {
    "KXEPLGAME": "Premier League",
    "KXLALIGAGAME": "La Liga",
    "KXBUNDESLIGAGAME": "Bundesliga",
    "KXMLSGAME": "Major League Soccer",
    "KXUCLGAME": "Champions League",
    "KXUELGAME": "Europa League",
}
_Fields = dict[str, msgspec.Raw]


class _Reading:
    """What one document says, gathered before it is told event by event."""

    def __init__(self) -> None:
        self.listed: dict[str, Listed] = {}
        self.books: dict[str, Sides] = {}
        self.events: dict[str, Event] = {}
        self.faults: list[Fault] = []
        self.trades = 0

    def take(self, pieces: list[msgspec.Raw], what: str) -> None:
        """Read each piece by itself, so that a broken one costs only itself; `what` names it in a fault."""
        for number, piece in enumerate(pieces, 1):
            try:
                self._take_one(piece)
            except BadData as error:
                place = f"{what} {number}{_name_in(piece)}: " if what else ""
                self.faults.append(Fault(None, f"{place}{error}"))

    def take_container(self, fields: _Fields) -> bool:
        """Read the lists that Kalshi's answers wrap their items in; False when this is an item itself."""
        found = False
        if "event" in fields:
            self.take([fields["event"]], "event")
            found = True
        for key, what in (
            ("events", "event"),
            ("markets", "market"),
            ("trades", "trade"),
            ("orderbooks", "order book"),
        ):
            if key in fields and "event_ticker" not in fields:
                self.take(json_value(bytes(fields[key]), list[msgspec.Raw] | None) or [], what)
                found = True
        return found

    def _take_one(self, piece: msgspec.Raw) -> None:
        fields = json_value(bytes(piece), _Fields)
        if "trade_id" in fields or "taker_side" in fields:
            self.trades += 1
        elif "orderbook_fp" in fields or "orderbook" in fields:
            self._take_book(fields)
        elif "market" in fields:
            self._take_market(fields["market"])
        elif "ticker" in fields or "event_ticker" not in fields:
            self._take_market(piece)
        else:
            event: Event = json_value(bytes(piece), Event)
            self.events[event.event_ticker] = event
            self.take(event.markets or [], f"event {event.event_ticker}: market")

    def _take_market(self, piece: msgspec.Raw) -> str:
        market: Market = json_value(bytes(piece), Market)
        listed = Listed(market, best_of(market))
        known = self.listed.get(market.ticker)
        if known is not None and known != listed:
            reason = f"market {market.ticker}: listed twice and not alike; the later one stands"
            self.faults.append(Fault(None, reason))
        self.listed[market.ticker] = listed
        return market.ticker

    def _take_book(self, fields: _Fields) -> None:
        bids: Bids = json_value(bytes(fields.get("orderbook_fp", fields.get("orderbook", _NULL))), Bids)
        market = fields.get("market", _NULL)
        if bytes(market).lstrip().startswith(b"{"):
            ticker = self._take_market(market)
        else:
            names = (market, fields.get("ticker", _NULL), fields.get("market_ticker", _NULL))
            ticker = next((name for raw in names if (name := json_value(bytes(raw), str | None))), "")
        if not ticker:
            raise BadData("order book without its market: nothing says what the prices are of")
        self.books[ticker] = best_in(bids)


def _recognises(document: Document) -> bool:
    head = document.data[:_GLANCE]
    if not head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"{", b"[")):
        return False
    if b'"event_ticker"' in head:
        return True
    if b'"orderbook_fp"' in head or (b'"orderbook"' in head and b'"yes' in head and b'"no' in head):
        return True
    return b'"taker_side"' in head and b'"yes_price' in head


def _read(document: Document) -> Iterator[Snapshot | Fault]:
    reading = _Reading()
    top = json_value(document.data, list[msgspec.Raw] | _Fields)
    if isinstance(top, list):
        reading.take(top, "item")
    elif not reading.take_container(top):
        reading.take([msgspec.Raw(document.data.removeprefix(b"\xef\xbb\xbf"))], "")
    for ticker, sides in reading.books.items():
        if ticker not in reading.listed:
            reading.listed[ticker] = Listed(Market(ticker, status="active"), sides)
        reading.listed[ticker].sides = sides
    if reading.trades:
        reading.faults.append(Fault(None, f"{reading.trades} trades: what was traded is no offer"))
    groups: dict[str, list[Listed]] = {}
    for listed in reading.listed.values():
        groups.setdefault(listed.market.event_ticker or listed.market.ticker, []).append(listed)
    if bare := [key for key in reading.events if key not in groups]:
        reading.faults.append(Fault(None, f"{len(bare)} events without a readable market: {bare[0]} first"))
    yield from reading.faults
    for key, group in groups.items():
        yield from _tell(key, reading.events.get(key), group, document.received)


def _tell(
    key: str, event: Event | None, group: list[Listed], received: int | None
) -> Iterator[Snapshot | Fault]:
    """One event: what can be won in it, and the quotes of its markets."""
    games = {one.market.ticker: found for one in group if (found := _game(one.market)) is not None}
    named = {game for game, _ in games.values()}
    if len(named) > 1:
        yield Fault(None, f"event {key}: its rules name {len(named)} games, so none is taken for it")
        games.clear()
    runners = tuple(one.market.ticker for one in group)
    combined = any(one.market.mve_collection_ticker for one in group)
    exclusive = event is not None and event.mutually_exclusive is True and not combined
    offered: list[Quote] = []
    for one in group:
        ticker = one.market.ticker
        if ticker in games:
            claim = Claim.of(Kind.MATCH_RESULT, games[ticker][1])
        elif exclusive:
            claim = Claim.of(Kind.WINNER, ticker, subject=key)
        else:
            claim = Claim.of(Kind.CONTRACT, "yes", subject=ticker)
        try:
            offered.extend(_quotes(one, claim, received))
        except BadData as error:
            yield Fault(None, f"market {ticker}: {error}")
    contests = (Contest(key, runners, complete=False),) if exclusive and len(games) < len(group) else ()
    game = named.pop() if games else None
    yield Snapshot(_listing(key, event, group, game, contests), offered)


def _quotes(listed: Listed, claim: Claim, received: int | None) -> list[Quote]:
    market = listed.market
    if market.status in _DECIDED:
        return []
    terms = Terms(
        venue=KALSHI,
        claim=claim,
        market_id=market.ticker,
        received=received,
        tradable=market.status in _TRADED,
        whole=not market.fractional_trading_enabled,
    )
    return list(quotes(terms, listed.sides.yes, listed.sides.no))


def _listing(
    key: str, event: Event | None, group: list[Listed], game: Game | None, contests: tuple[Contest, ...]
) -> Listing:
    series = (event and event.series_ticker) or key.partition("-")[0]
    competition = _COMPETITIONS.get(series, series)
    name = (event and event.title) or (group[0].market.title if len(group) == 1 else None) or key
    match = None if game is None else (game.home, game.away)
    date = None if game is None else game.date
    return listing_of("kalshi", key, competition, contests, match=match, name=name, date=date)


def _game(market: Market) -> tuple[Game, str] | None:
    if market.mve_collection_ticker:
        return None
    return game_of(market.rules_primary or "", market.rules_secondary or "", market.yes_sub_title or "")


def _name_in(piece: msgspec.Raw) -> str:
    """The ticker of a piece that could not be read, if it has one, for the report."""
    try:
        fields = json_value(bytes(piece), _Fields)
        return f" ({json_value(bytes(fields.get('ticker', _NULL)), str)[:80]})"
    except BadData:
        return ""


READER: Final = Reader(format="kalshi", recognises=_recognises, read=_read)
