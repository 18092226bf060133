"""The gate: names, methods, bodies, forms from elsewhere, and how many at once."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from geo_service.app import problem
from geo_service.beveiliging.poort import Gate
from geo_service.beveiliging.tijd import TimeLimit, allow_file_time
from geo_service.errors import BuurtsignaalError
from tests.geo_service.api.website import serve
from tests.geo_service.support import settings

Hold = Callable[[Request], object]


@pytest.fixture
def named(demo_url: str) -> Iterator:
    with settings(openbaar_adres="https://buurt.example", hosts='["Ander.example"]'), serve(demo_url) as website:
        yield website


OWN = ("buurt.example", "BUURT.example", "buurt.example:8443", "ander.example")
FOREIGN = ("kwaad.example", "buurt.example.kwaad.example", "127.0.0.1", "", "buurt.example@kwaad.example", "[::1]")


def test_only_known_names_are_answered(named):
    for host in OWN:
        assert named.client.get("/v1/", headers={"host": host}).status_code == 200, host
    for host in FOREIGN:
        for path in ("/", "/v1/", "/statisch/buurtsignaal.js"):
            answer = named.client.get(path, headers={"host": host})
            assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json")
            assert "kwaad" not in answer.text
    # Whoever watches over the service knows its address in the network only.
    assert named.client.get("/gezond", headers={"host": "10.0.0.7:8000"}).status_code == 200


@pytest.mark.parametrize("host", ['x"><script>', "a b", "a/b", "a\\b", "user@host", "-", "a..", "[kwaad]", "a:b", "é"])
def test_a_name_that_is_none_is_refused_everywhere(demo, host):
    answer = demo.client.get("/v1/", headers={"host": host.encode()})
    assert answer.status_code == 400
    assert len(host) < 3 or host not in answer.text


def test_a_forwarded_name_is_never_believed(demo):
    told = {"x-forwarded-host": "kwaad.example", "forwarded": "host=kwaad.example"}
    answer = demo.client.get("/v1/", headers=told)
    assert "kwaad" not in answer.text + str(answer.headers)


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "TRACE", "CONNECT", "PROPFIND", "LOCK"])
@pytest.mark.parametrize("path", ["/", "/v1/collections/buurten/items", "/bestaat-niet"])
def test_other_methods_are_refused_before_any_route(demo, method, path):
    answer = demo.client.request(method, path)
    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET, HEAD"


def test_a_form_to_a_page_that_takes_none_is_refused(demo):
    answer = demo.client.post("/kaart")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")


def test_a_large_body_is_refused_with_and_without_its_length(demo):
    large = b"x" * 65_537
    answer = demo.client.post("/v1/", content=large)
    assert (answer.status_code, answer.json()["title"]) == (413, "Het verzoek is te groot")
    assert taken(iter([large[:40_000], large[40_000:]])).status_code == 413
    assert taken(large[:-1]).text == "65536"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"origin": "http://test"}, 200),
        ({"origin": "http://test", "sec-fetch-site": "same-origin"}, 200),
        ({"origin": "https://test"}, 403),
        ({"origin": "http://test.kwaad.example"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": ""}, 403),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"sec-fetch-site": "none"}, 403),
    ],
)
def test_a_form_comes_from_our_own_page(headers, status):
    assert taken(b"", headers).status_code == status


def test_the_address_that_is_set_is_where_forms_come_from():
    with settings(openbaar_adres="https://buurt.example", hosts='["test"]'):
        assert taken(b"", {"origin": "https://buurt.example"}).status_code == 200
        assert taken(b"", {"origin": "http://test"}).status_code == 403


def test_who_comes_when_it_is_full_is_told_so_and_others_go_on():
    held, free = threading.Event(), asyncio.Event()

    async def slow(_: Request) -> Response:
        held.set()
        await free.wait()
        return PlainTextResponse("klaar")

    async def both() -> tuple[httpx.Response, httpx.Response, httpx.Response]:
        async with client_of(Gate(Starlette(routes=[Route("/", slow)]), problem)) as client:
            first = asyncio.create_task(client.get("/"))
            while not held.is_set() and not first.done():
                await asyncio.sleep(0)
            refused = await client.get("/")
            free.set()
            return await first, refused, await client.get("/")

    with settings(gelijktijdig=1):
        first, refused, after = asyncio.run(asyncio.wait_for(both(), 20))
    assert (first.status_code, refused.status_code, after.status_code) == (200, 503, 200)
    assert refused.headers["retry-after"] == "30"


@pytest.mark.parametrize(("file", "status"), [(False, 503), (True, 200)])
def test_a_request_ends_and_a_file_has_more_time(file, status):
    async def slow(request: Request) -> Response:
        if file:
            allow_file_time(request)
        await asyncio.sleep(1.3)
        return PlainTextResponse("klaar")

    async def get() -> httpx.Response:
        async with client_of(TimeLimit(Starlette(routes=[Route("/", slow)]), problem)) as client:
            return await client.get("/")

    with settings(verzoek_seconden=1):
        answer = asyncio.run(get())
    assert answer.status_code == status
    assert ("retry-after" in answer.headers) == (status == 503)


def test_an_answer_that_goes_on_for_ever_is_cut_off():
    async def endless(scope, receive, send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        while True:
            await send({"type": "http.response.body", "body": b"x", "more_body": True})
            await asyncio.sleep(0.01)

    async def get() -> None:
        limit = TimeLimit(endless, problem)
        limit._file_seconds = 0.05
        async with client_of(limit) as client:
            await client.get("/")

    with pytest.raises(TimeoutError):
        asyncio.run(get())


def test_an_answer_that_has_begun_may_take_the_time_of_a_file():
    async def long(scope, receive, send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await asyncio.sleep(1.3)
        await send({"type": "http.response.body", "body": b"klaar", "more_body": False})

    async def get() -> httpx.Response:
        async with client_of(TimeLimit(long, problem)) as client:
            return await client.get("/")

    with settings(verzoek_seconden=1):
        assert asyncio.run(get()).text == "klaar"


def test_an_error_of_time_of_our_own_is_no_late_answer():
    async def broken(_: Request) -> Response:
        raise TimeoutError("de database")

    async def get() -> None:
        async with client_of(TimeLimit(Starlette(routes=[Route("/", broken)]), problem)) as client:
            await client.get("/")

    with pytest.raises(TimeoutError, match="de database"):
        asyncio.run(get())


def taken(body, headers: dict[str, str] | None = None) -> httpx.Response:
    """What a form gets that passes the gate: how many bytes were read."""

    async def route(request: Request) -> Response:
        return PlainTextResponse(str(len(await request.body())))

    async def chunks():
        for part in body:
            yield part

    async def post() -> httpx.Response:
        app = Starlette(routes=[Route("/", route, methods=["POST"])], exception_handlers={BuurtsignaalError: on_error})
        async with client_of(Gate(app, problem)) as client:
            return await client.post("/", content=body if isinstance(body, bytes) else chunks(), headers=headers)

    return asyncio.run(post())


async def on_error(request: Request, error: Exception) -> Response:
    return problem(request, error)  # type: ignore[arg-type]


def client_of(app) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app, raise_app_exceptions=True)
    return httpx.AsyncClient(transport=transport, base_url="http://test")
