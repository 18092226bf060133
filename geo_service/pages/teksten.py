"""The pages of plain text: start and toegankelijkheid."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import HTMLResponse

from geo_service.db.engine import Database
from geo_service.identity import Viewer
from geo_service.pages.rendering import page
from geo_service.release import overzicht
from geo_service.settings import get_settings
from geo_service.web import get_database, get_viewer
from maps.model import NIVEAUS

router = APIRouter()
MEERVOUD = {niveau: plural for niveau, (_, plural) in NIVEAUS.items()}
Kijker = Annotated[Viewer, Depends(get_viewer)]
Gegevens = Annotated[Database, Depends(get_database)]


@router.get("/")
async def start(viewer: Kijker, database: Gegevens) -> HTMLResponse:
    tellingen = await overzicht.tellingen(database, viewer)
    keuzes = await overzicht.gebiedskeuzes(database, viewer)
    return page("start.html", pagina="start", viewer=viewer, tellingen=tellingen, keuzes=keuzes, meervoud=MEERVOUD)


@router.get("/toegankelijkheid")
async def toegankelijkheid(viewer: Kijker) -> HTMLResponse:
    contact = get_settings().contact_email
    return page("toegankelijkheid.html", pagina="toegankelijkheid", viewer=viewer, contact=contact)
