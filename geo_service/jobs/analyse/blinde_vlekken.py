"""Where is need but silence: buurten that report far less than buurten with the same dwellings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import psycopg

from analysis.blindspots import BlindspotResult, estimate
from geo_service.domain.cijfers import Status
from geo_service.domain.hotspots import STIL
from geo_service.domain.perioden import Periode, bereik, perioden_tussen
from geo_service.jobs.analyse import kaartjes
from geo_service.jobs.analyse.kader import INDICATOREN, INWONERS, NOOD, Kader
from geo_service.jobs.analyse.parameters import BlindeVlekken
from geo_service.jobs.analyse.reeksen import Floats, Lezer, Reeks
from geo_service.jobs.analyse.vondsten import (
    GEEN_MELDINGEN,
    PUBLIEK,
    Cel,
    Cijfers,
    Drempels,
    Uitkomst,
    Vlakken,
    Vondst,
    Vorm,
    load_vlakken,
)  # fmt: skip
from geo_service.release.cijfers import ALLES
from geo_service.release.perioden import FINENESS

GEEN_KENMERKEN = "Er zijn geen kenmerken van buurten bekend waaruit volgt hoeveel meldingen er te verwachten zijn."
NAMEN = {
    "corporatie_pct": "het deel corporatiewoningen",
    "woz_1000": "de gemiddelde woningwaarde",
    "meergezins_pct": "het deel flats en andere gestapelde woningen",
    "adressendichtheid": "hoe dicht er gebouwd is",
}


@dataclass(frozen=True, eq=False)
class Nood:
    """Need of n buurten: values (n, p) of the indicators that are used, inhabitants (n,), NaN where unknown, their year."""

    values: Floats
    inwoners: Floats
    kenmerken: tuple[str, ...]
    jaar: int


def find(connection: psycopg.Connection, lezer: Lezer, periode: Periode, parameters: BlindeVlekken) -> Uitkomst:
    """Silent buurten over all reports together; a single category has too few reports to call a buurt silent."""
    kader = lezer.kader
    peiljaar = kader.peiljaar(periode)
    reeks = lezer.reeksen(window_of(kader, periode, parameters), peiljaar)[ALLES]
    nood = read_need(kader, reeks.buurten, periode.tot.year, parameters)
    if nood is None:
        return Uitkomst(reden=GEEN_KENMERKEN)
    if not reeks.aantal.any():
        return Uitkomst(reden=GEEN_MELDINGEN)
    share = np.average(reeks.dekking, axis=1, weights=[one.dagen for one in reeks.perioden])
    try:
        result = estimate(reeks.aantal.sum(axis=1), nood.values, nood.inwoners * share, covered=share > 0)
    except ValueError:
        # The one thing that can be wrong with these arrays: too few buurten in which everything is known.
        return Uitkomst(reden="Er zijn te weinig buurten met meldingen, inwoners en kenmerken om te vergelijken.")
    vlakken, drempels = load_vlakken(connection, kader, peiljaar), Drempels(connection, kader)
    found = [
        _make_vondst(kader, vlakken, drempels, _Buurt(int(row), reeks, nood, result))
        for row in np.flatnonzero(result.silent)
        if reeks.buurten[row] in vlakken.polygonen
    ]
    used = {"kenmerken": nood.kenmerken, "jaar": nood.jaar, "uitleg": result.uitleg, "dispersie": result.dispersion}
    return Uitkomst([vondst for vondst in found if vondst.vormen], used | dict(result.parameters))


def window_of(kader: Kader, periode: Periode, parameters: BlindeVlekken) -> list[Periode]:
    """The last quarters up to the end of the period: one alone holds too few reports. A source that counts per year: the
    period itself."""
    if FINENESS[kader.bron.fijnste_periode or "dag"] > FINENESS["kwartaal"]:
        return [periode]
    quarters = perioden_tussen(periode.tot.replace(year=periode.tot.year - 2), periode.tot, "kwartaal")
    return [quarter for quarter in quarters if quarter.tot <= periode.tot][-parameters.kwartalen :]


def read_need(kader: Kader, buurten: Sequence[str], jaar: int, parameters: BlindeVlekken) -> Nood | None:
    """The indicators of the year nearest to this one that tells of need; None without."""
    values = {(row["jaar"], row["indicator"], row["gebied_code"]): row["waarde"] for row in kader.kerncijfers}

    def column(year: int, indicator: str) -> Floats:
        found = [values.get((year, indicator, buurt)) for buurt in buurten]
        return np.array([np.nan if value is None else value for value in found], dtype=np.float64)

    for year in sorted({year for year, _, _ in values}, key=lambda year: (abs(year - jaar), year)):
        people = column(year, INWONERS)
        total = np.nansum(people)
        known = {name: column(year, name) for name in INDICATOREN}
        used = [
            name
            for name, found in known.items()
            if total and np.nansum(people[~np.isnan(found)]) >= parameters.min_share * total
        ]
        if set(used) & set(NOOD):
            return Nood(np.column_stack([known[name] for name in used]), people, tuple(used), year)
    return None


@dataclass(frozen=True, eq=False)
class _Buurt:
    """One silent buurt: its row in the series, the need and the estimate."""

    row: int
    reeks: Reeks
    nood: Nood
    result: BlindspotResult

    @property
    def code(self) -> str:
        return self.reeks.buurten[self.row]

    @property
    def cijfers(self) -> Cijfers:
        counts = self.reeks.aantal[self.row]
        cellen = [
            Cel(self.code, periode, int(n))
            for periode, n, covered in zip(self.reeks.perioden, counts, self.reeks.gedekt[self.row], strict=True)
            if covered
        ]
        expected = float(self.result.expected[self.row])
        return Cijfers(cellen, verwacht=expected, verhouding=float(counts.sum()) / expected)


def _make_vondst(kader: Kader, vlakken: Vlakken, drempels: Drempels, buurt: _Buurt) -> Vondst:
    reeks, nood = buurt.reeks, buurt.nood
    area = vlakken.polygonen[buurt.code]
    vormen = {table: drempels.judge(table, ALLES, buurt.cijfers, area) for table in drempels.tables}
    if not _tells_nothing_new(drempels, buurt, vormen[PUBLIEK]):
        del vormen[PUBLIEK]
    window = bereik(reeks.perioden[0].van, reeks.perioden[-1].tot)
    bekend = kaartjes.Bekend(
        kader.counted_days(window), deels=bool((reeks.dekking < 1).any()), breuken=reeks.breuken([buurt.code])
    )
    kaartje = kaartjes.stilte(bekend, [NAMEN[name] for name in nood.kenmerken], nood.jaar)
    p = float(buurt.result.p_value[buurt.row])
    stadsdeel = vlakken.stadsdeel([buurt.code])
    return Vondst(ALLES, STIL, [buurt.code], stadsdeel, kaartje, vormen, window.van, window.tot, p)


def _tells_nothing_new(drempels: Drempels, buurt: _Buurt, vorm: Vorm) -> bool:
    """Whether everyone may know that a buurt is silent: with its figures, or when every number that its withheld cells
    can hold would still lie below the margin."""
    if vorm.status is Status.OK:
        return True
    cellen = buurt.cijfers.cellen
    closed = [cel for cel in cellen if not drempels.is_open(PUBLIEK, ALLES, cel)]
    most = sum(cel.aantal for cel in cellen if cel not in closed) + len(closed) * (drempels.least(PUBLIEK) - 1)
    return most <= float(buurt.result.low[buurt.row])
