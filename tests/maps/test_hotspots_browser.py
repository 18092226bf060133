"""What stands out in a real Chromium: outlines let clicks through, layers switch, cards and map belong together."""

from __future__ import annotations

from dataclasses import replace

import pytest

from maps.model import HOTSPOTS, Zoeking
from tests.browser import SIZES, violations
from tests.maps.stad import NAMES, WINDS, collection, make_stad, with_results
from tests.maps.test_browser import open_map

pytestmark = pytest.mark.browser
RIJK = with_results(make_stad(voorzieningen=5))
NAMEN = {
    "punten": "Meldingen dicht bij elkaar",
    "hoog": "Meer dan verwacht",
    "nieuw": "Sinds kort meer",
    "opkomend": "Verloop per kwartaal",
    "stil": "Opvallend stil",
}


def drawn(page):
    """How much of each layer is on the map: areas of points, else outlines."""
    found = {"punten": page.locator("path.bs-hotspot").count()}
    return found | {slug: page.locator(f"path.bs-omtrek-{slug}").count() for slug in HOTSPOTS[1:]}


def test_an_outline_lets_every_click_through_to_the_buurt(watched, site):
    page = open_map(watched, site, model=RIJK)
    name = f"{NAMES[8]} {WINDS[1]}"
    area = page.locator(f"path.bs-gebied[aria-label^='{name}']")
    assert page.locator("path.bs-omtrek-hoog").count() == 2
    box = area.bounding_box()
    # On the outline itself, and halfway the outline and the marker.
    for share in (0.5, 0.25):
        page.mouse.click(box["x"] + box["width"] * (0.5 - share) + 1, box["y"] + box["height"] / 2)
        card = page.locator(".leaflet-popup .bs-kaartje")
        card.wait_for()
        assert card.get_attribute("data-gebied-code")
        page.keyboard.press("Escape")
        page.wait_for_function("() => !document.querySelector('.leaflet-popup')")
    assert watched.errors == []


def test_the_marker_of_an_outline_opens_its_card_by_mouse_and_by_keyboard(watched, site):
    page = open_map(watched, site, model=RIJK)
    marker = page.get_by_role("button", name="Meer dan verwacht: Walhof & Zoon Oost", exact=True)
    same = page.locator("#opvalt article[data-resultaat=hoog-2]")
    assert same.locator("h4").text_content() == "Walhof & Zoon Oost"
    marker.focus()
    page.keyboard.press("Enter")
    card = page.get_by_role("dialog")
    card.wait_for()
    words = card.locator("article").inner_text()
    for part in ("Uitleg van hoog.", "Zekerheid van hoog.", "Onbekend bij hoog.", "Vraag bij hoog?"):
        assert part in words
        assert part in same.text_content()
    page.keyboard.press("Escape")
    card.wait_for(state="detached")
    assert page.evaluate("document.activeElement.getAttribute('aria-label')").startswith("Meer dan verwacht")
    marker.click()
    card.wait_for()


@pytest.mark.parametrize("slug", HOTSPOTS)
def test_each_layer_toggles_with_its_own_cards(watched, site, slug):
    page = open_map(watched, site, model=RIJK)
    before = drawn(page)
    assert before == {"punten": 2, "hoog": 2, "nieuw": 2, "opkomend": 0, "stil": 0}
    group = page.locator(f"details[data-laag={slug}]")
    page.get_by_label(NAMEN[slug], exact=True).click()
    after = drawn(page)
    assert after == before | {slug: 2 - before[slug]}
    assert group.evaluate("group => group.open") == bool(after[slug])
    assert page.locator("path.bs-omtrek-hoog-rand").count() == after["hoog"]
    assert f"{slug}" not in page.url.split("lagen=")[1].split(",") or after[slug]
    assert watched.errors == []


@pytest.mark.parametrize(
    ("query", "on"),
    [
        ("#lagen=gebieden,hotspots", set(HOTSPOTS)),
        ("#lagen=gebieden,stil", {"stil"}),
        ("#lagen=gebieden", set()),
        ("", {"punten", "hoog", "nieuw"}),
    ],
)
def test_the_address_chooses_layers_and_hotspots_means_all(watched, site, query, on):
    page = open_map(watched, site, model=RIJK, query=query)
    assert {slug for slug, n in drawn(page).items() if n} == on


def test_a_layer_without_results_stays_chosen_for_the_next_map(watched, site):
    page = open_map(watched, site, model=replace(RIJK, hotspots=collection([])))
    page.get_by_role("button", name="Zoom in", exact=True).click()
    page.wait_for_function("() => /lagen=/.test(location.hash)")
    assert page.url.endswith("lagen=gebieden,punten,hoog,nieuw,wijkwijzers,voorzieningen")


@pytest.mark.parametrize("number", ["punten-1", "hoog-2", "stil-1"])
def test_a_card_leads_to_its_place_on_the_map(watched, site, number):
    page = open_map(watched, site, model=RIJK)
    page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true })")
    page.locator(f"a[data-toon={number}]").click()
    card = page.locator(".leaflet-popup article")
    card.wait_for()
    assert card.get_attribute("data-resultaat") == number
    assert page.evaluate("document.activeElement.closest('.leaflet-popup') !== null")
    assert watched.errors == []


def test_markers_on_one_place_stand_side_by_side(watched, site):
    page = open_map(watched, site, model=RIJK)
    boxes = [
        page.get_by_role("button", name=name, exact=True).bounding_box()
        for name in ("Meer dan verwacht: Bolhaar Midden en Hogeland Midden", "Sinds kort meer: Bolhaar Midden")
    ]
    assert abs(boxes[0]["x"] - boxes[1]["x"]) >= boxes[0]["width"] >= 24


@pytest.mark.parametrize("size", SIZES)
def test_no_accessibility_rule_is_broken_with_everything_open(watched, site, size):
    asked = tuple(Zoeking(slug, berekend=True) for slug in HOTSPOTS)
    page = open_map(watched, site, model=replace(RIJK, lagen_uit=frozenset(), gezocht=asked), size=size)
    page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true })")
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_role("button", name="Opvallend stil: Velve-Lindenhof Noord", exact=True).focus()
    page.keyboard.press("Enter")
    page.get_by_role("dialog").wait_for()
    page.wait_for_function("() => getComputedStyle(document.querySelector('.leaflet-popup')).opacity === '1'")
    assert violations(page) == []
    assert watched.errors == []


def test_nothing_found_is_said_per_layer(watched, site):
    asked = (Zoeking("hoog", berekend=True), Zoeking("nieuw", berekend=False))
    page = open_map(watched, site, model=replace(RIJK, hotspots=collection([]), gezocht=asked))
    section = page.locator("#opvalt")
    assert section.get_by_text("Niets gevonden dat meer is dan toeval.").is_visible()
    assert section.get_by_text("Niet berekend voor deze bron en periode.").is_visible()
    assert violations(page) == []
