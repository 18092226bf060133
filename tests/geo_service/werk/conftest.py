"""The village with a few reports, its website, and people who log in there."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from geo_service.identity import Viewer
from tests.geo_service import dorp
from tests.geo_service.api.website import Website, serve, token_of
from tests.geo_service.support import load


class Person:
    """Somebody who logged in: their browser without scripts."""

    def __init__(self, address: str, viewer: Viewer):
        self.client = httpx.Client(base_url=address, timeout=30, headers={"accept": "text/html"})
        assert self.client.get("/ontwikkel/inloggen", params={"token": token_of(viewer)}).status_code == 303

    def see(self, path: str) -> str:
        return self.client.get(path).text

    def send(self, path: str, form_at: str, **fields: str) -> httpx.Response:
        """Fill in the form of a page."""
        found = re.search(r'name="csrf" value="([^"]+)"', self.see(form_at))
        return self.client.post(path, data={"csrf": found[1] if found else "", **fields})


@pytest.fixture
def werk_url(dorp_url: str, tmp_path: Path) -> str:
    """Twelve reports in each buurt."""
    reports = [dorp.melding(number, buurt=list(dorp.MIDDLE)[number % 4]) for number in range(48)]
    load("ingest", "meldingen", dorp.write_csv(tmp_path / "lijst.csv", reports), "--bron", "lijst", url=dorp_url)
    return dorp_url


@pytest.fixture
def website(werk_url: str) -> Iterator[Website]:
    with serve(werk_url) as running:
        yield running


@pytest.fixture
def person(website: Website) -> Iterator[Callable[[Viewer], Person]]:
    """``person(viewer)``: somebody at work."""
    present: list[Person] = []

    def come(viewer: Viewer) -> Person:
        present.append(Person(website.address, viewer))
        return present[-1]

    yield come
    for one in present:
        one.client.close()
