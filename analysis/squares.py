"""Points sorted into squares, so that what is near is looked for in a few squares only."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.arrays import Bools, Floats, Ints

# Column and row share one int64, and their floats still tell neighbours apart.
_MOST = 2**30


@dataclass(frozen=True)
class Squares:
    """Squares that hold points: `keys` (m,) sorted, column by column; `of` (n,) the square of each point.

    `stride` is the step in key from a column to the next; rows at the edge keep empty neighbours, so that
    steps of up to two squares never run into another column.
    """

    keys: Ints
    of: Ints
    stride: int

    @classmethod
    def of_points(cls, points: Floats, side: float) -> Squares:
        """Sort points (n, 2), n > 0, into squares of `side` in the unit of the points.

        Raises ValueError when side is so small against the extent that squares cannot be told apart.
        """
        column_row = np.floor((points - points.min(axis=0)) / side)
        if not column_row.max() < _MOST:
            raise ValueError("distance is too small for points that lie this far apart")
        columns, rows = column_row.astype(np.int64).T
        stride = int(rows.max()) + 5
        keys, of = np.unique(columns * stride + rows, return_inverse=True)
        return cls(keys, of.reshape(-1).astype(np.int64), stride)

    def only(self, keep: Bools) -> Squares:
        """Return the squares of some of the points (n,), in the same order."""
        used, of = np.unique(self.of[keep], return_inverse=True)
        return Squares(self.keys[used], of.reshape(-1).astype(np.int64), self.stride)

    def near(self, steps: Ints, keys: Ints) -> Ints:
        """Return (k, s) the square at each of the steps (s, 2), in columns and rows, from keys (k,); -1: none."""
        wanted = keys[:, None] + steps @ np.array([self.stride, 1])
        at = np.minimum(np.searchsorted(self.keys, wanted), len(self.keys) - 1)
        return np.where(self.keys[at] == wanted, at, -1)
