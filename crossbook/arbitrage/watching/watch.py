"""Events watched quote by quote: after each tick, which of them hold a plan, each proven one way or the other."""

from __future__ import annotations

from collections import defaultdict
from fractions import Fraction
from typing import Final, TypeAlias

import numpy as np

from crossbook.arbitrage.course import OPEN, Course
from crossbook.arbitrage.instrument import Instrument
from crossbook.arbitrage.states import states_of
from crossbook.arbitrage.sure import SurePlan, sure_plan
from crossbook.arbitrage.watching.arrays import Arrays, solve_compiled
from crossbook.arbitrage.watching.kernel import BEST, FIRST_ROW, ROWS, VENUE_BITS, WHERE
from crossbook.arbitrage.watching.layout import Layout, Line, backed_odds, layout_of
from crossbook.base.errors import BadData
from crossbook.model.claim import Claim
from crossbook.model.quote import Contest, Quote, Side
from crossbook.model.venue import NO_COMMISSION

_ALWAYS: Final = 2**63 - 1
"""The time of an offer whose time is not known: it never grows old."""
_NEAR: Final = 1e-9
_MOST_RECORDS: Final = 4096
_WORTH_PACKING: Final = 1024

_Offer: TypeAlias = tuple[Claim, Side, str]


class _Game:
    """The lines of one event in one space. `layout` is None until the lines are first looked at."""

    def __init__(self, event: str, contest: Contest | None, course: Course) -> None:
        self.event = event
        self.contest = contest
        self.course = course
        self.number = -1
        self.first_row = 0
        self.rows: dict[Line, int] = {}
        self.layout: Layout | None = None
        self.quotes: dict[_Offer, Quote] = {}
        self.plan: SurePlan | None = None


class Watch:
    """Quotes go in as they come; `tick` says which events were looked at, and what they hold.

    Each venue has one offer on each claim and side of an event; commission and size are not looked at. An event
    whose best offers still satisfy its last certificate is not looked at: no plan can have come to it.
    """

    def __init__(self) -> None:
        self._arrays = Arrays()
        self._venues: dict[str, int] = {}
        self._games: dict[tuple[str, str], _Game] = {}
        self._of_event: defaultdict[str, list[_Game]] = defaultdict(list)
        self._numbered: list[_Game] = []
        self._unlaid: dict[_Game, None] = {}
        self._dead_rows = 0
        self._records = np.zeros((_MOST_RECORDS, 2), np.int64)
        self._odds = self._records.view(np.float64)
        self._count = 0
        self._now = 0
        self.refused: dict[str, str] = {}
        """Events of which something could not be looked at, and why: what their lines say does not go together, say."""
        self.solved = 0
        """How many games were solved."""
        self.unproven = 0
        """How many of these had no certificate, and were decided in whole numbers."""

    def enrol(self, event: str, space: str, contest: Contest | None = None, course: Course = OPEN) -> None:
        """Say who can win a contest of an event, or how it runs its course, before it is quoted."""
        self._game(event, space, contest, course)

    def put(self, event: str, quote: Quote) -> None:
        """This is now the venue's offer on the claim and side.

        Raises BadData for a lay that cannot be taken, and when there are more venues than can be watched.
        """
        odds = backed_odds(quote)
        claim, side, venue = quote.claim, quote.side, quote.venue.id
        game = self._games.get((event, claim.space)) or self._game(event, claim.space, None, OPEN)
        offer = claim, side, venue
        known = game.quotes.get(offer)
        game.quotes[offer] = quote
        received = _ALWAYS if quote.received is None else quote.received
        row = game.rows.get((claim, side))
        if row is None:
            game.rows[claim, side] = -1
            self._unlaid[game] = None
        elif row >= 0:
            self._record(row, self._venue(venue), odds, received)
            if known is not None and known.odds != quote.odds and backed_odds(known) == odds:
                self._arrays.wait(game.number)

    def withdraw(self, event: str, venue: str, claim: Claim, side: Side) -> None:
        """The venue no longer offers this."""
        game = self._games.get((event, claim.space))
        if game is None or game.quotes.pop((claim, side, venue), None) is None:
            return
        row = game.rows[claim, side]
        if row >= 0:
            self._record(row, self._venue(venue), 0.0, self._now)

    def expire(self, before: int) -> None:
        """Take back every offer that was received earlier."""
        self._lay()
        self._flush()
        self._arrays.sweep(before)

    def tick(self) -> dict[str, SurePlan | None]:
        """The events looked at since the last tick: the best plan without a loss, or None where there surely is none.

        Events that are not in it stand as they were told last.
        """
        self._lay()
        self._flush()
        arrays = self._arrays
        looked = [self._numbered[number] for number in arrays.those_that_wait()]
        self.solved += len(looked)
        open_number = arrays.look()
        self.unproven += open_number
        for game in looked:
            game.plan = None
        bounds = arrays.bounds[:open_number].tolist()
        for number, bound in zip(arrays.found[:open_number].tolist(), bounds, strict=True):
            self._settle(self._numbered[number], bound)
        return {event: self._best(event) for event in dict.fromkeys(game.event for game in looked)}

    def _best(self, event: str) -> SurePlan | None:
        plans = [game.plan for game in self._of_event[event] if game.plan is not None]
        return max(
            plans, key=lambda each: (each.solution.guaranteed_return, each.expected_return), default=None
        )

    def _settle(self, game: _Game, bound: float) -> None:
        """Decide a game that is not cleared, and say which changes it has to be looked at again for."""
        try:
            game.plan = self._plan(game)
        except BadData as error:
            self.refused[game.event] = str(error)
        plan, rows = game.plan, None
        if plan is not None and float(plan.solution.guaranteed_return) >= bound - _NEAR:
            legs = [leg.quote for leg in plan.solution.legs]
            rows = [game.rows[quote.claim, quote.side] for quote in legs]
        self._arrays.follow(game.number, rows)

    def _plan(self, game: _Game) -> SurePlan | None:
        instruments = [Instrument(quote, NO_COMMISSION, "") for quote in self._best_quotes(game)]
        if not instruments:
            return None
        claims = frozenset(one.quote.claim for one in instruments)
        return sure_plan(instruments, states_of(claims, game.contest, game.course), solve_compiled)

    def _best_quotes(self, game: _Game) -> list[Quote]:
        """The best offer of each entry; where several are equal in floating point, the one that is exactly best."""
        arrays, best = self._arrays, []
        names = list(self._venues)
        first, count = arrays.games[game.number, :2].tolist()
        lines = game.layout.lines if game.layout is not None else ()
        for entry in range(first, first + count):
            most = arrays.entries[entry, BEST]
            if most <= 0:
                continue
            row, rows = arrays.joins[entry, [FIRST_ROW, ROWS]].tolist()
            cells = arrays.cells[row : row + rows, :, 0]
            equal = [
                (game.quotes[(*lines[row - game.first_row + place], names[venue])], row + place, venue)
                for place, venue in np.argwhere(cells == most).tolist()
            ]
            quote, row, venue = max(equal, key=lambda each: _exactly(each[0]))
            arrays.entries.view(np.int64)[entry, WHERE] = (
                row << VENUE_BITS | venue
            )  # it is missed when it goes
            best.append(quote)
        return best

    def _game(self, event: str, space: str, contest: Contest | None, course: Course) -> _Game:
        game = self._games.get((event, space))
        if game is None:
            game = self._games[event, space] = _Game(event, contest, course)
            self._of_event[event].append(game)
        return game

    def _venue(self, name: str) -> int:
        number = self._venues.get(name)
        if number is None:
            number = len(self._venues)
            self._arrays.more_venues(number + 1)
            self._venues[name] = number
        return number

    def _record(self, row: int, venue: int, odds: float, now: int) -> None:
        if self._count == _MOST_RECORDS or now != self._now:
            self._flush()
            self._now = now
        self._records[self._count, 0] = row << VENUE_BITS | venue
        self._odds[self._count, 1] = odds
        self._count += 1

    def _flush(self) -> None:
        if self._count:
            self._arrays.take(self._records[: self._count], self._now)
            self._count = 0

    def _lay(self) -> None:
        """Find a place for the games that have new lines."""
        if not self._unlaid:
            return
        self._flush()
        for game in self._unlaid:
            try:
                self._lay_game(game)
            except BadData as error:
                self.refused[game.event] = str(error)
        self._unlaid.clear()
        if self._dead_rows > max(_WORTH_PACKING, self._arrays.rows // 2):
            self._pack()

    def _lay_game(self, game: _Game) -> None:
        arrays, before = self._arrays, game.rows
        game.layout = layout_of(frozenset(before), game.contest, game.course)
        number, first_row = arrays.add_game(game.layout, None if game.number < 0 else game.number)
        if game.number < 0:
            self._numbered.append(game)
        game.number, game.first_row = number, first_row
        game.rows = {line: first_row + place for place, line in enumerate(game.layout.lines)}
        for line, row in before.items():
            if row >= 0:
                self._dead_rows += 1
                arrays.move(row, game.rows[line])
        for (claim, side, venue), quote in game.quotes.items():
            if before[claim, side] < 0:
                received = _ALWAYS if quote.received is None else quote.received
                self._record(game.rows[claim, side], self._venue(venue), backed_odds(quote), received)
        self._flush()
        arrays.best_of(number)
        arrays.wait(number)

    def _pack(self) -> None:
        """Copy what is alive to new arrays."""
        old = self._arrays
        self._arrays = arrays = Arrays(old.cells.shape[1])
        self._dead_rows = 0
        for game in self._numbered:
            if game.layout is None:
                continue
            _, first_row = arrays.add_game(game.layout)
            for line, row in game.rows.items():
                game.rows[line] = row + first_row - game.first_row
            arrays.copy_game(game.number, old, game.first_row, first_row)
            game.first_row = first_row
        for number in old.those_that_wait():
            arrays.wait(number)


def _exactly(quote: Quote) -> Fraction:
    """The odds of a quote seen as a back, exactly."""
    return quote.odds if quote.side is Side.BACK else quote.odds / (quote.odds - 1)
