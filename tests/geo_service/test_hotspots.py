"""Clusters of points: on real reports and on the demo's planted truth. No area says more than it may.

What all methods share, and the methods on whole buurten, are tested in ``jobs/`` and ``test_demo_truth.py``.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import shapely

from data.demo import generate
from geo_service.domain.hotspots import METHODEN, PUNTEN
from geo_service.jobs.analyse.parameters import configure
from geo_service.jobs.verversen import refresh_hotspots
from tests.databases import DEMO_SCALE, DEMO_SEED
from tests.geo_service.dorp import COLUMNS, melding, write_csv
from tests.geo_service.support import call_cli, load, rows, settings, value

CELL_AREA = 100**2 * 3**0.5 / 2
TABLES = {"publiek.hotspot": 10, "intern.hotspot": 5}


@pytest.fixture(params=["assen", "demo"])
def hotspots_url(request: pytest.FixtureRequest) -> str:
    return request.getfixturevalue(f"{request.param}_url")


@pytest.mark.parametrize(("table", "smallest"), TABLES.items())
def test_no_area_has_fewer_reports_or_places_than_allowed(hotspots_url: str, table: str, smallest: int) -> None:
    """Counted anew from the reports inside the stored polygon, not from the stored numbers."""
    found = rows(
        hotspots_url,
        f"""
        select h.aantal, h.plekken, count(m.*), count(distinct coalesce(m.melder::text, m.adres::text,
            format('%%s:%%s', floor(st_x(m.geom) / 10), floor(st_y(m.geom) / 10))))
        from {table} h join publiek.categorie c on h.categorie in (c.hoofd, 'alle')
        join intern.melding m on m.gemeente_code = h.gemeente_code and m.bron = h.bron and m.categorie = c.code
            and m.dag between h.van and h.tot and st_intersects(h.geom, m.geom)
        where h.methode = 'punten'
        group by h.gemeente_code, h.run_id, h.nummer, h.aantal, h.plekken
        """.replace("%%", "%"),
    )
    assert len(found) == value(hotspots_url, f"select count(*) from {table} where methode = 'punten'") > 0
    for reports, places, counted_reports, counted_places in found:
        assert reports >= smallest
        assert places >= smallest
        assert counted_reports >= reports
        assert counted_places >= places


@pytest.mark.parametrize("table", TABLES)
def test_an_area_stays_inside_its_stadsdeel(hotspots_url: str, table: str) -> None:
    outside = rows(
        hotspots_url,
        f"select h.nummer, st_area(st_difference(h.geom, g.geom)) from {table} h join publiek.gebied g "
        "on g.gemeente_code = h.gemeente_code and g.code = h.stadsdeel_code and g.geldig_tot is null "
        "where h.methode = 'punten' and st_area(st_difference(h.geom, g.geom)) > 0.01",
    )
    assert outside == []
    without = f"select count(*) from {table} where methode = 'punten' and stadsdeel_code is null"
    assert value(hotspots_url, without) == 0


@pytest.mark.parametrize("table", TABLES)
def test_an_area_is_made_of_whole_cells_and_never_of_points(hotspots_url: str, table: str) -> None:
    """Hexagons of 100 m, whole and connected: no corner is a report and no border cuts a cell."""
    shapes = f"select distinct geometrytype(geom), st_numgeometries(geom), st_isvalid(geom) from {table} "
    assert rows(hotspots_url, f"{shapes} where methode = 'punten'") == [("MULTIPOLYGON", 1, True)]
    cells_of = f"select st_area(geom) / %s::float8 from {table} where methode = 'punten'"
    for (cells,) in rows(hotspots_url, cells_of, CELL_AREA):
        assert cells == pytest.approx(round(cells), abs=1e-4)
        assert cells >= 0.999
    on_report = rows(
        hotspots_url,
        f"select h.nummer from {table} h cross join lateral st_dumppoints(h.geom) as p "
        "join intern.melding m on m.gemeente_code = h.gemeente_code and m.geom && st_expand(p.geom, 0.5) "
        "and st_dwithin(m.geom, p.geom, 0.01) where h.methode = 'punten'",
    )
    assert on_report == []


def test_public_areas_are_a_subset_of_the_clusters_staff_may_see(hotspots_url: str) -> None:
    hidden = rows(
        hotspots_url,
        "select run_id, nummer from publiek.hotspot except select run_id, nummer from intern.hotspot",
    )
    assert hidden == []


def test_assen_has_public_hotspots_in_the_last_covered_quarters(assen_url: str) -> None:
    per_periode = "select periode, count(*) from publiek.hotspot where methode = 'punten' group by 1 order by 1"
    assert rows(assen_url, per_periode) == [("2026-Q2", 10), ("2026-Q3", 4)]
    assert rows(
        assen_url,
        "select periode, categorie, aantal, plekken, buurten from publiek.hotspot where categorie <> 'alle' "
        "and methode = 'punten' order by nummer",
    ) == [("2026-Q2", "afval", 11, 10, ["BU01060202"]), ("2026-Q2", "groen-water", 10, 10, ["BU01060804"])]


def test_the_public_gets_hotspots_of_released_periods_only(hotspots_url: str) -> None:
    unreleased = rows(
        hotspots_url,
        "select bron, periode from publiek.hotspot except select bron, periode from publiek.vrijgave",
    )
    assert unreleased == []


def test_only_reports_inside_the_coverage_count(assen_url: str) -> None:
    too_many = rows(
        assen_url,
        "select h.nummer, h.aantal, count(m.*) from intern.hotspot h join publiek.categorie c on h.categorie in "
        "(c.hoofd, 'alle') join intern.melding m on m.categorie = c.code and st_intersects(h.geom, m.geom) "
        "and m.dag between greatest(h.van, '2026-05-18') and least(h.tot, '2026-08-07') where h.methode = 'punten' "
        "group by h.run_id, h.nummer, h.aantal having count(m.*) < h.aantal",
    )
    assert too_many == []
    # The early reports are there: without the coverage they would have counted.
    assert value(assen_url, "select count(*) from intern.melding where dag between '2026-04-01' and '2026-05-17'") > 0


def test_the_run_keeps_parameters_code_and_version_of_the_data(assen_url: str) -> None:
    found = rows(
        assen_url,
        "select parameters, resultaat, code_versie, bron_versie from intern.hotspot_run where methode = 'punten'",
    )
    assert len(found) == 3
    for parameters, resultaat, code, _ in found:
        assert parameters == {"methode": "dbscan", "eps": None, "min_size": 10, "min_places": 5, "cell": 100.0}
        assert 10 <= resultaat["eps"]["alle"] <= 100
        assert code
    versie = value(assen_url, "select versie from publiek.bron where naam = 'signalen-assen'")
    assert {row[3] for row in found} == {versie}


def test_a_question_of_ones_own_does_not_stand_in_for_the_periods_of_the_map(dorp_url: str, tmp_path: Path) -> None:
    rows_ = [melding(n, created_at=day) for n, day in enumerate(("2025-01-06", "2025-05-01", "2025-12-31"))]
    load("ingest", "meldingen", write_csv(tmp_path / "l.csv", rows_), "--bron", "l", url=dorp_url)
    load("hotspots", "--bron", "l", "--van", "2025-05-01", "--tot", "2025-05-31", url=dorp_url)
    assert "2025-Q2" in {done.periode.code for done in refresh_hotspots(dorp_url, methoden=configure(PUNTEN))}


def test_the_command_says_what_it_found(copy_of: Callable[[str], str]) -> None:
    url = copy_of("assen")
    said = load("hotspots", "--bron", "signalen-assen", "--van", "2026-05-18", "--tot", "2026-06-30", url=url)
    lines = dict(line.rsplit(": ", 1) for line in said.splitlines())
    start = "GM0106 · signalen-assen · 18 mei 2026 t/m 30 juni 2026"
    assert set(lines) == {f"{start} · {methode}" for methode in METHODEN}
    # A period of one's own is for staff: nothing of it is public.
    assert lines[f"{start} · punten"] == "15 gevonden, 0 openbaar"
    assert lines[f"{start} · opkomend"].startswith("niet berekend. ")
    assert "Alle hotspots zijn bij." in load("hotspots", url=url)


def test_the_threshold_comes_from_the_settings(copy_of: Callable[[str], str]) -> None:
    url = copy_of("assen")
    with settings(drempel_publiek=11, drempel_dienst=8):
        refresh_hotspots(url, methoden=configure(PUNTEN))
    current = "join intern.hotspot_run r using (run_id) where r.methode = 'punten' and r.vervangen_op is null"
    for table, least in (("publiek.hotspot", 11), ("intern.hotspot", 8)):
        assert value(url, f"select min(least(h.aantal, h.plekken)) >= {least} from {table} h {current}") in (True, None)
    assert value(url, f"select count(*) from intern.hotspot h {current}") > 0


# --- planted


@pytest.fixture(scope="module")
def truth(tmp_path_factory: pytest.TempPathFactory) -> list[dict]:
    """What the demo planted, as its truth file tells it."""
    path = tmp_path_factory.mktemp("waarheid") / "waarheid.json"
    generate(seed=DEMO_SEED, scale=DEMO_SCALE).write_truth(path)
    document = json.loads(path.read_text(encoding="utf-8"))
    return document if isinstance(document, list) else next(v for v in document.values() if isinstance(v, list))


def test_the_single_caller_of_the_demo_is_never_a_hotspot(demo_url: str, truth: list[dict]) -> None:
    """No area of his kind of report lies on his address, at either threshold."""
    callers = [row for row in truth if row["soort"] == "een-melder"]
    assert len(callers) == 1, [row["soort"] for row in truth]
    busiest = rows(
        demo_url,
        "select m.melder, count(*), min(st_x(m.geom)), min(st_y(m.geom)), min(c.hoofd) from intern.melding m "
        "join publiek.categorie c on c.code = m.categorie where m.bron = %s and m.melder is not null "
        "group by 1 order by 2 desc limit 1",
        callers[0]["bron"],
    )
    ((_, reports, x, y, head),) = busiest
    assert reports >= 10, "de beller staat niet in de gegevens"
    for table in TABLES:
        on_his_door = (
            f"select count(*) from {table} where bron = %s and categorie in (%s, 'alle') "
            "and methode = 'punten' and st_dwithin(geom, st_setsrid(st_makepoint(%s, %s), 28992), 25)"
        )
        assert value(demo_url, on_his_door, callers[0]["bron"], head, x, y) == 0


def test_a_planted_hotspot_of_the_demo_is_found_where_it_was_planted(demo_url: str, truth: list[dict]) -> None:
    planted = {(row["bron"], code) for row in truth if row["soort"] == "hotspot" for code in row["gebieden"]}
    found = rows(demo_url, "select distinct bron, unnest(buurten) from publiek.hotspot where methode = 'punten'")
    assert planted & set(found)


@pytest.fixture
def planted(dorp_url: str, tmp_path: Path) -> Callable[..., None]:
    """Loads a cluster of reports round (200500, 500500) with chosen reporters, and computes hotspots of it."""

    def plant(points: list[tuple[float, float]], reporters: list[str]) -> None:
        day = "2025-05-10T12:00:00Z"
        far = [(200_050 + 90 * n, 501_950) for n in range(20)]
        rows_ = [
            melding(f"rand-{n}", at=at, created_at="2025-03-31T12:00:00Z", email=f"r{n}") for n, at in enumerate(far)
        ]
        rows_.append(melding("eind", at=(201_950, 500_050), created_at="2025-07-06T12:00:00Z", email="eind"))
        rows_ += [
            melding(n, at=point, created_at=day, email=reporter)
            for n, (point, reporter) in enumerate(zip(points, reporters, strict=True))
        ]
        path = write_csv(tmp_path / "l.csv", rows_, (*COLUMNS, "email"))
        load("ingest", "meldingen", path, "--bron", "l", url=dorp_url)
        assert "2e kwartaal 2025" in load("hotspots", url=dorp_url)

    return plant


def cloud(count: int, middle: tuple[float, float] = (200_500, 500_500)) -> list[tuple[float, float]]:
    """Places within some twenty metres, the same every time."""
    return [tuple(xy) for xy in np.random.default_rng(5).normal(middle, 8, (count, 2)).round(1).tolist()]


def counts(url: str) -> dict[str, int]:
    """Hotspots of the planted category per table."""
    where = "where methode = 'punten' and categorie = 'afval' and periode = '2025-Q2'"
    return {table: value(url, f"select count(*) from {table} {where}") for table in TABLES}


def test_forty_reports_of_one_caller_are_no_hotspot(dorp_url: str, planted: Callable[..., None]) -> None:
    planted(cloud(40), ["dezelfde"] * 40)
    assert counts(dorp_url) == {"publiek.hotspot": 0, "intern.hotspot": 0}


def test_nine_reporters_are_for_staff_only(dorp_url: str, planted: Callable[..., None]) -> None:
    planted(cloud(18), [f"m{n % 9}" for n in range(18)])
    assert counts(dorp_url) == {"publiek.hotspot": 0, "intern.hotspot": 1}
    assert rows(dorp_url, "select distinct plekken from intern.hotspot where methode = 'punten'") == [(9,)]


def test_ten_reporters_are_for_everyone(dorp_url: str, planted: Callable[..., None]) -> None:
    planted(cloud(20), [f"m{n % 10}" for n in range(20)])
    assert counts(dorp_url) == {"publiek.hotspot": 1, "intern.hotspot": 1}
    ((reports, places, stadsdeel),) = rows(
        dorp_url,
        "select aantal, plekken, stadsdeel_code from publiek.hotspot where methode = 'punten' and categorie = 'afval' "
        "and periode = '2025-Q2'",
    )
    assert (places, stadsdeel) == (10, "GM9001-SD-zuid")
    assert 10 <= reports <= 20


def test_a_cluster_across_a_border_keeps_to_one_stadsdeel(dorp_url: str, planted: Callable[..., None]) -> None:
    """Twenty reporters on the line between Zuid and Noord: the area holds those of one side, or there is none."""
    points = cloud(40, (200_500, 501_000))
    planted(points, [f"m{n}" for n in range(40)])
    for table, smallest in TABLES.items():
        for wkb, reports, places, stadsdeel in rows(
            dorp_url, f"select st_asbinary(geom), aantal, plekken, stadsdeel_code from {table} where methode = 'punten'"
        ):
            low, high = (500_000, 501_000) if stadsdeel.endswith("zuid") else (501_000, 502_000)
            _, south, _, north = shapely.from_wkb(bytes(wkb)).bounds
            assert low - 0.01 <= south
            assert north <= high + 0.01
            assert min(reports, places) >= smallest


def test_an_unknown_source_or_method_is_refused(dorp_url: str) -> None:
    for options, fragment in (
        (("--bron", "bestaat-niet"), "bestaat-niet"),
        (("--methode", "toverij"), "toverij"),
        (("--van", "2025-01-01"), "--tot"),
        (("--bron", "bestaat-niet", "--van", "x", "--tot", "y"), "niet"),
    ):
        done = call_cli("hotspots", *options, url=dorp_url)
        assert done.returncode == 1, options
        assert done.stderr.startswith("Geweigerd: ")
        assert fragment in done.stderr
