"""GeoJSON features for the map: figures, places and hotspots, as far as a viewer may see."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from geo_service.db.engine import ReadConnection
from geo_service.db.queries import features as queries
from geo_service.domain.hotspots import PUNTEN
from geo_service.identity import Viewer
from geo_service.release.cijfers import CijferTabel, GebiedCijfer, require_figures
from geo_service.release.context import Gemeente

Feature = dict[str, Any]


def feature(identifier: str, geometry: Any, properties: dict[str, Any]) -> Feature:
    return {
        "type": "Feature",
        "id": identifier,
        "geometry": geometry,
        "properties": {k: _plain(v) for k, v in properties.items()},
    }


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date | datetime) else value


async def cijfers(connection: ReadConnection, tabel: CijferTabel) -> list[Feature]:
    """Figures with the geometry of their area; null for an area that cannot be drawn."""
    areas = await queries.list_gebieden(
        connection, gemeente=tabel.gemeente.code, jaar=tabel.peiljaar, niveau=tabel.niveau
    )
    geometry = {row["code"]: row["geometry"] for row in areas}
    return [
        feature(rij.gebied_code, geometry.get(rij.gebied_code), cijfer_properties(tabel, rij)) for rij in tabel.rijen
    ]


def cijfer_properties(tabel: CijferTabel, rij: GebiedCijfer) -> dict[str, Any]:
    """The published properties of one figure; pages and API use the same names and values."""
    cijfer = rij.cijfer
    properties = {
        "gebied_code": rij.gebied_code,
        "gebied_naam": tabel.gebied_naam(rij.gebied_code),
        "niveau": tabel.niveau,
        "periode": tabel.periode.code,
        "bron": tabel.bron.naam,
        "categorie": tabel.categorie,
        "aantal": cijfer.aantal,
        "noemer": cijfer.noemer,
        "noemer_soort": tabel.noemers.soort if tabel.noemers.waarden else None,
        "per_1000": _rounded(cijfer.per_1000),
        "laag": _rounded(cijfer.laag),
        "hoog": _rounded(cijfer.hoog),
        "status": cijfer.status.value,
        "dekking": round(cijfer.dekking, 4),
        "trendbreuk": rij.trendbreuk,
        "herkomst": tabel.herkomst,
    }
    if rij.buiten_dekking is not None:
        properties["aantal_buiten_dekking"] = rij.buiten_dekking
    return properties


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 3)


@dataclass(frozen=True)
class HotspotVraag:
    """Hotspots of one source and period. methode None: of every method."""

    bron: str
    periode: str
    methode: str | None = PUNTEN


async def hotspots(
    connection: ReadConnection, viewer: Viewer, gemeente: Gemeente, vraag: HotspotVraag
) -> list[Feature]:
    found = await hotspot_rows(connection, viewer, gemeente, vraag)
    return [feature(hotspot_id(row), row["geometry"], hotspot_properties(gemeente, row)) for row in found]


async def hotspot_rows(
    connection: ReadConnection, viewer: Viewer, gemeente: Gemeente, vraag: HotspotVraag
) -> list[dict[str, Any]]:
    """Hotspot areas: staff see what lies in their own stadsdelen at the staff threshold, the rest as everyone."""
    require_figures(viewer)

    async def rows(schema: str) -> list[dict[str, Any]]:
        return await queries.list_hotspots(
            connection,
            gemeente=gemeente.code,
            bron=vraag.bron,
            periode=vraag.periode,
            methode=vraag.methode,
            schema=schema,
        )

    public = await rows("publiek")
    if not viewer.scoped:
        return public
    own = [row for row in await rows("intern") if _owns(viewer, gemeente, row)]
    other = [row for row in public if not _owns(viewer, gemeente, row)]
    return [*own, *other]


def _owns(viewer: Viewer, gemeente: Gemeente, row: dict[str, Any]) -> bool:
    """Whether an area is the viewer's own; one that spans stadsdelen only when each of its buurten is."""
    if row["stadsdeel_code"] is not None:
        return viewer.owns(gemeente.code, row["stadsdeel_code"])
    buurten = set(row["buurten"])
    return bool(buurten) and buurten <= gemeente.eigen_buurten(viewer, gemeente.vintage(row["van"]).jaar)


def hotspot_id(row: dict[str, Any]) -> str:
    return f"{row['run_id']}.{row['nummer']}"


def hotspot_properties(gemeente: Gemeente, row: dict[str, Any]) -> dict[str, Any]:
    names = ", ".join(gemeente.gebied_naam(code) for code in row["buurten"])
    return {
        "gemeente_code": gemeente.code,
        "bron": row["bron"],
        "methode": row["methode"],
        "categorie": row["categorie"],
        "klasse": row["klasse"],
        "periode": row["periode"],
        "begin": row["begin"] or row["van"],
        "eind": row["eind"] or row["tot"],
        "aantal": row["aantal"],
        "plekken": row["plekken"],
        "plekken_soort": row["plekken_soort"],
        "verwacht": row["verwacht"],
        "verhouding": row["verhouding"],
        "p_waarde": row["p_waarde"],
        "status": row["status"],
        "buurten": names,
        "stadsdeel_code": row["stadsdeel_code"],
        "herkomst": f"Bron: {row['bron']}; dekking: {gemeente.dekking_tekst(row['bron'])}; berekening {row['run_id']}",
        **row["kaartje"],
    }
