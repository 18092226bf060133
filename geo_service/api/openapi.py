"""What the OpenAPI document says of parameters and answers that FastAPI cannot see by itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from geo_service.domain.gebieden import NIVEAUS
from geo_service.release.noemers import INDICATOREN
from geo_service.settings import get_settings

GEOJSON = "application/geo+json"

PROBLEM: dict[str, Any] = {
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "instance": {"type": "string"},
        "parameters": {"type": "array", "items": {"type": "object"}},
    },
}
FEATURES: dict[str, Any] = {
    "type": "object",
    "required": ["type", "features", "numberMatched", "numberReturned", "links"],
    "properties": {
        "type": {"type": "string", "enum": ["FeatureCollection"]},
        "features": {"type": "array", "items": {"type": "object"}},
        "numberMatched": {"type": "integer"},
        "numberReturned": {"type": "integer"},
        "timeStamp": {"type": "string", "format": "date-time"},
        "links": {"type": "array", "items": {"type": "object"}},
    },
}


def _problem(description: str) -> dict[str, Any]:
    return {"description": description, "content": {"application/problem+json": {"schema": PROBLEM}}}


ERRORS: dict[int | str, dict[str, Any]] = {
    401: _problem("Het token is niet geldig."),
    404: _problem("Dit bestaat niet, of niet voor u."),
    503: _problem("De database is even niet bereikbaar."),
}
RESPONSES: dict[int | str, dict[str, Any]] = ERRORS | {
    200: {"description": "Objecten", "content": {GEOJSON: {"schema": FEATURES}}},
    400: _problem("De vraag klopt niet; alles wat niet klopt staat in het antwoord."),
}

TEXTS = {
    "gemeente": "Gemeentecode, bijvoorbeeld GM0153.",
    "bbox": "West, zuid, oost, noord in graden, gescheiden door komma's.",
    "gebied": "Code van één gebied.",
    "bron": "Naam van de bron van de meldingen.",
    "categorie": "Categorie (hoofd of sub), of alle.",
    "periode": "2024-Q3 of 2024; met een eigen gebied ook 2024-05, 2024-W07, 2024-05-17 of 2024-05-01/2024-05-17.",
    "f": "Formaat: json.",
}


def describe_parameters() -> Iterator[dict[str, Any]]:
    """Every query parameter of an items request; which ones a collection takes is checked on the request."""
    settings = get_settings()
    for name, text in TEXTS.items():
        yield _parameter(name, text, {"type": "string"})
    for name, values, text in (
        ("niveau", NIVEAUS, "Soort gebied."),
        ("noemer", INDICATOREN, "Waarop per 1.000 slaat."),
    ):
        yield _parameter(name, text, {"type": "string", "enum": list(values)})
    limit = {"type": "integer", "minimum": 1, "default": settings.limiet_standaard}
    yield _parameter("limit", f"Aantal objecten, ten hoogste {settings.limiet_maximum}.", limit)
    yield _parameter("offset", "Aantal objecten om over te slaan.", {"type": "integer", "minimum": 0, "default": 0})
    yield _parameter("peiljaar", "Jaar van de gebiedsindeling.", {"type": "integer", "minimum": 1900, "maximum": 2200})


def _parameter(name: str, text: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "description": text, "schema": schema}
