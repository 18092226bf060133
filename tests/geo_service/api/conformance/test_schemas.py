"""OGC API – Features Part 5: schemas, core roles, returnables and queryables."""

from __future__ import annotations

import httpx
import pytest
from jsonschema import Draft202012Validator

from tests.geo_service.api.website import links_of

SCHEMA = "http://www.opengis.net/def/rel/ogc/1.0/schema"
QUERYABLES = "http://www.opengis.net/def/rel/ogc/1.0/queryables"
SPATIAL = {"geometry-point", "geometry-polygon", "geometry-multipolygon"}
SIMPLE = {"string", "integer", "number", "boolean"}
JSON_TYPES = {"string": str, "integer": int, "number": int | float, "boolean": bool}


@pytest.fixture(scope="session")
def documents(demo, viewers):
    """The schema and the queryables of every collection of the manager, who has all of them."""
    manager = viewers["stadsdeelmanager"]
    listed = demo.get("/v1/collections", manager).json()["collections"]
    return {
        (document["id"], relation): demo.get(links_of(document)[relation], manager).json()
        for document in listed
        for relation in (SCHEMA, QUERYABLES)
    }


def roles(document: dict) -> list[str]:
    return [found["x-ogc-role"] for found in document["properties"].values() if "x-ogc-role" in found]


def test_req_schemas_json_schema(documents):
    for document in documents.values():
        Draft202012Validator.check_schema(document)
        assert document["$schema"] == "https://json-schema.org/draft/2020-12/schema"
        assert document["type"] == "object"
        assert "?" not in document["$id"]


def test_req_schemas_json_schema_id_returns_it(collections):
    for document in collections.values():
        for relation in (SCHEMA, QUERYABLES):
            found = httpx.get(links_of(document)[relation], headers={"Accept": "application/schema+json"})
            again = httpx.get(found.json()["$id"], headers={"Accept": "application/schema+json"})
            assert again.json() == found.json()


def test_req_schemas_properties(documents):
    for document in documents.values():
        for name, found in document["properties"].items():
            if found.get("x-ogc-role") == "primary-geometry":
                assert "type" not in found
                assert "$ref" not in found
                assert found["format"] in SPATIAL
            else:
                assert found["type"] in SIMPLE, name
            if found.get("format") in ("date", "date-time"):
                assert found["type"] == "string"
            assert found["title"]


def test_req_schemas_additional_keywords(documents):
    known = {"title", "type", "format", "enum"}
    for document in documents.values():
        for found in document["properties"].values():
            assert {key for key in found.keys() - known if not key.startswith("x-ogc-")} == set()


def test_req_schemas_role_id(documents):
    for (_, relation), document in documents.items():
        assert roles(document).count("id") == (1 if relation == SCHEMA else 0)


def test_req_schemas_role_id_is_of_the_kind_that_features_have(demo, viewers, documents):
    for (name, relation), document in documents.items():
        if relation == SCHEMA:
            for feature in demo.features(name, viewers["stadsdeelmanager"], limit=1):
                assert isinstance(feature["id"], JSON_TYPES[document["properties"]["id"]["type"]]), name


def test_req_core_roles_features_role_primary_geometry(documents):
    for document in documents.values():
        assert roles(document).count("primary-geometry") == 1


def test_req_returnables_and_receivables_link(collections, demo):
    for name, document in collections.items():
        assert links_of(document)[SCHEMA] == f"{demo.address}/v1/collections/{name}/schema"


def test_req_returnables_and_receivables_op(demo, collections):
    for name in collections:
        answer = demo.get(f"/v1/collections/{name}/schema", headers={"Accept": "application/schema+json"})
        assert (answer.status_code, answer.headers["content-type"]) == (200, "application/schema+json")


def test_req_returnables_and_receivables_response(demo, documents, viewers, questions):
    """Features hold what the schema says: these fields, of these kinds, with these codes."""
    for (name, relation), document in documents.items():
        if relation != SCHEMA:
            continue
        fields = {key: found for key, found in document["properties"].items() if key not in ("id", "geometry")}
        for feature in demo.features(name, viewers["stadsdeelmanager"], limit=200, **questions.get(name, {})):
            assert set(feature["properties"]) == set(fields), name
            for key, value in feature["properties"].items():
                assert value is None or isinstance(value, JSON_TYPES[fields[key]["type"]]), (name, key, value)
                assert value is None or value in fields[key].get("enum", [value]), (name, key, value)


def test_req_queryables_link(collections, demo):
    for name, document in collections.items():
        assert links_of(document)[QUERYABLES] == f"{demo.address}/v1/collections/{name}/queryables"


def test_req_queryables_response(documents):
    for (_, relation), document in documents.items():
        if relation == QUERYABLES:
            assert document["additionalProperties"] is False
