"""Meldingen of every format, from the real files of Assen to planted faults."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date

import numpy as np
import pandas as pd
import pytest

from ingest.errors import SourceNotFound, SourceUnreadable
from ingest.meldingen import read_meldingen
from ingest.meldingen_records import COLUMNS

TODAY = date(2026, 8, 10)
SECRET = b"a secret of at least 16 bytes"


def read(source, **options):
    """Everything of a source: its records, rejects, notes, rows read, and the source itself."""
    with read_meldingen(source, today=options.pop("today", TODAY), **options) as opened:
        batches = list(opened.batches)
    records = pd.concat([batch.records for batch in batches], ignore_index=True) if batches else pd.DataFrame()
    rejects = [reject for batch in batches for reject in batch.rejects]
    notes = [note for batch in batches for note in batch.notes]
    return records, rejects, notes, sum(batch.read for batch in batches), opened


def write_json(folder, value, name="bron.json"):
    path = folder / name
    path.write_text(json.dumps(value), encoding="utf-8")
    return path


def feature(created="2026-06-01T10:00:00Z", point=(6.56, 52.99), sub="hond", head="overlast-dier"):
    geometry = None if point is None else {"type": "Point", "coordinates": list(point)}
    category = {"slug": sub, "name": sub, "parent": {"slug": head, "name": head}}
    properties = {"category": category, "created_at": created}
    return {"type": "Feature", "geometry": geometry, "properties": properties}


def collection(*features):
    return {"type": "FeatureCollection", "features": list(features)}


@pytest.mark.parametrize(
    ("name", "formaat"),
    [
        ("assen/assen_meldingen_4326.geojson", "geojson"),
        ("assen/assen_signalen_geography_vorm.geojson", "signalen"),
    ],
)
def test_assen_has_2902_reports_of_which_122_rows_repeat_one(testdata, name, formaat):
    records, rejects, _, read_count, opened = read(testdata(name))
    assert (opened.formaat, opened.kind, opened.key_is_content) == (formaat, "meldingen", True)
    assert (read_count, len(records), rejects) == (3024, 3024, [])
    times = Counter(records["sleutel"].value_counts())
    assert (records["sleutel"].nunique(), times[2], times[3], max(times)) == (2902, 114, 4, 3)
    assert (records["tijd"] >= "2026-05-18").sum() == 2775
    assert tuple(records.columns) == COLUMNS


def test_both_notations_of_assen_give_the_same_keys_and_every_category_is_known(testdata):
    harvest, _, harvest_notes, _, _ = read(testdata("assen/assen_meldingen_4326.geojson"))
    feed, _, feed_notes, _, _ = read(testdata("assen/assen_signalen_geography_vorm.geojson"))
    assert set(harvest["sleutel"]) == set(feed["sleutel"])
    assert list(harvest["categorie"]) == list(feed["categorie"])
    assert feed_notes == []
    assert [note.code for note in harvest_notes] == ["kolommen_niet_gelezen"]
    assert "wijk, last_seen, resolved_date" in harvest_notes[0].text


def test_assen_lies_in_assen(testdata):
    records, *_ = read(testdata("assen/assen_signalen_geography_vorm.geojson"))
    inside = records["x"].between(226_000, 241_000) & records["y"].between(549_000, 563_000)
    assert inside.sum() >= 3011


def test_small_chunks_give_the_same_records(testdata):
    path = testdata("assen/assen_signalen_geography_vorm.geojson")
    pd.testing.assert_frame_equal(read(path)[0], read(path, chunk_rows=101)[0])


def test_the_same_moment_and_point_is_one_key_in_any_notation(tmp_path):
    spellings = [
        "2026-05-18T12:40:49.939Z",
        "2026-05-18 12:40:49.939000+00:00",
        "2026-05-18T14:40:49.939+02:00",
    ]
    points = [(6.5, 53.0), (6.50000000001, 53), (6.5, 53.0)]
    pairs = zip(spellings, points, strict=True)
    path = write_json(tmp_path, collection(*(feature(created, point) for created, point in pairs)))
    assert read(path)[0]["sleutel"].nunique() == 1
    other = write_json(
        tmp_path, collection(feature(spellings[0], (6.5000002, 53.0)), feature(spellings[0], (6.5, 53.0)))
    )
    assert read(other)[0]["sleutel"].nunique() == 2


@pytest.mark.parametrize(
    ("broken", "code"),
    [
        (feature(created="1999-12-31T22:59:59Z"), "datum_voor_2000"),
        (feature(created="2026-08-11T22:00:00Z"), "datum_na_morgen"),
        (feature(created="gisteren"), "datum_onleesbaar"),
        (feature(created=None), "datum_onleesbaar"),
        (feature(point=None), "coordinaat_ontbreekt"),
        (feature(point=(float("nan"), 53.0)), "coordinaat_nan"),
        (feature(point=("abc", 53.0)), "coordinaat_nan"),
        (feature(point=(250_000.0, 470_000.0)), "coordinaat_nan"),
        (feature(point=(10**400, 1)), "coordinaat_nan"),
        (feature(sub="x" * 1_000_000), "veld_te_lang"),
        ("geen object", "record_onleesbaar"),
    ],
)
def test_a_broken_signal_is_refused_and_its_neighbours_stay(tmp_path, broken, code):
    path = write_json(tmp_path, collection(feature(), broken, feature(sub="dood-dier")))
    records, rejects, _, read_count, _ = read(path)
    assert [(reject.line, reject.code) for reject in rejects] == [(2, code)]
    assert list(records["line"]) == [1, 3]
    assert read_count == 3


def test_the_edges_of_time_are_local_midnights(tmp_path):
    path = write_json(tmp_path, collection(feature("1999-12-31T23:00:00Z"), feature("2026-08-11T21:59:59Z")))
    assert len(read(path)[0]) == 2


def test_an_unknown_category_is_kept_and_counted(tmp_path):
    path = write_json(tmp_path, collection(*[feature(sub="ufo", head="ruimte")] * 3, feature(sub="ufo", head="afval")))
    records, _, notes, _, _ = read(path)
    assert list(records["categorie"]) == ["overig-overig"] * 3 + ["afval-overig"]
    assert records["bron_categorie"][0] == "ruimte/ufo"
    assert [(note.code, note.count) for note in notes] == [
        ("categorie_onbekend", 3),
        ("categorie_onbekend", 1),
    ]
    assert "ruimte/ufo" in notes[0].text


def private_signal(number=7, **changes):
    signal = {
        "id": number,
        "category": {"main_slug": "afval", "sub_slug": "grofvuil"},
        "created_at": "2026-06-01T10:00:00+02:00",
        "incident_date_start": "2026-05-30T10:00:00+02:00",
        "status": {"state": "o", "text": "SECRET-STATUS"},
        "location": {
            "geometrie": {"type": "Point", "coordinates": [6.89, 52.22]},
            "buurt_code": "BU01530000",
            "address": {"postcode": "7511AA", "huisnummer": 1, "openbare_ruimte": "SECRET-STREET"},
        },
        "reporter": {"email": "Secret@Example.org", "phone": None},
        "text": "SECRET-TEXT",
        "notes": [{"text": "SECRET-NOTE"}],
        "attachments": [{"href": "SECRET-ATTACHMENT"}],
    }
    return signal | changes


def test_private_signals_keep_their_id_and_state(tmp_path):
    path = write_json(tmp_path, {"count": 1, "results": [private_signal()]})
    records, rejects, notes, _, opened = read(path)
    row = records.iloc[0]
    assert (opened.formaat, opened.key_is_content, rejects) == ("signalen", False, [])
    assert (row["sleutel"], row["status"], row["categorie"]) == ("7", "afgehandeld", "afval-dumping")
    assert row["tijd"] == pd.Timestamp("2026-06-01T08:00:00Z")
    assert (row["buurt_code"], row["melder_sleutel"], row["adres_sleutel"]) == (None, None, None)
    assert notes[0].text == "Niet gelezen kolommen: attachments, notes, reporter, text."


@pytest.mark.parametrize("secret", [None, SECRET])
def test_nothing_personal_survives_a_private_signal(tmp_path, secret):
    path = write_json(tmp_path, [private_signal(1), private_signal(2, reporter={"email": " SECRET@example.org"})])
    records, _, notes, _, _ = read(path, secret=secret)
    said = records.to_csv() + " ".join(note.text for note in notes)
    assert "secret" not in said.lower()
    assert "7511AA" not in said
    if secret:
        assert records["melder_sleutel"].nunique() == 1
        assert records["melder_sleutel"].str.fullmatch(r"[0-9a-f]{32}").all()
        assert records["adres_sleutel"].nunique() == 1


def test_a_signal_without_point_has_its_buurt(tmp_path):
    place = {"geometrie": None, "buurt_code": "BU01530000"}
    strange = {"geometrie": None, "buurt_code": "A00a"}
    path = write_json(tmp_path, [private_signal(1, location=place), private_signal(2, location=strange)])
    records, rejects, *_ = read(path)
    assert list(records["buurt_code"]) == ["BU01530000"]
    assert np.isnan(records["x"]).all()
    assert [(reject.code, reject.key) for reject in rejects] == [("gebied_onbekend_formaat", "2")]


@pytest.mark.parametrize("wrap", [lambda rows: rows, lambda rows: {"service_requests": rows}])
def test_open311(tmp_path, wrap):
    request = {
        "service_request_id": "638344",
        "status": "closed",
        "service_name": "Graffiti / wildplak",
        "service_code": "003",
        "requested_datetime": "2026-04-14T06:37:38-08:00",
        "lat": 52.22,
        "long": "6.89",
        "address": "SECRET",
        "description": "SECRET",
        "media_url": "SECRET",
    }
    path = write_json(tmp_path, wrap([request, request | {"service_request_id": None}]))
    records, rejects, notes, _, opened = read(path)
    row = records.iloc[0]
    assert opened.formaat == "open311"
    assert (row["sleutel"], row["status"], row["categorie"]) == (
        "638344",
        "afgehandeld",
        "openbare-ruimte-vandalisme",
    )
    assert row["tijd"] == pd.Timestamp("2026-04-14T14:37:38Z")
    assert (round(row["x"]), round(row["y"])) == (257688, 471277)
    assert [reject.code for reject in rejects] == ["sleutel_ontbreekt"]
    assert "SECRET" not in records.to_csv()
    assert notes[0].text == "Niet gelezen kolommen: address, description, media_url."


def test_geojson_in_rd_says_so_itself(tmp_path):
    value = {
        "type": "FeatureCollection",
        "crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::28992"}},
        "features": [
            {
                "type": "Feature",
                "id": "a.1",
                "properties": {"datum": "01-06-2026 09:00", "categorie": "hondenpoep"},
                "geometry": {"type": "Point", "coordinates": [257000, 471000]},
            }
        ],
    }
    records, rejects, _, _, opened = read(write_json(tmp_path, value))
    assert (opened.formaat, opened.key_is_content, rejects) == ("geojson", False, [])
    assert records.loc[0, ["sleutel", "x", "y"]].tolist() == ["a.1", 257000.0, 471000.0]


def test_the_official_point_of_rd(tmp_path):
    path = write_json(tmp_path, collection(feature(point=(5.387203657, 52.155172897))))
    row = read(path)[0].iloc[0]
    assert abs(row["x"] - 155_000) < 0.25
    assert abs(row["y"] - 463_000) < 0.25


@pytest.mark.parametrize(
    "text",
    [
        "[]",
        '{"a": 1}',
        '[{"a": 1}]',
        '{"type": "FeatureCollection", "features": [',
        "{",
        '{"features": [1,, 2]}',
    ],
)
def test_json_that_holds_no_meldingen_is_refused(tmp_path, text):
    path = tmp_path / "bron.json"
    path.write_text(text)
    with pytest.raises(SourceUnreadable, match=r"^bron\.json .*\.$"):
        read(path)


def test_a_file_cut_off_half_way_is_refused(tmp_path):
    path = write_json(tmp_path, collection(*[feature()] * 50))
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(SourceUnreadable, match="geen geldige of volledige JSON"):
        read(path)


def test_missing_empty_and_html_files_are_refused(tmp_path):
    with pytest.raises(SourceNotFound):
        read(tmp_path / "weg.json")
    for name, text in (("leeg.json", ""), ("pagina.json", "<!DOCTYPE html><html></html>")):
        (tmp_path / name).write_text(text)
        with pytest.raises(SourceUnreadable, match=name):
            read(tmp_path / name)


def test_a_stated_format_must_fit_the_content(tmp_path):
    path = write_json(tmp_path, collection(feature()))
    with pytest.raises(SourceUnreadable, match="is geen csv"):
        read(path, formaat="csv")
    with pytest.raises(SourceUnreadable, match="xml bestaat niet"):
        read(path, formaat="xml")


def test_strange_signs_reach_no_database(tmp_path):
    path = tmp_path / "bron.json"
    path.write_text(json.dumps(collection(feature(sub="a\x00b\ud800"))))
    records, *_ = read(path)
    assert records["bron_categorie"].tolist() == ["overlast-dier/ab?"]


def test_stopping_half_way_closes_everything(tmp_path):
    path = write_json(tmp_path, collection(*[feature()] * 5))
    with read_meldingen(path, today=TODAY, chunk_rows=1) as opened:
        next(opened.batches)
    assert list(opened.batches) == []


def test_a_short_secret_is_refused(tmp_path):
    with pytest.raises(ValueError, match="at least 16"):
        read(write_json(tmp_path, collection(feature())), secret=b"kort")
