"""OGC API – Features Part 3: queryables, and queryables as query parameters (a class that all but holds)."""

from __future__ import annotations

import httpx
import pytest

from tests.geo_service.api.website import items_of, links_of, named

QUERYABLES = "http://www.opengis.net/def/rel/ogc/1.0/queryables"
# A geometry has no simple value. As a parameter ``noemer`` asks for a denominator, and does not filter on its number:
# the only reason why the class of these parameters is not declared.
NO_PARAMETER = {"geometry", "noemer"}


@pytest.fixture(scope="session")
def queryables(collections) -> dict[str, dict]:
    return {name: httpx.get(links_of(document)[QUERYABLES]).json() for name, document in collections.items()}


def test_req_queryables_queryables_link(collections):
    for name, document in collections.items():
        assert links_of(document)[QUERYABLES].endswith(f"/v1/collections/{name}/queryables")


def test_req_queryables_get_queryables_op(demo, collections):
    for name in collections:
        path = f"/v1/collections/{name}/queryables"
        for accept in ("application/schema+json", "*/*", "application/json"):
            answer = demo.get(path, headers={"Accept": accept})
            assert (answer.status_code, answer.headers["content-type"]) == (200, "application/schema+json")


def test_req_queryables_get_queryables_response(queryables, demo):
    for name, document in queryables.items():
        assert document["$schema"] == "https://json-schema.org/draft/2020-12/schema"
        assert document["$id"] == f"{demo.address}/v1/collections/{name}/queryables"
        assert document["type"] == "object"
        assert len(document["properties"]) > 3


def test_req_queryables_expression_construction(demo, queryables):
    """Every queryable can be named in a filter, and nothing else can."""
    for name, document in queryables.items():
        assert document["additionalProperties"] is False
        for queryable in document["properties"]:
            answer = demo.get(items_of(name), filter=f'"{queryable}" IS NOT NULL', limit=1)
            assert answer.status_code == 200, (name, queryable, answer.text)
        assert named(demo.get(items_of(name), filter="dit_veld_bestaat_niet IS NULL")) == ["filter"]


def test_the_class_of_query_parameters_is_not_declared(demo):
    declared = demo.get("/v1/conformance").json()["conformsTo"]
    assert [uri for uri in declared if uri.endswith("/queryables-query-parameters")] == []


def test_req_queryables_query_parameters_parameters(demo, queryables, questions):
    """Every simple queryable is a parameter that leaves the features with that value, and only those."""
    for name, document in queryables.items():
        features = demo.features(name, **questions[name])
        for queryable in document["properties"].keys() - NO_PARAMETER:
            values = [f["properties"][queryable] for f in features if f["properties"].get(queryable) is not None]
            value = min(values, key=str, default="")
            if value == "" or len(str(value)) > 200:
                continue
            asked = {queryable: str(value).lower() if isinstance(value, bool) else value}
            found = demo.features(name, **questions[name] | asked)
            expected = [f["id"] for f in features if f["properties"][queryable] == value]
            assert [f["id"] for f in found] == expected, (name, asked)


def test_req_queryables_query_parameters_parameters_of_a_wrong_kind(demo):
    for name, queryable, value in (
        ("voorzieningen", "capaciteit", "veel"),
        ("voorzieningen", "zonder_verwijzing", "ja"),
        ("voorzieningen", "geldig_van", "2025-02-30"),
        ("woningvoorraad", "woz_1000", "1e400"),
        ("buurten", "peiljaar", "'"),
    ):
        assert named(demo.get(items_of(name), **{queryable: value})) == [queryable]
