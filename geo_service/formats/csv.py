"""CSV (RFC 4180): UTF-8 without BOM, one heading line, a missing value is empty and an empty text is "".

Columns: id, the fields, for anything with a place ``rd_x, rd_y`` (RD, mm) and ``lon, lat`` (WGS 84, 7 decimals): those
of the point, or of a point inside the area, and for areas ``wkt`` in the CRS that was asked. Days and moments are ISO
8601, moments in UTC. The last column is ``herkomst`` (source, period, disclosure control, licence): a comment line
would break readers, and rows that already have such a field keep their own.

A text that starts with = + - @ tab or return would run as a formula in a spreadsheet: it gets an apostrophe in front.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

import pyarrow as pa
import pyarrow.compute as pc
import shapely

from geo_service.formats.arrow import GEOMETRY, ID, make_batch, make_schema
from geo_service.formats.coordinates import decimals, locate, read_wkb
from geo_service.formats.pipeline import stream_encoded
from geo_service.formats.tabel import Batches, Rij, Tabel
from geo_service.formats.tijd import as_iso

_FORMULA = r"^[=+\-@\t\r]"
_QUOTED = '[",\r\n]|^$'


def write_csv(tabel: Tabel, batches: Batches) -> AsyncIterator[bytes]:
    """The file in pieces of one batch."""
    return stream_encoded(_Encoder(tabel), batches)


class _Encoder:
    def __init__(self, tabel: Tabel):
        self._tabel = tabel
        self._schema = make_schema(tabel)
        self._herkomst = None if tabel.herkomst_per_rij else _quote(_disarm(pa.array([tabel.verantwoording])))[0]

    def begin(self) -> bytes:
        names = [ID, *(veld.naam for veld in self._tabel.velden)]
        if self._tabel.geometrie is not None:
            names += ["rd_x", "rd_y", "lon", "lat"]
            names += [] if self._tabel.geometrie == "Point" else ["wkt"]
        names += [] if self._herkomst is None else ["herkomst"]
        return (",".join(names) + "\r\n").encode()

    def add(self, rows: Sequence[Rij]) -> bytes:
        batch = make_batch(self._tabel, self._schema, rows)
        columns = [
            _as_text(column) for name, column in zip(batch.schema.names, batch.columns, strict=True) if name != GEOMETRY
        ]
        if self._tabel.geometrie is not None:
            columns += self._places(batch.column(GEOMETRY))
        columns += [] if self._herkomst is None else [self._herkomst]
        options = {"null_handling": "replace", "null_replacement": ""}
        lines = pc.binary_join_element_wise(*columns, ",", **options)
        return _contents(pc.binary_join_element_wise(lines, "", "\r\n"))

    def finish(self) -> bytes:
        return b""

    def _places(self, geometry: pa.Array) -> list[pa.Array]:
        found = locate(geometry, self._tabel.srid)
        numbers = (found.rd_x, found.rd_y, found.lon, found.lat)
        columns = [pc.cast(pa.array(axis, from_pandas=True), pa.string()) for axis in numbers]
        if self._tabel.geometrie != "Point":
            places = decimals(self._tabel.srid)
            columns.append(_quote(pa.array(shapely.to_wkt(read_wkb(geometry), rounding_precision=places), pa.string())))
        return columns


def _as_text(column: pa.Array) -> pa.Array:
    if pa.types.is_string(column.type):
        return _quote(_disarm(column))
    if pa.types.is_temporal(column.type):
        return as_iso(column)
    return pc.cast(column, pa.string())


def _disarm(column: pa.Array) -> pa.Array:
    formula = pc.match_substring_regex(column, _FORMULA)
    if not pc.any(formula).as_py():
        return column
    return pc.if_else(formula, pc.binary_join_element_wise("'", column, ""), column)


def _quote(column: pa.Array) -> pa.Array:
    special = pc.match_substring_regex(column, _QUOTED)
    if not pc.any(special).as_py():
        return column
    doubled = pc.replace_substring(column, '"', '""')
    return pc.if_else(special, pc.binary_join_element_wise('"', doubled, '"', ""), column)


def _contents(texts: pa.StringArray) -> bytes:
    """All texts after each other: the data of an array that starts at its first value."""
    data = texts.buffers()[2]
    return b"" if data is None else data.to_pybytes()
