"""What is planted in the live world: true opportunities over the live venues, and faults that tempt.

Each function edits a fixture's board, as in the recording's `opportunities` and `faults`, and gives the legs or the
fault, or None where the fixture does not suit. What a source being cut or silent takes part in is left out through
the board's cast, before the function is called.
"""

from __future__ import annotations

from collections.abc import Collection
from fractions import Fraction
from math import floor
from random import Random
from typing import Final

import msgspec

from crossbook.base.clock import SECOND
from crossbook.model.ladder import move, tick_at_or_above, tick_at_or_below
from crossbook.sim.board import Board, Cast, cents_below
from crossbook.sim.books import main_line
from crossbook.sim.faults import (
    PALPABLE_ERROR,
    SISTER_BRANDS,
    STALE,
    SUSPENDED,
    WRONG_SIGN,
    Spoil,
    left_behind,
    made_of,
    palpable_error,
    sister_brands,
    stale_price,
    suspended_market,
    tempts,
    wrong_sign_handicap,
)
from crossbook.sim.live.prices import CAST, FEED_VENUES, LADDER
from crossbook.sim.opportunities import (
    Plan,
    back_and_lay,
    between,
    contract_and_handicap,
    quarter_handicap_and_result,
    reline,
    three_books,
    total_of_two_books,
)
from crossbook.sim.proof import plant
from crossbook.sim.scores import (
    ASIAN_HANDICAP,
    MATCH_RESULT,
    SELECTIONS,
    TOTAL,
    Bet,
    result_bet,
)
from crossbook.sim.truth import Fault, Planted, Price

CLOCK_SKEW: Final = "clock_skew"
LATE_QUOTES: Final = "late_quotes"
SWAPPED_SIDES: Final = "swapped_sides"
CROSSED_BOOK: Final = "crossed_book"
DISCONNECT: Final = "disconnect"
SILENCE: Final = "silence"
MALFORMED: Final = "malformed"

_HALF: Final = Fraction(1, 2)
_LEAST_RETURN: Final = Fraction(101, 100)
_MOST_RETURN: Final = Fraction(106, 100)
_AHEAD: Final = 600 * SECOND
_STATES_TIMES: Final = ("pinnacle", "betway", "williamhill")
"""Venues whose prices come with a time of their own; the sister brands are left to their own fault."""


def total_of_site_and_book(board: Board) -> list[Price] | None:
    """Over at a worker's site and under at a book of the feed, or the other way round, on one half-goal line."""
    line = floor(main_line(TOTAL, board.truth)) + _HALF
    return _site_and_book(board, TOTAL, line, between(board, 1020, 1045))


def handicap_of_site_and_book(board: Board) -> list[Price] | None:
    """Home at a worker's site and away at a book of the feed, or the other way round, on one half-goal handicap."""
    line = floor(main_line(ASIAN_HANDICAP, board.truth)) + _HALF
    return _site_and_book(board, ASIAN_HANDICAP, line, between(board, 1020, 1045))


def result_and_site_handicap(board: Board) -> list[Price] | None:
    """Home to win at a book of the feed, against away with half a goal at a worker's site."""
    above = between(board, 1022, 1045)
    parts = _a_site_and_a_book(board)
    if parts is None:
        return None
    site, book = parts
    home, away = result_bet("home"), (ASIAN_HANDICAP, "away", -_HALF)
    reline(board, site, ASIAN_HANDICAP, -_HALF)
    return [
        board.tempt(book, home, cents_below(board.fair(home) * above)),
        board.tempt(site, away, cents_below(board.fair(away) * above)),
    ]


OPPORTUNITIES: Final[dict[str, Plan]] = {
    "three_books": three_books,
    "total_of_two_books": total_of_two_books,
    "quarter_handicap_and_result": quarter_handicap_and_result,
    "result_and_site_handicap": result_and_site_handicap,
    "back_and_lay": back_and_lay,
    "contract_and_handicap": contract_and_handicap,
    "total_of_site_and_book": total_of_site_and_book,
    "handicap_of_site_and_book": handicap_of_site_and_book,
}
"""Every kind of opportunity that the live world plants."""


def clock_skew(board: Board) -> Fault | None:
    """A match result from hours ago whose stated time runs ten minutes ahead: it claims a freshness it has not."""
    bet = result_bet(board.random.choice(("home", "away")))
    ahead = board.seats[board.cast.victim].updated + _AHEAD
    market = left_behind(board, bet, ahead, CLOCK_SKEW)
    return (
        made_of(CLOCK_SKEW, board, market, "hours old, its stated time ten minutes ahead") if market else None
    )


def suspended_site(board: Board) -> Fault | None:
    """A site's match result with a price far too long, and the market takes no bets."""
    bet = result_bet(board.random.choice(("home", "away")))
    venue = board.cast.victim
    board.tempt(venue, bet, cents_below(board.fair(bet) * Fraction(112, 100)))
    market = [
        board.put(venue, price.bet, price.odds, fault=SUSPENDED) for price in board.of(venue, MATCH_RESULT)
    ]
    return made_of(SUSPENDED, board, market, "the market takes no bets") if tempts(board, bet) else None


def late_quotes(board: Board) -> Fault | None:
    """A match result that was over before it was sent: one price tempts, and the message is older than the last."""
    bet = result_bet(board.random.choice(("home", "away")))
    venue = board.cast.victim
    price = board.tempt(venue, bet, cents_below(board.fair(bet) * Fraction(111, 100)), fault=LATE_QUOTES)
    note = "sent again after a newer message"
    return made_of(LATE_QUOTES, board, [price], note) if tempts(board, bet) else None


def swapped_sides(board: Board) -> Fault | None:
    """A book that has home and away the wrong way round, where one of them is the clear favourite."""
    venue = board.cast.victim
    if abs(main_line(ASIAN_HANDICAP, board.truth)) < Fraction(3, 4):
        return None
    other = {"home": "away", "away": "home"}
    meant = [price for price in board.of(venue) if price.selection in other]
    for price in meant:
        del board.prices[venue, price.bet, price.side]
    wrong = [
        board.put(
            venue,
            (price.market, other[price.selection], None if price.line is None else -price.line),
            price.odds,
            fault=SWAPPED_SIDES,
        )
        for price in meant
    ]
    long = max((price for price in wrong if price.market == MATCH_RESULT), key=lambda price: price.odds)
    return (
        made_of(SWAPPED_SIDES, board, wrong, "home and away exchanged") if tempts(board, long.bet) else None
    )


def crossed_book(board: Board) -> Fault | None:
    """An exchange runner whose best back is above its best lay, which no matching engine leaves standing."""
    venue = board.cast.ladder
    bet = result_bet(board.random.choice(("home", "away")))
    fair = board.fair(bet)
    lay = tick_at_or_below(fair)
    back = max(tick_at_or_above(fair * Fraction(114, 100)), move(lay, 2))
    crossed = [
        board.put(venue, bet, back, fault=CROSSED_BOOK),
        board.put(venue, bet, lay, "lay", fault=CROSSED_BOOK),
    ]
    return made_of(CROSSED_BOOK, board, crossed, "back above lay") if tempts(board, bet) else None


class Mistake(msgspec.Struct, frozen=True):
    """How a fault is made, and the venues that may be the one to make it."""

    spoil: Spoil
    venues: tuple[str, ...]


_ONE_LINE_BOOKS: Final = tuple(dict.fromkeys((*_STATES_TIMES, *CAST.independent)))

FAULTS: Final[dict[str, tuple[Mistake, ...]]] = {
    PALPABLE_ERROR: (Mistake(palpable_error, _ONE_LINE_BOOKS),),
    WRONG_SIGN: (Mistake(wrong_sign_handicap, _ONE_LINE_BOOKS),),
    STALE: (Mistake(stale_price, _STATES_TIMES),),
    SUSPENDED: (Mistake(suspended_market, (LADDER,)), Mistake(suspended_site, CAST.catalogue)),
    SISTER_BRANDS: (Mistake(sister_brands, CAST.sisters),),
    CLOCK_SKEW: (Mistake(clock_skew, _STATES_TIMES),),
    LATE_QUOTES: (Mistake(late_quotes, CAST.catalogue),),
    SWAPPED_SIDES: (Mistake(swapped_sides, _ONE_LINE_BOOKS),),
    CROSSED_BOOK: (Mistake(crossed_book, (LADDER,)),),
}
"""The faults that are prices. A cut, a silence and a broken message are faults of a source."""
SOURCE_FAULTS: Final = (DISCONNECT, SILENCE, MALFORMED)
FAULT_NAMES: Final = (*FAULTS, *SOURCE_FAULTS)


def has_place_for(name: str, board: Board) -> bool:
    """Whether a fault is worth trying on a board: two of them need a clear favourite."""
    return name not in (WRONG_SIGN, SWAPPED_SIDES) or abs(main_line(ASIAN_HANDICAP, board.truth)) >= Fraction(
        3, 4
    )


def raise_opportunity(
    kinds: Collection[str], board: Board, away: Collection[str], among: Collection[str]
) -> Planted | None:
    """Plant the first kind that suits the board, and prove it.

    No leg is at a venue of `away`; where `among` is not empty, one is at a venue of it, and the board is changed
    only when the answer is not None.
    """
    whole = dict(board.prices)
    board.cast = _without(away)
    for kind in kinds:
        if _playable(kind, board.cast):
            legs = OPPORTUNITIES[kind](board)
            if legs and _suits(legs, away, among):
                planted = plant(kind, board, legs)
                if planted is not None and _worthy(planted):
                    return planted
        board.prices.clear()
        board.prices.update(whole)
    return None


def raise_fault(name: str, board: Board, away: Collection[str], random: Random) -> Fault | None:
    """Plant a fault of a name at a venue that is not `away`; the board is spoilt when the answer is None."""
    mistake = random.choice(FAULTS[name])
    venues = [venue for venue in mistake.venues if venue not in away]
    if not venues or (name == SISTER_BRANDS and len(venues) < 2):
        return None
    board.cast = msgspec.structs.replace(CAST, victim=random.choice(venues))
    fault = mistake.spoil(board)
    return fault if fault is not None and board.sound() else None


def _site_and_book(board: Board, market: str, line: Fraction, above: Fraction) -> list[Price] | None:
    parts = _a_site_and_a_book(board)
    if parts is None:
        return None
    venues = board.random.sample(parts, 2)
    legs = []
    for venue, selection in zip(venues, SELECTIONS[market], strict=True):
        bet: Bet = (market, selection, line)
        reline(board, venue, market, line)
        legs.append(board.tempt(venue, bet, cents_below(board.fair(bet) * above)))
    return legs


def _a_site_and_a_book(board: Board) -> tuple[str, str] | None:
    sites = board.cast.catalogue
    books = [venue for venue in board.cast.independent if venue in FEED_VENUES]
    return (board.random.choice(sites), board.random.choice(books)) if sites and books else None


def _without(away: Collection[str]) -> Cast:
    return msgspec.structs.replace(
        CAST,
        independent=tuple(venue for venue in CAST.independent if venue not in away),
        catalogue=tuple(venue for venue in CAST.catalogue if venue not in away),
    )


_BOOKS_NEEDED: Final = {"three_books": 3, "quarter_handicap_and_result": 3, "total_of_two_books": 2}


def _playable(kind: str, cast: Cast) -> bool:
    return len(cast.independent) >= _BOOKS_NEEDED.get(kind, 1)


def _suits(legs: list[Price], away: Collection[str], among: Collection[str]) -> bool:
    venues = {leg.venue for leg in legs}
    return venues.isdisjoint(away) and (not among or not venues.isdisjoint(among))


def _worthy(planted: Planted) -> bool:
    return planted.guaranteed_return >= _LEAST_RETURN and planted.return_before_commission <= _MOST_RETURN
