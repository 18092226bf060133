"""GeoParquet 1.1: WKB, zstd, row groups of 65 536 rows, each row with its box so that readers skip row groups."""

from __future__ import annotations

import io
import json
from collections.abc import AsyncIterator, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import shapely
from pyproj import CRS

from geo_service.formats.arrow import GEOMETRY, make_batch, make_schema
from geo_service.formats.coordinates import LONLAT, read_bounds, read_points, read_wkb
from geo_service.formats.pakket import extent, outwards
from geo_service.formats.pipeline import stream_encoded
from geo_service.formats.tabel import Batches, Rij, Tabel

BBOX = "bbox"
_SIDES = ("xmin", "ymin", "xmax", "ymax")
_BOX = pa.struct([(side, pa.float32()) for side in _SIDES])
_ROW_GROUP = 65_536


def write_parquet(tabel: Tabel, batches: Batches) -> AsyncIterator[bytes]:
    """The file in pieces of one row group; tables without geometry become plain Parquet."""
    return stream_encoded(_Encoder(tabel), batches)


class _Encoder:
    def __init__(self, tabel: Tabel):
        self._tabel = tabel
        self._rows = make_schema(tabel)
        self._schema = self._rows if tabel.geometrie is None else self._rows.append(pa.field(BBOX, _BOX))
        self._waiting: list[pa.RecordBatch] = []
        self._extent = _Extent()
        self._sink = _Sink()
        self._writer = pq.ParquetWriter(
            pa.PythonFile(self._sink, "w"), self._schema.with_metadata(_remarks(tabel)), compression="zstd"
        )

    def begin(self) -> bytes:
        return self._sink.take()

    def add(self, rows: Sequence[Rij]) -> bytes:
        batch = make_batch(self._tabel, self._rows, rows)
        if self._tabel.geometrie is not None:
            boxes = self._extent.add(batch.column(GEOMETRY))
            batch = pa.RecordBatch.from_arrays([*batch.columns, boxes], schema=self._schema)
        self._waiting.append(batch)
        if sum(len(waiting) for waiting in self._waiting) >= _ROW_GROUP:
            self._write_row_group()
        return self._sink.take()

    def finish(self) -> bytes:
        if self._waiting:
            self._write_row_group()
        if self._tabel.geometrie is not None:
            self._writer.add_key_value_metadata({"geo": json.dumps(_describe(self._tabel, self._extent))})
        self._writer.close()
        return self._sink.take()

    def _write_row_group(self) -> None:
        self._writer.write_table(pa.Table.from_batches(self._waiting, self._schema), row_group_size=2 * _ROW_GROUP)
        self._waiting = []


class _Sink(io.RawIOBase):
    """Keeps what is written until it is taken."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._position = 0

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        part = bytes(data)
        self._parts.append(part)
        self._position += len(part)
        return len(part)

    def tell(self) -> int:
        return self._position

    def take(self) -> bytes:
        taken, self._parts = b"".join(self._parts), []
        return taken


class _Extent:
    """The box and the kinds of all geometries seen."""

    def __init__(self) -> None:
        self.types: set[str] = set()
        self._low = np.full(2, np.inf)
        self._high = np.full(2, -np.inf)

    def add(self, column: pa.Array) -> pa.StructArray:
        """The box of each geometry as float32, rounded outwards; missing where there is no geometry."""
        self.types |= _kinds(column)
        bounds = read_bounds(column)
        if (around := extent(bounds)) is not None:
            self._low, self._high = np.minimum(self._low, around[:2]), np.maximum(self._high, around[2:])
        sides = [outwards(bounds[:, side], up=side >= 2) for side in range(4)]
        return pa.StructArray.from_arrays(
            [pa.array(side, from_pandas=True) for side in sides],
            fields=list(_BOX),
            mask=pa.array(np.isnan(bounds[:, 0])),
        )

    @property
    def bbox(self) -> list[float] | None:
        return [*self._low.tolist(), *self._high.tolist()] if np.isfinite(self._low).all() else None


def _kinds(column: pa.Array) -> set[str]:
    if read_points(column) is not None:
        return {"Point"}
    geometries = read_wkb(column.drop_null())
    _, examples = np.unique(shapely.get_type_id(geometries), return_index=True)
    return {geometry.geom_type for geometry in geometries[examples]}


def _remarks(tabel: Tabel) -> dict[str, str]:
    remarks = {"titel": tabel.titel, "herkomst": tabel.herkomst, "licentie": tabel.licentie}
    return {name: text for name, text in remarks.items() if text is not None}


def _describe(tabel: Tabel, extent: _Extent) -> dict[str, Any]:
    column: dict[str, Any] = {
        "encoding": "WKB",
        "geometry_types": sorted(extent.types),
        "covering": {"bbox": {side: [BBOX, side] for side in _SIDES}},
    }
    if tabel.srid != LONLAT:
        # Without crs a column is OGC:CRS84: longitude first, which is what the rows hold.
        column["crs"] = CRS.from_epsg(tabel.srid).to_json_dict()
    if extent.bbox is not None:
        column["bbox"] = extent.bbox
    return {"version": "1.1.0", "primary_column": GEOMETRY, "columns": {GEOMETRY: column}}
