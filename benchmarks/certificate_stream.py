"""A made-up stream of prices: books that follow the goals of many matches, each in its own way, in quotes as rows.

Every book prices all its lines from its own two rates of goals (Poisson, independent) with a margin, cut to
hundredths. Quiet: rates wander a little. In play: rates jump, and books follow one after the other.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Final, NamedTuple

import numpy as np

from crossbook.arbitrage.certificate import Floats
from crossbook.arbitrage.states import states_of
from crossbook.arbitrage.watching.arrays import Arrays
from crossbook.arbitrage.watching.kernel import VENUE_BITS, Whole
from crossbook.arbitrage.watching.layout import Layout, Line
from crossbook.model.claim import Claim, Kind
from crossbook.model.quote import Side
from crossbook.model.result import Score
from crossbook.model.settlement import settle

_GOALS: Final = 14


class Stream(NamedTuple):
    """Quotes as 16-byte rows, `batch` of them at one moment, after `boards`, which fill every cell once.

    A row is `cell << VENUE_BITS | book` and the bits of the odds, where the cell is event × lines + line.
    """

    layout: Layout
    events: int
    books: int
    boards: Whole
    records: Whole


def lines() -> list[Line]:
    """Match result, double chance, draw no bet, handicaps to two goals and totals to four and a half in quarters."""
    claims = [Claim.of(Kind.MATCH_RESULT, one) for one in ("home", "draw", "away")]
    claims += [Claim.of(Kind.DOUBLE_CHANCE, one) for one in ("home_draw", "home_away", "draw_away")]
    claims += [Claim.of(Kind.DRAW_NO_BET, one) for one in ("home", "away")]
    for quarter in range(-8, 9):
        claims += [Claim.of(Kind.ASIAN_HANDICAP, one, Fraction(quarter, 4)) for one in ("home", "away")]
    for quarter in range(2, 19):
        claims += [Claim.of(Kind.TOTAL, one, Fraction(quarter, 4)) for one in ("over", "under")]
    return [(claim, Side.BACK) for claim in claims]


def layout() -> Layout:
    """How these lines lie."""
    some = lines()
    return Layout(some, states_of(frozenset(claim for claim, _ in some)))


def stream(events: int, books: int, messages: int, in_play: bool, seed: int = 1) -> Stream:
    """Messages of one market of one match by one book each, and the boards that stood before."""
    rng = np.random.default_rng(seed)
    of = layout()
    prices = _Prices(of)
    start = np.log(np.stack([rng.uniform(0.8, 2.2, events), rng.uniform(0.6, 1.9, events)], axis=1))
    views = rng.normal(0, 0.006, (events, books, 2))
    margins = rng.uniform(0.03, 0.07, books)
    count = len(of.lines)

    every = np.arange(events * books)
    rates = np.exp(start[every // books] + views[every // books, every % books])
    boards = _rows(prices.odds(rates, margins[every % books]), every // books, every % books, count)

    event, book = rng.integers(0, events, messages), rng.integers(0, books, messages)
    order = np.argsort(event, kind="stable")
    step = rng.normal(0, 0.003 if in_play else 0.0005, (messages, 2))
    if in_play:
        step += (rng.random((messages, 1)) < 0.002) * rng.normal(0, 0.15, (messages, 2))
    wandered = np.cumsum(step[order], axis=0)
    first = np.searchsorted(event[order], event[order])
    wandered -= wandered[first] - step[order][first]
    now = np.empty_like(wandered)
    now[order] = wandered
    rates = np.exp(np.clip(start[event] + now + views[event, book], np.log(0.2), np.log(4.0)))
    market = _markets(of)
    which = rng.integers(0, 3, messages)
    parts = []
    for piece in np.array_split(np.arange(messages), max(1, messages // 2000)):
        odds = prices.odds(rates[piece], margins[book[piece]])
        rows = _rows(odds, event[piece], book[piece], count).reshape(len(piece), count, 2)
        parts.append(rows[market[None, :] == which[piece][:, None]])
    return Stream(of, events, books, boards, np.concatenate(parts))


def laid(made: Stream) -> Arrays:
    """Arrays with room for all matches of a stream, its boards taken in and every match solved once."""
    arrays = Arrays(made.books)
    for _ in range(made.events):
        arrays.add_game(made.layout)
    arrays.take(made.boards, 0)
    for game in range(made.events):
        arrays.wait(game)
    arrays.look()
    return arrays


def _rows(odds: Floats, event: Whole, book: Whole, count: int) -> Whole:
    rows = np.empty((len(odds) * count, 2), np.int64)
    cells = event[:, None] * count + np.arange(count)
    rows[:, 0] = (cells << VENUE_BITS | book[:, None]).reshape(-1)
    rows[:, 1] = odds.reshape(-1).view(np.int64)
    return rows


def _markets(of: Layout) -> Whole:
    kinds = {Kind.ASIAN_HANDICAP: 1, Kind.TOTAL: 2}
    return np.array([kinds.get(claim.kind, 0) for claim, _ in of.lines])


class _Prices:
    """What the lines of a layout cost at a book that has its own rates of goals."""

    def __init__(self, of: Layout) -> None:
        scores = [Score(home, away) for home in range(_GOALS) for away in range(_GOALS)]
        shares = [[settle(claim, score) for score in scores] for claim, _ in of.lines]
        self._won = np.array([[float(one.won) for one in row] for row in shares])
        self._refunded = np.array([[float(one.refunded) for one in row] for row in shares])

    def odds(self, rates: Floats, margins: Floats) -> Floats:
        """Odds of every line for each pair of rates, with the margin taken from the winnings; shape (pairs, lines)."""
        goals = np.arange(_GOALS)
        factorials = np.cumprod(np.maximum(goals, 1).astype(np.float64))
        chances = np.exp(-rates[:, :, None]) * rates[:, :, None] ** goals / factorials
        joint = (chances[:, 0, :, None] * chances[:, 1, None, :]).reshape(len(rates), -1)
        joint /= joint.sum(axis=1, keepdims=True)
        won, refunded = joint @ self._won.T, joint @ self._refunded.T
        fair = (1 - refunded) / np.maximum(won, 1e-4)
        odds: Floats = np.maximum(np.floor(100 * fair / (1 + margins[:, None])) / 100, 1.01)
        return odds
