"""The page of plain text: toegankelijkheid."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import HTMLResponse

from geo_service.identity import Viewer
from geo_service.pages.rendering import page
from geo_service.settings import get_settings
from geo_service.web import get_viewer

router = APIRouter()


@router.get("/toegankelijkheid")
async def toegankelijkheid(viewer: Annotated[Viewer, Depends(get_viewer)]) -> HTMLResponse:
    contact = get_settings().contact_email
    return page("toegankelijkheid.html", pagina="toegankelijkheid", viewer=viewer, contact=contact)
