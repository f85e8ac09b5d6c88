"""The linear programme over (instrument, state), solved by HiGHS, and the same with whole numbers for stakes.

maximise t while, in every state w,  Σ risk × (gross(w) − 1) − Σ commission × y(market, w) ≥ t,  y ≥ market's net
winnings, y ≥ 0. Commission is taken from net winnings per market, which is convex, so the programme is exact.
"""

from __future__ import annotations

from collections.abc import Sequence

import highspy
import numpy as np
from numpy.typing import NDArray

from crossbook.arbitrage.instrument import Instrument, shared_markets
from crossbook.arbitrage.states import States, gross_returns
from crossbook.base.errors import BadData


class Columns:
    """Profits per unit at risk and commission groups of some instruments, in floating point."""

    def __init__(self, instruments: Sequence[Instrument], states: States) -> None:
        self.shared = shared_markets(instruments)
        together = {place for places in self.shared.values() for place in places}
        self.profits = gross_returns([instrument.quote for instrument in instruments], states) - 1.0
        self.rates = {name: float(instruments[places[0]].commission) for name, places in self.shared.items()}
        for place, instrument in enumerate(instruments):
            if instrument.commission and place not in together:
                row = self.profits[place]
                self.profits[place] = np.where(row > 0, row * (1 - float(instrument.commission)), row)


def best_shares(columns: Columns) -> tuple[float, NDArray[np.float64]]:
    """The greatest guaranteed profit per unit at risk, and the share of the unit on each instrument."""
    count = len(columns.profits)
    model = _model(columns, np.ones(count), np.full(count, highspy.kHighsInf))
    model.addRow(1.0, 1.0, count, np.arange(count, dtype=np.int32), np.ones(count))
    _optimum(model)
    values = np.array(model.getSolution().col_value)
    return float(values[count]), np.maximum(values[:count], 0.0)


def best_counts(
    columns: Columns,
    steps: Sequence[float],
    least: Sequence[int],
    most: Sequence[int],
    bank: float,
) -> list[int]:
    """Whole numbers of steps on each instrument with the greatest guaranteed profit for the bank.

    `steps` is the money one step puts at risk; an instrument is left out or has from `least` to `most` steps.
    """
    count = len(steps)
    scale = np.array(steps)
    model = _model(columns, scale, np.array(most, dtype=np.float64))
    model.setOptionValue("mip_rel_gap", 0.0)
    model.setOptionValue("mip_abs_gap", 0.0)
    kinds = [
        highspy.HighsVarType.kSemiInteger if lowest > 1 else highspy.HighsVarType.kInteger for lowest in least
    ]
    for place in range(count):
        model.changeColIntegrality(place, kinds[place])
        if least[place] > 1:
            model.changeColBounds(place, float(least[place]), float(most[place]))
    model.addRow(-highspy.kHighsInf, bank, count, np.arange(count, dtype=np.int32), scale)
    _optimum(model)
    return [round(value) for value in model.getSolution().col_value[:count]]


class _Entries:
    """The nonzero entries of a matrix, as they come."""

    def __init__(self) -> None:
        self._parts: list[tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float64]]] = []

    def add(
        self, rows: NDArray[np.intp], columns: NDArray[np.intp] | int, values: NDArray[np.float64] | float
    ) -> None:
        """Put values at (rows, columns); single columns and values serve every row."""
        spread = np.broadcast_to(np.asarray(values, dtype=np.float64), rows.shape)
        self._parts.append((rows, np.broadcast_to(columns, rows.shape), spread))

    def write(self, model: highspy.HighsLp) -> None:
        """Write them into a model, row by row."""
        rows, columns, values = (np.concatenate(part) for part in zip(*self._parts, strict=True))
        order = np.flatnonzero(values)
        order = order[np.lexsort((columns[order], rows[order]))]
        model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        model.a_matrix_.start_ = np.searchsorted(rows[order], np.arange(model.num_row_ + 1)).astype(np.int32)
        model.a_matrix_.index_ = columns[order].astype(np.int32)
        model.a_matrix_.value_ = values[order]


def _optimum(model: highspy.Highs) -> None:
    model.run()
    status = model.getModelStatus()
    if status != highspy.HighsModelStatus.kOptimal:
        raise BadData(f"the solver found no optimum: {model.modelStatusToString(status)}")


def _model(columns: Columns, scale: NDArray[np.float64], upper: NDArray[np.float64]) -> highspy.Highs:
    """Columns: the instruments, t, then one y for each different outcome of each market with several instruments."""
    count, states = columns.profits.shape
    groups = [
        (columns.rates[name], places, *np.unique(columns.profits[places], axis=1, return_inverse=True))
        for name, places in columns.shared.items()
    ]
    infinite = highspy.kHighsInf
    taxes = sum(outcomes.shape[1] for _, _, outcomes, _ in groups)
    width = count + 1 + taxes
    model = highspy.HighsLp()
    model.num_col_ = width
    model.num_row_ = states + taxes
    model.sense_ = highspy.ObjSense.kMaximize
    model.col_cost_ = np.concatenate([np.zeros(count), [1.0], np.zeros(width - count - 1)])
    model.col_lower_ = np.concatenate([np.zeros(count), [-infinite], np.zeros(width - count - 1)])
    model.col_upper_ = np.concatenate([upper, [infinite], np.full(width - count - 1, infinite)])
    model.row_lower_ = np.zeros(model.num_row_)
    model.row_upper_ = np.full(model.num_row_, infinite)
    entries = _Entries()
    every = np.arange(states)
    for place, row in enumerate(columns.profits):
        entries.add(every, place, row * scale[place])
    entries.add(every, count, -1.0)
    first = 0
    for rate, places, outcomes, of_state in groups:
        different = first + np.arange(outcomes.shape[1])
        entries.add(every, count + 1 + first + of_state.reshape(-1), -rate)
        entries.add(states + different, count + 1 + different, 1.0)
        for place, row in zip(places, outcomes, strict=True):
            entries.add(states + different, place, -row * scale[place])
        first += len(different)
    entries.write(model)
    solver: highspy.Highs = highspy.Highs()  # type: ignore[no-untyped-call]
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("threads", 1)
    solver.passModel(model)
    return solver
