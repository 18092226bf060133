"""Where a client starts: landing page, conformance and the list of collections."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request

from geo_service.api.collections import COLLECTIONS, Collection, find_collection
from geo_service.api.openapi import ERRORS
from geo_service.identity import Viewer
from geo_service.web import get_viewer

router = APIRouter(tags=["Wegwijzer"])
CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
OPENAPI = "application/vnd.oai.openapi+json;version=3.1"
CONFORMANCE = (
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/geojson",
)


def _link(request: Request, path: str, rel: str, title: str, kind: str = "application/json") -> dict[str, str]:
    return {"rel": rel, "type": kind, "title": title, "href": f"{str(request.base_url).rstrip('/')}/v1{path}"}


@router.get("/", summary="Begin van de API")
async def landing(request: Request) -> dict[str, Any]:
    return {
        "title": "Buurtsignaal",
        "description": "Overlast, wijkwijzers, voorzieningen en woningen per gebied, met bron, periode en dekking.",
        "links": [
            _link(request, "/", "self", "Deze pagina"),
            _link(
                request,
                "/openapi.json",
                "service-desc",
                "Beschrijving van de API",
                OPENAPI,
            ),
            _link(request, "/conformance", "conformance", "Waar de API aan voldoet"),
            _link(request, "/collections", "data", "Collecties"),
        ],
    }


@router.get("/conformance", summary="Waar de API aan voldoet")
async def conformance() -> dict[str, Any]:
    return {"conformsTo": list(CONFORMANCE)}


@router.get("/collections", summary="Collecties", responses=ERRORS)
async def list_collections(request: Request, viewer: Annotated[Viewer, Depends(get_viewer)]) -> dict[str, Any]:
    visible = [collection for collection in COLLECTIONS.values() if collection.visible_to(viewer)]
    return {
        "links": [_link(request, "/collections", "self", "Deze pagina")],
        "collections": [_describe(request, collection) for collection in visible],
    }


@router.get("/collections/{collection_id}", summary="Eén collectie", responses=ERRORS)
async def get_collection(
    request: Request, collection_id: str, viewer: Annotated[Viewer, Depends(get_viewer)]
) -> dict[str, Any]:
    return _describe(request, find_collection(collection_id, viewer))


def _describe(request: Request, collection: Collection) -> dict[str, Any]:
    path = f"/collections/{collection.id}"
    return {
        "id": collection.id,
        "title": collection.titel,
        "description": collection.beschrijving,
        "itemType": "feature",
        "crs": [CRS84],
        "storageCrs": "http://www.opengis.net/def/crs/EPSG/0/28992",
        "links": [
            _link(request, path, "self", collection.titel),
            _link(request, f"{path}/items", "items", f"Objecten van {collection.titel}", "application/geo+json"),
        ],
    }
