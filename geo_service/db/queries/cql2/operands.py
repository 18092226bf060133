"""Scalar values of a filter: literals, properties, CASEI, ACCENTI and arithmetic."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from sqlalchemy import ColumnElement, case, collate, func, literal_column

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

Text = ColumnElement[Any]
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


def _fold_case(text: Text, source: Text) -> Text:
    """Full case folding as far as PostgreSQL before 18 has it: capitals by ICU (ß is SS), then small letters."""
    full = func.lower(func.upper(collate(text, "und-x-icu")))
    return _unless_ascii(source, func.lower(collate(text, "C")), full)


def _strip_accents(text: Text, source: Text) -> Text:
    """Without combining marks: taken apart, stripped, put together again."""
    apart = func.normalize(text, literal_column("NFD"))
    bare = func.regexp_replace(apart, constant(_ACCENTS), constant(""), constant("g"))
    return _unless_ascii(source, text, func.normalize(bare, literal_column("NFC")))


def _unless_ascii(source: Text, plain: Text, full: Text) -> Text:
    """The short way for a text of ASCII only, which is as many bytes as characters: up to ten times as fast."""
    is_ascii = func.octet_length(source) == func.char_length(source)
    return case((is_ascii, collate(plain, "C")), else_=collate(full, "C"))


FOLDS: dict[str, Callable[[Text, Text], Text]] = {"casei": _fold_case, "accenti": _strip_accents}


def _property(name: str, vraag: FilterVraag) -> Operand:
    kolom = vraag.kolom(name)
    return Operand(kolom.expressie, kolom.soort, f"de eigenschap {show(name)} ({KINDS[kolom.soort]})")


def _folded(op: str, args: list[Node], vraag: FilterVraag) -> Operand:
    (node,) = arguments(op, args, 1)
    folds, source = _folds(node)
    if op in folds:
        raise InvalidFilter(f"{op.upper()} binnen {op.upper()} kan niet in een filter; één keer is genoeg.")
    inner = read_operand(node, vraag)
    if inner.soort is not Soort.TEKST:
        raise InvalidFilter(f"{op.upper()} werkt op een tekst, niet op {inner.omschrijving}.")
    text = FOLDS[op](inner.expressie, read_operand(source, vraag).expressie)
    return Operand(text, Soort.TEKST, inner.omschrijving)


def _folds(node: Node) -> tuple[list[str], Node]:
    """The names of CASEI and ACCENTI that follow each other from here inwards, and the text within."""
    found = []
    called = operation(node)
    while called is not None and called[0] in FOLDS and called[1]:
        found.append(called[0])
        node = called[1][0]
        called = operation(node)
    return found, node


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
