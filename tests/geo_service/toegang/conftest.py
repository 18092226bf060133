"""A running site whose visitors log in at a real provider."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import httpx
import pytest

from tests.geo_service.api.website import Website, serve
from tests.geo_service.server import Server
from tests.geo_service.support import settings
from tests.geo_service.toegang.aanbieder import API, CLIENT, CLIENT_SECRET, FIRST_KEYS, Aanbieder, start_aanbieder


@pytest.fixture(scope="session")
def running_aanbieder(service_settings: None) -> Iterator[Aanbieder]:
    with start_aanbieder() as made:
        yield made


@pytest.fixture
def aanbieder(running_aanbieder: Aanbieder) -> Iterator[Aanbieder]:
    """The provider with its first keys; what a test changes is put back."""
    yield running_aanbieder
    running_aanbieder.break_down(False)
    running_aanbieder.publish(*FIRST_KEYS)


@pytest.fixture(scope="session")
def toegang_url(server: Server, worker: str, loaded: Callable[[str], str]) -> str:
    """The demo, in a copy in which sessions and keys can be written."""
    return server.clone(loaded("demo"), f"{worker}_toegang")


@pytest.fixture(scope="module")
def site(running_aanbieder: Aanbieder, toegang_url: str) -> Iterator[Website]:
    """The service with the provider; keys are asked for again after a second."""
    with (
        settings(
            oidc_uitgever=running_aanbieder.issuer, oidc_client_id=CLIENT, oidc_client_geheim=CLIENT_SECRET,
            oidc_publiek=API, oidc_sleutels_rust=1, mislukt_per_minuut=1_000_000,
        ),
        serve(toegang_url) as website,
    ):  # fmt: skip
        yield website


@pytest.fixture
def person(site: Website) -> Iterator[httpx.Client]:
    """A browser without a past."""
    with httpx.Client(base_url=site.address, timeout=20, headers={"accept": "text/html"}) as client:
        yield client
