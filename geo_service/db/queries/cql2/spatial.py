"""Spatial functions on the geometry of a collection and on literals."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, and_, func, not_

from geo_service.db.queries.cql2.geometry import Literal, read_geometry
from geo_service.db.queries.cql2.question import (
    FilterVraag,
    InvalidFilter,
    Node,
    arguments,
    is_geometry_literal,
    operation,
    property_name,
)
from geo_service.db.queries.relatie import geometry_value
from geo_service.domain.crs import ewkb

SPATIAL_FUNCTIONS = frozenset(
    f"s_{name}" for name in ("intersects", "equals", "disjoint", "touches", "within", "overlaps", "crosses", "contains")
)
# Relations that change when something far away is left out of the literal.
_WHOLE = frozenset({"s_equals", "s_overlaps", "s_crosses", "s_contains"})
_ALSO_MIXED = frozenset({"s_intersects", "s_disjoint"})


def relate(op: str, args: list[Node], vraag: FilterVraag) -> ColumnElement[bool]:
    """The relation, with the bounding boxes compared first so that a GiST index on the geometry is used."""
    one, other = (_side(op, node, vraag) for node in arguments(op, args, 2))
    if op == "s_disjoint":
        return not_(_related("s_intersects", one, other))
    return _related(op, one, other)


def _related(op: str, one: ColumnElement[Any], other: ColumnElement[Any]) -> ColumnElement[bool]:
    relation = getattr(func, f"st_{op[2:]}")
    return and_(one.bool_op("&&")(other), relation(one, other))


def _side(op: str, node: Node, vraag: FilterVraag) -> ColumnElement[Any]:
    if vraag.geometrie is not None and vraag.is_geometry(node):
        return vraag.geometrie
    if is_geometry_literal(node):
        return geometry_value(ewkb(_shape(op, read_geometry(node, vraag))))
    name = property_name(node)
    if name is not None:
        vraag.kolom(name)
        raise InvalidFilter(f"{op.upper()} vergelijkt geometrieën; de eigenschap '{name}' is er geen.")
    called = operation(node)
    if called is not None:
        raise InvalidFilter(f"{op.upper()} kan niet werken met de uitkomst van '{called[0]}'.")
    raise InvalidFilter(f"{op.upper()} vergelijkt geometrieën: de eigenschap geometry, een geometrie of een BBOX.")


def _shape(op: str, literal: Literal) -> Any:
    if literal.is_mixed and op not in _ALSO_MIXED:
        raise InvalidFilter(
            f"{op.upper()} kan niet met een GEOMETRYCOLLECTION van punten, lijnen en vlakken door elkaar; "
            "gebruik S_INTERSECTS of splits haar."
        )
    return literal.whole if op in _WHOLE else literal.vorm
