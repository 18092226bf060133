"""Where a client starts: landing page, conformance, the collections and what fields they have."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import Request
from starlette.responses import Response

from geo_service.api import parameters as p
from geo_service.api.antwoord import HTML, JSON, Formaat, base, own_address, with_query
from geo_service.api.bladen import collectie_blad, conformance_blad, velden_blad
from geo_service.api.collections import find_collection, visible_collections
from geo_service.api.conformance import CONFORMANCE
from geo_service.api.document import Sjabloon, Vrager, answer_document, link, other_format
from geo_service.api.items import FORMATS as ITEM_FORMATS
from geo_service.api.route import make_router
from geo_service.api.schemas import queryables_document, schema_document
from geo_service.api.tilesets import STYLE
from geo_service.domain.crs import CRS84, STORAGE, SYSTEMS
from geo_service.release.collecties import Collectie
from geo_service.release.context import Gemeente, connect_as

router = make_router()
OPENAPI = Formaat("json", "application/vnd.oai.openapi+json;version=3.1", "OpenAPI 3.1")
OPENAPI30 = Formaat("oas30", "application/vnd.oai.openapi+json;version=3.0", "OpenAPI 3.0")
TURTLE = Formaat("ttl", "text/turtle", "Turtle")
SCHEMA = Formaat("json", "application/schema+json", "JSON Schema")
OGC_REL = "http://www.opengis.net/def/rel/ogc/1.0/"
Document = dict[str, Any]
Link = dict[str, str]


@router.get("/", name="landing")
async def landing(request: Request) -> Response:
    """What there is, with links to everything."""

    async def make(vrager: Vrager) -> Document:
        here = base(request)
        return {
            "title": "Buurtsignaal",
            "description": "Overlast, wijkwijzers, voorzieningen en woningen per gebied, met bron, periode en dekking.",
            "links": [
                link("self", vrager.formaat, "Deze pagina", own_address(request)),
                other_format(request, vrager.formaat),
                link("service-desc", OPENAPI, "Beschrijving van de API (OpenAPI)", f"{here}/openapi.json"),
                link("service-desc", OPENAPI30, "Dezelfde beschrijving in OpenAPI 3.0", f"{here}/openapi.json?f=oas30"),
                link("service-doc", HTML, "Uitleg van de API", f"{here}/openapi.html"),
                link("conformance", JSON, "Waar de API aan voldoet", f"{here}/conformance"),
                link("data", JSON, "Collecties", f"{here}/collections"),
                link(f"{OGC_REL}tiling-schemes", JSON, "Tegelstelsels", f"{here}/tileMatrixSets"),
                link("describedby", TURTLE, "Catalogus (DCAT-AP-NL)", f"{here}/catalogus?f=ttl"),
            ],
        }

    return await answer_document(request, make, template="api/begin.html", vast=True)


@router.get("/conformance", name="conformance")
async def conformance(request: Request) -> Response:
    """Which requirement classes hold."""

    async def make(vrager: Vrager) -> Document:
        links = [
            link("self", vrager.formaat, "Deze pagina", own_address(request)),
            other_format(request, vrager.formaat),
        ]
        return {"conformsTo": list(CONFORMANCE), "links": links}

    def besides(_: Vrager, document: Document) -> Document:
        return conformance_blad(document["conformsTo"])

    return await answer_document(request, make, template=Sjabloon("api/conformance.html", besides), vast=True)


@router.get("/collections", name="collections")
async def list_collections(request: Request) -> Response:
    """The collections that this viewer may read."""

    async def make(vrager: Vrager) -> Document:
        gemeente = await _gemeente(vrager)
        links = [
            link("self", vrager.formaat, "Deze pagina", own_address(request)),
            other_format(request, vrager.formaat),
        ]
        found = [describe(request, collectie, gemeente) for collectie in visible_collections(vrager.viewer)]
        return {"links": links, "crs": [system.uri for system in SYSTEMS], "collections": found}

    return await answer_document(request, make, template="api/collecties.html", parameters=(p.GEMEENTE,))


@router.get("/collections/{collectionId}", name="collection")
async def get_collection(request: Request) -> Response:
    """One collection."""

    async def make(vrager: Vrager) -> Document:
        collectie = find_collection(request.path_params["collectionId"], vrager.viewer)
        document = describe(request, collectie, await _gemeente(vrager))
        return document | {"links": [*document["links"], other_format(request, vrager.formaat)]}

    def besides(vrager: Vrager, document: Document) -> Document:
        collectie = find_collection(request.path_params["collectionId"], vrager.viewer)
        return collectie_blad(request, vrager.viewer, collectie, document)

    return await answer_document(
        request, make, template=Sjabloon("api/collectie.html", besides), parameters=(p.GEMEENTE,)
    )


@router.get("/collections/{collectionId}/schema", name="schema")
async def get_schema(request: Request) -> Response:
    """The fields of a collection as JSON Schema."""

    async def make(vrager: Vrager) -> Document:
        collectie = find_collection(request.path_params["collectionId"], vrager.viewer)
        return schema_document(collectie, with_query(request, {"f": None}))

    return await _answer_fields(request, make)


@router.get("/collections/{collectionId}/queryables", name="queryables")
async def get_queryables(request: Request) -> Response:
    """The fields that a filter may name, as JSON Schema."""

    async def make(vrager: Vrager) -> Document:
        collectie = find_collection(request.path_params["collectionId"], vrager.viewer)
        return queryables_document(collectie, with_query(request, {"f": None}))

    return await _answer_fields(request, make)


async def _answer_fields(request: Request, make: Callable[[Vrager], Awaitable[Document]]) -> Response:
    def besides(vrager: Vrager, document: Document) -> Document:
        return velden_blad(find_collection(request.path_params["collectionId"], vrager.viewer), document)

    return await answer_document(request, make, template=Sjabloon("api/velden.html", besides), main=SCHEMA, vast=True)


async def _gemeente(vrager: Vrager) -> Gemeente | None:
    """The municipality whose extent is told; None before anything was loaded."""
    async with connect_as(vrager.dienst.database, vrager.viewer) as connection:
        return await vrager.dienst.geheugen.gemeente_or_none(connection, vrager.viewer, vrager.values.get("gemeente"))


def describe(request: Request, collectie: Collectie, gemeente: Gemeente | None) -> Document:
    """The collection document of OGC API – Features, with its extent in the municipality."""
    here = f"{base(request)}/collections/{collectie.id}"
    extent: Document = {}
    if gemeente is not None and gemeente.omvang is not None:
        extent["spatial"] = {"bbox": [list(gemeente.omvang)], "crs": CRS84.uri}
    if gemeente is not None and collectie.tijd and gemeente.dagen is not None:
        van, tot = gemeente.dagen
        interval = [[f"{van}T00:00:00Z", f"{tot}T23:59:59Z"]]
        extent["temporal"] = {"interval": interval, "trs": "http://www.opengis.net/def/uom/ISO-8601/0/Gregorian"}
    return {
        "id": collectie.id,
        "title": collectie.titel,
        "description": collectie.beschrijving,
        **({"extent": extent} if extent else {}),
        "itemType": "feature",
        "crs": [system.uri for system in SYSTEMS],
        "storageCrs": STORAGE.uri,
        "links": [
            link("self", JSON, collectie.titel, here),
            *(
                link("items", formaat, f"{collectie.titel} als {formaat.titel}", f"{here}/items?f={formaat.naam}")
                for formaat in ITEM_FORMATS
            ),
            link("describedby", SCHEMA, "Velden", f"{here}/schema"),
            link("describedby", JSON, "Metagegevens", f"{here}/metadata"),
            link(f"{OGC_REL}schema", SCHEMA, "Velden", f"{here}/schema"),
            link(f"{OGC_REL}queryables", SCHEMA, "Velden om op te filteren", f"{here}/queryables"),
            link(f"{OGC_REL}tilesets-vector", JSON, "Vectortegels", f"{here}/tiles"),
            link("stylesheet", STYLE, "Stijl voor MapLibre", f"{here}/styles/maplibre"),
        ],
    }
