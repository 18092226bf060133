"""Descriptions of the features of each collection, with exactly its parameters, its fields and its formats."""

from __future__ import annotations

from collections.abc import Iterator

from geo_service.api import parameters as p
from geo_service.api.antwoord import HTML
from geo_service.api.collections import visible_collections
from geo_service.api.items import FORMATS, ITEM_FORMATS
from geo_service.api.openapi import componenten
from geo_service.api.openapi.model import Operatie, Schema, schema_ref
from geo_service.api.schemas import property_schema
from geo_service.api.vraag import items_parameters, question_parameters
from geo_service.identity import Viewer
from geo_service.release.collecties import Collectie

TAG = "Gegevens"
FEATURE_ID = p.Parameter("featureId", "Sleutel van het object.", {"type": "string", "minLength": 1, "maxLength": 200})
BINARY: Schema = {"type": "string", "format": "binary"}


def describe(viewer: Viewer) -> Iterator[Operatie]:
    for collectie in visible_collections(viewer):
        yield _items(collectie)
        yield _item(collectie)


def schemas(viewer: Viewer) -> dict[str, Schema]:
    """The features of each collection, a page of them and their geometry, by name."""
    found: dict[str, Schema] = {}
    for collectie in visible_collections(viewer):
        naam, geometry = pascal(collectie.id), f"{collectie.geometrie_soort}Geometry"
        found[geometry] = componenten.GEOMETRIES[geometry]
        found[f"{naam}Object"] = _feature(collectie)
        found[f"{naam}Pagina"] = _page(f"{naam}Object", collectie)
    return found


def pascal(identifier: str) -> str:
    """``meldingen-per-gebied`` as ``MeldingenPerGebied``."""
    return "".join(part.capitalize() for part in identifier.split("-"))


def _items(collectie: Collectie) -> Operatie:
    naam = pascal(collectie.id)
    inhoud = {formaat.mediatype: BINARY for formaat in FORMATS}
    inhoud |= {FORMATS[0].mediatype: schema_ref(f"{naam}Pagina"), HTML.mediatype: componenten.HTML}
    return Operatie(
        f"/collections/{collectie.id}/items",
        f"get{naam}Items",
        collectie.titel,
        f"{collectie.beschrijving} Per pagina, of met een bestandsformaat (f) de hele gefilterde collectie.",
        TAG,
        inhoud,
        vraag=items_parameters(collectie, tuple(formaat.naam for formaat in FORMATS)),
        headers=("Link", "Content-Crs", "Content-Disposition"),
    )


def _item(collectie: Collectie) -> Operatie:
    naam = pascal(collectie.id)
    return Operatie(
        f"/collections/{collectie.id}/items/{{featureId}}",
        f"get{naam}Item",
        f"{collectie.titel}: één object",
        f"Eén object. {collectie.beschrijving}",
        TAG,
        {ITEM_FORMATS[0].mediatype: schema_ref(f"{naam}Object"), HTML.mediatype: componenten.HTML},
        (FEATURE_ID,),
        item_parameters(collectie),
        ("Link", "Content-Crs"),
    )


def item_parameters(collectie: Collectie) -> tuple[p.Parameter, ...]:
    return (*question_parameters(collectie), p.CRS, p.format_parameter(formaat.naam for formaat in ITEM_FORMATS))


def _feature(collectie: Collectie) -> Schema:
    properties = {veld.naam: property_schema(veld) for veld in collectie.velden}
    return {
        "type": "object",
        "title": f"{collectie.titel}: object",
        "required": ["type", "id", "geometry", "properties"],
        "properties": {
            "type": {"type": "string", "enum": ["Feature"]},
            "id": {"oneOf": [{"type": "string"}, {"type": "integer"}]},
            "geometry": schema_ref(f"{collectie.geometrie_soort}Geometry"),
            "properties": {"type": "object", "properties": properties},
            "herkomst": componenten.TEXT,
            "links": {"type": "array", "items": schema_ref("Link")},
        },
        "additionalProperties": False,
    }


def _page(feature: str, collectie: Collectie) -> Schema:
    count: Schema = {"type": "integer", "minimum": 0}
    return {
        "type": "object",
        "title": f"{collectie.titel}: pagina",
        "required": ["type", "features", "numberReturned", "stand", "links"],
        "properties": {
            "type": {"type": "string", "enum": ["FeatureCollection"]},
            "features": {"type": "array", "items": schema_ref(feature)},
            "numberMatched": count | {"description": "Aantal objecten op alle pagina's samen."},
            "numberReturned": count | {"description": "Aantal objecten op deze pagina."},
            "herkomst": componenten.TEXT,
            "stand": {
                "type": "string",
                "format": "date-time",
                "description": "Wanneer de gegevens het laatst zijn veranderd.",
            },
            "links": {"type": "array", "items": schema_ref("Link")},
        },
        "additionalProperties": False,
    }
