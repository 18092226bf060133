"""What a source has to release: its periods, the areas it counts by, and the days that it covers each of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import psycopg

from geo_service.db.write.cijfers import Vrij
from geo_service.domain.dekking import Dekking
from geo_service.domain.gebieden import Vintage, make_vintages
from geo_service.domain.perioden import Periode, perioden_tussen
from geo_service.jobs.vrijgave.tabel import ALLES, Rooster
from geo_service.release.cellen import Cellen
from geo_service.settings import get_settings

SOORTEN = ("kwartaal", "jaar")


@dataclass(frozen=True)
class LatticeBron:
    """One source with data and coverage, in a municipality with areas. van, tot: the days that it covers at all."""

    gemeente: str
    naam: str
    van: date
    tot: date
    fijnste_niveau: str | None
    rest_telt: bool
    vintages: Sequence[Vintage]
    hoofd_van: Mapping[str, str]

    def periodes(self, today: date) -> list[Periode]:
        """Quarters, then years, that may be released today."""
        last = min(self.tot, today)
        return [periode for soort in SOORTEN for periode in releasable(self.van, last, soort, today)]

    def part(self, connection: psycopg.Connection, jaar: int, periodes: Sequence[Periode]) -> tuple[Vrij, Cellen]:
        """The part of the lattice that was counted in one vintage."""
        cellen = Cellen(self.gemeente, _leden(connection, self.gemeente, jaar), self.rest_telt)
        dekkingen = [
            Dekking(cellen.buurten.get(gebied, frozenset()), van, tot)
            for gebied, van, tot in connection.execute(
                "select d.gebied, d.van, coalesce(d.tot, b.laatste_dag, d.van) from publiek.bron_dekking d "
                "join publiek.bron b on b.gemeente_code = d.gemeente_code and b.naam = d.bron "
                "where d.gemeente_code = %s and d.bron = %s",
                (self.gemeente, self.naam),
            )
        ]
        gebieden = [
            (niveau, code, cel)
            for niveau, level in cellen.leden.items()
            for code in level
            for cel in sorted(cellen.of_area(niveau, code))
        ]
        spans = [(periode.code, periode.van, periode.tot) for periode in periodes]
        vrij = Vrij(self.gemeente, self.naam, jaar, spans, list(cellen.buurten), gebieden, cellen.covered(dekkingen))
        return vrij, cellen

    def rooster(self, cellen: Cellen, categorieen: Sequence[str]) -> Rooster:
        """The sums of the lattice when the source uses these categories."""
        visits = sorted(set(categorieen) - set(self.hoofd_van) - {ALLES})
        return Rooster.of(cellen.leden, self.fijnste_niveau, self.hoofd_van, visits)


def read_bron(connection: psycopg.Connection, gemeente: str, bron: str) -> LatticeBron | None:
    """None for a source without data or coverage, or in a municipality without areas."""
    row = connection.execute(
        "select min(d.van), max(coalesce(d.tot, b.laatste_dag, d.van)), min(b.fijnste_niveau), "
        "bool_or(b.laag = 'bezoeken') from publiek.bron_dekking d "
        "join publiek.bron b on b.gemeente_code = d.gemeente_code and b.naam = d.bron "
        "where d.gemeente_code = %s and d.bron = %s and b.eerste_dag is not null having count(*) > 0",
        (gemeente, bron),
    ).fetchone()
    years = connection.execute(
        "select distinct jaar from publiek.gebied where gemeente_code = %s and niveau <> 'wijkteamgebied'",
        (gemeente,),
    ).fetchall()
    if row is None or row[0] is None or not years:
        return None
    heads = connection.execute("select code, coalesce(hoofd, code) from publiek.categorie").fetchall()
    van, tot, niveau, rest_telt = row
    vintages = make_vintages(year for (year,) in years)
    return LatticeBron(gemeente, bron, van, tot, niveau, bool(rest_telt), vintages, dict(heads))


def _leden(connection: psycopg.Connection, gemeente: str, jaar: int) -> dict[str, dict[str, frozenset[str]]]:
    leden: dict[str, dict[str, set[str]]] = {}
    for niveau, code, buurt in connection.execute(
        "select niveau, gebied_code, buurt_code from publiek.indeling where gemeente_code = %s and jaar = %s",
        (gemeente, jaar),
    ):
        leden.setdefault(niveau, {}).setdefault(code, set()).add(buurt)
    return {niveau: {code: frozenset(found) for code, found in level.items()} for niveau, level in leden.items()}


def releasable(van: date, tot: date, soort: str, today: date) -> list[Periode]:
    """Periods that touch the coverage and ended at least the freezing time before today."""
    freeze = timedelta(days=get_settings().bevriezing_dagen)
    return [periode for periode in perioden_tussen(van, tot, soort) if periode.tot + freeze < today]
