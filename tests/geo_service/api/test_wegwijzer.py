"""Where a client starts: landing page, conformance, collections, and headers on every answer."""

from __future__ import annotations

import httpx
import pytest

from geo_service.identity import Viewer
from tests.geo_service.api.website import viewers_of

VIEWERS = viewers_of("GM0153", "GM0153-SD-noord")
FIGURES = ["meldingen-per-gebied", "bezoeken-per-gebied", "hotspots"]
REPORTS = "meldingen"
PLACES = ["stadsdelen", "wijken", "buurten", "wijkteamgebieden", "wijkwijzers", "voorzieningen", "woningvoorraad"]
MEASURED = ["publiek", "onderzoeker"]
SCOPED = ["wijkregisseur", "stadsdeelmanager"]
UNMEASURED = ["gegevensbeheerder", "beheerder"]


def ids(website, viewer: Viewer | None = None) -> set[str]:
    return {collection["id"] for collection in website.get("/v1/collections", viewer).json()["collections"]}


def test_every_link_of_the_landing_page_leads_somewhere(demo):
    landing = demo.get("/v1/").json()
    assert {link["rel"] for link in landing["links"]} >= {"self", "service-desc", "conformance", "data"}
    for link in landing["links"]:
        answer = httpx.get(link["href"], headers={"Accept": link["type"]})
        assert answer.status_code == 200, link
        assert answer.headers["content-type"].split(";")[0] == link["type"].split(";")[0]


def test_the_landing_page_without_its_slash_is_found_too(demo):
    assert demo.client.get("/v1", follow_redirects=True).json()["title"] == "Buurtsignaal"


def test_it_conforms_to_core_and_geojson(demo):
    assert set(demo.get("/v1/conformance").json()["conformsTo"]) >= {
        "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core",
        "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/geojson",
    }


@pytest.mark.parametrize("role", MEASURED)
def test_who_may_see_figures_has_places_and_figures(demo, role):
    assert ids(demo, VIEWERS[role]) == {*PLACES, *FIGURES}


@pytest.mark.parametrize("role", SCOPED)
def test_who_works_in_an_area_has_its_reports_too(demo, role):
    assert ids(demo, VIEWERS[role]) == {*PLACES, *FIGURES, REPORTS, "interventies"}


@pytest.mark.parametrize("role", UNMEASURED)
def test_who_may_see_no_figures_does_not_even_see_that_they_exist(demo, role):
    viewer = VIEWERS[role]
    assert ids(demo, viewer) == set(PLACES)
    for collection in (*FIGURES, REPORTS):
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
        for link in collection["links"]:
            answer = httpx.head(link["href"])
            assert answer.status_code == 200, link
            assert answer.headers["content-type"].partition(";")[0] == link["type"].partition(";")[0]


@pytest.mark.parametrize(
    "path",
    ["/v1/", "/v1/collections", "/v1/collections/buurten/items?limit=1", "/v1/bestaat-niet", "/kaart", "/gezond"],
)
def test_every_answer_carries_the_version_and_the_security_headers(demo, path):
    headers = demo.get(path).headers
    assert headers["API-Version"] == "0.1.0"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert headers["Cache-Control"] == ("public, no-cache" if "etag" in headers else "no-store")


@pytest.mark.parametrize("path", ["/v1/bestaat-niet", "/kaart", "/gezond"])
def test_what_is_of_one_moment_or_one_reader_is_not_kept(demo, path):
    assert demo.get(path).headers["Cache-Control"] == "no-store"


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


def test_it_is_healthy(demo):
    assert demo.get("/gezond").json() == {"status": "gezond"}
