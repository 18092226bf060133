"""The one way in which this package solves linear programs: HiGHS, and many goals over the same sums."""

from __future__ import annotations

from typing import Any

import highspy
import numpy as np
from scipy.sparse import csc_array

from analysis.arrays import Floats

# From this size on interior points with crossover are much faster for a goal about many unknowns.
_LARGE = 1_500


class Program:
    """All x (k,) with matrix @ x = rhs, of which the lowest for one goal after another is asked.

    Every question starts from scratch: for a goal about few unknowns that is faster than going on from the answer
    before, and equal input gives equal output whatever was asked earlier.
    """

    def __init__(self, matrix: csc_array[Any, Any], rhs: Floats):
        n_rows, self._k = matrix.shape
        self._columns = np.arange(self._k, dtype=np.int32)
        self._highs = highspy.Highs()
        for name, value in (("output_flag", False), ("threads", 1), ("random_seed", 0)):
            self._highs.setOptionValue(name, value)
        program = highspy.HighsLp()
        program.num_col_, program.num_row_ = self._k, n_rows
        program.col_cost_ = program.col_lower_ = program.col_upper_ = np.zeros(self._k)
        program.row_lower_ = program.row_upper_ = rhs
        program.a_matrix_.format_ = highspy.MatrixFormat.kColwise
        program.a_matrix_.start_, program.a_matrix_.index_ = matrix.indptr, matrix.indices
        program.a_matrix_.value_ = matrix.data
        self._highs.passModel(program)

    def lowest(self, cost: Floats, low: Floats, high: Floats, *, broad: bool = False) -> Floats | None:
        """Return a vertex x (k,) with low <= x <= high where cost @ x is smallest, None if nothing fits.

        broad: the goal is about many unknowns at once. Bounds must be finite where cost is not 0. ArithmeticError
        when HiGHS gives up.
        """
        self._highs.changeColsCost(self._k, self._columns, cost)
        self._highs.changeColsBounds(self._k, self._columns, low, high)
        if broad and self._k >= _LARGE and self._run("ipm", "choose") == highspy.HighsModelStatus.kOptimal:
            return self._found()
        status = self._run("simplex", "off")
        if status == highspy.HighsModelStatus.kOptimal:
            return self._found()
        if status == highspy.HighsModelStatus.kInfeasible:
            return None
        raise ArithmeticError(f"no bounds found: {self._highs.modelStatusToString(status)}")

    def _run(self, solver: str, presolve: str) -> highspy.HighsModelStatus:
        self._highs.clearSolver()
        self._highs.setOptionValue("solver", solver)
        self._highs.setOptionValue("presolve", presolve)
        self._highs.run()
        return self._highs.getModelStatus()

    def _found(self) -> Floats:
        return np.array(self._highs.getSolution().col_value, dtype=np.float64)
