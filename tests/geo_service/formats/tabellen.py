"""Tables, rows and a way to write them, for the tests of the formats."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import shapely

from geo_service.domain.velden import Soort, Veld
from geo_service.formats import FORMATEN
from geo_service.formats.tabel import Rij, Tabel

HERKOMST = "Bron: proefbron, 2024-Q3; aantallen onder 10 zijn onderdrukt"
LICENTIE = "CC BY 4.0"
DAY_0 = date(2000, 1, 1)
MOMENT_0 = datetime(2000, 1, 1, tzinfo=UTC)

VELDEN = (
    Veld("naam", Soort.TEKST, "Naam"),
    Veld("aantal", Soort.GEHEEL, "Aantal"),
    Veld("per_1000", Soort.GETAL, "Per 1 000 woningen"),
    Veld("gedekt", Soort.JANEE, "Of de bron hier dekt"),
    Veld("dag", Soort.DAG, "Dag"),
    Veld("moment", Soort.MOMENT, "Moment"),
)


def make_tabel(geometrie: str | None = "Point", srid: int = 28992, **changes: Any) -> Tabel:
    known: dict[str, Any] = {
        "naam": "proef", "titel": "Proef met één laag", "velden": VELDEN, "id_soort": Soort.GEHEEL,
        "geometrie": geometrie, "srid": srid, "herkomst": HERKOMST, "licentie": LICENTIE,
    }  # fmt: skip
    return Tabel(**known | changes)


def make_rij(identifier: int | str, place: shapely.Geometry | None, *values: Any) -> Rij:
    """A row; missing values are None."""
    filled = (*values, *[None] * (len(VELDEN) - len(values)))
    return as_rij(identifier, None if place is None else shapely.to_wkb(place), filled)


def as_rij(identifier: int | str, wkb: bytes | None, values: Sequence[Any]) -> Rij:
    """A row from ordinary Python values."""
    return (identifier, wkb, *(as_number(value) for value in values))


def as_number(value: Any) -> Any:
    if isinstance(value, datetime):
        return (value - MOMENT_0) // timedelta(microseconds=1)
    if isinstance(value, date):
        return (value - DAY_0).days
    return value


async def in_batches(rows: Sequence[Rij], size: int = 3) -> AsyncIterator[Sequence[Rij]]:
    for first in range(0, len(rows), size):
        yield rows[first : first + size]


async def collect(formaat: str, tabel: Tabel, batches: AsyncIterator[Sequence[Rij]]) -> bytes:
    return b"".join([piece async for piece in FORMATEN[formaat].schrijver(tabel, batches)])


def write(formaat: str, tabel: Tabel, rows: Sequence[Rij], size: int = 3) -> bytes:
    """The whole file of these rows."""
    return asyncio.run(collect(formaat, tabel, in_batches(rows, size)))


def save(folder: Path, formaat: str, tabel: Tabel, rows: Sequence[Rij], size: int = 3) -> Path:
    path = folder / f"uit.{FORMATEN[formaat].extensie}"
    path.write_bytes(write(formaat, tabel, rows, size))
    return path
