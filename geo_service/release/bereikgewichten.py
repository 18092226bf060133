"""What counts when a new place is looked for: dwellings, visits, or dwellings where more need is expected."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from geo_service.db.engine import ReadConnection
from geo_service.domain.gebieden import BUITEN
from geo_service.identity import Viewer
from geo_service.release.cijfers import CijferVraag, one_tabel
from geo_service.release.context import Gemeente
from geo_service.release.kaartthemas import NOODKENMERKEN, read_wonen
from geo_service.release.lagen import BEZOEKEN
from geo_service.release.noemers import Noemers
from geo_service.release.perioden import available_perioden
from maps.getallen import format_getal
from maps.samen import derde, derde_grenzen
from maps.teksten import STATUS_WOORD

GEWICHTEN = {
    "woningen": "Woningen",
    "bezoeken": "Bezoeken aan wijkwijzers",
    "behoefte": "Woningen waar wij meer behoefte verwachten",
}


@dataclass(frozen=True)
class Gewicht:
    """waarden: per buurt, None where it is not known or hidden. eenheid: what is added up; reden: why there is none."""

    naam: str
    waarden: Mapping[str, float | None]
    eenheid: str
    uitleg: str
    herkomst: str


def offered(viewer: Viewer, gemeente: Gemeente) -> list[str]:
    """The weights that this viewer can choose."""
    visits = viewer.may_see_figures and BEZOEKEN.bronnen(gemeente)
    return [naam for naam in GEWICHTEN if naam != "bezoeken" or visits]


async def read_gewicht(
    connection: ReadConnection, viewer: Viewer, gemeente: Gemeente, naam: str, woningen: Noemers
) -> Gewicht:
    """The chosen weight. Of visits only what this viewer sees takes part."""
    if naam == "bezoeken":
        return await _bezoeken(connection, viewer, gemeente)
    if naam == "behoefte":
        return await _behoefte(connection, gemeente, woningen)
    herkomst = f"woningen uit {woningen.jaar} ({woningen.bron})" if woningen.jaar else "geen bron van woningen"
    return Gewicht(naam, woningen.waarden, "woningen", "Elke woning telt even zwaar.", herkomst)


async def _bezoeken(connection: ReadConnection, viewer: Viewer, gemeente: Gemeente) -> Gewicht:
    """Visits by where visitors live, of the last whole year: fewer of them are hidden than of a quarter."""
    bron = BEZOEKEN.bronnen(gemeente)[0]
    last = gemeente.bron(bron).laatste_dag
    # What the public may ask for has ended; staff may ask for the year that goes on too.
    jaren = [
        periode
        for periode in available_perioden(gemeente, viewer, bron)
        if periode.soort == "jaar" and (not viewer.scoped or (last is not None and periode.tot <= last))
    ]
    vraag = CijferVraag(niveau="buurt", bron=bron, periode=jaren[-1].code if jaren else None)
    tabel = await one_tabel(connection, viewer, gemeente, BEZOEKEN, vraag)
    rijen = [rij for rij in tabel.rijen if rij.gebied_code != BUITEN] if tabel else []
    values = {rij.gebied_code: rij.volledig for rij in rijen}
    reasons = {rij.cijfer.status.value for rij in rijen if values[rij.gebied_code] is None}
    hidden = sum(value is None for value in values.values())
    told = "De bezoeken tellen in de buurt waar de bezoeker woont."
    if hidden:
        words = " of ".join(sorted(STATUS_WOORD[reason] for reason in reasons - {"ok"})) or "niet volledig"
        told += f" Van {format_getal(hidden)} buurten is het aantal {words}: die doen niet mee."
    herkomst = f"{tabel.periode.naam}; {tabel.herkomst}" if tabel else "geen bron van bezoeken"
    return Gewicht("bezoeken", values, "bezoeken", told, herkomst)


async def _behoefte(connection: ReadConnection, gemeente: Gemeente, woningen: Noemers) -> Gewicht:
    """Dwellings, times one to three by the thirds of the two signs of need; both must be known."""
    factors: dict[str, list[int]] = {}
    sources = []
    for code, kenmerk in NOODKENMERKEN.items():
        wonen = await read_wonen(connection, gemeente, "buurt", code, None)
        sign = -1.0 if kenmerk.nood_laag else 1.0
        known = {area: sign * row["waarde"] for area, row in wonen.waarden.items() if row["waarde"] is not None}
        bounds = derde_grenzen(list(known.values()))
        for area, value in known.items():
            factors.setdefault(area, []).append(1 + derde(value, bounds))
        sources.append(f"{kenmerk.naam.lower()} uit {wonen.kenmerk.jaar} ({wonen.kenmerk.bron})")
    values = {
        area: woningen.waarden[area] * float(np.mean(found))
        for area, found in factors.items()
        if len(found) == len(NOODKENMERKEN) and area in woningen.waarden
    }
    told = (
        "Een woning telt een tot drie keer: meer als in haar buurt het deel corporatiewoningen groot is, en als de "
        "gemiddelde WOZ-waarde laag is. Dat zegt iets over wat wij verwachten, niet over wie er woont."
    )
    return Gewicht("behoefte", values, "gewogen woningen", told, "; ".join(sources))
