"""What is to be gained from quotes, worked out without the product.

The states are all scores from 0-0 to 12-12, with all half-times to 6-6 where halves are quoted (and 6 more for each
side after it), or all winners of a contest. Settlement is that of `tests.oracles.settlement_reference`; the best
guaranteed return is a linear programme solved by scipy's HiGHS.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog

from crossbook.model.claim import Claim, Kind, Period
from crossbook.model.quote import Contest, Listing, Quote, Side
from tests.faults.goals import paid
from tests.oracles.settlement_reference import settle_winner

MOST = 12
_HALF = 6
NOTHING = 1e-7


class Proof(NamedTuple):
    """The best guaranteed margin (below zero where nothing can be won) and the quotes it takes."""

    margin: float
    legs: tuple[Quote, ...]


@lru_cache(maxsize=4096)
def _full(claim: Claim, joint: bool) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Won and refunded over the states, as flat arrays."""
    won, refunded = paid(claim)
    if not joint:
        return won[: MOST + 1, : MOST + 1].ravel(), refunded[: MOST + 1, : MOST + 1].ravel()
    half = np.arange(_HALF + 1)
    home_half, away_half, home_rest, away_rest = np.meshgrid(half, half, half, half, indexing="ij")
    first = claim.period is Period.FIRST_HALF
    home = home_half if first else home_half + home_rest
    away = away_half if first else away_half + away_rest
    return won[home, away].ravel(), refunded[home, away].ravel()


def _winner(claim: Claim, contest: Contest) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    ends: list[set[str]] = [{runner} for runner in contest.runners] + ([] if contest.complete else [set()])
    won = np.array([float(settle_winner(claim.selection, end, contest.places)[0]) for end in ends])
    return won, np.zeros_like(won)


def _gain(
    quote: Quote, won: NDArray[np.float64], refunded: NDArray[np.float64], rate: float
) -> NDArray[np.float64]:
    """What a unit at risk returns in each state, net of commission on what this leg alone wins."""
    odds = float(quote.odds)
    if quote.side is Side.BACK:
        net = won * odds + refunded - 1
    else:
        net = (1 - won - refunded) / (odds - 1) - won
    return np.asarray(1 + np.where(net > 0, net * (1 - rate), net))


def _best_only(quotes: Sequence[Quote], fees: bool) -> list[tuple[Quote, float]]:
    """Of each claim and side the offer that pays most, with the commission counted for it."""
    best: dict[tuple[Claim, Side], tuple[float, Quote, float]] = {}
    for quote in quotes:
        if not quote.tradable:
            continue
        rate = float(quote.venue.commission or 0) if fees else 0.0
        net = float(quote.odds) - 1 if quote.side is Side.BACK else 1 / (float(quote.odds) - 1)
        key = (quote.claim, quote.side)
        if key not in best or net * (1 - rate) > best[key][0]:
            best[key] = (net * (1 - rate), quote, rate)
    return [(quote, rate) for _, quote, rate in best.values()]


def prove(listing: Listing, quotes: Sequence[Quote], fees: bool = True) -> Proof:
    """The best guaranteed margin over all states.

    With `fees` each leg pays its own commission: no more than can be had. Without, none is paid: no less.
    """
    if not quotes:
        return Proof(-1.0, ())
    best = _best_only(quotes, fees)
    joint = any(quote.claim.period is Period.FIRST_HALF for quote, _ in best)
    rows = []
    for quote, rate in best:
        if quote.claim.kind is Kind.WINNER:
            contest = next(one for one in listing.contests if one.subject == quote.claim.subject)
            rows.append(_gain(quote, *_winner(quote.claim, contest), rate))
        else:
            rows.append(_gain(quote, *_full(quote.claim, joint), rate))
    gains = np.unique(np.array(rows), axis=1)
    count, states = gains.shape
    answer = linprog(
        np.append(np.zeros(count), -1.0),
        A_ub=np.hstack([-gains.T, np.ones((states, 1))]),
        b_ub=np.zeros(states),
        A_eq=np.append(np.ones(count), 0.0)[None, :],
        b_eq=[1.0],
        bounds=[(0, None)] * count + [(None, None)],
        method="highs",
    )
    if answer.x is None or answer.status != 0:
        raise ArithmeticError(f"the programme was not solved: {answer.message}")
    legs = tuple(quote for (quote, _), share in zip(best, answer.x, strict=False) if share > NOTHING)
    return Proof(float(answer.x[-1]) - 1, legs)
