"""Shapes of areas: repair, dissolve, and what does not fit together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely

from ingest.records import Note

MIN_AREA_M2 = 1.0
_GAP_M2 = 10_000.0
_NAMES_SHOWN = 20


@dataclass(frozen=True)
class Repaired:
    """geometry: (n,) MultiPolygon or None, status: (n,) ok | hersteld | geen_vlak."""

    geometry: np.ndarray
    status: np.ndarray


def repair(geometry: np.ndarray) -> Repaired:
    """Make every shape valid and keep its polygon part only.

    Call this in the coordinates of the file: after a transformation, rounding turns a ring that collapsed to
    a line into a polygon of a few square millimetres.
    """
    flat = shapely.force_2d(geometry)
    present = ~(shapely.is_missing(flat) | shapely.is_empty(flat))
    polygonal = np.isin(shapely.get_type_id(flat), (3, 6))
    whole = present & polygonal & shapely.is_valid(flat)
    result = np.full(len(flat), None, dtype=object)
    for index in np.flatnonzero(present):
        shape = flat[index] if whole[index] else shapely.make_valid(flat[index])
        result[index] = polygon_part(shape)
    status = np.where(whole, "ok", "hersteld").astype(object)
    status[shapely.is_missing(result)] = "geen_vlak"
    return Repaired(result, status)


def settle(geometry: np.ndarray) -> np.ndarray:
    """Shapes after a transformation: valid MultiPolygons again, without a change of status."""
    broken = ~shapely.is_missing(geometry) & ~shapely.is_valid(geometry)
    result = geometry.copy()
    for index in np.flatnonzero(broken):
        result[index] = polygon_part(shapely.make_valid(geometry[index]))
    return result


def polygon_part(shape: shapely.Geometry | None) -> shapely.MultiPolygon | None:
    """The polygons of a shape of any type as one MultiPolygon, or None."""
    if shape is None:
        return None
    parts = shapely.get_parts(shapely.get_parts(shape))
    kept = [part for part in parts if part.geom_type == "Polygon" and part.area > 0]
    return shapely.MultiPolygon(kept) if kept else None


def dissolve(geometry: pd.Series, groups: pd.Series) -> dict[str, shapely.MultiPolygon | None]:
    """Union per group; a group without any polygon gives None."""
    known = groups.notna()
    return {
        str(code): polygon_part(shapely.union_all(part.dropna().to_numpy()))
        for code, part in geometry[known].groupby(groups[known])
    }


def fit_notes(codes: np.ndarray, names: np.ndarray, geometry: np.ndarray) -> list[Note]:
    """Overlaps between neighbours and small holes in the whole, in m²."""
    drawn = ~shapely.is_missing(geometry)
    codes, names, shapes = codes[drawn], names[drawn], geometry[drawn]
    notes = []
    left, right = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    left, right = left[left < right], right[left < right]
    areas = shapely.area(shapely.intersection(shapes[left], shapes[right]))
    real = areas >= MIN_AREA_M2
    if real.any():
        pairs = [
            f"{names[a]} ({codes[a]}) en {names[b]} ({codes[b]})" for a, b in zip(left[real], right[real], strict=True)
        ]
        text = f"Gebieden overlappen elkaar, samen {areas[real].sum():.0f} m²: {listed(pairs)}."
        notes.append(Note("overlap", text, int(real.sum())))
    holes = _small_holes(shapes)
    if len(holes):
        text = f"Tussen de gebieden liggen kleine gaten, samen {holes.sum():.0f} m²."
        notes.append(Note("gaten", text, len(holes)))
    return notes


def _small_holes(shapes: np.ndarray) -> np.ndarray:
    whole = shapely.get_parts(shapely.union_all(shapes))
    rings = [ring for polygon in whole for ring in getattr(polygon, "interiors", ())]
    areas = np.array([shapely.Polygon(ring).area for ring in rings])
    return areas[(areas >= MIN_AREA_M2) & (areas <= _GAP_M2)] if len(areas) else areas


def listed(names: list[str]) -> str:
    rest = len(names) - _NAMES_SHOWN
    return ", ".join(names[:_NAMES_SHOWN]) + (f" en nog {rest}" if rest > 0 else "")
