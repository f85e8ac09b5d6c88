"""One-to-one assignment with the greatest total score."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

Pair = tuple[int, int]


def assign(scores: Mapping[Pair, float]) -> set[Pair]:
    """Choose pairs so that no left and no right place is used twice and the scores add up to the most.

    Scores are above 0. Places that cannot reach each other are solved apart, so most problems are of size one.

    >>> sorted(assign({(0, 5): 0.9, (0, 6): 1.0, (1, 6): 0.95}))
    [(0, 5), (1, 6)]
    """
    chosen: set[Pair] = set()
    for part in _parts(scores):
        chosen |= {part[0]} if len(part) == 1 else _solve(part, scores)
    return chosen


def get_ready() -> None:
    """Load what a tie between listings needs, which takes tenths of a second, before one has to be decided in time."""
    assign({(0, 0): 1.0, (0, 1): 1.0, (1, 0): 1.0})


def _parts(scores: Mapping[Pair, float]) -> list[list[Pair]]:
    """The pairs in connected parts, each sorted."""
    root: dict[tuple[str, int], tuple[str, int]] = {}

    def find(node: tuple[str, int]) -> tuple[str, int]:
        while root.setdefault(node, node) != node:
            root[node] = root[root[node]]
            node = root[node]
        return node

    for left, right in scores:
        root[find(("left", left))] = find(("right", right))
    parts: dict[tuple[str, int], list[Pair]] = defaultdict(list)
    for pair in sorted(scores):
        parts[find(("left", pair[0]))].append(pair)
    return list(parts.values())


def _solve(part: list[Pair], scores: Mapping[Pair, float]) -> set[Pair]:
    import numpy  # heavy, and most calls never come here
    from scipy.optimize import linear_sum_assignment

    rows = {left: place for place, left in enumerate(sorted({left for left, _ in part}))}
    columns = {right: place for place, right in enumerate(sorted({right for _, right in part}))}
    table = numpy.zeros((len(rows), len(columns)))
    for left, right in part:
        table[rows[left], columns[right]] = scores[left, right]
    lefts, rights = list(rows), list(columns)
    row_places, column_places = linear_sum_assignment(table, maximize=True)
    best = {(lefts[row], rights[column]) for row, column in zip(row_places, column_places, strict=True)}
    return {pair for pair in best if pair in scores}
