"""Descriptions of the landing page, conformance, the collections and their fields, and of this description itself."""

from __future__ import annotations

from collections.abc import Iterator

from geo_service.api import parameters as p
from geo_service.api.antwoord import HTML, JSON, Formaat
from geo_service.api.collections import visible_collections
from geo_service.api.openapi import componenten
from geo_service.api.openapi.model import Operatie, Schema, schema_ref
from geo_service.identity import Viewer

TAG = "Wegwijzer"
SCHEMA = Formaat("json", "application/schema+json", "JSON Schema")
OAS31 = Formaat("oas31", "application/vnd.oai.openapi+json;version=3.1", "OpenAPI 3.1")
OAS30 = Formaat("oas30", "application/vnd.oai.openapi+json;version=3.0", "OpenAPI 3.0")
# The first one is what plain JSON means.
DESCRIPTIONS = (Formaat("json", OAS31.mediatype, OAS31.titel), OAS31, OAS30)
DOCUMENT_FORMAT = p.format_parameter((JSON.naam, HTML.naam))
DESCRIPTION_FORMAT = p.format_parameter(formaat.naam for formaat in DESCRIPTIONS)


def collection_parameter(viewer: Viewer) -> p.Parameter:
    """The identifier of a collection in a path: those that this viewer may know."""
    known = [collectie.id for collectie in visible_collections(viewer)]
    return p.Parameter("collectionId", "Naam van de collectie.", {"type": "string", "enum": known})


def document_content(naam: str, formaat: Formaat = JSON) -> dict[str, Schema]:
    """A document that is there as JSON and as a page."""
    return {formaat.mediatype: schema_ref(naam), HTML.mediatype: componenten.HTML}


def describe(viewer: Viewer) -> Iterator[Operatie]:
    yield Operatie(
        "/", "getBegin", "Begin van de API", "Wat er is, met koppelingen naar alles.", TAG,
        document_content("Begin"), vraag=(DOCUMENT_FORMAT,), headers=("Link",), fouten=(400, 401, 406, 429, 503),
    )  # fmt: skip
    yield Operatie(
        "/conformance", "getConformiteit", "Waar de API aan voldoet", "De klassen van eisen van OGC die gelden.", TAG,
        document_content("Conformiteit"), vraag=(DOCUMENT_FORMAT,), headers=("Link",), fouten=(400, 401, 406, 429, 503),
    )  # fmt: skip
    yield Operatie(
        "/openapi.json", "getBeschrijving", "Beschrijving van de API",
        "Deze beschrijving, als OpenAPI 3.1 of (met f=oas30) 3.0. Zij noemt alleen wat u mag zien.", TAG,
        {OAS31.mediatype: schema_ref("Beschrijving"), OAS30.mediatype: schema_ref("Beschrijving")},
        vraag=(DESCRIPTION_FORMAT,), headers=("access-control-allow-origin",), fouten=(400, 401, 406, 429, 503),
    )  # fmt: skip
    yield from _collections(viewer)


def _collections(viewer: Viewer) -> Iterator[Operatie]:
    place = (collection_parameter(viewer),)
    municipal = (p.GEMEENTE, DOCUMENT_FORMAT)
    yield Operatie(
        "/collections", "getCollecties", "Alle collecties", "De collecties die u mag zien.", TAG,
        document_content("Collecties"), vraag=municipal, headers=("Link",),
    )  # fmt: skip
    yield Operatie(
        "/collections/{collectionId}", "getCollectie", "Eén collectie", "Wat de collectie is en waar alles staat.", TAG,
        document_content("Collectie"), place, municipal, ("Link",),
    )  # fmt: skip
    for path, naam, titel, tekst in (
        ("schema", "getVelden", "Velden van een collectie", "Wat een object van de collectie bevat, als JSON Schema."),
        ("queryables", "getFiltervelden", "Velden om op te filteren", "Wat een filter mag noemen, als JSON Schema."),
    ):
        yield Operatie(
            f"/collections/{{collectionId}}/{path}", naam, titel, tekst, TAG,
            document_content("Velden", SCHEMA), place, (DOCUMENT_FORMAT,),
        )  # fmt: skip


def schemas(_: Viewer) -> dict[str, Schema]:
    return componenten.SCHEMAS
