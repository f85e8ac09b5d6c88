"""The linear programme over (instrument, state), solved by HiGHS.

maximise t while, in every state w,  Σ risk × (gross(w) − 1) − Σ commission × y(market, w) ≥ t,  y ≥ market's net
winnings, y ≥ 0. Commission is taken from net winnings per market, which is convex, so the programme is exact.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import NamedTuple

import highspy
import numpy as np
from numpy.typing import NDArray

from crossbook.arbitrage.instrument import Instrument, shared_markets
from crossbook.arbitrage.states import States, gross_returns
from crossbook.base.errors import BadData

_FEW_STATES = 200
"""Up to so many states the programme is given all of them at once."""
_FIRST_STATES, _MORE_STATES = 60, 40
_MISSED = 1e-9
"""A state in which so much less is reached than is promised has to be told to the programme."""


class _Taxed(NamedTuple):
    """A market that takes commission from several instruments together; outcomes are numbered over all markets."""

    rate: float
    places: list[int]
    outcomes: NDArray[np.float64]
    of_state: NDArray[np.intp]


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

    @cached_property
    def markets(self) -> list[_Taxed]:
        """The markets with several instruments, and in which of a market's outcomes each state is."""
        found, first = [], 0
        for name, places in self.shared.items():
            outcomes, of_state = np.unique(self.profits[places], axis=1, return_inverse=True)
            found.append(_Taxed(self.rates[name], places, outcomes, first + of_state.reshape(-1)))
            first += outcomes.shape[1]
        return found

    def taxes_of(self, winnings: NDArray[np.float64]) -> NDArray[np.float64]:
        """The commission in each state, from the net winnings in each outcome of each market."""
        taxes = np.zeros(self.profits.shape[1])
        for market in self.markets:
            taxes += market.rate * winnings[market.of_state]
        return taxes


def best_shares(columns: Columns) -> tuple[float, NDArray[np.float64]]:
    """The greatest guaranteed profit per unit at risk, and the share of the unit on each instrument.

    Few states bind: of many, the programme is given some, and then those that its answer does not hold in, twice as
    many each time, until it holds in all of them.
    """
    count, states = columns.profits.shape
    few = states if states <= _FEW_STATES else _FIRST_STATES
    given, more = np.linspace(0, states - 1, few).astype(np.intp), _MORE_STATES
    model = _model(columns, given)
    model.addRow(1.0, 1.0, count, np.arange(count, dtype=np.int32), np.ones(count))
    held = np.zeros(states, np.bool_)
    while True:
        held[given] = True
        optimum(model)
        values = np.array(model.getSolution().col_value)
        profit = float(values[count])
        if held.all():
            break
        used = np.flatnonzero(values[:count])
        reached = values[used] @ columns.profits[used] - columns.taxes_of(values[count + 1 :])
        missed = np.flatnonzero((reached < profit - _MISSED) & ~held)
        if not len(missed):
            break
        given, more = missed[np.argsort(reached[missed], kind="stable")[:more]], 2 * more
        entries = Entries()
        _add_states(entries, columns, given)
        entries.append(model, len(given))
    return profit, np.maximum(values[:count], 0.0)


def least_profits(columns: Columns, risks: NDArray[np.float64]) -> NDArray[np.float64]:
    """The net profit in the worst state of each plan; `risks` has shape (plans, instruments)."""
    profits = risks @ columns.profits
    for name, places in columns.shared.items():
        winnings = risks[:, places] @ columns.profits[places]
        profits -= columns.rates[name] * np.maximum(winnings, 0.0)
    least: NDArray[np.float64] = profits.min(axis=1)
    return least


class Entries:
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
        model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        starts, model.a_matrix_.index_, model.a_matrix_.value_ = self._by_row(model.num_row_ + 1)
        model.a_matrix_.start_ = starts

    def append(self, solver: highspy.Highs, count: int) -> None:
        """Add them to a solver as so many rows that are not to be negative."""
        starts, columns, values = self._by_row(count)
        bounds = np.zeros(count), np.full(count, highspy.kHighsInf)
        solver.addRows(count, *bounds, len(values), starts, columns, values)

    def _by_row(self, starts: int) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.float64]]:
        rows, columns, values = (np.concatenate(part) for part in zip(*self._parts, strict=True))
        order = np.flatnonzero(values)
        order = order[np.lexsort((columns[order], rows[order]))]
        first = np.searchsorted(rows[order], np.arange(starts)).astype(np.int32)
        return first, columns[order].astype(np.int32), values[order]


def optimum(model: highspy.Highs) -> None:
    """Solve a model. Raises BadData when there is no optimum."""
    model.run()
    status = model.getModelStatus()
    if status not in (highspy.HighsModelStatus.kOptimal, highspy.HighsModelStatus.kSolutionLimit):
        raise BadData(f"the solver found no optimum: {model.modelStatusToString(status)}")


def _model(columns: Columns, given: NDArray[np.intp]) -> highspy.Highs:
    """Columns: the instruments, t, then one y for each different outcome of each market with several instruments.

    `given` are the states whose rows are written.
    """
    count, states = len(columns.profits), len(given)
    infinite = highspy.kHighsInf
    taxes = sum(market.outcomes.shape[1] for market in columns.markets)
    width = count + 1 + taxes
    model = highspy.HighsLp()
    model.num_col_ = width
    model.num_row_ = states + taxes
    model.sense_ = highspy.ObjSense.kMaximize
    model.col_cost_ = np.concatenate([np.zeros(count), [1.0], np.zeros(width - count - 1)])
    model.col_lower_ = np.concatenate([np.zeros(count), [-infinite], np.zeros(width - count - 1)])
    model.col_upper_ = np.full(width, infinite)
    model.row_lower_ = np.zeros(model.num_row_)
    model.row_upper_ = np.full(model.num_row_, infinite)
    entries = Entries()
    _add_states(entries, columns, given)
    first = 0
    for market in columns.markets:
        different = first + np.arange(market.outcomes.shape[1])
        entries.add(states + different, count + 1 + different, 1.0)
        for place, row in zip(market.places, market.outcomes, strict=True):
            entries.add(states + different, place, -row)
        first += len(different)
    entries.write(model)
    return solver_of(model)


def solver_of(model: highspy.HighsLp) -> highspy.Highs:
    """A silent solver with the model, on one thread, so that equal models have equal answers."""
    solver: highspy.Highs = highspy.Highs()  # type: ignore[no-untyped-call]
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("threads", 1)
    solver.passModel(model)
    return solver


def _add_states(entries: Entries, columns: Columns, given: NDArray[np.intp]) -> None:
    """The rows of some states: what the instruments profit, less t and the commission of each market."""
    count, every = len(columns.profits), np.arange(len(given))
    profits = columns.profits[:, given].T
    entries.add(np.repeat(every, count), np.tile(np.arange(count), len(given)), profits.reshape(-1))
    entries.add(every, count, -1.0)
    for market in columns.markets:
        entries.add(every, count + 1 + market.of_state[given], -market.rate)
