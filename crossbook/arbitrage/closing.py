"""Closing-line value: the price that was taken against the fair price when betting closed.

With W what a unit of the bet gives back after commission when it wins, and p its fair chance by the closing prices,
the value is p W − 1: what the bet would gain on average (of what is not refunded) if the closing prices knew the
chances. It says whether a bet was well bought, whatever came of it. Source of the measure: J. Buchdahl, "Closing line
value (CLV) demystified" (pinnacleoddsdropper.com/guides).
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

import msgspec

from crossbook.arbitrage.consensus import Consensus, Method
from crossbook.arbitrage.value import edge_of, fair_odds
from crossbook.model.quote import Basis, Contest, Quote


class ClosingValue(msgspec.Struct, frozen=True):
    """What became of the price of a bet. `value` and `chance` are estimates; `fair_odds` are the claim's.

    `moved` is the same by the best closing price of the bet's own venue, its margin left in: the odds taken over those
    odds, less one; None where the venue does not quote the claim and side at closing.
    """

    value: float
    chance: float
    fair_odds: Fraction
    method: str
    moved: float | None


def closing_value(
    bet: Quote, quotes: Iterable[Quote], contest: Contest | None = None, method: Method | None = None
) -> ClosingValue | None:
    """The closing-line value of a bet, taken at the quote `bet`, by the closing quotes among `quotes` (one event).

    None where the closing prices give no fair chance of its claim.
    """
    closing = [
        quote for quote in quotes if quote.basis is Basis.CLOSING and quote.claim.space == bet.claim.space
    ]
    fair = Consensus(closing, contest, method).chance(bet.claim)
    if fair is None:
        return None
    own = [
        quote
        for quote in closing
        if (quote.venue.id, quote.claim, quote.side) == (bet.venue.id, bet.claim, bet.side)
    ]
    last = max(own, key=lambda quote: quote.rank, default=None)
    moved = None if last is None else bet.rank / last.rank - 1
    return ClosingValue(edge_of(bet, fair.chance), fair.chance, fair_odds(fair.chance), fair.method, moved)
