"""Finding an area or a place by its name. What is found is what everyone may know."""

from __future__ import annotations

from dataclasses import dataclass

from geo_service.db.engine import Database
from geo_service.db.queries import context as context_queries
from geo_service.db.queries.zoeken import search_names
from geo_service.domain.gebieden import NIVEAUS
from geo_service.identity import Viewer
from geo_service.release.context import connect_as, list_gemeenten

# Half of the pairs of three letters: "Twekelerveld" is 0,8 alike, another name of the same town rarely above 0,3.
GELIJKENIS = 0.5
HOOGSTENS = 40
LANGSTE = 80


@dataclass(frozen=True)
class Treffer:
    """soort: a level of areas, voorziening or wijkwijzer. code: of the area, or of the buurt of a place; None outside
    every buurt. waar: name of that buurt, and of the municipality. ook: the other name that matched."""

    soort: str
    naam: str
    code: str | None
    waar: str
    ook: str = ""

    @property
    def gebied(self) -> bool:
        return self.soort in NIVEAUS


async def zoek(database: Database, viewer: Viewer, tekst: str) -> list[Treffer]:
    """What resembles a text most, best first, what lies in the viewer's own municipality before the rest; none for less
    than two letters."""
    asked = " ".join(tekst.split())[:LANGSTE]
    if len(asked) < 2:
        return []
    async with connect_as(database, viewer) as connection:
        rows = await search_names(connection, asked, gelijkenis=GELIJKENIS, hoogstens=HOOGSTENS)
        gemeenten = {row["gemeente_code"]: row["naam"] for row in await list_gemeenten(connection)}
        holding = {row["gemeente_code"] for row in rows}
        namen = {code: await context_queries.list_namen(connection, code) for code in holding}
    rows.sort(key=lambda row: row["gemeente_code"] != viewer.gemeente)
    found: dict[tuple[str, str | None, str], Treffer] = {}
    for row in rows:
        place = namen[row["gemeente_code"]].get(row["code"] or "")
        of_area = row["soort"] in NIVEAUS
        where = [gemeenten[row["gemeente_code"]]] if of_area or not place else [place, gemeenten[row["gemeente_code"]]]
        other = "" if row["treffer"] == row["naam"] else row["treffer"]
        key = (row["soort"], row["code"], row["naam"])
        found.setdefault(key, Treffer(row["soort"], row["naam"], row["code"], ", ".join(where), other))
    return list(found.values())
