"""Actions in the neighbourhood: what they are for, and what may stand in the log of them."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from geo_service.domain.persoonsgegevens import find_persoonsgegevens
from geo_service.domain.tekening import Tekening, TekeningFout, read_tekening
from geo_service.errors import Faults

DOELEN = {
    1: "zelf- en samenredzaamheid",
    2: "meedoen",
    3: "langer zelfstandig thuis",
    4: "kwaliteit van leven",
    5: "leefbare wijken en preventie",
}
RICHTINGEN = {"daling": "minder", "stijging": "meer"}
LOGBOEK = "interventielogboek"
"""The source of what staff write themselves; every other source was loaded."""

VELDEN = {
    "naam": "Naam",
    "soort": "Soort",
    "doel": "Doel",
    "partners": "Partners",
    "gebied": "Gebied",
    "van": "Begin",
    "tot": "Einde",
    "signaal_bron": "Signaal: bron",
    "categorie": "Signaal: categorie",
    "richting": "Verwachting",
    "kosten": "Kosten",
    "evaluatie_op": "Terugkijken op",
}
LANGSTE = {"naam": 120, "soort": 80, "partners": 300}
EERSTE_DAG = date(2000, 1, 1)
MEESTE_KOSTEN = 1_000_000_000
_VERDER_JAREN = 10
_BEDRAG = re.compile(r"(?:\d{1,3}(?:\.\d{3})+|\d+)(?:,\d{1,2})?|\d+\.\d{1,2}")


@dataclass(frozen=True)
class Keuzes:
    """What an editor can choose from: sources of signals, and categories by code."""

    bronnen: Collection[str]
    categorieen: Mapping[str, str]


@dataclass(frozen=True)
class Inhoud:
    """What is written of an action, where it is aside. kosten in euro."""

    naam: str
    soort: str | None
    doel: int
    partners: str | None
    van: date
    tot: date | None
    signaal_bron: str | None
    categorie: str | None
    richting: str
    kosten: float | None
    evaluatie_op: date | None


@dataclass(frozen=True)
class Gebied:
    """Where it is: areas by code, or what was drawn."""

    codes: tuple[str, ...] = ()
    tekening: Tekening | None = None


def read_inhoud(ingevuld: Mapping[str, str], keuzes: Keuzes, vandaag: date) -> Inhoud:
    """Texts by field (VELDEN, gebied aside) as an action; InvalidParameters names everything that is wrong at once."""
    faults = Faults()
    naam, soort, partners = (_text(ingevuld, field, faults) for field in LANGSTE)
    if not naam:
        faults.add("naam", "Geef de interventie een naam.")
    doel = {str(number): number for number in DOELEN}.get(_get(ingevuld, "doel"))
    if doel is None:
        faults.add("doel", "Kies het doel waaraan de interventie werkt.")
    van, tot, evaluatie = _days(ingevuld, vandaag, faults)
    bron, categorie = _signal(ingevuld, keuzes, faults)
    richting = _get(ingevuld, "richting") or "daling"
    if richting not in RICHTINGEN:
        faults.add("richting", "Kies of u minder of meer verwacht.")
    kosten = _kosten(_get(ingevuld, "kosten"), faults)
    faults.raise_any()
    if doel is None or van is None:
        raise ValueError("an action without a goal or a beginning passed its checks")
    return Inhoud(
        naam=naam, soort=soort or None, doel=doel, partners=partners or None, van=van, tot=tot, signaal_bron=bron,
        categorie=categorie, richting=richting, kosten=kosten, evaluatie_op=evaluatie,
    )  # fmt: skip


def read_gebied(ingevuld: Mapping[str, str]) -> Gebied:
    """GeoJSON under ``tekening``, else codes under ``gebied``, joined by ";". TekeningFout when neither can be read."""
    drawn = ingevuld.get("tekening", "").strip()
    if drawn:
        return Gebied(tekening=read_tekening(drawn))
    codes = tuple(dict.fromkeys(code for code in re.split(r"[;,\s]+", ingevuld.get("gebied", "")) if code))
    if not codes:
        raise TekeningFout("Kies waar de interventie is: teken een gebied of kies buurten.")
    return Gebied(codes)


def _get(ingevuld: Mapping[str, str], naam: str) -> str:
    return " ".join(ingevuld.get(naam, "").replace("\x00", "").split())


def _text(ingevuld: Mapping[str, str], naam: str, faults: Faults) -> str:
    text = _get(ingevuld, naam)
    if len(text) > LANGSTE[naam]:
        faults.add(naam, f"{VELDEN[naam]} heeft ten hoogste {LANGSTE[naam]} tekens; dit zijn er {len(text)}.")
    elif found := find_persoonsgegevens(text):
        faults.add(naam, f"Hierin lijkt {' en '.join(found)} te staan. Haal dat weg: schrijf over de aanpak.")
    return text


def _days(ingevuld: Mapping[str, str], vandaag: date, faults: Faults) -> tuple[date | None, date | None, date | None]:
    last = date(vandaag.year + _VERDER_JAREN, 12, 31)
    van, tot, evaluatie = (_day(ingevuld, field, last, faults) for field in ("van", "tot", "evaluatie_op"))
    if not _get(ingevuld, "van"):
        faults.add("van", "Geef de dag waarop de interventie begint.")
    if van and tot and tot < van:
        faults.add("tot", "Het einde ligt voor het begin. Kies een latere dag, of laat het einde leeg.")
    if van and evaluatie and evaluatie < van:
        faults.add("evaluatie_op", "U kunt pas terugkijken als de interventie is begonnen. Kies een latere dag.")
    return van, tot, evaluatie


def _day(ingevuld: Mapping[str, str], naam: str, last: date, faults: Faults) -> date | None:
    text = _get(ingevuld, naam)
    if not text:
        return None
    try:
        found = date.fromisoformat(text) if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII) else None
    except ValueError:
        found = None
    if found is None:
        faults.add(naam, "Dit is geen dag. Schrijf jaar, maand en dag, zoals 2026-09-01.")
        return None
    if not EERSTE_DAG <= found <= last:
        faults.add(naam, f"Kies een dag tussen {EERSTE_DAG.year} en {last.year}.")
    return found


def _signal(ingevuld: Mapping[str, str], keuzes: Keuzes, faults: Faults) -> tuple[str | None, str | None]:
    bron, categorie = _get(ingevuld, "signaal_bron"), _get(ingevuld, "categorie")
    if bron and bron not in keuzes.bronnen:
        faults.add("signaal_bron", "Kies een bron uit de lijst.")
    if categorie and categorie not in keuzes.categorieen:
        faults.add("categorie", "Kies een categorie uit de lijst.")
    return bron or None, categorie or None


def _kosten(text: str, faults: Faults) -> float | None:
    """Euro as a Dutch reader writes it: ``12.500``, ``12500,50`` or ``€ 12500``."""
    plain = text.replace("€", "").replace(" ", "")
    if not plain:
        return None
    if not _BEDRAG.fullmatch(plain) or not plain.isascii():
        faults.add("kosten", "Dit is geen bedrag. Schrijf bijvoorbeeld 12500 of 12.500,50.")
        return None
    grouped = "," in plain or re.fullmatch(r"\d{1,3}(\.\d{3})+", plain)
    amount = float(plain.replace(".", "").replace(",", ".") if grouped else plain)
    if amount > MEESTE_KOSTEN:
        faults.add("kosten", "Dit bedrag is te groot.")
    return amount
