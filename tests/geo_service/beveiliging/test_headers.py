"""The headers of every answer, and that a browser lives well with them."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from geo_service.app import problem
from geo_service.beveiliging.headers import FIXED, NOTHING, ON_PAGES, SecureHeaders
from geo_service.identity import Role
from tests.browser import Visitors, Watched, start_chromium
from tests.geo_service.api.website import serve
from tests.geo_service.support import settings

PAGES = (
    "/",
    "/kaart",
    "/uitleg",
    "/toegankelijkheid",
    "/v1/?f=html",
    "/v1/conformance?f=html",
    "/v1/collections?f=html",
    "/v1/collections/buurten?f=html",
    "/v1/collections/buurten/items?f=html&limit=5",
    "/v1/collections/buurten/items/BU01530000?f=html",
    "/v1/collections/hotspots/items?f=html",
    "/v1/catalogus?f=html",
    "/v1/openapi.html",
)
OTHERS = (
    "/v1/",
    "/v1/openapi.json",
    "/v1/collections/buurten/items?limit=1",
    "/v1/collections/buurten/items?f=csv",
    "/v1/collections/buurten/tiles/WebMercatorQuad/10/336/531",
    "/gezond",
    "/statisch/buurtsignaal.js",
    "/statisch/beeld/merk.svg",
    "/bestaat-niet",
    "/v1/collections/buurten/items?limit=nul",
    "/.well-known/security.txt",
)


@pytest.fixture
def https(demo_url: str) -> Iterator:
    with settings(openbaar_adres="https://buurt.example", hosts='["intern.example"]'), serve(demo_url) as website:
        yield website


@pytest.mark.parametrize("path", OTHERS)
def test_what_is_no_page_may_do_nothing(demo, path):
    headers = demo.client.get(path).headers
    assert headers["content-security-policy"] == NOTHING
    assert {name: headers[name] for name in FIXED} == FIXED
    assert "strict-transport-security" not in headers
    assert "cache-control" in headers


@pytest.mark.parametrize("path", PAGES)
def test_a_page_runs_only_scripts_with_its_own_nonce(demo, path):
    first, second = demo.client.get(path), demo.client.get(path)
    policy = first.headers["content-security-policy"]
    nonce = re.search(r"script-src 'nonce-([\w-]{22})'", policy)
    assert nonce
    assert nonce[1] not in second.headers["content-security-policy"]
    assert "unsafe" not in policy
    assert "*" not in policy
    assert {name: first.headers[name] for name in FIXED | ON_PAGES} == FIXED | ON_PAGES
    assert re.findall(r"<script(?![^>]* nonce=)", first.text) == []
    assert re.findall(r"<[^>]+ (?:on[a-z]+|style)=", first.text) == []


@pytest.mark.parametrize("role", [role.value for role in Role if role is not Role.PUBLIEK])
def test_what_is_for_one_viewer_is_kept_by_nobody_else(demo, viewers, role):
    for path in (*PAGES, *OTHERS):
        if path.startswith("/statisch"):
            continue
        cache = demo.get(path, viewers[role]).headers["cache-control"]
        assert cache in ("no-store", "private, no-cache"), path


def test_no_power_of_the_browser_is_left_on(demo):
    policy = demo.client.get("/").headers["permissions-policy"]
    assert len(re.findall(r"[a-z-]+=\(\)(?:, |$)", policy)) == policy.count("=") > 30


def test_https_is_for_good_where_the_service_is_reached_over_https(https):
    answer = https.client.get("/", headers={"host": "buurt.example"})
    assert answer.headers["strict-transport-security"] == "max-age=31536000"
    assert "upgrade-insecure-requests" in answer.headers["content-security-policy"]
    with settings(openbaar_adres="https://buurt.example", hsts_seconden=0):
        assert "strict-transport-security" not in ask(Response()).headers
    with settings(openbaar_adres="http://buurt.example"):
        assert "strict-transport-security" not in ask(Response()).headers


def test_logging_out_may_go_on_to_the_provider_and_nowhere_else(demo):
    assert "form-action 'self';" in demo.client.get("/").headers["content-security-policy"]
    with settings(oidc_uitgever="https://aanmelden.example/realms/x"):
        policy = ask(Response(media_type="text/html")).headers["content-security-policy"]
    assert "form-action 'self' https://aanmelden.example;" in policy


@pytest.mark.parametrize("where", ["name", "value"])
@pytest.mark.parametrize("sign", ["\r\n", "\n", "\r", "\0"])
def test_a_header_cannot_be_split(where, sign):
    text = f"a{sign}Set-Cookie: kwaad=1"
    response = Response()
    response.raw_headers.append((text.encode(), b"x") if where == "name" else (b"Location", text.encode()))
    answer = ask(response)
    assert answer.status_code == 400
    assert answer.headers["content-security-policy"] == NOTHING
    assert "kwaad" not in str(answer.headers) + answer.text


@pytest.mark.parametrize(
    "path",
    [
        "/kaart%0d%0aSet-Cookie:%20kwaad=1/",
        "/kaart/?niveau=wijk%0d%0aSet-Cookie:%20kwaad=1",
        "/v1/collections/buurten/items?naam=x%0d%0aSet-Cookie:%20kwaad=1",
        "/v1/collections/buurten/items?limit=1&x%0d%0aSet-Cookie:kwaad=1",
        "/v1/collections/buurten%0d%0aSet-Cookie:%20kwaad=1/items",
        "/v1/collections/buurten/items?f=csv%0d%0aSet-Cookie:%20kwaad=1",
    ],
)
def test_no_parameter_becomes_a_header(demo, path):
    answer = demo.client.get(path)
    assert "set-cookie" not in answer.headers
    assert answer.status_code < 500
    assert [value for value in answer.headers.values() if "\r" in value or "\n" in value] == []


# What needs an event loop comes before the browser.
@pytest.fixture(scope="module")
def visitors(demo) -> Iterator[Visitors]:
    with start_chromium() as browser:
        yield Visitors(browser)


@pytest.mark.browser
@pytest.mark.parametrize("path", PAGES)
def test_a_browser_finds_nothing_wrong_with_the_policy(demo, visitors, path):
    found = visitors.welcome()
    found.page.goto(demo.address + path, wait_until="networkidle")
    visitors.leave()
    assert found.errors == []
    assert [url for url in found.requests if not url.startswith(demo.address)] == []


@pytest.mark.browser
def test_a_browser_runs_no_script_of_somebody_else(demo, visitors):
    found = visitors.welcome()
    found.page.goto(f"{demo.address}/uitleg")
    found.page.evaluate(PLANT)
    visitors.leave()
    assert found.page.evaluate("window.kwaad") is None
    assert sum("Content Security Policy" in error for error in found.errors) == 3


@pytest.mark.browser
def test_the_map_works_under_the_policy(demo, visitors):
    found: Watched = visitors.welcome()
    found.page.goto(f"{demo.address}/kaart", wait_until="networkidle")
    assert found.page.locator("path.leaflet-interactive").count() > 20
    visitors.leave()
    assert found.errors == []


PLANT = """() => {
    const script = document.createElement('script');
    script.textContent = 'window.kwaad = 1';
    document.body.append(script);
    document.body.insertAdjacentHTML('beforeend', '<img src=x onerror="window.kwaad = 1">');
    document.querySelector('img[onerror]').dispatchEvent(new Event('error'));
    document.body.insertAdjacentHTML('beforeend', '<p style="color: red">rood</p>');
}"""


def ask(response: Response) -> httpx.Response:
    """What a visitor gets of a route that answers with this."""

    async def route(_: Request) -> Response:
        return response

    async def get() -> httpx.Response:
        app = SecureHeaders(Starlette(routes=[Route("/", route)]), problem)
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
            return await client.get("/")

    return asyncio.run(get())
