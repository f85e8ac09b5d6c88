"""The programme of whole counts in floating point: what HiGHS proposes, and how far each count may stray.

maximise t while, in every outcome w,  Σ count × gain(w) + fixed(w) − Σ commission × y(market, w) ≥ t,  y ≥ the market's
net winnings, y ≥ 0, and every limit holds. Commission on net winnings is convex, so it is exact. Money counts in what
the largest step gains or costs, so that the solver's tolerances are far below one.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

import highspy
import numpy as np

from crossbook.arbitrage.outcomes import Outcomes
from crossbook.arbitrage.program import Entries, optimum, solver_of

_INFINITE: Final = highspy.kHighsInf
_MOST_NODES: Final = 1_000
"""Nodes × choices of a search for whole numbers."""
_SLACK: Final = 1e-6
"""How much less than the worst case to beat is asked for: far more than the solver's tolerances."""
_TOLERANCE: Final = 1e-9
_WIDER: Final = 1e-3
"""How much wider than the solver says a range is taken, in counts."""
_MOST_LIKELY: Final = 42
"""Choices that a proposal is made of."""
_MOST_RANGES: Final = 24
"""Choices of which ranges are looked for one by one."""


class Relaxed:
    """One set of outcomes as a programme that is solved several times."""

    def __init__(self, outcomes: Outcomes) -> None:
        gains = outcomes.gains.astype(np.float64)
        self.unit = float(np.abs(gains).max(initial=0.0)) or 1.0
        self._outcomes = outcomes
        self._gains = gains / self.unit
        self._fixed = outcomes.fixed.astype(np.float64) / self.unit
        self._most = np.array(outcomes.most, np.float64)
        self._count = len(gains)

    def proposal(self) -> list[int]:
        """Whole counts with the greatest worst case, as far as the search for them went and the solver's digits go."""
        solver = self._solver()
        likely = list(range(self._count))
        if self._count > _MOST_LIKELY:
            optimum(solver)
            solution = solver.getSolution()
            # Those in use first, and then those that would cost least to use.
            values, duals = np.array(solution.col_value), np.abs(solution.col_dual)
            ranked = np.lexsort((duals[: self._count], values[: self._count] <= 0.0))
            likely = sorted(ranked[:_MOST_LIKELY].tolist())
            for place in set(range(self._count)).difference(likely):
                solver.changeColBounds(place, 0.0, 0.0)
        for name in ("mip_rel_gap", "mip_abs_gap"):
            solver.setOptionValue(name, 0.0)
        solver.setOptionValue("mip_max_nodes", max(1, _MOST_NODES // len(likely)))
        for place in likely:
            least = self._outcomes.least[place]
            kind = highspy.HighsVarType.kSemiInteger if least > 1 else highspy.HighsVarType.kInteger
            solver.changeColIntegrality(place, kind)
            if least > 1:
                solver.changeColBounds(place, float(least), self._most[place])
        optimum(solver)
        return [round(value) for value in solver.getSolution().col_value[: self._count]]

    def ranges(self, worst: int, among: Collection[int] | None = None) -> list[tuple[int, int]] | None:
        """The least and the most of each count in any plan with at least this worst case; None: too many to look at.

        They are wide enough for the solver's errors: what lies outside is worse. Only places in `among` are used.
        """
        beat = float(worst) / self.unit
        beat -= _SLACK * max(1.0, abs(beat))
        solver = self._solver()
        for name in ("primal_feasibility_tolerance", "dual_feasibility_tolerance"):
            solver.setOptionValue(name, _TOLERANCE)
        most = self._most.copy()
        if among is not None:
            most[[place for place in range(self._count) if place not in among]] = 0.0
            for place in range(self._count):
                solver.changeColBounds(place, 0.0, most[place])
        optimum(solver)
        solution = solver.getSolution()
        spare = max(solver.getObjectiveValue() - beat, 0.0)
        duals, values = (
            np.array(solution.col_dual[: self._count]),
            np.array(solution.col_value[: self._count]),
        )
        # Raising a count that the optimum leaves at none costs its dual each step.
        idle = (values <= 0.0) & (np.abs(duals) > _SLACK)
        most[idle] = np.minimum(most[idle], np.floor(spare / np.abs(duals[idle]) * (1 + _SLACK) + _WIDER))
        most[most < np.array(self._outcomes.least)] = 0.0
        open_places = [int(place) for place in np.flatnonzero(most)]
        if len(open_places) > _MOST_RANGES:
            return None
        solver.changeColBounds(self._count, beat, _INFINITE)
        solver.changeColCost(self._count, 0.0)
        for place in range(self._count):
            solver.changeColBounds(place, 0.0, most[place])
        found = [(0, 0)] * self._count
        for place in open_places:
            solver.changeColCost(place, 1.0)
            ends = []
            for sense in (highspy.ObjSense.kMinimize, highspy.ObjSense.kMaximize):
                solver.changeObjectiveSense(sense)
                optimum(solver)
                ends.append(solver.getObjectiveValue())
            solver.changeColCost(place, 0.0)
            wider = _WIDER + _TOLERANCE * abs(ends[1])
            first, last = int(np.ceil(ends[0] - wider)), int(np.floor(ends[1] + wider))
            found[place] = max(first, 0), min(last, self._outcomes.most[place])
        return found

    def _solver(self) -> highspy.Highs:
        """Columns: the choices, t, then one y for each outcome of each market with several bets."""
        count, outcomes = self._count, self._outcomes
        rows = self._gains.shape[1]
        every = np.arange(rows)
        markets = outcomes.markets
        width, height = count + 1 + rows * len(markets), rows * (1 + len(markets)) + len(outcomes.limits)
        model = highspy.HighsLp()
        model.num_col_, model.num_row_ = width, height
        model.sense_ = highspy.ObjSense.kMaximize
        model.col_cost_ = np.concatenate([np.zeros(count), [1.0], np.zeros(width - count - 1)])
        model.col_lower_ = np.concatenate([np.zeros(count), [-_INFINITE], np.zeros(width - count - 1)])
        model.col_upper_ = np.concatenate([self._most, np.full(width - count, _INFINITE)])
        row_lower, row_upper = np.zeros(height), np.full(height, _INFINITE)
        entries = Entries()
        row_lower[:rows] = -self._fixed
        entries.add(np.repeat(every, count), np.tile(np.arange(count), rows), self._gains.T.reshape(-1))
        entries.add(every, count, -1.0)
        for number, market in enumerate(markets):
            taken, first = count + 1 + number * rows + every, rows * (1 + number)
            entries.add(every, taken, -float(market.rate))
            entries.add(first + every, taken, 1.0)
            row_lower[first : first + rows] = market.fixed.astype(np.float64) / self.unit
            for place, won in zip(market.places, market.won.astype(np.float64) / self.unit, strict=True):
                entries.add(first + every, place, -won)
        first = rows * (1 + len(markets))
        for number, (weights, most) in enumerate(zip(outcomes.weights, outcomes.limits, strict=True)):
            row = weights.astype(np.float64)
            largest = float(row.max(initial=0.0)) or 1.0
            row_lower[first + number], row_upper[first + number] = -_INFINITE, float(most) / largest
            entries.add(np.full(count, first + number), np.arange(count), row / largest)
        model.row_lower_, model.row_upper_ = row_lower, row_upper
        entries.write(model)
        return solver_of(model)
