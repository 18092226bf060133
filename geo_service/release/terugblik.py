"""Looking back on an action: what the viewer may see of it and its surroundings, and what that allows to say.

Every count is a figure of the released questions, as this viewer gets it; what is hidden takes no part.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np

from analysis.displacement import Action, Break, Design, Evaluation, Observed, evaluate
from analysis.displacement.arms import FEWEST
from geo_service.db.engine import Database, ReadConnection
from geo_service.db.queries import terugblik as queries
from geo_service.db.queries.features import list_gebieden
from geo_service.db.queries.vintages import compare_buurten
from geo_service.domain.gebieden import NIVEAUS
from geo_service.domain.perioden import Periode
from geo_service.errors import Faults, InvalidParameters, NotFound, ParameterFault
from geo_service.identity import Viewer
from geo_service.release.beoordeling import GebiedCijfer
from geo_service.release.cijfers import CijferTabel, CijferVraag, find_bron, meldingen_reeks
from geo_service.release.context import Bron, Gemeente, connect_as
from geo_service.release.geheugen import Geheugen
from geo_service.release.kerncijfers import read_kerncijfers
from geo_service.release.lagen import ALLES, MELDINGEN, Categorie, melding_categorieen
from geo_service.release.perioden import FINENESS, covered_span, reeks_perioden
from geo_service.release.vergelijkbaar import area_indicators
from geo_service.release.vintages import SAME_AREA

GRENZEND = "grenzend"
OMGEVINGEN = {
    GRENZEND: "buurten die eraan grenzen",
    "500": "buurten binnen 500 meter",
    "1000": "buurten binnen 1.000 meter",
}
N_PLACEBO = 99
# How far back and forth the periods go: a year before and after to compare, and the past that a peak stands out from.
JAREN_TERUG, JAREN_VERDER = 4, 2
JAAR = timedelta(days=366)
Row = dict[str, Any]


@dataclass(frozen=True)
class TerugblikVraag:
    """What is asked. aanpak: source and key of the action; bron, categorie: the signal (None: what the action names).

    omgeving: one of OMGEVINGEN; vergelijk: buurten to compare with (none: the most alike are chosen).
    """

    aanpak: tuple[str, str]
    bron: str | None = None
    categorie: str | None = None
    omgeving: str = GRENZEND
    vergelijk: tuple[str, ...] = ()


@dataclass(frozen=True)
class Aanpak:
    """The action that is looked back on. buurten: those of its areas, in the vintage of its beginning."""

    bron: str
    sleutel: str
    naam: str
    van: date
    tot: date | None
    gebieden: tuple[str, ...]
    signaal_bron: str | None
    categorie: str | None
    richting: str | None
    buurten: tuple[str, ...]
    jaar: int


@dataclass(frozen=True)
class Terugblik:
    """The answer. codes: the buurten in the order of the indices of `uitkomst`; tabellen: the figures it rests on, a
    table per period, oldest first.

    omgeving: the buurten of each kind of surroundings. kandidaten: buurten that may serve for comparison; gekozen:
    those that were asked for (none: the most alike). ernaast: other actions on the same signal, whose buurten may not.
    vormen: rows of all buurten with a geometry in lon/lat.
    """

    gemeente: Gemeente
    vraag: TerugblikVraag
    aanpak: Aanpak
    bron: Bron
    categorie: str
    categorieen: Mapping[str, str]
    tabellen: tuple[CijferTabel, ...]
    codes: tuple[str, ...]
    uitkomst: Evaluation
    omgeving: Mapping[str, frozenset[str]]
    kandidaten: tuple[str, ...]
    gekozen: tuple[str, ...]
    ernaast: tuple[str, ...]
    vormen: tuple[Row, ...]

    @property
    def perioden(self) -> tuple[Periode, ...]:
        return tuple(tabel.periode for tabel in self.tabellen)

    @property
    def categorie_naam(self) -> str:
        return self.categorieen[self.categorie]

    def arm(self, naam: str) -> tuple[str, ...]:
        """The codes of the buurten of one arm."""
        return tuple(self.codes[index] for index in self.uitkomst.arms[naam])

    @property
    def niet_gekozen(self) -> list[str]:
        """Names of buurten that were asked for and may not serve."""
        return sorted(self.gemeente.gebied_naam(code) for code in set(self.vraag.vergelijk) - set(self.gekozen))

    @property
    def buiten(self) -> dict[str, list[str]]:
        """Names of buurten that could not take part, by reason."""
        found: dict[str, list[str]] = {}
        for index, reden in self.uitkomst.left_out.items():
            found.setdefault(reden, []).append(self.gemeente.gebied_naam(self.codes[index]))
        return {reden: sorted(namen) for reden, namen in sorted(found.items())}

    def ontbreekt(self, codes: Iterable[str]) -> list[str]:
        """Names of those of these buurten that could not take part."""
        out = {self.codes[index] for index in self.uitkomst.left_out}
        return sorted(self.gemeente.gebied_naam(code) for code in out & set(codes))

    def som(self, codes: Sequence[str], tabel: CijferTabel) -> int | None:
        """What these buurten count together in a period; None when one of them cannot be told."""
        cells = {rij.gebied_code: rij for rij in tabel.rijen}
        found = [counted(cells.get(code)) for code in codes]
        return None if not found or None in found else sum(value for value in found if value is not None)


async def terugblik(database: Database, viewer: Viewer, vraag: TerugblikVraag, geheugen: Geheugen) -> Terugblik:
    """Look back on an action in the viewer's own gemeente; NotFound for who may not see it.

    InvalidParameters names an unknown source, category or buurt, or why there is nothing to look back on.
    """
    await geheugen.stand()
    async with connect_as(database, viewer) as connection:
        gemeente = await geheugen.gemeente(connection, viewer, None)
        if not viewer.works_in(gemeente.code):
            raise NotFound("Deze interventie is er niet, of u werkt niet in dit gebied.")
        rows = await queries.list_aanpakken(connection, gemeente.code)
        lezer = _Lezer(connection, viewer, gemeente, vraag, _find(gemeente, rows, vraag.aanpak))
        found = await lezer.read(rows)
    observed, design = found.question()
    uitkomst = await asyncio.to_thread(evaluate, observed, design, n_sim=N_PLACEBO)
    return found.answer(uitkomst)


def counted(rij: GebiedCijfer | None) -> int | None:
    """The count of a cell that is told and covered on all its days."""
    return None if rij is None or rij.cijfer.dekking < 1 else rij.cijfer.aantal


def _find(gemeente: Gemeente, rows: Sequence[Row], key: tuple[str, str]) -> Aanpak:
    row = next((row for row in rows if (row["bron"], row["sleutel"]) == key), None)
    if row is None:
        raise NotFound("Deze interventie is er niet, of u werkt niet in dit gebied.")
    if row["van"] is None:
        raise InvalidParameters(ParameterFault("van", "van deze interventie is niet bekend wanneer zij begon."))
    jaar = gemeente.vintage(row["van"]).jaar
    codes = tuple(code.strip() for code in row["gebieden"] or () if code.strip())
    buurten = _buurten(gemeente, jaar, codes)
    if not buurten:
        raise InvalidParameters(
            ParameterFault("gebied", "van deze interventie is niet bekend in welke buurten zij was.")
        )
    wat = (row["signaal_bron"] or None, row["categorie"] or None, row["richting"] or None)
    return Aanpak(*key, row["naam"], row["van"], row["tot"], codes, *wat, tuple(sorted(buurten)), jaar)


def _buurten(gemeente: Gemeente, jaar: int, codes: Sequence[str]) -> frozenset[str]:
    levels = [gemeente.leden(jaar, niveau) for niveau in NIVEAUS]
    return frozenset().union(*(level.get(code, frozenset()) for code in codes for level in levels))


@dataclass(frozen=True)
class _Gelezen:
    """Everything that was read, as this viewer sees it."""

    viewer: Viewer
    gemeente: Gemeente
    vraag: TerugblikVraag
    aanpak: Aanpak
    bron: Bron
    categorie: str
    categorieen: Mapping[str, Categorie]
    tabellen: tuple[CijferTabel, ...]
    codes: tuple[str, ...]
    omgeving: Mapping[str, frozenset[str]]
    kandidaten: frozenset[str]
    gekozen: tuple[str, ...]
    ernaast: tuple[str, ...]
    kerncijfers: Sequence[Row]
    anders: Mapping[int, frozenset[str]]
    vormen: tuple[Row, ...]

    def question(self) -> tuple[Observed, Design]:
        counts = np.full((len(self.codes), len(self.tabellen)), np.nan)
        covered, visible = np.zeros(counts.shape, dtype=np.bool_), np.ones(counts.shape, dtype=np.bool_)
        own = self.gemeente.eigen_buurten(self.viewer, self.aanpak.jaar)
        for at, tabel in enumerate(self.tabellen):
            cells = {rij.gebied_code: rij for rij in tabel.rijen}
            for row, code in enumerate(self.codes):
                rij = None if code in self.anders.get(tabel.geteld_in, ()) else cells.get(code)
                told = counted(rij)
                counts[row, at] = np.nan if told is None else told
                covered[row, at] = rij is not None and rij.cijfer.dekking >= 1 and (told is not None or code not in own)
                visible[row, at] = told is not None or not covered[row, at]
        return self._observed(counts, covered, visible), self._design()

    def _observed(self, counts: Any, covered: Any, visible: Any) -> Observed:
        return Observed(
            counts,
            np.array([tabel.periode.van for tabel in self.tabellen], dtype="datetime64[D]"),
            np.array([tabel.periode.tot for tabel in self.tabellen], dtype="datetime64[D]"),
            covered,
            visible,
            [
                Break(np.datetime64(row["datum"]), self._mask(self._touched(row["gebied"])))
                for row in self.gemeente.trendbreuken
                if row["bron"] == self.bron.naam
            ],
            area_indicators(self.kerncijfers, list(self.codes)).to_numpy(),
        )

    def _design(self) -> Design:
        end = np.datetime64(self.aanpak.tot) if self.aanpak.tot else None
        action = Action(np.datetime64(self.aanpak.van), end)
        rings = {naam: self._mask(buurten) for naam, buurten in self.omgeving.items()}
        chosen = self._mask(self.gekozen) if self.gekozen else None
        around = self.vraag.omgeving if self.omgeving[self.vraag.omgeving] else None
        return Design(
            action, self._mask(self.aanpak.buurten), rings, around, self._mask(self.kandidaten), control=chosen
        )

    def _touched(self, gebied: str | None) -> frozenset[str]:
        return _buurten(self.gemeente, self.aanpak.jaar, [gebied]) if gebied else frozenset(self.codes)

    def _mask(self, codes: Any) -> Any:
        wanted = set(codes)
        return np.array([code in wanted for code in self.codes], dtype=np.bool_)

    def answer(self, uitkomst: Evaluation) -> Terugblik:
        return Terugblik(
            self.gemeente,
            self.vraag,
            self.aanpak,
            self.bron,
            self.categorie,
            {code: categorie.naam for code, categorie in self.categorieen.items()},
            self.tabellen,
            self.codes,
            uitkomst,
            self.omgeving,
            tuple(sorted(self.kandidaten)),
            self.gekozen,
            self.ernaast,
            self.vormen,
        )


@dataclass(frozen=True)
class _Lezer:
    """Reads for one viewer and one action."""

    connection: ReadConnection
    viewer: Viewer
    gemeente: Gemeente
    vraag: TerugblikVraag
    aanpak: Aanpak

    async def read(self, rows: Sequence[Row]) -> _Gelezen:
        categorieen = await melding_categorieen(self.connection)
        bron, categorie = self._signal(categorieen)
        codes = tuple(sorted(self.gemeente.leden(self.aanpak.jaar, "buurt")))
        omgeving = await self._omgeving()
        others = [row for row in rows if self._beside(row, bron.naam, categorie, categorieen)]
        treated = {*self.aanpak.buurten}.union(
            *(_buurten(self.gemeente, self.aanpak.jaar, row["gebieden"] or ()) for row in others)
        )
        kandidaten = frozenset(codes) - treated - omgeving[GRENZEND] - omgeving[self.vraag.omgeving]
        chosen = self._chosen(codes, kandidaten)
        needed = {*self.aanpak.buurten, *omgeving[self.vraag.omgeving], *chosen}
        perioden = self._perioden(bron, needed, kandidaten)
        asked = CijferVraag("buurt", bron.naam, categorie)
        tabellen = await meldingen_reeks(self.connection, self.viewer, self.gemeente, asked, perioden)
        return _Gelezen(
            self.viewer,
            self.gemeente,
            self.vraag,
            self.aanpak,
            bron,
            categorie,
            categorieen,
            tuple(tabellen),
            codes,
            omgeving,
            kandidaten,
            chosen,
            tuple(sorted(row["naam"] for row in others)),
            await read_kerncijfers(self.connection, self.gemeente.code),
            await self._anders({tabel.geteld_in for tabel in tabellen}, codes),
            tuple(
                await list_gebieden(self.connection, gemeente=self.gemeente.code, jaar=self.aanpak.jaar, niveau="buurt")
            ),
        )

    def _signal(self, categorieen: Mapping[str, Categorie]) -> tuple[Bron, str]:
        faults = Faults()
        faults.require("categorie", self.vraag.categorie, categorieen)
        faults.require("omgeving", self.vraag.omgeving, OMGEVINGEN)
        known = MELDINGEN.bronnen(self.gemeente)
        own = self.aanpak.signaal_bron if self.aanpak.signaal_bron in known else next(iter(known), None)
        naam = self.vraag.bron or own
        if naam is None:
            raise NotFound(f"Er zijn nog geen meldingen van {self.gemeente.naam} geladen.")
        faults.raise_any()
        bron = find_bron(self.gemeente, MELDINGEN, naam)
        meant = self.aanpak.categorie if self.aanpak.categorie in categorieen else None
        return bron, self.vraag.categorie or meant or ALLES

    def _beside(self, row: Row, bron: str, categorie: str, categorieen: Mapping[str, Categorie]) -> bool:
        """Whether another action may have changed the same counts in the same time."""
        if (row["bron"], row["sleutel"]) == (self.aanpak.bron, self.aanpak.sleutel):
            return False
        if row["signaal_bron"] not in (None, "", bron) or row["van"] is None:
            return False
        both = [categorieen.get(code or ALLES, categorieen[ALLES]).delen for code in (row["categorie"], categorie)]
        if not set(both[0]) & set(both[1]):
            return False
        ended = row["tot"] is not None and row["tot"] < self.aanpak.van - JAAR
        return not ended and row["van"] <= self.aanpak.van + JAAR

    def _chosen(self, codes: Sequence[str], kandidaten: frozenset[str]) -> tuple[str, ...]:
        """What may serve of the buurten that were chosen: a wider surroundings takes some away."""
        wrong = [code for code in self.vraag.vergelijk if code not in codes or code in self.aanpak.buurten]
        if wrong:
            reason = f"{wrong[0][:40]!r} is geen buurt om mee te vergelijken. Kies een buurt zonder aanpak."
            raise InvalidParameters(ParameterFault("vergelijk", reason))
        return tuple(code for code in dict.fromkeys(self.vraag.vergelijk) if code in kandidaten)

    async def _omgeving(self) -> dict[str, frozenset[str]]:
        rows = await queries.list_omgeving(
            self.connection, self.gemeente.code, self.aanpak.jaar, list(self.aanpak.buurten)
        )
        found = {GRENZEND: frozenset(row["code"] for row in rows if row["grenst"])}
        for naam in OMGEVINGEN:
            if naam != GRENZEND:
                found[naam] = frozenset(row["code"] for row in rows if row["afstand"] <= float(naam))
        return found

    def _perioden(self, bron: Bron, needed: set[str], kandidaten: frozenset[str]) -> list[Periode]:
        """Whole covered periods: months where the viewer sees everything that counts complete, else released quarters.

        Where the quarters around the beginning are not released yet: months all the same, of the own buurten only.
        """
        span = covered_span(self.gemeente, bron.naam)
        if span is None or bron.laatste_dag is None:
            return []
        begin = self.aanpak.van
        first = max(span[0], date(begin.year - JAREN_TERUG, begin.month, 1))
        last = min(span[1], bron.laatste_dag, date(begin.year + JAREN_VERDER, begin.month, 28))

        def of_kind(soort: str) -> list[Periode]:
            kind = max(soort, bron.fijnste_periode or "dag", key=lambda naam: FINENESS[naam])
            return [p for p in reeks_perioden(first, last, kind) if p.van >= first and p.tot <= last]

        own = self.gemeente.eigen_buurten(self.viewer, self.aanpak.jaar)
        if own >= needed and (own >= kandidaten or len(kandidaten & own) >= 2 * FEWEST):
            return of_kind("maand")
        quarters = of_kind("kwartaal")
        released = {row["periode"] for row in self.gemeente.vrijgaven if row["bron"] == bron.naam}
        while quarters and quarters[-1].code not in released:
            quarters.pop()
        around = [p for p in quarters if begin - JAAR <= p.van and p.tot <= begin + JAAR]
        enough = any(p.van >= begin for p in around) and any(p.tot < begin for p in around)
        return quarters if enough and {p.code for p in around} <= released else of_kind("maand")

    async def _anders(self, jaren: set[int], codes: Sequence[str]) -> dict[int, frozenset[str]]:
        """Per vintage the buurten that are not the same area as when the action began."""
        found = {}
        for jaar in jaren - {self.aanpak.jaar}:
            pair = (min(jaar, self.aanpak.jaar), max(jaar, self.aanpak.jaar))
            overlap = await compare_buurten(self.connection, self.gemeente.code, pair, list(codes))
            found[jaar] = frozenset(code for code in codes if overlap.get(code, 0) < SAME_AREA)
        return found
