"""FlatGeobuf with a packed Hilbert index: GDAL writes the header and the features, this module orders and indexes them.

Layout (flatgeobuf.org): magic, header with its size, index from the root down, features with their sizes in the order
of the curve. Features without a place come first and have a box that no question meets.
"""

from __future__ import annotations

import mmap
import struct
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import shapely

from geo_service.formats.arrow import GEOMETRY, make_schema
from geo_service.formats.gdal_file import RecordBatches, read_pieces, stream_from_folder, write_layer
from geo_service.formats.pakket import BoxCollector, Boxes, Whole, curve_order, extent, leaves, levels
from geo_service.formats.tabel import Batches, Tabel

_DRIVER = "FlatGeobuf"
_NODE_SIZE = 16
_NODE = np.dtype([("box", "<f8", 4), ("offset", "<u8")])
_MAGIC = 8
_ENVELOPE, _FEATURES_COUNT = 1, 8
_FEATURES_AT_ONCE = 4_096
_FORGET_AFTER = 512
_NODES_AT_ONCE = 32_768


def write_fgb(tabel: Tabel, batches: Batches) -> AsyncIterator[bytes]:
    """The file in pieces; an empty one, or one without any place, has no index."""
    return stream_from_folder(tabel, batches, _write)


def _write(tabel: Tabel, batches: RecordBatches, folder: Path) -> Iterator[bytes]:
    path = folder / "rijen.fgb"
    if tabel.geometrie is None:
        _write_rows(tabel, batches, path, "NO")
        return read_pieces(path)
    collector = BoxCollector()
    _write_rows(tabel, collector.watch(batches), path, "NO")
    boxes = collector.boxes
    around = extent(boxes) if len(boxes) else None
    if around is None:
        return read_pieces(path)
    _write_rows(tabel, _example(tabel), folder / "kop.fgb", "YES")
    header = _fill_in(_read_header(folder / "kop.fgb"), around, len(boxes))
    return _indexed(path, header, boxes, curve_order(boxes, around))


def _write_rows(tabel: Tabel, batches: RecordBatches, path: Path, index: str) -> None:
    write_layer(tabel, batches, path, _DRIVER, SPATIAL_INDEX=index, TITLE=tabel.titel, DESCRIPTION=tabel.verantwoording)


def _example(tabel: Tabel) -> RecordBatches:
    """One feature with nothing but a place: GDAL writes the header of an indexed layer around it."""
    place = shapely.from_wkt({"Point": "POINT (1 1)"}.get(tabel.geometrie or "", "POLYGON ((0 0, 1 0, 1 1, 0 0))"))
    if tabel.geometrie == "MultiPolygon":
        place = shapely.multipolygons([place])
    row = {name: [None] for name in make_schema(tabel).names} | {GEOMETRY: [shapely.to_wkb(place)]}
    yield pa.RecordBatch.from_pydict(row, schema=make_schema(tabel))


def _read_header(path: Path) -> bytearray:
    """Magic, size and header of a file."""
    with path.open("rb") as file:
        start = file.read(_MAGIC + 4)
        (size,) = struct.unpack_from("<I", start, _MAGIC)
        return bytearray(start + file.read(size))


def _fill_in(header: bytearray, around: Boxes, count: int) -> bytes:
    """Put the envelope and the number of features in their places in the flatbuffer."""
    envelope = _field(header, _ENVELOPE)
    (to_vector,) = struct.unpack_from("<I", header, envelope)
    struct.pack_into("<4d", header, envelope + to_vector + 4, *around)
    struct.pack_into("<Q", header, _field(header, _FEATURES_COUNT), count)
    return bytes(header)


def _field(header: bytearray, number: int) -> int:
    """Where a field of the root table stands, by the offsets that a flatbuffer keeps; LookupError when absent."""
    base = _MAGIC + 4
    table = base + struct.unpack_from("<I", header, base)[0]
    offsets = table - struct.unpack_from("<i", header, table)[0]
    (size,) = struct.unpack_from("<H", header, offsets)
    place = 4 + 2 * number
    (offset,) = struct.unpack_from("<H", header, offsets + place) if place < size else (0,)
    if not offset:
        raise LookupError(f"the FlatGeobuf header has no field {number}")
    return table + offset


def _indexed(path: Path, header: bytes, boxes: Boxes, order: Whole) -> Iterator[bytes]:
    yield header
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as stored:
        starts = _feature_starts(stored, len(boxes))
        yield from _index(boxes, order, starts)
        for begin in range(0, len(order), _FEATURES_AT_ONCE):
            yield b"".join(_take(stored, starts, order[begin : begin + _FEATURES_AT_ONCE]))


def _take(stored: mmap.mmap, starts: Whole, rows: Whole) -> Iterator[bytes]:
    wanted = zip(starts[rows].tolist(), starts[rows + 1].tolist(), strict=True)
    for number, (first, last) in enumerate(wanted):
        yield stored[first:last]
        if number % _FORGET_AFTER == 0:
            _forget(stored)


def _feature_starts(stored: mmap.mmap, count: int) -> Whole:
    """(count + 1,) places of the features in the file, and its end."""
    starts = np.empty(count + 1, dtype=np.int64)
    place = _MAGIC + 4 + struct.unpack_from("<I", stored, _MAGIC)[0]
    for number in range(count):
        starts[number] = place
        place += 4 + struct.unpack_from("<I", stored, place)[0]
        if number % _NODES_AT_ONCE == 0:
            _forget(stored)
    starts[count] = place
    return starts


def _forget(stored: mmap.mmap) -> None:
    """Pages that were read count as memory of this process until they are given back."""
    stored.madvise(mmap.MADV_DONTNEED)


def _index(boxes: Boxes, order: Whole, starts: Whole) -> Iterator[bytes]:
    """The nodes from the root to the leaves. A leaf points to its feature, another node to its first child."""
    position = 0
    for level in reversed(levels(boxes, order, _NODE_SIZE)):
        position += len(level)
        yield _nodes(level, position + _NODE_SIZE * np.arange(len(level)))
    offset = 0
    for begin in range(0, len(order), _NODES_AT_ONCE):
        rows = order[begin : begin + _NODES_AT_ONCE]
        ends = offset + np.cumsum(starts[rows + 1] - starts[rows])
        yield _nodes(leaves(boxes, rows), np.concatenate([[offset], ends[:-1]]))
        offset = int(ends[-1])


def _nodes(boxes: Boxes, offsets: Whole) -> bytes:
    nodes = np.empty(len(boxes), dtype=_NODE)
    nodes["box"], nodes["offset"] = boxes, offsets
    return nodes.tobytes()
