"""Whole books of a football match, priced from expected goals by sums of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fractions import Fraction
from math import exp, factorial

import msgspec
import numpy as np

from crossbook.model.claim import Claim, Kind, Period, cover_of
from crossbook.model.quote import Contest, Quote
from crossbook.model.venue import Venue, bookmaker, prediction
from tests.arbitrage.worlds import Floats, Scores, back, claim, lay, settled

DESKS = tuple(bookmaker(name.casefold(), name) for name in ("Alpha", "Bravo", "Cargo", "Delta"))
ODD_ONE = bookmaker("oddone", "Odd One")
GOALS = (1.7, 1.0)
HALF = (0.75, 0.45)
_SCORES = Scores(14)
_MARGINS = (1.045, 1.05, 1.055, 1.06, 1.052)
LINES = ("1.5", "2", "2.25", "2.5", "3", "3.5")
HANDICAPS = ("-1.5", "-1", "-0.75", "-0.5", "0", "0.5", "1.5")

Market = tuple[Kind, str | None]
MARKETS: tuple[Market, ...] = (
    (Kind.MATCH_RESULT, None),
    (Kind.BOTH_TEAMS_TO_SCORE, None),
    *((Kind.TOTAL, line) for line in LINES),
    *((Kind.ASIAN_HANDICAP, line) for line in HANDICAPS),
)


def chances(goals: tuple[float, float]) -> Floats:
    """Two independent Poisson counts on the grid of scores."""
    found = np.ones(len(_SCORES.whole[0]))
    for rate, counts in zip(goals, _SCORES.whole, strict=True):
        found = found * np.array([exp(-rate) * rate**n / factorial(n) for n in counts.tolist()])
    whole: Floats = found / found.sum()
    return whole


def book(
    venue: Venue,
    goals: tuple[float, float] = GOALS,
    margin: float = 1.05,
    markets: Iterable[Market] = MARKETS,
    period: Period = Period.FULL_TIME,
) -> list[Quote]:
    """A venue's prices of these markets, cut to the cent, with its margin in proportion."""
    weights = chances(goals)
    quotes = []
    for kind, line in markets:
        for selection in cover_of(kind):
            won, refunded = (float(part @ weights) for part in settled(claim(kind, selection, line), _SCORES))
            odds = Fraction(max(int(100 * (1 - refunded) / (won * margin)), 102), 100)
            quotes.append(back(venue, claim(kind, selection, line, period), odds))
    return quotes


def others(markets: Iterable[Market] = MARKETS, goals: tuple[float, float] = GOALS) -> list[Quote]:
    """Four desks of one mind, each with its margin."""
    markets = tuple(markets)
    return [
        quote
        for desk, margin in zip(DESKS, _MARGINS, strict=False)
        for quote in book(desk, goals, margin, markets)
    ]


def read_as(quotes: Iterable[Quote], change: Callable[[Claim], Claim]) -> list[Quote]:
    """The quotes with their claims misread."""
    return [msgspec.structs.replace(quote, claim=change(quote.claim)) for quote in quotes]


def priced_as(quotes: Iterable[Quote], change: Callable[[Fraction], Fraction]) -> list[Quote]:
    """The quotes with their odds misread."""
    return [
        quote if (odds := change(quote.odds)) == quote.odds else msgspec.structs.replace(quote, odds=odds)
        for quote in quotes
    ]


def kept(quotes: Iterable[Quote], *kinds: Kind) -> list[Quote]:
    """The quotes of these kinds."""
    return [quote for quote in quotes if quote.claim.kind in kinds]


def winners(total: float, complete: bool = True) -> tuple[list[Quote], Contest]:
    """Contracts on three runners whose middles add up to this."""
    market, quotes = prediction("poll", "Poll"), []
    runners = {"Ann": 0.5, "Bob": 0.3, "Cid": 0.2}
    for runner, chance in runners.items():
        one = Claim.of(Kind.WINNER, runner, subject="Cup")
        middle = Fraction(round(chance * total * 1000), 1000)
        quotes += [
            back(market, one, 1 / (middle + Fraction(1, 200))),
            lay(market, one, 1 / (middle - Fraction(1, 200))),
        ]
    return quotes, Contest("Cup", tuple(runners), complete=complete)


def results(away: str) -> list[Quote]:
    """Contracts on the match result at a prediction market, 0.60, 0.25 and, for away, this; a cent to each side."""
    quotes = []
    for selection, middle in (("home", "0.60"), ("draw", "0.25"), ("away", away)):
        one = claim(Kind.MATCH_RESULT, selection)
        for side, price in (
            (back, Fraction(middle) + Fraction(1, 100)),
            (lay, Fraction(middle) - Fraction(1, 100)),
        ):
            quotes.append(side(prediction("poll", "Poll"), one, 1 / price))
    return quotes
