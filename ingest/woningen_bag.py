"""Stream BAG extract XML (LV-BAG 2.0): a single file, a zip, or zips in a zip."""

from __future__ import annotations

import os
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any

import numpy as np
import shapely
from lxml import etree

from ingest.archief import check_entries
from ingest.errors import SourceUnreadable
from ingest.records import Batch, Note
from ingest.woningen_regels import Objects, join_keys, to_batch

_ROWS = 50_000
_HEAD = 256 * 1024
_MAX_DEPTH = 3
_COPY_BLOCK = 1024 * 1024
_OTHER_PART = re.compile(
    r"^\d{4}(IA|NB|IO|NUM|OPR|WPL|LIG|STA|Inactief|NietBag|InOnderzoek)|^GEM-WPL|Leveringsdocument|^\.|^__MACOSX",
    re.IGNORECASE,
)
_OBJECTS = {"Pand": "pand", "Verblijfsobject": "verblijfsobject"}
_ENDED = frozenset(
    {
        "eindRegistratie",
        "tijdstipEindRegistratieLV",
        "tijdstipInactief",
        "tijdstipInactiefLV",
        "tijdstipNietBagLV",
    }
)
_GEMEENTE = re.compile(rb"GemeenteIdentificatie>\s*(\d{4})\s*<")


@dataclass
class _State:
    """Progress over all XML files of one source."""

    line: int = 0
    read: int = 0
    stand: str = ""
    objects: Objects = field(default_factory=Objects)
    shapes: list[Any] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)


def read_bag_xml(path: Path, name: str) -> Iterator[Batch]:
    """Batches of current objects. Raises SourceUnreadable for broken or unsafe XML and zips.

    Current: registered (no end of registration, not withdrawn) and valid on the date of the extract.
    """
    state = _State()
    skipped: list[str] = []
    for stream in _xml_streams(path, name, skipped):
        for element in _elements(stream, name):
            _take(element, state)
            if len(state.objects) >= _ROWS:
                yield _flush(state)
    if not state.line:
        raise SourceUnreadable(f"{name} bevat geen panden of verblijfsobjecten van de BAG.")
    notes: tuple[Note, ...] = ()
    if skipped:
        text = f"Andere delen van het extract zijn niet gelezen: {', '.join(skipped[:20])}."
        notes = (Note("delen_overgeslagen", text, len(skipped)),)
    yield _flush(state, notes)


def bag_xml_gemeente(path: Path, name: str) -> str | None:
    """GM code when the extract is of exactly one municipality."""
    codes: set[bytes] = set()
    for stream in _xml_streams(path, name, [], with_delivery=True):
        codes |= set(_GEMEENTE.findall(stream.read(_HEAD)))
    return f"GM{codes.pop().decode()}" if len(codes) == 1 else None


def _xml_streams(path: Path, name: str, skipped: list[str], *, with_delivery: bool = False) -> Iterator[IO[bytes]]:
    with path.open("rb") as stream:
        if not zipfile.is_zipfile(stream):
            stream.seek(0)
            yield stream
            return
        try:
            yield from _zip_streams(stream, name, skipped, with_delivery, 1)
        except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError) as error:
            raise SourceUnreadable(f"{name} bevat een kapot of versleuteld zipbestand.") from error


def _zip_streams(
    stream: IO[bytes], name: str, skipped: list[str], with_delivery: bool, depth: int
) -> Iterator[IO[bytes]]:
    if depth > _MAX_DEPTH:
        raise SourceUnreadable(f"{name} heeft te veel zipbestanden in elkaar.")
    with zipfile.ZipFile(stream) as archive:
        check_entries(archive, name, stream.seek(0, os.SEEK_END))
        for entry in archive.infolist():
            base = Path(entry.filename).name
            lower = base.lower()
            delivery = with_delivery and "leveringsdocument" in lower
            if entry.is_dir() or not lower.endswith((".xml", ".zip")) or "__MACOSX" in entry.filename:
                continue
            if _OTHER_PART.search(base) and not delivery:
                skipped.append(base)
                continue
            with archive.open(entry) as member:
                if lower.endswith(".xml"):
                    yield member
                    continue
                with TemporaryFile() as copy:
                    while block := member.read(_COPY_BLOCK):
                        copy.write(block)
                    copy.seek(0)
                    yield from _zip_streams(copy, name, skipped, with_delivery, depth + 1)


class _NoDoctype:
    """A stream that refuses a document type: entities have no place in a BAG extract."""

    def __init__(self, stream: IO[bytes], name: str) -> None:
        self._stream = stream
        self._name = name
        self._first = True

    def read(self, size: int = -1) -> bytes:
        try:
            block = self._stream.read(size)
        except (zipfile.BadZipFile, zlib.error, EOFError) as error:
            raise SourceUnreadable(f"{self._name} bevat een kapot zipbestand. Haal het bestand opnieuw op.") from error
        if self._first and b"<!DOCTYPE" in block.upper():
            raise SourceUnreadable(f"{self._name} bevat een DOCTYPE en is daarom geweigerd.")
        self._first = False
        return block


def _elements(stream: IO[bytes], name: str) -> Iterator[Any]:
    tags = [f"{{*}}{tag}" for tag in (*_OBJECTS, "StandTechnischeDatum")]
    try:
        context = etree.iterparse(
            _NoDoctype(stream, name),
            events=("end",),
            tag=tags,
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            huge_tree=False,
        )
        for _, element in context:
            yield element
            _forget(element)
    except etree.XMLSyntaxError as error:
        raise SourceUnreadable(
            f"{name} bevat kapotte XML (regel {error.lineno}). Haal het extract opnieuw op."
        ) from error


def _forget(element: Any) -> None:
    """Free what was read: memory stays flat over a file of gigabytes."""
    element.clear()
    for ancestor in element.iterancestors():
        parent = ancestor.getparent()
        while parent is not None and ancestor.getprevious() is not None:
            del parent[0]


@lru_cache(maxsize=1024)
def _local(tag: str) -> str:
    return tag.rsplit("}", 1)[-1]


def _take(element: Any, state: _State) -> None:
    soort = _OBJECTS.get(_local(element.tag))
    if soort is None:
        state.stand = (element.text or "").strip()
        return
    state.line += 1
    state.read += 1
    values: dict[str, list[str]] = {}
    for part in element.iter(etree.Element):
        if part.text:
            values.setdefault(_local(part.tag), []).append(part.text.strip())
    if not _is_current(values, state.stand):
        return
    objects = state.objects
    objects.line.append(state.line)
    objects.soort.append(soort)
    objects.sleutel.append(_first(values, "identificatie"))
    objects.status.append(_first(values, "status"))
    objects.gebruiksdoelen.append(";".join(dict.fromkeys(values.get("gebruiksdoel", ()))) or None)
    objects.oppervlakte.append(_first(values, "oppervlakte"))
    objects.bouwjaar.append(_first(values, "oorspronkelijkBouwjaar"))
    objects.pand_sleutels.append(join_keys(values.get("PandRef", ())) if soort != "pand" else None)
    state.shapes.append(_shape(element))


def _first(values: dict[str, list[str]], name: str) -> str | None:
    return values[name][0] if name in values else None


def _is_current(values: dict[str, list[str]], stand: str) -> bool:
    """Both time lines: still registered, and valid on the day of the extract (ISO dates compare as text)."""
    if not _ENDED.isdisjoint(values):
        return False
    begin, end = _first(values, "beginGeldigheid"), _first(values, "eindGeldigheid")
    if not stand:
        return end is None
    return (begin is None or begin[:10] <= stand) and (end is None or end[:10] > stand)


def _shape(element: Any) -> Any:
    """Polygon or point in RD, or None when the coordinates make no shape."""
    try:
        return _parse_shape(element)
    except ValueError:
        # Kept without a point; the batch counts it in its note zonder_plaats.
        return None


def _parse_shape(element: Any) -> Any:
    rings, point = [], None
    dimension = 2
    for part in element.iter(etree.Element):
        dimension = int(part.get("srsDimension", dimension))
        local = _local(part.tag)
        if local in ("posList", "pos") and part.text:
            points = np.array(part.text.split(), dtype=float).reshape(-1, dimension)[:, :2]
            if local == "pos":
                point = points[0]
            else:
                rings.append(points)
    if rings:
        return shapely.Polygon(rings[0], rings[1:])
    return None if point is None else shapely.Point(point)


def points_inside(shapes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """x and y (n,) of a point inside each shape; NaN for an absent or empty one."""
    broken = ~shapely.is_missing(shapes) & ~shapely.is_valid(shapes)
    shapes = shapes.copy()
    shapes[broken] = shapely.make_valid(shapes[broken])
    points = shapely.point_on_surface(shapes)
    return shapely.get_x(points), shapely.get_y(points)


def _flush(state: _State, notes: tuple[Note, ...] = ()) -> Batch:
    shapes = np.empty(len(state.shapes), dtype=object)
    shapes[:] = state.shapes
    x, y = points_inside(shapes)
    state.objects.x, state.objects.y = x.tolist(), y.tolist()
    old = state.read - len(state.objects)
    if old:
        notes = (*notes, Note("niet_actueel", "Vervallen voorkomens zijn gelezen en niet bewaard.", old))
    batch = to_batch(state.objects, state.read, state.seen, notes)
    state.objects, state.shapes, state.read = Objects(), [], 0
    return batch
