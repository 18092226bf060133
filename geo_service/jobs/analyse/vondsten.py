"""What a method finds, and the form in which it may leave: once for staff and once for everyone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import psycopg
import shapely

from geo_service.domain.cijfers import Status, below_threshold
from geo_service.domain.perioden import Periode
from geo_service.jobs.analyse.kader import Kader
from geo_service.jobs.analyse.reeksen import Floats
from geo_service.release.noemers import Noemers
from geo_service.settings import get_settings

GEEN_MELDINGEN = "In deze periode zijn er geen meldingen in een gedekte buurt."
GEEN_PLEKKEN = "De bron zegt niet van wie of waar een melding komt; één melder kan dan voor een hotspot doorgaan."
GEEN_NOEMERS = "Er zijn geen woningen of inwoners per buurt bekend om mee te vergelijken."

INTERN = "intern.hotspot"
PUBLIEK = "publiek.hotspot"


@dataclass(frozen=True)
class Vorm:
    """What one table may hold of a finding: an area and its figures. Figures are None unless status is ok."""

    gebied: shapely.Geometry
    aantal: int | None = None
    plekken: int | None = None
    plekken_soort: str | None = None
    verwacht: float | None = None
    verhouding: float | None = None
    status: Status = Status.OK


@dataclass(frozen=True)
class Vondst:
    """One result. stadsdeel: None when its buurten lie in more than one. vormen: per table; absent: it may not hold it.

    begin, eind: the days it is about when those are not the days of the period. besloten: the card beside withheld
    figures, when kaartje tells more than may stand there.
    """

    categorie: str
    klasse: str
    buurten: Sequence[str]
    stadsdeel: str | None
    kaartje: Mapping[str, Any]
    vormen: Mapping[str, Vorm]
    begin: date | None = None
    eind: date | None = None
    p_waarde: float | None = None
    besloten: Mapping[str, Any] | None = None

    def kaartje_bij(self, status: Status) -> Mapping[str, Any]:
        """The card beside figures of this status."""
        return self.kaartje if status is Status.OK or self.besloten is None else self.besloten


@dataclass(frozen=True)
class Uitkomst:
    """What a run found. resultaat: parameters it found by itself, explanations, and per question why there is nothing.

    reden: one Dutch sentence when the method had nothing to work with.
    """

    vondsten: Sequence[Vondst] = ()
    resultaat: Mapping[str, Any] = field(default_factory=dict)
    reden: str | None = None


@dataclass(frozen=True)
class Cel:
    """Reports of a buurt in a period: what is published or not as one count."""

    buurt: str
    periode: Periode
    aantal: int


@dataclass(frozen=True)
class Cijfers:
    """The figures of a result about whole buurten before anyone judged them: its reports are those of these cells."""

    cellen: Sequence[Cel]
    plekken: int | None = None
    plekken_soort: str | None = None
    verwacht: float | None = None
    verhouding: float | None = None

    @property
    def aantal(self) -> int:
        return sum(cel.aantal for cel in self.cellen)


class Drempels:
    """Which cells (category × buurt × period) are published, for everyone and for staff."""

    def __init__(self, connection: psycopg.Connection, kader: Kader):
        settings = get_settings()
        self._least = {PUBLIEK: settings.drempel_publiek, INTERN: settings.drempel_dienst}
        self._released = {row["periode"] for row in kader.gemeente.vrijgaven if row["bron"] == kader.bron.naam}
        self._withheld = set(
            connection.execute(
                "select categorie, gebied_code, periode from publiek.cijfer "
                "where gemeente_code = %s and bron = %s and niveau = 'buurt' and status <> 'ok'",
                (kader.gemeente.code, kader.bron.naam),
            ).fetchall()
        )

    @property
    def tables(self) -> tuple[str, ...]:
        return tuple(self._least)

    def least(self, table: str) -> int:
        """The smallest number of reports or places that this table may tell of."""
        return self._least[table]

    def is_open(self, table: str, categorie: str, cel: Cel) -> bool:
        """Whether the count of a covered cell is published for the readers of this table."""
        if table == INTERN:
            return not below_threshold(cel.aantal, self._least[INTERN])
        return cel.periode.code in self._released and (categorie, cel.buurt, cel.periode.code) not in self._withheld

    def forms(
        self, categorie: str, cijfers: Cijfers, gebied: shapely.Geometry, plekken: int | None = None
    ) -> dict[str, Vorm]:
        """Per table what it may hold; nothing where reports or places are fewer than its readers may know of.

        plekken: distinct places of the result when they are counted otherwise than in its figures.
        """
        places = cijfers.plekken if plekken is None else plekken
        known = [cijfers.aantal] if places is None else [cijfers.aantal, places]
        tables = [table for table, least in self._least.items() if min(known) >= least]
        return {table: self.judge(table, categorie, cijfers, gebied) for table in tables}

    def judge(self, table: str, categorie: str, cijfers: Cijfers, gebied: shapely.Geometry) -> Vorm:
        """The figures as they may stand in this table: all of them when every cell is published, else none."""
        opened = all(self.is_open(table, categorie, cel) for cel in cijfers.cellen)
        if not opened or below_threshold(cijfers.plekken or 0, self._least[table]):
            return Vorm(gebied, plekken_soort=cijfers.plekken_soort, status=Status.ONDERDRUKT)
        return Vorm(
            gebied,
            cijfers.aantal,
            cijfers.plekken,
            cijfers.plekken_soort,
            cijfers.verwacht,
            cijfers.verhouding,
        )


@dataclass(frozen=True)
class Vlakken:
    """The buurten of a vintage that can be drawn: polygons in EPSG:28992, and the stadsdeel of each."""

    polygonen: Mapping[str, shapely.Geometry]
    stadsdeel_van: Mapping[str, str]

    def union(self, buurten: Iterable[str]) -> shapely.Geometry:
        return shapely.union_all([self.polygonen[buurt] for buurt in buurten])

    def stadsdeel(self, buurten: Iterable[str]) -> str | None:
        """The one stadsdeel that holds all these buurten, None when there are more."""
        found = {self.stadsdeel_van[buurt] for buurt in buurten}
        return found.pop() if len(found) == 1 else None


def denominators(noemers: Noemers, buurten: Sequence[str]) -> Floats:
    """The denominators (n,) of buurten, 0 where none is known."""
    return np.array([noemers.waarden.get(buurt, 0.0) for buurt in buurten], dtype=np.float64)


def load_vlakken(connection: psycopg.Connection, kader: Kader, peiljaar: int) -> Vlakken:
    rows = connection.execute(
        "select code, st_asbinary(geom) from publiek.gebied where gemeente_code = %s and jaar = %s and niveau = 'buurt' "
        "and geom is not null order by code",
        (kader.gemeente.code, peiljaar),
    ).fetchall()
    return Vlakken({code: shapely.from_wkb(bytes(wkb)) for code, wkb in rows}, kader.stadsdeel_van(peiljaar))
