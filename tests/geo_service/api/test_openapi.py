"""The description of the API, and the Dutch API Design Rules: in the description by Spectral, in the answers here."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from geo_service.api import routes
from geo_service.api.openapi.componenten import SCHEMAS
from geo_service.api.openapi.document import as_oas30, build_document
from geo_service.identity import PUBLIEK, Role, Viewer
from tests.geo_service.api.website import Website, viewers_of

ROOT = Path(__file__).resolve().parents[3]
SPECTRAL = ROOT / "node_modules" / ".bin" / "spectral"
RULESET = ROOT / ".ci" / "spectral" / "ruleset.yaml"
ADDRESS = "https://buurtsignaal.nl/v1"
VIEWERS = viewers_of("GM0153", "GM0153-SD-noord")
REGISSEUR, BEHEERDER = VIEWERS["wijkregisseur"], VIEWERS["beheerder"]
OAS31, OAS30 = (f"application/vnd.oai.openapi+json;version={version}" for version in ("3.1", "3.0"))
PROBLEM = "application/problem+json"
LEAKS = re.compile(r"Traceback|psycopg|sqlalchemy|postgres|select |bs_publiek|\.py\b", re.IGNORECASE)
PLACES = {
    "collectionId": "buurten", "gebiedCode": "GM0153", "tileMatrixSetId": "WebMercatorQuad",
    "tileMatrix": 10, "tileRow": 337, "tileCol": 531,
}  # fmt: skip
is_problem = jsonschema_rs.validator_for(SCHEMAS["Probleem"])


def paths(viewer: Viewer) -> dict[str, Any]:
    return build_document(viewer, ADDRESS)["paths"]


def addresses(website: Website) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every described path of the public with something that exists in its place, and its operation.

    A collection without features in the demo has no feature and no tile to ask for.
    """
    document = website.get("/v1/openapi.json").json()
    for path, item in document["paths"].items():
        if path.endswith("{featureId}"):
            features = website.features(path.split("/")[2], limit=1)
            if not features:
                continue
            path = path.replace("{featureId}", str(features[0]["id"]))
        address = "/v1" + path.format(**PLACES)
        if website.get(address).status_code != 204:
            yield address, item["get"]


def resolved(website: Website, operation: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The query parameters of an operation by name."""
    shared = website.get("/v1/openapi.json").json()["components"]["parameters"]
    found = [shared[item["$ref"].rpartition("/")[2]] if "$ref" in item else item for item in operation["parameters"]]
    return {parameter["name"]: parameter for parameter in found if parameter["in"] == "query"}


def test_every_route_is_described_and_every_description_is_a_route():
    """Also for colleagues: a new route without a description fails here."""
    # Of the collection that is written, the routes name it.
    of_any = partial(re.sub, r"^/collections/[a-z-]+", "/collections/{collectionId}")
    known = {of_any(re.sub(r":\w+}", "}", route.path.removeprefix("/v1"))) for route in routes()}
    described = {of_any(path) for path in paths(REGISSEUR)}
    assert described == known


@pytest.mark.parametrize("role", list(Role))
def test_a_collection_that_a_viewer_may_not_read_is_not_in_the_text_at_all(demo, role):
    viewer = VIEWERS[role.value]
    answer = demo.get("/v1/openapi.json", viewer)
    known = {collection["id"] for collection in demo.get("/v1/collections", viewer).json()["collections"]}
    described = {path.split("/")[2] for path in answer.json()["paths"] if path.endswith("/items")}
    assert described == known
    if not viewer.scoped:
        assert "/collections/meldingen/" not in answer.text
        assert "MeldingenObject" not in answer.text
    if not viewer.may_see_figures:
        assert "hotspot" not in answer.text.lower()


def test_both_versions_of_openapi_are_served_and_say_the_same(demo):
    newer, older = demo.get("/v1/openapi.json"), demo.get("/v1/openapi.json", f="oas30")
    assert (newer.headers["content-type"], older.headers["content-type"]) == (OAS31, OAS30)
    assert (newer.json()["openapi"], older.json()["openapi"]) == ("3.1.0", "3.0.3")
    assert newer.json()["paths"].keys() == older.json()["paths"].keys()
    assert newer.json()["servers"] == [{"url": f"{demo.address}/v1", "description": "Deze dienst"}]
    assert as_oas30(newer.json()) == older.json()


@pytest.mark.parametrize(
    ("accept", "mediatype"),
    [
        ("*/*", OAS31), ("application/json", OAS31), (OAS31, OAS31), (OAS30, OAS30),
        ("application/vnd.oai.openapi+json; version=3.0, */*;q=0.1", OAS30),
        ("application/vnd.oai.openapi+json", OAS31),
    ],
)  # fmt: skip
def test_accept_chooses_the_version(demo, accept, mediatype):
    answer = demo.client.get("/v1/openapi.json", headers={"Accept": accept})
    assert answer.headers["content-type"] == mediatype


def test_the_older_version_has_nothing_of_the_newer_one():
    text = json.dumps(as_oas30(build_document(REGISSEUR, ADDRESS)))
    assert not re.search(r'"type": \[|"examples": \[|"type": "null"', text)
    assert text.count('"nullable": true') > 50


def test_every_operation_has_a_name_of_its_own_and_every_reference_leads_somewhere():
    document = build_document(REGISSEUR, ADDRESS)
    names = [item["get"]["operationId"] for item in document["paths"].values()]
    assert len(set(names)) == len(names)
    for reference in set(re.findall(r'"#/([^"]+)"', json.dumps(document))):
        found: Any = document
        for part in reference.split("/"):
            found = found[part]
        assert found


def test_what_is_described_is_what_each_route_reads(demo):
    """The refusal of an unknown parameter lists those that are known."""
    for address, operation in addresses(demo):
        answer = demo.get(address, onbekend="1")
        assert answer.status_code == 400, address
        (fault,) = answer.json()["parameters"]
        assert fault["parameter"] == "onbekend"
        known = fault["reden"].partition("Bekend: ")[2].rstrip(".").split(", ")
        assert sorted(known) == sorted(resolved(demo, operation)), address


def test_all_faults_of_a_request_are_told_at_once(demo):
    answer = demo.get("/v1/collections/buurten/items?limit=0&bbox=1,2&onbekend=1&crs=x&f=onzin&peiljaar=y&count=ja")
    assert {fault["parameter"] for fault in answer.json()["parameters"]} == {
        "limit", "bbox", "onbekend", "crs", "f", "peiljaar", "count",
    }  # fmt: skip


def test_every_property_of_a_feature_is_described(demo):
    for viewer in (None, REGISSEUR):
        schemas = demo.get("/v1/openapi.json", viewer).json()["components"]["schemas"]
        for path in paths(viewer or PUBLIEK):
            if not path.endswith("/items"):
                continue
            naam = "".join(part.capitalize() for part in path.split("/")[2].split("-"))
            described = set(schemas[f"{naam}Object"]["properties"]["properties"]["properties"])
            for feature in demo.features(path.split("/")[2], viewer, limit=1):
                assert set(feature["properties"]) == described, path


WRONG_REQUESTS = [
    ("GET", "/v1/bestaat-niet", {}, 404),
    ("GET", "/v1/collections/", {}, 404),
    ("GET", "/v1/conformance/", {}, 404),
    ("GET", "/v1/collections/buurten/items/", {}, 404),
    ("GET", "/v1/collections/bestaat-niet/items", {}, 404),
    ("GET", "/v1/collections/buurten/items/bestaat-niet", {}, 404),
    ("GET", "/v1/collections/buurten/items/bestaat-niet", {"If-None-Match": "*"}, 404),
    ("GET", "/v1/collections/bestaat-niet", {"If-None-Match": "*"}, 404),
    ("GET", "/v1/collections/buurten/items?limit=-1", {}, 400),
    ("GET", "/v1/collections/buurten/items?filter=%27", {}, 400),
    ("GET", "/v1/collections/%00/items", {}, 404),
    ("GET", "/v1/collections/%ff%fe/items/%ff", {}, 404),
    ("GET", "/v1/collections", {"Accept": "image/png"}, 406),
    ("GET", "/v1/collections/buurten/items", {"Accept": "image/png"}, 406),
    ("GET", "/v1/collections", {"Authorization": "Bearer onzin"}, 401),
    ("POST", "/v1/collections", {}, 405),
    ("DELETE", "/v1/collections/buurten/items", {}, 405),
    ("PATCH", "/v1/", {}, 405),
]


@pytest.mark.parametrize(("method", "path", "headers", "status"), WRONG_REQUESTS)
def test_every_error_is_a_problem_with_the_version_and_without_anything_of_the_inside(
    demo, method, path, headers, status
):
    answer = demo.client.request(method, path, headers=headers)
    assert answer.status_code == status
    assert answer.headers["content-type"] == PROBLEM
    assert answer.headers["API-Version"] == demo.get("/v1/openapi.json").json()["info"]["version"]
    is_problem.validate(answer.json())
    assert answer.json()["status"] == status
    assert not LEAKS.search(answer.text)
    assert "GET" in answer.headers["Allow"] if status == 405 else "Allow" not in answer.headers
    assert (answer.headers.get("WWW-Authenticate") == "Bearer") == (status == 401)


def test_the_landing_page_is_the_only_address_with_a_slash_at_the_end(demo):
    assert demo.get("/v1/").status_code == 200
    for address, _ in addresses(demo):
        if address != "/v1/":
            assert demo.client.get(f"{address}/").status_code == 404, address


def test_head_is_get_without_a_body(demo):
    for address, _ in addresses(demo):
        got, head = demo.client.get(address), demo.client.head(address)
        assert (head.status_code, head.content) == (got.status_code, b""), address
        assert head.headers["ETag"] == got.headers["ETag"], address
        assert head.headers["content-type"] == got.headers["content-type"], address
        assert head.headers["API-Version"] == "0.1.0"


def test_who_has_the_answer_gets_a_304_without_a_body(demo):
    for address, operation in addresses(demo):
        got = demo.client.get(address)
        again = demo.client.get(address, headers={"If-None-Match": got.headers["ETag"]})
        assert (got.status_code, again.status_code, again.content) == (200, 304, b""), address
        for naam in ("ETag", "API-Version", "Vary", "Cache-Control"):
            assert again.headers[naam] == got.headers[naam], (address, naam)
        for naam in operation["responses"]["200"]["headers"]:
            assert naam in got.headers or naam in ("access-control-allow-origin", "Link", "Content-Disposition"), naam


def test_the_version_in_the_header_is_that_of_the_description(demo):
    version = demo.get("/v1/openapi.json").json()["info"]["version"]
    assert re.fullmatch(r"\d+\.\d+\.\d+", version)
    for address, _ in addresses(demo):
        for method in ("GET", "HEAD", "OPTIONS"):
            assert demo.client.request(method, address).headers["API-Version"] == version


def test_any_website_may_read_it_but_never_with_a_cookie(demo):
    asked = {"Origin": "https://elders.example", "Access-Control-Request-Method": "GET"}
    for address, _ in addresses(demo):
        before = demo.client.options(address, headers=asked | {"Access-Control-Request-Headers": "authorization"})
        answer = demo.client.get(address, headers={"Origin": "https://elders.example"})
        for got in (before, answer):
            assert got.status_code == 200, address
            assert got.headers["Access-Control-Allow-Origin"] == "*"
            assert "Access-Control-Allow-Credentials" not in got.headers


def test_a_long_filter_does_not_make_headers_that_clients_cannot_read(demo):
    """Each link repeats the question: a polygon of 400 corners made 72 kB of them."""
    ring = [f"{6.88 + (n % 20) / 1000:.6f} {52.22 + n / 10000:.6f}" for n in range(400)]
    polygon = f"S_INTERSECTS(geometry, LINESTRING({', '.join(ring)}))"
    short = demo.get("/v1/collections/buurten/items", limit=1)
    long = demo.get("/v1/collections/buurten/items", limit=1, filter=polygon)
    assert (short.status_code, long.status_code) == (200, 200)
    assert {"next", "self", "collection", "alternate"} == {link["rel"] for link in short.links.values()}
    assert len(long.headers.get("Link", "")) < 8200


def test_json_comes_first(demo):
    for address, operation in addresses(demo):
        offered = list(operation["responses"]["200"]["content"])
        if any("json" in kind for kind in offered) and not address.endswith("/catalogus"):
            assert "json" in demo.client.get(address).headers["content-type"], address


def test_the_default_crs_and_the_dutch_ones(demo):
    """/geo/default-crs, /geo/preferred-crs, /geo/storage-crs, /geo/bbox-crs-query-parameter."""
    crs84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
    rd, etrs = (f"http://www.opengis.net/def/crs/EPSG/0/{code}" for code in (28992, 4258))
    listed = demo.get("/v1/collections").json()
    assert listed["crs"][0] == crs84
    assert {rd, etrs} <= set(listed["crs"])
    assert {collection["storageCrs"] for collection in listed["collections"]} == {rd}
    items = "/v1/collections/buurten/items"
    assert demo.get(items, limit=1).headers["Content-Crs"] == f"<{crs84}>"
    for system in (rd, etrs):
        assert demo.get(items, limit=1, crs=system).headers["Content-Crs"] == f"<{system}>"
    unknown = "http://www.opengis.net/def/crs/EPSG/0/9999"
    for question in ({"crs": unknown}, {"bbox": "1,2,3,4", "bbox-crs": unknown}):
        assert demo.get(items, **question).status_code == 400


def lint(folder: Path, *documents: dict[str, Any]) -> list[set[str]]:
    """The rules that Spectral finds broken in each description; most of its time goes into starting."""
    files = [folder / f"openapi-{number}.json" for number in range(len(documents))]
    for path, document in zip(files, documents, strict=True):
        path.write_text(json.dumps(document), encoding="utf-8")
    command = [str(SPECTRAL), "lint", "-r", str(RULESET), "-f", "json", "--quiet", *map(str, files)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, cwd=ROOT)
    assert done.returncode in (0, 1), done.stderr
    found = [(Path(result["source"]).name, result["code"]) for result in json.loads(done.stdout or "[]")]
    return [{code for name, code in found if name == path.name} for path in files]


def test_spectral_finds_nothing_in_our_description(tmp_path):
    document = build_document(REGISSEUR, ADDRESS)
    assert lint(tmp_path, document, as_oas30(document)) == [set(), set()]


def test_spectral_finds_every_planted_violation(tmp_path):
    """One violation per rule of ours; a rule without one in this list fails."""
    document = json.loads(json.dumps(build_document(REGISSEUR, ADDRESS)))
    document["openapi"] = "3.2.0"
    document["info"] |= {"version": "1.0", "contact": {"name": "Iemand"}}
    document["servers"] = [{"url": "http://buurtsignaal.nl/v1.2"}]
    document["paths"]["/Hoofd_Letters/"] = document["paths"].pop("/conformance")
    document["paths"]["/openapi.json"]["post"] = document["paths"]["/openapi.json"]["get"] | {"operationId": "anders"}
    document["paths"]["/"]["trace"] = {"operationId": "spoor", "responses": {}}
    begin = document["paths"]["/"]["get"]["responses"]
    begin["200"]["headers"].pop("API-Version")
    begin["406"] = {"description": "Fout", "headers": begin["200"]["headers"], "content": {"text/plain": {}}}
    begin["422"] = begin["406"]
    document["paths"]["/"]["get"]["parameters"].append(
        {"name": "slang_naam", "in": "query", "schema": {"type": "string", "format": "date-time-local"}}
    )
    document["components"]["schemas"]["Probleem"]["properties"].pop("title")
    document["components"]["schemas"]["slang_schema"] = {"type": "string"}
    document["components"]["schemas"]["Collectie"]["properties"].pop("storageCrs")
    items = document["paths"]["/collections/buurten/items"]["get"]
    items["parameters"] = [one for one in items["parameters"] if not one.get("$ref", "").endswith("/bbox-crs")]
    items["responses"]["200"]["headers"].pop("Content-Crs")
    ours = set(re.findall(r"^  ((?:adr|geo)-[a-z-]+):$", RULESET.read_text(encoding="utf-8"), re.MULTILINE))
    assert len(ours) > 15
    without = document | {"servers": [], "paths": {**document["paths"]}}
    without["paths"].pop("/openapi.json")
    assert ours - set().union(*lint(tmp_path, document, without)) == set()


def test_the_command_writes_the_same_without_a_database():
    command = [sys.executable, "-W", "error", "-m", "geo_service.api.openapi", "--rol", "publiek", "--versie", "3.0"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == as_oas30(build_document(PUBLIEK, ADDRESS))
