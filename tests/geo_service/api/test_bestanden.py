"""Whole collections as files over HTTP: the same features as the pages hold, and nothing left behind."""

from __future__ import annotations

import asyncio
import io
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor

import geopandas as gpd
import httpx
import pandas as pd
import pyarrow.parquet as pq
import pyogrio
import pyproj
import pytest

from geo_service.api import bestand
from geo_service.app import create_app
from geo_service.db.engine import ReadConnection
from geo_service.formats import FORMATEN
from tests.geo_service.api.lezers import READERS, of_json, same
from tests.geo_service.api.website import SECRET, bearer, items_of, named
from tests.geo_service.support import value

FORMATS = list(READERS)
WITH_FIELDS = {"csv": "text/csv; charset=utf-8", "parquet": "application/vnd.apache.parquet"}
HERKOMST = frozenset({"herkomst"})
#  collection, question
QUESTIONS = [
    ("buurten", {}),
    ("voorzieningen", {"bbox": "6.85,52.2,6.95,52.25", "bereik": "buurt"}),
    ("voorzieningen", {"filter": "capaciteit IS NOT NULL OR geldig_tot > DATE('2020-01-01')"}),
    ("meldingen-per-gebied", {"niveau": "wijk", "periode": "2025"}),
    ("woningvoorraad", {"properties": "gebied_code,woningvoorraad,status", "limit": "12"}),
]


@pytest.mark.parametrize(("collection", "question"), QUESTIONS)
@pytest.mark.parametrize("naam", FORMATS)
def test_a_file_holds_what_the_pages_hold(demo, naam, collection, question):
    answer = demo.get(items_of(collection), f=naam, **question)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == FORMATEN[naam].mediatype
    assert answer.headers["content-disposition"] == f'attachment; filename="{collection}.{FORMATEN[naam].extensie}"'
    expected = of_json(demo.features(collection, **question))
    assert expected
    extra = frozenset() if "herkomst" in next(iter(expected.values()))[0] else HERKOMST
    same(READERS[naam](answer.content), expected, extra=extra)


@pytest.mark.parametrize("naam", FORMATS)
@pytest.mark.parametrize("role", ["wijkregisseur", "stadsdeelmanager"])
def test_a_file_of_reports_holds_the_viewers_own(demo, viewers, naam, role):
    question = {"datetime": "2025-05-01/2025-05-31", "sortby": "-tijd"}
    expected = of_json(demo.features("meldingen", viewers[role], limit=10_000, **question))
    assert len(expected) > 20
    answer = demo.get(items_of("meldingen"), viewers[role], f=naam, **question)
    same(READERS[naam](answer.content), expected, extra=HERKOMST)
    assert demo.get(items_of("meldingen"), f=naam).status_code == 404


@pytest.mark.parametrize("naam", ["csv", "geojsonseq"])
def test_a_file_keeps_the_asked_order(demo, naam):
    asked = demo.get(items_of("buurten"), f=naam, sortby="-oppervlakte_ha").content
    assert list(READERS[naam](asked)) == [f["id"] for f in demo.features("buurten", sortby="-oppervlakte_ha")]


@pytest.mark.parametrize("naam", ["gpkg", "fgb", "parquet"])
@pytest.mark.parametrize("system", ["EPSG:28992", "EPSG:3857", "CRS84"])
def test_geopandas_knows_the_system_of_a_file(demo, naam, system, tmp_path):
    """In a file x comes first, whatever the system; geopandas moves it to where the pages say it is."""
    answer = demo.get(items_of("wijkwijzers"), f=naam, crs=system)
    path = tmp_path / f"x.{FORMATEN[naam].extensie}"
    path.write_bytes(answer.content)
    frame = gpd.read_parquet(path) if naam == "parquet" else gpd.read_file(path)
    wanted = pyproj.CRS.from_user_input("OGC:CRS84" if system == "CRS84" else system)
    assert frame.crs.equals(wanted, ignore_axis_order=True)
    there = frame.to_crs("OGC:CRS84").set_index("id").geometry
    for feature in demo.features("wijkwijzers"):
        lon, lat = feature["geometry"]["coordinates"]
        assert (there[feature["id"]].x, there[feature["id"]].y) == pytest.approx((lon, lat), abs=1e-6)


def test_csv_has_both_pairs_of_coordinates(demo):
    frame = pd.read_csv(io.BytesIO(demo.get(items_of("wijkwijzers"), f="csv").content)).set_index("id")
    metres = {f["id"]: f["geometry"]["coordinates"] for f in demo.features("wijkwijzers", crs="EPSG:28992")}
    degrees = {f["id"]: f["geometry"]["coordinates"] for f in demo.features("wijkwijzers")}
    for key, row in frame.iterrows():
        assert (row["rd_x"], row["rd_y"]) == pytest.approx(metres[key], abs=0.02)
        assert (row["lon"], row["lat"]) == pytest.approx(degrees[key], abs=2e-7)


@pytest.mark.parametrize("naam", FORMATS)
def test_the_origin_is_inside(demo, viewers, naam, tmp_path):
    manager = viewers["stadsdeelmanager"]
    question = {"limit": 5}
    herkomst = demo.items("meldingen", manager, **question)["herkomst"]
    body = demo.get(items_of("meldingen"), manager, f=naam, **question).content
    path = tmp_path / f"x.{FORMATEN[naam].extensie}"
    path.write_bytes(body)
    if naam == "gpkg":
        found = pyogrio.read_info(path, layer="meldingen")["layer_metadata"]["DESCRIPTION"]
    elif naam == "fgb":
        assert herkomst.encode() in body
        return
    elif naam == "parquet":
        found = pq.read_schema(path).metadata[b"herkomst"].decode()
    else:
        found = next(iter(READERS[naam](body).values()))[0]["herkomst"]
    assert found.startswith(herkomst)


@pytest.mark.parametrize(("name", "asked"), [("cursor", "AAAA"), ("offset", "5")])
def test_a_file_has_no_pages(demo, name, asked):
    assert named(demo.get(items_of("buurten"), f="csv", **{name: asked})) == [name]


def test_a_sequence_is_always_in_degrees(demo):
    assert named(demo.get(items_of("buurten"), f="geojsonseq", crs="EPSG:28992")) == ["crs"]


@pytest.mark.parametrize("naam", FORMATS)
def test_what_is_wrong_is_told_before_the_first_byte(demo, naam):
    for question, wrong in (({"filter": "x ="}, "filter"), ({"bron": "krant"}, "bron"), ({"bbox": "1"}, "bbox")):
        answer = demo.get(items_of("meldingen-per-gebied"), f=naam, **question)
        assert named(answer) == [wrong]
        assert "content-disposition" not in answer.headers


@pytest.mark.parametrize("naam", FORMATS)
def test_an_error_while_reading_is_a_problem_and_no_half_file(demo, naam, monkeypatch):
    async def broken(*_, **__):
        raise RuntimeError("kapot")
        yield

    monkeypatch.setattr(bestand, "stream_features", broken)
    answer = demo.get(items_of("buurten"), f=naam)
    assert (answer.status_code, answer.headers["content-type"]) == (500, "application/problem+json")
    assert "content-disposition" not in answer.headers
    assert "kapot" not in answer.text


@pytest.mark.parametrize("naam", FORMATS)
def test_the_head_of_a_file_is_made_without_the_file(demo, naam, monkeypatch):
    monkeypatch.setattr(bestand, "_connect", None)
    answer = demo.client.head(items_of("buurten"), params={"f": naam})
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-type"] == FORMATEN[naam].mediatype
    assert answer.headers["etag"]


def test_by_accept_as_well_as_by_name(demo):
    for naam, soort in FORMATEN.items():
        kind = soort.mediatype.partition(";")[0]
        answer = demo.client.head(items_of("buurten"), headers={"Accept": kind})
        assert answer.headers["content-type"] == FORMATEN[naam].mediatype


@pytest.mark.parametrize(("naam", "often"), [("csv", 15), ("gpkg", 3)])
def test_who_goes_away_leaves_nothing_behind(groot, groot_url, groot_viewer, naam, often, tmp_path, monkeypatch):
    """More downloads than connections stop after the first bytes: connections are free and temporary files gone."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    held = (
        "select count(*) from pg_stat_activity "
        "where datname = current_database() and usename = 'bs_dienst' and state <> 'idle'"
    )
    for _ in range(often):
        with groot.client.stream(
            "GET", items_of("meldingen"), params={"f": naam}, headers=bearer(groot_viewer)
        ) as answer:
            assert answer.status_code == 200
            assert next(answer.iter_raw())
    deadline = time.monotonic() + 10
    while value(groot_url, held) or list(tmp_path.iterdir()):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert len(groot.features("meldingen", groot_viewer, limit=5)) == 5


def test_who_goes_away_before_the_first_byte_leaves_nothing_behind(groot_url, groot_viewer, monkeypatch):
    """The file is ready to be sent and nobody is there: more often than the pool has connections."""
    app = create_app(groot_url, SECRET)
    made: list[ReadConnection] = []
    borrow = bestand._connect

    async def watch(gevraagd, stack):
        made.append(await borrow(gevraagd, stack))
        return made[-1]

    monkeypatch.setattr(bestand, "_connect", watch)

    async def leave() -> dict:
        return {"type": "http.disconnect"}

    async def nobody(_: dict) -> None:
        await asyncio.sleep(0)

    async def run() -> None:
        async with app.router.lifespan_context(app):
            headers = [(name.lower().encode(), text.encode()) for name, text in bearer(groot_viewer).items()]
            address = {"path": items_of("meldingen"), "raw_path": b"", "query_string": b"f=csv", "root_path": ""}
            scope = {"type": "http", "method": "GET", "scheme": "http", "headers": headers, "http_version": "1.1"}
            place = {"server": ("127.0.0.1", 80), "client": ("127.0.0.1", 1), "app": app}
            for _ in range(15):
                await app(scope | address | place, leave, nobody)

    asyncio.run(run())
    assert len(made) == 15
    assert not any(connection.in_use for connection in made)


def test_a_whole_collection_of_100_000_in_one_file(groot, groot_viewer):
    answer = groot.get(items_of("meldingen"), groot_viewer, f="parquet", properties="tijd,status")
    frame = gpd.read_parquet(io.BytesIO(answer.content))
    assert len(frame) == frame["id"].nunique() == 100_000


def test_several_at_once(groot, groot_viewer):
    """More downloads than connections of one pool: they wait for each other and all come whole."""

    def fetch(_: int) -> int:
        address = f"{groot.address}{items_of('meldingen')}?f=csv&limit=5000"
        answer = httpx.get(address, headers=bearer(groot_viewer), timeout=60)
        return len(answer.text.splitlines())

    with ThreadPoolExecutor(14) as pool:
        assert list(pool.map(fetch, range(14))) == [5001] * 14
