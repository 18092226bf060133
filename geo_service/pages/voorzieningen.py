"""``/voorzieningen``: who can help, where and when, as a list that can be narrowed."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from geo_service.api.parameters import GEMEENTE, Parameter, one_of, read_query
from geo_service.beveiliging.headers import nonce_of
from geo_service.pages.bewaren import KEEP_STYLES, Bewaren, keep_scripts
from geo_service.pages.rendering import ASSETS, page
from geo_service.release.context import connect_as, list_gemeenten
from geo_service.release.kaart import base_map
from geo_service.release.plekken import Plekkenlijst, PlekVraag, list_plekken
from geo_service.web import enter
from geo_service.werk.correcties import place_address
from geo_service.werk.werkplek import may_correct
from maps.assets import CSS, style_links
from maps.kaart import render_places
from maps.model import Plekkenkaart

router = APIRouter()
AMSTERDAM = ZoneInfo("Europe/Amsterdam")
STYLES = (*CSS, "gegevens.css", "plekken.css", *KEEP_STYLES)
VOLGORDE = ("naam", "afstand")
PARAMETERS = (
    GEMEENTE,
    Parameter("type", "Soort plek.", {"type": "string"}),
    Parameter("leefgebied", "Leefgebied waaraan de plek werkt.", {"type": "string"}),
    Parameter("gebied", "Code van een gebied.", {"type": "string"}),
    Parameter("open", "Alleen wat nu open is.", {"type": "string", "enum": ["nu"]}, one_of(("nu",))),
    Parameter("volgorde", "Op naam of op afstand.", {"type": "string", "enum": list(VOLGORDE)}, one_of(VOLGORDE)),
)


@router.get("/voorzieningen")
async def voorzieningen(request: Request) -> HTMLResponse:
    viewer, dienst = await enter(request)
    asked = read_query(request, PARAMETERS, formulier=True)
    vraag = PlekVraag(
        type=asked.get("type"),
        leefgebied=asked.get("leefgebied"),
        gebied=asked.get("gebied"),
        open=asked.get("open") == "nu",
        # Who lets go of the area lets go of the distance from it.
        op_afstand=asked.get("volgorde") == "afstand" and "gebied" in asked,
    )
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
        mag_verbeteren=may_correct(viewer) and (viewer.works_in(gemeente.code) or not viewer.scoped),
        verbeteradres=place_address,
        vraag=vraag,
        lijst=lijst,
        soorten=[(kind, kind) for kind in lijst.types],
        leefgebieden=[(domain, domain) for domain in lijst.leefgebieden],
        gebied_naam=gemeente.gebied_naam(vraag.gebied) if vraag.gebied else None,
        kaart=render_places(_kaart(gemeente.naam, lijst), nonce=nonce_of(request), assets=ASSETS),
        nu=f"{now:%H:%M}",
        bewaren=Bewaren(),
        bewaarscript=keep_scripts(request, ASSETS),
    )


def _kaart(gemeente: str, lijst: Plekkenlijst) -> Plekkenkaart:
    """The places of the table that have a place on the map."""
    return Plekkenkaart(
        titel=f"Plekken in {gemeente}",
        omschrijving=f"Kaart met de plekken van de tabel eronder, in {gemeente}.",
        grenzen=tuple(lijst.grenzen),
        wijkwijzers=_points(lijst, "wijkwijzers"),
        voorzieningen=_points(lijst, "voorzieningen"),
        base_map=base_map(),
        benaderd=lijst.benaderd,
    )


def _points(lijst: Plekkenlijst, laag: str) -> dict[str, Any]:
    chosen = [plek for plek in lijst.plekken if plek["laag"] == laag]
    features = [
        {"type": "Feature", "geometry": plek["geometry"], "properties": plek | {"partners": plek["aanbieder"]}}
        for plek in chosen
    ]
    return {"type": "FeatureCollection", "features": features}
