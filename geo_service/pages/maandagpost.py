"""``/maandagpost``: asking for the mail of Monday morning, confirming the address and ending it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from geo_service.errors import InvalidParameters, Unavailable
from geo_service.identity import Viewer
from geo_service.pages.formulier import SEE_OTHER, reasons, signed_form
from geo_service.pages.rendering import page
from geo_service.post.berichten import confirmation
from geo_service.post.merk import Doel, Merk, make_merk, open_merk
from geo_service.post.verzenden import GEEN_POST, NietVerstuurd, Onzeker, can_send, postbode, require_post
from geo_service.settings import get_settings
from geo_service.spoor.gebeurtenis import MAANDAGPOST_AANVRAGEN, MAANDAGPOST_BEVESTIGEN, MAANDAGPOST_STOPPEN
from geo_service.spoor.verzoek import get_spoor, request_event
from geo_service.web import Dienst, enter
from geo_service.werk import abonnement
from geo_service.werk.werkplek import has_werkplek, werkplek_of

router = APIRouter()
HIER = "/maandagpost"
NIET_GELUKT = "Het bericht kon niet worden verstuurd. Er is niets bewaard; klopt het adres? Probeer het later opnieuw."
LINK_WERKT_NIET = "Deze link werkt niet of niet meer. Vraag de maandagpost opnieuw aan, of meld u af op deze pagina."


@router.get(HIER)
async def toon(request: Request) -> HTMLResponse:
    viewer, dienst = await enter(request)
    return await _show(dienst, viewer)


@router.post(HIER, response_model=None)
async def vraag_aan(request: Request) -> HTMLResponse | RedirectResponse:
    """Send one question to the address, and nothing else before it is answered."""
    viewer, dienst = await enter(request)
    werkplek = werkplek_of(dienst, viewer)
    form = await signed_form(request)
    if not can_send(get_settings()):
        raise Unavailable(GEEN_POST)
    try:
        nummer = await abonnement.ask(werkplek, form)
    except InvalidParameters as error:
        return await _show(dienst, viewer, form, reasons(error))
    try:
        await asyncio.to_thread(_ask_by_mail, dienst.secret, form["adres"].strip(), nummer)
    except (NietVerstuurd, Onzeker, Unavailable):
        await abonnement.stop(werkplek)
        return await _show(dienst, viewer, form, {"adres": NIET_GELUKT})
    _log(request, viewer, MAANDAGPOST_AANVRAGEN, nummer)
    return RedirectResponse(HIER, SEE_OTHER)


@router.post(f"{HIER}/stoppen")
async def stop(request: Request) -> RedirectResponse:
    viewer, dienst = await enter(request)
    werkplek = werkplek_of(dienst, viewer)
    await signed_form(request)
    if await abonnement.stop(werkplek):
        get_spoor(request).schrijver.note(request_event(request, viewer, MAANDAGPOST_STOPPEN, "gelukt"))
    return RedirectResponse(HIER, SEE_OTHER)


@router.get(f"{HIER}/bevestigen")
async def vraag_bevestiging(request: Request) -> HTMLResponse:
    """A button: machines that look at links in mails press none."""
    return await _ask_again(request, "bevestigen")


@router.post(f"{HIER}/bevestigen")
async def bevestig(request: Request) -> HTMLResponse:
    viewer, dienst, merk = await _opened(request, "bevestigen")
    done = merk is not None and await abonnement.confirm(dienst.database, merk)
    if done and merk:
        _log(request, viewer, MAANDAGPOST_BEVESTIGEN, merk.nummer)
    return _told(viewer, "bevestigd" if done else "onbekend")


@router.get(f"{HIER}/afmelden")
async def vraag_afmelding(request: Request) -> HTMLResponse:
    return await _ask_again(request, "afmelden")


@router.post(f"{HIER}/afmelden")
async def meld_af(request: Request) -> HTMLResponse:
    """Also what a mail program sends by itself (RFC 8058): the mark in the address is all that is asked."""
    viewer, dienst, merk = await _opened(request, "afmelden")
    if merk is not None and await abonnement.unsubscribe(dienst.database, merk):
        _log(request, viewer, MAANDAGPOST_STOPPEN, merk.nummer)
    # Who is not on the list any more is told the same: they wanted to be off it.
    return _told(viewer, "onbekend" if merk is None else "afgemeld")


def _ask_by_mail(secret: bytes, adres: str, nummer: int) -> None:
    site = require_post(get_settings())
    message = confirmation(site, make_merk(secret, "bevestigen", nummer)).as_email(site)
    with postbode() as post:
        post.send(adres, message)


async def _opened(request: Request, doel: Doel) -> tuple[Viewer, Dienst, Merk | None]:
    viewer, dienst = await enter(request)
    return viewer, dienst, open_merk(dienst.secret, doel, request.query_params.get("merk", ""))


async def _ask_again(request: Request, doel: Doel) -> HTMLResponse:
    viewer, _, merk = await _opened(request, doel)
    return _told(viewer, doel if merk else "onbekend", request.query_params.get("merk", "") if merk else "")


async def _show(
    dienst: Dienst, viewer: Viewer, ingevuld: Mapping[str, str] | None = None, fouten: Mapping[str, str] | None = None
) -> HTMLResponse:
    """The page with the viewer's subscription; an explanation for who cannot have one."""
    werkt = has_werkplek(viewer)
    return page(
        "maandagpost.html",
        pagina="maandagpost",
        viewer=viewer,
        status=400 if fouten else 200,
        werkt=werkt,
        kan_posten=can_send(get_settings()),
        abonnement=await abonnement.of(werkplek_of(dienst, viewer)) if werkt else None,
        maanden=get_settings().abonnement_maanden,
        langste=abonnement.LANGSTE,
        ingevuld=ingevuld or {},
        fouten=fouten or {},
    )


def _told(viewer: Viewer, wat: str, merk: str = "") -> HTMLResponse:
    """What a link from a mail did, or the button that does it."""
    told = {"wat": wat, "merk": merk, "link_werkt_niet": LINK_WERKT_NIET}
    status = 404 if wat == "onbekend" else 200
    return page("maandagpost_link.html", pagina="maandagpost", viewer=viewer, status=status, **told)


def _log(request: Request, viewer: Viewer, act: str, nummer: int) -> None:
    """That it was done stands in the log; the address does not."""
    get_spoor(request).schrijver.note(request_event(request, viewer, act, "gelukt", f"abonnement {nummer}"))
