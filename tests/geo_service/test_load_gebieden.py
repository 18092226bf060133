"""Real areas through the command line: what is stored, what is said, and that a second run changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.databases import load_assen_gebieden, load_enschede_gebieden
from tests.geo_service.support import fingerprint, rows, value

Testdata = Callable[[str], Path]
RUNS = frozenset({"intern.ingest_run"})


def test_enschede_has_70_buurten_10_wijken_and_5_stadsdelen(enschede_url: str) -> None:
    found = rows(
        enschede_url,
        "select niveau, count(*), round(sum(oppervlakte_ha)::numeric / 100, 2)::float from publiek.gebied "
        "group by 1 order by 1",
    )
    assert found == [("buurt", 70, 142.72), ("gemeente", 1, 142.72), ("stadsdeel", 5, 142.72), ("wijk", 10, 142.72)]


def test_the_stored_area_is_the_area_of_the_geometry(enschede_url: str) -> None:
    assert value(
        enschede_url, "select max(abs(st_area(geom) / 10000 - oppervlakte_ha)) from publiek.gebied"
    ) == pytest.approx(0, abs=1e-6)
    assert rows(enschede_url, "select distinct st_srid(geom), st_isvalid(geom) from publiek.gebied") == [(28992, True)]


def test_the_stadsdelen_of_enschede_come_from_the_table_and_do_not_nest_in_wijken(enschede_url: str) -> None:
    assert rows(
        enschede_url,
        "select gebied_code, count(*) from publiek.indeling where niveau = 'stadsdeel' group by 1 order by 1",
    ) == [
        ("GM0153-SD-centrum", 9),
        ("GM0153-SD-noord", 12),
        ("GM0153-SD-oost", 22),
        ("GM0153-SD-west", 16),
        ("GM0153-SD-zuid", 11),
    ]
    split = rows(
        enschede_url,
        "select w.gebied_code, count(distinct s.gebied_code) from publiek.indeling w join publiek.indeling s "
        "using (buurt_code) where w.niveau = 'wijk' and s.niveau = 'stadsdeel' group by 1 having count(distinct "
        "s.gebied_code) > 1 order by 1",
    )
    assert ("WK015307", 2) in split
    assert ("WK015309", 4) in split


def test_key_figures_come_along_and_columns_on_origin_do_not(enschede_url: str) -> None:
    assert rows(
        enschede_url,
        "select indicator, status, count(*), sum(waarde) from publiek.kerncijfer where jaar = 2021 group by 1, 2 "
        "order by 1",
    ) == [
        ("adressendichtheid", "ok", 70, 121_770),
        ("huishoudens", "ok", 70, 79_540),
        ("inwoners", "ok", 70, 159_655),
    ]
    notes = value(enschede_url, "select opmerkingen from intern.ingest_run where laag = 'gebieden'")
    forbidden = next(note for note in notes if note["code"] == "kolom_verboden")
    assert forbidden["tekst"].endswith(
        "percenta12, percenta13, percenta14, percenta15, percenta16, percenta17, percenta18."
    )


def test_a_second_run_of_enschede_stores_nothing(copy_of: Callable[[str], str], testdata: Testdata) -> None:
    url = copy_of("enschede")
    before = fingerprint(url, without=RUNS)
    said = load_enschede_gebieden(url, testdata)
    assert "70 gelezen · 0 opgeslagen · 86 ongewijzigd · 0 afgekeurd · 0 buiten de gebieden" in said
    assert "buurt: 70 gebieden, 70 getekend, 142.72 km²" in said
    assert fingerprint(url, without=RUNS) == before


def test_the_run_is_recorded_with_file_hash_counts_and_duration(enschede_url: str) -> None:
    ((gemeente, bestand, sha256, uitkomst, counts, seconds),) = rows(
        enschede_url,
        "select gemeente_code, bestand, sha256, uitkomst, aantallen, seconden from intern.ingest_run "
        "where laag = 'gebieden'",
    )
    assert (gemeente, bestand, uitkomst) == ("GM0153", "cbs_buurten_2021_enschede_28992.gpkg", "opgeslagen")
    assert len(sha256) == 64
    assert (counts["gelezen"], counts["opgeslagen"], counts["afgekeurd"]) == (70, 86, 0)
    assert 0 < seconds < 60


def test_assen_has_109_buurten_of_which_95_are_drawn(assen_url: str) -> None:
    assert rows(
        assen_url,
        "select geom_status, count(*), count(geom) from publiek.gebied where niveau = 'buurt' group by 1 order by 1",
    ) == [("geen_vlak", 14, 0), ("hersteld", 4, 4), ("ok", 91, 91)]
    assert value(assen_url, "select count(*) from publiek.gebied where niveau = 'wijk'") == 10


def test_the_report_of_assen_names_each_repaired_and_each_undrawn_buurt(url: str, testdata: Testdata) -> None:
    said = load_assen_gebieden(url, testdata)
    lines = {line.partition(":")[0]: line for line in (line.removeprefix("  let op: ") for line in said.splitlines())}
    names = dict(rows(url, "select code, geom_status from publiek.gebied where niveau = 'buurt'"))
    for status, head in (
        ("hersteld", "Ongeldige vorm hersteld"),
        ("geen_vlak", "Geen vlak, wel in het register maar niet op de kaart"),
    ):
        named = {code for code, found in names.items() if found == status}
        assert {code for code in names if f"({code})" in lines[head]} == named
    assert "109 gelezen · 120 opgeslagen" in said
    assert "buurt: 109 gebieden, 95 getekend" in said
    again = load_assen_gebieden(url, testdata)
    assert "109 gelezen · 0 opgeslagen · 120 ongewijzigd" in again
