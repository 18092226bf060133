"""Reports per area: every figure with its status, interval, source, period and coverage.

One question becomes one table per period; all periods together cost as many queries as one of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from geo_service.db.engine import ReadConnection
from geo_service.db.queries import cijfers as queries
from geo_service.domain.gebieden import BUITEN, NIVEAUS
from geo_service.domain.perioden import Periode
from geo_service.errors import Faults, InvalidParameters, NotFound, ParameterFault
from geo_service.identity import Viewer
from geo_service.release.beoordeling import Beoordeling, GebiedCijfer, outside
from geo_service.release.cellen import Cellen
from geo_service.release.context import Bron, Gemeente
from geo_service.release.lagen import ALLES, MELDINGEN, Categorie, Laag, melding_categorieen
from geo_service.release.noemers import INDICATOREN, Noemers, load_noemers
from geo_service.release.perioden import allowed_periode, choose_periode
from geo_service.release.vintages import require_same_areas
from geo_service.settings import get_settings

Getallen = dict[tuple[str, str, str], dict[str, Any]]

__all__ = ["ALLES", "CijferTabel", "CijferVraag", "GebiedCijfer", "meldingen_per_gebied", "meldingen_reeks"]


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
class Reeks:
    """A question asked for many periods and categories at once; None: only those of the question itself."""

    vraag: CijferVraag
    perioden: Sequence[Periode] | None = None
    categorieen: Sequence[str] | None = None


@dataclass(frozen=True)
class CijferTabel:
    """The answer to a question about figures, with what was chosen and where it comes from.

    peiljaar: the vintage of the areas shown; geteld_in: the one that the reports were counted in.
    """

    gemeente: Gemeente
    bron: Bron
    niveau: str
    categorie: str
    categorie_naam: str
    periode: Periode
    peiljaar: int
    noemers: Noemers
    rijen: tuple[GebiedCijfer, ...]
    drempel: int
    geteld_in: int
    laag: Laag = MELDINGEN

    def gebied_naam(self, code: str) -> str:
        """The name of an area, also of the row for what lies in no known area."""
        return self.laag.buiten_naam if code == BUITEN else self.gemeente.gebied_naam(code)

    @property
    def herkomst(self) -> str:
        """Source, unit, coverage, date and denominators in one Dutch line; goes along with every figure."""
        bron = self.bron
        parts = [f"Bron: {bron.naam}" + (f" ({bron.houder})" if bron.houder else "")]
        if bron.registratie_eenheid:
            parts.append(f"eenheid: {bron.registratie_eenheid}")
        if bron.definitie:
            parts.append(f"definitie: {bron.definitie}")
        if self.laag.uitleg:
            parts.append(self.laag.uitleg)
        parts.append(f"dekking: {self.gemeente.dekking_tekst(bron.naam)}")
        if bron.peildatum is not None:
            parts.append(f"stand van {bron.peildatum:%d-%m-%Y}")
        if self.noemers.jaar is not None:
            parts.append(f"{self.noemers.soort} uit {self.noemers.jaar} ({self.noemers.bron})")
        counted = "" if self.geteld_in == self.peiljaar else f", geteld in de indeling van {self.geteld_in}"
        parts.append(f"gebieden van {self.peiljaar}{counted}")
        return "; ".join(parts)


async def categorie_namen(connection: ReadConnection) -> dict[str, str]:
    """Names of all categories of reports by code, the sum of all included; they are the same everywhere."""
    found = await melding_categorieen(connection)
    return {code: categorie.naam for code, categorie in found.items()}


def require_figures(viewer: Viewer) -> None:
    """Refuse roles that see no figures on screens; for them there is nothing here."""
    if not viewer.may_see_figures:
        raise NotFound("Met uw rol zijn er geen cijfers op het scherm; u ziet ze in de laadverslagen.")


async def meldingen_per_gebied(
    connection: ReadConnection, viewer: Viewer, gemeente: Gemeente, vraag: CijferVraag
) -> CijferTabel | None:
    """Figures of one level, source, category and period; None when the municipality has no reports at all.

    Public viewers read the released lattice; scoped viewers a live sum of their own areas, complete, and of others what
    was released to staff. connection must be of the viewer's own database role.
    """
    return await one_tabel(connection, viewer, gemeente, MELDINGEN, vraag)


async def meldingen_reeks(
    connection: ReadConnection, viewer: Viewer, gemeente: Gemeente, vraag: CijferVraag, perioden: Sequence[Periode]
) -> list[CijferTabel]:
    """One table per period, each equal to the answer about that period alone; as many queries as for one."""
    return await tabellen(connection, viewer, gemeente, MELDINGEN, Reeks(vraag, perioden))


async def one_tabel(
    connection: ReadConnection, viewer: Viewer, gemeente: Gemeente, laag: Laag, vraag: CijferVraag
) -> CijferTabel | None:
    """The table of a question about one period; None when the layer has no data at all."""
    found = await tabellen(connection, viewer, gemeente, laag, Reeks(vraag))
    return found[0] if found else None


async def tabellen(
    connection: ReadConnection, viewer: Viewer, gemeente: Gemeente, laag: Laag, reeks: Reeks
) -> list[CijferTabel]:
    """One table per asked category and period; without periods the one of the question, else the default. Empty
    without any data.

    Of a period whose vintage does not have the asked area the table has no rows.
    """
    require_figures(viewer)
    naam = reeks.vraag.bron or next(iter(laag.bronnen(gemeente)), None)
    if naam is None:
        return []
    vraag = replace(reeks.vraag, bron=naam)
    known = await laag.load_categorieen(connection, gemeente.code)
    bron = _check(gemeente, viewer, laag, vraag, known)
    perioden = reeks.perioden
    if perioden is None:
        perioden = [choose_periode(gemeente, viewer, naam, vraag.periode)]
    categorieen = {code: known[code] for code in reeks.categorieen or (vraag.categorie,)}
    getallen = _Vraag(connection, viewer, gemeente, laag, bron, vraag, categorieen)
    getallen.require_area(perioden)
    await getallen.require_peiljaar(perioden)
    noemers = await load_noemers(connection, gemeente.code, vraag.noemer, [p.van.year for p in perioden])
    cells = await getallen.counts(perioden) if perioden else {}
    return [getallen.tabel(code, p, noemers[p.van.year], cells) for code in categorieen for p in perioden]


def _check(gemeente: Gemeente, viewer: Viewer, laag: Laag, vraag: CijferVraag, categorieen: Iterable[str]) -> Bron:
    """The source that is meant; InvalidParameters names everything that is wrong at once."""
    faults = Faults()
    faults.require("niveau", vraag.niveau, NIVEAUS)
    faults.require("categorie", vraag.categorie, categorieen)
    faults.require("noemer", vraag.noemer, INDICATOREN)
    bron = faults.catch(lambda: find_bron(gemeente, laag, vraag.bron or ""))
    faults.catch(lambda: allowed_periode(viewer, vraag.periode))
    if vraag.peiljaar is not None:
        faults.catch(lambda: gemeente.peiljaar(vraag.peiljaar))
    faults.raise_any()
    return bron or find_bron(gemeente, laag, vraag.bron or "")


def find_bron(gemeente: Gemeente, laag: Laag, naam: str) -> Bron:
    """A source of this layer, or one that is registered and has no data yet."""
    bron = gemeente.bronnen.get(naam)
    if bron is None or bron.laag not in (None, laag.naam):
        listed = ", ".join(sorted(laag.bronnen(gemeente))) or "geen"
        reason = f"{naam[:60]!r} is onbekend in {gemeente.naam}. Bekend: {listed}."
        raise InvalidParameters(ParameterFault("bron", reason))
    return bron


@dataclass(frozen=True)
class _Vraag:
    """One question whose source and categories are known; counts and judges its periods."""

    connection: ReadConnection
    viewer: Viewer
    gemeente: Gemeente
    laag: Laag
    bron: Bron
    vraag: CijferVraag
    categorieen: dict[str, Categorie]

    def geteld_in(self, periode: Periode) -> int:
        return self.gemeente.vintage(periode.van).jaar

    def peiljaar(self, periode: Periode) -> int:
        return self.vraag.peiljaar or self.geteld_in(periode)

    @property
    def _rest_visible(self) -> bool:
        """Whether there is a row for what lies in no known area: never beside a total that includes it."""
        inside = self.laag.rest_telt and self.vraag.niveau == "gemeente"
        return self.viewer.sees_whole(self.gemeente.code) and not inside

    def require_area(self, perioden: Sequence[Periode]) -> None:
        """The asked area must exist in the vintage of at least one of the periods."""
        gebied, niveau = self.vraag.gebied, self.vraag.niveau
        if gebied is None or (gebied == BUITEN and self._rest_visible):
            return
        if not any(gebied in self.gemeente.leden(self.peiljaar(periode), niveau) for periode in perioden):
            reason = f"{gebied[:40]!r} is geen {niveau} van {self.gemeente.naam}."
            raise InvalidParameters(ParameterFault("gebied", reason))

    async def require_peiljaar(self, perioden: Sequence[Periode]) -> None:
        asked = self.vraag.peiljaar
        others = {self.geteld_in(periode) for periode in perioden} - {asked} if asked is not None else set()
        code = None if self.vraag.gebied == BUITEN else self.vraag.gebied
        fixed = not self.viewer.scoped or (self.bron.fijnste_niveau or "buurt") != "buurt"
        for jaar in sorted(others):
            area = (self.vraag.niveau, code)
            await require_same_areas(self.connection, self.gemeente, (jaar, asked or jaar), area, fixed=fixed)

    async def counts(self, perioden: Sequence[Periode]) -> Getallen:
        """Counts by (category, period, area), in one query."""
        only = len(self.categorieen) == 1
        delen = {code: None if only and found.alles else found.delen for code, found in self.categorieen.items()}
        cel = queries.CelVraag(self.gemeente.code, self.bron.naam, delen)
        if not self.viewer.works_in(self.gemeente.code):
            return await self._released(cel, perioden, queries.PUBLIEK)
        asked = [queries.PeriodeVraag(p.code, p.van, p.tot, self.geteld_in(p)) for p in perioden]
        rows = await queries.live_counts(self.connection, cel, asked, self._cellentabel(perioden))
        own = self._per_area(rows, {periode.code: self.peiljaar(periode) for periode in perioden})
        if self.viewer.sees_whole(self.gemeente.code):
            return own
        # The database shows the own stadsdelen only; of the others there is what was released to all staff.
        areas = {periode.code: self._own_areas(periode) for periode in perioden}
        found = await self._released(cel, perioden, queries.DIENST)
        kept = {key: row for key, row in own.items() if key[2] in areas[key[1]]}
        return {key: row for key, row in found.items() if key[2] not in areas[key[1]]} | kept

    async def _released(self, cel: queries.CelVraag, perioden: Sequence[Periode], table: str) -> Getallen:
        codes, vraag = [periode.code for periode in perioden], self.vraag
        rows = await queries.released_counts(
            self.connection, cel, vraag.niveau, codes, gebied=vraag.gebied, table=table
        )
        return {(row["categorie"], row["periode"], row["gebied_code"]): row for row in rows}

    def _own_areas(self, periode: Periode) -> frozenset[str]:
        peiljaar = self.peiljaar(periode)
        buurten = self.gemeente.eigen_buurten(self.viewer, self.geteld_in(periode))
        buurten &= self.gemeente.eigen_buurten(self.viewer, peiljaar)
        leden = self.gemeente.leden(peiljaar, self.vraag.niveau)
        return frozenset(code for code, members in leden.items() if members <= buurten)

    def _cellen(self, jaar: int) -> Cellen:
        return Cellen(
            self.gemeente.code, {niveau: self.gemeente.leden(jaar, niveau) for niveau in NIVEAUS}, self.laag.rest_telt
        )

    def _cellentabel(self, perioden: Sequence[Periode]) -> queries.Cellentabel:
        jaren = sorted({self.geteld_in(periode) for periode in perioden})
        cellen = {jaar: self._cellen(jaar) for jaar in jaren}
        gedekt = [
            (jaar, *row)
            for jaar in jaren
            for row in cellen[jaar].covered(self.gemeente.dekkingen(self.bron.naam, jaar))
        ]
        gebied, niveau = self.vraag.gebied, self.vraag.niveau
        alleen = None
        if gebied not in (None, BUITEN) and niveau != "gemeente":
            shown = {self.peiljaar(periode) for periode in perioden}
            alleen = frozenset().union(*(self._cellen(jaar).of_area(niveau, gebied) for jaar in shown))
        return queries.Cellentabel([(jaar, cel) for jaar in jaren for cel in cellen[jaar].buurten], gedekt, alleen)

    def _per_area(self, rows: Iterable[dict[str, Any]], peiljaren: dict[str, int]) -> Getallen:
        """Add up cells to areas of the vintage that is shown; ``buiten`` is an area of its own besides."""
        areas = {jaar: self._areas_by_cell(jaar) for jaar in set(peiljaren.values())}
        found: Getallen = {}
        for row in rows:
            for area in areas[peiljaren[row["periode"]]].get(row["cel"], ()):
                total = found.setdefault((row["categorie"], row["periode"], area), {"aantal": 0, "buiten_dekking": 0})
                total["aantal"] += row["aantal"]
                total["buiten_dekking"] += row["buiten_dekking"]
        return found

    def _areas_by_cell(self, jaar: int) -> dict[str, list[str]]:
        cellen, niveau = self._cellen(jaar), self.vraag.niveau
        areas: dict[str, list[str]] = {BUITEN: [BUITEN]}
        for code in self.gemeente.leden(jaar, niveau):
            for cel in cellen.of_area(niveau, code):
                areas.setdefault(cel, []).append(code)
        return areas

    def tabel(self, categorie: str, periode: Periode, noemers: Noemers, cells: Getallen) -> CijferTabel:
        vraag, gemeente = self.vraag, self.gemeente
        geteld_in, peiljaar = self.geteld_in(periode), self.peiljaar(periode)
        oordeel = Beoordeling(gemeente, self.viewer, self.bron, vraag.niveau, periode, geteld_in, peiljaar, noemers)
        rijen = tuple(
            oordeel.judge(code, buurten, cells.get((categorie, periode.code, code), {}))
            for code, buurten in sorted(gemeente.leden(peiljaar, vraag.niveau).items())
            if vraag.gebied in (None, code)
        )
        rest = cells.get((categorie, periode.code, BUITEN))
        if rest and vraag.gebied in (None, BUITEN) and self._rest_visible:
            rijen += (outside(rest),)
        settings = get_settings()
        return CijferTabel(
            gemeente,
            self.bron,
            vraag.niveau,
            categorie,
            self.categorieen[categorie].naam,
            periode,
            peiljaar,
            noemers,
            rijen,
            settings.drempel_dienst if self.viewer.works_in(gemeente.code) else settings.drempel_publiek,
            geteld_in,
            self.laag,
        )
