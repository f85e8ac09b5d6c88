"""What a book believes of a match, and what its claims are then worth.

Goals of the two sides are independent Poisson counts whose equal scores are made a little likelier (the usual
finding that draws outnumber what independence says; see Dixon and Coles, Applied Statistics 46, 1997). Nothing
here is the product's: settlement is that of `tests.oracles.settlement_reference`.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from crossbook.model.claim import Claim, Period
from tests.oracles.settlement_reference import settle

GRID = 16
"""Counts 0 to 15 for each side; what lies beyond is shared out in proportion."""


class View(NamedTuple):
    """Goals still expected of each side, how much likelier a draw is than by chance, and the goals scored so far."""

    home: float
    away: float
    draw: float = 0.06
    played: tuple[int, int] = (0, 0)
    first_half: float = 0.45
    """The share of a match's goals that fall in its first half."""

    def moved(self, home: float, away: float, draw: float = 0.0) -> View:
        """The view after the logarithms of its rates, and its draws, have moved by these amounts."""
        return self._replace(
            home=self.home * math.exp(home), away=self.away * math.exp(away), draw=self.draw + draw
        )

    def mirrored(self) -> View:
        """The view of somebody who takes the away side for the home side."""
        return self._replace(home=self.away, away=self.home, played=self.played[::-1])


@lru_cache(maxsize=4096)
def paid(claim: Claim) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Won and refunded shares of the claim over the scores of its own period, each GRID × GRID."""
    shares = [
        settle(claim.kind.value, claim.selection, claim.line, home, away)
        for home in range(GRID)
        for away in range(GRID)
    ]
    both = np.array(shares, dtype=float).reshape(GRID, GRID, 2)
    return both[..., 0], both[..., 1]


def _poisson(rate: float) -> NDArray[np.float64]:
    return np.array([math.exp(-rate) * rate**count / math.factorial(count) for count in range(GRID)])


@lru_cache(maxsize=1024)
def scores(view: View, period: Period) -> NDArray[np.float64]:
    """The probability of every score of the period, GRID × GRID; sums to one."""
    share = view.first_half if period is Period.FIRST_HALF else 1.0
    table = np.outer(_poisson(view.home * share), _poisson(view.away * share))
    final = np.zeros_like(table)
    home, away = view.played if period is not Period.FIRST_HALF else (0, 0)
    final[home:, away:] = table[: GRID - home, : GRID - away]
    final[np.diag_indices(GRID)] *= 1 + view.draw
    return np.asarray(final / final.sum())


def chance(claim: Claim, view: View) -> float:
    """One over the fair odds of the claim: its chance to win where neither side is refunded."""
    won, refunded = paid(claim)
    table = scores(view, claim.period)
    return float((won * table).sum() / (1 - (refunded * table).sum()))
