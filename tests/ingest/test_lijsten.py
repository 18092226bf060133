"""Bezoeken, wijkwijzers and interventies."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest

from ingest.bezoeken import COLUMNS as BEZOEK_COLUMNS
from ingest.bezoeken import read_bezoeken
from ingest.errors import ColumnsForbidden, ColumnsMissing
from ingest.interventies import COLUMNS as INTERVENTIE_COLUMNS
from ingest.interventies import read_interventies
from ingest.mapping import Mapping
from ingest.wijkwijzers import COLUMNS as WIJKWIJZER_COLUMNS
from ingest.wijkwijzers import read_wijkwijzers

TODAY = date(2026, 8, 10)
BEZOEK = "wijkwijzer;datum;kanaal;thema;herkomst_buurt;uitkomst\n"
WIJKWIJZER = "naam,adres,partners,x,y,geldig_van,geldig_tot\n"
INTERVENTIE = "naam,doel,gebied,van,tot,categorie,richting,kosten\n"


def read(reader, folder, text, **options):
    path = folder / "lijst.csv"
    path.write_text(text, encoding="utf-8")
    batches = list(reader(path, today=TODAY, **options))
    records = pd.concat([batch.records for batch in batches], ignore_index=True)
    rejects = [(reject.line, reject.code) for batch in batches for reject in batch.rejects]
    notes = [(note.code, note.count) for batch in batches for note in batch.notes]
    return records, rejects, notes


def test_visits(tmp_path):
    text = BEZOEK + "Noord;01-02-2024;Inloop;Wonen;BU01530000;1e lijn\nNoord;2024-02-03;rook;;Pathmos;onbekend\n"
    records, rejects, notes = read(read_bezoeken, tmp_path, text)
    assert tuple(records.columns) == BEZOEK_COLUMNS
    assert rejects == []
    assert records.drop(columns=["sleutel", "datum"]).to_numpy().tolist() == [
        [2, "Noord", "fysiek", "Wonen", "BU01530000", "1e_lijn"],
        [3, "Noord", "onbekend", None, None, "onbekend"],
    ]
    assert records["datum"].astype(str).tolist() == ["2024-02-01", "2024-02-03"]
    assert notes == [("kanaal_onbekend", 1), ("herkomst_onbekend", 1)]


def test_equal_visits_without_a_key_stay_apart_and_keep_their_keys(tmp_path):
    row = "Noord;01-02-2024;Inloop;Wonen;;\n"
    first, *_ = read(read_bezoeken, tmp_path, BEZOEK + row * 3)
    assert first["sleutel"].nunique() == 3
    again, *_ = read(
        read_bezoeken,
        tmp_path,
        BEZOEK + "Zuid;01-02-2024;;;;\n" + row * 2 + "Noord;2024-02-01;fysiek;Wonen;;\n",
    )
    assert set(first["sleutel"]) == set(again["sleutel"][1:])


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (";2024-02-01;;;;\n", "wijkwijzer_ontbreekt"),
        ("Noord;;;;;\n", "datum_onleesbaar"),
        ("Noord;1999-12-31;;;;\n", "datum_voor_2000"),
        ("Noord;2026-08-12;;;;\n", "datum_na_morgen"),
        ("Noord;2024-02-01;;" + "x" * 1_000_000 + ";;\n", "veld_te_lang"),
    ],
)
def test_broken_visits(tmp_path, row, code):
    records, rejects, _ = read(read_bezoeken, tmp_path, BEZOEK + "Noord;2026-08-11;;;;\n" + row)
    assert (len(records), rejects) == (1, [(3, code)])


def test_visits_with_keys(tmp_path):
    text = "id,wijkwijzer,datum\n1,Noord,2024-01-01\n1,Noord,2024-01-02\n,Noord,2024-01-03\n"
    records, rejects, _ = read(read_bezoeken, tmp_path, text)
    assert records["sleutel"].tolist() == ["1"]
    assert rejects == [(3, "dubbel"), (4, "sleutel_ontbreekt")]


def test_a_story_in_the_theme_column_is_left_out(tmp_path):
    records, _, notes = read(read_bezoeken, tmp_path, BEZOEK + f"Noord;2024-02-01;;{'verhaal ' * 20};;\n")
    assert (records["thema"].tolist(), notes) == ([None], [("thema_te_lang", 1)])


def test_visits_never_carry_descent_but_may_carry_a_buurt_of_origin(tmp_path):
    text = "wijkwijzer,datum,herkomst_buurt,herkomst\nNoord,2024-01-01,BU01530000,SECRET\n"
    records, _, notes = read(read_bezoeken, tmp_path, text)
    assert records["herkomst_buurt_code"].tolist() == ["BU01530000"]
    assert "SECRET" not in records.to_csv()
    assert notes == [("kolommen_niet_gelezen", 1)]
    with pytest.raises(ColumnsForbidden):
        Mapping(kolommen={"herkomst_buurt_code": "herkomst"})


def test_wijkwijzers(tmp_path):
    text = WIJKWIJZER + "Wijkwijzer Noord,Straat 1,wijkteam,257000,471000.5,2018-01-01,9999-12-31\n"
    records, rejects, notes = read(read_wijkwijzers, tmp_path, text)
    assert tuple(records.columns) == WIJKWIJZER_COLUMNS
    assert (rejects, notes) == ([], [])
    assert records.loc[0, ["sleutel", "x", "y"]].tolist() == ["wijkwijzer-noord", 257000.0, 471000.5]
    assert str(records["geldig_van"][0].date()) == "2018-01-01"
    assert records["geldig_tot"].isna().all()


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (",a,,257000,471000,,\n", "naam_ontbreekt"),
        ("Zuid,a,,,,,\n", "coordinaat_ontbreekt"),
        ("Zuid,a,,nan,471000,,\n", "coordinaat_nan"),
        ("Zuid,a,,257000,471000,ooit,\n", "datum_onleesbaar"),
        ("Zuid,a,,257000,471000,2020-01-01,2019-01-01\n", "periode_omgekeerd"),
        ("Zuid,a,,257000,471000,2204-01-01,\n", "datum_te_ver"),
        ("noord!,a,,257000,471000,,\n", "dubbel"),
    ],
)
def test_broken_wijkwijzers(tmp_path, row, code):
    records, rejects, _ = read(read_wijkwijzers, tmp_path, WIJKWIJZER + "Noord,,,257000,471000,,\n" + row)
    assert (records["naam"].tolist(), rejects) == (["Noord"], [(3, code)])


def test_interventies(tmp_path):
    rows = 'Toezicht,5,"BU01530000; bu01530001",2024-01-01,2024-06-30,personen,stijging,"€ 12.500,00"\n'
    rows += "Buurtsport,1,GM0153-SD-noord,2030-01-01,,hondenpoep,,duur\n"
    records, rejects, notes = read(read_interventies, tmp_path, INTERVENTIE + rows)
    assert tuple(records.columns) == INTERVENTIE_COLUMNS
    assert rejects == []
    assert records["sleutel"].tolist() == ["toezicht-2024-01-01", "buurtsport-2030-01-01"]
    assert records["gebied_codes"].tolist() == ["BU01530000;BU01530001", "GM0153-SD-noord"]
    assert records["categorie"].tolist() == ["personen", "dieren-honden"]
    assert records["richting"].tolist() == ["stijging", "daling"]
    assert records["kosten"][0] == 12_500
    assert np.isnan(records["kosten"][1])
    assert records["doel"].tolist() == [5, 1]
    assert notes == [("richting_aangenomen", 1), ("kosten_onleesbaar", 1)]


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (",1,BU01530000,2024-01-01,,,,\n", "naam_ontbreekt"),
        ("B,6,BU01530000,2024-01-01,,,,\n", "doel_ongeldig"),
        ("B,,BU01530000,2024-01-01,,,,\n", "doel_ongeldig"),
        ("B,1,BU01530000;Pathmos,2024-01-01,,,,\n", "gebied_onbekend_formaat"),
        ("B,1,,2024-01-01,,,,\n", "gebied_onbekend_formaat"),
        ("B,1,BU01530000,ooit,,,,\n", "datum_onleesbaar"),
        ("B,1,BU01530000,2024-02-01,2024-01-01,,,\n", "periode_omgekeerd"),
        ("B,1,BU01530000,2024-02-01,,,opwaarts,\n", "richting_ongeldig"),
        ("A,1,BU01530000,2024-01-01,,,,\n", "dubbel"),
    ],
)
def test_broken_interventies(tmp_path, row, code):
    good = "A,1,BU01530000,2024-01-01,,,daling,\n"
    records, rejects, _ = read(read_interventies, tmp_path, INTERVENTIE + good + row)
    assert (len(records), rejects) == (1, [(3, code)])


@pytest.mark.parametrize(
    ("reader", "missing"),
    [(read_bezoeken, "wijkwijzer, datum"), (read_wijkwijzers, "naam"), (read_interventies, "naam, doel")],
)
def test_missing_columns(tmp_path, reader, missing):
    with pytest.raises(ColumnsMissing, match=f"mist een kolom voor {missing}"):
        read(reader, tmp_path, "a,b\n1,2\n")


def test_a_header_without_rows_gives_no_records(tmp_path):
    path = tmp_path / "lijst.csv"
    path.write_text(BEZOEK)
    assert sum(batch.read for batch in read_bezoeken(path, today=TODAY)) == 0
