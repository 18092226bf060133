"""GeoJSON coordinates: bounds and shorter numbers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import shapely
from shapely.geometry import shape

from maps.model import Bounds, FeatureCollection

TYPES = ("Point", "Polygon", "MultiPolygon")
DECIMALS = 5  # about one metre in the Netherlands: finer than a line on the screen


def shorten(coordinates: Any) -> Any:
    """Coordinates rounded to DECIMALS, any nesting; shared borders stay shared."""
    if coordinates and isinstance(coordinates[0], int | float):
        return [round(float(part), DECIMALS) for part in coordinates[:2]]
    return [shorten(part) for part in coordinates]


def shorten_geometry(geometry: dict[str, Any]) -> dict[str, Any]:
    """A geometry of one of TYPES with short coordinates. Raises ValueError for any other."""
    if geometry.get("type") not in TYPES:
        raise ValueError(f"meetkunde die niet op de kaart kan: {geometry.get('type')!r}")
    return {"type": geometry["type"], "coordinates": shorten(geometry["coordinates"])}


def inside_point(geometry: dict[str, Any]) -> list[float]:
    """The middle of the widest part of an area: a place for its marker that is inside it, whatever its form."""
    return shorten(shapely.maximum_inscribed_circle(shape(geometry)).coords[0])


def bounds_of(collections: Iterable[FeatureCollection]) -> Bounds | None:
    """(west, south, east, north) over all geometries, None when there are none."""
    points = [
        point
        for collection in collections
        for feature in collection["features"]
        if feature.get("geometry")
        for point in _points(feature["geometry"]["coordinates"])
    ]
    if not points:
        return None
    lon, lat = [p[0] for p in points], [p[1] for p in points]
    return min(lon), min(lat), max(lon), max(lat)


def _points(coordinates: Any) -> Iterator[tuple[float, float]]:
    if coordinates and isinstance(coordinates[0], int | float):
        yield coordinates[0], coordinates[1]
        return
    for part in coordinates:
        yield from _points(part)
