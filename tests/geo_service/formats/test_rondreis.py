"""Every format gives back what went in: random values, nulls, and the CRS."""

from __future__ import annotations

import csv
import io
import json
import math
import tempfile
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pyarrow.parquet as pq
import pyogrio
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geo_service.domain.velden import Soort
from geo_service.formats import FORMATEN
from tests.geo_service.formats.tabellen import VELDEN, make_rij, make_tabel, save, write

NAMES = [veld.naam for veld in VELDEN]
texts = st.text(st.characters(exclude_categories=["Cs", "Cc"], include_characters="\n\t\r\"',;"), max_size=12)
places = st.builds(
    shapely.Point,
    st.integers(0, 300_000_000).map(lambda mm: mm / 1000),
    st.integers(300_000_000, 620_000_000).map(lambda mm: mm / 1000),
)
# GDAL keeps milliseconds.
# GDAL loses the fraction of a second before 1970.
moments = st.datetimes(datetime(1970, 1, 1), datetime(2100, 1, 1)).map(
    lambda found: found.replace(microsecond=found.microsecond // 1000 * 1000, tzinfo=UTC)
)
values = st.tuples(
    st.none() | texts,
    st.none() | st.integers(-(2**53), 2**53),
    st.none() | st.floats(-1e12, 1e12).map(lambda number: round(number, 6) + 0.0),
    st.none() | st.booleans(),
    st.none() | st.dates(date(1900, 1, 1), date(2100, 1, 1)),
    st.none() | moments,
)
tables = st.lists(st.tuples(st.none() | places, values), min_size=1, max_size=40)
few = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])

Given = list[tuple[Any, tuple[Any, ...]]]


def as_rows(given_rows: Given) -> list[tuple[Any, ...]]:
    return [make_rij(number, place, *row) for number, (place, row) in enumerate(given_rows, 1)]


def iso(value: Any) -> Any:
    if isinstance(value, datetime):
        whole = value.strftime("%Y-%m-%dT%H:%M:%S")
        return f"{whole}.{value.microsecond:06}Z" if value.microsecond else f"{whole}Z"
    return value.isoformat() if isinstance(value, date) else value


def read_vector(path: Path) -> dict[int, tuple[Any, tuple[Any, ...]]]:
    """id -> (place, values) as GDAL reads them, in plain Python. FlatGeobuf knows no days, only their midnight."""
    # Row by row: the Arrow reader of GDAL 3.12 crashes on a FlatGeobuf feature without a place.
    frame = pyogrio.read_dataframe(path, datetime_as_string=True)
    columns = [[as_kind(veld.soort, value) for value in frame[veld.naam].tolist()] for veld in VELDEN]
    return dict(zip(frame["id"].tolist(), zip(frame.geometry, zip(*columns, strict=True), strict=True), strict=True))


def as_kind(soort: Soort, value: Any) -> Any:
    if pd.isna(value):
        return None
    if soort is Soort.DAG:
        return date.fromisoformat(value[:10])
    if soort is Soort.MOMENT:
        return datetime.fromisoformat(value).astimezone(UTC)
    return {Soort.TEKST: str, Soort.GEHEEL: int, Soort.GETAL: float, Soort.JANEE: bool}[soort](value)


@few
@given(tables)
@pytest.mark.parametrize("formaat", ["gpkg", "fgb"])
def test_what_gdal_reads_back(formaat: str, given_rows: Given) -> None:
    with tempfile.TemporaryDirectory() as folder:
        found = read_vector(save(Path(folder), formaat, make_tabel(), as_rows(given_rows)))
    wanted = {number: (place, row) for number, (place, row) in enumerate(given_rows, 1)}
    assert found == wanted


@few
@given(tables)
def test_what_pyarrow_reads_back(given_rows: Given) -> None:
    table = pq.read_table(io.BytesIO(write("parquet", make_tabel(), as_rows(given_rows))))
    assert table.column_names == ["id", *NAMES, "geometry", "bbox"]
    for row, (place, wanted) in zip(table.to_pylist(), given_rows, strict=True):
        assert tuple(row[name] for name in NAMES) == wanted
        assert row["geometry"] == (None if place is None else shapely.to_wkb(place))
        if place is None:
            assert row["bbox"] is None
        else:
            box = row["bbox"]
            assert box["xmin"] <= place.x <= box["xmax"]
            assert box["ymin"] <= place.y <= box["ymax"]
            assert math.isclose(box["xmin"], place.x, rel_tol=1e-6)


@few
@given(tables)
def test_what_csv_reads_back(given_rows: Given) -> None:
    data = write("csv", make_tabel(), as_rows(given_rows)).decode("utf-8")
    for row, (place, wanted) in zip(csv.DictReader(io.StringIO(data, newline="")), given_rows, strict=True):
        text, whole, number, yes, day, moment = wanted
        armed = text is not None and text.startswith(("=", "+", "-", "@", "\t", "\r"))
        assert row["naam"] == ("'" + text if armed else text or "")
        assert row["aantal"] == ("" if whole is None else str(whole))
        assert (row["per_1000"] and float(row["per_1000"])) == ("" if number is None else number)
        assert row["gedekt"] == {None: "", True: "true", False: "false"}[yes]
        assert (row["dag"], row["moment"]) == (iso(day) or "", iso(moment) or "")
        assert (row["rd_x"] and float(row["rd_x"])) == ("" if place is None else place.x)
        assert (row["rd_y"] and float(row["rd_y"])) == ("" if place is None else place.y)


@few
@given(tables)
def test_what_a_sequence_reads_back(given_rows: Given) -> None:
    records = write("geojsonseq", make_tabel(), as_rows(given_rows)).split(b"\x1e")
    assert records[0] == b""
    for number, (record, (place, wanted)) in enumerate(zip(records[1:], given_rows, strict=True), 1):
        assert record.endswith(b"\n")
        feature = json.loads(record)
        assert (feature["type"], feature["id"]) == ("Feature", number)
        assert [feature["properties"][name] for name in NAMES] == [iso(value) for value in wanted]
        assert feature["geometry"] == (None if place is None else shapely.geometry.mapping(place) | {
            "coordinates": [place.x, place.y]
        })  # fmt: skip


@pytest.mark.parametrize("srid", [28992, 4326, 4258, 3857])
@pytest.mark.parametrize("formaat", ["gpkg", "fgb", "parquet"])
def test_the_crs_is_the_one_asked(formaat: str, srid: int, tmp_path: Path) -> None:
    path = save(tmp_path, formaat, make_tabel(srid=srid), [make_rij(1, shapely.Point(6.5, 52.25))])
    frame = gpd.read_parquet(path) if formaat == "parquet" else gpd.read_file(path)
    if formaat == "parquet" and srid == 4326:
        assert frame.crs.to_string() == "OGC:CRS84"
    else:
        assert frame.crs.to_epsg() == srid
    assert (frame.geometry[0].x, frame.geometry[0].y) == (6.5, 52.25)


@pytest.mark.parametrize("geometrie", ["Point", "Polygon", "MultiPolygon", None])
@pytest.mark.parametrize("formaat", ["gpkg", "fgb", "parquet"])
def test_an_empty_file_has_the_whole_schema(formaat: str, geometrie: str | None, tmp_path: Path) -> None:
    path = save(tmp_path, formaat, make_tabel(geometrie), [])
    if formaat == "parquet":
        schema = pq.read_schema(path)
        assert schema.names == ["id", *NAMES, *(["geometry", "bbox"] if geometrie else [])]
        assert [str(kind) for kind in schema.types[:7]] == [
            "int64", "string", "int64", "double", "bool", "date32[day]", "timestamp[us, tz=UTC]",
        ]  # fmt: skip
        if geometrie:
            assert len(gpd.read_parquet(path)) == 0
    else:
        info = pyogrio.read_info(path, force_feature_count=True)
        assert (info["features"], list(info["fields"])) == (0, ["id", *NAMES])
        # FlatGeobuf cannot say that there will be no places.
        assert info["geometry_type"] == (geometrie or ("Unknown" if formaat == "fgb" else None))


def test_an_empty_sequence_is_empty() -> None:
    assert write("geojsonseq", make_tabel(), []) == b""


@pytest.mark.parametrize("formaat", ["gpkg", "fgb", "parquet"])
@pytest.mark.parametrize("geometrie", ["Polygon", "MultiPolygon"])
def test_areas_come_back(formaat: str, geometrie: str, tmp_path: Path) -> None:
    first, second = shapely.box(0, 0, 10, 10).difference(shapely.box(2, 2, 4, 4)), shapely.box(20, 20, 30, 30)
    shapes = [first, second] if geometrie == "Polygon" else [shapely.MultiPolygon([first, second]), None]
    rows = [make_rij(number, shape, "é") for number, shape in enumerate(shapes, 1)]
    path = save(tmp_path, formaat, make_tabel(geometrie), rows)
    frame = gpd.read_parquet(path) if formaat == "parquet" else gpd.read_file(path)
    found = frame.set_index("id").geometry.to_dict()
    for number, shape in enumerate(shapes, 1):
        assert found[number] is None if shape is None else found[number].equals(shape)
        assert shape is None or found[number].geom_type == geometrie


@pytest.mark.parametrize("formaat", FORMATEN)
def test_a_table_without_places_keeps_its_rows(formaat: str, tmp_path: Path) -> None:
    path = save(
        tmp_path, formaat, make_tabel(None, id_soort=Soort.TEKST), [make_rij("BU01530000", None, "Centrum", 12)]
    )
    if formaat == "csv":
        assert path.read_text().splitlines()[1].startswith("BU01530000,Centrum,12,,,,")
    elif formaat == "geojsonseq":
        assert json.loads(path.read_bytes()[1:])["geometry"] is None
    else:
        table = pq.read_table(path) if formaat == "parquet" else pyogrio.read_arrow(path)[1]
        assert [(row["id"], row["naam"], row["aantal"]) for row in table.to_pylist()] == [("BU01530000", "Centrum", 12)]


@pytest.mark.parametrize("formaat", FORMATEN)
def test_only_missing_places(formaat: str, tmp_path: Path) -> None:
    path = save(tmp_path, formaat, make_tabel(), [make_rij(1, None, "x"), make_rij(2, None, "y")])
    if formaat in ("gpkg", "fgb"):
        assert {number: place for number, (place, _) in read_vector(path).items()} == {1: None, 2: None}
    elif formaat == "parquet":
        assert gpd.read_parquet(path).geometry.isna().tolist() == [True, True]
    else:
        assert path.read_bytes().count(b"\n") == 2 + (formaat == "csv")


@pytest.mark.parametrize("formaat", FORMATEN)
def test_a_value_of_another_kind_is_refused(formaat: str) -> None:
    with pytest.raises((TypeError, ValueError)):
        write(formaat, make_tabel(), [make_rij(1, None, "x", "geen getal")])
