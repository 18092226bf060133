"""Actions in the viewer's own areas that went on in the period of a map: what, for which goal, since when."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from geo_service.db.engine import Database
from geo_service.db.queries.interventies import list_interventies
from geo_service.identity import Viewer
from geo_service.release.cijfers import CijferTabel
from geo_service.release.context import Gemeente, connect_as
from geo_service.release.interventies import doel_naam, looptijd, partner_names


@dataclass(frozen=True)
class Interventie:
    """One action. omtrek: GeoJSON, midden: longitude and latitude inside it; None where no boundary is known."""

    naam: str
    soort: str
    doel: str
    looptijd: str
    gebieden: tuple[str, ...]
    partners: str
    bron: str
    omtrek: dict[str, Any] | None
    midden: tuple[float, float] | None

    @property
    def tekening(self) -> dict[str, Any] | None:
        """What a script needs to draw it."""
        return None if self.omtrek is None else {"omtrek": self.omtrek, "midden": self.midden}


async def interventies(database: Database, viewer: Viewer, tabel: CijferTabel | None) -> tuple[Interventie, ...] | None:
    """None for who may not see any, and for a map without a period; the database holds the rows to the own areas."""
    if tabel is None or not viewer.works_in(tabel.gemeente.code):
        return None
    gemeente, periode = tabel.gemeente, tabel.periode
    async with connect_as(database, viewer) as connection:
        rows = await list_interventies(connection, gemeente.code, van=periode.van, tot=periode.tot, jaar=tabel.peiljaar)
    return tuple(make_interventie(gemeente, row) for row in rows)


def make_interventie(gemeente: Gemeente, row: dict[str, Any]) -> Interventie:
    """An action in words, without its cost."""
    return Interventie(
        naam=row["naam"],
        soort=row["soort"] or "",
        doel=doel_naam(row["doel"]),
        looptijd=looptijd(row["van"], row["tot"]),
        gebieden=tuple(gemeente.gebied_naam(code.strip()) for code in row["gebieden"] or ()),
        partners=", ".join(partner_names(row["partners"])),
        bron=row["bron"],
        omtrek=row["omtrek"],
        midden=None if row["lon"] is None else (round(row["lon"], 5), round(row["lat"], 5)),
    )
