"""Made-up venues and quotes, and judges of their worth that share no code with the room under test.

The judges settle claims on plain arrays of scores and hand the whole grid to scipy's solver. How they settle is
itself compared with the settlement reference in ``test_states.py``.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog

from crossbook.arbitrage.decide import Unsolved
from crossbook.arbitrage.find import opportunities
from crossbook.arbitrage.terms import Terms
from crossbook.model.claim import GOALS, Claim, Kind, Period
from crossbook.model.opportunity import Opportunity
from crossbook.model.quote import Basis, Contest, Listing, Quote, Side
from crossbook.model.venue import Venue, bookmaker, exchange

Floats: TypeAlias = NDArray[np.float64]
Counts: TypeAlias = NDArray[np.int64]
Groups: TypeAlias = Sequence[tuple[float, Sequence[int]]]
Number: TypeAlias = str | int | Fraction

ALPHA, BRAVO, CARGO, DELTA = (
    bookmaker(name.casefold(), name) for name in ("Alpha", "Bravo", "Cargo", "Delta")
)
FREE_EXCHANGE = exchange("xchange", "Xchange", Fraction(0))
TWO_PERCENT = exchange("toll", "Toll", Fraction(2, 100))


def claim(
    kind: Kind,
    selection: str,
    line: Number | None = None,
    period: Period = Period.FULL_TIME,
    subject: str = GOALS,
) -> Claim:
    """A claim, its line as text if that reads better."""
    return Claim.of(kind, selection, None if line is None else Fraction(line), period, subject)


HOME, DRAW, AWAY = (claim(Kind.MATCH_RESULT, selection) for selection in ("home", "draw", "away"))
DNB_HOME, DNB_AWAY = (claim(Kind.DRAW_NO_BET, selection) for selection in ("home", "away"))
BTTS_YES, BTTS_NO = (claim(Kind.BOTH_TEAMS_TO_SCORE, selection) for selection in ("yes", "no"))


def ah(selection: str, line: Number) -> Claim:
    """An Asian handicap; the line is the home side's."""
    return claim(Kind.ASIAN_HANDICAP, selection, line)


def total(selection: str, line: Number) -> Claim:
    """Over or under so many goals."""
    return claim(Kind.TOTAL, selection, line)


def back(
    venue: Venue,
    what: Claim,
    odds: Number,
    *,
    basis: Basis = Basis.PREMATCH,
    happened: int | None = None,
    tradable: bool = True,
    market_id: str = "",
    size: Number | None = None,
    step: Number | None = None,
    side: Side = Side.BACK,
) -> Quote:
    """A price to back at."""
    return Quote(
        venue=venue,
        claim=what,
        side=side,
        odds=Fraction(odds),
        basis=basis,
        happened=happened,
        tradable=tradable,
        market_id=market_id,
        size=None if size is None else Fraction(size),
        step=None if step is None else Fraction(step),
    )


def lay(
    venue: Venue,
    what: Claim,
    odds: Number,
    *,
    basis: Basis = Basis.PREMATCH,
    happened: int | None = None,
    tradable: bool = True,
    market_id: str = "",
) -> Quote:
    """A price to lay at."""
    return back(
        venue,
        what,
        odds,
        basis=basis,
        happened=happened,
        tradable=tradable,
        market_id=market_id,
        side=Side.LAY,
    )


def book(venue: Venue, home: Number, draw: Number, away: Number) -> list[Quote]:
    """One venue's three prices of the match result."""
    prices = zip((HOME, DRAW, AWAY), (home, draw, away), strict=True)
    return [back(venue, what, odds) for what, odds in prices]


def of_three(home: Number, draw: Number, away: Number) -> list[Quote]:
    """The three prices of the match result, each at a desk of its own."""
    whole = zip((ALPHA, BRAVO, CARGO), (HOME, DRAW, AWAY), (home, draw, away), strict=True)
    return [back(venue, what, odds) for venue, what, odds in whole]


def pair(venue: Venue, one: Claim, odds: Number, other: Claim, other_odds: Number) -> list[Quote]:
    """One venue's two prices of a two-way market."""
    return [back(venue, one, odds), back(venue, other, other_odds)]


def event(key: str = "e1", contests: tuple[Contest, ...] = ()) -> Listing:
    """A made-up match."""
    return Listing(
        source="made-up", key=key, sport="football", competition="X", home="A", away="B", contests=contests
    )


def search(
    quotes: Sequence[Quote], terms: Terms | None = None, contests: tuple[Contest, ...] = ()
) -> list[Opportunity]:
    """Everything found in one event."""
    found = list(opportunities([(event(contests=contests), quotes)], terms or Terms()))
    for one in found:
        assert isinstance(one, Opportunity), one
    return [one for one in found if not isinstance(one, Unsolved)]


def reason_names(found: Opportunity) -> set[str]:
    """The stable names of an opportunity's reasons."""
    return {reason.name for reason in found.reasons}


# ------------------------------------------------------------------ settling on arrays


class Scores:
    """Many scores as arrays: full-time counts, and first-half counts where halves matter."""

    def __init__(self, top: int, halves: bool = False) -> None:
        side = np.arange(top + 1)
        if halves:
            first_home, first_away, more_home, more_away = (
                axis.ravel() for axis in np.meshgrid(side, side, side, side, indexing="ij")
            )
            self.first = first_home, first_away
            self.second = more_home, more_away
            self.whole = first_home + more_home, first_away + more_away
        else:
            home, away = (axis.ravel() for axis in np.meshgrid(side, side, indexing="ij"))
            self.whole = home, away
            self.first = self.second = (np.zeros(0, np.int64), np.zeros(0, np.int64))

    def of(self, period: Period) -> tuple[Counts, Counts]:
        """Home and away counts of one period."""
        if period is Period.FIRST_HALF:
            return self.first
        return self.second if period is Period.SECOND_HALF else self.whole


def settled(one: Claim, scores: Scores) -> tuple[Floats, Floats]:
    """Won and refunded shares of a claim in every score."""
    home, away = scores.of(one.period)
    if one.kind in (Kind.ASIAN_HANDICAP, Kind.TOTAL, Kind.TEAM_TOTAL_HOME, Kind.TEAM_TOTAL_AWAY):
        assert one.line is not None
        counted = {
            Kind.ASIAN_HANDICAP: home - away,
            Kind.TOTAL: home + away,
            Kind.TEAM_TOTAL_HOME: home,
            Kind.TEAM_TOTAL_AWAY: away,
        }[one.kind]
        line = float(one.line)
        ahead: Floats = (counted + line if one.kind is Kind.ASIAN_HANDICAP else counted - line).astype(
            np.float64
        )
        if one.selection in ("away", "under"):
            ahead = -ahead
        quarter = 0.25 if one.line.denominator == 4 else 0.0
        lower, upper = ahead - quarter, ahead + quarter
        won: Floats = np.where(lower > 0, 0.5, 0.0) + np.where(upper > 0, 0.5, 0.0)
        refunded: Floats = np.where(lower == 0, 0.5, 0.0) + np.where(upper == 0, 0.5, 0.0)
        return won, refunded
    nothing = np.zeros(home.shape)
    if one.kind is Kind.EUROPEAN_HANDICAP:
        assert one.line is not None
        home = home + int(one.line)
    signs = {"home": home > away, "draw": home == away, "away": home < away}
    if one.kind in (Kind.DRAW_NO_BET, Kind.MONEYLINE):
        return _one_where(signs[one.selection]), _one_where(signs["draw"])
    if one.kind in (Kind.MATCH_RESULT, Kind.EUROPEAN_HANDICAP):
        hit = signs[one.selection]
    elif one.kind is Kind.DOUBLE_CHANCE:
        (missing,) = signs.keys() - one.selection.split("_")
        hit = ~signs[missing]
    elif one.kind is Kind.BOTH_TEAMS_TO_SCORE:
        hit = (np.minimum(home, away) > 0) == (one.selection == "yes")
    elif one.kind is Kind.CORRECT_SCORE:
        first, second = map(int, one.selection.split("-"))
        hit = (home == first) & (away == second)
    elif one.kind is Kind.EXACT_TOTAL:
        goals = int(one.selection.rstrip("+"))
        hit = (home + away >= goals) if one.selection.endswith("+") else (home + away == goals)
    elif one.kind is Kind.ODD_EVEN:
        hit = (home + away) % 2 == (one.selection == "odd")
    else:
        assert one.kind is Kind.WIN_TO_NIL
        winner, loser = (home, away) if one.selection == "home" else (away, home)
        hit = (winner > 0) & (loser == 0)
    return _one_where(hit), nothing


def _one_where(hit: NDArray[np.bool_]) -> Floats:
    shares: Floats = np.where(hit, 1.0, 0.0)
    return shares


def returns_on(quotes: Sequence[Quote], scores: Scores) -> Floats:
    """Gross returns per unit at risk, shape (quotes, scores). A layer keeps what the backer loses and pays the rest."""
    rows = []
    for quote in quotes:
        won, refunded = settled(quote.claim, scores)
        odds = float(quote.odds)
        if quote.side is Side.BACK:
            rows.append(won * odds + refunded)
        else:
            rows.append(1 - won + (1 - won - refunded) / (odds - 1))
    return np.array(rows)


def distinct(columns: Floats) -> set[tuple[float, ...]]:
    """The different columns of an array."""
    return set(map(tuple, np.unique(columns, axis=1).T.tolist()))


# ------------------------------------------------------------------ the best guaranteed plan, by scipy


def best_guarantee(returns: Floats, groups: Groups = ()) -> float:
    """The greatest worst-case net result of one unit at risk: 1 + profit, commission on each group's net winnings."""
    count, states = returns.shape
    profits = returns - 1.0
    width = count + 1 + len(groups) * states
    rows, limits = [], []
    for state in range(states):
        row = np.zeros(width)
        row[:count] = -profits[:, state]
        row[count] = 1.0
        for number, (rate, _) in enumerate(groups):
            row[count + 1 + number * states + state] = rate
        rows.append(row)
        limits.append(0.0)
        for number, (_, members) in enumerate(groups):
            tax = np.zeros(width)
            tax[list(members)] = profits[list(members), state]
            tax[count + 1 + number * states + state] = -1.0
            rows.append(tax)
            limits.append(0.0)
    budget = np.zeros((1, width))
    budget[0, :count] = 1.0
    cost = np.zeros(width)
    cost[count] = -1.0
    bounds = [(0.0, None)] * count + [(None, None)] + [(0.0, None)] * (width - count - 1)
    answer = linprog(
        cost,
        A_ub=np.array(rows),
        b_ub=np.array(limits),
        A_eq=budget,
        b_eq=[1.0],
        bounds=bounds,
        method="highs",
    )
    assert answer.fun is not None, answer.message
    return 1.0 - float(answer.fun)


def best_on_scores(quotes: Sequence[Quote], scores: Scores) -> float:
    """The greatest guaranteed return of quotes over every score of a grid, scores that pay alike looked at once."""
    return best_guarantee(np.unique(returns_on(quotes, scores), axis=1))


# ------------------------------------------------------------------ random quotes


_PLAIN: dict[Kind, tuple[str, ...]] = {
    Kind.MATCH_RESULT: ("home", "draw", "away"),
    Kind.DOUBLE_CHANCE: ("home_draw", "home_away", "draw_away"),
    Kind.DRAW_NO_BET: ("home", "away"),
    Kind.BOTH_TEAMS_TO_SCORE: ("yes", "no"),
    Kind.CORRECT_SCORE: ("0-0", "1-0", "2-1", "0-3", "5-5"),
    Kind.EXACT_TOTAL: ("0", "1", "3", "7+"),
    Kind.ODD_EVEN: ("odd", "even"),
    Kind.WIN_TO_NIL: ("home", "away"),
}
_WITH_LINE = {
    Kind.ASIAN_HANDICAP: ("home", "away"),
    Kind.EUROPEAN_HANDICAP: ("home", "draw", "away"),
    Kind.TOTAL: ("over", "under"),
    Kind.TEAM_TOTAL_HOME: ("over", "under"),
    Kind.TEAM_TOTAL_AWAY: ("over", "under"),
}
BY_MARGIN_AND_SUM = (
    Kind.MATCH_RESULT,
    Kind.DOUBLE_CHANCE,
    Kind.DRAW_NO_BET,
    Kind.ODD_EVEN,
    Kind.ASIAN_HANDICAP,
    Kind.EUROPEAN_HANDICAP,
    Kind.TOTAL,
)
EVERY_KIND = (*_PLAIN, *_WITH_LINE)


def random_claim(
    rng: random.Random,
    kinds: Sequence[Kind] = EVERY_KIND,
    margins: tuple[int, int] = (-4, 4),
    sums: tuple[int, int] = (0, 6),
    period: Period = Period.FULL_TIME,
) -> Claim:
    """Any claim of these kinds, handicaps and totals with lines between these whole numbers."""
    kind = rng.choice(kinds)
    if kind in _PLAIN:
        return claim(kind, rng.choice(_PLAIN[kind]), None, period)
    low, high = margins if kind in (Kind.ASIAN_HANDICAP, Kind.EUROPEAN_HANDICAP) else sums
    line = Fraction(rng.randint(4 * low, 4 * high), 4)
    if kind is Kind.EUROPEAN_HANDICAP:
        line = Fraction(int(line))
    return claim(kind, rng.choice(_WITH_LINE[kind]), line, period)


def priced(rng: random.Random, claims: Iterable[Claim], scores: Scores) -> list[Quote]:
    """A quote on each claim, near the fair price of some random chances, so that many sets are near break-even."""
    chances = np.exp(np.array([rng.gauss(0, 0.3) for _ in range(len(scores.whole[0]))]))
    for counts in scores.whole:
        chances = chances * np.exp(-((counts - 1.4) ** 2) / 4)
    chances /= chances.sum()
    quotes = []
    for one in dict.fromkeys(claims):
        won, refunded = (float(share @ chances) for share in settled(one, scores))
        fair = (1 - refunded) / won if won > 1e-9 else 500.0
        side = rng.choice((Side.BACK, Side.BACK, Side.LAY))
        edge = rng.uniform(-0.06, 0.05) * (1 if side is Side.BACK else -1)
        odds = min(max(Fraction(round(fair * (1 + edge) * 100), 100), Fraction(102, 100)), Fraction(900))
        quotes.append(back(rng.choice((ALPHA, BRAVO, CARGO)), one, odds, side=side))
    return quotes
