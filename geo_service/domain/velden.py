"""Fields of a collection: what they are called, what kind of value they hold and what that means, in Dutch."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Soort(StrEnum):
    """Kinds of values; the value is the type (``date`` and ``date-time``: the format) of JSON Schema."""

    TEKST = "string"
    GEHEEL = "integer"
    GETAL = "number"
    JANEE = "boolean"
    DAG = "date"
    MOMENT = "date-time"


@dataclass(frozen=True)
class Veld:
    """One property of a feature. titel: what it means, in Dutch, for schema, queryables and catalogue.

    waarden: the codes it can hold when that list is short and fixed, else empty.
    """

    naam: str
    soort: Soort
    titel: str
    waarden: tuple[str, ...] = ()
