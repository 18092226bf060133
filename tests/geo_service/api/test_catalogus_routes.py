"""The catalogue and the metadata of collections as routes: formats, addresses, settings, and what nobody may know."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from rdflib import Graph, URIRef
from rdflib.namespace import DCAT, DCTERMS, FOAF, RDF
from starlette.requests import Request

from geo_service.api.catalogus import collectie_tekst, make_uitgave
from geo_service.api.items import FORMATS
from geo_service.catalogus.model import Organisatie
from geo_service.release.collecties import COLLECTIES
from geo_service.settings import Settings
from tests.geo_service.api.website import serve, viewers_of
from tests.geo_service.support import settings

VIEWERS = viewers_of("GM0153", "GM0153-SD-noord")
CC0 = URIRef("http://creativecommons.org/publicdomain/zero/1.0/deed.nl")
HTML = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


def graph_of(answer) -> Graph:
    return Graph().parse(data=answer.content, format="turtle")


def local(website, address: str):
    """Ask for an address as this machine reaches it."""
    parts = urlsplit(address)
    return website.client.get(f"{parts.path}?{parts.query}")


@pytest.mark.parametrize("identifier", COLLECTIES)
def test_every_collection_has_an_explanation(identifier):
    assert collectie_tekst(COLLECTIES[identifier]).toelichting.definitie


@pytest.mark.parametrize(
    ("accept", "f", "mediatype"),
    [
        ("*/*", None, "text/turtle"),
        ("text/turtle", None, "text/turtle"),
        ("application/ld+json", None, "application/ld+json"),
        ("application/json", None, "application/ld+json"),
        (HTML["accept"], None, "text/html"),
        (HTML["accept"], "ttl", "text/turtle"),
        ("text/turtle", "jsonld", "application/ld+json"),
        ("text/turtle", "html", "text/html"),
    ],
)
def test_the_catalogue_comes_in_the_format_that_is_asked(demo, accept, f, mediatype):
    answer = demo.client.get("/v1/catalogus", params={"f": f} if f else None, headers={"accept": accept})
    assert answer.status_code == 200
    assert answer.headers["content-type"].split(";")[0] == mediatype


def test_a_format_that_is_not_there_is_refused(demo):
    assert demo.get("/v1/catalogus", f="rdfxml").status_code == 400
    assert demo.client.get("/v1/catalogus", headers={"accept": "image/png"}).status_code == 406


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated")
def test_turtle_and_json_ld_say_the_same(demo):
    turtle = graph_of(demo.get("/v1/catalogus", f="ttl"))
    jsonld = Graph().parse(data=demo.get("/v1/catalogus", f="jsonld").content, format="json-ld")
    assert len(turtle) == len(jsonld) > 300


def test_the_catalogue_holds_what_the_viewer_may_see_and_nothing_else(demo):
    for viewer in (None, VIEWERS["wijkregisseur"], VIEWERS["beheerder"]):
        shown = {item["id"] for item in demo.get("/v1/collections", viewer).json()["collections"]}
        datasets = graph_of(demo.get("/v1/catalogus", viewer)).subjects(RDF.type, DCAT.Dataset)
        assert {urlsplit(str(uri)).path.split("/")[3] for uri in datasets} == shown


def test_every_address_in_the_catalogue_answers(demo):
    graph = graph_of(demo.get("/v1/catalogus"))
    downloads = {str(uri) for uri in graph.objects(None, DCAT.downloadURL)}
    pages = {str(uri) for uri in graph.objects(None, DCAT.landingPage)}
    assert len(downloads) == len(pages) * (len(FORMATS) - 1)
    small = {address for address in downloads if "/buurten/" in address or "/wijkwijzers/" in address}
    for address in (*pages, *small):
        assert local(demo, address).status_code == 200, address


def test_every_download_of_the_catalogue_is_a_format_of_items():
    request = Request({"type": "http", "scheme": "http", "path": "/", "headers": [(b"host", b"127.0.0.1")]})
    offered = {formaat.naam for formaat in FORMATS} - {"html"}
    assert {formaat.code for formaat in make_uitgave(request).formaten} == offered


def test_metadata_tells_sources_coverage_trend_breaks_and_how_to_cite(demo):
    document = demo.get("/v1/collections/meldingen-per-gebied/metadata").json()
    sources = {bron["naam"]: bron for bron in document["bronnen"]}
    assert sorted(sources) == [
        "buurtbemiddeling",
        "meldpunt-woonoverlast",
        "politie-overlast",
        "signalen-openbare-ruimte",
    ]
    assert sources["signalen-openbare-ruimte"]["trendbreuken"][0]["datum"] == "2024-07-01"
    assert document["gemeente"] == {"code": "GM0153", "naam": "Enschede"}
    assert {link["rel"] for link in document["links"]} == {"self", "alternate", "collection", "items"}
    for link in document["links"]:
        assert local(demo, link["href"]).status_code == 200


def test_metadata_of_another_municipality_is_asked_by_its_code(assen):
    document = assen.get("/v1/collections/meldingen-per-gebied/metadata", gemeente="GM0106").json()
    assert [bron["naam"] for bron in document["bronnen"]] == ["signalen-assen"]
    assert assen.get("/v1/collections/buurten/metadata", gemeente="GM0153").status_code == 400
    assert assen.get("/v1/catalogus", gemeente="GM9999").status_code == 400


@pytest.mark.parametrize("path", ["/v1/collections/meldingen/metadata", "/v1/collections/bestaat-niet/metadata"])
def test_metadata_of_what_one_may_not_know_does_not_exist(demo, path):
    assert demo.get(path).status_code == 404
    assert demo.get("/v1/collections/meldingen/metadata", VIEWERS["wijkregisseur"]).status_code == 200


@pytest.mark.parametrize("path", ["/v1/catalogus", "/v1/collections/buurten/metadata", "/v1/openapi.html"])
def test_the_same_again_is_a_304(demo, path):
    tag = demo.get(path).headers["etag"]
    again = demo.client.get(path, headers={"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")


def test_the_catalogue_of_an_empty_database_is_an_empty_catalogue(url):
    with serve(url) as website:
        graph = graph_of(website.get("/v1/catalogus"))
        assert len(list(graph.subjects(RDF.type, DCAT.Catalog))) == 1
        assert list(graph.subjects(RDF.type, DCAT.Dataset)) == []
        page = website.client.get("/v1/catalogus", headers=HTML)
        assert "Er zijn nog geen gegevens geladen" in page.text
        assert website.get("/v1/collections/buurten/metadata").status_code == 404


def test_the_address_of_the_settings_is_in_every_link(demo):
    """Whatever host a client claims to talk to."""
    with settings(openbaar_adres="https://buurtsignaal.voorbeeld.nl/"):
        public = "https://buurtsignaal.voorbeeld.nl/v1"
        for path in (
            "/v1/",
            "/v1/collections",
            "/v1/collections/buurten/items?limit=2",
            "/v1/collections/buurten/items/BU01530000",
        ):
            answer = demo.client.get(path, headers={"host": "kwaad.example"})
            assert "127.0.0.1" not in answer.text
            assert "kwaad" not in answer.text
            assert f'"{public}' in answer.text
        uris = {str(uri) for uri in graph_of(demo.get("/v1/catalogus")).subjects(RDF.type, DCAT.Dataset)}
        assert all(uri.startswith(f"{public}/collections/") for uri in uris)
        following = next(link["href"] for link in demo.items("buurten", limit=2)["links"] if link["rel"] == "next")
        assert following.startswith(f"{public}/collections/buurten/items?limit=2&cursor=")
        assert len(local(demo, following).json()["features"]) == 2


def test_the_publisher_and_licence_of_the_settings_are_told(demo):
    uri = "https://identifier.overheid.nl/tooi/id/gemeente/gm0153"
    before = demo.get("/v1/catalogus").headers["etag"]
    with settings(uitgever_naam="Gemeente Enschede (demo)", uitgever_uri=uri, contact_email="d@x.nl", licentie="cc0"):
        answer = demo.get("/v1/catalogus")
        graph = graph_of(answer)
        assert str(graph.value(URIRef(uri), FOAF.name)) == "Gemeente Enschede (demo)"
        assert URIRef("http://creativecommons.org/publicdomain/zero/1.0/deed.nl") in set(
            graph.objects(None, DCTERMS.license)
        )
        page = demo.client.get("/v1/collections/hotspots/metadata", headers=HTML).text
        assert 'href="mailto:d@x.nl"' in page
    assert answer.headers["etag"] != before


@pytest.mark.parametrize(
    "values",
    [
        {"openbaar_adres": "buurtsignaal.nl"},
        {"openbaar_adres": "https://x.nl/?a=1"},
        {"uitgever_naam": " "},
        {"uitgever_uri": "https://a b"},
        {"contact_email": "iemand"},
        {"licentie": "mit"},
    ],
)
def test_a_setting_that_cannot_be_is_refused_at_the_start(values):
    with pytest.raises(ValueError, match=next(iter(values))):
        Settings(**values)


@pytest.mark.parametrize("uri", ["https://identifier.overheid.nl/tooi/id/gemeente/gm0153", "http://x/%20", None])
@pytest.mark.parametrize("email", ["a.b+c@d-e.gov.nl", None])
def test_what_the_settings_take_the_catalogue_takes(uri, email):
    taken = Settings(uitgever_uri=uri, contact_email=email)
    assert Organisatie(taken.uitgever_naam, taken.uitgever_uri, taken.contact_email).uri == uri
