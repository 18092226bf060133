"""Figures of one buurt, with far more reports in the database: `fill_meldingen` multiplies the reports there are.

The copies are made on the server: each report comes back under a new number, on the same place and day, and every
count of the cube and of the released figures is multiplied likewise. Afterwards the database holds another number
of reports than was loaded, so that the next run loads it anew.
"""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import orjson
import psycopg
from psycopg import sql

from bench.harness import BenchError
from bench.peers.client import Answer, fetch
from bench.peers.database import BRON, tcp_url
from bench.peers.report import Goal, Series
from bench.peers.services import OURS, Service
from geo_service.db.cluster import OWNER

_STEP = 1_000_000_000
_CHECKED = 10
# Inside the coverage that is derived from the first and last full week of the data, so that no report lies outside.
_PERIODS = ((2024, None), *((2024, quarter) for quarter in (1, 2, 3, 4)), (2023, 2), (2023, 3), (2025, 2), (2025, 3))


@dataclass(frozen=True)
class Figure:
    """One question: the count of one buurt, category and year (or quarter)."""

    buurt: str
    categorie: str
    jaar: int
    kwartaal: int | None = None

    @property
    def query(self) -> str:
        periode = f"{self.jaar}-Q{self.kwartaal}" if self.kwartaal else str(self.jaar)
        parts = f"niveau=buurt&gebied={self.buurt}&bron={BRON}&categorie={self.categorie}&periode={periode}"
        return f"/v1/collections/meldingen-per-gebied/items?{parts}"

    @property
    def days(self) -> tuple[date, date]:
        """First day, and the day after the last."""
        first = (self.kwartaal - 1) * 3 + 1 if self.kwartaal else 1
        until = first + (3 if self.kwartaal else 12)
        return date(self.jaar, first, 1), date(self.jaar + until // 13, (until - 1) % 12 + 1, 1)


def fill_meldingen(rows: int) -> int:
    """Multiply the reports to at least `rows`; returns how many there are then."""
    with psycopg.connect(tcp_url(OWNER), autocommit=True) as connection:
        there = _one(connection, "select count(*) from intern.melding")
        factor = -(-rows // there)
        if factor > 1:
            connection.execute(_copy_statement(connection), {"copies": factor - 1, "step": _STEP})
            for table in ("intern.kubus", "publiek.cijfer"):
                connection.execute(f"update {table} set aantal = aantal * %s", (factor,))
        connection.execute("vacuum analyze")
        return _one(connection, "select count(*) from intern.melding")


def measure_figures(service: Service, rows: int, requests: int, seed: int) -> tuple[Series, Goal]:
    """Ask `requests` different figures one after another, and compare some with a count of the reports."""
    figures = _draw_figures(requests, seed)
    fetch(service, [figure.query for figure in figures[:_CHECKED]])
    answers = fetch(service, [figure.query for figure in figures[_CHECKED:]]).answers
    _check(figures[_CHECKED:], answers)
    milliseconds = [answer.seconds * 1000 for answer in answers]
    sizes = {OURS: [len(answer.body) for answer in answers]}
    series = Series(f"Figures of one buurt, {rows} reports, 1 connection", "ms", OURS, {OURS: milliseconds}, sizes)
    p99 = statistics.quantiles(milliseconds, n=100)[98]
    return series, Goal(f"figures of one buurt with {rows} reports, p99 in ms", p99, most=50)


def _draw_figures(number: int, seed: int) -> list[Figure]:
    with psycopg.connect(tcp_url(OWNER)) as connection:
        cells = connection.execute(
            "select distinct gebied_code, categorie from intern.kubus where gebied_code like 'BU%' order by 1, 2"
        ).fetchall()
    every = [Figure(buurt, categorie, *period) for buurt, categorie in cells for period in _PERIODS]
    if len(every) < number + _CHECKED:
        raise BenchError(f"only {len(every)} different figures to ask for")
    chosen = np.random.default_rng(seed).choice(len(every), number + _CHECKED, replace=False)
    return [every[index] for index in chosen]


def _check(figures: Sequence[Figure], answers: Sequence[Answer]) -> None:
    for figure, answer in zip(figures, answers, strict=True):
        features = orjson.loads(answer.body).get("features", []) if answer.status == 200 else []
        if [feature["properties"]["gebied_code"] for feature in features] != [figure.buurt]:
            raise BenchError(f"{figure.query} answers {answer.status}: {answer.body[:300]!r}")
    with psycopg.connect(tcp_url(OWNER)) as connection:
        for figure, answer in list(zip(figures, answers, strict=True))[:_CHECKED]:
            given = orjson.loads(answer.body)["features"][0]["properties"]["aantal"]
            counted = _one(
                connection,
                "select count(*) from intern.melding "
                "where buurt_code = %s and categorie = %s and dag >= %s and dag < %s",
                (figure.buurt, figure.categorie, *figure.days),
            )
            if given != counted:
                raise BenchError(f"{figure.query} gives {given}; the database holds {counted}")


def _copy_statement(connection: psycopg.Connection) -> sql.Composed:
    names = connection.execute(
        "select column_name from information_schema.columns where table_schema = 'intern' and table_name = 'melding' "
        "and is_generated = 'NEVER' order by ordinal_position"
    ).fetchall()
    columns = [sql.Identifier(name) for (name,) in names]
    copied = [
        sql.SQL("melding_id + copy * %(step)s::bigint") if name == "melding_id" else sql.Identifier(name)
        for (name,) in names
    ]
    return sql.SQL(
        "insert into intern.melding ({}) select {} from intern.melding, generate_series(1, %(copies)s::bigint) as copy"
    ).format(sql.SQL(", ").join(columns), sql.SQL(", ").join(copied))


def _one(connection: psycopg.Connection, question: str, values: Sequence[object] = ()) -> int:
    row = connection.execute(question, values or None).fetchone()
    return row[0] if row else 0
