"""Areas that somebody drew, as the database keeps them: from WKT in a table or from a GeoJSON geometry."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from shapely.geometry import shape

from ingest.coordinaten import to_rd

LONLAT = "EPSG:4326"
_SRID = 28992
# The grid of the Netherlands, with room around it.
_FROM, _TO = (-50_000, 250_000), (350_000, 700_000)


def area_from_wkt(text: str | None) -> str | None:
    """WKT in longitude and latitude as hex EWKB in RD; None for no text, ValueError for what is no area."""
    if text is None:
        return None
    try:
        return _area(shapely.from_wkt(text))
    except shapely.errors.GEOSException as error:
        raise ValueError(text[:80]) from error


def area_from_geojson(geometry: Any, crs: str = LONLAT) -> str | None:
    """As ``area_from_wkt``, of a GeoJSON geometry in crs."""
    if geometry is None:
        return None
    try:
        return _area(shape(geometry), crs)
    except (shapely.errors.GEOSException, TypeError, KeyError, AttributeError, IndexError) as error:
        raise ValueError("geometry") from error


def _area(found: shapely.Geometry, crs: str = LONLAT) -> str:
    flat = shapely.force_2d(found)
    if not isinstance(flat, shapely.Polygon | shapely.MultiPolygon) or flat.is_empty:
        raise ValueError("no area")
    moved = shapely.transform(flat, lambda xy: np.column_stack(to_rd(xy[:, 0], xy[:, 1], crs)))
    points = shapely.get_coordinates(moved)
    inside = np.isfinite(points).all() and (points > _FROM).all() and (points < _TO).all()
    if not inside or not shapely.is_valid(moved):
        raise ValueError("no valid area")
    parts = list(moved.geoms) if isinstance(moved, shapely.MultiPolygon) else [moved]
    whole = shapely.set_srid(shapely.MultiPolygon(parts), _SRID)
    return str(shapely.to_wkb(whole, hex=True, include_srid=True))
