"""OGC API – Features Part 1: Core. Test names are the names of the requirements."""

from __future__ import annotations

import itertools
import json
from datetime import UTC, datetime

import httpx
import pytest
import shapely

from tests.geo_service.api.website import items_of, links_of, named, query_of
from tests.geo_service.support import rows


def test_req_core_root_success(demo):
    landing = demo.get("/v1/")
    assert landing.status_code == 200
    assert set(links_of(landing.json())) >= {"service-desc", "service-doc", "conformance", "data"}


def test_req_core_api_definition_success(demo):
    """The description is there as OpenAPI, under the media type that its link promises."""
    links = [link for link in demo.get("/v1/").json()["links"] if link["rel"] == "service-desc"]
    assert links
    for link in links:
        answer = httpx.get(link["href"], headers={"Accept": link["type"]})
        assert answer.status_code == 200
        assert answer.headers["content-type"].replace(" ", "") == link["type"].replace(" ", "")
        assert answer.json()["openapi"].startswith("3.")


def test_req_core_conformance_success(demo):
    assert (
        "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core"
        in demo.get("/v1/conformance").json()["conformsTo"]
    )


@pytest.mark.parametrize(
    "path", ["/v1/", "/v1/conformance", "/v1/collections", "/v1/collections/buurten", items_of("buurten")]
)
def test_req_core_query_param_unknown(demo, path):
    assert named(demo.get(path, onbekend="1")) == ["onbekend"]


@pytest.mark.parametrize(("name", "value"), [("limit", "x"), ("bbox", "1,2"), ("datetime", "gisteren"), ("f", "docx")])
def test_req_core_query_param_invalid(demo, name, value):
    assert named(demo.get(items_of("buurten"), **{name: value})) == [name]


def test_req_core_fc_md_links(demo):
    document = demo.get("/v1/collections").json()
    relations = {(link["rel"], link["type"]) for link in document["links"]}
    assert {("self", "application/json"), ("alternate", "text/html")} <= relations
    assert all(link["rel"] and link["type"] for link in document["links"])


def test_req_core_fc_md_items(demo, collections):
    """Every collection that can be read is in the list, and every one in the list can be read."""
    for name in collections:
        assert demo.get(items_of(name), limit=1).status_code == 200


def test_req_core_fc_md_items_links(collections, demo):
    for document in collections.values():
        items = [link for link in document["links"] if link["rel"] == "items"]
        assert {"application/geo+json", "text/html"} <= {link["type"] for link in items}
        for link in items:
            answer = httpx.head(link["href"])
            assert answer.status_code == 200
            assert answer.headers["content-type"].partition(";")[0] == link["type"].partition(";")[0]


def test_req_core_fc_md_extent(demo, collections, questions):
    """No feature lies outside the extent of its collection."""
    for name, document in collections.items():
        ((west, south, east, north),) = document["extent"]["spatial"]["bbox"]
        extent = shapely.box(west, south, east, north).buffer(1e-4)
        for feature in demo.features(name, limit=200, **questions[name]):
            if feature["geometry"]:
                assert extent.covers(shapely.from_geojson(json.dumps(feature["geometry"])))


def test_req_core_sfc_md_success(demo, collections):
    for name, document in collections.items():
        found = demo.get(f"/v1/collections/{name}").json()
        assert {key: found[key] for key in ("id", "title", "description", "extent", "itemType")} == {
            key: document[key] for key in ("id", "title", "description", "extent", "itemType")
        }


def test_req_core_fc_op(demo, collections, questions):
    for name in collections:
        answer = demo.get(items_of(name), **questions[name])
        assert (answer.status_code, answer.headers["content-type"]) == (200, "application/geo+json")


@pytest.mark.parametrize("limit", [1, 7, 69, 70, 71])
def test_req_core_fc_limit_response_1(demo, limit):
    """Never more than the limit, and as many as there are below it."""
    assert len(demo.features("buurten", limit=limit)) == min(limit, 70)


def test_req_core_fc_limit_definition(demo):
    """At least one; above the maximum the maximum counts, below one it is refused."""
    assert len(demo.features("buurten", limit=10**12)) == 70
    assert named(demo.get(items_of("buurten"), limit=0)) == ["limit"]


def test_req_core_fc_bbox_definition(demo):
    four = demo.features("buurten", bbox="6.85,52.2,6.9,52.23")
    six = demo.features("buurten", bbox="6.85,52.2,-10,6.9,52.23,10")
    assert 0 < len(four) < 70
    assert [feature["id"] for feature in six] == [feature["id"] for feature in four]


def test_req_core_fc_bbox_response(demo, questions):
    """What touches the box, by its real shape, and nothing else."""
    box = shapely.box(6.85, 52.2, 6.9, 52.23)
    for name in questions:
        shapes = {
            feature["id"]: shapely.from_geojson(json.dumps(feature["geometry"]))
            for feature in demo.features(name, **questions[name])
        }
        found = {feature["id"] for feature in demo.features(name, bbox="6.85,52.2,6.9,52.23", **questions[name])}
        assert {key for key, shape in shapes.items() if shape.intersects(box.buffer(-1e-4))} <= found
        assert found <= {key for key, shape in shapes.items() if shape.intersects(box.buffer(1e-4))}


#  datetime -> the condition in SQL on the day of a report
TIMES = {
    "2025-03-01": "dag = '2025-03-01'",
    "2025-03-01/2025-03-31": "dag between '2025-03-01' and '2025-03-31'",
    "2025-03-01/..": "dag >= '2025-03-01'",
    "../2025-03-01": "dag <= '2025-03-01'",
    "/2025-03-01": "dag <= '2025-03-01'",
    "2025-03-01T06:30:00Z/2025-03-02T06:30:00+02:00": "tijd between '2025-03-01T06:30Z' and '2025-03-02T04:30Z'",
    "1999-01-01/1999-12-31": "false",
}


@pytest.mark.parametrize(("datetime", "condition"), TIMES.items())
def test_req_core_fc_time_response(demo, demo_url, viewers, datetime, condition):
    """Both ends belong to the span; a day is a Dutch day."""
    ((expected,),) = rows(demo_url, f"select count(*) from intern.melding where geom is not null and {condition}")
    found = demo.items("meldingen", viewers["stadsdeelmanager"], datetime=datetime, limit=1)
    assert found["numberMatched"] == expected


def test_req_core_fc_time_response_of_what_has_no_time(demo):
    """Features without a time are not narrowed by one."""
    assert demo.items("buurten", datetime="1999-01-01")["numberMatched"] == 70


@pytest.mark.parametrize(
    "datetime", ["..", "../..", "/", "2025-02-30", "2025-01-01/2024-01-01", "2025", "2025-01-01T00:00:00"]
)
def test_req_core_fc_time_definition(demo, datetime):
    assert named(demo.get(items_of("wijkwijzers"), datetime=datetime)) == ["datetime"]


def test_req_core_fc_response(demo, demo_url):
    """Bbox, time and properties narrow together, never widen."""
    place = rows(demo_url, "select type from publiek.voorziening group by 1 order by count(*) desc limit 1")[0][0]
    conditions = {"bbox": "6.85,52.2,6.95,52.25", "type": place, "datetime": "2025-01-01/.."}
    alone = {
        name: {f["id"] for f in demo.features("voorzieningen", **{name: value})} for name, value in conditions.items()
    }
    together = {feature["id"] for feature in demo.features("voorzieningen", **conditions)}
    assert together == set.intersection(*alone.values())
    assert 0 < len(together) < min(map(len, (alone["bbox"], alone["type"])))


def test_req_core_fc_links(demo, questions):
    """To itself and to every other format, with the question kept."""
    for name, question in questions.items():
        page = demo.items(name, limit=3, **question)
        links = links_of(page)
        assert query_of(links["self"]) == question | {"limit": "3"}
        assert links["collection"] == f"{demo.address}/v1/collections/{name}"
        alternates = {link["type"] for link in page["links"] if link["rel"] == "alternate"}
        assert {"text/html", "text/csv; charset=utf-8"} <= alternates


def test_req_core_fc_rel_type(demo):
    for link in demo.items("buurten", limit=3)["links"]:
        assert link["rel"]
        assert link["type"]
        assert link["href"].startswith("http")


def test_req_core_fc_time_stamp(demo):
    """timeStamp would be the moment of the answer, which may come from memory; instead stand: that of the data."""
    page = demo.items("buurten")
    assert "timeStamp" not in page
    stamp = datetime.fromisoformat(page["stand"])
    assert datetime(2020, 1, 1, tzinfo=UTC) < stamp <= datetime.now(UTC)


def test_req_core_fc_number_matched(demo, demo_url):
    ((places,),) = rows(demo_url, "select count(*) from publiek.voorziening")
    assert demo.items("voorzieningen", limit=5)["numberMatched"] == places
    assert demo.items("voorzieningen", limit=5, offset=7)["numberMatched"] == places
    assert "numberMatched" not in demo.items("voorzieningen", limit=5, count="false")


def test_req_core_fc_number_returned(demo):
    for page in itertools.islice(demo.pages("buurten", limit=20), 3):
        assert page["numberReturned"] == len(page["features"]) == 20


def test_req_core_f_success(demo, questions):
    """Each feature by itself is the feature of the list, with links."""
    for name, question in questions.items():
        for feature in demo.features(name, limit=3, **question):
            alone = demo.get(f"{items_of(name)}/{feature['id']}", **question).json()
            assert {key: alone[key] for key in feature} == feature


def test_req_core_f_links(demo, questions):
    for name, question in questions.items():
        (feature,) = demo.features(name, limit=1, **question)
        address = f"{items_of(name)}/{feature['id']}"
        links = links_of(demo.get(address, **question).json())
        assert {"self", "alternate", "collection"} <= set(links)
        assert links["collection"] == f"{demo.address}/v1/collections/{name}"
        assert httpx.get(links["self"]).json()["id"] == feature["id"]


@pytest.mark.parametrize("identifier", ["bestaat-niet", "0", "%00", "a/b", "'", "1 or 1=1", "9" * 30])
def test_req_core_f_op_of_what_does_not_exist(demo, viewers, identifier):
    for name in ("buurten", "meldingen-per-gebied", "wijkwijzers"):
        assert demo.get(f"{items_of(name)}/{identifier}").status_code == 404
    assert demo.get(f"{items_of('meldingen')}/{identifier}", viewers["stadsdeelmanager"]).status_code == 404


def test_req_core_crs84(demo):
    """Without crs: longitude and latitude, in that order."""
    answer = demo.get(items_of("wijkwijzers"))
    assert answer.headers["content-crs"] == "<http://www.opengis.net/def/crs/OGC/1.3/CRS84>"
    for feature in answer.json()["features"]:
        lon, lat = feature["geometry"]["coordinates"]
        assert 6.7 < lon < 7.1
        assert 52.1 < lat < 52.35
