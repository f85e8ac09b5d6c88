"""Linear equations, solved in fractions."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction


def solve(rows: Sequence[Sequence[Fraction]]) -> list[Fraction] | None:
    """The solution of a square system, its right sides last in the rows; None where it has not exactly one.

    >>> solve([[Fraction(1), Fraction(1), Fraction(3)], [Fraction(1), Fraction(-1), Fraction(1)]])
    [Fraction(2, 1), Fraction(1, 1)]
    """
    size = len(rows)
    table = [list(row) for row in rows]
    for place in range(size):
        pivot = next((row for row in range(place, size) if table[row][place]), None)
        if pivot is None:
            return None
        table[place], table[pivot] = table[pivot], table[place]
        head = table[place] = [entry / table[place][place] for entry in table[place]]
        for other, row in enumerate(table):
            if other != place and (factor := row[place]):
                table[other] = [entry - factor * above for entry, above in zip(row, head, strict=True)]
    return [row[-1] for row in table]
