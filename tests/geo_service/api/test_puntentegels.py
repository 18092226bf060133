"""Tiles of reports, which the service encodes itself, beside those that PostGIS makes of the same rows."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import mapbox_vector_tile
import pytest

from geo_service.db.engine import Database
from geo_service.db.queries.puntpakket import can_pack_tile
from geo_service.db.queries.tegels import read_bytes, tile_statement
from geo_service.domain.crs import transformer
from geo_service.domain.tegels import NETHERLANDS_RD, WEB_MERCATOR, Tegel
from geo_service.identity import ALL_STADSDELEN, Role, Viewer
from geo_service.release.collecties import COLLECTIES, Aanvraag, make_relation
from geo_service.release.context import connect_as, load_gemeente
from geo_service.release.geheugen import STAND_SECONDS
from geo_service.release.selectie import Cql2, Filters, Selectie, select_features
from tests.geo_service import dorp
from tests.geo_service.api.tegels import MANAGER, MVT, REGISSEUR, address, all_tiles, read, tile_at
from tests.geo_service.api.website import Website, serve
from tests.geo_service.pool import ask_database
from tests.geo_service.support import change, load

LONLAT_OF_THE_VILLAGE = transformer(28992, 4326).transform(*dorp.MIDDLE[dorp.ZW])
LEVELS = [(WEB_MERCATOR, 14), (WEB_MERCATOR, 17), (NETHERLANDS_RD, 10), (NETHERLANDS_RD, 13)]
QUESTIONS: list[dict[str, str]] = [
    {},
    {"properties": "categorie,dag"},
    {"properties": "tijd"},
    {"properties": "status,tijd_onzeker"},
    {"filter": "categorie LIKE 'afval%' AND dag >= DATE('2025-01-01')"},
]


def made_by_postgis(url: str, viewer: Viewer, tegel: Tegel, question: dict[str, str]) -> bytes:
    """The tile as ``ST_AsMVT`` encodes it."""

    async def answer(database: Database) -> bytes:
        async with connect_as(database, viewer) as connection:
            selectie = await make_selection(connection, viewer, question)
            assert can_pack_tile(selectie, tegel.stelsel)
            box = tegel.stored_box()
            assert box is not None
            return await read_bytes(connection, tile_statement(selectie, tegel, box))

    return ask_database(url, answer)


async def make_selection(connection: Any, viewer: Viewer, question: dict[str, str]) -> Selectie:
    gemeente = await load_gemeente(connection, viewer, None)
    relatie = await make_relation(COLLECTIES["meldingen"], Aanvraag(connection, viewer, gemeente))
    filters = Filters(cql2=Cql2(question["filter"]) if "filter" in question else None)
    velden = tuple(question["properties"].split(",")) if "properties" in question else None
    return select_features(relatie, filters, velden=velden)


def features(data: bytes) -> dict[int, dict[str, Any]]:
    layers = mapbox_vector_tile.decode(data, default_options={"y_coord_down": True})
    if not layers:
        return {}
    (layer,) = layers.values()
    found = {feature["id"]: feature for feature in layer["features"]}
    assert len(found) == len(layer["features"])
    assert (list(layers), layer["extent"], layer["version"]) == (["meldingen"], 4096, 2)
    return found


@pytest.mark.parametrize("question", QUESTIONS, ids=str)
@pytest.mark.parametrize("viewer", [MANAGER, REGISSEUR], ids=["manager", "regisseur"])
@pytest.mark.parametrize(("stelsel", "niveau"), LEVELS)
def test_a_tile_is_the_one_that_postgis_makes(demo, demo_url, stelsel, niveau, viewer, question):
    tegel = tile_at(stelsel, niveau)
    response = demo.get(address("meldingen", tegel), viewer, **question)
    assert response.status_code in (200, 204)
    expected = features(made_by_postgis(demo_url, viewer, tegel, question))
    assert features(response.content) == expected
    if viewer is MANAGER and niveau in (14, 10):
        assert len(expected) > (5 if "filter" in question else 100)
        assert response.headers["content-type"] == MVT


def test_all_tiles_of_a_level_are_those_of_postgis(demo, demo_url):
    """With what lies on their edges and in the ring around them."""
    together = 0
    for tegel in all_tiles(demo, "meldingen", WEB_MERCATOR, 14):
        expected = features(made_by_postgis(demo_url, MANAGER, tegel, {}))
        assert features(demo.get(address("meldingen", tegel), MANAGER).content) == expected
        together += len(expected)
    assert together > demo.items("meldingen", MANAGER, limit=1)["numberMatched"] > 5_000


def test_a_tile_that_comes_before_the_loops_are_there_waits_for_them(demo, monkeypatch):
    waited = []
    monkeypatch.setattr("geo_service.release.tegels.is_prepared", lambda: waited.append(1) or False)
    tegel = tile_at(WEB_MERCATOR, 18)
    early = demo.get(address("meldingen", tegel), MANAGER, properties="dag,tijd")
    assert waited
    monkeypatch.undo()
    assert features(early.content) == features(
        demo.get(address("meldingen", tegel), MANAGER, properties="tijd,dag").content
    )


# -- what is remembered between tiles -----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def village(server, worker, loaded, tmp_path_factory) -> Iterator[tuple[Website, str]]:
    url = server.clone(loaded("dorp"), f"{worker}_puntentegels")
    lines = [dorp.melding(f"m{n}", created_at="2025-03-10T12:00:00.250Z") for n in range(3)]
    file = dorp.write_csv(tmp_path_factory.mktemp("puntentegels") / "een.csv", lines)
    load("ingest", "meldingen", file, "--bron", "een", url=url)
    with serve(url) as website:
        yield website, url


def test_a_tile_after_a_load_has_what_was_loaded(village, tmp_path):
    website, url = village
    viewer = Viewer(Role.STADSDEELMANAGER, dorp.GEMEENTE, frozenset({ALL_STADSDELEN}))
    tegels = [tile_at(WEB_MERCATOR, niveau, LONLAT_OF_THE_VILLAGE) for niveau in (15, 16)]
    assert [len(read(website, "meldingen", tegel, viewer).features) for tegel in tegels] == [3, 3]
    assert {f["properties"]["tijd"] for f in read(website, "meldingen", tegels[0], viewer).features} == {
        "2025-03-10T12:00:00.25Z"
    }
    lines = [dorp.melding(f"n{n}", created_at="2025-03-11T12:00:00Z") for n in range(2)]
    load("ingest", "meldingen", dorp.write_csv(tmp_path / "twee.csv", lines), "--bron", "een", url=url)
    time.sleep(STAND_SECONDS + 0.1)
    assert [len(read(website, "meldingen", tegel, viewer).features) for tegel in tegels] == [5, 5]


def test_tiles_of_figures_follow_the_data(village):
    """The figures of a question are made once for all its tiles, until the data changes."""
    website, url = village
    tegels = [tile_at(WEB_MERCATOR, niveau, LONLAT_OF_THE_VILLAGE) for niveau in (9, 10)]

    def names() -> list[set[str]]:
        told = [read(website, "meldingen-per-gebied", tegel).features for tegel in tegels]
        return [{feature["properties"]["gebied_naam"] for feature in found} for found in told]

    before = names()
    change(url, "update publiek.gebied set naam = naam || ' (nieuw)'")
    time.sleep(STAND_SECONDS + 0.1)
    assert names() == [{f"{naam} (nieuw)" for naam in found} for found in before]
    assert len(before[0]) == len(before[1]) == 4


def test_a_plan_that_is_made_once_is_so_for_that_question_only(village):
    _, url = village

    async def ask(database: Database) -> list[str]:
        async with connect_as(database, MANAGER) as connection:
            answers = [
                await connection.fetch_tuples("show plan_cache_mode", {}, plan_once=once)
                for once in (True, False, True)
            ]
            return [mode for ((mode,),) in answers]

    assert ask_database(url, ask) == ["force_generic_plan", "force_custom_plan", "force_generic_plan"]
