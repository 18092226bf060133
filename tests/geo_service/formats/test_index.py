"""The spatial indexes that we make ourselves: complete, valid, and really used."""

from __future__ import annotations

import sqlite3
import struct
from contextlib import closing
from pathlib import Path

import numpy as np
import pyogrio
import pytest
import shapely

from geo_service.formats.pakket import curve_order, extent, levels, outwards
from tests.geo_service.formats.tabellen import make_rij, make_tabel, save

COUNTS = [1, 2, 16, 17, 51, 52, 257, 2602]
"""Around the sizes where a level of 16 or of 51 is full."""


def scatter(count: int, seed: int = 7) -> list[shapely.Geometry | None]:
    xy = np.random.default_rng(seed).uniform((0, 300_000), (280_000, 620_000), (count, 2)).round(3)
    places = list(shapely.points(xy))
    if count > 2:
        places[1] = None
    return places


def inside(places: list[shapely.Geometry | None], box: tuple[float, ...]) -> set[int]:
    return {number for number, place in enumerate(places) if place is not None and shapely.box(*box).intersects(place)}


@pytest.mark.parametrize("count", COUNTS)
@pytest.mark.parametrize("formaat", ["fgb", "gpkg"])
def test_a_box_finds_what_is_inside_and_nothing_else(formaat: str, count: int, tmp_path: Path) -> None:
    places = scatter(count)
    path = save(tmp_path, formaat, make_tabel(), [make_rij(*pair) for pair in enumerate(places)], size=1000)
    boxes = [(0, 300_000, 280_000, 620_000), (50_000, 350_000, 120_000, 420_000), (0, 0, 1, 1)]
    corner = places[0].bounds if places[0] is not None else (0.0, 0.0, 0.0, 0.0)
    for box in [*boxes, corner]:
        found = pyogrio.read_dataframe(path, bbox=box, columns=["id"])["id"].tolist()
        assert sorted(found) == sorted(inside(places, box))
    assert sorted(pyogrio.read_dataframe(path, columns=["id"])["id"].tolist()) == list(range(count))
    assert pyogrio.read_info(path)["capabilities"]["fast_spatial_filter"] is True


@pytest.mark.parametrize("count", [0, *COUNTS])
def test_sqlite_finds_no_fault_in_the_tree(count: int, tmp_path: Path) -> None:
    path = save(tmp_path, "gpkg", make_tabel(), [make_rij(*pair) for pair in enumerate(scatter(count))], size=1000)
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("select rtreecheck('rtree_proef_geom')").fetchall() == [("ok",)]
        assert database.execute("pragma integrity_check").fetchall() == [("ok",)]
        assert database.execute("pragma foreign_key_check").fetchall() == []
        (stored,) = database.execute("select count(*) from rtree_proef_geom").fetchone()
        assert stored == count - (count > 2)
        extensions = database.execute("select table_name, column_name, extension_name from gpkg_extensions").fetchall()
        assert extensions == [("proef", "geom", "gpkg_rtree_index")]


def test_a_geopackage_can_still_be_edited(tmp_path: Path) -> None:
    """The triggers keep our tree up to date, so it must hold what GDAL changes later."""
    path = save(tmp_path, "gpkg", make_tabel(), [make_rij(*pair) for pair in enumerate(scatter(500))], size=1000)
    more = pyogrio.read_dataframe(path).head(3)
    more["geometry"] = shapely.points([[1, 1], [2, 2], [3, 3]])
    pyogrio.write_dataframe(more, path, layer="proef", driver="GPKG", append=True)
    assert len(pyogrio.read_dataframe(path, bbox=(0, 0, 4, 4))) == 3
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("select rtreecheck('rtree_proef_geom')").fetchall() == [("ok",)]


def test_areas_are_found_by_their_whole_box(tmp_path: Path) -> None:
    squares = [shapely.box(10 * n, 0, 10 * n + 8, 8) for n in range(100)]
    rows = [make_rij(number, square) for number, square in enumerate(squares)]
    for formaat in ("fgb", "gpkg"):
        path = save(tmp_path, formaat, make_tabel("Polygon"), rows, size=1000)
        assert sorted(pyogrio.read_dataframe(path, bbox=(107, 7, 121, 9))["id"]) == [10, 11, 12]


def test_the_header_of_flatgeobuf_tells_the_index_and_the_number(tmp_path: Path) -> None:
    places = scatter(300)
    path = save(tmp_path, "fgb", make_tabel(), [make_rij(*pair) for pair in enumerate(places)], size=1000)
    assert pyogrio.read_info(path)["features"] == 300
    known = np.array([place.bounds for place in places if place is not None])
    assert pyogrio.read_info(path)["total_bounds"] == pytest.approx((*known.min(0)[:2], *known.max(0)[2:]), abs=0)
    data = path.read_bytes()
    index = 12 + struct.unpack_from("<I", data, 8)[0]
    first_box = struct.unpack_from("<4dQ", data, index)
    assert first_box == (*known.min(0)[:2], *known.max(0)[2:], 1)


def test_every_level_covers_the_one_below() -> None:
    boxes = shapely.bounds(np.array(scatter(1000), dtype=object))
    around = extent(boxes)
    assert around is not None
    order = curve_order(boxes, around)
    assert sorted(order.tolist()) == list(range(1000))
    tree = levels(boxes, order, 16)
    assert [len(level) for level in tree] == [63, 4, 1]
    assert tree[-1][0].tolist() == around.tolist()


def test_the_curve_keeps_neighbours_together() -> None:
    x, y = np.meshgrid(np.arange(32.0), np.arange(32.0))
    boxes = np.stack([x.ravel(), y.ravel(), x.ravel(), y.ravel()], axis=1)
    path = boxes[curve_order(boxes, np.array([0.0, 0.0, 31.0, 31.0]))][:, :2]
    assert np.abs(np.diff(path, axis=0)).sum(axis=1).tolist() == [1.0] * 1023


@pytest.mark.parametrize("value", [0.1, -0.1, 257_123.456, 1e-40, 0.0, 5.0])
def test_float32_sides_are_never_inside(value: float) -> None:
    low, high = (float(outwards(np.array([value]), up=up)[0]) for up in (False, True))
    assert low <= value <= high
