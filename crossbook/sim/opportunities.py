"""True opportunities: a few prices raised above fair odds so that, together, they gain at every score.

Each function edits a fixture's board and gives the legs, or None where the fixture does not suit.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from math import floor
from typing import Final

from crossbook.model.ladder import move, tick_at_or_above, tick_at_or_below
from crossbook.sim.board import Board, cents_below
from crossbook.sim.books import BASE_RATE, main_line
from crossbook.sim.scores import (
    ASIAN_HANDICAP,
    BOTH_TEAMS_TO_SCORE,
    MATCH_RESULT,
    SELECTIONS,
    TOTAL,
    Bet,
    result_bet,
)
from crossbook.sim.truth import Price

Plan = Callable[[Board], "list[Price] | None"]

_HALF: Final = Fraction(1, 2)
_MOST_ABOVE_FAIR: Final = Fraction(109, 100)


def three_books(board: Board) -> list[Price] | None:
    """Home, draw and away, each best at another book."""
    above = between(board, 1020, 1050)
    books = board.random.sample(board.cast.independent, 3)
    bets = [result_bet(selection) for selection in SELECTIONS[MATCH_RESULT]]
    return [
        board.tempt(book, bet, cents_below(board.fair(bet) * above))
        for book, bet in zip(books, bets, strict=True)
    ]


def total_of_two_books(board: Board) -> list[Price] | None:
    """Over at one book, under at another, on one half-goal line."""
    above = between(board, 1020, 1050)
    line = floor(main_line(TOTAL, board.truth)) + _HALF
    books = board.random.sample(board.cast.independent, 2)
    legs = []
    for book, selection in zip(books, SELECTIONS[TOTAL], strict=True):
        bet = (TOTAL, selection, line)
        reline(board, book, TOTAL, line)
        legs.append(board.tempt(book, bet, cents_below(board.fair(bet) * above)))
    return legs


def quarter_handicap_and_result(board: Board) -> list[Price] | None:
    """Home giving a quarter goal, with draw and away of the match result; a draw returns half the first stake."""
    above = between(board, 1020, 1045)
    books = board.random.sample(board.cast.independent, 3)
    bets: list[Bet] = [(ASIAN_HANDICAP, "home", -_HALF / 2), result_bet("draw"), result_bet("away")]
    reline(board, books[0], ASIAN_HANDICAP, bets[0][2])
    return [
        board.tempt(book, bet, cents_below(board.fair(bet) * above))
        for book, bet in zip(books, bets, strict=True)
    ]


def result_and_half_handicap(board: Board) -> list[Price] | None:
    """Home to win at a book of the feed, against away with half a goal in the aggregator."""
    above = between(board, 1025, 1045)
    away: Bet = (ASIAN_HANDICAP, "away", -_HALF)
    venue = board.random.choice(board.cast.catalogue)
    if (venue, away, "back") not in board.prices:
        return None
    home = result_bet("home")
    return [
        board.tempt(board.random.choice(board.cast.independent), home, cents_below(board.fair(home) * above)),
        board.tempt(venue, away, cents_below(board.fair(away) * above)),
    ]


def both_teams_of_two_books(board: Board) -> list[Price] | None:
    """Both teams to score: yes at one book of the aggregator, no at the other."""
    above = between(board, 1020, 1045)
    venues = board.random.sample(board.cast.catalogue, 2)
    legs = []
    for venue, selection in zip(venues, SELECTIONS[BOTH_TEAMS_TO_SCORE], strict=True):
        bet = (BOTH_TEAMS_TO_SCORE, selection, None)
        legs.append(board.tempt(venue, bet, cents_below(board.fair(bet) * above)))
    return legs


def back_and_lay(board: Board) -> list[Price] | None:
    """Home backed at a book and laid on the exchange, with a gain left after the exchange's commission."""
    bet = result_bet("home")
    lay = tick_at_or_below(board.fair(bet) * Fraction(985, 1000))
    returned = 1 + (1 - BASE_RATE) / (lay - 1)
    odds = _odds_for([returned], between(board, 1013, 1020))
    if odds > board.fair(bet) * _MOST_ABOVE_FAIR:
        return None
    for selection in SELECTIONS[MATCH_RESULT]:
        other = result_bet(selection)
        shown = board.prices[board.cast.ladder, other, "lay"].odds
        board.put(
            board.cast.ladder,
            other,
            max(shown, tick_at_or_above(board.fair(other) * Fraction(105, 100))),
            side="lay",
        )
    backed = board.prices[board.cast.ladder, bet, "back"].odds
    board.put(board.cast.ladder, bet, min(backed, move(lay, -2)))
    return [
        board.tempt(board.random.choice(board.cast.independent), bet, odds),
        board.put(board.cast.ladder, bet, lay, side="lay"),
    ]


def contract_and_handicap(board: Board) -> list[Price] | None:
    """A YES contract on home, against away with half a goal at a book; wide enough to outlast a trading fee."""
    bet = result_bet("home")
    away: Bet = (ASIAN_HANDICAP, "away", -_HALF)
    book = board.random.choice(board.cast.independent)
    cents = floor(100 / (board.fair(bet) * Fraction(103, 100)))
    odds = _odds_for([Fraction(100, cents)], between(board, 1042, 1056))
    if not board.fair(away) < odds < board.fair(away) * _MOST_ABOVE_FAIR:
        return None
    for selection in SELECTIONS[MATCH_RESULT]:
        other = result_bet(selection)
        chance = 100 / board.fair(other)
        dear = Fraction(109, 100)
        board.put_contract(
            board.cast.contracts, other, floor(chance * dear) + 1, floor((100 - chance) * dear) + 1
        )
    no = 100 - 100 / board.prices[board.cast.contracts, bet, "lay"].odds
    board.put_contract(board.cast.contracts, bet, cents, int(no))
    reline(board, book, ASIAN_HANDICAP, -_HALF)
    return [board.prices[board.cast.contracts, bet, "back"], board.tempt(book, away, odds)]


OPPORTUNITIES: Final[dict[str, Plan]] = {
    "three_books": three_books,
    "total_of_two_books": total_of_two_books,
    "quarter_handicap_and_result": quarter_handicap_and_result,
    "result_and_half_handicap": result_and_half_handicap,
    "both_teams_of_two_books": both_teams_of_two_books,
    "back_and_lay": back_and_lay,
    "contract_and_handicap": contract_and_handicap,
}
"""Every kind of opportunity that a recording plants, once each."""


def between(board: Board, low: int, high: int) -> Fraction:
    """A factor drawn between two numbers of thousandths."""
    return Fraction(board.random.randint(low, high), 1000)


def _odds_for(returns: list[Fraction], wanted: Fraction) -> Fraction:
    """The odds of the last leg at which all legs together return `wanted`, to the hundredth below."""
    return cents_below(1 / (1 / wanted - sum(1 / each for each in returns)))


def reline(board: Board, book: str, market: str, line: Fraction | None) -> None:
    """Make a line the only one of a feed's book in a market."""
    board.clear(book, market)
    board.offer(book, market, line)
