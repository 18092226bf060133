"""``/kaartlaag/{collectie}``: any collection with a place, drawn from its own tiles, also when it has thousands of
areas or a million points.
"""

from __future__ import annotations

from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from geo_service.api.antwoord import HTML, base
from geo_service.api.tegelvraag import read_tile_question
from geo_service.beveiliging.headers import nonce_of
from geo_service.pages.rendering import ASSETS, page
from maps.assets import BASIS, script_tags, style_links

router = APIRouter()
STYLES = ("leaflet/leaflet.css", *BASIS, "legenda.css", "kaart.css")
SCRIPTS = ("leaflet/leaflet.js", "leaflet/leaflet.vectorgrid.js", "tegelkaart.js")


@router.get("/kaartlaag/{collectionId}")
async def tegelkaart(request: Request) -> HTMLResponse:
    """The page takes the question of the tiles; its script asks for the style, and the style for the tiles."""
    gevraagd, _ = await read_tile_question(request, (HTML,))
    here = f"{base(request)}/collections/{gevraagd.collectie.id}"
    query = urlencode([(name, value) for name, value in request.query_params.multi_items() if name != "f"])
    asked = f"?{query}" if query else ""
    return page(
        "tegelkaart.html",
        pagina="api",
        viewer=gevraagd.viewer,
        stijl=style_links(ASSETS, STYLES),
        collectie=gevraagd.collectie,
        stijladres=f"{here}/styles/maplibre{asked}",
        tabeladres=f"{here}/items{asked}",
        tegeladres=f"{here}/tiles{asked}",
        scripts=script_tags(ASSETS, nonce_of(request), SCRIPTS, defer=True),
    )
