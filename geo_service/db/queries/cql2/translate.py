"""The conditions of a filter: AND, OR, NOT, IS NULL and the predicates of the other modules."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Boolean, ColumnElement, and_, false, not_, or_, true, type_coerce

from geo_service.db.queries.cql2.comparison import COMPARISONS, between, compare_nodes, is_in, like
from geo_service.db.queries.cql2.operands import read_operand
from geo_service.db.queries.cql2.question import (
    FilterVraag,
    InvalidFilter,
    Node,
    arguments,
    is_geometry_literal,
    operation,
)
from geo_service.db.queries.cql2.spatial import SPATIAL_FUNCTIONS, relate
from geo_service.db.queries.cql2.temporal import TEMPORAL_FUNCTIONS, compare_times
from geo_service.domain.velden import Soort

Condition = ColumnElement[bool]
_ARRAYS = ("a_equals", "a_contains", "a_containedby", "a_overlaps")


def condition(node: Node, vraag: FilterVraag) -> Condition:
    """The condition that a node stands for; InvalidFilter when it is a value and no condition."""
    op, args = operation(node) or ("", [])
    handler = _HANDLERS.get(op)
    if handler is not None:
        return handler(args, vraag)
    if op in COMPARISONS:
        return compare_nodes(op, args, vraag)
    if op in SPATIAL_FUNCTIONS:
        return relate(op, args, vraag)
    if op in TEMPORAL_FUNCTIONS:
        return compare_times(op, args, vraag)
    if op in _ARRAYS:
        raise InvalidFilter(f"{op.upper()} kan niet: geen eigenschap hier is een rij van waarden.")
    return true() if node is True else false() if node is False else _boolean(node, vraag)


def _boolean(node: Node, vraag: FilterVraag) -> Condition:
    if vraag.is_geometry(node) or is_geometry_literal(node):
        raise InvalidFilter("Een geometrie alleen is geen voorwaarde; gebruik bijvoorbeeld S_INTERSECTS.")
    operand = read_operand(node, vraag)
    if operand.soort is not Soort.JANEE:
        raise InvalidFilter(f"Een filter is een voorwaarde; {operand.omschrijving} is dat niet.")
    return type_coerce(operand.expressie, Boolean())


def _all(args: list[Node], vraag: FilterVraag) -> Condition:
    return and_(*_conditions("AND", args, vraag))


def _any(args: list[Node], vraag: FilterVraag) -> Condition:
    return or_(*_conditions("OR", args, vraag))


def _conditions(op: str, args: list[Node], vraag: FilterVraag) -> list[Condition]:
    if len(args) < 2:
        raise InvalidFilter(f"{op} hoort minstens twee voorwaarden te hebben.")
    return [condition(arg, vraag) for arg in args]


def _not(args: list[Node], vraag: FilterVraag) -> Condition:
    return not_(condition(arguments("NOT", args, 1)[0], vraag))


def _is_null(args: list[Node], vraag: FilterVraag) -> Condition:
    (node,) = arguments("IS NULL", args, 1)
    if vraag.geometrie is not None and vraag.is_geometry(node):
        return vraag.geometrie.is_(None)
    op, _ = operation(node) or ("", [])
    if op in _HANDLERS or op in COMPARISONS or op in SPATIAL_FUNCTIONS or op in TEMPORAL_FUNCTIONS:
        return condition(node, vraag).is_(None)
    if is_geometry_literal(node):
        raise InvalidFilter("IS NULL hoort na een eigenschap te staan, niet na een geometrie.")
    return read_operand(node, vraag).expressie.is_(None)


Handler = Callable[[list[Node], FilterVraag], Condition]
_HANDLERS: dict[str, Handler] = {
    "and": _all,
    "or": _any,
    "not": _not,
    "isnull": _is_null,
    "between": between,
    "in": is_in,
    "like": like,
}
