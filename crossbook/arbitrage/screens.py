"""Trust screens: small named checks that refuse prices no careful person would act on.

Each screen looks at all quotes of an event (one basis, one space) and names the quotes it does not believe, with a
reason. A screen never repairs anything. Thresholds are stated where they are used, with their grounds.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from statistics import median
from typing import Final

from crossbook.arbitrage.fair import ResultChances
from crossbook.arbitrage.screening.evidence import LONGEST_LIFE, Evidence, market_of
from crossbook.arbitrage.screening.expected import FAR
from crossbook.arbitrage.screening.markets import apart
from crossbook.arbitrage.screening.opinions import logit
from crossbook.arbitrage.screening.sources import aggregate, brands, inverted, not_exhaustive
from crossbook.base.clock import SECOND
from crossbook.base.exact import decimal_text
from crossbook.model.claim import Kind, cover_of
from crossbook.model.odds import odds_text
from crossbook.model.opportunity import Reason
from crossbook.model.quote import Contest, Quote, Side
from crossbook.model.venue import VenueType

OUTLIER: Final = 1.25
"""A price a quarter above the median of the others is what bookmakers' rules call a palpable error."""
LONGSHOT: Final = 9
OUTLIER_LONGSHOT: Final = 1.75
"""Of odds above 9 honest books differ by a half: in real books one in a hundred stands 0.42 away in log-odds."""
INCOHERENT: Final = 1.15
"""No bookmaker gives away 15 %: a price worth more than that by its event's match result prices is wrong, if it is
`FAR` in log-odds as well, which a longshot that is worth 15 % more is not."""
WIDE_APART: Final = 0.10
CLOSE: Final = 0.03
"""Desks whose probabilities of one line are ten points apart contradict each other; three are ordinary noise."""

AHEAD: Final = 30 * SECOND
"""Clocks that are set by the network agree within a second; half a minute is a clock that nobody sets."""

_NEAR: Final = 1e-9

Finding = tuple[Quote, Reason]
Doubts = dict[int, tuple[Quote, list[Reason]]]


def suspended(evidence: Evidence) -> Iterator[Finding]:
    """The venue takes no bets on it."""
    for quote in evidence.quotes:
        if not quote.tradable:
            yield quote, Reason("suspended", f"{_name(quote)}: the venue takes no bets now")


def clock_skew(evidence: Evidence) -> Iterator[Finding]:
    """The price's clock runs ahead of ours, or its desk's ahead of all the others, so its age cannot be told."""
    for quote in evidence.quotes:
        if quote.happened is not None and quote.received is not None:
            ahead = quote.happened - quote.received
            if ahead > AHEAD:
                yield (
                    quote,
                    Reason("clock_skew", f"{_name(quote)}: its clock is {_duration(ahead)} ahead of ours"),
                )
    if evidence.fast_desk is None:
        return
    desk, ahead = evidence.fast_desk
    for quote in evidence.quotes:
        if quote.venue.desk == desk and quote.happened is not None:
            yield (
                quote,
                Reason("clock_skew", f"{_name(quote)}: its clock is {_duration(ahead)} ahead of the others"),
            )


def stale(evidence: Evidence) -> Iterator[Finding]:
    """The price is much older than another price of the event."""
    for quote in evidence.quotes:
        if quote.happened is None:
            if quote.received is not None and evidence.heard is not None:
                silent = evidence.heard - quote.received
                if silent > LONGEST_LIFE[quote.basis]:
                    words = f"{_name(quote)}: not heard of for {_duration(silent)} when others were"
                    yield quote, Reason("stale", words)
            continue
        if evidence.newest is None:
            continue
        age = evidence.newest - quote.happened
        if age > LONGEST_LIFE[quote.basis]:
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
        quotes = evidence.markets[key]
        prices = [best[s, Side.BACK] for s in cover_of(key[1]) if (s, Side.BACK) in best]
        if quotes[0].venue.type is VenueType.PREDICTION or not prices or len(prices) < len(cover_of(key[1])):
            continue
        if sum(1 / quote.rank for quote in prices) > 1 + _NEAR:
            continue
        book = sum((1 / quote.odds for quote in prices), Fraction(0))
        if book < 1:
            words = f"{key[0]} {_market(prices[0])}: its own prices add up to {decimal_text(book * 100, 1)} %"
            for quote in quotes:
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
    """The price is a quarter better than the median of what at least two other desks give."""
    for quotes in evidence.by_claim.values():
        desks: dict[str, Quote] = {}
        for quote in quotes:
            if quote.side is Side.BACK:
                desk = evidence.desks[quote.venue.id]
                known = desks.get(desk)
                desks[desk] = quote if known is None or quote.better_than(known) else known
        if len(desks) < 2:
            continue
        rest: dict[str, tuple[float, list[Quote]]] = {}
        for quote in quotes:
            desk = evidence.desks[quote.venue.id]
            if desk not in rest:
                others = [other for whose, other in desks.items() if whose != desk]
                rest[desk] = median(other.rank for other in others) if len(others) > 1 else 0.0, others
            middle, others = rest[desk]
            if not middle:
                continue
            better = quote.rank / middle if quote.side is Side.BACK else middle / -quote.rank
            if better > (OUTLIER if abs(middle) < LONGSHOT else OUTLIER_LONGSHOT):
                price = odds_text(median(other.odds for other in others))
                words = f"{_name(quote)} at {odds_text(quote.odds)}: others stand at {price}"
                yield quote, Reason("outlier", words)


def incoherent(evidence: Evidence) -> Iterator[Finding]:
    """The price pays more than any scores could justify, given what the match result costs at the same time.

    Where the price would make sense at the mirrored line the finding is called ``handicap_sign``; where it breaks
    the order of its venue's own lines, ``line_order``; else ``incoherent``.
    """
    chances = evidence.chances
    if chances is None:
        return
    for quote in evidence.quotes:
        if quote.claim.kind is Kind.MATCH_RESULT:
            continue
        worth = chances.least_worth(quote)
        if worth > INCOHERENT and _gap(quote, worth) > FAR:
            words = f"{_name(quote)} at {odds_text(quote.odds)}: worth {worth:.2f} of its cost by the match result"
            yield quote, Reason(_kind_of_incoherence(quote, evidence, chances), words)


def _gap(quote: Quote, worth: float) -> float:
    """What a price's worth beyond its cost is in log-odds of the chance it pays for: a longshot is soon worth more."""
    chance = 1 / quote.rank if quote.side is Side.BACK else 1 + 1 / quote.rank
    return logit(chance * worth) - logit(chance)


def _kind_of_incoherence(quote: Quote, evidence: Evidence, chances: ResultChances) -> str:
    claim = quote.claim
    if claim.kind is not Kind.ASIAN_HANDICAP or claim.line is None:
        return "incoherent"
    venue, kind, count, _ = market_of(quote)
    here = evidence.best[venue, kind, count, claim.quarters]
    there = evidence.best.get((venue, kind, count, -claim.quarters), {})
    twin = there.get((claim.selection, quote.side))
    lines = evidence.lines[venue, kind, count]
    if twin is not None and claim.line:
        if chances.plausible(twin, claim.line) and chances.plausible(quote, -claim.line):
            return "handicap_sign"
    elif lines <= 2 and all(chances.plausible(other, -claim.line) for other in here.values()):
        return "handicap_sign"
    return "line_order" if lines > 2 else "incoherent"


def swapped(evidence: Evidence) -> Iterator[Finding]:
    """Two desks differ widely on a market's two sides, and agree once the sides of one are exchanged.

    Where at least two other desks stand nearer to one of them, and none to the other, only the other is not believed.
    """
    markets = defaultdict(list)
    for key, best in evidence.best.items():
        first, *_, last = cover_of(key[1]) or ("", "")
        one, other = best.get((first, Side.BACK)), best.get((last, Side.BACK))
        if one is not None and other is not None:
            markets[key[1:]].append((other.rank / (one.rank + other.rank), key, one.venue))
    for books in markets.values():
        for place, (here, key, venue) in enumerate(books):
            for there, other_key, other_venue in books[place + 1 :]:
                if venue.desk == other_venue.desk:
                    continue
                if abs(here - there) >= WIDE_APART and abs(here + there - 1) <= CLOSE:
                    others = {
                        one.desk: at for at, _, one in books if one.desk not in (venue.desk, other_venue.desk)
                    }
                    nearer = [abs(at - here) < abs(at - there) for at in others.values()]
                    alone = len(nearer) > 1
                    quotes = [
                        *(evidence.markets[key] if not alone or not all(nearer) else ()),
                        *(evidence.markets[other_key] if not alone or any(nearer) else ()),
                    ]
                    venues = " and ".join(sorted((venue.id, other_venue.id)))
                    words = f"{venues} {_market(quotes[0])}: they agree only with the sides of one exchanged"
                    for quote in quotes:
                        yield quote, Reason("sides_swapped", words)


SCREENS: Final[tuple[Callable[[Evidence], Iterator[Finding]], ...]] = (
    suspended,
    clock_skew,
    stale,
    crossed,
    incoherent,
    swapped,
    own_book,
    outlier,
    apart,
    brands,
    aggregate,
    not_exhaustive,
    inverted,
)
"""Every screen, in the order in which their reasons are given."""


def doubted(quotes: Sequence[Quote], contest: Contest | None = None) -> Doubts:
    """The quotes of one event, basis and space that some screen refuses, with the reasons, by the quote's identity."""
    evidence = Evidence(quotes, contest)
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
