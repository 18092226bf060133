"""Features of all collections: their shape, their place and their provenance."""

from __future__ import annotations

import json

import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.geo_service.api.website import busiest_hotspots

COLLECTIONS = {
    "stadsdelen": 5, "wijken": 10, "buurten": 70, "wijkteamgebieden": 9, "wijkwijzers": 9, "woningvoorraad": 70,
    "meldingen-per-gebied": 70, "bezoeken-per-gebied": 70,
}  # fmt: skip
OTHERS = ("voorzieningen", "hotspots")
ALL = (*COLLECTIONS, *OTHERS)
ENSCHEDE = shapely.box(6.70, 52.13, 7.05, 52.32)
FIGURE = {
    "gebied_code", "gebied_naam", "niveau", "periode", "bron", "categorie", "aantal", "noemer", "per_1000",
    "laag", "hoog", "status", "dekking", "trendbreuk", "herkomst",
}  # fmt: skip
browse = settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="session")
def asked(demo_url):
    """Per collection a question that has an answer; hotspots are rare in a small demo."""
    return {name: busiest_hotspots(demo_url) if name == "hotspots" else {} for name in ALL}


@pytest.mark.parametrize("collection", ALL)
def test_a_page_is_valid_geojson_in_lon_lat(demo, asked, collection):
    response = demo.get(f"/v1/collections/{collection}/items", **asked[collection])
    assert response.headers["content-type"] == "application/geo+json"
    page = response.json()
    assert page["type"] == "FeatureCollection"
    assert page["numberReturned"] == page["numberMatched"] == len(page["features"]) > 0
    if collection in COLLECTIONS:
        assert len(page["features"]) == COLLECTIONS[collection]
    identifiers = [feature["id"] for feature in page["features"]]
    assert len(set(identifiers)) == len(identifiers)
    for feature in page["features"]:
        assert feature["type"] == "Feature"
        shape = shapely.from_geojson(json.dumps(feature["geometry"]))
        assert shape.is_valid
        assert ENSCHEDE.covers(shape)


@pytest.mark.parametrize("collection", ALL)
def test_every_feature_says_where_it_comes_from(demo, asked, collection):
    features = demo.features(collection, **asked[collection])
    assert features
    for feature in features:
        assert len(feature["properties"]["herkomst"]) > 10


def test_a_figure_has_the_published_properties(demo):
    for feature in demo.features("meldingen-per-gebied"):
        assert set(feature["properties"]) == FIGURE | {"noemer_soort", "aantal_buiten_dekking"}
        assert feature["properties"]["aantal_buiten_dekking"] is None


def boxes_around(features: list[dict]) -> dict[str, shapely.Geometry]:
    return {f["id"]: shapely.from_geojson(json.dumps(f["geometry"])) for f in features if f["geometry"]}


@st.composite
def boxes(draw):
    west, south = draw(st.floats(6.70, 7.0)), draw(st.floats(52.13, 52.31))
    return west, south, west + draw(st.floats(0.001, 0.3)), south + draw(st.floats(0.001, 0.2))


@pytest.mark.parametrize("collection", ["buurten", "meldingen-per-gebied", "voorzieningen", "hotspots", "wijkwijzers"])
@browse
@given(bbox=boxes())
def test_a_box_gives_what_touches_it_and_nothing_else(demo, asked, collection, bbox):
    """Real geometry, not bounding boxes. Within 10 metres of the edge either answer is right."""
    shapes = boxes_around(demo.features(collection, **asked[collection]))
    found = {f["id"] for f in demo.features(collection, bbox=",".join(map(str, bbox)), **asked[collection])}
    box = shapely.box(*bbox)
    inside = {name for name, shape in shapes.items() if shape.intersects(box.buffer(-1e-4))}
    near = {name for name, shape in shapes.items() if shape.intersects(box.buffer(1e-4))}
    assert inside <= found <= near


def test_a_box_in_the_corner_of_a_bounding_box_is_not_inside(demo):
    """A point inside the bounds of a buurt but not in the buurt."""
    shapes = boxes_around(demo.features("buurten"))
    name, shape = max(shapes.items(), key=lambda item: item[1].envelope.area - item[1].area)
    corner = shapely.difference(shape.envelope, shape).representative_point()
    assert corner.distance(shape) > 1e-4
    bbox = corner.buffer(1e-6).bounds
    found = {f["id"] for f in demo.features("buurten", bbox=",".join(map(str, bbox)))}
    assert name not in found


def test_paging_inside_a_box_counts_only_the_box(demo):
    page = demo.items("buurten", bbox="6.85,52.20,6.92,52.24", limit=3)
    assert 3 < page["numberMatched"] < 70
    assert page["numberReturned"] == 3


def test_areas_say_that_their_boundaries_are_approximate(demo):
    for feature in demo.features("buurten"):
        assert feature["properties"]["benaderd"] is True
        assert "benadering" in feature["properties"]["herkomst"]


def test_the_areas_of_assen_that_have_a_polygon_are_drawn(assen):
    assert assen.items("buurten")["numberMatched"] == 95
    figures = assen.features("meldingen-per-gebied")
    assert len(figures) == 109
    assert sum(feature["geometry"] is None for feature in figures) == 14


def test_figures_and_areas_share_their_geometry(demo):
    areas = {feature["id"]: feature["geometry"] for feature in demo.features("buurten")}
    figures = demo.features("meldingen-per-gebied")
    assert {feature["properties"]["gebied_code"]: feature["geometry"] for feature in figures} == areas


@pytest.mark.parametrize("collection", ["meldingen-per-gebied", "bezoeken-per-gebied"])
def test_the_id_of_a_figure_says_what_was_asked(demo, collection):
    """Area, source, category and period: figures of two questions are never taken for one."""
    for question in ({}, {"niveau": "wijk", "periode": "2025"}):
        for feature in demo.features(collection, **question):
            found = feature["properties"]
            assert feature["id"] == ".".join(found[name] for name in ("gebied_code", "bron", "categorie", "periode"))


def test_dwellings_are_of_the_areas_and_panden_never_count_as_dwellings(demo):
    for feature in demo.features("woningvoorraad", niveau="stadsdeel"):
        found = feature["properties"]
        assert found["status"] == "ok"
        assert found["woningvoorraad"] > 1000
        assert "panden_bouwjaar_voor_1945" in found
    total = sum(feature["properties"]["woningvoorraad"] for feature in demo.features("woningvoorraad"))
    (city,) = demo.features("woningvoorraad", niveau="gemeente")
    assert city["properties"]["woningvoorraad"] == pytest.approx(total, rel=0.001)
