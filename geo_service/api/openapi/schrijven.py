"""Descriptions of what staff write: interventions, for who may see that there are any."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from geo_service.api.antwoord import GEOJSON
from geo_service.api.collections import visible_collections
from geo_service.api.openapi import componenten
from geo_service.api.openapi.gegevens import FEATURE_ID, TAG, pascal
from geo_service.api.openapi.model import Schema, Schrijfoperatie, schema_ref
from geo_service.api.schemas import property_schema
from geo_service.api.schrijven import MEMBERS
from geo_service.domain.interventies import DOELEN, LANGSTE
from geo_service.identity import Viewer
from geo_service.release.collecties import Collectie

REQUIRED = ("naam", "doel", "van")


def describe(viewer: Viewer) -> Iterator[Schrijfoperatie]:
    for collectie in _written(viewer):
        naam = pascal(collectie.id)
        items, item = f"/collections/{collectie.id}/items", f"/collections/{collectie.id}/items/{{featureId}}"
        body = {GEOJSON.mediatype: schema_ref(f"{naam}Nieuw")}
        yield Schrijfoperatie(
            items, "post", f"post{naam}Items", f"{collectie.titel}: nieuw object",
            "Schrijf een object in een gebied dat helemaal van u is. Het antwoord zegt waar het staat.",
            TAG, 201, body, fouten=(400, 401, 403, 404, 413, 415, 429, 503),
        )  # fmt: skip
        yield Schrijfoperatie(
            item, "put", f"put{naam}Item", f"{collectie.titel}: object wijzigen",
            "Vervang het object, als niemand het sinds uw lezen heeft gewijzigd. De geschiedenis blijft.",
            TAG, 204, body, (FEATURE_ID,), voorwaarde=True,
        )  # fmt: skip
        yield Schrijfoperatie(
            item, "delete", f"delete{naam}Item", f"{collectie.titel}: object intrekken",
            "Haal het object uit het logboek, als niemand het sinds uw lezen heeft gewijzigd. De geschiedenis blijft.",
            TAG, 204, None, (FEATURE_ID,), voorwaarde=True, fouten=(400, 401, 403, 404, 412, 428, 429, 503),
        )  # fmt: skip


def schemas(viewer: Viewer) -> dict[str, Schema]:
    found = {f"{pascal(collectie.id)}Nieuw": _feature(collectie) for collectie in _written(viewer)}
    return found | ({"PolygonGeometry": componenten.GEOMETRIES["PolygonGeometry"]} if found else {})


def _written(viewer: Viewer) -> list[Collectie]:
    return [collectie for collectie in visible_collections(viewer) if collectie.schrijfbaar]


def _feature(collectie: Collectie) -> Schema:
    """What may be sent: what is read may be sent back, and what the service decides by itself is then left aside."""
    properties = {veld.naam: property_schema(veld) for veld in collectie.velden}
    for naam, longest in LANGSTE.items():
        properties[naam] |= {"maxLength": longest}
    properties["naam"] |= {"type": "string", "minLength": 1}
    properties["doel"] |= {"type": "integer", "enum": list(DOELEN)}
    properties["van"] |= {"type": "string"}
    properties["kosten"] |= {"minimum": 0}
    shapes: list[Any] = [schema_ref("MultiPolygonGeometry"), schema_ref("PolygonGeometry")]
    return {
        "type": "object",
        "title": f"{collectie.titel}: wat u schrijft",
        "description": "Zonder geometry, of met een lege tekening, is het gebied wat gebied_codes noemt.",
        "required": ["type", "properties"],
        "properties": {
            "type": {"type": "string", "enum": ["Feature"]},
            "geometry": {"anyOf": shapes},
            "properties": _object(properties),
            **{naam: {} for naam in sorted(MEMBERS - {"type", "geometry", "properties"})},
        },
        "additionalProperties": False,
    }


def _object(properties: dict[str, Any]) -> Schema:
    return {"type": "object", "required": list(REQUIRED), "properties": properties, "additionalProperties": False}
