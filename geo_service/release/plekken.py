"""Places that are open to everyone: all of them, those that a buurt can walk to, and which kinds it cannot."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from geo_service.db.engine import ReadConnection
from geo_service.db.queries import plekken as queries
from geo_service.db.queries.features import list_gebieden
from geo_service.domain.gebieden import NIVEAUS
from geo_service.domain.openingstijden import is_open
from geo_service.errors import Faults
from geo_service.release.context import Gemeente

Document = dict[str, Any]
# Ten minutes is about 800 m of walking, and streets make a way about 1.3 times as long as the crow flies.
METERS = 600
OMWEG = 1.3
AFRONDING = 50
UITLEG = (
    f"In deze buurt, of hemelsbreed hoogstens {METERS} meter van het midden: ongeveer tien minuten lopen. "
    "Een spoorlijn, kanaal of grote weg ertussen is niet meegerekend."
)


async def reachable_places(
    connection: ReadConnection, gemeente: Gemeente, jaar: int, niveau: str, code: str
) -> Document | None:
    """The places (naam, type, laag, adres, openingstijden, in_gebied, afstand_m) and the types that are not among them;
    None for areas larger than a buurt. plekken is None when no source of places is loaded: that is no zero."""
    if niveau != "buurt" or jaar != gemeente.vintages[-1].jaar:
        return None
    bronnen = plek_bronnen(gemeente)
    herkomst = f"Bron: {', '.join(bronnen) or 'geen'}; openbare plekken die nu open zijn voor iedereen"
    if not bronnen:
        return {"plekken": None, "niet_dichtbij": [], "uitleg": UITLEG, "herkomst": herkomst}
    rows = await queries.list_near(connection, gemeente.code, jaar=jaar, niveau=niveau, code=code, meters=float(METERS))
    types = await queries.list_types(connection, gemeente.code)
    near = {row["type"] for row in rows}
    return {
        "plekken": [
            {
                "naam": row["naam"],
                "type": row["type"],
                "laag": row["laag"],
                "adres": row["adres"],
                "openingstijden": row["openingstijden"],
                "in_gebied": row["binnen"],
                "afstand_m": round(row["afstand"] / AFRONDING) * AFRONDING,
            }
            for row in rows
        ],
        "niet_dichtbij": [kind for kind in types if kind not in near],
        "uitleg": UITLEG,
        "herkomst": herkomst,
    }


@dataclass(frozen=True)
class PlekVraag:
    """Which places: of one type, one leefgebied, in one area, open at the moment of asking; None for all.

    op_afstand: nearest to the middle of the area first; else by name.
    """

    type: str | None = None
    leefgebied: str | None = None
    gebied: str | None = None
    open: bool = False
    op_afstand: bool = False


@dataclass(frozen=True)
class Plekkenlijst:
    """plekken: what was asked, each with buurt (name or None), nu_open (None: not known), geometry and lopen: metres on
    foot from the middle of the area that was asked (None without one). totaal: without the question. bronnen is empty
    when no source of places is loaded: that is no zero. types, leefgebieden, gebieden (level, [(code, name)]): what can
    be chosen. grenzen: GeoJSON geometries of the area that was asked, else of the largest areas."""

    plekken: Sequence[Document]
    totaal: int
    bronnen: Sequence[str]
    types: Sequence[str]
    leefgebieden: Sequence[str]
    gebieden: Sequence[tuple[str, Sequence[tuple[str, str]]]]
    grenzen: Sequence[Document]
    benaderd: bool


async def list_plekken(
    connection: ReadConnection, gemeente: Gemeente, vraag: PlekVraag, *, moment: datetime
) -> Plekkenlijst:
    """The places of a municipality that are open to everyone. InvalidParameters for what cannot be chosen.

    moment: Dutch local time, for what is open now.
    """
    jaar = gemeente.vintages[-1].jaar if gemeente.vintages else 0
    rows = await queries.list_places(connection, gemeente.code, jaar, vraag.gebied)
    types = sorted({row["type"] for row in rows})
    leefgebieden = sorted({row["leefgebied"] for row in rows if row["leefgebied"]})
    members = {code: (niveau, own) for niveau in NIVEAUS for code, own in gemeente.leden(jaar, niveau).items()}
    _check(gemeente, vraag, types, leefgebieden, members.keys())
    places = [_place(gemeente, row, moment) for row in rows]
    inside = members[vraag.gebied][1] if vraag.gebied else frozenset()
    shown = [place for place in places if _fits(place, vraag, inside)]
    if vraag.op_afstand:
        shown.sort(key=lambda place: (place["lopen"] is None, place["lopen"], place["naam"]))
    levels = [niveau for niveau in ("stadsdeel", "wijk", "buurt") if gemeente.leden(jaar, niveau)]
    largest = levels[0] if levels else "buurt"
    chosen = members[vraag.gebied][0] if vraag.gebied else largest
    areas = await list_gebieden(connection, gemeente=gemeente.code, jaar=jaar, niveau=chosen)
    return Plekkenlijst(
        plekken=shown,
        totaal=len(places),
        bronnen=plek_bronnen(gemeente),
        types=types,
        leefgebieden=leefgebieden,
        gebieden=[(niveau, _named(gemeente, jaar, niveau)) for niveau in dict.fromkeys((largest, "buurt"))],
        grenzen=[row["geometry"] for row in areas if vraag.gebied in (None, row["code"])],
        benaderd=gemeente.benaderd,
    )


def plek_bronnen(gemeente: Gemeente) -> list[str]:
    return sorted(bron.naam for bron in gemeente.bronnen.values() if bron.laag in ("voorzieningen", "wijkwijzers"))


def _check(
    gemeente: Gemeente, vraag: PlekVraag, types: Sequence[str], leefgebieden: Sequence[str], gebieden: Collection[str]
) -> None:
    faults = Faults()
    if vraag.type is not None and vraag.type not in types:
        faults.add("type", "dit soort plek is er niet.")
    if vraag.leefgebied is not None and vraag.leefgebied not in leefgebieden:
        faults.add("leefgebied", "voor dit leefgebied is er geen plek.")
    if vraag.gebied is not None and vraag.gebied not in gebieden:
        faults.add("gebied", f"dit gebied is niet bekend in {gemeente.naam}.")
    if vraag.op_afstand and vraag.gebied is None:
        faults.add("volgorde", "kies een gebied: de afstand is die vanaf het midden daarvan.")
    faults.raise_any()


def _fits(place: Document, vraag: PlekVraag, inside: Collection[str]) -> bool:
    return (
        vraag.type in (None, place["type"])
        and vraag.leefgebied in (None, place["leefgebied"])
        and (vraag.gebied is None or place["buurt_code"] in inside)
        and (place["nu_open"] or not vraag.open)
    )


def _named(gemeente: Gemeente, jaar: int, niveau: str) -> list[tuple[str, str]]:
    named = sorted((gemeente.gebied_naam(code), code) for code in gemeente.leden(jaar, niveau))
    return [(code, naam) for naam, code in named]


def _place(gemeente: Gemeente, row: Document, moment: datetime) -> Document:
    buurt = gemeente.gebied_naam(row["buurt_code"]) if row["buurt_code"] else None
    lopen = None if row["afstand"] is None else round(row["afstand"] * OMWEG / AFRONDING) * AFRONDING
    return row | {"buurt": buurt, "lopen": lopen, "nu_open": is_open(row["openingstijden"], moment)}
