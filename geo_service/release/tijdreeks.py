"""Figures of one area period after period: each point is the figure that a question about that period alone gives."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from itertools import islice, pairwise
from typing import Any

from geo_service.db.engine import ReadConnection
from geo_service.db.queries.vintages import compare_buurten
from geo_service.domain.cijfers import Status
from geo_service.domain.gebieden import NIVEAUS
from geo_service.domain.perioden import Periode
from geo_service.errors import Faults, NotFound
from geo_service.identity import Viewer
from geo_service.release.beoordeling import GebiedCijfer, without_value
from geo_service.release.cijfers import ALLES, CijferTabel, CijferVraag, Reeks, find_bron, require_figures, tabellen
from geo_service.release.context import Gemeente
from geo_service.release.features import cijfer_properties
from geo_service.release.lagen import LAGEN, MELDINGEN, Laag
from geo_service.release.perioden import FINENESS, LATTICE_KINDS, covered_span, reeks_perioden
from geo_service.release.vintages import SAME_AREA

MAX_PUNTEN = 731
EERSTE_DAG, LAATSTE_DAG = date(1900, 1, 1), date(2199, 12, 31)


@dataclass(frozen=True)
class TijdreeksVraag:
    """A question about one area. laag: ``meldingen`` or ``bezoeken``; soort: of the periods; van, tot: the days that
    the periods must touch (None: as far as the source covers). The others as in CijferVraag."""

    gebied: str
    niveau: str = "buurt"
    laag: str = MELDINGEN.naam
    bron: str | None = None
    categorie: str = ALLES
    noemer: str | None = None
    soort: str = "kwartaal"
    van: date | None = None
    tot: date | None = None


@dataclass(frozen=True)
class Tijdreeks:
    """The tables of the periods, oldest first, each with one row: the figure of the area."""

    gebied_code: str
    gebied_naam: str
    soort: str
    tabellen: tuple[CijferTabel, ...]

    @property
    def rijen(self) -> tuple[GebiedCijfer, ...]:
        return tuple(tabel.rijen[0] for tabel in self.tabellen)

    def properties(self) -> list[dict[str, Any]]:
        """The published properties of each figure, as in ``meldingen-per-gebied``."""
        return [cijfer_properties(tabel, tabel.rijen[0]) for tabel in self.tabellen]


async def tijdreeks(connection: ReadConnection, viewer: Viewer, gemeente: Gemeente, vraag: TijdreeksVraag) -> Tijdreeks:
    """The series of one area; the number of queries does not depend on the number of periods.

    A period in which the source covers nothing is ``niet_gedekt``, one that the public may not read yet ``ontbreekt``,
    and so is one whose vintage does not have the area. Where the area changed between two vintages the first period
    after it says so as a trend break. NotFound without any data; InvalidParameters names what is wrong.
    """
    require_figures(viewer)
    laag, bron = _check(viewer, gemeente, vraag)
    perioden = _perioden(gemeente, vraag, bron)
    asked = CijferVraag(vraag.niveau, bron, vraag.categorie, None, vraag.noemer, vraag.gebied)
    found = await tabellen(connection, viewer, gemeente, laag, Reeks(asked, perioden))
    jaren = {tabel.geteld_in for tabel in found}
    changes = await area_changes(connection, gemeente, (vraag.niveau, vraag.gebied), jaren)
    filled = [_with_row(gemeente, tabel, vraag.gebied, changes.get(tabel.geteld_in)) for tabel in found]
    return Tijdreeks(vraag.gebied, gemeente.gebied_naam(vraag.gebied), vraag.soort, tuple(filled))


def _check(viewer: Viewer, gemeente: Gemeente, vraag: TijdreeksVraag) -> tuple[Laag, str]:
    """The layer and source that are meant."""
    faults = Faults()
    faults.require("laag", vraag.laag, LAGEN)
    faults.require("niveau", vraag.niveau, NIVEAUS)
    faults.require("soort", vraag.soort, FINENESS)
    if not viewer.scoped and vraag.soort in set(FINENESS) - set(LATTICE_KINDS):
        faults.add("soort", "alleen kwartaal en jaar zijn openbaar. Log in voor maanden, weken en dagen.")
    for name, day in (("van", vraag.van), ("tot", vraag.tot)):
        if day is not None and not EERSTE_DAG <= day <= LAATSTE_DAG:
            faults.add(name, f"kies een dag van {EERSTE_DAG.year} tot en met {LAATSTE_DAG.year}.")
    if vraag.van and vraag.tot and vraag.van > vraag.tot:
        faults.add("tot", "de laatste dag ligt voor de eerste.")
    faults.raise_any()
    laag = LAGEN[vraag.laag]
    naam = vraag.bron or next(iter(laag.bronnen(gemeente)), None)
    if naam is None:
        raise NotFound(f"Er zijn nog geen {laag.naam} van {gemeente.naam} geladen.")
    return laag, find_bron(gemeente, laag, naam).naam


def _perioden(gemeente: Gemeente, vraag: TijdreeksVraag, bron: str) -> list[Periode]:
    """The periods that touch the asked days; what was not asked reaches as far as the source covers."""
    span = covered_span(gemeente, bron)
    van, tot = vraag.van or (span and span[0]), vraag.tot or (span and span[1])
    if van is None or tot is None:
        raise NotFound(f"Van bron {bron} is geen dekking bekend. Vraag met van en tot welke perioden u wilt zien.")
    found = list(islice(reeks_perioden(van, tot, vraag.soort), MAX_PUNTEN + 1))
    faults = Faults()
    if len(found) > MAX_PUNTEN:
        faults.add("soort", f"dit zijn meer dan {MAX_PUNTEN} perioden. Kies een grotere soort, of een kortere tijd.")
    if not found:
        faults.add("van" if vraag.van else "tot", "in deze tijd heeft de bron geen enkele periode.")
    faults.raise_any()
    return found


def _with_row(gemeente: Gemeente, tabel: CijferTabel, gebied: str, change: str | None) -> CijferTabel:
    """The table with exactly the area's row, and what changed about the area."""
    rij = next(iter(tabel.rijen), None) or GebiedCijfer(gebied, without_value(Status.ONTBREEKT, None, 0.0), None)
    if change and _is_first(gemeente, tabel):
        rij = replace(rij, trendbreuk="; ".join(filter(None, (rij.trendbreuk, change))))
    return replace(tabel, rijen=(rij,))


def _is_first(gemeente: Gemeente, tabel: CijferTabel) -> bool:
    """Whether the period is the first of its kind in its vintage."""
    van = gemeente.vintage(tabel.periode.van).van
    return van is not None and (tabel.periode.van - van).days < tabel.periode.dagen


async def area_changes(
    connection: ReadConnection, gemeente: Gemeente, area: tuple[str, str], jaren: Iterable[int]
) -> dict[int, str]:
    """Per vintage but the first of these: what became different about an area (level, code), as text."""
    niveau, code = area
    changes = {}
    for earlier, later in pairwise(sorted(jaren)):
        before, after = (gemeente.leden(jaar, niveau).get(code, frozenset()) for jaar in (earlier, later))
        overlap = await compare_buurten(connection, gemeente.code, (earlier, later), sorted(before | after))
        if any(share < SAME_AREA for share in overlap.values()):
            changes[later] = f"1 januari {later}: het gebied heeft andere grenzen dan in de indeling van {earlier}"
        elif before != after:
            changes[later] = (
                f"1 januari {later}: het gebied bestaat uit andere buurten dan in de indeling van {earlier}"
            )
    return changes
