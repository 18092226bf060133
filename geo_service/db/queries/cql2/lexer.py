"""CQL2 text as words, numbers, strings and signs: what the parser of the library needs help with, is mended here.

The library does not know ``\\'`` inside a string, ``.5``, an exponent in a geometry or a name that starts with ``_``.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from geo_service.db.queries.cql2.question import MAX_NODES, TOO_LONG, InvalidFilter, show

# Every node is at most two tokens (``IS NOT NULL`` and ``DATE('…')`` have the most to spare).
_MAX_TOKENS = 2 * MAX_NODES
# From here on the library, which keeps every number as a float, would make another integer of some.
_INEXACT = 2**53

_TOKEN = re.compile(
    r"""
    (?P<space>\s+)
    | (?P<string>'(?:[^'\\]|''|\\\\|\\'|\\)*+')
    | (?P<quoted>"(?:[^"]|"")*+")
    | (?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)
    | (?P<word>(?:[^\W\d]|[_:])[\w.:]*)
    | (?P<bracket>[(),])
    | (?P<sign><>|!=|<=|>=|[=<>+\-*/%^])
    """,
    re.VERBOSE,
)
_ESCAPED = re.compile(r"\\\\|\\'")


@dataclass(frozen=True)
class Token:
    """text: as the library should read it. place: where it starts, in characters from 1."""

    kind: str
    text: str
    place: int

    @property
    def keyword(self) -> str:
        """The upper-case word; empty for anything else."""
        return self.text.upper() if self.kind == "word" else ""


def tokens(text: str) -> Iterator[Token]:
    """The tokens of a text without the space between; InvalidFilter at the first character that fits nowhere."""
    place = 0
    while place < len(text):
        match = _TOKEN.match(text, place)
        if match is None or match.lastgroup is None:
            raise InvalidFilter(_stray(text, place))
        if match.lastgroup != "space":
            yield Token(match.lastgroup, _mend(match.lastgroup, match[0]), place + 1)
        place = match.end()


def limit_tokens(found: Iterator[Token]) -> Iterator[Token]:
    """The same tokens, until there are more than a filter may have; brackets and commas are free."""
    count = 0
    for token in found:
        count += token.kind != "bracket"
        if count > _MAX_TOKENS:
            raise InvalidFilter(TOO_LONG)
        yield token


def _mend(kind: str, text: str) -> str:
    if kind == "string":
        return _ESCAPED.sub(lambda found: "''" if found[0] == "\\'" else found[0], text)
    if kind == "number":
        return plain_number(text)
    if kind == "word" and text[0] in "_:":
        return f'"{text}"'
    return text


def plain_number(text: str) -> str:
    """A number without an exponent and with a digit before the point."""
    value = float(text)
    if not math.isfinite(value):
        raise InvalidFilter(f"Het getal {show(text)} is te groot.")
    if text.isdigit() and value >= _INEXACT:
        raise InvalidFilter(f"Het getal {show(text)} is te groot; hoogstens {_INEXACT - 1}.")
    return text if text.isdigit() else format(Decimal(repr(value)), "f")


def _stray(text: str, place: int) -> str:
    character = text[place]
    if character in "'\"":
        return f"De aanhalingstekens {character} op plaats {place + 1} worden niet gesloten."
    return f"Het teken {show(character)} op plaats {place + 1} hoort niet in een filter."
