"""Counts per buurt and period with what a method must know about them: coverage, trend breaks and distinct places.

Two statements answer any number of periods, for all categories at once; what was read is kept for the next method.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
import psycopg
from numpy.typing import NDArray

from geo_service.domain.dekking import gedekte_dagen
from geo_service.domain.gebieden import NIVEAUS
from geo_service.domain.perioden import Periode, dag_naam
from geo_service.jobs.analyse.kader import Kader
from geo_service.release.cellen import Cellen
from geo_service.release.cijfers import ALLES

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

# Reporter, else address, else the 10 m RD cell. Reports that tell none of these may all be of one person: one place.
PLEK = """coalesce(m.melder::text, m.adres::text,
    floor(st_x(m.geom) / 10)::bigint || ':' || floor(st_y(m.geom) / 10)::bigint, 'onbekend')"""

_ASKED = """
    with periode as (
        select p.nr, p.tot, dag::date as dag
        from unnest(%(nr)s::int[], %(van)s::date[], %(tot)s::date[]) as p(nr, van, tot),
            generate_series(p.van, p.tot, interval '1 day') as dag
    ), dekking as (
        select cel, range_agg(daterange(van, tot, '[]')) as dagen
        from unnest(%(gedekt)s::text[], %(gedekt_van)s::date[], %(gedekt_tot)s::date[]) as d(cel, van, tot) group by cel
    )
"""

COUNTS = f"""{_ASKED}, deel as (
        select p.nr, k.gebied_code as buurt, c.hoofd as categorie, sum(k.aantal)::int as n
        from periode p
        join intern.kubus k on k.gemeente_code = %(gemeente)s and k.bron = %(bron)s and k.dag = p.dag and k.tot <= p.tot
            and k.dag between %(eerste)s and %(laatste)s
        join dekking d on d.cel = k.gebied_code and daterange(k.dag, k.tot, '[]') <@ d.dagen
        join publiek.categorie c on c.code = k.categorie
        group by 1, 2, 3
    )
    select nr, buurt, categorie, n from deel
    union all select nr, buurt, '{ALLES}', sum(n)::int from deel group by 1, 2
"""

PLACES = f"""{_ASKED}, plek as (
        select p.nr, m.buurt_code as buurt, c.hoofd as categorie, {PLEK} as plek,
            bool_or(m.melder is null and m.adres is null) as onbekend
        from periode p
        join intern.melding m on m.gemeente_code = %(gemeente)s and m.bron = %(bron)s and m.dag = p.dag
            and m.dag between %(eerste)s and %(laatste)s and m.jaar between %(eerste_jaar)s and %(laatste_jaar)s
        join dekking d on d.cel = m.buurt_code and m.dag <@ d.dagen
        join publiek.categorie c on c.code = m.categorie
        group by 1, 2, 3, 4
    )
    select nr, buurt, categorie, count(*)::int as plekken, (count(*) filter (where onbekend))::int as onbekend
    from plek group by 1, 2, 3
    union all
    select nr, buurt, '{ALLES}', count(distinct plek)::int, (count(distinct plek) filter (where onbekend))::int
    from plek group by 1, 2
"""

CLUSTER = f"""{_ASKED}, plek as (
        select {PLEK} as plek, count(*)::int as n
        from periode p
        join intern.melding m on m.gemeente_code = %(gemeente)s and m.bron = %(bron)s and m.dag = p.dag
            and m.dag between %(eerste)s and %(laatste)s and m.jaar between %(eerste_jaar)s and %(laatste_jaar)s
        join dekking d on d.cel = m.buurt_code and m.dag <@ d.dagen
        join publiek.categorie c on c.code = m.categorie
        where m.buurt_code = any(%(buurten)s) and %(categorie)s in (c.hoofd, '{ALLES}')
        group by 1
    )
    select count(*)::int, coalesce(sum(n), 0)::int, coalesce(max(n), 0)::int from plek
"""


@dataclass(frozen=True)
class Trendbreuk:
    """A day on which counting changed, in these buurten."""

    datum: date
    reden: str
    buurten: frozenset[str]


@dataclass(frozen=True, eq=False)
class Reeks:
    """Buurten × periods of one category; every array is shaped (buurten, periods), 0 where nothing is known.

    aantal: reports on covered days. plekken: distinct reporters, addresses or 10 m cells, counted per buurt and
    period. onbekend: places of them without a reporter or address. dekking: share (0-1) of the days that the source
    covers; 0 too where the buurt of that period's vintage was another area.
    """

    buurten: tuple[str, ...]
    perioden: tuple[Periode, ...]
    aantal: Floats
    plekken: Floats
    onbekend: Floats
    dekking: Floats
    trendbreuken: tuple[Trendbreuk, ...]

    @property
    def gedekt(self) -> Bools:
        return self.dekking > 0

    @property
    def plekken_soort(self) -> str:
        """How distinct places were told apart."""
        if not self.onbekend.any():
            return "melders of adressen"
        known = self.onbekend.sum() < self.plekken.sum()
        return "melders, adressen of plekken van 10 meter" if known else "plekken van 10 meter (melders onbekend)"

    def tot(self, dag: date) -> Reeks:
        """The series up to and including the last period that ends by this day."""
        return self._columns([i for i, periode in enumerate(self.perioden) if periode.tot <= dag])

    def covered_only(self, dekking: Floats) -> Reeks:
        """The same counts under a stricter coverage (buurten, periods): what it leaves out is not known."""
        aantal, plekken, onbekend = (np.where(dekking > 0, n, 0.0) for n in (self.aantal, self.plekken, self.onbekend))
        return replace(self, aantal=aantal, plekken=plekken, onbekend=onbekend, dekking=dekking)

    def since_break(self) -> Reeks:
        """What lies before the last trend break of a buurt is not covered; whole periods only."""
        dekking = self.dekking.copy()
        for breuk in self.trendbreuken:
            rows = [row for row, buurt in enumerate(self.buurten) if buurt in breuk.buurten]
            before = [column for column, periode in enumerate(self.perioden) if periode.van < breuk.datum]
            dekking[np.ix_(rows, before)] = 0.0
        return self.covered_only(dekking)

    def trimmed(self) -> Reeks:
        """The series from the first to the last period that is covered anywhere."""
        used = np.flatnonzero(self.gedekt.any(axis=0))
        return self._columns(range(used[0], used[-1] + 1) if len(used) else [])

    def breuken(self, buurten: Iterable[str]) -> list[str]:
        """The trend breaks that touch these buurten, as text."""
        wanted = set(buurten)
        return [f"{dag_naam(breuk.datum)}: {breuk.reden}" for breuk in self.trendbreuken if breuk.buurten & wanted]

    def _columns(self, chosen: Iterable[int]) -> Reeks:
        index = list(chosen)
        return replace(
            self,
            perioden=tuple(self.perioden[i] for i in index),
            aantal=self.aantal[:, index],
            plekken=self.plekken[:, index],
            onbekend=self.onbekend[:, index],
            dekking=self.dekking[:, index],
        )


@dataclass(frozen=True)
class Plekken:
    """Reports of a window of buurten and days, from how many distinct places, and of the busiest of these."""

    aantal: int
    plekken: int
    grootste: int

    @property
    def one_caller(self) -> bool:
        """Whether one reporter, address or place made more than half: a conversation with one household, not a place."""
        return self.grootste * 2 > self.aantal


Kolommen = dict[str, Floats]


class Lezer:
    """Reads series of one source; a period that was read once is not read again."""

    def __init__(self, connection: psycopg.Connection, kader: Kader):
        self._connection = connection
        self.kader = kader
        self._read: dict[tuple[int, str], Kolommen] = {}
        self._dekking: dict[tuple[int, str], Floats] = {}

    def buurten(self, peiljaar: int) -> tuple[str, ...]:
        return tuple(sorted(self.kader.gemeente.leden(peiljaar, "buurt")))

    def reeksen(self, perioden: Sequence[Periode], peiljaar: int) -> dict[str, Reeks]:
        """Per category (``alle`` and every head that occurs) its series over the periods, in the order given.

        peiljaar: the vintage of the buurten. Periods of another vintage count for buurten that are the same area in both.
        """
        missing = [periode for periode in perioden if (peiljaar, periode.code) not in self._read]
        if missing:
            self._load(missing, peiljaar)
        columns = [self._read[peiljaar, periode.code] for periode in perioden]
        breuken = self._trendbreuken(perioden, peiljaar)
        buurten = self.buurten(peiljaar)
        nothing = np.zeros((3, len(buurten)))
        dekking = _stacked([self._dekking[peiljaar, periode.code] for periode in perioden], len(buurten))
        found = {}
        for categorie in sorted({ALLES, *(code for column in columns for code in column)}):
            parts = [column.get(categorie, nothing) for column in columns]
            aantal, plekken, onbekend = (_stacked([part[row] for part in parts], len(buurten)) for row in range(3))
            reeks = Reeks(buurten, tuple(perioden), aantal, plekken, onbekend, dekking, breuken)
            # What was counted in another area says nothing about this one.
            found[categorie] = reeks.covered_only(dekking)
        return found

    def plekken(self, categorie: str, buurten: Iterable[str], window: Periode, peiljaar: int) -> Plekken:
        """Distinct places of a category in buurten and days, counted together."""
        values = self._values([window], peiljaar)
        values |= {"buurten": list(buurten), "categorie": categorie}
        row = self._connection.execute(CLUSTER, values).fetchone()
        plekken, aantal, grootste = row or (0, 0, 0)
        return Plekken(aantal, plekken, grootste)

    def _load(self, perioden: Sequence[Periode], peiljaar: int) -> None:
        buurten = self.buurten(peiljaar)
        number = {buurt: row for row, buurt in enumerate(buurten)}
        fresh: list[Kolommen] = [{} for _ in perioden]

        def column(nr: int, categorie: str) -> Floats:
            return fresh[nr].setdefault(categorie, np.zeros((3, len(buurten))))

        values = self._values(perioden, peiljaar)
        # The planner expects few covered days and loops over all of them for each row.
        self._connection.execute("set local enable_nestloop = off")
        for nr, buurt, categorie, aantal in self._connection.execute(COUNTS, values):
            column(nr, categorie)[0, number[buurt]] = aantal
        for nr, buurt, categorie, plekken, onbekend in self._connection.execute(PLACES, values):
            column(nr, categorie)[1:, number[buurt]] = plekken, onbekend
        self._connection.execute("set local enable_nestloop = on")
        for nr, periode in enumerate(perioden):
            self._read[peiljaar, periode.code] = fresh[nr]
            self._dekking[peiljaar, periode.code] = self._share(periode, peiljaar)

    def _values(self, perioden: Sequence[Periode], peiljaar: int) -> dict[str, Any]:
        gemeente = self.kader.gemeente
        cellen = Cellen(gemeente.code, {"buurt": gemeente.leden(peiljaar, "buurt")}, rest_telt=False)
        gedekt = cellen.covered(gemeente.dekkingen(self.kader.bron.naam, peiljaar))
        first, last = min(periode.van for periode in perioden), max(periode.tot for periode in perioden)
        return {
            "gemeente": gemeente.code,
            "bron": self.kader.bron.naam,
            "nr": list(range(len(perioden))),
            "van": [periode.van for periode in perioden],
            "tot": [periode.tot for periode in perioden],
            "eerste": first,
            "laatste": last,
            "eerste_jaar": first.year,
            "laatste_jaar": last.year,
            "gedekt": [cel for cel, _, _ in gedekt],
            "gedekt_van": [van for _, van, _ in gedekt],
            "gedekt_tot": [tot for _, _, tot in gedekt],
        }

    def _share(self, periode: Periode, peiljaar: int) -> Floats:
        """Share (0-1) of the days of a period that the source covers, per buurt."""
        gemeente = self.kader.gemeente
        dekkingen = gemeente.dekkingen(self.kader.bron.naam, peiljaar)
        counted_in = {gemeente.vintage(dag).jaar for dag in (periode.van, periode.tot)} - {peiljaar}
        other = frozenset().union(*(self.kader.anders[peiljaar, jaar] for jaar in counted_in))
        days = [0 if buurt in other else gedekte_dagen(dekkingen, buurt, periode) for buurt in self.buurten(peiljaar)]
        return np.array(days, dtype=np.float64) / periode.dagen

    def _trendbreuken(self, perioden: Sequence[Periode], peiljaar: int) -> tuple[Trendbreuk, ...]:
        """Breaks after the first day of the series and up to its last."""
        if not perioden:
            return ()
        van, tot = min(periode.van for periode in perioden), max(periode.tot for periode in perioden)
        return tuple(
            Trendbreuk(row["datum"], row["reden"], self._touched(row, peiljaar))
            for row in self.kader.gemeente.trendbreuken
            if row["bron"] == self.kader.bron.naam and van < row["datum"] <= tot
        )

    def _touched(self, row: Mapping[str, Any], peiljaar: int) -> frozenset[str]:
        """The buurten of the area of a break; without an area all of them."""
        if not row["gebied"]:
            return frozenset(self.buurten(peiljaar))
        levels = (self.kader.gemeente.leden(peiljaar, niveau) for niveau in NIVEAUS)
        return next((level[row["gebied"]] for level in levels if row["gebied"] in level), frozenset())


def _stacked(columns: Sequence[Floats], n: int) -> Floats:
    return np.column_stack(columns) if columns else np.zeros((n, 0))
