"""Exact proofs about planted opportunities: the best shares of their legs, and that nothing does better.

The scores fall into classes on which the legs' returns do not change. With as many classes as legs, the best shares
make the return t equal on all of them: a small linear system in fractions.

That no other combination does better is shown by weights Q over the scores: the true probabilities, scaled class by
class until each leg gains t - 1 on average. If no price on the board gains more than t - 1 under Q, then no
combination does, and none can guarantee more than it gains on average. Commission c on a market's net winnings
takes at least c times the net on any set of scores one likes; taking those where the planted leg wins, prices of
its market are averaged with these scores weighing 1 - c.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from operator import mul

from crossbook.sim.board import Board
from crossbook.sim.books import BASE_RATE
from crossbook.sim.scores import halves
from crossbook.sim.truth import Leg, Planted, Price


def plant(kind: str, board: Board, legs: Sequence[Price]) -> Planted | None:
    """The opportunity made of these prices, or None unless the board is sound and nothing on it does better."""
    ladder = board.cast.ladder
    taxed = BASE_RATE if any(leg.venue == ladder for leg in legs) else Fraction(0)
    net = _solve(legs, ladder, taxed)
    gross = _solve(legs, ladder, Fraction(0))
    if net is None or gross is None or not board.sound():
        return None
    if not (_unbeaten(board, legs, net[1], taxed) and _unbeaten(board, legs, gross[1], Fraction(0))):
        return None
    return Planted(
        kind=kind,
        fixture=board.fixture.number,
        guaranteed_return=net[1],
        return_before_commission=gross[1],
        commission=taxed,
        legs=tuple(Leg(price, share) for price, share in zip(legs, net[0], strict=True)),
    )


def gains_nothing_alone(board: Board, price: Price) -> bool:
    """Whether a price above its fair odds still makes no arbitrage with all the sound prices of the board.

    Proven by weights that make this price break even while no other gains; only for bets without refunds.
    """
    even = 1 / price.odds
    won, refunded = halves(price.bet)
    if any(refunded):
        return False
    scaled = {2: even, 0: 1 - even}
    return _none_above(board, Fraction(1), tuple(won), scaled, None, Fraction(0))


def _commission(price: Price, ladder: str, taxed: Fraction) -> Fraction:
    return taxed if price.venue == ladder else Fraction(0)


def _solve(legs: Sequence[Price], ladder: str, taxed: Fraction) -> tuple[list[Fraction], Fraction] | None:
    """Shares that sum to one, and the return they give at every score; None when the legs are not of that kind."""
    rows = sorted(set(zip(*(leg.returns(_commission(leg, ladder, taxed)) for leg in legs), strict=True)))
    if len(rows) != len(legs):
        return None
    solved = _linear([list(row) for row in rows], [Fraction(1)] * len(rows))
    if solved is None or min(solved) <= 0:
        return None
    whole = sum(solved, Fraction(0))
    return [each / whole for each in solved], 1 / whole


def _linear(matrix: list[list[Fraction]], right: list[Fraction]) -> list[Fraction] | None:
    """Solve a small square system by elimination; None when it has no single solution."""
    size = len(matrix)
    rows = [[*row, value] for row, value in zip(matrix, right, strict=True)]
    for column in range(size):
        pivot = next((row for row in range(column, size) if rows[row][column]), None)
        if pivot is None:
            return None
        rows[column], rows[pivot] = rows[pivot], rows[column]
        for row in range(size):
            if row != column:
                factor = rows[row][column] / rows[column][column]
                rows[row] = [
                    left - factor * upper for left, upper in zip(rows[row], rows[column], strict=True)
                ]
    return [rows[row][size] / rows[row][row] for row in range(size)]


def _unbeaten(board: Board, legs: Sequence[Price], best: Fraction, taxed: Fraction) -> bool:
    """Whether weights exist that prove `best`; see the module's head."""
    ladder = board.cast.ladder
    states = list(zip(*(leg.returns(_commission(leg, ladder, taxed)) for leg in legs), strict=True))
    classes = sorted(set(states))
    numbers = {state: number for number, state in enumerate(classes)}
    columns = [[state[leg] for state in classes] for leg in range(len(legs))]
    weights = _linear(columns, [best] * len(legs))
    if weights is None or min(weights) <= 0 or sum(weights) != 1:
        return False
    taxed_leg = next((leg for leg in legs if leg.venue == ladder), None) if taxed else None
    placed = tuple(numbers[state] for state in states)
    return _none_above(board, best, placed, dict(enumerate(weights)), taxed_leg, taxed)


def _none_above(
    board: Board,
    best: Fraction,
    placed: tuple[int, ...],
    weights: dict[int, Fraction],
    taxed_leg: Price | None,
    taxed: Fraction,
) -> bool:
    """Whether every sound price gains at most `best` - 1 when class k of the scores has the weight `weights[k]`."""
    masks = {number: [int(each == number) for each in placed] for number in weights}
    true = board.truth.weights
    parts = {number: list(map(mul, mask, true)) for number, mask in masks.items()}
    scale = {number: weight / sum(parts[number]) for number, weight in weights.items()}
    won_at = {number: placed.index(number) for number in weights} if taxed_leg is not None else {}
    kept = taxed_leg.returns() if taxed_leg is not None else ()
    for price in board.prices.values():
        if price.fault:
            continue
        gain = Fraction(0)
        for number, factor in scale.items():
            weight = factor
            if taxed_leg is not None and (price.venue, price.market) == (board.cast.ladder, taxed_leg.market):
                weight *= 1 - taxed * (kept[won_at[number]] > 1)
            gain += weight * _gain(price, parts[number])
        if gain > best - 1:
            return False
    return True


def _gain(price: Price, weights: list[int]) -> Fraction:
    """The weighted sum of what one unit at risk gains over the scores."""
    won, refunded = halves(price.bet)
    wins: int = sum(map(mul, weights, won))
    loses: int = 2 * sum(weights) - wins - sum(map(mul, weights, refunded))
    if price.side == "back":
        return ((price.odds - 1) * wins - loses) / 2
    return (loses / (price.odds - 1) - wins) / 2
