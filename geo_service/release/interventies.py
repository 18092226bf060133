"""The log of interventions as a viewer may see it: staff, of their own areas; nobody else knows that it is there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from geo_service.db.engine import Database
from geo_service.db.queries import interventies as queries
from geo_service.domain.gebieden import NIVEAUS
from geo_service.domain.interventies import DOELEN, LOGBOEK, RICHTINGEN
from geo_service.domain.perioden import dag_naam, dag_van
from geo_service.errors import InvalidParameters, NotFound, ParameterFault
from geo_service.identity import Viewer
from geo_service.release.context import Gemeente, connect_as

GEEN_INTERVENTIE = "Deze interventie is er niet, of is niet van uw gebied."
STANDEN = {"gepland": "Gepland", "loopt": "Loopt", "afgelopen": "Afgelopen"}


@dataclass(frozen=True)
class Interventie:
    """One action. gebied_codes and gebieden: its areas by code and by name; eigen: the viewer may change it.

    kosten in euro, None where unknown; kosten_bekend: whether this viewer may know them. tekening: GeoJSON text of what
    was drawn; omtrek: GeoJSON of all of it and midden a point inside (longitude, latitude), None without a boundary.
    """

    bron: str
    sleutel: str
    naam: str
    soort: str
    doel_nummer: int | None
    partners: tuple[str, ...]
    gebied_codes: tuple[str, ...]
    gebieden: tuple[str, ...]
    van: date | None
    tot: date | None
    signaal_bron: str | None
    categorie: str | None
    richting: str | None
    evaluatie_op: date | None
    versie: int
    gewijzigd_op: datetime
    eigen: bool
    kosten: float | None = None
    kosten_bekend: bool = False
    tekening: str | None = None
    omtrek: dict[str, Any] | None = None
    midden: tuple[float, float] | None = None
    oppervlakte: float | None = None

    @property
    def doel(self) -> str:
        return doel_naam(self.doel_nummer)

    @property
    def looptijd(self) -> str:
        return looptijd(self.van, self.tot)

    @property
    def gewijzigd(self) -> str:
        return dag_van(self.gewijzigd_op)

    @property
    def verwacht(self) -> str:
        return RICHTINGEN.get(self.richting or "", "")

    @property
    def evaluatie(self) -> str:
        return dag_naam(self.evaluatie_op) if self.evaluatie_op else ""

    def stand(self, vandaag: date) -> str:
        """Whether it is planned, goes on or is over: a key of STANDEN."""
        if self.van is not None and self.van > vandaag:
            return "gepland"
        return "afgelopen" if self.tot is not None and self.tot < vandaag else "loopt"


def doel_naam(number: int | None) -> str:
    return DOELEN.get(number or 0, "onbekend")


def looptijd(van: date | None, tot: date | None) -> str:
    since = f"sinds {dag_naam(van)}" if van else "begin onbekend"
    return f"{dag_naam(van)} t/m {dag_naam(tot)}" if van and tot else f"{since}, loopt door" if not tot else since


def partner_names(text: str | None) -> tuple[str, ...]:
    return tuple(part.strip() for part in (text or "").split(";") if part.strip())


async def all_of(database: Database, viewer: Viewer, gemeente: Gemeente) -> tuple[Interventie, ...]:
    """Every action that the viewer may see, without its outline; NotFound for who may see none."""
    require_staff(viewer, gemeente.code)
    async with connect_as(database, viewer) as connection:
        rows = await queries.list_log(connection, gemeente.code)
    return tuple(_interventie(viewer, gemeente, row) for row in rows)


async def find(database: Database, viewer: Viewer, gemeente: Gemeente, bron: str, sleutel: str) -> Interventie:
    """One action with its outline in the newest vintage; NotFound for what the viewer may not see too."""
    require_staff(viewer, gemeente.code)
    key = {"gemeente": gemeente.code, "bron": bron, "sleutel": sleutel}
    async with connect_as(database, viewer) as connection:
        row = await queries.find_interventie(connection, key, gemeente.peiljaar(None) if gemeente.vintages else 0)
    if row is None:
        raise NotFound(GEEN_INTERVENTIE)
    return _interventie(viewer, gemeente, row)


def areas_of(gemeente: Gemeente, stadsdeel: str | None) -> frozenset[str] | None:
    """Every area that touches a stadsdeel, by code; None for no stadsdeel, InvalidParameters for one that is none."""
    if stadsdeel is None:
        return None
    jaar = gemeente.peiljaar(None) if gemeente.vintages else 0
    buurten = gemeente.leden(jaar, "stadsdeel").get(stadsdeel)
    if buurten is None:
        raise InvalidParameters(ParameterFault("stadsdeel", f"{stadsdeel[:40]!r} is geen stadsdeel."))
    levels = (gemeente.leden(jaar, niveau) for niveau in NIVEAUS if niveau != "gemeente")
    return frozenset(code for level in levels for code, members in level.items() if members & buurten)


def require_staff(viewer: Viewer, gemeente: str) -> None:
    if not viewer.works_in(gemeente) or not viewer.stadsdelen:
        raise NotFound("Dit adres bestaat niet.")


def is_own(viewer: Viewer, gemeente: Gemeente, codes: tuple[str, ...]) -> bool:
    """Whether all of these areas are the viewer's own."""
    return bool(codes) and all(gemeente.is_eigen(viewer, code) for code in codes)


def _interventie(viewer: Viewer, gemeente: Gemeente, row: Mapping[str, Any]) -> Interventie:
    codes = tuple(code.strip() for code in row["gebieden"] or ())
    lon = row.get("lon")
    shown = ("bron", "sleutel", "naam", "van", "tot", "signaal_bron", "categorie", "richting", "evaluatie_op", "versie")
    found = ("kosten", "kosten_bekend", "tekening", "omtrek", "oppervlakte")
    return Interventie(
        **{name: row[name] for name in (*shown, "gewijzigd_op")},
        **{name: row[name] for name in found if name in row},
        soort=row["soort"] or "",
        doel_nummer=row["doel"],
        partners=partner_names(row["partners"]),
        gebied_codes=codes,
        gebieden=tuple(gemeente.gebied_naam(code) for code in codes),
        eigen=row["bron"] == LOGBOEK and viewer.id is not None and is_own(viewer, gemeente, codes),
        midden=None if lon is None else (round(lon, 5), round(row["lat"], 5)),
    )
