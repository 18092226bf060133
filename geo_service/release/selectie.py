"""Filter, sort and page what a viewer may see. The relation has decided who sees what; nothing here can widen it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, false, or_

from geo_service.db.engine import ReadConnection
from geo_service.db.queries import selectie as queries
from geo_service.db.queries.bladzijde import (
    Uitvoer,
    Venster,
    can_read_points,
    read_counted_points,
    read_counted_rows,
    read_points,
    read_rows,
)  # fmt: skip
from geo_service.db.queries.cql2 import CONFORMANCE as CQL2_CONFORMANCE
from geo_service.db.queries.cql2 import FilterVraag, InvalidFilter, Kolom, compile_filter
from geo_service.db.queries.relatie import SQL_TYPES, Relatie
from geo_service.db.queries.selectie import Grens, Row, Selectie, Sortering, Vak
from geo_service.db.queries.stream import stream_rows
from geo_service.domain.crs import CRS84, Box, Crs
from geo_service.domain.punten import Punten
from geo_service.domain.velden import Soort
from geo_service.errors import InvalidParameters, ParameterFault
from geo_service.release.collecties.model import Moment
from geo_service.release.objecten import Objecten, Rijen, as_points

__all__ = [
    "CQL2_CONFORMANCE", "Bladzijde", "Cql2", "Filters", "Grens", "Moment", "Pagina", "Relatie", "Selectie", "Sortering",
    "Uitvoer", "count_features", "read_counted_page", "read_feature", "read_page", "select_features", "stream_features",
    "within",
]  # fmt: skip
# A page and its count come from one walk over at most so many features; larger selections are walked twice.
ONE_WALK = 20_000
AMSTERDAM = ZoneInfo("Europe/Amsterdam")


@dataclass(frozen=True)
class Cql2:
    """A CQL2 expression as it came in, and the system of its geometries."""

    tekst: str
    taal: Literal["cql2-text", "cql2-json"] = "cql2-text"
    crs: Crs = CRS84


@dataclass(frozen=True)
class Filters:
    """Everything that narrows a collection. gelijk: properties that must have a value."""

    box: Box | None = None
    moment: Moment | None = None
    cql2: Cql2 | None = None
    gelijk: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Bladzijde:
    """Which part of the filtered collection, and how it is written."""

    limit: int
    grens: Grens | None = None
    offset: int = 0
    uitvoer: Uitvoer = field(default_factory=Uitvoer)

    @property
    def venster(self) -> Venster:
        """The page with one row more, which tells whether there is a next one."""
        return Venster(self.limit + 1, self.grens, self.offset)


@dataclass(frozen=True)
class Pagina:
    """One page. voor, na: whether there is more on either side. terug: read backwards, from its last feature."""

    objecten: Objecten
    voor: bool
    na: bool
    terug: bool = False

    @property
    def volgende(self) -> Grens | None:
        return Grens(self.objecten.key(-1)) if self.na and len(self.objecten) else None

    @property
    def vorige(self) -> Grens | None:
        return Grens(self.objecten.key(0), terug=True) if self.voor and len(self.objecten) else None

    def within(self, budget: int) -> Pagina:
        """The page, or as much of it as is written in so many bytes; what is left out is on the one after it."""
        if len(self.objecten) < 2 or len(self.objecten.text()) <= budget:
            return self
        number = self.objecten.fitting(budget, terug=self.terug)
        if number >= len(self.objecten):
            return self
        if self.terug:
            return replace(self, objecten=self.objecten.part(slice(-number, None)), voor=True)
        return replace(self, objecten=self.objecten.part(slice(number)), na=True)


def select_features(
    relatie: Relatie,
    filters: Filters,
    *,
    velden: tuple[str, ...] | None = None,
    sortby: tuple[tuple[str, bool], ...] = (),
) -> Selectie:
    """The relation with its filters. sortby: (field, descending). InvalidParameters for a filter that is none."""
    soorten = {veld.naam: veld.soort for veld in relatie.velden}
    absent = [("sortby", naam) for naam, _ in sortby if naam not in soorten]
    absent += [(naam, naam) for naam in filters.gelijk if naam not in soorten]
    if absent:
        raise InvalidParameters(*(ParameterFault(where, f"{naam!r} is er niet voor u.") for where, naam in absent))
    volgorde = tuple(Sortering(relatie.kolommen[naam], soorten[naam], dalend) for naam, dalend in sortby)
    chosen = tuple(soorten) if velden is None else tuple(naam for naam in soorten if naam in velden)
    return within(Selectie(relatie, chosen, tuple(_filters(relatie, filters, soorten)), volgorde), filters.box)


def within(selectie: Selectie, box: Box | None) -> Selectie:
    """The selection without what lies outside the box."""
    if box is None:
        return selectie
    outline = box.outline()
    if outline is None:
        return replace(selectie, filters=(*selectie.filters, false()))
    return selectie.within(Vak(outline.ewkb(), outline.inner_ewkb()))


def _filters(relatie: Relatie, filters: Filters, soorten: Mapping[str, Soort]) -> list[ColumnElement[bool]]:
    found = []
    if filters.moment is not None and relatie.tijd is not None:
        found.append(_in_moment(relatie, filters.moment))
    if filters.cql2 is not None:
        found.append(_cql2(relatie, filters.cql2, soorten))
    found += [relatie.kolommen[naam] == queries.bound(value, soorten[naam]) for naam, value in filters.gelijk.items()]
    return found


def _in_moment(relatie: Relatie, moment: Moment) -> ColumnElement[bool]:
    """Features of which the time touches the span; one without a time on a side goes on in that direction."""
    if relatie.tijd is None:
        raise ValueError("a relation without a time cannot be filtered by one")
    van, tot = relatie.tijd
    conditions = []
    if moment.tot is not None:
        conditions.append(or_(van.is_(None), van <= _like(van, moment.tot)))
    if moment.van is not None:
        conditions.append(or_(tot.is_(None), tot >= _like(tot, moment.van)))
    return and_(*conditions)


def _like(expression: ColumnElement[Any], moment: datetime) -> ColumnElement[Any]:
    """A moment as the kind of time of an expression: a day is a Dutch day."""
    if isinstance(expression.type, type(SQL_TYPES[Soort.DAG])):
        return queries.bound(moment.astimezone(AMSTERDAM).date(), Soort.DAG)
    return queries.bound(moment, Soort.MOMENT)


def _cql2(relatie: Relatie, cql2: Cql2, soorten: Mapping[str, Soort]) -> ColumnElement[bool]:
    columns = {naam: Kolom(expressie, soorten[naam]) for naam, expressie in relatie.kolommen.items() if naam in soorten}
    vraag = FilterVraag(columns, relatie.geometrie, cql2.crs.srid, cql2.crs.omgekeerd)
    try:
        return compile_filter(cql2.tekst, cql2.taal, vraag)
    except InvalidFilter as error:
        raise InvalidParameters(ParameterFault("filter", str(error))) from None


async def read_page(connection: ReadConnection, selectie: Selectie, bladzijde: Bladzijde) -> Pagina:
    """One page, in the asked order whichever way it was read."""
    uitvoer, venster = bladzijde.uitvoer, bladzijde.venster
    if can_read_points(selectie, uitvoer):
        punten = await read_points(connection, selectie, uitvoer, venster)
        return await _points_page(punten, selectie, bladzijde)
    return _rows_page(await read_rows(connection, selectie, uitvoer, venster), selectie, bladzijde)


async def read_counted_page(
    connection: ReadConnection, selectie: Selectie, bladzijde: Bladzijde
) -> tuple[Pagina, int] | None:
    """A page without a boundary, and the number of features in all; None when those are too many for one walk."""
    uitvoer, venster = bladzijde.uitvoer, bladzijde.venster
    if can_read_points(selectie, uitvoer):
        punten, number = await read_counted_points(connection, selectie, uitvoer, venster, up_to=ONE_WALK)
        if number is None or number > ONE_WALK:
            return None
        return await _points_page(punten, selectie, bladzijde), number
    found = await read_counted_rows(connection, selectie, uitvoer, venster, up_to=ONE_WALK)
    if found.aantal is None or found.aantal > ONE_WALK:
        return None
    return _rows_page(found.rijen, selectie, bladzijde), found.aantal


def _rows_page(rows: list[Row], selectie: Selectie, bladzijde: Bladzijde) -> Pagina:
    if bladzijde.venster.terug:
        rows.reverse()
    return _pagina(Rijen(rows, selectie.velden, len(selectie.volgorde)), bladzijde)


async def _points_page(punten: Punten, selectie: Selectie, bladzijde: Bladzijde) -> Pagina:
    return _pagina(await as_points(punten, selectie, bladzijde.uitvoer.decimalen), bladzijde)


def _pagina(objecten: Objecten, bladzijde: Bladzijde) -> Pagina:
    """objecten: in the asked order, one more than the page holds where there is one."""
    grens, limit = bladzijde.grens, bladzijde.limit
    more, terug = len(objecten) > limit, bladzijde.venster.terug
    if more:
        objecten = objecten.part(slice(-limit, None) if terug else slice(limit))
    voor, na = (more, True) if terug else (grens is not None or bladzijde.offset > 0, more)
    return Pagina(objecten, voor, na, terug)


async def stream_features(
    connection: ReadConnection, selectie: Selectie, srid: int, *, limit: int | None = None
) -> AsyncGenerator[Sequence[Row], None]:
    """All features in batches of (id, WKB, *properties), as ``formats.tabel.Rij``; memory stays flat."""
    text, values = queries.compile_statement(queries.stream_statement(selectie, srid, limit=limit))
    # Closed with this one, and not whenever the garbage collector comes by: the connection has another user by then.
    async with connection.transaction() as driver, aclosing(stream_rows(driver, text, values)) as batches:
        async for batch in batches:
            yield batch


async def count_features(connection: ReadConnection, selectie: Selectie) -> int:
    """How many features the filters leave."""
    rows = await connection.fetch_tuples(
        *selectie.remember_statement("aantal", lambda: queries.count_statement(selectie))
    )
    return int(rows[0][0])


async def read_feature(
    connection: ReadConnection, relatie: Relatie, identifier: str, uitvoer: Uitvoer
) -> dict[str, Any] | None:
    """One feature by its id, its geometry a ready-made fragment; None when this viewer has no such feature."""
    found = (queries.feature_filter(relatie, identifier),)
    selectie = Selectie(relatie, tuple(veld.naam for veld in relatie.velden), found)
    rows = await read_rows(connection, selectie, uitvoer, Venster(1))
    return next(iter(Rijen(rows, selectie.velden).features(rows)), None)
