"""Trust screens: small named checks that refuse prices no careful person would act on.

Each screen looks at all quotes of an event (one basis, one space) and names the quotes it does not believe, with a
reason. A screen never repairs anything. Thresholds are stated where they are used, with their grounds.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from functools import cached_property
from statistics import median
from typing import Final

from crossbook.arbitrage.fair import ResultPrices, result_prices
from crossbook.base.clock import SECOND
from crossbook.base.exact import decimal_text
from crossbook.model.claim import Claim, Kind, Period
from crossbook.model.odds import odds_text
from crossbook.model.opportunity import Reason
from crossbook.model.quote import Basis, Quote, Side
from crossbook.model.venue import VenueType

OUTLIER: Final = 1.25
"""A price a quarter above the median of the others is what bookmakers' rules call a palpable error."""
INCOHERENT: Final = 1.15
"""No bookmaker gives away 15 %: a price worth more than that by its event's match result prices is wrong."""
STALE_AFTER: Final = {Basis.PREMATCH: 900 * SECOND, Basis.CLOSING: 900 * SECOND, Basis.LIVE: 15 * SECOND}
"""How much older than the event's freshest price a price may be."""

WIDE_APART: Final = 0.10
CLOSE: Final = 0.03
"""Desks whose probabilities of one line are ten points apart contradict each other; three are ordinary noise."""

_NEAR: Final = 1e-9

_TWO_WAY: Final = {
    Kind.TOTAL: ("over", "under"),
    Kind.TEAM_TOTAL_HOME: ("over", "under"),
    Kind.TEAM_TOTAL_AWAY: ("over", "under"),
    Kind.ASIAN_HANDICAP: ("home", "away"),
    Kind.DRAW_NO_BET: ("home", "away"),
    Kind.MONEYLINE: ("home", "away"),
    Kind.BOTH_TEAMS_TO_SCORE: ("yes", "no"),
}
_COVERS: Final[dict[Kind, tuple[frozenset[str], ...]]] = {
    Kind.MATCH_RESULT: (frozenset({"home", "draw", "away"}),),
    Kind.EUROPEAN_HANDICAP: (frozenset({"home", "draw", "away"}),),
    Kind.DRAW_NO_BET: (frozenset({"home", "away"}),),
    Kind.MONEYLINE: (frozenset({"home", "away"}),),
    Kind.ASIAN_HANDICAP: (frozenset({"home", "away"}),),
    Kind.TOTAL: (frozenset({"over", "under"}),),
    Kind.TEAM_TOTAL_HOME: (frozenset({"over", "under"}),),
    Kind.TEAM_TOTAL_AWAY: (frozenset({"over", "under"}),),
    Kind.BOTH_TEAMS_TO_SCORE: (frozenset({"yes", "no"}),),
    Kind.ODD_EVEN: (frozenset({"odd", "even"}),),
}

Finding = tuple[Quote, Reason]
Doubts = dict[int, tuple[Quote, list[Reason]]]


MarketKey = tuple[str, Kind, tuple[Period, str], Fraction | None]
"""Venue, kind, what is counted, and line."""


class Evidence:
    """The quotes of one event, one basis and one space, and what the screens want to know of them."""

    def __init__(self, quotes: Sequence[Quote]) -> None:
        self.quotes = quotes

    @cached_property
    def by_claim(self) -> dict[tuple[Claim, Side], list[Quote]]:
        """Quotes by claim and side."""
        groups = defaultdict(list)
        for quote in self.quotes:
            groups[quote.claim, quote.side].append(quote)
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
    def result_prices(self) -> ResultPrices | None:
        """Probabilities of the match result over all venues, None where nobody quotes it in full."""
        return result_prices(self.quotes)

    @cached_property
    def freshest(self) -> int | None:
        """When the newest of the prices stood."""
        return max((quote.happened for quote in self.quotes if quote.happened is not None), default=None)


def market_of(quote: Quote) -> MarketKey:
    """The market a quote belongs to at its venue."""
    claim = quote.claim
    return quote.venue.id, claim.kind, (claim.period, claim.subject), claim.line


def suspended(evidence: Evidence) -> Iterator[Finding]:
    """The venue takes no bets on it."""
    for quote in evidence.quotes:
        if not quote.tradable:
            yield quote, Reason("suspended", f"{_name(quote)}: the venue takes no bets now")


def stale(evidence: Evidence) -> Iterator[Finding]:
    """The price is much older than another price of the event."""
    for quote in evidence.quotes:
        if quote.happened is None or evidence.freshest is None:
            continue
        age = evidence.freshest - quote.happened
        if age > STALE_AFTER[quote.basis]:
            yield (
                quote,
                Reason("stale", f"{_name(quote)}: {_duration(age)} older than the event's newest price"),
            )


def own_book(evidence: Evidence) -> Iterator[Finding]:
    """One venue's own prices of one market add up to less than 100 %: it contradicts itself.

    Bookmakers never mean that and exchanges match such orders with each other at once. A prediction market keeps a
    separate book for every contract, where it does happen, so it is believed.
    """
    for key, best in evidence.best.items():
        venue, kind = key[:2]
        if evidence.markets[key][0].venue.type is VenueType.PREDICTION:
            continue
        for cover in _COVERS.get(kind, ()):
            prices = [best[selection, Side.BACK] for selection in cover if (selection, Side.BACK) in best]
            if len(prices) < len(cover) or sum(1 / quote.rank for quote in prices) > 1 + _NEAR:
                continue
            book = sum((1 / quote.odds for quote in prices), Fraction(0))
            if book < 1:
                words = (
                    f"{venue} {_market(prices[0])}: its own prices add up to {decimal_text(book * 100, 1)} %"
                )
                for quote in evidence.markets[key]:
                    yield quote, Reason("own_book", words)


def crossed(evidence: Evidence) -> Iterator[Finding]:
    """One venue's back price is at or above its lay price: such orders would have met."""
    for key, best in evidence.best.items():
        for (selection, side), back in best.items():
            lay = best.get((selection, Side.LAY))
            if side is Side.BACK and lay is not None and back.odds >= lay.odds:
                words = f"{_name(back)}: back {odds_text(back.odds)} is not below lay {odds_text(lay.odds)}"
                for quote in evidence.markets[key]:
                    yield quote, Reason("crossed", words)


def outlier(evidence: Evidence) -> Iterator[Finding]:
    """The price is a quarter above the median of at least two other desks."""
    for (_, side), quotes in evidence.by_claim.items():
        if side is Side.LAY or len(quotes) < 3:
            continue
        desks: dict[str, float] = {}
        for quote in quotes:
            desks[quote.venue.desk] = max(quote.rank, desks.get(quote.venue.desk, 0.0))
        if len(desks) < 3:
            continue
        for quote in quotes:
            middle = median(odds for desk, odds in desks.items() if desk != quote.venue.desk)
            if quote.rank > OUTLIER * middle:
                words = f"{_name(quote)} at {quote.rank:.2f}: others stand at {middle:.2f}"
                yield quote, Reason("outlier", words)


def incoherent(evidence: Evidence) -> Iterator[Finding]:
    """The price pays more than any scores could justify, given what the match result costs at the same time.

    Where the price would make sense at the mirrored line the finding is called ``handicap_sign``; where it breaks
    the order of its venue's own lines, ``line_order``; else ``incoherent``.
    """
    prices = evidence.result_prices
    if prices is None:
        return
    for quote in evidence.quotes:
        if quote.claim.kind is Kind.MATCH_RESULT:
            continue
        worth = prices.least_worth(quote)
        if worth > INCOHERENT:
            words = f"{_name(quote)} at {odds_text(quote.odds)}: worth {worth:.2f} of its cost by the match result"
            yield quote, Reason(_kind_of_incoherence(quote, evidence, prices), words)


def _kind_of_incoherence(quote: Quote, evidence: Evidence, prices: ResultPrices) -> str:
    claim = quote.claim
    if claim.kind is not Kind.ASIAN_HANDICAP or claim.line is None:
        return "incoherent"
    venue, kind, count, _ = market_of(quote)
    here = evidence.best[venue, kind, count, claim.line]
    there = evidence.best.get((venue, kind, count, -claim.line), {})
    twin = there.get((claim.selection, quote.side))
    lines = {key[3] for key in evidence.best if key[:3] == (venue, kind, count)}
    if twin is not None and claim.line:
        if prices.plausible(twin, claim.line) and prices.plausible(quote, -claim.line):
            return "handicap_sign"
    elif len(lines) <= 2 and all(prices.plausible(other, -claim.line) for other in here.values()):
        return "handicap_sign"
    return "line_order" if len(lines) > 2 else "incoherent"


def swapped(evidence: Evidence) -> Iterator[Finding]:
    """Two desks differ widely on a two-way market, and agree once the sides of one are exchanged."""
    pairs = defaultdict(list)
    for (_, kind, count, line), market in evidence.best.items():
        first, second = _TWO_WAY.get(kind, ("", ""))
        one, other = market.get((first, Side.BACK)), market.get((second, Side.BACK))
        if one is not None and other is not None:
            probability = other.rank / (one.rank + other.rank)
            pairs[kind, count, line].append((probability, one, other))
    for books in pairs.values():
        for place, (here, *quotes) in enumerate(books):
            for there, *others in books[place + 1 :]:
                if quotes[0].venue.desk == others[0].venue.desk:
                    continue
                if abs(here - there) >= WIDE_APART and abs(here + there - 1) <= CLOSE:
                    venues = " and ".join(sorted((quotes[0].venue.id, others[0].venue.id)))
                    words = f"{venues} {_market(quotes[0])}: they agree only with the sides of one exchanged"
                    for quote in (*quotes, *others):
                        yield quote, Reason("sides_swapped", words)


SCREENS: Final[tuple[Callable[[Evidence], Iterator[Finding]], ...]] = (
    suspended,
    stale,
    crossed,
    incoherent,
    swapped,
    own_book,
    outlier,
)
"""Every screen, in the order in which their reasons are given."""


def doubted(quotes: Sequence[Quote]) -> Doubts:
    """The quotes of one event, basis and space that some screen refuses, with the reasons, by the quote's identity."""
    evidence = Evidence(quotes)
    found: Doubts = {}
    for screen in SCREENS:
        for quote, reason in screen(evidence):
            _, reasons = found.setdefault(id(quote), (quote, []))
            if reason not in reasons:
                reasons.append(reason)
    return found


def _duration(nanoseconds: int) -> str:
    minutes, seconds = divmod(nanoseconds // SECOND, 60)
    hours, minutes = divmod(minutes, 60)
    return (
        f"{hours} h {minutes} min" if hours else f"{minutes} min {seconds} s" if minutes else f"{seconds} s"
    )


def _market(quote: Quote) -> str:
    line = "" if quote.claim.line is None else f" {decimal_text(quote.claim.line, 2)}"
    return f"{quote.claim.market}{line}"


def _name(quote: Quote) -> str:
    return (
        f"{quote.venue.id} {quote.side.value if quote.side is Side.LAY else ''}".strip() + f" {quote.claim}"
    )
