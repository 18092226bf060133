"""Approximate boundaries: a weighted Voronoi diagram around the centre points, inside a buffered hull of
them.
"""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.spatial import HalfspaceIntersection
from shapely import MultiPolygon, Polygon

from data.demo.feiten import CRS, GEMEENTE, GEMEENTE_NAAM, STADSDELEN, stadsdeel_code

# Chosen so that the outline has the area of the municipality, 142.72 km².
_OUTLINE_BUFFER = 1845.0


def build_gebieden(feiten: pd.DataFrame) -> gpd.GeoDataFrame:
    """Return buurten, wijken, stadsdelen and the gemeente.

    Columns: niveau, code, naam, gemeente_code, geometry (MultiPolygon, RD), geom_status ("ok").
    """
    cells = power_cells(feiten)
    rows = [("buurt", *row) for row in zip(feiten["code"], feiten["naam"], cells, strict=True)]
    for code, naam in feiten.groupby("wijk_code")["wijk_naam"].first().items():
        rows.append(("wijk", str(code), naam, _merge(cells, feiten["wijk_code"] == code)))
    for stadsdeel in STADSDELEN:
        merged = _merge(cells, feiten["stadsdeel"] == stadsdeel)
        rows.append(("stadsdeel", stadsdeel_code(stadsdeel), stadsdeel.capitalize(), merged))
    rows.append(("gemeente", GEMEENTE, GEMEENTE_NAAM, _merge(cells, feiten["code"].notna())))
    niveau, codes, namen, shapes = zip(*rows, strict=True)
    geometry = [shape if isinstance(shape, MultiPolygon) else MultiPolygon([shape]) for shape in shapes]
    frame = pd.DataFrame({"niveau": niveau, "code": codes, "naam": namen, "gemeente_code": GEMEENTE}, dtype=object)
    frame["geom_status"] = pd.Series("ok", index=frame.index, dtype=object)
    gebieden = gpd.GeoDataFrame(frame, geometry=geometry, crs=CRS)
    return gebieden[["niveau", "code", "naam", "gemeente_code", "geometry", "geom_status"]]


def power_cells(feiten: pd.DataFrame) -> list[Polygon]:
    """Return for each buurt the points p with |p - centre|² - gewicht smaller than for any other buurt.

    Every cell is convex, holds its own centre and shares its corners (rounded to 0.1 m) with its neighbours.
    """
    centres = feiten[["x", "y"]].to_numpy(float)
    middle = centres.mean(axis=0)
    near, weights = centres - middle, feiten["gewicht"].to_numpy(float)
    walls = _walls(shapely.transform(outline(feiten), lambda xy: xy - middle))
    cells = []
    for own, centre in enumerate(near):
        others = np.delete(np.arange(len(near)), own)
        normals = 2 * (near[others] - centre)
        offsets = weights[others] - weights[own] + (centre**2).sum() - (near[others] ** 2).sum(axis=1)
        sides = HalfspaceIntersection(np.vstack([np.column_stack([normals, offsets]), walls]), centre)
        corners = np.unique(np.round(sides.intersections + middle, 1), axis=0)
        spokes = corners - centre - middle
        cells.append(Polygon(corners[np.argsort(np.arctan2(spokes[:, 1], spokes[:, 0]))]))
    return cells


def outline(feiten: pd.DataFrame) -> Polygon:
    """Return the approximate outline of the municipality: the hull of the centres, buffered."""
    hull = shapely.MultiPoint(feiten[["x", "y"]].to_numpy(float)).convex_hull
    return shapely.transform(hull.buffer(_OUTLINE_BUFFER, quad_segs=4).normalize(), np.round)


def _walls(convex: Polygon) -> np.ndarray:
    """Return the half-planes (a, b, c), a·x + b·y + c <= 0 inside, of a convex polygon."""
    corners = shapely.get_coordinates(shapely.orient_polygons(convex, exterior_cw=False))
    step = np.diff(corners, axis=0)
    normals = np.column_stack([step[:, 1], -step[:, 0]])
    return np.column_stack([normals, -(normals * corners[:-1]).sum(axis=1)])


def _merge(cells: list[Polygon], chosen: pd.Series) -> Polygon | MultiPolygon:
    return shapely.coverage_union_all([cell for cell, own in zip(cells, chosen, strict=True) if own])
