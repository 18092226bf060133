"""OGC API – Features Part 1: GeoJSON."""

from __future__ import annotations

import json

import shapely

from tests.geo_service.api.website import items_of


def test_req_geojson_content(demo, questions):
    for name, question in questions.items():
        page = demo.items(name, **question)
        assert page["type"] == "FeatureCollection"
        assert page["features"]
        for feature in page["features"]:
            assert {"type", "id", "geometry", "properties"} == set(feature)
            assert feature["type"] == "Feature"
            assert shapely.from_geojson(json.dumps(feature["geometry"])).is_valid


def test_req_geojson_content_of_one_feature(demo):
    (feature,) = demo.features("buurten", limit=1)
    alone = demo.get(f"{items_of('buurten')}/{feature['id']}")
    assert alone.headers["content-type"] == "application/geo+json"
    assert alone.json()["type"] == "Feature"
    assert alone.json()["links"]


def test_req_geojson_definition(demo):
    """GeoJSON is what one gets without asking, by Accept and by f."""
    for asked in ({}, {"f": "json"}):
        for accept in (
            "*/*",
            "application/geo+json",
            "application/json",
            "application/geo+json;q=0.9, text/html;q=0.1",
        ):
            answer = demo.get(items_of("buurten"), headers={"Accept": accept}, limit=1, **asked)
            assert answer.headers["content-type"] == "application/geo+json"
