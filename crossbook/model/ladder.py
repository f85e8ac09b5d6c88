"""The price ladder of a betting exchange: the odds at which orders may stand (Betfair's classic ladder)."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from fractions import Fraction
from typing import Final

from crossbook.base.errors import BadData
from crossbook.base.exact import plain_text

_STEPS: Final = (  # up to (hundredths), step (hundredths)
    (200, 1),
    (300, 2),
    (400, 5),
    (600, 10),
    (1_000, 20),
    (2_000, 50),
    (3_000, 100),
    (5_000, 200),
    (10_000, 500),
    (100_000, 1_000),
)


def _hundredths() -> list[int]:
    ticks = [101]
    for top, step in _STEPS:
        while ticks[-1] < top:
            ticks.append(ticks[-1] + step)
    return ticks


TICKS: Final = tuple(Fraction(tick, 100) for tick in _hundredths())
_PLACE: Final = {tick: place for place, tick in enumerate(TICKS)}


def is_tick(odds: Fraction) -> bool:
    """Whether an order may stand at these odds.

    >>> is_tick(Fraction("2.02")), is_tick(Fraction("2.01"))
    (True, False)
    """
    return odds in _PLACE


def tick_at_or_below(odds: Fraction) -> Fraction:
    """The highest tick that is not above the odds. Raises BadData below 1.01."""
    place = bisect_right(TICKS, odds)
    if place == 0:
        raise BadData(f"odds: {plain_text(odds)} is below the ladder")
    return TICKS[place - 1]


def tick_at_or_above(odds: Fraction) -> Fraction:
    """The lowest tick that is not below the odds. Raises BadData above 1000."""
    place = bisect_left(TICKS, odds)
    if place == len(TICKS):
        raise BadData(f"odds: {plain_text(odds)} is above the ladder")
    return TICKS[place]


def move(tick: Fraction, steps: int) -> Fraction:
    """The tick that many steps up (or down, when negative), stopping at the ends. Raises BadData off the ladder.

    >>> move(Fraction("1.99"), 2)
    Fraction(101, 50)
    """
    if tick not in _PLACE:
        raise BadData(f"odds: {plain_text(tick)} is not on the ladder")
    return TICKS[max(0, min(len(TICKS) - 1, _PLACE[tick] + steps))]
