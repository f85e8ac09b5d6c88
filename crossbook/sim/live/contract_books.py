"""Polymarket's records of a football match: Gamma's event with three markets, and the order book of each token."""

from __future__ import annotations

import json
from collections.abc import Iterator
from fractions import Fraction
from hashlib import sha256
from random import Random
from typing import Any, Final

import msgspec

from crossbook.base.clock import DAY, format_time
from crossbook.base.exact import plain_text
from crossbook.sim.board import Board
from crossbook.sim.formats import milliseconds, number
from crossbook.sim.scores import MATCH_RESULT, SELECTIONS
from crossbook.sim.truth import Fixture

Data = dict[str, Any]
Levels = tuple[tuple[Fraction, int], ...]
"""Price of one token in dollars and count of tokens, best first."""

_MILLISECOND: Final = 1_000_000
_DEPTH: Final = 3
_CENT: Final = Fraction(1, 100)


class Book(msgspec.Struct, frozen=True):
    """Bids and asks of one token, and when the venue says they last changed (nanoseconds UTC)."""

    bids: Levels = ()
    asks: Levels = ()
    updated: int = 0

    def other_token(self) -> Book:
        """The book of the market's other token: a bid at p is an offer of the other one at 1 - p."""
        return Book(_mirrored(self.asks), _mirrored(self.bids), self.updated)

    def alike(self, other: Book) -> bool:
        """Whether the offers are the same."""
        return (self.bids, self.asks) == (other.bids, other.asks)


class Market:
    """The market of one selection: YES and NO tokens with their books as published now."""

    def __init__(self, fixture: Fixture, source: str, selection: str) -> None:
        name = f"{fixture.ids[source]}/{selection}"
        self.fixture = fixture
        self.selection = selection
        self.condition = "0x" + sha256(name.encode()).hexdigest()
        self.tokens = tuple(
            str(int.from_bytes(sha256(f"{name}/{word}".encode()).digest())) for word in ("yes", "no")
        )
        self.suspended = False
        self.book = Book()

    def publish(self, board: Board, venue: str, suspended: bool, random: Random) -> None:
        """Take over the board's best prices; a suspended market's books are empty, as before a match."""
        self.suspended = suspended
        self.book = self.booked(board, venue, random)
        if suspended:
            self.book = Book(updated=self.book.updated)

    def booked(self, board: Board, venue: str, random: Random) -> Book:
        """The YES book of a board: a back is an ask of YES, a lay is a bid for it."""
        bet = (MATCH_RESULT, self.selection, None)
        back, lay = (board.prices.get((venue, bet, side)) for side in ("back", "lay"))
        seat = board.seats.get(venue)
        updated = max(
            (price.updated for price in (back, lay) if price is not None), default=seat.updated if seat else 0
        )
        return Book(
            () if lay is None else _levels(1 / lay.odds, -1, self.book.bids, random),
            () if back is None else _levels(1 / back.odds, 1, self.book.asks, random),
            updated,
        )

    def books(self, yes: Book | None = None) -> Iterator[tuple[str, Book]]:
        """Each token with its book, of a given YES book or of the published one."""
        book = self.book if yes is None else yes
        yield self.tokens[0], book
        yield self.tokens[1], book.other_token()

    def snapshots(self, tokens: frozenset[str], yes: Book | None = None) -> list[Data]:
        """The `book` messages of those of the market's tokens that are asked for."""
        return [
            {
                "event_type": "book",
                "market": self.condition,
                "asset_id": token,
                "bids": [_level(*level) for level in reversed(book.bids)],
                "asks": [_level(*level) for level in reversed(book.asks)],
                "hash": sha256(f"{token}{book}".encode()).hexdigest()[:40],
                "timestamp": str(book.updated // _MILLISECOND),
            }
            for token, book in self.books(yes)
            if token in tokens
        ]

    def change(self, before: Book, tokens: frozenset[str], after: Book | None = None) -> Data | None:
        """The `price_change` message from a book to the published one, None where the offers are the same."""
        now = self.book if after is None else after
        pairs = zip(self.books(now), (before, before.other_token()), strict=True)
        rows = [row for (token, new), old in pairs if token in tokens for row in _rows(token, old, new)]
        if not rows:
            return None
        return {
            "event_type": "price_change",
            "market": self.condition,
            "price_changes": rows,
            "timestamp": str(now.updated // _MILLISECOND),
        }

    def tick_size(self, now: int) -> Data:
        """A `tick_size_change` message; it has no offers in it."""
        return {
            "event_type": "tick_size_change",
            "market": self.condition,
            "asset_id": self.tokens[0],
            "old_tick_size": "0.01",
            "new_tick_size": "0.001",
            "timestamp": str(now // _MILLISECOND),
        }


def event_record(fixture: Fixture, source: str, league: str, markets: list[Market]) -> Data:
    """Gamma's record of a match, its markets within."""
    home, away = fixture.names[source]
    kick_off = format_time(fixture.kick_off)
    day = kick_off[:10]
    slug = f"sim-{fixture.ids[source]}-{day}"
    return {
        "id": fixture.ids[source],
        "ticker": slug,
        "slug": slug,
        "title": f"{home} vs. {away}",
        "description": "",
        "startDate": format_time(fixture.kick_off - 14 * DAY),
        "endDate": kick_off,
        "active": True,
        "closed": False,
        "archived": False,
        "live": False,
        "ended": False,
        "negRisk": True,
        "negRiskAugmented": False,
        "negRiskMarketID": "0x" + sha256(slug.encode()).hexdigest(),
        "enableOrderBook": True,
        "series": [{"id": "1", "title": league}],
        "markets": [_market_record(market, home, away, day, slug) for market in markets],
    }


def _market_record(market: Market, home: str, away: str, day: str, slug: str) -> Data:
    fixture, book = market.fixture, market.book
    if market.selection == "draw":
        question = f"Will {home} vs. {away} end in a draw?"
        rule = 'If the game ends in a draw, this market will resolve to "Yes".'
    else:
        team = home if market.selection == "home" else away
        question = f"Will {team} win on {day}?"
        rule = f'If {team} wins, this market will resolve to "Yes".'
    record: Data = {
        "id": str(int(market.condition[:10], 16)),
        "conditionId": market.condition,
        "slug": f"{slug}-{market.selection}",
        "question": question,
        "description": (
            f"In the upcoming game, scheduled for {day}:\n\n{rule}\n\n"
            'Otherwise, this market will resolve to "No".\n\n'
            "If the game is postponed, this market will remain open until the game has been completed. "
            'If the game is canceled entirely, with no make-up game, this market will resolve to "No".\n\n'
            "This market refers only to the outcome within the first 90 minutes of regular play plus "
            "stoppage time."
        ),
        "outcomes": json.dumps(["Yes", "No"]),
        "clobTokenIds": json.dumps(list(market.tokens)),
        "sportsMarketType": "moneyline",
        "gameStartTime": f"{format_time(fixture.kick_off)[:-1].replace('T', ' ')}+00",
        "active": True,
        "closed": False,
        "archived": False,
        # Orders may be entered while a book is empty: a suspension shows in the books, which are told at once.
        "acceptingOrders": True,
        "enableOrderBook": True,
        "negRisk": True,
        "orderPriceMinTickSize": 0.01,
        "orderMinSize": 5,
        "updatedAt": milliseconds(book.updated),
    }
    if book.bids:
        record["bestBid"] = number(book.bids[0][0])
    if book.asks:
        record["bestAsk"] = number(book.asks[0][0])
    return record


def market_list(fixture: Fixture, source: str) -> list[Market]:
    """The three markets of a match."""
    return [Market(fixture, source, selection) for selection in SELECTIONS[MATCH_RESULT]]


def _rows(token: str, old: Book, new: Book) -> Iterator[Data]:
    best = {
        "best_bid": plain_text(new.bids[0][0]) if new.bids else "0",
        "best_ask": plain_text(new.asks[0][0]) if new.asks else "1",
    }
    for side, before, after in (("BUY", old.bids, new.bids), ("SELL", old.asks, new.asks)):
        known, stands = dict(before), dict(after)
        gone = [(price, 0) for price in known if price not in stands]
        for price, size in gone + [level for level in after if known.get(level[0]) != level[1]]:
            digest = sha256(f"{token}{side}{price}{size}".encode()).hexdigest()[:40]
            yield {"asset_id": token, **_level(price, size), "side": side, "hash": digest, **best}


def _level(price: Fraction, size: int) -> Data:
    return {"price": plain_text(price), "size": str(size)}


def _levels(best: Fraction, direction: int, known: Levels, random: Random) -> Levels:
    """The best level and worse ones of smaller size behind it; an unchanged best keeps the levels as they are."""
    if known and known[0][0] == best:
        return known
    prices = [best + direction * step * _CENT for step in range(_DEPTH)]
    kept = [price for price in prices if 0 < price < 1]
    sizes = sorted((random.randrange(5_000, 60_000) for _ in kept), reverse=True)
    return tuple(zip(kept, sizes, strict=True))


def _mirrored(levels: Levels) -> Levels:
    return tuple((1 - price, size) for price, size in levels)
