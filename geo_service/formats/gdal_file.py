"""Formats that GDAL writes: a thread writes a temporary folder, which is streamed and gone when the stream ends.

GDAL holds Python's lock while it works, so it gets small batches, and never a spatial index to build: that would stop
every other request for seconds. ``fgb`` and ``gpkg`` make the index themselves.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Any, TypeVar

import pyarrow as pa
import pyogrio
from pyproj import CRS

from geo_service.formats.arrow import GEOMETRY, make_batch, make_schema
from geo_service.formats.pipeline import ReadAhead, read_ahead
from geo_service.formats.tabel import Batches, Rij, Tabel

T = TypeVar("T")
RecordBatches = Iterator[pa.RecordBatch]
Schrijf = Callable[[Tabel, RecordBatches, Path], Iterator[bytes]]
"""Writes the batches into a folder, and gives the finished file in pieces. Runs in a thread."""

_ROWS = 2_000
_PIECE = 1 << 20


async def stream_from_folder(tabel: Tabel, batches: Batches, write: Schrijf) -> AsyncIterator[bytes]:
    """What `write` makes of the batches; its folder is removed at the end, on an error and when nobody reads on."""
    with tempfile.TemporaryDirectory(prefix="buurtsignaal-") as folder:
        pieces = await _write(tabel, batches, write, Path(folder))
        while piece := await _in_thread(next, pieces, b""):
            yield piece


def write_layer(tabel: Tabel, batches: RecordBatches, path: Path, driver: str, **options: str) -> None:
    """Let GDAL write the batches as one layer with the provenance of the table."""
    reader = pa.RecordBatchReader.from_batches(make_schema(tabel), batches)
    geometry: dict[str, Any] = {}
    if tabel.geometrie is not None:
        geometry = {
            "geometry_name": GEOMETRY,
            "geometry_type": tabel.geometrie,
            "crs": CRS.from_epsg(tabel.srid).to_wkt(),
        }
    pyogrio.write_arrow(reader, path, layer=tabel.naam, driver=driver, **geometry, **options)


def read_pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            yield piece


async def _write(tabel: Tabel, batches: Batches, write: Schrijf, folder: Path) -> Iterator[bytes]:
    async with read_ahead(batches) as rows_ahead:
        source = _Source(tabel, rows_ahead)

        def work() -> Iterator[bytes]:
            try:
                return write(tabel, source.batches(), folder)
            except Exception:
                if source.error is not None:
                    # GDAL tells only that its source failed.
                    raise source.error from None
                raise

        return await _in_thread(work, stop=source.stop)


async def _in_thread(work: Callable[..., T], *arguments: Any, stop: Callable[[], None] | None = None) -> T:
    """Like asyncio.to_thread, but a wait that is cancelled stops the work and ends only after it."""
    future = asyncio.get_running_loop().run_in_executor(None, work, *arguments)
    try:
        return await asyncio.shield(future)
    finally:
        if stop is not None:
            stop()
        await asyncio.wait([future])


class _Source:
    """The rows of the event loop as record batches of a thread."""

    def __init__(self, tabel: Tabel, rows: ReadAhead):
        self._tabel, self._rows = tabel, rows
        self._loop = asyncio.get_running_loop()
        self._asked: Future[Sequence[Rij] | None] | None = None
        self._stopped = False
        self.error: BaseException | None = None

    def batches(self) -> RecordBatches:
        schema = make_schema(self._tabel)
        try:
            while rows := self._next():
                for start in range(0, len(rows), _ROWS):
                    yield make_batch(self._tabel, schema, rows[start : start + _ROWS])
        except BaseException as error:
            self.error = error
            raise

    def stop(self) -> None:
        self._stopped = True
        if self._asked is not None:
            self._asked.cancel()

    def _next(self) -> Sequence[Rij] | None:
        self._asked = asyncio.run_coroutine_threadsafe(self._take(), self._loop)
        if self._stopped:
            self._asked.cancel()
        return self._asked.result()

    async def _take(self) -> Sequence[Rij] | None:
        return await anext(self._rows, None)
