"""``/uitleg``: what is counted, who sees what, how people are protected and what their rights are, in plain Dutch."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends
from fastapi.responses import HTMLResponse

from geo_service.db.engine import Database
from geo_service.identity import Viewer
from geo_service.pages.rendering import page
from geo_service.release.uitleg import explain_bronnen
from geo_service.settings import get_settings
from geo_service.web import get_database, get_viewer
from maps.hotspots import HOTSPOTLAGEN
from maps.teksten import STATUS_UITLEG, STATUS_WOORD

router = APIRouter()


@router.get("/uitleg")
async def uitleg(
    viewer: Annotated[Viewer, Depends(get_viewer)], database: Annotated[Database, Depends(get_database)]
) -> HTMLResponse:
    settings = get_settings()
    contact = settings.privacy_contact or settings.contact_email
    told: dict[str, Any] = {
        "statussen": {status: (STATUS_WOORD[status], text) for status, text in STATUS_UITLEG.items()},
        "hotspotlagen": HOTSPOTLAGEN,
        "drempel": settings.drempel_dienst if viewer.scoped else settings.drempel_publiek,
        "drempel_dienst": settings.drempel_dienst,
        "dagen": settings.bevriezing_dagen,
        "bronnen": await explain_bronnen(database, viewer),
        "logboek": in_words(settings.logboek_maanden),
        "termijn": in_words,
        "contact": contact,
        "contact_adres": contact and (f"mailto:{contact}" if "@" in contact else contact),
    }
    return page("uitleg.html", pagina="uitleg", viewer=viewer, **told)


def in_words(months: int) -> str:
    """A term as people say it: "5 jaar", "18 maanden"."""
    years, rest = divmod(months, 12)
    return f"{years} jaar" if years and not rest else "1 maand" if months == 1 else f"{months} maanden"
