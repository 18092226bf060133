"""What follows from a change of areas: validity, wijkteamgebieden, and the buurt of every point."""

from __future__ import annotations

import psycopg

from geo_service.db.write.kubus import rebuild_kubus
from geo_service.domain.gebieden import make_vintages

POINT_TABLES = (
    "publiek.wijkwijzer",
    "publiek.voorziening",
    "intern.voorziening_gevoelig",
    "intern.pand",
    "intern.woning",
)


def refresh_validity(connection: psycopg.Connection, gemeente: str) -> None:
    """Write down for which days each vintage holds (the oldest also backwards)."""
    years = connection.execute(
        "select distinct jaar from publiek.gebied where gemeente_code = %s and niveau <> 'wijkteamgebied'",
        (gemeente,),
    ).fetchall()
    for vintage in make_vintages(row[0] for row in years):
        connection.execute(
            "update publiek.gebied set geldig_van = coalesce(%s, date '0001-01-01'), geldig_tot = %s "
            "where gemeente_code = %s and jaar = %s and niveau <> 'wijkteamgebied'",
            (vintage.van, vintage.tot, gemeente, vintage.jaar),
        )


def build_wijkteamgebieden(connection: psycopg.Connection, gemeente: str) -> None:
    """Dissolve the wijkteamgebieden from the buurten of every vintage."""
    connection.execute(
        "delete from publiek.indeling where gemeente_code = %s and niveau = 'wijkteamgebied'", (gemeente,)
    )
    connection.execute("delete from publiek.gebied where gemeente_code = %s and niveau = 'wijkteamgebied'", (gemeente,))
    connection.execute(
        """
        insert into publiek.indeling (gemeente_code, jaar, niveau, gebied_code, buurt_code)
        select distinct b.gemeente_code, b.jaar, 'wijkteamgebied', w.code, b.code
        from publiek.wijkteam w join publiek.gebied b on b.gemeente_code = w.gemeente_code and b.niveau = 'buurt'
            and b.code = any(w.buurtcodes) and w.van <= coalesce(b.geldig_tot, date 'infinity')
            and coalesce(w.tot, date 'infinity') >= b.geldig_van
        where w.gemeente_code = %s
        """,
        (gemeente,),
    )
    connection.execute(
        """
        insert into publiek.gebied
            (gemeente_code, jaar, niveau, code, naam, geldig_van, geldig_tot, geom_status, benaderd, oppervlakte_ha, geom)
        select i.gemeente_code, i.jaar, 'wijkteamgebied', w.code, min(w.naam), min(w.van), max(w.tot), 'ok', bool_or(b.benaderd),
            st_area(st_union(b.geom)) / 10000, st_multi(st_union(b.geom))
        from publiek.indeling i
        join publiek.wijkteam w on w.gemeente_code = i.gemeente_code and w.code = i.gebied_code
        join publiek.gebied b on b.gemeente_code = i.gemeente_code and b.jaar = i.jaar and b.niveau = 'buurt' and b.code = i.buurt_code
        where i.gemeente_code = %s and i.niveau = 'wijkteamgebied' and i.buurt_code = any(w.buurtcodes)
        group by i.gemeente_code, i.jaar, w.code
        """,
        (gemeente,),
    )


def reassign_points(connection: psycopg.Connection, gemeente: str) -> None:
    """Give every point of the municipality its buurt in the vintage that holds at its date, then redo the cube."""
    moved = connection.execute(
        """
        update intern.melding m set buurt_code = n.code
        from (
            select p.melding_id, p.jaar, min(g.code) as code from intern.melding p
            left join publiek.gebied g on g.gemeente_code = p.gemeente_code and g.niveau = 'buurt'
                and p.dag between g.geldig_van and coalesce(g.geldig_tot, date 'infinity') and st_intersects(g.geom, p.geom)
            where p.gemeente_code = %(gemeente)s and p.geom is not null
            group by p.melding_id, p.jaar
        ) n
        where m.gemeente_code = %(gemeente)s and m.melding_id = n.melding_id and m.jaar = n.jaar
          and m.buurt_code is distinct from n.code
        """,
        {"gemeente": gemeente},
    ).rowcount
    for table in POINT_TABLES:
        connection.execute(
            f"""
            update {table} t set buurt_code = (
                select min(g.code) from publiek.gebied g where g.gemeente_code = t.gemeente_code and g.niveau = 'buurt'
                  and g.geldig_tot is null and st_intersects(g.geom, t.geom))
            where t.gemeente_code = %s and t.geom is not null
            """,
            (gemeente,),
        )
    if moved:
        rebuild_kubus(connection, gemeente)
