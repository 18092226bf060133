"""Dates and timestamps of a filter, and how the two compare.

A date is a whole day in the Netherlands. Where a date meets a timestamp, both are days: the timestamp counts as the day
that it was in Europe/Amsterdam. ``tijd = DATE('2024-01-31')`` is so the whole of that day, ``tijd > DATE('2024-01-31')``
starts on 1 February at midnight, Dutch time.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Date, cast, func

from geo_service.db.queries.cql2.operand import Operand
from geo_service.db.queries.cql2.question import InvalidFilter, Node, show
from geo_service.db.queries.relatie import constant
from geo_service.domain.velden import Soort

TEMPORAL = (Soort.DAG, Soort.MOMENT)
HOW_TO_WRITE = "Schrijf een datum als DATE('2024-01-31') en een tijdstip als TIMESTAMP('2024-01-31T12:00:00Z')."
_ZONE = "Europe/Amsterdam"
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIMESTAMP = re.compile(_DATE.pattern + r"T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?(Z|[+-][0-9]{2}:[0-9]{2})")


def read_date(value: Node) -> Operand:
    """A full date of RFC 3339."""
    if not isinstance(value, str) or not _DATE.fullmatch(value):
        raise InvalidFilter(f"{show(value)} is geen datum. {HOW_TO_WRITE}")
    try:
        found = date.fromisoformat(value)
    except ValueError:
        raise InvalidFilter(f"De datum {show(value)} bestaat niet.") from None
    return Operand(constant(found, Soort.DAG), Soort.DAG, f"de datum {value}", found)


def read_timestamp(value: Node) -> Operand:
    """A date-time of RFC 3339; InvalidFilter without a zone or outside the years 1 to 9999."""
    if not isinstance(value, str) or not _TIMESTAMP.fullmatch(value):
        raise InvalidFilter(f"{show(value)} is geen tijdstip. {HOW_TO_WRITE}")
    try:
        found = datetime.fromisoformat(value)
        _ = found.astimezone(ZoneInfo(_ZONE))
    except (ValueError, OverflowError):
        raise InvalidFilter(f"Het tijdstip {show(value)} bestaat niet.") from None
    return Operand(constant(found, Soort.MOMENT), Soort.MOMENT, f"het tijdstip {value}", found)


def read_instant(value: Node) -> Operand:
    """A date or a timestamp, whichever the text is."""
    return read_date(value) if isinstance(value, str) and _DATE.fullmatch(value) else read_timestamp(value)


def align(*operands: Operand) -> list[ColumnElement[Any]]:
    """Expressions that compare with each other: all days when one of them is a day."""
    if any(operand.soort is Soort.DAG for operand in operands):
        return [_as_day(operand) for operand in operands]
    return [operand.expressie for operand in operands]


def is_later(one: Operand, other: Operand) -> bool:
    """Whether one literal is after the other; not when either is a property."""
    if one.waarde is None or other.waarde is None:
        return False
    if Soort.DAG in (one.soort, other.soort):
        return _local_day(one.waarde) > _local_day(other.waarde)
    return bool(one.waarde > other.waarde)


def _as_day(operand: Operand) -> ColumnElement[Any]:
    if operand.soort is Soort.DAG:
        return operand.expressie
    if operand.waarde is not None:
        return constant(_local_day(operand.waarde), Soort.DAG)
    return cast(func.timezone(constant(_ZONE), operand.expressie), Date)


def _local_day(value: date | datetime) -> date:
    return value.astimezone(ZoneInfo(_ZONE)).date() if isinstance(value, datetime) else value
