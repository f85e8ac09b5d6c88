"""How the live world's venues price: which markets, at what tempo, from what opinion.

Each price is made by the board's own rules from an opinion near the true goal rates, so that it stays below the
board's ceiling however the opinion wanders. Opinions are steps on a small lattice around the truth: their grids
and fair odds are worked out once.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from functools import lru_cache
from random import Random
from typing import Final

import msgspec

from crossbook.sim.board import Board, Cast, Seat
from crossbook.sim.books import BASE_RATE, BOOKS, EXCHANGE_TOTAL, Book, main_line
from crossbook.sim.live.names import CONTRACTS, EXCHANGE, FEED, IBC, SBO, feed_source, league_of
from crossbook.sim.scores import (
    ASIAN_HANDICAP,
    BOTH_TEAMS_TO_SCORE,
    MATCH_RESULT,
    SELECTIONS,
    TOTAL,
    Grid,
    grid,
)
from crossbook.sim.truth import FEED as RECORDED_FEED
from crossbook.sim.truth import Fixture

USUAL_CEILING: Final = Fraction(99, 100)
QUIET_CEILING: Final = Fraction(97, 100)
"""Where something is planted the other prices stay further below fair odds, so that they add nothing to it."""

LADDER: Final = "betfair_exchange"
FEED_VENUES: Final = ("pinnacle", "betway", "ladbrokes_uk", "coral", "williamhill")
SITES: Final = ("sbo", "ibc")
CAST: Final = Cast(
    independent=("pinnacle", "betway", "ladbrokes_uk", *SITES),
    catalogue=SITES,
    sisters=("ladbrokes_uk", "coral"),
    victim="betway",
    ladder=LADDER,
    contracts=CONTRACTS,
)
"""The parts of the live venues."""
COMMISSION: Final = {LADDER: BASE_RATE}

_BOOKS: Final = (
    *(msgspec.structs.replace(book, source=FEED) for book in BOOKS if book.source == RECORDED_FEED),
    Book(source=EXCHANGE, venue=LADDER, margin=(12, 20), noise=8, age_s=(1, 10)),
    Book(source=CONTRACTS, venue=CONTRACTS, margin=(15, 30), noise=20, age_s=(5, 60)),
    Book(source=SBO, venue="sbo", margin=(35, 50), noise=30, age_s=(2, 20)),
    Book(source=IBC, venue="ibc", margin=(40, 55), noise=30, age_s=(2, 20)),
)
_BY_VENUE: Final = {book.venue: book for book in _BOOKS}
_MARKETS: Final = {
    LADDER: (MATCH_RESULT, TOTAL, BOTH_TEAMS_TO_SCORE),
    CONTRACTS: (MATCH_RESULT,),
}
_BOOKMAKER_MARKETS: Final = (MATCH_RESULT, TOTAL, ASIAN_HANDICAP)
_TEMPO: Final = {
    "pinnacle": 8,
    "betway": 2,
    "ladbrokes_uk": 2,
    "coral": 2,
    "williamhill": 0.1,
    LADDER: 12,
    CONTRACTS: 6,
    "sbo": 5,
    "ibc": 5,
}
"""How often a venue re-prices one market, compared with the others."""
_STEPS: Final = (-30, -15, -8, 0, 8, 15, 30)
"""How far an opinion may stray from the true rates, in thousandths."""
_QUARTER: Final = Fraction(1, 4)

Slot = tuple[int, str, str]
"""Fixture number, venue, market: what is re-priced together."""


def venue_source(fixture: Fixture, venue: str) -> str:
    """The name of the source that carries a venue's prices on a fixture."""
    book = _BY_VENUE[venue]
    return feed_source(league_of(fixture)) if book.source == FEED else book.source


def new_board(fixture: Fixture, start: int, random: Random) -> Board:
    """A fixture's board with every venue's prices, none older than some minutes at `start`."""
    board = Board(fixture, grid(*fixture.rates), USUAL_CEILING, random, cast=CAST)
    for book in _BOOKS:
        age = random.randint(*(1_000 * seconds for seconds in book.age_s)) * 1_000_000
        board.seats[book.venue] = Seat(venue_source(fixture, book.venue), book.venue, start - age)
        for market in markets_of(book.venue):
            reprice(board, book.venue, market, start - age, random)
    return board


def copy_of(board: Board, random: Random) -> Board:
    """A board that may be changed without changing this one."""
    copy = Board(board.fixture, board.truth, board.ceiling, random, cast=board.cast)
    copy.prices = dict(board.prices)
    copy.seats = dict(board.seats)
    copy.opinions = dict(board.opinions)
    return copy


def markets_of(venue: str) -> tuple[str, ...]:
    """The markets a venue offers on every fixture."""
    return _MARKETS.get(venue, _BOOKMAKER_MARKETS)


def slots_of(fixtures: Iterable[Fixture]) -> tuple[list[Slot], list[float]]:
    """Every market of the world, and how often each is re-priced compared with the others."""
    slots: list[Slot] = []
    weights: list[float] = []
    for fixture in fixtures:
        for venue, tempo in _TEMPO.items():
            for market in markets_of(venue):
                slots.append((fixture.number, venue, market))
                weights.append(tempo)
    return slots, weights


def reprice(board: Board, venue: str, market: str, at: int, random: Random) -> None:
    """Let a venue look again at one market and post it from where its opinion has wandered to."""
    book = _BY_VENUE[venue]
    fixture = board.fixture
    if book.slow:
        own = grid(*fixture.earlier_rates)
    elif book.desk and book.desk in board.opinions:
        own = board.opinions[book.desk][0]
    else:
        steps = [step for step in _STEPS if abs(step) <= max(book.noise, 8)]
        home, away = fixture.rates
        own = grid(home * (1000 + random.choice(steps)) // 1000, away * (1000 + random.choice(steps)) // 1000)
    board.opinions[venue] = own, Fraction(random.randint(*book.margin), 1000)
    board.seats[venue] = Seat(board.seats[venue].source, venue, at)
    offer(board, venue, market)


def offer(board: Board, venue: str, market: str, line: Fraction | None = None) -> None:
    """Post a venue's whole market anew from the opinion it has, on its main line unless one is given."""
    if venue == LADDER:
        line = EXCHANGE_TOTAL if market == TOTAL else None
        for selection in SELECTIONS[market]:
            board.offer_ladder(venue, (market, selection, line))
        return
    if venue == CONTRACTS:
        for selection in SELECTIONS[market]:
            board.offer_contract(venue, (market, selection, None))
        return
    board.clear(venue, market)
    if market != MATCH_RESULT and line is None:
        line = _main_line(market, board.opinions[venue][0], board.truth)
    board.offer(venue, market, line)


@lru_cache(maxsize=65_536)
def _main_line(market: str, own: Grid, truth: Grid) -> Fraction:
    """The main line of an opinion, looked for near the true one."""
    if own is truth:
        return main_line(market, own)
    middle = _main_line(market, truth, truth)
    side = SELECTIONS[market][0]
    lines = [middle + step * _QUARTER for step in (-1, 0, 1)]
    if market == TOTAL:
        lines = [line for line in lines if line >= Fraction(1, 2)]
    return min(lines, key=lambda line: abs(1 / own.fair_odds((market, side, line)) - Fraction(1, 2)))
