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
    new = sum(row[0] for row in done)
    total = connection.execute("select count(*) from staging").fetchone()
    run.counts.opgeslagen = new
    run.counts.gewijzigd = len(done) - new
    run.counts.ongewijzigd = (total[0] if total else 0) - len(done)
    if done:
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


def _keep_one_level(run: Run) -> None:
    """A file with buurten and their sums: keep the finest level, or every report would count twice."""
    done = run.connection.execute(
        """
        with niveaus as (
            select distinct s.line, array_position(array['buurt', 'wijkteamgebied', 'wijk', 'stadsdeel', 'gemeente'], g.niveau::text) as rang
            from staging s join publiek.gebied g on g.gemeente_code = %(gemeente)s and g.code = s.gebied_code
        )
        delete from staging where line in (select line from niveaus where rang > (select min(rang) from niveaus))
        """,
        {"gemeente": run.gemeente},
    )
    if done.rowcount:
        text = "Regels van een hoger niveau zijn niet opgeslagen: het bestand bevat ook de delen, en optellen zou dubbel tellen."
        run.add_notes([Note("hoger_niveau", text, done.rowcount)])
