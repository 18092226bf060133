"""What chance alone would give: expected counts and simulated ones, per model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from analysis.arrays import Floats, Ints
from analysis.scan.settings import Model
from analysis.scan.tables import CaseTable


class Null(Protocol):
    """expected: (m, n_periods), together as many as there are cases. weights: (m,) what max_share is a share of."""

    @property
    def expected(self) -> Floats: ...

    @property
    def weights(self) -> Floats: ...

    def draw(self, rng: np.random.Generator) -> Floats:
        """Return simulated cases (m, periods that were asked for, to the last one)."""


@dataclass(frozen=True)
class PoissonNull:
    """Cases fall in proportion to the population; their total is given (Kulldorff 1997).

    variation: of the rates between locations, as a squared coefficient of variation, for one period only. Each
    simulation then gives every location a rate of its own, from a gamma distribution (after Loh and Zhu 2007).
    """

    expected: Floats
    weights: Floats
    total: int
    cells: Ints
    chances: Floats
    shape: tuple[int, int]
    variation: float = 0.0

    def draw(self, rng: np.random.Generator) -> Floats:
        cases = np.zeros(self.shape)
        cases.reshape(-1)[self.cells] = rng.multinomial(self.total, self._varied(rng))[1:]
        return cases

    def _varied(self, rng: np.random.Generator) -> Floats:
        if self.variation == 0:
            return self.chances
        chances = self.chances.copy()
        chances[1:] *= rng.gamma(1 / self.variation, self.variation, len(self.cells))
        total = chances.sum()
        return chances / total if total > 0 else self.chances


@dataclass(frozen=True)
class Stratum:
    """Cases of locations with the same coverage: location (n_cases,), and the column of those drawn first."""

    locations: Ints
    columns: Ints


@dataclass(frozen=True)
class PermutationNull:
    """Each case keeps its place, the periods are dealt out anew (Kulldorff et al. 2005).

    Within one coverage pattern only: then no case can land where its source did not look.
    """

    expected: Floats
    weights: Floats
    strata: Sequence[Stratum]
    shape: tuple[int, int]

    def draw(self, rng: np.random.Generator) -> Floats:
        n, width = self.shape
        cells = [
            rng.permutation(stratum.locations)[: len(stratum.columns)] * width + stratum.columns
            for stratum in self.strata
        ]
        return np.bincount(np.concatenate(cells), minlength=n * width).reshape(self.shape).astype(np.float64)


def make_null(table: CaseTable, n_columns: int, model: Model, *, variation: float = 0.0) -> Null:
    """Return the model of chance for a table with cases; its draws give the last n_columns periods."""
    return _poisson(table, n_columns, variation) if model == "poisson" else _permutation(table, n_columns)


def _poisson(table: CaseTable, n_columns: int, variation: float) -> PoissonNull:
    people = table.population
    if people is None:
        raise ValueError("the Poisson model needs a population")
    n, n_periods = table.cases.shape
    share = people / people.sum()
    drawn = share[:, n_periods - n_columns :].reshape(-1)
    cells = np.flatnonzero(drawn)
    chances = np.concatenate([[share[:, : n_periods - n_columns].sum()], drawn[cells]])
    return PoissonNull(
        expected=share * table.total,
        weights=people.sum(axis=1),
        total=table.total,
        cells=cells,
        chances=chances / chances.sum(),
        shape=(n, n_columns),
        variation=variation,
    )


def _permutation(table: CaseTable, n_columns: int) -> PermutationNull:
    n, n_periods = table.cases.shape
    pattern = np.unique(table.covered, axis=0, return_inverse=True)[1].reshape(-1)
    expected = np.zeros_like(table.cases)
    strata = []
    for own in range(pattern.max(initial=-1) + 1):
        rows = np.flatnonzero(pattern == own)
        cases = table.cases[rows]
        per_location, per_period = cases.sum(axis=1), cases.sum(axis=0)
        if not per_period.any():
            continue
        expected[rows] = np.outer(per_location, per_period / per_period.sum())
        columns = np.repeat(np.arange(n_periods), per_period.astype(np.int64)) - (n_periods - n_columns)
        strata.append(Stratum(np.repeat(rows, per_location.astype(np.int64)), columns[columns >= 0]))
    return PermutationNull(expected, table.cases.sum(axis=1), tuple(strata), (n, n_columns))
