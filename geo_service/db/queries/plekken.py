"""Places open to everyone: what is near an area."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from geo_service.db.queries import fetch
from geo_service.db.queries.features import LONLAT

if TYPE_CHECKING:
    from geo_service.db.engine import ReadConnection

Row = dict[str, Any]
# Places without a referral that are valid today, as the table ``plek``.
OPEN_PLACES = """plek as (
            select 'voorzieningen' as laag, naam, type, null::text as adres, openingstijden, geom
            from publiek.voorziening_nu where gemeente_code = %(gemeente)s and zonder_verwijzing is not false
                and coalesce(geldig_tot, date 'infinity') >= current_date
            union all
            select 'wijkwijzers', naam, 'wijkwijzer', adres, openingstijden, geom
            from publiek.wijkwijzer_nu where gemeente_code = %(gemeente)s
                and coalesce(geldig_tot, date 'infinity') >= current_date
        )"""
# In the area, or not far from its middle.
NEAR = "(st_intersects(p.geom, g.geom) or st_dwithin(p.geom, g.midden, %(meters)s))"


async def list_near(
    connection: ReadConnection, gemeente: str, *, jaar: int, niveau: str, code: str, meters: float
) -> list[Row]:
    """Places without a referral that are valid today, inside an area or not far from its middle.

    meters: from a point inside the area, as the crow flies. Rows: laag, naam, type, adres, openingstijden, binnen
    (inside the area), afstand (metres from the middle), nearest first; none for an area that cannot be drawn.
    """
    return await fetch(
        connection,
        f"""
        with gebied as (
            select geom, st_pointonsurface(geom) as midden from publiek.gebied where gemeente_code = %(gemeente)s
            and jaar = %(jaar)s and niveau = %(niveau)s and code = %(code)s and geom is not null
        ), {OPEN_PLACES}
        select p.laag, p.naam, coalesce(p.type, 'onbekend') as type, p.adres, p.openingstijden,
            st_intersects(p.geom, g.geom) as binnen, st_distance(p.geom, g.midden) as afstand
        from plek p, gebied g
        where {NEAR}
        order by afstand, p.naam
        """,
        {"gemeente": gemeente, "jaar": jaar, "niveau": niveau, "code": code, "meters": meters},
    )


async def list_reach(connection: ReadConnection, gemeente: str, *, jaar: int, meters: float) -> list[Row]:
    """What every buurt of a vintage has near, as list_near finds it for one.

    Rows: code, plekken (how many), soorten (their types, wijkwijzers left out), wijkwijzer (whether there is one); a
    buurt that cannot be drawn is not there.
    """
    return await fetch(
        connection,
        f"""
        with gebied as (
            select code, geom, st_pointonsurface(geom) as midden from publiek.gebied where gemeente_code = %(gemeente)s
            and jaar = %(jaar)s and niveau = 'buurt' and geom is not null
        ), {OPEN_PLACES}
        select g.code, count(p.naam) as plekken, coalesce(bool_or(p.laag = 'wijkwijzers'), false) as wijkwijzer,
            array_remove(array_agg(distinct p.type) filter (where p.laag = 'voorzieningen'), null) as soorten
        from gebied g left join plek p on {NEAR}
        group by g.code
        """,
        {"gemeente": gemeente, "jaar": jaar, "meters": meters},
    )


async def list_types(connection: ReadConnection, gemeente: str) -> list[str]:
    """The types of places without a referral that the municipality has today."""
    rows = await fetch(
        connection,
        "select distinct type from publiek.voorziening_nu where gemeente_code = %(gemeente)s and type is not null "
        "and zonder_verwijzing is not false and coalesce(geldig_tot, date 'infinity') >= current_date order by 1",
        {"gemeente": gemeente},
    )
    return [row["type"] for row in rows]


async def list_places(connection: ReadConnection, gemeente: str, jaar: int, gebied: str | None) -> list[Row]:
    """Every place that is valid today, by name.

    Rows: laag, sleutel, naam, type, leefgebied, bereik, doelgroep, aanbieder, adres, openingstijden, zonder_verwijzing (None
    when not known), buurt_code, bron, gecorrigeerd_op (day or None), geometry (lon/lat or None), afstand: metres as the crow flies from a point inside an
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
                aanbieder, null::text as adres, openingstijden, zonder_verwijzing, buurt_code, bron, geldig_tot,
                gecorrigeerd_op, geom
            from publiek.voorziening_nu where gemeente_code = %(gemeente)s
            union all
            select 'wijkwijzers', sleutel, naam, 'wijkwijzer', null, null, null,
                partners, adres, openingstijden, true, buurt_code, bron, geldig_tot,
                gecorrigeerd_op, geom
            from publiek.wijkwijzer_nu where gemeente_code = %(gemeente)s
        )
        select laag, sleutel, naam, type, leefgebied, bereik, doelgroep, aanbieder, adres, openingstijden, zonder_verwijzing,
            buurt_code, bron, gecorrigeerd_op, {LONLAT.format(geom="geom")}, st_distance(geom, (select punt from midden)) as afstand
        from plek where coalesce(geldig_tot, date 'infinity') >= current_date
        order by naam, type, buurt_code
        """,
        {"gemeente": gemeente, "jaar": jaar, "gebied": gebied},
    )


async def list_place_names(connection: ReadConnection, gemeente: str) -> list[Row]:
    """Every place that a source ever gave (laag, bron, sleutel, naam), also what is no longer there."""
    return await fetch(
        connection,
        """
        select 'voorzieningen' as laag, bron, sleutel, naam from publiek.voorziening where gemeente_code = %(gemeente)s
        union all
        select 'wijkwijzers', bron, sleutel, naam from publiek.wijkwijzer where gemeente_code = %(gemeente)s
        """,
        {"gemeente": gemeente},
    )


async def find_place(connection: ReadConnection, gemeente: str, laag: str, bron: str, sleutel: str) -> Row | None:
    """A place as everyone sees it now and, under ``bron_`` names, as its source gives it; None for one that is not there.

    Rows: gemeente_code, naam, type, openingstijden, zonder_verwijzing, adres, geldig_tot, the same with bron_ before it.
    """
    kind = "type, openingstijden, zonder_verwijzing, null::text as adres"
    own = (
        kind
        if laag == "voorzieningen"
        else "null::text as type, openingstijden, null::boolean as zonder_verwijzing, adres"
    )
    table = "voorziening" if laag == "voorzieningen" else "wijkwijzer"
    rows = await fetch(
        connection,
        f"""
        with nu as (select gemeente_code, bron, sleutel, naam, geldig_tot, {own} from publiek.{table}_nu),
            van_bron as (select gemeente_code, bron, sleutel, geldig_tot, {own} from publiek.{table})
        select nu.gemeente_code, nu.naam, nu.type, nu.openingstijden, nu.zonder_verwijzing, nu.adres, nu.geldig_tot,
            b.type as bron_type, b.openingstijden as bron_openingstijden, b.zonder_verwijzing as bron_zonder_verwijzing,
            b.adres as bron_adres, b.geldig_tot as bron_geldig_tot
        from nu join van_bron b using (gemeente_code, bron, sleutel)
        where nu.gemeente_code = %(gemeente)s and nu.bron = %(bron)s and nu.sleutel = %(sleutel)s
        """,
        {"gemeente": gemeente, "bron": bron, "sleutel": sleutel},
    )
    return rows[0] if rows else None
