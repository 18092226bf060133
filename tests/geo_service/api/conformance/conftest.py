"""What every class asks for: all collections of the demo, with a question that has an answer."""

from __future__ import annotations

import pytest

from tests.geo_service.api.website import Website, busiest_hotspots


@pytest.fixture(scope="session")
def collections(demo: Website) -> dict[str, dict]:
    """Every collection document of the public, by id."""
    return {found["id"]: found for found in demo.get("/v1/collections").json()["collections"]}


@pytest.fixture(scope="session")
def questions(collections, demo_url) -> dict[str, dict[str, str]]:
    """Per collection a question that has an answer; hotspots are rare in a small demo."""
    return {name: busiest_hotspots(demo_url) if name == "hotspots" else {} for name in collections}
