"""How the formats behave as streams: the event loop stays free, memory stays flat, nothing stays behind."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import tempfile
import threading
from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import psycopg
import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio
import pytest
import shapely

from geo_service.db.queries.stream import stream_rows
from geo_service.domain.velden import Soort, Veld
from geo_service.formats import FORMATEN
from geo_service.formats.tabel import Rij
from tests.conftest import ROOT
from tests.geo_service.formats.tabellen import HERKOMST, LICENTIE, collect, make_rij, make_tabel, save, write

MB = 1_000_000


@pytest.fixture
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where temporary files go; ends empty."""
    folder = tmp_path / "tijdelijk"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    yield folder
    assert list(folder.iterdir()) == []


class Source:
    """Batches without end, that remember how many were fetched and whether they were closed."""

    def __init__(self, fail_after: int | None = None, last: int = 1_000_000) -> None:
        self.fetched, self.closed = 0, False
        self._fail_after, self._last = fail_after, last

    async def batches(self) -> AsyncIterator[Sequence[Rij]]:
        try:
            while self.fetched < self._last:
                await asyncio.sleep(0)
                if self.fetched == self._fail_after:
                    raise ConnectionError("de database is weg")
                self.fetched += 1
                yield [make_rij(number, shapely.Point(number, number)) for number in range(50)]
        finally:
            self.closed = True


@pytest.mark.parametrize("formaat", FORMATEN)
def test_after_a_normal_end_nothing_is_left(formaat: str, scratch: Path) -> None:
    source = Source(last=3)
    assert asyncio.run(collect(formaat, make_tabel(), source.batches()))
    assert (source.fetched, source.closed) == (3, True)


@pytest.mark.parametrize("formaat", FORMATEN)
def test_an_error_of_the_source_reaches_the_reader_as_it_was(formaat: str, scratch: Path) -> None:
    source = Source(fail_after=2)
    with pytest.raises(ConnectionError, match="de database is weg"):
        asyncio.run(collect(formaat, make_tabel(), source.batches()))
    assert source.closed


@pytest.mark.parametrize("formaat", FORMATEN)
def test_a_reader_that_leaves_takes_everything_with_it(formaat: str, scratch: Path) -> None:
    source = Source(last=40)

    async def read_one() -> None:
        stream = FORMATEN[formaat].schrijver(make_tabel(), source.batches())
        assert await anext(stream)
        await stream.aclose()  # type: ignore[attr-defined]

    asyncio.run(read_one())
    assert source.closed


@pytest.mark.parametrize("formaat", FORMATEN)
def test_a_cancelled_request_stops_the_work(formaat: str, scratch: Path) -> None:
    source = Source()

    async def cancel() -> None:
        task = asyncio.create_task(collect(formaat, make_tabel(), source.batches()))
        while source.fetched < 20:
            await asyncio.sleep(0.001)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(cancel())
    assert source.closed
    assert source.fetched < 1_000_000


def test_at_most_two_batches_are_fetched_ahead() -> None:
    source = Source()

    async def look() -> None:
        stream = FORMATEN["csv"].schrijver(make_tabel(), source.batches())
        await anext(stream)
        await anext(stream)
        await asyncio.sleep(0.05)
        # One written, two waiting, one in the hand of who waits for room.
        assert source.fetched == 4
        await stream.aclose()  # type: ignore[attr-defined]

    asyncio.run(look())


class Watched(Sequence[Rij]):
    """Rows that remember which threads read them."""

    def __init__(self, rows: Sequence[Rij], readers: set[int]) -> None:
        self._rows, self._readers = rows, readers

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, place: Any) -> Any:
        self._readers.add(threading.get_ident())
        return Watched(self._rows[place], self._readers) if isinstance(place, slice) else self._rows[place]

    def __iter__(self) -> Iterator[Rij]:
        self._readers.add(threading.get_ident())
        return iter(self._rows)


@pytest.mark.parametrize("formaat", FORMATEN)
def test_rows_are_written_beside_the_event_loop(formaat: str, scratch: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """GDAL holds Python's lock while it works, so it gets small pieces, and never the index of many rows to build."""
    readers: set[int] = set()
    indexed: dict[str, int] = {}
    pieces = [0]
    write_arrow = pyogrio.write_arrow

    def watch(source: pa.RecordBatchReader, path: Path, **options: Any) -> None:
        def count() -> Iterator[pa.RecordBatch]:
            for piece in source:
                pieces.append(len(piece))
                given = str(options.get("SPATIAL_INDEX"))
                indexed[given] = indexed.get(given, 0) + len(piece)
                yield piece

        write_arrow(pa.RecordBatchReader.from_batches(source.schema, count()), path, **options)

    monkeypatch.setattr(pyogrio, "write_arrow", watch)

    async def batches() -> AsyncIterator[Sequence[Rij]]:
        for _ in range(3):
            yield Watched([make_rij(number, shapely.Point(number, number)) for number in range(5_000)], readers)

    data = asyncio.run(collect(formaat, make_tabel(), batches()))
    assert len(data) > 15_000
    assert readers
    assert threading.get_ident() not in readers
    assert max(pieces) <= 2_000
    assert indexed.pop("NO", 0) == (15_000 if formaat in ("gpkg", "fgb") else 0)
    assert sum(indexed.values()) <= 1


_GROWTH = """
import asyncio, resource, struct, sys
from geo_service.formats import FORMATEN
from tests.geo_service.formats.tabellen import make_tabel

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024

def point(n):
    return struct.pack("<BIdd", 1, 1, n % 997, n % 991)

async def batches(count):
    for first in range(0, count, 5_000):
        yield [(n, point(n), f"melding {n}", n, n / 7, n % 2 == 0, 8_000, n * 1_000_000) for n in range(first, first + 5_000)]

async def run(formaat, count):
    return sum([len(piece) async for piece in FORMATEN[formaat].schrijver(make_tabel(), batches(count))])

asyncio.run(run(sys.argv[1], 5_000))
before = peak()
size = asyncio.run(run(sys.argv[1], 300_000))
print(size, peak() - before)
"""  # noqa: E501


@pytest.mark.parametrize("formaat", FORMATEN)
def test_memory_stays_flat(formaat: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _GROWTH, formaat], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    size, growth = map(int, done.stdout.split())
    assert size > 5 * MB
    assert growth < 60 * MB


def test_the_provenance_is_inside_every_file(tmp_path: Path) -> None:
    rows = [make_rij(1, shapely.Point(1, 1))]
    whole = f"{HERKOMST}; licentie: {LICENTIE}"
    for formaat in ("gpkg", "fgb"):
        assert pyogrio.read_info(save(tmp_path, formaat, make_tabel(), rows))["layer_metadata"]["DESCRIPTION"] == whole
    metadata = pq.read_metadata(save(tmp_path, "parquet", make_tabel(), rows)).metadata
    assert (metadata[b"herkomst"].decode(), metadata[b"licentie"].decode()) == (HERKOMST, LICENTIE)
    for formaat in ("csv", "geojsonseq"):
        assert whole in write(formaat, make_tabel(), rows).decode()


@pytest.mark.parametrize("name", ["id", "geometry", "bbox", "naam"])
def test_a_field_that_would_hide_another_is_refused(name: str) -> None:
    twice = (Veld("naam", Soort.TEKST, "Naam"), Veld(name, Soort.TEKST, "Nog een"))
    with pytest.raises(ValueError, match="field names"):
        make_tabel(velden=twice)


def test_rows_from_the_database_are_those_of_the_tests(url: str) -> None:
    """A date and a moment come as the ints of ``as_rij``, in whatever time zone the connection is."""
    statement = """
        select n, st_asbinary(st_setsrid(st_makepoint(n, n), 28992)), 'é' || n, n * 2, n / 4.0::float8, mod(n, 2) = 0,
            date '1969-12-31', timestamptz '2024-07-01 00:30:00.000005+02'
        from generate_series(%(van)s::int, 7) n
    """

    async def fetch() -> list[list[Any]]:
        async with await psycopg.AsyncConnection.connect(url, options="-c timezone=Europe/Amsterdam") as connection:
            return [list(rows) async for rows in stream_rows(connection, statement, {"van": 1}, size=3)]

    batches = asyncio.run(fetch())
    assert [len(batch) for batch in batches] == [3, 3, 1]
    moment = datetime(2024, 6, 30, 22, 30, 0, 5, tzinfo=UTC)
    expected = [
        make_rij(n, shapely.Point(n, n), f"é{n}", n * 2, n / 4, n % 2 == 0, date(1969, 12, 31), moment)
        for n in range(1, 8)
    ]
    assert [row for batch in batches for row in batch] == expected
