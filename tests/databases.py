"""Databases for the tests of the service: a real PostGIS, a migrated empty database, and three loaded ones.

``url``           an empty migrated database of the test's own
``enschede_url``  areas 2021 with stadsdelen, politie 2023, CBS 2024            (read-only, shared)
``assen_url``     areas 2014, registered coverage, meldingen, CBS 2024          (read-only, shared)
``demo_url``      the demo municipality at a tenth of its size, with hotspots   (read-only, shared)
``dorp_url``      four square buurten without reports, of the test's own (see ``dorp.py``)
``copy_of``       ``copy_of("assen")`` is a copy of one of these that a test may write to

Everything is made through the command line, as a user would. ``support.py`` has ``run_cli`` (a process of its own) and
``call_cli`` (in this process), and small helpers to look into a database.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from geo_service.db.migrate import ensure_schema
from geo_service.jobs.demo import load_demo
from geo_service.jobs.verversen import refresh_hotspots
from tests.geo_service import dorp
from tests.geo_service.pool import close_pool
from tests.geo_service.server import Server
from tests.geo_service.support import SECRET, load, settings

DEMO_SCALE = 0.25
# Of the seeds the first in which every method finds something at this scale.
DEMO_SEED = 20260102
_numbers = itertools.count(1)

ASSEN_BRONNEN = """
[[bron]]
naam = "signalen-assen"
gemeente = "GM0106"
houder = "gemeente Assen"
definitie = "openbare meldingen openbare ruimte"
registratie_eenheid = "melding"

[[dekking]]
bron = "signalen-assen"
gebied = "GM0106"
van = 2026-05-18
tot = 2026-08-07
"""


@pytest.fixture(scope="session", autouse=True)
def service_settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No test uses the settings or the database of who runs it."""
    folder = tmp_path_factory.mktemp("buurtsignaal")
    with settings(map=folder, geheim=SECRET, database_url=None, rol_wachtwoord=None):
        yield


@pytest.fixture(scope="session")
def worker(request: pytest.FixtureRequest) -> str:
    """The name of this process among the workers of pytest-xdist; ``main`` without them."""
    return getattr(request.config, "workerinput", {}).get("workerid", "main")


@pytest.fixture(scope="session")
def server(service_settings: None, worker: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    base = tmp_path_factory.getbasetemp()
    made = Server(base if worker == "main" else base.parent)
    made.enter()
    yield made
    close_pool()
    made.leave()


@pytest.fixture(scope="session")
def migrated(server: Server) -> str:
    """Name of the template with the present schema and nothing in it."""
    return server.shared("leeg", ensure_schema)


@pytest.fixture
def new_database(server: Server, worker: str) -> Iterator[Callable[..., str]]:
    """``new_database()`` makes an empty database, ``new_database(name)`` a copy of a shared one; both give its URL."""
    made: list[str] = []

    def make(template: str | None = None) -> str:
        name = f"{worker}_{next(_numbers)}"
        made.append(name)
        return server.clone(template, name) if template else server.empty(name)

    yield make
    for name in made:
        server.drop(name)


@pytest.fixture
def url(new_database: Callable[..., str], migrated: str) -> str:
    return new_database(migrated)


@pytest.fixture(scope="session")
def loaded(
    server: Server, migrated: str, testdata: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], str]:
    """``loaded("assen")``: name of a shared database with that municipality."""

    def name_of(which: str) -> str:
        def build(url: str) -> None:
            # A website decides about older periods behind the requests; here they must be there.
            with settings(vrijgave_direct=3_400):
                BUILDERS[which](url, testdata, tmp_path_factory.mktemp(which))
                refresh_hotspots(url)

        return server.shared(which, build, migrated)

    return name_of


@pytest.fixture
def copy_of(new_database: Callable[..., str], loaded: Callable[[str], str]) -> Callable[[str], str]:
    """``copy_of("assen")``: the URL of a copy that the test may change."""
    return lambda which: new_database(loaded(which))


@pytest.fixture(scope="session")
def enschede_url(server: Server, worker: str, loaded: Callable[[str], str]) -> str:
    return server.clone(loaded("enschede"), f"{worker}_enschede", read_only=True)


@pytest.fixture(scope="session")
def assen_url(server: Server, worker: str, loaded: Callable[[str], str]) -> str:
    return server.clone(loaded("assen"), f"{worker}_assen", read_only=True)


@pytest.fixture(scope="session")
def demo_url(server: Server, worker: str, loaded: Callable[[str], str]) -> str:
    return server.clone(loaded("demo"), f"{worker}_demo", read_only=True)


@pytest.fixture
def dorp_url(copy_of: Callable[[str], str]) -> str:
    return copy_of("dorp")


def load_enschede_gebieden(url: str, testdata: Callable[[str], Path]) -> str:
    return load(
        "ingest", "gebieden", testdata("enschede/cbs_buurten_2021_enschede_28992.gpkg"), "--gemeente", "GM0153",
        "--jaar", 2021, "--stadsdelen", testdata("enschede/enschede_buurten_tabel.csv"), url=url,
    )  # fmt: skip


def load_cbs_2024(url: str, testdata: Callable[[str], Path], gemeente: str) -> str:
    cbs = testdata("cbs/85984NED_Population85984_2024.csv")
    return load("ingest", "kerncijfers", cbs, "--gemeente", gemeente, url=url)


def load_politie(url: str, testdata: Callable[[str], Path]) -> str:
    politie = testdata("politie/politie_47018NED_2023_enschede_buurt_totaal.csv")
    return load("ingest", "meldingen", politie, "--bron", "politie", "--formaat", "telling", url=url)


def load_assen_gebieden(url: str, testdata: Callable[[str], Path]) -> str:
    areas = testdata("assen/cbs_buurten_2014_assen_4326.geojson")
    return load("ingest", "gebieden", areas, "--gemeente", "GM0106", "--jaar", 2014, url=url)


def load_assen_meldingen(url: str, testdata: Callable[[str], Path]) -> str:
    meldingen = testdata("assen/assen_signalen_geography_vorm.geojson")
    return load("ingest", "meldingen", meldingen, "--bron", "signalen-assen", url=url)


def _build_enschede(url: str, testdata: Callable[[str], Path], folder: Path) -> None:
    load_enschede_gebieden(url, testdata)
    load_politie(url, testdata)
    load_cbs_2024(url, testdata, "GM0153")


def _build_assen(url: str, testdata: Callable[[str], Path], folder: Path) -> None:
    load_assen_gebieden(url, testdata)
    bronnen = folder / "bronnen.toml"
    bronnen.write_text(ASSEN_BRONNEN, encoding="utf-8")
    load("ingest", "bronnen", bronnen, url=url)
    load_assen_meldingen(url, testdata)
    load_cbs_2024(url, testdata, "GM0106")


def _build_demo(url: str, testdata: Callable[[str], Path], folder: Path) -> None:
    load_demo(url, say=lambda _: None, seed=DEMO_SEED, scale=DEMO_SCALE)


def _build_dorp(url: str, testdata: Callable[[str], Path], folder: Path) -> None:
    areas, stadsdelen = dorp.write_gebieden(folder / "dorp.geojson"), dorp.write_stadsdelen(folder / "stadsdelen.csv")
    load("ingest", "gebieden", areas, "--jaar", 2021, "--stadsdelen", stadsdelen, url=url)


BUILDERS = {"dorp": _build_dorp, "enschede": _build_enschede, "assen": _build_assen, "demo": _build_demo}
