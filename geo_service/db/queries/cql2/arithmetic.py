"""Arithmetic in NUMERIC, so that no number of a filter can overflow; an outcome that does not exist is unknown (NULL)."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Numeric, and_, case, cast, func, literal, null

from geo_service.db.queries.cql2.operand import Operand
from geo_service.db.queries.cql2.question import InvalidFilter
from geo_service.domain.velden import Soort

Number = ColumnElement[Any]
# Powers up to e^690, a number of 300 digits; what is larger means nothing here and would cost too much per row.
_MAX_LOG = Decimal(690)


def calculate(op: str, left: Operand, right: Operand) -> Operand:
    """The outcome of one operation on two numbers."""
    for side in (left, right):
        if not side.is_number:
            raise InvalidFilter(f"Rekenen met {op} kan alleen met getallen, niet met {side.omschrijving}.")
        # The expression of a power repeats both sides several times: nested, it would grow without end.
        if op == "^" and side.macht:
            raise InvalidFilter("Een macht (^) van een macht kan niet in een filter.")
    outcome = OPERATORS[op](as_numeric(left), as_numeric(right))
    macht = op == "^" or left.macht or right.macht
    return Operand(outcome, Soort.GETAL, "de uitkomst van een berekening (een getal)", berekend=True, macht=macht)


def as_numeric(operand: Operand) -> Number:
    """A number as NUMERIC; a literal exactly as it was written."""
    if operand.berekend:
        return operand.expressie
    if operand.waarde is not None:
        return _constant(Decimal(repr(operand.waarde)))
    return cast(operand.expressie, Numeric())


def _constant(value: Decimal) -> Number:
    return literal(value, Numeric())


def _power(base: Number, exponent: Number) -> Number:
    """NULL for a root of a negative number, for a power of zero that does not exist and for what is too large."""
    zero, one = _constant(Decimal(0)), _constant(Decimal(1))
    return case(
        (base == zero, case((exponent > zero, zero), (exponent == zero, one))),
        (and_(base < zero, exponent != func.trunc(exponent)), null()),
        (func.abs(exponent * func.ln(func.abs(base))) > _constant(_MAX_LOG), null()),
        else_=func.power(base, exponent, type_=Numeric()),
    )


def _divisor(value: Number) -> Number:
    return func.nullif(value, _constant(Decimal(0)), type_=Numeric())


OPERATORS: dict[str, Callable[[Number, Number], Number]] = {
    "+": lambda left, right: left + right,
    "-": lambda left, right: left - right,
    "*": lambda left, right: left * right,
    "/": lambda left, right: left / _divisor(right),
    "%": lambda left, right: func.mod(left, _divisor(right), type_=Numeric()),
    "div": lambda left, right: func.div(left, _divisor(right), type_=Numeric()),
    "^": _power,
}
