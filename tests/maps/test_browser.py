"""The pages in a real Chromium: strict policy, keyboard, accessibility, and one file without a server."""

from __future__ import annotations

from dataclasses import replace

import pytest

from maps.kaart import render_document
from maps.teksten import make_cijfers
from tests.browser import SIZES, set_size, violations
from tests.maps.paginas import OTHER_PAGES, render_map_page, render_other_page
from tests.maps.stad import collection, make_stad

pytestmark = pytest.mark.browser
STAD = make_stad()


def open_map(watched, site, *, model=STAD, query="", size="scherm", **context):
    site.pages["/kaart"] = render_map_page(model, **context)
    set_size(watched.page, size)
    watched.page.goto(f"{site.address}/kaart{query}")
    watched.page.wait_for_selector("[data-klaar=ja]")
    return watched.page


def test_the_map_works_under_a_strict_policy_and_asks_nothing_elsewhere(watched, site):
    page = open_map(watched, site)
    page.wait_for_load_state("networkidle")
    assert watched.errors == []
    assert len(watched.requests) >= 10
    assert [r for r in watched.requests if not r.startswith(site.address)] == []
    assert page.locator("path.bs-gebied").count() == 70
    assert page.locator("path.bs-hotspot").count() == 2
    assert page.locator(".bs-symbool-wijkwijzers.leaflet-marker-icon").count() == 5


def test_the_policy_of_the_test_bites(watched, site):
    site.pages["/kwaad"] = render_map_page(STAD).replace("</main>", "<script>window.kwaad = 1</script></main>")
    watched.page.goto(f"{site.address}/kwaad")
    assert watched.page.evaluate("window.kwaad") is None
    assert any("Content Security Policy" in error for error in watched.errors)


def test_every_area_is_named_and_reachable_by_keyboard(watched, site):
    page = open_map(watched, site)
    found = page.locator("path.bs-gebied").evaluate_all(
        "all => all.map(p => [p.getAttribute('aria-label'), p.getAttribute('role'), p.tabIndex])"
    )
    assert sorted(found) == sorted([c.label, "button", 0] for c in make_cijfers(STAD))


def test_enter_opens_the_card_and_escape_returns_to_the_area(watched, site):
    page = open_map(watched, site)
    page.locator("path.bs-gebied").first.focus()
    page.keyboard.press("Tab")
    label = page.evaluate("document.activeElement.getAttribute('aria-label')")
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    dialog.wait_for()
    assert dialog.get_attribute("aria-label") == label.split(":")[0]
    assert dialog.evaluate("d => d.contains(document.activeElement)")
    assert dialog.get_by_role("button", name="Sluiten").bounding_box()["width"] >= 24
    page.keyboard.press("Escape")
    dialog.wait_for(state="detached")
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == label


def test_tab_walks_from_area_to_area_and_the_focus_shows(watched, site):
    page = open_map(watched, site)
    page.locator("path.bs-gebied").nth(3).focus()
    page.keyboard.press("Tab")
    width = "document.activeElement && getComputedStyle(document.activeElement).strokeWidth"
    assert page.evaluate("document.activeElement.classList.contains('bs-gebied')")
    assert page.evaluate(width) == "5px"


def test_points_are_one_tab_stop_and_arrows_walk_them(watched, site):
    page = open_map(watched, site)
    stops = ".leaflet-marker-pane [tabindex='0']"
    assert page.locator(stops).count() == 1
    page.locator(stops).focus()
    first = page.evaluate("document.activeElement.getAttribute('aria-label')")
    page.keyboard.press("ArrowRight")
    second = page.evaluate("document.activeElement.getAttribute('aria-label')")
    assert first != second
    assert page.locator(stops).get_attribute("aria-label") == second
    assert "Wijkwijzer" in f"{first}{second}"


def test_a_cluster_opens_with_enter(watched, site):
    page = open_map(watched, site)
    before = page.locator(".bs-tros").count()
    page.locator(".bs-tros").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_function("n => document.querySelectorAll('.bs-tros').length !== n", arg=before)
    assert watched.errors == []


def test_each_status_looks_different_on_the_screen(watched, site):
    page = open_map(watched, site, model=replace(STAD, wijkwijzers=collection([]), voorzieningen=collection([])))
    look = "p => { const s = getComputedStyle(p); return [s.fill, s.strokeDasharray].join() }"
    looks = {}
    for status in ("ok", "onbetrouwbaar", "onderdrukt", "niet_gedekt", "ontbreekt"):
        looks[status] = set(page.locator(f"path.bs-status-{status}").evaluate_all(f"all => all.map({look})"))
    assert all(looks.values())
    assert len(set.union(*looks.values())) == sum(len(found) for found in looks.values())


@pytest.mark.parametrize("size", SIZES)
def test_no_accessibility_rule_is_broken_on_the_map(watched, site, size):
    page = open_map(watched, site, size=size)
    assert violations(page) == []
    page.locator("path.bs-gebied").nth(10).focus()
    page.keyboard.press("Enter")
    page.get_by_role("dialog").wait_for()
    page.wait_for_function("() => getComputedStyle(document.querySelector('.leaflet-popup')).opacity === '1'")
    assert violations(page) == []


@pytest.mark.parametrize("name", OTHER_PAGES)
def test_no_accessibility_rule_is_broken_elsewhere(watched, site, name):
    """These pages have no script: on a screen that changes they are what they are on one that always had that size."""
    site.pages[f"/{name}"] = render_other_page(name)
    watched.page.goto(f"{site.address}/{name}")
    for size in SIZES:
        set_size(watched.page, size)
        assert violations(watched.page) == [], size
        assert watched.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), size
    assert watched.errors == []


def test_the_page_fits_a_telephone(watched, site):
    page = open_map(watched, site, size="telefoon")
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    assert page.locator(".leaflet-control-layers-toggle").is_visible()


def position(address):
    """Zoom, latitude and longitude in the address of a map."""
    return [float(part) for part in address.split("kaart=")[1].split("&")[0].split("/")]


def test_map_state_is_in_the_address_and_comes_back(watched, site):
    page = open_map(watched, site)
    page.get_by_label("Meldingen dicht bij elkaar", exact=True).uncheck()
    page.get_by_role("button", name="Zoom in", exact=True).click()
    page.wait_for_function("() => /kaart=/.test(location.hash)")
    page.wait_for_timeout(400)
    address = page.url
    assert "lagen=gebieden,hoog,nieuw,opkomend,stil,wijkwijzers,voorzieningen" in address
    page.goto("about:blank")
    page.goto(address)
    page.wait_for_selector("[data-klaar=ja]")
    assert page.locator("path.bs-hotspot").count() == 0
    assert not page.get_by_label("Meldingen dicht bij elkaar", exact=True).is_checked()
    page.get_by_label("Meldingen dicht bij elkaar", exact=True).check()
    page.wait_for_function("() => /punten/.test(location.hash)")
    # A map that is set to a centre may settle on a neighbouring pixel: some ten metres at this zoom.
    assert position(page.url) == pytest.approx(position(address), abs=2e-4)


@pytest.mark.parametrize("hash_text", ["#kaart=x/y/z", "#kaart=1/999/0&lagen=niets", "#tabel", "#kaart=&lagen="])
def test_a_damaged_address_does_no_harm(watched, site, hash_text):
    open_map(watched, site, query=hash_text)
    assert watched.errors == []


def test_a_choice_reloads_and_keeps_the_map_but_not_for_another_gemeente(watched, site):
    keuzes = {
        "gemeente": [("A", "A", True), ("B", "B", False)],
        "periode": [("1", "1", True), ("2", "2", False)],
    }
    # The policy here stops the script from asking; without the one that tells so, the browser asks.
    page = open_map(watched, site, query="#kaart=13/52.22/6.89", keuzes=keuzes, bewaarscript="")
    with page.expect_navigation(url="**periode=2**"):
        page.get_by_label("Periode").select_option("2")
    assert "/kaart?gemeente=A&periode=2#kaart=13/52.22" in page.url
    page.wait_for_selector("[data-klaar=ja]")
    with page.expect_navigation(url="**gemeente=B**"):
        page.get_by_label("Gemeente").select_option("B")
    assert "#" not in page.url


def test_without_script_there_is_a_form_and_a_table(chromium, site):
    site.pages["/kaart"] = render_map_page(STAD)
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site.address}/kaart")
    assert page.locator("tbody tr").count() == 70
    assert page.locator("noscript p").is_visible()
    assert page.locator(".folium-map").bounding_box()["height"] == 0
    assert not page.locator(".bs-benaderd, .bs-kaarthulp").first.is_visible()
    page.get_by_role("button", name="Toon").click()
    assert page.url.endswith(
        "/kaart?gemeente=GM0999&niveau=buurt&periode=2024-Q3&bron=signalen&categorie=afval&noemer=woningen"
    )
    context.close()


def test_one_file_opens_without_a_server_and_without_a_request(watched, tmp_path):
    path = tmp_path / "kaart.html"
    path.write_text(render_document(STAD), encoding="utf-8")
    watched.page.goto(path.as_uri())
    watched.page.wait_for_selector("[data-klaar=ja]")
    watched.page.wait_for_timeout(300)
    assert watched.page.locator("path.bs-gebied").count() == 70
    assert watched.page.locator("tbody tr").count() == 70
    assert watched.errors == []
    assert [r for r in watched.requests if not r.startswith("data:")] == [path.as_uri()]
    assert watched.page.evaluate("document.fonts.check('16px \"Source Sans 3\"')")
    assert violations(watched.page) == []


def test_a_page_without_areas_says_so(watched, site):
    nothing = collection([])
    model = replace(STAD, gebieden=nothing, wijkwijzers=nothing, voorzieningen=nothing, hotspots=nothing)
    site.pages["/leeg"] = render_map_page(model)
    watched.page.goto(f"{site.address}/leeg")
    assert watched.page.get_by_text("Er zijn geen gebieden geladen.").first.is_visible()
    assert watched.errors == []
    assert violations(watched.page) == []
