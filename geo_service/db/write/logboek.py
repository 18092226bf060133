"""The log as the owner knows it: lines of the command line, everything for the check, and taking away whole days."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

import psycopg
from psycopg.rows import class_row, dict_row

from geo_service.db.queries.logboek import APPEND, SEAL, Row, Seal, append_values, seal_values

_FIELDS = "dag, nummer, moment, actor, rol, handeling, object, uitkomst, herkomst, kenmerk, vorige, hash"
_BATCH = 2_000


def log_exists(connection: psycopg.Connection) -> bool:
    """Whether the schema of this database has a log yet."""
    return connection.execute("select to_regclass('intern.logboek') is not null").fetchone() == (True,)


def append_lines(connection: psycopg.Connection, regels: Sequence[dict[str, str]], seal: Seal) -> None:
    """Add lines and seal the last one, in the transaction of the connection."""
    row = connection.execute(APPEND, append_values(regels)).fetchone()
    connection.execute(SEAL, seal_values(row or (), seal))


def last_line(connection: psycopg.Connection) -> tuple[date, int, bytes] | None:
    """Day, number and hash of the newest line."""
    return connection.execute(
        "select dag, nummer, hash from intern.logboek order by dag desc, nummer desc limit 1"
    ).fetchone()


def read_lines(
    connection: psycopg.Connection, kind: type[Any], van: date, tot: date, where: Mapping[str, str] | None = None
) -> Iterator[Any]:
    """Lines of these days in order, as ``kind``, without holding them all. where: texts that columns must contain."""
    asked = {name: f"%{_escaped(text)}%" for name, text in (where or {}).items()}
    also = "".join(f" and {name} ilike %({name})s" for name in asked)
    with connection.cursor("logboek", row_factory=class_row(kind)) as cursor:
        cursor.itersize = _BATCH
        cursor.execute(
            f"select {_FIELDS} from intern.logboek where dag between %(van)s and %(tot)s {also} order by dag, nummer",
            {"van": van, "tot": tot} | asked,
        )
        yield from cursor


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def read_seals(connection: psycopg.Connection, kind: type[Any], van: date, tot: date) -> list[Any]:
    """The seals of these days, as ``kind``."""
    with connection.cursor(row_factory=class_row(kind)) as cursor:
        return cursor.execute(
            "select dag, nummer, hash, handtekening, sleutel from intern.logboek_zegel "
            "where dag between %s and %s order by dag, nummer",
            (van, tot),
        ).fetchall()


def read_removed(connection: psycopg.Connection, kind: type[Any]) -> list[Any]:
    """What stayed of days that were removed, oldest first, as ``kind``."""
    with connection.cursor(row_factory=class_row(kind)) as cursor:
        return cursor.execute(
            "select dag, aantal, vorige, hash, handtekening, sleutel from intern.logboek_verwijderd order by dag"
        ).fetchall()


def hash_before(connection: psycopg.Connection, dag: date) -> bytes | None:
    """The hash of the last line before a day, or of the last day that was removed; None when there is neither."""
    row = connection.execute(
        "select hash from intern.logboek where dag < %(dag)s order by dag desc, nummer desc limit 1", {"dag": dag}
    ).fetchone()
    row = row or connection.execute("select hash from intern.logboek_verwijderd order by dag desc limit 1").fetchone()
    return row[0] if row else None


def list_days(connection: psycopg.Connection, before: date) -> list[Row]:
    """Days before this one, oldest first and the last day of the log never: dag, aantal, vorige, hash."""
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(
            """
            select dag, count(*) as aantal, (array_agg(vorige order by nummer))[1] as vorige,
                (array_agg(hash order by nummer desc))[1] as hash
            from intern.logboek where dag < %s and dag < (select max(dag) from intern.logboek) group by 1 order by 1
            """,
            (before,),
        ).fetchall()


def remove_day(connection: psycopg.Connection, dag: Row, handtekening: bytes, sleutel: str) -> int:
    """Take the oldest day away and leave what was signed; how many lines it had."""
    row = connection.execute(
        "select intern.logboek_opruimen(%s, %s, %s, %s)", (dag["dag"], dag["hash"], handtekening, sleutel)
    ).fetchone()
    return int(row[0]) if row else 0
