"""A village small enough to count by hand: four square buurten of 1 km² in two wijken, and lists of meldingen.

BU90010100 | BU90010101        wijk WK900101, stadsdeel Noord
-----------+-----------
BU90010000 | BU90010001        wijk WK900100, stadsdeel Zuid         lower left corner at RD 200000, 500000
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

GEMEENTE = "GM9001"
ZW, ZO, NW, NO = "BU90010000", "BU90010001", "BU90010100", "BU90010101"
LEFT, BOTTOM, SIDE = 200_000, 500_000, 1_000
MIDDLE = {ZW: (200_500, 500_500), ZO: (201_500, 500_500), NW: (200_500, 501_500), NO: (201_500, 501_500)}
OUTSIDE = (203_500, 500_500)
COLUMNS = ("id", "created_at", "x", "y", "category", "status")


def write_gebieden(path: Path, *, border: int = SIDE, codes: Iterable[str] = (ZW, ZO, NW, NO)) -> Path:
    """The buurten as GeoJSON. border: metres between the left edge and the line between west and east."""
    boxes = {ZW: (0, 0, border, SIDE), ZO: (border, 0, 2 * SIDE, SIDE)}
    boxes |= {NW: (0, SIDE, border, 2 * SIDE), NO: (border, SIDE, 2 * SIDE, 2 * SIDE)}
    features = [
        {
            "type": "Feature",
            "properties": {"buurtcode": code, "buurtnaam": f"Buurt {code[-3:]}"} | PARENTS[code],
            "geometry": {"type": "Polygon", "coordinates": [_ring(*boxes[code])]},
        }
        for code in codes
    ]
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::28992"}}
    path.write_text(json.dumps({"type": "FeatureCollection", "crs": crs, "features": features}), encoding="utf-8")
    return path


PARENTS = {code: {"wijkcode": f"WK{code[2:8]}", "gemeentecode": GEMEENTE, "gemeentenaam": "Dorp"} for code in MIDDLE}


def _ring(west: int, south: int, east: int, north: int) -> list[list[int]]:
    corners = ((west, south), (east, south), (east, north), (west, north), (west, south))
    return [[LEFT + x, BOTTOM + y] for x, y in corners]


def write_stadsdelen(path: Path) -> Path:
    lines = [f"{code},{name}" for code, name in ((ZW, "Zuid"), (ZO, "Zuid"), (NW, "Noord"), (NO, "Noord"))]
    path.write_text("buurtcode,stadsdeel\n" + "\n".join(lines) + "\n", encoding="utf-8")
    return path


def melding(
    key: Any, *, buurt: str | None = ZW, at: tuple[float, float] | None = None, **changes: Any
) -> dict[str, Any]:
    """One row: in the middle of a buurt, or at a point; the other columns can be changed by name."""
    x, y = at or (MIDDLE[buurt] if buurt else OUTSIDE)
    row = {"id": key, "created_at": "2025-03-10T12:00:00Z", "x": x, "y": y}
    return row | {"category": "afval-dumping", "status": "gemeld"} | changes


def write_csv(path: Path, rows: Iterable[Mapping[str, Any]], columns: Iterable[str] = COLUMNS) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(columns))
        writer.writeheader()
        writer.writerows(rows)
    return path
