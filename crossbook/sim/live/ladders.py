"""The exchange's markets as its stream tells them: definitions, ladders a few levels deep, images and changes."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise
from random import Random
from typing import Any, Final

import msgspec

from crossbook.model.ladder import is_tick, move
from crossbook.sim.board import Board
from crossbook.sim.formats import number
from crossbook.sim.scores import SELECTIONS
from crossbook.sim.stream import MARKETS, ORDER, market_definition, market_id, runner_of
from crossbook.sim.truth import Fixture

Data = dict[str, Any]
Levels = tuple[tuple[Fraction, int], ...]
"""Odds and size (hundredths), best first."""
Ladders = dict[tuple[int, str], Levels]
"""By runner and side, ``back`` or ``lay``."""

ALL_OFFERS: Final = "EX_ALL_OFFERS"
BEST_OFFERS: Final = "EX_BEST_OFFERS"
DEFINITIONS: Final = "EX_MARKET_DEF"

_DEPTH: Final = 4
_SIDES: Final = (("back", "atb", "batb", -1), ("lay", "atl", "batl", 1))


class Wanted(msgspec.Struct, frozen=True):
    """What a subscription asks of each market; `levels` is the depth of the best offers."""

    fields: frozenset[str] = frozenset({ALL_OFFERS, DEFINITIONS})
    levels: int = 3


class Seen(msgspec.Struct):
    """What one client was told of one market."""

    version: int = 0
    ladders: Ladders = {}


class Market:
    """One market as the exchange publishes it now."""

    def __init__(self, fixture: Fixture, source: str, country_code: str, market: str) -> None:
        self.fixture = fixture
        self.market = market
        self.id = market_id(fixture, list(MARKETS).index(market), source)
        self.type = MARKETS[market][0]
        self.event = fixture.ids[source]
        self.country_code = country_code
        self.suspended = False
        self.version = 1
        self.ladders: Ladders = {}
        self._source = source
        self._runners = {
            selection: runner_of(fixture, selection, source)
            for selection in sorted(SELECTIONS[market], key=ORDER.__getitem__)
        }

    def publish(self, board: Board, venue: str, suspended: bool, random: Random) -> None:
        """Take over the board's best prices, and put a few worse levels of smaller size behind them."""
        self.ladders = self.laddered(board, venue, random)
        if suspended is not self.suspended:
            self.suspended = suspended
            self.version += 1

    def laddered(self, board: Board, venue: str, random: Random) -> Ladders:
        """The ladders of a board; where its best price is the published one, the levels stay as they are."""
        best = {
            (price.selection, price.side): price.odds for price in board.of(venue, self.market) if price.odds
        }
        ladders: Ladders = {}
        for selection, (runner, _) in self._runners.items():
            for side, _, _, direction in _SIDES:
                odds = best.get((selection, side))
                if odds is None:
                    continue
                known = self.ladders.get((runner, side))
                same = known is not None and known[0][0] == odds
                ladders[runner, side] = known if known and same else _levels(odds, direction, random)
        return ladders

    def definition(self) -> Data:
        """The market definition as it is now."""
        status = "SUSPENDED" if self.suspended else "OPEN"
        runners = list(self._runners.values())
        return market_definition(
            self.fixture, self._source, self.country_code, self.market, runners, status, self.version
        )

    def told(self) -> Seen:
        """What a client knows once it was told everything."""
        return Seen(self.version, self.ladders)

    def image(self, wanted: Wanted) -> Data:
        """Everything of the market."""
        change: Data = {"id": self.id, "img": True, "rc": list(self._rows({}, self.ladders, wanted))}
        return self._defined(change, wanted)

    def change(self, seen: Seen, wanted: Wanted) -> Data | None:
        """What a client has to be told, None when it knows all."""
        rows = list(self._rows(seen.ladders, self.ladders, wanted))
        change: Data = {"id": self.id, "rc": rows} if rows else {"id": self.id}
        if seen.version != self.version:
            change = self._defined(change, wanted)
        return change if len(change) > 1 else None

    def back_to(self, ladders: Ladders, wanted: Wanted) -> Data:
        """The change that would lead from the ladders as they are to other ones."""
        return {"id": self.id, "rc": list(self._rows(self.ladders, ladders, wanted))}

    def _defined(self, change: Data, wanted: Wanted) -> Data:
        return {**change, "marketDefinition": self.definition()} if DEFINITIONS in wanted.fields else change

    def _rows(self, before: Ladders, after: Ladders, wanted: Wanted) -> Iterator[Data]:
        for runner, _ in self._runners.values():
            row: Data = {}
            for side, full, best, _ in _SIDES:
                old, new = before.get((runner, side), ()), after.get((runner, side), ())
                if old == new:
                    continue
                if ALL_OFFERS in wanted.fields:
                    row[full] = _by_price(old, new)
                if BEST_OFFERS in wanted.fields:
                    row[best] = _by_level(old[: wanted.levels], new[: wanted.levels])
            row = {key: offers for key, offers in row.items() if offers}
            if row:
                yield {**row, "id": runner}


def _by_price(old: Levels, new: Levels) -> list[list[float | int]]:
    known, stands = dict(old), dict(new)
    gone = [[number(odds), 0] for odds in known if odds not in stands]
    return gone + [[number(odds), _amount(size)] for odds, size in new if known.get(odds) != size]


def _by_level(old: Levels, new: Levels) -> list[list[float | int]]:
    changed = [
        [place, number(odds), _amount(size)]
        for place, (odds, size) in enumerate(new)
        if old[place : place + 1] != ((odds, size),)
    ]
    return changed + [[place, 0, 0] for place in range(len(new), len(old))]


def _amount(size: int) -> float | int:
    return number(Fraction(size, 100))


def _levels(best: Fraction, direction: int, random: Random) -> Levels:
    """The best level and a few worse ones, the best with the greatest size; odds off the ladder stand alone."""
    odds = [best]
    if is_tick(best):
        ticks = [move(best, direction * steps) for steps in range(_DEPTH)]
        odds += [later for earlier, later in pairwise(ticks) if later != earlier]
    sizes = sorted((random.randrange(500_000, 5_000_000) for _ in odds), reverse=True)
    return tuple(zip(odds, sizes, strict=True))
