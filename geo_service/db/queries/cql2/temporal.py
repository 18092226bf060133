"""Temporal functions on instants and intervals, after the tables of CQL2 1.0 and OWL-Time.

Intervals are closed at both ends and '..' is an open end. A property without a value makes the outcome unknown, also
as an end of INTERVAL(van, tot). With a date on any side, all ends are days (see ``instants``).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Date, DateTime, and_, cast, not_

from geo_service.db.queries.cql2.instants import HOW_TO_WRITE, TEMPORAL, align, is_later, read_instant
from geo_service.db.queries.cql2.operand import Operand
from geo_service.db.queries.cql2.operands import read_operand
from geo_service.db.queries.cql2.question import FilterVraag, InvalidFilter, Node, arguments, property_name
from geo_service.db.queries.relatie import constant
from geo_service.domain.velden import Soort

Ends = tuple[Any, Any]
_OPEN = ".."


@dataclass(frozen=True)
class _Span:
    """begin, eind: None when open. An instant begins and ends at the same moment."""

    begin: Operand | None
    eind: Operand | None
    is_interval: bool


def _before(a: Ends, b: Ends) -> ColumnElement[bool]:
    return a[1] < b[0]


def _after(a: Ends, b: Ends) -> ColumnElement[bool]:
    return a[0] > b[1]


def _intersects(a: Ends, b: Ends) -> ColumnElement[bool]:
    return and_(a[0] <= b[1], a[1] >= b[0])


def _during(a: Ends, b: Ends) -> ColumnElement[bool]:
    return and_(a[0] > b[0], a[1] < b[1])


def _finishes(a: Ends, b: Ends) -> ColumnElement[bool]:
    return and_(a[0] > b[0], a[1] == b[1])


def _starts(a: Ends, b: Ends) -> ColumnElement[bool]:
    return and_(a[0] == b[0], a[1] < b[1])


def _meets(a: Ends, b: Ends) -> ColumnElement[bool]:
    return a[1] == b[0]


def _overlaps(a: Ends, b: Ends) -> ColumnElement[bool]:
    return and_(a[0] < b[0], a[1] > b[0], a[1] < b[1])


Relation = Callable[[Ends, Ends], ColumnElement[bool]]
_ANY: dict[str, Relation] = {
    "t_after": _after,
    "t_before": _before,
    "t_disjoint": lambda a, b: not_(_intersects(a, b)),
    "t_equals": lambda a, b: and_(a[0] == b[0], a[1] == b[1]),
    "t_intersects": _intersects,
}
_INTERVALS: dict[str, Relation] = {
    "t_contains": lambda a, b: _during(b, a),
    "t_during": _during,
    "t_finishedby": lambda a, b: _finishes(b, a),
    "t_finishes": _finishes,
    "t_meets": _meets,
    "t_metby": lambda a, b: _meets(b, a),
    "t_overlappedby": lambda a, b: _overlaps(b, a),
    "t_overlaps": _overlaps,
    "t_startedby": lambda a, b: _starts(b, a),
    "t_starts": _starts,
}
TEMPORAL_FUNCTIONS = _ANY | _INTERVALS


def compare_times(op: str, args: list[Node], vraag: FilterVraag) -> ColumnElement[bool]:
    """InvalidFilter for an instant where the standard asks for two intervals."""
    one, other = (_span(op, side, vraag) for side in arguments(op, args, 2))
    if op in _INTERVALS and not (one.is_interval and other.is_interval):
        raise InvalidFilter(
            f"{op.upper()} vergelijkt twee perioden INTERVAL(begin, eind); gebruik T_INTERSECTS, T_BEFORE, T_AFTER, "
            "T_EQUALS of T_DISJOINT voor een datum of tijdstip."
        )
    begin, end, begin_other, end_other = _aligned(one.begin, one.eind, other.begin, other.eind)
    return TEMPORAL_FUNCTIONS[op]((begin, end), (begin_other, end_other))


def _span(op: str, node: Node, vraag: FilterVraag) -> _Span:
    if isinstance(node, dict) and set(node) == {"interval"}:
        return _interval(node["interval"], vraag)
    instant = read_operand(node, vraag)
    if instant.soort not in TEMPORAL:
        raise InvalidFilter(f"{op.upper()} vergelijkt tijden, niet {instant.omschrijving}. {HOW_TO_WRITE}")
    return _Span(instant, instant, is_interval=False)


def _interval(ends: Node, vraag: FilterVraag) -> _Span:
    if not isinstance(ends, list) or len(ends) != 2:
        raise InvalidFilter("INTERVAL hoort een begin en een eind te hebben.")
    begin, end = (_end(node, vraag) for node in ends)
    if begin and end and is_later(begin, end):
        raise InvalidFilter(f"Een INTERVAL begint na het eind: {begin.omschrijving} en {end.omschrijving}.")
    return _Span(begin, end, is_interval=True)


def _end(node: Node, vraag: FilterVraag) -> Operand | None:
    if node == _OPEN:
        return None
    found = read_operand(node, vraag) if property_name(node) else read_instant(node)
    if found.soort not in TEMPORAL:
        raise InvalidFilter(f"INTERVAL gaat over tijden, niet over {found.omschrijving}.")
    return found


def _aligned(*ends: Operand | None) -> list[ColumnElement[Any]]:
    """Expressions of one kind; an open begin is before everything, an open end after."""
    known = iter(align(*(end for end in ends if end is not None)))
    days = any(end is not None and end.soort is Soort.DAG for end in ends)
    kind = Date() if days else DateTime(timezone=True)
    signs = ("-", "", "-", "")
    return [
        next(known) if end is not None else cast(constant(f"{sign}infinity"), kind)
        for end, sign in zip(ends, signs, strict=True)
    ]
