"""Denominators: dwellings, inhabitants or households per area, from the key figures of the nearest year."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from geo_service.db.engine import ReadConnection
from geo_service.db.queries import context as queries

Row = dict[str, Any]

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


async def load_noemers(
    connection: ReadConnection, gemeente: str, asked: str | None, jaren: Iterable[int]
) -> dict[int, Noemers]:
    """Denominators per asked year; each year takes the figures of the year nearest to it (the earlier of two equally
    near), and they keep their own year. Without an asked kind: the first of dwellings, inhabitants, households that is
    known at all."""
    soorten = [asked] if asked else list(INDICATOREN)
    wanted = [indicator for soort in soorten for indicator in INDICATOREN[soort]]
    found: dict[str, list[Row]] = {indicator: [] for indicator in wanted}
    for row in await queries.list_kerncijfers(connection, gemeente, wanted):
        if row["waarde"] is not None:
            found[row["indicator"]].append(row)
    known = ((soort, found[indicator]) for soort in soorten for indicator in INDICATOREN[soort] if found[indicator])
    soort, rows = next(known, (soorten[0] if asked else soorten[-1], []))
    return {jaar: _nearest(soort, rows, jaar) for jaar in set(jaren)}


def _nearest(soort: str, rows: list[Row], jaar: int) -> Noemers:
    if not rows:
        return Noemers(soort, {})
    nearest = min({row["jaar"] for row in rows}, key=lambda year: (abs(year - jaar), year))
    chosen = [row for row in rows if row["jaar"] == nearest]
    return Noemers(soort, {row["gebied_code"]: row["waarde"] for row in chosen}, nearest, chosen[0]["bron"])
