"""What stands out in a stadsdeel, what is already there, and the gap between the two: by buurt, and never as a rank."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from geo_service.db.engine import ReadConnection
from geo_service.db.queries import plekken as plek_queries
from geo_service.db.queries.interventies import list_interventies
from geo_service.domain.dekking import dekkingsgraad
from geo_service.domain.hotspots import BLINDE_VLEKKEN, OPKOMEND, PUNTEN, SCAN
from geo_service.domain.perioden import Periode
from geo_service.errors import NotFound
from geo_service.identity import Viewer
from geo_service.release.cijfers import ALLES
from geo_service.release.context import Gemeente
from geo_service.release.features import HotspotVraag, hotspot_properties, hotspot_rows
from geo_service.release.perioden import choose_periode
from geo_service.release.plekken import METERS, plek_bronnen

# The divisions that a plan is made for, the one that a municipality prefers first.
NIVEAUS = ("stadsdeel", "wijk", "wijkteamgebied")
SOORTEN = {
    PUNTEN: "meldingen dicht bij elkaar",
    SCAN: "meer meldingen dan verwacht, of sinds kort meer",
    OPKOMEND: "een verloop dat opvalt",
    BLINDE_VLEKKEN: "opvallend stil",
}
VEEL = 2


@dataclass(frozen=True)
class Signaal:
    """One kind of thing that stands out in a buurt. aantal: how many of them; herkomst: source, coverage, run."""

    methode: str
    bron: str
    periode: Periode
    aantal: int
    herkomst: str

    @property
    def naam(self) -> str:
        return SOORTEN[self.methode]


@dataclass(frozen=True)
class Aanwezig:
    """What people of a buurt can walk to without a referral. ontbreekt: kinds that the municipality has elsewhere."""

    plekken: int
    soorten: tuple[str, ...]
    wijkwijzer: bool
    ontbreekt: tuple[str, ...]


@dataclass(frozen=True)
class Buurtstand:
    """A buurt in the picture.

    signalen: what stands out; None where no source counted. aanwezig: None without a source of places, or of an area
    that cannot be drawn. dichtbij: 0 fewer kinds of places than most buurten of the municipality, 1 about as many, 2
    more. interventies: what goes on there now, for staff of the area.
    """

    code: str
    naam: str
    signalen: tuple[Signaal, ...] | None
    aanwezig: Aanwezig | None
    dichtbij: int | None
    interventies: tuple[str, ...]

    @property
    def valt_op(self) -> int | None:
        """0 nothing, 1 one kind of signal, 2 more kinds."""
        return None if self.signalen is None else min(len(self.signalen), VEEL)

    @property
    def gat(self) -> bool:
        """Something stands out while fewer kinds of places are near than in most buurten."""
        return bool(self.signalen) and self.dichtbij == 0


@dataclass(frozen=True)
class Plan:
    """A part of a municipality, by buurt in the order of their names. perioden: of each source that was looked at.

    grenzen: the numbers of kinds of places that divide the buurten of the municipality in three (None: unknown).
    ziet_interventies: whether the viewer may see any here.
    """

    gemeente_code: str
    code: str
    naam: str
    niveau: str
    buurten: tuple[Buurtstand, ...]
    perioden: Mapping[str, Periode]
    grenzen: tuple[float, float] | None
    plek_bronnen: tuple[str, ...]
    ziet_interventies: bool

    def vak(self, valt_op: int, dichtbij: int) -> tuple[Buurtstand, ...]:
        """The buurten of one field of the picture."""
        return tuple(one for one in self.buurten if (one.valt_op, one.dichtbij) == (valt_op, dichtbij))

    @property
    def buiten_beeld(self) -> tuple[Buurtstand, ...]:
        """Buurten of which one of the two is not known."""
        return tuple(one for one in self.buurten if None in (one.valt_op, one.dichtbij))

    @property
    def kaartjes(self) -> tuple[Buurtstand, ...]:
        """Buurten to talk about: something stands out there."""
        return tuple(one for one in self.buurten if one.signalen)


def plan_gebieden(gemeente: Gemeente) -> tuple[str, tuple[tuple[str, str], ...]]:
    """The level that a plan is made for, and its areas as (code, name), by name. NotFound without any area."""
    if not gemeente.vintages:
        raise NotFound(f"Er zijn nog geen gebieden van {gemeente.naam} geladen.")
    jaar = gemeente.vintages[-1].jaar
    for niveau in NIVEAUS:
        if found := gemeente.leden(jaar, niveau):
            named = ((code, gemeente.gebied_naam(code)) for code in found)
            return niveau, tuple(sorted(named, key=lambda area: area[1]))
    return "gemeente", ((gemeente.code, gemeente.naam),)


async def plan_voor(
    connection: ReadConnection, viewer: Viewer, gemeente: Gemeente, code: str, *, vandaag: date
) -> Plan:
    """The picture of one area as this viewer may see it; NotFound for an area that no plan is made for."""
    jaar = gemeente.vintages[-1].jaar if gemeente.vintages else 0
    niveau = gemeente.niveau_van(code) or ""
    buurten = gemeente.leden(jaar, niveau).get(code, frozenset())
    if niveau == "buurt" or not buurten:
        raise NotFound(f"Een plan is er voor een stadsdeel of wijk, en {code[:40]!r} is dat niet in {gemeente.naam}.")
    perioden = {naam: choose_periode(gemeente, viewer, naam, None) for naam in gemeente.melding_bronnen()}
    signalen = await _signalen(connection, viewer, gemeente, perioden)
    bronnen = plek_bronnen(gemeente)
    aanwezig = await _aanwezig(connection, gemeente, jaar) if bronnen else {}
    grenzen = _grenzen([len(there.soorten) for there in aanwezig.values()])
    acties = await _interventies(connection, viewer, gemeente, jaar, vandaag)
    standen = [
        Buurtstand(
            buurt,
            gemeente.gebied_naam(buurt),
            signalen.get(buurt, ()) if _geteld(gemeente, jaar, buurt, perioden) else None,
            aanwezig.get(buurt),
            _dichtbij(aanwezig.get(buurt), grenzen),
            tuple(acties.get(buurt, ())),
        )
        for buurt in buurten
    ]
    return Plan(
        gemeente.code,
        code,
        gemeente.gebied_naam(code),
        niveau,
        tuple(sorted(standen, key=lambda stand: stand.naam)),
        perioden,
        grenzen,
        tuple(bronnen),
        ziet_interventies=bool(buurten & gemeente.eigen_buurten(viewer, jaar)),
    )


def _geteld(gemeente: Gemeente, jaar: int, buurt: str, perioden: Mapping[str, Periode]) -> bool:
    """Whether any source counted in a buurt: where none did, silence says nothing."""
    return any(
        dekkingsgraad(gemeente.dekkingen(naam, jaar), [buurt], periode) > 0 for naam, periode in perioden.items()
    )


async def _signalen(
    connection: ReadConnection, viewer: Viewer, gemeente: Gemeente, perioden: Mapping[str, Periode]
) -> dict[str, tuple[Signaal, ...]]:
    """What was found over all reports of each source, by buurt; one signal per source and method."""
    found: dict[tuple[str, str, str], list[dict[str, Any]]] = {}
    for bron, periode in perioden.items():
        vraag = HotspotVraag(bron, periode.code, methode=None)
        for row in await hotspot_rows(connection, viewer, gemeente, vraag):
            if row["categorie"] == ALLES:
                for buurt in row["buurten"]:
                    found.setdefault((buurt, bron, row["methode"]), []).append(row)
    signals: dict[str, tuple[Signaal, ...]] = {}
    for (buurt, bron, methode), rows in sorted(found.items()):
        herkomst = hotspot_properties(gemeente, rows[0])["herkomst"]
        one = Signaal(methode, bron, perioden[bron], len(rows), herkomst)
        signals[buurt] = (*signals.get(buurt, ()), one)
    return signals


async def _aanwezig(connection: ReadConnection, gemeente: Gemeente, jaar: int) -> dict[str, Aanwezig]:
    kinds = await plek_queries.list_types(connection, gemeente.code)
    rows = await plek_queries.list_reach(connection, gemeente.code, jaar=jaar, meters=float(METERS))
    return {
        row["code"]: Aanwezig(
            row["plekken"],
            tuple(kind for kind in kinds if kind in set(row["soorten"] or ())),
            row["wijkwijzer"],
            tuple(kind for kind in kinds if kind not in set(row["soorten"] or ())),
        )
        for row in rows
    }


def _grenzen(counts: Sequence[int]) -> tuple[float, float] | None:
    """The numbers that divide the buurten in three; None for fewer than three of them."""
    if len(counts) < 3:
        return None
    low, high = np.quantile(counts, (1 / 3, 2 / 3))
    return float(low), float(high)


def _dichtbij(there: Aanwezig | None, grenzen: tuple[float, float] | None) -> int | None:
    if there is None or grenzen is None:
        return None
    low, high = grenzen
    return 0 if len(there.soorten) <= low else 1 if len(there.soorten) <= high else 2


async def _interventies(
    connection: ReadConnection, viewer: Viewer, gemeente: Gemeente, jaar: int, vandaag: date
) -> dict[str, list[str]]:
    """The names of what goes on today by buurt, for staff; the database holds the rows to their own areas."""
    if not viewer.works_in(gemeente.code):
        return {}
    found: dict[str, list[str]] = {}
    for row in await list_interventies(connection, gemeente.code, van=vandaag, tot=vandaag, jaar=jaar):
        for code in row["gebieden"] or ():
            niveau = gemeente.niveau_van(code.strip()) or ""
            for buurt in gemeente.leden(jaar, niveau).get(code.strip(), ()):
                found.setdefault(buurt, []).append(row["naam"])
    return found
