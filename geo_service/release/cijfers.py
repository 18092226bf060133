"""Reports per area: every figure with its status, interval, source, period and coverage.

One question becomes one table per period; all periods together cost as many queries as one of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from geo_service.db.engine import Question, ReadConnection
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


def _by_cell(rows: Iterable[dict[str, Any]]) -> Getallen:
    return {(row["categorie"], row["periode"], row["gebied_code"]): row for row in rows}


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
        """Counts by (category, period, area), in one journey to the database."""
        only = len(self.categorieen) == 1
        delen = {code: None if only and found.alles else found.delen for code, found in self.categorieen.items()}
        cel = queries.CelVraag(self.gemeente.code, self.bron.naam, delen)
        if not self.viewer.works_in(self.gemeente.code):
            return await self._released(cel, perioden)
        if self.viewer.sees_whole(self.gemeente.code):
            wanted = self._cells({periode: self._asked(periode) for periode in perioden})
            (rows,) = await self.connection.fetch_together(self._live(cel, perioden, wanted))
            return self._per_area(rows, cel, perioden)
        return await self._own_and_released(cel, perioden)

    async def _released(self, cel: queries.CelVraag, perioden: Sequence[Periode]) -> Getallen:
        (rows,) = await self.connection.fetch_together(self._lattice(cel, perioden, queries.PUBLIEK))
        return _by_cell(rows)

    async def _own_and_released(self, cel: queries.CelVraag, perioden: Sequence[Periode]) -> Getallen:
        """Of the own stadsdelen, which are all that the database shows, live sums; of others what staff may see."""
        own = {periode: self._asked(periode) & self._own_areas(periode) for periode in perioden}
        asked = {}
        if any(own.values()):
            asked["live"] = self._live(cel, perioden, self._cells(own))
        if any(self._asked(periode) - own[periode] for periode in perioden):
            asked["elsewhere"] = self._lattice(cel, perioden, queries.DIENST)
        rows = dict(zip(asked, await self.connection.fetch_together(*asked.values()), strict=True))
        mine = {(periode.code, area) for periode, areas in own.items() for area in areas}
        live = self._per_area(rows.get("live", ()), cel, perioden)
        found = {key: row for key, row in _by_cell(rows.get("elsewhere", ())).items() if key[1:] not in mine}
        return found | {key: row for key, row in live.items() if key[1:] in mine}

    def _lattice(self, cel: queries.CelVraag, perioden: Sequence[Periode], table: str) -> Question:
        codes, vraag = [periode.code for periode in perioden], self.vraag
        return queries.released_counts(cel, vraag.niveau, codes, gebied=vraag.gebied, table=table)

    def _live(self, cel: queries.CelVraag, perioden: Sequence[Periode], alleen: frozenset[str] | None) -> Question:
        asked = [queries.PeriodeVraag(p.code, p.van, p.tot, self.geteld_in(p)) for p in perioden]
        return queries.live_counts(cel, asked, self._cellentabel(perioden, alleen))

    def _asked(self, periode: Periode) -> frozenset[str]:
        """The areas that the question is about."""
        if self.vraag.gebied is not None:
            return frozenset({self.vraag.gebied})
        return frozenset(self.gemeente.leden(self.peiljaar(periode), self.vraag.niveau))

    def _own_areas(self, periode: Periode) -> frozenset[str]:
        jaren, niveau = (self.geteld_in(periode), self.peiljaar(periode)), self.vraag.niveau

        def find() -> frozenset[str]:
            counted, shown = (self.gemeente.eigen_buurten(self.viewer, jaar) for jaar in jaren)
            leden = self.gemeente.leden(jaren[1], niveau)
            return frozenset(code for code, members in leden.items() if members <= counted & shown)

        return self.gemeente.remember(("eigen", self.viewer, jaren, niveau), find)

    def _cellen(self, jaar: int) -> Cellen:
        return Cellen(
            self.gemeente.code, {niveau: self.gemeente.leden(jaar, niveau) for niveau in NIVEAUS}, self.laag.rest_telt
        )

    def _cells(self, areas: Mapping[Periode, frozenset[str]]) -> frozenset[str] | None:
        """The cells that these areas add up; None when that is all of them, or may be."""
        gebied, niveau = self.vraag.gebied, self.vraag.niveau
        whole = self.viewer.sees_whole(self.gemeente.code)
        if niveau == "gemeente" or gebied == BUITEN or (gebied is None and whole):
            return None
        pairs = {(self.peiljaar(periode), own) for periode, own in areas.items()}
        found = [self._cellen(jaar).of_area(niveau, code) for jaar, codes in pairs for code in codes]
        return frozenset().union(*found)

    def _cellentabel(self, perioden: Sequence[Periode], alleen: frozenset[str] | None) -> queries.Cellentabel:
        if alleen is not None and all(alleen <= self._covered_cells(periode) for periode in perioden):
            return queries.Cellentabel([], [], alleen, geheel=True)
        bekend: list[tuple[int, str]] = []
        gedekt: list[tuple[int, str, date, date]] = []
        for jaar in sorted({self.geteld_in(periode) for periode in perioden}):
            known, covered = self._known_cells(jaar)
            bekend += [(jaar, cel) for cel in known if alleen is None or cel in alleen]
            gedekt += [(jaar, *row) for row in covered if alleen is None or row[0] in alleen]
        return queries.Cellentabel(bekend, gedekt, alleen)

    def _covered_cells(self, periode: Periode) -> set[str]:
        """The cells that the source covers on every day of a period."""
        _, covered = self._known_cells(self.geteld_in(periode))
        return {cel for cel, van, tot in covered if van <= periode.van and periode.tot <= tot}

    def _known_cells(self, jaar: int) -> tuple[list[str], list[tuple[str, date, date]]]:
        """The cells of a vintage, and the spans of days on which the source covers each."""

        def find() -> tuple[list[str], list[tuple[str, date, date]]]:
            cellen = self._cellen(jaar)
            return list(cellen.buurten), cellen.covered(self.gemeente.dekkingen(self.bron.naam, jaar))

        return self.gemeente.remember(("cellen", self.bron.naam, self.laag.rest_telt, jaar), find)

    def _per_area(self, rows: Iterable[dict[str, Any]], cel: queries.CelVraag, perioden: Sequence[Periode]) -> Getallen:
        """Add up cells to areas of the vintage that is shown; ``buiten`` is an area of its own besides."""
        areas = {jaar: self._areas_by_cell(jaar) for jaar in {self.peiljaar(periode) for periode in perioden}}
        categorieen = list(cel.categorieen)
        found: Getallen = {}
        for row in rows:
            categorie, periode = categorieen[row["categorie"]], perioden[row["periode"]]
            for area in areas[self.peiljaar(periode)].get(row["cel"], ()):
                total = found.setdefault((categorie, periode.code, area), {"aantal": 0, "buiten_dekking": 0})
                total["aantal"] += row["aantal"]
                total["buiten_dekking"] += row["buiten_dekking"]
        return found

    def _areas_by_cell(self, jaar: int) -> dict[str, list[str]]:
        niveau = self.vraag.niveau

        def find() -> dict[str, list[str]]:
            cellen = self._cellen(jaar)
            areas: dict[str, list[str]] = {BUITEN: [BUITEN]}
            for code in self.gemeente.leden(jaar, niveau):
                for cel in cellen.of_area(niveau, code):
                    areas.setdefault(cel, []).append(code)
            return areas

        return self.gemeente.remember(("gebieden", self.laag.rest_telt, jaar, niveau), find)

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
