"""The coordinate reference systems that go in and out, and boxes in any of them as shapes in the Dutch grid (RD)."""

from __future__ import annotations

import math
import struct
from collections.abc import Sequence
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
# Of EWKB: that a system follows, and what kind of shape it is.
WITH_SRID, POLYGON = 0x20000000, 3


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

    def outline(self) -> Outline | None:
        """The box in RD; None when it lies wholly where the Dutch grid is not defined."""
        sides = self._within_limits()
        if sides is None:
            return None
        west, south, east, north = sides
        if self.crs.srid == RD:
            return Outline([west, east, east, west], [south, south, north, north], 1, 1)
        step = STEP[self.crs.geografisch]
        across, up = _steps((east - west) / step), _steps((north - south) / step)
        to_east = [west + (east - west) * number / across for number in range(across + 1)]
        to_north = [south + (north - south) * number / up for number in range(up + 1)]
        x = [*to_east[:-1], *[east] * up, *to_east[:0:-1], *[west] * up]
        y = [*[south] * across, *to_north[:-1], *[north] * across, *to_north[:0:-1]]
        return Outline(*transformer(self.crs.srid, RD).transform(x, y), across, up)

    def bounds(self) -> tuple[float, float, float, float] | None:
        """The upright box in RD around it; None where it has no outline."""
        sides = self._within_limits()
        if sides is None or self.crs.srid == RD:
            return sides
        return transformer(self.crs.srid, RD).transform_bounds(*sides)

    def _within_limits(self) -> tuple[float, float, float, float] | None:
        """The part of the box where the Dutch grid is defined; one in RD is as it is."""
        if self.crs.srid == RD:
            return self.west, self.south, self.east, self.north
        limits = _limits(self.crs.srid)
        west, south = max(self.west, limits[0]), max(self.south, limits[1])
        east, north = min(self.east, limits[2]), min(self.north, limits[3])
        return (west, south, east, north) if west < east and south < north else None


@dataclass(frozen=True)
class Outline:
    """A box in RD: the points of its south, east, north and west side, in turn ``across`` and ``up`` of them; each side
    goes on to the first point of the next. Every page has one, and shapely takes a third of a millisecond for it."""

    x: Sequence[float]
    y: Sequence[float]
    across: int
    up: int

    def ewkb(self) -> str:
        """Hexadecimal EWKB of the polygon."""
        around = [value for point in zip(self.x, self.y, strict=True) for value in point]
        return _polygon([*around, *around[:2]])

    def inner_ewkb(self) -> str | None:
        """As ``ewkb``, of a rectangle along the axes inside the box; None when it is too narrow for one.

        Bounds alone decide inside it, and the database keeps bounds in single precision: centimetres off in RD.
        """
        x, y = [*self.x, self.x[0]], [*self.y, self.y[0]]
        southeast, northeast, northwest = self.across, self.across + self.up, 2 * self.across + self.up
        south = max(y[: southeast + 1]) + BOUNDS_METRES
        east = min(x[southeast : northeast + 1]) - BOUNDS_METRES
        north = min(y[northeast : northwest + 1]) - BOUNDS_METRES
        west = max(x[northwest:]) + BOUNDS_METRES
        # No side comes into it: it lies inside as a whole.
        if west >= east or south >= north:
            return None
        return _polygon([west, south, east, south, east, north, west, north, west, south])


def _steps(wanted: float) -> int:
    return max(1, math.ceil(min(wanted, MAX_STEPS)))


def _polygon(around: Sequence[float]) -> str:
    """EWKB in RD of a ring: x and y in turn, the first point once more at its end."""
    return struct.pack(f"<BIIII{len(around)}d", 1, WITH_SRID | POLYGON, RD, 1, len(around) // 2, *around).hex()


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
