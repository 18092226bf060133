"""``/plannen``: what stands out in a stadsdeel beside what is already there, and where to go on from that."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from geo_service.api.parameters import GEMEENTE, read_query
from geo_service.api.weergave import number_or_dash
from geo_service.domain.gebieden import require_gemeente
from geo_service.identity import Viewer
from geo_service.pages.rendering import ASSETS, page
from geo_service.pages.voorzieningen import AMSTERDAM
from geo_service.release.cijfers import require_figures
from geo_service.release.context import connect_as
from geo_service.release.lijnen import Kwartaallijnen, Lijnen, lijnen_van
from geo_service.release.plannen import Plan, plan_gebieden, plan_voor
from geo_service.release.plekken import METERS, PlekVraag, list_plekken
from geo_service.release.verwachting import verwachtingen
from geo_service.web import Dienst, enter
from maps.assets import BASIS, style_links
from maps.figuren import Meting, Reeks, render_reeks
from maps.model import NIVEAUS

router = APIRouter()
STYLES = (*BASIS, "legenda.css", "gegevens.css", "figuren.css", "plannen.css")
# Of the picture: columns from left to right, rows from top to bottom.
KOLOMMEN = ((0, "Niets bijzonders"), (1, "Eén soort signaal"), (2, "Meer soorten signalen"))
RIJEN = ((2, "Meer soorten plekken dan elders"), (1, "Ongeveer evenveel"), (0, "Minder soorten plekken dan elders"))


@router.get("/plannen")
async def plannen(request: Request) -> Response:
    """The choice of an area; who works in one stadsdeel only goes there at once, unless a municipality is asked."""
    viewer, dienst = await enter(request)
    asked = read_query(request, (GEMEENTE,), formulier=True)
    require_figures(viewer)
    await dienst.geheugen.stand()
    async with connect_as(dienst.database, viewer) as connection:
        gemeente = await dienst.geheugen.gemeente(connection, viewer, asked.get("gemeente"))
        niveau, gebieden = plan_gebieden(gemeente)
    own = [(code, naam) for code, naam in gebieden if viewer.owns(gemeente.code, code)]
    if len(own) == 1 and "gemeente" not in asked:
        return RedirectResponse(f"/plannen/{own[0][0]}", 303)
    return page(
        "plannen.html",
        pagina="plannen",
        viewer=viewer,
        stijl=style_links(ASSETS, STYLES),
        gemeente_naam=gemeente.naam,
        meervoud=NIVEAUS[niveau][1] if niveau in NIVEAUS else "gebieden",
        gebieden=gebieden,
    )


@router.get("/plannen/{code}")
async def plan(request: Request, code: str) -> HTMLResponse:
    viewer, dienst = await enter(request)
    read_query(request, ())
    require_figures(viewer)
    return await _plan_page(dienst, viewer, code)


async def _plan_page(dienst: Dienst, viewer: Viewer, code: str) -> HTMLResponse:
    now = datetime.now(AMSTERDAM)
    await dienst.geheugen.stand()
    async with connect_as(dienst.database, viewer) as connection:
        gemeente = await dienst.geheugen.gemeente(connection, viewer, require_gemeente(code))
        found = await plan_voor(connection, viewer, gemeente, code, vandaag=date(now.year, now.month, now.day))
        lijnen = await lijnen_van(connection, viewer, gemeente, found.niveau, code)
        verwacht = await verwachtingen(connection, viewer, gemeente, code) if found.niveau == "stadsdeel" else []
        plekken = await list_plekken(connection, gemeente, PlekVraag(gebied=code), moment=now)
    return page(
        "plan.html",
        pagina="plannen",
        viewer=viewer,
        stijl=style_links(ASSETS, STYLES),
        gemeente_naam=gemeente.naam,
        plan=found,
        kolommen=KOLOMMEN,
        rijen=RIJEN,
        meters=METERS,
        leefgebieden=_per_leefgebied(plekken.plekken),
        lijnen=[(one, render_reeks(_reeks(one, n, found))) for n, one in enumerate(lijnen, 1)],
        mag_plannen=found.ziet_interventies,
        verwachtingen=verwacht,
        getal=number_or_dash,
    )


def _per_leefgebied(plekken: Any) -> list[tuple[str, int]]:
    """How many places work on each leefgebied, by its name; places without one last."""
    counted: dict[str, int] = {}
    for plek in plekken:
        if plek["laag"] == "voorzieningen":
            counted[plek["leefgebied"] or ""] = counted.get(plek["leefgebied"] or "", 0) + 1
    return sorted(counted.items(), key=lambda item: (item[0] == "", item[0]))


def _reeks(lijnen: Lijnen, number: int, plan: Plan) -> Reeks:
    return Reeks(
        id=f"lijnen-{number}",
        titel=f"Aandeel van de 0e lijn in {plan.naam}, {lijnen.bron}",
        naam="naar de 0e lijn",
        metingen=tuple(map(_meting, lijnen.kwartalen)),
        eenheid="procent",
    )


def _meting(one: Kwartaallijnen) -> Meting:
    share, low, high = (None if part is None else 100 * part for part in (one.deel, one.laag, one.hoog))
    status = "ontbreekt" if share is None else "ok"
    return Meting(one.periode.code, one.periode.naam, share, low, high, status, one.trendbreuk or "")
