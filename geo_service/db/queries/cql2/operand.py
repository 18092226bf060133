"""One side of a comparison: an expression, what kind of value it is and how to call it in a message."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement

from geo_service.domain.velden import Soort

KINDS = {
    Soort.TEKST: "een tekst",
    Soort.GEHEEL: "een geheel getal",
    Soort.GETAL: "een getal",
    Soort.JANEE: "waar of onwaar",
    Soort.DAG: "een datum",
    Soort.MOMENT: "een tijdstip",
}
NUMBERS = (Soort.GEHEEL, Soort.GETAL)


@dataclass(frozen=True)
class Operand:
    """waarde: the value of a literal, None for anything else.

    berekend: NUMERIC, the outcome of arithmetic. macht: there is a power in it.
    """

    expressie: ColumnElement[Any]
    soort: Soort
    omschrijving: str
    waarde: Any = None
    berekend: bool = False
    macht: bool = False

    @property
    def is_number(self) -> bool:
        return self.soort in NUMBERS
