"""Geometry literals of a filter as shapes in the Dutch grid (EPSG:28992)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import shapely
from shapely.geometry import shape as read_shape

from geo_service.db.queries.cql2.question import FilterVraag, InvalidFilter, Node, show
from geo_service.domain.crs import LAT, LON, RD, STEP, SYSTEMS, transformer

Bounds = tuple[float, float, float, float]
# How deep the positions of a type lie, and how many a line or ring has at least.
_LEVELS = {"Point": 0, "MultiPoint": 1, "LineString": 1, "MultiLineString": 2, "Polygon": 2, "MultiPolygon": 3}
_LEAST = {"LineString": 2, "MultiLineString": 2, "Polygon": 4, "MultiPolygon": 4}
_COLLECTION = "GeometryCollection"
_GEOGRAPHIC = frozenset(crs.srid for crs in SYSTEMS if crs.geografisch)
_RANGES: dict[int, Bounds] = {3857: (-2.01e7, -2.01e7, 2.01e7, 2.01e7), RD: (-1e7, -1e7, 1e7, 1e7)}
_DEGREES: Bounds = (-180.0, -90.0, 180.0, 90.0)
# Far from every feature: what lies outside the grid counts by its being there, not by where.
_ELSEWHERE = (-1_000_000.0, -1_000_000.0)


@dataclass(frozen=True)
class Literal:
    """A literal in RD, cut down to where the grid is defined. buiten: something was cut off."""

    vorm: shapely.Geometry
    buiten: bool = False

    @property
    def whole(self) -> shapely.Geometry:
        """With a stand-in for what was cut off, for relations that depend on there being more."""
        if not self.buiten:
            return self.vorm
        point = shapely.Point(_ELSEWHERE)
        x, y = _ELSEWHERE
        stand_ins = (point, shapely.LineString([(x, y), (x + 1, y)]), shapely.box(x, y, x + 1, y + 1))
        return shapely.union_all([self.vorm, stand_ins[max(shapely.get_dimensions(self.vorm), 0)]])

    @property
    def is_mixed(self) -> bool:
        """A collection of points, lines and areas that cannot be one of these."""
        return self.vorm.geom_type == _COLLECTION and not self.vorm.is_empty


def read_geometry(node: Node, vraag: FilterVraag) -> Literal:
    """A GeoJSON geometry or a bbox in the CRS of the question; heights are left out.

    InvalidFilter when it is empty, crosses itself, has an impossible coordinate or its axes look swapped.
    """
    if vraag.srid not in {crs.srid for crs in SYSTEMS}:
        raise InvalidFilter(f"Geometrieën in EPSG:{vraag.srid} kunnen niet in een filter.")
    made = _bbox(node["bbox"], vraag) if "bbox" in node else _geojson(node)
    if vraag.assen_omgekeerd:
        made = _swap(made)
    _check(made, vraag)
    if made.geom_type == _COLLECTION:
        made = shapely.union_all(shapely.get_parts(made))
    return _project(made, vraag.srid)


def _geojson(node: Node) -> shapely.Geometry:
    kind = node.get("type")
    if kind == _COLLECTION:
        parts = node.get("geometries")
        if not isinstance(parts, list) or not parts or not all(_is_simple(part) for part in parts):
            raise InvalidFilter("Een GEOMETRYCOLLECTION hoort enkelvoudige geometrieën te bevatten.")
        return shapely.GeometryCollection([_geojson(part) for part in parts])
    if not isinstance(kind, str) or kind not in _LEVELS:
        raise InvalidFilter(f"Het soort geometrie {show(kind)} bestaat niet.")
    return read_shape({"type": kind, "coordinates": _positions(node.get("coordinates"), kind, _LEVELS[kind])})


def _is_simple(node: Node) -> bool:
    return isinstance(node, dict) and node.get("type") != _COLLECTION


def _positions(node: Node, kind: str, level: int) -> Any:
    if not isinstance(node, list) or not node:
        raise InvalidFilter(f"Een {kind} in het filter is leeg of heeft geen coördinaten.")
    if level == 0:
        return _numbers(node, (2, 3, 4), kind)[:2]
    found = [_positions(item, kind, level - 1) for item in node]
    if level == 1 and len(found) < _LEAST.get(kind, 1):
        raise InvalidFilter(f"Een {kind} in het filter heeft te weinig punten; minstens {_LEAST[kind]}.")
    if level == 1 and kind in ("Polygon", "MultiPolygon") and found[0] != found[-1]:
        raise InvalidFilter(f"De rand van een {kind} in het filter is niet gesloten; begin en eind met hetzelfde punt.")
    return found


def _numbers(node: Node, lengths: tuple[int, ...], kind: str) -> list[float]:
    if not isinstance(node, list) or len(node) not in lengths:
        raise InvalidFilter(f"Een {kind} in het filter heeft niet het goede aantal coördinaten.")
    for value in node:
        if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < math.inf:
            raise InvalidFilter(f"Een coördinaat van een {kind} in het filter is geen getal: {show(value)}.")
    return [float(value) for value in node]


def _bbox(node: Node, vraag: FilterVraag) -> shapely.Geometry:
    """A box; one that is narrower than nothing crosses the date line of a geographic CRS and becomes two."""
    values = _numbers(node, (4, 6), "BBOX")
    half = len(values) // 2
    low, high = values[:2], values[half : half + 2]
    axis = 1 if vraag.assen_omgekeerd else 0
    crosses = low[axis] > high[axis] and vraag.srid in _GEOGRAPHIC
    if low[1 - axis] > high[1 - axis] or (low[axis] > high[axis] and not crosses):
        raise InvalidFilter("De BBOX begint voorbij zijn eind; schrijf eerst de kleinste en dan de grootste hoek.")
    if not crosses:
        return _box(*low, *high)
    east, west = list(high), list(low)
    east[axis], west[axis] = 180.0, -180.0
    return shapely.union_all([_box(*low, *east), _box(*west, *high)])


def _box(west: float, south: float, east: float, north: float) -> shapely.Geometry:
    """A box without width or height is a line or a point."""
    if west == east or south == north:
        return (
            shapely.Point(west, south)
            if (west, south) == (east, north)
            else shapely.LineString([(west, south), (east, north)])
        )
    return shapely.box(west, south, east, north)


def _check(made: shapely.Geometry, vraag: FilterVraag) -> None:
    if not _inside(made.bounds, _RANGES.get(vraag.srid, _DEGREES)):
        raise InvalidFilter("Een geometrie in het filter valt buiten het bereik van haar coördinaatstelsel.")
    _require_valid(made)
    if vraag.srid in _GEOGRAPHIC and _looks_swapped(made.bounds):
        order = "breedte en dan de lengte" if vraag.assen_omgekeerd else "lengte en dan de breedte"
        raise InvalidFilter(f"De coördinaten in het filter lijken verwisseld; schrijf eerst de {order}.")


def _require_valid(made: shapely.Geometry) -> None:
    if not made.is_valid:
        raise InvalidFilter("Een geometrie in het filter is ongeldig: een rand snijdt zichzelf of valt samen.")


def _inside(bounds: Bounds, area: Bounds) -> bool:
    return bounds[0] >= area[0] and bounds[1] >= area[1] and bounds[2] <= area[2] and bounds[3] <= area[3]


def _looks_swapped(bounds: Bounds) -> bool:
    """Nowhere near the Netherlands, unless the axes were the other way round."""
    west, south, east, north = bounds
    box = shapely.box(*_grid(4326))
    return not box.intersects(shapely.box(*bounds)) and _inside((south, west, north, east), _grid(4326))


def _swap(made: shapely.Geometry) -> shapely.Geometry:
    return shapely.transform(made, lambda xy: xy[:, ::-1])


@cache
def _grid(srid: int) -> Bounds:
    """Where the Dutch grid is defined, in another CRS."""
    if srid in _GEOGRAPHIC:
        return LON[0], LAT[0], LON[1], LAT[1]
    west, south, east, north = transformer(4326, srid).transform_bounds(LON[0], LAT[0], LON[1], LAT[1])
    return float(west), float(south), float(east), float(north)


def _project(made: shapely.Geometry, srid: int) -> Literal:
    """To RD. Long sides get points in between: a straight line in degrees is a curve there."""
    if srid == RD:
        return Literal(made)
    inside = made if _inside(made.bounds, _grid(srid)) else _cut(made, srid)
    if inside.is_empty:
        return Literal(inside, buiten=True)
    move = transformer(srid, RD)
    dense = shapely.segmentize(inside, STEP[srid in _GEOGRAPHIC])
    moved = shapely.transform(dense, lambda xy: np.column_stack(move.transform(xy[:, 0], xy[:, 1])))
    _require_valid(moved)
    return Literal(moved, buiten=inside is not made)


def _cut(made: shapely.Geometry, srid: int) -> shapely.Geometry:
    """What lies in the grid, without the lower dimensions that touch its sides; an empty shape of the same kind."""
    area = shapely.box(*_grid(srid))
    if made.geom_type == _COLLECTION:
        parts = [_cut(part, srid) for part in shapely.get_parts(made)]
        return shapely.GeometryCollection([part for part in parts if not part.is_empty])
    parts = shapely.get_parts(shapely.intersection(made, area))
    kept = parts[shapely.get_dimensions(parts) == shapely.get_dimensions(made)]
    empty = type(made)()
    return shapely.union_all(kept) if len(kept) else empty
