"""What is known about a municipality, read once per question: vintages, sources, coverage, trend breaks, divisions."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from geo_service.db.connection import Role
from geo_service.db.engine import Database, ReadConnection
from geo_service.db.queries import context as queries
from geo_service.domain.dekking import Dekking
from geo_service.domain.gebieden import Vintage, make_vintages, vintage_for
from geo_service.domain.onthouden import Onthoudt
from geo_service.domain.perioden import Periode, dag_naam
from geo_service.errors import InvalidParameters, NotFound, ParameterFault
from geo_service.identity import ALL_STADSDELEN, Viewer

Row = dict[str, Any]


def _database_role(viewer: Viewer) -> Role:
    return Role.DIENST if viewer.scoped else Role.PUBLIEK


def connect_as(
    database: Database, viewer: Viewer, *, seconds: int | None = None
) -> AbstractAsyncContextManager[ReadConnection]:
    """A connection that sees what this viewer may see: by role, and by row-level security for staff."""
    return database.connect(_database_role(viewer), scope_of(viewer), seconds=seconds)


def scope_of(viewer: Viewer) -> dict[str, str]:
    """The settings that row-level security reads; empty for who is no staff."""
    if not viewer.scoped:
        return {}
    return {
        "buurtsignaal.gemeente": viewer.gemeente or "",
        "buurtsignaal.stadsdelen": ",".join(sorted(viewer.stadsdelen)),
    }


@dataclass(frozen=True)
class Bron:
    """A source as the figures need it. Days are None before anything was loaded."""

    naam: str
    laag: str | None
    houder: str | None
    definitie: str | None
    registratie_eenheid: str | None
    eerste_dag: date | None
    laatste_dag: date | None
    fijnste_niveau: str | None
    fijnste_periode: str | None
    peildatum: Any
    versie: int
    geregistreerd: bool
    omvang: int


@dataclass(frozen=True)
class Gemeente(Onthoudt):
    """A municipality and everything that figures about it depend on. omvang: west, south, east, north in degrees."""

    code: str
    naam: str
    benaderd: bool
    vintages: tuple[Vintage, ...]
    bronnen: dict[str, Bron]
    dekking_rows: tuple[Row, ...]
    trendbreuken: tuple[Row, ...]
    vrijgaven: tuple[Row, ...]
    indelingen: dict[int, tuple[Row, ...]]
    namen: dict[str, str]
    omvang: tuple[float, float, float, float] | None = None

    @property
    def dagen(self) -> tuple[date, date] | None:
        """First and last day that any source covers; None before anything with a day was loaded."""
        days = [(bron.eerste_dag, bron.laatste_dag) for bron in self.bronnen.values()]
        known = [(first, last) for first, last in days if first is not None and last is not None]
        return (min(first for first, _ in known), max(last for _, last in known)) if known else None

    def bron(self, naam: str) -> Bron:
        if naam not in self.bronnen:
            listed = ", ".join(sorted(self.melding_bronnen())) or "geen"
            raise InvalidParameters(
                ParameterFault("bron", f"{naam[:60]!r} is onbekend in {self.naam}. Bekend: {listed}.")
            )
        return self.bronnen[naam]

    def melding_bronnen(self) -> list[str]:
        """Sources of reports that have data: the finest, broadest and fullest first."""
        return list(self._melding_bronnen)

    @cached_property
    def _melding_bronnen(self) -> tuple[str, ...]:
        filled = [
            bron for bron in self.bronnen.values() if bron.laag == "meldingen" and bron.laatste_dag and bron.eerste_dag
        ]
        finest = {"dag": 0, "week": 1, "maand": 2, "kwartaal": 3, "jaar": 4}

        def order(bron: Bron) -> tuple[Any, ...]:
            return (
                finest.get(bron.fijnste_periode or "dag", 0),
                -self._reach(bron.naam),
                -bron.omvang,
                bron.naam,
            )

        return tuple(bron.naam for bron in sorted(filled, key=order))

    def _reach(self, bron: str) -> int:
        """How many buurten a source covers at any time."""
        if not self.vintages:
            return 0
        members: set[str] = set()
        for dekking in self.dekkingen(bron, self.vintages[-1].jaar):
            members |= dekking.buurten
        return len(members)

    def vintage(self, dag: date) -> Vintage:
        found = vintage_for(self.vintages, dag)
        if found is None:
            raise NotFound(f"Er zijn nog geen gebieden van {self.naam} geladen.")
        return found

    def peiljaar(self, asked: int | None) -> int:
        """The asked vintage when it is loaded, else the newest."""
        loaded = [vintage.jaar for vintage in self.vintages]
        if asked is not None and asked not in loaded:
            listed = ", ".join(map(str, loaded))
            raise InvalidParameters(ParameterFault("peiljaar", f"{asked} is niet geladen. Geladen: {listed}."))
        return loaded[-1] if asked is None else asked

    def leden(self, jaar: int, niveau: str) -> dict[str, frozenset[str]]:
        """Buurten per area of a level in a vintage."""
        return self._leden.get((jaar, niveau), {})

    @cached_property
    def _leden(self) -> dict[tuple[int, str], dict[str, frozenset[str]]]:
        collected: dict[tuple[int, str], dict[str, set[str]]] = {}
        for jaar, rows in self.indelingen.items():
            for row in rows:
                level = collected.setdefault((jaar, row["niveau"]), {})
                level.setdefault(row["gebied_code"], set()).add(row["buurt_code"])
        return {key: {code: frozenset(buurten) for code, buurten in level.items()} for key, level in collected.items()}

    def niveau_van(self, code: str) -> str | None:
        """The level of an area in the newest vintage that has it."""
        for vintage in reversed(self.vintages):
            for (jaar, niveau), level in self._leden.items():
                if jaar == vintage.jaar and code in level:
                    return niveau
        return None

    def stadsdeel_van(self, jaar: int) -> dict[str, str]:
        return {buurt: code for code, buurten in self.leden(jaar, "stadsdeel").items() for buurt in buurten}

    def eigen_buurten(self, viewer: Viewer, jaar: int) -> frozenset[str]:
        """Buurten whose figures this viewer sees complete."""
        if not viewer.scoped or viewer.gemeente != self.code:
            return frozenset()
        if ALL_STADSDELEN in viewer.stadsdelen:
            return frozenset(self.leden(jaar, "buurt"))

        def find() -> frozenset[str]:
            then, now = self.stadsdeel_van(jaar), self._stadsdeel_nu
            return frozenset(buurt for buurt in then if {then[buurt], now[buurt]} <= viewer.stadsdelen)

        return self.remember(("buurten", viewer.stadsdelen, jaar), find)

    def is_eigen(self, viewer: Viewer, code: str) -> bool:
        """Whether an area is one that this viewer works in, and all of it."""
        niveau = self.niveau_van(code)
        if niveau is None or viewer.sees_whole(self.code):
            return niveau is not None
        jaar = self.vintages[-1].jaar
        buurten = self.leden(jaar, niveau).get(code, frozenset())
        return niveau != "gemeente" and bool(buurten) and buurten <= self.eigen_buurten(viewer, jaar)

    @cached_property
    def _stadsdeel_nu(self) -> dict[str, str]:
        """To row security a buurt that moved belongs to its present stadsdeel, with all its years."""
        found: dict[str, str] = {}
        for vintage in self.vintages:
            found |= self.stadsdeel_van(vintage.jaar)
        return found

    def dekkingen(self, bron: str, jaar: int) -> list[Dekking]:
        """The coverage of a source as buurten × days in a vintage."""
        areas: dict[str, frozenset[str]] = {}
        for (year, _), level in self._leden.items():
            if year == jaar:
                areas |= level
        return [
            Dekking(areas.get(row["gebied"], frozenset()), row["van"], row["tot"], row["afgeleid"])
            for row in self.dekking_rows
            if row["bron"] == bron
        ]

    def dekking_tekst(self, bron: str) -> str:
        """The coverage of a source in one Dutch line."""
        parts = []
        for row in self.dekking_rows:
            if row["bron"] != bron:
                continue
            where = "de hele gemeente" if row["gebied"] == self.code else self.gebied_naam(row["gebied"])
            end = " (loopt door)" if row["open"] else ""
            derived = ", afgeleid uit de gegevens" if row["afgeleid"] else ""
            parts.append(f"{where}: {dag_naam(row['van'])} t/m {dag_naam(row['tot'])}{end}{derived}")
        return "; ".join(parts) or "geen dekking bekend"

    def gebied_naam(self, code: str) -> str:
        return self.namen.get(code, code)

    def breuken(self, bron: str, buurten: Iterable[str], periode: Periode, jaar: int) -> list[str]:
        """Trend breaks of a source inside the period that touch these buurten, as text."""
        wanted = set(buurten)
        found = []
        for row in self.trendbreuken:
            if row["bron"] != bron or not periode.van <= row["datum"] <= periode.tot:
                continue
            where = self._members_of(jaar, row["gebied"]) if row["gebied"] else None
            if where is None or where & wanted:
                found.append(f"{dag_naam(row['datum'])}: {row['reden']}")
        return found

    def _members_of(self, jaar: int, code: str) -> frozenset[str]:
        return next(
            (level[code] for (year, _), level in self._leden.items() if year == jaar and code in level),
            frozenset(),
        )


async def list_gemeenten(connection: ReadConnection) -> list[Row]:
    return await queries.list_gemeenten(connection)


async def load_gemeente(connection: ReadConnection, viewer: Viewer, asked: str | None) -> Gemeente:
    """The asked municipality, else the viewer's own, else the first with areas; InvalidParameters when unknown."""
    known = {row["gemeente_code"]: row for row in await queries.list_gemeenten(connection)}
    if not known:
        raise NotFound(
            "Er zijn nog geen gebieden geladen. Voer 'buurtsignaal ingest gebieden' of 'buurtsignaal demo' uit."
        )
    own = viewer.gemeente if viewer.gemeente in known else None
    code = asked or own or next(iter(known))
    if code not in known:
        listed = ", ".join(sorted(known))
        raise InvalidParameters(ParameterFault("gemeente", f"{code[:20]!r} is niet geladen. Geladen: {listed}."))
    jaren = await queries.list_jaren(connection, code)
    fields = Bron.__dataclass_fields__
    return Gemeente(
        code=code,
        naam=known[code]["naam"],
        benaderd=bool(known[code]["benaderd"]),
        vintages=tuple(make_vintages(jaren)),
        bronnen={
            row["naam"]: Bron(**{name: row[name] for name in fields})
            for row in await queries.list_bronnen(connection, code)
        },
        dekking_rows=tuple(await queries.list_dekking(connection, code)),
        trendbreuken=tuple(await queries.list_trendbreuken(connection, code)),
        vrijgaven=tuple(await queries.list_vrijgaven(connection, code)),
        namen=await queries.list_namen(connection, code),
        omvang=await queries.read_omvang(connection, code),
        indelingen={jaar: tuple(await queries.list_indeling(connection, code, jaar)) for jaar in jaren},
    )
