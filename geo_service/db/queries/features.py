"""Things with a place, as rows with a GeoJSON geometry in lon/lat (CRS84, 7 decimals = 1 cm)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from geo_service.db.queries import fetch
from geo_service.db.queries.runs import RESULTATEN

if TYPE_CHECKING:
    from geo_service.db.engine import ReadConnection

Row = dict[str, Any]

LONLAT = "st_asgeojson(st_transform({geom}, 4326), 7)::json as geometry"


async def list_gebieden(connection: ReadConnection, *, gemeente: str, jaar: int, niveau: str) -> list[Row]:
    """Areas of one level and vintage that can be drawn."""
    return await fetch(
        connection,
        f"""
        select code, naam, niveau, jaar, geldig_van, geldig_tot, geom_status, benaderd, oppervlakte_ha, {LONLAT.format(geom="geom")}
        from publiek.gebied
        where gemeente_code = %(gemeente)s and jaar = %(jaar)s and niveau = %(niveau)s and geom is not null
        order by code
        """,
        {"gemeente": gemeente, "jaar": jaar, "niveau": niveau},
    )


async def list_hotspots(
    connection: ReadConnection,
    *,
    gemeente: str,
    bron: str,
    periode: str,
    methode: str | None,
    schema: str,
) -> list[Row]:
    """Hotspot areas of the current runs. methode None: of all. schema: ``publiek`` or ``intern``: for whom they are."""
    table, current = RESULTATEN[schema]
    return await fetch(
        connection,
        f"""
        select run_id, nummer, bron, methode, categorie, klasse, van, tot, periode, begin, eind, stadsdeel_code, buurten,
            aantal, plekken, plekken_soort, verwacht, verhouding, p_waarde, status, kaartje,
            encode(st_asewkb(geom), 'hex') as ewkb, {LONLAT.format(geom="geom")}
        from {table} h
        where gemeente_code = %(gemeente)s and bron = %(bron)s and periode = %(periode)s
          and (%(methode)s::text is null or methode = %(methode)s) and {current}
        order by methode, categorie, nummer
        """,
        {"gemeente": gemeente, "bron": bron, "periode": periode, "methode": methode},
    )
