"""Reports per area: every figure with its status, interval, source, period and coverage."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from geo_service.db.queries import cijfers as queries
from geo_service.db.queries import context as context_queries
from geo_service.domain.cijfers import Cijfer, Status, make_cijfer
from geo_service.domain.gebieden import BUITEN, NIVEAUS
from geo_service.domain.perioden import Periode
from geo_service.errors import Faults, NotFound
from geo_service.identity import Viewer
from geo_service.release.context import Bron, Gemeente
from geo_service.release.noemers import INDICATOREN, Noemers, load_noemers
from geo_service.release.perioden import FINENESS, allowed_periode, choose_periode
from geo_service.settings import get_settings

ALLES = "alle"
# Which levels can be made from a source that reports per this area.
REACHABLE = {
    "buurt": frozenset(NIVEAUS),
    "wijk": frozenset({"wijk", "gemeente"}),
    "stadsdeel": frozenset({"stadsdeel", "gemeente"}),
    "wijkteamgebied": frozenset({"wijkteamgebied"}),
    "gemeente": frozenset({"gemeente"}),
}


@dataclass(frozen=True)
class CijferVraag:
    """A question about figures; None means: choose what is most useful."""

    niveau: str = "buurt"
    bron: str | None = None
    categorie: str = ALLES
    periode: str | None = None
    noemer: str | None = None
    gebied: str | None = None
    peiljaar: int | None = None


@dataclass(frozen=True)
class GebiedCijfer:
    """One row of the answer. buiten_dekking: reports outside the coverage, for who sees the whole area only."""

    gebied_code: str
    cijfer: Cijfer
    trendbreuk: str | None
    buiten_dekking: int | None = None


@dataclass(frozen=True)
class CijferTabel:
    """The answer to a question about figures, with what was chosen and where it comes from."""

    gemeente: Gemeente
    bron: Bron
    niveau: str
    categorie: str
    categorie_naam: str
    periode: Periode
    peiljaar: int
    noemers: Noemers
    noemer_gevraagd: str | None
    rijen: tuple[GebiedCijfer, ...]
    drempel: int

    @property
    def herkomst(self) -> str:
        """Source, unit, coverage, date and denominators in one Dutch line; goes along with every figure."""
        bron = self.bron
        parts = [f"Bron: {bron.naam}" + (f" ({bron.houder})" if bron.houder else "")]
        if bron.registratie_eenheid:
            parts.append(f"eenheid: {bron.registratie_eenheid}")
        if bron.definitie:
            parts.append(f"definitie: {bron.definitie}")
        parts.append(f"dekking: {self.gemeente.dekking_tekst(bron.naam)}")
        if bron.peildatum is not None:
            parts.append(f"stand van {bron.peildatum:%d-%m-%Y}")
        if self.noemers.jaar is not None:
            parts.append(f"{self.noemers.soort} uit {self.noemers.jaar} ({self.noemers.bron})")
        parts.append(f"gebieden van {self.peiljaar}")
        return "; ".join(parts)


def require_figures(viewer: Viewer) -> None:
    """Refuse roles that see no figures on screens; for them there is nothing here."""
    if not viewer.may_see_figures:
        raise NotFound("Met uw rol zijn er geen cijfers op het scherm; u ziet ze in de laadverslagen.")


async def meldingen_per_gebied(
    connection: AsyncConnection, viewer: Viewer, gemeente: Gemeente, vraag: CijferVraag
) -> CijferTabel | None:
    """Figures of one level, source, category and period; None when the municipality has no reports at all.

    Public viewers read the released lattice; scoped viewers a live sum: their own areas complete, others from the
    staff threshold up. connection must be of the viewer's own database role.
    """
    require_figures(viewer)
    naam = vraag.bron or next(iter(gemeente.melding_bronnen()), None)
    if naam is None:
        return None
    names = await categorie_namen(connection)
    bron, periode, peiljaar = _resolve(gemeente, viewer, naam, vraag, names)
    noemers = await choose_noemers(connection, gemeente, vraag.noemer, periode)
    question = _Question(gemeente, viewer, bron, vraag.niveau, vraag.categorie, periode, peiljaar, noemers)
    cells = await question.counts(connection)
    rijen = tuple(
        question.judge(code, buurten, cells.get(code, {}))
        for code, buurten in sorted(gemeente.leden(peiljaar, vraag.niveau).items())
        if vraag.gebied is None or code == vraag.gebied
    )
    if viewer.sees_whole(gemeente.code) and vraag.gebied in (None, BUITEN) and BUITEN in cells:
        rijen += (_outside(cells[BUITEN]),)
    drempel = get_settings().drempel_dienst if viewer.scoped else get_settings().drempel_publiek
    return CijferTabel(
        gemeente,
        bron,
        vraag.niveau,
        vraag.categorie,
        names[vraag.categorie],
        periode,
        peiljaar,
        noemers,
        vraag.noemer,
        rijen,
        drempel,
    )


def _resolve(
    gemeente: Gemeente, viewer: Viewer, naam: str, vraag: CijferVraag, categorieen: Iterable[str]
) -> tuple[Bron, Periode, int]:
    """The source, period and vintage that are meant; InvalidParameters names everything that is wrong at once."""
    faults = Faults()
    faults.require("niveau", vraag.niveau, NIVEAUS)
    faults.require("categorie", vraag.categorie, categorieen)
    faults.require("noemer", vraag.noemer, INDICATOREN)
    bron = faults.catch(lambda: gemeente.bron(naam))
    faults.catch(lambda: allowed_periode(viewer, vraag.periode))
    faults.raise_any()
    periode = choose_periode(gemeente, viewer, naam, vraag.periode)
    peiljaar = gemeente.vintage(periode.van).jaar
    if vraag.peiljaar not in (None, peiljaar):
        faults.add("peiljaar", f"deze periode is geteld in de gebiedsindeling van {peiljaar}; een andere kan nog niet.")
    areas = {*gemeente.leden(peiljaar, vraag.niveau), *([BUITEN] if viewer.sees_whole(gemeente.code) else [])}
    if vraag.gebied is not None and vraag.gebied not in areas:
        faults.add("gebied", f"{vraag.gebied[:40]!r} is geen {vraag.niveau} van {gemeente.naam}.")
    faults.raise_any()
    return bron or gemeente.bron(naam), periode, peiljaar


async def categorie_namen(connection: AsyncConnection) -> dict[str, str]:
    """Names of all categories by code, the sum of all included."""
    rows = await context_queries.list_categorieen(connection)
    return {ALLES: "Alle categorieën"} | {row["code"]: row["naam"] for row in rows}


async def choose_noemers(
    connection: AsyncConnection, gemeente: Gemeente, asked: str | None, periode: Periode
) -> Noemers:
    """The asked denominator; when none was asked the first of dwellings, inhabitants, households that is known."""
    for soort in [asked] if asked else list(INDICATOREN):
        noemers = await load_noemers(connection, gemeente.code, soort, periode.van.year)
        if noemers.waarden or asked:
            return noemers
    return noemers


@dataclass(frozen=True)
class _Question:
    """One resolved question; judges cell after cell."""

    gemeente: Gemeente
    viewer: Viewer
    bron: Bron
    niveau: str
    categorie: str
    periode: Periode
    peiljaar: int
    noemers: Noemers

    async def counts(self, connection: AsyncConnection) -> dict[str, dict[str, Any]]:
        cell = queries.CelVraag(self.gemeente.code, self.bron.naam, self.categorie, self.niveau)
        if self.viewer.scoped:
            days = (self.periode.van, self.periode.tot)
            rows = await queries.live_counts(connection, cell, peiljaar=self.peiljaar, days=days)
        else:
            rows = await queries.released_counts(connection, cell, periode=self.periode.code)
        return {row["gebied_code"]: row for row in rows}

    def judge(self, code: str, buurten: frozenset[str], cell: dict[str, Any]) -> GebiedCijfer:
        noemer = self.noemers.for_area(code, buurten)
        dekking = self.gemeente.dekking_van(self.bron.naam, self.peiljaar, buurten, self.periode)
        breuken = "; ".join(self.gemeente.breuken(self.bron.naam, buurten, self.periode, self.peiljaar)) or None
        if dekking > 0 and not delivers(self.bron, self.niveau, self.periode):
            missing = Cijfer(None, noemer, None, None, None, Status.ONTBREEKT, dekking)
            return GebiedCijfer(code, missing, breuken)
        if not self.viewer.scoped:
            return GebiedCijfer(code, self._released(cell, noemer, dekking), breuken)
        own = buurten <= self.gemeente.eigen_buurten(self.viewer, self.peiljaar)
        drempel = 0 if own else get_settings().drempel_dienst
        cijfer = make_cijfer(cell.get("aantal", 0), noemer=noemer, dekking=dekking, drempel=drempel)
        return GebiedCijfer(code, cijfer, breuken, cell.get("buiten_dekking", 0) if own else None)

    def _released(self, cell: dict[str, Any], noemer: float | None, dekking: float) -> Cijfer:
        """A cell of the lattice; a period that was not released yet says nothing."""
        key = (self.bron.naam, self.periode.code)
        if not any((row["bron"], row["periode"]) == key for row in self.gemeente.vrijgaven):
            status = Status.NIET_GEDEKT if dekking <= 0 else Status.ONTBREEKT
            return Cijfer(None, noemer, None, None, None, status, dekking)
        if cell.get("status") == Status.ONDERDRUKT:
            return Cijfer(None, noemer, None, None, None, Status.ONDERDRUKT, dekking)
        drempel = get_settings().drempel_publiek
        return make_cijfer(cell.get("aantal") or 0, noemer=noemer, dekking=dekking, drempel=drempel)


def delivers(bron: Bron, niveau: str, periode: Periode) -> bool:
    """Whether a source can say anything at this level and for a period this short."""
    if niveau not in REACHABLE.get(bron.fijnste_niveau or "buurt", frozenset(NIVEAUS)):
        return False
    return periode.soort == "bereik" or FINENESS[periode.soort] >= FINENESS[bron.fijnste_periode or "dag"]


def _outside(cell: dict[str, Any]) -> GebiedCijfer:
    count = cell["aantal"] + cell["buiten_dekking"]
    return GebiedCijfer(BUITEN, Cijfer(count, None, None, None, None, Status.OK, 1.0), None, 0)
