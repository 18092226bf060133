"""Runs: made when something they depend on changed, replaced and never lost, equal for equal seed."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from geo_service.db import migrate
from geo_service.domain.hotspots import METHODEN, OPKOMEND, SCAN
from geo_service.jobs.analyse.parameters import STANDAARD, configure
from geo_service.jobs.verversen import compute, refresh_hotspots
from tests.geo_service.support import change, load, rows, settings, value
from tests.geo_service.test_migrations import upgrade_to

ASSEN = ("GM0106", "signalen-assen")
CURRENT = "select run_id, periode, methode from intern.hotspot_run where vervangen_op is null order by 1"
FOUND = (
    "select h.nummer, h.methode, h.categorie, h.klasse, h.buurten, h.aantal, h.plekken, h.verwacht, h.verhouding, "
    "h.p_waarde, h.begin, h.eind, h.status, h.kaartje::text, st_asewkb(h.geom) from {table} h "
    "where h.run_id = %s order by 1"
)


def found(url: str, run_id: int, table: str = "intern.hotspot") -> list[tuple]:
    return rows(url, FOUND.format(table=table), run_id)


def test_every_method_has_its_parameters_and_a_run_for_every_period(assen_url: str) -> None:
    runs = rows(assen_url, CURRENT)
    assert {(periode, methode) for _, periode, methode in runs} == {
        (periode, methode) for periode in ("2026-Q2", "2026-Q3", "2026-07") for methode in METHODEN
    }
    assert set(STANDAARD) == set(METHODEN)


def test_a_run_tells_how_it_was_made(assen_url: str) -> None:
    ((parameters, seed, kenmerk, resultaat),) = rows(
        assen_url,
        "select parameters, seed, kenmerk, resultaat from intern.hotspot_run where methode = 'scan' "
        "and periode = '2026-Q3'",
    )
    assert parameters["n_sim"] == 999
    assert seed == parameters["seed"]
    assert len(kenmerk) == 64
    assert resultaat["max_radius"] >= 1000
    assert resultaat["hoog"]["noemer"] == "inwoners"
    for klasse in ("hoog", "nieuw"):
        assert 20 <= resultaat[klasse]["alle"]["n_sim_run"] <= 999
        assert resultaat[klasse]["alle"]["uitleg"].endswith(".")


def test_a_run_without_results_says_why(assen_url: str) -> None:
    told = dict(
        rows(assen_url, "select methode, resultaat ->> 'reden' from intern.hotspot_run where periode = '2026-Q3'")
    )
    assert "kwartalen" in told["opkomend"]
    assert "kenmerken" in told["blinde-vlekken"]
    assert told["punten"] is None


def test_what_is_fresh_is_not_computed_again(copy_of: Callable[[str], str]) -> None:
    url = copy_of("assen")
    before = rows(url, CURRENT)
    assert refresh_hotspots(url) == []
    assert rows(url, CURRENT) == before
    assert load("hotspots", url=url) == "Alle hotspots zijn bij.\n"


@pytest.mark.parametrize(
    "statement",
    [
        "update publiek.bron set versie = versie + 1",
        "update publiek.bron_dekking set tot = tot - 7",
        "insert into publiek.trendbreuk values ('GM0106', 'signalen-assen', '2026-07-01', 'nieuw systeem', '')",
        "update publiek.kerncijfer set waarde = waarde + 1 where indicator = 'inwoners' and gebied_code = 'BU01060000'",
    ],
)
def test_whatever_a_result_depends_on_makes_it_anew(copy_of: Callable[[str], str], statement: str) -> None:
    url = copy_of("assen")
    assert change(url, statement) > 0
    assert len(refresh_hotspots(url, methoden=configure(OPKOMEND))) == 3
    assert refresh_hotspots(url, methoden=configure(OPKOMEND)) == []


def test_a_threshold_or_a_parameter_makes_it_anew(copy_of: Callable[[str], str]) -> None:
    url = copy_of("assen")
    with settings(drempel_publiek=11):
        assert len(refresh_hotspots(url, methoden=configure(OPKOMEND))) == 3
    assert len(refresh_hotspots(url, methoden=configure(OPKOMEND))) == 3
    with settings(hotspots='{"opkomend": {"kwartalen": 8}}'):
        assert len(refresh_hotspots(url, methoden=configure(OPKOMEND))) == 3
    stored = "select distinct parameters ->> 'kwartalen' from intern.hotspot_run where methode = 'opkomend' "
    assert rows(url, stored + "and vervangen_op is null") == [("8",)]


def test_a_replaced_run_keeps_its_results_for_staff_and_leaves_the_public_table(copy_of: Callable[[str], str]) -> None:
    url = copy_of("assen")
    before = {(periode, methode): run for run, periode, methode in rows(url, CURRENT)}
    old = before["2026-Q3", SCAN]
    kept, public = found(url, old), found(url, old, "publiek.hotspot")
    assert public
    compute(url, ASSEN, methoden=configure(SCAN))
    after = {(periode, methode): run for run, periode, methode in rows(url, CURRENT)}
    assert after.keys() == before.keys()
    new = after["2026-Q3", SCAN]
    assert new > old
    assert value(url, "select vervangen_op is not null from intern.hotspot_run where run_id = %s", old) is True
    assert found(url, old) == kept
    assert found(url, old, "publiek.hotspot") == []
    # The same data, parameters and seed: the same results.
    assert found(url, new) == kept
    assert found(url, new, "publiek.hotspot") == public
    current = "select run_id from intern.hotspot_run where vervangen_op is null"
    assert rows(url, f"select run_id from publiek.hotspot where run_id not in ({current})") == []


def test_a_question_has_one_current_run(copy_of: Callable[[str], str]) -> None:
    url = copy_of("assen")
    compute(url, ASSEN, methoden=configure(OPKOMEND))
    with pytest.raises(psycopg.errors.UniqueViolation):
        change(url, "update intern.hotspot_run set vervangen_op = null where vervangen_op is not null")


def test_two_commands_at_once_compute_once(copy_of: Callable[[str], str]) -> None:
    url = copy_of("assen")
    change(url, "update publiek.bron set versie = versie + 1")
    done: list[int] = []

    def run() -> None:
        done.append(len(refresh_hotspots(url, methoden=configure(OPKOMEND))))

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert sorted(done) == [0, 3]


def test_hotspots_of_before_are_kept_as_points_and_made_anew(new_database: Callable[..., str]) -> None:
    """A database of the version before: its areas become multipolygons, its runs are out of date."""
    url = new_database()
    upgrade_to(url, "0003")
    for table in ("intern.hotspot", "publiek.hotspot"):
        change(
            url,
            f"insert into {table} (gemeente_code, run_id, nummer, bron, categorie, van, tot, periode, stadsdeel_code, "
            "buurten, aantal, plekken, plekken_soort, kaartje, geom) values ('GM9001', 1, 1, 'l', 'alle', "
            "'2025-01-01', '2025-03-31', '2025-Q1', 'GM9001', '{BU90010000}', 12, 11, 'melders', '{}', "
            "st_makeenvelope(200000, 500000, 200100, 500100, 28992))",
        )
    change(
        url,
        "insert into intern.hotspot_run (gemeente_code, bron, periode, methode, parameters, code_versie, bron_versie, "
        "standaard) values ('GM9001', 'l', '2025-Q1', 'dbscan', '{}', '0.1', 1, true)",
    )
    migrate.ensure_schema(url)
    migrate.check_ready(url)
    kept: list[Any] = ["punten", "dicht-bij-elkaar", 12, 11, None, "ok", "MULTIPOLYGON", 10_000.0]
    for table in ("intern.hotspot", "publiek.hotspot"):
        assert rows(
            url,
            "select methode, klasse, aantal, plekken, verwacht, status, geometrytype(geom), st_area(geom) "
            f"from {table}",
        ) == [tuple(kept)]
    assert rows(url, "select methode, kenmerk, resultaat, vervangen_op from intern.hotspot_run") == [
        ("punten", "", {}, None)
    ]
