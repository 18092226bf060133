"""Shared test settings: where the real files are, and what their absence means."""

from __future__ import annotations

import functools
import gc
import os
from collections.abc import Iterator
from pathlib import Path

import httpx._transports.default as httpx_transport
import pytest

pytest_plugins = ["tests.databases"]

ROOT = Path(__file__).resolve().parent.parent
TESTDATA = Path(os.environ.get("BUURTSIGNAAL_TESTDATA", ROOT.parent / "shared" / "data"))

# What takes long, longest first: workers that take a file each whenever they are free then end together. The first
# three wait for no database that another builds; what is not here follows, and the small files of pure code come last.
LONG = (
    "test_demo_truth.py",
    "test_kaart.py",
    "test_crash.py",
    "test_verhalen.py",
    "test_demo_website.py",
    "test_differencing.py",
    "test_wijkbrief.py",
    "test_kaartthemas.py",
    "test_cube.py",
    "test_migrations.py",
    "test_schemathesis.py",
    "test_html.py",
    "test_browser.py",
    "test_hotspots_browser.py",
    "test_points.py",
    "test_stroom.py",
    "test_disclosure_attack.py",
    "test_clients.py",
    "test_cluster.py",
)
LAST = ("analysis", "ingest", "domain", "maps", "data", "bench")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    def rank(item: pytest.Item) -> tuple[int, bool]:
        name = item.path.name
        return (LONG.index(name) if name in LONG else len(LONG), item.path.parent.name in LAST)

    items.sort(key=rank)


def pytest_collection_finish() -> None:
    """Modules stay until the end: the collector need not go through all of them again and again."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def certificates() -> Iterator[None]:
    """Every client of httpx reads the certificates of the world anew; here once is enough."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(httpx_transport, "create_ssl_context", functools.cache(httpx_transport.create_ssl_context))
        yield


@pytest.fixture(scope="session")
def testdata():
    """Path of a real file by its name below the test data folder; absent: skipped, in CI a failure."""

    def path(name: str) -> Path:
        found = TESTDATA / name
        if not found.exists():
            message = f"echt testbestand ontbreekt: {name} (BUURTSIGNAAL_TESTDATA={TESTDATA})"
            if os.environ.get("CI") == "true":
                pytest.fail(message)
            pytest.skip(message)
        return found

    return path
