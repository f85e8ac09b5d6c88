"""Venues of different temper, with invented names, and how each makes prices out of what it believes.

The figures are from real prices of 2,812 matches of 2020/21 in the season archives: one book's log-odds lie about
0.035 (standard deviation) around the median of six, one match in a hundred has a book 0.2 away; a sharp book's
three prices add up to 1.027, those of the others to 1.05 to 1.06, seldom to 1.10; at two prices 1.02 and 1.055.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from random import Random

from crossbook.model.ladder import move, tick_at_or_above, tick_at_or_below
from crossbook.model.venue import Venue, bookmaker, exchange, prediction


@dataclass(frozen=True)
class Temper:
    """How a kind of venue prices: noise of its rates, draws and single markets; margins; what it offers."""

    name: str
    rate_noise: float
    market_noise: float
    margin: tuple[float, float]
    bias: float
    """How much of the margin is taken by shortening longshots rather than in proportion."""
    grid: str
    """``milli`` and ``cent`` cut odds to 0.001 and 0.01; ``book`` to the coarser steps of a betting shop."""
    handicaps: int
    """How many handicap lines at most, and the same of totals."""
    quarters: bool
    extras: float
    """The chance that it offers each of the lesser markets."""


SHARP = Temper("sharp", 0.006, 0.002, (0.020, 0.030), 0.2, "milli", 7, True, 0.5)
MIDDLE = Temper("middle", 0.012, 0.004, (0.040, 0.055), 0.5, "cent", 5, True, 0.7)
SOFT = Temper("soft", 0.018, 0.007, (0.060, 0.090), 0.8, "book", 3, False, 0.6)
EXCHANGE = Temper("exchange", 0.006, 0.003, (0.0, 0.0), 0.0, "ladder", 5, True, 0.6)
MARKET = Temper("prediction", 0.008, 0.004, (0.0, 0.0), 0.0, "contract", 0, False, 0.0)

_BOOKS = (
    "Alderbet Birchline Cobalt Drumlin Eastgate Fairlead Gannet Harrow Inkwell Juniper Kestrel Lanyard Marlow "
    "Northing Oakham Pewter Quayside Redstart Saltern Tamarisk Upland Verger Wexford Yarrow Zephyr Ashlar Brindle "
    "Corvid Dunlin Ember Fathom Grange"
)
BOOKS = tuple(_BOOKS.split())
EXCHANGES = ("Crossing", "Parity")
MARKETS = ("Foresight", "Outcome Hall")
_TEAMS = (
    "Northbridge Eastham Westmoor Southwick Highfell Lowdale Stonebury Ashcombe Brightwater Carrowmore Dunmere "
    "Elverton Foxholm Greyport Hollins Ironvale Jarrow Kingsmead Longreach Marshside"
)
TEAMS = tuple(_TEAMS.split())


def book_venue(name: str, desk: str | None = None) -> Venue:
    """A bookmaker by its name."""
    return bookmaker(name.lower(), name, desk)


def exchange_venue(name: str, commission: Fraction | None) -> Venue:
    """An exchange by its name; None where no source states its commission."""
    return exchange(name.lower(), name, commission)


def prediction_venue(name: str) -> Venue:
    """A prediction market by its name."""
    return prediction(name.lower().replace(" ", "-"), name)


def with_margin(chances: list[float], margin: float, bias: float) -> list[float]:
    """One over the odds of a market whose chances add up to one, once the margin is on it.

    Part of the margin is in proportion, part by a common power, which takes more from longshots.
    """
    low, high = 0.5, 1.0
    for _ in range(40):
        power = (low + high) / 2
        if sum(chance**power for chance in chances) > 1 + margin:
            low = power
        else:
            high = power
    return [(1 - bias) * chance * (1 + margin) + bias * chance**high for chance in chances]


def cut(odds: float, grid: str) -> Fraction:
    """The odds on the venue's own steps, never better than they were."""
    if grid == "milli":
        step = 1
    elif grid == "cent" or odds < 3:
        step = 10
    else:
        step = 50 if odds < 5 else 100 if odds < 8 else 250 if odds < 15 else 1000
    return Fraction(max(1010, int(odds * 1000 + 1e-6) // step * step), 1000)


def around(odds: float, ticks: int) -> tuple[Fraction, Fraction]:
    """Best prices to back and to lay on an exchange's ladder, that many ticks apart or a little more."""
    fair = Fraction(min(max(odds, 1.03), 900.0))
    below = move(tick_at_or_below(fair), -(ticks // 2))
    above = move(tick_at_or_above(fair), ticks - ticks // 2)
    return below, max(above, move(below, 1))


def cents(probability: float, spread: int, rng: Random) -> tuple[int, int]:
    """Bid and ask of a contract in cents around its chance, between 1 and 99 and at least a cent apart."""
    middle = probability * 100
    ask = min(99, int(middle + spread / 2 + rng.uniform(0.3, 0.9)))
    ask = max(ask, int(middle) + 1, 2)
    return max(1, min(ask - spread, int(middle), ask - 1)), min(ask, 99)
