"""``/voorzieningen``: who can help, where and when, as a list that can be narrowed."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from geo_service.api.parameters import GEMEENTE, Parameter, one_of, read_query
from geo_service.pages.rendering import ASSETS, page
from geo_service.release.context import connect_as, list_gemeenten
from geo_service.release.plekken import PlekVraag, list_plekken
from geo_service.web import enter
from maps.assets import BASIS, style_links

router = APIRouter()
AMSTERDAM = ZoneInfo("Europe/Amsterdam")
STYLES = (*BASIS, "legenda.css", "gegevens.css")
PARAMETERS = (
    GEMEENTE,
    Parameter("type", "Soort plek.", {"type": "string"}),
    Parameter("gebied", "Code van een gebied.", {"type": "string"}),
    Parameter("open", "Alleen wat nu open is.", {"type": "string", "enum": ["nu"]}, one_of(("nu",))),
)


@router.get("/voorzieningen")
async def voorzieningen(request: Request) -> HTMLResponse:
    viewer, dienst = await enter(request)
    asked = read_query(request, PARAMETERS, formulier=True)
    vraag = PlekVraag(asked.get("type"), asked.get("gebied"), asked.get("open") == "nu")
    now = datetime.now(AMSTERDAM)
    await dienst.geheugen.stand()
    async with connect_as(dienst.database, viewer) as connection:
        gemeenten = [row for row in await list_gemeenten(connection) if row["buurten"]]
        gemeente = await dienst.geheugen.gemeente(connection, viewer, asked.get("gemeente"))
        lijst = await list_plekken(connection, gemeente, vraag, moment=now)
    return page(
        "voorzieningen.html",
        pagina="voorzieningen",
        viewer=viewer,
        stijl=style_links(ASSETS, STYLES),
        gemeente_naam=gemeente.naam,
        gemeente=gemeente.code,
        gemeenten=[(row["gemeente_code"], row["naam"]) for row in gemeenten],
        vraag=vraag,
        lijst=lijst,
        soorten=[(kind, kind) for kind in lijst.types],
        nu=f"{now:%H:%M}",
    )
