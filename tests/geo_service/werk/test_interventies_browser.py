"""Planning an intervention in a real Chromium: by drawing on the map, and by keyboard alone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser import Visitors, Watched, start_chromium, violations
from tests.geo_service import dorp
from tests.geo_service.api.test_schrijven import BOWTIE, MANAGER
from tests.geo_service.api.website import Website, serve, token_of
from tests.geo_service.support import load, rows

NEW = "/interventies/nieuw"
WHAT = "select naam, gebied_codes, geom is not null, round(st_area(geom) / 10000) from intern.interventie order by naam"


@pytest.fixture
def site(dorp_url: str, tmp_path: Path) -> Iterator[Website]:
    load("ingest", "meldingen", dorp.write_csv(tmp_path / "a.csv", [dorp.melding(1)]), "--bron", "lijst", url=dorp_url)
    with serve(dorp_url) as running:
        yield running


@pytest.fixture
def watched(site: Website) -> Iterator[Watched]:
    with start_chromium() as browser:
        visitors = Visitors(browser, reduced_motion="reduce")
        found = visitors.welcome()
        found.page.goto(f"{site.address}/ontwikkel/inloggen?token={token_of(MANAGER)}")
        yield found
        visitors.leave()


def fill(page: Page, naam: str) -> None:
    page.get_by_label("Naam", exact=True).fill(naam)
    page.get_by_label("Doel", exact=True).select_option("5")
    page.get_by_label("Begin", exact=True).fill("2026-09-01")


def draw(page: Page, corners: list[tuple[int, int]]) -> None:
    """Click corners, in pixels from the middle of the map, and the first one again."""
    page.get_by_role("button", name="Teken", exact=True).click()
    chart = page.get_by_role("application")
    chart.scroll_into_view_if_needed()
    box = chart.bounding_box()
    assert box is not None
    for dx, dy in (*corners, corners[0]):
        x, y = box["x"] + box["width"] / 2 + dx, box["y"] + box["height"] / 2 + dy
        page.mouse.move(x - 3, y - 3)
        page.mouse.move(x, y)
        page.mouse.click(x, y)


@pytest.mark.browser
def test_a_manager_plans_by_drawing_and_by_keyboard(watched: Watched, site: Website, dorp_url: str, tmp_path: Path):
    page = watched.page
    with page.expect_response(lambda answer: "/collections/buurten/items" in answer.url):
        page.goto(f"{site.address}{NEW}")
    said = page.locator("[data-proef]")
    # The own stadsdeel, two square kilometres beside each other, fills the map: its western half is left of the middle.
    draw(page, [(-120, -60), (-40, -60), (-40, 60), (-120, 60)])
    expect(said).to_contain_text("hectare in Buurt 100.")
    assert violations(page) == []
    fill(page, "Getekend")
    page.get_by_role("button", name="Bewaar").click()
    expect(page.get_by_role("heading", name="Getekend", level=1)).to_be_visible()
    assert violations(page) == []

    page.goto(f"{site.address}{NEW}")
    tab_to(page, "naam")
    page.keyboard.type("Met toetsen")
    tab_to(page, "doel")
    page.keyboard.press("ArrowDown")
    tab_to(page, "gebied_soort")
    page.keyboard.press("ArrowDown")
    tab_to(page, "buurten")
    page.keyboard.press("Space")
    tab_to(page, "van")
    page.keyboard.type("01092026")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Met toetsen", level=1)).to_be_visible()
    ((drawn, codes, is_drawn, hectares), chosen) = rows(dorp_url, WHAT)
    assert (drawn, codes, is_drawn, 5 < hectares < 60) == ("Getekend", dorp.NW, True, True)
    assert chosen == ("Met toetsen", dorp.NW, False, None)

    page.goto(f"{site.address}{NEW}")
    page.locator("[data-teken=bestand]").set_input_files(file(tmp_path, "groot.geojson", " " * 50_000))
    expect(said).to_contain_text("groot.geojson is te groot: 50 kB")
    page.locator("[data-teken=bestand]").set_input_files(file(tmp_path, "kapot.geojson", '{"type": "Poly'))
    expect(said).to_contain_text("Dit is geen GeoJSON")
    page.locator("[data-teken=bestand]").set_input_files(file(tmp_path, "strik.geojson", json.dumps(BOWTIE)))
    expect(said).to_contain_text("kruist of raakt zichzelf")
    fill(page, "Met een strik")
    page.get_by_role("button", name="Bewaar").click()
    expect(page.get_by_role("alert")).to_contain_text("Gebied: De lijn van de tekening kruist")
    assert page.get_by_label("Naam", exact=True).input_value() == "Met een strik"
    assert json.loads(page.locator("[name=tekening]").input_value()) == BOWTIE
    page.set_viewport_size({"width": 320, "height": 800})
    page.wait_for_function("() => document.documentElement.scrollWidth === 320")
    assert [error for error in watched.errors if "400" not in error] == []
    assert [address for address in watched.requests if not address.startswith(site.address)] == []


def tab_to(page: Page, name: str) -> None:
    """Go on with the tab key until a field of this name has the focus."""
    for _ in range(80):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.name") == name:
            return
    raise AssertionError(f"{name} cannot be reached")


def file(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path
