"""What an export is made of: the description of a table, and its rows in batches."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from geo_service.domain.velden import Soort, Veld

RESERVED = frozenset({"id", "fid", "geom", "geometry", "bbox", "rd_x", "rd_y", "lon", "lat", "wkt"})

Rij = tuple[Any, ...]
"""(id, wkb, *values in the order of velden): the binary values of PostgreSQL, any of them None when missing.

wkb: bytes of two-dimensional WKB, x before y (lon before lat), whatever the CRS. A MOMENT is an int, microseconds since
2000-01-01 00:00 UTC; a DAG an int, days since 2000-01-01. These are PostgreSQL's own, so that neither the time zone of
the connection nor a Python object per value stands between database and file.
TEKST is str, GEHEEL int, GETAL float or int (NaN counts as missing), JANEE bool.
"""

Batches = AsyncIterator[Sequence[Rij]]
"""Batches of at most 10 000 rows."""


@dataclass(frozen=True)
class Tabel:
    """One layer of an export.

    id_soort: TEKST or GEHEEL. geometrie: "Point", "Polygon", "MultiPolygon" or None. srid: EPSG code of the WKB.
    herkomst: one Dutch line with source, period and disclosure control; it travels inside every file.
    """

    naam: str
    titel: str
    velden: tuple[Veld, ...]
    id_soort: Soort
    geometrie: str | None
    srid: int
    herkomst: str
    licentie: str | None = None

    def __post_init__(self) -> None:
        if self.id_soort not in (Soort.TEKST, Soort.GEHEEL):
            raise ValueError(f"an id is text or a whole number, not {self.id_soort}")
        names = [veld.naam for veld in self.velden]
        if len(set(names)) < len(names) or RESERVED & set(names):
            raise ValueError(f"field names must differ and not be one of {', '.join(sorted(RESERVED))}: {names}")

    @property
    def verantwoording(self) -> str:
        """The provenance with the licence, on one line."""
        return f"{self.herkomst}; licentie: {self.licentie}" if self.licentie else self.herkomst

    @property
    def herkomst_per_rij(self) -> bool:
        """Whether every row already says where it is from."""
        return any(veld.naam == "herkomst" for veld in self.velden)


@dataclass(frozen=True)
class Formaat:
    """A format that a question can ask for: the value of ``f=``, what HTTP and a disk call it, and what writes it."""

    naam: str
    mediatype: str
    extensie: str
    titel: str
    schrijver: Callable[[Tabel, Batches], AsyncIterator[bytes]]
