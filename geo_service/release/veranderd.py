"""What changed in the areas that a viewer works in, beyond noise: the last whole month beside the twelve before it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from analysis.arrays import Floats
from analysis.unusual import unusual_last
from geo_service.db.engine import ReadConnection
from geo_service.domain.perioden import Periode
from geo_service.identity import Viewer
from geo_service.release.cijfers import CijferTabel, CijferVraag, Reeks, tabellen
from geo_service.release.context import Gemeente
from geo_service.release.lagen import MELDINGEN
from geo_service.release.perioden import available_perioden

# How far back an area is compared with itself: a year of months, or two of quarters.
TERUG = {"maand": 12, "kwartaal": 8}


@dataclass(frozen=True)
class Verandering:
    """A count that its own past did not let expect. verwacht, laag, hoog: that expectation and its range (95%)."""

    gebied_code: str
    gebied_naam: str
    aantal: int
    verwacht: float
    laag: int
    hoog: int

    @property
    def meer(self) -> bool:
        return self.aantal > self.verwacht


@dataclass(frozen=True)
class Nieuws:
    """One source in its last whole period. bekeken: how many buurten could be judged."""

    bron: str
    periode: Periode
    bekeken: int
    veranderingen: tuple[Verandering, ...]
    herkomst: str


def stand_van(gemeente: Gemeente, viewer: Viewer) -> dict[str, str]:
    """The last whole period of each source of reports, by source."""
    last = {naam: _last_whole(gemeente, viewer, naam) for naam in gemeente.melding_bronnen()}
    return {naam: periode.code for naam, periode in last.items() if periode is not None}


async def nieuws_sinds(
    connection: ReadConnection,
    viewer: Viewer,
    gemeente: Gemeente,
    vorige: Mapping[str, str] | None,
    van: Viewer | None = None,
) -> list[Nieuws]:
    """What is beyond noise in the viewer's own buurten, of sources that got another last period since.

    van: in whose buurten instead; the figures stay those of the viewer. vorige: what stand_van told then; None looks at
    every source. Only figures that the viewer sees complete are looked at, so that nothing is told by what is withheld.
    """
    found = []
    for naam, code in stand_van(gemeente, viewer).items():
        if vorige is None or vorige.get(naam) != code:
            found.append(await _nieuws(connection, viewer, gemeente, naam, van or viewer))
    return found


def _last_whole(gemeente: Gemeente, viewer: Viewer, bron: str) -> Periode | None:
    last_day = gemeente.bron(bron).laatste_dag
    available = available_perioden(gemeente, viewer, bron)
    kinds = {periode.soort for periode in available}
    soort = next((kind for kind in TERUG if kind in kinds), None)
    whole = [p for p in available if p.soort == soort and last_day is not None and p.tot <= last_day]
    return whole[-1] if whole else None


async def _nieuws(connection: ReadConnection, viewer: Viewer, gemeente: Gemeente, bron: str, van: Viewer) -> Nieuws:
    last = _last_whole(gemeente, viewer, bron)
    assert last is not None  # noqa: S101  (it stands in stand_van)
    available = [p for p in available_perioden(gemeente, viewer, bron) if p.soort == last.soort and p.tot <= last.tot]
    perioden = available[-1 - TERUG[last.soort] :]
    vraag = CijferVraag(niveau="buurt", bron=bron)
    tables = await tabellen(connection, viewer, gemeente, MELDINGEN, Reeks(vraag, perioden))
    own = sorted(gemeente.eigen_buurten(van, tables[-1].peiljaar))
    counts = _counts(tables, own)
    found = unusual_last(counts[:, -1], counts[:, :-1])
    changes = [
        Verandering(
            code, gemeente.gebied_naam(code), int(counts[at, -1]), round(float(found.expected[at]), 1),
            int(found.low[at]), int(found.high[at]),
        )
        for at, code in enumerate(own) if found.unusual[at]
    ]  # fmt: skip
    changes.sort(key=lambda change: change.gebied_naam)
    return Nieuws(bron, last, int(np.isfinite(found.p_value).sum()), tuple(changes), tables[-1].herkomst)


def _counts(tables: list[CijferTabel], own: list[str]) -> Floats:
    """Counts by area and period, (n, t); NaN where the source did not cover the area, and up to a trend break."""
    counts = np.full((len(own), len(tables)), np.nan)
    place = {code: at for at, code in enumerate(own)}
    for column, tabel in enumerate(tables):
        for rij in tabel.rijen:
            at = place.get(rij.gebied_code)
            if at is None:
                continue
            counts[at, column] = np.nan if rij.volledig is None else rij.volledig
            if rij.trendbreuk:
                counts[at, :column] = np.nan
    return counts
