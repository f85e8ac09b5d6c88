"""Evidence: the prices of one event, arranged for the trust screens."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from functools import cached_property
from typing import Final

from crossbook.arbitrage.fair import ResultChances, result_chances
from crossbook.arbitrage.screening.expected import Expected
from crossbook.arbitrage.screening.opinions import desks_of
from crossbook.base.clock import SECOND
from crossbook.model.claim import Claim, Kind, Period
from crossbook.model.quote import Basis, Contest, Quote, Side

LONGEST_LIFE: Final = {Basis.PREMATCH: 900 * SECOND, Basis.CLOSING: 900 * SECOND, Basis.LIVE: 15 * SECOND}
"""How much older than the event's newest price a price may be."""

MarketKey = tuple[str, Kind, tuple[Period, str], int]
"""Venue, kind, what is counted, and the line in quarters (0 where the kind has none)."""


class Evidence:
    """The quotes of one event, one basis and one space, and what the screens want to know of them."""

    def __init__(self, quotes: Sequence[Quote], contest: Contest | None = None) -> None:
        self.quotes = quotes
        self.contest = contest

    @cached_property
    def by_claim(self) -> dict[Claim, list[Quote]]:
        """Quotes by claim, both sides."""
        groups = defaultdict(list)
        for quote in self.quotes:
            groups[quote.claim].append(quote)
        return dict(groups)

    @cached_property
    def markets(self) -> dict[MarketKey, list[Quote]]:
        """All quotes of each venue's markets, ladders included."""
        groups: dict[MarketKey, list[Quote]] = defaultdict(list)
        for quote in self.quotes:
            groups[market_of(quote)].append(quote)
        return dict(groups)

    @cached_property
    def best(self) -> dict[MarketKey, dict[tuple[str, Side], Quote]]:
        """The best quote of each selection and side of each venue's markets."""
        found: dict[MarketKey, dict[tuple[str, Side], Quote]] = {}
        for key, quotes in self.markets.items():
            best = found[key] = {}
            for quote in quotes:
                known = best.get((quote.claim.selection, quote.side))
                if known is None or quote.better_than(known):
                    best[quote.claim.selection, quote.side] = quote
        return found

    @cached_property
    def lines(self) -> dict[tuple[object, ...], int]:
        """How many lines each venue quotes of each kind and count."""
        return Counter(key[:3] for key in self.markets)

    @cached_property
    def chances(self) -> ResultChances | None:
        """Probabilities of the match result over all venues, None where nobody quotes it in full."""
        return result_chances(self.quotes)

    @cached_property
    def desks(self) -> dict[str, str]:
        """The desk of each venue; venues that show the same prices throughout count as one."""
        return desks_of(self.best)

    @cached_property
    def expected(self) -> Expected:
        """What the other desks say of every market."""
        return Expected(self.best, self.quotes[0].basis, self.desks)

    @cached_property
    def fast_desk(self) -> tuple[str, int] | None:
        """The desk whose clock runs ahead of at least two others by more than a price's life, and by how much."""
        newest: dict[str, int] = {}
        for quote in self.quotes:
            if quote.happened is not None:
                newest[quote.venue.desk] = max(quote.happened, newest.get(quote.venue.desk, quote.happened))
        if len(newest) < 3:
            return None
        (desk, first), (_, second), *_ = sorted(newest.items(), key=lambda item: -item[1])
        ahead = first - second
        return (desk, ahead) if ahead > LONGEST_LIFE[self.quotes[0].basis] else None

    @cached_property
    def newest(self) -> int | None:
        """When the newest of the prices stood, by a clock that can be believed."""
        fast = self.fast_desk[0] if self.fast_desk else None
        times = [q.happened for q in self.quotes if q.happened is not None and q.venue.desk != fast]
        return max(times, default=None)

    @cached_property
    def heard(self) -> int | None:
        """When the newest of the prices was received."""
        return max((quote.received for quote in self.quotes if quote.received is not None), default=None)


def market_of(quote: Quote) -> MarketKey:
    """The market a quote belongs to at its venue."""
    claim = quote.claim
    return quote.venue.id, claim.kind, (claim.period, claim.subject), claim.quarters
