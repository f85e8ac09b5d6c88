"""Opinions: what each venue's market says of its claims once the margin is out, and how far that is from the others.

Distances are differences of log-odds, which mean the same for a price and for its opposite. In 14,721 books of real
matches (season archives, at least four bookmakers each) a bookmaker's home or away price stood 0.04 from the median of
the others in the middle, 0.22 at the ninety-ninth and 0.33 at the 99.9th percentile; chances below a tenth stand
twice as far apart.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from itertools import combinations
from math import log
from statistics import median
from typing import Final, NamedTuple

from crossbook.model.claim import Kind, Period, cover_of
from crossbook.model.quote import Quote, Side
from crossbook.model.venue import VenueType

Board = tuple[Kind, tuple[Period, str], int]
"""Kind, what is counted, and the line in quarters: a market, whoever offers it."""
Books = Mapping[tuple[str, Kind, tuple[Period, str], int], Mapping[tuple[str, Side], Quote]]
"""The best quote of each selection and side of each venue's markets."""

_LEAST: Final = 1e-4
_WIDEST_BOOK: Final = 1.35
_SAME: Final = 8
_SAME_PART: Final = 0.95


class Opinion(NamedTuple):
    """One venue's fair chances of the selections of a market, with the margin taken out in proportion."""

    venue: str
    desk: str
    chances: Mapping[str, float]
    whole: bool
    """Whether all selections are told by one book; else these are contracts or ladders with both sides, one by one."""
    room: float = 0.0
    """Of contracts, half of what lies between buying YES and buying NO: the chance may be anywhere there."""


class Distance(NamedTuple):
    """How far an opinion on a selection is from the median of other desks."""

    selection: str
    chance: float
    others: float
    desks: int

    @property
    def logit(self) -> float:
        """The difference in log-odds; above zero where the venue holds it for likelier, so pays less."""
        return logit(self.chance) - logit(self.others)

    @property
    def longshot(self) -> bool:
        """Whether the others give it less than a tenth, or more than nine."""
        return not 0.1 <= self.others <= 0.9


def logit(chance: float) -> float:
    """The log-odds of a chance; those of chances within 1/10,000 of zero or one are taken for that."""
    inside = min(max(chance, _LEAST), 1 - _LEAST)
    return log(inside / (1 - inside))


def opinions_of(books: Books, desks: Mapping[str, str]) -> dict[Board, dict[str, Opinion]]:
    """Every venue's opinion on each market it quotes in full, or of which it quotes both sides of a claim."""
    found: dict[Board, dict[str, Opinion]] = defaultdict(dict)
    for (venue, kind, count, quarters), best in books.items():
        opinion = _opinion(kind, best, desks[venue])
        if opinion is not None:
            found[kind, count, quarters][venue] = opinion
    return dict(found)


def desks_of(books: Books) -> dict[str, str]:
    """The desk of each venue; venues that show the same prices on all they both quote count as one desk.

    Eight prices or more, nineteen of twenty the same: two desks on one grid of odds share about one in three.
    """
    desks: dict[str, str] = {}
    prices: dict[str, dict[tuple[object, ...], float]] = defaultdict(dict)
    for (venue, kind, count, quarters), best in books.items():
        for (selection, side), quote in best.items():
            desks[venue] = quote.venue.desk
            prices[venue][kind, count, quarters, selection, side] = quote.rank
    for one, other in combinations(sorted(prices), 2):
        if desks[one] != desks[other]:
            same = len(prices[one].items() & prices[other].items())
            if same >= _SAME and same >= _SAME_PART * len(prices[one].keys() & prices[other].keys()):
                desks[other] = desks[one]
    return desks


def totals_of(books: Books) -> dict[tuple[str, Board], float]:
    """What the inverse odds of each whole book of backs add up to."""
    found = {}
    for (venue, kind, count, quarters), best in books.items():
        cover = cover_of(kind)
        if cover and all((one, Side.BACK) in best for one in cover):
            found[venue, (kind, count, quarters)] = sum(1 / best[one, Side.BACK].rank for one in cover)
    return found


def _opinion(kind: Kind, best: Mapping[tuple[str, Side], Quote], desk: str) -> Opinion | None:
    cover = cover_of(kind)
    venue = next(iter(best.values())).venue
    if venue.type is not VenueType.PREDICTION and cover and all((one, Side.BACK) in best for one in cover):
        chances = {one: _middle(best, one) for one in cover}
        total = sum(chances.values())
        if total > _WIDEST_BOOK:
            return None
        return Opinion(venue.id, desk, {one: p / total for one, p in chances.items()}, True)
    both = {one: _middle(best, one) for one, side in best if side is Side.LAY and (one, Side.BACK) in best}
    if not both:
        return None
    room = max(1 / best[one, Side.BACK].rank + 1 / best[one, Side.LAY].rank for one in both) / 2
    return Opinion(venue.id, desk, both, False, max(0.0, room))


def _middle(best: Mapping[tuple[str, Side], Quote], selection: str) -> float:
    """The chance halfway between back and lay, that of the back where there is no lay."""
    back, lay = 1 / best[selection, Side.BACK].rank, best.get((selection, Side.LAY))
    return back if lay is None else (back + 1 / -lay.rank) / 2


def distances(opinion: Opinion, opinions: Mapping[str, Opinion], least: int = 2) -> Iterator[Distance]:
    """How far an opinion is from the median of all other desks, where at least so many have one."""
    for selection, chance in opinion.chances.items():
        others: dict[str, float] = {}
        for other in opinions.values():
            if other.desk != opinion.desk and selection in other.chances:
                others[other.desk] = other.chances[selection]
        if len(others) >= least:
            yield Distance(selection, chance, median(others.values()), len(others))
