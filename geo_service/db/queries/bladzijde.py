"""A page of a selection as SQL text around the select that filters it.

The outer part is the same for every selection but for its number of columns. Written as text it costs nothing; composed
of expressions and compiled anew it costs more than reading the page. Every value is a bound parameter.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from sqlalchemy import ColumnElement, Select

from geo_service.db.queries.puntpakket import can_pack, packed, unpack
from geo_service.db.queries.selectie import (
    STORED_SRID,
    Grens,
    Row,
    Selectie,
    beyond,
    boundary_values,
    named_columns,
)  # fmt: skip
from geo_service.domain.crs import SPHERE, degrees_of_web
from geo_service.domain.punten import Punten
from geo_service.domain.velden import Soort

if TYPE_CHECKING:
    from geo_service.db.engine import ReadConnection

POINT = "Point"
COUNT = "(select count(*) from gevonden)"
# They lie in the order of the page.
FIRST = "select * from gevonden limit %(blad_limit)s offset %(blad_offset)s"


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


@dataclass(frozen=True)
class Gevonden:
    """What one question found. aantal: the number of features in the selection, where that was asked for."""

    rijen: list[Row]
    aantal: int | None = None


async def read_rows(connection: ReadConnection, selectie: Selectie, uitvoer: Uitvoer, venster: Venster) -> list[Row]:
    """Rows (id, GeoJSON text, *velden, *values of the asked order). Backward pages come in reverse."""
    page, values = _page(selectie, uitvoer, venster)
    text = f"select {_columns(selectie, uitvoer)} from ({page}) rij order by {_order(selectie, venster.terug)}"
    return await connection.fetch_tuples(text, values | _written(uitvoer))


async def read_counted_rows(
    connection: ReadConnection, selectie: Selectie, uitvoer: Uitvoer, venster: Venster, *, up_to: int
) -> Gevonden:
    """As ``read_rows`` without a boundary, with the number of features in the selection.

    One walk over the matches instead of two. The number is at most ``up_to`` + 1; then the rows may be the wrong ones.
    """
    found, values = _found(selectie, uitvoer, up_to)
    text = f"{found} select {COUNT}, {_columns(selectie, uitvoer)} from ({FIRST}) rij"
    return _with_count(await connection.fetch_tuples(text, values | _window(venster) | _written(uitvoer)))


def can_read_points(selectie: Selectie, uitvoer: Uitvoer) -> bool:
    """Whether a page of these leaves the database in packages: points in order of their number, as they are stored."""
    stored = uitvoer.srid == STORED_SRID or _is_web(selectie, uitvoer)
    return stored and not selectie.volgorde and can_pack(selectie)


async def read_points(connection: ReadConnection, selectie: Selectie, uitvoer: Uitvoer, venster: Venster) -> Punten:
    """The points of a page in order of their number, with the coordinates that leave; of one that ``can_read_points``."""
    page, values = _page(selectie, uitvoer, venster)
    answer = await connection.fetch_tuples(packed(selectie, page), values)
    return _leaving(unpack(selectie, answer), selectie, uitvoer)


async def read_counted_points(
    connection: ReadConnection, selectie: Selectie, uitvoer: Uitvoer, venster: Venster, *, up_to: int
) -> tuple[Punten, int | None]:
    """As ``read_points`` without a boundary, and the number as ``read_counted_rows`` finds it."""
    found, values = _found(selectie, uitvoer, up_to)
    # A box alone is looked up in the one index that there is for it, however large it is.
    once = selectie.vak is not None and not selectie.filters
    text = f"{found} {packed(selectie, FIRST, COUNT)}"
    gevonden = _with_count(await connection.fetch_tuples(text, values | _window(venster), plan_once=once))
    return _leaving(unpack(selectie, gevonden.rijen), selectie, uitvoer), gevonden.aantal


def _with_count(rows: list[Row]) -> Gevonden:
    return Gevonden([row[1:] for row in rows], int(rows[0][0]) if rows else None)


def _page(selectie: Selectie, uitvoer: Uitvoer, venster: Venster) -> tuple[str, dict[str, Any]]:
    """SQL of the rows of ``named_columns`` that are on the page, and its values."""
    grens = venster.grens
    missing = None if grens is None else tuple(value is None for value in grens.waarden)

    def make() -> Select[Any]:
        rows = named_columns(selectie, _stored(selectie, uitvoer))
        return rows if grens is None else rows.where(beyond(selectie.order, grens))

    rows, values = selectie.remember_statement(("bladzijde", _is_web(selectie, uitvoer), missing, venster.terug), make)
    if grens is not None:
        values = values | boundary_values(grens)
    order = _order(selectie, venster.terug)
    return f"{rows} order by {order} limit %(blad_limit)s offset %(blad_offset)s", values | _window(venster)


def _found(selectie: Selectie, uitvoer: Uitvoer, up_to: int) -> tuple[str, dict[str, Any]]:
    """SQL that finds all rows of ``named_columns`` once, at most one more than so many, as ``gevonden`` in the order of
    the page; its values.

    What was sorted is kept as it is; what was not is copied twice, column by column, at the price of half the search.
    """
    rows, values = selectie.remember_statement(
        ("gevonden", _is_web(selectie, uitvoer)), lambda: named_columns(selectie, _stored(selectie, uitvoer))
    )
    order = _order(selectie, terug=False)
    return f"with gevonden as materialized (select * from ({rows} limit {up_to + 1:d}) rij order by {order})", values


def _window(venster: Venster) -> dict[str, int]:
    return {"blad_limit": venster.limit, "blad_offset": venster.offset}


def _leaving(punten: Punten, selectie: Selectie, uitvoer: Uitvoer) -> Punten:
    """The points in order of their number, with the coordinates as they leave."""
    punten = punten.take(np.argsort(punten.ids))
    axes = degrees_of_web(punten.x, punten.y) if _is_web(selectie, uitvoer) else (punten.x, punten.y)
    return punten.moved(*(axes[::-1] if uitvoer.omgekeerd else axes))


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


def _order(selectie: Selectie, terug: bool) -> str:
    keys = [
        f"orde_{n} {'desc' if key.dalend != terug else 'asc'} nulls {'first' if terug else 'last'}"
        for n, key in enumerate(selectie.volgorde)
    ]
    return ", ".join([*keys, "id_ desc" if terug else "id_ asc"])
