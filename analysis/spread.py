"""Points spread evenly over an area: what stands for its dwellings when only their number is known."""

from __future__ import annotations

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from analysis.arrays import Floats

# Finer and finer squares until there are enough of them inside; a ribbon of an area never has many.
_TRIES = 6
_FINER = 0.8


def spread_points(area: BaseGeometry, number: int) -> Floats:
    """Return at least one and about `number` points (n, 2) inside an area, the middles of equal squares.

    area: polygon or multipolygon in a plane (RD metres); an empty one raises ValueError, as does a number below 1.
    Equal input gives equal points, in rows from south to north. An area that holds no middle of a square, or of which
    one point is asked, gets one point that lies inside it.
    """
    if area.is_empty or area.area <= 0:
        raise ValueError("an area without surface has no place for points")
    if number < 1:
        raise ValueError(f"number must be at least 1, got {number}")
    side = float(np.sqrt(area.area / number))
    found = np.empty((0, 2))
    for _ in range(_TRIES if number > 1 else 0):
        found = _middles(area, side)
        if len(found) >= 0.75 * number:
            return found
        side *= _FINER
    if not len(found):
        inside = area.representative_point()
        found = np.array([[inside.x, inside.y]])
    return found


def _middles(area: BaseGeometry, side: float) -> Floats:
    """The middles of squares that lie inside, the grid centred on the box around the area."""
    west, south, east, north = area.bounds
    columns, rows = (max(1, int(np.ceil(length / side))) for length in (east - west, north - south))
    x = (west + east) / 2 + (np.arange(columns) - (columns - 1) / 2) * side
    y = (south + north) / 2 + (np.arange(rows) - (rows - 1) / 2) * side
    grid = np.column_stack([np.tile(x, rows), np.repeat(y, columns)])
    shapely.prepare(area)
    inside: Floats = grid[shapely.contains_xy(area, grid[:, 0], grid[:, 1])]
    return inside
