"""Several municipalities side by side, and how a load decides to which one it belongs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.databases import load_assen_gebieden, load_assen_meldingen, load_politie
from tests.geo_service.dorp import MIDDLE, melding, write_csv
from tests.geo_service.support import call_cli, fingerprint, load, rows, value

Testdata = Callable[[str], Path]


@pytest.fixture(scope="session")
def many(server, migrated: str, testdata: Testdata) -> str:
    """Assen and the fourteen municipalities of Twente in one database."""

    def build(url: str) -> None:
        load("ingest", "gebieden", testdata("cbs/twente_buurten_2021_28992.gpkg"), "--jaar", 2021, url=url)
        load_assen_gebieden(url, testdata)

    return server.shared("veel", build, migrated)


@pytest.fixture
def many_url(new_database: Callable[..., str], many: str) -> str:
    return new_database(many)


def test_one_file_fills_fourteen_municipalities(many_url: str) -> None:
    assert value(many_url, "select count(*) from publiek.gebied where niveau = 'buurt' and jaar = 2021") == 517
    assert value(many_url, "select count(*) from publiek.gemeente") == 15
    assert rows(
        many_url,
        "select gemeente_code, niveau, count(*) from publiek.gebied where gemeente_code in ('GM0153', 'GM0106') "
        "group by 1, 2 order by 1, 2",
    ) == [
        ("GM0106", "buurt", 109), ("GM0106", "gemeente", 1), ("GM0106", "wijk", 10),
        ("GM0153", "buurt", 70), ("GM0153", "gemeente", 1), ("GM0153", "wijk", 10),
    ]  # fmt: skip
    wrong = "select count(*) from publiek.indeling where substr(buurt_code, 3, 4) <> substr(gemeente_code, 3, 4)"
    assert value(many_url, wrong) == 0


def test_the_second_run_of_many_stores_nothing(many_url: str, testdata: Testdata) -> None:
    before = fingerprint(many_url, without=frozenset({"intern.ingest_run"}))
    said = load("ingest", "gebieden", testdata("cbs/twente_buurten_2021_28992.gpkg"), "--jaar", 2021, url=many_url)
    assert "517 gelezen · 0 opgeslagen · 651 ongewijzigd" in said
    assert fingerprint(many_url, without=frozenset({"intern.ingest_run"})) == before


def test_points_choose_the_municipality_that_holds_most_of_them(many_url: str, testdata: Testdata) -> None:
    said = load_assen_meldingen(many_url, testdata)
    assert "gemeente GM0106" in said
    assert "2902 opgeslagen" in said
    assert "13 buiten" in said


def test_area_codes_choose_the_municipality(many_url: str, testdata: Testdata) -> None:
    said = load_politie(many_url, testdata)
    assert "gemeente GM0153" in said
    assert value(many_url, "select sum(aantal) from intern.kubus where gemeente_code = 'GM0153'") == 9024


def test_buurt_codes_of_reports_without_a_point_choose_the_municipality(many_url: str, tmp_path: Path) -> None:
    path = tmp_path / "codes.csv"
    path.write_text("id,created_at,buurt_code,category\n1,2025-03-10,BU01530000,afval-dumping\n", encoding="utf-8")
    assert "gemeente GM0153" in load("ingest", "meldingen", path, "--bron", "codes", url=many_url)


def test_the_asked_municipality_comes_first(many_url: str, testdata: Testdata) -> None:
    meldingen = testdata("assen/assen_signalen_geography_vorm.geojson")
    done = call_cli("ingest", "meldingen", meldingen, "--bron", "x", "--gemeente", "GM0153", url=many_url)
    assert done.returncode == 1
    assert "2902" in done.stderr or "3024" in done.stderr
    assert "GM0153" in done.stderr


def test_a_known_source_keeps_its_municipality(many_url: str, tmp_path: Path) -> None:
    """Five points of Enschede first; then a list with most points elsewhere is not silently given to the other."""
    enschede = value(
        many_url,
        "select format('%s,%s', round(st_x(p)), round(st_y(p))) from (select st_pointonsurface(geom) as p from "
        "publiek.gebied where niveau = 'buurt' and code = 'BU01530000') g",
    ).split(",")
    hengelo = value(
        many_url,
        "select format('%s,%s', round(st_x(p)), round(st_y(p))) from (select st_pointonsurface(geom) as p from "
        "publiek.gebied where niveau = 'buurt' and gemeente_code = 'GM0164' order by code limit 1) g",
    ).split(",")
    here = write_csv(tmp_path / "hier.csv", [melding(n, at=tuple(enschede)) for n in range(5)])
    there = write_csv(tmp_path / "daar.csv", [melding(n, at=tuple(hengelo)) for n in range(5, 10)])
    assert "gemeente GM0153" in load("ingest", "meldingen", here, "--bron", "lijst", url=many_url)
    done = call_cli("ingest", "meldingen", there, "--bron", "lijst", url=many_url)
    assert done.returncode == 1
    assert "GM0153" in done.stderr
    assert "gemeente GM0164" in load("ingest", "meldingen", there, "--bron", "lijst-hengelo", url=many_url)


def test_equal_source_names_in_two_municipalities_do_not_touch(many_url: str, testdata: Testdata) -> None:
    load_assen_meldingen(many_url, testdata)
    before = rows(many_url, "select gebied_code, dag, sum(aantal) from intern.kubus group by 1, 2 order by 1, 2")
    politie = testdata("politie/politie_47018NED_2023_enschede_buurt_totaal.csv")
    load("ingest", "meldingen", politie, "--bron", "signalen-assen", "--gemeente", "GM0153", url=many_url)
    after = rows(
        many_url,
        "select gebied_code, dag, sum(aantal) from intern.kubus where gemeente_code = 'GM0106' "
        "group by 1, 2 order by 1, 2",
    )
    assert after == before
    assert rows(many_url, "select gemeente_code from publiek.bron order by 1") == [("GM0106",), ("GM0153",)]


def test_nothing_to_choose_by_is_refused(url: str, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "lijst.csv", [melding(1)])
    done = call_cli("ingest", "meldingen", path, "--bron", "lijst", url=url)
    assert done.returncode == 1
    assert "--gemeente GM0153" in done.stderr


def test_without_areas_reports_wait_for_them(url: str, tmp_path: Path, testdata: Testdata) -> None:
    """Reports first, areas later: the areas give them their buurt and the cube follows."""
    meldingen = testdata("assen/assen_signalen_geography_vorm.geojson")
    command = ("ingest", "meldingen", meldingen, "--bron", "signalen-assen", "--gemeente", "GM0106")
    assert "2902 opgeslagen" in load(*command, url=url)
    assert value(url, "select count(*) from intern.melding where buurt_code is not null") == 0
    load_assen_gebieden(url, testdata)
    assert value(url, "select count(*) from intern.melding where buurt_code is null") == 13
    assert rows(url, "select gebied_code = 'buiten', sum(aantal) from intern.kubus group by 1 order by 1") == [
        (False, 2889),
        (True, 13),
    ]
    assert "0 opgeslagen · 2902 ongewijzigd" in load(*command, url=url)


def test_the_only_loaded_municipality_is_the_default(dorp_url: str, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "lijst.csv", [melding(code, buurt=code) for code in MIDDLE])
    assert "gemeente GM9001" in load("ingest", "meldingen", path, "--bron", "lijst", url=dorp_url)
