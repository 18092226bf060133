"""The GeoParquet 1.1 footer, rule by rule."""

from __future__ import annotations

import io
import json
from typing import Any

import pyarrow.parquet as pq
import pyproj
import pytest
import shapely

from tests.geo_service.formats.tabellen import make_rij, make_tabel, write

ALLOWED = {"encoding", "geometry_types", "crs", "edges", "orientation", "bbox", "epoch", "covering"}
PLACES = [shapely.Point(100_000.001, 400_000), None, shapely.Point(250_000, 300_000.5)]


def geo(srid: int = 28992, places: list[Any] = PLACES, geometrie: str = "Point") -> dict[str, Any]:
    rows = [make_rij(number, place) for number, place in enumerate(places)]
    metadata = pq.read_metadata(io.BytesIO(write("parquet", make_tabel(geometrie, srid), rows))).metadata
    return json.loads(metadata[b"geo"])


def test_the_required_members() -> None:
    found = geo()
    assert (set(found), found["version"], found["primary_column"]) == (
        {"version", "primary_column", "columns"}, "1.1.0", "geometry",
    )  # fmt: skip
    (column,) = found["columns"].values()
    assert set(column) <= ALLOWED
    assert (column["encoding"], column["geometry_types"]) == ("WKB", ["Point"])


def test_the_box_is_of_all_rows_and_exact() -> None:
    assert geo()["columns"]["geometry"]["bbox"] == [100_000.001, 300_000.5, 250_000, 400_000]


def test_without_places_there_is_no_box() -> None:
    column = geo(places=[None])["columns"]["geometry"]
    assert "bbox" not in column
    assert column["geometry_types"] == []


def test_every_kind_of_geometry_is_listed_once() -> None:
    square = shapely.box(0, 0, 1, 1)
    column = geo(places=[square, shapely.MultiPolygon([square]), square], geometrie="MultiPolygon")["columns"][
        "geometry"
    ]
    assert column["geometry_types"] == ["MultiPolygon", "Polygon"]


@pytest.mark.parametrize("srid", [28992, 4258, 3857])
def test_the_crs_is_projjson(srid: int) -> None:
    crs = geo(srid)["columns"]["geometry"]["crs"]
    assert crs["id"] == {"authority": "EPSG", "code": srid}
    assert pyproj.CRS.from_json_dict(crs).to_epsg() == srid


def test_longitude_and_latitude_need_no_crs() -> None:
    assert "crs" not in geo(4326)["columns"]["geometry"]


def test_the_covering_names_a_column_of_boxes() -> None:
    data = io.BytesIO(write("parquet", make_tabel(), [make_rij(1, PLACES[0])]))
    covering = json.loads(pq.read_metadata(data).metadata[b"geo"])["columns"]["geometry"]["covering"]
    assert covering == {"bbox": {side: ["bbox", side] for side in ("xmin", "ymin", "xmax", "ymax")}}
    box = pq.read_schema(data).field("bbox").type
    assert [(field.name, str(field.type)) for field in box] == [(side, "float") for side in covering["bbox"]]


def test_row_groups_and_compression() -> None:
    rows = [make_rij(number, shapely.Point(number, number)) for number in range(70_000)]
    metadata = pq.read_metadata(io.BytesIO(write("parquet", make_tabel(), rows, size=10_000)))
    assert [metadata.row_group(group).num_rows for group in range(metadata.num_row_groups)] == [70_000]
    rows += [make_rij(number, shapely.Point(number, number)) for number in range(70_000, 90_000)]
    metadata = pq.read_metadata(io.BytesIO(write("parquet", make_tabel(), rows, size=10_000)))
    assert [metadata.row_group(group).num_rows for group in range(metadata.num_row_groups)] == [70_000, 20_000]
    assert {metadata.row_group(0).column(number).compression for number in range(metadata.num_columns)} == {"ZSTD"}
