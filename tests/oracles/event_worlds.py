"""Random events for the oracle of completeness: venues, rules of quoting, prices, and one price nudged to the edge.

Every venue prices all it quotes from goal rates of its own, close to the true ones, less its margin, with some noise,
cut as venues cut. So most events are nearly coherent, as real ones are. In many, one price is then moved to within
10⁻⁴ of where the first plan appears, to either side or exactly there.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from enum import StrEnum
from fractions import Fraction
from functools import cache, lru_cache
from math import ceil, floor, lcm
from typing import Final, NamedTuple

import msgspec
import numpy as np

from crossbook.model.claim import Claim
from crossbook.model.ladder import tick_at_or_above, tick_at_or_below
from crossbook.model.quote import Quote, Side
from crossbook.model.venue import NO_COMMISSION, Venue, bookmaker, exchange
from tests.oracles.always_solve import NEAR, Board, best_guarantee
from tests.oracles.always_solve_exact import solve_square
from tests.oracles.always_solve_floats import Floats, basis_of, solve_programme
from tests.oracles.event_worlds_menu import (
    FAMILIES,
    FULL_TIME_FAMILIES,
    HALF_FAMILIES,
    PLACE,
    Family,
    fair_odds,
)

BOOKMAKERS: Final = tuple(bookmaker(f"book{number:02}", f"Book {number}") for number in range(44))
EXCHANGES: Final = tuple(
    exchange(f"exch{number}", f"Exchange {number}", NO_COMMISSION) for number in range(6)
)
_LEAST_ODDS, _MOST_ODDS = 1.01, 900.0
MOST_VENUES: Final = 50
_RECEIVED: Final = 1_800_000_000_000_000_000
_CUTS: Final = ("hundredths", "hundredths", "hundredths", "twentieths", "cents", "thousandths")


class Aim(StrEnum):
    """Where an event's nudged price stands: nowhere in particular, or at, above or below the first plan."""

    FREE = "free"
    BELOW = "below"
    AT = "at"
    ABOVE = "above"


class World(NamedTuple):
    """One event: its quotes in the order they come, what was aimed at, and which quote was nudged."""

    name: str
    quotes: tuple[Quote, ...]
    aim: Aim
    nudged: int | None
    edge: Fraction | None
    """The odds at which the nudged quote makes the best guaranteed return exactly one."""


@cache
def _hundredths(count: int) -> Fraction:
    return Fraction(count, 100)


def cut_odds(odds: float, manner: str, side: Side) -> Fraction:
    """Odds as a venue writes them, cut in its own favour: down for a back, up for a lay. At least 1.01."""
    odds = min(max(odds, _LEAST_ODDS), _MOST_ODDS)
    cut = floor if side is Side.BACK else ceil
    if manner == "ticks":
        exact = _hundredths(max(101, cut(odds * 100)))
        return tick_at_or_below(exact) if side is Side.BACK else tick_at_or_above(exact)
    if manner == "cents":  # a contract that costs whole cents
        cents = ceil(100 / odds) if side is Side.BACK else floor(100 / odds)
        return Fraction(100, min(max(cents, 1), 99))
    if manner == "twentieths":
        return _hundredths(max(105, 5 * cut(odds * 20)))
    if manner == "thousandths":
        return Fraction(max(1010, cut(odds * 1000)), 1000)
    return _hundredths(max(101, cut(odds * 100)))


class _Habit(NamedTuple):
    """How one venue quotes an event."""

    venue: Venue
    cut: str
    claims: tuple[Claim, ...]
    odds: Floats
    """Its own fair odds of the whole menu."""
    margin: float
    noise: float


def _chosen(rng: random.Random, family: Family, odds: Floats) -> list[Claim]:
    """The claims of a family that one venue quotes: lines near the even one, of one style, seldom one side alone."""
    if not family.has_lines:
        (rung,) = family.rungs
        if len(rung) > 3 and rng.random() < 0.5:
            return rng.sample(rung, rng.randint(2, len(rung)))
        return list(rung)
    style = rng.choice(("all", "all", "halves", "wholes"))
    fitting = [
        rung
        for rung in family.rungs
        if style == "all" or rung[0].quarters % 4 == (2 if style == "halves" else 0)
    ]
    fitting = fitting or list(family.rungs)
    fitting.sort(key=lambda rung: abs(odds[PLACE[rung[0]]] - odds[PLACE[rung[-1]]]))
    count = rng.choice((1, 1, 2, 3, 5, 9))
    claims = [claim for rung in fitting[:count] for claim in rung]
    return rng.sample(claims, ceil(len(claims) / 2)) if rng.random() < 0.1 else claims


def _habit(
    rng: random.Random,
    venue: Venue,
    families: Sequence[Family],
    rates: tuple[float, float, float],
    temper: tuple[float, float],
) -> _Habit:
    """A venue's way with this event; `temper` is the spread of its rates and the most of its margin."""
    spread, most_margin = temper
    home, away, draw = rates
    odds = fair_odds(
        home * float(np.exp(rng.gauss(0, spread))), away * float(np.exp(rng.gauss(0, spread))), draw
    )
    laid = venue in EXCHANGES
    quoted = [family for family in families if rng.random() < (0.45 if laid else 0.6)]
    claims = [claim for family in quoted or [families[0]] for claim in _chosen(rng, family, odds)]
    return _Habit(
        venue,
        "ticks" if laid else rng.choice(_CUTS),
        tuple(claims),
        odds,
        rng.uniform(0.002, 0.015) if laid else rng.uniform(0.01, most_margin),
        rng.choice((0.0, 0.002, 0.01)),
    )


def _quotes(rng: random.Random, habit: _Habit) -> list[Quote]:
    quotes = []
    for claim in habit.claims:
        fair = float(habit.odds[PLACE[claim]])
        if fair > _MOST_ODDS or fair < _LEAST_ODDS:
            continue
        fair = 1 + (fair - 1) * float(np.exp(rng.gauss(0, habit.noise)))
        sides = [Side.BACK, Side.LAY] if habit.venue in EXCHANGES else [Side.BACK]
        for side in sides:
            # A margin of m asks for 1 + m of the fair chance; long shots pay a little more of it.
            asked = 1 + habit.margin * (1 + 0.1 * (fair > 6))
            odds = fair / asked if side is Side.BACK else fair * asked
            quotes.append(
                Quote(
                    habit.venue,
                    claim,
                    side,
                    cut_odds(odds, habit.cut, side),
                    received=_RECEIVED + rng.randrange(10**9),
                )
            )
    return quotes


_PARTITIONS: Final = ("1x2", "btts", "odd_even", "exact_total", "double_chance")


_WITH_REFUNDS: Final = tuple(
    family
    for family in FULL_TIME_FAMILIES
    if family.name in ("draw_no_bet", "asian_handicap", "total", "team_total_home", "team_total_away")
)


def _wholes(rng: random.Random, family: Family) -> Family:
    """One or two whole lines of a family, not far from its middle."""
    rungs = [rung for rung in family.rungs if rung[0].quarters % 4 == 0]
    middle = rng.randrange(len(rungs)) if len(rungs) < 4 else len(rungs) // 2 + rng.randint(-1, 1)
    return family._replace(rungs=tuple(rungs[middle : middle + rng.choice((1, 1, 2))]))


def _families(rng: random.Random) -> list[Family]:
    """What is quoted at all for an event: mostly everything of the whole match, sometimes the halves too."""
    drawn = rng.random()
    if drawn < 0.03:
        return list(FAMILIES)
    if drawn < 0.12:
        return [
            *rng.sample(HALF_FAMILIES, rng.randint(1, 2)),
            *rng.sample(FULL_TIME_FAMILIES, rng.randint(0, 1)),
        ]
    if drawn < 0.22:  # few markets, in which every state is decided by every plan
        names = rng.sample(_PARTITIONS, rng.randint(1, 2))
        return [family for family in FULL_TIME_FAMILIES if family.name in names]
    if drawn < 0.35:  # whole lines, on which a plan may guarantee one and no more
        return [_wholes(rng, family) for family in rng.sample(_WITH_REFUNDS, rng.choice((1, 1, 2)))]
    if drawn < 0.45:
        return rng.sample(FULL_TIME_FAMILIES, rng.randint(2, 6))
    return list(FULL_TIME_FAMILIES)


def random_quotes(
    rng: random.Random, most_venues: int = MOST_VENUES, *, coherent: bool = False
) -> list[Quote]:
    """The quotes of a random event of two venues or more; `coherent` asks for prices that seldom make a plan."""
    count = floor(2 * (most_venues / 2) ** rng.random())
    laid = 0 if coherent and rng.random() < 0.6 else sum(rng.random() < 0.12 for _ in range(count))
    chosen = rng.sample(BOOKMAKERS, min(count - laid, len(BOOKMAKERS)))
    every = [*chosen, *rng.sample(EXCHANGES, min(count - len(chosen), len(EXCHANGES)))]
    rates = (rng.uniform(0.6, 2.6), rng.uniform(0.5, 2.2), rng.uniform(-0.05, 0.15))
    spread = 0.0 if coherent else rng.choice((0.003, 0.01, 0.02, 0.04))
    families = _families(rng)
    keen = not coherent and (len(families) < 3 or rng.random() < 0.3)
    temper = (spread, 0.03 if keen else 0.09)
    quotes: list[Quote] = []
    said: list[Quote] = []
    for venue in every:
        if said and venue not in EXCHANGES and rng.random() < 0.15:  # another brand of the desk before
            said = [msgspec.structs.replace(quote, venue=venue) for quote in said if quote.side is Side.BACK]
        else:
            said = _quotes(rng, _habit(rng, venue, families, rates, temper))
        quotes += said
    rng.shuffle(quotes)
    return quotes


def at_odds(quote: Quote, odds: Fraction) -> Quote:
    """The same offer at other odds."""
    return msgspec.structs.replace(quote, odds=odds)


class Edge(NamedTuple):
    """The odds of one quote at which a plan is about to appear, and how many legs that has."""

    odds: Fraction
    legs: int


def break_even(quotes: Sequence[Quote], place: int) -> Edge | None:
    """Where one quote makes the best guaranteed return exactly one, all others as they are.

    None when no odds above one and below a thousand do it, or when the others have a plan already. One unit at this
    quote is hedged at the least odds by a linear programme; its basis, solved in fractions, gives the odds exactly.
    """
    quote = quotes[place]
    others = [
        other
        for number, other in enumerate(quotes)
        if number != place and (other.claim, other.side) != (quote.claim, quote.side)
    ]
    if not others:
        return None
    board = Board([quote, *others])
    profit = board.returns() - 1.0
    own = 0
    won, refunded = board.states[:, 2 * own] / 2.0, board.states[:, 2 * own + 1] / 2.0
    lost = 1.0 - won - refunded
    # What a unit returns is linear in the odds of a back, and in 1 / (odds − 1) of a lay.
    slope, floor_of = (won, lost + won) if quote.side is Side.BACK else (lost, won)
    matrix = profit.copy()
    matrix[:, own] = slope
    width = matrix.shape[1]
    cost = np.zeros(width)
    cost[own] = 1.0
    free = (np.zeros(width), np.full(width, np.inf))
    solver = solve_programme(cost, matrix, floor_of, np.full(board.height, np.inf), free)
    if solver is None:
        return None
    columns, rows = basis_of(solver)
    if own not in columns or len(rows) != len(columns):
        return None
    level = _exact_level(board, quote, own, rows, columns)
    if level is None or level <= 0:
        return None
    odds = level if quote.side is Side.BACK else 1 + 1 / level
    if not Fraction(1001, 1000) < odds < 1000:
        return None
    found = best_guarantee([*others, at_odds(quote, odds)])
    return Edge(odds, len(found.legs)) if found.exact == 1 else None


def _exact_level(
    board: Board, quote: Quote, own: int, rows: Sequence[int], columns: Sequence[int]
) -> Fraction | None:
    """The basic solution of the hedge in fractions: the value of the column `own`."""
    table: list[list[int]] = []
    needs: list[Fraction] = []
    for row in rows:
        won = Fraction(int(board.states[row, 2 * own]), 2)
        refunded = Fraction(int(board.states[row, 2 * own + 1]), 2)
        slope, needed = (won, 1 - refunded) if quote.side is Side.BACK else (1 - won - refunded, won)
        line = [
            slope if column == own else Fraction(board.numerator(row, column), board.denominators[column]) - 1
            for column in columns
        ]
        common = lcm(*(value.denominator for value in (*line, needed)))
        table.append([int(value * common) for value in line])
        needs.append(needed * common)
    solved = solve_square(table, [int(needed) for needed in needs])
    return None if solved is None else solved[columns.index(own)]


def nudge(rng: random.Random, odds: Fraction, side: Side, aim: Aim) -> Fraction:
    """Odds at the edge, or off it to one side by a part between 10⁻¹⁴ and 10⁻⁴ (mostly above 10⁻¹⁰)."""
    if aim is Aim.AT:
        return odds
    smallest = 14 if rng.random() < 0.15 else 9
    part = Fraction(1, floor(10 ** rng.uniform(4.05, smallest)))
    better = (aim is Aim.ABOVE) == (side is Side.BACK)
    return 1 + (odds - 1) * (1 + part if better else 1 - part)


def _steered(rng: random.Random, quotes: list[Quote]) -> tuple[int, Fraction] | None:
    """A quote of an event without a plan, and its odds at the edge; None when there is a plan or nothing is found.

    A plan of two legs is the commonest and the easiest to find, so mostly another is looked for.
    """
    optimum = best_guarantee(quotes)
    if optimum.there_is or optimum.value >= 1 - NEAR:
        return None
    wanted = 2 if rng.random() < 0.2 else 3
    support = [quotes.index(quote) for quote, _ in optimum.legs]
    tries = [*rng.sample(range(len(quotes)), min(6, len(quotes))), *support[:3]]
    kept = None
    for place in tries:
        edge = break_even(quotes, place)
        if edge is not None:
            kept = place, edge.odds
            if edge.legs >= wanted:
                break
    return kept


@lru_cache(maxsize=512)
def make_world(seed: int, number: int, most_venues: int = MOST_VENUES) -> World:
    """The event of this number under this seed; the same whenever and in whatever order it is asked for."""
    rng = random.Random(f"event/{seed}/{number}/{most_venues}")
    name = f"event-{seed}-{number}"
    aim = rng.choices(tuple(Aim), weights=(55, 15, 15, 15))[0]
    if aim is Aim.FREE:
        return World(name, tuple(random_quotes(rng, most_venues)), aim, None, None)
    for _ in range(4):
        quotes = random_quotes(rng, most_venues, coherent=True)
        found = _steered(rng, quotes) if quotes else None
        if found is not None:
            place, edge = found
            quotes[place] = at_odds(quotes[place], nudge(rng, edge, quotes[place].side, aim))
            return World(name, tuple(quotes), aim, place, edge)
    return World(name, tuple(quotes), Aim.FREE, None, None)
