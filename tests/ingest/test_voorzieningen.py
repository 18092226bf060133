"""Voorzieningen: every format, hidden places, refused rows."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.errors import ColumnsForbidden, ColumnsMissing, SourceRefused, SourceUnreadable
from ingest.voorziening_typen import is_sensitive, load_typen, type_of
from ingest.voorzieningen import VOORZIENING_COLUMNS, read_voorzieningen


def read(source, **options):
    batches = list(read_voorzieningen(source, **options))
    records = pd.concat([batch.records for batch in batches], ignore_index=True)
    assert records.columns.tolist() == list(VOORZIENING_COLUMNS)
    rejects = [(reject.line, reject.code) for batch in batches for reject in batch.rejects]
    notes = {note.code: note for batch in batches for note in batch.notes}
    return records, sum(batch.read for batch in batches), rejects, notes


def write(path, content):
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


def test_a_dutch_csv_in_full(tmp_path):
    path = write(
        tmp_path / "v.csv",
        "Nummer;Naam;Soort;Organisatie;Soort aanbieder;Leefgebied;Doelgroep;Openingstijden;Plaatsen;Bereik;"
        "geldig_van;geldig_tot;X;Y;vrij toegankelijk;lijn\n"
        "7;De Roef;Speeltuin;Speeltuinvereniging;vereniging;;kinderen;za 10-16;40;stadsdeel;"
        "2024-01-01;31-12-2026;257000,5;471000;ja;\n"
        "8;Steunpunt;Wijkteam;Gemeente;groot;Wonen;;;;stad;;;257001;471001;nee;2e lijn\n",
    )
    records, count, rejects, _ = read(path)
    assert (count, rejects) == (2, [])
    first, second = records.to_dict("records")
    assert first == {
        "line": 2,
        "sleutel": "7",
        "naam": "De Roef",
        "type": "speeltuin",
        "aanbieder": "Speeltuinvereniging",
        "aanbieder_soort": "vereniging",
        "lijn": "0e_lijn",
        "leefgebied": "Welzijn/Recreatie/vrije tijd",
        "doelgroep": "kinderen",
        "openingstijden": "za 10-16",
        "capaciteit": 40.0,
        "bereik": "stadsdeel",
        "geldig_van": pd.Timestamp("2024-01-01"),
        "geldig_tot": pd.Timestamp("2026-12-31"),
        "x": 257000.5,
        "y": 471000.0,
        "zonder_verwijzing": True,
        "gevoelig": False,
    }
    assert (second["lijn"], second["leefgebied"], second["zonder_verwijzing"]) == ("2e_lijn", "Wonen", False)
    assert pd.isna(second["geldig_van"])
    assert records.dtypes.astype(str)[["line", "x", "capaciteit", "gevoelig", "geldig_van"]].tolist() == [
        "int64",
        "float64",
        "float64",
        "bool",
        "datetime64[s]",
    ]


@pytest.mark.parametrize(
    ("header", "place"),
    [
        ("lat,lon", "52.155172897,5.387203657"),
        ("x,y", "155000,463000"),
        ("x,y", "5.387203657,52.155172897"),
        ("y_coord,x_coord", "463000,155000"),
        ("geom", "POINT (155000 463000)"),
        ("wkt", '"POLYGON ((154999 462999, 155001 462999, 155001 463001, 154999 463001, 154999 462999))"'),
    ],
)
def test_every_way_to_name_a_place(tmp_path, header, place):
    records, _, rejects, _ = read(write(tmp_path / "v.csv", f"id,naam,{header}\n1,a,{place}\n"))
    assert rejects == []
    assert records[["x", "y"]].to_numpy()[0] == pytest.approx([155000, 463000], abs=0.25)


def test_refused_rows(tmp_path):
    rows = [
        "1,Goed,257000,471000,,",
        "2,,257000,471000,,",
        "3,Zonder plaats,,,,",
        "4,Halve plaats,257000,,,",
        "5,Geen getal,nan,471000,,",
        "6,Oneindig,inf,471000,,",
        "1,Zelfde sleutel,257001,471000,,",
        "7," + "x" * 10**6 + ",257000,471000,,",
        "8,Omgekeerd,257000,471000,2025-01-01,2024-01-01",
        "9,Rare datum,257000,471000,ooit,",
        "10,te,veel,velden,in,deze,rij",
    ]
    path = write(tmp_path / "v.csv", "id,naam,x,y,geldig_van,geldig_tot\n" + "\n".join(rows) + "\n")
    records, count, rejects, _ = read(path)
    assert count == 11
    assert records["sleutel"].tolist() == ["1"]
    assert sorted(rejects) == [
        (3, "naam_ontbreekt"),
        (4, "coordinaat_ontbreekt"),
        (5, "coordinaat_ontbreekt"),
        (6, "coordinaat_nan"),
        (7, "coordinaat_nan"),
        (8, "dubbel"),
        (9, "veld_te_lang"),
        (10, "periode_omgekeerd"),
        (11, "datum_onleesbaar"),
        (12, "kolommen_aantal"),
    ]


def test_a_key_is_made_of_name_and_place_when_there_is_none(tmp_path):
    text = "naam,x,y\na,257000,471000\nb,257000,471000\na,257000,471000\n"
    records, _, rejects, notes = read(write(tmp_path / "v.csv", text))
    again, _, _, _ = read(write(tmp_path / "w.csv", text))
    assert records["sleutel"].tolist() == again["sleutel"].tolist()
    assert records["sleutel"].nunique() == 2
    assert rejects == [(4, "dubbel")]
    assert notes["sleutel_afgeleid"].count == 3


def test_sensitive_places_are_marked_and_their_point_is_kept(tmp_path):
    rows = [
        ("Doorstroomwoning Zuid", "overig", "", True),
        ("Huis 12", "vrouwenopvang", "", True),
        ("Nacht-opvang", "overig", "", True),
        ("Villa", "overig", "Blijf Groep", True),
        ("Crisis woning", "", "", True),
        ("Gewoon huis", "overig", "ja", True),
        ("Kinderopvang Pim", "", "", False),
        ("Buitenschoolse opvang De Boom", "", "", False),
        ("Speeltuin", "speeltuin", "nee", False),
        ("Opvang Noord", "overig", "nee", True),
    ]
    lines = []
    for number, (name, kind, last, _) in enumerate(rows):
        owner, flag = (last, "") if last not in ("ja", "nee", "") else ("", last)
        lines.append(f"{number},{name},{kind},{owner},{flag},257000,471000")
    path = write(tmp_path / "v.csv", "id,naam,type,aanbieder,gevoelig,x,y\n" + "\n".join(lines) + "\n")
    records, _, _, notes = read(path)
    assert records["gevoelig"].tolist() == [expected for *_, expected in rows]
    assert np.isfinite(records["x"]).all()
    assert notes["gevoelig"].count == 7


def test_openstreetmap_geojson(tmp_path):
    ring = [[6.8, 52.2], [6.81, 52.2], [6.81, 52.21], [6.8, 52.2]]
    features = [
        feature("way/1", {"name": "De Roef", "leisure": "playground"}, {"type": "Polygon", "coordinates": [ring]}),
        feature(
            "node/2",
            {"name": "H", "amenity": "social_facility", "social_facility": "shelter"},
            point(6.8, 52.2),
        ),
        feature("node/3", {"amenity": "library"}, point(6.8, 52.2)),
        feature("node/4", {"name": "Nergens", "amenity": "library"}, None),
        feature("node/5", {"name": "Stuk", "amenity": "library"}, {"type": "Polygon", "coordinates": "x"}),
        feature("node/6", {"name": "Iets", "amenity": "pub"}, point(6.8, 52.2)),
        {"type": "Feature", "properties": None},
    ]
    path = write(tmp_path / "osm.geojson", {"type": "FeatureCollection", "features": features})
    records, count, rejects, notes = read(path)
    assert count == 7
    assert records[["sleutel", "type", "gevoelig"]].to_numpy(dtype=object).tolist() == [
        ["way/1", "speeltuin", False],
        ["node/2", "opvang", True],
        ["node/6", "overig", False],
    ]
    assert sorted(rejects) == [
        (3, "naam_ontbreekt"),
        (4, "coordinaat_ontbreekt"),
        (5, "coordinaat_nan"),
        (7, "record_onleesbaar"),
    ]
    assert "amenity=pub" in notes["type_onbekend"].text


def feature(key, properties, geometry):
    return {"type": "Feature", "id": key, "properties": properties, "geometry": geometry}


def point(lon, lat):
    return {"type": "Point", "coordinates": [lon, lat]}


HSDS = [
    {
        "id": "s1",
        "name": "Taalcafé",
        "status": "active",
        "organization": {"name": "Bibliotheek"},
        "attributes": [{"taxonomy_term": {"name": "Taalpunt"}}],
        "schedules": [{"byday": "MO,WE", "opens_at": "09:00:00Z", "closes_at": "12:00"}],
        "service_at_locations": [
            {"location": {"id": "l1", "latitude": 52.2, "longitude": 6.9}},
            {"location": {"id": "l2", "latitude": 52.21, "longitude": 6.9}},
        ],
    },
    {"id": "s2", "name": "Voorbij", "status": "defunct"},
    {"id": "s3", "name": "Nergens", "status": "active"},
    7,
]


@pytest.mark.parametrize("document", [HSDS, {"total_items": 4, "contents": HSDS}])
def test_hsds_nested(tmp_path, document):
    records, _, rejects, notes = read(write(tmp_path / "hsds.json", document))
    assert records["sleutel"].tolist() == ["s1@l1", "s1@l2"]
    assert records["type"].tolist() == ["taalpunt", "taalpunt"]
    assert records["openingstijden"].tolist() == ["ma, wo 09:00-12:00"] * 2
    assert records["aanbieder"].tolist() == ["Bibliotheek"] * 2
    assert sorted(rejects) == [(3, "coordinaat_ontbreekt"), (4, "record_onleesbaar")]
    assert notes["niet_actief"].count == 1


@pytest.mark.parametrize("plural", ["", "s"])
def test_hsds_flat_tables(tmp_path, plural):
    document = {
        f"organization{plural}": [{"id": "o", "name": "Alifa"}],
        f"service{plural}": [{"id": "s1", "organization_id": "o", "name": "Samen eten", "status": "active"}],
        f"location{plural}": [{"id": "l", "latitude": 52.2, "longitude": 6.9}],
        f"service_at_location{plural}": [{"id": "sl", "service_id": "s1", "location_id": "l"}],
        f"schedule{plural}": [{"service_at_location_id": "sl", "description": "elke dag"}],
        f"attribute{plural}": [{"link_id": "s1", "taxonomy_term_id": "t"}],
        f"taxonomy_term{plural}": [{"id": "t", "name": "Huiskamer van de buurt"}],
    }
    records, _, rejects, _ = read(write(tmp_path / "hsds.json", document))
    assert rejects == []
    assert records[["sleutel", "aanbieder", "openingstijden", "type"]].to_numpy(dtype=object).tolist() == [
        ["s1", "Alifa", "elke dag", "huiskamer"]
    ]


def test_a_mapping_names_the_columns_and_the_crs(tmp_path):
    path = write(tmp_path / "v.csv", "wat,oost,noord,nr\nBuurthuis A,257000,471000,1\n")
    columns = {"naam": "wat", "x": "oost", "y": "noord", "sleutel": "nr"}
    records, _, _, _ = read(path, mapping={"kolommen": columns, "crs": "EPSG:28992"})
    assert records[["naam", "x"]].to_numpy(dtype=object).tolist() == [["Buurthuis A", 257000.0]]
    with pytest.raises(ColumnsForbidden, match="nationaliteit"):
        read(path, mapping={"kolommen": {"doelgroep": "nationaliteit"}})


def test_refused_files(tmp_path):
    for name, content, error, words in (
        ("a.csv", "x,y\n1,2\n", ColumnsMissing, "naam"),
        ("b.csv", "naam\nx\n", ColumnsMissing, "lon"),
        ("c.json", "{", SourceUnreadable, "JSON"),
        ("d.json", '{"iets": 1}', SourceUnreadable, "HSDS"),
        ("e.json", "[]", SourceUnreadable, "HSDS"),
        ("f.json", '{"contents": [{"name": "x"}], "total_pages": 3}', SourceRefused, "één pagina"),
        (
            "g.json",
            '{"type":"FeatureCollection","features":[],"links":[{"rel":"next"}]}',
            SourceRefused,
            "één pagina",
        ),
    ):
        with pytest.raises(error, match=words):
            read(write(tmp_path / name, content))


def test_the_codelist_is_whole():
    typen = load_typen()
    assert {item.lijn for item in typen.values()} <= {"0e_lijn", "1e_lijn", "2e_lijn", "onbekend"}
    assert [code for code, item in typen.items() if item.gevoelig] == [
        "doorstroomwoning",
        "opvang",
        "vrouwenopvang",
        "crisisopvang",
    ]
    for code, item in typen.items():
        assert type_of(code) is item
        assert type_of(item.naam.upper()) is item
        # What the codelist calls sensitive, the words must find too, and the other way round.
        assert is_sensitive(item.naam) is item.gevoelig


@settings(deadline=None)
@given(
    st.text(max_size=20),
    st.sampled_from(["vrouwenopvang", "Doorstroom-woning", "CRISISOPVANG", "noodopvang"]),
)
def test_no_prefix_hides_a_shelter(prefix, word):
    assert is_sensitive(f"{prefix} {word}")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=50)
@given(st.lists(st.tuples(st.text(max_size=8), st.text(max_size=8), st.text(max_size=8)), max_size=8))
def test_no_row_is_lost_and_no_point_is_not_finite(tmp_path, rows):
    path = tmp_path / "v.csv"
    pd.DataFrame(rows, columns=["naam", "x", "y"], dtype=object).to_csv(path, index=False, quoting=1)
    if "\x00" in path.read_text() or any("\ud800" <= sign <= "\udfff" for row in rows for cell in row for sign in cell):
        return
    batches = list(read_voorzieningen(path))
    records = sum(len(batch.records) for batch in batches)
    assert records + sum(len(batch.rejects) for batch in batches) == sum(batch.read for batch in batches)
    for batch in batches:
        assert np.isfinite(batch.records[["x", "y"]].to_numpy(dtype=float)).all()
