"""``/beheer`` for the beheerder: what was done, and emergency access. ``/noodtoegang`` for who asks for it."""

from __future__ import annotations

from collections import Counter
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from geo_service.db.engine import Database
from geo_service.errors import InvalidParameters, NotFound
from geo_service.identity import Role, Viewer
from geo_service.pages.formulier import SEE_OTHER, reasons, signed_form
from geo_service.pages.rendering import page
from geo_service.release.overzicht import stadsdelen_van
from geo_service.settings import get_settings
from geo_service.spoor.gebeurtenis import NOODTOEGANG_BEEINDIGEN, NOODTOEGANG_VRAGEN
from geo_service.spoor.noodtoegang import REDEN_LENGTE, require_asking
from geo_service.spoor.verzoek import get_spoor, request_event
from geo_service.web import get_database, get_viewer

router = APIRouter()
Kijker = Annotated[Viewer, Depends(get_viewer)]
Gegevens = Annotated[Database, Depends(get_database)]
LOG_DAYS, ACCESS_DAYS = 7, 90


@router.get("/beheer")
async def beheer(request: Request, viewer: Kijker) -> HTMLResponse:
    """How often what was done this week, and every emergency access of the last months with its reason."""
    _require_beheerder(viewer)
    spoor = get_spoor(request)
    told: dict[str, Any] = {
        "logboek": _per_day(await spoor.noodtoegangen.counts(days=LOG_DAYS)),
        "noodtoegangen": await spoor.noodtoegangen.recent(days=ACCESS_DAYS),
        "bijgehouden": spoor.schrijver.open,
    }
    return page("beheer.html", pagina="beheer", viewer=viewer, dagen=LOG_DAYS, nooddagen=ACCESS_DAYS, **told)


@router.post("/beheer/noodtoegang/{nummer}/einde")
async def beheer_einde(request: Request, nummer: int, viewer: Kijker) -> RedirectResponse:
    """End the emergency access of anyone."""
    _require_beheerder(viewer)
    return await _end(request, viewer, nummer, "/beheer", own=False)


@router.get("/noodtoegang")
async def noodtoegang(viewer: Kijker, database: Gegevens) -> HTMLResponse:
    """The form to ask for access to another stadsdeel, and the accesses that hold."""
    return await _form(viewer, database)


@router.post("/noodtoegang", response_model=None)
async def vraag(request: Request, viewer: Kijker, database: Gegevens) -> HTMLResponse | RedirectResponse:
    """Give access at once; it is written down and the beheerder sees it."""
    require_asking(viewer)
    form = await signed_form(request)
    known = await stadsdelen_van(database, viewer)
    stadsdeel, reden = form.get("stadsdeel", ""), form.get("reden", "")
    spoor = get_spoor(request)
    try:
        number = await spoor.noodtoegangen.ask(viewer, stadsdeel, reden, set(known))
    except InvalidParameters as error:
        return await _form(viewer, database, error=error, ingevuld=form)
    what = f"{stadsdeel} (noodtoegang {number})"
    spoor.schrijver.note(request_event(request, viewer, NOODTOEGANG_VRAGEN, "gelukt", what))
    return RedirectResponse("/noodtoegang", SEE_OTHER)


@router.post("/noodtoegang/{nummer}/einde")
async def einde(request: Request, nummer: int, viewer: Kijker) -> RedirectResponse:
    """End an emergency access of one's own."""
    return await _end(request, viewer, nummer, "/noodtoegang", own=True)


async def _end(request: Request, viewer: Viewer, nummer: int, back: str, *, own: bool) -> RedirectResponse:
    await signed_form(request)
    spoor = get_spoor(request)
    await spoor.noodtoegangen.end(viewer, nummer, own=own)
    what = f"noodtoegang {nummer}"
    spoor.schrijver.note(request_event(request, viewer, NOODTOEGANG_BEEINDIGEN, "gelukt", what))
    return RedirectResponse(back, SEE_OTHER)


async def _form(
    viewer: Viewer,
    database: Database,
    *,
    error: InvalidParameters | None = None,
    ingevuld: dict[str, str] | None = None,
) -> HTMLResponse:
    """The page of the form; with an error what was filled in stays."""
    require_asking(viewer)
    known = await stadsdelen_van(database, viewer)
    told: dict[str, Any] = {
        "keuzes": [(code, naam) for code, naam in known.items() if code not in viewer.stadsdelen],
        "namen": known,
        "fouten": reasons(error),
        "ingevuld": ingevuld or {},
        "uren": get_settings().noodtoegang_uren,
        "lengte": REDEN_LENGTE,
    }
    return page("noodtoegang.html", pagina="noodtoegang", viewer=viewer, status=400 if error else 200, **told)


def _require_beheerder(viewer: Viewer) -> None:
    if viewer.role is not Role.BEHEERDER:
        raise NotFound("Dit adres bestaat niet.")


def _per_day(counts: list[dict[str, Any]]) -> list[tuple[Any, str, str, int, int]]:
    """Per day, role and act how often it was done, and how often of those it was refused."""
    done: Counter[tuple[Any, str, str]] = Counter()
    refused: Counter[tuple[Any, str, str]] = Counter()
    for row in counts:
        key = (row["dag"], row["rol"], row["handeling"])
        done[key] += row["aantal"]
        if row["uitkomst"].startswith(("4", "5", "geweigerd", "fout")):
            refused[key] += row["aantal"]
    return [(*key, count, refused[key]) for key, count in done.items()]
