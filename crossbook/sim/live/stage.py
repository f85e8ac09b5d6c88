"""Staging: an act is prepared on copies of a fixture's board before anything of it is posted.

First the fixture becomes quiet: whatever stands above the quiet ceiling is posted anew below it. Then the act is
planted on a copy, and proven there. What the copy has that the quiet board has not is posted later, venue by venue.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import lru_cache
from math import ceil, floor
from random import Random
from typing import Final

import msgspec

from crossbook.base.clock import SECOND
from crossbook.sim.board import Board, Seat
from crossbook.sim.faults import SISTER_BRANDS, SUSPENDED
from crossbook.sim.live.plants import LATE_QUOTES, raise_fault, raise_opportunity
from crossbook.sim.live.prices import QUIET_CEILING, copy_of, markets_of, offer
from crossbook.sim.live.script import Act
from crossbook.sim.scores import Bet, Grid
from crossbook.sim.truth import Fault, Planted, Price

_SPREAD: Final = 3 * SECOND // 10
"""Within how long the venues of one opportunity post it."""

Part = tuple[str, str]
"""Venue and market."""


class Stage(msgspec.Struct, kw_only=True):
    """A prepared act: the quiet board, the parts that change with the act, and when each venue posts its own.

    `raised` are the prices of these parts while the act stands. `late` is the time that late quotes are stamped with.
    """

    act: Act
    fixture: int
    random: Random
    quiet: Board
    lowered: list[Part]
    raised: dict[Part, list[Price]]
    seats: dict[str, Seat]
    times: dict[str, int]
    planted: Planted | Fault
    late: int = 0

    @property
    def complete(self) -> int:
        """When all of it is posted."""
        return max(self.times.values())

    @property
    def sisters(self) -> bool:
        """Whether only the combination of its prices is the fault."""
        return self.act.name == SISTER_BRANDS

    @property
    def suspended(self) -> bool:
        """Whether its prices take no bets from the start."""
        return self.act.name == SUSPENDED

    @property
    def prices(self) -> list[Price]:
        """The legs, or the faulty prices."""
        if isinstance(self.planted, Planted):
            return [leg.price for leg in self.planted.legs]
        return list(self.planted.prices)


def stage(
    act: Act,
    board: Board,
    *,
    at: int,
    raise_at: int,
    kinds: Collection[str],
    away: Collection[str],
    among: Collection[str],
    random: Random,
) -> Stage | None:
    """Prepare an act on copies of a board at `at`, to be posted from `raise_at` on; None where it does not suit.

    Of the `kinds` of opportunity the first that suits is taken. No price is at a venue of `away`, and one leg is at
    one of `among`, if there are any.
    """
    quiet, lowered = _quietened(board, at, random)
    copy = copy_of(quiet, random)
    late = at - SECOND if act.name == LATE_QUOTES else 0
    spread = 0 if act.is_fault and not act.source else min(_SPREAD, act.lasts // 4)
    times = {venue: raise_at + (random.randrange(spread) if spread else 0) for venue in sorted(copy.seats)}
    for venue, time in times.items():
        copy.seats[venue] = msgspec.structs.replace(copy.seats[venue], updated=late or time)
    planted: Planted | Fault | None
    if act.is_fault and not act.source:
        planted = raise_fault(act.name, copy, away, random)
    else:
        planted = raise_opportunity(kinds, copy, away, among)
    if planted is None:
        return None
    raised = {
        (venue, market): now
        for venue in copy.seats
        for market in markets_of(venue)
        if (now := list(copy.of(venue, market))) != list(quiet.of(venue, market))
    }
    venues = {venue for venue, _ in raised}
    return Stage(
        act=act,
        fixture=board.fixture.number,
        random=random,
        quiet=quiet,
        lowered=lowered,
        raised=raised,
        seats={venue: copy.seats[venue] for venue in venues},
        times={venue: times[venue] for venue in sorted(venues)},
        planted=planted,
        late=late,
    )


def _quietened(board: Board, at: int, random: Random) -> tuple[Board, list[Part]]:
    """A copy of the board below the quiet ceiling, and the parts of it that had to be posted anew."""
    quiet = copy_of(board, random)
    quiet.ceiling = QUIET_CEILING
    loud = dict.fromkeys(
        (price.venue, price.market) for price in board.prices.values() if _above(quiet, price)
    )
    for venue, market in loud:
        quiet.seats[venue] = msgspec.structs.replace(quiet.seats[venue], updated=at)
        offer(quiet, venue, market)
    return quiet, list(loud)


def _above(board: Board, price: Price) -> bool:
    """Whether a price is better than the quiet ceiling, or so near to it that hundredths cannot tell."""
    back, lay = _quiet_odds(board.truth, price.bet)
    hundredths = 100 * price.odds.numerator
    if price.side == "lay":
        return hundredths < lay * price.odds.denominator
    return hundredths > back * price.odds.denominator


@lru_cache(maxsize=65_536)
def _quiet_odds(truth: Grid, bet: Bet) -> tuple[int, int]:
    """The longest back and the shortest lay below the quiet ceiling, in hundredths."""
    fair = truth.fair_odds(bet)
    return floor(100 * QUIET_CEILING * fair), ceil(100 * fair / QUIET_CEILING)
