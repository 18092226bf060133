"""OGC API – Features Part 3: filter and features-filter."""

from __future__ import annotations

import json

import pytest

from tests.geo_service.api.conformance.test_crs import CRS84, POINT, SYSTEMS
from tests.geo_service.api.website import items_of, named


def ids(features: list[dict]) -> list:
    return [feature["id"] for feature in features]


def test_req_filter_filter_param(demo):
    """The filter decides which features there are; all that match and no other."""
    found = demo.features("buurten", filter="oppervlakte_ha > 500 AND gebied_naam LIKE '%o%'")
    expected = [
        feature["id"]
        for feature in demo.features("buurten")
        if feature["properties"]["oppervlakte_ha"] > 500 and "o" in feature["properties"]["gebied_naam"]
    ]
    assert ids(found) == expected
    assert 0 < len(expected) < 70


def test_req_filter_filter_lang_param(demo):
    """Text unless JSON is asked for; both say the same."""
    text = "oppervlakte_ha > 500"
    tree = {"op": ">", "args": [{"property": "oppervlakte_ha"}, 500]}
    default = demo.features("buurten", filter=text)
    assert default == demo.features("buurten", filter=text, **{"filter-lang": "cql2-text"})
    assert default == demo.features("buurten", filter=json.dumps(tree), **{"filter-lang": "cql2-json"})
    assert named(demo.get(items_of("buurten"), filter=text, **{"filter-lang": "ecql"})) == ["filter-lang"]
    assert named(demo.get(items_of("buurten"), filter=text, **{"filter-lang": "cql2-json"})) == ["filter"]


def test_req_filter_filter_crs_wgs84(meetpunt):
    (lon, lat), _ = POINT[CRS84]
    near = f"S_INTERSECTS(geometry, BBOX({lon - 1e-4}, {lat - 1e-4}, {lon + 1e-4}, {lat + 1e-4}))"
    assert len(meetpunt.features("wijkwijzers", filter=near)) == 1
    far = near.replace(str(lon - 1e-4), str(lon + 1e-5))
    assert meetpunt.features("wijkwijzers", filter=far) == []


@pytest.mark.parametrize("system", SYSTEMS)
def test_req_filter_filter_crs_param(meetpunt, system):
    """Coordinates of the filter in each system, in the order of that system: within two metres, and not beside it."""
    (first, second), (a, b) = POINT[system]
    for shift, expected in ((0, 1), (10, 0)):
        low = (first + shift * 4 * a - 8 * a, second + shift * 4 * b - 8 * b)
        high = (low[0] + 16 * a, low[1] + 16 * b)
        ring = (low, (high[0], low[1]), high, (low[0], high[1]), low)
        polygon = ", ".join(f"{x} {y}" for x, y in ring)
        text = f"S_INTERSECTS(geometry, POLYGON(({polygon})))"
        tree = {
            "op": "s_intersects",
            "args": [{"property": "geometry"}, {"type": "Polygon", "coordinates": [[list(xy) for xy in ring]]}],
        }
        question = {"filter-crs": system}
        assert len(meetpunt.features("wijkwijzers", filter=text, **question)) == expected
        asked = {"filter-lang": "cql2-json", **question}
        assert len(meetpunt.features("wijkwijzers", filter=json.dumps(tree), **asked)) == expected


def test_req_filter_mixing_expressions(demo):
    """With bbox and a property parameter: all of them hold."""
    question = {"bbox": "6.85,52.2,6.95,52.25", "zonder_verwijzing": "true"}
    all_three = demo.features("voorzieningen", filter="bereik = 'buurt'", **question)
    expected = [f["id"] for f in demo.features("voorzieningen", **question) if f["properties"]["bereik"] == "buurt"]
    assert ids(all_three) == expected
    assert expected


@pytest.mark.parametrize("text", ["DIT IS GEEN FILTER", "naam =", "naam = 'x", "(((", "naam = 'x' AND", "1", "naam"])
def test_req_filter_response_of_what_is_no_filter(demo, text):
    assert named(demo.get(items_of("wijkwijzers"), filter=text)) == ["filter"]


def test_req_filter_response(demo):
    """A filter that nothing meets is an empty page, and one that everything meets is everything."""
    empty = demo.items("buurten", filter="gebied_code = 'x'")
    assert (empty["features"], empty["numberMatched"]) == ([], 0)
    assert demo.items("buurten", filter="gebied_code <> 'x'")["numberMatched"] == 70


@pytest.mark.parametrize("name", ["filter-lang", "filter-crs"])
def test_the_language_and_system_of_a_filter_need_one(demo, name):
    value = {"filter-lang": "cql2-text", "filter-crs": CRS84}[name]
    assert named(demo.get(items_of("buurten"), **{name: value})) == [name]


def test_req_features_filter_on_every_collection(demo, collections, questions):
    for name in collections:
        whole = demo.items(name, **questions[name])["numberMatched"]
        spatial = "S_INTERSECTS(geometry, BBOX(6.5, 52.0, 7.2, 52.4))"
        found = demo.items(name, filter=spatial, **questions[name])
        assert found["numberMatched"] == whole
        assert demo.items(name, filter=f"NOT {spatial}", **questions[name])["numberMatched"] == 0
