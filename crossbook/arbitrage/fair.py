"""Fair prices: what the match result's prices say about any other claim of the same event."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from fractions import Fraction
from functools import lru_cache
from itertools import product
from statistics import median

import msgspec
import numpy as np
from numpy.typing import NDArray

from crossbook.arbitrage.changes import NOT_BY_COUNT
from crossbook.arbitrage.settled import SettledScores, settlement_of
from crossbook.arbitrage.states import gross_coefficients
from crossbook.model.claim import GOALS, Claim, Kind, Period
from crossbook.model.quote import Quote, Side

_OUTCOMES = ("home", "draw", "away")
_TOP = 14
_DEAREST, _CHEAPEST = 1.15, 0.7
"""What a fair price with a bookmaker's margin may return on average, with room for the prices' own errors."""


class ResultChances(msgspec.Struct, frozen=True):
    """Probabilities of home win, draw and away win, with the bookmakers' margins taken out; they add up to one."""

    home: float
    draw: float
    away: float

    def least_worth(self, quote: Quote) -> float:
        """The least a unit at risk on the quote returns on average, whatever scores make up the three outcomes."""
        return self._returns(quote, quote.claim)[0]

    def plausible(self, quote: Quote, line: Fraction) -> bool:
        """Whether the quote's price could be a fair one, give or take a margin, at another line."""
        claim = quote.claim
        least, most = self._returns(
            quote, Claim.of(claim.kind, claim.selection, line, claim.period, claim.subject)
        )
        return least <= _DEAREST and most >= _CHEAPEST

    def _returns(self, quote: Quote, claim: Claim) -> tuple[float, float]:
        a, b, c = map(float, gross_coefficients(quote.odds, quote.side is Side.LAY))
        least = most = 0.0
        for probability, settlements in zip(
            (self.home, self.draw, self.away), _by_outcome(claim), strict=True
        ):
            returns = [a * won + b * refunded + c for won, refunded in settlements]
            least += probability * min(returns)
            most += probability * max(returns)
        return least, most


@lru_cache(maxsize=4096)
def _by_outcome(claim: Claim) -> tuple[tuple[tuple[float, float], ...], ...]:
    """The different settlements of a claim within a home win, a draw and an away win of the match.

    The score of a half hardly depends on who wins in the end: for claims on a half, every score goes with each.
    """
    if claim.kind in NOT_BY_COUNT:
        return (((0.0, 0.0), (1.0, 0.0)),) * len(_OUTCOMES)
    whole = claim.period in (Period.FULL_TIME, Period.OVERTIME)
    scores, outcome = _grid(whole)
    codes = scores.codes(Claim.of(claim.kind, claim.selection, claim.line, subject=claim.subject))
    return tuple(
        tuple(
            (float(won), float(refunded))
            for won, refunded in sorted(settlement_of(code) for code in set(codes[chosen].tolist()))
        )
        for chosen in outcome
    )


@lru_cache(maxsize=2)
def _grid(whole: bool) -> tuple[SettledScores, tuple[NDArray[np.bool_], ...]]:
    """Scores, and which of them go with a home win, a draw and an away win of the match."""
    scores = np.array(list(product(range(_TOP + 1), repeat=2)), np.int64)
    lead = np.sign(scores[:, 0] - scores[:, 1])
    return SettledScores(scores), tuple(lead == sign if whole else lead == lead for sign in (1, 0, -1))


def result_chances(quotes: Iterable[Quote]) -> ResultChances | None:
    """The median over venues of each outcome's probability in proportion to its inverse odds.

    Only venues that quote all three outcomes of ninety minutes count; None where there is no such venue.
    """
    books: dict[str, dict[str, float]] = defaultdict(dict)
    for quote in quotes:
        claim = quote.claim
        if (
            claim.kind is Kind.MATCH_RESULT
            and claim.period is Period.FULL_TIME
            and claim.subject == GOALS
            and quote.side is Side.BACK
            and quote.tradable
        ):
            books[quote.venue.id][claim.selection] = 1 / quote.rank
    whole = [book for book in books.values() if len(book) == len(_OUTCOMES)]
    if not whole:
        return None
    shares = [median(book[outcome] / sum(book.values()) for book in whole) for outcome in _OUTCOMES]
    total = sum(shares)
    return ResultChances(*(share / total for share in shares))
