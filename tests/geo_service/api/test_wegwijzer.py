"""Where a client starts: landing page, conformance, collections, and headers on every answer."""

from __future__ import annotations

import httpx
import pytest

from geo_service.identity import Viewer
from tests.geo_service.api.website import viewers_of

VIEWERS = viewers_of("GM0153", "GM0153-SD-noord")
FIGURES = ["meldingen-per-gebied", "hotspots"]
PLACES = ["stadsdelen", "wijken", "buurten", "wijkteamgebieden", "wijkwijzers", "voorzieningen", "woningvoorraad"]
MEASURED = ["publiek", "onderzoeker", "wijkregisseur", "stadsdeelmanager"]
UNMEASURED = ["gegevensbeheerder", "beheerder"]


def ids(website, viewer: Viewer | None = None) -> set[str]:
    return {collection["id"] for collection in website.get("/v1/collections", viewer).json()["collections"]}


def test_every_link_of_the_landing_page_leads_somewhere(demo):
    landing = demo.get("/v1/").json()
    assert {link["rel"] for link in landing["links"]} >= {"self", "service-desc", "conformance", "data"}
    for link in landing["links"]:
        answer = httpx.get(link["href"])
        assert answer.status_code == 200
        assert answer.headers["content-type"].split(";")[0] in (link["type"].split(";")[0], "application/json")


def test_the_landing_page_without_its_slash_is_found_too(demo):
    assert demo.client.get("/v1", follow_redirects=True).json()["title"] == "Buurtsignaal"


def test_it_conforms_to_core_and_geojson(demo):
    assert set(demo.get("/v1/conformance").json()["conformsTo"]) >= {
        "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core",
        "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/geojson",
    }


@pytest.mark.parametrize("role", MEASURED)
def test_who_may_see_figures_has_nine_collections(demo, role):
    assert ids(demo, VIEWERS[role]) == {*PLACES, *FIGURES}


@pytest.mark.parametrize("role", UNMEASURED)
def test_who_may_see_no_figures_does_not_even_see_that_they_exist(demo, role):
    viewer = VIEWERS[role]
    assert ids(demo, viewer) == set(PLACES)
    for collection in FIGURES:
        for path in (f"/v1/collections/{collection}", f"/v1/collections/{collection}/items"):
            answer = demo.get(path, viewer)
            unknown = demo.get(path.replace(collection, "bestaat-niet"), viewer)
            assert (answer.status_code, unknown.status_code) == (404, 404)
            assert answer.json()["detail"] == unknown.json()["detail"].replace("bestaat-niet", collection)
    assert demo.get("/kaart", viewer).status_code == 404


def test_raw_reports_and_visits_are_no_collection(demo):
    for collection in ("meldingen", "bezoeken", "bezoek", "melding", "woningen", "voorzieningen-gevoelig"):
        assert demo.get(f"/v1/collections/{collection}/items").status_code == 404


def test_every_collection_describes_itself_with_links_that_work(demo):
    for collection in demo.get("/v1/collections").json()["collections"]:
        assert collection["title"]
        assert collection["description"]
        hrefs = {link["rel"]: link["href"] for link in collection["links"]}
        assert httpx.get(hrefs["self"]).json() == collection
        items = httpx.get(hrefs["items"], params={"limit": 1})
        assert items.headers["content-type"] == "application/geo+json"


@pytest.mark.parametrize(
    "path",
    ["/v1/", "/v1/collections", "/v1/collections/buurten/items?limit=1", "/v1/bestaat-niet", "/kaart", "/gezond"],
)
def test_every_answer_carries_the_version_and_the_security_headers(demo, path):
    headers = demo.get(path).headers
    assert headers["API-Version"] == "0.1.0"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert headers["Cache-Control"] == "no-store"


def test_every_page_has_its_own_nonce(demo):
    policies = {demo.get("/kaart").headers["Content-Security-Policy"] for _ in range(3)}
    assert len(policies) == 3


def test_a_wrong_method_is_refused_and_says_which_is_right(demo):
    answer = demo.client.post("/v1/collections/buurten/items")
    assert answer.status_code == 405
    assert answer.headers["content-type"] == "application/problem+json"
    assert "GET" in answer.headers["Allow"]


@pytest.mark.parametrize("path", ["/v1/", "/v1/collections/buurten/items", "/kaart", "/gezond"])
def test_a_head_request_answers_like_get_without_a_body(demo, path):
    """Link checkers, proxies and GDAL ask this way."""
    answer = demo.client.head(path)
    assert answer.status_code == 200
    assert answer.content == b""


def test_compressed_when_asked(demo):
    assert demo.get("/v1/collections/buurten/items").headers["content-encoding"] == "gzip"


def test_it_is_healthy(demo):
    assert demo.get("/gezond").json() == {"status": "gezond"}


def test_the_openapi_document_lists_what_there_is(demo):
    document = demo.get("/v1/openapi.json").json()
    assert set(document["paths"]) >= {
        "/v1/", "/v1/conformance", "/v1/collections", "/v1/collections/{collection_id}",
        "/v1/collections/{collection_id}/items",
    }  # fmt: skip


def test_the_openapi_document_tells_which_parameters_items_take(demo):
    """Every parameter of a collection; a client that reads the description finds bbox and periode."""
    operation = demo.get("/v1/openapi.json").json()["paths"]["/v1/collections/{collection_id}/items"]["get"]
    names = {parameter["name"] for parameter in operation["parameters"]}
    assert names >= {
        "gemeente", "bbox", "limit", "offset", "f", "niveau", "gebied", "bron", "categorie",
        "periode", "noemer", "peiljaar",
    }  # fmt: skip
