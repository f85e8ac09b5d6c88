"""Every claim that made-up venues quote, and what a pair of goal rates says is a fair price for it."""

from __future__ import annotations

from fractions import Fraction
from math import exp, factorial
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from crossbook.model.claim import Claim, Kind, Period
from tests.oracles.always_solve_states import Grid, shares

Floats = NDArray[np.float64]
_GRID: Final = Grid(14, halves=False)
_FIRST_HALF_SHARE: Final = 0.45


class Family(NamedTuple):
    """The claims of one kind and period: rungs of claims that stand together on one line."""

    name: str
    rungs: tuple[tuple[Claim, ...], ...]
    has_lines: bool


def _quarters(first: int, last: int) -> list[Fraction]:
    return [Fraction(quarter, 4) for quarter in range(first, last + 1)]


def _family(
    kind: Kind,
    selections: tuple[str, ...],
    lines: list[Fraction] | None = None,
    period: Period = Period.FULL_TIME,
) -> Family:
    name = kind.value if period is Period.FULL_TIME else f"{period.value}_{kind.value}"
    rungs = tuple(
        tuple(Claim.of(kind, selection, line, period) for selection in selections)
        for line in (lines if lines is not None else [None])
    )
    return Family(name, rungs, lines is not None)


def _halves(period: Period) -> list[Family]:
    return [
        _family(Kind.MATCH_RESULT, ("home", "draw", "away"), None, period),
        _family(Kind.ASIAN_HANDICAP, ("home", "away"), _quarters(-4, 4), period),
        _family(Kind.TOTAL, ("over", "under"), _quarters(2, 10), period),
        _family(Kind.BOTH_TEAMS_TO_SCORE, ("yes", "no"), None, period),
    ]


_SCORES: Final = tuple(f"{home}-{away}" for home in range(5) for away in range(5) if home + away <= 5)
FULL_TIME_FAMILIES: Final = (
    _family(Kind.MATCH_RESULT, ("home", "draw", "away")),
    _family(Kind.DOUBLE_CHANCE, ("home_draw", "home_away", "draw_away")),
    _family(Kind.DRAW_NO_BET, ("home", "away")),
    _family(Kind.ASIAN_HANDICAP, ("home", "away"), _quarters(-10, 10)),
    _family(Kind.TOTAL, ("over", "under"), _quarters(2, 22)),
    _family(Kind.EUROPEAN_HANDICAP, ("home", "draw", "away"), [Fraction(line) for line in (-2, -1, 1, 2)]),
    _family(Kind.BOTH_TEAMS_TO_SCORE, ("yes", "no")),
    _family(Kind.TEAM_TOTAL_HOME, ("over", "under"), _quarters(2, 14)),
    _family(Kind.TEAM_TOTAL_AWAY, ("over", "under"), _quarters(2, 14)),
    _family(Kind.CORRECT_SCORE, _SCORES),
    _family(Kind.EXACT_TOTAL, ("0", "1", "2", "3", "4", "5", "6", "7+")),
    _family(Kind.ODD_EVEN, ("odd", "even")),
    _family(Kind.WIN_TO_NIL, ("home", "away")),
)
HALF_FAMILIES: Final = (*_halves(Period.FIRST_HALF), *_halves(Period.SECOND_HALF))
FAMILIES: Final = (*FULL_TIME_FAMILIES, *HALF_FAMILIES)
MENU: Final = tuple(claim for family in FAMILIES for rung in family.rungs for claim in rung)
PLACE: Final = {claim: place for place, claim in enumerate(MENU)}


def _tables(period: Period) -> tuple[list[int], Floats, Floats]:
    places = [place for place, claim in enumerate(MENU) if claim.period is period]
    both = [shares(MENU[place], _GRID) for place in places]
    return places, np.array([won for won, _ in both]) / 2, np.array([refunded for _, refunded in both]) / 2


_TABLES: Final = {
    period: _tables(period) for period in (Period.FULL_TIME, Period.FIRST_HALF, Period.SECOND_HALF)
}
_PART: Final = {
    Period.FULL_TIME: 1.0,
    Period.FIRST_HALF: _FIRST_HALF_SHARE,
    Period.SECOND_HALF: 1 - _FIRST_HALF_SHARE,
}


def _poisson(rate: float) -> Floats:
    return np.array([exp(-rate) * rate**goals / factorial(goals) for goals in range(_GRID.top + 1)])


def fair_odds(home_rate: float, away_rate: float, draw: float = 0.0) -> Floats:
    """The fair odds of every claim of the menu: goals by independent Poisson counts, draws made likelier by `draw`.

    Odds are 1 + lost/won, which gives a backer nothing on average, refunds included.
    """
    odds = np.empty(len(MENU))
    for period, (places, won, refunded) in _TABLES.items():
        part = _PART[period]
        chances = np.outer(_poisson(home_rate * part), _poisson(away_rate * part))
        chances[np.diag_indices(len(chances))] *= 1 + draw
        flat = (chances / chances.sum()).ravel()
        wins, backs = won @ flat, refunded @ flat
        odds[places] = 1 + np.maximum(1 - wins - backs, 1e-9) / np.maximum(wins, 1e-9)
    return odds
