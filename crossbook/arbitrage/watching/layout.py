"""How the lines of one kind of game lie in memory: lines of equal payoff side by side, as one entry."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from crossbook.arbitrage.course import OPEN, Course
from crossbook.arbitrage.settled import code_of, settlement_of, shares_of
from crossbook.arbitrage.states import States, states_of
from crossbook.base.errors import BadData
from crossbook.model.claim import Claim
from crossbook.model.quote import Contest, Quote, Side
from crossbook.model.settlement import Settlement

Line: TypeAlias = tuple[Claim, Side]
"""What can be quoted: a claim and the side of it that is offered."""

MOST_PAYOFFS = 1_000_000
"""Entries × states of one game."""


class Layout:
    """The entries of some lines over the states that their claims can tell apart.

    `lines` are in the order of their entries; `entry_of` (lines) says whose each is. `won` and `refunded` (entries,
    states) are the shares of the stake that an entry pays at its odds and gives back: a lay is a back of the opposite.
    """

    def __init__(self, lines: Iterable[Line], states: States) -> None:
        entries: dict[bytes, list[Line]] = {}
        for claim, side in sorted(lines, key=_order):
            codes = states.codes[states.place[claim]]
            if side is Side.LAY:
                codes = _opposite(codes)
            entries.setdefault(codes.tobytes(), []).append((claim, side))
        if len(entries) * len(states.results) > MOST_PAYOFFS:
            raise BadData(
                f"lines: {len(entries)} payoffs in {len(states.results)} states are too many to watch together"
            )
        codes = np.array([np.frombuffer(each, np.uint16) for each in entries])
        self.states = states
        self.lines: tuple[Line, ...] = tuple(line for some in entries.values() for line in some)
        self.entry_of = np.repeat(np.arange(len(entries)), [len(some) for some in entries.values()])
        self.won, self.refunded = shares_of(codes)

    @property
    def shape(self) -> tuple[int, int]:
        """How many entries there are, and how many states."""
        return self.won.shape[0], self.won.shape[1]


@lru_cache(maxsize=256)
def layout_of(lines: frozenset[Line], contest: Contest | None = None, course: Course = OPEN) -> Layout:
    """The layout of these lines of one space.

    Raises BadData when the lines are of different spaces, or too many to be watched together.
    """
    return Layout(lines, states_of(frozenset(claim for claim, _ in lines), contest, course))


def backed_odds(quote: Quote) -> float:
    """The odds of a quote seen as a back: its own, or for a lay at o those of the opposite, o / (o − 1).

    Rounded once, so that of two quotes the better never has the lesser number. Raises BadData for a lay at one.
    """
    odds = quote.odds
    if quote.side is Side.BACK:
        return odds.numerator / odds.denominator
    if odds <= 1:
        raise BadData("odds: a lay needs odds above 1; leave out what pays nothing")
    return odds.numerator / (odds.numerator - odds.denominator)


def _order(line: Line) -> tuple[object, ...]:
    claim, side = line
    return claim.market, claim.line or 0, claim.selection, side.value


def _opposite(codes: NDArray[np.uint16]) -> NDArray[np.uint16]:
    """The settlements of a layer's side: what the backer loses is won, what is given back is given back."""
    different, which = np.unique(codes, return_inverse=True)
    turned = []
    for code in different.tolist():
        won, refunded = settlement_of(code)
        turned.append(code_of(Settlement(1 - won - refunded, refunded)))
    return np.array(turned, np.uint16)[which.reshape(-1)]
