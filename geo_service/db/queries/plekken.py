"""Places open to everyone: what is near an area."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from geo_service.db.queries import fetch
from geo_service.db.queries.features import LONLAT

if TYPE_CHECKING:
    from geo_service.db.engine import ReadConnection

Row = dict[str, Any]


async def list_near(
    connection: ReadConnection, gemeente: str, *, jaar: int, niveau: str, code: str, meters: float
) -> list[Row]:
    """Places without a referral that are valid today, inside an area or not far from its middle.

    meters: from a point inside the area, as the crow flies. Rows: laag, naam, type, adres, openingstijden, binnen
    (inside the area), afstand (metres from the middle), nearest first; none for an area that cannot be drawn.
    """
    return await fetch(
        connection,
        """
        with gebied as (
            select geom, st_pointonsurface(geom) as midden from publiek.gebied where gemeente_code = %(gemeente)s
            and jaar = %(jaar)s and niveau = %(niveau)s and code = %(code)s and geom is not null
        ), plek as (
            select 'voorzieningen' as laag, naam, type, null::text as adres, openingstijden, geldig_tot, geom
            from publiek.voorziening where gemeente_code = %(gemeente)s and zonder_verwijzing is not false
            union all
            select 'wijkwijzers', naam, 'wijkwijzer', adres, openingstijden, geldig_tot, geom
            from publiek.wijkwijzer where gemeente_code = %(gemeente)s
        )
        select p.laag, p.naam, coalesce(p.type, 'onbekend') as type, p.adres, p.openingstijden,
            st_intersects(p.geom, g.geom) as binnen, st_distance(p.geom, g.midden) as afstand
        from plek p, gebied g
        where coalesce(p.geldig_tot, date 'infinity') >= current_date
            and (st_intersects(p.geom, g.geom) or st_dwithin(p.geom, g.midden, %(meters)s))
        order by afstand, p.naam
        """,
        {"gemeente": gemeente, "jaar": jaar, "niveau": niveau, "code": code, "meters": meters},
    )


async def list_types(connection: ReadConnection, gemeente: str) -> list[str]:
    """The types of places without a referral that the municipality has today."""
    rows = await fetch(
        connection,
        "select distinct type from publiek.voorziening where gemeente_code = %(gemeente)s and type is not null "
        "and zonder_verwijzing is not false and coalesce(geldig_tot, date 'infinity') >= current_date order by 1",
        {"gemeente": gemeente},
    )
    return [row["type"] for row in rows]


async def list_places(connection: ReadConnection, gemeente: str, jaar: int, gebied: str | None) -> list[Row]:
    """Every place that is valid today, by name.

    Rows: laag, sleutel, naam, type, leefgebied, bereik, doelgroep, aanbieder, adres, openingstijden, zonder_verwijzing (None
    when not known), buurt_code, bron, geometry (lon/lat or None), afstand: metres as the crow flies from a point inside an
    area of this year; None without an area, or for one that cannot be drawn.
    """
    return await fetch(
        connection,
        f"""
        with midden as (
            select st_pointonsurface(geom) as punt from publiek.gebied
            where gemeente_code = %(gemeente)s and jaar = %(jaar)s and code = %(gebied)s and geom is not null
        ), plek as (
            select 'voorzieningen' as laag, sleutel, naam, coalesce(type, 'onbekend') as type, leefgebied, bereik, doelgroep,
                aanbieder, null::text as adres, openingstijden, zonder_verwijzing, buurt_code, bron, geldig_tot, geom
            from publiek.voorziening where gemeente_code = %(gemeente)s
            union all
            select 'wijkwijzers', sleutel, naam, 'wijkwijzer', null, null, null,
                partners, adres, openingstijden, true, buurt_code, bron, geldig_tot, geom
            from publiek.wijkwijzer where gemeente_code = %(gemeente)s
        )
        select laag, sleutel, naam, type, leefgebied, bereik, doelgroep, aanbieder, adres, openingstijden, zonder_verwijzing,
            buurt_code, bron, {LONLAT.format(geom="geom")}, st_distance(geom, (select punt from midden)) as afstand
        from plek where coalesce(geldig_tot, date 'infinity') >= current_date
        order by naam, type, buurt_code
        """,
        {"gemeente": gemeente, "jaar": jaar, "gebied": gebied},
    )
