"""CQL2 filters (OGC 21-065r2) as one SQLAlchemy condition with bound parameters only.

``compile_filter`` reads text (``text``, by the library cql2) or JSON (``tree``) and translates the tree:

    translate     AND, OR, NOT, IS NULL        comparison    = < BETWEEN IN LIKE
    temporal      T_ functions                 spatial       S_ functions
    operands      literals, properties, CASEI, ACCENTI;  arithmetic;  instants (dates);  geometry (literals)

Not supported, and refused by name: array functions, functions of one's own, T_ functions that ask for intervals on an
instant, and a GEOMETRYCOLLECTION of mixed dimensions in anything but S_INTERSECTS and S_DISJOINT.
"""

from __future__ import annotations

from typing import Literal

from sqlalchemy import ColumnElement

from geo_service.db.queries.cql2.question import MAX_JSON, MAX_TEXT, FilterVraag, InvalidFilter, Kolom
from geo_service.db.queries.cql2.text import read_text
from geo_service.db.queries.cql2.translate import condition
from geo_service.db.queries.cql2.tree import check_characters, check_size, read_json

__all__ = ["CONFORMANCE", "FilterVraag", "InvalidFilter", "Kolom", "compile_filter"]

_CQL2 = "http://www.opengis.net/spec/cql2/1.0/conf/"
CONFORMANCE = tuple(
    _CQL2 + name
    for name in (
        "basic-cql2",
        "advanced-comparison-operators",
        "case-insensitive-comparison",
        "accent-insensitive-comparison",
        "basic-spatial-functions",
        "basic-spatial-functions-plus",
        "spatial-functions",
        "temporal-functions",
        "property-property",
        "arithmetic",
        "cql2-text",
        "cql2-json",
    )
)


def compile_filter(text: str, taal: Literal["cql2-text", "cql2-json"], vraag: FilterVraag) -> ColumnElement[bool]:
    """A filter as a condition for WHERE; InvalidFilter with one Dutch sentence when it cannot be one."""
    limit = MAX_JSON if taal == "cql2-json" else MAX_TEXT
    if len(text) > limit:
        raise InvalidFilter(f"Het filter is te lang; hoogstens {limit} tekens.")
    if not text.strip():
        raise InvalidFilter("Het filter is leeg.")
    check_characters(text)
    tree = read_json(text) if taal == "cql2-json" else read_text(text)
    check_size(tree)
    return condition(tree, vraag)
