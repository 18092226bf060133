"""Removing what was kept long enough, per table, in the transaction of the connection; and keeping it away."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import psycopg
from psycopg import sql
from psycopg.rows import class_row

from geo_service.db.write.run import Run
from ingest.records import Reject

Keys = dict[str, object]
PAST_TERM = "De bewaartermijn van deze bron is voorbij; van die dagen zijn alleen aantallen bewaard."


@dataclass(frozen=True)
class Bewaring:
    """A source with how long its records may be kept. grens: the first day that stays; None without a term."""

    gemeente_code: str
    naam: str
    laag: str | None
    termijn: int | None
    grens: date | None


@dataclass(frozen=True)
class Aantallen:
    """What was removed from a table and what is left in it."""

    tabel: str
    verwijderd: int
    blijft: int


# Per layer the table with records of persons or places.
MICRODATA = {"meldingen": "melding", "bezoeken": "bezoek"}


def list_bewaringen(connection: psycopg.Connection, today: date) -> list[Bewaring]:
    """Every known source and its term, counted back from today by the calendar."""
    with connection.cursor(row_factory=class_row(Bewaring)) as cursor:
        return cursor.execute(
            "select gemeente_code, naam, laag, bewaartermijn_maanden as termijn, "
            "(%s::date - make_interval(months => bewaartermijn_maanden))::date as grens "
            "from publiek.bron order by gemeente_code, naam",
            (today,),
        ).fetchall()


def remove_microdata(connection: psycopg.Connection, bron: Bewaring) -> list[Aantallen]:
    """Remove the records of a source from before its day. Counts stay, and a later load cannot bring records back."""
    table = MICRODATA[bron.laag or ""]
    keys: Keys = {"gemeente": bron.gemeente_code, "bron": bron.naam, "grens": bron.grens}
    had_any = connection.execute(
        f"select exists (select from intern.{table} where gemeente_code = %(gemeente)s and bron = %(bron)s)", keys
    ).fetchone()
    removed = _remove_meldingen(connection, keys) if table == "melding" else _remove_bezoeken(connection, keys)
    if had_any == (True,):
        connection.execute(
            "insert into intern.opgeruimd as o (gemeente_code, bron, tot) values (%(gemeente)s, %(bron)s, %(grens)s) "
            "on conflict (gemeente_code, bron) do update set tot = excluded.tot, opgeruimd_op = now() where o.tot < excluded.tot",
            keys,
        )
    return [Aantallen(name, count, _left(connection, name, keys)) for name, count in removed.items()]


def _remove_meldingen(connection: psycopg.Connection, keys: Keys) -> dict[str, int]:
    row = connection.execute(
        """
        with weg as (
            delete from intern.melding where gemeente_code = %(gemeente)s and bron = %(bron)s and dag < %(grens)s
            returning melding_id, jaar
        ), sleutels as (
            delete from intern.melding_sleutel k using weg where k.gemeente_code = %(gemeente)s and k.bron = %(bron)s
              and k.melding_id = weg.melding_id and k.jaar = weg.jaar returning 1
        )
        select (select count(*) from weg), (select count(*) from sleutels)
        """,
        keys,
    ).fetchone() or (0, 0)
    return {"melding": row[0], "melding_sleutel": row[1]}


def _remove_bezoeken(connection: psycopg.Connection, keys: Keys) -> dict[str, int]:
    done = connection.execute(
        "delete from intern.bezoek where gemeente_code = %(gemeente)s and bron = %(bron)s and datum < %(grens)s", keys
    )
    return {"bezoek": done.rowcount}


def _left(connection: psycopg.Connection, table: str, keys: Keys) -> int:
    row = connection.execute(
        f"select count(*) from intern.{table} where gemeente_code = %(gemeente)s and bron = %(bron)s", keys
    ).fetchone()
    return int(row[0]) if row else 0


# What the service keeps about itself: which rows go, given the months in the settings.
ADMINISTRATION = {
    "ingest_afkeur": "run_id in (select run_id from intern.ingest_run "
    "where begonnen_op < now() - make_interval(months => %(afkeur)s))",
    # The demo knows by its report that it was loaded.
    "ingest_run": "begonnen_op < now() - make_interval(months => %(laadverslag)s) and laag <> 'demo' "
    "and not exists (select from intern.ingest_afkeur a where a.run_id = ingest_run.run_id)",
    "noodtoegang": "tot < now() - make_interval(months => %(logboek)s)",
    "notitie": "geschreven_op < now() - make_interval(months => %(notitie)s)",
    "correctie": "ingetrokken_op < now() - make_interval(months => %(logboek)s)",
    "weergave": "bewaard_op < now() - make_interval(months => %(weergave)s)",
    "laatste_bezoek": "gezien_op < now() - make_interval(months => %(weergave)s)",
    "abonnement": "bevestigd_op < now() - make_interval(months => %(abonnement)s) "
    "or bevestigd_op is null and aangevraagd_op < now() - interval '7 days'",
    "sessie": "intern.sessie_tot(sessie) <= now()",
    "api_sleutel": "least(eindigt_op, ingetrokken_op) < now() - make_interval(months => %(logboek)s)",
}


def remove_administration(connection: psycopg.Connection, months: dict[str, int]) -> list[Aantallen]:
    """Remove old rejects, load reports, emergency accesses, notes, views, sessions and keys. months: per kind."""
    found = []
    for table, old in ADMINISTRATION.items():
        done = connection.execute(f"delete from intern.{table} where {old}", months)
        row = connection.execute(f"select count(*) from intern.{table}").fetchone()
        found.append(Aantallen(table, done.rowcount, int(row[0]) if row else 0))
    return [*found, _forget_writers(connection, months)]


def _forget_writers(connection: psycopg.Connection, months: dict[str, int]) -> Aantallen:
    """What an intervention was stays; who wrote it goes when its term is over."""
    done = connection.execute(
        "update intern.interventie_versie set medewerker = null "
        "where medewerker is not null and vastgelegd_op < now() - make_interval(months => %(notitie)s)",
        months,
    )
    row = connection.execute("select count(*) from intern.interventie_versie where medewerker is not null").fetchone()
    return Aantallen("interventie_versie", done.rowcount, int(row[0]) if row else 0)


def reject_past_term(run: Run, staging: sql.Identifier, day: str) -> None:
    """Take staged records out that retention removed before, or would have: a load brings nothing back."""
    rows = run.connection.execute(
        sql.SQL(
            "delete from {staging} s using intern.opgeruimd o where o.gemeente_code = %s and o.bron = %s "
            "and s.{day} < o.tot returning s.line"
        ).format(staging=staging, day=sql.Identifier(day)),
        (run.gemeente, run.bron),
    ).fetchall()
    # Without their key: that is what is no longer kept.
    run.add_rejects(Reject(line, "bewaartermijn", PAST_TERM) for (line,) in sorted(rows))
