"""The fields of collections as JSON Schema: returnables, queryables, and the properties in the OpenAPI document."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from geo_service.domain.velden import Soort, Veld
from geo_service.release.collecties import Collectie

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schema_document(collectie: Collectie, address: str) -> dict[str, Any]:
    """What a feature of the collection holds (OGC API – Features Part 5)."""
    identity = {"x-ogc-role": "id", "title": "Sleutel", "type": collectie.id_soort.value}
    return _document(collectie, address, {"id": identity} | _with_geometry(collectie, collectie.velden))


def queryables_document(collectie: Collectie, address: str) -> dict[str, Any]:
    """What a filter may name; anything else is refused."""
    properties = _with_geometry(collectie, collectie.velden)
    return _document(collectie, address, properties) | {"additionalProperties": False}


def property_schema(veld: Veld, *, nullable: bool = True) -> dict[str, Any]:
    """One field. nullable: whether a feature may leave it empty."""
    base = "string" if veld.soort in (Soort.DAG, Soort.MOMENT) else veld.soort.value
    schema: dict[str, Any] = {"title": veld.titel, "type": [base, "null"] if nullable else base}
    if veld.soort in (Soort.DAG, Soort.MOMENT):
        schema["format"] = veld.soort.value
    if veld.waarden:
        schema["enum"] = [*veld.waarden, None] if nullable else list(veld.waarden)
    return schema


def _with_geometry(collectie: Collectie, velden: Iterable[Veld]) -> dict[str, Any]:
    kind = {"Point": "point", "Polygon": "polygon", "MultiPolygon": "multipolygon"}[collectie.geometrie_soort]
    geometry = {"x-ogc-role": "primary-geometry", "format": f"geometry-{kind}", "title": "Ligging"}
    fields = {veld.naam: property_schema(veld, nullable=False) for veld in velden}
    return {"geometry": geometry} | fields


def _document(collectie: Collectie, address: str, properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "$schema": DIALECT,
        "$id": address,
        "type": "object",
        "title": collectie.titel,
        "description": collectie.beschrijving,
        "properties": properties,
    }
