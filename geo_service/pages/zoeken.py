"""``/zoeken``: an area or a place by its name, spelled more or less right."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from geo_service.api.parameters import Parameter, read_query
from geo_service.pages.rendering import page
from geo_service.release.zoeken import LANGSTE, zoek
from geo_service.web import enter

router = APIRouter()
ZOEK = Parameter("q", "Waar u naar zoekt.", {"type": "string", "maxLength": LANGSTE}, lengte=LANGSTE)


@router.get("/zoeken")
async def zoeken(request: Request) -> HTMLResponse:
    viewer, dienst = await enter(request)
    asked = read_query(request, (ZOEK,), formulier=True).get("q", "").strip()
    found = await zoek(dienst.database, viewer, asked)
    return page("zoeken.html", pagina="zoeken", viewer=viewer, gevraagd=asked, treffers=found)
