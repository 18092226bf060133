"""Writing, changing and removing field notes; what colleagues wrote is on the page of the area."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from geo_service.domain.gebieden import require_gemeente
from geo_service.errors import InvalidParameters
from geo_service.identity import Viewer
from geo_service.pages.formulier import SEE_OTHER, reasons, signed_form
from geo_service.pages.gebied import Notitieform, area_page
from geo_service.pages.rendering import ASSETS, page
from geo_service.release.context import connect_as
from geo_service.spoor.gebeurtenis import NOTITIE_SCHRIJVEN, NOTITIE_VERWIJDEREN, NOTITIE_WIJZIGEN
from geo_service.spoor.verzoek import get_spoor, request_event
from geo_service.web import enter
from geo_service.werk import notities
from geo_service.werk.werkplek import werkplek_of
from maps.assets import BASIS, style_links

router = APIRouter()
STYLES = (*BASIS, "legenda.css", "werk.css")


@router.post("/gebied/{code}/notities", response_model=None)
async def schrijf(request: Request, code: str) -> HTMLResponse | RedirectResponse:
    viewer, dienst = await enter(request)
    werkplek = werkplek_of(dienst, viewer)
    form = await signed_form(request)
    await dienst.geheugen.stand()
    async with connect_as(dienst.database, viewer) as connection:
        gemeente = await dienst.geheugen.gemeente(connection, viewer, require_gemeente(code))
    try:
        nummer = await notities.write(werkplek, gemeente, code, form)
    except InvalidParameters as error:
        return await area_page(request, dienst, viewer, code, Notitieform(form, reasons(error)))
    _log(request, viewer, NOTITIE_SCHRIJVEN, nummer)
    return _back(code, nummer)


@router.get("/notities/{nummer}")
async def toon(request: Request, nummer: int) -> HTMLResponse:
    """The form to change a note of one's own."""
    viewer, dienst = await enter(request)
    notitie = await notities.find_own(werkplek_of(dienst, viewer), nummer)
    return _form(viewer, notitie, Notitieform({"oordeel": notitie.oordeel, "tekst": notitie.tekst}))


@router.post("/notities/{nummer}", response_model=None)
async def wijzig(request: Request, nummer: int) -> HTMLResponse | RedirectResponse:
    viewer, dienst = await enter(request)
    werkplek = werkplek_of(dienst, viewer)
    form = await signed_form(request)
    notitie = await notities.find_own(werkplek, nummer)
    try:
        await notities.change(werkplek, nummer, form)
    except InvalidParameters as error:
        return _form(viewer, notitie, Notitieform(form, reasons(error)))
    _log(request, viewer, NOTITIE_WIJZIGEN, nummer)
    return _back(notitie.gebied_code, nummer)


@router.post("/notities/{nummer}/verwijderen")
async def verwijder(request: Request, nummer: int) -> RedirectResponse:
    viewer, dienst = await enter(request)
    werkplek = werkplek_of(dienst, viewer)
    await signed_form(request)
    notitie = await notities.find_own(werkplek, nummer)
    await notities.remove(werkplek, nummer)
    _log(request, viewer, NOTITIE_VERWIJDEREN, nummer)
    return RedirectResponse(f"/gebied/{notitie.gebied_code}#notities", SEE_OTHER)


def _form(viewer: Viewer, notitie: notities.Notitie, form: Notitieform) -> HTMLResponse:
    status = 400 if form.fouten else 200
    choices = {"oordelen": notities.OORDELEN, "langste": notities.LANGSTE}
    told = {"stijl": style_links(ASSETS, STYLES), "notitie": notitie, "form": form, **choices}
    return page("notitie.html", pagina="notitie", viewer=viewer, status=status, **told)


def _log(request: Request, viewer: Viewer, act: str, nummer: int) -> None:
    """That it was done stands in the log; what it said does not."""
    get_spoor(request).schrijver.note(request_event(request, viewer, act, "gelukt", f"notitie {nummer}"))


def _back(code: str, nummer: int) -> RedirectResponse:
    return RedirectResponse(f"/gebied/{code}#notitie-{nummer}", SEE_OTHER)
