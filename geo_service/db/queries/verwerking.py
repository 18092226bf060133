"""What the papers need to know of sources and runs; for the command line, as the owner of the tables."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import psycopg
from psycopg.rows import class_row


@dataclass(frozen=True)
class Bronrij:
    """A source as it was registered; None or empty where nobody said so."""

    gemeente_code: str
    naam: str
    laag: str | None
    houder: str | None
    definitie: str | None
    doel: str | None
    grondslag: str | None
    artikel: str | None
    bewaartermijn_maanden: int | None
    betrokkenen: list[str] | None
    gegevens: list[str] | None
    ontvangers: list[str] | None
    eerste_dag: date | None
    laatste_dag: date | None


def list_bronnen(connection: psycopg.Connection) -> list[Bronrij]:
    columns = ", ".join(Bronrij.__dataclass_fields__)
    with connection.cursor(row_factory=class_row(Bronrij)) as cursor:
        return cursor.execute(f"select {columns} from publiek.bron order by gemeente_code, naam").fetchall()


def list_gemeenten(connection: psycopg.Connection) -> list[str]:
    return [row[0] for row in connection.execute("select naam from publiek.gemeente order by gemeente_code")]


def list_first_runs(connection: psycopg.Connection) -> dict[str, date]:
    """Per method the day on which it was first carried out here."""
    rows = connection.execute("select methode, min(gemaakt_op)::date from intern.hotspot_run group by methode")
    return dict(rows.fetchall())
