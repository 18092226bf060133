"""Vector tiles: a selection cut to a tile and encoded by the database. Bound parameters only."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Select, Subquery, and_, cast, func, literal, select
from sqlalchemy.types import Date, Double, Text

from geo_service.db.queries.relatie import Relatie, constant
from geo_service.db.queries.selectie import STORED_SRID, Row, Selectie, run
from geo_service.domain.tegels import BUFFER, EXTENT, Bounds, Tegel, Tegelstelsel
from geo_service.domain.velden import Soort

if TYPE_CHECKING:
    from geo_service.db.engine import ReadConnection

POINT = "Point"
WEB_SRID = 3857
# Corners of areas fall on a grid of so many units, half a pixel on a screen of 512: what two areas share moves alike,
# so that neighbours fit without a gap or an overlap, and a shape weighs no more than its size on the screen.
GRID = 4


def tile_statement(selectie: Selectie, tegel: Tegel, box: Bounds) -> Select[Any]:
    """One row with the tile, empty bytes when nothing touches it. box: the tile with its buffer in RD."""
    relatie = selectie.relatie
    soorten = {veld.naam: veld.soort for veld in relatie.velden}
    geometry = in_system(relatie, tegel.stelsel)
    if relatie.geometrie_soort != POINT:
        west, _, _, north = tegel.bounds
        size = GRID * tegel.unit
        geometry = func.st_snaptogrid(geometry, *map(_number, (west, north, size, size)))
    rows = (
        select(
            _placed(geometry, tegel).label("geom"),
            relatie.id.label("id"),
            *(_told(relatie.kolommen[naam], soorten[naam]).label(naam) for naam in selectie.velden),
        )
        .select_from(relatie.van)
        .where(*selectie.where, touches(relatie, map(_number, box)))
        .subquery("rij")
    )
    return _encoded(rows, relatie.naam, numbered=relatie.id_soort is Soort.GEHEEL)


def counts_statement(selectie: Selectie, tegel: Tegel, box: Bounds, per: str) -> Select[Any]:
    """As ``tile_statement``, with one point per cell and value of a field: how many there are, at their mean place.

    Cells are as wide as the buffer: the ring of cells around a tile is whole, and equal to the cells of its neighbours.

    per: the field whose values are never added up.
    """
    relatie = selectie.relatie
    geometry = in_system(relatie, tegel.stelsel)
    west, _, _, north = tegel.bounds
    x = (func.st_x(geometry) - _number(west)) * _number(1 / tegel.unit)
    y = (_number(north) - func.st_y(geometry)) * _number(1 / tegel.unit)
    cells = (
        select(
            func.avg(x).label("x"),
            func.avg(y).label("y"),
            func.count().label("aantal"),
            relatie.kolommen[per].label(per),
            *_days(relatie),
        )
        .select_from(relatie.van)
        .where(*selectie.where, touches(relatie, map(_number, box)))
        .group_by(*(func.floor(axis * _number(1 / BUFFER)) for axis in (x, y)), relatie.kolommen[per])
        .subquery("vak")
    )
    inside = (and_(axis >= _number(-BUFFER), axis < _number(EXTENT + BUFFER)) for axis in (cells.c.x, cells.c.y))
    rows = (
        select(
            func.st_snaptogrid(func.st_point(cells.c.x, cells.c.y), _number(1)).label("geom"),
            *(value for value in cells.c if value.name not in ("x", "y")),
            literal(True).label("samengevoegd"),
        )
        # Of the means, which a planner cannot move down to every single point.
        .where(*inside)
        .subquery("rij")
    )
    return _encoded(rows, relatie.naam)


def _days(relatie: Relatie) -> tuple[ColumnElement[Any], ...]:
    """First and last Dutch day of the points of a cell."""
    if relatie.tijd is None:
        return ()
    first, last = func.min(relatie.tijd[0]), func.max(relatie.tijd[1])
    return cast(cast(first, Date), Text).label("eerste_dag"), cast(cast(last, Date), Text).label("laatste_dag")


def stored_in_system(relatie: Relatie, stelsel: Tegelstelsel) -> bool:
    """Whether there is a stored geometry in the system of the tiles."""
    srid = stelsel.crs.srid
    return srid == STORED_SRID or (srid == WEB_SRID and relatie.web is not None)


def in_system(relatie: Relatie, stelsel: Tegelstelsel) -> ColumnElement[Any]:
    """The geometry in the system of the tiles: the stored one when there is one."""
    srid = stelsel.crs.srid
    if not stored_in_system(relatie, stelsel):
        return func.st_transform(relatie.geometrie, srid)
    return relatie.geometrie if srid == STORED_SRID or relatie.web is None else relatie.web


def _placed(geometry: ColumnElement[Any], tegel: Tegel) -> ColumnElement[Any]:
    """The geometry in units of the tile, cut off at its buffer; null when nothing of it is left."""
    envelope = func.st_makeenvelope(*map(_number, tegel.bounds), tegel.stelsel.crs.srid)
    return func.st_asmvtgeom(geometry, envelope, EXTENT, BUFFER, True)


def touches(relatie: Relatie, box: Iterable[ColumnElement[float]]) -> ColumnElement[bool]:
    """By bounding box, the one test that may use an index behind row-level security. box: its four sides in RD."""
    return relatie.geometrie.bool_op("&&")(func.st_makeenvelope(*box, STORED_SRID))


def _told(value: ColumnElement[Any], soort: Soort) -> ColumnElement[Any]:
    """A value as tiles hold it: a moment as text in ISO 8601 (UTC); a day becomes such a text by itself."""
    if soort is Soort.MOMENT:
        return func.replace(cast(func.timezone("UTC", value), Text), " ", "T").concat("Z")
    return value


def _number(value: float) -> ColumnElement[float]:
    return literal(value, Double())


def _encoded(rows: Subquery, layer: str, *, numbered: bool = False) -> Select[Any]:
    """Rows without a geometry are left out. numbered: the id is a number and goes with the feature, not as a property."""
    names = [constant(layer), literal(EXTENT), constant("geom"), *([constant("id")] if numbered else [])]
    return select(func.st_asmvt(rows.table_valued(), *names))


async def read_bytes(connection: ReadConnection, statement: Select[Any]) -> bytes:
    rows = await run(connection, statement)
    return bytes(rows[0][0] or b"")


async def read_values(connection: ReadConnection, selectie: Selectie, names: Sequence[str]) -> list[Row]:
    """Only these properties of all features."""
    relatie = selectie.relatie
    columns = (relatie.kolommen[naam] for naam in names)
    return await run(connection, select(*columns).select_from(relatie.van).where(*selectie.where))
