"""Store a vintage of areas and everything that hangs on it: divisions, wijkteamgebieden, the buurt of every point."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import psycopg
import shapely

from geo_service.db.write.copying import copy_frame
from geo_service.db.write.indeling import build_wijkteamgebieden, reassign_points, refresh_validity
from geo_service.db.write.run import Run, lock_gebieden

STAGING = """
create temp table staging_gebied (
    gemeente_code text collate "C", niveau text collate "C", code text collate "C", naam text, geom_status text, wkb text
) on commit drop;
create temp table staging_indeling (
    gemeente_code text collate "C", niveau text collate "C", gebied_code text collate "C", buurt_code text collate "C", herkomst text
) on commit drop
"""


def write_gebieden(
    run: Run, gebieden: gpd.GeoDataFrame, buurten_in: pd.DataFrame, *, jaar: int, benaderd: bool = False
) -> bool:
    """Store areas (EPSG:28992) and the buurt -> wijk, stadsdeel and gemeente tables of one vintage.

    Loading the same vintage again replaces it: areas that the new file does not have disappear.
    Reports and other points get their buurt anew when a boundary changed. Returns whether anything changed.
    """
    connection = run.connection
    connection.execute(STAGING)
    _stage(connection, gebieden, buurten_in)
    gemeenten = connection.execute("select distinct gemeente_code from staging_gebied order by 1").fetchall()
    for (gemeente,) in gemeenten:
        lock_gebieden(connection, gemeente, shared=False)
    changed = _store_gebieden(run, jaar, benaderd)
    _store_indeling(connection, jaar)
    for (gemeente,) in gemeenten:
        if changed:
            refresh_validity(connection, gemeente)
            build_wijkteamgebieden(connection, gemeente)
            reassign_points(connection, gemeente)
    return changed


def _stage(connection: psycopg.Connection, gebieden: gpd.GeoDataFrame, buurten_in: pd.DataFrame) -> None:
    drawn = gebieden.geometry.notna() & ~gebieden.geometry.is_empty
    wkb = pd.Series(None, index=gebieden.index, dtype=object)
    wkb[drawn] = shapely.to_wkb(shapely.force_2d(gebieden.geometry[drawn].to_numpy()), hex=True)
    frame = pd.DataFrame(gebieden.drop(columns=gebieden.geometry.name)).assign(wkb=wkb)
    columns = ["gemeente_code", "niveau", "code", "naam", "geom_status", "wkb"]
    copy_frame(connection, "staging_gebied", columns, frame)
    buurten = frame[frame["niveau"] == "buurt"].set_index("code")["gemeente_code"]
    members = buurten_in.assign(gemeente_code=buurten_in["buurt_code"].map(buurten)).dropna(subset=["gemeente_code"])
    parts = [
        members.assign(niveau="gemeente", gebied_code=members["gemeente_code"], herkomst=None),
        members.assign(niveau="buurt", gebied_code=members["buurt_code"], herkomst=None),
        members.assign(niveau="wijk", gebied_code=members["wijk_code"], herkomst=None),
        members.assign(niveau="stadsdeel", gebied_code=members["stadsdeel_code"], herkomst=members["stadsdeel_bron"]),
    ]
    rows = pd.concat([part.dropna(subset=["gebied_code"]) for part in parts], ignore_index=True)
    copy_frame(
        connection,
        "staging_indeling",
        ["gemeente_code", "niveau", "gebied_code", "buurt_code", "herkomst"],
        rows,
    )


def _store_gebieden(run: Run, jaar: int, benaderd: bool) -> bool:
    """Replace the vintage; count new, changed and unchanged areas. Returns whether anything changed."""
    connection = run.connection
    values = {"jaar": jaar, "benaderd": benaderd}
    gone = connection.execute(
        """
        delete from publiek.gebied g where g.jaar = %(jaar)s and g.niveau <> 'wijkteamgebied'
          and (g.gemeente_code, g.niveau) in (select distinct gemeente_code, niveau from staging_gebied)
          and not exists (select from staging_gebied s where (s.gemeente_code, s.niveau, s.code) = (g.gemeente_code, g.niveau, g.code))
        """,
        values,
    ).rowcount
    connection.execute(
        """
        insert into publiek.gemeente (gemeente_code, naam) select gemeente_code, naam from staging_gebied where niveau = 'gemeente'
        on conflict (gemeente_code) do update set naam = excluded.naam where excluded.naam <> excluded.gemeente_code
        """
    )
    rows = connection.execute(
        """
        insert into publiek.gebied as g
            (gemeente_code, jaar, niveau, code, naam, geldig_van, geom_status, benaderd, oppervlakte_ha, geom)
        select gemeente_code, %(jaar)s, niveau, code, naam, make_date(%(jaar)s, 1, 1), geom_status, %(benaderd)s,
            st_area(geom) / 10000, geom
        from (select *, st_multi(st_setsrid(wkb::geometry, 28992)) as geom from staging_gebied) s
        on conflict (gemeente_code, jaar, niveau, code) do update
            set naam = excluded.naam, geom_status = excluded.geom_status, benaderd = excluded.benaderd,
                oppervlakte_ha = excluded.oppervlakte_ha, geom = excluded.geom
            where (g.naam, g.geom_status, g.benaderd, st_asbinary(g.geom))
                is distinct from (excluded.naam, excluded.geom_status, excluded.benaderd, st_asbinary(excluded.geom))
        returning xmax = 0
        """,
        values,
    ).fetchall()
    total = connection.execute("select count(*) from staging_gebied").fetchone()
    run.book_upsert(rows, total[0] if total else 0)
    return bool(rows) or gone > 0


def _store_indeling(connection: psycopg.Connection, jaar: int) -> None:
    connection.execute(
        "delete from publiek.indeling where jaar = %s and niveau <> 'wijkteamgebied' "
        "and (gemeente_code, niveau) in (select distinct gemeente_code, niveau from staging_indeling)",
        (jaar,),
    )
    connection.execute(
        "insert into publiek.indeling (gemeente_code, jaar, niveau, gebied_code, buurt_code, herkomst) "
        "select gemeente_code, %s, niveau, gebied_code, buurt_code, herkomst from staging_indeling",
        (jaar,),
    )
