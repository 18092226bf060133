"""Meldingen from CSV and Excel, with and without a mapping."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import numpy as np
import openpyxl
import pandas as pd
import pytest

from ingest.errors import ColumnsForbidden, ColumnsMissing, SourceUnreadable
from ingest.mapping import Mapping
from tests.ingest.test_meldingen import SECRET, read

HEADER = "id,created_at,lon,lat,category,status\n"


def write(folder, text, name="bron.csv", encoding="utf-8"):
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


def row(key="1", when="2026-06-01T10:00:00Z", lon="6.89", lat="52.22", category="hondenpoep", status="open"):
    return ",".join([key, when, lon, lat, category, status]) + "\n"


def test_common_names_need_no_mapping(tmp_path):
    records, rejects, notes, count, opened = read(write(tmp_path, HEADER + row()))
    assert (opened.formaat, opened.key_is_content, rejects, notes, count) == ("csv", False, [], [], 1)
    line = records.iloc[0]
    assert (line["line"], line["sleutel"], line["status"]) == (2, "1", "gemeld")
    assert (line["categorie"], line["bron_categorie"]) == ("dieren-honden", "hondenpoep")
    assert line["tijd"] == pd.Timestamp("2026-06-01T10:00:00Z")
    assert (round(line["x"]), round(line["y"])) == (257688, 471277)


@pytest.mark.parametrize(
    ("broken", "code"),
    [
        (row(when="1999-01-01T00:00:00Z"), "datum_voor_2000"),
        (row(when="2026-08-12T00:00:00Z"), "datum_na_morgen"),
        (row(when="2026"), "datum_onleesbaar"),
        (row(when="2026-02-30T10:00:00Z"), "datum_onleesbaar"),
        (row(when=""), "datum_onleesbaar"),
        (row(lon="", lat=""), "coordinaat_ontbreekt"),
        (row(lat=""), "coordinaat_ontbreekt"),
        (row(lon="NaN"), "coordinaat_nan"),
        (row(lon="inf"), "coordinaat_nan"),
        (row(lon="zes"), "coordinaat_nan"),
        (row(lon="257000", lat="471000"), "coordinaat_nan"),
        (row(key=""), "sleutel_ontbreekt"),
        (row(key="   "), "sleutel_ontbreekt"),
        (row(category="x" * 1_000_000), "veld_te_lang"),
        (row(key="x" * 4_001), "veld_te_lang"),
    ],
)
def test_a_broken_row_is_refused_with_its_line(tmp_path, broken, code):
    records, rejects, _, count, _ = read(write(tmp_path, HEADER + row() + broken + row(key="3")))
    assert [(reject.line, reject.code) for reject in rejects] == [(3, code)]
    assert rejects[0].reason.endswith(".")
    assert len(rejects[0].key) <= 80
    assert (list(records["sleutel"]), count) == (["1", "3"], 3)


def test_swapped_degrees_are_not_guessed_but_lie_far_away(tmp_path):
    records, rejects, *_ = read(write(tmp_path, HEADER + row(lon="52.22", lat="6.89")))
    assert rejects == []
    assert abs(records["x"][0]) > 1_000_000


def test_a_long_text_that_is_not_read_does_not_matter_until_it_swallows_rows(tmp_path):
    text = "id,created_at,lon,lat,omschrijving\n1,2026-06-01T10:00:00Z,6.89,52.22,{}\n"
    records, rejects, *_ = read(write(tmp_path, text.format("x" * 9_000)))
    assert (len(records), rejects) == (1, [])
    records, rejects, *_ = read(write(tmp_path, text.format("x" * 1_000_000)))
    assert (len(records), [reject.code for reject in rejects]) == (0, ["veld_te_lang"])


def test_columns_outside_the_list_are_named_once_and_never_kept(tmp_path):
    header = "id,datum,lon,lat,categorie,omschrijving,nationaliteit,religie\n"
    line = "{},2026-06-01,6.89,52.22,hondenpoep,SECRET,SECRET,SECRET\n"
    path = write(tmp_path, header + "".join(line.format(number) for number in range(5)))
    records, _, notes, _, _ = read(path, chunk_rows=2)
    assert "SECRET" not in records.to_csv()
    assert [note.text for note in notes if note.code == "kolommen_niet_gelezen"] == [
        "Niet gelezen kolommen: omschrijving. "
        "Nooit gelezen (herkomst, nationaliteit of religie): nationaliteit, religie."
    ]


def test_reporter_and_address_become_pseudonyms_only_with_a_secret(tmp_path):
    text = "id,datum,lon,lat,melder,adres\n1,2026-06-01,6.8,52.2,jan@x.nl,Dam 1\n"
    text += "2,2026-06-02,6.8,52.2,JAN@x.nl ,Dam 1\n"
    path = write(tmp_path, text)
    plain, _, notes, _, _ = read(path)
    assert plain[["melder_sleutel", "adres_sleutel"]].isna().all(axis=None)
    assert "melder, adres" in notes[0].text
    keyed, *_ = read(path, secret=SECRET)
    assert keyed["melder_sleutel"].nunique() == 1
    assert keyed["melder_sleutel"][0] != keyed["adres_sleutel"][0]
    assert set(keyed["melder_sleutel"]).isdisjoint(read(path, secret=SECRET + b"2")[0]["melder_sleutel"])


def test_the_clock_change_is_kept_with_a_note(tmp_path):
    rows = (
        row("herfst", "2025-10-26 02:30:00")
        + row("lente", "2026-03-29 02:30:00")
        + row("gewoon", "2026-06-01 02:30:00")
    )
    records, rejects, notes, _, _ = read(write(tmp_path, HEADER + rows))
    assert rejects == []
    moments = dict(zip(records["sleutel"], records["tijd"], strict=True))
    assert moments["herfst"] == pd.Timestamp("2025-10-26T00:30:00Z")
    assert moments["lente"] == pd.Timestamp("2026-03-29T01:00:00Z")
    assert moments["gewoon"] == pd.Timestamp("2026-06-01T00:30:00Z")
    assert list(records["tijd_onzeker"]) == [True, True, False]
    assert [(note.code, note.count) for note in notes] == [("tijd_onzeker", 2)]


def test_latin1_is_decoded_and_said(tmp_path):
    path = write(tmp_path, HEADER + row(category="Café"), encoding="latin-1")
    records, _, notes, _, _ = read(path)
    assert records["bron_categorie"][0] == "Café"
    assert "latin1" in [note.code for note in notes]


def test_buurt_only_rows(tmp_path):
    text = "id,datum,buurtcode,categorie\n1,01-06-2026,bu01530000,hondenpoep\n"
    text += "2,01-06-2026,City,hondenpoep\n3,01-06-2026,,x\n"
    records, rejects, *_ = read(write(tmp_path, text))
    assert list(records["buurt_code"]) == ["BU01530000"]
    assert np.isnan(records["x"]).all()
    assert [reject.code for reject in rejects] == ["gebied_onbekend_formaat", "coordinaat_ontbreekt"]


def test_rows_with_too_many_fields_are_refused_not_lost(tmp_path):
    records, rejects, _, count, _ = read(write(tmp_path, HEADER + row() + "1,2,3\n" + row(key="3")))
    assert (list(records["sleutel"]), [reject.line for reject in rejects], count) == (["1", "3"], [3], 3)


def test_a_mapping_names_everything(tmp_path):
    mapping = tmp_path / "m.toml"
    mapping.write_text(
        'bron = "Meldpunt"\ncrs = "EPSG:28992"\ndatumformaten = ["%m/%d/%Y %H.%M"]\n'
        '[kolommen]\nsleutel = "Zaak nr"\ntijd = "Ontvangen"\nx = "X"\ny = "Y"\n'
        'categorie = "Wat"\nstatus = "Fase"\n'
        '[categorieen]\n"Lawaai hiernaast" = "wonen-geluid"\n[statussen]\n"Klaar" = "afgehandeld"\n'
    )
    text = "Zaak nr;Ontvangen;X;Y;Wat;Fase;Toelichting\n"
    text += '9;06/13/2026 14.05;"257000,5";471000;Lawaai hiernaast;Klaar;SECRET\n'
    records, rejects, notes, _, opened = read(write(tmp_path, text), mapping=mapping)
    line = records.iloc[0]
    assert rejects == []
    assert line["tijd"] == pd.Timestamp("2026-06-13T12:05:00Z")
    assert (line["x"], line["categorie"], line["status"]) == (257000.5, "wonen-geluid", "afgehandeld")
    assert [note.text for note in notes] == ["Niet gelezen kolommen: Toelichting."]
    assert opened.bron == "Meldpunt"


@pytest.mark.parametrize(
    "column", ["herkomst", "Nationaliteit", "geloof", "p_west_al", "percenta14", "Migratieachtergrond"]
)
def test_a_mapping_that_asks_for_origin_is_refused(tmp_path, column):
    mapping = tmp_path / "m.toml"
    mapping.write_text(f'[kolommen]\nsleutel = "id"\ntijd = "datum"\ncategorie = "{column}"\n')
    with pytest.raises(ColumnsForbidden, match="nooit gelezen"):
        read(write(tmp_path, f"id,datum,{column}\n1,2026-06-01,x\n"), mapping=mapping)
    with pytest.raises(ColumnsForbidden):
        Mapping(kolommen={"categorie": column})


def test_missing_columns_are_named(tmp_path):
    with pytest.raises(ColumnsMissing, match="mist een kolom voor tijd"):
        read(write(tmp_path, "id,lon,lat\n1,6,52\n"))
    with pytest.raises(ColumnsMissing, match="mist een kolom voor lon, lat"):
        read(write(tmp_path, "id,datum,categorie\n1,2026-06-01,x\n"))
    with pytest.raises(ColumnsMissing, match="noemt de kolom Zaak"):
        read(write(tmp_path, HEADER + row()), mapping=Mapping(kolommen={"sleutel": "Zaak"}))


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("kolomen = 1", "kent de sleutel kolomen niet"),
        ('crs = "EPSG:99999999"', "bestaat niet"),
        ('tijdzone = "Europe/Enschede"', "tijdzone Europe/Enschede bestaat niet"),
        ('categorie = "lawaai"', "geen bekende code"),
        ('categorie = "afval"', "geen bekende code"),
        ('[categorieen]\n"x" = "lawaai"', "geen bekende code"),
        ('[statussen]\n"x" = "weg"', "geen bekende code"),
        ('datumformaten = ["dag"]', "datumformaten"),
        ('[kolommen]\nnaam = "x"', "onder \\[kolommen\\] naam"),
        ("x = [", "geen geldige TOML"),
    ],
)
def test_a_wrong_mapping_is_refused(tmp_path, text, problem):
    mapping = tmp_path / "m.toml"
    mapping.write_text(text)
    with pytest.raises(SourceUnreadable, match=problem):
        read(write(tmp_path, HEADER + row()), mapping=mapping)


def test_excel_is_read_as_csv_is(tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["meldingsnummer", "datum", "x", "y", "hoofdcategorie", "categorie"])
    book.active.append([12, datetime(2026, 6, 1, 14, 30), 257000, 471000.25, "Afval", "Grofvuil"])
    book.save(tmp_path / "bron.xlsx")
    records, rejects, *_ = read(tmp_path / "bron.xlsx")
    line = records.iloc[0]
    assert rejects == []
    assert (line["line"], line["sleutel"], line["y"]) == (2, "12", 471000.25)
    assert line["tijd"] == pd.Timestamp(datetime(2026, 6, 1, 12, 30, tzinfo=UTC))
    assert (line["bron_categorie"], line["categorie"]) == ("Afval/Grofvuil", "afval-dumping")


def test_two_hundred_thousand_rows_are_read_by_columns(tmp_path):
    rows = "".join(row(str(number)) for number in range(1_000))
    path = write(tmp_path, HEADER + rows * 200)
    start = time.process_time()
    records, *_ = read(path)
    assert len(records) == 200_000
    # Some 0.7 s by columns and ten times that row by row; the bench holds the figure.
    assert time.process_time() - start < 5
