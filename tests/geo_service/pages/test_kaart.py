"""The map page: the same numbers as the API, no request elsewhere, by keyboard, for everyone."""

from __future__ import annotations

from collections import Counter

import pytest

from geo_service.identity import ALL_STADSDELEN, Role, Viewer
from tests.browser import violations
from tests.geo_service.api.website import busiest_hotspots, token_of
from tests.geo_service.pages.kaartlezer import from_api, open_map, popups, question, table, text

pytestmark = pytest.mark.browser

NOORD = Viewer(Role.WIJKREGISSEUR, "GM0153", frozenset({"GM0153-SD-noord"}))
ASSEN = Viewer(Role.STADSDEELMANAGER, "GM0106", frozenset({ALL_STADSDELEN}))
CASES = {
    "demo, publiek": ("demo", None, ""),
    "demo, wijkregisseur": ("demo", NOORD, ""),
    "demo, maand": ("demo", NOORD, "?periode=2026-05&categorie=afval"),
    "demo, stadsdelen per inwoner": ("demo", None, "?niveau=stadsdeel&noemer=inwoners&periode=2026-Q2"),
    "demo, deels gedekt": ("demo", None, "?bron=buurtbemiddeling&niveau=wijk&periode=2025"),
    "assen, publiek": ("assen", None, ""),
    "assen, manager": ("assen", ASSEN, ""),
}


@pytest.fixture
def site(request):
    return request.getfixturevalue(request.param)


def cases(*names: str):
    chosen = {name: CASES[name] for name in names or CASES}
    return pytest.mark.parametrize(("site", "viewer", "query"), chosen.values(), ids=chosen, indirect=["site"])


@cases()
def test_every_number_in_table_and_cards_is_that_of_the_api(visit, site, viewer, query):
    page = open_map(visit(), site, query, viewer)
    api = from_api(site, question(page), viewer)
    assert table(page) == api
    cards = popups(page)
    assert cards == {code: api[code][:3] for code in cards}
    assert len(cards) == page.locator("path.bs-gebied").count() > 0
    assert any(status in ("ok", "onbetrouwbaar") for status, *_ in api.values())


@cases("demo, publiek", "demo, deels gedekt", "assen, publiek")
def test_the_legend_counts_what_the_api_says(visit, site, viewer, query):
    page = open_map(visit(), site, query, viewer)
    api = from_api(site, question(page), viewer)
    shown = page.locator(".bs-legenda [data-status]").evaluate_all(
        "all => all.map(e => [e.dataset.status, +e.dataset.n])"
    )
    # A rate map cannot colour an area whose rate is unknown, whatever its count says.
    counted = Counter("ontbreekt" if count and not rate else status for status, count, rate, *_ in api.values())
    assert len(shown) >= 2
    assert dict(shown) == {status: counted[status] for status, _ in shown}


@cases("demo, publiek", "demo, wijkregisseur", "assen, publiek")
def test_nothing_is_asked_elsewhere_and_nothing_goes_wrong(visit, site, viewer, query):
    watched = visit()
    page = open_map(watched, site, query, viewer)
    page.get_by_label("Voorzieningen").first.check() if page.get_by_label("Voorzieningen").count() else None
    page.get_by_role("button", name="Zoom in", exact=True).click()
    page.wait_for_load_state("networkidle")
    assert watched.errors == []
    assert [address for address in watched.requests if not address.startswith((site.address, "data:"))] == []
    assert len(watched.requests) >= 8


@pytest.mark.parametrize(
    ("site", "viewer", "size"), [("demo", NOORD, "scherm"), ("assen", None, "telefoon")], indirect=["site"]
)
def test_no_accessibility_rule_is_broken(visit, site, viewer, size):
    page = open_map(visit(size), site, "", viewer)
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize(
    ("path", "size"),
    [
        ("/", "scherm"),
        ("/", "telefoon"),
        ("/uitleg", "scherm"),
        ("/uitleg", "telefoon"),
        ("/toegankelijkheid", "telefoon"),
        ("/kaart?periode=ooit", "telefoon"),
    ],
)
def test_no_accessibility_rule_is_broken_on_the_other_pages(visit, demo, path, size):
    page = visit(size).page
    page.goto(demo.address + path)
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.locator("h1").count() == 1


@cases("demo, publiek", "assen, publiek")
def test_by_keyboard_to_an_area_open_and_close(visit, site, viewer, query):
    page = open_map(visit(), site, query, viewer)
    page.get_by_role("button", name="Toon", exact=True).focus()
    for _ in range(10):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.matches('path.bs-gebied')"):
            break
    label = page.evaluate("document.activeElement.getAttribute('aria-label')")
    assert label
    page.keyboard.press("Enter")
    card = page.get_by_role("dialog")
    card.wait_for()
    assert card.get_attribute("aria-label") == label.split(":")[0]
    page.keyboard.press("Escape")
    card.wait_for(state="detached")
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == label


def test_the_first_tab_stop_leads_past_the_map_to_the_table(visit, demo):
    page = open_map(visit(), demo)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent.trim()") == "Naar de tabel met dezelfde cijfers"
    page.keyboard.press("Enter")
    page.wait_for_function("() => location.hash === '#tabel' || document.activeElement.id === 'tabel'")


@pytest.mark.parametrize(
    ("label", "value", "name"), [("Periode", "2026-Q1", "periode"), ("Gebieden", "wijk", "niveau")]
)
def test_a_choice_changes_the_address_and_the_figures(visit, demo, label, value, name):
    page = open_map(visit(), demo)
    before = table(page)
    with page.expect_navigation(url=f"**{name}={value}**"):
        page.get_by_label(label, exact=True).select_option(value)
    page.wait_for_selector("[data-klaar=ja]")
    assert question(page)[name] == value
    assert table(page) == from_api(demo, question(page))
    assert table(page) != before


def test_a_choice_redraws_in_place(visit, demo):
    """No page is loaded: what a script left behind is still there, the list keeps the focus, the map its view."""
    watched = visit()
    page = open_map(watched, demo)
    page.get_by_role("button", name="Zoom in", exact=True).click()
    page.wait_for_function("location.hash.startsWith('#kaart=')")
    view = page.evaluate("location.hash.split('&')[0]")
    page.evaluate("window.teken = 'zelfde pagina'")
    levels, started = page.get_by_label("Gebieden", exact=True), question(page)["niveau"]
    levels.focus()
    for chosen, areas in (("wijk", 10), ("stadsdeel", 5)):
        levels.select_option(chosen)
        page.wait_for_function("n => document.querySelectorAll('path.bs-gebied').length === n", arg=areas)
        assert table(page) == from_api(demo, question(page))
        assert page.evaluate("location.hash.split('&')[0]") == view
    assert popups(page).keys() == table(page).keys()
    assert page.evaluate("window.teken") == "zelfde pagina"
    # The places are kept and not sent again: nine wijkwijzers with a card, a layer to switch, a line in the legend.
    pins = page.locator(".bs-symbool-wijkwijzers.leaflet-marker-icon")
    assert pins.count() == 9
    pins.first.dispatch_event("click")
    page.locator(".leaflet-popup .bs-kaartje-soort", has_text="Wijkwijzer").wait_for()
    page.keyboard.press("Escape")
    assert [box.strip() for box in page.locator(".leaflet-control-layers-overlays label").all_inner_texts()][-2:] == [
        "Wijkwijzers", "Voorzieningen"
    ]  # fmt: skip
    page.get_by_label("Voorzieningen", exact=True).check()
    page.locator(".bs-tros").first.wait_for()
    assert page.locator(".bs-legenda [data-laag-naam=voorzieningen]").count() == 1
    page.get_by_label("Voorzieningen", exact=True).uncheck()
    assert page.evaluate("document.querySelectorAll('.leaflet-container').length") == 1
    assert "per stadsdeel" in page.title()
    assert page.locator("main").get_attribute("aria-busy") is None
    page.go_back()
    page.wait_for_function("n => document.querySelectorAll('path.bs-gebied').length === n", arg=10)
    assert question(page)["niveau"] == "wijk"
    page.go_back()
    page.wait_for_function("n => document.querySelectorAll('path.bs-gebied').length === n", arg=70)
    assert question(page)["niveau"] == started
    assert page.evaluate("window.teken") == "zelfde pagina"
    assert violations(page) == []
    assert watched.errors == []


def test_the_map_plays_through_time_and_stops_at_its_end_or_by_hand(visit, demo):
    watched = visit()
    page = open_map(watched, demo, "?periode=2026-Q1", NOORD)
    player = page.get_by_role("group", name="Door de tijd")
    told = player.locator("output")
    page.evaluate("window.teken = 'zelfde pagina'")
    assert told.inner_text().startswith("1e kwartaal 2026 (")
    player.get_by_role("button", name="Vorige periode").press("Enter")
    page.wait_for_url("**periode=2025-Q4**")
    player.get_by_role("button", name="Speel af").press("Enter")
    for quarter in ("2026-Q1", "2026-Q2"):
        page.wait_for_url(f"**periode={quarter}**")
        page.wait_for_function("() => document.querySelector('main').getAttribute('aria-busy') === null")
        assert table(page) == from_api(demo, question(page), NOORD)
    assert player.get_by_role("button", name="Stop").is_visible()
    assert not player.get_by_role("button", name="Vorige periode").is_enabled()
    page.wait_for_url("**periode=2026-Q3**")
    player.get_by_role("button", name="Speel af").wait_for()
    assert not player.get_by_role("button", name="Volgende periode").is_enabled()
    player.get_by_role("button", name="Speel af").click()
    page.wait_for_function("() => document.querySelector('[data-speler] output').textContent.includes('(1 van')")
    page.keyboard.press("Escape")
    player.get_by_role("button", name="Speel af").wait_for()
    assert page.evaluate("window.teken") == "zelfde pagina"
    assert violations(page) == []
    assert watched.errors == []


def test_by_keyboard_a_choice_waits_for_the_button(visit, demo):
    page = open_map(visit(), demo)
    page.get_by_label("Gebieden", exact=True).focus()
    before = table(page)
    page.keyboard.press("ArrowUp")
    page.wait_for_timeout(200)
    assert table(page) == before
    page.evaluate("window.teken = 'zelfde pagina'")
    page.get_by_role("button", name="Toon", exact=True).press("Enter")
    page.wait_for_function("n => document.querySelectorAll('path.bs-gebied').length !== n", arg=70)
    assert table(page) == from_api(demo, question(page)) != before
    assert page.evaluate("window.teken") == "zelfde pagina"


def test_a_choice_that_is_refused_is_a_page_that_says_so(visit, demo):
    page = open_map(visit(), demo)
    periods = page.get_by_label("Periode", exact=True)
    periods.evaluate("list => list.add(new Option('ooit', 'ooit'))")
    with page.expect_navigation():
        periods.select_option("ooit")
    page.get_by_text("Foutcode 400").wait_for()


def test_an_address_can_be_shared(visit, demo):
    """Who opens a link sees the same question answered."""
    page = open_map(visit(), demo)
    with page.expect_navigation():
        page.get_by_label("Onderwerp").select_option("wonen")
    page.wait_for_selector("[data-klaar=ja]")
    other = visit().page
    other.goto(page.url)
    other.wait_for_selector("[data-klaar=ja]")
    assert table(other) == table(page)
    assert question(other)["categorie"] == "wonen"


def test_every_choice_that_the_form_offers_is_answered(visit, demo):
    """No option leads to an error page, for the public and for staff."""
    for viewer in (None, NOORD):
        page = open_map(visit(), demo, "", viewer)
        offered = page.locator("form.bs-filter select").evaluate_all(
            "all => all.flatMap(s => [...s.options].map(o => [s.name, o.value]))"
        )
        assert len(offered) > 30
        start = question(page)
        headers = {} if viewer is None else {"Authorization": f"Bearer {token_of(viewer)}"}
        for name, value in offered[::9]:
            answer = demo.client.get("/kaart", params=start | {name: value}, headers=headers)
            assert answer.status_code == 200, f"{name}={value}: {answer.status_code}"


def test_another_source_is_offered_with_a_period_that_it_has(visit, demo):
    """Choosing a source keeps the chosen period, even one of which the source knows nothing: the page says so."""
    page = open_map(visit(), demo, "?bron=buurtbemiddeling&periode=2025-Q1")
    assert question(page)["bron"] == "buurtbemiddeling"
    assert page.locator(".bs-tabel tbody tr").count() == 70


def test_hotspots_on_the_map_are_those_of_the_api(visit, demo, demo_url):
    asked = busiest_hotspots(demo_url)
    page = open_map(visit(), demo, f"?bron={asked['bron']}&periode={asked['periode']}")
    api = demo.features("hotspots", methode="punten", **asked)
    assert api
    areas = page.locator("path.bs-hotspot")
    assert areas.count() == len(api)
    shown = []
    for number in range(areas.count()):
        areas.nth(number).focus()
        page.keyboard.press("Enter")
        card = page.locator(".leaflet-popup .bs-kaartje-hotspot")
        card.wait_for()
        shown.append(card.evaluate("card => [card.dataset.aantal, card.dataset.plekken]"))
        for heading in ("Wat zien we?", "Hoe zeker is dit?", "Wat weten we niet?", "Wat kunt u bewoners vragen?"):
            assert card.get_by_role("heading", name=heading).count() == 1
        page.keyboard.press("Escape")
        page.wait_for_function("() => !document.querySelector('.leaflet-popup')")
    expected = [[text(f["properties"]["aantal"]), text(f["properties"]["plekken"])] for f in api]
    assert sorted(shown) == sorted(expected)


def test_wijkwijzers_on_the_map_are_those_of_the_api(visit, demo):
    page = open_map(visit(), demo)
    shown = page.locator(".bs-symbool-wijkwijzers.leaflet-marker-icon").evaluate_all(
        "all => all.map(e => e.getAttribute('aria-label'))"
    )
    names = [feature["properties"]["naam"] for feature in demo.features("wijkwijzers")]
    assert len(shown) == len(names) == 9
    assert all(any(name in label for label in shown) for name in names)


def test_areas_without_a_polygon_are_in_the_table_and_say_so(visit, assen):
    page = open_map(visit(), assen)
    assert page.locator("path.bs-gebied").count() == 95
    assert page.locator(".bs-tabel tbody tr").count() == 109
    assert page.locator("td", has_text="niet op de kaart").count() == 14


def test_logging_in_and_out_again(visit, demo):
    watched = visit()
    page = open_map(watched, demo, "", NOORD)
    assert page.get_by_text("U kijkt als: wijkregisseur").is_visible()
    page.goto(f"{demo.address}/ontwikkel/inloggen")
    page.wait_for_selector("[data-klaar=ja]")
    assert page.get_by_text("U kijkt als").count() == 0


@pytest.mark.parametrize(("which", "areas"), [("demo", 70), ("assen", 95)])
def test_the_exported_map_opens_without_a_server_with_the_same_numbers(visit, request, exports, which, areas):
    website, path = request.getfixturevalue(which), exports[which]
    watched = visit()
    page = watched.page
    page.goto(path.as_uri())
    page.wait_for_selector("[data-klaar=ja]")
    page.wait_for_timeout(200)
    assert watched.errors == []
    assert [address for address in watched.requests if not address.startswith("data:")] == [path.as_uri()]
    assert page.locator("path.bs-gebied").count() == areas
    shown, cards = table(page), popups(page)
    assert shown == from_api(website, {})
    assert cards == {code: shown[code][:3] for code in cards}
    assert len(cards) == areas
    assert violations(page) == []
