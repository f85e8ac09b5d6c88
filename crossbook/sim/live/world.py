"""The live world: fixtures, moving boards, what is planted on them, and what the servers must do beside prices.

The world knows no socket and no clock. Servers ask it to `advance` to a time, send what `boards` and `suspended`
then say, tell it with `delivered` just before the bytes go out, and carry out its `orders`. Between two calls of
`advance` nothing on the boards changes, so a server that advances, encodes, tells and writes without waiting in
between delivers exactly what it told.

Every stream is a source of its own, for its prices are delivered, lost and confirmed together. Each league of
The Odds API is polled under an address of its own, so each is a source: ``the-odds-api/soccer_epl`` carries the
prices of that league's fixtures only.
"""

from __future__ import annotations

from itertools import accumulate
from random import Random

from crossbook.base.clock import SECOND
from crossbook.sim.board import Board
from crossbook.sim.live import names, truth
from crossbook.sim.live.acts import Acts
from crossbook.sim.live.floor import Floor
from crossbook.sim.live.prices import COMMISSION, markets_of, new_board, reprice, slots_of
from crossbook.sim.live.script import Script
from crossbook.sim.live.sources import Deed, LiveSource, Order, Protocol, make_sources
from crossbook.sim.live.truth import Posted, TruthWriter
from crossbook.sim.truth import Fixture

__all__ = ["Deed", "LiveSource", "LiveWorld", "Order", "Protocol"]


class LiveWorld:
    """A world of a seed at a time in nanoseconds UTC; it stands still until `begin`.

    `fixtures` are in the order of their numbers. ``fixture.names[source.name]`` has the two sides as that source
    writes them, home first, and ``fixture.ids[source.name]`` the event's id there; ``fixture.competition`` is the
    league's name in crossbook.sim.live.names.LEAGUES.

    Between its fixtures' acts every market is re-priced at its venue's own tempo, each time from an opinion that has
    wandered a little. A fixture on which an act is prepared or stands is not re-priced otherwise.

    `boards` holds each fixture's prices as published now, by number: ``board.prices[venue, bet, side]`` for the
    best price of each side of a bet, ``board.seats[venue]`` for when a venue last published on this fixture. A
    market that is missing from the board is withdrawn. Of the exchange and of Polymarket only the best prices are
    on the board: whatever levels a server adds must be worse than these and the best must have the greatest size.
    A price's `updated` is what the venue states. A market that is in `suspended` keeps its prices on the board but
    takes no bets.

    Everything posted is in the truth log before `advance` returns.
    """

    def __init__(self, seed: int, start: int, script: Script, truth_log: TruthWriter | None) -> None:
        """Post every venue's first prices. Kick-offs lie hours to days after `start`."""
        self.fixtures: tuple[Fixture, ...] = names.make_fixtures(seed, start, script.fixtures)
        self.sources: dict[str, LiveSource] = make_sources(self.fixtures)
        boards = {
            fixture.number: new_board(fixture, start, Random(f"{seed}/live/prices/{fixture.number}"))
            for fixture in self.fixtures
        }
        self._floor = Floor(boards, self.sources, start, truth_log)
        self.boards: dict[int, Board] = self._floor.boards
        self.suspended: set[tuple[int, str, str]] = self._floor.suspended
        """Fixture number, venue, market."""
        self._script = script
        self._acts = Acts(seed, script, self._floor)
        self._begun = start
        self._moves = Random(f"{seed}/live/moves")
        self._slots, weights = slots_of(self.fixtures)
        self._weights = list(accumulate(weights))
        self._floor.write(
            truth.Head(
                seed=seed,
                at=start,
                fixtures=self.fixtures,
                sources=tuple(
                    truth.Source(name=each.name, venues=each.venues, life_ns=round(each.life_s * SECOND))
                    for each in self.sources.values()
                ),
                commission=dict(COMMISSION),
            )
        )
        for number, board in boards.items():
            for venue in board.seats:
                for market in markets_of(venue):
                    self._floor.post((number, venue, market), start)

    def begin(self, now: int) -> None:
        """Start re-pricing and the script: their times count from here. To be called once, when all is connected."""
        self._begun = now
        self._acts.begin(now)
        if self._script.updates_per_s:
            self._floor.at(now, self._move)

    def advance(self, now: int) -> list[Posted]:
        """Do everything due up to `now` and give what was posted since the last call, in order.

        The first call gives the first prices of all venues; before `begin` there is nothing else. A posted line
        with `odds` None is a withdrawn price. Lines whose `source` is cut or hushed are posted all the same: the
        venue goes on, only nobody hears of it.
        """
        return self._floor.advance(now)

    def next_due(self) -> int | None:
        """When there is something to do next (nanoseconds UTC); None before `begin` and after the script's end."""
        return self._floor.next_due()

    def orders(self) -> list[Order]:
        """The orders that fell due in calls of `advance` since the last call of this, in order."""
        return self._floor.take_orders()

    def posted_up_to(self, source: str) -> int:
        """The number of the last posted line of a source."""
        return self._floor.last[source]

    def delivered(self, source: str, now: int, up_to: int | None = None) -> None:
        """Note that all of the source's prices up to a posted number (all by default) go out, or are confirmed."""
        number = self._floor.last[source] if up_to is None else up_to
        self._floor.write(truth.Delivered(at=self._floor.not_before(now), source=source, up_to=number))

    def lost(self, source: str, now: int) -> None:
        """Note that the source's connection is being cut."""
        self._floor.write(truth.Lost(at=self._floor.not_before(now), source=source))

    def up(self, source: str, now: int) -> None:
        """Note that the source is connected again."""
        self._floor.write(truth.Up(at=self._floor.not_before(now), source=source))

    def finish(self, now: int) -> None:
        """Note the end of the world in the truth log, which stays open for its owner to close."""
        self._floor.write(truth.End(at=self._floor.not_before(now)))

    def _move(self, at: int) -> None:
        """Re-price one market, unless its fixture is taken by an act, and draw when the next one follows."""
        following = at + 1 + round(self._moves.expovariate(self._script.updates_per_s) * SECOND)
        if self._script.endless or following <= self._begun + self._script.length:
            self._floor.at(following, self._move)
        slot = self._moves.choices(self._slots, cum_weights=self._weights)[0]
        number, venue, market = slot
        if number not in self._acts.busy:
            reprice(self.boards[number], venue, market, at, self._moves)
            self._floor.post(slot, at)
