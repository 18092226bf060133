"""A relation: the features of one collection as far as a viewer may see them, before anyone filters, sorts or pages.

Every collection becomes one of these, whether it is a table (reports) or figures that were computed a moment ago
(``rows_relation``). Filters, paging, tiles and files then work on all of them alike.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnElement,
    Date,
    DateTime,
    Double,
    FromClause,
    Text,
    bindparam,
    cast,
    column,
    func,
    literal,
)  # fmt: skip
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import NullType, TypeEngine, UserDefinedType

from geo_service.domain.velden import Soort, Veld

SQL_TYPES: dict[Soort, TypeEngine[Any]] = {
    Soort.TEKST: Text(),
    Soort.GEHEEL: BigInteger(),
    Soort.GETAL: Double(),
    Soort.JANEE: Boolean(),
    Soort.DAG: Date(),
    Soort.MOMENT: DateTime(timezone=True),
}


class PlainGeometry(UserDefinedType[str]):
    """PostGIS' own type, without the functions that GeoAlchemy puts around columns and values."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        return "geometry"


def geometry_value(ewkb_hex: str) -> ColumnElement[Any]:
    """A geometry as a parameter of its own type: a constant to the planner, evaluated once and never per row."""
    return cast(bindparam(None, ewkb_hex, type_=NullType(), unique=True), PlainGeometry())


@dataclass(frozen=True)
class Relatie:
    """What a viewer may see of a collection.

    id: unique and never null; the order of pages. geometrie: EPSG:28992. web: the same in EPSG:3857 when it is stored.
    kolommen: one expression per field, by name. tijd: first and last moment of a feature (dates or timestamps).
    herkomst: source, period and disclosure in one Dutch line.
    """

    naam: str
    van: FromClause
    velden: tuple[Veld, ...]
    kolommen: Mapping[str, ColumnElement[Any]]
    id: ColumnElement[Any]
    geometrie: ColumnElement[Any]
    geometrie_soort: str
    herkomst: str
    id_soort: Soort = Soort.TEKST
    waar: tuple[ColumnElement[bool], ...] = ()
    web: ColumnElement[Any] | None = None
    tijd: tuple[ColumnElement[Any], ColumnElement[Any]] | None = None


def constant(value: Any, soort: Soort = Soort.TEKST) -> ColumnElement[Any]:
    """The same value for every feature."""
    return literal(value, SQL_TYPES[soort])


def rows_relation(velden: Iterable[Veld], rows: Iterable[Mapping[str, Any]], name: str = "rij") -> FromClause:
    """Computed rows as something to select from: one JSON parameter, unpacked by the database."""
    columns = [column(veld.naam, SQL_TYPES[veld.soort]) for veld in velden]
    packed = json.dumps([dict(row) for row in rows], default=str)
    return (
        func.jsonb_to_recordset(cast(bindparam(None, packed, type_=Text(), unique=True), JSONB))
        .table_valued(*columns, name=name)
        .render_derived(name=name, with_types=True)
    )
