"""Screens of what a source is: a set that leaves somebody out, a column that nobody offers, brands of one desk."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from itertools import combinations
from statistics import median
from typing import Final

from crossbook.arbitrage.screening.evidence import Evidence
from crossbook.arbitrage.screening.opinions import Board, Opinion, logit
from crossbook.model.claim import RACES, cover_of
from crossbook.model.opportunity import Reason
from crossbook.model.quote import Quote, Side
from crossbook.model.venue import VenueType

Finding = tuple[Quote, Reason]

INCOMPLETE: Final = 0.96
"""The middles of all contracts of a complete set add up to one, give or take a cent for every two or three of them."""
NOT_ONE: Final = 0.10
"""Contracts on all outcomes whose middles are farther from one contradict each other."""
_SET: Final = 3
NO_MARGIN: Final = 1.014
"""The sharpest bookmakers' books add up to 1.018 and more; the best prices of several, taken together, to about one."""
_WRONG: Final = 0.93
"""A book below this is a wrong price, not a missing margin."""
_MARKETS: Final = 3
BRANDS_DIFFER: Final = 0.16
"""Brands of one desk show one price, each with its own margin; this far apart, one of them is of another time."""
_BRANDS_LEAST: Final = 3
"""Of fewer markets in common nothing is said: one price apart is an offer, not a brand that was left behind."""
_BRANDS_PART: Final = 0.4


def not_exhaustive(evidence: Evidence) -> Iterator[Finding]:
    """Contracts on every runner of a contest that add up to much less than one: somebody else may win it."""
    contest = evidence.contest
    if contest is None or not contest.complete:
        return
    quotes = [
        one for one in evidence.quotes if one.claim.kind in RACES and one.claim.subject == contest.subject
    ]
    venues: dict[str, dict[str, dict[Side, float]]] = defaultdict(lambda: defaultdict(dict))
    for quote in quotes:
        if quote.venue.type is VenueType.PREDICTION and not quote.claim.places:
            sides = venues[quote.venue.id][quote.claim.selection]
            sides[quote.side] = max(sides.get(quote.side, quote.rank), quote.rank)
    for venue, runners in venues.items():
        if not all(Side.BACK in runners.get(runner, {}) for runner in contest.runners):
            continue
        total = sum(_middle(runners[runner]) for runner in contest.runners)
        if total >= contest.places * INCOMPLETE:
            continue
        words = (
            f"{venue}: its contracts on all {len(contest.runners)} runners of {contest.subject} add up to"
            f" {total:.3f}: somebody who is not among them may win"
        )
        for quote in quotes:
            if quote.side is Side.BACK:
                yield quote, Reason("not_exhaustive", words)


def _middle(sides: Mapping[Side, float]) -> float:
    back, lay = sides[Side.BACK], sides.get(Side.LAY)
    return 1 / back if lay is None else (1 / back - 1 / lay) / 2


def inverted(evidence: Evidence) -> Iterator[Finding]:
    """A contract of a venue's own set that adds up to one only with this contract's YES and NO exchanged."""
    for (venue, kind, count, quarters), best in evidence.best.items():
        cover = cover_of(kind)
        quotes = evidence.markets[venue, kind, count, quarters]
        if quotes[0].venue.type is not VenueType.PREDICTION or len(cover) < _SET:
            continue
        if not all((one, side) in best for one in cover for side in Side):
            continue
        chances = {one: _middle({side: best[one, side].rank for side in Side}) for one in cover}
        total = sum(chances.values())
        if abs(total - 1) <= NOT_ONE:
            continue
        turned = {one: total + 1 - 2 * chance for one, chance in chances.items()}
        nearest = min(turned, key=lambda one: abs(turned[one] - 1))
        if abs(turned[nearest] - 1) <= NOT_ONE / 2:
            words = (
                f"{venue} {quotes[0].claim.market}: its contracts add up to {total:.2f}, and to"
                f" {turned[nearest]:.2f} with YES and NO of {nearest} exchanged"
            )
            for quote in quotes:
                if quote.claim.selection == nearest:
                    yield quote, Reason("yes_no_inverted", words)


def aggregate(evidence: Evidence) -> Iterator[Finding]:
    """A bookmaker without a margin in market after market: a column of the best of several, which nobody offers."""
    totals: dict[str, list[float]] = defaultdict(list)
    for (venue, board), total in evidence.expected.totals.items():
        if evidence.markets[venue, board[0], board[1], board[2]][0].venue.type is VenueType.BOOKMAKER:
            totals[venue].append(total)
    for venue, some in totals.items():
        if len(some) >= _MARKETS and median(some) < NO_MARGIN and min(some) > _WRONG:
            words = (
                f"{venue}: {len(some)} of its markets add up to {median(some):.1%} in the middle:"
                " the best prices of several, which nobody offers together"
            )
            for quote in evidence.quotes:
                if quote.venue.id == venue:
                    yield quote, Reason("aggregate", words)


def brands(evidence: Evidence) -> Iterator[Finding]:
    """A brand whose prices differ from its desk's other brand's, and which all others stand farther from."""
    names = {quote.venue.id: (quote.venue.desk, quote.venue.name) for quote in evidence.quotes}
    desks: dict[str, list[str]] = defaultdict(list)
    for venue, (desk, _) in names.items():
        desks[desk].append(venue)
    for some in desks.values():
        for one, other in combinations(some, 2):
            if names[one][1] == names[other][1]:
                continue
            lagging = _lagging(evidence.expected.opinions, one, other)
            if lagging is None:
                continue
            words = f"{lagging}: its desk shows other prices at {other if lagging == one else one}: it did not follow"
            for quote in evidence.quotes:
                if quote.venue.id == lagging:
                    yield quote, Reason("stale", words)


def _lagging(opinions: Mapping[Board, Mapping[str, Opinion]], one: str, other: str) -> str | None:
    """The one of two brands that is farther from all other desks, None where they agree or nobody else is there."""
    markets = differ = 0
    farther = {one: 0.0, other: 0.0}
    for venues in opinions.values():
        if one not in venues or other not in venues:
            continue
        desk = venues[one].desk
        for selection, chance in venues[one].chances.items():
            twin = venues[other].chances.get(selection)
            if twin is None:
                continue
            markets += 1
            differ += abs(logit(chance) - logit(twin)) > BRANDS_DIFFER
            rest = [
                logit(v.chances[selection])
                for v in venues.values()
                if v.desk != desk and selection in v.chances
            ]
            if rest:
                farther[one] += abs(logit(chance) - median(rest))
                farther[other] += abs(logit(twin) - median(rest))
            break
    if markets < _BRANDS_LEAST or differ < max(1, _BRANDS_PART * markets) or farther[one] == farther[other]:
        return None
    return one if farther[one] > farther[other] else other
