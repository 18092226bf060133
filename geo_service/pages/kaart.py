"""``/kaart``: the map with its form, legend and table. The question stands in the URL."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse

from geo_service.api.parameters import GEMEENTE, VRAAG, read_query
from geo_service.db.engine import Database
from geo_service.identity import Viewer
from geo_service.pages.rendering import ASSETS, page
from geo_service.release.cijfers import CijferTabel, CijferVraag
from geo_service.release.kaart import kaart_voor
from geo_service.web import get_database, get_dienst, get_viewer
from geo_service.werk.notities import per_area
from geo_service.werk.weergaven import LANGSTE_NAAM
from geo_service.werk.werkplek import has_werkplek, werkplek_of
from maps.assets import CSS, style_links
from maps.kaart import page_context

router = APIRouter()
# What a page says that redraws itself: it keeps the places that it has.
HOUDT = "Buurtsignaal-Houdt"
STYLES = (*CSS, "werk.css")
PARAMETERS = ("niveau", "periode", "bron", "categorie", "noemer", "peiljaar")


@router.get("/kaart")
async def kaart(
    request: Request,
    viewer: Annotated[Viewer, Depends(get_viewer)],
    database: Annotated[Database, Depends(get_database)],
) -> HTMLResponse:
    kan_bewaren = has_werkplek(viewer)
    asked = read_query(request, (GEMEENTE, *(VRAAG[naam] for naam in PARAMETERS)))
    vraag = CijferVraag(**{naam: asked[naam] for naam in PARAMETERS if naam in asked})
    plekken = request.headers.get(HOUDT) != "plekken"
    antwoord = await kaart_voor(database, viewer, asked.get("gemeente"), vraag, plekken=plekken)
    model = replace(antwoord.model, gebied_pagina="/gebied/")
    if kan_bewaren:
        model = replace(model, notities=await _notities(request, viewer, antwoord.tabel))
    context = page_context(model, nonce=request.state.nonce, assets=ASSETS)
    return page(
        "kaart.html",
        pagina="kaart",
        viewer=viewer,
        keuzes=antwoord.keuzes,
        gemeente_naam=model.gemeente_naam,
        kan_bewaren=kan_bewaren,
        naamlengte=LANGSTE_NAAM,
        adres=request.url.path + (f"?{request.url.query}" if request.url.query else ""),
        **(context | {"stijl": style_links(ASSETS, STYLES)} if kan_bewaren else context),
    )


async def _notities(request: Request, viewer: Viewer, tabel: CijferTabel) -> dict[str, int]:
    """How many notes there are about each area on the map that the viewer works in."""
    own = [rij.gebied_code for rij in tabel.rijen if tabel.gemeente.is_eigen(viewer, rij.gebied_code)]
    counts = await per_area(werkplek_of(get_dienst(request), viewer), tabel.gemeente.code) if own else {}
    return {code: counts.get(code, 0) for code in own}
