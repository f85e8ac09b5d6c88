"""The exchange's stream: Betfair market change messages that build each ladder up to the board's prices.

Every market starts with its definition and an image, one level short; deltas then add the best level, change a size
and take a level away. The best prices on the way are never better than those at the end.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from itertools import pairwise
from random import Random
from typing import Any, Final

import msgspec

from crossbook.base.clock import SECOND
from crossbook.model.ladder import move
from crossbook.sim.board import Board
from crossbook.sim.books import BASE_RATE, LADDER
from crossbook.sim.faults import SUSPENDED
from crossbook.sim.formats import league_of, milliseconds, number
from crossbook.sim.scores import BOTH_TEAMS_TO_SCORE, MATCH_RESULT, SELECTIONS, TOTAL
from crossbook.sim.truth import EXCHANGE, Fixture

Data = dict[str, Any]

MARKETS: Final = {
    MATCH_RESULT: ("MATCH_ODDS", "Match Odds"),
    TOTAL: ("OVER_UNDER_25", "Over/Under 2.5 Goals"),
    BOTH_TEAMS_TO_SCORE: ("BOTH_TEAMS_TO_SCORE", "Both teams to Score?"),
}
_SHARED_RUNNERS: Final = {
    "draw": (58805, "The Draw"),
    "under": (47972, "Under 2.5 Goals"),
    "over": (47973, "Over 2.5 Goals"),
    "yes": (30246, "Yes"),
    "no": (110503, "No"),
}
ORDER: Final = {"under": 0, "over": 1, "home": 0, "away": 1, "draw": 2, "yes": 0, "no": 1}
_LEVELS: Final = 4
_OPENING: Final = 110 * SECOND


class _Frame(msgspec.Struct, frozen=True):
    time: int
    change: Data


def exchange_stream(boards: Iterable[Board], start: int, random: Random) -> list[Data]:
    """All messages in the order of their publish time, the last ones at most a second before `start`.

    One market is suspended and opened again on the way; the one with the fault of that name stays suspended.
    """
    held = list(boards)
    sound = [
        board.fixture.number for board in held if not any(price.fault for price in board.prices.values())
    ]
    paused = random.choice(sound)
    frames: list[_Frame] = []
    for board in held:
        for place, market in enumerate(MARKETS):
            pauses = board.fixture.number == paused and market == MATCH_RESULT
            frames += _market_frames(board, market, place, start, random, pauses)
    frames.sort(key=lambda frame: (frame.time, str(frame.change["id"])))
    return [
        {"op": "mcm", "clk": str(3_600_000_000 + clock), "pt": frame.time // 1_000_000, "mc": [frame.change]}
        for clock, frame in enumerate(frames)
    ]


def market_id(fixture: Fixture, place: int, source: str = EXCHANGE) -> str:
    """The exchange's id of a fixture's market; `place` is the market's in `MARKETS`."""
    return f"1.2{fixture.ids[source]}{place}"


def _market_frames(
    board: Board, market: str, place: int, start: int, random: Random, pauses: bool
) -> list[_Frame]:
    fixture = board.fixture
    changed = board.seats[LADDER].updated
    name = market_id(fixture, place)
    ladders = [_Ladder(board, market, selection, random) for selection in SELECTIONS[market]]
    ladders.sort(key=lambda ladder: ORDER[ladder.selection])
    opening = start - _OPENING + random.randrange(10 * SECOND)
    definition = _definition(fixture, market, ladders)
    image: Data = {
        "id": name,
        "marketDefinition": definition,
        "rc": [each.opening() for each in ladders],
        "img": True,
    }
    frames = [_Frame(opening, image)]
    times = sorted(random.randrange(opening + SECOND, changed - SECOND) for _ in range(4))
    for time, ladder in zip(times, ladders, strict=False):
        frames.append(_Frame(time, {"id": name, "rc": [ladder.change(random)]}))
    if pauses:
        closed: Data = {"id": name, "marketDefinition": {**definition, "status": "SUSPENDED", "version": 2}}
        opened: Data = {"id": name, "marketDefinition": {**definition, "version": 3}}
        opened |= {"rc": [each.opening() for each in ladders], "img": True}
        frames += [_Frame(times[-1] + SECOND // 4, closed), _Frame(times[-1] + SECOND // 2, opened)]
    frames.append(_Frame(changed, {"id": name, "rc": [each.best() for each in ladders]}))
    if any(price.fault == SUSPENDED for price in board.of(LADDER, market)):
        closed = {"id": name, "marketDefinition": {**definition, "status": "SUSPENDED", "version": 2}}
        frames.append(_Frame(changed + SECOND // 2, closed))
    return frames


class _Ladder:
    """One runner's levels on both sides, best first."""

    def __init__(self, board: Board, market: str, selection: str, random: Random) -> None:
        bet = next(price.bet for price in board.of(LADDER, market) if price.selection == selection)
        self.selection = selection
        self.runner, self.name = runner_of(board.fixture, selection)
        self.sides = {
            "atb": _levels(board.prices[LADDER, bet, "back"].odds, -1, random),
            "atl": _levels(board.prices[LADDER, bet, "lay"].odds, 1, random),
        }

    def opening(self) -> Data:
        """All levels but the best, which stand until it arrives."""
        return self._row({side: levels[1:] for side, levels in self.sides.items()})

    def best(self) -> Data:
        """The best level of each side."""
        return self._row({side: levels[:1] for side, levels in self.sides.items()})

    def change(self, random: Random) -> Data:
        """A new size at the second level to back, and the worst level to lay gone, told as a size of nought."""
        odds, _ = self.sides["atb"][1]
        self.sides["atb"][1] = odds, _size(random)
        gone, _ = self.sides["atl"].pop()
        return self._row({"atb": self.sides["atb"][1:2], "atl": [(gone, 0)]})

    def _row(self, sides: dict[str, list[tuple[Fraction, int]]]) -> Data:
        row: Data = {
            side: [[number(odds), number(Fraction(size, 100))] for odds, size in levels]
            for side, levels in sides.items()
        }
        return {**row, "id": self.runner}


def _levels(best: Fraction, direction: int, random: Random) -> list[tuple[Fraction, int]]:
    ticks = [move(best, direction * steps) for steps in range(_LEVELS)]
    kept = ticks[:1] + [later for earlier, later in pairwise(ticks) if later != earlier]
    return [(tick, _size(random)) for tick in kept]


def _size(random: Random) -> int:
    """An amount in hundredths."""
    return random.randrange(30_000, 900_000)


def runner_of(fixture: Fixture, selection: str, source: str = EXCHANGE) -> tuple[int, str]:
    """The exchange's id and name of a selection."""
    if selection in _SHARED_RUNNERS:
        return _SHARED_RUNNERS[selection]
    side = ("home", "away").index(selection)
    return 200_000 + 2 * fixture.number + side, fixture.names[source][side]


def _definition(fixture: Fixture, market: str, ladders: list[_Ladder]) -> Data:
    runners = [(ladder.runner, ladder.name) for ladder in ladders]
    return market_definition(fixture, EXCHANGE, league_of(fixture).country_code, market, runners)


def market_definition(
    fixture: Fixture,
    source: str,
    country_code: str,
    market: str,
    runners: list[tuple[int, str]],
    status: str = "OPEN",
    version: int = 1,
) -> Data:
    """The definition of a fixture's market, named as `source` names it; runners have an id and a name."""
    kind, name = MARKETS[market]
    kick_off = milliseconds(fixture.kick_off)
    return {
        "bspMarket": False,
        "turnInPlayEnabled": True,
        "persistenceEnabled": True,
        "marketBaseRate": number(BASE_RATE * 100),
        "eventId": fixture.ids[source],
        "eventTypeId": "1",
        "numberOfWinners": 1,
        "bettingType": "ODDS",
        "marketType": kind,
        "marketTime": kick_off,
        "suspendTime": kick_off,
        "bspReconciled": False,
        "complete": True,
        "inPlay": False,
        "crossMatching": True,
        "runnersVoidable": False,
        "numberOfActiveRunners": len(runners),
        "betDelay": 0,
        "status": status,
        "runners": [
            {"status": "ACTIVE", "sortPriority": place, "id": runner, "name": word}
            for place, (runner, word) in enumerate(runners, 1)
        ],
        "regulators": ["MR_INT"],
        "countryCode": country_code,
        "discountAllowed": True,
        "timezone": "GMT",
        "openDate": kick_off,
        "version": version,
        "name": name,
        "eventName": " v ".join(fixture.names[source]),
        "priceLadderDefinition": {"type": "CLASSIC"},
    }
