"""The whole document for a viewer, in OpenAPI 3.1 or 3.0."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import orjson

from geo_service.api.antwoord import VERSION
from geo_service.api.openapi import catalogus, componenten, gebieden, gegevens, schrijven, tegels, wegwijzer
from geo_service.api.openapi.model import Object, Operatie, Schrijfoperatie, shared_parameters
from geo_service.identity import Viewer
from geo_service.settings import get_settings

# Every module that describes routes.
MODULES = (wegwijzer, gegevens, schrijven, gebieden, tegels, catalogus)
TAGS = {
    wegwijzer.TAG: "Waar u begint: wat er is en hoe u het vraagt.",
    gegevens.TAG: "De objecten van elke collectie, per pagina of als bestand.",
    gebieden.TAG: "Alles over één gebied, en zijn cijfers door de tijd.",
    tegels.TAG: "Vectortegels en kaartstijlen voor webkaarten en QGIS.",
    catalogus.TAG: "Wat de gegevens betekenen, hoe goed ze zijn en wat ermee mag.",
}
DESCRIPTION = (
    "Overlast, wijkwijzers, voorzieningen en woningen per gebied, met bron, periode en dekking. "
    "Geen gegevens is geen nul: kijk naar status en dekking. Kleine aantallen blijven verborgen. "
    "Deze beschrijving noemt alleen wat u mag zien."
)


def build_document(viewer: Viewer, address: str) -> Object:
    """OpenAPI 3.1. address: where the API is, ending in ``/v1``. What the viewer may not read is absent."""
    operaties: list[Operatie | Schrijfoperatie] = [
        operatie for module in MODULES for operatie in module.describe(viewer)
    ]
    shared = shared_parameters(operaties)
    paths = _paths(operaties, shared)
    responses = _asked_for("responses", componenten.RESPONSES, paths)
    used = {operatie.tag for operatie in operaties}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Buurtsignaal",
            "version": VERSION,
            "description": DESCRIPTION,
            "contact": _contact(address),
            "license": {"name": "EUPL-1.2", "url": "https://eupl.eu/1.2/nl/"},
        },
        "servers": [{"url": address, "description": "Deze dienst"}],
        "tags": [{"name": naam, "description": tekst} for naam, tekst in TAGS.items() if naam in used],
        "security": [{}, {"bearer": []}, {"sleutel": []}],
        "paths": paths,
        "components": {
            "schemas": {naam: schema for module in MODULES for naam, schema in module.schemas(viewer).items()},
            "responses": responses,
            "headers": _asked_for("headers", componenten.HEADERS, [paths, responses]),
            "parameters": _asked_for("parameters", componenten.PARAMETERS | shared, paths),
            "securitySchemes": componenten.SECURITY,
        },
    }


def _asked_for(kind: str, offered: Object, where: Object | list[Object]) -> Object:
    """The components that something refers to; what a viewer may not do needs none."""
    text = orjson.dumps(where).decode()
    return {naam: part for naam, part in offered.items() if f'"#/components/{kind}/{naam}"' in text}


def _paths(operaties: Iterable[Operatie | Schrijfoperatie], shared: Object) -> Object:
    """The operations of each address together."""
    found: Object = {}
    for operatie in operaties:
        found.setdefault(operatie.pad, {}).update(operatie.path_item(shared))
    return found


def _contact(address: str) -> Object:
    settings = get_settings()
    mail = {"email": settings.contact_email} if settings.contact_email else {}
    return {"name": settings.uitgever_naam, "url": f"{address.removesuffix('/v1')}/uitleg", **mail}


def as_oas30(document: Object) -> Object:
    """The same document in OpenAPI 3.0, which has its own way to say that a value may be empty."""
    return {**_lower(document), "openapi": "3.0.3"}


def _lower(value: Any) -> Any:
    if isinstance(value, list):
        return [_lower(item) for item in value]
    if not isinstance(value, dict):
        return value
    found = {name: _lower(item) for name, item in value.items()}
    if isinstance(found.get("type"), list):
        (kind,) = (item for item in found["type"] if item != "null")
        found |= {"type": kind, "nullable": True}
    if isinstance(found.get("examples"), list):
        found["example"] = found.pop("examples")[0]
    return found
