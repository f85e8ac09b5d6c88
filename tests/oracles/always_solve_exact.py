"""Linear programmes in whole numbers, and matrix games solved exactly with them.

The tableau is kept in integers over one common denominator, so nothing is ever rounded (J. Edmonds, "Systems of
distinct representatives and linear algebra", 1967; the same division that Bareiss uses for determinants). The entering
and leaving variables are chosen by the smallest label (R. G. Bland, 1977), so no tie makes it go round in circles.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from math import lcm
from typing import NamedTuple

import numpy as np

from tests.oracles.always_solve_floats import Floats, basis_of, solve_programme

_ADDED_AT_ONCE = 4


class Solution(NamedTuple):
    """The greatest value, the variables that reach it, and the price of each constraint."""

    value: Fraction
    variables: list[Fraction]
    duals: list[Fraction]


def maximise(objective: Sequence[int], rows: Sequence[Sequence[int]], limits: Sequence[int]) -> Solution:
    """The greatest `objective` · x over x ≥ 0 with `rows` · x ≤ `limits`, all whole numbers and no limit negative.

    Raises ValueError for a negative limit, and when there is no greatest value.
    """
    if any(limit < 0 for limit in limits):
        raise ValueError("limits: below zero, so zero is no place to begin")
    return proposed_vertex(objective, rows, limits) or pivoted(objective, rows, limits)


def proposed_vertex(
    objective: Sequence[int], rows: Sequence[Sequence[int]], limits: Sequence[int]
) -> Solution | None:
    """The vertex at which HiGHS ends, worked out exactly; None unless it is proven to be the greatest.

    The proof: no variable, slack, dual or reduced cost of it is below zero.
    """
    matrix = np.array([[float(value) for value in row] for row in rows])
    by_row, by_column = _scales(matrix)
    matrix = matrix / by_row[:, None] / by_column
    cost = -np.array([float(value) for value in objective]) / by_column
    most = np.abs(cost).max()
    upper = np.array([float(limit) for limit in limits]) / by_row
    bounds = (np.zeros(len(cost)), np.full(len(cost), np.inf))
    solver = solve_programme(cost / (most or 1.0), matrix, np.full(len(upper), -np.inf), upper, bounds)
    if solver is None:
        return None
    columns, tight = basis_of(solver)
    if len(columns) != len(tight):
        return None
    square = [[rows[row][column] for column in columns] for row in tight]
    held = solve_square(square, [limits[row] for row in tight])
    paid = solve_square([list(line) for line in zip(*square, strict=True)], [objective[c] for c in columns])
    if held is None or paid is None or min((*held, *paid), default=Fraction(0)) < 0:
        return None
    if not _within(rows, columns, held, limits):
        return None
    turned = [[-rows[row][column] for row in range(len(rows))] for column in range(len(objective))]
    if not _within(turned, tight, paid, [-amount for amount in objective]):
        return None
    variables, duals = [Fraction(0)] * len(objective), [Fraction(0)] * len(rows)
    for column, amount in zip(columns, held, strict=True):
        variables[column] = amount
    for row, price in zip(tight, paid, strict=True):
        duals[row] = price
    value = sum(
        (objective[column] * amount for column, amount in zip(columns, held, strict=True)), Fraction(0)
    )
    return Solution(value, variables, duals)


def _scales(matrix: Floats) -> tuple[Floats, Floats]:
    """Divisors of the rows and of the columns that bring all numbers that are not zero near one."""
    with np.errstate(divide="ignore"):
        sizes = np.log2(np.abs(matrix))
    there = np.isfinite(sizes)
    rows, columns = np.zeros(len(matrix)), np.zeros(matrix.shape[1])
    for _ in range(3):
        for axis, scale in ((1, rows), (0, columns)):
            left = np.where(there, sizes - rows[:, None] - columns, 0.0)
            scale += left.sum(axis=axis) / np.maximum(there.sum(axis=axis), 1)
    return np.exp2(np.round(rows)), np.exp2(np.round(columns))


def _within(
    rows: Sequence[Sequence[int]], columns: Sequence[int], amounts: Sequence[Fraction], limits: Sequence[int]
) -> bool:
    """Whether these amounts of these columns pass no limit."""
    common = lcm(*(amount.denominator for amount in amounts))
    whole = [int(amount * common) for amount in amounts]
    return all(
        sum(part * row[column] for part, column in zip(whole, columns, strict=True)) <= limit * common
        for row, limit in zip(rows, limits, strict=True)
    )


def solve_square(square: Sequence[Sequence[int]], right: Sequence[int]) -> list[Fraction] | None:
    """The solution of a square system of whole numbers; None if it is singular."""
    size = len(square)
    table = [[*line, value] for line, value in zip(square, right, strict=True)]
    common = 1
    for place in range(size):
        chosen = next((row for row in range(place, size) if table[row][place]), None)
        if chosen is None:
            return None
        table[place], table[chosen] = table[chosen], table[place]
        pivot, above = table[place][place], table[place]
        for row in range(size):
            if row != place:
                line = table[row]
                factor = line[place]
                table[row] = [
                    0
                    if column <= place and column != row
                    else (line[column] * pivot - factor * above[column]) // common
                    for column in range(size + 1)
                ]
        common = pivot
    return [Fraction(table[row][-1], table[row][row]) for row in range(size)]


def pivoted(objective: Sequence[int], rows: Sequence[Sequence[int]], limits: Sequence[int]) -> Solution:
    """The same by pivots from nothing: slow, and right whatever the numbers are like."""
    width, height = len(objective), len(rows)
    table = [[*row, limit] for row, limit in zip(rows, limits, strict=True)]
    table.append([-amount for amount in objective] + [0])
    columns = list(
        range(width)
    )  # which variable each column stands for; slacks are numbered after the variables
    basis = list(range(width, width + height))
    common = 1
    while True:
        below = table[-1]
        entering = [place for place in range(width) if below[place] < 0]
        if not entering:
            break
        column = min(entering, key=columns.__getitem__)
        leaving = [place for place in range(height) if table[place][column] > 0]
        if not leaving:
            raise ValueError("objective: nothing limits it")
        row = leaving[0]
        for other in leaving[1:]:
            here, there = (
                table[other][-1] * table[row][column],
                table[row][-1] * table[other][column],
            )
            if here < there or (here == there and basis[other] < basis[row]):
                row = other
        common = _pivot(table, row, column, common)
        columns[column], basis[row] = basis[row], columns[column]
    variables = [Fraction(0)] * (width + height)
    for place, label in enumerate(basis):
        variables[label] = Fraction(table[place][-1], common)
    duals = [Fraction(0)] * (width + height)
    for place, label in enumerate(columns):
        duals[label] = Fraction(table[-1][place], common)
    return Solution(Fraction(table[-1][-1], common), variables[:width], duals[width:])


def _pivot(table: list[list[int]], row: int, column: int, common: int) -> int:
    """Exchange the variables of a row and a column; gives the new common denominator."""
    chosen = table[row]
    pivot = chosen[column]
    for place, line in enumerate(table):
        if place == row:
            continue
        factor = line[column]
        if factor:
            table[place] = [
                (have * pivot - factor * take) // common for have, take in zip(line, chosen, strict=True)
            ]
        elif pivot != common:
            table[place] = [have * pivot // common for have in line]
        table[place][column] = -factor
    chosen[column] = common
    return pivot


class Game(NamedTuple):
    """A game solved: its value, the shares of the columns (the plan), the weights of the rows (the state prices)."""

    value: Fraction
    shares: dict[int, Fraction]
    weights: dict[int, Fraction]


Numerator = Callable[[int, int], int]
"""The payoff of a row and a column, as a whole number of parts of the column's denominator."""


def solve_game(
    numerator: Numerator,
    denominators: Sequence[int],
    height: int,
    rows: Iterable[int],
    columns: Iterable[int],
) -> Game:
    """The greatest that a mixture of columns pays in its worst row, exactly.

    Payoffs are ``numerator(row, column) / denominators[column]`` and not negative. The whole is tried at once. If the
    floats are too coarse for it, only some rows and columns are looked at first; those that contradict what was found
    are added until none does, so the answer is that of the whole game whatever was begun with.
    """
    width = len(denominators)
    whole = _part(numerator, denominators, range(height), range(width), proposed_vertex)
    if whole is not None:
        return whole
    some_rows, some_columns = sorted(set(rows)) or [0], sorted(set(columns)) or [0]
    while True:
        game = _part(numerator, denominators, some_rows, some_columns, maximise)
        assert game is not None
        poor = _rows_below(numerator, denominators, height, game.shares, game.value)
        rich = _columns_above(numerator, denominators, width, game.weights, game.value)
        if not poor and not rich:
            return game
        some_rows = sorted({*some_rows, *poor[:_ADDED_AT_ONCE]})
        some_columns = sorted({*some_columns, *rich[:_ADDED_AT_ONCE]})


def _part(
    numerator: Numerator,
    denominators: Sequence[int],
    rows: Sequence[int],
    columns: Sequence[int],
    solve: Callable[[list[int], list[list[int]], list[int]], Solution | None],
) -> Game | None:
    """The game of these rows and columns alone. Payoffs are raised by one: then the weights may be left unscaled."""
    table = [[numerator(row, column) + denominators[column] for row in rows] for column in columns]
    found = solve([1] * len(rows), table, [denominators[column] for column in columns])
    if found is None:
        return None
    raised = 1 / found.value
    weights = {row: weight * raised for row, weight in zip(rows, found.variables, strict=True) if weight}
    shares = {
        column: dual * denominators[column] * raised
        for column, dual in zip(columns, found.duals, strict=True)
        if dual
    }
    return Game(raised - 1, shares, weights)


def _rows_below(
    numerator: Numerator,
    denominators: Sequence[int],
    height: int,
    shares: dict[int, Fraction],
    value: Fraction,
) -> list[int]:
    """The rows in which the shares pay less than the value, the worst first."""
    parts = {column: share / denominators[column] for column, share in shares.items()}
    common = lcm(value.denominator, *(part.denominator for part in parts.values()))
    whole = {column: int(part * common) for column, part in parts.items()}
    least = int(value * common)
    paid = [sum(part * numerator(row, column) for column, part in whole.items()) for row in range(height)]
    return sorted((row for row in range(height) if paid[row] < least), key=paid.__getitem__)


def _columns_above(
    numerator: Numerator,
    denominators: Sequence[int],
    width: int,
    weights: dict[int, Fraction],
    value: Fraction,
) -> list[int]:
    """The columns that are worth more than the value under the weights, the richest first."""
    common = lcm(*(weight.denominator for weight in weights.values()))
    whole = {row: int(weight * common) for row, weight in weights.items()}
    excess = []
    for column in range(width):
        worth = sum(weight * numerator(row, column) for row, weight in whole.items())
        beyond = worth * value.denominator - value.numerator * denominators[column] * common
        if beyond > 0:
            excess.append((Fraction(beyond, denominators[column]), column))
    return [column for _, column in sorted(excess, key=lambda each: (-each[0], each[1]))]


def fair_columns(
    numerator: Numerator, denominators: Sequence[int], weights: dict[int, Fraction], value: int
) -> list[int]:
    """The columns that are worth exactly the value, a whole number, under the weights of the rows."""
    common = lcm(*(weight.denominator for weight in weights.values()))
    whole = {row: int(weight * common) for row, weight in weights.items()}
    return [
        column
        for column, denominator in enumerate(denominators)
        if sum(weight * numerator(row, column) for row, weight in whole.items())
        == value * denominator * common
    ]


def gain_without_loss(
    numerator: Numerator, denominators: Sequence[int], height: int, columns: Sequence[int]
) -> dict[int, Fraction] | None:
    """Shares of these columns that pay less than one in no row and more in some; None when there are none.

    The second programme: the sum of the profits over all rows is made as great as it gets while none is below zero.
    Rows that are not contradicted need not be looked at, so it begins with few: without the others the sum can only be
    greater, and when even so it is not above zero there is nothing.
    """
    if not columns:
        return None
    # A column's share is counted in parts of its denominator, which makes every profit a whole number.
    distinct = dict.fromkeys(
        tuple(numerator(row, column) - denominators[column] for column in columns) for row in range(height)
    )
    profits = list(distinct)
    total = [sum(row[place] for row in profits) for place in range(len(columns))]
    some = {min(range(len(profits)), key=lambda row: profits[row][place]) for place in range(len(columns))}
    while True:
        rows = [[-profit for profit in profits[row]] for row in sorted(some)]
        found = maximise(total, [*rows, [1] * len(columns)], [0] * len(rows) + [1])
        if found.value <= 0:
            return None
        common = lcm(*(part.denominator for part in found.variables))
        whole = [int(part * common) for part in found.variables]
        paid = [sum(part * profit for part, profit in zip(whole, row, strict=True)) for row in profits]
        below = sorted((row for row in range(len(profits)) if paid[row] < 0), key=paid.__getitem__)
        if not below:
            break
        some.update(below[:_ADDED_AT_ONCE])
    parts = {
        column: part * denominators[column]
        for column, part in zip(columns, found.variables, strict=True)
        if part
    }
    every = sum(parts.values(), Fraction(0))
    return {column: part / every for column, part in parts.items()}
