"""What may be filtered on, the limits of a filter, and the one error that a wrong filter gives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement

from geo_service.domain.velden import Soort

Node = Any
"""A piece of a filter as CQL2 JSON: a dict with ``op`` and ``args``, a property, a list or a literal."""

MAX_TEXT = 16_000
MAX_JSON = 64_000
MAX_DEPTH = 50
MAX_NODES = 500

GEOMETRY_NAMES = ("geometry", "geom")
_LISTED = 20
_SHOWN = 60

TOO_DEEP = f"Het filter zit te diep in elkaar; hoogstens {MAX_DEPTH} niveaus."
TOO_LONG = f"Het filter heeft te veel onderdelen; hoogstens {MAX_NODES}."
UNREADABLE = "Het filter bevat tekens die niet te lezen zijn."


class InvalidFilter(ValueError):
    """A filter that is wrong; the text is one Dutch sentence that says what."""


@dataclass(frozen=True)
class Kolom:
    """A property that may be filtered on. expressie has the SQL type that goes with soort (texts: text)."""

    expressie: ColumnElement[Any]
    soort: Soort


@dataclass(frozen=True)
class FilterVraag:
    """What a filter is compiled against.

    geometrie: EPSG:28992, called ``geometry`` or ``geom`` in a filter; None when there is none.
    srid: EPSG code of the geometries in the filter, one of ``geo_service.domain.crs.SYSTEMS``.
    assen_omgekeerd: latitude comes first in those geometries.
    """

    kolommen: Mapping[str, Kolom]
    geometrie: ColumnElement[Any] | None
    srid: int = 4326
    assen_omgekeerd: bool = False

    def kolom(self, name: Node) -> Kolom:
        """The property of that name; InvalidFilter lists the ones there are."""
        found = self.kolommen.get(name) if isinstance(name, str) else None
        if found is None:
            raise InvalidFilter(f"De eigenschap {show(name)} bestaat niet. Kies uit {self._known()}.")
        return found

    def is_geometry(self, node: Node) -> bool:
        """Whether a node is the geometry property of this collection."""
        name = property_name(node)
        return self.geometrie is not None and name in GEOMETRY_NAMES and name not in self.kolommen

    def _known(self) -> str:
        names = [*self.kolommen, *(GEOMETRY_NAMES[:1] if self.geometrie is not None else ())]
        more = len(names) - _LISTED
        return ", ".join(names[:_LISTED]) + (f" en nog {more} andere" if more > 0 else "")


def property_name(node: Node) -> str | None:
    """The name when a node is a property, else None."""
    if isinstance(node, dict) and set(node) == {"property"} and isinstance(node["property"], str):
        return str(node["property"])
    return None


def is_geometry_literal(node: Node) -> bool:
    """Whether a node is a GeoJSON geometry or a bbox, well-formed or not."""
    if not isinstance(node, dict):
        return False
    return "bbox" in node or ("type" in node and ("coordinates" in node or "geometries" in node))


def operation(node: Node) -> tuple[str, list[Node]] | None:
    """Lower-case operator and arguments when a node is an operation, else None."""
    if isinstance(node, dict) and isinstance(node.get("op"), str) and isinstance(node.get("args"), list):
        return node["op"].lower(), node["args"]
    return None


def arguments(op: str, args: list[Node], number: int) -> list[Node]:
    """The arguments, when there are as many as there should be."""
    if len(args) != number:
        raise InvalidFilter(f"{op.upper()} hoort {number} {'waarde' if number == 1 else 'waarden'} te hebben.")
    return args


def show(value: Node) -> str:
    """A value of the user between quotes, not too long, for in a message."""
    if isinstance(value, dict | list):
        return "(een samengestelde waarde)"
    text = str(value)
    return f"'{text[:_SHOWN]}…'" if len(text) > _SHOWN else f"'{text}'"
