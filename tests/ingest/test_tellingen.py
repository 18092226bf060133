"""Counts per area: the real police table, own lists, and what must never be added up."""

from __future__ import annotations

import json

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.checks import parse_counts
from ingest.errors import ColumnsMissing
from ingest.perioden import parse_period
from ingest.tellingen import COLUMNS
from tests.ingest.test_meldingen import read

HEADER = "gebied_code,van,tot,categorie,aantal\n"
POLICE = "WijkenEnBuurten,SoortMisdrijf,Perioden,GeregistreerdeMisdrijven_1\n"


def write(folder, text, name="telling.csv"):
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_the_police_recorded_9024_crimes_in_70_buurten(testdata):
    records, rejects, notes, count, opened = read(testdata("politie/politie_47018NED_2023_enschede_buurt_totaal.csv"))
    assert (opened.formaat, opened.kind, rejects, count) == ("telling", "telling", [], 70)
    assert (records["aantal"].sum(), records["gebied_code"].nunique()) == (9024, 70)
    assert set(records["categorie"]) == {"veiligheid-misdrijven"}
    assert set(records["bron_categorie"]) == {"politie-misdrijven/0.0.0"}
    assert set(records["van"].astype(str)) == {"2023-01-01"}
    assert set(records["tot"].astype(str)) == {"2023-12-31"}
    assert [note.text for note in notes] == ["Niet gelezen kolommen: WijkenEnBuurten_label."]
    assert tuple(records.columns) == COLUMNS


def test_a_total_and_its_parts_are_not_added_up(tmp_path):
    text = POLICE + (
        "BU01530000,0.0.0 ,2023JJ00,10\nBU01530000,1.1.1 ,2023JJ00,4\nBU01530000,1.1.2 ,2023JJ00,6\n"
        "BU01530001,1.1.1 ,2023JJ00,3\nBU01530001,1.1.2 ,2023JJ00,2\n"
    )
    records, rejects, notes, count, _ = read(write(tmp_path, text), chunk_rows=2)
    assert records.groupby("gebied_code")["aantal"].sum().to_dict() == {"BU01530000": 10, "BU01530001": 5}
    assert (rejects, count) == ([], 5)
    assert sum(note.count for note in notes if note.code == "onderdelen_weggelaten") == 2


def test_levels_and_periods_that_overlap_are_not_added_up(tmp_path):
    text = POLICE + (
        "NL00      ,0.0.0 ,2023JJ00,99\nGM0153    ,0.0.0 ,2023JJ00,10\nBU01530000,0.0.0 ,2023JJ00,10\n"
        "BU01530000,0.0.0 ,2023MM01,1\nBU01530000,0.0.0 ,2024MM01,2\n"
    )
    records, rejects, notes, _, _ = read(write(tmp_path, text))
    assert records[["gebied_code", "aantal"]].to_numpy().tolist() == [["BU01530000", 10], ["BU01530000", 2]]
    assert rejects == []
    assert {note.code: note.count for note in notes} == {"niveau_weggelaten": 2, "periode_weggelaten": 1}


def test_odata_json_is_read_as_its_csv(tmp_path):
    row = {
        "ID": 1,
        "SoortMisdrijf": "0.0.0 ",
        "WijkenEnBuurten": "BU01530000",
        "Perioden": "2023MM05",
        "GeregistreerdeMisdrijven_1": 7,
    }
    missing = row | {"Perioden": "2023MM06", "GeregistreerdeMisdrijven_1": None}
    path = write(tmp_path, json.dumps({"odata.metadata": "x", "value": [row, missing]}), "t.json")
    records, rejects, _, _, opened = read(path)
    assert opened.kind == "telling"
    assert records[["aantal"]].to_numpy().tolist() == [[7]]
    assert (str(records["van"][0].date()), str(records["tot"][0].date())) == ("2023-05-01", "2023-05-31")
    assert [(reject.line, reject.code) for reject in rejects] == [(2, "aantal_ongeldig")]


def test_police_nuisance_is_its_own_category(tmp_path):
    text = "WijkenEnBuurten,SoortOverlast,Perioden,GeregistreerdeOverlast_1\nBU01530000,E35   ,2023KW01,3\n"
    records, *_ = read(write(tmp_path, text))
    assert records[["bron_categorie", "categorie"]].to_numpy().tolist() == [
        ["politie-overlast/E35", "veiligheid-overlast"]
    ]
    assert str(records["tot"][0].date()) == "2023-03-31"


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("BU01530000,2024-01-01,2024-03-31,burenruzie,-1", "aantal_ongeldig"),
        ("BU01530000,2024-01-01,2024-03-31,burenruzie,1.5", "aantal_ongeldig"),
        ("BU01530000,2024-01-01,2024-03-31,burenruzie,-99997", "aantal_ongeldig"),
        ("BU01530000,2024-01-01,2024-03-31,burenruzie,", "aantal_ongeldig"),
        ("BU01530000,2024-01-01,2024-03-31,burenruzie,1234567890", "aantal_ongeldig"),
        ("Pathmos,2024-01-01,2024-03-31,burenruzie,1", "gebied_onbekend_formaat"),
        (",2024-01-01,2024-03-31,burenruzie,1", "gebied_onbekend_formaat"),
        ("BU01530000,1999-01-01,1999-03-31,burenruzie,1", "datum_voor_2000"),
        ("BU01530000,2026-07-01,2026-09-30,burenruzie,1", "datum_na_morgen"),
        ("BU01530000,2024-04-01,2024-03-31,burenruzie,1", "periode_omgekeerd"),
        ("BU01530000,ooit,2024-03-31,burenruzie,1", "datum_onleesbaar"),
        ("BU01530000,2023-01-01,2023-03-31,wonen-burenruzie,2", "dubbel"),
    ],
)
def test_a_broken_count_is_refused(tmp_path, row, code):
    good = "BU01530000,2023-01-01,2023-03-31,wonen-burenruzie,1\n"
    records, rejects, *_ = read(write(tmp_path, HEADER + good + row + "\n"), chunk_rows=1)
    assert [(reject.line, reject.code) for reject in rejects] == [(3, code)]
    assert records["aantal"].tolist() == [1]


def test_own_lists_take_every_kind_of_area_and_plain_periods(tmp_path):
    text = "gebied;periode;categorie;aantal\nGM0153-SD-noord;2024-Q3;Burenruzie;12\nwk015300;2024;Burenruzie;0\n"
    records, rejects, notes, _, _ = read(write(tmp_path, text))
    assert (rejects, notes) == ([], [])
    assert records["gebied_code"].tolist() == ["GM0153-SD-noord", "WK015300"]
    assert records["tot"].astype(str).tolist() == ["2024-09-30", "2024-12-31"]
    assert records["categorie"].tolist() == ["wonen-burenruzie"] * 2


def test_a_count_without_category_is_refused_as_a_whole(tmp_path):
    with pytest.raises(ColumnsMissing, match="categorie"):
        read(write(tmp_path, "gebied_code,van,tot,aantal\nBU01530000,2024-01-01,2024-01-31,3\n"))


@settings(deadline=None)
@given(st.integers(2000, 2100), st.integers(1, 12))
def test_months_of_cbs_are_whole_months(year, month):
    period = parse_period(f"{year}MM{month:02}")
    assert (period.first.year, period.first.month, period.first.day, period.months) == (year, month, 1, 1)
    assert (period.last - period.first).days + 1 == pd.Period(f"{year}-{month:02}").days_in_month


@settings(deadline=None)
@given(st.text(max_size=12))
def test_no_text_breaks_the_period_parser(text):
    period = parse_period(text)
    assert period is None or period.first <= period.last


@pytest.mark.parametrize("text", ["2023MM13", "2023KW05", "2023JJ01", "2023-Q5", "2023-13", "23", "", "0000"])
def test_impossible_periods(text):
    assert parse_period(text) is None


@settings(deadline=None)
@given(st.integers(0, 999_999_999))
def test_counts_are_read_exactly(number):
    counts, valid = parse_counts(pd.Series([str(number), f"{number}.0", f" {number} ", f"-{number}x"], dtype=object))
    assert counts.tolist() == [number, number, number, 0]
    assert valid.tolist() == [True, True, True, False]
