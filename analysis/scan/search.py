"""The scan itself: the best window of every centre, and the same over simulated cases."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numba import config

from analysis.arrays import Bools, Floats, Ints, monte_carlo_p
from analysis.scan._kernels import EQUAL, scan_windows
from analysis.scan.nulls import Null
from analysis.scan.tables import CaseTable
from analysis.scan.windows import Zones

ALPHA = 0.05
MAX_CLUSTERS = 50
_LEAST_EXCEEDANCES = 20
_PER_TASK = 16


@dataclass(frozen=True)
class Span:
    """Which periods a window may span: `longest` at most; `to_the_end`: only windows that end with the last."""

    n_periods: int
    longest: int
    to_the_end: bool

    @property
    def n_columns(self) -> int:
        """The number of last periods that any window can touch."""
        return self.longest if self.to_the_end else self.n_periods

    def cumulate(self, values: Floats) -> Floats:
        """Return values (n, periods to the last) cumulative as the kernels want them: (n, 1 + n_columns)."""
        columns = values[:, values.shape[1] - self.n_columns :]
        if self.to_the_end:
            columns = columns[:, ::-1]
        summed = np.zeros((len(values), self.n_columns + 1))
        np.cumsum(columns, axis=1, out=summed[:, 1:])
        return summed

    def periods(self, first: int, last: int) -> tuple[int, int]:
        """Return start and end, inclusive, of the window between two cumulative columns."""
        if self.to_the_end:
            return self.n_periods - last, self.n_periods - 1
        return first, last - 1


ONCE = Span(1, 1, to_the_end=True)


@dataclass(frozen=True)
class Found:
    """A window with more cases than expected: locations as rows of the table, periods inclusive."""

    rows: Ints
    start: int
    end: int
    cases: int
    expected: float
    llr: float


@dataclass(frozen=True)
class Scan:
    """One table under one model: `find` looks at what was observed, `simulate` at what chance would give."""

    table: CaseTable
    null: Null
    span: Span
    zones: Zones

    def find(self) -> list[Found]:
        """Return windows that share no location, most likely first, from the best window of each centre."""
        ratio, where = self._windows(self.table.cases, shared=False)
        ranked = sorted(np.flatnonzero(ratio > EQUAL).tolist(), key=lambda centre: self._rank(centre, ratio, where))
        taken = np.zeros(len(ratio), dtype=np.bool_)
        clusters: list[Found] = []
        for centre in ranked:
            found = self._describe(centre, where[centre], float(ratio[centre]))
            if taken[found.rows].any():
                continue
            taken[found.rows] = True
            clusters.append(found)
            if len(clusters) == MAX_CLUSTERS:
                break
        return clusters

    def simulate(self, level: float, n_sim: int, seed: int) -> Floats:
        """Return the highest ratio of each simulation, at most n_sim of them.

        Stops with the simulation in which `level` is reached as often as makes p clearly large (Besag and
        Clifford 1991). Simulation i has a random stream of its own: threads and blocks play no part.
        """
        enough = enough_exceedances(n_sim)
        maxima = np.empty(0)
        for block in self._simulated(n_sim, seed):
            maxima = np.concatenate([maxima, block])
            reached = np.flatnonzero(at_least(maxima, level))
            if len(reached) >= enough:
                return maxima[: reached[enough - 1] + 1]
        return maxima

    def _simulated(self, n_sim: int, seed: int) -> Iterator[Floats]:
        def run(first: int) -> Floats:
            numbers = range(first, min(first + _PER_TASK, n_sim))
            return np.array([self._highest(np.random.SeedSequence(seed, spawn_key=(i,))) for i in numbers])

        threads = int(config.NUMBA_NUM_THREADS)  # type: ignore[attr-defined]
        firsts = range(0, n_sim, _PER_TASK)
        with ThreadPoolExecutor(threads) as pool:
            for task in range(0, len(firsts), 2 * threads):
                yield np.concatenate(list(pool.map(run, firsts[task : task + 2 * threads])))

    def _highest(self, seed: np.random.SeedSequence) -> float:
        cases = self.null.draw(np.random.default_rng(seed))
        return float(self._windows(cases, shared=True)[0].max(initial=0.0))

    @cached_property
    def _expected(self) -> Floats:
        return self.span.cumulate(self.null.expected)

    def _windows(self, cases: Floats, *, shared: bool) -> tuple[Floats, Ints]:
        ratio, where = scan_windows(
            self.span.cumulate(cases),
            self._expected,
            self.zones.members,
            self.zones.closes,
            self.zones.offsets,
            0 if self.span.to_the_end else self.span.longest,
            float(self.table.total),
            shared,
        )
        return ratio, where

    def _rank(self, centre: int, ratio: Floats, where: Ints) -> tuple[float, ...]:
        """Sort key: the highest ratio, then the smallest and shortest window."""
        index, first, last = where[centre]
        return -round(ratio[centre], 8), index - self.zones.offsets[centre], last - first, first, centre

    def _describe(self, centre: int, where: Ints, llr: float) -> Found:
        start, end = self.span.periods(int(where[1]), int(where[2]))
        periods = slice(start, end + 1)
        rows = self.zones.of(centre, int(where[0])).astype(np.int64)
        rows = rows[self.table.covered[rows, periods].any(axis=1)]
        cases = int(self.table.cases[rows, periods].sum())
        return Found(rows, start, end, cases, float(self.null.expected[rows, periods].sum()), llr)


def enough_exceedances(n_sim: int) -> int:
    """Return after how many simulations at or above the observed value more would not change the decision at ALPHA."""
    return max(int(ALPHA * (n_sim + 1) + EQUAL), _LEAST_EXCEEDANCES)


def at_least(maxima: Floats, level: float) -> Bools:
    """Tell which maxima reach the level, differences of rounding aside."""
    return maxima >= level - 2 * EQUAL * (1 + level)


def p_value(maxima: Floats, level: float, n_sim: int) -> float:
    """Return the Monte-Carlo p of a ratio among the maxima of the simulations that were run.

    (k + 1) / (n_sim + 1) when all were; else, with h = enough_exceedances, h divided by the number of the
    simulation that was the h-th to reach the level, which is as valid (Besag and Clifford 1991).
    """
    reached = np.flatnonzero(at_least(maxima, level))
    if len(maxima) == n_sim:
        return float(monte_carlo_p(len(reached), n_sim))
    enough = enough_exceedances(n_sim)
    return enough / (int(reached[enough - 1]) + 1)
