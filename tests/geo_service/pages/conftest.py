"""The pages of the running service in a real Chromium that can reach no other host."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.browser import Visitors, Watched, start_chromium
from tests.geo_service.api.conftest import assen, demo
from tests.geo_service.api.website import Website
from tests.geo_service.support import load

__all__ = ["assen", "demo"]


@pytest.fixture(scope="session")
def exports(demo_url: str, assen_url: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The map of each municipality as one file, written by the command line."""
    folder = tmp_path_factory.mktemp("kaarten")
    files = {}
    for name, url in (("demo", demo_url), ("assen", assen_url)):
        files[name] = folder / f"{name}.html"
        load("kaart", files[name], url=url)
    return files


# What needs an event loop comes before the browser.
@pytest.fixture(scope="module")
def visitors(demo: Website, assen: Website, exports: dict[str, Path]) -> Iterator[Visitors]:
    with start_chromium() as browser:
        yield Visitors(browser, reduced_motion="reduce")


@pytest.fixture
def visit(visitors: Visitors) -> Iterator[Callable[..., Watched]]:
    """``visit(size="telefoon")``: a new visitor, with everything that goes wrong written down."""
    yield visitors.welcome
    visitors.leave()
