"""Faults: prices that promise a profit and are wrong, old, not for sale, or not independent.

Each function edits a fixture's board and gives the fault, or None where the fixture does not suit. What is faulty
is always tempting: taken at its word it makes an arbitrage with the sound prices beside it.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from math import floor
from typing import Final

import msgspec

from crossbook.base.clock import SECOND
from crossbook.model.ladder import move, tick_at_or_above, tick_at_or_below
from crossbook.sim.board import Board, cents_below
from crossbook.sim.books import BASE_RATE, main_line
from crossbook.sim.proof import gains_nothing_alone
from crossbook.sim.scores import ASIAN_HANDICAP, MATCH_RESULT, SELECTIONS, TOTAL, Bet, result_bet
from crossbook.sim.truth import Fault, Price

Spoil = Callable[[Board], "Fault | None"]

PALPABLE_ERROR: Final = "palpable_error"
WRONG_SIGN: Final = "wrong_sign_handicap"
STALE: Final = "stale_price"
SUSPENDED: Final = "suspended_market"
SISTER_BRANDS: Final = "sister_brands"

_HOUR: Final = 3_600 * SECOND


def palpable_error(board: Board) -> Fault | None:
    """A decimal point one place too far right: a price ten times too long."""
    selection = board.random.choice(("home", "away"))
    bet = result_bet(selection)
    slipped = board.put(
        board.cast.victim, bet, board.prices[board.cast.victim, bet, "back"].odds * 10, fault=PALPABLE_ERROR
    )
    return made_of(PALPABLE_ERROR, board, [slipped], "the price is ten times what the book meant")


def wrong_sign_handicap(board: Board) -> Fault | None:
    """A handicap given to the wrong side: the favourite gets goals at the price for giving them."""
    line = main_line(ASIAN_HANDICAP, board.truth)
    if abs(line) < Fraction(3, 4):
        return None
    board.clear(board.cast.victim, ASIAN_HANDICAP)
    board.offer(board.cast.victim, ASIAN_HANDICAP, line)
    meant = list(board.of(board.cast.victim, ASIAN_HANDICAP))
    board.clear(board.cast.victim, ASIAN_HANDICAP)
    flipped = [
        board.put(board.cast.victim, (ASIAN_HANDICAP, price.selection, -line), price.odds, fault=WRONG_SIGN)
        for price in meant
    ]
    return made_of(WRONG_SIGN, board, flipped, f"the book meant the home side's line to be {line}")


def stale_price(board: Board) -> Fault | None:
    """A match result not updated for hours, from before the world moved: one price is above today's fair odds."""
    bet = result_bet(board.random.choice(("home", "away")))
    seat = board.seats[board.cast.victim]
    old = seat.updated - board.random.randint(5, 9) * _HOUR - board.random.randint(0, 3_599) * SECOND
    market = left_behind(board, bet, old, STALE)
    return made_of(STALE, board, market, "last updated hours before every other price") if market else None


def left_behind(board: Board, bet: Bet, updated: int, name: str) -> list[Price]:
    """Leave the victim nothing but a match result from before the world moved, in which one price tempts.

    `updated` is the time it states. Empty where the fixture does not suit.
    """
    venue = board.cast.victim
    board.clear(venue)
    board.seats[venue] = msgspec.structs.replace(board.seats[venue], updated=updated)
    board.offer(venue, MATCH_RESULT)
    board.tempt(venue, bet, cents_below(board.fair(bet) * Fraction(113, 100)), fault=name)
    market = list(board.of(venue, MATCH_RESULT))
    if len(market) < 3 or sum(1 / price.odds for price in market) <= 1 or not tempts(board, bet):
        return []
    return market


def suspended_market(board: Board) -> Fault | None:
    """An exchange market whose best back is far too long, and which is suspended in its last message."""
    bet = result_bet(board.random.choice(("home", "away")))
    fair = board.fair(bet)
    board.put(board.cast.ladder, bet, tick_at_or_below(fair * Fraction(115, 100)))
    backed = board.prices[board.cast.ladder, bet, "back"].odds
    board.put(
        board.cast.ladder, bet, max(tick_at_or_above(fair * Fraction(117, 100)), move(backed, 2)), side="lay"
    )
    market = [
        board.put(board.cast.ladder, price.bet, price.odds, price.side, SUSPENDED)
        for price in board.of(board.cast.ladder, MATCH_RESULT)
    ]
    return made_of(SUSPENDED, board, market, "the market takes no orders") if tempts(board, bet) else None


def sister_brands(board: Board) -> Fault | None:
    """Over at one brand and under at its sister: one trading desk, which will not honour both as independent."""
    line = floor(main_line(TOTAL, board.truth)) + Fraction(1, 2)
    pair = []
    for venue, selection in zip(board.cast.sisters, SELECTIONS[TOTAL], strict=True):
        bet: Bet = (TOTAL, selection, line)
        board.clear(venue, TOTAL)
        board.offer(venue, TOTAL, line)
        pair.append(board.tempt(venue, bet, cents_below(board.fair(bet) * Fraction(1017, 1000))))
    pair = [board.put(price.venue, price.bet, price.odds, fault=SISTER_BRANDS) for price in pair]
    tempting = sum(1 / price.odds for price in pair) < Fraction(993, 1000)
    if not tempting or not all(gains_nothing_alone(board, price) for price in pair):
        return None
    return made_of(SISTER_BRANDS, board, pair, "the two brands are priced by one desk")


FAULTS: Final[dict[str, Spoil]] = {
    PALPABLE_ERROR: palpable_error,
    WRONG_SIGN: wrong_sign_handicap,
    STALE: stale_price,
    SUSPENDED: suspended_market,
    SISTER_BRANDS: sister_brands,
}
"""Every fault that a recording plants, once each."""


def made_of(name: str, board: Board, prices: list[Price], note: str) -> Fault:
    """The fault that consists of these prices."""
    return Fault(
        name=name,
        fixture=board.fixture.number,
        venues=tuple(dict.fromkeys(price.venue for price in prices)),
        market=prices[0].market,
        prices=tuple(prices),
        note=note,
    )


def tempts(board: Board, bet: Bet) -> bool:
    """Whether the best match result odds of all venues, the faulty one among them, sum to under 100 %."""
    cost = Fraction(0)
    for selection in SELECTIONS[MATCH_RESULT]:
        best = Fraction(1)
        for price in board.prices.values():
            if (
                price.bet == result_bet(selection)
                and price.side == "back"
                and price.venue != board.cast.contracts
            ):
                fee = BASE_RATE if price.venue == board.cast.ladder else Fraction(0)
                best = max(best, 1 + (price.odds - 1) * (1 - fee))
        cost += 1 / best
    return cost < Fraction(99, 100) and any(
        price.bet == bet and price.fault for price in board.prices.values()
    )
