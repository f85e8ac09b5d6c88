"""The world: a seeded weekend of fixtures, every venue's prices on them, and what was planted where.

`random.Random` is the only source of chance and the start time a parameter, so that one seed is one world. Streams
of chance are kept apart by name: a change to one fixture's prices leaves the other fixtures as they were.
"""

from __future__ import annotations

from fractions import Fraction
from random import Random
from typing import Final

import msgspec

from crossbook.base.clock import DAY, SECOND, format_time
from crossbook.sim.board import Board
from crossbook.sim.books import post_all
from crossbook.sim.clubs import LEAGUES, Club, League
from crossbook.sim.faults import FAULTS
from crossbook.sim.opportunities import OPPORTUNITIES
from crossbook.sim.proof import plant
from crossbook.sim.truth import AGGREGATOR, EXCHANGE, FEED, PREDICTION, Fault, Fixture, Planted, Truth

DEFAULT_START: Final = 1_774_080_000 * SECOND
"""2026-03-21 08:00 UTC, a Saturday."""

_USUAL_CEILING: Final = Fraction(99, 100)
_QUIET_CEILING: Final = Fraction(97, 100)
"""Where something is planted the other prices stay further below fair odds, so that they add nothing to it."""
_TRIES: Final = 3
_LEAST_RETURN: Final = Fraction(101, 100)
_MOST_RETURN: Final = Fraction(106, 100)
_MONTHS: Final = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_SLOTS: Final = ((12, 30), (14, 0), (15, 0), (16, 30), (17, 30), (19, 0), (20, 0))


class World(msgspec.Struct, frozen=True, kw_only=True):
    """A world as it stands at `start`: each fixture with its board, in fixture order, and what was planted."""

    seed: int
    start: int
    fixtures: tuple[Fixture, ...]
    boards: tuple[Board, ...]
    opportunities: tuple[Planted, ...]
    faults: tuple[Fault, ...]

    def truth(self) -> Truth:
        """The world's own log."""
        return Truth(
            seed=self.seed,
            start=self.start,
            fixtures=self.fixtures,
            opportunities=self.opportunities,
            faults=self.faults,
            prices=tuple(price for board in self.boards for price in board.prices.values()),
        )


def make_world(seed: int, start: int = DEFAULT_START) -> World:
    """The world of a seed at a time in nanoseconds UTC: 29 fixtures over two days, all kicking off after `start`.

    >>> world = make_world(7)
    >>> len(world.fixtures), len(world.opportunities), len(world.faults)
    (29, 7, 5)
    """
    fixtures = _fixtures(Random(f"{seed}/fixtures"), start)
    order = list(fixtures)
    Random(f"{seed}/order").shuffle(order)
    boards: dict[int, Board] = {}
    opportunities = []
    faults = []
    for name in FAULTS:  # first: a wrong sign needs a clear favourite, and few fixtures have one
        fault, board = _first_fit(seed, start, name, [each for each in order if each.number not in boards])
        boards[fault.fixture] = board
        faults.append(fault)
    for kind in OPPORTUNITIES:
        planted, board = _first_sure(seed, start, kind, [each for each in order if each.number not in boards])
        boards[planted.fixture] = board
        opportunities.append(planted)
    for fixture in fixtures:
        if fixture.number not in boards:
            boards[fixture.number] = post_all(
                fixture, _USUAL_CEILING, start, Random(f"{seed}/prices/{fixture.number}")
            )
    return World(
        seed=seed,
        start=start,
        fixtures=fixtures,
        boards=tuple(boards[fixture.number] for fixture in fixtures),
        opportunities=tuple(opportunities),
        faults=tuple(faults),
    )


def _quiet_board(seed: int, start: int, fixture: Fixture, name: str, attempt: int) -> Board:
    random = Random(f"{seed}/prices/{fixture.number}/{name}/{attempt}")
    return post_all(fixture, _QUIET_CEILING, start, random)


def _first_fit(seed: int, start: int, name: str, fixtures: list[Fixture]) -> tuple[Fault, Board]:
    for fixture in fixtures:
        for attempt in range(_TRIES):
            board = _quiet_board(seed, start, fixture, name, attempt)
            fault = FAULTS[name](board)
            if fault is not None and board.sound():
                return fault, board
    raise RuntimeError(f"seed {seed}: no fixture suits {name}")


def _first_sure(seed: int, start: int, kind: str, fixtures: list[Fixture]) -> tuple[Planted, Board]:
    for fixture in fixtures:
        for attempt in range(_TRIES):
            board = _quiet_board(seed, start, fixture, kind, attempt)
            legs = OPPORTUNITIES[kind](board)
            planted = plant(kind, board, legs) if legs else None
            if planted is not None and _worthy(planted):
                return planted, board
    raise RuntimeError(f"seed {seed}: no fixture suits {kind}")


def _worthy(planted: Planted) -> bool:
    return planted.guaranteed_return >= _LEAST_RETURN and planted.return_before_commission <= _MOST_RETURN


def _fixtures(random: Random, start: int) -> tuple[Fixture, ...]:
    first_day = (start + DAY // 2) // DAY * DAY
    fixtures: list[Fixture] = []
    for league in LEAGUES:
        clubs = list(league.clubs)
        random.shuffle(clubs)
        for home, away in zip(clubs[::2], clubs[1::2], strict=True):
            hour, minute = random.choice(_SLOTS)
            kick_off = first_day + random.randrange(2) * DAY + (hour * 60 + minute) * 60 * SECOND
            fixtures.append(_fixture(random, len(fixtures), league, home, away, kick_off))
    return tuple(fixtures)


def _fixture(random: Random, number: int, league: League, home: Club, away: Club, kick_off: int) -> Fixture:
    rates = random.randint(800, 2200), random.randint(600, 1900)
    year, month, day = format_time(kick_off)[2:10].split("-")
    date = f"{year}{_MONTHS[int(month) - 1]}{day}"
    return Fixture(
        number=number,
        competition=league.name,
        home=home.feed,
        away=away.feed,
        kick_off=kick_off,
        rates=rates,
        earlier_rates=(_drifted(random, rates[0]), _drifted(random, rates[1])),
        names={
            FEED: (home.feed, away.feed),
            AGGREGATOR: (home.aggregator, away.aggregator),
            EXCHANGE: (home.exchange, away.exchange),
            PREDICTION: (home.prediction, away.prediction),
        },
        ids={
            FEED: f"{random.getrandbits(128):032x}",
            AGGREGATOR: str(68_100_000 + 1_000 * number + random.randrange(1_000)),
            EXCHANGE: str(35_300_000 + 1_000 * number + random.randrange(1_000)),
            PREDICTION: f"{league.prediction_series}-{date}{home.code}{away.code}",
        },
    )


def _drifted(random: Random, rate: int) -> int:
    return rate * (1000 + random.choice((-1, 1)) * random.randint(80, 180)) // 1000
