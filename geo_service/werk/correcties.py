"""Corrections of places: what staff know better than the source. Everyone sees the value and the day, staff more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

from geo_service.db.queries import correcties as queries
from geo_service.db.queries.plekken import find_place, list_place_names, list_types
from geo_service.domain.perioden import dag_van
from geo_service.domain.persoonsgegevens import find_persoonsgegevens
from geo_service.errors import Faults, NotFound
from geo_service.identity import Viewer
from geo_service.release.context import connect_as
from geo_service.werk.werkplek import Werkplek

LANGSTE, REDEN_LENGTE = 200, (10, 500)
MEESTE = 500
JA, NEE = "ja", "nee"
BESTAAT_NIET = "bestaat_niet"
VELDEN = {
    "type": "Soort",
    "openingstijden": "Openingstijden",
    "zonder_verwijzing": "Zonder verwijzing",
    "adres": "Adres",
    BESTAAT_NIET: "Bestaat niet meer",
}
VELDEN_VAN = {
    "voorzieningen": ("type", "openingstijden", "zonder_verwijzing", BESTAAT_NIET),
    "wijkwijzers": ("adres", "openingstijden", BESTAAT_NIET),
}
GEEN_PLEK = "Deze plek is er niet, of is niet van uw gemeente."


def place_address(gemeente: str, laag: str, bron: str, sleutel: str) -> str:
    """Where a place is corrected."""
    return f"/verbeteren/{gemeente}/{laag}/{quote(bron, safe='')}/{quote(sleutel)}"


@dataclass(frozen=True)
class Plek:
    """A place that can be corrected. nu: what everyone sees by field; bron_zegt: what its source says."""

    gemeente: str
    laag: str
    bron: str
    sleutel: str
    naam: str
    nu: Mapping[str, str]
    bron_zegt: Mapping[str, str]

    @property
    def adres(self) -> str:
        return place_address(self.gemeente, self.laag, self.bron, self.sleutel)

    @property
    def velden(self) -> tuple[str, ...]:
        return VELDEN_VAN[self.laag]

    @property
    def key(self) -> dict[str, str]:
        return {"gemeente": self.gemeente, "laag": self.laag, "bron": self.bron, "sleutel": self.sleutel}


@dataclass(frozen=True)
class Correctie:
    """A correction of one field. eigen: of this viewer; ingetrokken_op: None while it holds."""

    nummer: int
    gemeente_code: str
    laag: str
    bron: str
    sleutel: str
    veld: str
    oud: str | None
    waarde: str
    reden: str
    rol: str
    gecorrigeerd_op: datetime
    ingetrokken_op: datetime | None
    eigen: bool

    @property
    def dag(self) -> str:
        return dag_van(self.gecorrigeerd_op)

    @property
    def ingetrokken_dag(self) -> str:
        return dag_van(self.ingetrokken_op) if self.ingetrokken_op else ""

    @property
    def veld_naam(self) -> str:
        return VELDEN[self.veld]

    @property
    def plek_adres(self) -> str:
        return place_address(self.gemeente_code, self.laag, self.bron, self.sleutel)


async def find(redactie: Werkplek, gemeente: str, laag: str, bron: str, sleutel: str) -> Plek:
    """A place that the viewer may correct; NotFound for one of another gemeente too."""
    viewer = redactie.viewer
    if laag not in VELDEN_VAN or not _may(viewer, gemeente):
        raise NotFound(GEEN_PLEK)
    async with connect_as(redactie.database, viewer) as connection:
        row = await find_place(connection, gemeente, laag, bron, sleutel)
    if row is None:
        raise NotFound(GEEN_PLEK)
    gone = row["geldig_tot"] != row["bron_geldig_tot"]
    nu, van_bron = _values(row, "", gone=gone), _values(row, "bron_", gone=False)
    return Plek(gemeente, laag, bron, sleutel, row["naam"], nu, van_bron)


async def known_types(redactie: Werkplek, plek: Plek) -> list[str]:
    """The kinds of places that the gemeente has."""
    async with connect_as(redactie.database, redactie.viewer) as connection:
        return await list_types(connection, plek.gemeente)


async def of_place(redactie: Werkplek, plek: Plek) -> list[Correctie]:
    """What was corrected of a place, newest first, withdrawn ones too."""
    async with redactie.connect() as connection:
        return [_correctie(row) for row in await queries.of_place(connection, plek.key)]


async def recent(redactie: Werkplek) -> list[Correctie]:
    """The newest corrections of the viewer's gemeente, or of all for who governs the data."""
    async with redactie.connect() as connection:
        return [_correctie(row) for row in await queries.list_correcties(connection, MEESTE)]


async def names_of(redactie: Werkplek, found: Sequence[Correctie]) -> dict[int, str]:
    """What the place of each correction is called, by number of the correction."""
    names: dict[tuple[str, str, str, str], str] = {}
    async with connect_as(redactie.database, redactie.viewer) as connection:
        for gemeente in sorted({one.gemeente_code for one in found}):
            for row in await list_place_names(connection, gemeente):
                names[gemeente, row["laag"], row["bron"], row["sleutel"]] = row["naam"]
    return {one.nummer: names.get((one.gemeente_code, one.laag, one.bron, one.sleutel), one.sleutel) for one in found}


async def correct(redactie: Werkplek, plek: Plek, form: Mapping[str, str], types: list[str]) -> list[int]:
    """Correct what the form says otherwise than the page; the numbers.

    form: the fields of this kind of place, and reden. types: kinds of places that there are. InvalidParameters names
    everything that is wrong at once.
    """
    asked = {naam: _asked(naam, form) for naam in plek.velden}
    changed = {naam: text for naam, text in asked.items() if text != plek.nu[naam]}
    reden = " ".join(form.get("reden", "").replace("\x00", "").split())
    _check(plek, changed, reden, types)
    shared = {"reden": reden, "medewerker": redactie.medewerker, "rol": redactie.viewer.role.value}
    async with redactie.connect() as connection:
        return [
            await queries.add_correctie(
                connection, plek.key, shared | {"veld": naam, "oud": plek.nu[naam] or None, "waarde": text}
            )
            for naam, text in changed.items()
        ]


async def withdraw(redactie: Werkplek, nummer: int) -> None:
    """What the source says counts again. NotFound for one that does not hold, or is of another gemeente."""
    async with redactie.connect() as connection:
        if not await queries.withdraw(connection, nummer):
            raise NotFound("Deze verbetering is er niet, of is al ingetrokken.")


def _may(viewer: Viewer, gemeente: str) -> bool:
    return viewer.works_in(gemeente) if viewer.scoped else True


def _asked(naam: str, form: Mapping[str, str]) -> str:
    text = " ".join(form.get(naam, "").replace("\x00", "").split())
    return (JA if text else NEE) if naam == BESTAAT_NIET else text


def _check(plek: Plek, changed: Mapping[str, str], reden: str, types: list[str]) -> None:
    faults = Faults()
    if not changed:
        faults.add(plek.velden[0], "U heeft niets veranderd.")
    for naam, text in changed.items():
        if not text:
            faults.add(naam, f"{VELDEN[naam]} leegmaken kan niet. Trek de verbetering in om terug te gaan.")
        elif len(text) > LANGSTE:
            faults.add(naam, f"{VELDEN[naam]} heeft ten hoogste {LANGSTE} tekens; dit zijn er {len(text)}.")
        elif naam == "type" and text not in types:
            faults.add(naam, "Kies een soort uit de lijst.")
        elif naam == "zonder_verwijzing" and text not in (JA, NEE):
            faults.add(naam, "Kies of een verwijzing nodig is.")
        elif naam == "openingstijden" and (found := find_persoonsgegevens(text)):
            faults.add(naam, f"Hierin lijkt {' en '.join(found)} te staan. Schrijf alleen dagen en uren.")
    if not REDEN_LENGTE[0] <= len(reden) <= REDEN_LENGTE[1]:
        faults.add("reden", f"Schrijf in {REDEN_LENGTE[0]} tot {REDEN_LENGTE[1]} tekens hoe u dit weet.")
    elif found := find_persoonsgegevens(reden):
        faults.add("reden", f"Hierin lijkt {' en '.join(found)} te staan. Haal dat weg.")
    faults.raise_any()


def _values(row: Mapping[str, Any], prefix: str, *, gone: bool) -> dict[str, str]:
    return {naam: _text(gone if naam == BESTAAT_NIET else row[prefix + naam]) for naam in VELDEN}


def _text(value: Any) -> str:
    return (JA if value else NEE) if isinstance(value, bool) else str(value or "")


def _correctie(row: Mapping[str, Any]) -> Correctie:
    return Correctie(**{name: row[name] for name in Correctie.__dataclass_fields__})
