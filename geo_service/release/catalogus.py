"""What a viewer may know about the collections of a municipality: sources, coverage, trend breaks; never counts."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import shapely

from geo_service.catalogus.dekking import Feature, dekking_features
from geo_service.catalogus.licenties import LICENTIECODES
from geo_service.catalogus.model import Bbox, Breuk, Bron, CollectieTekst, Dataset, Dekkingsregel, Looptijd
from geo_service.db.engine import ReadConnection
from geo_service.db.queries import context as context_queries
from geo_service.db.queries import features as feature_queries
from geo_service.errors import NotFound
from geo_service.identity import Viewer
from geo_service.release.context import Gemeente

Row = dict[str, Any]
BOX_DECIMALS = 4
"""Boxes are rounded outwards to about 10 m: enough to find a municipality, and they never cut it off."""


async def beschrijf(
    connection: ReadConnection, viewer: Viewer, gemeente: Gemeente, collecties: Sequence[CollectieTekst]
) -> tuple[Dataset, ...]:
    """The collections that this viewer may know of, in the given order, each with its own sources only."""
    rows = await context_queries.list_bronnen(connection, gemeente.code)
    bbox = await _bbox(connection, gemeente)
    return tuple(
        _dataset(viewer, gemeente, collectie, rows, bbox) for collectie in collecties if collectie.visible_to(viewer)
    )


async def dekkingskaart(
    connection: ReadConnection, viewer: Viewer, gemeente: Gemeente, collectie: CollectieTekst, niveau: str = "buurt"
) -> list[Feature]:
    """Areas of a level with the covered periods of each source of a collection; NotFound when it may not be known."""
    if not collectie.visible_to(viewer):
        raise NotFound(f"Collectie {collectie.id[:60]!r} bestaat niet.")
    areas = [_area(row) for row in await _drawn(connection, gemeente, niveau)]
    if not areas:
        return []
    jaar = gemeente.peiljaar(None)
    names = [bron.naam for bron in gemeente.bronnen.values() if bron.laag in collectie.toelichting.lagen]
    coverage = {name: gemeente.dekkingen(name, jaar) for name in names}
    return dekking_features(areas, gemeente.leden(jaar, niveau), coverage)


def _dataset(
    viewer: Viewer, gemeente: Gemeente, collectie: CollectieTekst, rows: list[Row], bbox: Bbox | None
) -> Dataset:
    own = [row for row in rows if row["laag"] in collectie.toelichting.lagen]
    names = {row["naam"] for row in own}
    return Dataset(
        collectie=collectie,
        gemeente_code=gemeente.code,
        gemeente_naam=gemeente.naam,
        bronnen=tuple(_bron(gemeente, row) for row in own),
        grenzen_benaderd=gemeente.benaderd,
        looptijd=_looptijd(viewer, gemeente, collectie, names),
        bbox=bbox,
        gewijzigd=_gewijzigd(viewer, gemeente, collectie, own),
    )


def _bron(gemeente: Gemeente, row: Row) -> Bron:
    naam = row["naam"]
    return Bron(
        naam=naam,
        houder=row["houder"] or None,
        definitie=row["definitie"] or None,
        registratie_eenheid=row["registratie_eenheid"] or None,
        grondslag=row["grondslag"] or None,
        licentie=LICENTIECODES.get(row.get("licentie") or ""),
        dekking_tekst=gemeente.dekking_tekst(naam),
        dekking=tuple(_regel(gemeente, item) for item in gemeente.dekking_rows if item["bron"] == naam),
        trendbreuken=tuple(_breuk(gemeente, item) for item in gemeente.trendbreuken if item["bron"] == naam),
    )


def _regel(gemeente: Gemeente, row: Row) -> Dekkingsregel:
    code = row["gebied"]
    return Dekkingsregel(
        code, gemeente.gebied_naam(code), row["van"], row["tot"], loopt_door=row["open"], afgeleid=row["afgeleid"]
    )


def _breuk(gemeente: Gemeente, row: Row) -> Breuk:
    return Breuk(row["datum"], row["reden"], gemeente.gebied_naam(row["gebied"]) if row["gebied"] else None)


def _released_only(viewer: Viewer, collectie: CollectieTekst) -> bool:
    return collectie.toelichting.cijfers and not viewer.scoped


def _looptijd(viewer: Viewer, gemeente: Gemeente, collectie: CollectieTekst, names: set[str]) -> Looptijd | None:
    """What the sources cover, and of that only what is released for who sees released figures."""
    covered = [row for row in gemeente.dekking_rows if row["bron"] in names]
    if not covered:
        return None
    van, tot = _span(covered)
    if not _released_only(viewer, collectie):
        return Looptijd(van, None if any(row["open"] for row in covered) else tot)
    released = [row for row in gemeente.vrijgaven if row["bron"] in names]
    if not released:
        return None
    first, last = _span(released)
    # A year may be released of which the source covers only the first months.
    return Looptijd(max(van, first), min(tot, last)) if van <= last and first <= tot else None


def _span(rows: list[Row]) -> tuple[date, date]:
    return min(row["van"] for row in rows), max(row["tot"] for row in rows)


def _gewijzigd(viewer: Viewer, gemeente: Gemeente, collectie: CollectieTekst, own: list[Row]) -> datetime | None:
    """When what this viewer sees last changed: at a release for released figures, else at a load."""
    if _released_only(viewer, collectie):
        names = {row["naam"] for row in own}
        moments = [row["vrijgegeven_op"] for row in gemeente.vrijgaven if row["bron"] in names]
    else:
        moments = [row["peildatum"] for row in own if row["peildatum"]]
    return max(moments, default=None)


async def _bbox(connection: ReadConnection, gemeente: Gemeente) -> Bbox | None:
    """The box around the municipality, or around its buurten when it has no boundary of its own."""
    areas = await _drawn(connection, gemeente, "gemeente") or await _drawn(connection, gemeente, "buurt")
    if not areas:
        return None
    shapes = [shapely.geometry.shape(area["geometry"]) for area in areas]
    west, south, east, north = map(float, shapely.total_bounds(shapes))
    scale = 10**BOX_DECIMALS
    return (
        math.floor(west * scale) / scale,
        math.floor(south * scale) / scale,
        math.ceil(east * scale) / scale,
        math.ceil(north * scale) / scale,
    )


async def _drawn(connection: ReadConnection, gemeente: Gemeente, niveau: str) -> list[Row]:
    """Areas of the newest vintage that have a boundary."""
    if not gemeente.vintages:
        return []
    jaar = gemeente.peiljaar(None)
    return await feature_queries.list_gebieden(connection, gemeente=gemeente.code, jaar=jaar, niveau=niveau)


def _area(row: Row) -> Feature:
    properties = {"gebied_code": row["code"], "gebied_naam": row["naam"], "niveau": row["niveau"]}
    return {"type": "Feature", "id": row["code"], "geometry": row["geometry"], "properties": properties}
