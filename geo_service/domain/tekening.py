"""An area that somebody drew or sent as GeoJSON: what it must be, and in plain words what is wrong with it."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from shapely.geometry import shape

from geo_service.domain.crs import RD, ewkb, transformer

MEESTE_PUNTEN = 2_000
KLEINSTE_M2 = 100.0
GEEN_JSON = (
    "Dit is geen GeoJSON: op regel {regel}, teken {teken} gaat het mis. Kies een ander bestand of teken het gebied."
)
GEEN_VLAK = "Hierin staat geen vlak. Geef een Polygon of MultiPolygon, of een Feature of FeatureCollection daarvan."
KRUIST = "De lijn van de tekening kruist of raakt zichzelf. Versleep daar een punt, of teken het gebied opnieuw."
_STRANGE = (ValueError, TypeError, KeyError, AttributeError, IndexError, RecursionError)
_REASON = re.compile(r"^(.*)\[(\S+) (\S+)\]$")


class TekeningFout(ValueError):
    """What is wrong with a drawing. punt: about where (longitude and latitude), None for all of it."""

    def __init__(self, tekst: str, punt: tuple[float, float] | None = None):
        self.punt = punt
        super().__init__(tekst)


@dataclass(frozen=True)
class Tekening:
    """A valid area. ewkb: hex, MultiPolygon in RD; oppervlakte in m²."""

    ewkb: str
    oppervlakte: float


def read_tekening(text: str) -> Tekening:
    """Text as GeoJSON in longitude and latitude; TekeningFout in Dutch."""
    try:
        document = json.loads(text)
    except json.JSONDecodeError as error:
        raise TekeningFout(GEEN_JSON.format(regel=error.lineno, teken=error.colno)) from None
    except (RecursionError, ValueError):
        raise TekeningFout(GEEN_VLAK) from None
    return make_tekening(document)


def make_tekening(document: Any) -> Tekening:
    """As ``read_tekening``, of a GeoJSON object."""
    try:
        parts = [part for geometry in _geometries(document) for part in _polygons(geometry)]
    except TekeningFout:
        raise
    except (*_STRANGE, shapely.errors.GEOSException):
        raise TekeningFout(GEEN_VLAK) from None
    if not parts:
        raise TekeningFout(GEEN_VLAK)
    if sum(int(shapely.get_num_coordinates(part)) for part in parts) > MEESTE_PUNTEN:
        raise TekeningFout(f"De tekening heeft meer dan {MEESTE_PUNTEN} punten. Maak haar eenvoudiger.")
    return _joined([_to_rd(part) for part in parts])


def _geometries(document: Any) -> list[Any]:
    if not isinstance(document, dict):
        raise TekeningFout(GEEN_VLAK)
    kind = document.get("type")
    if kind == "FeatureCollection":
        return [feature["geometry"] for feature in document["features"]]
    if kind == "Feature":
        return [document["geometry"]]
    if kind == "GeometryCollection":
        return list(document["geometries"])
    return [document]


def _polygons(geometry: Any) -> list[shapely.Polygon]:
    if geometry["type"] not in ("Polygon", "MultiPolygon"):
        raise TekeningFout(GEEN_VLAK)
    found = shapely.force_2d(shape(geometry))
    if found.is_empty:
        raise TekeningFout("Het getekende vlak is leeg.")
    return list(found.geoms) if isinstance(found, shapely.MultiPolygon) else [found]


def _to_rd(whole: shapely.Geometry) -> shapely.Geometry:
    move = transformer(4326, RD)
    moved = shapely.transform(whole, lambda xy: np.column_stack(move.transform(xy[:, 0], xy[:, 1])))
    points = shapely.get_coordinates(moved)
    # The grid of the Netherlands, with room around it.
    inside = np.isfinite(points).all() and (points > (-50_000, 250_000)).all() and (points < (350_000, 700_000)).all()
    if not inside:
        raise TekeningFout(
            "Het gebied ligt niet in Nederland. In GeoJSON staat van elk punt eerst de lengte (3 tot 7) en dan de "
            "breedte (51 tot 53)."
        )
    return moved


def _joined(parts: list[shapely.Geometry]) -> Tekening:
    for part in parts:
        if not shapely.is_valid(part):
            raise _invalid(shapely.is_valid_reason(part))
    whole = shapely.union_all(parts)
    if whole.area < KLEINSTE_M2:
        raise TekeningFout(f"Het getekende gebied is kleiner dan {KLEINSTE_M2:.0f} m². Teken het groter.")
    pieces = list(whole.geoms) if isinstance(whole, shapely.MultiPolygon) else [whole]
    return Tekening(ewkb(shapely.MultiPolygon(pieces)), whole.area)


def _invalid(reason: str) -> TekeningFout:
    """GEOS names the kind and the place, in metres of RD."""
    found = _REASON.match(reason)
    if found is None:
        return TekeningFout("De tekening is geen geldig vlak. Teken het gebied opnieuw.")
    lon, lat = transformer(RD, 4326).transform(float(found[2]), float(found[3]))
    return TekeningFout(KRUIST, (float(lon), float(lat)))
