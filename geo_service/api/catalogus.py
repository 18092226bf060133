"""``/v1/catalogus`` (DCAT-AP-NL) and the metadata of each collection, for programs and for people."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

from fastapi import Request
from starlette.responses import Response

from geo_service.api import parameters as p
from geo_service.api.antwoord import (
    GEOJSON,
    HTML,
    JSON,
    Antwoord,
    Formaat,
    base,
    choose_format,
    dumps,
    link_header,
    respond,
    root,
    with_query,
)  # fmt: skip
from geo_service.api.collections import find_collection, visible_collections
from geo_service.api.dekkingskaart import make_kaarten
from geo_service.api.document import link, render_document
from geo_service.api.route import make_router
from geo_service.catalogus.adressen import Adressen
from geo_service.catalogus.dcat import make_graph, to_jsonld, to_turtle
from geo_service.catalogus.licenties import LICENTIECODES
from geo_service.catalogus.metadata import metadata
from geo_service.catalogus.model import Catalogus, CollectieTekst, Dataset, Organisatie, Uitgave
from geo_service.catalogus.toelichtingen import TOELICHTINGEN
from geo_service.catalogus.waarden import FORMATEN
from geo_service.catalogus.waarden import Formaat as Uitgaveformaat
from geo_service.db.engine import ReadConnection
from geo_service.identity import Viewer
from geo_service.release.catalogus import beschrijf, dekkingskaart
from geo_service.release.collecties import Collectie
from geo_service.release.context import connect_as, list_gemeenten
from geo_service.settings import get_settings
from geo_service.web import Dienst, enter

router = make_router()
TURTLE = Formaat("ttl", "text/turtle", "Turtle")
JSONLD = Formaat("jsonld", "application/ld+json", "JSON-LD")
CATALOGUS_FORMATS = (TURTLE, JSONLD, HTML)
METADATA_FORMATS = (JSON, HTML)
Document = dict[str, Any]

# What the catalogue calls geojson is named json in our addresses, and it knows no GeoJSON by the line.
_DOWNLOADS = (
    *(replace(formaat, code="json") if formaat.code == "geojson" else formaat for formaat in FORMATEN),
    Uitgaveformaat(
        "geojsonseq",
        "GeoJSON per regel",
        "application/geo+json-seq",
        None,
        "https://www.rfc-editor.org/rfc/rfc8142",
    ),
)


@router.get("/catalogus", name="catalogus")
async def get_catalogus(request: Request) -> Response:
    """All collections that this viewer may know of, of one municipality or of all that are loaded."""
    viewer, dienst = await enter(request)
    known = (p.GEMEENTE, p.format_parameter(formaat.naam for formaat in CATALOGUS_FORMATS))
    values = p.read_query(request, known)
    formaat = choose_format(request, values.get("f"), CATALOGUS_FORMATS)

    async def make() -> Antwoord:
        async with connect_as(dienst.database, viewer) as connection:
            datasets = await _datasets(connection, viewer, dienst, values.get("gemeente"))
        catalogus = Catalogus(make_uitgave(request), tuple(datasets))
        if formaat is HTML:
            return _catalogus_page(request, viewer, catalogus)
        # The graph is made in memory and takes a while; others are served meanwhile.
        text = await asyncio.to_thread(lambda: (to_turtle if formaat is TURTLE else to_jsonld)(make_graph(catalogus)))
        return Antwoord(text.encode(), formaat.mediatype, {"Link": link_header(_catalogus_links(request))})

    return await respond(request, viewer, dienst.geheugen, make)


@router.get("/collections/{collectionId}/metadata", name="metadata")
async def get_metadata(request: Request) -> Response:
    """Definition, sources, coverage, quality and licence of one collection."""
    viewer, dienst = await enter(request)
    collectie = find_collection(request.path_params["collectionId"], viewer)
    values = p.read_query(request, (p.GEMEENTE, p.format_parameter(formaat.naam for formaat in METADATA_FORMATS)))
    formaat = choose_format(request, values.get("f"), METADATA_FORMATS)
    tekst = collectie_tekst(collectie)

    async def make() -> Antwoord:
        async with connect_as(dienst.database, viewer) as connection:
            gemeente = await dienst.geheugen.gemeente(connection, viewer, values.get("gemeente"))
            (dataset,) = await beschrijf(connection, viewer, gemeente, [tekst])
            features = await dekkingskaart(connection, viewer, gemeente, tekst) if formaat is HTML else []
        links = _metadata_links(request, collectie, formaat)
        document = metadata(dataset, make_uitgave(request)) | {"links": links}
        headers = {"Link": link_header(links)}
        if formaat is HTML:
            more = {"collectie": collectie, "kaarten": make_kaarten(features)}
            return render_document(request, viewer, "api/metadata.html", document, headers, **more)
        return Antwoord(dumps(document), formaat.mediatype, headers)

    return await respond(request, viewer, dienst.geheugen, make)


async def _datasets(connection: ReadConnection, viewer: Viewer, dienst: Dienst, asked: str | None) -> list[Dataset]:
    """Without a question those of every municipality: who harvests a catalogue expects all of it."""
    teksten = [collectie_tekst(collectie) for collectie in visible_collections(viewer)]
    codes = [asked] if asked else [row["gemeente_code"] for row in await list_gemeenten(connection)]
    found: list[Dataset] = []
    for code in codes:
        gemeente = await dienst.geheugen.gemeente(connection, viewer, code)
        found += await beschrijf(connection, viewer, gemeente, teksten)
    return found


def collectie_tekst(collectie: Collectie) -> CollectieTekst:
    """The collection as the catalogue needs it; a test sees to it that each has an explanation."""
    toelichting = TOELICHTINGEN[collectie.id]
    return CollectieTekst(
        collectie.id, collectie.titel, collectie.beschrijving, collectie.velden, toelichting, collectie.visible_to
    )


def make_uitgave(request: Request) -> Uitgave:
    """Who publishes, as the settings say, at the address that others use."""
    settings = get_settings()
    uitgever = Organisatie(settings.uitgever_naam, settings.uitgever_uri, settings.contact_email)
    return Uitgave(uitgever, Adressen(root(request)), LICENTIECODES.get(settings.licentie or ""), _DOWNLOADS)


def _catalogus_page(request: Request, viewer: Viewer, catalogus: Catalogus) -> Antwoord:
    uitgave = catalogus.uitgave
    links = _catalogus_links(request)
    gemeenten: dict[str, list[Document]] = {}
    for dataset in catalogus.datasets:
        gemeenten.setdefault(dataset.gemeente_naam, []).append(metadata(dataset, uitgave))
    document = {"links": links, "gemeenten": gemeenten, "uitgever": uitgave.uitgever}
    return render_document(request, viewer, "api/catalogus.html", document, {"Link": link_header(links)})


def _catalogus_links(request: Request) -> list[dict[str, str]]:
    return [
        link("alternate", formaat, f"Catalogus als {formaat.titel}", with_query(request, {"f": formaat.naam}))
        for formaat in CATALOGUS_FORMATS
    ]


def _metadata_links(request: Request, collectie: Collectie, formaat: Formaat) -> list[dict[str, str]]:
    other = HTML if formaat is JSON else JSON
    here = f"{base(request)}/collections/{collectie.id}"
    return [
        link("self", formaat, "Metagegevens", with_query(request, {"f": formaat.naam})),
        link("alternate", other, f"Als {other.titel}", with_query(request, {"f": other.naam})),
        link("collection", JSON, collectie.titel, here),
        link("items", GEOJSON, f"Objecten van {collectie.titel}", f"{here}/items"),
    ]
