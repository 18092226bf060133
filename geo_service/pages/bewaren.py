"""Share and keep: addresses that ask the same question again, of pages, of explanations and of files of the API."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from fastapi import Request
from markupsafe import Markup

from geo_service.beveiliging.headers import nonce_of
from geo_service.domain.gebieden import gemeente_of
from geo_service.release.cijfers import CijferTabel
from geo_service.release.context import Gemeente
from geo_service.web import API
from maps.assets import script_tags

GETAL = "/getal"
WONINGEN = "woningvoorraad"
KEEP_STYLES = ("bewaren.css", "afdruk.css")
BESTANDEN = (
    ("csv", "{} als CSV", "Een tabel voor een rekenblad"),
    ("gpkg", "{} en grenzen als GeoPackage", "Voor een kaartprogramma, zoals QGIS"),
)
Vraag = dict[str, str]


@dataclass(frozen=True)
class Bewaren:
    """adres: the page with its question written out, "" for the address that is open; naam: of files that the browser
    makes; bestanden: (address, name, what it is for); bescherming: what is withheld, in words."""

    adres: str = ""
    naam: str = "buurtsignaal"
    bestanden: tuple[tuple[str, str, str], ...] = ()
    bescherming: str = ""


def question_of(tabel: CijferTabel) -> Vraag:
    """The question of a table with everything that was chosen for the reader: another day it is still the same one."""
    asked = {
        "gemeente": tabel.gemeente.code,
        "niveau": tabel.niveau,
        "bron": tabel.bron.naam,
        "categorie": tabel.categorie,
        "periode": tabel.periode.code,
        "noemer": tabel.noemers.soort,
    }
    return asked | ({} if tabel.peiljaar == tabel.geteld_in else {"peiljaar": str(tabel.peiljaar)})


def keep_map(tabel: CijferTabel, bescherming: str, theme: Mapping[str, str]) -> Bewaren:
    """What can be kept of a map of what a source counts. theme: what the map shows of it."""
    asked = question_of(tabel)
    naam = _file_name("kaart", tabel.gemeente.naam, tabel.niveau, tabel.categorie, tabel.periode.code)
    address = f"/kaart?{urlencode({**theme, **asked})}"
    files = files_of(f"{tabel.laag.naam}-per-gebied", asked)
    if "kenmerk" in theme:
        # What reports are laid beside, in a file of its own.
        dwellings = {"gemeente": tabel.gemeente.code, "niveau": tabel.niveau, "peiljaar": str(tabel.peiljaar)}
        files += files_of(WONINGEN, dwellings, "Woningen")
    return Bewaren(address, naam, files, bescherming)


def keep_dwellings(gemeente: Gemeente, niveau: str, theme: Mapping[str, str], peiljaar: int | None) -> Bewaren:
    """What can be kept of a map of dwellings: nothing of it is withheld from anyone."""
    asked = {"gemeente": gemeente.code, "niveau": niveau} | ({} if peiljaar is None else {"peiljaar": str(peiljaar)})
    naam = _file_name("kaart", gemeente.naam, niveau, theme["kenmerk"])
    return Bewaren(f"/kaart?{urlencode({**theme, **asked})}", naam, files_of(WONINGEN, asked, "Woningen"))


def _file_name(*parts: str) -> str:
    return "-".join(re.sub(r"\W+", "-", part).strip("-").lower() for part in parts)


def files_of(collectie: str, asked: Mapping[str, str], wat: str = "Cijfers") -> tuple[tuple[str, str, str], ...]:
    """The files of the API that answer a question: (address, name, what it is for). wat: what is in them."""
    here = f"{API}/collections/{collectie}/items"
    return tuple(
        (f"{here}?{urlencode({**asked, 'f': code})}", naam.format(wat), uitleg) for code, naam, uitleg in BESTANDEN
    )


def explain_address(asked: Mapping[str, str], laag: str | None = None) -> str:
    """Where figures of a question are explained, but for the code of the area, which comes behind it."""
    return f"{GETAL}?{urlencode({**asked, **({} if laag is None else {'laag': laag}), 'gebied': ''})}"


def explain_figure(laag: str, figure: Mapping[str, Any]) -> str:
    """Where one published figure is explained; "" when the area did not exist in its period."""
    if not figure["dekking"] and figure["status"] == "ontbreekt":
        return ""
    names = ("niveau", "bron", "categorie", "periode")
    code = str(figure["gebied_code"])
    asked = {"gemeente": gemeente_of(code) or ""} | {naam: str(figure[naam]) for naam in names}
    asked |= {"noemer": figure["noemer_soort"]} if figure["noemer_soort"] else {}
    return explain_address(asked, laag) + quote(code)


def keep_scripts(request: Request, assets: str, *names: str) -> Markup:
    """Script elements of what is kept in the browser; they wait for the page."""
    return script_tags(assets, nonce_of(request), ("bewaren.js", *names), defer=True)
