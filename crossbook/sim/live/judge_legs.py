"""What legs give at every score: the judge's own arithmetic, exact, with commission on each market's net winnings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from itertools import combinations, islice
from typing import Final

import msgspec
import numpy as np
from scipy.optimize import linprog

from crossbook.sim.live.judge_prices import Seen
from crossbook.sim.scores import ASIAN_HANDICAP, SCORES, SELECTIONS, Bet, halves

NOTHING: Final = Fraction(0)
_TRIED: Final = 20_000
"""How many choices of worst states are tried before the best shares are taken to be found."""
_LINE_PARTS: Final = (1, 2, 4)


class Bought(msgspec.Struct, frozen=True):
    """One leg: where, on what, at which exact odds. `outlay` is its share or the money it risks."""

    venue: str
    bet: Bet
    side: str
    odds: Fraction
    outlay: Fraction = NOTHING


def settles(bet: Bet) -> bool:
    """Whether the judge knows how a bet settles: a market of the world, with a line on the quarter grid or none."""
    market, selection, line = bet
    if selection not in SELECTIONS.get(market, ()):
        return False
    with_line = market not in ("1x2", "btts")
    return (line is not None and line.denominator in _LINE_PARTS) if with_line else line is None


def gains(leg: Bought) -> list[Fraction]:
    """The net gain at every score for one unit at risk, before commission."""
    win, lose = (leg.odds - 1, Fraction(-1)) if leg.side == "back" else (Fraction(-1), 1 / (leg.odds - 1))
    won, refunded = halves(leg.bet)
    return [(win * won[i] + lose * (2 - won[i] - refunded[i])) / 2 for i in range(len(SCORES))]


class Legs:
    """Legs that are held together. Every claim must settle, and all odds be above one."""

    def __init__(self, legs: Sequence[Bought], commission: Mapping[str, Fraction]) -> None:
        self.legs = legs
        self._states = sorted(set(zip(*(gains(leg) for leg in legs), strict=True)))
        groups: dict[tuple[str, str, Fraction | None], list[int]] = {}
        for place, leg in enumerate(legs):
            if commission.get(leg.venue):
                market, _, line = leg.bet
                # A venue settles all lines of its handicap in one market; each total is a market of its own.
                one = None if market == ASIAN_HANDICAP else line
                groups.setdefault((leg.venue, market, one), []).append(place)
        self._taxed = [(commission[venue], places) for (venue, _, _), places in groups.items()]

    def worst(self, outlays: Sequence[Fraction]) -> Fraction:
        """The least net gain over all scores, after commission, with these outlays on the legs."""
        return min(sum(row, NOTHING) for row in self._rows(outlays, weighed=True))

    def _rows(self, outlays: Sequence[Fraction], weighed: bool) -> list[list[Fraction]]:
        """Each state's net gains by leg; where a market nets a profit, its legs' gains are less the commission."""
        rows = []
        for state in self._states:
            row = list(state)
            for rate, places in self._taxed:
                if sum(outlays[place] * state[place] for place in places) > 0:
                    for place in places:
                        row[place] *= 1 - rate
            rows.append(
                [gain * outlay for gain, outlay in zip(row, outlays, strict=True)] if weighed else row
            )
        return rows

    def guaranteed(self, shares: Sequence[Fraction], wanted: Fraction) -> Fraction:
        """The guaranteed return of one unit at the best shares, or the first found that reaches `wanted`.

        The best shares make as many states equal as there are legs. Which states is looked for from those that
        are worst with the given shares; each answer is counted out over all states.
        """
        whole = sum(shares, NOTHING)
        best = 1 + self.worst([share / whole for share in shares]) if whole > 0 else NOTHING
        rows = self._rows(shares, weighed=False)
        rows.sort(key=lambda row: sum(gain * share for gain, share in zip(row, shares, strict=True)))
        for chosen in islice(combinations(rows, len(self.legs)), _TRIED):
            if best >= wanted:
                break
            solved = _linear([[*[1 + gain for gain in row], Fraction(1)] for row in chosen])
            if solved is None or min(solved) < 0:
                continue
            total = sum(solved, NOTHING)
            best = max(best, 1 + self.worst([each / total for each in solved]))
        return best


def _linear(rows: list[list[Fraction]]) -> list[Fraction] | None:
    """Solve the square system whose rows end in their right side; None when it has no single solution."""
    size = len(rows)
    for column in range(size):
        pivot = next((row for row in range(column, size) if rows[row][column]), None)
        if pivot is None:
            return None
        rows[column], rows[pivot] = rows[pivot], rows[column]
        upper = [each / rows[column][column] for each in rows[column]]
        rows[column] = upper
        for row in range(size):
            factor = rows[row][column]
            if row != column and factor:
                rows[row] = [left - factor * right for left, right in zip(rows[row], upper, strict=True)]
    return [row[size] for row in rows]


def promises(prices: Iterable[Seen], commission: Mapping[str, Fraction]) -> float:
    """The most that any combination of these prices returns at every score, each taken at its word; nearly exact."""
    best: dict[tuple[Bet, str], Bought] = {}
    for seen in prices:
        odds, post = seen.post.odds, seen.post
        if odds is None or odds <= 1:
            continue
        kept = 1 - commission.get(post.venue, NOTHING)
        net = 1 + (odds - 1) * (kept if post.side == "back" else 1 / kept)
        known = best.get((post.bet, post.side))
        if known is None or (net > known.odds if post.side == "back" else net < known.odds):
            best[post.bet, post.side] = Bought(post.venue, post.bet, post.side, net)
    if not best:
        return 0.0
    # A price's claims gain at 121 scores, but many scores are alike for all of them.
    table = np.unique(np.array([[float(gain) for gain in gains(leg)] for leg in best.values()]), axis=1)
    count, states = table.shape
    found = linprog(
        [0.0] * count + [-1.0],
        A_ub=np.hstack([-1 - table.T, np.ones((states, 1))]),
        b_ub=np.zeros(states),
        A_eq=[[1.0] * count + [0.0]],
        b_eq=[1.0],
        bounds=[(0, None)] * count + [(None, None)],
    )
    return -float(found.fun) if found.fun is not None else 0.0
