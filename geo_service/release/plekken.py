"""Places that are open to everyone: all of them, those that a buurt can walk to, and which kinds it cannot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from geo_service.db.engine import ReadConnection
from geo_service.db.queries import plekken as queries
from geo_service.domain.gebieden import NIVEAUS
from geo_service.domain.openingstijden import is_open
from geo_service.errors import Faults
from geo_service.release.context import Gemeente

Document = dict[str, Any]
# Ten minutes is about 800 m of walking, and streets make a way about 1.3 times as long as the crow flies.
METERS = 600
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
    bronnen = sorted(bron.naam for bron in gemeente.bronnen.values() if bron.laag in ("voorzieningen", "wijkwijzers"))
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
    """Which places: of one type, in one area, open at the moment of asking; None for all."""

    type: str | None = None
    gebied: str | None = None
    open: bool = False


@dataclass(frozen=True)
class Plekkenlijst:
    """plekken: what was asked, by name, each with buurt (name or None) and nu_open (None: not known). totaal: without
    the question. bronnen is empty when no source of places is loaded: that is no zero. types, gebieden (code, name):
    what can be chosen."""

    plekken: Sequence[Document]
    totaal: int
    bronnen: Sequence[str]
    types: Sequence[str]
    gebieden: Sequence[tuple[str, str]] = field(default=())


async def list_plekken(
    connection: ReadConnection, gemeente: Gemeente, vraag: PlekVraag, *, moment: datetime
) -> Plekkenlijst:
    """The places of a municipality that are open to everyone. InvalidParameters for an unknown type or area.

    moment: Dutch local time, for what is open now.
    """
    rows = await queries.list_places(connection, gemeente.code)
    types = sorted({row["type"] for row in rows})
    jaar = gemeente.vintages[-1].jaar if gemeente.vintages else 0
    members = {code: own for niveau in NIVEAUS for code, own in gemeente.leden(jaar, niveau).items()}
    faults = Faults()
    if vraag.type is not None and vraag.type not in types:
        faults.add("type", "dit soort plek is er niet.")
    if vraag.gebied is not None and vraag.gebied not in members:
        faults.add("gebied", f"dit gebied is niet bekend in {gemeente.naam}.")
    faults.raise_any()
    places = [_place(gemeente, row, moment) for row in rows]
    shown = [
        place
        for place in places
        if vraag.type in (None, place["type"])
        and (vraag.gebied is None or place["buurt_code"] in members[vraag.gebied])
        and (place["nu_open"] or not vraag.open)
    ]
    largest = next((niveau for niveau in ("stadsdeel", "wijk") if gemeente.leden(jaar, niveau)), "buurt")
    named = sorted((gemeente.gebied_naam(code), code) for code in gemeente.leden(jaar, largest))
    bronnen = sorted(bron.naam for bron in gemeente.bronnen.values() if bron.laag in ("voorzieningen", "wijkwijzers"))
    return Plekkenlijst(shown, len(places), bronnen, types, [(code, naam) for naam, code in named])


def _place(gemeente: Gemeente, row: Document, moment: datetime) -> Document:
    buurt = gemeente.gebied_naam(row["buurt_code"]) if row["buurt_code"] else None
    return row | {"buurt": buurt, "nu_open": is_open(row["openingstijden"], moment)}
