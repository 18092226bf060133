"""Fixed breaks of the map: round, the same for every period of a kind, from what everyone may see of the whole series.

They come from the released figures only, so that they are equal for every viewer and tell nothing that was withheld.
Months are released to nobody: theirs are a third of the breaks of a quarter. Other spans have none.
"""

from __future__ import annotations

from dataclasses import dataclass

from geo_service.db.engine import ReadConnection
from geo_service.domain.cijfers import Status
from geo_service.identity import PUBLIEK
from geo_service.release.cijfers import CijferTabel, CijferVraag, Reeks, tabellen
from geo_service.release.geheugen import Geheugen
from geo_service.release.perioden import available_perioden
from maps.getallen import shown_value
from maps.klassen import ENOUGH, VasteKlassen, ronde_grenzen
from maps.model import Eenheid

MAANDEN_PER_KWARTAAL = 3


@dataclass(frozen=True)
class _Soort:
    """Which released periods give the breaks of a kind of period, and by what they are divided."""

    elk: str
    van: str
    delen: int = 1


_SOORTEN = {
    "jaar": _Soort("elk jaar", "jaar"),
    "kwartaal": _Soort("elk kwartaal", "kwartaal"),
    "maand": _Soort("elke maand", "kwartaal", MAANDEN_PER_KWARTAAL),
}


async def vaste_klassen(
    connection: ReadConnection, tabel: CijferTabel, eenheid: Eenheid, geheugen: Geheugen | None = None
) -> VasteKlassen | None:
    """The fixed classes for the source, category, level and kind of period of a table; None without released figures.

    geheugen: what was made before for the same data is not made again.
    """
    soort = _SOORTEN.get(tabel.periode.soort)
    if soort is None:
        return None
    asked = (tabel.laag.naam, tabel.bron.naam, tabel.categorie, tabel.niveau, soort.elk, tabel.noemers.soort, eenheid)
    key = (geheugen.last_stand if geheugen else "", tabel.gemeente.code, *asked)
    grenzen = geheugen.known_grenzen(key) if geheugen else None
    if grenzen is None:
        grenzen = await _grenzen(connection, tabel, eenheid, soort)
        if geheugen:
            geheugen.remember_grenzen(key, grenzen)
    return VasteKlassen(grenzen, soort.elk) if grenzen else None


async def _grenzen(
    connection: ReadConnection, tabel: CijferTabel, eenheid: Eenheid, soort: _Soort
) -> tuple[float, ...]:
    """Breaks over all areas and released periods; uncertain figures take part only where there is little else."""
    perioden = [p for p in available_perioden(tabel.gemeente, PUBLIEK, tabel.bron.naam) if p.soort == soort.van]
    if not perioden:
        return ()
    vraag = CijferVraag(tabel.niveau, tabel.bron.naam, tabel.categorie, noemer=tabel.noemers.soort)
    series = await tabellen(connection, PUBLIEK, tabel.gemeente, tabel.laag, Reeks(vraag, perioden))
    by_status: dict[Status, list[float]] = {Status.OK: [], Status.ONBETROUWBAAR: []}
    for one in series:
        for rij in one.rijen:
            value = rij.cijfer.per_1000 if eenheid == "per_1000" else rij.cijfer.aantal
            if value is not None:
                by_status[rij.cijfer.status].append(shown_value(value, eenheid) / soort.delen)
    values = by_status[Status.OK]
    if len({value for value in values if value > 0}) < ENOUGH:
        values = values + by_status[Status.ONBETROUWBAAR]
    return ronde_grenzen(values, geheel=eenheid == "aantal")
