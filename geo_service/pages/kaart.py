"""``/kaart``: the map with its form, legend and table. The question stands in the URL."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse

from geo_service.api.parameters import GEMEENTE, VRAAG, Parameter, one_of, read_query
from geo_service.beveiliging.headers import nonce_of
from geo_service.db.engine import Database
from geo_service.identity import Viewer
from geo_service.pages.bewaren import (
    KEEP_STYLES,
    Bewaren,
    explain_address,
    keep_dwellings,
    keep_map,
    keep_scripts,
    question_of,
)
from geo_service.pages.kaartlagen import punten_adres
from geo_service.pages.rendering import ASSETS, page
from geo_service.release.bescherming import bescherming
from geo_service.release.cijfers import CijferTabel, CijferVraag
from geo_service.release.kaart import KaartAntwoord, Weergave, kaart_voor
from geo_service.release.kaartinterventies import interventies
from geo_service.release.kaartthemas import KLASSEN_NAMEN, THEMA_NAMEN, WOONKENMERKEN, Themakeuze
from geo_service.release.vergelijken import THEMAS
from geo_service.web import get_database, get_dienst, get_viewer
from geo_service.werk.notities import per_area
from geo_service.werk.weergaven import LANGSTE_NAAM
from geo_service.werk.werkplek import has_werkplek, werkplek_of
from maps.assets import CSS, script_tags, style_links, version
from maps.kaart import page_context

router = APIRouter()
# What a page says that redraws itself: it keeps the places that it has.
HOUDT = "Buurtsignaal-Houdt"
STYLES = (*CSS, "werk.css", "eigenlagen.css", *KEEP_STYLES)
# Files for layers that only staff may know of.
EIGEN = ("punten.js", "interventies.js")
PARAMETERS = ("niveau", "periode", "bron", "categorie", "noemer", "peiljaar")
THEMA = tuple(
    Parameter(naam, tekst, {"type": "string", "enum": list(values)}, one_of(values))
    for naam, tekst, values in (
        ("thema", "Wat de gebieden kleurt.", THEMA_NAMEN),
        ("kenmerk", "Kenmerk van de woningen.", WOONKENMERKEN),
        ("klassen", "Vaste klassen, of gelijke groepen van deze periode.", KLASSEN_NAMEN),
    )
)


@router.get("/kaart")
async def kaart(
    request: Request,
    viewer: Annotated[Viewer, Depends(get_viewer)],
    database: Annotated[Database, Depends(get_database)],
) -> HTMLResponse:
    kan_bewaren = has_werkplek(viewer)
    asked = read_query(request, (GEMEENTE, *(VRAAG[naam] for naam in PARAMETERS), *THEMA))
    vraag = CijferVraag(**{naam: asked[naam] for naam in PARAMETERS if naam in asked})
    plekken = request.headers.get(HOUDT) != "plekken"
    keuze = Themakeuze(**{parameter.naam: asked[parameter.naam] for parameter in THEMA if parameter.naam in asked})
    geheugen = get_dienst(request).geheugen
    weergave = Weergave(keuze, plekken=plekken)
    antwoord = await kaart_voor(database, viewer, asked.get("gemeente"), vraag, weergave, geheugen)
    model = replace(antwoord.model, gebied_pagina="/gebied/", getal_pagina=_explained(antwoord))
    if kan_bewaren:
        model = replace(model, notities=await _notities(request, viewer, antwoord.tabel))
    context = page_context(model, nonce=nonce_of(request), assets=ASSETS)
    return page(
        "kaart.html",
        pagina="kaart",
        viewer=viewer,
        keuzes=antwoord.keuzes,
        stijl=style_links(ASSETS, STYLES if viewer.scoped else (*CSS, *KEEP_STYLES)),
        gemeente_naam=model.gemeente_naam,
        bewaren=_keep(viewer, antwoord, asked),
        bewaarscript=keep_scripts(request, ASSETS, "rondleiding.js", "speler.js"),
        plaatjescript=f"{ASSETS}/plaatje.js?v={version()}",
        punten=punten_adres(viewer, antwoord.tabel),
        interventies=await interventies(database, viewer, antwoord.tabel),
        eigen_scripts=script_tags(ASSETS, nonce_of(request), EIGEN if viewer.scoped else ()),
        vergelijk_adres=_vergelijk_adres(antwoord),
        kan_bewaren=kan_bewaren,
        naamlengte=LANGSTE_NAAM,
        adres=request.url.path + (f"?{request.url.query}" if request.url.query else ""),
        **context,
    )


def _vergelijk_adres(antwoord: KaartAntwoord) -> str:
    """The same question on the page that compares two periods; "" for a theme without periods."""
    chosen = {naam: value for naam, opties in antwoord.keuzes.items() for value, _, selected in opties if selected}
    if chosen.get("thema") not in THEMAS:
        return ""
    return f"/vergelijken?{urlencode({naam: value for naam, value in chosen.items() if naam != 'klassen'})}"


async def _notities(request: Request, viewer: Viewer, tabel: CijferTabel | None) -> dict[str, int]:
    """How many notes there are about each area on the map that the viewer works in."""
    if tabel is None:
        return {}
    own = [rij.gebied_code for rij in tabel.rijen if tabel.gemeente.is_eigen(viewer, rij.gebied_code)]
    counts = await per_area(werkplek_of(get_dienst(request), viewer), tabel.gemeente.code) if own else {}
    return {code: counts.get(code, 0) for code in own}


def _explained(antwoord: KaartAntwoord) -> str:
    """Where the figures of the map are explained; features of dwellings say it all themselves."""
    return explain_address(question_of(antwoord.tabel), antwoord.tabel.laag.naam) if antwoord.tabel else ""


def _keep(viewer: Viewer, antwoord: KaartAntwoord, asked: Mapping[str, Any]) -> Bewaren:
    """What can be kept of the map, with the theme that is shown."""
    model = antwoord.model
    theme = {"thema": model.thema} if model.thema != "meldingen" else {}
    theme |= {"kenmerk": model.kenmerk.code} if model.kenmerk else {}
    theme |= {"klassen": asked["klassen"]} if "klassen" in asked else {}
    if antwoord.tabel is not None:
        return keep_map(antwoord.tabel, bescherming(viewer, antwoord.gemeente), theme)
    return keep_dwellings(antwoord.gemeente, model.niveau, theme, asked.get("peiljaar"))
