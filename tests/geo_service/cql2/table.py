"""Six features that differ in every way a filter can look at, and which of them a filter finds.

    id  naam        aantal            getal  actief  dag         tijd (Dutch time)      van         tot
    1   Café        5                 1.5    true    2024-01-31  2024-01-31 23:30       2024-01-01  2024-03-31
    2   cafe        10                0.1    false   2024-02-01  2024-02-01 00:30       2024-04-01  2024-06-30
    3   CAFÉ 100%   0                 -2.5   true    2024-02-02  2024-07-01 00:00       2024-01-01  2024-01-31
    4   Straße      -3                1e10   -       -           -                      2024-02-01  -
    5   -           -                 -      false   2023-12-31  2023-12-31 13:00       -           -
    6   O'Brien     9007199254740993  3      true    2024-06-15  2024-06-15 12:00:00.5  2024-06-15  2024-06-15

1 and 2 are points 100 m apart in Enschede, 3 is the point in Amersfoort where the Dutch grid begins, 4 has no place,
5 is a square of 200 m with 1 and 2 on its side and inside it, 6 a line that crosses the square.
"""

from __future__ import annotations

import json
from typing import Any

import psycopg
from sqlalchemy import ColumnElement, column, select, table

from geo_service.db.queries.cql2 import FilterVraag, InvalidFilter, Kolom, compile_filter
from geo_service.db.queries.relatie import SQL_TYPES
from geo_service.db.queries.selectie import compile_statement
from geo_service.domain.velden import Soort

SOORTEN = {
    "naam": Soort.TEKST,
    "code": Soort.TEKST,
    "aantal": Soort.GEHEEL,
    "getal": Soort.GETAL,
    "actief": Soort.JANEE,
    "dag": Soort.DAG,
    "tijd": Soort.MOMENT,
    "van": Soort.DAG,
    "tot": Soort.DAG,
}
CREATE = """
create table ding (
    id int primary key, naam text, code text collate "C", aantal bigint, getal float8, actief boolean,
    dag date, tijd timestamptz, van date, tot date, geom geometry(geometry, 28992)
);
insert into ding values
(1, 'Café', 'Café', 5, 1.5, true, '2024-01-31', '2024-01-31T22:30Z', '2024-01-01', '2024-03-31',
    'srid=28992;point(258000 471000)'),
(2, 'cafe', 'x', 10, 0.1, false, '2024-02-01', '2024-01-31T23:30Z', '2024-04-01', '2024-06-30',
    'srid=28992;point(258100 471000)'),
(3, 'CAFÉ 100%', 'x', 0, -2.5, true, '2024-02-02', '2024-06-30T22:00Z', '2024-01-01', '2024-01-31',
    'srid=28992;point(155000 463000)'),
(4, 'Straße', 'Straße', -3, 1e10, null, null, null, '2024-02-01', null, null),
(5, null, null, null, null, false, '2023-12-31', '2023-12-31T12:00Z', null, null,
    'srid=28992;polygon((258000 470900,258200 470900,258200 471100,258000 471100,258000 470900))'),
(6, 'O''Brien', 'x', 9007199254740993, 3, true, '2024-06-15', '2024-06-15T10:00:00.5Z', '2024-06-15', '2024-06-15',
    'srid=28992;linestring(257900 471050,258300 471050)');
"""


def vraag(srid: int = 4326, omgekeerd: bool = False) -> FilterVraag:
    kolommen = {name: Kolom(column(name, SQL_TYPES[soort]), soort) for name, soort in SOORTEN.items()}
    return FilterVraag(kolommen, column("geom"), srid, omgekeerd)


def compiled(text: str, taal: str = "cql2-text") -> ColumnElement[bool] | str:
    """The condition of a filter, or the sentence that refuses it."""
    try:
        return compile_filter(text, taal, vraag())  # type: ignore[arg-type]
    except InvalidFilter as refused:
        return str(refused)


class Ding:
    """The table, to ask filters of."""

    def __init__(self, connection: psycopg.Connection):
        self._connection = connection

    def ids(self, filter_: str | dict[str, Any], question: FilterVraag | None = None) -> set[int]:
        """Which features a filter (text, or JSON as a dict) finds, executed as the service does it."""
        taal = "cql2-text" if isinstance(filter_, str) else "cql2-json"
        text = filter_ if isinstance(filter_, str) else json.dumps(filter_)
        return self.matching(compile_filter(text, taal, question or vraag()))

    def matching(self, condition: ColumnElement[bool]) -> set[int]:
        statement = select(column("id")).select_from(table("ding")).where(condition)
        sql, values = compile_statement(statement)
        return {number for (number,) in self._connection.execute(sql.encode(), values).fetchall()}
