"""What every method takes in: the array types, and the checks that turn bad input into one clear ValueError.

NaN stands for missing, everywhere; infinite never passes. A cell that its source does not cover is missing
too, whatever number stands in it: `covered` says which cells are covered.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_array, issparse

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


def as_values(values: ArrayLike, name: str, *, shape: tuple[int, ...] | None = None) -> Floats:
    """Return a new float array; NaN stays, infinite values and another shape raise ValueError."""
    found = np.array(values, dtype=np.float64)
    if shape is not None and found.shape != shape:
        raise ValueError(f"{name} must have shape {shape}, got {found.shape}")
    if np.isinf(found).any():
        raise ValueError(f"{name} has infinite values")
    return found


def as_counts(values: ArrayLike, name: str, *, shape: tuple[int, ...] | None = None) -> Floats:
    """Return counts or sizes as a new float array: as as_values, and nothing below zero."""
    found = as_values(values, name, shape=shape)
    if (found < 0).any():
        raise ValueError(f"{name} has values below zero")
    return found


def as_covered(covered: ArrayLike | None, shape: tuple[int, ...]) -> Bools:
    """Return a bool array of this shape; None: everything is covered."""
    if covered is None:
        return np.ones(shape, dtype=np.bool_)
    found = np.array(covered)
    if found.shape != shape or found.dtype != np.bool_:
        raise ValueError(f"covered must be booleans of shape {shape}, got {found.dtype} of {found.shape}")
    return found


def as_points(xy: ArrayLike, *, length: int | None = None) -> Floats:
    """Return (n, 2) finite coordinates in any Cartesian unit; empty input gives shape (0, 2)."""
    points = np.array(xy, dtype=np.float64)
    if points.size == 0:
        points = np.empty((0, 2))
    if points.ndim != 2 or points.shape[1] != 2:
        raise ValueError(f"xy must have shape (n, 2), got {points.shape}")
    if length is not None and len(points) != length:
        raise ValueError(f"xy must have {length} points, got {len(points)}")
    if not np.isfinite(points).all():
        raise ValueError("xy has points without finite coordinates")
    return points


def as_days(times: ArrayLike) -> Floats:
    """Return times (n,) as days: moments and dates count from 1970 with their fraction, numbers are days already.

    datetime64, or dates and datetimes as objects, those with a time zone in UTC. NaT, NaN, infinite and what is no
    moment raise ValueError.
    """
    found = np.asarray(times)
    if found.ndim != 1:
        raise ValueError(f"times must have shape (n,), got {found.shape}")
    if found.dtype == object and len(found) and isinstance(found[0], date):
        found = np.array([_days_since_1970(moment) for moment in found])
    if np.issubdtype(found.dtype, np.datetime64):
        if np.isnat(found).any():
            raise ValueError("times has missing moments (NaT)")
        return (found - np.datetime64(0, "D")) / np.timedelta64(1, "D")
    days = found.astype(np.float64)
    if not np.isfinite(days).all():
        raise ValueError("times has values that are no number of days")
    return days


def _days_since_1970(moment: object) -> float:
    if not isinstance(moment, date):
        raise ValueError(f"times has a value that is no moment: {moment!r}")
    if not isinstance(moment, datetime):
        return float((moment - date(1970, 1, 1)).days)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() / 86_400


def as_weights(weights: Any, n: int) -> csr_array[Any, Any]:
    """Return neighbour weights (n, n) as a sparse array of their own; dense and scipy.sparse are accepted.

    Weights are finite and not below zero, and nothing is its own neighbour (zero diagonal), else ValueError.
    """
    found = csr_array(
        weights if issparse(weights) else np.asarray(weights, dtype=np.float64), dtype=np.float64, copy=True
    )
    found.eliminate_zeros()
    if found.shape != (n, n):
        raise ValueError(f"weights must have shape {(n, n)}, got {found.shape}")
    if not np.isfinite(found.data).all() or (found.data < 0).any():
        raise ValueError("weights must be finite and not below zero")
    if found.diagonal().any():
        raise ValueError("weights must have a zero diagonal: an area is not its own neighbour")
    return found


def monte_carlo_p(at_least: ArrayLike, n_sim: int) -> Any:
    """Return the p-value of an outcome that `at_least` of n_sim simulations reached: (k + 1) / (n + 1)."""
    return (np.asarray(at_least, dtype=np.float64) + 1) / (n_sim + 1)
