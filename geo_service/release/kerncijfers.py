"""Key figures of one area: inhabitants, dwellings, their value and who owns them, each with its year and source."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from geo_service.db.engine import ReadConnection
from geo_service.db.queries import context as queries
from geo_service.domain.cijfers import Status

Row = dict[str, Any]


@dataclass(frozen=True)
class Kerncijfer:
    """An indicator as people know it. indicatoren: first choice first; telbaar: an area is the sum of its buurten."""

    naam: str
    eenheid: str
    indicatoren: tuple[str, ...]
    telbaar: bool = False


KERNCIJFERS = {
    "inwoners": Kerncijfer("Inwoners", "personen", ("inwoners",), telbaar=True),
    "huishoudens": Kerncijfer("Huishoudens", "huishoudens", ("huishoudens",), telbaar=True),
    "woningen": Kerncijfer("Woningen", "woningen", ("woningvoorraad", "woningvoorraad_bag"), telbaar=True),
    "woz_1000": Kerncijfer("Gemiddelde WOZ-waarde", "1.000 euro", ("woz_1000",)),
    "koop_pct": Kerncijfer("Koopwoningen", "%", ("koop_pct",)),
    "huur_pct": Kerncijfer("Huurwoningen", "%", ("huur_pct",)),
    "corporatie_pct": Kerncijfer("Huur van een corporatie", "%", ("corporatie_pct",)),
    "overige_verhuur_pct": Kerncijfer("Huur van anderen", "%", ("overige_verhuur_pct",)),
}


async def read_kerncijfers(connection: ReadConnection, gemeente: str) -> list[Row]:
    """Every published value of these key figures: gebied_code, jaar, indicator, waarde, status, bron."""
    wanted = [indicator for kern in KERNCIJFERS.values() for indicator in kern.indicatoren]
    return await queries.list_kerncijfers(connection, gemeente, wanted)


def kerncijfers_van(rows: Iterable[Row], code: str, buurten: Iterable[str]) -> list[dict[str, Any]]:
    """All key figures of an area, each of its newest year; ``ontbreekt`` where the publisher gave none.

    Where only the buurten have figures, counts are their sum when all of them are known; shares and averages of
    buurten do not add up and stay missing.
    """
    by_indicator: dict[str, list[Row]] = {}
    for row in rows:
        if row["waarde"] is not None:
            by_indicator.setdefault(row["indicator"], []).append(row)
    members = set(buurten)
    return [_document(key, kern, _newest(kern, by_indicator, code, members)) for key, kern in KERNCIJFERS.items()]


def _newest(kern: Kerncijfer, rows: dict[str, list[Row]], code: str, buurten: set[str]) -> Row | None:
    for indicator in kern.indicatoren:
        found = rows.get(indicator, [])
        for jaar in sorted({row["jaar"] for row in found}, reverse=True):
            of_year = {row["gebied_code"]: row for row in found if row["jaar"] == jaar}
            if code in of_year:
                return of_year[code]
            if kern.telbaar and buurten and buurten <= set(of_year):
                total = sum(of_year[buurt]["waarde"] for buurt in buurten)
                return of_year[min(buurten)] | {"waarde": total}
    return None


def _document(key: str, kern: Kerncijfer, row: Row | None) -> dict[str, Any]:
    return {
        "kerncijfer": key,
        "naam": kern.naam,
        "eenheid": kern.eenheid,
        "waarde": row["waarde"] if row else None,
        "jaar": row["jaar"] if row else None,
        "status": (Status.OK if row else Status.ONTBREEKT).value,
        "herkomst": f"Bron: {row['bron']} {row['jaar']}" if row else "Bron: geen",
    }
