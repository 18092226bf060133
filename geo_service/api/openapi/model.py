"""One operation of the API, and how it is written in OpenAPI 3.1."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from geo_service.api.parameters import Parameter

Schema = dict[str, Any]
Object = dict[str, Any]

# Headers of every good answer, and of an answer that says that nothing changed.
ALWAYS = ("API-Version", "ETag", "Vary", "Cache-Control", "RateLimit", "RateLimit-Policy")
ERRORS = {
    400: "OngeldigeVraag",
    401: "OngeldigToken",
    404: "NietGevonden",
    406: "GeenFormaat",
    429: "TeVaak",
    503: "NietBereikbaar",
}


@dataclass(frozen=True)
class Operatie:
    """One GET. pad: below ``/v1``, parameters of the path between braces. naam: the operationId, in camelCase.

    inhoud: the schema per media type. plaats: parameters of the path; vraag: those of the query.
    headers: of the good answer, besides those of every answer. fouten: statuses of ``ERRORS`` that it can have.
    leeg: whether there may be nothing to tell (204).
    """

    pad: str
    naam: str
    titel: str
    tekst: str
    tag: str
    inhoud: Mapping[str, Schema]
    plaats: tuple[Parameter, ...] = ()
    vraag: tuple[Parameter, ...] = ()
    headers: tuple[str, ...] = ()
    fouten: tuple[int, ...] = tuple(ERRORS)
    leeg: bool = False

    def path_item(self, shared: Mapping[str, Object]) -> Object:
        """The path item. shared: parameters that are written once, under ``components``."""
        return {
            "get": {
                "operationId": self.naam,
                "summary": self.titel,
                "description": self.tekst,
                "tags": [self.tag],
                "parameters": [
                    _ref("parameters", "If-None-Match"),
                    *(place_object(parameter) for parameter in self.plaats),
                    *(_refer(query_object(parameter), shared) for parameter in self.vraag),
                ],
                "responses": self._responses(),
            }
        }

    def _responses(self) -> Object:
        good = {
            "description": self.titel,
            "headers": {naam: _ref("headers", naam) for naam in (*ALWAYS, *self.headers)},
            "content": {kind: {"schema": schema} for kind, schema in self.inhoud.items()},
        }
        errors = {str(status): _ref("responses", ERRORS[status]) for status in self.fouten}
        empty = {"204": _ref("responses", "Leeg")} if self.leeg else {}
        return {"200": good, **empty, "304": _ref("responses", "NietVeranderd"), **errors}


def query_object(parameter: Parameter) -> Object:
    """A parameter of the query as our reader takes it: given once, never empty, lists with commas."""
    schema = dict(parameter.schema)
    if schema.get("type") == "string" and "enum" not in schema:
        schema = {"minLength": 1, "maxLength": parameter.lengte} | schema
    style = {"style": "form", "explode": False} if schema.get("type") == "array" else {}
    described = {"name": parameter.naam, "in": "query", "required": False, "description": parameter.tekst}
    return described | style | {"schema": schema}


def place_object(parameter: Parameter) -> Object:
    described = {"name": parameter.naam, "in": "path", "required": True, "description": parameter.tekst}
    return described | {"schema": parameter.schema}


def shared_parameters(operaties: Iterable[Operatie]) -> dict[str, Object]:
    """Parameters that are used more than once and mean the same everywhere, by name."""
    found: dict[str, list[Object]] = {}
    for operatie in operaties:
        for parameter in operatie.vraag:
            found.setdefault(parameter.naam, []).append(query_object(parameter))
    return {naam: same[0] for naam, same in found.items() if len(same) > 1 and all(one == same[0] for one in same)}


def _refer(described: Object, shared: Mapping[str, Object]) -> Object:
    naam = described["name"]
    return _ref("parameters", naam) if naam in shared else described


def _ref(kind: str, naam: str) -> Object:
    return {"$ref": f"#/components/{kind}/{naam}"}


def schema_ref(naam: str) -> Schema:
    return _ref("schemas", naam)
