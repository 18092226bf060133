"""Areas as SVG paths: small drawings in a page, without a map around them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from maps.geometrie import bounds_of
from maps.model import Bounds


@dataclass(frozen=True, slots=True)
class Tekening:
    """breedte, hoogte: of the viewBox. paden: path data per feature, in their order; "" where nothing can be drawn."""

    breedte: int
    hoogte: int
    paden: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Schaal:
    """From degrees to units of a drawing: the north-west corner, and how many units a degree of latitude takes."""

    west: float
    north: float
    shrink: float
    scale: float

    @classmethod
    def of(cls, bounds: Bounds, breedte: float) -> Schaal:
        """The drawing of bounds (west, south, east, north) is so many units wide, or two times as high at most."""
        west, south, east, north = bounds
        # Degrees of longitude are shorter than those of latitude by the cosine of the latitude.
        shrink = math.cos(math.radians((south + north) / 2))
        return cls(west, north, shrink, breedte / max((east - west) * shrink, (north - south) / 2, 1e-9))

    def place(self, point: Sequence[float]) -> tuple[int, int]:
        """Whole units: a border that two areas share stays shared."""
        return round((point[0] - self.west) * self.shrink * self.scale), round((self.north - point[1]) * self.scale)

    def pad(self, geometry: dict[str, Any]) -> str:
        """Path data of a polygon; "" where nothing can be drawn."""
        return "".join(_ring(map(self.place, ring)) for ring in _rings(geometry))


def draw_areas(features: Sequence[dict[str, Any]], breedte: int = 600) -> Tekening | None:
    """GeoJSON areas in degrees on a drawing of so many units wide; None when there is none to draw."""
    areas = [feature.get("geometry") or {} for feature in features]
    drawable = [{"geometry": area} for area in areas if area.get("type") in ("Polygon", "MultiPolygon")]
    bounds = bounds_of([{"type": "FeatureCollection", "features": drawable}])
    if bounds is None:
        return None
    schaal = Schaal.of(bounds, breedte)
    hoogte = round((bounds[3] - bounds[1]) * schaal.scale)
    return Tekening(breedte, max(1, hoogte), tuple(schaal.pad(area) for area in areas))


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
