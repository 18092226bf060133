"""Everything about one area on one page: where it lies, key figures, reports, visits, places and hotspots.

The comparison is the rate of the whole municipality in the same period, never a rank among areas.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from geo_service.db.engine import ReadConnection
from geo_service.db.queries import profiel as queries
from geo_service.domain.cijfers import Status
from geo_service.domain.gebieden import NIVEAUS
from geo_service.domain.perioden import Periode
from geo_service.errors import NotFound
from geo_service.identity import Viewer
from geo_service.release.beoordeling import GebiedCijfer, without_value
from geo_service.release.cijfers import CijferTabel, CijferVraag, Reeks, tabellen
from geo_service.release.context import Gemeente
from geo_service.release.features import cijfer_properties
from geo_service.release.kerncijfers import kerncijfers_van, read_kerncijfers
from geo_service.release.lagen import BEZOEKEN, MELDINGEN, Laag
from geo_service.release.opvallend import stands_out
from geo_service.release.perioden import FINENESS, choose_periode, reeks_perioden
from geo_service.release.plekken import reachable_places
from geo_service.release.vergelijkbaar import comparable_areas

KWARTALEN = 8
Document = dict[str, Any]


@dataclass(frozen=True)
class Profiel:
    """The parts of a profile as plain values.

    bereikbaar: of a buurt, the places within ten minutes' walk. vergelijkbaar: the areas of the same level that are
    most alike in housing and population. meldingen and bezoeken: one document per source, which are never added up;
    those and hotspots are None for a viewer who sees no figures. gevoelige_locaties: how many sensitive places a
    stadsdeel has, for its own staff.
    """

    gebied: Document
    kerncijfers: list[Document]
    plekken: Document
    bereikbaar: Document | None
    vergelijkbaar: Document
    meldingen: list[Document] | None
    bezoeken: list[Document] | None
    hotspots: list[Document] | None
    gevoelige_locaties: Document | None = None

    def as_dict(self) -> Document:
        """The document of ``/v1/gebieden/{code}/profiel``."""
        return {name: part for name, part in asdict(self).items() if part is not None}


@dataclass(frozen=True)
class _Gebied:
    """An area in the newest vintage that has it."""

    code: str
    niveau: str
    jaar: int
    buurten: frozenset[str]


async def profiel(connection: ReadConnection, viewer: Viewer, gemeente: Gemeente, code: str) -> Profiel:
    """The profile of one area as this viewer may see it; NotFound when no loaded vintage has the code."""
    gebied = _find(gemeente, code)
    area = await _area(connection, gemeente, gebied)
    figures = await read_kerncijfers(connection, gemeente.code)
    kern = kerncijfers_van(figures, gebied.code, gebied.buurten)
    plekken = await _plekken(connection, gemeente, gebied)
    nearby = await reachable_places(connection, gemeente, gebied.jaar, gebied.niveau, gebied.code)
    alike = comparable_areas(figures, gemeente, gebied.jaar, gebied.niveau, gebied.code)
    if not viewer.may_see_figures:
        return Profiel(area, kern, plekken, nearby, alike, None, None, None)
    lezer = _Lezer(connection, viewer, gemeente, gebied)
    meldingen = [await lezer.bron(MELDINGEN, naam) for naam in MELDINGEN.bronnen(gemeente)]
    bezoeken = [await lezer.bron(BEZOEKEN, naam) for naam in BEZOEKEN.bronnen(gemeente)]
    hotspots, gevoelig = await lezer.hotspots(), await _gevoelig(connection, viewer, gemeente, gebied)
    return Profiel(area, kern, plekken, nearby, alike, meldingen, bezoeken, hotspots, gevoelig)


def _find(gemeente: Gemeente, code: str) -> _Gebied:
    for vintage in reversed(gemeente.vintages):
        for niveau in NIVEAUS:
            buurten = gemeente.leden(vintage.jaar, niveau).get(code)
            if buurten is not None:
                return _Gebied(code, niveau, vintage.jaar, buurten)
    raise NotFound(f"Gebied {code[:40]!r} is niet bekend in {gemeente.naam}.")


async def _area(connection: ReadConnection, gemeente: Gemeente, gebied: _Gebied) -> Document:
    row = await queries.get_gebied(connection, gemeente.code, gebied.jaar, gebied.niveau, gebied.code) or {}
    benaderd = bool(row.get("benaderd"))
    grenzen = "benaderd, niet de officiële grenzen" if benaderd else "zoals geladen"
    return {
        "gebied_code": gebied.code,
        "gebied_naam": row.get("naam") or gemeente.gebied_naam(gebied.code),
        "niveau": gebied.niveau,
        "gemeente_code": gemeente.code,
        "gemeente_naam": gemeente.naam,
        "peiljaar": gebied.jaar,
        "oppervlakte_ha": None if row.get("oppervlakte_ha") is None else round(row["oppervlakte_ha"], 2),
        "benaderd": benaderd,
        "hoort_bij": _divisions(gemeente, gebied),
        "buurten": [] if gebied.niveau == "buurt" else [_named(gemeente, buurt) for buurt in sorted(gebied.buurten)],
        "herkomst": f"Gebiedsindeling {gebied.jaar}; grenzen: {grenzen}",
    }


def _named(gemeente: Gemeente, code: str) -> Document:
    return {"gebied_code": code, "gebied_naam": gemeente.gebied_naam(code)}


def _divisions(gemeente: Gemeente, gebied: _Gebied) -> list[Document]:
    """The areas of other divisions that the area lies in; geheel false where only a part of it does."""
    return [
        _named(gemeente, code) | {"niveau": niveau, "geheel": gebied.buurten <= buurten}
        for niveau in ("stadsdeel", "wijk", "wijkteamgebied")
        if niveau != gebied.niveau and gebied.niveau != "gemeente"
        for code, buurten in sorted(gemeente.leden(gebied.jaar, niveau).items())
        if gebied.buurten & buurten
    ]


async def _plekken(connection: ReadConnection, gemeente: Gemeente, gebied: _Gebied) -> Document:
    """Open places in the area per type. A layer that no source delivered is ``ontbreekt``, not zero."""
    current = gebied.jaar == gemeente.vintages[-1].jaar
    rows = await queries.count_plekken(connection, gemeente.code, sorted(gebied.buurten)) if current else []
    found = {}
    for laag in ("voorzieningen", "wijkwijzers"):
        bronnen = sorted(bron.naam for bron in gemeente.bronnen.values() if bron.laag == laag)
        known = bool(bronnen) and current
        types: dict[str, int] = {}
        for row in rows:
            if row["laag"] == laag:
                types[row["type"]] = types.get(row["type"], 0) + row["aantal"]
        found[laag] = {
            "aantal": sum(types.values()) if known else None,
            "status": (Status.OK if known else Status.ONTBREEKT).value,
            "per_type": [{"type": kind, "aantal": count} for kind, count in sorted(types.items())],
            "herkomst": f"Bron: {', '.join(bronnen) or 'geen'}; openbare plekken in gebieden van {gebied.jaar}",
        }
    return found


async def _gevoelig(connection: ReadConnection, viewer: Viewer, gemeente: Gemeente, gebied: _Gebied) -> Document | None:
    """How many sensitive places a stadsdeel has, for its own staff only."""
    current = gebied.jaar == gemeente.vintages[-1].jaar
    if gebied.niveau != "stadsdeel" or not current or not viewer.owns(gemeente.code, gebied.code):
        return None
    bronnen = sorted(bron.naam for bron in gemeente.bronnen.values() if bron.laag == "voorzieningen")
    return {
        "aantal": await queries.count_gevoelig(connection, gemeente.code, gebied.code) if bronnen else None,
        "status": (Status.OK if bronnen else Status.ONTBREEKT).value,
        "herkomst": f"Bron: {', '.join(bronnen) or 'geen'}; opvang, doorstroomwoningen en crisisplekken bij elkaar, in "
        f"het stadsdeel van {gebied.jaar}; waar zij zijn toont deze dienst aan niemand",
    }


@dataclass(frozen=True)
class _Lezer:
    """Reads the figures of one area for one viewer."""

    connection: ReadConnection
    viewer: Viewer
    gemeente: Gemeente
    gebied: _Gebied

    async def bron(self, laag: Laag, naam: str) -> Document:
        """One source: the default period per category, what stands out in it, and the last quarters; beside each the
        same figures of the municipality."""
        periode = choose_periode(self.gemeente, self.viewer, naam, None)
        known = await laag.load_categorieen(self.connection, self.gemeente.code)
        categorieen = [code for code, categorie in known.items() if categorie.overzicht]
        vraag = CijferVraag(self.gebied.niveau, naam, gebied=self.gebied.code)
        now = await self._figures(laag, Reeks(vraag, [periode], categorieen))
        whole = CijferVraag("gemeente", naam, noemer=now[0]["noemer_soort"], gebied=self.gemeente.code)
        total = await self._figures(laag, Reeks(whole, [periode], categorieen))
        recent = _recent(self.gemeente.bronnen[naam].fijnste_periode, periode)
        return {
            "bron": naam,
            "periode": periode.code,
            "periode_naam": periode.naam,
            "totaal": now[0],
            "per_categorie": now[1:],
            "gemeente": total[0],
            "gemeente_per_categorie": total[1:],
            "reeks": await self._figures(laag, Reeks(vraag, recent)),
            "gemeente_reeks": await self._figures(laag, Reeks(whole, recent)),
            "opvallend": stands_out(now[1:], total[1:]) if laag is MELDINGEN else None,
            "dekking": self.gemeente.dekking_tekst(naam),
            "herkomst": now[0]["herkomst"],
        }

    async def _figures(self, laag: Laag, reeks: Reeks) -> list[Document]:
        found = await tabellen(self.connection, self.viewer, self.gemeente, laag, reeks)
        return [self._published(tabel, reeks.vraag.gebied or "") for tabel in found]

    def _published(self, tabel: CijferTabel, code: str) -> Document:
        """The figure of an area; ``ontbreekt`` when the vintage of the period does not have it."""
        missing = GebiedCijfer(code, without_value(Status.ONTBREEKT, None, 0.0), None)
        properties = cijfer_properties(tabel, next(iter(tabel.rijen), missing))
        return properties | {"categorie_naam": tabel.categorie_naam, "periode_naam": tabel.periode.naam}

    async def hotspots(self) -> list[Document]:
        """How many hotspots over all reports touch the area per source and period, newest first; staff see their own
        stadsdelen at the staff threshold, everything else at the public one."""

        def own(row: Document) -> bool:
            return self.viewer.owns(self.gemeente.code, row["stadsdeel_code"])

        public = await queries.list_hotspot_buurten(self.connection, self.gemeente.code, schema="publiek")
        rows = [row for row in public if not own(row)]
        if self.viewer.scoped:
            staff = await queries.list_hotspot_buurten(self.connection, self.gemeente.code, schema="intern")
            rows += [row for row in staff if own(row)]
        touching = [row for row in rows if self.gebied.buurten & set(row["buurten"])]
        counted = Counter((row["van"], row["periode"], row["bron"]) for row in touching)
        return [
            {
                "bron": bron,
                "periode": periode,
                "aantal": count,
                "herkomst": f"Bron: {bron}; dekking: {self.gemeente.dekking_tekst(bron)}",
            }
            for (_, periode, bron), count in sorted(counted.items(), reverse=True)
        ]


def _recent(fijnste_periode: str | None, last: Periode) -> list[Periode]:
    """The last eight quarters up to and including the one that ends with the period; years of a source per year."""
    soort = "kwartaal" if FINENESS[fijnste_periode or "dag"] <= FINENESS["kwartaal"] else "jaar"
    return list(reeks_perioden(date(last.tot.year - KWARTALEN, 1, 1), last.tot, soort))[-KWARTALEN:]
