"""Coordinates in the CRS of a table, in RD and in degrees. Order is always x, y (lon, lat)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pyarrow as pa
import shapely
from pyproj import CRS, Transformer

RD = 28992
LONLAT = 4326
MM = 3
CM_IN_DEGREES = 7

_POINT = np.dtype([("order", "u1"), ("kind", "<u4"), ("x", "<f8"), ("y", "<f8")])

Floats = np.ndarray[tuple[int], np.dtype[np.float64]]


@dataclass(frozen=True)
class Plekken:
    """One point per feature, (n,) each: RD in metres, lon and lat in degrees; NaN where there is no geometry."""

    rd_x: Floats
    rd_y: Floats
    lon: Floats
    lat: Floats


def read_wkb(column: pa.Array) -> np.ndarray[Any, np.dtype[np.object_]]:
    """Shapely geometries (n,), None where missing."""
    return np.asarray(shapely.from_wkb(column.to_numpy(zero_copy_only=False)), dtype=object)


def read_points(column: pa.Array) -> tuple[Floats, Floats] | None:
    """x and y (n,) when every value is the little-endian WKB of a point, straight from memory; None otherwise."""
    if column.null_count or not len(column):
        return None
    _, offsets, data = column.buffers()
    ends = np.frombuffer(offsets, np.int32)[column.offset : column.offset + len(column) + 1]
    if (np.diff(ends) != _POINT.itemsize).any():
        return None
    points = np.frombuffer(data, _POINT, len(column), int(ends[0]))
    if (points["order"] != 1).any() or (points["kind"] != 1).any():
        return None
    return points["x"], points["y"]


def read_bounds(column: pa.Array) -> np.ndarray[Any, np.dtype[np.float64]]:
    """(n, 4): xmin, ymin, xmax, ymax; NaN where there is no geometry."""
    points = read_points(column)
    return shapely.bounds(read_wkb(column)) if points is None else np.stack([*points, *points], axis=1)


def decimals(srid: int) -> int:
    """How many decimals a coordinate needs: a millimetre, or a centimetre in degrees."""
    return CM_IN_DEGREES if CRS.from_epsg(srid).is_geographic else MM


def locate(column: pa.Array, srid: int) -> Plekken:
    """A point on the surface of each geometry, rounded to ``decimals``; of a point, the point itself."""
    x, y = read_points(column) or _points_inside(read_wkb(column))
    rd, degrees = _transform(x, y, srid, RD), _transform(x, y, srid, LONLAT)
    return Plekken(*(np.round(axis, MM) for axis in rd), *(np.round(axis, CM_IN_DEGREES) for axis in degrees))


def _points_inside(geometries: np.ndarray[Any, np.dtype[np.object_]]) -> tuple[Floats, Floats]:
    areas = shapely.get_dimensions(geometries) > 0
    points = np.where(areas, shapely.point_on_surface(geometries), geometries)
    return shapely.get_x(points), shapely.get_y(points)


def _transform(x: Floats, y: Floats, source: int, target: int) -> tuple[Floats, Floats]:
    if source == target:
        return x, y
    there = _transformer(source, target).transform(x, y)
    return tuple(np.where(np.isfinite(axis), axis, np.nan) for axis in there)  # type: ignore[return-value]


@cache
def _transformer(source: int, target: int) -> Transformer:
    return Transformer.from_crs(source, target, always_xy=True)
