"""The places of rows: two columns of coordinates become RD metres, with the same refusals in every reader."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ingest.checks import RowChecks
from ingest.columns import role
from ingest.coordinaten import RD, WGS84, parse_axis, refuse_points, to_rd


@dataclass(frozen=True, slots=True)
class Points:
    """Places of n rows.

    numbers: (n, 2) as the source gives them. given: (n, 2) axes that are not empty.
    x, y: (n,) metres in EPSG:28992, NaN without a point, infinite where it cannot be projected.
    """

    numbers: np.ndarray
    given: np.ndarray
    x: np.ndarray
    y: np.ndarray

    @property
    def absent(self) -> np.ndarray:
        """(n,) bool: neither axis is given."""
        return np.logical_not(self.given.any(axis=1))

    def refuse(self, checks: RowChecks, *, placed: np.ndarray) -> None:
        """placed: (n,) rows that have a place without a point, by a code."""
        # The projected values: metres under lon and lat are finite until they are projected.
        refuse_points(checks, np.column_stack([self.x, self.y]), self.given, placed)


def read_points(frame: pd.DataFrame, crs: str | None) -> Points:
    """Points of the roles x and y, else lon and lat. crs None: RD for x and y, WGS84 for lon and lat."""
    geographic = "lon" in frame.columns and "x" not in frame.columns
    names = ("lon", "lat") if geographic else ("x", "y")
    (east, east_given), (north, north_given) = (parse_axis(role(frame, name)) for name in names)
    x, y = to_rd(east, north, crs or (WGS84 if geographic else RD))
    return Points(np.column_stack([east, north]), np.column_stack([east_given, north_given]), x, y)
