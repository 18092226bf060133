"""Denominators: dwellings, inhabitants or households per area, from the key figures of the nearest year."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from geo_service.db.queries import context as queries

# First choice first: the publisher's own count of dwellings, else the count of the housing register.
INDICATOREN = {
    "woningen": ("woningvoorraad", "woningvoorraad_bag"),
    "inwoners": ("inwoners",),
    "huishoudens": ("huishoudens",),
}


@dataclass(frozen=True)
class Noemers:
    """Denominators of one kind. waarden: per area code; jaar and bron of the figures used, None without any."""

    soort: str
    waarden: dict[str, float]
    jaar: int | None = None
    bron: str | None = None

    def for_area(self, code: str, buurten: Iterable[str]) -> float | None:
        """The area's own figure, else the sum of its buurten when at least one is known; None without any."""
        if code in self.waarden:
            return self.waarden[code]
        known = [self.waarden[buurt] for buurt in buurten if buurt in self.waarden]
        return sum(known) if known else None


async def load_noemers(connection: AsyncConnection, gemeente: str, soort: str, jaar: int) -> Noemers:
    """Figures of the year nearest to ``jaar`` (the earlier of two equally near); they keep their own year."""
    rows = await queries.list_kerncijfers(connection, gemeente, list(INDICATOREN[soort]))
    for indicator in INDICATOREN[soort]:
        chosen = _nearest([row for row in rows if row["indicator"] == indicator and row["waarde"] is not None], jaar)
        if chosen:
            values = {row["gebied_code"]: row["waarde"] for row in chosen}
            return Noemers(soort, values, chosen[0]["jaar"], chosen[0]["bron"])
    return Noemers(soort, {})


def _nearest(rows: list[dict[str, Any]], jaar: int) -> list[dict[str, Any]]:
    years = {row["jaar"] for row in rows}
    if not years:
        return []
    nearest = min(years, key=lambda year: (abs(year - jaar), year))
    return [row for row in rows if row["jaar"] == nearest]
