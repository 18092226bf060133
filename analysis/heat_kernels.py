"""Compiled spreading of reports over a grid, for `heat`."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit


class Grid(NamedTuple):
    """Square cells of `cell` metres from (west, south): `rows` to the north, `columns` to the east."""

    west: float
    south: float
    cell: float
    rows: int
    columns: int


@njit(cache=True)
def _first(low: float, cell: float) -> Any:
    """Return the first cell, not below 0, whose centre lies at `low` or further."""
    return max(0, int(np.ceil(low / cell - 0.5)))


@njit(cache=True)
def _last(high: float, cell: float, count: int) -> Any:
    """Return one past the last of `count` cells whose centre lies at `high` or before."""
    return min(count, int(np.floor(high / cell - 0.5)) + 1)


@njit(cache=True)
def spread(points: Any, places: Any, grid: Any, bandwidth: float) -> Any:
    """Return four arrays (rows, columns): density, reports, distinct places, and reports of the fullest place.

    All are of the reports within the bandwidth of the centre of the cell; the density is the sum of their
    kernels without the constant. points (n, 2) sorted by places (n,).
    """
    shape = (grid.rows, grid.columns)
    density = np.zeros(shape)
    reports, distinct, fullest = np.zeros(shape, np.int64), np.zeros(shape, np.int64), np.zeros(shape, np.int64)
    last, run = np.full(shape, -1, np.int64), np.zeros(shape, np.int64)
    # A hair further than the bandwidth: the distance itself decides.
    reach = bandwidth * (1 + 1e-9)
    for i in range(len(places)):
        x, y = points[i, 0] - grid.west, points[i, 1] - grid.south
        for row in range(_first(y - reach, grid.cell), _last(y + reach, grid.cell, grid.rows)):
            for column in range(_first(x - reach, grid.cell), _last(x + reach, grid.cell, grid.columns)):
                east, north = (column + 0.5) * grid.cell - x, (row + 0.5) * grid.cell - y
                apart = (east**2 + north**2) / bandwidth**2
                if apart > 1:
                    continue
                if last[row, column] != places[i]:
                    last[row, column] = places[i]
                    run[row, column] = 0
                    distinct[row, column] += 1
                run[row, column] += 1
                density[row, column] += (1 - apart) ** 2
                reports[row, column] += 1
                fullest[row, column] = max(fullest[row, column], run[row, column])
    return density, reports, distinct, fullest
