"""What is looked for beside arbitrages, and on which terms."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Final

import msgspec

from crossbook.arbitrage.accounts import FreeBet
from crossbook.arbitrage.consensus import Method
from crossbook.model.opportunity import FREE_BET, LOW_HOLD, MIDDLE, VALUE

OTHERS: Final = Method(least_voices=3)
"""A price is judged by three other desks at least: two may both be wrong, or one of them follow the other."""
LEAST_EDGE: Final = Fraction(2, 100)
"""Careful venues differ by a point or two about one chance; less than that is noise."""
MOST_COST: Final = Fraction(2, 100)
FURTHER: Final = frozenset({FREE_BET, LOW_HOLD, MIDDLE, VALUE})
"""The kinds that are searched for one by one, beside what guarantees something."""


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which further kinds are looked for, and on which terms; none unless they are named.

    `method` finds fair chances for values and middles. `returned` is what a unit of a refunded free bet is worth.
    """

    kinds: frozenset[str] = frozenset()
    method: Method = OTHERS
    least_edge: Fraction = LEAST_EDGE
    most_cost: Fraction = MOST_COST
    free_bets: tuple[FreeBet, ...] = ()
    returned: Fraction = Fraction(0)

    def doubts(self) -> Iterator[tuple[str, str]]:
        """Each field that makes no sense, by its name, and what to do about it.

        >>> list(Wanted(kinds=frozenset({"middel"})).doubts())
        [('kinds', "'middel' is none of free_bet, low_hold, middle, value")]
        """
        for kind in sorted(self.kinds - FURTHER):
            yield "kinds", f"{kind!r} is none of {', '.join(sorted(FURTHER))}"
        if self.least_edge < 0:
            yield "least_edge", "must not be below 0"
        if not 0 <= self.most_cost < 1:
            yield "most_cost", "is a share from 0 to below 1, such as 0.02"
        if not 0 <= self.returned <= 1:
            yield "returned", "is what a unit is worth, from 0 to 1"
        for free_bet in self.free_bets:
            yield from ((f"free_bets.{name}", wrong) for name, wrong in free_bet.doubts())
        if FREE_BET in self.kinds and not self.free_bets:
            yield "free_bets", "name at least one where the kind free_bet is wanted"
