"""Who can walk where: the places that count, and the shapes of the buurten that people walk from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from geo_service.db.queries import fetch
from geo_service.db.queries.features import LONLAT

if TYPE_CHECKING:
    from geo_service.db.engine import ReadConnection

Row = dict[str, Any]


async def list_reachable(connection: ReadConnection, gemeente: str) -> list[Row]:
    """Places without a referral that are there today and have a place on the map, by name.

    Rows: laag, bron, sleutel, naam, type, adres, openingstijden, capaciteit (None: not known), buurt_code, x and y (RD
    metres), geometry (lon/lat).
    """
    return await fetch(
        connection,
        f"""
        with plek as (
            select 'voorzieningen' as laag, bron, sleutel, naam, coalesce(type, 'onbekend') as type, null::text as adres,
                openingstijden, capaciteit, buurt_code, geldig_van, geldig_tot, geom
            from publiek.voorziening_nu where gemeente_code = %(gemeente)s and zonder_verwijzing is not false
            union all
            select 'wijkwijzers', bron, sleutel, naam, 'wijkwijzer', adres, openingstijden, null, buurt_code, geldig_van,
                geldig_tot, geom
            from publiek.wijkwijzer_nu where gemeente_code = %(gemeente)s
        )
        select laag, bron, sleutel, naam, type, adres, openingstijden, capaciteit, buurt_code, st_x(geom) as x,
            st_y(geom) as y, {LONLAT.format(geom="geom")}
        from plek
        where geom is not null and coalesce(geldig_van, date '-infinity') <= current_date
            and coalesce(geldig_tot, date 'infinity') >= current_date
        order by naam, laag, bron, sleutel
        """,
        {"gemeente": gemeente},
    )


async def list_shapes(connection: ReadConnection, gemeente: str, jaar: int) -> list[Row]:
    """Buurten of a vintage that can be drawn: code and wkb (hexadecimal, RD)."""
    return await fetch(
        connection,
        "select code, encode(st_asbinary(geom), 'hex') as wkb from publiek.gebied where gemeente_code = %(gemeente)s "
        "and jaar = %(jaar)s and niveau = 'buurt' and geom is not null order by code",
        {"gemeente": gemeente, "jaar": jaar},
    )
