"""Areas of several years: a report belongs to the buurt of the vintage that holds on its day."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import shapely

from geo_service.domain.gebieden import BuurtIndex
from tests.geo_service.dorp import GEMEENTE, NO, NW, ZO, ZW, melding, write_csv, write_gebieden, write_stadsdelen
from tests.geo_service.support import fingerprint, load, rows, value
from tests.geo_service.test_cube import assert_cube_equals_recount

BETWEEN = (201_200, 500_500)
"""East of the old border (1000 m), west of the new one (1400 m)."""
DAYS = ("2019-06-01", "2021-06-01", "2022-12-31", "2023-01-01", "2025-06-01")
OLD, NEW = ZO, ZW


def per_day(url: str) -> dict[str, str]:
    return dict(rows(url, "select dag::text, gebied_code from intern.kubus"))


def test_reports_of_both_periods_follow_their_own_vintage(dorp_url: str, tmp_path: Path) -> None:
    path = write_csv(
        tmp_path / "l.csv", [melding(n, at=BETWEEN, created_at=f"{day}T12:00:00Z") for n, day in enumerate(DAYS)]
    )
    new = write_gebieden(tmp_path / "nieuw.geojson", border=1400)
    load("ingest", "gebieden", new, "--jaar", 2023, url=dorp_url)
    load("ingest", "meldingen", path, "--bron", "lijst", url=dorp_url)
    assert per_day(dorp_url) == dict(zip(DAYS, (OLD, OLD, OLD, NEW, NEW), strict=True))


def test_a_vintage_that_comes_later_moves_only_the_reports_of_its_years(dorp_url: str, tmp_path: Path) -> None:
    path = write_csv(
        tmp_path / "l.csv", [melding(n, at=BETWEEN, created_at=f"{day}T12:00:00Z") for n, day in enumerate(DAYS)]
    )
    load("ingest", "meldingen", path, "--bron", "lijst", url=dorp_url)
    assert set(per_day(dorp_url).values()) == {OLD}
    load("ingest", "gebieden", write_gebieden(tmp_path / "nieuw.geojson", border=1400), "--jaar", 2023, url=dorp_url)
    assert per_day(dorp_url) == dict(zip(DAYS, (OLD, OLD, OLD, NEW, NEW), strict=True))
    assert_cube_equals_recount(dorp_url)
    stored = "0 opgeslagen · 5 ongewijzigd"
    assert stored in load("ingest", "meldingen", path, "--bron", "lijst", url=dorp_url)


def test_an_older_vintage_that_comes_later_takes_the_years_before(dorp_url: str, tmp_path: Path) -> None:
    path = write_csv(
        tmp_path / "l.csv", [melding(n, at=BETWEEN, created_at=f"{day}T12:00:00Z") for n, day in enumerate(DAYS)]
    )
    load("ingest", "meldingen", path, "--bron", "lijst", url=dorp_url)
    load("ingest", "gebieden", write_gebieden(tmp_path / "oud.geojson", border=1400), "--jaar", 2015, url=dorp_url)
    assert per_day(dorp_url) == dict(zip(DAYS, (NEW, OLD, OLD, OLD, OLD), strict=True))


def test_each_vintage_says_for_which_days_it_holds(dorp_url: str, tmp_path: Path) -> None:
    for jaar in (2023, 2024):
        load("ingest", "gebieden", write_gebieden(tmp_path / "g.geojson"), "--jaar", jaar, url=dorp_url)
    assert rows(
        dorp_url,
        "select distinct jaar, geldig_van::text, geldig_tot::text from publiek.gebied order by 1",
    ) == [
        (2021, "0001-01-01", "2022-12-31"),
        (2023, "2023-01-01", "2023-12-31"),
        (2024, "2024-01-01", None),
    ]


def test_loading_a_vintage_anew_replaces_it(dorp_url: str, tmp_path: Path) -> None:
    """A buurt that the new file does not have disappears; its reports lie outside from then on."""
    path = write_csv(tmp_path / "l.csv", [melding(code, buurt=code) for code in (ZW, ZO, NW, NO)])
    load("ingest", "meldingen", path, "--bron", "lijst", url=dorp_url)
    fewer = write_gebieden(tmp_path / "minder.geojson", codes=(ZW, ZO, NW))
    stadsdelen = write_stadsdelen(tmp_path / "stadsdelen.csv")
    load("ingest", "gebieden", fewer, "--jaar", 2021, "--stadsdelen", stadsdelen, url=dorp_url)
    assert rows(dorp_url, "select gebied_code from intern.kubus order by 1") == [(ZW,), (ZO,), (NW,), ("buiten",)]
    assert rows(dorp_url, "select code from publiek.gebied where niveau = 'buurt' order by 1") == [(ZW,), (ZO,), (NW,)]
    assert value(dorp_url, "select count(*) from publiek.indeling where buurt_code = %s", NO) == 0
    assert_cube_equals_recount(dorp_url)


def test_loading_a_vintage_anew_without_stadsdelen_keeps_the_division(dorp_url: str, tmp_path: Path) -> None:
    """The stadsdeel table is a register of its own: areas without it do not wipe it out."""
    division = "select gebied_code, buurt_code from publiek.indeling where niveau = 'stadsdeel' order by 1, 2"
    before = rows(dorp_url, division)
    assert len(before) == 4
    load("ingest", "gebieden", write_gebieden(tmp_path / "g.geojson", border=1400), "--jaar", 2021, url=dorp_url)
    assert rows(dorp_url, division) == before
    areas = dict(
        rows(dorp_url, "select code, round(oppervlakte_ha)::int from publiek.gebied where niveau = 'stadsdeel'")
    )
    assert areas == {f"{GEMEENTE}-SD-noord": 200, f"{GEMEENTE}-SD-zuid": 200}


def test_wijkteamgebieden_follow_the_buurten_of_each_vintage(dorp_url: str, tmp_path: Path) -> None:
    toml = tmp_path / "bronnen.toml"
    toml.write_text(
        f'[[wijkteamgebied]]\nnaam = "Binnen"\nbuurtcodes = ["{ZW}", "{NW}"]\nvan = 2020-01-01\n', encoding="utf-8"
    )
    load("ingest", "bronnen", toml, url=dorp_url)
    load("ingest", "gebieden", write_gebieden(tmp_path / "n.geojson", border=1400), "--jaar", 2023, url=dorp_url)
    assert rows(
        dorp_url,
        "select jaar, code, round(oppervlakte_ha)::int from publiek.gebied where niveau = 'wijkteamgebied' order by 1",
    ) == [(2021, f"{GEMEENTE}-WT-binnen", 200), (2023, f"{GEMEENTE}-WT-binnen", 280)]
    assert rows(
        dorp_url, "select jaar, buurt_code from publiek.indeling where niveau = 'wijkteamgebied' order by 1, 2"
    ) == [(2021, ZW), (2021, NW), (2023, ZW), (2023, NW)]


def test_a_point_on_a_border_has_one_buurt_wherever_it_is_decided(dorp_url: str, tmp_path: Path) -> None:
    """At load time in the program, after new areas in the database: both choose the lowest code."""
    points = [(201_000, 500_500), (201_000, 501_000), (200_500, 501_000), (200_000, 500_000), (202_000, 502_000)]
    path = write_csv(tmp_path / "l.csv", [melding(n, at=point) for n, point in enumerate(points)])
    load("ingest", "meldingen", path, "--bron", "lijst", url=dorp_url)
    at_load = rows(dorp_url, "select st_x(geom), st_y(geom), buurt_code from intern.melding order by 1, 2")
    assert [code for *_, code in at_load] == [ZW, ZW, ZW, ZW, NO]
    load("ingest", "gebieden", write_gebieden(tmp_path / "a.geojson", border=1400), "--jaar", 2021, url=dorp_url)
    load("ingest", "gebieden", write_gebieden(tmp_path / "b.geojson"), "--jaar", 2021, url=dorp_url)
    assert rows(dorp_url, "select st_x(geom), st_y(geom), buurt_code from intern.melding order by 1, 2") == at_load


def test_program_and_database_agree_on_every_point_of_enschede(enschede_url: str) -> None:
    """20 000 random points and all corners of the buurten: the same buurt from both."""
    shapes = {
        code: shapely.from_wkb(bytes(wkb))
        for code, wkb in rows(
            enschede_url, "select code, st_asbinary(geom) from publiek.gebied where niveau = 'buurt' order by 1"
        )
    }
    rng = np.random.default_rng(11)
    west, south, east, north = shapely.total_bounds(list(shapes.values()))
    xy = np.vstack([
        rng.uniform((west, south), (east, north), (20_000, 2)),
        shapely.get_coordinates(shapely.simplify(list(shapes.values()), 5)),
    ])  # fmt: skip
    index = BuurtIndex({2021: shapes})
    ours = index.assign(xy[:, 0], xy[:, 1], np.full(len(xy), 2024))
    theirs = rows(
        enschede_url,
        "select p.nr, min(g.code) from unnest(%s::float8[], %s::float8[]) with ordinality as p (x, y, nr) "
        "left join publiek.gebied g on g.niveau = 'buurt' and "
        "st_intersects(g.geom, st_setsrid(st_makepoint(x, y), 28992)) group by 1 order by 1",
        xy[:, 0].tolist(), xy[:, 1].tolist(),
    )  # fmt: skip
    assert list(ours) == [code for _, code in theirs]
    assert 0.5 < np.mean([code is not None for code in ours]) < 1


@pytest.mark.parametrize("times", [1, 2])
def test_loading_the_same_vintages_again_changes_nothing(
    copy_of: Callable[[str], str], tmp_path: Path, times: int
) -> None:
    url = copy_of("dorp")
    new = write_gebieden(tmp_path / "nieuw.geojson", border=1400)
    load("ingest", "gebieden", new, "--jaar", 2023, url=url)
    before = fingerprint(url, without=frozenset({"intern.ingest_run"}))
    for _ in range(times):
        load("ingest", "gebieden", new, "--jaar", 2023, url=url)
    assert fingerprint(url, without=frozenset({"intern.ingest_run"})) == before
