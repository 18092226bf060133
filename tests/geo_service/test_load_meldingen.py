"""Real meldingen and counts through the command line, to the last report."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from geo_service.db.engine import Database
from geo_service.identity import ALL_STADSDELEN, Role, Viewer
from geo_service.release.cijfers import CijferTabel, CijferVraag, meldingen_per_gebied
from geo_service.release.context import connect_as, load_gemeente
from tests.databases import load_assen_gebieden, load_assen_meldingen, load_politie
from tests.geo_service.pool import ask_database
from tests.geo_service.support import fingerprint, load, rows, value

Testdata = Callable[[str], Path]
RUNS = frozenset({"intern.ingest_run"})
EVERYTHING = "2025-01-01/2026-12-31"


def figures(url: str, gemeente: str, vraag: CijferVraag) -> CijferTabel:
    """What a viewer who sees the whole municipality gets."""
    viewer = Viewer(Role.STADSDEELMANAGER, gemeente, frozenset({ALL_STADSDELEN}))

    async def ask(database: Database) -> CijferTabel:
        async with connect_as(database, viewer) as connection:
            known = await load_gemeente(connection, viewer, gemeente)
            answer = await meldingen_per_gebied(connection, viewer, known, vraag)
        assert answer is not None
        return answer

    return ask_database(url, ask)


def total(table: CijferTabel) -> int:
    return sum((row.cijfer.aantal or 0) + (row.buiten_dekking or 0) for row in table.rijen)


def test_assen_3024_rows_are_2902_reports(url: str, testdata: Testdata) -> None:
    load_assen_gebieden(url, testdata)
    said = load_assen_meldingen(url, testdata)
    assert (
        "3024 gelezen · 2902 opgeslagen · 0 ongewijzigd · 122 hergecategoriseerd · 0 afgekeurd · 13 buiten de gebieden"
        in said
    )
    assert "gemeente GM0106" in said
    before = fingerprint(url, without=RUNS)
    again = load_assen_meldingen(url, testdata)
    assert "3024 gelezen · 0 opgeslagen · 2902 ongewijzigd" in again
    assert "13 buiten de gebieden" in again
    assert fingerprint(url, without=RUNS) == before


def test_the_same_reports_as_plain_geojson_are_the_same_reports(
    copy_of: Callable[[str], str], testdata: Testdata
) -> None:
    url = copy_of("assen")
    harvest = testdata("assen/assen_meldingen_4326.geojson")
    said = load("ingest", "meldingen", harvest, "--bron", "signalen-assen", url=url)
    assert "3024 gelezen · 0 opgeslagen · 2902 ongewijzigd" in said


def test_assen_keeps_the_last_category_of_a_report_and_maps_the_tree(assen_url: str) -> None:
    heads = rows(
        assen_url,
        "select c.hoofd, count(*) from intern.melding m join publiek.categorie c on c.code = m.categorie "
        "group by 1 order by 2 desc, 1",
    )
    assert heads == [
        ("groen-water", 959), ("openbare-ruimte", 802), ("afval", 746), ("verkeer", 170), ("dieren", 148),
        ("overig", 39), ("geluid", 38),
    ]  # fmt: skip
    assert value(assen_url, "select count(*) from intern.melding where bron_categorie is null") == 0


def test_assen_is_stored_per_year_with_every_report_once(assen_url: str) -> None:
    assert rows(
        assen_url,
        "select tableoid::regclass::text, count(*), min(dag)::text, max(dag)::text from intern.melding "
        "group by 1 order by 1",
    ) == [
        ("intern.melding_2025", 12, "2025-04-30", "2025-12-29"),
        ("intern.melding_2026", 2890, "2026-01-08", "2026-08-08"),
    ]
    assert value(assen_url, "select count(distinct sleutel) from intern.melding_sleutel") == 2902
    assert value(assen_url, "select count(*) from intern.melding where buurt_code is null") == 13
    assert value(assen_url, "select sum(aantal) from intern.kubus where gebied_code = 'buiten'") == 13


def test_the_coverage_of_assen_is_the_registered_one(assen_url: str) -> None:
    assert rows(
        assen_url, "select bron, gebied, van::text, tot::text, afgeleid from publiek.bron_dekking order by 1"
    ) == [("signalen-assen", "GM0106", "2026-05-18", "2026-08-07", False)]


@pytest.mark.parametrize("niveau", ["buurt", "wijk", "gemeente"])
def test_for_who_sees_all_the_areas_and_outside_sum_to_2902(assen_url: str, niveau: str) -> None:
    table = figures(assen_url, "GM0106", CijferVraag(niveau, "signalen-assen", "alle", EVERYTHING))
    assert total(table) == 2902
    (outside,) = [row for row in table.rijen if row.gebied_code == "buiten"]
    assert outside.cijfer.aantal == 13


def test_reports_outside_the_coverage_are_counted_apart(assen_url: str) -> None:
    table = figures(assen_url, "GM0106", CijferVraag("buurt", "signalen-assen", "alle", EVERYTHING))
    assert sum(row.buiten_dekking or 0 for row in table.rijen) == value(
        assen_url,
        "select count(*) from intern.melding where buurt_code is not null "
        "and not dag between '2026-05-18' and '2026-08-07'",
    )


def test_an_unregistered_source_covers_its_full_weeks_and_says_so(url: str, testdata: Testdata) -> None:
    load_assen_gebieden(url, testdata)
    said = load_assen_meldingen(url, testdata)
    assert "dekking: 05-05-2025 t/m 02-08-2026 (dekking afgeleid uit de gegevens)" in said
    ((van, tot, afgeleid),) = rows(url, "select van, tot, afgeleid from publiek.bron_dekking")
    assert (van.weekday(), tot.weekday(), afgeleid) == (0, 6, True)


def test_politie_9024_crimes_are_in_the_cube_and_in_the_figures(enschede_url: str) -> None:
    assert rows(
        enschede_url,
        "select count(*), sum(aantal), min(dag)::text, max(tot)::text, count(distinct gebied_code) from intern.kubus",
    ) == [(70, 9024, "2023-01-01", "2023-12-31", 70)]
    for niveau in ("buurt", "wijk", "stadsdeel", "gemeente"):
        table = figures(enschede_url, "GM0153", CijferVraag(niveau, "politie", "alle", "2023"))
        assert total(table) == 9024, niveau
    # The public lattice: nothing lost above the buurten, and no cell from 1 up to 9 in it.
    assert rows(
        enschede_url,
        "select niveau, sum(aantal) from publiek.cijfer where categorie = 'alle' and periode = '2023' and niveau <> "
        "'buurt' group by 1 order by 1",
    ) == [("gemeente", 9024), ("stadsdeel", 9024), ("wijk", 9024)]
    assert value(enschede_url, "select count(*) from publiek.cijfer where aantal between 1 and 9") == 0
    assert value(enschede_url, "select count(*) from publiek.cijfer where status = 'onderdrukt'") > 0


def test_counts_per_area_never_become_points(enschede_url: str) -> None:
    assert value(enschede_url, "select count(*) from intern.melding") == 0
    assert value(enschede_url, "select count(*) from intern.telling") == 70


def test_a_second_run_of_politie_changes_nothing(copy_of: Callable[[str], str], testdata: Testdata) -> None:
    url = copy_of("enschede")
    before = fingerprint(url, without=RUNS)
    assert "70 gelezen · 0 opgeslagen · 70 ongewijzigd" in load_politie(url, testdata)
    assert fingerprint(url, without=RUNS) == before
