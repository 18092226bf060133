"""A page of a selection as SQL text around the select that filters it.

The outer part is the same for every selection but for its number of columns. Written as text it costs nothing; composed
of expressions and compiled anew it costs more than reading the page. Every value is a bound parameter.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement

from geo_service.db.queries.selectie import (
    STORED_SRID,
    Grens,
    Selectie,
    Sortering,
    beyond,
    compile_statement,
    direction,
    named_columns,
)  # fmt: skip
from geo_service.domain.velden import Soort

if TYPE_CHECKING:
    from geo_service.db.engine import ReadConnection

Row = tuple[Any, ...]
POINT = "Point"
# Radius in metres of the sphere of Web Mercator; a number with a point, as PostgreSQL must read it.
SPHERE = "6378137.0"


@dataclass(frozen=True)
class Uitvoer:
    """How coordinates leave. srid: EPSG code; omgekeerd: latitude before longitude; decimalen of a coordinate."""

    srid: int = 4326
    omgekeerd: bool = False
    decimalen: int = 7


@dataclass(frozen=True)
class Venster:
    """So many rows from a boundary, or after so many others."""

    limit: int
    grens: Grens | None = None
    offset: int = 0

    @property
    def terug(self) -> bool:
        return self.grens is not None and self.grens.terug


async def read_rows(connection: ReadConnection, selectie: Selectie, uitvoer: Uitvoer, venster: Venster) -> list[Row]:
    """Rows (id, GeoJSON text, *velden, *values of the asked order). Backward pages come in reverse."""
    chosen = named_columns(selectie, _stored(selectie, uitvoer))
    if venster.grens is not None:
        chosen = chosen.where(beyond(selectie.order, venster.grens))
    chosen = chosen.order_by(*(direction(key, venster.terug) for key in selectie.order))
    inner, values = compile_statement(chosen.limit(venster.limit).offset(venster.offset or None))
    order = _order(selectie.volgorde, venster.terug)
    text = f"select {_columns(selectie, uitvoer)} from ({inner}) rij order by {order}"
    return await connection.fetch_tuples(text, values | _written(uitvoer))


async def read_counted_rows(
    connection: ReadConnection, selectie: Selectie, uitvoer: Uitvoer, venster: Venster, *, up_to: int
) -> list[Row]:
    """As ``read_rows`` without a boundary, each row led by the number of features in the selection.

    One walk over the matches instead of two. The number is at most ``up_to`` + 1; then the rows may be the wrong ones.
    """
    inner, values = compile_statement(named_columns(selectie, _stored(selectie, uitvoer)).limit(up_to + 1))
    order = _order(selectie.volgorde, terug=False)
    text = f"""
        with gevonden as materialized ({inner})
        select (select count(*) from gevonden), {_columns(selectie, uitvoer)}
        from (select * from gevonden order by {order} limit %(blad_limit)s offset %(blad_offset)s) rij order by {order}
    """
    window = {"blad_limit": venster.limit, "blad_offset": venster.offset}
    return await connection.fetch_tuples(text, values | window | _written(uitvoer))


def _columns(selectie: Selectie, uitvoer: Uitvoer) -> str:
    """Only the rows of the page are transformed and written as GeoJSON."""
    geometry = _degrees(uitvoer) if _is_web(selectie, uitvoer) else _transformed(uitvoer)
    soorten = {veld.naam: veld.soort for veld in selectie.relatie.velden}
    fields = [_as_json(f"veld_{n}", soorten[naam]) for n, naam in enumerate(selectie.velden)]
    keys = [f"orde_{n}" for n in range(len(selectie.volgorde))]
    return ", ".join(["id_", geometry, *fields, *keys])


def _is_web(selectie: Selectie, uitvoer: Uitvoer) -> bool:
    """Whether degrees are read from a stored Web Mercator point: the same ones, for half of the work of a transformation."""
    relatie = selectie.relatie
    return uitvoer.srid == 4326 and relatie.web is not None and relatie.geometrie_soort == POINT


def _stored(selectie: Selectie, uitvoer: Uitvoer) -> ColumnElement[Any]:
    relatie = selectie.relatie
    return relatie.web if relatie.web is not None and _is_web(selectie, uitvoer) else relatie.geometrie


def _degrees(uitvoer: Uitvoer) -> str:
    """A GeoJSON point from one in EPSG:3857, which is a sphere around the same longitudes and latitudes (EPSG 1024)."""
    axes = [f"degrees(st_x(geom) / {SPHERE})", f"degrees(atan(sinh(st_y(geom) / {SPHERE})))"]
    first, second = (
        f"round({axis} * 1e{uitvoer.decimalen}) / 1e{uitvoer.decimalen}"
        for axis in axes[:: -1 if uitvoer.omgekeerd else 1]
    )
    text = f"""concat('{{"type":"Point","coordinates":[', {first}, ',', {second}, ']}}')"""
    return f"case when geom is not null then {text} end"


def _transformed(uitvoer: Uitvoer) -> str:
    geometry = "geom" if uitvoer.srid == STORED_SRID else "st_transform(geom, %(blad_srid)s)"
    if uitvoer.omgekeerd:
        geometry = f"st_flipcoordinates({geometry})"
    return f"st_asgeojson({geometry}, %(blad_decimalen)s, 0)"


def _as_json(column: str, soort: Soort) -> str:
    """Days and moments as ISO 8601 text (moments in UTC): reading them as objects takes as long as all the rest."""
    if soort is Soort.DAG:
        return f"{column}::text"
    if soort is Soort.MOMENT:
        return f"replace(({column} at time zone 'UTC')::text, ' ', 'T') || 'Z'"
    return column


def _written(uitvoer: Uitvoer) -> dict[str, Any]:
    return {"blad_srid": uitvoer.srid, "blad_decimalen": uitvoer.decimalen}


def _order(volgorde: Sequence[Sortering], terug: bool) -> str:
    keys = [
        f"orde_{n} {'desc' if key.dalend != terug else 'asc'} nulls {'first' if terug else 'last'}"
        for n, key in enumerate(volgorde)
    ]
    return ", ".join([*keys, "id_ desc" if terug else "id_ asc"])
