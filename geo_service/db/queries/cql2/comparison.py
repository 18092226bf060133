"""Comparisons of two values: = <> < <= > >=, BETWEEN, IN and LIKE. Three-valued, as SQL is: NULL matches nothing."""

from __future__ import annotations

import operator
import unicodedata
from collections.abc import Callable
from typing import Any

from sqlalchemy import ARRAY, ColumnElement, and_, any_, collate, literal, or_

from geo_service.db.queries.cql2.arithmetic import as_numeric
from geo_service.db.queries.cql2.instants import HOW_TO_WRITE, TEMPORAL, align
from geo_service.db.queries.cql2.operand import Operand
from geo_service.db.queries.cql2.operands import FOLDS, read_operand
from geo_service.db.queries.cql2.question import FilterVraag, InvalidFilter, Node, arguments, operation
from geo_service.db.queries.relatie import SQL_TYPES
from geo_service.domain.velden import Soort

Condition = ColumnElement[bool]
COMPARISONS: dict[str, Callable[[Any, Any], Any]] = {
    "=": operator.eq,
    "<>": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_ORDERLESS = ("=", "<>")
_ESCAPE = "\\"


def compare_nodes(op: str, args: list[Node], vraag: FilterVraag) -> Condition:
    left, right = (read_operand(side, vraag) for side in arguments(op, args, 2))
    return compare(op, left, right)


def compare(op: str, left: Operand, right: Operand) -> Condition:
    """InvalidFilter when the two are of kinds that do not compare."""
    if _family(left) is not _family(right):
        hint = f" {HOW_TO_WRITE}" if {left.soort, right.soort} & set(TEMPORAL) else ""
        raise InvalidFilter(f"{_sentence(left)} kan niet worden vergeleken met {right.omschrijving}.{hint}")
    if left.soort is Soort.JANEE and op not in _ORDERLESS:
        raise InvalidFilter(f"{_sentence(left)} heeft geen volgorde; gebruik = of <>.")
    found: Condition = COMPARISONS[op](*_sides(left, right))
    return found


def between(args: list[Node], vraag: FilterVraag) -> Condition:
    """Both ends included; nothing matches when the first is the larger."""
    value, low, high = (read_operand(arg, vraag) for arg in arguments("BETWEEN", args, 3))
    return and_(compare(">=", value, low), compare("<=", value, high))


def is_in(args: list[Node], vraag: FilterVraag) -> Condition:
    value, listed = arguments("IN", args, 2)
    if not isinstance(listed, list) or not listed:
        raise InvalidFilter("IN hoort een rij van minstens één waarde te hebben.")
    left, rights = read_operand(value, vraag), [read_operand(item, vraag) for item in listed]
    separate = [compare("=", left, right) for right in rights]
    plain = all(right.waarde is not None and right.soort is left.soort for right in rights)
    if left.berekend or not plain:
        return or_(*separate)
    values = literal([right.waarde for right in rights], ARRAY(SQL_TYPES[left.soort]))
    return left.expressie == any_(values)


def like(args: list[Node], vraag: FilterVraag) -> Condition:
    """% is any text, _ one character and a backslash takes the meaning of the next away."""
    value, pattern = arguments("LIKE", args, 2)
    left, right = read_operand(value, vraag), read_operand(pattern, vraag)
    if left.soort is not Soort.TEKST:
        raise InvalidFilter(f"LIKE werkt op een tekst, niet op {left.omschrijving}.")
    written = _written(pattern)
    if not isinstance(written, str):
        raise InvalidFilter(f"Na LIKE hoort een tekst tussen aanhalingstekens, niet {right.omschrijving}.")
    # ACCENTI removes marks and may so bring a backslash to the end.
    bare = "".join(c for c in unicodedata.normalize("NFD", written) if not unicodedata.combining(c))
    if (len(bare) - len(bare.rstrip(_ESCAPE))) % 2:
        raise InvalidFilter("De tekst na LIKE kan niet eindigen op een losse backslash.")
    return left.expressie.like(right.expressie)


def _written(pattern: Node) -> Node:
    """The literal inside CASEI and ACCENTI."""
    op, args = operation(pattern) or ("", [])
    return _written(args[0]) if op in FOLDS else pattern


def _family(operand: Operand) -> Soort:
    if operand.is_number:
        return Soort.GETAL
    return Soort.MOMENT if operand.soort in TEMPORAL else operand.soort


def _sides(left: Operand, right: Operand) -> list[ColumnElement[Any]]:
    if left.soort in TEMPORAL:
        return align(left, right)
    if left.berekend or right.berekend:
        return [as_numeric(left), as_numeric(right)]
    if left.soort is Soort.TEKST and left.waarde is None and right.waarde is None:
        # Two properties may have collations of their own, which PostgreSQL refuses to choose between.
        return [left.expressie, collate(right.expressie, "C")]
    return [left.expressie, right.expressie]


def _sentence(operand: Operand) -> str:
    return operand.omschrijving[0].upper() + operand.omschrijving[1:]
