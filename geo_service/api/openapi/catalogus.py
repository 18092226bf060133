"""Descriptions of the catalogue, the metadata of each collection, and the explanation for people."""

from __future__ import annotations

from collections.abc import Iterator

from geo_service.api import parameters as p
from geo_service.api.antwoord import HTML
from geo_service.api.catalogus import CATALOGUS_FORMATS, JSONLD, METADATA_FORMATS, TURTLE
from geo_service.api.openapi.componenten import HTML as PAGE
from geo_service.api.openapi.componenten import TEXT
from geo_service.api.openapi.model import Operatie, Schema
from geo_service.api.openapi.wegwijzer import collection_parameter, document_content
from geo_service.identity import Viewer

TAG = "Catalogus"


def describe(viewer: Viewer) -> Iterator[Operatie]:
    yield Operatie(
        "/openapi.html", "getUitleg", "Uitleg van de API", "Hoe u vragen stelt, met voorbeelden om te proberen.", TAG,
        {HTML.mediatype: PAGE}, vraag=(p.format_parameter([HTML.naam]),), fouten=(400, 401, 406, 429),
    )  # fmt: skip
    yield Operatie(
        "/catalogus", "getCatalogus", "Catalogus van alle collecties",
        "DCAT-AP-NL 3.0 over de collecties die u mag zien, van één gemeente of van alle.", TAG,
        {TURTLE.mediatype: TEXT, JSONLD.mediatype: {"type": "object"}, HTML.mediatype: PAGE},
        vraag=(p.GEMEENTE, p.format_parameter(formaat.naam for formaat in CATALOGUS_FORMATS)), headers=("Link",),
    )  # fmt: skip
    yield Operatie(
        "/collections/{collectionId}/metadata", "getMetagegevens", "Metagegevens van een collectie",
        "Wat er is geteld, door wie, waar en wanneer, hoe goed dat is en wat ermee mag.", TAG,
        document_content("Metagegevens"), (collection_parameter(viewer),),
        (p.GEMEENTE, p.format_parameter(formaat.naam for formaat in METADATA_FORMATS)), ("Link",),
    )  # fmt: skip


def schemas(_: Viewer) -> dict[str, Schema]:
    return {"Metagegevens": {"type": "object", "required": ["links"], "title": "Metagegevens van een collectie"}}
