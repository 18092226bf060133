"""Store counts per area: they have no point and feed the cube only."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from geo_service.db.write.copying import copy_frame
from geo_service.db.write.kubus import rebuild_kubus
from geo_service.db.write.run import Run
from geo_service.errors import Refused
from ingest.records import Note, Reject

STAGING = """
create temp table staging (
    line bigint, gebied_code text collate "C", van date, tot date, categorie text collate "C",
    bron_categorie text collate "C", aantal integer
) on commit drop
"""
COLUMNS = ("line", "gebied_code", "van", "tot", "categorie", "bron_categorie", "aantal")


def write_tellingen(run: Run, frames: Iterable[pd.DataFrame]) -> None:
    """Store the counts of one source; unknown areas are rejected by name, never guessed."""
    connection = run.connection
    keys = {"gemeente": run.gemeente, "bron": run.bron}
    connection.execute(STAGING)
    for frame in frames:
        copy_frame(connection, "staging", COLUMNS, frame)
    _reject_unknown_areas(run)
    _keep_one_level(run)
    done = connection.execute(
        """
        insert into intern.telling as t (gemeente_code, bron, gebied_code, categorie, bron_categorie, van, tot, aantal)
        select %(gemeente)s, %(bron)s, gebied_code, categorie, coalesce(bron_categorie, ''), van, tot, aantal from staging
        on conflict (gemeente_code, bron, gebied_code, bron_categorie, van, tot) do update
            set categorie = excluded.categorie, aantal = excluded.aantal
            where (t.categorie, t.aantal) is distinct from (excluded.categorie, excluded.aantal)
        returning xmax = 0
        """,
        keys,
    ).fetchall()
    total = connection.execute("select count(*) from staging").fetchone()
    run.book_upsert(done, total[0] if total else 0)
    if done or run.notes:
        rebuild_kubus(connection, keys["gemeente"] or "", run.bron)


def _reject_unknown_areas(run: Run) -> None:
    known = {"gemeente": run.gemeente}
    loaded = run.connection.execute(
        "select exists (select from publiek.gebied where gemeente_code = %(gemeente)s)", known
    ).fetchone()
    if not loaded or not loaded[0]:
        raise Refused(
            f"Er zijn nog geen gebieden van {run.gemeente} geladen. Voer eerst 'buurtsignaal ingest gebieden' uit."
        )
    rows = run.connection.execute(
        "select line, gebied_code from staging s where not exists (select from publiek.gebied g "
        "where g.gemeente_code = %(gemeente)s and g.code = s.gebied_code) order by line",
        known,
    ).fetchall()
    run.add_rejects(
        Reject(
            line,
            "gebied_onbekend",
            f"Gebied {code} hoort niet bij de geladen gebieden van {run.gemeente}.",
            code,
        )
        for line, code in rows
    )
    run.connection.execute(
        "delete from staging s where not exists (select from publiek.gebied g "
        "where g.gemeente_code = %(gemeente)s and g.code = s.gebied_code)",
        known,
    )


LEVELS = """
    rang as (
        select distinct on (code) code,
            array_position(array['buurt', 'wijkteamgebied', 'wijk', 'stadsdeel', 'gemeente'], niveau::text) as rang
        from publiek.gebied where gemeente_code = %(gemeente)s order by code, jaar desc
    ),
    vers as (select s.line, s.van, s.tot, r.rang from staging s join rang r on r.code = s.gebied_code),
    oud as (
        select t.ctid as rij, t.van, t.tot, r.rang from intern.telling t join rang r on r.code = t.gebied_code
        where t.gemeente_code = %(gemeente)s and t.bron = %(bron)s
    )
"""


def _keep_one_level(run: Run) -> None:
    """Where buurten and their sums speak about the same days, keep the finest: or every report would count twice."""
    keys = {"gemeente": run.gemeente, "bron": run.bron}
    coarse = run.connection.execute(
        f"""
        with {LEVELS}, fijn as (select van, tot, rang from vers union all select van, tot, rang from oud)
        delete from staging where line in (
            select v.line from vers v
            where exists (select from fijn f where f.rang < v.rang and f.van <= v.tot and f.tot >= v.van))
        """,
        keys,
    ).rowcount
    replaced = run.connection.execute(
        f"""
        with {LEVELS}
        delete from intern.telling where ctid in (
            select o.rij from oud o
            where exists (select from vers v where v.rang < o.rang and v.van <= o.tot and v.tot >= o.van))
        """,
        keys,
    ).rowcount
    if coarse:
        text = "Regels van een hoger niveau zijn niet opgeslagen: de delen zijn er ook, en optellen zou dubbel tellen."
        run.add_notes([Note("hoger_niveau", text, coarse)])
    if replaced:
        text = "Eerder geladen tellingen van een hoger niveau zijn vervangen door de delen."
        run.add_notes([Note("hoger_niveau_vervangen", text, replaced)])
