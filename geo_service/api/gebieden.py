"""``/v1/gebieden/{gebiedCode}``: everything about one area in one document, and its figures through time."""

from __future__ import annotations

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from fastapi import Request
from starlette.responses import Response

from geo_service.api import parameters as p
from geo_service.api.antwoord import JSON, base, with_query
from geo_service.api.document import Vrager, answer_document, link, other_format
from geo_service.api.route import make_router
from geo_service.domain.gebieden import require_gemeente
from geo_service.errors import NotFound
from geo_service.release.collecties import Moment
from geo_service.release.context import connect_as
from geo_service.release.lagen import LAGEN
from geo_service.release.perioden import FINENESS
from geo_service.release.profiel import profiel
from geo_service.release.tijdreeks import TijdreeksVraag, tijdreeks

router = make_router()
AMSTERDAM = ZoneInfo("Europe/Amsterdam")
LAAG = p.Parameter("laag", "Wat er wordt geteld.", {"type": "string", "enum": list(LAGEN)}, p.one_of(LAGEN))
SOORT = p.Parameter("soort", "Soort periode.", {"type": "string", "enum": list(FINENESS)}, p.one_of(FINENESS))
REEKS = (LAAG, p.VRAAG["bron"], p.VRAAG["categorie"], p.VRAAG["noemer"], SOORT, p.DATETIME)
Document = dict[str, Any]


@router.get("/gebieden/{gebiedCode}/profiel", name="profiel")
async def get_profile(request: Request) -> Response:
    """Key figures, reports, visits, places and hotspots of one area."""
    code = request.path_params["gebiedCode"]

    async def make(vrager: Vrager) -> Document:
        async with connect_as(vrager.dienst.database, vrager.viewer) as connection:
            gemeente = await vrager.dienst.geheugen.gemeente(connection, vrager.viewer, require_gemeente(code))
            found = await profiel(connection, vrager.viewer, gemeente, code)
        reeks = f"{base(request)}/gebieden/{code}/tijdreeks"
        links = [*_links(request, vrager), link("related", JSON, "Cijfers door de tijd", reeks)]
        return found.as_dict() | {"links": links}

    return await answer_document(request, make, template="api/profiel.html")


@router.get("/gebieden/{gebiedCode}/tijdreeks", name="tijdreeks")
async def get_series(request: Request) -> Response:
    """The figures of one area, period after period."""
    code = request.path_params["gebiedCode"]

    async def make(vrager: Vrager) -> Document:
        async with connect_as(vrager.dienst.database, vrager.viewer) as connection:
            gemeente = await vrager.dienst.geheugen.gemeente(connection, vrager.viewer, require_gemeente(code))
            niveau = gemeente.niveau_van(code)
            if niveau is None:
                raise NotFound(f"Gebied {code[:40]!r} is niet bekend in {gemeente.naam}.")
            found = await tijdreeks(connection, vrager.viewer, gemeente, _question(code, niveau, vrager.values))
        return {
            "gebied_code": found.gebied_code,
            "gebied_naam": found.gebied_naam,
            "niveau": niveau,
            "soort": found.soort,
            "reeks": found.properties(),
            "links": _links(request, vrager),
        }

    return await answer_document(request, make, template="api/tijdreeks.html", parameters=REEKS)


def _question(code: str, niveau: str, values: Any) -> TijdreeksVraag:
    asked: Moment = values.get("datetime") or Moment(None, None)
    plain = {naam: values[naam] for naam in ("laag", "bron", "categorie", "noemer", "soort") if naam in values}
    return TijdreeksVraag(code, niveau, van=_day(asked.van), tot=_day(asked.tot), **plain)


def _day(moment: Any) -> date | None:
    return None if moment is None else moment.astimezone(AMSTERDAM).date()


def _links(request: Request, vrager: Vrager) -> list[dict[str, str]]:
    own = link("self", vrager.formaat, "Deze pagina", with_query(request, {}))
    return [own, other_format(request, vrager.formaat)]
