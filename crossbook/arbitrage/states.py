"""The states of the world that a set of claims can tell apart.

A claim's payoff depends on few things (who won, the margin, the count), so thousands of scores fall into a few dozen
states. They are found by settling every claim in every score and keeping one score of each different outcome.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

from crossbook.arbitrage.course import DECIDED, OPEN, Course
from crossbook.arbitrage.races import SettledRaces, Withdrawal
from crossbook.arbitrage.scores import scores_of
from crossbook.arbitrage.sets import SettledSets
from crossbook.arbitrage.settled import Settled, shares_of
from crossbook.base.errors import BadData
from crossbook.model.claim import RACES, SETS, SETS_WON, Claim, Kind
from crossbook.model.quote import Contest, Quote
from crossbook.model.result import Resolution

_MOST_SETTLED = 8_000_000
"""Claims × results that are settled for one event."""
_MANY = 60
"""Of sets of more claims than this fewer are remembered: their states fill megabytes."""


class States:
    """The collapsed states of some claims of one space.

    `results` holds one result for each state. `won`, `refunded` and `codes` are arrays of shape (claims, states) in
    the order of `claims`; a code names the settlement for `settlement_of`, which has it exactly.
    """

    def __init__(self, claims: Sequence[Claim], settled: Settled) -> None:
        if settled.work(claims) > _MOST_SETTLED:
            raise BadData(
                f"line: {len(claims)} claims in {len(settled)} results are too many to look at together"
            )
        self.claims = tuple(claims)
        self.place = {claim: place for place, claim in enumerate(self.claims)}
        places = settled.different(claims)
        self.results = tuple(settled.result(place) for place in places.tolist())
        self.codes: NDArray[np.uint16] = settled.codes_at(claims, places)

    @cached_property
    def won(self) -> NDArray[np.float64]:
        """The won share of each claim in each state."""
        return shares_of(self.codes)[0]

    @cached_property
    def refunded(self) -> NDArray[np.float64]:
        """The refunded share of each claim in each state."""
        return shares_of(self.codes)[1]


def states_of(
    claims: frozenset[Claim], contest: Contest | None = None, course: Course | bool = OPEN
) -> States:
    """The states that these claims of one space can tell apart, in events that run like `course` says.

    A course of True knows nothing, one of False only that the final count is not level. Raises BadData when the claims
    are of different spaces, or when there are too many states to look at.
    """
    if isinstance(course, bool):
        course = OPEN if course else DECIDED
    remembered = _states_of_many if len(claims) > _MANY else _states_of_few
    return remembered(claims, contest, course)


def states_after(claims: frozenset[Claim], contest: Contest | None, withdrawal: Withdrawal) -> States:
    """The states of a race from which some have been withdrawn, for bets that were made before."""
    return States(_ordered(claims), SettledRaces(_ordered(claims), contest, withdrawal))


@lru_cache(maxsize=512)
def _states_of_few(claims: frozenset[Claim], contest: Contest | None, course: Course) -> States:
    return _states(claims, contest, course)


@lru_cache(maxsize=64)
def _states_of_many(claims: frozenset[Claim], contest: Contest | None, course: Course) -> States:
    return _states(claims, contest, course)


def _ordered(claims: frozenset[Claim]) -> list[Claim]:
    return sorted(claims, key=lambda claim: (claim.market, claim.line or 0, claim.selection))


def _states(claims: frozenset[Claim], contest: Contest | None, course: Course) -> States:
    spaces = {course.space(claim.space) for claim in claims}
    if len(spaces) != 1:
        raise BadData("claims: states are made for claims of one space")
    ordered = _ordered(claims)
    first = ordered[0]
    if first.kind in RACES:
        return States(ordered, SettledRaces(ordered, contest))
    if first.kind is Kind.CONTRACT:
        return States(ordered, Settled([Resolution(1), Resolution(0), Resolution(1, 2)]))
    if course.sets is not None and spaces == {SETS_WON}:
        return States(ordered, SettledSets(ordered, course.sets))
    if first.period in SETS:
        raise BadData(f"period: {first.period.value} needs a match that is known to be played in sets")
    return States(ordered, scores_of(ordered, course))


def gross_coefficients(odds: Fraction, lay: bool) -> tuple[Fraction, Fraction, Fraction]:
    """Coefficients (a, b, c) of the gross return per unit at risk: a × won share + b × refunded share + c.

    A layer risks odds − 1 to win the backer's stake: with k = 1 / (odds − 1), the return is 1 + k − won (1 + k) −
    refunded k.
    """
    if not lay:
        return odds, Fraction(1), Fraction(0)
    k = 1 / (odds - 1)
    return -(1 + k), -k, 1 + k


def gross_returns(quotes: Sequence[Quote], states: States) -> NDArray[np.float64]:
    """Gross returns per unit at risk in floating point, before commission; shape (quotes, states)."""
    places = [states.place[quote.claim] for quote in quotes]
    ranks = np.array([quote.rank for quote in quotes])
    lay, odds = ranks < 0, np.abs(ranks)
    k = np.divide(1.0, odds - 1.0, out=np.zeros_like(odds), where=lay)
    won = np.where(lay, -(1 + k), odds)
    refunded = np.where(lay, -k, 1.0)
    fixed = np.where(lay, 1 + k, 0.0)
    # What each quote returns in each settlement there is, and then, state by state, in the one of its claim.
    kinds = int(states.codes.max()) + 1
    shares_won, shares_refunded = shares_of(np.arange(kinds, dtype=np.uint16))
    returns = won[:, None] * shares_won + refunded[:, None] * shares_refunded + fixed[:, None]
    gross: NDArray[np.float64] = returns[np.arange(len(quotes))[:, None], states.codes[places]]
    return gross
