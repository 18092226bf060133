"""Housing: the real BAG of Doesburg to exact figures, both time lines, and unsafe or broken input."""

from __future__ import annotations

import io
import zipfile

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.errors import ColumnsMissing, SourceUnreadable
from ingest.woningen import WONING_COLUMNS, bag_gemeente, read_woningen
from ingest.woningen_regels import bag_key

DOESBURG = "bag/0221PND15092020.zip"


def read(source, **options):
    batches = list(read_woningen(source, **options))
    records = pd.concat([batch.records for batch in batches], ignore_index=True)
    assert records.columns.tolist() == list(WONING_COLUMNS)
    notes: dict[str, int] = {}
    for note in (note for batch in batches for note in batch.notes):
        notes[note.code] = notes.get(note.code, 0) + note.count
    rejects = [(reject.line, reject.code) for batch in batches for reject in batch.rejects]
    return records, sum(batch.read for batch in batches), rejects, notes


def test_doesburg_counts(testdata):
    records, count, rejects, notes = read(testdata(DOESBURG))
    assert (count, len(records), rejects) == (13098, 7797, [])
    assert records[records["in_gebruik"]].groupby("status").size().to_dict() == {
        "Pand in gebruik": 7204,
        "Pand in gebruik (niet ingemeten)": 3,
        "Verbouwing pand": 14,
        "Sloopvergunning verleend": 6,
    }
    assert (~records["in_gebruik"]).sum() == 7797 - 7227
    assert set(records["soort"]) == {"pand"}
    assert not records["woonfunctie"].any()
    assert notes == {"bouwjaar_dummy": 20, "niet_actueel": 13098 - 7797}
    assert records["bouwjaar"].max() == 2020
    assert records["bouwjaar"].isna().sum() == 20
    assert records["sleutel"].is_unique
    assert records["x"].between(203_000, 212_000).all()
    assert records["y"].between(444_000, 453_000).all()


def test_the_point_of_a_pand_lies_inside_it(testdata):
    records, _, _, _ = read(testdata(DOESBURG))
    first = records.set_index("sleutel").loc["0221100000311191"]
    ring = [(206289.94, 447355.96), (206292.3, 447361.12), (206288.92, 447362.66), (206286.73, 447357.72)]
    assert shapely.Polygon(ring).contains(shapely.Point(first["x"], first["y"]))
    assert first["bouwjaar"] == 1992


def test_verblijfsobjecten_of_the_real_extract(testdata):
    records, count, _, _ = read(testdata("bag/0221VBO15092020-000001.xml"))
    assert count == 5
    shown = records[["sleutel", "status", "in_gebruik", "woonfunctie", "oppervlakte", "pand_sleutels"]]
    assert shown.to_numpy(dtype=object).tolist() == [
        ["0221010000330226", "Verbouwing verblijfsobject", True, True, 223.0, "0221100000312938"],
        ["0221010000330999", "Verblijfsobject in gebruik", True, False, 18.0, "0221100000311191"],
    ]


def test_a_nested_extract_reads_only_panden_and_verblijfsobjecten(testdata):
    records, count, _, notes = read(testdata("bag/BAGNLDL-15092020-small.zip"))
    assert count == 11
    assert records["soort"].tolist() == ["pand", "pand", "verblijfsobject", "verblijfsobject"]
    assert notes["delen_overgeslagen"] == 10


def test_the_municipality_of_the_source(testdata):
    for name in (DOESBURG, "bag/0221VBO15092020-000001.xml", "bag/BAGNLDL-15092020-small.zip"):
        assert bag_gemeente(testdata(name)) == "GM0221"
    assert bag_gemeente(testdata("bag/bagadresplus.csv")) == "GM0363"


def test_flattened_addresses(testdata):
    path = testdata("bag/bagadresplus.csv")
    records, count, rejects, notes = read(path)
    by_kind = records.groupby("soort").size().to_dict()
    assert (count, by_kind, rejects) == (99, {"pand": 36, "verblijfsobject": 87}, [])
    assert (notes["nevenadres"], notes["geen_verblijfsobject"]) == (4, 8)
    first = records.set_index("sleutel").loc["0363010000784610"]
    assert (first["gebruiksdoelen"], first["oppervlakte"], first["pand_sleutels"]) == (
        "woonfunctie",
        96.0,
        "0363100012181960",
    )
    assert (first["x"], first["y"], first["woonfunctie"]) == (122177.0, 487877.0, True)
    # 1005 is Amsterdam's word for unknown.
    assert pd.isna(records.set_index("sleutel").loc["0363100012181960", "bouwjaar"])
    assert notes["bouwjaar_dummy"] == 66
    none, _, _, notes = read(path, gemeente="GM0153")
    assert (len(none), notes["andere_gemeente"]) == (0, 99)


def voorkomen(key="0153100000000001", begin="2010-01-01", end=None, extra="", **values):
    ring = values.get("ring", "257000 471000 257010 471000 257010 471010 257000 471000")
    fields = f"<H:beginGeldigheid>{begin}</H:beginGeldigheid>"
    if end:
        fields += f"<H:eindGeldigheid>{end}</H:eindGeldigheid>"
    return (
        f"<s:stand><O:Pand><O:identificatie>{key}</O:identificatie><O:geometrie><g:Polygon srsDimension='2'>"
        f"<g:exterior><g:LinearRing><g:posList>{ring}</g:posList></g:LinearRing></g:exterior></g:Polygon></O:geometrie>"
        f"<O:oorspronkelijkBouwjaar>{values.get('year', 1960)}</O:oorspronkelijkBouwjaar>"
        f"<O:status>Pand in gebruik</O:status><H:Voorkomen>{fields}{extra}</H:Voorkomen></O:Pand></s:stand>"
    )


def extract(*parts, stand="2024-01-01", doctype=""):
    date = f"<O:StandTechnischeDatum>{stand}</O:StandTechnischeDatum>" if stand else ""
    names = "xmlns:s='s' xmlns:O='o' xmlns:H='h' xmlns:g='http://www.opengis.net/gml/3.2'"
    return f"<?xml version='1.0'?>{doctype}<s:bagStand {names}>{date}{''.join(parts)}</s:bagStand>".encode()


@pytest.mark.parametrize(
    ("options", "current"),
    [
        ({}, True),
        ({"end": "2020-01-01"}, False),
        ({"end": "2024-01-01"}, False),
        ({"end": "2030-01-01"}, True),
        ({"begin": "2025-01-01"}, False),
        ({"extra": "<H:eindRegistratie>2012-01-01T10:00:00</H:eindRegistratie>"}, False),
        ({"extra": "<H:tijdstipInactief>2012-01-01T10:00:00</H:tijdstipInactief>"}, False),
        ({"extra": "<H:tijdstipNietBagLV>2012-01-01T10:00:00</H:tijdstipNietBagLV>"}, False),
    ],
)
def test_both_time_lines_decide_what_is_current(tmp_path, options, current):
    path = tmp_path / "t.xml"
    path.write_bytes(extract(voorkomen(**options)))
    records, count, _, _ = read(path)
    assert (count, len(records)) == (1, int(current))


@pytest.mark.parametrize("year", [9999, 1005, 0, 99999])
def test_dummy_years_are_missing(tmp_path, year):
    path = tmp_path / "t.xml"
    path.write_bytes(extract(voorkomen(year=year)))
    records, _, _, notes = read(path)
    assert records["bouwjaar"].isna().all()
    assert notes["bouwjaar_dummy"] == 1


def test_bad_keys_doubles_and_bad_shapes(tmp_path):
    path = tmp_path / "t.xml"
    path.write_bytes(
        extract(
            voorkomen(),
            voorkomen(),
            voorkomen(key="12"),
            voorkomen(key="NL.IMBAG.Pand.0153100000000002", ring="x y z"),
            voorkomen(key="0153100000000003", ring="257000 471000"),
            stand="",
        )
    )
    records, count, rejects, notes = read(path)
    assert count == 5
    assert rejects == [(2, "sleutel_dubbel"), (3, "sleutel_ongeldig")]
    assert records["sleutel"].tolist() == ["0153100000000001", "0153100000000002", "0153100000000003"]
    assert notes["zonder_plaats"] == 2


def test_broken_and_unsafe_xml_is_refused(tmp_path):
    bomb = "<!DOCTYPE x [<!ENTITY a 'aaaa'><!ENTITY b SYSTEM 'file:///etc/passwd'>]>"
    for content, words in (
        (extract(voorkomen())[:-20], "kapotte XML"),
        (extract(voorkomen(), doctype=bomb), "DOCTYPE"),
        (extract(), "geen panden"),
        (b"zomaar tekst", "geen BAG-extract"),
    ):
        path = tmp_path / "t.xml"
        path.write_bytes(content)
        with pytest.raises(SourceUnreadable, match=words):
            read(path)


def zipped(**members):
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("_", "."), content)
    return target.getvalue()


def test_every_xml_of_every_zip_is_read(tmp_path):
    keys = [f"015310000000000{number}" for number in range(4)]
    a, b, c, d = (extract(voorkomen(key=key)) for key in keys)
    path = tmp_path / "t.zip"
    path.write_bytes(zipped(a_xml=a, b_xml=b, in_zip=zipped(c_xml=c, diep_zip=zipped(d_xml=d))))
    records, _, _, _ = read(path)
    assert sorted(records["sleutel"]) == keys


def test_bombs_and_broken_inner_zips_are_refused(tmp_path):
    deep = zipped(a_xml=extract(voorkomen()))
    for _ in range(4):
        deep = zipped(x_zip=deep)
    for content, words in (
        (zipped(a_xml=b" " * 40_000_000), "onwaarschijnlijk groot"),
        (deep, "te veel zipbestanden"),
        (zipped(x_zip=b"PK kapot"), "kapot of versleuteld"),
    ):
        path = tmp_path / "t.zip"
        path.write_bytes(content)
        with pytest.raises(SourceUnreadable, match=words):
            read(path)


def test_bag_light_geopackage(tmp_path):
    path = tmp_path / "bag-light.gpkg"
    square = shapely.box(257000, 471000, 257010, 471010)
    pand = {
        "identificatie": "0153100000000001",
        "status": "Pand in gebruik",
        "bouwjaar": 1005,
        "geometry": square,
    }
    unit = {
        "identificatie": "0153010000000001",
        "status": "Verblijfsobject in gebruik",
        "gebruiksdoel": "woonfunctie,kantoorfunctie",
        "oppervlakte": 80,
        "pand_identificatie": "0153100000000001",
        "geometry": shapely.Point(257001, 471002),
    }
    gpd.GeoDataFrame([pand], crs="EPSG:28992").to_file(path, layer="pand")
    gpd.GeoDataFrame([unit, unit], crs="EPSG:28992").to_file(path, layer="verblijfsobject")
    records, count, rejects, _ = read(path)
    assert (count, rejects) == (3, [(3, "sleutel_dubbel")])
    assert records["soort"].tolist() == ["pand", "verblijfsobject"]
    assert records["gebruiksdoelen"].tolist() == [None, "woonfunctie;kantoorfunctie"]
    assert records[["x", "y"]].to_numpy().tolist() == [[257005.0, 471005.0], [257001.0, 471002.0]]
    assert bag_gemeente(path) is None


def test_tables_and_geopackages_without_the_needed_columns(tmp_path):
    table = tmp_path / "t.csv"
    table.write_text("vbo_id,oppervlakte\n1,2\n")
    with pytest.raises(ColumnsMissing, match="adresseerbaarobjectstatus"):
        read(table)
    table.write_text("vbo_id,status\n1,2\n")
    with pytest.raises(ColumnsMissing, match="gebruiksdoel"):
        read(table)
    path = tmp_path / "t.gpkg"
    gpd.GeoDataFrame([{"geometry": shapely.Point(1, 1)}], crs="EPSG:28992").to_file(path, layer="iets")
    with pytest.raises(SourceUnreadable, match="laag pand"):
        read(path)


@settings(deadline=None)
@given(st.integers(10**12, 10**16 - 1))
def test_a_key_survives_prefix_and_lost_zeros(number):
    key = f"{number:016d}"
    assert bag_key(f"NL.IMBAG.Pand.{key}") == bag_key(str(number)) == bag_key(f" {key} ") == key


@settings(deadline=None)
@given(st.text(max_size=20).filter(lambda text: not text.strip().rsplit(".", 1)[-1].isdigit()))
def test_anything_else_is_no_key(text):
    assert bag_key(text) is None
