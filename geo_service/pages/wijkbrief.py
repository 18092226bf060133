"""``/wijkbrief/{code}``: two pages about an area for the council, as a page and as PDF."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from geo_service.api.parameters import Parameter, one_of, read_query
from geo_service.identity import Viewer
from geo_service.pages.drukwerk import ALLES, letter_words, print_brief
from geo_service.pages.rendering import ASSETS, page
from geo_service.release.wijkbrief import Archief, Wijkbrief, wijkbrief
from geo_service.settings import get_settings
from geo_service.spoor.gebeurtenis import WIJKBRIEF_INTERN
from geo_service.spoor.verzoek import get_spoor, request_event
from geo_service.web import Dienst, enter
from maps.assets import BASIS, style_links

router = APIRouter()
STYLES = (*BASIS, "gegevens.css", "wijkbrief.css")
INTERN = Parameter("intern", "1: met uw eigen cijfers.", {"type": "string", "enum": ["1"]}, one_of(("1",)))
HIER = ZoneInfo("Europe/Amsterdam")


# This one first: the code of an area has no dot in it, and this address would be one otherwise.
@router.get("/wijkbrief/{code}.pdf")
async def pdf(request: Request, code: str) -> Response:
    """What is public is set once for everyone, until the data change or the day does."""
    viewer, dienst = await enter(request)
    intern = _asks_intern(request)
    key = ("wijkbrief", await dienst.geheugen.stand(), code, _today(), _base(request))
    found: bytes | None = None if intern else dienst.geheugen.answers.get(key)
    if found is None:
        brief = await _brief(request, viewer, dienst, code)
        async with dienst.bestanden:
            found = await print_brief(brief, permalink(request, brief))
        if not intern:
            dienst.geheugen.answers.put(key, found, len(found))
    headers = {
        "Content-Disposition": f'inline; filename="wijkbrief-{code}{"-intern" if intern else ""}.pdf"',
        "Cache-Control": "no-store",
    }
    return Response(found, media_type="application/pdf", headers=headers)


@router.get("/wijkbrief/{code}")
async def toon(request: Request, code: str) -> HTMLResponse:
    viewer, dienst = await enter(request)
    brief = await _brief(request, viewer, dienst, code)
    return page(
        "wijkbrief.html",
        pagina="gebied",
        viewer=viewer,
        stijl=style_links(ASSETS, STYLES),
        gemeente_naam=brief.gebied["gemeente_naam"],
        brief=brief,
        adres=permalink(request, brief),
        ruimte=ALLES,
        mag_intern=viewer.works_in(brief.gebied["gemeente_code"]),
        **letter_words(),
    )


def permalink(request: Request, brief: Wijkbrief) -> str:
    """Where the letter stands, in full: the address that is set, else that of the request."""
    return f"{_base(request)}{brief.pad}"


def _base(request: Request) -> str:
    return (get_settings().openbaar_adres or str(request.base_url)).rstrip("/")


def _today() -> date:
    return datetime.now(HIER).date()


def _asks_intern(request: Request) -> bool:
    return read_query(request, (INTERN,)).get("intern") == "1"


async def _brief(request: Request, viewer: Viewer, dienst: Dienst, code: str) -> Wijkbrief:
    """The letter that was asked for; of an internal one the log tells."""
    intern = _asks_intern(request)
    archief = Archief(dienst.database, dienst.geheugen, _today())
    brief = await wijkbrief(archief, viewer, code, intern=intern)
    if intern:
        get_spoor(request).schrijver.note(request_event(request, viewer, WIJKBRIEF_INTERN, "gelukt", code))
    return brief
