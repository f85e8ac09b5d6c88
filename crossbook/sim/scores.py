"""True probabilities: a grid of final scores, what each bet pays on it, and the odds that would be fair.

Goals of the two sides are independent and Poisson distributed, cut off above `MOST_GOALS` and scaled to sum to one.
The scaling cancels the factor exp(-rate), so that with a rate of n/1000 the weight of k goals is proportional to
n^k / (1000^k k!), a rational number. All weights are kept as whole numbers over one common denominator: every
probability and every fair price here is exact, and the same on every machine.
"""

from __future__ import annotations

from fractions import Fraction
from functools import cache, lru_cache
from math import factorial
from operator import mul
from typing import Final

MOST_GOALS: Final = 10
SCORES: Final = tuple((home, away) for home in range(MOST_GOALS + 1) for away in range(MOST_GOALS + 1))
"""Every final score of the grid, home goals first."""

MATCH_RESULT: Final = "1x2"
TOTAL: Final = "total"
ASIAN_HANDICAP: Final = "asian_handicap"
BOTH_TEAMS_TO_SCORE: Final = "btts"
SELECTIONS: Final[dict[str, tuple[str, ...]]] = {
    MATCH_RESULT: ("home", "draw", "away"),
    TOTAL: ("over", "under"),
    ASIAN_HANDICAP: ("home", "away"),
    BOTH_TEAMS_TO_SCORE: ("yes", "no"),
}
"""The selections of each market; exactly one wins, or, on a whole or quarter line, the stake is partly refunded."""

Bet = tuple[str, str, Fraction | None]
"""Market, selection, line. A handicap's line is the home side's, whichever side is backed."""
Halves = tuple[tuple[int, ...], tuple[int, ...]]
"""For each score of the grid: how many halves of the stake win, and how many are refunded."""


def result_bet(selection: str) -> Bet:
    """The bet on home, draw or away."""
    return MATCH_RESULT, selection, None


@cache
def halves(bet: Bet) -> Halves:
    """How a bet settles at every score. A quarter line is two bets of half the stake on the lines beside it."""
    won = []
    refunded = []
    for home, away in SCORES:
        leads = _leads(bet, home, away)
        won.append(sum(lead > 0 for lead in leads))
        refunded.append(sum(lead == 0 for lead in leads))
    return tuple(won), tuple(refunded)


def _leads(bet: Bet, home: int, away: int) -> tuple[Fraction | int, Fraction | int]:
    """By how much each half of the stake is ahead: above nought it wins, at nought it is refunded."""
    market, selection, line = bet
    if line is None:
        if market == MATCH_RESULT:
            happened = "home" if home > away else "away" if away > home else "draw"
        else:
            happened = "yes" if home and away else "no"
        lead = 1 if selection == happened else -1
        return lead, lead
    shift = Fraction(1, 4) if line.denominator == 4 else Fraction(0)
    if market == TOTAL:
        low, high = home + away - line - shift, home + away - line + shift
    else:
        low, high = home - away + line - shift, home - away + line + shift
    return (low, high) if selection in ("over", "home") else (-low, -high)


class Grid:
    """The probability of every score, as a whole-number weight over the sum of all weights."""

    def __init__(self, home: int, away: int) -> None:
        """`home` and `away` are the expected goals in thousandths."""
        rows, columns = _weights(home), _weights(away)
        self.weights = tuple(row * column for row in rows for column in columns)
        self.total = sum(self.weights)
        self._fair: dict[Bet, Fraction] = {}

    def fair_odds(self, bet: Bet) -> Fraction:
        """The odds at which the bet neither gains nor loses on average: (1 - refunded) / won."""
        fair = self._fair.get(bet)
        if fair is None:
            won, refunded = halves(bet)
            kept = 2 * self.total - sum(map(mul, self.weights, refunded))
            fair = self._fair[bet] = Fraction(kept, sum(map(mul, self.weights, won)))
        return fair


@lru_cache(maxsize=4096)
def grid(home: int, away: int) -> Grid:
    """The grid for two goal rates in thousandths."""
    return Grid(home, away)


def _weights(rate: int) -> tuple[int, ...]:
    whole = factorial(MOST_GOALS)
    return tuple(
        rate**goals * 1000 ** (MOST_GOALS - goals) * (whole // factorial(goals))
        for goals in range(MOST_GOALS + 1)
    )
