"""``/v1/openapi.json``."""

from __future__ import annotations

from fastapi import Request
from starlette.responses import Response

from geo_service.api import parameters as p
from geo_service.api.antwoord import Antwoord, Formaat, base, choose_format, dumps, respond
from geo_service.api.openapi.document import as_oas30, build_document
from geo_service.api.openapi.wegwijzer import DESCRIPTION_FORMAT, DESCRIPTIONS, OAS30
from geo_service.api.route import make_router
from geo_service.web import enter

router = make_router()


@router.get("/openapi.json", name="openapi")
async def get_openapi(request: Request) -> Response:
    """What this viewer can ask, as OpenAPI 3.1 or 3.0."""
    viewer, dienst = await enter(request)
    formaat = _choose(request, p.read_query(request, (DESCRIPTION_FORMAT,)).get("f"))

    async def make() -> Antwoord:
        document = build_document(viewer, base(request))
        return Antwoord(dumps(as_oas30(document) if formaat is OAS30 else document), formaat.mediatype)

    return await respond(request, viewer, dienst.geheugen, make, vast=True)


def _choose(request: Request, asked: str | None) -> Formaat:
    """By ``f`` or Accept. Both versions share a media type, so the version in Accept decides between them."""
    accepted = request.headers.get("accept", "").replace(" ", "").lower()
    if asked is None and OAS30.mediatype in accepted:
        return OAS30
    return choose_format(request, asked, DESCRIPTIONS)
