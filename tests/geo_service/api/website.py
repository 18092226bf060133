"""The real service on a real port, and who looks at it."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import uvicorn

from geo_service.app import create_app
from geo_service.identity import ALL_STADSDELEN, Role, Viewer, issue_development_token
from tests.geo_service.support import rows

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


@dataclass
class Website:
    """A running service. get() asks as a viewer; without one as the public, without any token."""

    address: str
    client: httpx.Client = field(repr=False)

    def get(self, path: str, viewer: Viewer | None = None, **params: Any) -> httpx.Response:
        headers = {} if viewer is None else {"Authorization": f"Bearer {token_of(viewer)}"}
        return self.client.get(path, params=params or None, headers=headers)

    def items(self, collection: str, viewer: Viewer | None = None, **params: Any) -> dict[str, Any]:
        """The page of features; the answer must be a good one."""
        response = self.get(f"/v1/collections/{collection}/items", viewer, **params)
        assert response.status_code == 200, response.text
        return response.json()

    def features(self, collection: str, viewer: Viewer | None = None, **params: Any) -> list[dict[str, Any]]:
        return self.items(collection, viewer, **params)["features"]


@contextmanager
def serve(url: str, **options: Any) -> Iterator[Website]:
    """Start the service on a free port of this machine, in a thread of its own."""
    app = create_app(url, SECRET, **options)
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="critical", access_log=False))
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
            yield Website(address, client)
    finally:
        server.should_exit = True
        thread.join(20)
        assert not thread.is_alive()
