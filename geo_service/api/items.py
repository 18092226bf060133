"""``/v1/collections/{id}/items``: GeoJSON features of a collection, with bbox, limit and links to more."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse

from geo_service.api.collections import Asked, find_collection
from geo_service.api.openapi import GEOJSON, RESPONSES, describe_parameters
from geo_service.api.parameters import ItemsVraag, read_items_query
from geo_service.db.engine import Database
from geo_service.identity import Viewer
from geo_service.release.context import database_role, load_gemeente
from geo_service.web import get_database, get_viewer

router = APIRouter(tags=["Gegevens"])


@router.get(
    "/collections/{collection_id}/items",
    summary="Objecten van een collectie",
    responses=RESPONSES,
    openapi_extra={"parameters": [*describe_parameters()]},
)
async def get_items(
    request: Request,
    collection_id: str,
    viewer: Annotated[Viewer, Depends(get_viewer)],
    database: Annotated[Database, Depends(get_database)],
) -> JSONResponse:
    """GeoJSON in longitude and latitude (CRS84). Unknown parameters are refused with a 400."""
    collection = find_collection(collection_id, viewer)
    vraag = read_items_query(request, collection.parameters)
    async with database.connect(database_role(viewer)) as connection:
        gemeente = await load_gemeente(connection, viewer, vraag.gemeente)
        found = await collection.handler(Asked(connection, viewer, gemeente, vraag))
    page = found[vraag.offset : vraag.offset + vraag.limit]
    body: dict[str, Any] = {
        "type": "FeatureCollection",
        "features": page,
        "numberMatched": len(found),
        "numberReturned": len(page),
        "timeStamp": datetime.now(UTC).isoformat(timespec="seconds"),
        "links": _links(request, vraag, len(found)),
    }
    headers = {
        "Content-Crs": "<http://www.opengis.net/def/crs/OGC/1.3/CRS84>",
        "Vary": "Authorization, Accept-Encoding",
    }
    return JSONResponse(body, headers=headers, media_type=GEOJSON)


def _links(request: Request, vraag: ItemsVraag, matched: int) -> list[dict[str, str]]:
    def at(offset: int) -> str:
        query = {**request.query_params, "offset": str(offset), "limit": str(vraag.limit)}
        return f"{request.url.replace(query='')}?{urlencode(query)}"

    links = [{"rel": "self", "type": GEOJSON, "title": "Deze pagina", "href": str(request.url)}]
    if vraag.offset + vraag.limit < matched:
        links.append(
            {
                "rel": "next",
                "type": GEOJSON,
                "title": "Volgende pagina",
                "href": at(vraag.offset + vraag.limit),
            }
        )
    if vraag.offset > 0:
        links.append(
            {
                "rel": "prev",
                "type": GEOJSON,
                "title": "Vorige pagina",
                "href": at(max(0, vraag.offset - vraag.limit)),
            }
        )
    return links
