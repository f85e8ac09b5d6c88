"""Linear programmes in floats, by HiGHS: what it proposes is confirmed exactly by others, or not used."""

from __future__ import annotations

from functools import cache
from typing import Any

import highspy
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@cache
def _solver() -> Any:
    solver = highspy.Highs()
    for option, value in (
        ("output_flag", False),
        ("threads", 1),
        ("presolve", "off"),
        ("primal_feasibility_tolerance", 1e-9),
        ("dual_feasibility_tolerance", 1e-9),
    ):
        solver.setOptionValue(option, value)
    return solver


def solve_programme(
    cost: Floats, matrix: Floats, lower: Floats, upper: Floats, bounds: tuple[Floats, Floats]
) -> Any:
    """Minimise `cost` · x with `lower` ≤ `matrix` · x ≤ `upper` within `bounds` by HiGHS; None if it has no optimum.

    Gives the solver itself, which can be asked for the solution and its basis until it is used again.
    """
    programme = highspy.HighsLp()
    height, width = matrix.shape
    programme.num_col_, programme.num_row_ = width, height
    programme.col_cost_ = cost
    programme.col_lower_, programme.col_upper_ = bounds
    programme.row_lower_, programme.row_upper_ = lower, upper
    where = np.nonzero(matrix)
    programme.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    programme.a_matrix_.start_ = np.concatenate(
        ([0], np.cumsum(np.bincount(where[0], minlength=height)))
    ).astype(np.int32)
    programme.a_matrix_.index_ = where[1].astype(np.int32)
    programme.a_matrix_.value_ = matrix[where]
    solver = _solver()
    solver.passModel(programme)
    solver.run()
    return solver if solver.getModelStatus() == highspy.HighsModelStatus.kOptimal else None


def basis_of(solver: Any) -> tuple[list[int], list[int]]:
    """The columns and the rows that fix the vertex found: basic columns, and rows that are not slack."""
    basis = solver.getBasis()
    basic = highspy.HighsBasisStatus.kBasic
    columns = [number for number, status in enumerate(basis.col_status) if status == basic]
    rows = [number for number, status in enumerate(basis.row_status) if status != basic]
    return columns, rows
