"""The service on the demo, on Assen, and on the village of four buurten with a point whose coordinates are official."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from geo_service.identity import ALL_STADSDELEN, Role, Viewer
from tests.geo_service.api.website import Website, serve, viewers_of
from tests.geo_service.dorp import BOTTOM, GEMEENTE, LEFT
from tests.geo_service.server import Server
from tests.geo_service.support import change, load

# The official test point of the Dutch grid, in metres and in degrees.
RD_POINT = (155_000.0, 463_000.0)
LONLAT_POINT = (5.387203657, 52.155172897)


@pytest.fixture(scope="session")
def demo(demo_url: str) -> Iterator[Website]:
    with serve(demo_url) as website:
        yield website


@pytest.fixture(scope="session")
def assen(assen_url: str) -> Iterator[Website]:
    with serve(assen_url) as website:
        yield website


@pytest.fixture(scope="session")
def viewers() -> dict[str, Viewer]:
    """One viewer per role on the demo; the regisseur has stadsdeel noord, the manager all of them."""
    return viewers_of("GM0153", "GM0153-SD-noord")


@pytest.fixture(scope="session")
def meetpunt(server: Server, worker: str, loaded) -> Iterator[Website]:
    """The village with one wijkwijzer, at the official test point."""
    url = server.clone(loaded("dorp"), f"{worker}_meetpunt")
    change(url, "insert into publiek.bron (gemeente_code, naam) values (%s, 'punt')", GEMEENTE)
    change(
        url,
        "insert into publiek.wijkwijzer (gemeente_code, bron, sleutel, naam, inhoud_hash, geom) "
        "values (%s, 'punt', '1', 'Meetpunt', 0, st_setsrid(st_makepoint(%s, %s), 28992))",
        GEMEENTE, *RD_POINT,
    )  # fmt: skip
    with serve(url) as website:
        yield website


GROOT = 100_000


@pytest.fixture(scope="session")
def groot_url(server: Server, worker: str, loaded, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The village with a hundred thousand reports, spread evenly over its four buurten and 2025 (read-only, shared)."""

    def build(url: str) -> None:
        load("ingest", "meldingen", write_groot(tmp_path_factory.mktemp("groot")), "--bron", "lijst", url=url)

    return server.clone(server.shared("groot", build, loaded("dorp")), f"{worker}_groot", read_only=True)


def write_groot(folder: Path) -> Path:
    numbers = np.arange(GROOT)
    moments = np.datetime64("2025-01-01T00:00:00") + numbers.astype("timedelta64[s]") * 300
    frame = pd.DataFrame(
        {
            "id": numbers,
            "created_at": np.char.add(moments.astype(str), "Z"),
            "x": LEFT + numbers * 17 % 1999 + 0.5,
            "y": BOTTOM + numbers * 31 % 1997 + 0.5,
            "category": np.where(numbers % 10, "afval-dumping", "afval-containers"),
            "status": np.where(numbers % 4, "gemeld", "afgehandeld"),
        }
    )
    path = folder / "groot.csv"
    frame.to_csv(path, index=False)
    return path


@pytest.fixture(scope="session")
def groot(groot_url: str) -> Iterator[Website]:
    with serve(groot_url) as website:
        yield website


@pytest.fixture(scope="session")
def groot_viewer() -> Viewer:
    return Viewer(Role.STADSDEELMANAGER, GEMEENTE, frozenset({ALL_STADSDELEN}))
