"""Features of all nine collections: their shape, their place, their provenance, page after page."""

from __future__ import annotations

import json
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.geo_service.api.website import busiest_hotspots

COLLECTIONS = {
    "stadsdelen": 5, "wijken": 10, "buurten": 70, "wijkteamgebieden": 9, "wijkwijzers": 9, "woningvoorraad": 70,
    "meldingen-per-gebied": 70,
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
        assert set(feature["properties"]) == FIGURE | {"noemer_soort"}


@pytest.mark.parametrize(
    ("collection", "parameters"),
    [(name, {}) for name in ALL]
    + [("meldingen-per-gebied", {"niveau": "stadsdeel", "periode": "2025", "categorie": "afval"})],
)
@pytest.mark.parametrize("limit", [9, 1000])
def test_following_next_gives_every_feature_once_and_in_order(demo, asked, collection, parameters, limit):
    parameters = asked[collection] | parameters
    whole = [feature["id"] for feature in demo.features(collection, **parameters)]
    walked, pages = [], 0
    page = demo.items(collection, limit=limit, **parameters)
    while True:
        pages += 1
        walked += [feature["id"] for feature in page["features"]]
        assert page["numberMatched"] == len(whole)
        assert page["numberReturned"] == len(page["features"]) <= limit
        following = [link["href"] for link in page["links"] if link["rel"] == "next"]
        if not following:
            break
        assert len(page["features"]) == limit
        page = httpx.get(following[0]).raise_for_status().json()
    assert walked == whole
    assert pages == -(-len(whole) // limit)


def test_links_keep_the_question_and_go_back_too(demo):
    question = {"niveau": "wijk", "periode": "2025", "categorie": "afval", "limit": "3", "offset": "3"}
    page = demo.items("meldingen-per-gebied", **question)
    links = {link["rel"]: dict(parse_qsl(urlsplit(link["href"]).query)) for link in page["links"]}
    assert links == {
        "self": question,
        "next": question | {"offset": "6"},
        "prev": question | {"offset": "0"},
    }


def test_past_the_end_is_an_empty_page(demo):
    page = demo.items("buurten", offset=1000)
    assert (page["features"], page["numberMatched"], page["numberReturned"]) == ([], 70, 0)


def test_a_limit_above_the_maximum_is_lowered_not_refused(demo):
    assert len(demo.features("buurten", limit=10**9)) == 70


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


#  a box around far more than the municipality -> a small box with the same part of the municipality
WIDE = [
    ("-180,-90,180,90", "6.5,52.0,7.2,52.4"),
    ("-10,30,40,70", "6.5,52.0,7.2,52.4"),
    ("3,50,8,54", "6.5,52.0,7.2,52.4"),
    ("-180,-90,6.89,52.22", "6.5,52.0,6.89,52.22"),
    ("6.89,52.22,180,90", "6.89,52.22,7.2,52.4"),
]


@pytest.mark.parametrize("collection", ALL)
@pytest.mark.parametrize(("wide", "small"), WIDE)
def test_a_box_around_more_than_the_municipality_works(demo, asked, collection, wide, small):
    """QGIS and GDAL ask for the whole world first."""
    found = [feature["id"] for feature in demo.features(collection, bbox=wide, **asked[collection])]
    assert found == [feature["id"] for feature in demo.features(collection, bbox=small, **asked[collection])]


@pytest.mark.parametrize("bbox", ["-60,-30,-50,-20", "100,-80,179,-70", "170,80,180,90", "0,0,1,1"])
def test_a_box_elsewhere_on_earth_is_empty(demo, asked, bbox):
    for collection in ALL:
        assert demo.features(collection, bbox=bbox, **asked[collection]) == []


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
    assert {feature["id"]: feature["geometry"] for feature in demo.features("meldingen-per-gebied")} == areas


def test_dwellings_are_of_the_areas_and_panden_never_count_as_dwellings(demo):
    for feature in demo.features("woningvoorraad", niveau="stadsdeel"):
        found = feature["properties"]
        assert found["status"] == "ok"
        assert found["woningvoorraad"] > 1000
        assert "panden_bouwjaar_voor_1945" in found
    total = sum(feature["properties"]["woningvoorraad"] for feature in demo.features("woningvoorraad"))
    (city,) = demo.features("woningvoorraad", niveau="gemeente")
    assert city["properties"]["woningvoorraad"] == pytest.approx(total, rel=0.001)
