"""Parts that every description shares: errors, headers, GeoJSON geometry, links and the documents of the API."""

from __future__ import annotations

from typing import Any

from geo_service.api.antwoord import PROBLEM
from geo_service.api.openapi.model import ALWAYS, Object, Schema, schema_ref

TEXT: Schema = {"type": "string"}
LINK: Schema = {"type": "string", "format": "uri"}
HTML: Schema = {"type": "string", "title": "Webpagina in het Nederlands"}


def _object(required: tuple[str, ...], properties: dict[str, Any], **more: Any) -> Schema:
    needed = {"required": list(required)} if required else {}
    return {"type": "object", **needed, "properties": properties, **more}


def _array(items: Schema, **more: Any) -> Schema:
    return {"type": "array", "items": items, **more}


def _geometry(kind: str, coordinates: Schema, titel: str) -> Schema:
    """GeoJSON; empty when the feature cannot be drawn."""
    properties = {"type": {"type": "string", "enum": [kind]}, "coordinates": coordinates}
    return _object(("type", "coordinates"), properties, title=titel) | {"type": ["object", "null"]}


_POSITION = _array({"type": "number"}, minItems=2, maxItems=2)
_POLYGON = _array(_array(_POSITION, minItems=4))
_LINKS = _array(schema_ref("Link"))

SCHEMAS: dict[str, Schema] = {
    "Probleem": _object(
        ("type", "title", "status", "detail", "instance"),
        {
            "type": LINK | {"description": "Soort probleem."},
            "title": TEXT | {"description": "Het probleem in een paar woorden."},
            "status": {"type": "integer", "minimum": 400, "maximum": 599, "description": "De HTTP-status."},
            "detail": TEXT | {"description": "Wat er aan de hand is en wat u kunt doen."},
            "instance": TEXT | {"description": "Het adres dat is gevraagd."},
            "parameters": _array(
                _object(("parameter", "reden"), {"parameter": TEXT, "reden": TEXT}, additionalProperties=False),
                description="Elke parameter die niet klopt, alle tegelijk.",
            ),
        },
        title="Probleem (RFC 9457)",
        additionalProperties=False,
    ),
    "Link": _object(
        ("href", "rel", "type"),
        {"href": TEXT, "rel": TEXT, "type": TEXT, "title": TEXT, "templated": {"type": "boolean"}},
        title="Koppeling",
    ),
    "Begin": _object(("title", "links"), {"title": TEXT, "description": TEXT, "links": _LINKS}),
    "Conformiteit": _object(("conformsTo", "links"), {"conformsTo": _array(LINK), "links": _LINKS}),
    "Omvang": _object(
        (),
        {
            "spatial": _object(
                ("bbox",), {"bbox": _array(_array({"type": "number"}, minItems=4, maxItems=4)), "crs": LINK}
            ),
            "temporal": _object(
                ("interval",),
                {
                    "interval": _array(
                        _array({"type": ["string", "null"], "format": "date-time"}, minItems=2, maxItems=2)
                    ),
                    "trs": LINK,
                },
            ),
        },
    ),
    "Collectie": _object(
        ("id", "title", "description", "itemType", "crs", "storageCrs", "links"),
        {
            "id": TEXT,
            "title": TEXT,
            "description": TEXT,
            "extent": schema_ref("Omvang"),
            "itemType": {"type": "string", "enum": ["feature"]},
            "crs": _array(LINK),
            "storageCrs": LINK,
            "links": _LINKS,
        },
    ),
    "Collecties": _object(
        ("collections", "crs", "links"),
        {"collections": _array(schema_ref("Collectie")), "crs": _array(LINK), "links": _LINKS},
    ),
    "Velden": _object(
        ("$schema", "$id", "type", "properties"),
        {"$schema": LINK, "$id": LINK, "type": TEXT, "title": TEXT, "properties": {"type": "object"}},
        title="JSON Schema van een object",
    ),
    "Beschrijving": _object(
        ("openapi", "info", "paths"),
        {"openapi": TEXT, "info": {"type": "object"}, "paths": {"type": "object"}},
        title="Deze beschrijving",
    ),
}

GEOMETRIES: dict[str, Schema] = {
    "PointGeometry": _geometry("Point", _POSITION, "Punt"),
    "PolygonGeometry": _geometry("Polygon", _POLYGON, "Vlak"),
    "MultiPolygonGeometry": _geometry("MultiPolygon", _array(_POLYGON), "Vlakken"),
}


def _header(tekst: str, schema: Schema | None = None, *, required: bool = True) -> Object:
    return {"description": tekst, "required": required, "schema": schema or {"type": "string", "minLength": 1}}


HEADERS: dict[str, Object] = {
    "API-Version": _header("Volledige versie van de API.", {"type": "string", "pattern": r"^\d+\.\d+\.\d+"}),
    "ETag": _header("Vingerafdruk van het antwoord; stuur hem terug in If-None-Match."),
    "Vary": _header("Waarvan het antwoord afhangt."),
    "Cache-Control": _header("Of het antwoord bewaard mag worden."),
    "RateLimit-Policy": _header("Hoe vaak er gevraagd mag worden (q) in hoeveel seconden (w)."),
    "RateLimit": _header("Hoe vaak er nog gevraagd mag worden (r) en na hoeveel seconden dat weer vol is (t)."),
    "Retry-After": _header("Aantal seconden om te wachten.", {"type": "integer", "minimum": 1}),
    "WWW-Authenticate": _header("Hoe u zich bekend kunt maken."),
    "Link": _header("De koppelingen van het antwoord, voor programma's die de inhoud niet lezen.", required=False),
    "Content-Crs": _header("Coördinatenstelsel van de geometrie.", required=False),
    "Location": _header("Adres van wat is gemaakt.", LINK),
    "Content-Disposition": _header("Naam voor het bestand.", required=False),
    "access-control-allow-origin": _header("Elke website mag dit lezen.", required=False),
}


def _problem(tekst: str, *headers: str) -> Object:
    named = ("API-Version", *headers)
    return {
        "description": tekst,
        "headers": {naam: {"$ref": f"#/components/headers/{naam}"} for naam in named},
        "content": {PROBLEM: {"schema": schema_ref("Probleem")}},
    }


def _without_content(tekst: str) -> Object:
    return {"description": tekst, "headers": {naam: {"$ref": f"#/components/headers/{naam}"} for naam in ALWAYS}}


WRITTEN = ("API-Version", "Location", "Cache-Control", "RateLimit", "RateLimit-Policy")

RESPONSES: dict[str, Object] = {
    "NietVeranderd": _without_content("U hebt dit antwoord al."),
    "Leeg": _without_content("Hier ligt niets."),
    "Gemaakt": {
        "description": "Gemaakt; het adres staat in Location.",
        "headers": {naam: {"$ref": f"#/components/headers/{naam}"} for naam in WRITTEN},
    },
    "Gedaan": {
        "description": "Gedaan.",
        "headers": {naam: {"$ref": f"#/components/headers/{naam}"} for naam in WRITTEN if naam != "Location"},
    },
    "NietToegestaan": _problem("Schrijven kan alleen met een token in de header Authorization."),
    "InmiddelsVeranderd": _problem("Een ander heeft het object inmiddels gewijzigd; er is niets bewaard."),
    "TeGroot": _problem("Het verzoek is te groot."),
    "AndereInhoud": _problem("Deze soort inhoud kan niet."),
    "VersieOntbreekt": _problem("Zeg met If-Match van welke versie u uitgaat."),
    "OngeldigeVraag": _problem("De vraag klopt niet; alles wat niet klopt staat in het antwoord."),
    "OngeldigToken": _problem("Het token is niet geldig.", "WWW-Authenticate"),
    "NietGevonden": _problem("Dit bestaat niet, of niet voor u."),
    "GeenFormaat": _problem("Geen van de gevraagde formaten is er."),
    "TeVaak": _problem("Er is te vaak gevraagd.", "Retry-After", "RateLimit", "RateLimit-Policy"),
    "NietBereikbaar": _problem("De dienst is even niet bereikbaar, of de vraag duurde te lang.", "Retry-After"),
}

PARAMETERS: dict[str, Object] = {
    "If-None-Match": {
        "name": "If-None-Match",
        "in": "header",
        "required": False,
        "description": "ETag van een eerder antwoord; is er niets veranderd, dan volgt 304 zonder inhoud.",
        "schema": {"type": "string"},
    },
    "If-Match": {
        "name": "If-Match",
        "in": "header",
        "required": True,
        "description": "ETag van de versie die u hebt gelezen; is het object inmiddels veranderd, dan volgt 412.",
        "schema": {"type": "string", "minLength": 1},
    },
}
SECURITY: dict[str, Object] = {
    "bearer": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "Token van een medewerker of sleutel van een onderzoeker. Zonder ziet u wat openbaar is.",
    },
    "sleutel": {
        "type": "apiKey",
        "in": "header",
        "name": "X-Api-Key",
        "description": "Sleutel van een onderzoeker, voor wie geen Authorization kan meesturen.",
    },
}
