"""What the bench entries feed their contenders."""

import numpy as np
import pandas as pd
import pyproj
import pytest
import shapely

from bench.harness import BenchError
from bench.kaartpunten import make_answer
from bench.loading import make_csv
from bench.points import make_points


def test_the_csv_holds_points_inside_the_town_and_no_two_equal_ids(tmp_path):
    town = shapely.Point(257_000, 471_000).buffer(3000)
    path = tmp_path / "meldingen.csv"
    make_csv(path, town, 5000)
    frame = pd.read_csv(path)
    assert list(frame.columns) == ["id", "created_at", "lon", "lat", "category", "status"]
    assert len(frame) == 5000
    assert frame.id.is_unique
    assert pd.to_datetime(frame.created_at, utc=True).between("2023-01-01", "2026-01-01").all()
    back = pyproj.Transformer.from_crs(4326, 28992, always_xy=True)
    x, y = back.transform(frame.lon.to_numpy(), frame.lat.to_numpy())
    assert shapely.contains_xy(town.buffer(0.5), x, y).all()


def test_the_csv_is_equal_every_time(tmp_path):
    town = shapely.box(250_000, 465_000, 262_000, 477_000)
    make_csv(tmp_path / "a.csv", town, 100)
    make_csv(tmp_path / "b.csv", town, 100)
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()


def test_missing_programs_are_named(monkeypatch, capsys):
    from bench import loading

    monkeypatch.setattr(loading.shutil, "which", lambda _: None)
    assert loading.main([]) == 1
    assert "ogr2ogr is not installed" in capsys.readouterr().err


def test_missing_areas_are_named(monkeypatch, tmp_path):
    from bench import loading

    monkeypatch.setattr(loading, "_TESTDATA", tmp_path)
    with pytest.raises(BenchError, match="BUURTSIGNAAL_TESTDATA"):
        loading._areas()


def test_the_points_are_a_town_in_rd():
    xy = make_points(2000)
    assert xy.shape == (2000, 2)
    assert np.isfinite(xy).all()
    assert ((xy > (240_000, 460_000)) & (xy < (275_000, 485_000))).all()


def test_the_points_of_the_map_are_equal_every_time_and_lie_in_and_around_the_town():
    answer = make_answer(1000)
    assert answer == make_answer(1000)
    assert {len(answer[name]) for name in ("id", "lon", "lat", "onderwerp", "dag")} == {1000}
    assert max(abs(lon - 6.89) for lon in answer["lon"]) < 0.3
