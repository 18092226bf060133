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
# Only of what writes.
WRITE_ERRORS = {
    403: "NietToegestaan",
    412: "InmiddelsVeranderd",
    413: "TeGroot",
    415: "AndereInhoud",
    428: "VersieOntbreekt",
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


@dataclass(frozen=True)
class Schrijfoperatie:
    """One POST, PUT or DELETE. inhoud: the schema of what is sent per media type; goed: the status when it is done.

    plaats: parameters of the path; voorwaarde: it says with If-Match of which version it is.
    """

    pad: str
    manier: str
    naam: str
    titel: str
    tekst: str
    tag: str
    goed: int
    inhoud: Mapping[str, Schema] | None = None
    plaats: tuple[Parameter, ...] = ()
    voorwaarde: bool = False
    fouten: tuple[int, ...] = (400, 401, 403, 404, 412, 413, 415, 428, 429, 503)

    def path_item(self, _shared: Mapping[str, Object]) -> Object:
        body = {kind: {"schema": schema} for kind, schema in (self.inhoud or {}).items()}
        condition = [_ref("parameters", "If-Match")] if self.voorwaarde else []
        known = ERRORS | WRITE_ERRORS
        return {
            self.manier: {
                "operationId": self.naam,
                "summary": self.titel,
                "description": self.tekst,
                "tags": [self.tag],
                "parameters": [*condition, *(place_object(parameter) for parameter in self.plaats)],
                **({"requestBody": {"required": True, "content": body}} if body else {}),
                "responses": {
                    str(self.goed): _ref("responses", {201: "Gemaakt", 204: "Gedaan"}[self.goed]),
                    **{str(status): _ref("responses", known[status]) for status in self.fouten},
                },
                "security": [{"bearer": []}],
            }
        }


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


def shared_parameters(operaties: Iterable[Operatie | Schrijfoperatie]) -> dict[str, Object]:
    """Parameters that are used more than once and mean the same everywhere, by name."""
    found: dict[str, list[Object]] = {}
    for operatie in operaties:
        for parameter in operatie.vraag if isinstance(operatie, Operatie) else ():
            found.setdefault(parameter.naam, []).append(query_object(parameter))
    return {naam: same[0] for naam, same in found.items() if len(same) > 1 and all(one == same[0] for one in same)}


def _refer(described: Object, shared: Mapping[str, Object]) -> Object:
    naam = described["name"]
    return _ref("parameters", naam) if naam in shared else described


def _ref(kind: str, naam: str) -> Object:
    return {"$ref": f"#/components/{kind}/{naam}"}


def schema_ref(naam: str) -> Schema:
    return _ref("schemas", naam)
