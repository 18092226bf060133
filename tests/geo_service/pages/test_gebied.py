"""The page of an area: the numbers of the API for the same viewer, nothing more, and the way to it."""

from __future__ import annotations

import re
from html import unescape

import pytest
from lxml import html as lxml_html

from geo_service.api.weergave import number_or_dash, rate_or_dash
from geo_service.identity import ALL_STADSDELEN, Role, Viewer
from tests.browser import violations
from tests.geo_service.api.website import bearer, token_of
from tests.geo_service.pages.kaartlezer import open_map
from tests.geo_service.support import rows

NOORD = Viewer(Role.WIJKREGISSEUR, "GM0153", frozenset({"GM0153-SD-noord"}))
ASSEN = Viewer(Role.STADSDEELMANAGER, "GM0106", frozenset({ALL_STADSDELEN}))
BEHEERDER = Viewer(Role.BEHEERDER)
BOTHOVEN = "BU01530003"
CASES = {
    "demo, publiek, buurt": ("demo", None, BOTHOVEN),
    "demo, publiek, gemeente": ("demo", None, "GM0153"),
    "demo, wijkregisseur, eigen stadsdeel": ("demo", NOORD, "GM0153-SD-noord"),
    "demo, wijkregisseur, ander stadsdeel": ("demo", NOORD, "GM0153-SD-zuid"),
    "assen, publiek, buurt": ("assen", None, "BU01060001"),
    "assen, manager, gemeente": ("assen", ASSEN, "GM0106"),
}


@pytest.fixture
def site(request):
    return request.getfixturevalue(request.param)


cases = pytest.mark.parametrize(("site", "viewer", "code"), CASES.values(), ids=CASES, indirect=["site"])


def read(site, code, viewer=None):
    answer = site.client.get(f"/gebied/{code}", headers={"accept": "text/html", **bearer(viewer)})
    assert answer.status_code == 200, answer.text[:500]
    return lxml_html.fromstring(answer.text)


def cells(row):
    return [re.sub(r"\s+", " ", cell.text_content()).strip() for cell in row]


def table(page, name):
    (found,) = page.xpath(f"//table[caption[@id='{name}']]/tbody")
    return [cells(row) for row in found]


@cases
def test_every_number_is_that_of_the_api(site, viewer, code):
    page = read(site, code, viewer)
    seen = 0
    document = site.get(f"/v1/gebieden/{code}/profiel", viewer).json()
    for laag in ("meldingen", "bezoeken"):
        for number, bron in enumerate(document[laag], 1):
            question = {"laag": laag, "bron": bron["bron"], "soort": "kwartaal"}
            series = site.get(f"/v1/gebieden/{code}/tijdreeks", viewer, **question).json()["reeks"]
            asked = {figure["periode"]: figure for figure in series}
            told = table(page, f"{laag}-{number}-reeks")
            assert len(told) == len(bron["reeks"]) > 1
            for row, figure in zip(told, bron["reeks"], strict=True):
                api = asked.get(figure["periode"], {"aantal": None, "per_1000": None})
                assert row[1:3] == [number_or_dash(api["aantal"]), rate_or_dash(api["per_1000"])]
                seen += api["aantal"] is not None
    assert seen


@cases
def test_the_chart_shows_what_the_table_tells(site, viewer, code):
    page = read(site, code, viewer)
    document = site.get(f"/v1/gebieden/{code}/profiel", viewer).json()
    for number, bron in enumerate(document["meldingen"], 1):
        drawn = page.xpath(f"//svg[contains(@aria-labelledby, 'meldingen-{number}-titel')]//circle")
        assert len(drawn) == sum(figure["per_1000"] is not None for figure in bron["reeks"])


def test_what_is_hidden_from_the_public_is_not_on_its_page(demo, demo_url):
    """Every number that stands alone on the page of a buurt is told by the profile of the API."""
    hidden = rows(
        demo_url,
        "select distinct gebied_code from intern.cijfer where niveau = 'buurt' and categorie = 'alle' "
        "and not openbaar order by 1 limit 3",
    )
    assert len(hidden) == 3
    for (code,) in hidden:
        document = demo.get(f"/v1/gebieden/{code}/profiel").json()
        withheld = [row for bron in document["meldingen"] for row in bron["reeks"] if row["status"] == "onderdrukt"]
        assert withheld
        page = read(demo, code)
        for number, bron in enumerate(document["meldingen"], 1):
            for row, figure in zip(table(page, f"meldingen-{number}-reeks"), bron["reeks"], strict=True):
                if figure["status"] == "onderdrukt":
                    assert row[1:4] == ["–", "–", "–"]
                    assert row[5] == "verborgen om privacy"


def test_what_stands_out_is_said_in_words(demo):
    """Per source of reports the sentence of the API, and no page ranks."""
    manager = Viewer(Role.STADSDEELMANAGER, "GM0153", frozenset({ALL_STADSDELEN}))
    said = set()
    for code in ("GM0153-SD-noord", "GM0153-SD-zuid", BOTHOVEN):
        page = read(demo, code, manager)
        told = [unescape(part.text_content()) for part in page.xpath("//p[@class='bs-opvallend']")]
        expected = [bron["opvallend"] for bron in demo.get(f"/v1/gebieden/{code}/profiel", manager).json()["meldingen"]]
        assert len(told) == len(expected) == 4
        for text, own in zip(told, expected, strict=True):
            assert text.endswith(own["uitleg"])
            assert ("Grootste probleem" in text) == (own["categorie"] is not None)
            said.add(own["uitleg"].split(":")[0])
        assert not re.search(r"\b(rang|slechtste|ergste)", page.text_content().lower())
    assert "Geen duidelijk beeld" in said


def test_places_within_a_walk_and_what_is_missing(demo):
    page = read(demo, BOTHOVEN)
    api = demo.get(f"/v1/gebieden/{BOTHOVEN}/profiel").json()["bereikbaar"]
    told = table(page, "plekken-tabel")
    assert len(told) == len(api["plekken"]) > 2
    assert all(plek["in_gebied"] or plek["afstand_m"] <= 600 for plek in api["plekken"])
    types = {plek["type"] for plek in api["plekken"]}
    assert not types & set(api["niet_dichtbij"])
    names = demo.get("/v1/collections/voorzieningen/items", limit=1000).json()["features"]
    assert {plek["naam"] for plek in api["plekken"] if plek["laag"] == "voorzieningen"} <= {
        feature["properties"]["naam"] for feature in names
    }


def test_comparable_areas_are_others_of_the_same_level_by_name(demo):
    alike = demo.get(f"/v1/gebieden/{BOTHOVEN}/profiel").json()["vergelijkbaar"]
    codes = [gebied["gebied_code"] for gebied in alike["gebieden"]]
    assert len(set(codes)) == 4
    assert BOTHOVEN not in codes
    assert all(code.startswith("BU0153") for code in codes)
    names = [gebied["gebied_naam"] for gebied in alike["gebieden"]]
    assert names == sorted(names)
    assert "inwoners per woning" in alike["kenmerken"]
    links = read(demo, BOTHOVEN).xpath("//dt[text()='Lijkt op']/following-sibling::dd//a/@href")
    assert links == [f"/gebied/{code}" for code in codes]


def test_a_role_without_figures_sees_what_there_is_and_no_figures(demo):
    page = read(demo, BOTHOVEN, BEHEERDER)
    assert "Uw rol ziet geen cijfers van buurten" in page.text_content()
    assert page.xpath("//svg[@role='img']") == []
    assert table(page, "plekken-tabel")


@pytest.mark.parametrize("code", ["BU99999999", "x", "GM0153-SD-nergens", "%00", "BU01530003'--"])
def test_an_unknown_area_is_a_page_that_says_so(demo, code):
    answer = demo.client.get(f"/gebied/{code}", headers={"accept": "text/html"})
    assert answer.status_code in (400, 404)
    assert "Foutcode" in answer.text


def test_the_start_page_leads_to_the_own_area_first(demo):
    public = lxml_html.fromstring(demo.client.get("/").text)
    assert len(public.xpath("//ul[contains(@class, 'bs-keuzes')]//a")) == 5
    own = lxml_html.fromstring(demo.client.get("/", headers=bearer(NOORD)).text)
    links = own.xpath("//main//a[starts-with(@href, '/gebied/GM0153-')]/@href")
    assert links[0] == "/gebied/GM0153-SD-noord"
    assert len(links) == 5
    for link in links:
        assert demo.client.get(link).status_code == 200


@pytest.mark.browser
@pytest.mark.parametrize("size", ["scherm", "telefoon"])
def test_from_the_map_to_the_area_by_keyboard(visit, demo, size):
    seen = visit(size)
    page = open_map(seen, demo, "?niveau=stadsdeel", NOORD)
    page.locator("path.bs-gebied").first.focus()
    page.keyboard.press("Enter")
    link = page.locator(".bs-kaartje-meer")
    link.wait_for()
    name = link.inner_text().removeprefix("Alles over ")
    link.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/gebied/GM0153-SD-*")
    assert page.locator("h1").inner_text() == name
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert violations(page) == []
    assert seen.errors == []
    assert all(url.startswith(demo.address) for url in seen.requests)


@pytest.mark.browser
@pytest.mark.parametrize("viewer", [None, NOORD], ids=["publiek", "wijkregisseur"])
def test_no_accessibility_rule_is_broken_on_a_page_with_hidden_figures(visit, demo, viewer):
    seen = visit("telefoon")
    if viewer:
        seen.page.goto(f"{demo.address}/ontwikkel/inloggen?token={token_of(viewer)}")
    seen.page.goto(f"{demo.address}/gebied/{BOTHOVEN}")
    seen.page.locator("details").evaluate_all("all => all.forEach(one => one.open = true)")
    assert violations(seen.page) == []
    assert seen.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert seen.errors == []
