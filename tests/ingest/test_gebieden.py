"""Areas: real files to exact figures, repair, levels, coordinate systems and what is refused."""

from __future__ import annotations

import json
import shutil
import warnings
import zipfile

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.errors import ColumnsMissing, SourceRefused, SourceUnreadable
from ingest.gebieden import GEBIED_COLUMNS, read_gebieden
from ingest.gebieden_vorm import repair
from ingest.stadsdelen import slug
from ingest.topojson import decode_topojson

ENSCHEDE = "enschede/cbs_buurten_2021_enschede_28992.gpkg"
TABEL = "enschede/enschede_buurten_tabel.csv"


def levels(areas):
    return areas.gebieden.groupby("niveau").size().to_dict()


def notes(areas):
    return {note.code: note for note in areas.notes}


@pytest.fixture(scope="module")
def enschede(testdata):
    return read_gebieden(testdata(ENSCHEDE), jaar=2021, gemeente="GM0153", stadsdelen=testdata(TABEL))


def test_enschede_levels_names_and_area(enschede):
    assert levels(enschede) == {"buurt": 70, "gemeente": 1, "stadsdeel": 5, "wijk": 10}
    assert enschede.gebieden.columns.tolist() == list(GEBIED_COLUMNS)
    assert enschede.gebieden.crs.to_epsg() == 28992
    for niveau in ("buurt", "wijk", "stadsdeel", "gemeente"):
        part = enschede.gebieden[enschede.gebieden["niveau"] == niveau]
        assert round(part.area.sum() / 1e6, 2) == 142.72
        assert set(part.geom_type) == {"MultiPolygon"}
    by_code = enschede.gebieden.set_index("code")["naam"]
    assert by_code["GM0153"] == "Enschede"
    assert by_code["WK015304"] == "Wijk 04 Enschede-Noord"
    assert by_code["GM0153-SD-noord"] == "Noord"
    assert enschede.rejects == ()


def test_enschede_stadsdelen_do_not_follow_wijken(enschede):
    table = enschede.buurten_in
    assert len(table) == 70
    assert table.groupby("wijk_code")["stadsdeel_code"].nunique().loc[["WK015307", "WK015309"]].tolist() == [
        2,
        4,
    ]
    assert table["stadsdeel_bron"].value_counts().to_dict().keys() == {"afgeleid", "tekst"}


def test_enschede_figures_and_columns_that_are_not_read(enschede):
    figures = enschede.kerncijfers
    sums = figures.groupby("indicator")["waarde"].sum().to_dict()
    assert (sums["inwoners"], sums["huishoudens"]) == (159655, 79540)
    assert set(figures["jaar"]) == {2021}
    assert set(figures["indicator"]) == {"inwoners", "huishoudens", "adressendichtheid"}
    told = notes(enschede)
    origin = ", ".join(f"percenta{number}" for number in range(12, 19))
    assert told["kolom_verboden"].text.endswith(f"religie: {origin}.")
    assert "percenta_5" in told["kolom_afgekapt"].text
    assert "mannen" in told["kolom_niet_gelezen"].text


def test_geojson_in_degrees_gives_the_same_areas(testdata):
    areas = read_gebieden(testdata("enschede/cbs_buurten_2021_enschede_4326.geojson"), jaar=2021)
    assert levels(areas) == {"buurt": 70, "gemeente": 1, "wijk": 10}
    assert areas.gebieden.iloc[0].geometry.area == pytest.approx(142.72e6, rel=1e-3)


def test_assen_coarse_file_keeps_areas_without_polygon(testdata):
    areas = read_gebieden(testdata("assen/cbs_buurten_2014_assen_4326.geojson"), jaar=2014)
    buurten = areas.gebieden[areas.gebieden["niveau"] == "buurt"]
    assert buurten["geom_status"].value_counts().to_dict() == {"ok": 91, "geen_vlak": 14, "hersteld": 4}
    assert buurten.geometry.notna().sum() == 95
    assert buurten.geometry.dropna().is_valid.all()
    assert (buurten[buurten["geom_status"] == "geen_vlak"].geometry.isna()).all()
    told = notes(areas)
    assert told["vorm_hersteld"].count == 4
    assert "Groene Dijk (BU01060813)" in told["vorm_hersteld"].text
    assert told["geen_vlak"].count == 14
    assert "Schildersbuurt (BU01060304)" in told["geen_vlak"].text
    assert {"overlap", "gaten"} <= told.keys()
    names = areas.gebieden.set_index("code")["naam"]
    assert (names["WK010699"], names["GM0106"]) == ("Wijk 99", "GM0106")


def test_twente_holds_several_municipalities(testdata):
    path = testdata("cbs/twente_buurten_2021_28992.gpkg")
    whole = read_gebieden(path, jaar=2021)
    assert levels(whole) == {"buurt": 517, "gemeente": 14, "wijk": 120}
    one = read_gebieden(path, jaar=2021, gemeente="GM0153")
    assert (one.read, levels(one)) == (517, {"buurt": 70, "gemeente": 1, "wijk": 10})
    with pytest.raises(SourceRefused, match=r"geen gebieden van GM0106\. Wel aanwezig: GM0141"):
        read_gebieden(path, jaar=2021, gemeente="GM0106")


def test_a_file_of_wijken_only(testdata):
    areas = read_gebieden(testdata("enschede/cbs_wijken_2022_enschede_tmap_28992.gpkg"), jaar=2022)
    assert levels(areas) == {"gemeente": 1, "wijk": 10}
    assert areas.buurten_in.empty
    dwellings = areas.kerncijfers.query("indicator == 'woningvoorraad'")["waarde"].sum()
    assert dwellings == 76250


def test_shapefile_in_a_zip_and_topojson_and_geojson_agree(tmp_path, testdata):
    frame = gpd.read_file(testdata(ENSCHEDE))[["buurtcode", "buurtnaam", "gemeenteco", "gemeentena", "geometry"]]
    folder = tmp_path / "shp"
    folder.mkdir()
    frame.to_file(folder / "buurten.shp")
    archive = shutil.make_archive(str(tmp_path / "buurten"), "zip", folder)
    (tmp_path / "buurten.json").write_text(json.dumps(topology(frame)))
    frame.to_file(tmp_path / "buurten.geojson", driver="GeoJSON")
    for path in (archive, tmp_path / "buurten.json", tmp_path / "buurten.geojson"):
        areas = read_gebieden(path, jaar=2021)
        assert levels(areas) == {"buurt": 70, "gemeente": 1, "wijk": 10}
        assert round(areas.gebieden.iloc[0].geometry.area / 1e6, 2) == 142.72
        assert areas.gebieden.iloc[0]["naam"] == "Enschede"


def topology(frame):
    """Each ring an arc of its own, quantised to a centimetre, half of them stored backwards."""
    arcs, geometries = [], []
    origin = frame.total_bounds[:2]
    for index, row in enumerate(frame.itertuples(index=False)):
        ring = np.asarray(row.geometry.exterior.coords)[:, :2]
        steps = np.diff(np.round((ring[:: -1 if index % 2 else 1] - origin) * 100), axis=0, prepend=0)
        arcs.append(steps.tolist())
        geometries.append(
            {
                "type": "Polygon",
                "arcs": [[~index if index % 2 else index]],
                "properties": {"buurtcode": row.buurtcode, "gemeentenaam": row.gemeentena},
            }
        )
    return {
        "type": "Topology",
        "transform": {"scale": [0.01, 0.01], "translate": origin.tolist()},
        "objects": {"buurten": {"type": "GeometryCollection", "geometries": geometries}},
        "arcs": arcs,
    }


def test_topojson_joins_arcs_and_leaves_points_out():
    document = {
        "type": "Topology",
        "arcs": [[[0, 0], [1, 0], [1, 1]], [[0, 0], [0, 1], [1, 1]]],
        "objects": {"a": {"type": "Polygon", "arcs": [[0, ~1]], "id": "BU1"}, "b": {"type": "Point"}},
    }
    found = decode_topojson(document, "t")
    assert found["a"][0]["geometry"]["coordinates"] == [[[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]]]
    assert found["a"][0]["properties"] == {"id": "BU1"}
    assert found["b"][0]["geometry"] is None
    with pytest.raises(SourceUnreadable, match="TopoJSON"):
        decode_topojson({"type": "Topology", "arcs": [], "objects": {"a": {"type": "Polygon", "arcs": [[3]]}}}, "t")


SQUARE = shapely.box(257000, 471000, 258000, 472000)


def write(path, rows, crs="EPSG:28992"):
    with warnings.catch_warnings():
        # Writing a file without a coordinate system is what one of the tests is about.
        warnings.filterwarnings("ignore", message="'crs' was not provided")
        gpd.GeoDataFrame(rows, geometry="geometry", crs=crs).to_file(path)
    return path


def buurt(number, shape, **extra):
    return {"buurtcode": f"BU0153{number:04d}", "buurtnaam": f"B{number}", "geometry": shape, **extra}


def test_coordinate_systems_are_checked_against_the_coordinates(tmp_path):
    degrees = shapely.box(6.88, 52.2, 6.9, 52.22)
    swapped = shapely.box(52.2, 6.88, 52.22, 6.9)
    right = read_gebieden(write(tmp_path / "a.gpkg", [buurt(0, degrees)], "EPSG:4326"), jaar=2021)
    for shape, crs in ((degrees, "EPSG:28992"), (degrees, None)):
        areas = read_gebieden(write(tmp_path / f"b{crs}.gpkg", [buurt(0, shape)], crs), jaar=2021)
        assert "crs_afgeleid" in notes(areas)
        assert areas.gebieden.geometry.iloc[0].equals_exact(right.gebieden.geometry.iloc[0], 0.01)
    with pytest.raises(SourceRefused, match="verwisseld"):
        read_gebieden(write(tmp_path / "c.gpkg", [buurt(0, swapped)], "EPSG:4326"), jaar=2021)
    for shape, crs in ((shapely.box(0, 0, 5, 5), "EPSG:4326"), (shapely.box(0, 0, 5, 5), "EPSG:3857")):
        with pytest.raises(SourceRefused, match="niet in Nederland"):
            read_gebieden(write(tmp_path / f"d{crs[-4:]}.gpkg", [buurt(0, shape)], crs), jaar=2021)


def test_water_doubles_bad_codes_and_double_codes(tmp_path):
    rows = [
        buurt(0, shapely.box(258000, 471000, 258010, 471010), water="JA"),
        buurt(0, SQUARE, water="NEE"),
        buurt(1, shapely.box(258000, 471000, 259000, 472000), water="JA"),
        buurt(1, SQUARE, water="JA"),
        {"buurtcode": "onzin", "buurtnaam": "x", "geometry": SQUARE, "water": "NEE"},
        {
            "buurtcode": "01530002",
            "buurtnaam": None,
            "geometry": shapely.Point(257500, 471500),
            "water": "NEE",
        },
    ]
    areas = read_gebieden(write(tmp_path / "w.gpkg", rows), jaar=2021)
    assert levels(areas) == {"buurt": 3, "gemeente": 1, "wijk": 1}
    by_code = areas.gebieden.set_index("code")
    assert by_code.loc["BU01530000"].geometry.area == 1_000_000
    assert by_code.loc["BU01530002", ["naam", "geom_status"]].tolist() == ["BU01530002", "geen_vlak"]
    assert [(reject.line, reject.code) for reject in areas.rejects] == [(5, "code_ongeldig")]
    assert notes(areas)["water_dubbel"].count == 2


def test_sentinels_and_a_year_that_differs(tmp_path):
    rows = [buurt(0, SQUARE, aantal_inw=-99999999, aantal_hh=20, jaar=2019)]
    areas = read_gebieden(write(tmp_path / "s.gpkg", rows), jaar=2021)
    figures = areas.kerncijfers.set_index("indicator")
    assert (figures.loc["inwoners", "status"], np.isnan(figures.loc["inwoners", "waarde"])) == (
        "ontbreekt",
        True,
    )
    assert figures.loc["huishoudens", ["waarde", "status", "jaar"]].tolist() == [20, "ok", 2021]
    assert "2019" in notes(areas)["jaar_verschilt"].text


def test_the_stadsdeel_table_is_checked(tmp_path):
    path = write(tmp_path / "a.gpkg", [buurt(0, SQUARE), buurt(1, shapely.box(258000, 471000, 259000, 472000))])
    table = tmp_path / "t.csv"
    table.write_text("Buurtcode;Stadsdeel\nBU01530000;Noord–Oost é\nBU01530000;Zuid\nBU01539999;Zuid\nfout;Zuid\n")
    areas = read_gebieden(path, jaar=2021, stadsdelen=table)
    assert levels(areas)["stadsdeel"] == 1
    assert areas.buurten_in["stadsdeel_code"].tolist() == ["GM0153-SD-noord-oost-e", None]
    assert [(reject.line, reject.code) for reject in areas.rejects] == [
        (5, "code_ongeldig"),
        (3, "code_dubbel"),
    ]
    assert {"buurt_zonder_stadsdeel", "buurt_onbekend"} <= notes(areas).keys()
    table.write_text("buurtcode,naam\nBU01530000,x\n")
    with pytest.raises(ColumnsMissing, match="stadsdeel"):
        read_gebieden(path, jaar=2021, stadsdelen=table)


def test_refused_files(tmp_path):
    (tmp_path / "a.gpkg").write_bytes(b"geen database")
    (tmp_path / "b.geojson").write_text('{"type": "FeatureCollection", "features": [')
    with zipfile.ZipFile(tmp_path / "c.zip", "w") as archive:
        archive.writestr("leesmij.txt", "niets")
    for name, words in (
        ("a.gpkg", "de inhoud is iets anders"),
        ("b.geojson", "niet te lezen"),
        ("c.zip", "precies één"),
    ):
        with pytest.raises(SourceUnreadable, match=words):
            read_gebieden(tmp_path / name, jaar=2021)
    page = tmp_path / "p.json"
    page.write_text('{"type": "FeatureCollection", "features": [], "links": [{"rel": "next", "href": "x"}]}')
    with pytest.raises(SourceRefused, match="één pagina"):
        read_gebieden(page, jaar=2021)
    path = write(tmp_path / "d.gpkg", [{"naam": "x", "geometry": SQUARE}])
    with pytest.raises(ColumnsMissing, match="gebiedscodes"):
        read_gebieden(path, jaar=2021)


@settings(deadline=None)
@given(st.lists(st.tuples(st.floats(-1e3, 1e3), st.floats(-1e3, 1e3)), min_size=4, max_size=12))
def test_repair_always_gives_a_valid_polygon_or_none(points):
    shapes = np.array([shapely.Polygon(points)], dtype=object)
    fixed = repair(shapes)
    if fixed.status[0] == "geen_vlak":
        assert fixed.geometry[0] is None
    else:
        assert fixed.geometry[0].is_valid
        assert fixed.geometry[0].geom_type == "MultiPolygon"
        assert fixed.geometry[0].area > 0


@settings(deadline=None)
@given(st.text(max_size=30))
def test_a_slug_is_ascii_and_stable(text):
    made = slug(text)
    assert made.isascii()
    assert slug(made) == made


def test_the_frames_of_an_empty_set_of_figures_keep_their_types(testdata):
    areas = read_gebieden(testdata("assen/cbs_buurten_2014_assen_4326.geojson"), jaar=2014)
    assert areas.kerncijfers.empty
    assert areas.kerncijfers.dtypes["waarde"] == np.float64
    assert isinstance(areas.buurten_in, pd.DataFrame)
