"""Boards with many lines: honest ladders around a fair price, and ladders whose prices mean nothing."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from fractions import Fraction
from math import exp

import numpy as np

from crossbook.model.claim import Claim, Kind, Period
from crossbook.model.quote import Quote
from crossbook.model.venue import Venue, bookmaker
from tests.arbitrage.worlds import Floats, Scores, ah, back, claim, settled, total

VENUES = tuple(bookmaker(f"venue{place}", f"Venue {place}") for place in range(10))


def quarters(low: str, high: str) -> list[Fraction]:
    """All quarter lines from one to the other."""
    return [Fraction(place, 4) for place in range(int(4 * Fraction(low)), int(4 * Fraction(high)) + 1)]


def sides(totals: Iterable[Fraction], handicaps: Iterable[Fraction]) -> list[Claim]:
    """Both sides of these lines."""
    return [total(side, line) for line in totals for side in ("over", "under")] + [
        ah(side, line) for line in handicaps for side in ("home", "away")
    ]


def honest(
    rng: random.Random, claims: Sequence[Claim], venues: Sequence[Venue] = VENUES, margin: float = 0.06
) -> list[Quote]:
    """Every claim at every venue, about a margin dearer than goals that come evenly over the match make it."""
    scores = Scores(30)
    home, away = (_poisson(mean, 30) for mean in (1.6, 1.2))
    chances: Floats = np.outer(home, away).reshape(-1)
    quotes = []
    for one in claims:
        won, refunded = (float(chances @ shares) for shares in settled(one, scores))
        fair = 1000.0 if won < 1e-3 else (1 - refunded) / won
        for venue in venues:
            odds = 1 + (fair / (1 + margin * rng.uniform(0.8, 1.2)) - 1)
            quotes.append(back(venue, one, Fraction(max(1_0001, int(10_000 * odds)), 10_000)))
    return quotes


def senseless(rng: random.Random, lines: int, low: int = 150, high: int = 200) -> list[Quote]:
    """Two venues with so many totals and as many handicaps, each side at any odds between these hundredths."""
    totals = [Fraction(2 * place + 1, 2) for place in range(lines)]
    handicaps = [place - lines // 2 + Fraction(1, 4) for place in range(lines)]
    return [
        back(venue, one, Fraction(rng.randint(low, high), 100))
        for venue in VENUES[:2]
        for one in sides(totals, handicaps)
    ]


def with_halves() -> list[Claim]:
    """What a large site offers on the goals of a match and of its first half."""
    first = [
        claim(one.kind, one.selection, one.line, Period.FIRST_HALF)
        for one in sides(quarters("0.5", "3.5"), quarters("-2", "2"))
    ]
    results = [
        claim(Kind.MATCH_RESULT, side, None, period)
        for period in (Period.FULL_TIME, Period.FIRST_HALF)
        for side in ("home", "draw", "away")
    ]
    return [*results, *first, *sides(quarters("0.5", "6.5"), quarters("-4", "4"))]


def _poisson(mean: float, top: int) -> Floats:
    chances = [exp(-mean)]
    for count in range(1, top + 1):
        chances.append(chances[-1] * mean / count)
    return np.array(chances)
