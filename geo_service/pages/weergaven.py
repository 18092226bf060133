"""``/weergaven``: keeping the view that is on the screen under a name, and throwing it away."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from geo_service.errors import InvalidParameters
from geo_service.identity import Viewer
from geo_service.pages.formulier import SEE_OTHER, reasons, signed_form
from geo_service.pages.rendering import page
from geo_service.web import enter
from geo_service.werk import weergaven
from geo_service.werk.werkplek import werkplek_of

router = APIRouter()
MIJN = "/#mijn-gebied"


@router.post("/weergaven", response_model=None)
async def bewaar(request: Request) -> HTMLResponse | RedirectResponse:
    """Save, and go back to what was saved."""
    viewer, dienst = await enter(request)
    werkplek = werkplek_of(dienst, viewer)
    form = await signed_form(request)
    try:
        await weergaven.save(werkplek, form)
    except InvalidParameters as error:
        return _form(viewer, form, reasons(error))
    return RedirectResponse(MIJN, SEE_OTHER)


@router.post("/weergaven/{nummer}/verwijderen")
async def verwijder(request: Request, nummer: int) -> RedirectResponse:
    viewer, dienst = await enter(request)
    werkplek = werkplek_of(dienst, viewer)
    await signed_form(request)
    await weergaven.remove(werkplek, nummer)
    return RedirectResponse(MIJN, SEE_OTHER)


def _form(viewer: Viewer, ingevuld: dict[str, str], fouten: dict[str, str]) -> HTMLResponse:
    """The same form on a page of its own, with what is wrong."""
    told = {"ingevuld": ingevuld, "fouten": fouten, "langste": weergaven.LANGSTE_NAAM}
    return page("weergave.html", pagina="weergave", viewer=viewer, status=400, **told)
