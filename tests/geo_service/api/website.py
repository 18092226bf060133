"""The real service on a real port, and who looks at it."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from geo_service.app import create_app
from geo_service.identity import ALL_STADSDELEN, Role, Viewer
from geo_service.protocol import PlainSpoken
from geo_service.toegang.ontwikkel import issue_development_token
from tests.geo_service.support import rows, settings

SECRET = b"geheim van de tests, langer dan de vierenzestig bytes die HS512 vraagt"
CHOOSING = frozenset({Role.WIJKREGISSEUR, Role.STADSDEELMANAGER})


def token_of(viewer: Viewer) -> str:
    return issue_development_token(viewer, SECRET)


def viewers_of(gemeente: str, stadsdeel: str) -> dict[str, Viewer]:
    """One viewer per role: the regisseur has one stadsdeel, the manager has all of them."""
    scopes = {Role.WIJKREGISSEUR: stadsdeel, Role.STADSDEELMANAGER: ALL_STADSDELEN}
    return {
        role.value: Viewer(role, gemeente, frozenset({scopes[role]})) if role in CHOOSING else Viewer(role)
        for role in Role
    }


def busiest_hotspots(url: str) -> dict[str, str]:
    """The question (bron, periode) with most public hotspots."""
    query = "select bron, periode from publiek.hotspot group by 1, 2 order by count(*) desc, 1, 2 limit 1"
    ((bron, periode),) = rows(url, query)
    return {"bron": bron, "periode": periode}


def items_of(collection: str) -> str:
    return f"/v1/collections/{collection}/items"


def bearer(viewer: Viewer | None) -> dict[str, str]:
    return {} if viewer is None else {"Authorization": f"Bearer {token_of(viewer)}"}


def links_of(document: dict[str, Any]) -> dict[str, str]:
    """Address by relation; of several with one relation the first."""
    return {link["rel"]: link["href"] for link in reversed(document["links"])}


def query_of(address: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(address).query))


def named(response: httpx.Response) -> list[str]:
    """The parameters that a refusal names, after checking the refusal itself."""
    assert response.status_code == 400, response.text
    assert response.headers["content-type"] == "application/problem+json"
    assert response.headers["cache-control"] == "no-store"
    problem = response.json()
    assert problem["status"] == 400
    assert problem["type"].startswith("https://")
    assert problem["title"] == "De vraag klopt niet"
    assert problem["instance"] == response.request.url.path
    for fault in problem["parameters"]:
        assert fault["parameter"] in problem["detail"]
        assert fault["reden"].endswith(".")
    return [fault["parameter"] for fault in problem["parameters"]]


@dataclass
class Website:
    """A running service. get() asks as a viewer; without one as the public, without any token.

    asked: every question that reached it, as path and query.
    """

    address: str
    client: httpx.Client = field(repr=False)
    asked: list[str] = field(default_factory=list, repr=False)

    def get(
        self, path: str, viewer: Viewer | None = None, headers: dict[str, str] | None = None, **params: Any
    ) -> httpx.Response:
        return self.client.get(path, params=params or None, headers=bearer(viewer) | (headers or {}))

    def pages(self, collection: str, viewer: Viewer | None = None, **params: Any) -> Iterator[dict[str, Any]]:
        """The pages of a collection, following next."""
        page = self.items(collection, viewer, **params)
        yield page
        while following := links_of(page).get("next"):
            response = self.get(following, viewer)
            assert response.status_code == 200, response.text
            page = response.json()
            yield page

    def items(self, collection: str, viewer: Viewer | None = None, **params: Any) -> dict[str, Any]:
        """The page of features; the answer must be a good one."""
        response = self.get(f"/v1/collections/{collection}/items", viewer, **params)
        assert response.status_code == 200, response.text
        return response.json()

    def features(self, collection: str, viewer: Viewer | None = None, **params: Any) -> list[dict[str, Any]]:
        return self.items(collection, viewer, **params)["features"]


class Watched:
    """Notes every question before the service gets it."""

    def __init__(self, app: ASGIApp, asked: list[str]):
        self._app, self._asked = app, asked

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            query = scope["query_string"].decode("latin-1")
            self._asked.append(f"{scope['path']}?{query}" if query else scope["path"])
        await self._app(scope, receive, send)


@contextmanager
def serve(url: str, *, per_minute: int = 1_000_000, **options: Any) -> Iterator[Website]:
    """Start the service on a free port of this machine, in a thread of its own.

    per_minute: requests that one address or token may make; one address asks everything here.
    """
    asked: list[str] = []
    with settings(verzoeken_per_minuut=per_minute):
        app = create_app(url, SECRET, **options)
    config = uvicorn.Config(
        Watched(app, asked), host="127.0.0.1", port=0, http=PlainSpoken, log_level="critical", access_log=False
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + 20
    while not server.started:
        assert thread.is_alive(), "de website is niet gestart"
        assert time.monotonic() < deadline, "de website start te langzaam"
        time.sleep(0.01)
    address = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    try:
        with httpx.Client(base_url=address, timeout=30) as client:
            yield Website(address, client, asked)
    finally:
        server.should_exit = True
        thread.join(20)
        assert not thread.is_alive()
