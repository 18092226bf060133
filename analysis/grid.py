"""Metres and hexagons: the coordinate check of every point method, and the one fixed hexagon grid in RD.

The grid has pointy-top hexagons of `cell` metres from flat side to flat side, one of them centred on (0, 0)
of EPSG:28992. Cells are named by axial coordinates (q, r): q runs east, r runs north-east. A cell never
depends on the data.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import shapely
from numpy.typing import ArrayLike
from shapely import Polygon

from analysis.arrays import Floats, Ints

Cell = tuple[int, int]

_NEIGHBOURS: tuple[Cell, ...] = ((1, 0), (0, 1), (-1, 1), (-1, 0), (0, -1), (1, -1))
# Corners in units of half a width (x) and half a side (y), so that neighbours share bit-equal corners.
_CORNERS = np.array([(1, 1), (0, 2), (-1, 1), (-1, -1), (0, -2), (1, -1)], dtype=np.int64)


def as_metres(xy: ArrayLike) -> Floats:
    """Return xy as an (n, 2) float array in metres, or raise ValueError.

    Refused: another shape, NaN or infinite values, and longitude/latitude (every value within ±180 and ±90:
    such numbers are no place in RD). Empty input gives shape (0, 2).
    """
    points = np.asarray(xy, dtype=np.float64)
    if points.size == 0:
        return np.empty((0, 2))
    if points.ndim != 2 or points.shape[1] != 2:
        raise ValueError(f"xy must have shape (n, 2), got {points.shape}")
    bad = ~np.isfinite(points).all(axis=1)
    if bad.any():
        raise ValueError(
            f"xy has {int(bad.sum())} points without finite coordinates, first at index {int(bad.argmax())}"
        )
    largest = np.abs(points).max(axis=0)
    if (largest <= (180, 90)).all() or (largest <= (90, 180)).all():
        raise ValueError("xy looks like degrees; project to metres (EPSG:28992) first")
    return points


def hex_cells(xy: ArrayLike, cell: float) -> Ints:
    """Return the (n, 2) axial coordinates (q, r) of the hexagon that holds each point; cell in metres."""
    points = as_metres(xy)
    r = points[:, 1] / _row_height(cell)
    q = points[:, 0] / cell - r / 2
    cube = np.column_stack([q, -q - r, r])
    rounded = np.rint(cube)
    # The three roundings must add up to zero: the one that moved furthest follows from the other two.
    worst = np.abs(rounded - cube).argmax(axis=1)
    rows = np.arange(len(points))
    rounded[rows, worst] -= rounded.sum(axis=1)
    return rounded[:, [0, 2]].astype(np.int64)


def hex_polygon(q: int, r: int, cell: float) -> Polygon:
    """Return hexagon (q, r) as a polygon in RD metres; neighbours share bit-equal corners."""
    scale = np.array([cell / 2, _row_height(cell) / 3])
    return Polygon((np.array([2 * q + r, 3 * r]) + _CORNERS) * scale)


def hex_union(cells: Iterable[Cell], cell: float) -> Any:
    """Return the union of cells: a Polygon when they are connected, else a MultiPolygon."""
    return shapely.coverage_union_all([hex_polygon(q, r, cell) for q, r in sorted(cells)]).normalize()


def neighbours(cell: Cell) -> list[Cell]:
    """Return the six cells around a cell, in a fixed order."""
    return [(cell[0] + dq, cell[1] + dr) for dq, dr in _NEIGHBOURS]


def ring_around(cells: set[Cell], allowed: Callable[[Cell], bool]) -> set[Cell]:
    """Return the allowed cells that touch `cells` and are not among them."""
    return {near for cell in cells for near in neighbours(cell) if near not in cells and allowed(near)}


def connect(base: set[Cell], others: set[Cell], allowed: Callable[[Cell], bool], reach: int) -> set[Cell]:
    """Grow `base` with the cells of `others` that a bridge of at most `reach` allowed steps can join.

    The shortest bridge goes first and ties follow cell order, so that the outcome depends on the cells only.
    """
    joined = set(base)
    while bridge := _shortest_bridge(joined, others - joined, allowed, reach):
        joined |= bridge
    return joined


def _shortest_bridge(joined: set[Cell], targets: set[Cell], allowed: Callable[[Cell], bool], reach: int) -> set[Cell]:
    came_from: dict[Cell, Cell | None] = dict.fromkeys(sorted(joined))
    front = sorted(joined)
    for _ in range(reach if targets else 0):
        step: list[Cell] = []
        for cell in front:
            for near in neighbours(cell):
                if near not in came_from and allowed(near):
                    came_from[near] = cell
                    step.append(near)
        front = sorted(step)
        if found := [cell for cell in front if cell in targets]:
            return {passed for cell in found for passed in _way_back(cell, came_from)}
    return set()


def _way_back(cell: Cell | None, came_from: dict[Cell, Cell | None]) -> Iterable[Cell]:
    while cell is not None:
        yield cell
        cell = came_from[cell]


def _row_height(cell: float) -> float:
    if not cell > 0:
        raise ValueError(f"cell must be a positive number of metres, got {cell}")
    return cell * float(np.sqrt(3)) / 2
