"""What an outsider can work out: how far the suppressed cells may lie from what they are.

The bounds of a cell are two linear programs over all tables that fit what is published (Fischetti and Salazar,
2000). Few cells need their own: single sums already pin many down, and a handful of fitting tables that lie far
apart show for most of the others that they are safe.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from scipy.sparse import coo_array, csc_array
from scipy.sparse.csgraph import connected_components

from analysis.arrays import Bools, Floats, Ints
from analysis.disclosure.lp import Program

TOLERANCE = 1e-6
_MAX_SWEEPS = 100
_FEW = 0.02


@dataclass(frozen=True)
class View:
    """Unknowns x (k,) with low <= x <= high and matrix @ x = rhs."""

    matrix: csc_array[Any, Any]
    rhs: Floats
    low: Floats
    high: Floats

    @cached_property
    def _program(self) -> Program:
        return Program(self.matrix, self.rhs)

    def rows_of(self, columns: Ints) -> Ints:
        return np.unique(self.matrix[:, columns].indices)

    def part(self, rows: Ints, columns: Ints) -> View:
        """Return these sums over these unknowns; the sums may hold no others that are not fixed."""
        others = np.ones(len(self.low), dtype=np.bool_)
        others[columns] = False
        own = self.matrix.tocsr()[rows].tocsc()
        rhs = self.rhs[rows] - own[:, others] @ self.low[others]
        return View(own[:, columns], rhs, self.low[columns], self.high[columns])

    def loose_components(self) -> Iterator[Ints]:
        """Yield the unknowns that are not fixed, in groups that sums tie together."""
        loose = np.flatnonzero(self.high - self.low > TOLERANCE)
        entries = self.matrix[:, loose].tocoo()
        n_rows = self.matrix.shape[0]
        size = n_rows + len(loose)
        graph = coo_array((np.ones(entries.nnz), (entries.row, n_rows + entries.col)), shape=(size, size))
        label = connected_components(graph, directed=False)[1][n_rows:]
        order = np.argsort(label, kind="stable")
        if len(loose):
            yield from np.split(loose[order], np.flatnonzero(np.diff(label[order])) + 1)

    def tightened(self) -> View:
        """Return the same unknowns within the bounds that follow from one sum at a time, all finite.

        What no published sum bounds gets a ceiling far above all counts. ValueError when nothing fits.
        """
        low, high = self.low.copy(), self.high.copy()
        entries = self.matrix.tocoo()
        row, column, plus = entries.row, entries.col, entries.data > 0
        for _ in range(_MAX_SWEEPS):
            least = np.where(plus, low[column], -high[column])
            most = np.where(plus, high[column], -low[column])
            above = self.rhs[row] - _sum_of_others(row, least, -np.inf)
            below = self.rhs[row] - _sum_of_others(row, most, np.inf)
            before = low.copy(), high.copy()
            np.maximum.at(low, column, np.where(plus, below, -above))
            np.minimum.at(high, column, np.where(plus, above, -below))
            if (low > high + TOLERANCE).any():
                raise ValueError("the published cells contradict each other")
            if (low <= before[0] + TOLERANCE).all() and (high >= before[1] - TOLERANCE).all():
                break
        return View(self.matrix, self.rhs, low, np.maximum(low, np.minimum(high, self._ceiling())))

    def lowest(self, objective: Floats) -> Floats:
        """Return a table that fits (k,) where objective @ x is lowest; ValueError when nothing fits."""
        found = self._program.lowest(objective, self.low, self.high, broad=True)
        if found is None:
            raise ValueError("the published cells contradict each other")
        return found

    def range_of(self, unknown: int) -> tuple[float, float]:
        """Return the lowest and highest value of one unknown that fit; infinite where nothing bounds it."""
        bounded = self.tightened()
        low, high = float(bounded.low[unknown]), float(bounded.high[unknown])
        for columns in bounded.loose_components():
            if unknown in columns:
                part = bounded.part(bounded.rows_of(columns), columns)
                own = (columns == unknown).astype(np.float64)
                low, high = float(part.lowest(own) @ own), float(part.lowest(-own) @ own)
        return low, np.inf if high > self._ceiling() / 2 else high

    def _ceiling(self) -> float:
        return 1e3 + 10 * float(np.abs(self.rhs).sum())


def _sum_of_others(row: Ints, values: Floats, infinite: float) -> Floats:
    """Return for each entry the sum of the other values of its row; `infinite` when one of those is."""
    free = np.isinf(values)
    finite = np.where(free, 0.0, values)
    total = np.bincount(row, finite)[row] - finite
    return np.where(np.bincount(row, free)[row] - free > 0, infinite, total)


def narrow(view: View, width: float) -> Bools:
    """Tell for each unknown (k,) whether the highest and lowest value that fit differ by less than `width`."""
    bounded = view.tightened()
    found: Bools = bounded.high - bounded.low < width - TOLERANCE
    for columns in bounded.loose_components():
        if not found[columns].all():
            part = bounded.part(bounded.rows_of(columns), columns)
            found[columns] = _Explorer.start(part, width - TOLERANCE).narrow()
    return found


@dataclass(frozen=True)
class _Explorer:
    """Tables that fit, seen so far: the lowest and highest value that each unknown had in them."""

    view: View
    limit: float
    least: Floats
    most: Floats

    @classmethod
    def start(cls, view: View, limit: float) -> _Explorer:
        k = len(view.low)
        return cls(view, limit, np.full(k, np.inf), np.full(k, -np.inf))

    def narrow(self) -> Bools:
        known = self.view.high - self.view.low < self.limit
        self._look_around(~known)
        for cell in np.flatnonzero(~known):
            if not self._wide()[cell]:
                known[cell] = self._narrow_nearby(int(cell)) or not self._reach(int(cell))
        return known

    def _wide(self) -> Bools:
        return self.most - self.least >= self.limit

    def _look(self, objective: Floats) -> None:
        x = self.view.lowest(objective)
        np.minimum(self.least, x, out=self.least)
        np.maximum(self.most, x, out=self.most)

    def _look_around(self, asked: Bools) -> None:
        """Push the open cells up and down at random until that shows little more."""
        # Chance only decides how much work is left for the exact answer, never the answer.
        rng = np.random.default_rng(0)
        gained = np.inf
        open_ = asked
        while open_.any() and gained > _FEW * open_.sum():
            side = np.where(open_, rng.choice([-1.0, 1.0], len(open_)), 0.0)
            self._look(side)
            self._look(-side)
            left = asked & ~self._wide()
            gained, open_ = open_.sum() - left.sum(), left

    def _narrow_nearby(self, cell: int) -> bool:
        """Tell whether the sums of a cell and of its direct neighbours alone already make it narrow."""
        matrix = self.view.matrix.tocsr()
        rows = self.view.rows_of(np.array([cell]))
        rows = self.view.rows_of(np.unique(matrix[rows].indices))
        columns = np.unique(matrix[rows].indices)
        near = self.view.part(rows, columns)
        objective = (columns == cell).astype(np.float64)
        low = float(near.lowest(objective) @ objective)
        return float(near.lowest(-objective) @ objective) - low < self.limit

    def _reach(self, cell: int) -> bool:
        objective = np.zeros(len(self.least))
        objective[cell] = 1.0
        self._look(objective)
        if not self._wide()[cell]:
            self._look(-objective)
        return bool(self._wide()[cell])
