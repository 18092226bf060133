"""Layers of the map for staff: reports as points and interventions, and nothing of either for anybody else."""

from __future__ import annotations

import asyncio
import time

import pytest

from geo_service.db.engine import Database
from geo_service.errors import InvalidParameters
from geo_service.identity import ALL_STADSDELEN, Role, Viewer
from geo_service.release.cijfers import CijferVraag
from geo_service.release.kaartpunten import punten
from tests.browser import violations
from tests.geo_service.pages.kaartlezer import open_map
from tests.geo_service.support import rows

pytestmark = pytest.mark.browser

GEMEENTE, BRON = "GM0153", "signalen-openbare-ruimte"
NOORD = Viewer(Role.WIJKREGISSEUR, GEMEENTE, frozenset({"GM0153-SD-noord"}))
ZUID = Viewer(Role.WIJKREGISSEUR, GEMEENTE, frozenset({"GM0153-SD-zuid"}))
MANAGER = Viewer(Role.STADSDEELMANAGER, GEMEENTE, frozenset({ALL_STADSDELEN}))
STRANGER = Viewer(Role.STADSDEELMANAGER, "GM0106", frozenset({ALL_STADSDELEN}))
NOT_STAFF = [None, Viewer(Role.ONDERZOEKER), Viewer(Role.GEGEVENSBEHEERDER), Viewer(Role.BEHEERDER)]
SPAN = {"2026-Q2": "2026-04-01/2026-06-30", "2025": "2025-01-01/2025-12-31", "2026-05": "2026-05-01/2026-05-31"}


@pytest.mark.parametrize("viewer", [NOORD, MANAGER], ids=["eigen stadsdeel", "hele gemeente"])
@pytest.mark.parametrize("periode", SPAN)
def test_the_points_are_those_of_the_collection(demo, viewer, periode):
    found = demo.get("/kaart/punten", viewer, bron=BRON, periode=periode).json()
    pages = demo.pages("meldingen", viewer, limit=10_000, gemeente=GEMEENTE, bron=BRON, datetime=SPAN[periode])
    api = {feature["id"]: feature for page in pages for feature in page["features"]}
    assert set(found["id"]) == set(api)
    assert len(found["id"]) == len(api) > 0
    for number, lon, lat in zip(found["id"], found["lon"], found["lat"], strict=True):
        assert api[number]["geometry"]["coordinates"] == pytest.approx([lon, lat], abs=1e-5)
    assert max(found["dag"]) <= 366
    assert min(found["dag"]) >= 0


def test_a_head_category_has_the_points_of_its_subs(demo):
    asked = {"bron": BRON, "periode": "2025"}
    found = demo.get("/kaart/punten", NOORD, categorie="afval", **asked).json()
    counted = demo.features("meldingen-per-gebied", NOORD, categorie="afval", niveau="stadsdeel", **asked)
    own = next(f["properties"]["aantal"] for f in counted if f["properties"]["gebied_code"] == "GM0153-SD-noord")
    every = demo.get("/kaart/punten", NOORD, **asked).json()
    assert 0 < len(found["id"]) <= own
    assert set(found["id"]) < set(every["id"])
    assert len(found["onderwerpen"]) > 1


def test_nobody_else_has_an_address_for_them(demo):
    for viewer in NOT_STAFF:
        for path in ("/kaart/punten", f"/kaart/punten?bron={BRON}&periode=2025", "/kaart/punten?bron=geen"):
            assert demo.get(path, viewer).status_code == 404
        html = demo.get("/kaart", viewer).text.lower()
        assert all(word not in html for word in ("kaart/punten", "punten.js", "als punten", "interventie")), viewer
    # Staff of another municipality have the layer at home only.
    assert demo.get("/kaart/punten", STRANGER, gemeente=GEMEENTE, bron=BRON, periode="2025").json()["id"] == []
    html = demo.get("/kaart", STRANGER, gemeente=GEMEENTE).text
    assert "data-punten" not in html
    assert "data-interventie" not in html
    assert "data-punten" not in demo.get("/kaart", NOORD, thema="wonen").text
    assert "data-punten" in demo.get("/kaart", NOORD).text


def test_asking_for_points_stands_in_the_log(demo, demo_url):
    assert demo.get("/kaart/punten", NOORD, bron=BRON, periode="2024").status_code == 200
    query = "select rol, handeling, object from intern.logboek where object like '/kaart/punten%%' order by nummer desc"
    wanted = (Role.WIJKREGISSEUR.value, "lezen", f"/kaart/punten?bron={BRON}&periode=2024")
    deadline = time.monotonic() + 10
    while (found := rows(demo_url, query)[:1]) != [wanted] and time.monotonic() < deadline:
        time.sleep(0.1)
    assert found == [wanted]


def test_more_than_fit_on_a_map_are_refused(demo_url):
    async def ask() -> None:
        database = Database(demo_url, pool_size=1)
        try:
            await punten(database, MANAGER, GEMEENTE, CijferVraag(bron=BRON, periode="2025"), limit=10)
        finally:
            await database.close()

    with pytest.raises(InvalidParameters, match="kortere periode"):
        asyncio.run(ask())


def test_points_come_when_the_layer_is_switched_on(visit, demo):
    """By keyboard to a point and its card; another period has other points; one stop of the Tab key for all."""
    watched = visit()
    page = open_map(watched, demo, "?periode=2025", NOORD)
    told = page.locator(".bs-punten [role=status]")
    assert [address for address in watched.requests if "/kaart/punten" in address] == []
    assert page.locator(".bs-tros-meldingen").count() == 0
    page.get_by_label("Meldingen als punten").check()
    page.locator(".bs-tros-meldingen").first.wait_for()
    everything = demo.get("/kaart/punten", NOORD, bron=BRON, periode="2025").json()["id"]
    assert f"{len(everything):,}".replace(",", ".") in told.inner_text()
    counts = page.locator(".bs-tros-meldingen [aria-hidden]").all_inner_texts()
    assert 0 < sum(map(int, counts)) <= len(everything)
    stops = page.locator(".leaflet-marker-pane .leaflet-interactive[tabindex='0']")
    assert stops.count() == 1
    assert violations(page) == []

    with page.expect_response("**/kaart/punten*"):
        page.get_by_label("Onderwerp", exact=True).select_option("groen-water")
    page.wait_for_function("n => !document.querySelector('.bs-punten [role=status]').textContent.includes(n)",
                           arg=str(len(everything)))  # fmt: skip
    page.locator(".bs-tros-meldingen, .bs-punt-melding").first.wait_for()
    for _ in range(12):
        if page.locator(".bs-punt-melding").count():
            break
        # A cluster opens with the Enter key too.
        page.locator(".bs-tros-meldingen").first.focus()
        page.keyboard.press("Enter")
        page.wait_for_timeout(250)
    point = page.locator(".bs-punt-melding").first
    point.focus()
    label = point.get_attribute("aria-label")
    assert label.startswith("Melding: ")
    page.keyboard.press("Enter")
    card = page.get_by_role("dialog")
    card.wait_for()
    assert card.locator("h2").inner_text() in label
    assert violations(page) == []
    page.keyboard.press("Escape")
    card.wait_for(state="detached")
    assert watched.errors == []


def test_interventions_of_the_own_areas_and_no_others(visit, demo, demo_url):
    query = "select naam from intern.interventie order by van, naam"
    every = [naam for (naam,) in rows(demo_url, query)]
    whole = demo.get("/kaart", MANAGER, periode="2026-Q3").text
    assert len(every) == 5
    assert whole.count("data-interventie=") == 5
    assert demo.get("/kaart", NOORD, periode="2026-Q3").text.count("data-interventie=") == 1
    # Before it began an action is not there.
    assert demo.get("/kaart", MANAGER, periode="2024-Q1").text.count("data-interventie=") < 5

    watched = visit("telefoon")
    page = open_map(watched, demo, "?periode=2026-Q3", ZUID)
    cards = page.locator("[data-interventie]")
    names = cards.locator("h3").all_inner_texts()
    assert sorted(names) == ["Parkeren Helmerhoek", "Praat met de buren"]
    assert "kosten" not in page.content().lower()
    signs = page.locator(".bs-teken-interventie")
    assert signs.count() == 0
    cards.first.get_by_role("button", name="Toon op de kaart").click()
    popup = page.get_by_role("dialog")
    popup.wait_for()
    assert popup.locator("h2").inner_text() == names[0]
    assert {"Doel", "Looptijd", "Waar"} <= set(popup.locator("dt").all_inner_texts())
    assert signs.count() == len(names)
    page.keyboard.press("Escape")
    popup.wait_for(state="detached")
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert "interventies" in page.evaluate("location.hash")
    assert watched.errors == []
