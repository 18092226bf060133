"""Field notes: what a colleague knows about a figure. For the staff of the area, and nowhere else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from geo_service.db.queries import werk as queries
from geo_service.domain.perioden import dag_van, parse_periode
from geo_service.domain.persoonsgegevens import find_persoonsgegevens
from geo_service.errors import Faults, NotFound
from geo_service.release.context import Gemeente
from geo_service.werk.werkplek import GEEN_PAGINA, Werkplek

LANGSTE = 500
OORDELEN = {"klopt": "Dit klopt", "klopt_niet": "Dit klopt niet", "uitleg": "Uitleg"}
ALGEMEEN = ""
_SPLITS = "|"


@dataclass(frozen=True)
class Notitie:
    """A note. bron and periode: the figure it is about; None for the area as a whole. eigen: of this viewer."""

    nummer: int
    gebied_code: str
    bron: str | None
    periode: str | None
    oordeel: str
    tekst: str
    rol: str
    geschreven_op: datetime
    gewijzigd_op: datetime | None
    eigen: bool

    @property
    def oordeel_tekst(self) -> str:
        return OORDELEN[self.oordeel]

    @property
    def geschreven(self) -> str:
        return dag_van(self.geschreven_op)

    @property
    def gewijzigd(self) -> str:
        return dag_van(self.gewijzigd_op) if self.gewijzigd_op else ""

    @property
    def periode_naam(self) -> str:
        return parse_periode(self.periode).naam if self.periode else ""


def onderwerp(bron: str, periode: str) -> str:
    """How a form names a figure of an area."""
    return f"{bron}{_SPLITS}{periode}"


async def of_area(werkplek: Werkplek, gemeente: Gemeente, code: str) -> list[Notitie]:
    """The notes about one area that the viewer may see, newest first."""
    async with werkplek.connect() as connection:
        return [_notitie(row) for row in await queries.list_notities(connection, gemeente.code, code)]


async def per_area(werkplek: Werkplek, gemeente: str) -> dict[str, int]:
    """How many notes there are about each area, of those that the viewer may see."""
    async with werkplek.connect() as connection:
        return await queries.count_notities(connection, gemeente)


async def since(werkplek: Werkplek, gemeente: str, moment: datetime) -> list[Notitie]:
    """What colleagues wrote since a moment, newest first."""
    async with werkplek.connect() as connection:
        return [_notitie(row) for row in await queries.list_recent(connection, gemeente, moment)]


async def find_own(werkplek: Werkplek, nummer: int) -> Notitie:
    """A note of the viewer; NotFound for one of somebody else too."""
    async with werkplek.connect() as connection:
        row = await queries.find_notitie(connection, nummer)
    if row is None or not row["eigen"]:
        raise NotFound("Deze notitie is er niet, of is niet van u.")
    return _notitie(row)


async def write(werkplek: Werkplek, gemeente: Gemeente, code: str, form: Mapping[str, str]) -> int:
    """Write a note about an area of one's own; its number. form: over, oordeel, tekst.

    InvalidParameters names everything that is wrong at once; NotFound for an area of others.
    """
    if not gemeente.is_eigen(werkplek.viewer, code):
        raise NotFound(GEEN_PAGINA)
    faults = Faults()
    bron, periode = _read_onderwerp(gemeente, form.get("over", ALGEMEEN), faults)
    oordeel, tekst = _read_inhoud(form, faults)
    faults.raise_any()
    values: dict[str, Any] = {
        "gemeente": gemeente.code, "gebied": code, "bron": bron, "periode": periode, "oordeel": oordeel, "tekst": tekst,
        "medewerker": werkplek.medewerker, "rol": werkplek.viewer.role.value,
    }  # fmt: skip
    async with werkplek.connect() as connection:
        return await queries.add_notitie(connection, values)


async def change(werkplek: Werkplek, nummer: int, form: Mapping[str, str]) -> None:
    """Change a note of one's own. form: oordeel, tekst. The text before it is not kept."""
    faults = Faults()
    oordeel, tekst = _read_inhoud(form, faults)
    faults.raise_any()
    async with werkplek.connect() as connection:
        _require(await queries.change_notitie(connection, nummer, oordeel, tekst))


async def remove(werkplek: Werkplek, nummer: int) -> None:
    async with werkplek.connect() as connection:
        _require(await queries.remove_notitie(connection, nummer))


def _require(done: bool) -> None:
    if not done:
        raise NotFound("Deze notitie is er niet, of is niet van u.")


def _notitie(row: Mapping[str, Any]) -> Notitie:
    return Notitie(**{name: row[name] for name in Notitie.__dataclass_fields__})


def _read_onderwerp(gemeente: Gemeente, over: str, faults: Faults) -> tuple[str | None, str | None]:
    if over == ALGEMEEN:
        return None, None
    bron, _, code = over.rpartition(_SPLITS)
    try:
        periode = parse_periode(code)
    except ValueError:
        periode = None
    if periode is None or bron not in gemeente.bronnen:
        faults.add("over", "Kies waar de notitie over gaat.")
        return None, None
    return bron, periode.code


def _read_inhoud(form: Mapping[str, str], faults: Faults) -> tuple[str, str]:
    oordeel, tekst = form.get("oordeel", ""), "\n".join(form.get("tekst", "").split("\r\n")).strip().replace("\x00", "")
    if oordeel not in OORDELEN:
        faults.add("oordeel", "Kies of het cijfer klopt, niet klopt, of uitleg nodig heeft.")
    if not tekst:
        faults.add("tekst", "Schrijf wat u weet.")
    elif len(tekst) > LANGSTE:
        faults.add("tekst", f"Een notitie heeft ten hoogste {LANGSTE} tekens; dit zijn er {len(tekst)}.")
    elif found := find_persoonsgegevens(tekst):
        faults.add("tekst", f"Hierin lijkt {' en '.join(found)} te staan. Haal dat weg: schrijf over de buurt.")
    return oordeel, tekst
