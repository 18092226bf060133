"""Key figures: shapes of CBS, shifting suffixes, sentinels, and what must never be read."""

from __future__ import annotations

import json

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.errors import ColumnsMissing, SourceRefused, SourceUnreadable
from ingest.indicatoren import choose_columns, forbidden_reason, indicator_of
from ingest.kerncijfers import KERNCIJFER_COLUMNS, read_kerncijfers
from tests.ingest.http_bron import serve


def read(source, **options):
    batches = list(read_kerncijfers(source, **options))
    return (
        pd.concat([batch.records for batch in batches], ignore_index=True),
        sum(batch.read for batch in batches),
        [reject for batch in batches for reject in batch.rejects],
        {note.code: note for batch in batches for note in batch.notes},
    )


def write(path, document):
    path.write_text(json.dumps(document))
    return path


def rows_of(records):
    return [tuple(None if value != value else value for value in row) for row in records.itertuples(index=False)]


def test_inhabitants_of_enschede_from_the_real_cbs_file(testdata):
    path = testdata("cbs/85984NED_Population85984_2024.csv")
    records, count, rejects, notes = read(path, gemeente="GM0153")
    assert (count, len(records), records["waarde"].sum()) == (14574, 70, 161740)
    assert set(records["jaar"]) == {2024}
    assert set(records["indicator"]) == {"inwoners"}
    assert set(records["status"]) == {"ok"}
    assert rejects == []
    assert notes["andere_gemeente"].count == 14504
    assert records.columns.tolist() == list(KERNCIJFER_COLUMNS)


def test_codes_with_letters_are_real(testdata):
    records, _, rejects, _ = read(testdata("cbs/85984NED_Population85984_2024.csv"), gemeente="GM0363")
    assert rejects == []
    assert len(records) == 517
    assert "BU0363AA01" in set(records["gebied_code"])


def test_odata_v3_padded_keys_suffixes_and_sentinels(tmp_path):
    value = [
        {"WijkenEnBuurten": "BU01530000", "AantalInwoners_5": 3410, "Koopwoningen_40": -99997, "Wmo_90": 3},
        {"WijkenEnBuurten": "WK015300  ", "AantalInwoners_5": None, "Koopwoningen_40": 33},
        {"WijkenEnBuurten": "NL00      ", "AantalInwoners_5": 17_000_000},
    ]
    records, count, rejects, notes = read(write(tmp_path / "85039NED.json", {"value": value}))
    assert count == 3
    assert rejects == []
    assert rows_of(records) == [
        ("BU01530000", 2021, "inwoners", 3410, "ok"),
        ("BU01530000", 2021, "koop_pct", None, "ontbreekt"),
        ("WK015300", 2021, "inwoners", None, "ontbreekt"),
        ("WK015300", 2021, "koop_pct", 33, "ok"),
    ]
    assert notes["geen_gemeentegebied"].count == 1
    assert "Wmo_90" in notes["kolom_niet_gelezen"].text


def test_odata_v4_rows(tmp_path):
    value = [
        {"Measure": measure, "WijkenEnBuurten": "BU01530000", "Value": number}
        for measure, number in (
            ("Woningvoorraad_34", 10),
            ("Nederland_17", 9),
            ("HuurwoningenTotaal_42", -99999999),
        )
    ]
    records, _, _, notes = read(write(tmp_path / "obs.json", {"value": value}), jaar=2023)
    assert rows_of(records) == [
        ("BU01530000", 2023, "woningvoorraad", 10, "ok"),
        ("BU01530000", 2023, "huur_pct", None, "ontbreekt"),
    ]
    assert "Nederland_17" in notes["kolom_verboden"].text


def test_a_url_is_followed_page_by_page():
    first = {
        "value": [{"Measure": "T1", "WijkenEnBuurten": "BU01530000", "Value": 5}],
        "@odata.nextLink": "Observations?p=2",
    }
    second = {"value": [{"Measure": "T1", "WijkenEnBuurten": "BU01530001", "Value": 6}]}
    codes = {"value": [{"Identifier": "T1", "Title": "Aantal inwoners"}]}
    answers = {
        f"/85984NED/{name}": (200, "application/json", json.dumps(body).encode())
        for name, body in (("Observations", first), ("Observations?p=2", second), ("MeasureCodes", codes))
    }
    with serve(answers) as base:
        records, count, _, _ = read(f"{base}/85984NED/Observations")
    assert count == 2
    assert rows_of(records) == [
        ("BU01530000", 2024, "inwoners", 5, "ok"),
        ("BU01530001", 2024, "inwoners", 6, "ok"),
    ]


@pytest.mark.parametrize(
    ("link", "error", "words"),
    [
        ("TypedDataSet", SourceUnreadable, "kring"),
        ("http://elders.invalid/x", SourceRefused, "andere server"),
    ],
)
def test_next_pages_that_go_nowhere_are_refused(link, error, words):
    page = {"value": [{"WijkenEnBuurten": "BU01530000", "AantalInwoners_5": 5}], "odata.nextLink": link}
    answers = {"/85984NED/TypedDataSet": (200, "application/json", json.dumps(page).encode())}
    with serve(answers) as base, pytest.raises(error, match=words):
        read(f"{base}/85984NED/TypedDataSet")


def test_forbidden_columns_are_named_and_absent_from_the_result(tmp_path):
    row = {
        "WijkenEnBuurten": "BU01530000",
        "AantalInwoners_5": 5,
        "BuitenEuropa_19": 77771,
        "p_west_al": 77772,
    }
    records, _, _, notes = read(write(tmp_path / "kwb-2024.json", {"value": [row]}))
    assert "BuitenEuropa_19, p_west_al" in notes["kolom_verboden"].text
    assert records["waarde"].tolist() == [5]


def test_impossible_values_double_rows_and_bad_codes_are_rejected(tmp_path):
    path = tmp_path / "kwb_2022.csv"
    path.write_text(
        "gwb_code;a_inw;p_koopw\nBU01530000;1.5e3;12,5\nBU01530000;9;.\nBU01530001;-3;120\nX1;1;1\nBU01530002;veel;\n"
    )
    records, count, rejects, _ = read(path)
    assert count == 5
    assert rows_of(records) == [
        ("BU01530000", 2022, "inwoners", 1500, "ok"),
        ("BU01530000", 2022, "koop_pct", 12.5, "ok"),
        ("BU01530002", 2022, "koop_pct", None, "ontbreekt"),
    ]
    assert sorted((reject.line, reject.code) for reject in rejects) == [
        (3, "dubbel"),
        (3, "dubbel"),
        (4, "waarde_ongeldig"),
        (4, "waarde_ongeldig"),
        (5, "code_ongeldig"),
        (6, "waarde_ongeldig"),
    ]


def test_refused_sources(tmp_path):
    good = {"WijkenEnBuurten": "BU01530000", "AantalInwoners_5": 5}
    for name, document, error, words in (
        ("zonder.json", {"value": [good]}, SourceRefused, "--jaar"),
        ("a2024.json", {"rijen": [good]}, SourceUnreadable, "'value'"),
        ("b2024.json", {"value": [{"AantalInwoners_5": 5}]}, ColumnsMissing, "gebiedscodes"),
        (
            "c2024.json",
            {"value": [{"WijkenEnBuurten": "BU01530000", "Wmo_9": 5}]},
            ColumnsMissing,
            "toegestaan",
        ),
        (
            "d2024.json",
            {"value": [good], "@odata.nextLink": "https://x.invalid/2"},
            SourceRefused,
            "maar één pagina",
        ),
    ):
        with pytest.raises(error, match=words):
            read(write(tmp_path / name, document))


def test_the_real_dictionary_of_2024_is_understood(testdata):
    keys = pd.read_csv(testdata("cbs/85984NED_DataProperties.csv"))["Key"].dropna().tolist()
    choice = choose_columns(keys, 2024)
    assert choice.read == {
        "AantalInwoners_5": "inwoners",
        "HuishoudensTotaal_29": "huishoudens",
        "Woningvoorraad_35": "woningvoorraad",
        "GemiddeldeWOZWaardeVanWoningen_36": "woz_1000",
        "PercentageEengezinswoning_37": "eengezins_pct",
        "PercentageMeergezinswoning_38": "meergezins_pct",
        "Koopwoningen_41": "koop_pct",
        "HuurwoningenTotaal_42": "huur_pct",
        "InBezitWoningcorporatie_43": "corporatie_pct",
        "InBezitOverigeVerhuurders_44": "overige_verhuur_pct",
        "BouwjaarVoor2000_46": "bouwjaar_voor_2000_pct",
        "BouwjaarVanaf2000_47": "bouwjaar_vanaf_2000_pct",
        "Omgevingsadressendichtheid_118": "adressendichtheid",
    }
    assert [key for key in keys if forbidden_reason(key, 2024)] == [
        "Nederland_17",
        "EuropaExclusiefNederland_18",
        "BuitenEuropa_19",
        "Nederland_20",
        "EuropaExclusiefNederland_21",
        "BuitenEuropa_22",
        "EuropaExclusiefNederland_23",
        "BuitenEuropa_24",
    ]


@settings(deadline=None)
@given(st.sampled_from(["AantalInwoners", "Koopwoningen", "Woningvoorraad"]), st.integers(0, 999))
def test_the_suffix_never_matters(stem, number):
    assert indicator_of(f"{stem}_{number}") == indicator_of(stem)
    assert indicator_of(stem) is not None
