"""Books of different temper: sharp, soft, slow, two brands of one desk, an exchange, a prediction market.

Each has an opinion of a fixture, a pair of goal rates somewhere near the true ones, and all its prices come from
that one opinion.
"""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from random import Random
from typing import Final

import msgspec

from crossbook.base.clock import SECOND
from crossbook.sim.board import Board, Cast, Seat
from crossbook.sim.scores import (
    ASIAN_HANDICAP,
    BOTH_TEAMS_TO_SCORE,
    MATCH_RESULT,
    SELECTIONS,
    TOTAL,
    Grid,
    grid,
)
from crossbook.sim.truth import AGGREGATOR, EXCHANGE, FEED, PREDICTION, Fixture


class Book(msgspec.Struct, frozen=True, kw_only=True):
    """One venue's temper.

    `margin` is its range in thousandths, `noise` how far its rates stray from the true ones (thousandths of the
    rate), `age_s` the range of seconds since it last published. A `slow` book quotes the earlier rates. A book with
    a `desk` shares the opinion of that book.
    """

    source: str
    venue: str
    margin: tuple[int, int]
    noise: int
    age_s: tuple[int, int]
    slow: bool = False
    desk: str = ""


SHARP: Final = "pinnacle"
SOFT: Final = ("betway", "ladbrokes_uk")
SISTERS: Final[tuple[str, str]] = ("ladbrokes_uk", "coral")
SLOW: Final = "williamhill"
CATALOGUE: Final = ("Bet365", "Unibet")
"""The two books of the aggregator, with several lines each."""
LADDER: Final = "betfair"
CONTRACTS: Final = "kalshi"
BASE_RATE: Final = Fraction(5, 100)
"""The exchange's commission on the net winnings of a market."""

CAST: Final = Cast(
    independent=("pinnacle", "betway", "ladbrokes_uk"),
    catalogue=CATALOGUE,
    sisters=SISTERS,
    victim="betway",
    ladder=LADDER,
    contracts=CONTRACTS,
)
"""The parts of a recording's venues."""

BOOKS: Final = (
    Book(source=FEED, venue="pinnacle", margin=(22, 28), noise=8, age_s=(1, 15)),
    Book(source=FEED, venue="betway", margin=(50, 70), noise=40, age_s=(10, 60)),
    Book(source=FEED, venue="ladbrokes_uk", margin=(55, 75), noise=40, age_s=(10, 60)),
    Book(source=FEED, venue="coral", margin=(60, 80), noise=40, age_s=(10, 60), desk="ladbrokes_uk"),
    Book(source=FEED, venue="williamhill", margin=(50, 65), noise=0, age_s=(240, 480), slow=True),
    Book(source=AGGREGATOR, venue="Bet365", margin=(50, 60), noise=25, age_s=(5, 45)),
    Book(source=AGGREGATOR, venue="Unibet", margin=(60, 80), noise=50, age_s=(10, 60)),
    Book(source=EXCHANGE, venue="betfair", margin=(12, 20), noise=5, age_s=(1, 10)),
    Book(source=PREDICTION, venue="kalshi", margin=(15, 30), noise=20, age_s=(5, 60)),
)

EXCHANGE_TOTAL: Final = Fraction(5, 2)
_QUARTER: Final = Fraction(1, 4)


def post_all(fixture: Fixture, ceiling: Fraction, start: int, random: Random) -> Board:
    """The board of a fixture with every book's prices under the ceiling: nothing on it can be combined to gain."""
    board = Board(fixture, grid(*fixture.rates), ceiling, random, cast=CAST)
    for book in BOOKS:
        age = random.randint(*book.age_s) * SECOND + random.randrange(1000) * SECOND // 1000
        board.seats[book.venue] = Seat(book.source, book.venue, start - age)
        scores = board.opinions[book.desk][0] if book.desk else _opinion(book, fixture, random)
        board.opinions[book.venue] = scores, Fraction(random.randint(*book.margin), 1000)
        _post(board, book)
    return board


@lru_cache(maxsize=4096)
def main_line(market: str, scores: Grid) -> Fraction:
    """The line on the quarter grid where both sides come nearest to even odds."""
    first = 2 if market == TOTAL else -12
    lines = [Fraction(quarters, 4) for quarters in range(first, 25 if market == TOTAL else 13)]
    side = SELECTIONS[market][0]
    return min(lines, key=lambda line: abs(1 / scores.fair_odds((market, side, line)) - Fraction(1, 2)))


def _opinion(book: Book, fixture: Fixture, random: Random) -> Grid:
    rates = fixture.earlier_rates if book.slow else fixture.rates
    strayed = [rate * (1000 + random.randint(-book.noise, book.noise)) // 1000 for rate in rates]
    return grid(strayed[0], strayed[1])


def _post(board: Board, book: Book) -> None:
    venue = book.venue
    if book.source == EXCHANGE:
        lines: dict[str, Fraction | None] = {TOTAL: EXCHANGE_TOTAL}
        for market in (MATCH_RESULT, TOTAL, BOTH_TEAMS_TO_SCORE):
            for selection in SELECTIONS[market]:
                board.offer_ladder(venue, (market, selection, lines.get(market)))
        return
    if book.source == PREDICTION:
        for selection in SELECTIONS[MATCH_RESULT]:
            board.offer_contract(venue, (MATCH_RESULT, selection, None))
        return
    board.offer(venue, MATCH_RESULT)
    own, _ = board.opinions[venue]
    for market in (TOTAL, ASIAN_HANDICAP):
        middle = main_line(market, own)
        reach = 3 if book.source == AGGREGATOR else 0
        for quarters in range(-reach, reach + 1):
            line = middle + quarters * _QUARTER
            if market == ASIAN_HANDICAP or line >= Fraction(1, 2):
                board.offer(venue, market, line)
    if book.source == AGGREGATOR:
        board.offer(venue, BOTH_TEAMS_TO_SCORE)
