"""Ladders: what others' half lines say of every line between them, without any assumption on how goals fall.

With P(n) the chance of a count above n + 1/2, a bet over the whole line n wins in P(n) and is refunded in
P(n − 1) − P(n). A quarter line is half a stake on each neighbour. Chances are of winning where nothing is refunded:
E[won] / (1 − E[refunded]).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from crossbook.model.claim import Kind

Above = Callable[[int], float | None]
"""The chance of a count above a half line, given in quarters, by the others; None where too few quote it."""
LADDERS: Final = frozenset({Kind.TOTAL, Kind.TEAM_TOTAL_HOME, Kind.TEAM_TOTAL_AWAY, Kind.ASIAN_HANDICAP})


def chance_above(quarters: int, above: Above) -> float | None:
    """The chance of a bet over a line that is not quoted itself; None where its neighbours are not known.

    >>> round(chance_above(4, {2: 0.8, 6: 0.5}.get), 4)
    0.7143
    """
    place = quarters % 4
    if place == 2:
        return above(quarters)
    whole = quarters - place if place < 2 else quarters + 1
    more, less = above(whole + 2), above(whole - 2)
    if more is None or less is None:
        return None
    level = less - more
    if place == 0:
        won, refunded = more, level
    elif place == 1:
        won, refunded = more, level / 2
    else:
        won, refunded = more + level / 2, level / 2
    return won / (1 - refunded) if refunded < 1 else None
