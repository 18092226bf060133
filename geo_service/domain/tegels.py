"""Tile matrix sets: how the plane is cut into tiles, level by level. Pure arithmetic, y downwards in rows."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from geo_service.domain.crs import STORAGE, Box, Crs, find_crs, transformer

PIXELS = 256
# Units along a side of a vector tile, and how far beyond each side it goes, so that symbols on the edge are whole.
EXTENT = 4096
BUFFER = 64
# OGC: the size in metres of a pixel on the reference screen, from which scale denominators follow.
SCREEN_PIXEL = 0.00028
MERCATOR_HALF = 20037508.342789244
LATITUDE = 52.2

Bounds = tuple[float, float, float, float]
Floats = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True)
class Tegelstelsel:
    """A set of square levels, each with four times the tiles of the one above.

    west, north: the upper left corner in metres of crs. grond: real metres per metre of crs in the Netherlands.
    uri, schaalset: the registered definition and scale set; uri is None when the register has none.
    """

    id: str
    titel: str
    crs: Crs
    west: float
    north: float
    zijde: float
    niveaus: int
    schaalset: str
    uri: str | None = None
    grond: float = 1.0

    def cell_size(self, niveau: int) -> float:
        """Metres of crs per pixel."""
        return self.zijde / PIXELS / (1 << niveau)

    def scale_denominator(self, niveau: int) -> float:
        return self.cell_size(niveau) / SCREEN_PIXEL

    @property
    def bounds(self) -> Bounds:
        return self.west, self.north - self.zijde, self.west + self.zijde, self.north

    def find_tile(self, niveau: int, rij: int, kolom: int) -> Tegel | None:
        """The tile at z/y/x; None outside the matrix."""
        if not 0 <= niveau < self.niveaus:
            return None
        inside = 0 <= rij < (1 << niveau) and 0 <= kolom < (1 << niveau)
        return Tegel(self, niveau, rij, kolom) if inside else None

    def limits(self, lonlat: Bounds) -> Iterator[Limiet]:
        """Per level the tiles that a box in degrees touches; none when it lies wholly outside."""
        west, south, east, north = transformer(4326, self.crs.srid).transform_bounds(*lonlat)
        for niveau in range(self.niveaus):
            side, last = self.zijde / (1 << niveau), (1 << niveau) - 1
            columns = math.floor((west - self.west) / side), math.floor((east - self.west) / side)
            rows = math.floor((self.north - north) / side), math.floor((self.north - south) / side)
            if columns[1] < 0 or rows[1] < 0 or columns[0] > last or rows[0] > last:
                continue
            yield Limiet(niveau, max(rows[0], 0), min(rows[1], last), max(columns[0], 0), min(columns[1], last))


@dataclass(frozen=True)
class Limiet:
    """The rows and columns of a level that can hold anything, both ends included."""

    niveau: int
    eerste_rij: int
    laatste_rij: int
    eerste_kolom: int
    laatste_kolom: int


@dataclass(frozen=True)
class Tegel:
    """One tile: rij counts down from the top, kolom from the left."""

    stelsel: Tegelstelsel
    niveau: int
    rij: int
    kolom: int

    @property
    def zijde(self) -> float:
        return self.stelsel.zijde / (1 << self.niveau)

    @property
    def unit(self) -> float:
        """Metres of the set's system per unit of the vector tile."""
        return self.zijde / EXTENT

    @property
    def bounds(self) -> Bounds:
        """west, south, east, north in the set's system."""
        west, north = self.stelsel.west + self.kolom * self.zijde, self.stelsel.north - self.rij * self.zijde
        return west, north - self.zijde, west + self.zijde, north

    def place(self, x: Floats, y: Floats) -> tuple[Floats, Floats]:
        """Points (n,) of the set's system in whole units of the tile, y downwards; not a number stays that."""
        west, _, _, north = self.bounds
        return np.rint((x - west) / self.unit), np.rint((north - y) / self.unit)

    @property
    def ground_resolution(self) -> float:
        """Real metres per pixel in the Netherlands."""
        return self.stelsel.cell_size(self.niveau) * self.stelsel.grond

    def stored_box(self) -> Bounds | None:
        """The box around the tile and its buffer in RD; None when it lies wholly where RD says nothing."""
        west, south, east, north = self.bounds
        more = BUFFER * self.unit
        return Box(west - more, south - more, east + more, north + more, self.stelsel.crs).bounds()


def _system(text: str) -> Crs:
    found = find_crs(text)
    if found is None:
        raise ValueError(f"{text} is not one of our systems")
    return found


WEB_MERCATOR = Tegelstelsel(
    id="WebMercatorQuad",
    titel="Web Mercator, zoals webkaarten overal ter wereld",
    crs=_system("EPSG:3857"),
    west=-MERCATOR_HALF,
    north=MERCATOR_HALF,
    zijde=2 * MERCATOR_HALF,
    niveaus=23,
    schaalset="http://www.opengis.net/def/wkss/OGC/1.0/GoogleMapsCompatible",
    uri="http://www.opengis.net/def/tilematrixset/OGC/1.0/WebMercatorQuad",
    grond=math.cos(math.radians(LATITUDE)),
)
NETHERLANDS_RD = Tegelstelsel(
    id="NetherlandsRDNewQuad",
    titel="Amersfoort / RD New, de Nederlandse richtlijn tiling",
    crs=STORAGE,
    west=-285401.92,
    north=903401.92,
    zijde=PIXELS * 3440.64,
    niveaus=17,
    schaalset="urn:ogc:def:wkss:OGC:1.0:NLDEPSG28992Scale",
)
STELSELS = {stelsel.id: stelsel for stelsel in (WEB_MERCATOR, NETHERLANDS_RD)}
