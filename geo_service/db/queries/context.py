"""What is known about a municipality: its vintages, sources, coverage, trend breaks and categories."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from geo_service.db.queries import fetch

if TYPE_CHECKING:
    from geo_service.db.engine import ReadConnection

Row = dict[str, Any]


async def list_gemeenten(connection: ReadConnection) -> list[Row]:
    return await fetch(
        connection,
        """
        select m.gemeente_code, m.naam, count(g.code) as buurten, bool_or(g.benaderd) as benaderd
        from publiek.gemeente m
        left join publiek.gebied g on g.gemeente_code = m.gemeente_code and g.niveau = 'buurt' and g.geom is not null
        group by m.gemeente_code, m.naam order by count(g.code) = 0, m.gemeente_code
        """,
        {},
    )


async def list_jaren(connection: ReadConnection, gemeente: str) -> list[int]:
    rows = await fetch(
        connection,
        "select distinct jaar from publiek.gebied where gemeente_code = %(gemeente)s and niveau <> 'wijkteamgebied' order by jaar",
        {"gemeente": gemeente},
    )
    return [row["jaar"] for row in rows]


async def list_bronnen(connection: ReadConnection, gemeente: str) -> list[Row]:
    """Sources with how much they have released for the whole municipality in their fullest quarter or year."""
    return await fetch(
        connection,
        """
        select b.*, coalesce((select max(c.aantal) from publiek.cijfer c where c.gemeente_code = b.gemeente_code
            and c.bron = b.naam and c.niveau = 'gemeente' and c.categorie = 'alle'), 0) as omvang
        from publiek.bron b where b.gemeente_code = %(gemeente)s order by b.naam
        """,
        {"gemeente": gemeente},
    )


async def list_dekking(connection: ReadConnection, gemeente: str) -> list[Row]:
    return await fetch(
        connection,
        """
        select d.bron, d.gebied, d.van, coalesce(d.tot, b.laatste_dag, d.van) as tot, d.tot is null as open, d.afgeleid
        from publiek.bron_dekking d join publiek.bron b on b.gemeente_code = d.gemeente_code and b.naam = d.bron
        where d.gemeente_code = %(gemeente)s order by d.bron, d.van, d.gebied
        """,
        {"gemeente": gemeente},
    )


async def list_trendbreuken(connection: ReadConnection, gemeente: str) -> list[Row]:
    return await fetch(
        connection,
        "select bron, datum, reden, gebied from publiek.trendbreuk where gemeente_code = %(gemeente)s order by datum",
        {"gemeente": gemeente},
    )


async def list_categorieen(connection: ReadConnection) -> list[Row]:
    return await fetch(connection, "select code, hoofd, naam from publiek.categorie order by volgorde", {})


async def list_indeling(connection: ReadConnection, gemeente: str, jaar: int) -> list[Row]:
    return await fetch(
        connection,
        "select niveau, gebied_code, buurt_code from publiek.indeling where gemeente_code = %(gemeente)s and jaar = %(jaar)s",
        {"gemeente": gemeente, "jaar": jaar},
    )


async def list_vrijgaven(connection: ReadConnection, gemeente: str) -> list[Row]:
    return await fetch(
        connection,
        "select bron, periode, soort, van, tot, vrijgegeven_op from publiek.vrijgave "
        "where gemeente_code = %(gemeente)s order by bron, van, soort",
        {"gemeente": gemeente},
    )


async def list_kerncijfers(connection: ReadConnection, gemeente: str, indicatoren: list[str]) -> list[Row]:
    return await fetch(
        connection,
        "select gebied_code, jaar, indicator, waarde, status, bron from publiek.kerncijfer "
        "where gemeente_code = %(gemeente)s and indicator = any(%(indicatoren)s)",
        {"gemeente": gemeente, "indicatoren": indicatoren},
    )


async def list_namen(connection: ReadConnection, gemeente: str) -> dict[str, str]:
    """Name of every area by code, as the newest vintage calls it."""
    rows = await fetch(
        connection,
        "select code, naam from publiek.gebied where gemeente_code = %(gemeente)s order by jaar",
        {"gemeente": gemeente},
    )
    return {row["code"]: row["naam"] for row in rows}


async def read_omvang(connection: ReadConnection, gemeente: str) -> tuple[float, float, float, float] | None:
    """West, south, east and north of all drawn areas, in degrees."""
    rows = await fetch(
        connection,
        """
        select st_xmin(vak) as west, st_ymin(vak) as zuid, st_xmax(vak) as oost, st_ymax(vak) as noord
        from (select st_extent(st_transform(geom, 4326)) as vak from publiek.gebied
            where gemeente_code = %(gemeente)s and niveau <> 'wijkteamgebied') omvang
        where vak is not null
        """,
        {"gemeente": gemeente},
    )
    if not rows:
        return None
    west, south, east, north = (round(float(rows[0][side]), 6) for side in ("west", "zuid", "oost", "noord"))
    return west, south, east, north
