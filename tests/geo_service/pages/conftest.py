"""The pages of the running service in a real Chromium that can reach no other host."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.geo_service.api.conftest import assen, demo
from tests.geo_service.api.website import Website
from tests.geo_service.support import load
from tests.maps.conftest import CHROMIUM, Watched, skip_aloud

__all__ = ["assen", "demo"]

SIZES = {"scherm": (1280, 900), "telefoon": (390, 844)}


@pytest.fixture(scope="session")
def exports(demo_url: str, assen_url: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The map of each municipality as one file, written by the command line."""
    folder = tmp_path_factory.mktemp("kaarten")
    files = {}
    for name, url in (("demo", demo_url), ("assen", assen_url)):
        files[name] = folder / f"{name}.html"
        load("kaart", files[name], url=url)
    return files


# Not for the whole session: while Playwright runs, no other test in this process can start an event loop. What needs
# one comes first for the same reason.
@pytest.fixture(scope="module")
def browser(demo: Website, assen: Website, exports: dict[str, Path]) -> Iterator[Browser]:
    if not CHROMIUM.exists():
        skip_aloud(f"Chromium ontbreekt: {CHROMIUM}")
    closed = "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1"
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=str(CHROMIUM), args=["--no-sandbox", "--disable-dev-shm-usage", closed]
        )
        yield started
        started.close()


@pytest.fixture
def visit(browser: Browser) -> Iterator[Callable[..., Watched]]:
    """``visit(size="telefoon")``: a new visitor without cookies, with everything that goes wrong written down."""
    contexts = []

    def make(size: str = "scherm") -> Watched:
        width, height = SIZES[size]
        context = browser.new_context(
            viewport={"width": width, "height": height}, locale="nl-NL", reduced_motion="reduce"
        )
        contexts.append(context)
        found = Watched(context.new_page(), [], [])
        found.page.on("console", lambda m: found.errors.append(m.text) if m.type in ("error", "warning") else None)
        found.page.on("pageerror", lambda error: found.errors.append(str(error)))
        found.page.on("request", lambda request: found.requests.append(request.url))
        return found

    yield make
    for context in contexts:
        context.close()
