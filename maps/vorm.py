"""Areas as SVG paths: small drawings in a page, without a map around them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from maps.geometrie import bounds_of


@dataclass(frozen=True, slots=True)
class Tekening:
    """breedte, hoogte: of the viewBox. paden: path data per feature, in their order; "" where nothing can be drawn."""

    breedte: int
    hoogte: int
    paden: tuple[str, ...]


def draw_areas(features: Sequence[dict[str, Any]], breedte: int = 600) -> Tekening | None:
    """GeoJSON areas in degrees on a drawing of so many units wide; None when there is none to draw.

    Coordinates are whole units: a border that two areas share stays shared.
    """
    areas = [feature.get("geometry") or {} for feature in features]
    drawable = [{"geometry": area} for area in areas if area.get("type") in ("Polygon", "MultiPolygon")]
    bounds = bounds_of([{"type": "FeatureCollection", "features": drawable}])
    if bounds is None:
        return None
    west, south, east, north = bounds
    # Degrees of longitude are shorter than those of latitude by the cosine of the latitude.
    shrink = math.cos(math.radians((south + north) / 2))
    scale = breedte / max((east - west) * shrink, (north - south) / 2, 1e-9)

    def place(point: Sequence[float]) -> tuple[int, int]:
        return round((point[0] - west) * shrink * scale), round((north - point[1]) * scale)

    paden = tuple("".join(_ring(map(place, ring)) for ring in _rings(area)) for area in areas)
    return Tekening(breedte, max(1, round((north - south) * scale)), paden)


def _rings(geometry: dict[str, Any]) -> Iterator[Iterable[Sequence[float]]]:
    if geometry.get("type") == "Polygon":
        yield from geometry["coordinates"]
    elif geometry.get("type") == "MultiPolygon":
        for polygon in geometry["coordinates"]:
            yield from polygon


def _ring(points: Iterable[tuple[int, int]]) -> str:
    kept: list[tuple[int, int]] = []
    for point in points:
        if not kept or kept[-1] != point:
            kept.append(point)
    if len(kept) < 4:
        return ""
    return "M" + "L".join(f"{x} {y}" for x, y in kept[:-1]) + "Z"
