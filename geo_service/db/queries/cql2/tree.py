"""CQL2 JSON as a tree, and the checks that keep any tree small enough to walk.

The standard library reads the JSON, for ``cql2.parse_json`` turns every number into a float and loses large integers.
"""

from __future__ import annotations

import json
from typing import Any, NoReturn

from geo_service.db.queries.cql2.question import (
    MAX_DEPTH,
    MAX_NODES,
    TOO_DEEP,
    TOO_LONG,
    UNREADABLE,
    InvalidFilter,
    Node,
)

# What holds other pieces of a filter; geometries count as one piece, whatever their number of points.
_BRANCHES = ("args", "interval", "date", "timestamp")


def read_json(text: str) -> Node:
    """The tree of a CQL2 JSON text."""
    try:
        tree: Any = json.loads(text, parse_constant=_no_constant)
    except RecursionError:
        raise InvalidFilter(TOO_DEEP) from None
    except ValueError:
        raise InvalidFilter("Het filter is geen geldige JSON.") from None
    _check_texts(tree)
    return tree


def check_size(tree: Node) -> None:
    """InvalidFilter for a tree that is too deep or has too many pieces."""
    todo, seen = [(tree, 1)], 0
    while todo:
        node, depth = todo.pop()
        if depth > MAX_DEPTH:
            raise InvalidFilter(TOO_DEEP)
        if isinstance(node, list):
            todo += [(item, depth) for item in node]
            continue
        seen += 1
        if seen > MAX_NODES:
            raise InvalidFilter(TOO_LONG)
        if isinstance(node, dict):
            todo += [(node[key], depth + 1) for key in _BRANCHES if key in node]


def check_characters(text: str) -> None:
    """InvalidFilter for a null byte or half a character, which no database can take."""
    if "\x00" in text or any("\ud800" <= character <= "\udfff" for character in text):
        raise InvalidFilter(UNREADABLE)


def _check_texts(tree: Node) -> None:
    todo = [tree]
    while todo:
        node = todo.pop()
        if isinstance(node, str):
            check_characters(node)
        elif isinstance(node, dict):
            todo += [*node, *node.values()]
        elif isinstance(node, list):
            todo += node


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)
