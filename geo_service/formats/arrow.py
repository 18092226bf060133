"""Rows as Arrow: one fixed schema per table, whatever the rows hold."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from geo_service.domain.velden import Soort
from geo_service.formats.tabel import Rij, Tabel

ID = "id"
GEOMETRY = "geometry"

_TYPES = {
    Soort.TEKST: pa.string(),
    Soort.GEHEEL: pa.int64(),
    Soort.GETAL: pa.float64(),
    Soort.JANEE: pa.bool_(),
    Soort.DAG: pa.date32(),
    Soort.MOMENT: pa.timestamp("us", "UTC"),
}
# From PostgreSQL's first day to Arrow's.
_DAYS = pa.scalar(10_957, pa.int32())
_MICROSECONDS = pa.scalar(10_957 * 86_400_000_000, pa.int64())


def make_schema(tabel: Tabel) -> pa.Schema:
    """id, the fields in their order, and ``geometry`` (WKB) when the table has one."""
    fields = [(ID, _TYPES[tabel.id_soort]), *((veld.naam, _TYPES[veld.soort]) for veld in tabel.velden)]
    if tabel.geometrie is not None:
        fields.append((GEOMETRY, pa.binary()))
    return pa.schema(fields)


def make_batch(tabel: Tabel, schema: pa.Schema, rows: Sequence[Rij]) -> pa.RecordBatch:
    """One record batch of the rows; schema: that of ``make_schema``. A value of another kind raises."""
    columns = list(zip(*rows, strict=True)) if rows else [()] * (len(tabel.velden) + 2)
    identifiers, geometry, *values = columns
    arrays = [_to_array(found, kind) for found, kind in zip((identifiers, *values), schema.types, strict=False)]
    if tabel.geometrie is not None:
        arrays.append(pa.array(geometry, pa.binary()))
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def _to_array(values: Sequence[Any], kind: pa.DataType) -> pa.Array:
    if pa.types.is_date32(kind):
        return pc.add_checked(pa.array(values, pa.int32()), _DAYS).view(kind)
    if pa.types.is_timestamp(kind):
        return pc.add_checked(pa.array(values, pa.int64()), _MICROSECONDS).view(kind)
    return pa.array(values, kind, from_pandas=pa.types.is_floating(kind))
