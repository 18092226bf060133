"""``/getal``: how one figure came about, for who sees it on a map or a page and wonders."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from geo_service.api.parameters import GEMEENTE, VRAAG, Parameter, one_of, read_query
from geo_service.api.weergave import number_or_dash, rate_or_dash
from geo_service.domain.perioden import dag_naam
from geo_service.pages.bewaren import KEEP_STYLES, Bewaren, explain_address, files_of, keep_scripts, question_of
from geo_service.pages.rendering import ASSETS, page
from geo_service.release.cijfers import CijferVraag
from geo_service.release.getal import explain_figure
from geo_service.release.lagen import ALLES, LAGEN, MELDINGEN
from geo_service.web import API, enter
from maps.assets import BASIS, style_links
from maps.getallen import format_getal, format_procent
from maps.teksten import STATUS_WOORD

router = APIRouter()
STYLES = (*BASIS, "legenda.css", "gegevens.css", *KEEP_STYLES)
NAMEN = ("niveau", "gebied", "periode", "bron", "categorie", "noemer", "peiljaar")
LAAG = Parameter("laag", "Wat er wordt geteld.", {"type": "string", "enum": list(LAGEN)}, one_of(LAGEN))
PARAMETERS = (GEMEENTE, LAAG, *(VRAAG[naam] for naam in NAMEN))


@router.get("/getal")
async def getal(request: Request) -> HTMLResponse:
    viewer, dienst = await enter(request)
    asked = read_query(request, PARAMETERS)
    laag = asked.get("laag", MELDINGEN.naam)
    vraag = CijferVraag(**{naam: asked[naam] for naam in NAMEN if naam in asked})
    found = await explain_figure(dienst.database, viewer, asked.get("gemeente"), laag, vraag)
    tabel = found.tabel
    question = question_of(tabel)
    own = {**question, "gebied": found.rij.gebied_code}
    here = explain_address(question, laag) + found.rij.gebied_code
    whole = explain_address(question | {"niveau": "gemeente"}, laag) + tabel.gemeente.code
    return page(
        "getal.html",
        pagina="getal",
        viewer=viewer,
        stijl=style_links(ASSETS, STYLES),
        gemeente_naam=tabel.gemeente.naam,
        gevonden=found,
        tabel=tabel,
        cijfer=found.cijfer,
        alles=tabel.categorie == ALLES,
        geheel="" if tabel.niveau == "gemeente" else whole,
        kaart=({} if laag == MELDINGEN.naam else {"thema": laag}) | question,
        api=f"{API}/collections/{laag}-per-gebied/items",
        vraag=own,
        bewaren=Bewaren(here, "getal", files_of(f"{laag}-per-gebied", own), found.bescherming),
        bewaarscript=keep_scripts(request, ASSETS),
        getal=number_or_dash,
        per_1000=rate_or_dash,
        een_decimaal=lambda value: format_getal(value, 1),
        procent=format_procent,
        dag=dag_naam,
        statuswoord=STATUS_WOORD,
    )
