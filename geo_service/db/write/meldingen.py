"""Store reports: stage by COPY, decide new / changed / unchanged per key, keep the daily cube in step."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd
import psycopg
import pyarrow as pa
from psycopg import sql

from geo_service.db.write.bewaren import reject_past_term
from geo_service.db.write.copying import copy_csv, to_csv
from geo_service.db.write.run import Run
from geo_service.domain.gebieden import BUITEN, BuurtIndex
from geo_service.errors import Refused
from ingest.records import Batch, Note, Reject

# Each field's hash is the seed of the next: one number that changes with any of them.
STAGING = """
create temp table staging (
    melding_id bigint not null default nextval('intern.melding_id_seq'),
    line bigint, sleutel text collate "C", tijd timestamptz, dag date, jaar smallint, tijd_onzeker boolean,
    x float8, y float8, buurt_code text collate "C", categorie text collate "C", bron_categorie text,
    status text, melder uuid, adres uuid,
    inhoud_hash bigint generated always as (
        hashtextextended(coalesce(status, ''), hashtextextended(coalesce(bron_categorie, ''), hashtextextended(categorie,
        hashtextextended(coalesce(melder::text, ''), hashtextextended(coalesce(adres::text, ''),
        hashtextextended(case when x is null then coalesce(buurt_code, '') else '' end,
        hashfloat8extended(coalesce(x, 0), hashfloat8extended(coalesce(y, 0),
        timestamp_hash_extended(tijd at time zone 'UTC', 0)))))))))
    ) stored
) on commit drop
"""
COLUMNS = (
    "line", "sleutel", "tijd", "dag", "jaar", "tijd_onzeker", "x", "y", "buurt_code", "categorie", "bron_categorie",
    "status", "melder", "adres",
)  # fmt: skip

REBUILD_FROM = 100_000

STORED_COLUMNS = """gemeente_code, melding_id, jaar, bron, tijd, dag, tijd_onzeker, categorie, bron_categorie, status,
    buurt_code, melder, adres, geom, geom_web"""
STORED_VALUES = """%(gemeente)s, melding_id, jaar, %(bron)s, tijd, dag, tijd_onzeker, categorie, bron_categorie, status,
    buurt_code, melder, adres, st_setsrid(st_makepoint(x, y), 28992) as geom,
    st_transform(st_setsrid(st_makepoint(x, y), 28992), 3857) as geom_web"""


@dataclass(frozen=True)
class Prepared:
    """A batch made ready for COPY: its CSV, and how many of its points there are and lie in no buurt."""

    batch: Batch
    csv: pa.Buffer | None
    located: int = 0
    outside: int = 0


def prepare(batch: Batch, index: BuurtIndex) -> Prepared:
    """Give records their local day and their buurt, and write them as CSV. Needs no database: runs ahead of it."""
    frame = batch.records
    if frame.empty:
        return Prepared(batch, None)
    local = frame["tijd"].dt.tz_convert("Europe/Amsterdam").dt.tz_localize(None)
    jaar = local.dt.year.astype("int16")
    has_point = frame["x"].notna()
    # To the millimetre, as it is stored: the buurt then belongs to the very point in the table.
    x, y = (frame[axis].to_numpy(float).round(3) for axis in ("x", "y"))
    found = index.assign(x, y, jaar.to_numpy())
    buurt = pd.Series(found, index=frame.index, dtype=object).where(has_point, frame["buurt_code"])
    staged = frame.assign(
        x=x,
        y=y,
        dag=local.dt.normalize(),
        jaar=jaar,
        buurt_code=buurt,
        melder=frame["melder_sleutel"],
        adres=frame["adres_sleutel"],
    )
    outside = int((has_point & buurt.isna()).sum())
    empty = Batch(frame.iloc[:0], batch.read, batch.rejects, batch.notes)
    return Prepared(empty, to_csv(COLUMNS, staged), int(has_point.sum()), outside)


def write_meldingen(run: Run, prepared: Iterable[Prepared], *, areas_known: bool, volledig: bool = False) -> None:
    """Store the reports of one source in the run's transaction and book the counts.

    areas_known: without any areas, reports are kept without a buurt until areas are loaded.
    volledig: the file is the whole list; a stored report inside its bounding box that is absent is closed.
    Raises Refused when more than half of the points lie outside the municipality.
    """
    connection = run.connection
    connection.execute(STAGING)
    _stage(run, prepared, areas_known)
    reject_past_term(run, sql.Identifier("staging"), "dag")
    connection.execute("analyze staging")
    if areas_known:
        _forget_unknown_buurten(run)
    _remember_categories(connection, run)
    if volledig:
        _remember_seen(connection)
    _settle_double_keys(run)
    keys = {"gemeente": run.gemeente, "bron": run.bron}
    known = connection.execute(
        "select exists (select from intern.melding_sleutel where gemeente_code = %(gemeente)s and bron = %(bron)s)",
        keys,
    ).fetchone()
    if known and known[0]:
        _drop_unchanged(run, keys)
        _remove_changed(run, keys)
    stored = _insert(connection, keys)
    run.counts.opgeslagen += stored - run.counts.gewijzigd
    if volledig:
        _close_absent(run, keys)
    row = connection.execute(
        "select count(*) from intern.melding where gemeente_code = %(gemeente)s and bron = %(bron)s and buurt_code is null",
        keys,
    ).fetchone()
    run.counts.buiten = row[0] if row else 0


def _stage(run: Run, prepared: Iterable[Prepared], areas_known: bool) -> None:
    """COPY everything to the staging table and book what was read and rejected."""
    located = outside = 0
    for part in prepared:
        run.book(part.batch)
        located += part.located
        outside += part.outside
        if part.csv is not None:
            copy_csv(run.connection, "staging", COLUMNS, part.csv)
    if areas_known and outside * 2 > located:
        raise Refused(
            f"{outside} van de {located} punten liggen buiten {run.gemeente}. "
            "Klopt het coördinatenstelsel, of zijn lat en lon verwisseld? Er is niets opgeslagen."
        )


def _remember_categories(connection: psycopg.Connection, run: Run) -> None:
    """Which of our categories each category of the source was counted as."""
    connection.execute(
        """
        insert into intern.bron_categorie (gemeente_code, bron, bron_categorie, categorie)
        select distinct on (bron_categorie) %s, %s, bron_categorie, categorie
        from (select distinct bron_categorie, categorie from staging where bron_categorie is not null) s
        on conflict (gemeente_code, bron, bron_categorie) do update set categorie = excluded.categorie
            where bron_categorie.categorie <> excluded.categorie
        """,
        (run.gemeente, run.bron),
    )


def _forget_unknown_buurten(run: Run) -> None:
    """A report with only a code that is no buurt of the municipality counts as outside, not as an area of its own."""
    done = run.connection.execute(
        "update staging s set buurt_code = null where s.x is null and s.buurt_code is not null and not exists ("
        "select from publiek.gebied g where g.gemeente_code = %s and g.niveau = 'buurt' and g.code = s.buurt_code)",
        (run.gemeente,),
    )
    if done.rowcount:
        text = f"Buurtcodes die niet bij {run.gemeente} horen: geteld als buiten de gebieden."
        run.add_notes([Note("buurt_onbekend", text, done.rowcount)])


def _settle_double_keys(run: Run) -> None:
    """The same key twice: another time or place is rejected; otherwise the last row wins."""
    run.connection.execute(
        """
        create temp table dubbel on commit drop as
        with veel as (select sleutel from staging group by sleutel having count(*) > 1),
        rij as (
            select line, sleutel, categorie, bron_categorie,
                row(tijd, x, y, case when x is null then buurt_code end) is distinct from
                first_value(row(tijd, x, y, case when x is null then buurt_code end))
                    over (partition by sleutel order by line) as anders
            from staging join veel using (sleutel)
        )
        select line, sleutel, anders,
            not anders and lead(line) over zelfde is not null as vervangen,
            bron_categorie is distinct from lead(bron_categorie) over zelfde as andere_categorie
        from rij window zelfde as (partition by sleutel, anders order by line)
        """
    )
    rejected = run.connection.execute("select line, sleutel from dubbel where anders order by line").fetchall()
    run.add_rejects(
        Reject(
            line,
            "sleutel_dubbel",
            "Deze sleutel komt eerder in het bestand voor met een andere tijd of plek.",
            key[:80],
        )
        for line, key in rejected
    )
    row = run.connection.execute(
        "select count(*) filter (where andere_categorie), count(*) filter (where not andere_categorie) from dubbel where vervangen"
    ).fetchone()
    if row:
        run.counts.hergecategoriseerd, run.counts.dubbel = row
    run.connection.execute("delete from staging s using dubbel d where s.line = d.line and (d.anders or d.vervangen)")


def _drop_unchanged(run: Run, keys: dict[str, str | None]) -> None:
    done = run.connection.execute(
        "delete from staging s using intern.melding_sleutel k where k.gemeente_code = %(gemeente)s and k.bron = %(bron)s "
        "and k.sleutel = s.sleutel and k.inhoud_hash = s.inhoud_hash",
        keys,
    )
    run.counts.ongewijzigd = done.rowcount


def _remove_changed(run: Run, keys: dict[str, str | None]) -> None:
    """Take the old version of changed reports out of the table, the keys and the cube.

    A changed report keeps its number: who is reading page after page meets it once.
    """
    run.connection.execute(
        "update staging s set melding_id = k.melding_id from intern.melding_sleutel k "
        "where k.gemeente_code = %(gemeente)s and k.bron = %(bron)s and k.sleutel = s.sleutel",
        keys,
    )
    done = run.connection.execute(
        """
        with oud as (
            delete from intern.melding_sleutel k using staging s
            where k.gemeente_code = %(gemeente)s and k.bron = %(bron)s and k.sleutel = s.sleutel
            returning k.melding_id, k.jaar
        ), weg as (
            delete from intern.melding m using oud
            where m.gemeente_code = %(gemeente)s and m.melding_id = oud.melding_id and m.jaar = oud.jaar
            returning m.buurt_code, m.categorie, m.dag
        ), som as (
            select coalesce(buurt_code, %(buiten)s) as gebied, categorie, dag, count(*) as n from weg group by 1, 2, 3
        ), minder as (
            update intern.kubus k set aantal = k.aantal - som.n from som
            where k.gemeente_code = %(gemeente)s and k.bron = %(bron)s and k.gebied_code = som.gebied
              and k.categorie = som.categorie and k.dag = som.dag and k.tot = som.dag
        )
        select count(*) from weg
        """,
        keys | {"buiten": BUITEN},
    )
    row = done.fetchone()
    run.counts.gewijzigd = row[0] if row else 0


def _insert(connection: psycopg.Connection, keys: dict[str, str | None]) -> int:
    """Insert what is left in staging: rows (in space order), keys and cube. Returns the number of rows."""
    years = [row[0] for row in connection.execute("select distinct jaar from staging order by 1")]
    for year in years:
        _insert_year(connection, year, keys)
    stored = _insert_keys(connection, keys)
    _add_to_cube(connection, keys)
    return stored


def _insert_keys(connection: psycopg.Connection, keys: dict[str, str | None]) -> int:
    """Remember the keys. A load larger than all that was there builds the key index anew instead of growing it."""
    row = connection.execute(
        "select (select count(*) from staging) > %s + (select count(*) from intern.melding_sleutel)", (REBUILD_FROM,)
    ).fetchone()
    rebuild = bool(row and row[0])
    if rebuild:
        connection.execute("alter table intern.melding_sleutel drop constraint melding_sleutel_pkey")
    done = connection.execute(
        "insert into intern.melding_sleutel (gemeente_code, bron, sleutel, melding_id, jaar, inhoud_hash) "
        "select %(gemeente)s, %(bron)s, sleutel, melding_id, jaar, inhoud_hash from staging",
        keys,
    )
    if rebuild:
        connection.execute(
            "alter table intern.melding_sleutel add constraint melding_sleutel_pkey "
            "primary key (sleutel, bron, gemeente_code)"
        )
    return done.rowcount


def _add_to_cube(connection: psycopg.Connection, keys: dict[str, str | None]) -> None:
    filled = connection.execute(
        "select exists (select from intern.kubus where gemeente_code = %(gemeente)s and bron = %(bron)s)",
        keys,
    ).fetchone()
    # Checking for conflicts costs a third of the insert; an empty cube cannot have any.
    conflict = (
        "on conflict (gemeente_code, bron, dag, gebied_code, categorie, tot) do update set aantal = k.aantal + excluded.aantal"
        if filled and filled[0]
        else ""
    )
    connection.execute(
        f"""
        insert into intern.kubus as k (gemeente_code, bron, gebied_code, categorie, dag, tot, aantal)
        select %(gemeente)s, %(bron)s, coalesce(buurt_code, %(buiten)s), categorie, dag, dag, count(*)
        from staging group by 3, 4, 5 {conflict}
        """,
        keys | {"buiten": BUITEN},
    )
    connection.execute(
        "delete from intern.kubus where gemeente_code = %(gemeente)s and bron = %(bron)s and aantal = 0", keys
    )


def _insert_year(connection: psycopg.Connection, year: int, keys: dict[str, str | None]) -> None:
    """A new year is filled before it is indexed and attached: faster, and unseen by readers until commit."""
    partition = sql.Identifier("intern", f"melding_{int(year)}")
    connection.execute("select pg_advisory_xact_lock(hashtextextended('melding-partitie', %s))", (year,))
    row = connection.execute("select to_regclass(%s)", (f"intern.melding_{int(year)}",)).fetchone()
    is_new = row is None or row[0] is None
    if is_new:
        connection.execute(
            sql.SQL("create table {} (like intern.melding including defaults, check (jaar = {}))").format(
                partition, sql.Literal(int(year))
            )
        )
    connection.execute(
        sql.SQL("insert into {} ({}) select {} from staging where jaar = %(jaar)s order by geom").format(
            partition,
            sql.SQL(STORED_COLUMNS),
            sql.SQL(STORED_VALUES),
        ),
        keys | {"jaar": year},
    )
    if is_new:
        _index_and_attach(connection, year, partition)
    connection.execute(sql.SQL("analyze {}").format(partition))


def _index_and_attach(connection: psycopg.Connection, year: int, partition: sql.Identifier) -> None:
    for statement in (
        "alter table {} add primary key (melding_id, jaar, gemeente_code)",
        "create index on {} using gist (geom)",
        "create index on {} (dag, gemeente_code)",
    ):
        connection.execute(sql.SQL(statement).format(partition))
    connection.execute(
        sql.SQL("alter table intern.melding attach partition {} for values from ({}) to ({})").format(
            partition, sql.Literal(int(year)), sql.Literal(int(year) + 1)
        )
    )
    connection.execute("select intern.beveilig(to_regclass(%s))", (f"intern.melding_{int(year)}",))


def _remember_seen(connection: psycopg.Connection) -> None:
    connection.execute(
        "create temp table gezien on commit drop as select distinct sleutel, x, y from staging where x is not null"
    )


def _close_absent(run: Run, keys: dict[str, str | None]) -> None:
    """A whole list says what is still open: an absent report inside its bounding box was closed, not deleted.

    A list with rejected rows is not whole: then nothing is closed, and the report says so.
    """
    if run.counts.afgekeurd:
        text = "Er zijn regels afgekeurd, dus de lijst is niet volledig: er is geen melding gesloten."
        run.add_notes([Note("niets_gesloten", text)])
        return
    run.connection.execute(
        """
        update intern.melding m set gesloten_op = null from intern.melding_sleutel k join gezien g on g.sleutel = k.sleutel
        where k.gemeente_code = %(gemeente)s and k.bron = %(bron)s and m.gemeente_code = k.gemeente_code
          and m.melding_id = k.melding_id and m.jaar = k.jaar and m.gesloten_op is not null
        """,
        keys,
    )
    done = run.connection.execute(
        """
        update intern.melding m set gesloten_op = now()
        from intern.melding_sleutel k
        where k.gemeente_code = %(gemeente)s and k.bron = %(bron)s and m.gemeente_code = k.gemeente_code
          and m.melding_id = k.melding_id and m.jaar = k.jaar and m.gesloten_op is null
          and m.geom && (select st_setsrid(st_makebox2d(st_makepoint(min(x), min(y)), st_makepoint(max(x), max(y))), 28992) from gezien)
          and not exists (select from gezien g where g.sleutel = k.sleutel)
        """,
        keys,
    )
    run.counts.gesloten = done.rowcount
