"""Layers of the map that are fetched when somebody switches them on, and that not everybody may know of."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlencode

import orjson
from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from geo_service.api.parameters import GEMEENTE, VRAAG, read_query
from geo_service.db.engine import Database
from geo_service.identity import Viewer
from geo_service.release.cijfers import CijferTabel, CijferVraag
from geo_service.release.kaartpunten import punten, sees_punten
from geo_service.web import get_database, get_viewer

router = APIRouter()
PARAMETERS = ("bron", "categorie", "periode")
Kijker = Annotated[Viewer, Depends(get_viewer)]
Gegevens = Annotated[Database, Depends(get_database)]


@router.get("/kaart/punten")
async def kaart_punten(request: Request, viewer: Kijker, database: Gegevens) -> Response:
    asked = read_query(request, (GEMEENTE, *(VRAAG[naam] for naam in PARAMETERS)))
    vraag = CijferVraag(**{naam: asked[naam] for naam in PARAMETERS if naam in asked})
    found = await punten(database, viewer, asked.get("gemeente"), vraag)
    return _private(found)


def punten_adres(viewer: Viewer, tabel: CijferTabel | None) -> str | None:
    """Where the points of what a map shows are; None for who may not see them, and where there are none."""
    if tabel is None or tabel.laag.naam != "meldingen" or not sees_punten(viewer, tabel.gemeente.code):
        return None
    asked = {
        "gemeente": tabel.gemeente.code,
        "bron": tabel.bron.naam,
        "categorie": tabel.categorie,
        "periode": tabel.periode.code,
    }
    return f"/kaart/punten?{urlencode(asked)}"


def _private(document: object) -> Response:
    return Response(orjson.dumps(document), media_type="application/json", headers={"Cache-Control": "no-store"})
