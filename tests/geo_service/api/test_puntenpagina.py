"""Pages of reports, which leave the database in packages, beside the same pages as rows that PostgreSQL writes."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import orjson
import pytest

from geo_service.identity import ALL_STADSDELEN, Role, Viewer
from geo_service.release import selectie
from geo_service.release.geheugen import STAND_SECONDS
from tests.geo_service import dorp, support
from tests.geo_service.api.tegels import MANAGER, REGISSEUR
from tests.geo_service.api.website import Website, links_of, query_of, serve
from tests.geo_service.support import load

MANAGER_OF_THE_VILLAGE = Viewer(Role.STADSDEELMANAGER, dorp.GEMEENTE, frozenset({ALL_STADSDELEN}))
TOWN = "6.8,52.15,7.0,52.3"
PART = "6.87,52.2,6.9,52.23"
# No rectangle fits into it where bounds alone decide.
SLIVER = "6.85,52.2200,6.93,52.2201"
OUTSIDE = "4.0,51.0,4.1,51.1"
RD = "http://www.opengis.net/def/crs/EPSG/0/28992"
LATLON = "http://www.opengis.net/def/crs/EPSG/0/4326"
QUESTIONS: list[dict[str, Any]] = [
    {},
    {"bbox": PART},
    {"bbox": TOWN, "count": "false"},
    {"bbox": SLIVER},
    {"bbox": OUTSIDE},
    {"bbox": PART, "crs": RD},
    {"bbox": PART, "crs": LATLON},
    {"bbox": "257000,470000,259000,472000", "bbox-crs": RD},
    {"bbox": PART, "offset": 40},
    {"bbox": PART, "properties": "dag"},
    {"bbox": PART, "properties": "categorie,status"},
    {"filter": "categorie LIKE 'afval%'", "bbox": TOWN},
    {"datetime": "2024-03-01/2024-05-01"},
    {"status": "gemeld"},
]


@pytest.fixture
def packages(monkeypatch) -> Iterator[list[bool]]:
    """Whether each page that was read could leave in packages."""
    asked: list[bool] = []
    can = selectie.can_read_points

    def note(*arguments: Any) -> bool:
        asked.append(can(*arguments))
        return asked[-1]

    monkeypatch.setattr(selectie, "can_read_points", note)
    yield asked
    monkeypatch.undo()


def as_rows(website: Website, viewer: Any, question: dict[str, Any]) -> dict[str, Any]:
    """The page by the other way. Without a count, or with one: of the same question the answer comes from memory."""
    other = question | {"count": "true" if question.get("count") == "false" else "false"}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(selectie, "can_read_points", lambda *_: False)
        return website.items("meldingen", viewer, **other)


@pytest.mark.parametrize("question", QUESTIONS, ids=str)
@pytest.mark.parametrize("viewer", [MANAGER, REGISSEUR], ids=["manager", "regisseur"])
def test_a_page_is_the_one_that_rows_make(demo, packages, viewer, question):
    question = {"limit": 60, **question}
    page = demo.items("meldingen", viewer, **question)
    assert packages
    assert all(packages)
    expected = as_rows(demo, viewer, question)
    assert page["features"] == expected["features"]
    assert [link["rel"] for link in page["links"]] == [link["rel"] for link in expected["links"]]
    assert page["numberReturned"] == len(page["features"])
    if viewer is MANAGER and question.get("bbox") not in (SLIVER, OUTSIDE):
        assert len(page["features"]) == 60


@pytest.mark.parametrize("question", [{"sortby": "-tijd"}, {"crs": "http://www.opengis.net/def/crs/EPSG/0/3857"}])
def test_what_is_sorted_or_transformed_comes_in_rows(demo, packages, question):
    assert len(demo.items("meldingen", MANAGER, limit=10, **question)["features"]) == 10
    assert packages == [False]


def test_pages_back_and_forth_are_those_of_rows(demo, packages):
    """With a budget of bytes that cuts pages short, from either side."""
    question = {"bbox": TOWN, "limit": 1000, "bron": "signalen-openbare-ruimte"}
    everything = as_rows(demo, MANAGER, question)["features"]
    with support.settings(pagina_bytes=100_000):
        pages = list(demo.pages("meldingen", MANAGER, **question))
        back = [pages[-1]]
        while "prev" in links_of(back[-1]):
            back.append(demo.items("meldingen", MANAGER, **query_of(links_of(back[-1])["prev"])))
    assert len(pages) > 4
    assert all(packages)
    for page in (*pages, *back):
        assert len(orjson.dumps(page["features"])) <= 100_000 + 2 * len(page["features"])
    forwards = [feature for page in pages for feature in page["features"]]
    assert forwards[:1000] == everything
    assert [feature for page in reversed(back) for feature in page["features"]] == forwards
    assert len({feature["id"] for feature in forwards}) == len(forwards) == pages[0]["numberMatched"]


def test_boxes_that_share_their_sql_keep_their_own_features(demo):
    """One after the other, with and without a rectangle inside, and the first one again with another page."""
    found = {}
    for bbox in (PART, SLIVER, TOWN, PART, SLIVER, "6.89,52.21,6.895,52.215"):
        for limit in (20, 21):
            page = demo.items("meldingen", MANAGER, bbox=bbox, limit=limit)
            west, south, east, north = map(float, bbox.split(","))
            for feature in page["features"]:
                lon, lat = feature["geometry"]["coordinates"]
                assert west - 1e-6 <= lon <= east + 1e-6
                assert south - 1e-6 <= lat <= north + 1e-6
            assert found.setdefault(bbox, page["numberMatched"]) == page["numberMatched"]
    assert len(set(found.values())) == len(found)


def test_a_page_that_comes_before_the_loops_are_there_waits_for_them(demo, monkeypatch):
    waited = []
    monkeypatch.setattr("geo_service.release.objecten.is_prepared", lambda: waited.append(1) or False)
    assert len(demo.items("meldingen", MANAGER, limit=11, bbox=PART)["features"]) == 11
    assert waited


def test_a_page_after_a_load_has_what_was_loaded(server, worker, loaded, tmp_path):
    url = server.clone(loaded("dorp"), f"{worker}_puntenpagina")

    def add(name: str, moments: list[str]) -> None:
        lines = [dorp.melding(f"{name}{n}", created_at=moment) for n, moment in enumerate(moments)]
        load("ingest", "meldingen", dorp.write_csv(tmp_path / f"{name}.csv", lines), "--bron", "een", url=url)

    add("a", ["2025-03-10T12:00:00.250Z", "2025-03-10T23:30:00Z"])
    with serve(url) as website:
        first = website.items("meldingen", MANAGER_OF_THE_VILLAGE, bbox="5,51,7,53")
        assert [feature["properties"]["tijd"] for feature in first["features"]] == [
            "2025-03-10T12:00:00.25Z",
            "2025-03-10T23:30:00Z",
        ]
        assert [feature["properties"]["dag"] for feature in first["features"]] == ["2025-03-10", "2025-03-11"]
        add("b", ["2025-03-12T12:00:00Z"])
        time.sleep(STAND_SECONDS + 0.1)
        assert website.items("meldingen", MANAGER_OF_THE_VILLAGE, bbox="5,51,7,53")["numberMatched"] == 3
