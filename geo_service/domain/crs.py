"""The coordinate reference systems that go in and out, and boxes in any of them as shapes in the Dutch grid (RD)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import shapely
from pyproj import Transformer

Floats = np.ndarray[Any, np.dtype[np.float64]]
OPGIS = "http://www.opengis.net/def/crs/"
# Where the Dutch grid says anything; a box around the world is cut down to this before it is transformed.
LON, LAT = (2.0, 8.5), (49.5, 54.5)
RD = 28992
# Radius in metres of the sphere of Web Mercator, around the same longitudes and latitudes (EPSG 1024).
SPHERE = 6378137.0
# Degrees and metres between points on the side of a box, so that it follows its curve in RD to a millimetre; of a box
# the size of a province only to a metre, for a shape of thousands of points costs more than it brings.
STEP = {True: 0.002, False: 200.0}
MAX_STEPS = 64
# More than single precision can be off at the northern end of RD (0.03 m), twice.
BOUNDS_METRES = 0.1


@dataclass(frozen=True)
class Crs:
    """One system. omgekeerd: latitude comes first. decimalen: of a coordinate, about a centimetre or finer."""

    uri: str
    srid: int
    naam: str
    geografisch: bool
    omgekeerd: bool = False

    @property
    def decimalen(self) -> int:
        return 7 if self.geografisch else 3


CRS84 = Crs(f"{OPGIS}OGC/1.3/CRS84", 4326, "WGS 84, lengte en breedte (CRS84)", True)
STORAGE = Crs(f"{OPGIS}EPSG/0/28992", RD, "Amersfoort / RD New (EPSG:28992)", False)
SYSTEMS = (
    CRS84,
    Crs(f"{OPGIS}EPSG/0/4258", 4258, "ETRS89, breedte en lengte (EPSG:4258)", True, omgekeerd=True),
    STORAGE,
    Crs(f"{OPGIS}EPSG/0/3857", 3857, "Web Mercator (EPSG:3857)", False),
    Crs(f"{OPGIS}EPSG/0/4326", 4326, "WGS 84, breedte en lengte (EPSG:4326)", True, omgekeerd=True),
)


def find_crs(text: str) -> Crs | None:
    """The system of a URI, of ``EPSG:28992`` or of ``CRS84``; None when it is not one of ours."""
    wanted = text.strip().strip("[]").removeprefix("https").removeprefix("http")
    for crs in SYSTEMS:
        short = "CRS84" if crs is CRS84 else f"EPSG:{crs.srid}"
        if wanted == crs.uri.removeprefix("http") or text.upper() in (short, f"OGC:{short}"):
            return crs
    return None


@dataclass(frozen=True)
class Box:
    """A box that was asked for, in x,y order: west, south, east, north."""

    west: float
    south: float
    east: float
    north: float
    crs: Crs = CRS84

    def shape(self) -> shapely.Geometry | None:
        """The box in RD; None when it lies wholly where the Dutch grid is not defined."""
        if self.crs.srid == RD:
            return shapely.box(self.west, self.south, self.east, self.north)
        sides = self._within_limits()
        if sides is None:
            return None
        west, south, east, north = sides
        step = max(STEP[self.crs.geografisch], (east - west) / MAX_STEPS, (north - south) / MAX_STEPS)
        flat = shapely.segmentize(shapely.box(west, south, east, north), step)
        move = transformer(self.crs.srid, RD)
        return shapely.transform(flat, lambda xy: np.column_stack(move.transform(xy[:, 0], xy[:, 1])))

    def bounds(self) -> tuple[float, float, float, float] | None:
        """The upright box in RD around it, in far less time than ``shape``; None where that is None."""
        if self.crs.srid == RD:
            return self.west, self.south, self.east, self.north
        sides = self._within_limits()
        return None if sides is None else transformer(self.crs.srid, RD).transform_bounds(*sides)

    def _within_limits(self) -> tuple[float, float, float, float] | None:
        """The part of the box where the Dutch grid is defined."""
        limits = _limits(self.crs.srid)
        west, south = max(self.west, limits[0]), max(self.south, limits[1])
        east, north = min(self.east, limits[2]), min(self.north, limits[3])
        return (west, south, east, north) if west <= east and south <= north else None


def inner_rectangle(shape: shapely.Geometry) -> shapely.Geometry | None:
    """A rectangle along the axes inside a box that may be slightly turned; None when it is too narrow for one.

    Bounds alone decide inside it, and the database keeps bounds in single precision: centimetres off in RD.
    """
    west, south, east, north = shape.bounds
    turn = _turn(shape)
    inner = shapely.box(west + turn, south + turn, east - turn, north - turn) if turn * 2 < east - west else None
    return inner if inner is not None and turn * 2 < north - south and shape.covers(inner) else None


def _turn(shape: shapely.Geometry) -> float:
    """How far a corner lies inside the bounds, in metres."""
    west, south, east, north = shape.bounds
    # The box was drawn counterclockwise or clockwise from a corner; its four corners are those nearest to the bounds.
    corners = np.array([(west, south), (west, north), (east, south), (east, north)])
    away = np.abs(shapely.get_coordinates(shape)[np.newaxis] - corners[:, np.newaxis])
    nearest = away.sum(axis=2).argmin(axis=1)
    return float(away[np.arange(4), nearest].max()) + BOUNDS_METRES


def degrees_of_web(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Longitudes and latitudes of places in Web Mercator (EPSG:3857)."""
    return np.degrees(x / SPHERE), np.degrees(np.arctan(np.sinh(y / SPHERE)))


@cache
def transformer(source: int, target: int) -> Transformer:
    """Between two EPSG codes, x,y order on both sides."""
    return Transformer.from_crs(source, target, always_xy=True)


@cache
def _limits(srid: int) -> tuple[float, float, float, float]:
    if srid in (4326, 4258):
        return LON[0], LAT[0], LON[1], LAT[1]
    west, south, east, north = transformer(4326, srid).transform_bounds(LON[0], LAT[0], LON[1], LAT[1])
    return float(west), float(south), float(east), float(north)


def ewkb(shape: shapely.Geometry) -> str:
    """Hexadecimal EWKB in RD, as a parameter for the database."""
    return str(shapely.to_wkb(shapely.set_srid(shape, RD), hex=True, include_srid=True))
