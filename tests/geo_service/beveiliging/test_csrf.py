"""The hidden field of a form: only good in the session it was made for."""

from __future__ import annotations

import re
from types import SimpleNamespace

import pytest
from fastapi.routing import APIRoute
from starlette.datastructures import FormData
from starlette.requests import Request

from geo_service.app import create_app
from geo_service.beveiliging.csrf import FIELD, csrf_field, require_csrf
from geo_service.errors import Forbidden
from geo_service.toegang.cookies import DEVELOPMENT, SESSION
from tests.geo_service.api.website import SECRET, token_of

SAFE = {"GET", "HEAD", "OPTIONS"}


def request_of(cookie: str = f"{SESSION}=sessie-van-anna", secret: bytes = SECRET, **headers: str) -> Request:
    told = {"host": "127.0.0.1", "cookie": cookie} | {name.replace("_", "-"): text for name, text in headers.items()}
    app = SimpleNamespace(state=SimpleNamespace(dienst=SimpleNamespace(secret=secret)))
    raw = [(name.encode(), text.encode()) for name, text in told.items()]
    return Request({"type": "http", "method": "POST", "scheme": "http", "path": "/", "headers": raw, "app": app})


def field_of(request: Request) -> FormData:
    return FormData({FIELD: csrf_field(request)})


def test_a_form_of_this_session_passes():
    require_csrf(request_of(), field_of(request_of()))
    require_csrf(request_of(origin="http://127.0.0.1", sec_fetch_site="same-origin"), field_of(request_of()))


def test_the_field_is_another_text_every_time():
    assert len({csrf_field(request_of()) for _ in range(50)}) == 50


@pytest.mark.parametrize(
    "form",
    [
        {},
        {FIELD: ""},
        {FIELD: "."},
        {FIELD: "a.b"},
        {FIELD: "é.é"},
        field_of(request_of(f"{SESSION}=sessie-van-bert")),
        field_of(request_of(f"{DEVELOPMENT}=sessie-van-anna2")),
        field_of(request_of(secret=b"een ander geheim, ook langer dan tweeendertig bytes")),
        {FIELD: csrf_field(request_of()) + "0"},
        {FIELD: "0" + csrf_field(request_of())},
    ],
)
def test_any_other_form_is_refused(form):
    with pytest.raises(Forbidden):
        require_csrf(request_of(), form)


def test_without_a_session_no_form_is_good():
    with pytest.raises(Forbidden):
        require_csrf(request_of(""), field_of(request_of("")))


@pytest.mark.parametrize("headers", [{"origin": "https://kwaad.example"}, {"sec_fetch_site": "cross-site"}])
def test_a_stolen_field_does_not_help_another_site(headers):
    with pytest.raises(Forbidden):
        require_csrf(request_of(**headers), field_of(request_of()))


def unsafe_routes() -> list[tuple[str, str]]:
    """Every address that takes something else than a question, as the application itself lists them."""
    found, todo = [], list(create_app("postgresql:///nergens", SECRET).routes)
    for route in todo:
        inner = getattr(getattr(route, "original_router", None), "routes", ())
        todo.extend(inner)
        if isinstance(route, APIRoute):
            found += [(method, route.path) for method in sorted(route.methods - SAFE)]
    return found


# Who has the mark of a mail may do what it was sent for, logged in or not (RFC 8058).
BY_MARK = frozenset({"/maandagpost/bevestigen", "/maandagpost/afmelden"})
# Written by programs with a token in the Authorization header.
BY_TOKEN = {
    "/v1/collections/interventies/items": {"POST"},
    "/v1/collections/interventies/items/{featureId:path}": {"PUT", "DELETE"},
}


def test_every_route_that_changes_something_is_known():
    found = unsafe_routes()
    assert ("POST", "/uitloggen") in found
    assert {method for method, path in found if path not in BY_TOKEN} == {"POST"}
    for path, methods in BY_TOKEN.items():
        assert {method for method, own in found if own == path} == methods
    assert {path for _, path in found} >= BY_MARK


@pytest.mark.parametrize(("method", "path"), [pair for pair in unsafe_routes() if pair[1] not in BY_TOKEN])
def test_no_route_changes_anything_without_the_field(demo, viewers, method, path):
    """Every route that is no question, also those that come later: whoever is logged in, without the field of that very
    session nothing happens."""
    address = re.sub(r"\{\w+(:path)?\}", "1", path)
    told = {"csrf": csrf_field(request_of()), "stadsdeel": "GM0153-SD-zuid", "reden": "een reden die lang genoeg is"}
    found = set()
    for viewer in viewers.values():
        headers = {"cookie": f"{DEVELOPMENT}={token_of(viewer)}"}
        for form in ({}, told):
            found.add(demo.client.request(method, address, headers=headers, data=form).status_code)
        foreign = demo.client.request(method, address, headers=headers | {"origin": "https://kwaad.example"}, data=told)
        assert foreign.status_code == 403
    if path in BY_MARK:
        assert found == {404}
        return
    # What is not for a role does not exist for it.
    assert 403 in found
    assert found <= {401, 403, 404}


@pytest.mark.parametrize(("path", "method"), [(path, one) for path, all_ in BY_TOKEN.items() for one in sorted(all_)])
def test_the_api_writes_nothing_for_a_cookie(demo, viewers, path, method):
    address = path.replace("{featureId:path}", "interventielogboek.1")
    found = set()
    for viewer in viewers.values():
        headers = {"cookie": f"{DEVELOPMENT}={token_of(viewer)}", "content-type": "application/geo+json"}
        found.add(demo.client.request(method, address, headers=headers, content=b"{}").status_code)
    assert found == {403, 404}
