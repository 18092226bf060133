"""Read a large JSON document record by record, so that memory does not grow with the file."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ingest.errors import SourceUnreadable

RECORD_LISTS = ("features", "results", "service_requests", "value")
_BLOCK = 1024 * 1024
_MAX_RECORD = 64 * 1024 * 1024
_SPACE = " \t\r\n"
_LONGEST_CUT = 2


@dataclass(frozen=True, slots=True)
class JsonHead:
    """What stands before the records: the name of their list ("" for a bare list), and the members seen
    until there."""

    container: str
    members: dict[str, Any] = field(default_factory=dict)


class JsonRecords:
    """Iterate over the records of a file: a bare list, or the list under one of RECORD_LISTS.

    Raises SourceUnreadable for text that is no JSON, no UTF-8, has no such list, or a record above 64 MB.
    Use as a context manager; `head` is known from the start.
    """

    def __init__(self, path: Path) -> None:
        self._name = path.name
        # utf-8-sig drops a BOM; strict decoding raises in the middle of reading.
        self._stream: io.TextIOWrapper = path.open(encoding="utf-8-sig")
        self._buffer = ""
        self._at = 0
        self._decoder = json.JSONDecoder()
        self._count = 0
        try:
            self.head = self._find_list()
        except BaseException:
            self._stream.close()
            raise

    def __enter__(self) -> JsonRecords:
        return self

    def __exit__(self, *_: object) -> None:
        self._stream.close()

    def __iter__(self) -> Iterator[Any]:
        if self._peek() == "]":
            return
        while True:
            self._count += 1
            yield self._value()
            sign = self._peek()
            self._at += 1
            if sign == "]":
                return
            if sign != ",":
                raise self._broken()

    def _find_list(self) -> JsonHead:
        sign = self._peek()
        self._at += 1
        if sign == "[":
            return JsonHead("")
        if sign != "{":
            raise self._broken()
        members: dict[str, Any] = {}
        while self._peek() == '"':
            key = self._value()
            self._expect(":")
            if key in RECORD_LISTS and self._peek() == "[":
                self._at += 1
                return JsonHead(key, members)
            members[key] = self._value()
            if self._peek() == ",":
                self._at += 1
        raise SourceUnreadable(
            f"{self._name} bevat geen lijst met records. Verwacht: {', '.join(RECORD_LISTS)} of een kale lijst."
        )

    def _expect(self, sign: str) -> None:
        if self._peek() != sign:
            raise self._broken()
        self._at += 1

    def _peek(self) -> str:
        """The next sign that is no white space; "" at the end of the file."""
        while True:
            while self._at < len(self._buffer) and self._buffer[self._at] in _SPACE:
                self._at += 1
            if self._at < len(self._buffer):
                return self._buffer[self._at]
            if not self._more(_BLOCK):
                return ""

    def _value(self) -> Any:
        self._peek()
        block = _BLOCK
        while True:
            try:
                value, end = self._decoder.raw_decode(self._buffer, self._at)
            except ValueError as error:
                # Doubling keeps a long record from being parsed again for every block.
                if len(self._buffer) - self._at > _MAX_RECORD or not self._more(block):
                    raise self._broken() from error
                block *= 2
                continue
            except RecursionError as error:
                raise SourceUnreadable(f"{self._name} is te diep genest om te lezen.") from error
            # A number may go on in the next block: "1" before ".5", or before "e+5".
            if len(self._buffer) - end <= _LONGEST_CUT and self._more(block):
                continue
            self._at = end
            return value

    def _more(self, size: int) -> bool:
        """Read on; places in the buffer stay valid only at the end of the file, when it returns False."""
        try:
            block = self._stream.read(size)
        except UnicodeDecodeError as error:
            raise SourceUnreadable(f"{self._name} is geen UTF-8 en dus geen geldige JSON.") from error
        if not block:
            return False
        self._buffer = self._buffer[self._at :] + block
        self._at = 0
        return True

    def _broken(self) -> SourceUnreadable:
        where = f"na record {self._count}" if self._count else "aan het begin"
        return SourceUnreadable(f"{self._name} is geen geldige of volledige JSON: fout {where}.")


def dig(record: Any, *keys: str) -> Any:
    """The value at a path of nested objects; None when any step is absent or no object."""
    for key in keys:
        if not isinstance(record, dict):
            return None
        record = record.get(key)
    return record


def text_of(value: Any) -> str | None:
    """A scalar as text, None for null, empty, lists and objects. Signs that no database can hold are
    replaced."""
    if value is None or isinstance(value, dict | list):
        return None
    if isinstance(value, str):
        text = value.replace("\x00", "").strip()
        if not text.isascii():
            # A lone surrogate from an escape such as \ud800 cannot be written as UTF-8.
            text = text.encode("utf-8", "replace").decode("utf-8")
        return text or None
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    return str(value)


def point_of(geometry: Any) -> tuple[str | None, str | None]:
    """Longitude (or x) and latitude (or y) of a GeoJSON point as text; None, None for anything but a
    point."""
    coordinates = dig(geometry, "coordinates")
    if dig(geometry, "type") == "MultiPoint" and isinstance(coordinates, list) and len(coordinates) == 1:
        coordinates = coordinates[0]
    elif dig(geometry, "type") != "Point":
        return None, None
    if not isinstance(coordinates, list) or len(coordinates) < 2:
        return None, None
    return _coordinate(coordinates[0]), _coordinate(coordinates[1])


def _coordinate(value: Any) -> str | None:
    # json reads whole numbers of any length; beyond the earth they need not become floats.
    if isinstance(value, bool) or (isinstance(value, int) and abs(value) > 10**15):
        return "nan"
    return repr(float(value)) if isinstance(value, int | float) else text_of(value)
