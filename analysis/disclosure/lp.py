"""The one way in which this package solves a linear program."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, linprog, milp
from scipy.sparse import csc_array

from analysis.arrays import Floats

# From these sizes on interior points with crossover are much faster than the simplex method: when most unknowns
# are to move, and for a single goal, where the simplex method has less to do.
_LARGE, _HUGE = 1_500, 12_000
_OPTIMAL = 0
_INFEASIBLE = 2


def minimise(
    cost: Floats, matrix: csc_array[Any, Any], rhs: Floats, low: Floats, high: Floats, *, broad: bool
) -> Floats | None:
    """Return a vertex x (k,) with matrix @ x = rhs and low <= x <= high where cost @ x is smallest, None if none.

    broad: the goal is about many unknowns at once. Bounds must be finite where cost is not 0. Equal input gives
    equal output. ArithmeticError when HiGHS gives up.
    """
    if len(cost) >= (_LARGE if broad else _HUGE):
        found = linprog(cost, A_eq=matrix, b_eq=rhs, bounds=np.column_stack([low, high]), method="highs-ipm")
        if found.status == _OPTIMAL:
            return np.asarray(found.x, dtype=np.float64)
    found = milp(cost, constraints=LinearConstraint(matrix, rhs, rhs), bounds=Bounds(low, high))
    if found.status == _OPTIMAL:
        return np.asarray(found.x, dtype=np.float64)
    if found.status == _INFEASIBLE:
        return None
    raise ArithmeticError(f"no bounds found: {found.message}")
