"""The service on the demo, on Assen and on the invented village."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.geo_service.api.website import Website, serve


@pytest.fixture(scope="session")
def demo(demo_url: str) -> Iterator[Website]:
    with serve(demo_url) as website:
        yield website


@pytest.fixture(scope="session")
def assen(assen_url: str) -> Iterator[Website]:
    with serve(assen_url) as website:
        yield website
