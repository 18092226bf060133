"""Scalar values of a filter: literals, properties, CASEI, ACCENTI and arithmetic."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from sqlalchemy import ColumnElement, collate, func, literal_column

from geo_service.db.queries.cql2.arithmetic import OPERATORS, calculate
from geo_service.db.queries.cql2.instants import read_date, read_timestamp
from geo_service.db.queries.cql2.operand import KINDS, Operand
from geo_service.db.queries.cql2.question import (
    FilterVraag,
    InvalidFilter,
    Node,
    arguments,
    operation,
    property_name,
    show,
)
from geo_service.db.queries.relatie import constant
from geo_service.domain.velden import Soort

MAX_INTEGER = 2**63 - 1
# The combining diacritical marks of Unicode, which remain when a letter with an accent is taken apart.
_ACCENTS = "[\u0300-\u036f]"


def read_operand(node: Node, vraag: FilterVraag) -> Operand:
    """The value that a node stands for; InvalidFilter when it stands for none."""
    name = property_name(node)
    if name is not None:
        return _property(name, vraag)
    op, args = operation(node) or ("", [])
    if op in FOLDS:
        return _folded(op, args, vraag)
    if op in OPERATORS:
        left, right = (read_operand(side, vraag) for side in arguments(op, args, 2))
        return calculate(op, left, right)
    if op:
        raise InvalidFilter(f"De functie of bewerking {show(op)} kan hier niet in een filter.")
    if isinstance(node, dict) and set(node) == {"date"}:
        return read_date(node["date"])
    if isinstance(node, dict) and set(node) == {"timestamp"}:
        return read_timestamp(node["timestamp"])
    return _literal(node)


def fold_case(text: ColumnElement[Any]) -> ColumnElement[Any]:
    """Full case folding as far as PostgreSQL before 18 has it: capitals by ICU (ß is SS), then small letters."""
    return collate(func.lower(func.upper(collate(text, "und-x-icu"))), "C")


def strip_accents(text: ColumnElement[Any]) -> ColumnElement[Any]:
    """Without combining marks: taken apart, stripped, put together again."""
    apart = func.normalize(text, literal_column("NFD"))
    bare = func.regexp_replace(apart, constant(_ACCENTS), constant(""), constant("g"))
    return collate(func.normalize(bare, literal_column("NFC")), "C")


FOLDS: dict[str, Callable[[ColumnElement[Any]], ColumnElement[Any]]] = {"casei": fold_case, "accenti": strip_accents}


def _property(name: str, vraag: FilterVraag) -> Operand:
    kolom = vraag.kolom(name)
    return Operand(kolom.expressie, kolom.soort, f"de eigenschap {show(name)} ({KINDS[kolom.soort]})")


def _folded(op: str, args: list[Node], vraag: FilterVraag) -> Operand:
    (node,) = arguments(op, args, 1)
    if op in _folds(node):
        raise InvalidFilter(f"{op.upper()} binnen {op.upper()} kan niet in een filter; één keer is genoeg.")
    inner = read_operand(node, vraag)
    if inner.soort is not Soort.TEKST:
        raise InvalidFilter(f"{op.upper()} werkt op een tekst, niet op {inner.omschrijving}.")
    return Operand(FOLDS[op](inner.expressie), Soort.TEKST, inner.omschrijving)


def _folds(node: Node) -> list[str]:
    """The names of CASEI and ACCENTI that directly follow each other from here inwards."""
    found = []
    op, args = operation(node) or ("", [])
    while op in FOLDS:
        found.append(op)
        op, args = operation(args[0] if args else None) or ("", [])
    return found


def _literal(value: Node) -> Operand:
    if isinstance(value, bool):
        return Operand(constant(value, Soort.JANEE), Soort.JANEE, f"de waarde {str(value).upper()}", value)
    if isinstance(value, int | float):
        return _number(value)
    if isinstance(value, str):
        return Operand(constant(value), Soort.TEKST, f"de tekst {show(value)}", value)
    if value is None:
        raise InvalidFilter("NULL is geen waarde om mee te vergelijken; gebruik IS NULL.")
    if isinstance(value, list):
        raise InvalidFilter("Een rij waarden tussen haakjes kan alleen na IN staan.")
    raise InvalidFilter("Op een plek in het filter waar één waarde hoort, staat iets anders.")


def _number(value: int | float) -> Operand:
    if not math.isfinite(value) or abs(value) > MAX_INTEGER:
        raise InvalidFilter(f"Het getal {show(value)} is te groot.")
    whole = isinstance(value, int) or value.is_integer()
    soort = Soort.GEHEEL if whole else Soort.GETAL
    exact = int(value) if whole else value
    return Operand(constant(exact, soort), soort, f"het getal {exact}", exact)
