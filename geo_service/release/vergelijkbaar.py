"""Which areas are alike in housing and population: to ask what works there, not to hold them against each other."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pandas as pd

from analysis.compare import similar_areas
from geo_service.release.context import Gemeente
from geo_service.release.kerncijfers import KERNCIJFERS, Row

Document = dict[str, Any]
NIVEAUS = ("buurt", "wijk")
HOEVEEL = 4
# A sum of an area grows with its size; what is compared is what an area is like.
_PER_WONING = {"inwoners_per_woning": ("inwoners", "woningen"), "huishouden_grootte": ("inwoners", "huishoudens")}


def comparable_areas(rows: Iterable[Row], gemeente: Gemeente, jaar: int, niveau: str, code: str) -> Document:
    """The areas of the same level that are most alike (gebied_code, gebied_naam, by name), what they were compared on,
    and a sentence when there are none. rows: of ``read_kerncijfers``.

    Only for buurten and wijken: of a few stadsdelen none is like another.
    """
    if niveau not in NIVEAUS:
        return _document([], [], "Vergelijken doen wij alleen met buurten en wijken.")
    table = area_indicators(rows, sorted(gemeente.leden(jaar, niveau)))
    try:
        found = similar_areas(table, code, n=HOEVEEL)
    except ValueError:
        return _document([], [], "Er zijn geen kenmerken van woningen of bewoners om op te vergelijken.")
    alike = [{"gebied_code": str(own.area), "gebied_naam": gemeente.gebied_naam(str(own.area))} for own in found]
    names = sorted({_NAMEN[str(name)] for own in found for name in own.shared})
    uitleg = "Deze gebieden lijken het meest op dit gebied. Dat zegt niets over hoe het daar gaat."
    return _document(sorted(alike, key=lambda own: own["gebied_naam"]), names, uitleg)


def _document(gebieden: list[Document], kenmerken: list[str], uitleg: str) -> Document:
    return {"gebieden": gebieden, "kenmerken": kenmerken, "uitleg": uitleg}


_NAMEN = {key: kern.naam[0].lower() + kern.naam[1:] for key, kern in KERNCIJFERS.items()} | {
    "inwoners_per_woning": "inwoners per woning",
    "huishouden_grootte": "grootte van huishoudens",
}


def area_indicators(rows: Iterable[Row], codes: list[str]) -> pd.DataFrame:
    """One row per area, one column per indicator that is no sum; the newest year of each."""
    known: dict[tuple[str, str], tuple[int, float]] = {}
    for row in rows:
        key = (row["gebied_code"], row["indicator"])
        if row["waarde"] is not None and row["jaar"] > known.get(key, (0, 0.0))[0]:
            known[key] = (row["jaar"], float(row["waarde"]))

    def value(code: str, naam: str) -> float | None:
        found = (known.get((code, indicator)) for indicator in KERNCIJFERS[naam].indicatoren)
        return next((own[1] for own in found if own is not None), None)

    def ratio(code: str, above: str, below: str) -> float | None:
        upper, lower = value(code, above), value(code, below)
        return upper / lower if upper is not None and lower else None

    shares = [naam for naam, kern in KERNCIJFERS.items() if not kern.telbaar]
    table = {naam: [value(code, naam) for code in codes] for naam in shares}
    table |= {naam: [ratio(code, *parts) for code in codes] for naam, parts in _PER_WONING.items()}
    return pd.DataFrame(table, index=pd.Index(codes), dtype=float)
