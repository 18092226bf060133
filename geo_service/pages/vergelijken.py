"""``/vergelijken``: two periods side by side. ``/vergelijken/gebieden``: two areas side by side."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse

from geo_service.api.parameters import GEMEENTE, VRAAG, Parameter, one_of, read_query
from geo_service.api.weergave import number_or_dash, rate_or_dash
from geo_service.domain.gebieden import require_gemeente
from geo_service.errors import InvalidParameters, ParameterFault
from geo_service.identity import Viewer
from geo_service.pages.gebied import metingen
from geo_service.pages.rendering import ASSETS, page
from geo_service.release.cijfers import CijferVraag
from geo_service.release.context import connect_as
from geo_service.release.profiel import profiel
from geo_service.release.vergelijken import THEMAS, Naast, vergelijk_perioden
from geo_service.web import enter, get_dienst, get_viewer
from maps.assets import BASIS, style_links
from maps.figuren import Reeks, render_reeks
from maps.model import Eenheid
from maps.sjabloon import fill
from maps.teksten import STATUS_WOORD, describe
from maps.verschil import render_vergelijking

router = APIRouter()
Document = dict[str, Any]
GEBIED = {
    naam: Parameter(naam, tekst, {"type": "string"})
    for naam, tekst in (("een", "Het ene gebied."), ("ander", "Het andere gebied."))
}
STYLES = (
    *BASIS, "legenda.css", "gegevens.css", "figuren.css", "vergelijken.css"
)  # fmt: skip
PARAMETERS = ("niveau", "periode", "bron", "categorie", "noemer")
MET = Parameter("met", "De periode om mee te vergelijken.", {"type": "string"})
THEMA = Parameter("thema", "Wat er geteld is.", {"type": "string", "enum": list(THEMAS)}, one_of(THEMAS))


@router.get("/vergelijken")
async def perioden(request: Request, viewer: Annotated[Viewer, Depends(get_viewer)]) -> HTMLResponse:
    asked = read_query(request, (GEMEENTE, *(VRAAG[naam] for naam in PARAMETERS), MET, THEMA), formulier=True)
    vraag = CijferVraag(**{naam: asked[naam] for naam in PARAMETERS if naam in asked})
    naast = Naast(asked.get("gemeente"), vraag, asked.get("met"), asked.get("thema", THEMAS[0]))
    dienst = get_dienst(request)
    found = await vergelijk_perioden(dienst.database, viewer, naast, dienst.geheugen)
    nu = replace(found.nu, gebied_pagina="/gebied/")
    return page(
        "vergelijken.html",
        pagina="kaart",
        viewer=viewer,
        stijl=style_links(ASSETS, STYLES),
        gemeente_naam=nu.gemeente_naam,
        toen=found.toen,
        nu=nu,
        keuzes=found.keuzes,
        omschrijving=describe(nu),
        vergelijking=render_vergelijking(found.toen, nu, found.verschillen),
        herkomst=fill("herkomst.html", model=nu),
    )


@router.get("/vergelijken/gebieden")
async def gebieden(request: Request) -> HTMLResponse:
    """Two areas of one municipality, each as on its own page; no third one says which is better."""
    viewer, dienst = await enter(request)
    asked = read_query(request, GEBIED.values(), formulier=True)
    missing = [ParameterFault(naam, "kies een gebied.") for naam in GEBIED if naam not in asked]
    if missing:
        raise InvalidParameters(*missing)
    codes = (asked["een"], asked["ander"])
    await dienst.geheugen.stand()
    async with connect_as(dienst.database, viewer) as connection:
        gemeente = await dienst.geheugen.gemeente(connection, viewer, require_gemeente(codes[0]))
        een, ander = [(await profiel(connection, viewer, gemeente, code)).as_dict() for code in codes]
        niveau = een["gebied"]["niveau"]
        leden = gemeente.leden(gemeente.vintages[-1].jaar, niveau)
        keuzes = sorted(((code, gemeente.gebied_naam(code)) for code in leden), key=lambda keuze: keuze[1].casefold())
    return page(
        "vergelijken_gebieden.html",
        pagina="gebied",
        viewer=viewer,
        stijl=style_links(ASSETS, STYLES),
        gemeente_naam=gemeente.naam,
        een=een,
        ander=ander,
        keuzes=keuzes,
        blokken=[_pair(laag, *both) for laag in THEMAS for both in _both(laag, een, ander)],
        getal=number_or_dash,
        per_1000=rate_or_dash,
        statuswoord=STATUS_WOORD,
    )


def _both(laag: str, een: Document, ander: Document) -> Iterator[tuple[Document, Document]]:
    """Per source that tells of the same period of both areas its part of either profile."""
    others = {bron["bron"]: bron for bron in ander.get(laag, ())}
    for number, bron in enumerate(een.get(laag, ()), 1):
        if bron["bron"] in others and bron["periode"] == others[bron["bron"]]["periode"]:
            names = (een["gebied"]["gebied_naam"], ander["gebied"]["gebied_naam"])
            yield {**bron, "nummer": number, "namen": names}, others[bron["bron"]]


def _pair(laag: str, een: Document, ander: Document) -> Document:
    """One source of two areas: its chart, with a line for each, and the rows of its table."""
    per = een["totaal"]["noemer_soort"]
    eenheid: Eenheid = "per_1000" if per else "aantal"
    reeks = Reeks(
        id=f"{laag}-{een['nummer']}",
        titel=f"{laag.capitalize()} van {een['bron']} in {' en '.join(een['namen'])}",
        naam=een["namen"][0],
        metingen=metingen(een["reeks"], eenheid),
        eenheid=eenheid,
        per=per or "woningen",
        vergelijking=metingen(ander["reeks"], eenheid),
        vergelijking_naam=een["namen"][1],
    )
    other = {row["categorie"]: row for row in ander["per_categorie"]}
    rows = [(row, other.get(row["categorie"])) for row in een["per_categorie"]]
    return {"laag": laag, "een": een, "ander": ander, "figuur": render_reeks(reeks), "rijen": rows}
