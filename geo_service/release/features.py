"""GeoJSON features for API and map: areas, figures, places, housing and hotspots, as far as a viewer may see."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from geo_service.db.queries import context as context_queries
from geo_service.db.queries import features as queries
from geo_service.domain.gebieden import BUITEN
from geo_service.identity import Viewer
from geo_service.release.cijfers import CijferTabel, GebiedCijfer, require_figures
from geo_service.release.context import Gemeente

Feature = dict[str, Any]
Bbox = list[float] | None

WONING_INDICATOREN = (
    "woningvoorraad", "woningvoorraad_bag", "woz_1000", "koop_pct", "huur_pct", "corporatie_pct", "overige_verhuur_pct",
    "eengezins_pct", "meergezins_pct", "inwoners", "huishoudens", "panden_bouwjaar_voor_1945",
    "panden_bouwjaar_1945_1974",
    "panden_bouwjaar_1975_1999", "panden_bouwjaar_vanaf_2000",
)  # fmt: skip


def feature(identifier: str, geometry: Any, properties: dict[str, Any]) -> Feature:
    return {
        "type": "Feature",
        "id": identifier,
        "geometry": geometry,
        "properties": {k: _plain(v) for k, v in properties.items()},
    }


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date | datetime) else value


async def gebieden(
    connection: AsyncConnection,
    gemeente: Gemeente,
    niveau: str,
    *,
    jaar: int | None = None,
    bbox: Bbox = None,
) -> list[Feature]:
    """Areas of a level; the newest vintage when none is asked."""
    if not gemeente.vintages:
        return []
    year = gemeente.peiljaar(jaar)
    rows = await queries.list_gebieden(connection, gemeente=gemeente.code, jaar=year, niveau=niveau, bbox=bbox)
    return [
        feature(
            row["code"],
            row["geometry"],
            {
                "gebied_code": row["code"],
                "gebied_naam": row["naam"],
                "niveau": niveau,
                "gemeente_code": gemeente.code,
                "peiljaar": row["jaar"],
                "oppervlakte_ha": round(row["oppervlakte_ha"], 2),
                "geom_status": row["geom_status"],
                "benaderd": row["benaderd"],
                "herkomst": _gebied_herkomst(row["jaar"], row["benaderd"]),
            },
        )
        for row in rows
    ]


def _gebied_herkomst(jaar: int, benaderd: bool) -> str:
    if benaderd:
        return f"Gebiedsindeling {jaar}; grenzen zijn een benadering en niet de officiële grenzen"
    return f"Gebiedsindeling {jaar} zoals geladen; vereenvoudigde weergave van de aangeleverde grenzen"


async def cijfers(connection: AsyncConnection, tabel: CijferTabel, *, bbox: Bbox = None) -> list[Feature]:
    """Figures with the geometry of their area. Areas that cannot be drawn have geometry null and no bbox."""
    areas = await queries.list_gebieden(
        connection, gemeente=tabel.gemeente.code, jaar=tabel.peiljaar, niveau=tabel.niveau, bbox=bbox
    )
    geometry = {row["code"]: row["geometry"] for row in areas}
    return [
        feature(rij.gebied_code, geometry.get(rij.gebied_code), cijfer_properties(tabel, rij))
        for rij in tabel.rijen
        if bbox is None or rij.gebied_code in geometry
    ]


def cijfer_properties(tabel: CijferTabel, rij: GebiedCijfer) -> dict[str, Any]:
    """The published properties of one figure; pages and API use the same names and values."""
    cijfer = rij.cijfer
    outside = rij.gebied_code == BUITEN
    properties = {
        "gebied_code": rij.gebied_code,
        "gebied_naam": "Buiten de gemeente of zonder buurt" if outside else tabel.gemeente.gebied_naam(rij.gebied_code),
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


async def wijkwijzers(connection: AsyncConnection, gemeente: Gemeente, *, bbox: Bbox = None) -> list[Feature]:
    rows = await queries.list_wijkwijzers(connection, gemeente=gemeente.code, bbox=bbox)
    return [_place(gemeente, row) for row in rows]


async def voorzieningen(connection: AsyncConnection, gemeente: Gemeente, *, bbox: Bbox = None) -> list[Feature]:
    """Accessible places. Sensitive locations live in another table and never come along."""
    rows = await queries.list_voorzieningen(connection, gemeente=gemeente.code, bbox=bbox)
    return [_place(gemeente, row) for row in rows]


def _place(gemeente: Gemeente, row: dict[str, Any]) -> Feature:
    bron = gemeente.bronnen.get(row["bron"])
    holder = f" ({bron.houder})" if bron and bron.houder else ""
    moment = f"; stand van {bron.peildatum:%d-%m-%Y}" if bron and bron.peildatum else ""
    properties = {name: value for name, value in row.items() if name not in ("geometry", "sleutel")}
    properties |= {"gemeente_code": gemeente.code, "herkomst": f"Bron: {row['bron']}{holder}{moment}"}
    return feature(f"{row['bron']}.{row['sleutel']}", row["geometry"], properties)


async def woningvoorraad(
    connection: AsyncConnection,
    gemeente: Gemeente,
    niveau: str,
    *,
    jaar: int | None = None,
    bbox: Bbox = None,
) -> list[Feature]:
    """Housing figures per area from key figures, each of its own newest year. Panden are buildings, not dwellings."""
    areas = await gebieden(connection, gemeente, niveau, jaar=jaar, bbox=bbox)
    rows = await context_queries.list_kerncijfers(connection, gemeente.code, list(WONING_INDICATOREN))
    newest: dict[tuple[str, str], dict[str, Any]] = {}
    for row in sorted(rows, key=lambda row: row["jaar"]):
        newest[row["gebied_code"], row["indicator"]] = row
    leden = gemeente.leden(gemeente.peiljaar(jaar), niveau) if areas else {}
    for area in areas:
        area["properties"] |= _housing(area["id"], leden.get(area["id"], frozenset()), newest)
    return areas


def _housing(code: str, buurten: frozenset[str], newest: dict[tuple[str, str], dict[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    sources = set()
    for indicator in WONING_INDICATOREN:
        row = newest.get((code, indicator))
        parts = [] if row else [newest[buurt, indicator] for buurt in buurten if (buurt, indicator) in newest]
        # Counts add up over buurten; shares and averages do not, and stay missing where the publisher gave none.
        known = [part["waarde"] for part in parts if part["waarde"] is not None]
        summed = sum(known) if known and not indicator.endswith(("_pct", "_1000")) else None
        found[indicator] = row["waarde"] if row else summed
        sources |= {f"{part['bron']} {part['jaar']}" for part in ([row] if row else parts)}
    status = "ok" if found["woningvoorraad"] is not None or found["woningvoorraad_bag"] is not None else "ontbreekt"
    return found | {"status": status, "herkomst": f"Bron: {', '.join(sorted(sources)) or 'geen'}"}


@dataclass(frozen=True)
class HotspotVraag:
    """Hotspots of one source and period, within a box when one is given."""

    bron: str
    periode: str
    bbox: Bbox = None


async def hotspots(
    connection: AsyncConnection, viewer: Viewer, gemeente: Gemeente, vraag: HotspotVraag
) -> list[Feature]:
    """Hotspot areas: staff see their own stadsdelen at the staff threshold, everything else at the public one."""

    require_figures(viewer)

    async def rows(schema: str) -> list[dict[str, Any]]:
        return await queries.list_hotspots(
            connection, gemeente=gemeente.code, bron=vraag.bron, periode=vraag.periode, schema=schema, bbox=vraag.bbox
        )

    public = await rows("publiek")
    if not viewer.scoped:
        return [_hotspot(gemeente, row) for row in public]
    own = [row for row in await rows("intern") if viewer.owns(gemeente.code, row["stadsdeel_code"])]
    other = [row for row in public if not viewer.owns(gemeente.code, row["stadsdeel_code"])]
    return [_hotspot(gemeente, row) for row in (*own, *other)]


def _hotspot(gemeente: Gemeente, row: dict[str, Any]) -> Feature:
    names = ", ".join(gemeente.gebied_naam(code) for code in row["buurten"])
    properties = {
        "gemeente_code": gemeente.code,
        "bron": row["bron"],
        "categorie": row["categorie"],
        "periode": row["periode"],
        "aantal": row["aantal"],
        "plekken": row["plekken"],
        "plekken_soort": row["plekken_soort"],
        "buurten": names,
        "stadsdeel_code": row["stadsdeel_code"],
        "herkomst": f"Bron: {row['bron']}; dekking: {gemeente.dekking_tekst(row['bron'])}; berekening {row['run_id']}",
        **row["kaartje"],
    }
    return feature(f"{row['run_id']}.{row['nummer']}", row["geometry"], properties)
