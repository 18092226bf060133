"""GeoJSON text sequences (RFC 8142): one feature per record, each after a record separator.

Coordinates are in the CRS of the table (mm, or 7 decimals of a degree). A sequence has no place for remarks of its own,
so every feature carries ``herkomst``.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence
from typing import Any

import numpy as np
import orjson
import pyarrow as pa
import shapely

from geo_service.formats.arrow import GEOMETRY, make_batch, make_schema
from geo_service.formats.coordinates import decimals, read_points, read_wkb
from geo_service.formats.pipeline import stream_encoded
from geo_service.formats.tabel import Batches, Rij, Tabel
from geo_service.formats.tijd import as_iso


def write_geojsonseq(tabel: Tabel, batches: Batches) -> AsyncIterator[bytes]:
    """The sequence in pieces of one batch."""
    return stream_encoded(_Encoder(tabel), batches)


class _Encoder:
    def __init__(self, tabel: Tabel):
        self._tabel = tabel
        self._schema = make_schema(tabel)
        self._decimals = decimals(tabel.srid)
        self._names = [veld.naam for veld in tabel.velden]
        self._extra = {} if tabel.herkomst_per_rij else {"herkomst": tabel.verantwoording}

    def begin(self) -> bytes:
        return b""

    def add(self, rows: Sequence[Rij]) -> bytes:
        batch = make_batch(self._tabel, self._schema, rows)
        columns = [_as_json(column) for column in batch.columns[: len(self._names) + 1]]
        return b"".join(
            b"\x1e" + self._feature(identifier, geometry, values) + b"\n"
            for geometry, identifier, *values in zip(self._geometries(batch), *columns, strict=True)
        )

    def finish(self) -> bytes:
        return b""

    def _feature(self, identifier: Any, geometry: Any, values: list[Any]) -> bytes:
        properties = dict(zip(self._names, values, strict=True)) | self._extra
        return orjson.dumps({"type": "Feature", "id": identifier, "geometry": geometry, "properties": properties})

    def _geometries(self, batch: pa.RecordBatch) -> Iterable[Any]:
        if self._tabel.geometrie is None:
            return [None] * batch.num_rows
        column = batch.column(GEOMETRY)
        if (points := read_points(column)) is not None:
            xs, ys = (np.round(axis, self._decimals).tolist() for axis in points)
            # One at a time: thousands of small lists at once set off a garbage collection of the whole service.
            return ({"type": "Point", "coordinates": [x, y]} for x, y in zip(xs, ys, strict=True))
        rounded = shapely.transform(read_wkb(column), lambda xy: np.round(xy, self._decimals))
        return [None if text is None else orjson.Fragment(text) for text in shapely.to_geojson(rounded)]


def _as_json(column: pa.Array) -> list[Any]:
    return list((as_iso(column) if pa.types.is_temporal(column.type) else column).to_pylist())
