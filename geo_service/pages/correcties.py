"""Correcting a place of the list, for staff; and the list of corrections, where each can be withdrawn."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from geo_service.errors import InvalidParameters
from geo_service.identity import Viewer
from geo_service.pages.formulier import SEE_OTHER, reasons, signed_form
from geo_service.pages.rendering import ASSETS, ROLE_NAMES, page
from geo_service.spoor.gebeurtenis import PLEK_VERBETEREN, VERBETERING_INTREKKEN
from geo_service.spoor.verzoek import get_spoor, request_event
from geo_service.web import enter
from geo_service.werk import correcties
from geo_service.werk.correcties import Correctie, Plek
from geo_service.werk.werkplek import Werkplek, redactie_of
from maps.assets import BASIS, style_links

router = APIRouter()
STYLES = (*BASIS, "legenda.css", "gegevens.css", "plekken.css")
LIJST = "/verbeteringen"
PLEK = "/verbeteren/{gemeente}/{laag}/{bron}/{sleutel:path}"
ROLLEN = {role.value: naam for role, naam in ROLE_NAMES.items()}


@router.get(LIJST)
async def lijst(request: Request) -> HTMLResponse:
    """Every correction that the viewer may see, with its reason."""
    viewer, dienst = await enter(request)
    redactie = redactie_of(dienst, viewer)
    found = await correcties.recent(redactie)
    told: dict[str, Any] = {
        "stijl": style_links(ASSETS, STYLES),
        "correcties": found,
        "namen": await correcties.names_of(redactie, found),
        "rollen": ROLLEN,
        "meeste": correcties.MEESTE,
    }
    return page("verbeteringen.html", pagina="verbeteringen", viewer=viewer, **told)


@router.post(LIJST + "/{nummer}/intrekken")
async def trek_in(request: Request, nummer: int) -> RedirectResponse:
    viewer, dienst = await enter(request)
    redactie = redactie_of(dienst, viewer)
    await signed_form(request)
    await correcties.withdraw(redactie, nummer)
    _log(request, viewer, VERBETERING_INTREKKEN, nummer)
    return RedirectResponse(LIJST, SEE_OTHER)


@router.get(PLEK)
async def toon(request: Request, gemeente: str, laag: str, bron: str, sleutel: str) -> HTMLResponse:
    """The form for one place, with what its source says and what was corrected before."""
    viewer, dienst = await enter(request)
    redactie = redactie_of(dienst, viewer)
    plek = await correcties.find(redactie, gemeente, laag, bron, sleutel)
    return await _form(redactie, plek, dict(plek.nu), {})


@router.post(PLEK, response_model=None)
async def verbeter(
    request: Request, gemeente: str, laag: str, bron: str, sleutel: str
) -> HTMLResponse | RedirectResponse:
    viewer, dienst = await enter(request)
    redactie = redactie_of(dienst, viewer)
    form = await signed_form(request)
    plek = await correcties.find(redactie, gemeente, laag, bron, sleutel)
    try:
        numbers = await correcties.correct(redactie, plek, form, await correcties.known_types(redactie, plek))
    except InvalidParameters as error:
        return await _form(redactie, plek, form, reasons(error))
    for nummer in numbers:
        _log(request, viewer, PLEK_VERBETEREN, nummer)
    return RedirectResponse(plek.adres, SEE_OTHER)


async def _form(redactie: Werkplek, plek: Plek, ingevuld: Mapping[str, str], fouten: Mapping[str, str]) -> HTMLResponse:
    """The page of a place; with an error what was filled in stays."""
    done: list[Correctie] = await correcties.of_place(redactie, plek)
    told: dict[str, Any] = {
        "stijl": style_links(ASSETS, STYLES), "plek": plek, "ingevuld": ingevuld, "fouten": fouten, "correcties": done,
        "soorten": await correcties.known_types(redactie, plek), "namen": correcties.VELDEN, "rollen": ROLLEN,
        "lengte": correcties.REDEN_LENGTE, "langste": correcties.LANGSTE,
    }  # fmt: skip
    status = 400 if fouten else 200
    return page("verbeteren.html", pagina="voorzieningen", viewer=redactie.viewer, status=status, **told)


def _log(request: Request, viewer: Viewer, act: str, nummer: int) -> None:
    get_spoor(request).schrijver.note(request_event(request, viewer, act, "gelukt", f"verbetering {nummer}"))
