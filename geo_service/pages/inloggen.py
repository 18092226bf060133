"""Logging in at the provider and out again, and the development log-in: a link with a token becomes a cookie."""

from __future__ import annotations

from urllib.parse import parse_qsl

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse

from geo_service.beveiliging.csrf import require_csrf
from geo_service.errors import InvalidToken, NotFound
from geo_service.identity import Viewer
from geo_service.spoor.verzoek import get_spoor, request_event
from geo_service.toegang import cookies
from geo_service.toegang.adres import HOME, asked_from, base_address, own_path
from geo_service.toegang.inloggen import Inloggen
from geo_service.web import count_failure, get_dienst

router = APIRouter()
BACK = "/inloggen/terug"
INLOGGEN, UITLOGGEN, GELUKT = "inloggen", "uitloggen", "gelukt"


@router.get("/inloggen")
async def inloggen(request: Request, terug: str | None = None) -> RedirectResponse:
    """Go and log in at the provider; afterwards back to ``terug``, else to the page one came from."""
    path = asked_from(request) if terug is None else own_path(terug)
    begonnen = await _inloggen(request).begin(base_address(request) + BACK, path)
    response = RedirectResponse(begonnen.location, status_code=303)
    cookies.put(request, response, cookies.RUNNING, begonnen.cookie, seconds=cookies.RUNNING_SECONDS)
    return response


@router.get(BACK)
async def terug(request: Request) -> RedirectResponse:
    """Back from the provider: what fits the log-in that began in this browser becomes a session, always a new one."""
    login, sessies = _inloggen(request), get_dienst(request).toegang.sessies
    running = cookies.values_of(request, cookies.name_of(request, cookies.RUNNING))
    try:
        viewer, path = await login.finish(request, "".join(running), base_address(request) + BACK)
    except InvalidToken:
        await count_failure(request)
        raise
    for former in cookies.values_of(request, cookies.name_of(request, cookies.SESSION)):
        await sessies.close(former)
    response = RedirectResponse(path, status_code=303)
    cookies.drop_development(response)
    cookies.drop(request, response, cookies.RUNNING)
    cookies.put(request, response, cookies.SESSION, await sessies.open(viewer))
    _note(request, viewer, INLOGGEN)
    return response


@router.post("/uitloggen")
async def uitloggen(request: Request) -> RedirectResponse:
    """End the session everywhere, and go on to the provider to log out there as well."""
    form = dict(parse_qsl((await request.body()).decode("latin-1")))
    require_csrf(request, form)
    toegang = get_dienst(request).toegang
    viewer = (await toegang.enter(request)).viewer
    sessions = cookies.values_of(request, cookies.name_of(request, cookies.SESSION))
    for number in sessions:
        await toegang.sessies.close(number)
    elsewhere = None
    if sessions and toegang.inloggen is not None:
        elsewhere = await toegang.inloggen.leave_address(base_address(request) + "/")
    response = RedirectResponse(elsewhere or "/", status_code=303)
    cookies.drop_all(request, response)
    # Pages of before are not shown again by the back button.
    response.headers["Clear-Site-Data"] = '"cache"'
    _note(request, viewer, UITLOGGEN)
    return response


@router.get("/ontwikkel/inloggen")
async def ontwikkel(request: Request, token: str = "") -> RedirectResponse:
    """Show the pages as another role, on this machine only; without a token: as the public again."""
    toegang = get_dienst(request).toegang
    if not toegang.develops(request):
        raise NotFound("Dit adres bestaat niet.")
    response = RedirectResponse(HOME, status_code=303)
    if not token:
        cookies.drop_all(request, response)
        return response
    toegang.development_viewer(request, token)
    cookies.put_development(response, token)
    return response


def _note(request: Request, viewer: Viewer, handeling: str) -> None:
    get_spoor(request).schrijver.note(request_event(request, viewer, handeling, GELUKT, request.url.path))


def _inloggen(request: Request) -> Inloggen:
    found = get_dienst(request).toegang.inloggen
    if found is None:
        raise NotFound("Inloggen is op deze dienst niet ingesteld.")
    return found
