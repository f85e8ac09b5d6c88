"""The oracle of completeness: it solves every event anew, over every score, and decides break-even exactly.

For the quotes of one event, free of commission, it gives the best return that any plan of any number of legs
guarantees, and whether there is a plan at all: legs that lose in no state and win in some. HiGHS proposes a plan and
state prices; the plan's worst state and the dearest quote under the state prices bound the truth from both sides. Where
those bounds do not clearly part from one, the game is solved again in whole numbers.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from itertools import product
from typing import NamedTuple

import numpy as np

from crossbook.model.claim import Claim
from crossbook.model.quote import Quote, Side
from tests.oracles.always_solve_exact import fair_columns, gain_without_loss, solve_game
from tests.oracles.always_solve_floats import Floats, solve_programme
from tests.oracles.always_solve_states import Grid, grid_for, shares

NEAR = 1e-7
"""Closer to one than this, or with bounds further apart, and floats have no say."""
_HELD, _TIGHT = 1e-11, 1e-9


class Optimum(NamedTuple):
    """What can be had of an event's quotes.

    `value` is the best guaranteed return of one unit at risk, `exact` the same as a fraction where it was solved
    exactly. `there_is` says whether some plan never loses and sometimes wins; `legs` are one that is best in that
    sense, with their shares; `expected` is what these return on average over the distinct states.
    """

    value: float
    exact: Fraction | None
    there_is: bool
    legs: tuple[tuple[Quote, float], ...]
    expected: float

    @property
    def is_even(self) -> bool:
        """Whether the best guaranteed return is exactly one."""
        return self.exact == 1


NOTHING = Optimum(0.0, Fraction(0), False, (), 0.0)


def best_offers(quotes: Iterable[Quote]) -> list[Quote]:
    """The best price on every claim and side; no plan is better for a worse one."""
    best: dict[tuple[Claim, Side], Quote] = {}
    for quote in quotes:
        key = (quote.claim, quote.side)
        have = best.get(key)
        if have is None or (quote.odds > have.odds if quote.side is Side.BACK else quote.odds < have.odds):
            best[key] = quote
    return list(best.values())


def fraction_of(quote: Quote) -> tuple[dict[tuple[int, int], int], int]:
    """What a unit at risk returns, for each number of halves won and refunded: numerators, and their denominator.

    A back of odds o returns w·o + r, a lay 1 − w + (1 − w − r)/(o − 1). Raises ValueError at odds of one or less.
    """
    above, below = quote.odds.numerator, quote.odds.denominator
    beyond = above - below
    if beyond <= 0:
        raise ValueError("odds: pay no more than the stake")
    cases = [(won, refunded) for won, refunded in product(range(3), repeat=2) if won + refunded <= 2]
    if quote.side is Side.BACK:
        return {(w, r): w * above + r * below for w, r in cases}, 2 * below
    return {(w, r): (2 - w) * beyond + (2 - w - r) * below for w, r in cases}, 2 * beyond


class Board:
    """The best offers of an event and what each returns in every distinct state of the grid."""

    def __init__(self, quotes: Iterable[Quote], grid: Grid | None = None) -> None:
        self.offers = best_offers(quotes)
        self.grid = grid or grid_for(offer.claim for offer in self.offers)
        both = [shares(offer.claim, self.grid) for offer in self.offers]
        table = np.stack([column for pair in both for column in pair], axis=1)
        rows = dict.fromkeys(line.tobytes() for line in table)  # equal rows of the grid are one condition
        self.states = np.frombuffer(b"".join(rows), dtype=np.int8).reshape(len(rows), -1)
        self.height = len(rows)
        self._fractions = [fraction_of(offer) for offer in self.offers]
        self.denominators = [denominator for _, denominator in self._fractions]
        self._lists = self.states.tolist()

    def numerator(self, state: int, column: int) -> int:
        """What an offer returns in a state, in parts of its denominator."""
        row = self._lists[state]
        return self._fractions[column][0][row[2 * column], row[2 * column + 1]]

    def returns(self) -> Floats:
        """What a unit at risk on each offer (column) returns in each distinct state (row)."""
        won, refunded = self.states[:, 0::2] / 2.0, self.states[:, 1::2] / 2.0
        odds = np.array([float(offer.odds) for offer in self.offers])
        back = np.array([offer.side is Side.BACK for offer in self.offers])
        beyond = np.array([float(offer.odds - 1) for offer in self.offers])
        laid = 1.0 - won + (1.0 - won - refunded) / beyond
        return np.asarray(np.where(back, won * odds + refunded, laid), dtype=np.float64)


def _proposed(returns: Floats) -> tuple[Floats, Floats] | None:
    """Shares of the offers and weights of the states, as HiGHS sees them; each adds up to one."""
    height, width = returns.shape
    matrix = np.zeros((height + 1, width + 1))
    matrix[:height, :width] = returns
    matrix[:height, width] = -1.0
    matrix[height, :width] = 1.0
    cost = np.zeros(width + 1)
    cost[width] = -1.0
    floor = np.concatenate((np.zeros(height), [1.0]))
    ceiling = np.concatenate((np.full(height, np.inf), [1.0]))
    bounds = (np.zeros(width + 1), np.full(width + 1, np.inf))
    solver = solve_programme(cost, matrix, floor, ceiling, bounds)
    if solver is None:
        return None
    solution = solver.getSolution()
    plan = np.maximum(np.array(solution.col_value)[:width], 0.0)
    weights = np.abs(np.array(solution.row_dual)[:height])
    if plan.sum() <= 0 or weights.sum() <= 0:
        return None
    return plan / plan.sum(), weights / weights.sum()


def best_guarantee(quotes: Sequence[Quote]) -> Optimum:
    """The optimum of one event's quotes: backs and lays on goals, without commission.

    Raises ValueError for odds of one or less, and for a claim that the settlement reference does not know.
    """
    if not quotes:
        return NOTHING
    board = Board(quotes)
    returns = board.returns()
    proposed = _proposed(returns)
    if proposed is not None:
        plan, weights = proposed
        least, most = float((returns @ plan).min()), float((weights @ returns).max())
        if most - least < NEAR and (most < 1 - NEAR or least > 1 + NEAR):
            legs = tuple((board.offers[place], float(plan[place])) for place in np.nonzero(plan)[0])
            return Optimum((least + most) / 2, None, least > 1, legs, float((returns @ plan).mean()))
        rows = np.nonzero((weights > _HELD) | (returns @ plan < least + _TIGHT))[0].tolist()
        columns = np.nonzero((plan > _HELD) | (weights @ returns > most - _TIGHT))[0].tolist()
    else:
        rows, columns = [], []
    return _exactly(board, returns, rows, columns)


def _exactly(board: Board, returns: Floats, rows: list[int], columns: list[int]) -> Optimum:
    """The optimum in whole numbers, begun with the rows and columns that seem to matter."""
    game = solve_game(board.numerator, board.denominators, board.height, rows, columns)
    held: dict[int, Fraction] | None = game.shares
    there_is = game.value > 1
    if game.value == 1:
        # At the state prices every plan that never loses is worth one, so it holds only quotes that are worth one.
        fair = fair_columns(board.numerator, board.denominators, game.weights, 1)
        held = gain_without_loss(board.numerator, board.denominators, board.height, fair)
        there_is = held is not None
    plan = np.zeros(len(board.offers))
    for place, share in (held or game.shares).items():
        plan[place] = float(share)
    legs = tuple((board.offers[place], float(plan[place])) for place in np.nonzero(plan)[0])
    return Optimum(float(game.value), game.value, there_is, legs, float((returns @ plan).mean()))


def pays(legs: Sequence[tuple[Quote, float]], grid: Grid | None = None) -> Floats:
    """What legs with these shares return in every state of the full grid, equal ones not put together."""
    grid = grid or grid_for(quote.claim for quote, _ in legs)
    paid = None
    for quote, share in legs:
        won, refunded = shares(quote.claim, grid)
        odds = float(quote.odds)
        if quote.side is Side.BACK:
            row = (won * odds + refunded) / 2
        else:
            row = 1 - won / 2 + (2 - won - refunded) / (2 * float(quote.odds - 1))
        paid = share * row if paid is None else paid + share * row
    if paid is None:
        raise ValueError("legs: none")
    return np.asarray(paid, dtype=np.float64)
