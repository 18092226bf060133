"""OGC API – Common, parts 1 (core) and 2 (collections)."""

from __future__ import annotations

import httpx

from geo_service.api.conformance import CONFORMANCE
from tests.geo_service.api.website import links_of


def test_req_core_landing_page(demo):
    landing = demo.get("/v1/", headers={"Accept": "application/json"})
    assert (landing.status_code, landing.headers["content-type"]) == (200, "application/json")
    assert landing.json()["title"]
    assert landing.json()["description"]
    assert {"self", "alternate", "service-desc", "service-doc", "conformance", "data"} <= set(links_of(landing.json()))


def test_req_core_conformance_success(demo):
    answer = httpx.get(links_of(demo.get("/v1/").json())["conformance"])
    assert answer.json()["conformsTo"] == list(CONFORMANCE)
    assert len(set(CONFORMANCE)) == len(CONFORMANCE)


def test_req_core_http(demo):
    """HTTP/1.1, with the statuses that HTTP has for what can go wrong."""
    assert demo.get("/v1/").http_version == "HTTP/1.1"
    assert demo.get("/v1/bestaat-niet").status_code == 404
    assert demo.client.delete("/v1/collections/buurten").status_code == 405
    assert demo.get("/v1/collections/buurten", headers={"Accept": "image/png"}).status_code == 406
    assert demo.get("/v1/collections/buurten", headers={"Authorization": "Bearer x"}).status_code == 401


def test_req_collections_rc_md_success(demo, collections):
    """Each collection is described in full in the list: the same as by itself, but for the link to its page."""
    listed = httpx.get(links_of(demo.get("/v1/").json())["data"]).json()
    assert links_of(listed)["self"] == f"{demo.address}/v1/collections"
    for name, document in collections.items():
        alone = demo.get(f"/v1/collections/{name}").json()
        assert alone | {"links": []} == document | {"links": []}
        assert [link for link in alone["links"] if link["rel"] != "alternate"] == document["links"]


def test_req_collections_src_md_op(demo, collections):
    for name, document in collections.items():
        answer = httpx.get(links_of(document)["self"])
        assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
        assert answer.json()["id"] == name


def test_req_collections_rc_extent(collections):
    for document in collections.values():
        ((west, south, east, north),) = document["extent"]["spatial"]["bbox"]
        assert 6.7 < west < east < 7.05
        assert 52.1 < south < north < 52.35
        assert document["extent"]["spatial"]["crs"] == "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
