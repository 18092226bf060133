"""Hotspots: who sees which area, from how many reports up, and not before the period is public."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest
import shapely

from geo_service.db.connection import privileged_connection
from geo_service.db.engine import Database
from geo_service.domain.hotspots import PUNTEN
from geo_service.errors import NotFound
from geo_service.identity import Viewer
from geo_service.jobs.analyse.parameters import configure
from geo_service.jobs.verversen import compute, refresh_hotspots
from geo_service.jobs.vrijgave import release_source
from geo_service.release import features
from geo_service.release.context import connect_as, load_gemeente
from geo_service.release.features import HotspotVraag
from tests.geo_service.pool import ask_database
from tests.geo_service.release.dorp import (
    BRON,
    CORNER,
    GEGEVENSBEHEERDER,
    GEMEENTE,
    MANAGER,
    ONDERZOEKER,
    PUBLIEK,
    REGISSEUR_WEST,
    TODAY,
    load_dorp,
    load_points,
    square,
)
from tests.geo_service.support import rows

WEST_SPOT = (CORNER[0] + 500, CORNER[1] + 500)  # the middle of buurt A
EAST_SPOT = (CORNER[0] + 2500, CORNER[1] + 500)  # the middle of buurt E


def cluster(spot: tuple[float, float], n: int) -> np.ndarray:
    """n places 15 m apart in a square around a spot; each is a place of its own."""
    side = int(np.ceil(np.sqrt(n)))
    steps = np.array([(i % side, i // side) for i in range(n)], dtype=float)
    return np.array(spot) + 15 * (steps - side / 2)


def load_clusters(url: str, west: int, east: int, *, today: date = TODAY) -> str:
    load_dorp(url)
    xy = np.vstack([cluster(WEST_SPOT, west), cluster(EAST_SPOT, east)])
    load_points(url, xy[:, 0], xy[:, 1], ["2024-02-15"] * len(xy), today=today)
    return url


def hotspots(url: str, viewer: Viewer, periode: str = "2024-Q1") -> list[dict[str, Any]]:
    async def answer(database: Database) -> list[dict[str, Any]]:
        async with connect_as(database, viewer) as connection:
            gemeente = await load_gemeente(connection, viewer, GEMEENTE)
            return await features.hotspots(connection, viewer, gemeente, HotspotVraag(BRON, periode))

    return ask_database(url, answer)


def find(url: str, periode: str = "2024-Q1") -> None:
    compute(url, (GEMEENTE, BRON), asked=periode, methoden=configure(PUNTEN))


def seen(url: str, viewer: Viewer) -> list[tuple[str, int]]:
    found = [spot["properties"] for spot in hotspots(url, viewer)]
    return sorted((spot["buurten"], spot["aantal"]) for spot in found if spot["categorie"] == "afval")


def test_hotspots_are_counted_and_named_the_same_for_everyone_from_ten_up(url):
    load_clusters(url, 30, 40)
    find(url)
    expected = [("Buurt A", 30), ("Buurt E", 40)]
    for viewer in (PUBLIEK, ONDERZOEKER, REGISSEUR_WEST, MANAGER):
        assert seen(url, viewer) == expected


def test_a_hotspot_area_holds_its_reports_and_stays_inside_the_stadsdeel(url):
    load_clusters(url, 30, 40)
    find(url)
    west = shapely.union_all([square(letter) for letter in "ABCD"])
    areas = rows(
        url,
        "select stadsdeel_code, aantal, plekken, st_asbinary(geom) from publiek.hotspot "
        "where categorie = 'afval' order by 1",
    )
    assert [(code, aantal, plekken) for code, aantal, plekken, _ in areas] == [
        ("GM0999-SD-oost", 40, 40),
        ("GM0999-SD-west", 30, 30),
    ]
    area = shapely.from_wkb(bytes(areas[1][3]))
    assert shapely.covers(area, shapely.MultiPoint(cluster(WEST_SPOT, 30)))
    assert west.covers(area)


def test_no_corner_of_a_hotspot_is_a_report(url):
    load_clusters(url, 30, 40)
    find(url)
    corners = np.vstack(
        [
            shapely.get_coordinates(shapely.from_wkb(bytes(wkb)))
            for (wkb,) in rows(url, "select st_asbinary(geom) from publiek.hotspot")
        ]
    )
    reports = np.vstack([cluster(WEST_SPOT, 30), cluster(EAST_SPOT, 40)])
    distance = np.hypot(*(corners[:, None, :] - reports[None, :, :]).transpose(2, 0, 1))
    assert distance.min() > 0.5


@pytest.mark.parametrize("schema", ["publiek", "intern"])
def test_nothing_stored_lies_below_its_threshold(demo_url, schema):
    lowest = {"publiek": 10, "intern": 5}[schema]
    (found,) = rows(demo_url, f"select count(*), min(aantal), min(plekken) from {schema}.hotspot")
    assert found[0] > 0
    assert found[1] >= lowest
    assert found[2] >= lowest


def test_one_caller_alone_is_no_hotspot_for_anyone(url):
    """Thirty reports from one spot of ten metres are one place."""
    load_dorp(url)
    xy = np.tile(np.array(WEST_SPOT) + 2.0, (30, 1))
    load_points(url, xy[:, 0], xy[:, 1], ["2024-02-15"] * 30)
    find(url)
    assert [seen(url, viewer) for viewer in (PUBLIEK, REGISSEUR_WEST, MANAGER)] == [[], [], []]


def test_hotspots_of_a_period_that_is_not_public_yet_stay_inside(url):
    """Loaded ten days after the quarter ended: staff see its hotspots, everyone else only four weeks after the end."""
    load_clusters(url, 30, 40, today=date(2024, 4, 10))
    find(url)
    assert seen(url, MANAGER) == [("Buurt A", 30), ("Buurt E", 40)]
    assert hotspots(url, PUBLIEK, "2024-Q1") == []
    assert hotspots(url, ONDERZOEKER, "2024-Q1") == []
    assert rows(url, "select periode from publiek.hotspot") == []
    with privileged_connection(url) as connection:
        release_source(connection, GEMEENTE, BRON, today=date(2024, 5, 1))
    find(url)
    assert seen(url, PUBLIEK) == [("Buurt A", 30), ("Buurt E", 40)]


def test_a_refresh_opens_what_became_old_enough(url):
    """Nobody loads anything in the four weeks after: the nightly refresh must release by itself."""
    load_clusters(url, 30, 40, today=date(2024, 4, 10))
    refresh_hotspots(url)
    assert seen(url, PUBLIEK) == [("Buurt A", 30), ("Buurt E", 40)]


def test_the_public_tables_hold_hotspots_of_released_quarters_and_years_only(url):
    """A staff question about some weeks must not put areas where the public role can read them."""
    load_clusters(url, 30, 40)
    for periode in ("2024-02", "2024-02-10/2024-02-20"):
        find(url, periode)
    assert rows(url, "select distinct periode from publiek.hotspot") == []


def test_no_hotspots_for_who_may_see_no_figures(url):
    load_clusters(url, 30, 40)
    find(url)
    with pytest.raises(NotFound):
        hotspots(url, GEGEVENSBEHEERDER)
