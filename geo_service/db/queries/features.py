"""Things with a place, as rows with a GeoJSON geometry in lon/lat (CRS84, 7 decimals = 1 cm)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from geo_service.db.queries import fetch

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
    schema: str,
) -> list[Row]:
    """Hotspot areas of the newest run. schema: ``publiek`` (public threshold) or ``intern`` (staff threshold)."""
    table = {"publiek": "publiek.hotspot", "intern": "intern.hotspot"}[schema]
    return await fetch(
        connection,
        f"""
        select run_id, nummer, bron, categorie, van, tot, periode, stadsdeel_code, buurten, aantal, plekken, plekken_soort,
            kaartje, encode(st_asewkb(geom), 'hex') as ewkb, {LONLAT.format(geom="geom")}
        from {table}
        where gemeente_code = %(gemeente)s and bron = %(bron)s and periode = %(periode)s
          and (%(schema)s = 'intern' or exists (select from publiek.vrijgave v where v.gemeente_code = %(gemeente)s
              and v.bron = %(bron)s and v.periode = %(periode)s))
        order by categorie, nummer
        """,
        {"gemeente": gemeente, "bron": bron, "periode": periode, "schema": schema},
    )
