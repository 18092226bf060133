"""Filter, sort and page a relation: the statements behind items, files and counts. Bound parameters only."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, cast, false, func, or_, select, type_coerce
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.types import NullType
from sqlalchemy.util import LRUCache

from geo_service.db.queries.relatie import SQL_TYPES, PlainGeometry, Relatie
from geo_service.domain.onthouden import Onthoudt
from geo_service.domain.velden import Soort

if TYPE_CHECKING:
    from geo_service.db.engine import ReadConnection

Row = tuple[Any, ...]
DIALECT = PGDialect_psycopg()
COMPILED: LRUCache[Any, Any] = LRUCache(1000)
STORED_SRID = 28992


@dataclass(frozen=True)
class Sortering:
    """One key of the order. leeg: whether values can be missing; those come last."""

    expressie: ColumnElement[Any]
    soort: Soort
    dalend: bool = False
    leeg: bool = True


@dataclass(frozen=True)
class Vak:
    """A box to which features are limited: EWKB in EPSG:28992. binnen: a rectangle inside it, where bounds alone decide.

    The sides of a box in degrees are curves in RD; inside the rectangle the exact and much dearer test is not needed.
    """

    vorm: str
    binnen: str | None = None

    @property
    def values(self) -> dict[str, str]:
        """The parameters of ``_in_box``."""
        return {"vak": self.vorm} | ({} if self.binnen is None else {"vak_binnen": self.binnen})


@dataclass(frozen=True)
class Selectie(Onthoudt):
    """A filtered, ordered relation. velden: names of the properties that leave."""

    relatie: Relatie
    velden: tuple[str, ...]
    filters: tuple[ColumnElement[bool], ...] = ()
    volgorde: tuple[Sortering, ...] = ()
    vak: Vak | None = None

    @property
    def order(self) -> tuple[Sortering, ...]:
        """The asked order, made total by the id."""
        return (*self.volgorde, Sortering(self.relatie.id, self.relatie.id_soort, leeg=False))

    @property
    def where(self) -> tuple[ColumnElement[bool], ...]:
        inside = () if self.vak is None else (_in_box(self.relatie, self.vak),)
        return (*self.relatie.waar, *self.filters, *inside)

    @property
    def weight(self) -> int:
        """About how many bytes it takes: figures that were computed are carried along as a value of its SQL."""
        text, values = compile_statement(named_columns(self, self.relatie.geometrie))
        return len(text) + sum(len(value) for value in values.values() if isinstance(value, str))

    def within(self, vak: Vak) -> Selectie:
        """Only what touches a box. What one of them remembers serves for all boxes: their SQL has the box as values."""
        found = replace(self, vak=vak)
        found.share_memory(self)
        return found

    def remember_statement(self, key: Hashable, make: Callable[[], Select[Any]]) -> tuple[str, dict[str, Any]]:
        """A compiled statement on this selection, with the values of its own box."""
        kind = None if self.vak is None else len(self.vak.values)
        text, values = self.remember((key, kind), lambda: compile_statement(make()))
        return text, values if self.vak is None else values | self.vak.values


@dataclass(frozen=True)
class Grens:
    """Where a page begins: just beyond the row with these values of the order, forwards or (terug) backwards."""

    waarden: tuple[Any, ...]
    terug: bool = False


def named_columns(selectie: Selectie, geometrie: ColumnElement[Any]) -> Select[Any]:
    """The selection as rows id_, veld_0…, orde_0… (the asked order) and geom, the given geometry as stored."""
    relatie = selectie.relatie
    columns = [relatie.kolommen[name].label(f"veld_{n}") for n, name in enumerate(selectie.velden)]
    columns += [key.expressie.label(f"orde_{n}") for n, key in enumerate(selectie.volgorde)]
    # Without its own type: GeoAlchemy would have the database write a geometry that leaves, and this one does not yet.
    geometry = type_coerce(geometrie, PlainGeometry()).label("geom")
    chosen = select(relatie.id.label("id_"), *columns, geometry)
    return chosen.select_from(relatie.van).where(*selectie.where)


def count_statement(selectie: Selectie) -> Select[Any]:
    return select(func.count()).select_from(selectie.relatie.van).where(*selectie.where)


def stream_statement(selectie: Selectie, srid: int, *, limit: int | None = None) -> Select[Any]:
    """Rows (id, WKB, *velden) for files; coordinates x,y in the asked CRS.

    Without an asked order or a limit as the table lies: a million rows in order of id take half as long again.
    """
    relatie = selectie.relatie
    geometry = relatie.geometrie if srid == STORED_SRID else func.st_transform(relatie.geometrie, srid)
    values = (relatie.kolommen[name] for name in selectie.velden)
    chosen = select(relatie.id, func.st_asbinary(geometry), *values).select_from(relatie.van)
    chosen = chosen.where(*selectie.where)
    if not selectie.volgorde and limit is None:
        return chosen
    return chosen.order_by(*(direction(key, terug=False) for key in selectie.order)).limit(limit)


def feature_filter(relatie: Relatie, identifier: str) -> ColumnElement[bool]:
    """The feature with this id; nothing when the text cannot be one."""
    if relatie.id_soort is Soort.TEKST:
        return false() if "\x00" in identifier else relatie.id == identifier
    is_number = identifier.isascii() and identifier.isdigit() and len(identifier) <= 18
    return relatie.id == int(identifier) if is_number else false()


def _in_box(relatie: Relatie, vak: Vak) -> ColumnElement[bool]:
    """Features that touch the box: parameters of their own type, constants to the planner and never read per row."""
    geometry = relatie.geometrie
    shapes = {name: cast(bindparam(name, value, NullType()), PlainGeometry()) for name, value in vak.values.items()}
    exact: ColumnElement[bool] = func.st_intersects(geometry, shapes["vak"])
    if vak.binnen is not None:
        exact = or_(geometry.bool_op("@")(shapes["vak_binnen"]), exact)
    return and_(geometry.bool_op("&&")(shapes["vak"]), exact)


async def run(connection: ReadConnection, statement: Select[Any]) -> list[Row]:
    """The rows of a statement."""
    return await connection.fetch_tuples(*compile_statement(statement))


def compile_statement(statement: Select[Any]) -> tuple[str, dict[str, Any]]:
    """The SQL with ``%(name)s`` parameters, and their values.

    Statements of one shape share their text, as on a connection of SQLAlchemy; its own cache is what is used here.
    """
    compiled, extracted, *_ = statement._compile_w_cache(DIALECT, compiled_cache=COMPILED, column_keys=[])
    return compiled.string, dict(compiled.construct_params(extracted_parameters=extracted) or {})


def direction(key: Sortering, terug: bool) -> ColumnElement[Any]:
    """The key in an ORDER BY; missing values come last, and first when reading backwards."""
    ordered = key.expressie.desc() if key.dalend != terug else key.expressie.asc()
    if not key.leeg:
        return ordered
    return ordered.nulls_first() if terug else ordered.nulls_last()


def beyond(order: Sequence[Sortering], grens: Grens) -> ColumnElement[bool]:
    """Lexicographically past the boundary row; missing values come last. Its values: ``boundary_values``."""
    steps = []
    keys = zip(order, grens.waarden, strict=True)
    limits = [bindparam(_boundary(n), value, SQL_TYPES[key.soort]) for n, (key, value) in enumerate(keys)]
    for position, (key, value) in enumerate(zip(order, grens.waarden, strict=True)):
        earlier = zip(order[:position], limits[:position], strict=True)
        same = [other.expressie.is_not_distinct_from(limit) for other, limit in earlier]
        steps.append(and_(*same, _past(key, None if value is None else limits[position], grens.terug)))
    return or_(*steps)


def boundary_values(grens: Grens) -> dict[str, Any]:
    """The parameters of ``beyond``: boundaries that miss the same values share its SQL."""
    return {_boundary(number): value for number, value in enumerate(grens.waarden)}


def _boundary(number: int) -> str:
    return f"grens_{number}"


def _past(key: Sortering, limit: ColumnElement[Any] | None, terug: bool) -> ColumnElement[bool]:
    """limit: None where the value is missing."""
    expression = key.expressie
    if limit is None:
        return expression.is_not(None) if terug else false()
    past = expression < limit if key.dalend != terug else expression > limit
    return past if terug or not key.leeg else or_(past, expression.is_(None))


def bound(value: Any, soort: Soort) -> ColumnElement[Any]:
    """A value as a parameter of the type of its field."""
    return bindparam(None, value, type_=SQL_TYPES[soort], unique=True)
