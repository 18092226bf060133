"""CQL2 text to the tree of CQL2 JSON, by the library ``cql2`` on pieces without nested brackets.

The parser of the library takes exponential time for an error inside nested brackets and overflows its stack on long
runs of NOT or of comparisons. So brackets are taken apart here: each group is parsed once, by itself, and stands in
the text around it as a property with a name that nobody can type.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import cql2

from geo_service.db.queries.cql2.lexer import Token, limit_tokens, tokens
from geo_service.db.queries.cql2.question import (
    MAX_DEPTH,
    MAX_NODES,
    TOO_DEEP,
    TOO_LONG,
    InvalidFilter,
    Node,
    is_geometry_literal,
    operation,
    property_name,
    show,
)
from geo_service.db.queries.cql2.tree import check_size

_MARK = "\x00"
_MARKS = re.compile(r'"\x00\d+"')
_WHERE = re.compile(r"--> 1:(\d+)")
_SHAPES = frozenset({"POINT", "LINESTRING", "POLYGON", "MULTIPOINT", "MULTILINESTRING", "MULTIPOLYGON"})
_GEOMETRIES = _SHAPES | {"GEOMETRYCOLLECTION"}
_DIMENSIONS = frozenset({"Z", "M", "ZM"})
_TAGGED = _GEOMETRIES | {name + dimension for name in _GEOMETRIES for dimension in _DIMENSIONS}
_KEYWORDS = frozenset({"AND", "OR", "NOT", "IN", "LIKE", "BETWEEN", "IS", "NULL", "DIV", "TRUE", "FALSE"})
_COMPARISONS = frozenset({"=", "<>", "!=", "<", ">", "<=", ">=", "LIKE", "IN", "BETWEEN"})
_TIMES = frozenset({"TIMESTAMP", "INTERVAL"})
_ZONELESS = re.compile(r"'[^']*[T ][0-9:.]+'", re.IGNORECASE)
_PREFIXES = frozenset({"NOT", "-", "+"})
_MAX_PREFIXES = 3
_MAX_FUNCTIONS = 10
_MAX_SHAPE = 5
_CONTEXT = 30


@dataclass
class _Frame:
    """An open bracket. kind: ``filter`` (the whole), ``group``, ``function`` or ``geometry``."""

    kind: str
    elements: list[list[str]] = field(default_factory=lambda: [[]])
    depth: int = 1
    compared: bool = False

    @property
    def texts(self) -> list[str]:
        return [" ".join(pieces) for pieces in self.elements]


def read_text(text: str) -> Node:
    """The tree of a CQL2 text."""
    reader = _Reader()
    for token in limit_tokens(tokens(text)):
        reader.take(token)
    return reader.finish()


class _Reader:
    def __init__(self) -> None:
        self._frames = [_Frame("filter")]
        self._groups: list[list[Node]] = []
        self._prefixes = 0

    def take(self, token: Token) -> None:
        """Add one token to the piece that is being read."""
        frame = self._frames[-1]
        if token.kind == "bracket":
            self._prefixes = 0
        if frame.kind == "geometry":
            self._take_geometry(frame, token)
        elif token.text == "(" and token.kind == "bracket":
            self._open(frame)
        elif token.text == ")" and token.kind == "bracket":
            self._close(frame, token)
        elif token.text == "," and token.kind == "bracket":
            if frame.kind == "filter":
                raise InvalidFilter(f"De komma op plaats {token.place} staat niet tussen haakjes.")
            if len(frame.elements) > MAX_NODES:
                raise InvalidFilter(TOO_LONG)
            frame.elements.append([])
            frame.compared = False
        else:
            self._check_run(frame, token)
            frame.elements[-1].append(token.text)

    def finish(self) -> Node:
        if len(self._frames) > 1:
            raise InvalidFilter("Het filter mist een haakje sluiten.")
        (text,) = self._frames[0].texts
        if not text:
            raise InvalidFilter("Het filter is leeg.")
        return self._parse(text)

    def _open(self, frame: _Frame) -> None:
        pieces = frame.elements[-1]
        tag = _geometry_tag(pieces)
        if tag:
            kind, head = "geometry", [[*pieces[-tag:], "("]]
            del pieces[-tag:]
        else:
            before = pieces[-1] if pieces else ""
            kind, head = ("function" if _is_name(before) else "group"), [[]]
        self._frames.append(_Frame(kind, head))
        functions = sum(opened.kind == "function" for opened in self._frames)
        if len(self._frames) > MAX_DEPTH or functions > _MAX_FUNCTIONS:
            raise InvalidFilter(TOO_DEEP)

    def _close(self, frame: _Frame, token: Token) -> None:
        if frame.kind == "filter":
            raise InvalidFilter(f"Het haakje sluiten op plaats {token.place} hoort nergens bij.")
        self._frames.pop()
        around = self._frames[-1].elements[-1]
        if frame.kind == "function":
            _check_zones(around[-1], frame.texts)
            around.append(f"({', '.join(frame.texts)})")
        else:
            around.append(self._keep([self._parse(text) for text in frame.texts]))

    def _take_geometry(self, frame: _Frame, token: Token) -> None:
        (pieces,) = frame.elements
        pieces.append(token.text)
        word = token.keyword
        if word == "EMPTY":
            raise InvalidFilter("Een lege geometrie (EMPTY) kan niet in een filter.")
        if (
            token.kind not in ("number", "bracket")
            and token.text not in ("+", "-")
            and word not in _TAGGED | _DIMENSIONS
        ):
            raise InvalidFilter(f"{show(token.text)} op plaats {token.place} hoort niet in een geometrie.")
        frame.depth += {"(": 1, ")": -1}.get(token.text, 0)
        if frame.depth > _MAX_SHAPE:
            raise InvalidFilter(f"De geometrie bij plaats {token.place} heeft te veel haakjes.")
        if frame.depth == 0:
            self._frames.pop()
            shape = re.sub(r"([+-]) ", r"\1", " ".join(pieces))
            tree = self._parse(shape)
            if not is_geometry_literal(tree):
                raise InvalidFilter(f"De geometrie {show(shape)} is niet te lezen.")
            self._frames[-1].elements[-1].append(self._keep([tree]))

    def _check_run(self, frame: _Frame, token: Token) -> None:
        """Refuse what the grammar does not know and the library would recurse on."""
        word = token.keyword or token.text
        self._prefixes = self._prefixes + 1 if word in _PREFIXES and token.kind != "string" else 0
        if self._prefixes > _MAX_PREFIXES:
            raise InvalidFilter(f"Bij plaats {token.place} staan te veel keer NOT of een minteken achter elkaar.")
        if word in ("AND", "OR"):
            frame.compared = False
        elif word in _COMPARISONS and token.kind in ("word", "sign"):
            if frame.compared:
                raise InvalidFilter(
                    f"Bij {word} op plaats {token.place} staan twee vergelijkingen achter elkaar; zet er AND of OR tussen."
                )
            frame.compared = True
        elif word == "EMPTY" and frame.elements[-1] and frame.elements[-1][-1].upper() in _TAGGED | _DIMENSIONS:
            raise InvalidFilter("Een lege geometrie (EMPTY) kan niet in een filter.")

    def _keep(self, trees: list[Node]) -> str:
        self._groups.append(trees)
        return f'"{_MARK}{len(self._groups) - 1}"'

    def _parse(self, text: str) -> Node:
        try:
            tree = cql2.parse_text(text).to_json()
        except Exception as error:  # noqa: BLE001  the library raises bare Exception for a geometry it cannot read
            raise InvalidFilter(_unreadable(text, error)) from None
        check_size(tree)
        return self._resolve(tree)

    def _resolve(self, node: Node) -> Node:
        """Put the groups back where they stood."""
        name = property_name(node)
        if name is not None and name.startswith(_MARK):
            group = self._groups[int(name[1:])]
            return group[0] if len(group) == 1 else group
        if isinstance(node, list):
            return [self._resolve(item) for item in node]
        if not isinstance(node, dict):
            return node
        op, args = operation(node) or ("", [])
        if op == "in" and len(args) == 2:
            return {"op": op, "args": [self._resolve(args[0]), self._values(args[1])]}
        if op == "^" and (operation(args[0]) or ("",))[0] == "^":
            raise InvalidFilter("Zet haakjes om te zeggen welke macht (^) eerst gaat.")
        return {key: self._resolve(value) for key, value in node.items()}

    def _values(self, node: Node) -> list[Node]:
        """The values after IN. The library makes a list of anything there."""
        name = property_name(node[0]) if isinstance(node, list) and len(node) == 1 else None
        if name is None or not name.startswith(_MARK):
            raise InvalidFilter("Zet de waarden na IN tussen haakjes.")
        return self._groups[int(name[1:])]


def _geometry_tag(pieces: list[str]) -> int:
    """How many of the last pieces are the name of a geometry: ``POINT`` or ``POINT Z``; 0 when they are not."""
    words = [piece.upper() for piece in pieces[-2:]]
    if words and words[-1] in _TAGGED:
        return 1
    return 2 if len(words) == 2 and words[0] in _GEOMETRIES and words[1] in _DIMENSIONS else 0


def _is_name(piece: str) -> bool:
    return piece[:1].isalpha() and piece.upper() not in _KEYWORDS


def _check_zones(function: str, texts: list[str]) -> None:
    """The library takes a time without a zone for UTC; a Dutch reader would take it for Dutch time."""
    if function.upper() in _TIMES and any(_ZONELESS.fullmatch(text) for text in texts):
        raise InvalidFilter(
            f"Een tijd in {function.upper()} mist haar tijdzone; schrijf een Z (UTC) of +01:00 erachter."
        )


def _unreadable(text: str, error: Exception) -> str:
    found = _WHERE.search(str(error))
    place = int(found[1]) - 1 if found else 0
    part = _MARKS.sub("(…)", text[max(place - _CONTEXT, 0) : place + _CONTEXT]).replace(_MARK, "").strip()
    return f"Het filter is geen geldige CQL2; kijk bij '{part}'."
