"""Store keyed registers (wijkwijzers, visits, voorzieningen, housing, interventions) and key figures by upsert."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pandas as pd
from psycopg import sql
from sqlalchemy import Table

from geo_service.db.schema import intern, publiek
from geo_service.db.write.bewaren import reject_past_term
from geo_service.db.write.copying import copy_frame
from geo_service.db.write.run import Run
from geo_service.domain.gebieden import BuurtIndex
from ingest.records import Reject

OWN_COLUMNS = frozenset({"gemeente_code", "bron", "inhoud_hash", "geom", "buurt_code"})
# Of an intervention the drawing comes with the row; its version and moment are the database's.
LOG_COLUMNS = frozenset({"gemeente_code", "bron", "inhoud_hash", "versie", "gewijzigd_op"})


@dataclass(frozen=True)
class Register:
    """A table keyed by (gemeente_code, bron, sleutel) and the frame columns that fill it.

    eigen: columns that the frame does not fill.
    """

    table: Table
    eigen: frozenset[str] = OWN_COLUMNS

    @property
    def name(self) -> str:
        return f"{self.table.schema}.{self.table.name}"

    @property
    def columns(self) -> list[str]:
        return [column.name for column in self.table.columns if column.name not in self.eigen]

    @property
    def located(self) -> bool:
        """Whether its rows are points, which get their buurt while they are stored."""
        return "geom" in self.eigen & set(self.table.columns.keys())


WIJKWIJZER = Register(publiek.wijkwijzer)
BEZOEK = Register(intern.bezoek)
VOORZIENING = Register(publiek.voorziening)
VOORZIENING_GEVOELIG = Register(intern.voorziening_gevoelig)
PAND = Register(intern.pand)
WONING = Register(intern.woning)
INTERVENTIE = Register(intern.interventie, LOG_COLUMNS)


def upsert_register(
    run: Run, register: Register, frames: Iterable[pd.DataFrame], index: BuurtIndex | None = None
) -> None:
    """Store the rows of one register; adds to the run's counts. index gives located rows their buurt (newest vintage)."""
    staging = sql.Identifier(f"staging_{register.table.name}")
    _create_staging(run, register, staging)
    columns = ["line", *register.columns, *(["x", "y", "buurt_code"] if register.located else [])]
    for frame in frames:
        staged = _locate(frame, index) if register.located else frame
        copy_frame(run.connection, f"staging_{register.table.name}", columns, staged)
    if register is BEZOEK:
        reject_past_term(run, staging, "datum")
    _hash(run, register, staging)
    _settle_double_keys(run, staging)
    _store(run, register, staging)


def _create_staging(run: Run, register: Register, staging: sql.Identifier) -> None:
    run.connection.execute(
        sql.SQL(
            "create temp table {} on commit drop as select 0::bigint as line, null::float8 as x, null::float8 as y, t.* from {} t limit 0"
        ).format(staging, sql.Identifier(*register.name.split(".")))
    )


def _locate(frame: pd.DataFrame, index: BuurtIndex | None) -> pd.DataFrame:
    if index is None or not index.vintages:
        return frame.assign(buurt_code=None)
    years = pd.Series(index.vintages[-1].jaar, index=frame.index).to_numpy()
    return frame.assign(buurt_code=index.assign(frame["x"].to_numpy(float), frame["y"].to_numpy(float), years))


def _hash(run: Run, register: Register, staging: sql.Identifier) -> None:
    names: Sequence[str] = [*register.columns, *(["x", "y"] if register.located else [])]
    run.connection.execute(
        sql.SQL("update {} set inhoud_hash = hashtextextended(row({})::text, 0)").format(
            staging, sql.SQL(", ").join(map(sql.Identifier, names))
        )
    )


def _settle_double_keys(run: Run, staging: sql.Identifier) -> None:
    """A key twice with the same content is one record; with other content the later row is rejected."""
    rows = run.connection.execute(
        sql.SQL(
            "select line, sleutel, inhoud_hash <> eerste from (select line, sleutel, inhoud_hash, "
            "first_value(inhoud_hash) over w as eerste, row_number() over w as nr from {} window w as (partition by sleutel order by line)) d "
            "where nr > 1 order by line"
        ).format(staging)
    ).fetchall()
    reason = "Deze sleutel komt eerder in het bestand voor met andere gegevens."
    run.add_rejects(Reject(line, "sleutel_dubbel", reason, str(key)[:80]) for line, key, differs in rows if differs)
    run.counts.dubbel += sum(1 for row in rows if not row[2])
    if rows:
        run.connection.execute(
            sql.SQL("delete from {} where line = any(%s)").format(staging), ([row[0] for row in rows],)
        )


def _store(run: Run, register: Register, staging: sql.Identifier) -> None:
    names = [*register.columns, "inhoud_hash", *(["buurt_code"] if register.located else [])]
    columns = [sql.Identifier(name) for name in names]
    geom = sql.SQL(", geom") if register.located else sql.SQL("")
    point = sql.SQL(", st_setsrid(st_makepoint(x, y), 28992)") if register.located else sql.SQL("")
    updates = [sql.SQL("{0} = excluded.{0}").format(column) for column in columns]
    if register.located:
        updates.append(sql.SQL("geom = excluded.geom").format())
    done = run.connection.execute(
        sql.SQL(
            "insert into {table} as t (gemeente_code, bron, {columns}{geom}) "
            "select %(gemeente)s, %(bron)s, {columns}{point} from {staging} order by line "
            "on conflict (gemeente_code, bron, sleutel) do update set {updates} where t.inhoud_hash <> excluded.inhoud_hash "
            "returning xmax = 0"
        ).format(
            table=sql.Identifier(*register.name.split(".")),
            columns=sql.SQL(", ").join(columns),
            geom=geom,
            point=point,
            staging=staging,
            updates=sql.SQL(", ").join(updates),
        ),
        {"gemeente": run.gemeente, "bron": run.bron},
    ).fetchall()
    staged = run.connection.execute(
        sql.SQL("select count(*), {} from {}").format(
            sql.SQL("count(*) filter (where buurt_code is null)") if register.located else sql.SQL("0"),
            staging,
        )
    ).fetchone() or (0, 0)
    run.book_upsert(done, staged[0])
    run.counts.buiten += staged[1]


def move_between(run: Run, old: Register, new: Register) -> None:
    """What this run stored in one register must not stay in the other: a place that became sensitive is gone at once."""
    run.connection.execute(
        sql.SQL(
            "delete from {old} o using {staged} s where o.gemeente_code = %s and o.bron = %s and o.sleutel = s.sleutel"
        ).format(old=sql.Identifier(*old.name.split(".")), staged=sql.Identifier(f"staging_{new.table.name}")),
        (run.gemeente, run.bron),
    )


def write_kerncijfers(run: Run, frames: Iterable[pd.DataFrame]) -> None:
    """Store key figures per area and year; those of municipalities other than the run's are counted, not stored."""
    connection = run.connection
    connection.execute(
        "create temp table staging_kerncijfer (gebied_code text, jaar smallint, indicator text, waarde float8, status text) on commit drop"
    )
    for frame in frames:
        copy_frame(connection, "staging_kerncijfer", ("gebied_code", "jaar", "indicator", "waarde", "status"), frame)
    done = connection.execute(
        """
        insert into publiek.kerncijfer as k (gemeente_code, jaar, gebied_code, indicator, waarde, status, bron)
        select distinct on (gebied_code, jaar, indicator)
            'GM' || substr(gebied_code, 3, 4), jaar, gebied_code, indicator, waarde, status, %(bron)s
        from staging_kerncijfer
        where %(gemeente)s::text is null or 'GM' || substr(gebied_code, 3, 4) = %(gemeente)s
        on conflict (gemeente_code, jaar, gebied_code, indicator) do update
            set waarde = excluded.waarde, status = excluded.status, bron = excluded.bron
            where (k.waarde, k.status) is distinct from (excluded.waarde, excluded.status)
        returning xmax = 0
        """,
        {"gemeente": run.gemeente, "bron": run.bron},
    ).fetchall()
    total = connection.execute(
        "select count(distinct (gebied_code, jaar, indicator)) from staging_kerncijfer "
        "where %(gemeente)s::text is null or 'GM' || substr(gebied_code, 3, 4) = %(gemeente)s",
        {"gemeente": run.gemeente},
    ).fetchone()
    run.book_upsert(done, total[0] if total else 0)
