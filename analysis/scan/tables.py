"""The counts that take part in a scan: checked, without what is not covered, in an order of their own."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from analysis.arrays import Bools, Floats, Ints, as_counts, as_covered, as_points


@dataclass(frozen=True)
class CaseTable:
    """Locations with at least one covered period, sorted by place.

    The order of the input thus plays no part, not even in which random number falls where.
    index: (m,) positions in the caller's arrays. points: (m, 2). covered: (m, n_periods).
    cases, population: (m, n_periods), 0 where not covered; population None when the method needs none.
    """

    index: Ints
    points: Floats
    covered: Bools
    cases: Floats
    population: Floats | None

    @property
    def total(self) -> int:
        return int(self.cases.sum())


def make_table(cases: Floats, population: ArrayLike | None, xy: ArrayLike, covered: ArrayLike | None) -> CaseTable:
    """Return the table of cases (n, n_periods).

    population: (n,) for every period alike, or (n, n_periods). covered: bool (n,) or (n, n_periods).
    What stands in a cell that is not covered is not looked at; NaN in cases or population is not covered either.
    ValueError for other shapes, infinite or negative values, cases that are no whole numbers, and cases where
    the population is 0.
    """
    shape = cases.shape
    points = as_points(xy, length=shape[0])
    known = _spread(as_covered(covered, shape[:1] if covered is not None and np.ndim(covered) == 1 else shape), shape)
    cases = as_counts(np.where(known, cases, np.nan), "cases")
    people = None
    if population is not None:
        given = np.asarray(population, dtype=np.float64)
        if given.shape not in (shape[:1], shape):
            raise ValueError(f"population must have shape {shape[:1]} or {shape}, got {given.shape}")
        people = as_counts(np.where(known, _spread(given, shape), np.nan), "population")
        known = known & ~np.isnan(people)
    known = known & ~np.isnan(cases)
    cases = np.where(known, cases, 0.0)
    if (cases != np.round(cases)).any():
        raise ValueError("cases must be whole numbers")
    if people is not None:
        people = np.where(known, people, 0.0)
        if (cases > 0)[people == 0].any():
            raise ValueError("population must be above 0 where there are cases")
    index = _order(points, cases, people, known)
    return CaseTable(index, points[index], known[index], cases[index], None if people is None else people[index])


def _spread(values: ArrayLike, shape: tuple[int, ...]) -> Floats | Bools:
    found = np.asarray(values)
    return np.broadcast_to(found[:, None] if found.ndim == 1 else found, shape)


def _order(points: Floats, cases: Floats, people: Floats | None, known: Bools) -> Ints:
    sizes = cases.sum(axis=1) if people is None else people.sum(axis=1)
    order = np.lexsort((cases.sum(axis=1), sizes, points[:, 1], points[:, 0]))
    return order[known[order].any(axis=1)]
