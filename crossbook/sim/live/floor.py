"""The floor: where prices are posted, numbered and written to the truth log, and what is to be done is queued."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from heapq import heappop, heappush

import msgspec

from crossbook.sim.board import Board
from crossbook.sim.live.prices import Slot
from crossbook.sim.live.sources import Order
from crossbook.sim.live.truth import Posted, Record, TruthWriter
from crossbook.sim.scores import Bet
from crossbook.sim.truth import Price

Do = Callable[[int], None]
"""Something to be done, given the time it was due."""


class Floor:
    """The boards with everything that is posted from them.

    `standing` has the posted lines of each market as they are now, `last` each source's last posted number.
    """

    def __init__(
        self, boards: dict[int, Board], sources: Iterable[str], start: int, log: TruthWriter | None
    ) -> None:
        self.boards = boards
        self.suspended: set[Slot] = set()
        self.standing: dict[Slot, dict[tuple[Bet, str], Posted]] = {}
        self.last = dict.fromkeys(sources, 0)
        self._log = log
        self._latest = start
        self._number = 0
        self._posted: list[Posted] = []
        self._orders: list[Order] = []
        self._queue: list[tuple[int, int, Do]] = []
        self._queued = 0

    def at(self, time: int, do: Do) -> None:
        """Have something done at a time; what is due at one time is done in the order of asking."""
        self._queued += 1
        heappush(self._queue, (time, self._queued, do))

    def advance(self, now: int) -> list[Posted]:
        """Do all that is due up to `now`, and give the lines posted since the last call."""
        while self._queue and self._queue[0][0] <= now:
            time, _, do = heappop(self._queue)
            do(time)
        posted, self._posted = self._posted, []
        return posted

    def next_due(self) -> int | None:
        """When there is something to do next."""
        return self._queue[0][0] if self._queue else None

    def order(self, order: Order) -> None:
        """Have a server do something."""
        self._orders.append(order)

    def take_orders(self) -> list[Order]:
        """The orders since the last call."""
        orders, self._orders = self._orders, []
        return orders

    def not_before(self, at: int) -> int:
        """The time, or that of the log's last line where a server was late: times in the log never fall."""
        self._latest = max(self._latest, at)
        return self._latest

    def write(self, record: Record) -> None:
        """Append a record to the truth log, if there is one."""
        if self._log is not None:
            self._log.write(record)

    def number_of(self, price: Price) -> int:
        """The number under which a price that stands was posted."""
        slot = (price.fixture, price.venue, price.market)
        return self.standing[slot][price.bet, price.side].number

    def post(self, slot: Slot, at: int) -> None:
        """Post one market as it is on the board, every line of it, unless nothing of it has changed."""
        number, venue, market = slot
        suspended = slot in self.suspended
        before = self.standing.get(slot, {})
        found = {(price.bet, price.side): price for price in self.boards[number].of(venue, market)}
        if found.keys() == before.keys() and all(
            _same(price, before[key], suspended) for key, price in found.items()
        ):
            return
        at = self.not_before(at)
        for key, old in before.items():
            if key not in found:
                self._line(
                    msgspec.structs.replace(
                        old, number=self._number + 1, at=at, odds=None, updated=at, suspended=False, fault=""
                    )
                )
        self.standing[slot] = {
            key: self._line(_posted(price, self._number + 1, at, suspended)) for key, price in found.items()
        }

    def _line(self, posted: Posted) -> Posted:
        self._number = self.last[posted.source] = posted.number
        self._posted.append(posted)
        self.write(posted)
        return posted


def _same(price: Price, old: Posted, suspended: bool) -> bool:
    return (price.odds, price.updated, price.fault, suspended) == (
        old.odds,
        old.updated,
        old.fault,
        old.suspended,
    )


def _posted(price: Price, number: int, at: int, suspended: bool) -> Posted:
    return Posted(
        number=number,
        at=at,
        fixture=price.fixture,
        source=price.source,
        venue=price.venue,
        market=price.market,
        selection=price.selection,
        line=price.line,
        side=price.side,
        odds=price.odds,
        suspended=suspended,
        updated=price.updated,
        fault=price.fault,
    )
